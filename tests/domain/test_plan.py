"""The plan: every command, and every refusal; and what it asked on a day, in the manner of three, six and nine."""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from service.domain import document, errors, meeting
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.decider import Event, Ref
from service.domain.document.description import Registered as DocumentRegistered
from service.domain.document.text import TextCaptured, TextVersionRecorded
from service.domain.folding import fold
from service.domain.meeting.header import Registered as MeetingRegistered
from service.domain.meeting.life import Held
from service.domain.meeting.resolutions import ResolutionRecorded
from service.domain.plan import DECIDER, Register, bodies, header, items, life, links, revisions, rules, targets
from service.domain.plan.state import DEFAULT, RANK, Limits, Plan, asked, limits, listed, made, stands, status
from service.domain.values import Magnitude, Period, PrintedName, Quantity, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on, recorded

TITLE = PrintedName(printed="某经济圈一体发展行动方案")
REGISTERED = header.Registered(title=TITLE)
ADOPTED = life.Adopted(effective=on(2021, 2, 6))
CLOSED = life.Closed(effective=on(2025, 12, 31))
DUPLICATE = header.DuplicateMerged(into=no(3))
OTHER = {Ref("plans", no(3)): newest(DECIDER, [REGISTERED, header.DuplicateMerged(into=no(4))])}
MINE = {Ref("plans", no(3)): newest(DECIDER, [REGISTERED, header.DuplicateMerged(into=ID)])}
PERIOD = Period(starts=on(2021), ends=on(2025, 12, 31))
SIX = Magnitude(value="6", unit="项", bound="exact")
NINE = Magnitude(value="9", unit="个", bound="exact")
FAR = Quantity(value="1000", unit="公里", bound="above")
GROUP = items.ItemRecorded(item=no(11), heading="六项工程", sort="works", declared=SIX)
INNER = items.ItemRecorded(item=no(12), parent=no(11), label="1", heading="高速公路", sort="works")
DROPPED = items.ItemDropped(item=no(11), effective=on(2023), revision=no(31))
TARGET = targets.TargetSet(target=no(21), item=no(11), metric="通车里程", quantity=FAR, horizon="近期")
UNASKED = targets.TargetDropped(target=no(21), effective=on(2023), grounds="已无必要")
REVISED = revisions.Revised(revision=no(31), effective=on(2022), label="中期调整")
RULE = rules.RuleRecorded(rule=no(41), sort="inspection", text="每季度督查")
UNRULED = rules.RuleDropped(rule=no(41), effective=on(2023), revision=no(31))
LEADER = bodies.BodyNamed(role="leader", party=no(2))
SINCE = replace(on(2022), basis="inferred")
MET = {
    Ref("meetings", no(7)): newest(
        meeting.DECIDER,
        [
            MeetingRegistered(called="某会议"),
            Held(effective=UncertainDate(earliest=date(2021, 2, 6), latest=date(2021, 2, 6), printed="2月6日")),
            ResolutionRecorded(resolution=no(8), text="通过方案", manner="adopted"),
        ],
    )
}
ABROAD = {
    Ref("meetings", no(7)): newest(
        meeting.DECIDER, [MeetingRegistered(called="某会议"), Held(effective=replace(on(2021, 2, 6), basis="external"))]
    )
}
SOMETIME = {Ref("meetings", no(7)): newest(meeting.DECIDER, [MeetingRegistered(called="某会议"), Held()])}
TEXTED = {
    Ref("documents", no(5)): newest(
        document.DECIDER,
        [
            DocumentRegistered(kind="minutes"),
            TextCaptured(sha256="a" * 64, length=9),
            TextVersionRecorded(
                sort="simplified", sha256="b" * 64, length=9, derived_from="a" * 64, tool="t", tool_version="1"
            ),
        ],
    )
}
AGREED = {
    Ref("agreements", no(6)): newest(
        AGREEMENTS, [AgreementRegistered(called="某协议"), ClauseRecorded(clause=no(9), heading="某")]
    )
}
PACT = f"agreements/{no(6)}"
LINK = links.Linked(relation="implements", target=PACT, item=no(11))

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
adopted = given(DECIDER, REGISTERED, ADOPTED)
merged = given(DECIDER, REGISTERED, DUPLICATE)
closed = given(DECIDER, REGISTERED, ADOPTED, GROUP, TARGET, REVISED, CLOSED)
structured = given(DECIDER, REGISTERED, ADOPTED, GROUP, INNER)
aimed = given(DECIDER, REGISTERED, ADOPTED, GROUP, TARGET, REVISED)
dropped = given(DECIDER, REGISTERED, ADOPTED, GROUP, REVISED, DROPPED)
unasked = given(DECIDER, REGISTERED, ADOPTED, GROUP, TARGET, UNASKED)
revised = given(DECIDER, REGISTERED, ADOPTED, REVISED)
ruled = given(DECIDER, REGISTERED, GROUP, RULE)
reviewed = given(DECIDER, REGISTERED, ADOPTED, GROUP, RULE, REVISED)
unruled = given(DECIDER, REGISTERED, ADOPTED, GROUP, RULE, REVISED, UNRULED)
led = given(DECIDER, REGISTERED, LEADER)
linked = given(DECIDER, REGISTERED, GROUP, LINK)

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            period=PERIOD,
            kinds=("work_list", "action_plan", "work_list"),
            titles=(header.AddTitle(title=PrintedName(printed="行动方案"), variant="short", citations=cite(9)),),
            drafted=life.Draft(by=(no(3), no(2), no(3))),
            adopted=life.Adopt(effective=on(2021, 2, 6)),
            thresholds=rules.SetThresholds(near=10),
            bodies=(bodies.NameBody(role="leader", party=no(2), citations=cite(5)),),
            items=(
                items.RecordItem(id=no(11), heading="六项工程", sort="works", declared=SIX),
                items.RecordItem(id=no(12), parent=no(11), label="1", heading="高速公路", sort="works"),
            ),
            targets=(
                targets.SetTarget(id=no(21), item=no(11), metric="通车里程", quantity=FAR, horizon="近期"),
                targets.SetTarget(id=no(22), text="群众满意", due=on(2025, 12, 31), basis="inferred"),
            ),
            rules=(rules.RecordRule(id=no(41), sort="inspection", text="每季度督查"),),
            revisions=(revisions.Revise(id=no(31), label="中期调整", effective=on(2022)),),
            links=(links.LinkTo(relation="implements", target=PACT, item=no(11)),),
            citations=cite(0),
            basis="stated",
        )
    ).then(
        header.Registered(title=TITLE, citations=cite(0), basis="stated"),
        header.Classified(kind="action_plan", citations=cite(0), basis="stated"),
        header.Classified(kind="work_list", citations=cite(0), basis="stated"),
        header.Described(period=PERIOD, citations=cite(0), basis="stated"),
        replace(ADOPTED, citations=cite(0), basis="stated"),
        life.Drafted(by=(no(2), no(3)), citations=cite(0), basis="stated"),
        rules.ThresholdsSet(near=10, citations=cite(0), basis="stated"),
        header.Titled(title=PrintedName(printed="行动方案"), variant="short", citations=cite(9), basis="stated"),
        replace(LEADER, citations=cite(5), basis="stated"),
        replace(REVISED, citations=cite(0), basis="stated"),
        replace(GROUP, citations=cite(0), basis="stated"),
        replace(INNER, citations=cite(0), basis="stated"),
        replace(TARGET, citations=cite(0), basis="stated"),
        targets.TargetSet(target=no(22), text="群众满意", due=on(2025, 12, 31), citations=cite(0), basis="inferred"),
        replace(RULE, citations=cite(0), basis="stated"),
        replace(LINK, citations=cite(0), basis="stated"),
    ),
    "registered without a title": bare.when(Register(called="某区的一个方案", closed=life.Close())).then(
        header.Registered(called="某区的一个方案"), life.Closed()
    ),
    "registered on a day": bare.when(Register(title=TITLE, effective=on(2020))).refused(errors.Invalid, "/effective"),
    "registered again from another source": known.when(Register(title=TITLE, citations=cite(1))).then(
        header.Attested(attests=1, citations=cite(1))
    ),
    "registered again otherwise": known.when(Register(title=PrintedName(printed="别的方案"))).refused(
        errors.AlreadyOtherwise, "/title"
    ),
    "registered again, more being known": structured.when(
        Register(
            title=TITLE,
            kinds=("guidance",),
            adopted=life.Adopt(by=(no(2),)),
            items=(items.RecordItem(id=no(12), order=1, citations=cite(3)),),
        )
    ).then(
        header.Classified(kind="guidance"),
        life.StepDescribed(step="adopted", by=(no(2),)),
        items.ItemDescribed(item=no(12), order=1, citations=cite(3)),
        header.Attested(attests=4, fields=("id",), citations=cite(3)),
    ),
    "registered again with a part more": known.when(
        Register(title=TITLE, items=(items.RecordItem(heading="某"),))
    ).refused(errors.AlreadyOtherwise, "/items/0"),
    "nothing happens to what is not registered": bare.when(life.Issue()).refused(errors.NotFound),
    # --- header
    "the time that it is for becomes known": known.when(header.Describe(period=PERIOD)).then(
        header.Described(period=PERIOD)
    ),
    "its time is another": given(DECIDER, REGISTERED, header.Described(period=PERIOD))
    .when(header.Describe(period=Period(starts=on(2022))))
    .refused(errors.AlreadyOtherwise, "/period"),
    "another source adds a kind and attests one": given(DECIDER, REGISTERED, header.Classified(kind="guidance"))
    .when(header.Describe(kinds=("guidance", "programme"), citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1)), header.Classified(kind="programme", citations=cite(1))),
    "described on a day": known.when(header.Describe(kinds=("guidance",), effective=on(2020))).refused(
        errors.Invalid, "/effective"
    ),
    "another title": known.when(header.AddTitle(title=PrintedName(printed="369"), variant="short")).then(
        header.Titled(title=PrintedName(printed="369"), variant="short")
    ),
    "is a duplicate": known.when(header.MergeDuplicate(into=no(3))).then(DUPLICATE),
    "is a duplicate of itself": known.when(header.MergeDuplicate(into=ID)).refused(errors.Circular, "/into"),
    "is a duplicate of a duplicate": known.when(header.MergeDuplicate(into=no(3)), OTHER).refused(
        errors.NotInThisState, "/into"
    ),
    "is a duplicate of its own duplicate": known.when(header.MergeDuplicate(into=no(3)), MINE).refused(
        errors.Circular, "/into"
    ),
    "is a duplicate of two": merged.when(header.MergeDuplicate(into=no(4))).refused(errors.AlreadyOtherwise, "/into"),
    "is none after all": merged.when(header.UnmergeDuplicate()).then(header.DuplicateUnmerged()),
    "was none": known.when(header.UnmergeDuplicate()).refused(errors.NotInThisState),
    "a duplicate is not changed": merged.when(life.Issue()).refused(errors.NotInThisState),
    "a duplicate is attested": merged.when(header.AddTitle(title=TITLE, citations=cite(2))).then(
        header.Attested(attests=1, citations=cite(2))
    ),
    # --- life
    "is drafted": known.when(life.Draft(by=(no(2),))).then(life.Drafted(by=(no(2),))),
    "is laid before a meeting": known.when(life.Submit(meeting=no(7)), MET).then(
        life.Submitted(meeting=no(7), effective=replace(on(2021, 2, 6), basis="inferred"))
    ),
    "is adopted by an act of a meeting": known.when(
        life.Adopt(meeting=no(7), meeting_part=f"resolutions/{no(8)}"), MET
    ).then(
        life.Adopted(
            meeting=no(7), meeting_part=f"resolutions/{no(8)}", effective=replace(on(2021, 2, 6), basis="inferred")
        )
    ),
    "is adopted at a meeting whose day is known from elsewhere": known.when(life.Adopt(meeting=no(7)), ABROAD).then(
        life.Adopted(meeting=no(7), effective=replace(on(2021, 2, 6), basis="external"))
    ),
    "is adopted at a meeting of an unknown day": known.when(life.Adopt(meeting=no(7)), SOMETIME).then(
        life.Adopted(meeting=no(7))
    ),
    "is adopted after the meeting": known.when(life.Adopt(meeting=no(7), effective=on(2021, 3)), MET).then(
        life.Adopted(meeting=no(7), effective=on(2021, 3))
    ),
    "the same told again without its day": given(
        DECIDER, REGISTERED, life.Adopted(meeting=no(7), effective=replace(on(2021, 2, 6), basis="inferred"))
    )
    .when(life.Adopt(meeting=no(7), citations=cite(1)), MET)
    .then(header.Attested(attests=2, fields=("step", "meeting"), citations=cite(1))),
    "is adopted by what the meeting did not do": known.when(
        life.Adopt(meeting=no(7), meeting_part=f"resolutions/{no(9)}"), MET
    ).refused(errors.UnknownPart, "/meeting_part"),
    "is approved": adopted.when(life.Approve(by=(no(3),), number="批复1号")).then(
        life.Approved(by=(no(3),), number="批复1号")
    ),
    "is issued with its text": adopted.when(
        life.Issue(number="甲政发〔2021〕1号", document=no(5), sha256="a" * 64, effective=on(2021, 3)), TEXTED
    ).then(life.Issued(number="甲政发〔2021〕1号", document=no(5), sha256="a" * 64, effective=on(2021, 3))),
    "is issued in a derived text": known.when(life.Issue(document=no(5), sha256="b" * 64), TEXTED).then(
        life.Issued(document=no(5), sha256="b" * 64)
    ),
    "is issued in a text that the document has not": known.when(
        life.Issue(document=no(5), sha256="c" * 64), TEXTED
    ).refused(errors.UnknownPart, "/sha256"),
    "is carried out": adopted.when(life.BeginExecution(effective=on(2021, 3))).then(
        life.ExecutionBegun(effective=on(2021, 3))
    ),
    "is evaluated": adopted.when(life.Evaluate(result="基本完成")).then(life.Evaluated(result="基本完成")),
    "is closed": adopted.when(life.Close(effective=on(2025, 12, 31))).then(CLOSED),
    "an earlier step is learnt of late": closed.when(life.Draft()).then(life.Drafted()),
    "who adopted it becomes known": adopted.when(life.Adopt(by=(no(2),), citations=cite(1))).then(
        life.StepDescribed(step="adopted", by=(no(2),), citations=cite(1)),
        header.Attested(attests=2, fields=("step",), citations=cite(1)),
    ),
    "is adopted on another day": adopted.when(life.Adopt(effective=on(2021, 2, 7))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    # --- bodies
    "is led": known.when(bodies.NameBody(role="leader", party=no(2))).then(LEADER),
    "the same party also carries out": led.when(bodies.NameBody(role="executor", party=no(2))).then(
        bodies.BodyNamed(role="executor", party=no(2))
    ),
    "unnamed bodies carry out": led.when(bodies.NameBody(role="executor", group="各有关部门")).then(
        bodies.BodyNamed(role="executor", group="各有关部门")
    ),
    "how a body is printed becomes known": led.when(
        bodies.NameBody(role="leader", party=no(2), name=PrintedName(printed="甲市"), citations=cite(1))
    ).then(
        bodies.BodyDescribed(role="leader", party=no(2), name=PrintedName(printed="甲市"), citations=cite(1)),
        header.Attested(attests=2, fields=("role",), citations=cite(1)),
    ),
    # --- items
    "an item": adopted.when(items.RecordItem(id=no(11), heading="六项工程", sort="works", declared=SIX)).then(GROUP),
    "an item under another": given(DECIDER, REGISTERED, ADOPTED, GROUP)
    .when(items.RecordItem(id=no(12), parent=no(11), label="1", heading="高速公路", sort="works"))
    .then(INNER),
    "an item under what is none": adopted.when(items.RecordItem(heading="某", parent=no(11))).refused(
        errors.UnknownPart, "/parent"
    ),
    "an item under itself": adopted.when(items.RecordItem(id=no(11), heading="某", parent=no(11))).refused(
        errors.Circular, "/parent"
    ),
    "an unknown item that says nothing": adopted.when(items.RecordItem(id=no(11))).refused(errors.Invalid, "/text"),
    "how many are declared becomes known": structured.when(items.RecordItem(id=no(12), declared=NINE)).then(
        items.ItemDescribed(item=no(12), declared=NINE)
    ),
    "another source declares another number": structured.when(items.RecordItem(id=no(11), declared=NINE)).refused(
        errors.AlreadyOtherwise, "/declared"
    ),
    "a revision puts an item in": aimed.when(items.RecordItem(id=no(12), text="某", revision=no(31))).then(
        items.ItemAdded(item=no(12), text="某", revision=no(31), effective=SINCE)
    ),
    "a revision that is none": aimed.when(items.RecordItem(id=no(12), text="某", revision=no(32))).refused(
        errors.UnknownPart, "/revision"
    ),
    "a revision puts in what stood before": aimed.when(items.RecordItem(id=no(11), revision=no(31))).refused(
        errors.AlreadyOtherwise, "/revision"
    ),
    "a revision changes an item": aimed.when(items.ChangeItem(item=no(11), declared=NINE, revision=no(31))).then(
        items.ItemChanged(item=no(11), declared=NINE, revision=no(31), effective=SINCE)
    ),
    "an item is changed by nothing that is known, on a day": structured.when(
        items.ChangeItem(item=no(12), parent=None, label=None, effective=on(2022))
    ).then(items.ItemChanged(item=no(12), parent=None, label=None, effective=on(2022))),
    "an item moves under what stands under it": structured.when(items.ChangeItem(item=no(11), parent=no(12))).refused(
        errors.Circular, "/parent"
    ),
    "what is no item is changed": adopted.when(items.ChangeItem(item=no(11), text="某")).refused(
        errors.UnknownPart, "/item"
    ),
    "a revision drops an item": aimed.when(items.DropItem(item=no(11), revision=no(31), grounds="并入他项")).then(
        items.ItemDropped(item=no(11), revision=no(31), grounds="并入他项", effective=SINCE)
    ),
    "dropped again": dropped.when(items.DropItem(item=no(11), citations=cite(1))).then(
        header.Attested(attests=5, citations=cite(1))
    ),
    "dropped for another reason than is recorded": dropped.when(items.DropItem(item=no(11), grounds="某")).refused(
        errors.AlreadyOtherwise, "/grounds"
    ),
    "dropped on another day": dropped.when(items.DropItem(item=no(11), effective=on(2024))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "what was dropped is not changed": dropped.when(
        items.ChangeItem(item=no(11), text="某", effective=on(2024))
    ).refused(errors.Ended, "/item"),
    "what was dropped later had been changed": dropped.when(
        items.ChangeItem(item=no(11), text="某", effective=on(2022, 6))
    ).then(items.ItemChanged(item=no(11), text="某", effective=on(2022, 6))),
    # --- targets
    "a target with a number": structured.when(
        targets.SetTarget(id=no(21), item=no(11), metric="通车里程", quantity=FAR, horizon="近期")
    ).then(TARGET),
    "a target without a number": structured.when(
        targets.SetTarget(id=no(22), text="基本建成", due=on(2025, 12, 31), performers=(no(3), no(2)))
    ).then(targets.TargetSet(target=no(22), text="基本建成", due=on(2025, 12, 31), performers=(no(2), no(3)))),
    "a target of what is no item": adopted.when(targets.SetTarget(item=no(11), text="某")).refused(
        errors.UnknownPart, "/item"
    ),
    "an unknown target that says nothing": adopted.when(targets.SetTarget(id=no(21))).refused(errors.Invalid, "/text"),
    "by when becomes known": aimed.when(targets.SetTarget(id=no(21), due=on(2022, 12, 31), citations=cite(1))).then(
        targets.TargetDescribed(target=no(21), due=on(2022, 12, 31), citations=cite(1)),
        header.Attested(attests=4, fields=("id",), citations=cite(1)),
    ),
    "another number": aimed.when(targets.SetTarget(id=no(21), quantity=SIX)).refused(
        errors.AlreadyOtherwise, "/quantity"
    ),
    "a revision puts a target in": aimed.when(targets.SetTarget(id=no(22), text="某", revision=no(31))).then(
        targets.TargetAdded(target=no(22), text="某", revision=no(31), effective=SINCE)
    ),
    "a revision puts in a target that stood before": aimed.when(targets.SetTarget(id=no(21), revision=no(31))).refused(
        errors.AlreadyOtherwise, "/revision"
    ),
    "a revision changes a target": aimed.when(
        targets.ChangeTarget(target=no(21), quantity=NINE, performers=(no(3), no(2)), revision=no(31))
    ).then(
        targets.TargetChanged(target=no(21), quantity=NINE, performers=(no(2), no(3)), revision=no(31), effective=SINCE)
    ),
    "a change that changes nothing": aimed.when(
        targets.ChangeTarget(target=no(21), metric="通车里程", effective=on(2021, 2, 6))
    ).then(targets.TargetChanged(target=no(21), metric="通车里程", effective=on(2021, 2, 6))),
    "what is no target is changed": adopted.when(targets.ChangeTarget(target=no(21), text="某")).refused(
        errors.UnknownPart, "/target"
    ),
    "a target is dropped": aimed.when(targets.DropTarget(target=no(21), effective=on(2023), grounds="已无必要")).then(
        UNASKED
    ),
    "a dropped target is not changed": unasked.when(
        targets.ChangeTarget(target=no(21), text="某", effective=on(2024))
    ).refused(errors.Ended, "/target"),
    # --- revisions
    "is revised": adopted.when(revisions.Revise(id=no(31), label="中期调整", effective=on(2022))).then(REVISED),
    "is revised, nobody knows when": adopted.when(revisions.Revise(id=no(31), label="中期调整")).then(
        revisions.Revised(
            revision=no(31),
            label="中期调整",
            effective=UncertainDate(earliest=date(2021, 2, 6), precision="after", basis="inferred"),
        )
    ),
    "is revised, and nobody knows since when it is": known.when(revisions.Revise(id=no(31), text="某")).then(
        revisions.Revised(revision=no(31), text="某", effective=UncertainDate(precision="unknown", basis="inferred"))
    ),
    "the revision's paper becomes known": revised.when(
        revisions.Revise(id=no(31), document=no(5), sha256="a" * 64), TEXTED
    ).then(revisions.RevisionDescribed(revision=no(31), document=no(5), sha256="a" * 64)),
    "an unknown revision that says nothing": adopted.when(revisions.Revise(id=no(31))).refused(
        errors.Invalid, "/label"
    ),
    "a closed plan is not revised": closed.when(revisions.Revise(label="又一次", effective=on(2026))).refused(
        errors.Ended
    ),
    "a closed plan had been revised": closed.when(revisions.Revise(id=no(32), text="某", effective=on(2024))).then(
        revisions.Revised(revision=no(32), text="某", effective=on(2024))
    ),
    "a closed plan asks for nothing more": closed.when(
        targets.SetTarget(text="某", revision=no(31), effective=on(2026))
    ).refused(errors.Ended),
    "more becomes known of a closed plan": closed.when(items.RecordItem(id=no(13), text="某")).then(
        items.ItemRecorded(item=no(13), text="某")
    ),
    # --- rules
    "a rule": ruled.when(rules.RecordRule(id=no(42), sort="deadline", text="年底前完成", item=no(11))).then(
        rules.RuleRecorded(rule=no(42), sort="deadline", text="年底前完成", item=no(11))
    ),
    "where a rule stands becomes known": ruled.when(
        rules.RecordRule(id=no(41), sort="inspection", text="每季度督查", item=no(11), label="三")
    ).then(rules.RuleDescribed(rule=no(41), item=no(11), label="三")),
    "a rule that says otherwise": ruled.when(rules.RecordRule(id=no(41), sort="inspection", text="每月督查")).refused(
        errors.AlreadyOtherwise, "/text"
    ),
    "a revision puts a rule in": reviewed.when(
        rules.RecordRule(id=no(42), sort="ledger", text="某", revision=no(31))
    ).then(rules.RuleAdded(rule=no(42), sort="ledger", text="某", revision=no(31), effective=SINCE)),
    "a revision puts in a rule that stood before": reviewed.when(
        rules.RecordRule(id=no(41), sort="inspection", text="每季度督查", revision=no(31))
    ).refused(errors.AlreadyOtherwise, "/revision"),
    "a rule of a revision that is none": reviewed.when(
        rules.RecordRule(sort="ledger", text="某", revision=no(32))
    ).refused(errors.UnknownPart, "/revision"),
    "a revision changes a rule": reviewed.when(
        rules.ChangeRule(rule=no(41), text="每月督查", item=no(11), revision=no(31))
    ).then(rules.RuleChanged(rule=no(41), text="每月督查", item=no(11), revision=no(31), effective=SINCE)),
    "a rule moves to what is no item": reviewed.when(rules.ChangeRule(rule=no(41), item=no(19))).refused(
        errors.UnknownPart, "/item"
    ),
    "what is no rule is changed": reviewed.when(rules.ChangeRule(rule=no(42), text="某")).refused(
        errors.UnknownPart, "/rule"
    ),
    "a revision drops a rule": reviewed.when(rules.DropRule(rule=no(41), revision=no(31), grounds="改为抽查")).then(
        rules.RuleDropped(rule=no(41), revision=no(31), grounds="改为抽查", effective=SINCE)
    ),
    "a rule is dropped again": unruled.when(rules.DropRule(rule=no(41), citations=cite(1))).then(
        header.Attested(attests=6, citations=cite(1))
    ),
    "a rule is dropped on another day": unruled.when(rules.DropRule(rule=no(41), effective=on(2024))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "a rule that was dropped is not changed": unruled.when(
        rules.ChangeRule(rule=no(41), text="某", effective=on(2024))
    ).refused(errors.Ended, "/rule"),
    "a rule in what is no item": known.when(rules.RecordRule(sort="ledger", text="某", item=no(11))).refused(
        errors.UnknownPart, "/item"
    ),
    "thresholds": known.when(rules.SetThresholds(near=10, counts="working")).then(
        rules.ThresholdsSet(near=10, counts="working")
    ),
    "thresholds set again": given(DECIDER, REGISTERED, rules.ThresholdsSet(near=10, behind=5))
    .when(rules.SetThresholds(near=15, effective=on(2022)))
    .then(rules.ThresholdsSet(near=15, effective=on(2022))),
    # --- links
    "carries out an agreement": linked.when(
        links.LinkTo(relation="implements", target=PACT, target_part=f"clauses/{no(9)}"), AGREED
    ).then(links.Linked(relation="implements", target=PACT, target_part=f"clauses/{no(9)}")),
    "carries out a clause that is none": linked.when(
        links.LinkTo(relation="implements", target=PACT, target_part=f"clauses/{no(8)}"), AGREED
    ).refused(errors.UnknownPart, "/target_part"),
    "an item that is none carries it out": known.when(
        links.LinkTo(relation="implements", target=PACT, item=no(11)), AGREED
    ).refused(errors.UnknownPart, "/item"),
    "is part of an agreement": known.when(links.LinkTo(relation="part_of", target=PACT), AGREED).refused(
        errors.WrongKind, "/target"
    ),
    "follows itself": known.when(links.LinkTo(relation="follows", target=f"plans/{ID}")).refused(
        errors.Circular, "/target"
    ),
    "carries it out no more": linked.when(
        links.Unlink(relation="implements", target=PACT, item=no(11), effective=on(2023))
    ).then(links.Unlinked(relation="implements", target=PACT, item=no(11), effective=on(2023))),
    "did not carry it out": known.when(links.Unlink(relation="implements", target=PACT)).refused(
        errors.UnknownPart, "/target"
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    lambda: Register(kinds=("guidance",)),
    header.Registered,
    header.Described,
    header.Describe,
    lambda: life.StepDescribed(step="closed"),
    lambda: life.StepDescribed(step="closed", result="某"),
    lambda: life.Issue(sha256="a" * 64),
    lambda: life.Adopt(meeting_part=f"resolutions/{no(1)}"),
    lambda: life.Issued(sha256="a" * 64),
    lambda: bodies.NameBody(role="leader"),
    lambda: bodies.NameBody(role="leader", group="某", name=PrintedName(printed="某")),
    lambda: bodies.BodyDescribed(role="leader", party=no(2)),
    lambda: items.RecordItem(sort="works"),
    lambda: items.ItemRecorded(item=no(1), text="某", parent=no(1)),
    lambda: items.ItemAdded(item=no(1), revision=no(2)),
    lambda: items.ItemDescribed(item=no(1)),
    lambda: items.ChangeItem(item=no(1)),
    lambda: items.ItemChanged(item=no(1), revision=no(2)),
    lambda: targets.SetTarget(quantity=SIX),
    lambda: targets.TargetSet(target=no(1)),
    lambda: targets.TargetDescribed(target=no(1)),
    lambda: targets.ChangeTarget(target=no(1)),
    lambda: revisions.Revise(by=(no(2),)),
    lambda: revisions.Revise(label="某", sha256="a" * 64),
    lambda: revisions.RevisionDescribed(revision=no(1)),
    lambda: rules.RuleDescribed(rule=no(1)),
    lambda: rules.RuleChanged(rule=no(1), revision=no(2)),
    lambda: rules.ChangeRule(rule=no(1), revision=no(2)),
    rules.SetThresholds,
    rules.ThresholdsSet,
]


@pytest.mark.parametrize("make", MALFORMED)
def test_what_means_nothing_cannot_be_said(make: Callable[[], object]) -> None:
    """Refused by the fact itself, whoever tells it."""
    with pytest.raises(ValueError, match=r"."):
        make()


# --- What the plan asked ----------------------------------------------------------------------------------------------

ACTIONS, WORKS, GOALS = no(51), no(52), no(53)
EARLY, LATE = no(61), no(62)
NEAR, FURTHER = UncertainDate(latest=date(2022, 12, 31)), UncertainDate(latest=date(2025, 12, 31))


def counted(value: int) -> Magnitude:
    """So many, as declared."""
    return Magnitude(value=str(value), unit="项", bound="exact")


PLAN: list[Event] = [
    REGISTERED,
    ADOPTED,
    items.ItemRecorded(item=ACTIONS, label="3", heading="三大行动", sort="group", declared=counted(3)),
    *(items.ItemRecorded(item=no(70 + n), parent=ACTIONS, label=f"{n}", heading="行动") for n in range(3)),
    items.ItemRecorded(item=WORKS, label="6", heading="六项工程", sort="works", declared=counted(6)),
    items.ItemRecorded(item=GOALS, label="9", heading="九个一", sort="goal", declared=counted(9)),
    *(items.ItemRecorded(item=no(80 + n), parent=GOALS, label=f"{n}", heading="一张网") for n in range(9)),
    targets.TargetSet(target=EARLY, item=ACTIONS, metric="里程", quantity=FAR, due=NEAR, horizon="2022年"),
    targets.TargetSet(target=LATE, item=ACTIONS, text="基本实现一体发展", due=FURTHER, horizon="2025年"),
    targets.TargetSet(target=no(63), item=no(88), text="一网通办"),
]
REVISION: list[Event] = [
    revisions.Revised(revision=no(31), effective=on(2023, 5, 1), label="中期调整"),
    targets.TargetChanged(target=LATE, effective=on(2023, 5, 1), text="全面实现一体发展", revision=no(31)),
    items.ItemDropped(item=no(88), effective=on(2023, 5, 1), revision=no(31)),
    items.ItemAdded(item=no(91), parent=WORKS, heading="港口", effective=on(2023, 5, 1), revision=no(31)),
]


def on_day(events: list[Event], day: date) -> Plan:
    """The plan as it held on a day."""
    return fold(DECIDER, [recorded(number, event) for number, event in enumerate(events, 1)], day).base


def counts(plan: Plan) -> dict[str, tuple[str | None, int]]:
    """What is declared and what is listed, by label, of what stands in the plan itself."""
    found = listed(plan)
    top = [one for one in plan.items.values() if one.parent is None]
    return {one.label or "": (one.declared.value if one.declared else None, found[one.id]) for one in top}


def test_what_is_declared_and_what_is_listed() -> None:
    """Three of three actions, none of six works, nine of nine goals; and nothing before the plan was adopted."""
    plan = on_day(PLAN, date(2021, 2, 6))
    assert counts(plan) == {"3": ("3", 3), "6": ("6", 0), "9": ("9", 9)}
    assert listed(plan)[None] == 3
    assert on_day(PLAN, date(2021, 2, 5)).items == {}


def test_what_the_plan_asked_on_a_day() -> None:
    """A revision changes a target, drops an item with the target in it, and adds an item, from its day on."""
    before = on_day(PLAN + REVISION, date(2023, 4, 30))
    after = on_day(PLAN + REVISION, date(2023, 5, 1))
    assert [one.text or one.metric for one in asked(before)] == ["里程", "基本实现一体发展", "一网通办"]
    assert [one.text or one.metric for one in asked(after)] == ["里程", "全面实现一体发展"]
    assert counts(before) == {"3": ("3", 3), "6": ("6", 0), "9": ("9", 9)}
    assert counts(after) == {"3": ("3", 3), "6": ("6", 1), "9": ("9", 8)}
    assert not stands(after, no(88))
    # As it was known before the revision was entered, that day asked for what had been adopted.
    assert [one.text or one.metric for one in asked(on_day(PLAN, date(2023, 5, 1)))][1] == "基本实现一体发展"


def test_how_tasks_were_to_be_kept_on_a_day() -> None:
    """A revision changes a rule, drops one and puts one in, from its day on; each says by which."""
    kept: list[Event] = [
        *PLAN,
        rules.RuleRecorded(rule=no(41), sort="inspection", text="每季度督查"),
        rules.RuleRecorded(rule=no(42), sort="reporting", text="每月报告"),
        REVISION[0],
        rules.RuleChanged(rule=no(41), text="每月督查", effective=on(2023, 5, 1), revision=no(31)),
        rules.RuleDropped(rule=no(42), effective=on(2023, 5, 1), revision=no(31)),
        rules.RuleAdded(rule=no(43), sort="ledger", text="建立台账", effective=on(2023, 5, 1), revision=no(31)),
    ]
    before = on_day(kept, date(2023, 4, 30)).rules
    after = on_day(kept, date(2023, 5, 1)).rules
    assert [(one.text, one.dropped) for one in before.values()] == [("每季度督查", False), ("每月报告", False)]
    assert [(one.text, one.dropped) for one in after.values()] == [
        ("每月督查", False),
        ("每月报告", True),
        ("建立台账", False),
    ]
    assert (after[str(no(41))].changed_by, after[str(no(42))].dropped_by, after[str(no(43))].added_by) == (no(31),) * 3


def test_what_stands_under_a_dropped_item_is_asked_no_more() -> None:
    """However deep it stands."""
    plan = on_day([*PLAN, items.ItemDropped(item=ACTIONS, effective=on(2023))], date(2023, 1, 1))
    assert [one.id for one in asked(plan)] == [no(63)]
    assert listed(plan)[None] == 2
    assert listed(plan)[ACTIONS] == 0


def test_the_status_is_the_furthest_step_whatever_is_told_first() -> None:
    """On a day: those taken by then."""
    steps: list[Event] = [
        life.Closed(effective=on(2026)),
        life.Issued(effective=on(2021, 3)),
        life.Drafted(),
        life.ExecutionBegun(effective=on(2021, 4)),
    ]
    days = {date(2021, 1, 1): "drafted", date(2021, 3, 1): "issued", date(2025, 1, 1): "executing"}
    for day, wanted in {**days, date(2026, 1, 1): "closed"}.items():
        assert status(on_day([REGISTERED, *steps], day)) == wanted
    assert status(on_day([REGISTERED], date(2026, 1, 1))) == "registered"
    assert status(on_day([REGISTERED, *steps, DUPLICATE], date(2026, 1, 1))) == "merged"
    assert list(RANK) == sorted(RANK, key=lambda step: RANK[step])


def test_what_the_plan_says_holds_since_the_first_making_recorded() -> None:
    """Adopted, approved, issued: the first in the log that has a date."""
    events = [REGISTERED, life.Drafted(effective=on(2020)), life.Issued(effective=on(2021, 3)), ADOPTED, GROUP]
    assert on_day(events, date(2021, 2, 28)).items == {}
    making = made(on_day(events, date(2021, 3, 1)))
    assert making is not None
    assert making.effective == on(2021, 3)
    assert made(on_day([REGISTERED], date(2021, 3, 1))) is None


def test_thresholds_left_out_are_the_registrys_own() -> None:
    """Each by itself."""
    assert limits(on_day([REGISTERED], date(2022, 1, 1))) == DEFAULT
    plan = on_day([REGISTERED, rules.ThresholdsSet(near=10, slack=0)], date(2022, 1, 1))
    assert limits(plan) == Limits(near=10, behind=7, escalate=3, counts="calendar", slack=0)
