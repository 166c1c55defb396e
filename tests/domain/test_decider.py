"""The order of application and the keeping up of a stream, by example."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from service.domain.agreement import DECIDER as AGREEMENT
from service.domain.agreement import amendments, clauses, header, life, signatories
from service.domain.decider import Decider, Event, Recorded
from service.domain.folding import advance, dated, fold, unsaid
from service.domain.parts import joined, place, within
from service.domain.party import DECIDER as PARTY
from service.domain.party import Register, bodies, identity, record
from service.domain.references import references
from service.domain.settling import settle
from service.domain.values import Citation, Period, Person, PrintedName, UncertainDate
from tests.given import cite, no, on, recorded

TODAY = date(2026, 6, 1)
CITY = identity.Registered(kind="city", name=PrintedName(printed="甲"))
AGREED = header.Registered(title=PrintedName(printed="某协议"))


def renamed(name: str, year: int | None = None, start: int | None = None) -> identity.Renamed:
    """A new name, from a year on, with some citation."""
    citations = cite(start) if start is not None else ()
    return identity.Renamed(name=PrintedName(printed=name), effective=on(year) if year else None, citations=citations)


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
    assert order(AGREED, clause, header.Classified(kind="project"), life.Signed(effective=on(2013))) == [1, 3, 2, 4]


def test_an_undated_change_takes_the_day_of_what_it_changes() -> None:
    """Of the newest recording before it: not of one that came later, nor of an older one."""
    joined, left = signatories.SignatoryAdded(party=no(2)), signatories.SignatoryWithdrawn(party=no(2))
    again = signatories.SignatoryAdded(party=no(2), effective=on(2019))
    gone = signatories.SignatoryWithdrawn(party=no(2), effective=on(2017))
    assert order(AGREED, joined, gone, again, left) == [1, 2, 3, 4, 5]
    assert order(AGREED, joined, left, again) == [1, 2, 3, 4]


def test_an_attestation_holds_since_the_fact_does() -> None:
    """Directly after it, wherever its place is; and it goes where the fact goes."""
    signed, again = life.Signed(effective=on(2013)), header.Attested(attests=2, citations=cite(1))
    assert order(AGREED, signed, life.Terminated(effective=on(2020)), again) == [1, 2, 4, 3]
    assert order(AGREED, signed, header.Attested(attests=9, citations=cite(1)), again) == [1, 3, 2, 4]
    corrected = replace(recorded(5, life.Signed(effective=on(2014))), cause="correction", corrects=2)
    records = [*log(AGREED, signed, life.Terminated(effective=on(2020)), again), corrected]
    state = fold(AGREEMENT, records, TODAY).base
    assert [source.citations for source in state.steps["signed"].sources] == [(), cite(1)]
    voided = replace(recorded(6, header.Voided()), cause="correction", corrects=5)
    assert list(fold(AGREEMENT, [*records, voided], TODAY).base.steps) == ["terminated"]


def test_an_attestation_is_placed_beside_its_fact_at_once() -> None:
    """Where the fact is in effect; a fact that lies ahead, was overtaken or voided is left to the fold."""
    again = [header.Attested(attests=number, citations=cite(1)) for number in range(5)]
    signed = life.Signed(effective=on(2013))
    assert step(AGREEMENT, AGREED, signed, life.Terminated(effective=on(2020)), again[2])
    assert step(AGREEMENT, AGREED, signed, life.Terminated(effective=on(2040)), again[2])
    assert not step(AGREEMENT, AGREED, signed, life.Terminated(effective=on(2040)), again[3])
    assert not step(AGREEMENT, AGREED, signed, again[4])


def test_an_attestation_of_what_was_overtaken_says_nothing() -> None:
    """Of the fields that it names those count that still rest on the event."""
    told = clauses.ClauseRecorded(clause=no(7), label="一", heading="互通")
    moved = amendments.ClauseRenumbered(clause=no(7), label="二")
    both = header.Attested(attests=2, fields=("label", "heading"), citations=cite(1))
    gone = header.Attested(attests=2, fields=("label",), citations=cite(2))
    state = fold(AGREEMENT, log(AGREED, told, moved, both, gone), TODAY).base
    said = [(source.sequence, source.fields) for source in state.clauses[str(no(7))].sources]
    assert said == [(2, ()), (4, ("heading",)), (3, ("label", "renumbered_by", "renumbering_part"))]
    assert place(state, both) == f"clauses/{no(7)}"
    assert place(state, header.Attested(attests=9)) == "header"


def test_nothing_is_attested_that_is_not_in_the_log_yet() -> None:
    """Two events of one command that say the same are both recorded: the first has no place to point to."""
    state = fold(AGREEMENT, log(AGREED), TODAY).base
    twice = [life.Proposed(citations=cite(1)), life.Proposed(citations=cite(2))]
    assert settle(AGREEMENT, state, twice) == twice


def test_values_within_values() -> None:
    """What is left out says nothing; two tellings are joined where they agree."""
    short, long = PrintedName(printed="甲縣"), PrintedName(printed="甲縣", simplified="甲县")
    assert within(short, long)
    assert not within(long, short)
    assert joined(long, short) == joined(short, long) == long
    assert joined(PrintedName(printed="乙县"), short) is None
    assert joined("甲", "乙") is None
    started, ended = Period(starts=on(2020)), Period(starts=replace(on(2020), printed="元旦"), ends=on(2025))
    assert joined(started, ended) == ended
    assert joined(Period(starts=on(2020)), Period(ends=on(2019))) is None
    near = UncertainDate(printed="近日")
    assert within(near, UncertainDate(printed="近日", basis="inferred"))
    assert not within(near, UncertainDate(printed="日前"))
    person = Person(name=long, title="县长")
    assert joined(Person(name=short, title="县长"), Person(name=long)) == person


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
    assert not step(AGREEMENT, AGREED, ahead, amendments.ClauseRenumbered(clause=no(7), label="二"))


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
    assert unsaid(PARTY, records, renamed("乙", 2010, 1)) == []
    [said] = unsaid(PARTY, records, renamed("乙", 2010, 5))
    assert said == record.Attested(attests=2, citations=cite(5))
    assert unsaid(PARTY, records, renamed("丁", 2010)) == [renamed("丁", 2010)]
    fuller = [*records, recorded(4, said)]
    then = fold(PARTY, fuller, date(2015, 1, 1)).base
    assert then.header is not None
    assert [(source.sequence, source.attests, source.fields) for source in then.header.sources] == [
        (1, None, ()),
        (2, None, ("name",)),
        (4, 2, ("name",)),
    ]


def test_a_fact_that_held_earlier_than_was_known_is_news() -> None:
    """The same value from an earlier day on is recorded, from a later day on it is not."""
    state = fold(PARTY, log(CITY, bodies.Reparented(parent=no(2), effective=on(2015))), TODAY).base
    since = bodies.Reparented(parent=no(2), effective=on(2010))
    assert settle(PARTY, state, [since]) == [since]
    assert settle(PARTY, state, [bodies.Reparented(parent=no(2), effective=on(2020))]) == []
    assert settle(PARTY, state, [bodies.Reparented(parent=no(2))]) == []


def test_citations_are_found_wherever_they_stand() -> None:
    """With the pointer to each, in a whole as in a part."""
    command = Register(
        kind="city",
        name=PrintedName(printed="甲"),
        citations=cite(1),
        aliases=(identity.RecordAlias(alias=PrintedName(printed="乙"), citations=cite(3) + cite(5)),),
    )
    assert sorted(pointer for pointer, found in references(command) if isinstance(found, Citation)) == [
        "/aliases/0/citations/0",
        "/aliases/0/citations/1",
        "/citations/0",
    ]
