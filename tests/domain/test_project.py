"""The project: every command, and every refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid5

import pytest
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement import DECIDER as AGREEMENTS
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered as AgreementRegistered
from service.domain.agreement.life import Signed as AgreementSigned
from service.domain.decider import Event, Ref
from service.domain.folding import fold
from service.domain.meeting import DECIDER as MEETINGS
from service.domain.meeting.header import Registered as MeetingRegistered
from service.domain.meeting.life import Held
from service.domain.plan import DECIDER as PLANS
from service.domain.plan.header import Registered as PlanRegistered
from service.domain.plan.items import ItemRecorded
from service.domain.plan.life import Adopted
from service.domain.project import DECIDER, Register, header, investments, life, links, parties
from service.domain.project.investments import part_id
from service.domain.project.state import RANK, Project, concerned, investors, status, title
from service.domain.values import Magnitude, PrintedName, UncertainDate
from tests.given import ID, Scenario, cite, given, newest, no, on, recorded

TITLE = PrintedName(printed="临清城北水库项目")
REGISTERED = header.Registered(title=TITLE)
INVESTOR, OTHER, THIRD, CITY, COUNTY = no(21), no(22), no(23), no(24), no(25)
THIRTY = Magnitude(value="30", unit="亿元", bound="exact", modality="total")
FIVE = Magnitude(value="5", unit="亿元", bound="exact")
STATED = investments.InvestmentStated(investment=no(31), quantity=THIRTY, investor=INVESTOR)
INCREASED = investments.InvestmentIncreased(investment=no(32), quantity=FIVE, of=no(31), effective=on(2017))
REPLACED = investments.InvestorReplaced(
    replacement=no(41), former=INVESTOR, investor=OTHER, investment=no(31), effective=on(2018)
)
SIGNED = life.Signed(effective=on(2016, 4, 7))
DROPPED = life.Dropped(effective=on(2019), grounds="资金未到位")
IN_COUNTY = parties.Located(party=COUNTY)
INVESTS = parties.PartyNamed(role="investor", party=INVESTOR)
DUPLICATE = header.DuplicateMerged(into=no(3))
PARENT, SECTION = f"projects/{no(5)}", f"projects/{no(6)}"
PART = links.Linked(relation="part_of", target=PARENT)
APRIL = UncertainDate(earliest=date(2016, 4, 1), latest=date(2016, 4, 30), precision="month", printed="4月")
INFERRED = UncertainDate(earliest=date(2016, 4, 7), latest=date(2016, 4, 7), basis="inferred")
AGREED = {
    Ref("agreements", no(8)): newest(
        AGREEMENTS,
        [
            AgreementRegistered(called="某协议"),
            AgreementSigned(effective=on(2016, 4, 7)),
            ClauseRecorded(clause=no(9), heading="项目"),
        ],
    )
}
AGREEMENT = f"agreements/{no(8)}"
PLAN = {
    Ref("plans", no(8)): newest(
        PLANS,
        [PlanRegistered(called="规划"), Adopted(effective=on(2016, 4, 7)), ItemRecorded(item=no(9), label="一")],
    )
}
HELD = {Ref("meetings", no(8)): newest(MEETINGS, [MeetingRegistered(called="推介会"), Held(effective=on(2016, 4, 7))])}
BEHIND = {
    Ref("projects", no(5)): newest(DECIDER, [REGISTERED, links.Linked(relation="part_of", target=f"projects/{ID}")])
}


def replacing(**told: Any) -> investments.ReplaceInvestor:
    """Another investor came, told without an id."""
    return investments.ReplaceInvestor(former=INVESTOR, investor=OTHER, investment=no(31), **told)


RETURNED = investments.InvestorReplaced(
    replacement=no(42), former=OTHER, investor=INVESTOR, investment=no(31), effective=on(2019)
)
AGAIN = investments.part_id(ID, replacing(effective=on(2020)))

bare = given(DECIDER)
known = given(DECIDER, REGISTERED)
signed = given(DECIDER, REGISTERED, SIGNED)
funded = given(DECIDER, REGISTERED, STATED)
grown = given(DECIDER, REGISTERED, STATED, INCREASED)
replaced = given(DECIDER, REGISTERED, STATED, REPLACED)
dropped = given(DECIDER, REGISTERED, SIGNED, DROPPED)
invested = given(DECIDER, REGISTERED, INVESTS)
placed = given(DECIDER, REGISTERED, IN_COUNTY)
returned = given(DECIDER, REGISTERED, STATED, REPLACED, RETURNED)
left = given(DECIDER, REGISTERED, INVESTS, parties.PartyReleased(role="investor", party=INVESTOR, grounds="退出"))

SCENARIOS: dict[str, Scenario] = {
    # --- Register
    "registers with all that is known": bare.when(
        Register(
            title=TITLE,
            kinds=("water", "industry", "water"),
            sector="水利",
            text="新建水库",
            planned=life.Plan(plan=no(8), plan_part=f"items/{no(9)}", citations=cite(1)),
            signed=life.Sign(effective=on(2016, 4, 7), by=(CITY, INVESTOR)),
            titles=(header.AddTitle(title=PrintedName(printed="城北水库"), variant="short"),),
            investments=(investments.StateInvestment(id=no(31), quantity=THIRTY, investor=INVESTOR),),
            increases=(investments.IncreaseInvestment(id=no(32), quantity=FIVE, of=no(31), effective=on(2017)),),
            parties=(parties.NameParty(role="host", party=CITY), parties.NameParty(role="builder", group="某公司")),
            replacements=(
                investments.ReplaceInvestor(
                    id=no(41), former=INVESTOR, investor=OTHER, investment=no(31), effective=on(2018)
                ),
            ),
            places=(parties.Locate(party=COUNTY),),
            links=(links.LinkTo(relation="under", target=AGREEMENT, target_part=f"clauses/{no(9)}"),),
        ),
        {**AGREED, **PLAN},
    ).then(
        REGISTERED,
        header.Classified(kind="industry"),
        header.Classified(kind="water"),
        header.Described(sector="水利", text="新建水库"),
        life.Planned(effective=INFERRED, plan=no(8), plan_part=f"items/{no(9)}", citations=cite(1)),
        life.Signed(effective=on(2016, 4, 7), by=(INVESTOR, CITY)),
        header.Titled(title=PrintedName(printed="城北水库"), variant="short"),
        STATED,
        INCREASED,
        parties.PartyNamed(role="host", party=CITY),
        parties.PartyNamed(role="builder", group="某公司"),
        REPLACED,
        IN_COUNTY,
        links.Linked(relation="under", target=AGREEMENT, target_part=f"clauses/{no(9)}"),
    ),
    "registered again from another source": signed.when(
        Register(title=TITLE, signed=life.Sign(), citations=cite(1))
    ).then(
        header.Attested(attests=1, citations=cite(1)),
        header.Attested(attests=2, fields=("step",), citations=cite(1)),
    ),
    "registered again, and its kind becomes known": known.when(Register(title=TITLE, kinds=("water",))).then(
        header.Classified(kind="water")
    ),
    "registered again, and its sector becomes known": known.when(Register(title=TITLE, sector="水利")).then(
        header.Described(sector="水利")
    ),
    "registered again otherwise": known.when(Register(title=PrintedName(printed="别的"))).refused(
        errors.AlreadyOtherwise, "/title"
    ),
    "registered again with another sum": funded.when(
        Register(title=TITLE, investments=(investments.StateInvestment(id=no(31), quantity=FIVE),))
    ).refused(errors.AlreadyOtherwise, "/investments/0/quantity"),
    "a command on nothing": bare.when(life.Sign()).refused(errors.NotFound),
    # --- what it is
    "its text becomes known": known.when(header.Describe(text="新建水库", kinds=("water",))).then(
        header.Classified(kind="water"), header.Described(text="新建水库")
    ),
    "a date of what it is": known.when(header.Describe(text="新建水库", effective=on(2016))).refused(
        errors.Invalid, "/effective"
    ),
    "another title": known.when(header.AddTitle(title=PrintedName(printed="城北水库"))).then(
        header.Titled(title=PrintedName(printed="城北水库"))
    ),
    "a second record": known.when(header.MergeDuplicate(into=no(3))).then(DUPLICATE),
    "a second record, undone": given(DECIDER, REGISTERED, DUPLICATE)
    .when(header.UnmergeDuplicate())
    .then(header.DuplicateUnmerged()),
    "a second record goes on": given(DECIDER, REGISTERED, DUPLICATE).when(life.Sign()).refused(errors.NotInThisState),
    # --- life
    "planned": known.when(life.Plan(effective=on(2015))).then(life.Planned(effective=on(2015))),
    "planned by a part that the plan has not": known.when(
        life.Plan(plan=no(8), plan_part=f"items/{no(7)}"), PLAN
    ).refused(errors.UnknownPart, "/plan_part"),
    "talked over at a meeting": known.when(life.Negotiate(meeting=no(8)), HELD).then(
        life.TalkedOver(effective=INFERRED, meeting=no(8))
    ),
    "talked over in an act that the meeting has not": known.when(
        life.Negotiate(meeting=no(8), meeting_part=f"activities/{no(9)}"), HELD
    ).refused(errors.UnknownPart, "/meeting_part"),
    "intended": known.when(life.Intend(agreement=no(8)), AGREED).then(life.Intended(agreement=no(8))),
    "signed when the agreement was": known.when(
        life.Sign(agreement=no(8), agreement_part=f"clauses/{no(9)}"), AGREED
    ).then(life.Signed(effective=INFERRED, agreement=no(8), agreement_part=f"clauses/{no(9)}")),
    "signed under a clause that the agreement has not": known.when(
        life.Sign(agreement=no(8), agreement_part=f"clauses/{no(7)}"), AGREED
    ).refused(errors.UnknownPart, "/agreement_part"),
    "signed, told again with the agreement": signed.when(life.Sign(agreement=no(8), citations=cite(1)), AGREED).then(
        life.StepDescribed(step="signed", agreement=no(8), citations=cite(1)),
        header.Attested(attests=2, fields=("step",), citations=cite(1)),
    ),
    "signed, told again of the month": signed.when(life.Sign(effective=APRIL, citations=cite(1))).then(
        header.Attested(attests=2, fields=("step",), citations=cite(1))
    ),
    "signed, told again of a day that words alone tell": signed.when(
        life.Sign(effective=UncertainDate(printed="近日"), citations=cite(1))
    ).then(header.Attested(attests=2, fields=("step",), citations=cite(1))),
    "signed in a month, told again of the day": given(DECIDER, REGISTERED, life.Signed(effective=APRIL))
    .when(life.Sign(effective=on(2016, 4, 7)))
    .refused(errors.AlreadyOtherwise, "/effective"),
    "signed, told again of another month": signed.when(
        life.Sign(effective=UncertainDate(earliest=date(2016, 5, 1), latest=date(2016, 5, 31), precision="month"))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "signed, told again of another day": signed.when(life.Sign(effective=on(2016, 4, 8))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "put on record": signed.when(life.File(number="甲发改备〔2016〕1号")).then(
        life.Filed(number="甲发改备〔2016〕1号")
    ),
    "started": signed.when(life.Start(effective=on(2017))).then(life.Started(effective=on(2017))),
    "seen under construction": known.when(
        life.ReportConstruction(effective=UncertainDate(latest=date(2021, 11, 24), precision="before"))
    ).then(life.ConstructionReported(effective=UncertainDate(latest=date(2021, 11, 24), precision="before"))),
    "completed": signed.when(life.Complete(effective=on(2020))).then(life.Completed(effective=on(2020))),
    "opened": signed.when(life.Open(effective=on(2021))).then(life.Opened(effective=on(2021))),
    "dropped": signed.when(life.Drop(effective=on(2019), grounds="资金未到位")).then(DROPPED),
    "dropped already": dropped.when(life.Drop(citations=cite(1))).then(
        header.Attested(attests=3, fields=("step",), citations=cite(1))
    ),
    "goes on after it was dropped": dropped.when(life.Start(effective=on(2020))).refused(errors.Ended),
    "grows after it was dropped": dropped.when(
        investments.IncreaseInvestment(quantity=FIVE, effective=on(2020))
    ).refused(errors.Ended),
    "an earlier step becomes known": dropped.when(life.Start(effective=on(2018))).then(
        life.Started(effective=on(2018))
    ),
    # --- what is invested
    "an investment": known.when(investments.StateInvestment(id=no(31), quantity=THIRTY, investor=INVESTOR)).then(
        STATED
    ),
    "its phase and more of its sum become known": given(
        DECIDER, REGISTERED, investments.InvestmentStated(investment=no(31), quantity=FIVE)
    )
    .when(
        investments.StateInvestment(
            id=no(31),
            quantity=Magnitude(value="5.0", unit="亿元", bound="exact", modality="planned"),
            phase="一期",
            citations=cite(1),
        )
    )
    .then(
        investments.InvestmentDescribed(
            investment=no(31),
            quantity=Magnitude(value="5", unit="亿元", bound="exact", modality="planned"),
            phase="一期",
            citations=cite(1),
        ),
        header.Attested(attests=2, fields=("id",), citations=cite(1)),
    ),
    "another sum of the same investment": funded.when(
        investments.StateInvestment(id=no(31), quantity=FIVE, investor=INVESTOR)
    ).refused(errors.AlreadyOtherwise, "/quantity"),
    "an increase under the id of an investment": funded.when(
        investments.IncreaseInvestment(id=no(31), quantity=THIRTY)
    ).refused(errors.AlreadyOtherwise, "/id"),
    "an increase": funded.when(
        investments.IncreaseInvestment(id=no(32), quantity=FIVE, of=no(31), effective=on(2017))
    ).then(INCREASED),
    "an increase of what is not recorded": known.when(investments.IncreaseInvestment(quantity=FIVE, of=no(31))).refused(
        errors.UnknownPart, "/of"
    ),
    "an increase of itself": grown.when(investments.IncreaseInvestment(id=no(32), quantity=FIVE, of=no(32))).refused(
        errors.Circular, "/of"
    ),
    "what an increase adds to becomes known": given(
        DECIDER,
        REGISTERED,
        STATED,
        investments.InvestmentIncreased(investment=no(32), quantity=FIVE, effective=on(2017)),
    )
    .when(investments.IncreaseInvestment(id=no(32), quantity=FIVE, of=no(31)))
    .then(investments.InvestmentDescribed(investment=no(32), of=no(31))),
    "another investor": funded.when(
        investments.ReplaceInvestor(id=no(41), former=INVESTOR, investor=OTHER, investment=no(31), effective=on(2018))
    ).then(REPLACED),
    "another investor in all": invested.when(
        investments.ReplaceInvestor(id=no(41), former=INVESTOR, investor=OTHER, effective=on(2018))
    ).then(investments.InvestorReplaced(replacement=no(41), former=INVESTOR, investor=OTHER, effective=on(2018))),
    "another investor, told again with the grounds": replaced.when(
        investments.ReplaceInvestor(
            id=no(41), former=INVESTOR, investor=OTHER, investment=no(31), grounds="退出", citations=cite(1)
        )
    ).then(
        investments.ReplacementDescribed(replacement=no(41), grounds="退出", citations=cite(1)),
        header.Attested(attests=3, fields=("id",), citations=cite(1)),
    ),
    "another investor, told again as a third one": replaced.when(
        investments.ReplaceInvestor(id=no(41), former=INVESTOR, investor=THIRD)
    ).refused(errors.AlreadyOtherwise, "/investor"),
    "another investor, told again without an id or a day": returned.when(replacing(citations=cite(1))).then(
        header.Attested(attests=3, fields=("id",), citations=cite(1))
    ),
    "another investor, told again without an id": returned.when(replacing(effective=on(2018), citations=cite(1))).then(
        header.Attested(attests=3, fields=("id",), citations=cite(1))
    ),
    "another investor, of another day": replaced.when(replacing(effective=on(2020))).refused(
        errors.AlreadyOtherwise, "/effective"
    ),
    "another investor again, who had gone": returned.when(replacing(effective=on(2020))).then(
        investments.InvestorReplaced(
            replacement=AGAIN, former=INVESTOR, investor=OTHER, investment=no(31), effective=on(2020)
        )
    ),
    "another investor again, of a day before the former one came back": returned.when(
        replacing(effective=on(2018, 2))
    ).refused(errors.AlreadyOtherwise, "/effective"),
    "another investor again, told of a day before the others": given(
        DECIDER,
        REGISTERED,
        STATED,
        replace(REPLACED, effective=on(2020)),
        RETURNED,
    )
    .when(replacing(effective=on(2018)))
    .then(
        investments.InvestorReplaced(
            replacement=investments.part_id(ID, replacing(effective=on(2018))),
            former=INVESTOR,
            investor=OTHER,
            investment=no(31),
            effective=on(2018),
        )
    ),
    "another investor again, under an id that is taken": given(
        DECIDER,
        REGISTERED,
        STATED,
        replace(REPLACED, replacement=AGAIN),
        RETURNED,
    )
    .when(replacing(effective=on(2020)))
    .then(
        investments.InvestorReplaced(
            replacement=uuid5(AGAIN, "again"),
            former=INVESTOR,
            investor=OTHER,
            investment=no(31),
            effective=on(2020),
        )
    ),
    "in the place of one who is not in it": funded.when(
        investments.ReplaceInvestor(former=THIRD, investor=OTHER, investment=no(31))
    ).refused(errors.UnknownPart, "/former"),
    "in the place of one who is in none": invested.when(
        investments.ReplaceInvestor(former=THIRD, investor=OTHER)
    ).refused(errors.UnknownPart, "/former"),
    "in an investment that is not recorded": invested.when(
        investments.ReplaceInvestor(former=INVESTOR, investor=OTHER, investment=no(31))
    ).refused(errors.UnknownPart, "/investment"),
    # --- who, and where
    "a party": known.when(parties.NameParty(role="investor", party=INVESTOR)).then(INVESTS),
    "how a party is printed becomes known": invested.when(
        parties.NameParty(role="investor", party=INVESTOR, name=PrintedName(printed="北控水务"))
    ).then(parties.PartyDescribed(role="investor", party=INVESTOR, name=PrintedName(printed="北控水务"))),
    "a party leaves": invested.when(
        parties.ReleaseParty(role="investor", party=INVESTOR, effective=on(2018), grounds="退出")
    ).then(parties.PartyReleased(role="investor", party=INVESTOR, effective=on(2018), grounds="退出")),
    "a party left already": left.when(
        parties.ReleaseParty(role="investor", party=INVESTOR, grounds="退出", citations=cite(1))
    ).then(header.Attested(attests=3, citations=cite(1))),
    "a party left for another reason": left.when(
        parties.ReleaseParty(role="investor", party=INVESTOR, grounds="别的")
    ).refused(errors.AlreadyOtherwise, "/grounds"),
    "a party comes back": left.when(parties.NameParty(role="investor", party=INVESTOR, effective=on(2020))).then(
        parties.PartyNamed(role="investor", party=INVESTOR, effective=on(2020))
    ),
    "one leaves who was not in it": known.when(parties.ReleaseParty(role="host", party=CITY)).refused(
        errors.UnknownPart, "/party"
    ),
    "a place": known.when(parties.Locate(party=COUNTY)).then(IN_COUNTY),
    "where in a place becomes known": placed.when(parties.Locate(party=COUNTY, text="城北")).then(
        parties.PlaceDescribed(party=COUNTY, text="城北")
    ),
    "a place in words alone, told again": given(DECIDER, REGISTERED, parties.Located(text="黄河北岸"))
    .when(parties.Locate(text="黄河北岸", citations=cite(1)))
    .then(header.Attested(attests=2, citations=cite(1))),
    "a place is left": placed.when(parties.LeavePlace(party=COUNTY, effective=on(2018))).then(
        parties.PlaceLeft(party=COUNTY, effective=on(2018))
    ),
    "a place is left in which it was not": placed.when(parties.LeavePlace(text="黄河北岸")).refused(
        errors.UnknownPart, "/party"
    ),
    # --- links
    "part of a greater one": known.when(links.LinkTo(relation="part_of", target=PARENT)).then(PART),
    "part of what is part of it": known.when(links.LinkTo(relation="part_of", target=PARENT), BEHIND).refused(
        errors.Circular, "/target"
    ),
    "part of a meeting": known.when(links.LinkTo(relation="part_of", target=f"meetings/{no(8)}")).refused(
        errors.WrongKind, "/target"
    ),
    "under a clause that there is not": known.when(
        links.LinkTo(relation="under", target=AGREEMENT, target_part=f"clauses/{no(7)}"), AGREED
    ).refused(errors.UnknownPart, "/target_part"),
    "a part no more": given(DECIDER, REGISTERED, PART)
    .when(links.Unlink(relation="part_of", target=PARENT, effective=on(2018)))
    .then(links.Unlinked(relation="part_of", target=PARENT, effective=on(2018))),
    "a part of what it never was": known.when(links.Unlink(relation="part_of", target=PARENT)).refused(
        errors.UnknownPart, "/target"
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    """Given these events, when this command comes, then these follow, or it is refused."""
    SCENARIOS[name].holds()


MALFORMED: list[Callable[[], object]] = [
    Register,
    header.Describe,
    header.Described,
    lambda: life.StepDescribed(step="signed"),
    lambda: life.Sign(agreement_part=f"clauses/{no(9)}"),
    lambda: life.Plan(plan_part=f"items/{no(9)}"),
    lambda: life.Negotiate(meeting_part=f"activities/{no(9)}"),
    lambda: investments.InvestmentDescribed(investment=no(31)),
    lambda: investments.ReplaceInvestor(former=OTHER, investor=OTHER),
    lambda: parties.NameParty(role="host"),
    lambda: parties.NameParty(role="host", group="某公司", name=TITLE),
    parties.Locate,
    lambda: parties.Locate(text="城北", name=TITLE),
    lambda: parties.PlaceDescribed(party=COUNTY),
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_says_nothing_is_no_value(number: int) -> None:
    """A command or an event that means nothing does not exist."""
    with pytest.raises(ValueError, match=r"\w"):
        MALFORMED[number]()


def on_day(events: list[Event], day: date) -> Project:
    """The project as it held on a day."""
    log = [recorded(sequence, event) for sequence, event in enumerate(events, 1)]
    return fold(DECIDER, log, date.max).at(DECIDER, day) if day == date.max else fold(DECIDER, log, day).base


def test_the_status_is_the_furthest_step_whatever_is_told_first() -> None:
    """On a day: those taken by then; none, and it is known."""
    steps: list[Event] = [
        life.Opened(effective=on(2021, 9)),
        SIGNED,
        life.Planned(effective=on(2015)),
        life.Started(effective=on(2017)),
    ]
    days = {2014: "known", 2015: "planned", 2016: "planned", 2017: "started", 2020: "started", 2022: "operating"}
    for year, wanted in days.items():
        assert status(on_day([REGISTERED, *steps], date(year, 1, 1))) == wanted
    assert status(on_day([REGISTERED, *steps, DROPPED], date(2022, 1, 1))) == "dropped"
    assert status(on_day([REGISTERED, *steps, DUPLICATE], date(2022, 1, 1))) == "merged"
    assert list(RANK) == sorted(RANK, key=lambda step: RANK[step])


def test_what_is_told_without_a_date_holds_since_the_first_signing_recorded() -> None:
    """Planned, intended, signed: the first in the log that has a date."""
    events = [REGISTERED, life.Started(effective=on(2014)), SIGNED, life.Planned(effective=on(2015)), STATED, INVESTS]
    before, since = on_day(events, date(2016, 4, 6)), on_day(events, date(2016, 4, 7))
    assert (before.investments, before.parties) == ({}, {})
    assert (len(since.investments), len(since.parties)) == (1, 1)


def test_who_invests_on_a_day() -> None:
    """One after another, each in its time; in one investment, or in all."""
    everywhere = investments.InvestorReplaced(replacement=no(42), former=OTHER, investor=THIRD, effective=on(2020))
    events = [REGISTERED, STATED, INCREASED, INVESTS, REPLACED, everywhere]
    for year, first, now in ((2016, INVESTOR, INVESTOR), (2018, INVESTOR, OTHER), (2020, INVESTOR, THIRD)):
        project = on_day(events, date(year, 6, 1))
        held = investors(project, project.investments[str(no(31))])
        assert (held[0][0], held[-1][0]) == (first, now)
        assert (now, "investor") in set(concerned(project))
    # What it is named as stays, where it was replaced in one investment alone.
    assert dict(concerned(on_day(events, date(2020, 6, 1)))) == {
        INVESTOR: "investor",
        OTHER: "former_investor",
        THIRD: "investor",
    }


def test_who_has_to_do_with_it() -> None:
    """In its roles as they stand, and who took a step."""
    gone = parties.PartyReleased(role="host", party=CITY, effective=on(2019))
    signing = life.Signed(effective=on(2016), by=(CITY, OTHER))
    events = [REGISTERED, signing, parties.PartyNamed(role="host", party=CITY), gone]
    assert set(concerned(on_day(events, date(2018, 1, 1)))) == {(CITY, "host"), (CITY, "acting"), (OTHER, "acting")}
    assert set(concerned(on_day(events, date(2019, 1, 1)))) == {(CITY, "acting"), (OTHER, "acting")}


def test_an_id_follows_from_the_words() -> None:
    """Of an investor, phase and modality one investment, whatever its sum; increases differ by sum and date."""
    one = investments.StateInvestment(quantity=THIRTY, investor=INVESTOR)
    other = Magnitude(value="40", unit="亿元", bound="exact", modality="total")
    assert part_id(ID, one) == part_id(ID, investments.StateInvestment(quantity=other, investor=INVESTOR))
    paid = Magnitude(value="30", unit="亿元", bound="exact", modality="paid_in")
    assert part_id(ID, one) != part_id(ID, investments.StateInvestment(quantity=paid, investor=INVESTOR))
    more = [
        investments.IncreaseInvestment(quantity=FIVE, effective=day) for day in (on(2017), on(2018), None, on(2017))
    ]
    assert [part_id(ID, each) == part_id(ID, more[0]) for each in more] == [True, False, False, True]


def test_what_it_is_called() -> None:
    """The title meant, else the registry's own words."""
    for event, wanted in ((header.Registered(called="某项目"), "某项目"), (REGISTERED, TITLE.printed)):
        head = on_day([event], date(2016, 1, 1)).header
        assert head is not None
        assert title(head) == wanted
