"""How a stream of events becomes a state, and a command becomes events: the pattern that every aggregate fills in.

A `Decider` is the whole of an aggregate's behaviour as pure functions (Chassaing, "Functional Event Sourcing
Decider"). `decide` sees the newest state with everything known applied, also what takes effect later; `evolve` is
total: it accepts any event on any state, in any order, because an earlier fact may become known later.

The order of application is the contract's: corrections stand in the corrected event's place, undated events take the
date of the signing that they belong to, else of the event that they change, else they hold always; then by (date,
sequence).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.values import Basis, Citation, Note, Part, Source, UncertainDate, content

ALWAYS = date.min
"""The day that an undated event without an anchor sorts at: it holds always."""


class Ref(NamedTuple):
    """A stream named by its category and id; `str()` is the line's subject."""

    category: str
    id: UUID

    def __str__(self) -> str:
        """`agreements/<uuid>`."""
        return f"{self.category}/{self.id}"

    @classmethod
    def of(cls, subject: str) -> "Ref":
        """The stream that a subject names."""
        category, _, name = subject.partition("/")
        return cls(category, UUID(name))


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What every command and every event may carry: since when, on what basis, and the words cited."""

    effective: UncertainDate | None = None
    basis: Basis = "stated"
    note: Note | None = None
    citations: tuple[Citation, ...] = ()


class Command(Fact, frozen=True, kw_only=True, gc=False):
    """A wish to record a fact."""


class Event(Fact, frozen=True, kw_only=True, gc=False):
    """A recorded fact. `type` and `shape` are written by hand and stay for ever.

    `part` names the part of the state that the event sets. `signs`: the event is its stream's signing, whose date is
    taken by undated events that `belong` to it. `changes` names the part whose recording lends its date to an undated
    one.
    """

    type: ClassVar[str]
    shape: ClassVar[int] = 1
    signs: ClassVar[bool] = False
    belongs: ClassVar[bool] = False

    @property
    def part(self) -> str:
        """The part of the state that the event sets."""
        return "header"

    @property
    def changes(self) -> str | None:
        """The part, recorded by an earlier event, that this one changes."""
        return None


E = TypeVar("E", bound=Event)


class Attested(Event, frozen=True, kw_only=True, gc=False):
    """The same fact said by another source: adds citations to a part that stands, or to the named fields of it."""

    attests: str
    fields: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The part attested."""
        return self.attests

    @property
    def changes(self) -> str | None:
        """An attestation holds since the fact does."""
        return self.attests


class Voided(Event, frozen=True, kw_only=True, gc=False):
    """A correction without content: the corrected event should never have been recorded."""


class Correct(Command, frozen=True, kw_only=True, gc=False):
    """Replace the event with sequence `corrects` by `event`, whole, because the record was wrong."""

    corrects: int
    reason: Note
    event: Event


class Void(Command, frozen=True, kw_only=True, gc=False):
    """Remove the event with sequence `corrects` from the state: it should never have been recorded."""

    corrects: int
    reason: Note


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """An event with its place in the log."""

    sequence: int
    version: int
    time: datetime
    effective: date | None
    actor: UUID
    event: Event
    cause: Literal["change", "correction"] = "change"
    corrects: int | None = None
    reason: str | None = None

    @classmethod
    def template(cls, event: Event) -> "Recorded":
        """An event as if it stood in the log, for asking what it would change."""
        return cls(sequence=0, version=0, time=EPOCH, effective=None, actor=NOBODY, event=event)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)


class State(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all states. A field is a `Part`, or a dict of parts by key; `header` is None before registration."""


S = TypeVar("S", bound=State)
Refs = Mapping[Ref, State | None]
"""The states of the streams that a command names, None for one that does not exist."""


class Decider(Struct, Generic[S], frozen=True, kw_only=True):
    """An aggregate: its name in subjects, its events, and the pure functions that make it behave.

    `decide` gets the stream's id, its newest state, the command, and the states of all that the command names
    (`references`), each of which exists.
    """

    category: str
    initial: S
    events: tuple[type[Event], ...]
    attested: type[Attested]
    voided: type[Voided]
    decide: Callable[[UUID, S, Any, Refs], Sequence[Event]]
    evolve: Callable[[S, Recorded], S]


# --- States and their parts -------------------------------------------------------------------------------------------


def parts(state: State) -> Iterator[tuple[str, Part]]:
    """Every part of a state with its name: `header`, `clauses/<id>`."""
    for field in state.__struct_fields__:
        value = getattr(state, field)
        if isinstance(value, dict):
            for key, part in value.items():
                yield f"{field}/{key}", part
        elif value is not None:
            yield field, value


def part_of(state: State, name: str) -> Part | None:
    """The part with that name, or None."""
    field, slash, key = name.partition("/")
    value = getattr(state, field, None)
    if slash:
        return value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, Part) else None


def put(state: S, name: str, part: Part) -> S:
    """The state with that part set."""
    field, slash, key = name.partition("/")
    if not slash:
        return replace(state, **{field: part})
    return replace(state, **{field: {**getattr(state, field), key: part}})


def drop(state: S, name: str) -> S:
    """The state without that part, which may be missing already."""
    field, _, key = name.partition("/")
    held = getattr(state, field)
    return replace(state, **{field: {k: v for k, v in held.items() if k != key}}) if key in held else state


def sources(part: Part | None, recorded: Recorded, fields: tuple[str, ...] = ()) -> tuple[Source, ...]:
    """The sources of a part after an event that sets `fields` of it (all of them when empty)."""
    event = recorded.event
    new = Source(
        sequence=recorded.sequence,
        fields=fields,
        effective=event.effective,
        basis=event.basis,
        note=event.note,
        citations=event.citations,
    )
    if part is None or not fields:
        return (new,)
    kept = []
    for source in part.sources:
        if not source.fields:
            kept.append(source)
        elif left := tuple(field for field in source.fields if field not in fields):
            kept.append(source if left == source.fields else replace(source, fields=left))
    return (*kept, new)


def retold(part: Part, recorded: Recorded, field: str) -> tuple[Source, ...]:
    """The sources of a part after an event that says it again, and `field` anew: the older ones are of the rest."""
    rest = tuple(name for name in part.__struct_fields__ if name not in {"sources", field})
    older = ((source, tuple(name for name in source.fields or rest if name != field)) for source in part.sources)
    return (*(replace(source, fields=names) for source, names in older if names), *sources(None, recorded))


def attest(state: S, recorded: Recorded) -> S:
    """The state after an attestation: what it cites for the first time becomes one more source of the part."""
    event = recorded.event
    part = part_of(state, event.part)
    if part is None or not isinstance(event, Attested):
        return state
    fields = frozenset(event.fields)
    known = {
        citation
        for source in part.sources
        if not source.fields or (fields and fields.issubset(source.fields))
        for citation in source.citations
    }
    fresh = tuple(citation for citation in dict.fromkeys(event.citations) if citation not in known)
    if not fresh:
        return state
    new = Source(
        sequence=recorded.sequence,
        fields=event.fields,
        effective=event.effective,
        basis=event.basis,
        note=event.note,
        citations=fresh,
    )
    return put(state, event.part, replace(part, sources=(*part.sources, new)))


def touched(before: State, after: State) -> Iterator[tuple[str, Part | None, Part | None]]:
    """The parts that are not the same object in both states: name, before, after; None where there is none.

    Costs what changed, not what there is: `put` and `drop` leave the dicts of other fields as they are.
    """
    for field in after.__struct_fields__:
        old, new = getattr(before, field), getattr(after, field)
        if old is new:
            continue
        if isinstance(new, dict):
            for key, part in new.items():
                if (held := old.get(key)) is not part:
                    yield f"{field}/{key}", held, part
            for key, part in old.items():
                if key not in new:
                    yield f"{field}/{key}", part, None
        else:
            yield field, old, new


def same(one: State, other: State) -> bool:
    """Whether two states say the same, wherever it is said."""
    return all(
        old is not None and new is not None and content(old) == content(new) for _, old, new in touched(one, other)
    )


def settle(decider: Decider[S], state: S, events: Iterable[Event]) -> list[Event]:
    """What of `events` has to be recorded on `state`.

    An event that says what stands already is dropped, unless it says that it stood earlier; where it brings citations
    that the part has not, it becomes an attestation of the fields that it would have set.
    """
    kept: list[Event] = []
    for event in events:
        after = decider.evolve(state, Recorded.template(event))
        if not isinstance(event, Attested) and same(state, after):
            fields = newest_fields(after, event)
            since = rests_on(state, event.part, fields)
            if not earlier(event.effective, since):
                event = attestation(decider, event, fields, since)  # noqa: PLW2901 -- what is recorded in its place
                after = attest(state, Recorded.template(event))
        if isinstance(event, Attested) and after is state:
            continue
        kept.append(event)
        state = after
    return kept


def bare(events: Iterable[E]) -> list[E]:
    """The events without citations: what is left of these after `settle` changes the state."""
    return [replace(event, citations=()) for event in events]


def newest_fields(state: State, event: Event) -> tuple[str, ...]:
    """The fields that the newest source of the event's part is of."""
    part = part_of(state, event.part)
    return part.sources[-1].fields if part and part.sources else ()


def rests_on(state: State, name: str, fields: tuple[str, ...]) -> UncertainDate | None:
    """Since when those fields of a part say what they say, as far as that is known: the first day of those told."""
    part = part_of(state, name)
    since: UncertainDate | None = None
    for source in reversed(part.sources if part else ()):
        if not source.fields or (fields and set(fields).issubset(source.fields)):
            since = source.effective if since is None or earlier(source.effective, since) else since
            if source.fields:
                break  # What earlier sources say of these fields holds no more.
    return since


def earlier(one: UncertainDate | None, other: UncertainDate | None) -> bool:
    """Whether the first date is known to begin before the second."""
    if one is None or other is None or one.earliest is None or other.earliest is None:
        return False
    return one.earliest < other.earliest


def attestation(
    decider: Decider[Any], event: Event, fields: tuple[str, ...], since: UncertainDate | None = None
) -> Attested:
    """What is left of an event whose fact stands already: its citations, in the place of that fact."""
    return decider.attested(
        attests=event.part,
        fields=fields,
        effective=since,
        basis=event.basis,
        note=event.note,
        citations=event.citations,
    )


def whole(
    decider: Decider[S],
    id: UUID,
    state: S,
    *,
    first: Event,
    items: Iterable[tuple[str, Any]],
    named: Refs,
    additive: frozenset[str] = frozenset(),
) -> list[Event]:
    """The events of a thing registered at once, all or nothing: `first` makes it, `items` are the commands inside.

    Each item comes with the pointer to it and is decided on what the items before it made. No part may be told twice,
    save those that only ever grow (`additive`). On a thing that exists each part must stand as told, and only citations
    are new.
    """
    subject = Ref(decider.category, id)
    told = decider.evolve(decider.initial, Recorded.template(first))
    events, seen = [first], set[str]()
    for pointer, item in items:
        try:
            new = decider.decide(id, told, item, named)
        except errors.Refused as refused:
            raise refused.under(pointer) from None
        names = {event.part for event in new} - additive
        if twice := names & seen:
            raise errors.AlreadyOtherwise(pointer, what=f"{subject}: {min(twice)}")
        seen |= names
        for event in new:
            told = decider.evolve(told, Recorded.template(event))
        events += new
    if part_of(state, "header") is None:
        return events
    standing = dict(parts(state))
    for name, part in parts(told):
        held = standing.get(name)
        if held is None or (name not in additive and content(held) != content(part)):
            raise errors.AlreadyOtherwise(what=f"{subject}: {name}")
    for event in events:
        if event.part in additive and not same(state, decider.evolve(state, Recorded.template(event))):
            raise errors.AlreadyOtherwise(what=f"{subject}: {event.part}")
    return [attestation(decider, event, ()) for event in events]


# --- From records to a state ------------------------------------------------------------------------------------------


def standing(records: Iterable[Recorded]) -> list[Recorded]:
    """The records with each corrected event replaced by its last correction, under the first one's sequence.

    A correction may be corrected: the chain counts as one, and the last in the log decides. Where that is a voiding,
    nothing stands there. Records must come in the order of the log.
    """
    root: dict[int, int] = {}
    last: dict[int, Recorded] = {}
    for record in records:
        first = root[record.corrects] if record.corrects is not None else record.sequence
        root[record.sequence] = first
        last[first] = record
    return [
        record if record.sequence == first else replace(record, sequence=first)
        for first, record in last.items()
        if not isinstance(record.event, Voided)
    ]


def dated(records: Sequence[Recorded]) -> list[tuple[date, Recorded]]:
    """Standing records with the day that each holds from, in the order of application.

    An undated event that changes a part takes the day of that part's newest recording before it in the log. Where that
    was voided there is nothing to change, and it sorts first.
    """
    signing = next((record.effective for record in records if record.event.signs and record.effective), None)
    recordings: dict[str, list[tuple[int, date]]] = {}
    for record in records:
        if record.event.changes is None:
            held = record.effective or (signing if record.event.belongs else None)
            recordings.setdefault(record.event.part, []).append((record.sequence, held or ALWAYS))
    placed = []
    for record in records:
        event, day = record.event, record.effective
        if day is None and event.changes is not None:
            known = recordings.get(event.changes, [])
            before = [held for sequence, held in known if sequence < record.sequence]
            day = before[-1] if before else None
        elif day is None and event.belongs:
            day = signing
        placed.append((ALWAYS if day is None else day, record))
    placed.sort(key=lambda item: (item[0], item[1].sequence))
    return placed


def unsaid(decider: Decider[S], records: Sequence[Recorded], event: Event) -> Event | None:
    """What of an event has still to be recorded in a stream whose whole log is `records`.

    `settle` compares with the newest state alone: it cannot see that an earlier day's fact, since overtaken, has been
    recorded before. To be asked, before it is
    recorded, for an event that `advance` cannot place, and for any event while some are pending. None where the event
    changes nothing in its place of the order; an attestation where only its citations are new; else the event itself.
    """
    if isinstance(event, (Attested, Voided)):
        return event
    day = event.effective.earliest if event.effective else None
    last = max((record.sequence for record in records), default=0) + 1
    new = replace(Recorded.template(event), sequence=last, effective=day)
    kept, state = standing(records), decider.initial
    for _, record in dated([*kept, new]):
        if record is new:
            break
        state = decider.evolve(state, record)
    after = decider.evolve(state, new)
    if not same(state, after):
        return event
    fields = newest_fields(after, event)
    known = {citation for record in kept if record.event.part == event.part for citation in record.event.citations}
    fresh = tuple(citation for citation in event.citations if citation not in known)
    said = attestation(decider, event, fields, rests_on(state, event.part, fields))
    return replace(said, citations=fresh) if fresh else None


class Folded(Struct, Generic[S], frozen=True, kw_only=True, gc=False):
    """A stream as it is kept: what holds, and what takes effect later beside it.

    `base` is the state of all events in effect when it was folded, `newest` the day of the last of them, `signing` the
    stream's signing day; `pending` are events dated later, in their order, each with its day.
    """

    base: S
    pending: tuple[tuple[date, Recorded], ...] = ()
    newest: date = ALWAYS
    signing: date | None = None
    version: int = 0

    def at(self, decider: Decider[S], day: date) -> S:
        """The state as it holds on `day`, which is not before the day that the base was folded on."""
        state = self.base
        for effective, record in self.pending:
            if effective > day:
                break
            state = decider.evolve(state, record)
        return state


def fold(decider: Decider[S], records: Sequence[Recorded], today: date) -> Folded[S]:
    """Fold a whole stream, given in the order of the log, in the contract's order."""
    kept = standing(records)
    state, newest, pending = decider.initial, ALWAYS, []
    for day, record in dated(kept):
        if day > today:
            pending.append((day, record))
        else:
            state, newest = decider.evolve(state, record), day
    signing = next((r.effective for r in kept if r.event.signs and r.effective is not None), None)
    return Folded(
        base=state,
        pending=tuple(pending),
        newest=newest,
        signing=signing,
        version=records[-1].version if records else 0,
    )


def advance(decider: Decider[S], folded: Folded[S], record: Recorded, today: date) -> Folded[S] | None:
    """The stream after one more event, or None where the whole stream has to be folded again from the log.

    That is so for a correction, for the signing of a stream that has events already, and for an event that holds from a
    day before the newest one in effect.
    """
    event = record.event
    if record.cause == "correction" or (event.signs and folded.version > 0):
        return None
    day = record.effective
    if day is None and event.belongs:
        day = folded.signing
    if day is None:
        if event.changes is not None and (folded.newest != ALWAYS or folded.pending):
            return None  # The day of the event that it changes stands in the log.
        day = ALWAYS
    base, newest, pending = folded.base, folded.newest, folded.pending
    while pending and pending[0][0] <= min(day, today):
        newest = pending[0][0]
        base = decider.evolve(base, pending[0][1])
        pending = pending[1:]
    if day < newest or (day <= today and pending and pending[0][0] <= today):
        return None
    if day > today:
        later = sorted((*pending, (day, record)), key=lambda item: (item[0], item[1].sequence))
        pending = tuple(later)
    else:
        base, newest = decider.evolve(base, record), day
    signing = record.effective if event.signs else folded.signing
    return Folded(base=base, pending=pending, newest=newest, signing=signing, version=record.version)


# --- Guards that every aggregate uses ---------------------------------------------------------------------------------


def must_exist(state: object, ref: Ref) -> None:
    """Refuse a command on a stream that was never registered, or whose registration was voided."""
    if state is None:
        raise errors.NotFound(subject=str(ref))


def inherit(fact: Fact, item: Fact) -> Any:
    """The item with the citations, basis and note of the fact that it stands in, where it has none of its own."""
    if item.citations or item.note or item.basis != "stated":
        return item
    return replace(item, citations=fact.citations, basis=fact.basis, note=fact.note)


def event_from(kind: type[E], command: Fact, /, **fields: Any) -> E:
    """An event of `kind` with the command's fields of the same names, `fields` taking precedence."""
    given = {name: getattr(command, name) for name in command.__struct_fields__ if name in kind.__struct_fields__}
    return kind(**{**given, **fields})


def fields_set(fact: Fact, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that the fact sets (a field left UNSET changes nothing)."""
    return tuple(name for name in names if getattr(fact, name) is not msgspec.UNSET)
