"""The task: every command, and every refusal."""

from collections.abc import Callable
from datetime import date

import pytest

from service.domain import errors
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.decider import Ref
from service.domain.party import DECIDER as PARTIES
from service.domain.party.bodies import Reparented
from service.domain.party.identity import Registered as PartyRegistered
from service.domain.plan import DECIDER as PLANS
from service.domain.plan.bodies import BodyNamed
from service.domain.plan.header import Registered as PlanRegistered
from service.domain.plan.items import ItemRecorded
from service.domain.settling import settle
from service.domain.task import (
    DECIDER,
    Register,
    bases,
    duties,
    header,
    life,
    progress,
    reminders,
    terms,
    units,
    yielding,
)
from service.domain.task.duties import occurrence_id
from service.domain.task.state import DueRule, Task, duty, status, title
from service.domain.values import Person, PrintedName, Quantity, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on

TITLE = PrintedName(printed="齐河黄河大桥建设")
REGISTERED = header.Registered(title=TITLE)
LEAD, SUPPORTING, SUPERVISING, OTHER, CHILD = no(21), no(22), no(23), no(24), no(25)
LEADS = units.UnitNamed(role="lead", party=LEAD)
HELPS = units.UnitNamed(role="supporting", party=SUPPORTING)
SUPERVISES = units.UnitNamed(role="supervising", party=SUPERVISING)
TERMS = terms.TermsSet(text="建成通车", due=on(2021, 6, 30))
LISTED = life.Listed(round=1, effective=on(2021, 1, 4))
REPORTED = life.ReportedDone(round=1, effective=on(2021, 6, 20), by=(LEAD,))
CLOSED = life.Closed(round=1, effective=on(2021, 7, 1), by=(SUPERVISING,))
SUSPENDED = life.Suspended(round=1, effective=on(2021, 3, 1), by=(SUPERVISING,))
AGREEMENT = f"agreements/{no(6)}"
AGREED = {
    Ref("agreements", no(6)): newest(
        AGREEMENTS, [AgreementRegistered(called="某协议"), ClauseRecorded(clause=no(9), heading="某")]
    )
}
BASED = bases.Based(on=AGREEMENT, on_part=f"clauses/{no(9)}")
UNDER = {
    Ref("parties", CHILD): newest(
        PARTIES, [PartyRegistered(kind="agency", name=PrintedName(printed="某处")), Reparented(parent=LEAD)]
    )
}
TASK = f"tasks/{no(3)}"
WAITS = bases.Linked(relation="depends_on", target=TASK)
BACK = {Ref("tasks", no(3)): newest(DECIDER, [REGISTERED, bases.Linked(relation="depends_on", target=f"tasks/{ID}")])}
RULE = duties.RecurrenceSet(every="year", month=3, day=-1, first=date(2021, 1, 1))
DUTY = {Ref("tasks", no(4)): newest(DECIDER, [REGISTERED, RULE])}
HALF = progress.ProgressReported(progress=no(31), share="50", by=LEAD, effective=on(2021, 3, 1))
SEEN = progress.Inspected(inspection=no(41), result="behind", by=(SUPERVISING,), effective=on(2021, 4, 1))
MAYOR = Person(name=PrintedName(printed="某甲"), title="副市长")
DUPLICATE = header.DuplicateMerged(into=no(3))
NOBODY_KNOWS = UncertainDate.since()
WEEKS = DueRule(days=10, counts="working", after=date(2021, 9, 24))
LATER = DueRule(days=5, counts="working", after=date(2026, 12, 28))

PLAN = {
    Ref("plans", no(8)): newest(
        PLANS,
        [
            PlanRegistered(called="某行动计划"),
            ItemRecorded(item=no(9), label="三"),
            BodyNamed(role="issuer", party=OTHER),
            BodyNamed(role="leader", party=LEAD),
            BodyNamed(role="drafter", party=SUPPORTING),
        ],
    )
}

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
staffed = given(DECIDER, REGISTERED, LEADS, HELPS, SUPERVISES)
led = given(DECIDER, REGISTERED, LEADS)
due = given(DECIDER, REGISTERED, LEADS, SUPERVISES, TERMS)
listed = given(DECIDER, REGISTERED, LISTED)
reported = given(DECIDER, REGISTERED, LEADS, SUPERVISES, LISTED, REPORTED)
planned = given(DECIDER, REGISTERED, LEADS, bases.Based(on=f"plans/{no(8)}"))
closed = given(DECIDER, REGISTERED, LEADS, SUPERVISES, LISTED, REPORTED, CLOSED)
resting = given(DECIDER, REGISTERED, LEADS, SUPERVISES, LISTED, SUSPENDED)
based = given(DECIDER, REGISTERED, BASED)
standing = given(DECIDER, REGISTERED, RULE)
ended = given(DECIDER, REGISTERED, RULE, duties.RecurrenceEnded(effective=on(2024), grounds="任务完成"))

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            terms=terms.SetTerms(text="建成通车", due=on(2021, 6, 30)),
            recurrence=duties.SetRecurrence(every="year", month=3, day=-1, first=date(2021, 1, 1)),
            listed=life.List(effective=on(2021, 1, 4)),
            assigned=life.Assign(by=(OTHER,)),
            started=life.Start(),
            reported_done=life.ReportDone(effective=on(2021, 6, 20), by=(LEAD,)),
            closed=life.Close(effective=on(2021, 7, 1), by=(SUPERVISING,)),
            titles=(header.AddTitle(title=PrintedName(printed="大桥"), variant="short"),),
            bases=(bases.BaseOn(on=AGREEMENT, on_part=f"clauses/{no(9)}"),),
            units=(
                units.NameUnit(role="lead", party=LEAD),
                units.NameUnit(role="supervising", party=SUPERVISING, basis="inferred"),
            ),
            links=(bases.LinkTo(relation="depends_on", target=TASK),),
            progress=(progress.ReportProgress(id=no(31), share="50.0", by=LEAD, effective=on(2021, 3, 1)),),
            inspections=(progress.Inspect(id=no(41), result="behind", by=(SUPERVISING,), effective=on(2021, 4, 1)),),
        ),
        AGREED,
    ).then(
        REGISTERED,
        TERMS,
        RULE,
        LISTED,
        life.Assigned(round=1, by=(OTHER,)),
        life.Started(round=1),
        header.Titled(title=PrintedName(printed="大桥"), variant="short"),
        BASED,
        LEADS,
        units.UnitNamed(role="supervising", party=SUPERVISING, basis="inferred"),
        WAITS,
        HALF,
        SEEN,
        REPORTED,
        CLOSED,
    ),
    "registered given up": bare.when(Register(called="某事", suspended=life.Suspend(citations=cite(1)))).then(
        header.Registered(called="某事"), life.Suspended(round=1, effective=NOBODY_KNOWS, citations=cite(1))
    ),
    "registered again from another source": known.when(Register(title=TITLE, citations=cite(1))).then(
        header.Attested(attests=1, citations=cite(1))
    ),
    "registered again otherwise": known.when(Register(title=PrintedName(printed="别的"))).refused(
        errors.AlreadyOtherwise, "/title"
    ),
    "registered again with a unit more": known.when(
        Register(title=TITLE, units=(units.NameUnit(role="lead", party=LEAD),))
    ).refused(errors.AlreadyOtherwise, "/units/0"),
    "registered again after it was reopened": given(
        DECIDER, REGISTERED, SUPERVISES, CLOSED, life.Reopened(round=2, effective=on(2021, 8, 1), by=(SUPERVISING,))
    )
    .when(Register(title=TITLE, closed=life.Close(by=(SUPERVISING,), citations=cite(1))))
    .then(header.Attested(attests=3, fields=("step", "by"), citations=cite(1))),
    "an occurrence of a duty": Scenario(decider=DECIDER)
    .when(Register(title=TITLE, occurrence_of=no(4), period="2022"), DUTY)
    .refused(errors.Invalid, "/period"),
    "an occurrence of what is no duty": bare.when(
        Register(title=TITLE, occurrence_of=no(3), period="2022"), BACK
    ).refused(errors.Invalid, "/occurrence_of"),
    "of another duty after all": known.when(Register(title=TITLE, occurrence_of=no(4), period="2022"), DUTY).refused(
        errors.AlreadyOtherwise, "/occurrence_of"
    ),
    "nothing happens to what is not registered": bare.when(life.Start()).refused(errors.NotFound),
    # --- header
    "its title becomes known": given(DECIDER, header.Registered(called="某事"))
    .when(header.Describe(title=TITLE))
    .then(header.Described(title=TITLE)),
    "another title": known.when(header.AddTitle(title=PrintedName(printed="大桥"))).then(
        header.Titled(title=PrintedName(printed="大桥"))
    ),
    "a duplicate": known.when(header.MergeDuplicate(into=no(3))).then(DUPLICATE),
    "no duplicate": given(DECIDER, REGISTERED, DUPLICATE)
    .when(header.UnmergeDuplicate())
    .then(header.DuplicateUnmerged()),
    "a duplicate is left alone": given(DECIDER, REGISTERED, DUPLICATE)
    .when(life.Start())
    .refused(errors.NotInThisState),
    # --- bases and links
    "what it carries out": known.when(bases.BaseOn(on=AGREEMENT, on_part=f"clauses/{no(9)}"), AGREED).then(BASED),
    "it carries out an item of a plan": known.when(
        bases.BaseOn(on=f"plans/{no(8)}", on_part=f"items/{no(9)}", number="12"), PLAN
    ).then(bases.Based(on=f"plans/{no(8)}", on_part=f"items/{no(9)}", number="12")),
    "its number becomes known": based.when(
        bases.BaseOn(on=AGREEMENT, on_part=f"clauses/{no(9)}", number="3", citations=cite(1)), AGREED
    ).then(
        bases.Based(on=AGREEMENT, on_part=f"clauses/{no(9)}", number="3", citations=cite(1)),
        header.Attested(attests=2, fields=("on",), citations=cite(1)),
    ),
    "another number": given(DECIDER, REGISTERED, bases.Based(on=AGREEMENT, number="3"))
    .when(bases.BaseOn(on=AGREEMENT, number="4"))
    .refused(errors.AlreadyOtherwise, "/number"),
    "based on a party": known.when(bases.BaseOn(on=f"parties/{no(2)}")).refused(errors.WrongKind, "/on"),
    "based on a part that has no tasks": known.when(
        bases.BaseOn(on=AGREEMENT, on_part=f"compensation/{no(9)}"), AGREED
    ).refused(errors.UnknownPart, "/on_part"),
    "based on a clause that is none": known.when(
        bases.BaseOn(on=AGREEMENT, on_part=f"clauses/{no(8)}"), AGREED
    ).refused(errors.UnknownPart, "/on_part"),
    "it waits for another": known.when(bases.LinkTo(relation="depends_on", target=TASK)).then(WAITS),
    "two wait for each other": known.when(bases.LinkTo(relation="depends_on", target=TASK), BACK).refused(
        errors.Circular, "/target"
    ),
    "it waits for an agreement": known.when(bases.LinkTo(relation="depends_on", target=AGREEMENT)).refused(
        errors.WrongKind, "/target"
    ),
    "it waits no more": given(DECIDER, REGISTERED, WAITS)
    .when(bases.Unlink(relation="depends_on", target=TASK, effective=on(2021)))
    .then(bases.Unlinked(relation="depends_on", target=TASK, effective=on(2021))),
    "it never waited": known.when(bases.Unlink(relation="depends_on", target=TASK)).refused(
        errors.UnknownPart, "/target"
    ),
    # --- units
    "who leads it": known.when(units.NameUnit(role="lead", party=LEAD)).then(LEADS),
    "which office answers becomes known": led.when(
        units.NameUnit(role="lead", party=LEAD, office="分管副市长", person=MAYOR)
    ).then(units.UnitDescribed(role="lead", party=LEAD, office="分管副市长", person=MAYOR)),
    "a unit is released": led.when(
        units.ReleaseUnit(role="lead", party=LEAD, grounds="机构改革", effective=on(2021, 5, 1))
    ).then(units.UnitReleased(role="lead", party=LEAD, grounds="机构改革", effective=on(2021, 5, 1))),
    "a unit is released, said again": given(
        DECIDER, REGISTERED, LEADS, units.UnitReleased(role="lead", party=LEAD, grounds="机构改革")
    )
    .when(units.ReleaseUnit(role="lead", party=LEAD, citations=cite(1)))
    .then(header.Attested(attests=3, fields=("released",), citations=cite(1))),
    "a unit is released on other grounds": given(
        DECIDER, REGISTERED, LEADS, units.UnitReleased(role="lead", party=LEAD, grounds="机构改革")
    )
    .when(units.ReleaseUnit(role="lead", party=LEAD, grounds="另有任用"))
    .refused(errors.AlreadyOtherwise, "/grounds"),
    "who is released was none": known.when(units.ReleaseUnit(role="lead", party=LEAD)).refused(
        errors.UnknownPart, "/party"
    ),
    "a unit comes back": given(
        DECIDER, REGISTERED, LEADS, units.UnitReleased(role="lead", party=LEAD, effective=on(2021))
    )
    .when(units.NameUnit(role="lead", party=LEAD, effective=on(2022)))
    .then(units.UnitNamed(role="lead", party=LEAD, effective=on(2022))),
    # --- terms
    "what it asks for": known.when(terms.SetTerms(text="建成通车", due=on(2021, 6, 30))).then(TERMS),
    "to what standard becomes known": due.when(terms.SetTerms(requirement="双向六车道")).then(
        terms.TermsDescribed(requirement="双向六车道")
    ),
    "another deadline is no learning": due.when(terms.SetTerms(due=on(2021, 7, 1))).refused(
        errors.AlreadyOtherwise, "/due"
    ),
    "a deadline in working days": known.when(terms.SetTerms(due_rule=WEEKS)).then(
        terms.TermsSet(
            due=UncertainDate(earliest=date(2021, 10, 13), latest=date(2021, 10, 13), basis="inferred"),
            due_rule=WEEKS,
        )
    ),
    "a deadline beyond the table of holidays": known.when(terms.SetTerms(due_rule=LATER)).then(
        terms.TermsSet(
            due=UncertainDate(earliest=date(2027, 1, 4), latest=date(2027, 1, 4), basis="inferred"),
            due_rule=DueRule(days=5, counts="working", after=date(2026, 12, 28), holidays_until=date(2026, 12, 31)),
        )
    ),
    "a rule told again is not counted anew": given(
        DECIDER, REGISTERED, terms.TermsSet(due=on(2021, 10, 14), due_rule=WEEKS)
    )
    .when(terms.SetTerms(due_rule=WEEKS, citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1))),
    "a rule and another day": known.when(terms.SetTerms(due_rule=WEEKS, due=on(2021, 10, 1))).refused(
        errors.Invalid, "/due"
    ),
    "a rule that ends before the start": known.when(terms.SetTerms(starts=on(2022), due_rule=WEEKS)).refused(
        errors.Invalid, "/due_rule"
    ),
    "a start after the deadline": due.when(terms.SetTerms(starts=on(2022))).refused(errors.Invalid, "/starts"),
    "a deadline put before the start": given(DECIDER, REGISTERED, terms.TermsSet(starts=on(2022)))
    .when(terms.Adjust(due=on(2021), grounds="提前", approver=OTHER))
    .refused(errors.Invalid, "/due"),
    "a deadline after all days": known.when(
        terms.SetTerms(due_rule=DueRule(days=5, counts="calendar", after=date(9999, 12, 30)))
    ).refused(errors.Invalid, "/due_rule"),
    "the deadline is put off": due.when(
        terms.Adjust(due=on(2021, 9, 30), grounds="汛期", approver=SUPERVISING, effective=on(2021, 6, 1))
    ).then(terms.Adjusted(due=on(2021, 9, 30), grounds="汛期", approver=SUPERVISING, effective=on(2021, 6, 1))),
    "a counted deadline gives way to a day": given(
        DECIDER, REGISTERED, terms.TermsSet(due=on(2021, 10, 13), due_rule=WEEKS, effective=on(2021, 9, 24))
    )
    .when(terms.Adjust(due=on(2021, 12, 1), grounds="汛期", approver=OTHER))
    .then(
        terms.Adjusted(
            due=on(2021, 12, 1),
            due_rule=None,
            grounds="汛期",
            approver=OTHER,
            effective=UncertainDate(earliest=date(2021, 9, 24), precision="after", basis="inferred"),
        )
    ),
    "adjusted by nobody": due.when(terms.Adjust(due=None, grounds="汛期")).refused(errors.Unnamed, "/approver"),
    "adjusted, as a source says": due.when(terms.Adjust(due=None, grounds="汛期", citations=cite(1))).then(
        terms.Adjusted(due=None, grounds="汛期", citations=cite(1), effective=NOBODY_KNOWS)
    ),
    "a lead unit approves": due.when(terms.Adjust(due=None, grounds="汛期", approver=LEAD)).refused(
        errors.NotApproving, "/approver"
    ),
    "another one approves beside a supervising unit": due.when(
        terms.Adjust(due=None, grounds="汛期", approver=OTHER)
    ).refused(errors.NotApproving, "/approver"),
    "a body of the plan approves": planned.when(
        terms.Adjust(due=None, grounds="汛期", approver=OTHER, plan=no(8)), PLAN
    ).then(terms.Adjusted(due=None, grounds="汛期", approver=OTHER, plan=no(8))),
    "a body of the plan approves, and nobody says of which": planned.when(
        terms.Adjust(due=None, grounds="汛期", approver=OTHER), PLAN
    ).refused(errors.NotApproving, "/approver"),
    "who drafted the plan approves": planned.when(
        terms.Adjust(due=None, grounds="汛期", approver=SUPPORTING, plan=no(8)), PLAN
    ).refused(errors.NotApproving, "/approver"),
    "a lead unit approves as a body of the plan": planned.when(
        terms.Adjust(due=None, grounds="汛期", approver=LEAD, plan=no(8)), PLAN
    ).refused(errors.NotApproving, "/approver"),
    "a body of a plan that it does not carry out approves": due.when(
        terms.Adjust(due=None, grounds="汛期", approver=OTHER, plan=no(8)), PLAN
    ).refused(errors.UnknownPart, "/plan"),
    "what is closed is not adjusted": closed.when(
        terms.Adjust(title=PrintedName(printed="桥"), grounds="更名", approver=SUPERVISING, effective=on(2022))
    ).refused(errors.NotInThisState),
    "adjusted before it was closed": closed.when(
        terms.Adjust(title=PrintedName(printed="桥"), grounds="更名", approver=SUPERVISING, effective=on(2021, 6, 1))
    ).then(
        terms.Adjusted(title=PrintedName(printed="桥"), grounds="更名", approver=SUPERVISING, effective=on(2021, 6, 1))
    ),
    # --- life
    "listed": known.when(life.List(effective=on(2021, 1, 4))).then(LISTED),
    "listed, said again": listed.when(life.List(grounds="年度计划", citations=cite(1))).then(
        life.StepDescribed(round=1, step="listed", grounds="年度计划", citations=cite(1)),
        header.Attested(attests=2, fields=("step",), citations=cite(1)),
    ),
    "assigned": listed.when(life.Assign(by=(OTHER, LEAD))).then(life.Assigned(round=1, by=(LEAD, OTHER))),
    "started": known.when(life.Start()).then(life.Started(round=1)),
    "reported done": staffed.when(life.ReportDone(effective=on(2021, 6, 20), by=(LEAD,))).then(REPORTED),
    "reported done by a part of the lead unit": staffed.when(life.ReportDone(by=(CHILD,)), UNDER).then(
        life.ReportedDone(round=1, by=(CHILD,))
    ),
    "reported done by a stranger": staffed.when(life.ReportDone(by=(OTHER,))).refused(errors.NotAtWork, "/by"),
    "reported done by nobody": staffed.when(life.ReportDone()).refused(errors.Unnamed, "/by"),
    "closed": reported.when(life.Close(effective=on(2021, 7, 1), by=(SUPERVISING,))).then(CLOSED),
    "closed, as a source says": reported.when(life.Close(citations=cite(1))).then(
        life.Closed(
            round=1,
            effective=UncertainDate(earliest=date(2021, 6, 20), precision="after", basis="inferred"),
            citations=cite(1),
        )
    ),
    "closed by another than its supervising unit": reported.when(life.Close(by=(OTHER,))).refused(
        errors.NotOverseeing, "/by"
    ),
    "closed by the lead unit where nobody supervises": led.when(life.Close(by=(LEAD,))).refused(
        errors.LeadAlone, "/by"
    ),
    "closed by another where nobody supervises": led.when(life.Close(by=(LEAD, OTHER))).then(
        life.Closed(round=1, effective=NOBODY_KNOWS, by=(LEAD, OTHER))
    ),
    "closed by whom supervised then": given(
        DECIDER,
        REGISTERED,
        SUPERVISES,
        units.UnitReleased(role="supervising", party=SUPERVISING, effective=on(2022)),
        units.UnitNamed(role="supervising", party=OTHER),
    )
    .when(life.Close(by=(SUPERVISING,), effective=on(2021, 7, 1)))
    .then(CLOSED),
    "closed by whom supervises no more": given(
        DECIDER,
        REGISTERED,
        SUPERVISES,
        units.UnitReleased(role="supervising", party=SUPERVISING, effective=on(2022)),
        units.UnitNamed(role="supervising", party=OTHER),
    )
    .when(life.Close(by=(SUPERVISING,), effective=on(2023)))
    .refused(errors.NotOverseeing, "/by"),
    "closed already": closed.when(life.Close(citations=cite(1))).then(
        header.Attested(attests=6, fields=("step",), citations=cite(1))
    ),
    "given up after it was closed": closed.when(life.Cancel(by=(SUPERVISING,))).refused(errors.NotInThisState),
    "started after it was closed": closed.when(life.Start(effective=on(2022))).refused(errors.NotInThisState),
    "its start becomes known after it was closed": closed.when(life.Start(effective=on(2021, 2, 1))).then(
        life.Started(round=1, effective=on(2021, 2, 1))
    ),
    "suspended": given(DECIDER, REGISTERED, SUPERVISES)
    .when(life.Suspend(effective=on(2021, 3, 1), by=(SUPERVISING,)))
    .then(SUSPENDED),
    "resumed": resting.when(life.Resume(effective=on(2021, 5, 1), by=(LEAD,))).then(
        life.Resumed(round=2, effective=on(2021, 5, 1), by=(LEAD,))
    ),
    "given up while it rested": resting.when(life.Cancel(by=(SUPERVISING,), effective=on(2021, 5, 1))).then(
        life.Cancelled(round=2, effective=on(2021, 5, 1), by=(SUPERVISING,))
    ),
    "reopened": closed.when(life.Reopen(effective=on(2021, 8, 1), by=(SUPERVISING,), grounds="回头看")).then(
        life.Reopened(round=2, effective=on(2021, 8, 1), by=(SUPERVISING,), grounds="回头看")
    ),
    "a report is turned down": reported.when(life.Reopen(effective=on(2021, 6, 25), by=(SUPERVISING,))).then(
        life.Reopened(round=2, effective=on(2021, 6, 25), by=(SUPERVISING,))
    ),
    "reopened while it is worked on": listed.when(life.Reopen(by=(OTHER,))).refused(errors.NotInThisState),
    "a step of a round that never was": listed.when(life.Start(round=3)).refused(errors.NotInThisState),
    "a step of the first round, learnt in the second": given(
        DECIDER, REGISTERED, REPORTED, life.Reopened(round=2, effective=on(2021, 6, 25), by=(SUPERVISING,))
    )
    .when(life.Start(round=1, effective=on(2021, 2, 1)))
    .then(life.Started(round=1, effective=on(2021, 2, 1))),
    # --- progress and inspections
    "progress": staffed.when(progress.ReportProgress(id=no(31), share="50", by=LEAD, effective=on(2021, 3, 1))).then(
        HALF
    ),
    "more is known of a report": given(DECIDER, REGISTERED, LEADS, HALF)
    .when(progress.ReportProgress(id=no(31), amount=Quantity(value="2", unit="公里", bound="exact"), citations=cite(1)))
    .then(
        progress.ProgressDescribed(
            progress=no(31), amount=Quantity(value="2", unit="公里", bound="exact"), citations=cite(1)
        ),
        header.Attested(attests=3, fields=("id",), citations=cite(1)),
    ),
    "progress of which nothing is said": known.when(progress.ReportProgress(id=no(31), citations=cite(1))).refused(
        errors.Invalid, ""
    ),
    "progress by a stranger": staffed.when(progress.ReportProgress(text="过半", by=OTHER)).refused(
        errors.NotAtWork, "/by"
    ),
    "inspected": staffed.when(
        progress.Inspect(id=no(41), result="behind", by=(SUPERVISING,), effective=on(2021, 4, 1))
    ).then(SEEN),
    "more is known of an inspection": given(DECIDER, REGISTERED, SUPERVISES, SEEN)
    .when(progress.Inspect(id=no(41), text="进度滞后"))
    .then(progress.InspectionDescribed(inspection=no(41), text="进度滞后")),
    # --- duties
    "it comes back every year": known.when(
        duties.SetRecurrence(every="year", month=3, day=-1, first=date(2021, 1, 1))
    ).then(RULE),
    "the words of the rule become known": standing.when(
        duties.SetRecurrence(every="year", month=3, day=-1, first=date(2021, 1, 1), text="每年三月底前召开")
    ).then(duties.RecurrenceDescribed(text="每年三月底前召开")),
    "another rule, and no day": standing.when(
        duties.SetRecurrence(every="year", month=4, day=-1, first=date(2021, 1, 1))
    ).refused(errors.AlreadyOtherwise),
    "another rule from then on": standing.when(
        duties.SetRecurrence(every="quarter", month=1, day=15, first=date(2023, 1, 1), effective=on(2023))
    ).then(duties.RecurrenceSet(every="quarter", month=1, day=15, first=date(2023, 1, 1), effective=on(2023))),
    "an occurrence does not come back": given(
        DECIDER, header.Registered(title=TITLE, occurrence_of=no(4), period="2022")
    )
    .when(duties.SetRecurrence(every="month", day=5, first=date(2023, 1, 1)))
    .refused(errors.NotInThisState),
    "it comes back no more": standing.when(duties.EndRecurrence(effective=on(2024), grounds="任务完成")).then(
        duties.RecurrenceEnded(effective=on(2024), grounds="任务完成")
    ),
    "it comes back no more, said again": ended.when(duties.EndRecurrence(citations=cite(1))).then(
        header.Attested(attests=3, fields=("ended",), citations=cite(1))
    ),
    "it comes back no more, for another reason": ended.when(duties.EndRecurrence(grounds="别的")).refused(
        errors.AlreadyOtherwise, "/grounds"
    ),
    "it never came back": known.when(duties.EndRecurrence()).refused(errors.UnknownPart),
    # --- reminders
    "reminded": known.when(reminders.Remind(level="near", due=date(2021, 6, 30), to=(SUPPORTING, LEAD))).then(
        reminders.Reminded(level="near", due=date(2021, 6, 30), to=(LEAD, SUPPORTING))
    ),
    "reminded once": given(DECIDER, REGISTERED, reminders.Reminded(level="near", due=date(2021, 6, 30), to=(LEAD,)))
    .when(reminders.Remind(level="near", due=date(2021, 6, 30), to=(OTHER,)))
    .then(),
    "reminded of another deadline": given(DECIDER, REGISTERED, reminders.Reminded(level="near", due=date(2021, 6, 30)))
    .when(reminders.Remind(level="near", due=date(2021, 9, 30)))
    .then(reminders.Reminded(level="near", due=date(2021, 9, 30))),
    "not before then": known.when(
        reminders.SnoozeReminders(until=date(2021, 5, 1), by=(LEAD,), grounds="等待批复")
    ).then(reminders.Snoozed(until=date(2021, 5, 1), by=(LEAD,), grounds="等待批复")),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    Register,
    lambda: Register(called="某事", period="2022"),
    header.Describe,
    lambda: units.UnitDescribed(role="lead", party=LEAD),
    terms.SetTerms,
    terms.TermsDescribed,
    lambda: terms.Adjust(grounds="无"),
    lambda: terms.SetTerms(starts=on(2022), due=on(2021)),
    lambda: life.StepDescribed(round=1, step="listed"),
    progress.ReportProgress,
    lambda: progress.ReportProgress(share="100.5"),
    lambda: progress.ProgressDescribed(progress=no(31)),
    progress.Inspect,
    lambda: progress.InspectionDescribed(inspection=no(41)),
    duties.RecurrenceDescribed,
    lambda: duties.SetRecurrence(every="year", day=1, first=date(2021, 1, 1)),
    lambda: duties.SetRecurrence(every="quarter", month=4, day=1, first=date(2021, 1, 1)),
    lambda: duties.SetRecurrence(every="month", day=0, first=date(2021, 1, 1)),
    lambda: duties.SetRecurrence(every="month", day=1, first=date(2021, 1, 1), last=date(2020, 1, 1)),
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_says_nothing_is_no_value(number: int) -> None:
    """A command or an event that means nothing does not exist."""
    with pytest.raises(ValueError, match=r"\w"):
        MALFORMED[number]()


def test_an_occurrence_has_the_id_that_follows_from_its_duty() -> None:
    """And no other, whoever yields it."""
    known = DUTY[Ref("tasks", no(4))]
    command = Register(title=TITLE, occurrence_of=no(4), period="2022")
    id = occurrence_id(no(4), "2022")
    events = DECIDER.decide(id, Task(), command, {Ref("tasks", no(4)): known})
    assert events == [header.Registered(title=TITLE, occurrence_of=no(4), period="2022")]


def test_a_duty_yields_its_tasks_whole() -> None:
    """With its title, its units that stand, its bases, its text, and the deadline of each period; once."""
    duty_of = newest(
        DECIDER,
        [
            REGISTERED,
            LEADS,
            HELPS,
            units.UnitReleased(role="supporting", party=SUPPORTING),
            BASED,
            terms.TermsSet(text="召开联席会议"),
            RULE,
        ],
    )
    assert isinstance(duty_of, Task)
    (first, one), (second, other) = yielding(ID, duty_of, date(2022, 1, 1), date(2023, 1, 1))
    assert (first, second) == (occurrence_id(ID, "2022"), occurrence_id(ID, "2023"))
    refs = {**AGREED, Ref("tasks", ID): duty_of}
    events = settle(DECIDER, Task(), DECIDER.decide(first, Task(), one, refs))
    day = UncertainDate(earliest=date(2022, 3, 31), latest=date(2022, 3, 31), basis="inferred")
    begins = UncertainDate(earliest=date(2022, 1, 1), latest=date(2022, 1, 1), basis="inferred")
    assert events == [
        header.Registered(title=TITLE, occurrence_of=ID, period="2022", basis="inferred"),
        terms.TermsSet(text="召开联席会议", starts=begins, due=day, basis="inferred"),
        bases.Based(on=AGREEMENT, on_part=f"clauses/{no(9)}", basis="inferred"),
        units.UnitNamed(role="lead", party=LEAD, basis="inferred"),
    ]
    again = newest(DECIDER, events)
    assert isinstance(again, Task)
    assert settle(DECIDER, again, DECIDER.decide(first, again, one, refs)) == []
    assert other.period == "2023"
    assert list(yielding(ID, Task(), date(2022, 1, 1), date(2023, 1, 1))) == []


def test_status() -> None:
    """The furthest step of the last round, in whatever order they were recorded."""
    reopened = life.Reopened(round=2, effective=on(2021, 8, 1))
    for events, wanted in (
        ([REGISTERED], "registered"),
        ([REGISTERED, LISTED], "listed"),
        ([REGISTERED, CLOSED, REPORTED, LISTED], "closed"),
        ([REGISTERED, reopened, CLOSED], "in_progress"),
        ([REGISTERED, reopened, CLOSED, life.ReportedDone(round=2)], "reported_done"),
        ([REGISTERED, SUSPENDED, life.Resumed(round=2), life.Cancelled(round=2)], "cancelled"),
        ([REGISTERED, CLOSED, DUPLICATE], "merged"),
    ):
        state = newest(DECIDER, events)
        assert isinstance(state, Task)
        assert status(state) == wanted


def test_what_it_is_called() -> None:
    """The title given last; a duty is one until it has ended."""
    for events, wanted, comes_back in (
        ([header.Registered(called="某事")], "某事", False),
        ([REGISTERED, RULE], TITLE.printed, True),
        ([REGISTERED, terms.Adjusted(title=PrintedName(printed="桥"), grounds="更名")], "桥", False),
        ([*ended.given], TITLE.printed, False),
    ):
        state = newest(DECIDER, events)
        assert isinstance(state, Task)
        assert (title(state), duty(state)) == (wanted, comes_back)
