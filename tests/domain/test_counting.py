"""The rules of counting, by hand: what of a project counts, when, and with which sum."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from service.domain.decider import Event
from service.domain.folding import fold
from service.domain.project import DECIDER, header, investments, life, parties
from service.domain.project.counting import RULES, Entry, Rule, entries
from service.domain.project.state import Project
from service.domain.values import Magnitude, PrintedName, UncertainDate
from tests.given import no, on, recorded

FIRST, SECOND, THIRD = no(21), no(22), no(23)
REGISTERED = header.Registered(title=PrintedName(printed="城北水库"))
PLANNED = life.Planned(effective=on(2015, 6))
SIGNED = life.Signed(effective=on(2016, 4, 7))
DROPPED = life.Dropped(effective=on(2014))
STATED = investments.InvestmentStated(
    investment=no(31),
    quantity=Magnitude(value="30", unit="亿元", bound="exact", modality="contracted"),
    investor=FIRST,
)
PLANS = investments.InvestmentStated(
    investment=no(32), quantity=Magnitude(value="50", unit="亿元", bound="below", modality="planned")
)
GROWN = investments.InvestmentIncreased(
    investment=no(33), quantity=Magnitude(value="5000", unit="万元", bound="exact"), of=no(31), effective=on(2017)
)
LATER = investments.InvestmentIncreased(
    investment=no(34),
    quantity=Magnitude(value="2", unit="亿元", bound="about", modality="contracted"),
    of=no(33),
    effective=on(2019),
)
REPLACED = investments.InvestorReplaced(
    replacement=no(41), former=FIRST, investor=SECOND, investment=no(31), effective=on(2018)
)
EVERYWHERE = investments.InvestorReplaced(replacement=no(42), former=SECOND, investor=THIRD, effective=on(2020))
Told = tuple[str, str, int, str | None, object]


def project(*events: Event, day: date = date(2030, 1, 1)) -> Project:
    """The project on a day."""
    log = [recorded(sequence, event) for sequence, event in enumerate((REGISTERED, *events), 1)]
    return fold(DECIDER, log, day).base


def told(one: Entry) -> Told:
    """An entry in short: kind, event, year of its first day, whose, and the sum as (modality, low, high or about)."""
    sum_ = one.amount
    names = {FIRST: "first", SECOND: "second", THIRD: "third", None: None}
    events = {str(no(33)): "grown", str(no(34)): "later", str(no(41)): "replaced", str(no(42)): "everywhere"}
    amount = (sum_.modality, sum_.about or (sum_.low, sum_.high)) if sum_ is not None else None
    return one.kind, events.get(one.event, one.event), one.since[0].year, names[one.investor], amount


def count(rule: Rule, *events: Event, day: date = date(2030, 1, 1)) -> set[Told]:
    """What counts by a rule."""
    found = entries(project(*events, day=day), rule)
    assert len({told(one) for one in found}) == len(found)
    return {told(one) for one in found}


YI = Decimal(100_000_000)
WHOLE = ("contracted", (30 * YI, 30 * YI))
BELOW = ("planned", (Decimal(0), 50 * YI))
HALF = ("contracted", (YI / 2, YI / 2))
ABOUT = ("contracted", 2 * YI)
MONEY = (STATED, PLANS, GROWN, LATER, REPLACED, EVERYWHERE)


def test_once_at_its_first_event() -> None:
    """With what was stated; each modality by itself, under its first investor; however much was signed later."""
    assert count("first_event", SIGNED, STATED, PLANNED, PLANS) == {
        ("project", "first", 2015, "first", WHOLE),
        ("project", "first", 2015, None, BELOW),
    }


def test_increases_by_their_increment_and_investors_anew() -> None:
    """Each in its own time: who replaces somebody takes over what had been added by then."""
    assert count("first_event", SIGNED, *MONEY) == {
        ("project", "first", 2016, "first", WHOLE),
        ("project", "first", 2016, None, BELOW),
        ("increase", "grown", 2017, "first", HALF),
        ("increase", "later", 2019, "second", ABOUT),
        ("anew", "replaced", 2018, "second", WHOLE),
        ("anew", "replaced", 2018, "second", HALF),
        ("anew", "everywhere", 2020, "third", WHOLE),
        ("anew", "everywhere", 2020, "third", HALF),
        ("anew", "everywhere", 2020, "third", ABOUT),
    }
    assert count("first_event", SIGNED, *MONEY, day=date(2017, 6, 1)) == {
        ("project", "first", 2016, "first", WHOLE),
        ("project", "first", 2016, None, BELOW),
        ("increase", "grown", 2017, "first", HALF),
    }


def test_once_at_its_stage() -> None:
    """With all that is invested, increases too, of the investors of now."""
    assert count("current_stage", SIGNED, PLANNED, *MONEY) == {
        ("project", "signed", 2016, "third", WHOLE),
        ("project", "signed", 2016, None, BELOW),
        ("project", "signed", 2016, "third", HALF),
        ("project", "signed", 2016, "third", ABOUT),
    }
    assert count("current_stage") == {("project", "known", 1, None, None)}
    assert count("current_stage", DROPPED) == {("project", "dropped", 2014, None, None)}


def test_at_every_signing() -> None:
    """Of the intention and of the project; a plan is none."""
    intended = life.Intended(effective=on(2016, 1))
    assert count("every_signing", PLANNED, intended, SIGNED, STATED, GROWN) == {
        ("project", "intended", 2016, "first", WHOLE),
        ("project", "signed", 2016, "first", WHOLE),
        ("increase", "grown", 2017, "first", HALF),
    }
    assert count("every_signing", PLANNED, STATED) == {("left", "never_signed", 1, None, None)}


def test_the_days_of_a_first_event() -> None:
    """Between the first of the first days and the first of the last: one undated step leaves its beginning open."""
    ranged = UncertainDate(earliest=date(2015, 1, 1), latest=date(2015, 12, 31), precision="year")
    for steps, since in (
        ((life.Planned(effective=ranged), SIGNED), (date(2015, 1, 1), date(2015, 12, 31))),
        ((life.Planned(), SIGNED), (date.min, date(2016, 4, 7))),
        ((life.Planned(),), (date.min, date.max)),
        ((DROPPED, SIGNED), (date(2016, 4, 7), date(2016, 4, 7))),
    ):
        assert [one.since for one in entries(project(*steps), "first_event")] == [since]
    assert count("first_event", DROPPED, STATED) == {("left", "no_event", 1, None, None)}


def test_without_a_sum() -> None:
    """It counts, under whom it names; a replaced investor too."""
    named = [parties.PartyNamed(role="investor", party=one) for one in (FIRST, THIRD)]
    by = investments.InvestorReplaced(replacement=no(41), former=FIRST, investor=SECOND, effective=on(2018))
    assert count("first_event", SIGNED, *named, by) == {
        ("project", "first", 2016, "first", None),
        ("project", "first", 2016, "third", None),
        ("anew", "replaced", 2018, "second", None),
    }
    assert count("current_stage", SIGNED, *named, by) == {
        ("project", "signed", 2016, "second", None),
        ("project", "signed", 2016, "third", None),
    }


def test_an_increase_of_somebody_else() -> None:
    """It is of its own investor, and stays with it; replaced by itself it is taken over alone, whenever it was."""
    own = investments.InvestmentIncreased(
        investment=no(33),
        quantity=Magnitude(value="0.5", unit="亿元", bound="exact"),
        of=no(31),
        investor=THIRD,
    )
    by = investments.InvestorReplaced(replacement=no(42), former=THIRD, investor=SECOND, investment=no(33))
    assert count("first_event", SIGNED, STATED, own, REPLACED, by) == {
        ("project", "first", 2016, "first", WHOLE),
        ("increase", "grown", 1, "second", HALF),
        ("anew", "replaced", 2018, "second", WHOLE),
        ("anew", "everywhere", 1, "second", HALF),
    }


def test_what_adds_to_itself_ends() -> None:
    """Whatever was recorded, counting comes to an end."""
    circle = [
        investments.InvestmentIncreased(
            investment=no(31 + n), quantity=Magnitude(value="1", unit="元", bound="exact"), of=no(32 - n)
        )
        for n in (0, 1)
    ]
    for rule in get_args(Rule):
        assert len(entries(project(SIGNED, *circle), rule)) >= 2


@pytest.mark.parametrize("rule", get_args(Rule))
def test_second_records_do_not_count(rule: Rule) -> None:
    """The one that stands for both does. Each rule has a version, and says what it is in both languages."""
    assert count(rule, SIGNED, STATED, header.DuplicateMerged(into=no(3))) == {("left", "duplicate", 1, None, None)}
    assert entries(Project(), rule) == []
    assert RULES[rule].version >= 1
    assert RULES[rule].en.isascii()
    assert not RULES[rule].zh.isascii()
