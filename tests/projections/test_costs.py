"""What an event costs does not grow with its stream: counted in the parts that are looked at, not in seconds."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain import walk
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Registered
from service.domain.agreement.signatories import SignatoryAdded
from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Decider, Event, Recorded, Ref
from service.domain.folding import advance, fold
from service.domain.parts import parts
from service.domain.party import identity as party
from service.domain.party.bodies import MemberAdded
from service.domain.values import PrintedName
from service.domain.walk import between, joined, written
from service.projections import citations
from service.projections.advancing import Advancing
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.track import told_of
from tests.given import ID, cite, recorded
from tests.projections.test_bitemporal import CATEGORIES, drawn, steady

TODAY = date(2026, 3, 1)
LONG = 1_000
"""Events of a stream."""
FEW = 40
"""Parts that may be looked at for one of them, in all tables together."""
CLAUSES = [ClauseRecorded(clause=UUID(int=n), text="甲", citations=cite(n, 90 + n % 3)) for n in range(1, LONG)]
STREAMS: dict[str, tuple[str, list[Event], frozenset[str]]] = {
    "clauses": ("agreements", [Registered(title=PrintedName(printed="甲")), *CLAUSES], frozenset()),
    "signatories": (
        "agreements",
        [Registered(title=PrintedName(printed="甲")), *(SignatoryAdded(party=UUID(int=n)) for n in range(1, LONG))],
        frozenset({"agreements_known", "commitments_known", "owed_known", "search_known"}),
    ),
    "members": (
        "parties",
        [
            party.Registered(kind="alliance", name=PrintedName(printed="甲")),
            *(MemberAdded(member=UUID(int=n)) for n in range(1, LONG)),
        ],
        frozenset(),
    ),
}
"""A category, a stream of it, and the tables of which each row holds, or may hold, all that there is."""


@pytest.mark.parametrize("name", STREAMS)
def test_following_tables(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    category, events, but = STREAMS[name]
    decider: Decider[Any] = DECIDERS[category]
    seen = 0

    def count(state: Any) -> None:
        nonlocal seen
        seen += sum(1 for _ in parts(state))

    def evolve(state: Any, record: Recorded) -> Any:
        count(state)
        return decider.evolve(state, record)

    def counting(said: Any) -> Any:
        def wrapped(ref: Ref, state: Any, day: Any) -> Any:
            count(state)
            return said(ref, state, day)

        return wrapped

    documents = citations.documents

    def looked(fact: Any) -> Any:
        nonlocal seen
        seen += 1
        return documents(fact)

    monkeypatch.setattr(citations, "documents", looked)
    tables = [table for table in FOLLOWING if category in table.categories and table.name not in but]
    log = [recorded(sequence, event) for sequence, event in enumerate(events, 1)]
    rows = told_of(
        [replace(table, said=counting(table.said)) for table in tables],
        replace(decider, evolve=evolve),
        Ref(category, ID),
        log,
    )
    assert seen < FEW * LONG
    assert sum(map(len, rows.values())) > 0  # type: ignore[arg-type] # none of them is an error


class Held(dict[str, Any]):
    """Parts by key that count how many of them are looked through."""

    seen = 0

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            Held.seen += 1
            yield key

    def __reversed__(self) -> Iterator[str]:
        for key in super().__reversed__():
            Held.seen += 1
            yield key

    def items(self) -> Any:
        return _View(self, lambda key: (key, self[key]))

    def values(self) -> Any:
        return _View(self, lambda key: self[key])


class _View:
    def __init__(self, held: Held, of: Any) -> None:
        self.held, self.of = held, of

    def __iter__(self) -> Iterator[Any]:
        return map(self.of, self.held)

    def __reversed__(self) -> Iterator[Any]:
        return map(self.of, reversed(self.held))


def test_the_append() -> None:
    decider, ref = DECIDERS["agreements"], Ref("agreements", ID)
    log = [recorded(sequence, event) for sequence, event in enumerate(STREAMS["clauses"][1], 1)]
    before = fold(decider, log[:-1], TODAY)
    after = advance(decider, before, log[-1], TODAY)
    assert after is not None
    names = written(decider, before.base, log[-1], after.base)
    kept, now = (replace(one, base=replace(one.base, clauses=Held(one.base.clauses))) for one in (before, after))
    Held.seen = 0
    changed = between(kept.base, now.base, names)
    assert [name for name, _, _ in changed] == [f"clauses/{UUID(int=LONG - 1)}"]
    told = {one.name: one.difference(ref, kept, now, changed) for one in INLINE}
    assert {name for name, rows in told.items() if rows != ([], [])} == {"states"}
    assert Held.seen <= citations.NEAR
    # What counts, counts: with nothing known of what has changed, everything is compared.
    assert INLINE[0].difference(ref, kept, now)
    assert Held.seen > LONG


@pytest.mark.parametrize("category", CATEGORIES)
@steady
@given(data=st.data())
def test_what_is_put_and_taken_away_makes_the_rows_of_the_next_state(category: str, data: st.DataObject) -> None:
    """Whatever events lie between two states: their parts are known, and bring one's rows to the other's."""
    decider, ref = DECIDERS[category], Ref(category, ID)
    log = drawn(data, category)
    # Of a stream with few parts the whole is looked at, of a long one what an event may look at: both come to the same.
    with pytest.MonkeyPatch.context() as few:
        few.setattr(walk, "FEW", data.draw(st.sampled_from([0, walk.FEW])))
        first = data.draw(st.integers(1, len(log)))
        before = now = fold(decider, log[:first], TODAY)
        names: set[str] | None = set()
        for index, record in enumerate(log[first:], first + 1):
            after = advance(decider, now, record, TODAY)
            known = after is not None and not now.pending and not isinstance(record.event, Attested)
            names = joined(names, written(decider, now.base, record, after.base) if known and after else None)
            now = after or fold(decider, log[:index], TODAY)
    changed = {ref: between(before.base, now.base, names)}
    found = {one.name: (put, gone) for one, put, gone in Advancing(INLINE).changes({ref: now}, {ref: before}, changed)}
    for projection in INLINE:
        if category in projection.categories:
            put, gone = found.get(projection.name, ([], []))
            rows = {row[: projection.key]: row for row in projection.rows(ref, before)}
            for key in gone:
                del rows[key]
            rows.update({row[: projection.key]: row for row in put})
            assert rows == {row[: projection.key]: row for row in projection.rows(ref, now)}
