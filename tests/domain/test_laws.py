"""What holds of every decider, whatever is recorded in whatever order.

The stream below keeps a stream as the registry does: `decide`, `settle`, `advance`, and `fold` where `advance` says so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain import (
    agreement,
    discrepancy,
    document,
    errors,
    figure,
    meeting,
    party,
    places,
    plan,
    project,
    statement,
    task,
)
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.compensation import SetCompensation
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Attested, Command, Decider, Event, Recorded, Ref, Refs, State, Voided
from service.domain.discrepancy.claims import RecordClaim
from service.domain.figure.claims import RecordClaim as RecordFigureClaim
from service.domain.figure.items import RecordItem as RecordFigureItem
from service.domain.folding import ALWAYS, Folded, advance, dated, fold, standing, unsaid
from service.domain.meeting.attendance import RecordAttendance
from service.domain.meeting.resolutions import RecordResolution
from service.domain.party.identity import Rename
from service.domain.party.record import Attested as PartyAttested
from service.domain.plan.items import RecordItem
from service.domain.plan.life import Adopt
from service.domain.plan.revisions import Revise
from service.domain.plan.targets import SetTarget
from service.domain.project.investments import IncreaseInvestment, StateInvestment
from service.domain.project.life import Sign
from service.domain.project.parties import Locate, NameParty
from service.domain.references import references
from service.domain.settling import settle
from service.domain.shapes import decoders
from service.domain.statement.life import Make
from service.domain.statement.voices import AddParticipant, RecordPerformance
from service.domain.task.life import List
from service.domain.task.terms import SetTerms
from service.domain.task.units import NameUnit
from service.domain.values import Magnitude, PrintedName
from service.store.line import sealed
from tests.anything import any_of
from tests.given import ID, cite, no, on, recorded
from tests.soak import examples

TODAY = date(2026, 6, 1)
DECODERS = decoders(EVENTS.values())
DAYS = (TODAY, date(2040, 1, 1), date(2045, 1, 1), date.max)
COMMANDS: dict[str, tuple[type[Command], ...]] = {
    "agreements": (agreement.Register, *(c for c in get_args(agreement.Contained))),
    "parties": (party.Register, *get_args(party.Contained)),
    "documents": (document.Register, *get_args(document.Contained)),
    "meetings": (meeting.Register, *get_args(meeting.Contained)),
    "statements": (statement.Register, *get_args(statement.Contained)),
    "plans": (plan.Register, *get_args(plan.Contained)),
    "tasks": (task.Register, *get_args(task.Contained)),
    "projects": (project.Register, *get_args(project.Contained)),
    "discrepancies": (discrepancy.Register, *get_args(discrepancy.Contained)),
    "figures": (figure.Register, *get_args(figure.Contained)),
}
SUM = Magnitude(value="1", unit="元", bound="exact")
# The registry's own stream has one command and one event, which its own scenarios cover.
every = pytest.mark.parametrize("category", [category for category in DECIDERS if category != "registry"])
steady = settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))


class Stream:
    """One stream with its log, kept up one event at a time."""

    def __init__(self, decider: Decider[Any]) -> None:
        """A stream without events."""
        self.decider = decider
        self.log: list[Recorded] = []
        self.folded: Folded[Any] = fold(decider, [], TODAY)

    def newest(self) -> State:
        """The state with all that is known applied."""
        state: State = self.folded.at(self.decider, date.max)
        return state

    def send(self, command: Command) -> list[Event]:
        """Decide, and record what has to be."""
        state = self.newest()
        named: Refs = {ref: DECIDERS[ref.category].initial for _, ref in references(command) if isinstance(ref, Ref)}
        events = settle(self.decider, state, self.decider.decide(ID, state, command, named))
        return [kept for event in events for kept in self.record(event)]

    def record(self, event: Event) -> list[Event]:
        """Record what the log does not yet tell of one event."""
        record = recorded(len(self.log) + 1, event)
        after = advance(self.decider, self.folded, record, TODAY)
        if after is None or self.folded.pending:
            return [self.keep(kept) for kept in unsaid(self.decider, self.log, event)]
        return [self.keep(event)]

    def keep(self, event: Event) -> Event:
        """Put one event at the end of the log, which reads it back as it was composed."""
        assert sealed(event, DECODERS)[1] == event
        record = recorded(len(self.log) + 1, event)
        after = advance(self.decider, self.folded, record, TODAY)
        self.log.append(record)
        self.folded = fold(self.decider, self.log, TODAY) if after is None else after
        return event

    def correct(self, corrects: int, event: Event) -> None:
        """Put another event in the place of a recorded one."""
        record = replace(recorded(len(self.log) + 1, event), cause="correction", corrects=corrects)
        assert advance(self.decider, self.folded, record, TODAY) is None
        self.log.append(record)
        self.folded = fold(self.decider, self.log, TODAY)


def registering(category: str) -> Command:
    """What every stream begins with."""
    commands: dict[str, Command] = {
        "agreements": agreement.Register(
            title=PrintedName(printed="甲"),
            kinds=("supply",),
            signatories=(AddSignatory(party=no(2)),),
            clauses=(RecordClause(id=no(1), heading="甲"), RecordClause(id=no(2), heading="乙")),
            compensation=(SetCompensation(id=no(2)),),
        ),
        "parties": party.Register(kind="city", name=PrintedName(printed="甲")),
        "documents": document.Register(kind="press", language="zh", sha256="a" * 64, length=6),
        "meetings": meeting.Register(
            title=PrintedName(printed="甲"),
            kinds=("forum",),
            attendance=(RecordAttendance(role="speaker", party=no(2)),),
            resolutions=(RecordResolution(id=no(1), manner="agreed", text="甲"),),
        ),
        "statements": statement.Register(
            text="甲",
            made=Make(),
            performance=RecordPerformance(performers=(no(2),)),
            participants=(AddParticipant(role="speaker", party=no(2)),),
        ),
        "tasks": task.Register(
            title=PrintedName(printed="甲"),
            units=(NameUnit(role="lead", party=no(2)), NameUnit(role="supervising", party=no(3))),
            terms=SetTerms(due=on(2015)),
            listed=List(),
        ),
        "projects": project.Register(
            title=PrintedName(printed="甲"),
            kinds=("water",),
            signed=Sign(),
            investments=(StateInvestment(id=no(1), quantity=SUM, investor=no(2)),),
            increases=(IncreaseInvestment(id=no(2), quantity=SUM, of=no(1)),),
            parties=(NameParty(role="investor", party=no(2)),),
            places=(Locate(party=no(3)),),
        ),
        "discrepancies": discrepancy.Register(
            what="甲",
            claims=tuple(RecordClaim(id=no(n), subject=f"parties/{no(n)}", text="甲") for n in (1, 2)),
        ),
        "figures": figure.Register(
            metric="甲",
            items=(RecordFigureItem(id=no(1), sort="stage", label="甲"),),
            claims=(RecordFigureClaim(id=no(2), item=no(1), count=Magnitude(value="2", unit="元", bound="exact")),),
        ),
        "plans": plan.Register(
            title=PrintedName(printed="甲"),
            kinds=("guidance",),
            adopted=Adopt(),
            revisions=(Revise(id=no(1), label="甲"),),
            items=(RecordItem(id=no(1), heading="甲"), RecordItem(id=no(2), parent=no(1), heading="乙")),
            targets=(SetTarget(id=no(2), item=no(1), text="甲"),),
        ),
    }
    return commands[category]


def few(data: st.DataObject, kinds: Sequence[type[Any]]) -> st.SearchStrategy[Any]:
    """Some of a few kinds, so that what is drawn is about the same things (swarm testing)."""
    chosen = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True))
    return st.one_of([any_of(kind) for kind in chosen])


def sending(data: st.DataObject, category: str, most: int = 8) -> tuple[Stream, list[Command]]:
    """A stream after some commands, and those that it accepted."""
    stream = Stream(DECIDERS[category])
    commands = [registering(category), *data.draw(st.lists(few(data, COMMANDS[category]), max_size=most))]
    accepted = []
    for command in commands:
        try:
            stream.send(command)
        except errors.Refused:
            continue
        accepted.append(command)
        assert stream.folded == fold(stream.decider, stream.log, TODAY)
    return stream, accepted


@every
@steady
@given(data=st.data())
def test_accepted_commands_replay_to_the_same_state(category: str, data: st.DataObject) -> None:
    """Step by step and all at once, on every day, a stream is the same; also after corrections."""
    stream, _ = sending(data, category)
    for _ in range(data.draw(st.integers(0, 3))):
        wrong = data.draw(st.sampled_from(stream.log))
        kind = type(wrong.event)
        void = kind is stream.decider.voided or data.draw(st.booleans())
        stream.correct(wrong.sequence, stream.decider.voided() if void else data.draw(any_of(kind)))
        stream.record(data.draw(any_of(data.draw(st.sampled_from([type(record.event) for record in stream.log])))))
    later = fold(stream.decider, stream.log, date.max).base
    assert stream.newest() == later
    for day in DAYS:
        assert stream.folded.at(stream.decider, day) == fold(stream.decider, stream.log, day).base


@every
@steady
@given(data=st.data())
def test_a_repeated_command_adds_nothing(category: str, data: st.DataObject) -> None:
    """Said twice in a row is said once."""
    stream, accepted = sending(data, category)
    kinds = [type(command) for command in accepted]
    again = data.draw(few(data, kinds))
    try:
        stream.send(again)
    except errors.Refused:
        return
    before = list(stream.log)
    try:
        more = stream.send(again)
    except errors.Refused:
        return
    assert more == []
    assert stream.log == before


@every
@steady
@given(data=st.data())
def test_evolve_is_total(category: str, data: st.DataObject) -> None:
    """Any event, in any order, on any state."""
    decider = DECIDERS[category]
    state: Any = decider.initial
    events = data.draw(st.lists(st.one_of([any_of(event) for event in decider.events]), max_size=12))
    for sequence, event in enumerate(events, 1):
        state = decider.evolve(state, recorded(sequence, event))
    assert isinstance(state, type(decider.initial))


@every
@steady
@given(data=st.data())
def test_a_pointer_alone_is_the_one_among_all(category: str, data: st.DataObject) -> None:
    """Where one part stands is told without putting all of them in order; also of those recorded together."""
    decider = DECIDERS[category]
    state: Any = decider.initial
    for event in data.draw(st.lists(st.one_of([any_of(event) for event in decider.events]), max_size=12)):
        state = decider.evolve(state, recorded(data.draw(st.integers(1, 4)), event))
    for field in state.__struct_fields__:
        for name, pointer, _ in places.shown(state, field):
            assert places.pointer(state, name) == pointer
        with pytest.raises(KeyError):
            places.pointer(state, f"{field}/nobody has this key")


def replaced(records: Sequence[Recorded], first: Recorded) -> Recorded | None:
    """The record that stands in the place of `first`, by the contract's words."""
    stands, places = first, {first.sequence}
    for record in records:
        if record.corrects in places:
            stands = record
            places.add(record.sequence)
    return None if isinstance(stands.event, Voided) else replace(stands, sequence=first.sequence)


def day_of(kept: Sequence[Recorded], record: Recorded) -> date:
    """The day that a record holds from, by the contract's words."""
    event = record.event
    if isinstance(event, Attested):
        held = [r for r in kept if r.sequence == event.attests < record.sequence]
        return day_of(kept, held[0]) if held else ALWAYS
    if record.effective is not None:
        return record.effective
    if event.changes is not None:
        before = [r for r in kept if r.event.changes is None and r.event.part == event.changes]
        before = [r for r in before if r.sequence < record.sequence]
        return day_of(kept, before[-1]) if before else ALWAYS
    signings = [r.effective for r in kept if r.event.signs and r.effective is not None]
    return signings[0] if event.belongs and signings else ALWAYS


@every
@steady
@given(data=st.data())
def test_the_order_is_the_contracts(category: str, data: st.DataObject) -> None:
    """Corrections stand in the corrected one's place; then by day, then by place in the log."""
    decider = DECIDERS[category]
    log: list[Recorded] = []
    event = few(data, [kind for kind in decider.events if not issubclass(kind, Voided)])
    for sequence in range(1, data.draw(st.integers(1, 10)) + 1):
        correcting = data.draw(st.booleans())
        if log and correcting:
            wrong = data.draw(st.sampled_from(log))
            void = data.draw(st.booleans())
            kind = decider.voided if void else type(wrong.event)
            new = recorded(sequence, data.draw(any_of(kind)))
            log.append(replace(new, cause="correction", corrects=wrong.sequence))
        else:
            log.append(recorded(sequence, data.draw(event)))
    firsts = [record for record in log if record.corrects is None]
    kept = [stands for first in firsts if (stands := replaced(log, first)) is not None]
    order = sorted(kept, key=lambda record: (day_of(kept, record), record.sequence))
    assert [record for _, record in dated(standing(log))] == order
    for day in DAYS:
        state = decider.initial
        for record in order:
            if day_of(kept, record) <= day:
                state = decider.evolve(state, record)
        assert fold(decider, log, day).base == state


def test_an_attestation_is_not_repeated() -> None:
    """The same citations twice are one attestation."""
    stream = Stream(DECIDERS["parties"])
    stream.send(registering("parties"))
    cited = Rename(name=PrintedName(printed="甲"), citations=cite(3))
    assert stream.send(cited) == [PartyAttested(attests=1, fields=("name",), citations=cite(3))]
    assert stream.send(cited) == []
