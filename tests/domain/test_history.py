"""What each event said: nothing recorded is left out, what holds is what the state rests on, at a fair cost."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.agreement import DECIDER
from service.domain.agreement.amendments import ClauseAmended
from service.domain.agreement.clauses import ClauseRecorded
from service.domain.agreement.header import Attested as AgreementAttested
from service.domain.agreement.header import Registered
from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Event, Recorded, Voided
from service.domain.folding import fold
from service.domain.history import Told, history
from service.domain.parts import parts, supports
from service.domain.values import PrintedName
from service.domain.walk import Walk
from tests.anything import any_of
from tests.domain.test_laws import TODAY, every, few, sending, steady
from tests.given import cite, on, recorded


@every
@steady
@given(data=st.data())
def test_what_holds_is_what_the_state_rests_on(category: str, data: st.DataObject) -> None:
    """Each field of the state is told by the event that it rests on, with its value, and by no other."""
    stream, _ = sending(data, category)
    for _ in range(data.draw(st.integers(0, 3))):
        wrong = data.draw(st.sampled_from(stream.log))
        kind = type(wrong.event)
        void = kind is stream.decider.voided or data.draw(st.booleans())
        event = stream.decider.voided() if void else data.draw(any_of(kind))
        if event.part == wrong.event.part or void or issubclass(kind, Attested):
            stream.correct(wrong.sequence, event)
    told = history(stream.decider, stream.log, TODAY)
    assert [one.record.sequence for one in told] == sorted(one.record.sequence for one in told)
    first = roots(stream.log)
    holding = [
        (one.part, field, first[one.record.sequence])
        for one in told
        if not isinstance(one.record.event, Attested)
        for field in one.holds
    ]
    state = fold(stream.decider, stream.log, TODAY).base
    resting = [(name, field, by) for name, part in parts(state) for field, by in supports(part).items()]
    assert sorted(holding) == sorted(resting)
    now = dict(parts(state))
    for one in told:
        for field in one.holds:
            assert one.value is not None
            assert getattr(one.value, field) == getattr(now[one.part], field)
        assert not one.gone or one.part not in now
    replaced = {record.corrects: record.sequence for record in stream.log if record.corrects is not None}
    for one in told:
        if one.record.sequence in replaced:
            assert one.replaced is not None
            assert one.replaced > one.record.sequence
            assert not one.holds
            assert not one.gone


def roots(log: Sequence[Recorded]) -> dict[int, int]:
    """For each record the first in whose place it stands."""
    first: dict[int, int] = {}
    for record in log:
        first[record.sequence] = first[record.corrects] if record.corrects is not None else record.sequence
    return first


@every
@steady
@given(data=st.data())
def test_every_accepted_fact_is_told(category: str, data: st.DataObject) -> None:
    """Each event that the registry recorded says something, also once it has been voided."""
    stream, _ = sending(data, category)
    told = {one.record.sequence for one in history(stream.decider, stream.log, TODAY)}
    assert told == {record.sequence for record in stream.log}
    wrong = data.draw(st.sampled_from(stream.log))
    stream.correct(wrong.sequence, stream.decider.voided())
    told = {one.record.sequence for one in history(stream.decider, stream.log, TODAY)}
    assert told == {record.sequence for record in stream.log}


def long(events: int) -> list[Recorded]:
    """A stream of so many events of every sort: recorded, amended, attested, corrected, voided."""
    log: list[Recorded] = [recorded(1, Registered(title=PrintedName(printed="甲")))]

    def put(event: Event, **more: Any) -> None:
        log.append(replace(recorded(len(log) + 1, event), **more))

    while len(log) < events:
        clause, place = UUID(int=len(log)), len(log) + 1
        put(ClauseRecorded(clause=clause, text="甲"))
        put(AgreementAttested(attests=place, citations=cite(1)))
        put(ClauseAmended(clause=clause, text="乙", effective=on(2020)))
        put(ClauseAmended(clause=clause, text="丙", effective=on(2021)), cause="correction", corrects=place + 2)
        put(ClauseRecorded(clause=UUID(int=place + 10**9), text="甲"))
        put(DECIDER.voided(), cause="correction", corrects=place + 4)
    return log


def test_a_long_history_costs_what_its_events_do() -> None:
    """Each record is applied, and each that was replaced looked at, in two walks at most; each on a part or two."""
    log = long(2_000)
    calls: list[int] = []

    def evolve(state: Any, record: Recorded) -> Any:
        calls.append(sum(1 for _ in parts(state)))
        return DECIDER.evolve(state, record)

    told = history(replace(DECIDER, evolve=evolve), log, date.max)
    assert len(calls) <= 3 * len(log)
    assert max(calls) <= 2
    assert {one.record.sequence for one in told} == {record.sequence for record in log}
    values: dict[int, Told] = {one.record.sequence: one for one in told}
    kinds = {
        kind: sum(1 for one in values.values() if isinstance(one.record.event, kind)) for kind in (Attested, Voided)
    }
    assert kinds == {Attested: 334, Voided: 334}


@every
@steady
@given(data=st.data())
def test_an_event_looks_at_its_own_parts_alone(category: str, data: st.DataObject) -> None:
    """What a walk makes of any events, one after another, is what `evolve` makes of the whole state."""
    decider: Any = DECIDERS[category]
    walk, state = Walk(decider), decider.initial
    kinds = [kind for kind in decider.events if not issubclass(kind, Voided)]
    for sequence, event in enumerate(data.draw(st.lists(few(data, kinds), max_size=10)), 1):
        record = recorded(sequence, event)
        state = decider.evolve(state, record)
        walk.step(record)
        assert walk.state() == state
