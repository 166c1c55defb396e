"""The order of application and the keeping up of a stream, by example."""

from datetime import date
from typing import Any

from service.domain import party
from service.domain.agreement import DECIDER as AGREEMENT
from service.domain.agreement import clauses, life, signatories
from service.domain.decider import Decider, Event, Recorded, advance, dated, fold, settle, unsaid
from service.domain.party import DECIDER as PARTY
from service.domain.references import references
from service.domain.values import Citation, PrintedName
from tests.given import cite, no, on, recorded

TODAY = date(2026, 6, 1)
CITY = party.Registered(kind="city", name=PrintedName(printed="甲"))
AGREED = life.Registered(title=PrintedName(printed="某协议"), kind="supply")


def renamed(name: str, year: int | None = None, start: int | None = None) -> party.Renamed:
    """A new name, from a year on, with some citation."""
    citations = cite(start) if start is not None else ()
    return party.Renamed(name=PrintedName(printed=name), effective=on(year) if year else None, citations=citations)


def log(*events: Event) -> list[Recorded]:
    """The events as they stand in the log."""
    return [recorded(sequence, event) for sequence, event in enumerate(events, 1)]


def order(*events: Event) -> list[int]:
    """The sequences in the order of application."""
    return [record.sequence for _, record in dated(log(*events))]


def step(decider: Decider[Any], *events: Event) -> bool:
    """Whether `advance` can place the last of the events, and then as `fold` does."""
    records = log(*events)
    folded = fold(decider, records[:-1], TODAY)
    after = advance(decider, folded, records[-1], TODAY)
    if after is None:
        return False
    assert after == fold(decider, records, TODAY)
    return True


def test_what_belongs_to_the_signing_takes_its_day() -> None:
    """Wherever in the log the signing stands."""
    clause = clauses.ClauseRecorded(clause=no(7), heading="互通")
    assert order(AGREED, clause, life.Described(kind="project"), life.Signed(effective=on(2013))) == [1, 3, 2, 4]


def test_an_undated_change_takes_the_day_of_what_it_changes() -> None:
    """Of the newest recording before it: not of one that came later, nor of an older one."""
    joined, left = signatories.SignatoryAdded(party=no(2)), signatories.SignatoryWithdrawn(party=no(2))
    again = signatories.SignatoryAdded(party=no(2), effective=on(2019))
    gone = signatories.SignatoryWithdrawn(party=no(2), effective=on(2017))
    assert order(AGREED, joined, gone, again, left) == [1, 2, 3, 4, 5]
    assert order(AGREED, joined, left, again) == [1, 2, 3, 4]


def test_an_undated_change_never_sorts_before_the_registration() -> None:
    """A registration may be dated, and its changes not."""
    registered = party.Registered(kind="city", name=PrintedName(printed="甲"), effective=on(2009))
    state = fold(PARTY, log(registered, renamed("乙")), TODAY).base
    assert state.header is not None
    assert state.header.name.printed == "乙"


def test_advance_places_what_comes_last() -> None:
    """In order, of the same day, and later than today."""
    assert step(PARTY, CITY)
    assert step(PARTY, CITY, renamed("乙", 2019))
    assert step(PARTY, CITY, renamed("乙", 2019), renamed("丙", 2019))
    assert step(PARTY, CITY, renamed("丙", 2040), renamed("乙", 2030))
    assert step(PARTY, CITY, renamed("丙", 2040), renamed("乙", 2019))


def test_advance_leaves_to_fold_what_comes_between() -> None:
    """An earlier day, the signing of a stream that has events, a change of what is dated or lies ahead."""
    assert not step(PARTY, CITY, renamed("乙", 2019), renamed("丙", 2018))
    assert not step(AGREEMENT, AGREED, life.Signed(effective=on(2013)))
    assert not step(PARTY, CITY, renamed("乙", 2019), renamed("丙"))
    ahead = clauses.ClauseRecorded(clause=no(7), heading="互通", effective=on(2040))
    assert not step(AGREEMENT, AGREED, ahead, clauses.ClauseRenumbered(clause=no(7), label="二"))


def test_pending_takes_effect_by_the_day_alone() -> None:
    """Nothing happens at midnight: the day asked for decides."""
    folded = fold(PARTY, log(CITY, renamed("乙", 2040)), TODAY)
    names = [folded.at(PARTY, day).header for day in (TODAY, date(2039, 12, 31), date(2040, 1, 1))]
    assert [header and header.name.printed for header in names] == ["甲", "甲", "乙"]


def test_advance_on_a_later_day_applies_what_came_due() -> None:
    """A stream folded before a day and advanced after it is as one folded then."""
    records = log(CITY, renamed("乙", 2030), renamed("丙", 2035))
    later = date(2032, 1, 1)
    assert advance(PARTY, fold(PARTY, records[:2], TODAY), records[2], later) == fold(PARTY, records, later)
    between = recorded(3, renamed("丙", 2027))
    assert advance(PARTY, fold(PARTY, records[:2], TODAY), between, later) is None


def test_what_was_overtaken_is_not_recorded_twice() -> None:
    """The newest state cannot know it, the log does; new citations go where the old fact stands."""
    records = log(CITY, renamed("乙", 2010, 1), renamed("丙", 2020))
    state = fold(PARTY, records, TODAY).base
    assert settle(PARTY, state, [renamed("乙", 2010)]) != []
    assert unsaid(PARTY, records, renamed("乙", 2010, 1)) is None
    said = unsaid(PARTY, records, renamed("乙", 2010, 5))
    assert said == party.Attested(attests="header", fields=("name",), effective=on(2010), citations=cite(5))
    assert unsaid(PARTY, records, renamed("丁", 2010)) == renamed("丁", 2010)
    fuller = [*records, recorded(4, said)]
    then = fold(PARTY, fuller, date(2015, 1, 1)).base
    assert then.header is not None
    assert [source.citations for source in then.header.sources[1:]] == [cite(1), cite(5)]


def test_a_fact_that_held_earlier_than_was_known_is_news() -> None:
    """The same value from an earlier day on is recorded, from a later day on it is not."""
    state = fold(PARTY, log(CITY, party.Located(place=no(2), effective=on(2015))), TODAY).base
    since = party.Located(place=no(2), effective=on(2010))
    assert settle(PARTY, state, [since]) == [since]
    assert settle(PARTY, state, [party.Located(place=no(2), effective=on(2020))]) == []
    assert settle(PARTY, state, [party.Located(place=no(2))]) == []


def test_citations_are_found_wherever_they_stand() -> None:
    """With the pointer to each, in a whole as in a part."""
    command = party.Register(
        kind="city",
        name=PrintedName(printed="甲"),
        citations=cite(1),
        aliases=(party.RecordAlias(alias="乙", citations=cite(3) + cite(5)),),
    )
    assert sorted(pointer for pointer, found in references(command) if isinstance(found, Citation)) == [
        "/aliases/0/citations/0",
        "/aliases/0/citations/1",
        "/citations/0",
    ]
