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
from msgspec.structs import force_setattr, replace

from service.domain import errors
from service.domain.values import Basis, Citation, Note, Part, Source, UncertainDate, content, distinct

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
    """What every command and every event may carry: since when, on what basis, and the words cited.

    The basis `stated` says that a source says so: it stands beside at least one citation (`sound`).
    """

    effective: UncertainDate | None = None
    basis: Basis | None = None
    note: Note | None = None
    citations: tuple[Citation, ...] = ()


class Command(Fact, frozen=True, kw_only=True, gc=False):
    """A wish to record a fact."""


class Event(Fact, frozen=True, kw_only=True, gc=False):
    """A recorded fact. `type` and `shape` are written by hand and stay for ever.

    `part` names the part of the state that the event sets. `begins`: the event is its stream's registration, which
    cannot be taken out from under the others. `signs`: the event is its stream's signing, whose date is taken by
    undated events that `belong` to it. `timeless`: nothing happened in the world, so the event has no `effective`.
    `changes` names the part whose recording lends its date to an undated one. `fixed` are the fields that other things
    rest on, which no correction may change.
    """

    type: ClassVar[str]
    shape: ClassVar[int] = 1
    begins: ClassVar[bool] = False
    signs: ClassVar[bool] = False
    belongs: ClassVar[bool] = False
    timeless: ClassVar[bool] = False
    fixed: ClassVar[tuple[str, ...]] = ()

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
    """The same fact said by another source: adds citations to what the event with sequence `attests` set.

    `fields` are those of that event's part that the source speaks of too; none: all that the event set. It holds since
    that event does, stays with it when the event is corrected, and says nothing when it is voided.
    """

    timeless = True
    attests: int
    fields: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """What is attested: an event, whose part the state knows (`place`)."""
        return f"events/{self.attests}"


class Voided(Event, frozen=True, kw_only=True, gc=False):
    """A correction without content: the corrected event should never have been recorded."""

    timeless = True


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


def supports(part: Part) -> dict[str, int]:
    """For each field of a part the sequence of the event that set it."""
    names = tuple(name for name in part.__struct_fields__ if name != "sources")
    found: dict[str, int] = {}
    for source in part.sources:
        if source.attests is None:
            found.update(dict.fromkeys(source.fields or names, source.sequence))
    return found


def filled(state: S, recorded: Recorded, names: Iterable[str]) -> S:
    """The state after an event that sets those of `names` which it says (`says`) on its part, which must stand.

    Each field set rests on the event from then on. A part that does not stand is not made.
    """
    event = recorded.event
    part = part_of(state, event.part)
    said = tuple(name for name in names if says(getattr(event, name)))
    if part is None or not said:
        return state
    values = {name: getattr(event, name) for name in said}
    return put(state, event.part, replace(part, **values, sources=sources(part, recorded, said)))


def attest(state: S, recorded: Recorded) -> S:
    """The state after an attestation: one more source beside that of the attested event, wherever this one stands.

    Of the fields that it names those count that still rest on the event. The new source stands directly after the
    attested one, whenever it is told.
    """
    event = recorded.event
    if not isinstance(event, Attested):
        return state
    for name, part in parts(state):
        places = [i for i, source in enumerate(part.sources) if event.attests in {source.sequence, source.attests}]
        held = part.sources[places[0]] if places else None
        if held is None or held.attests is not None:
            continue
        fields = held.fields
        if event.fields:
            resting = supports(part)
            fields = tuple(field for field in event.fields if resting.get(field) == event.attests)
            if not fields:
                continue
        new = Source(
            sequence=recorded.sequence,
            attests=event.attests,
            fields=fields,
            effective=held.effective,
            basis=event.basis,
            note=event.note,
            citations=event.citations,
        )
        after = places[-1] + 1
        state = put(state, name, replace(part, sources=(*part.sources[:after], new, *part.sources[after:])))
    return state


def attestations(kind: type[Attested], part: Part, fields: Iterable[str], fact: Fact) -> list[Attested]:
    """What is left of a fact that a part says already: its new citations for those fields (none named: all).

    One attestation for each event that the fields rest on, naming the fields unless they are all that is known of what
    the event set. Where its sources have every citation of the fact it cites nothing, and is not recorded (`settle`).
    """
    sound(fact)
    resting = supports(part)
    wanted = tuple(fields) or tuple(resting)
    attested = []
    for sequence in dict.fromkeys(resting[field] for field in wanted if field in resting):
        own = tuple(field for field in wanted if resting.get(field) == sequence)
        known = {
            citation
            for source in part.sources
            if sequence in {source.sequence, source.attests} and (not source.fields or set(own) <= set(source.fields))
            for citation in source.citations
        }
        fresh = tuple(citation for citation in dict.fromkeys(fact.citations) if citation not in known)
        rest = {field for field, by in resting.items() if by == sequence and says(getattr(part, field))}
        covered = () if rest <= set(own) else own
        attested.append(kind(attests=sequence, fields=covered, basis=fact.basis, note=fact.note, citations=fresh))
    return attested


def place(state: State, event: Event) -> str:
    """The part that an event is about: its own, or that of the event which it attests."""
    if not isinstance(event, Attested):
        return event.part
    return next(
        (name for name, part in parts(state) if any(source.sequence == event.attests for source in part.sources)),
        "header",
    )


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


def fuller(one: Part, other: Part) -> bool:
    """Whether the other part says all that this one says, and no more than what this one leaves unknown."""
    return next(otherwise(one, other), None) is None


def otherwise(one: Part, other: Part) -> Iterator[str]:
    """The fields that the other part says otherwise than this one, or leaves unknown."""
    for name in one.__struct_fields__:
        if name != "sources" and says(getattr(one, name)) and not within(getattr(one, name), getattr(other, name)):
            yield name


def says(value: Any) -> bool:
    """Whether a field says anything: None, the empty tuple and UNSET mean that it is not known."""
    return value is not None and value is not msgspec.UNSET and value != ()


def within(told: Any, known: Any) -> bool:
    """Whether a value says nothing that the known one does not.

    It is equal, or a date of the same days, or a struct of which each field that is told is within the known one's.
    """
    if isinstance(told, UncertainDate) and (told.earliest or told.latest):
        return told.agrees(known)
    if type(told) is not type(known) or not isinstance(told, Struct):
        return bool(told == known)
    return all(
        not says(value) or within(value, getattr(known, name))
        for name in told.__struct_fields__
        if (value := getattr(told, name)) is not known
    )


def joined(told: Any, known: Any) -> Any:
    """The value that says all that two tellings of a struct say; None where they contradict each other.

    Two tellings of a thing without fields (a text, a number, a date) agree or contradict, and have nothing to join.
    """
    if type(told) is not type(known) or not isinstance(told, Struct) or isinstance(told, UncertainDate):
        return None
    values = {}
    for name in told.__struct_fields__:
        one, other = getattr(told, name), getattr(known, name)
        if not says(one) or not says(other):
            values[name] = one if says(one) else other
        elif within(one, other):
            values[name] = other
        elif (both := joined(one, other)) is not None:
            values[name] = both
        else:
            return None
    try:
        return type(told)(**values)
    except ValueError:
        return None


def settle(decider: Decider[S], state: S, events: Iterable[Event]) -> list[Event]:
    """What of `events` has to be recorded on `state`; refuses those that are not `sound`.

    An event that says what stands already is dropped, unless it says that it stood earlier; where it brings citations
    that the fact has not, it becomes an attestation of each event that the fields which it would have set rest on.
    """
    kept: list[Event] = []
    for event in events:
        if isinstance(event, Attested) and not event.citations:
            continue
        sound(event)
        after = decider.evolve(state, Recorded.template(event))
        if after is state:
            continue
        if not isinstance(event, Attested) and same(state, after):
            fields = newest_fields(after, event)
            held = part_of(state, event.part)
            if held is None or not earlier(event.effective, rests_on(held, fields)):
                said = [a for a in attestations(decider.attested, held, fields, event) if a.citations] if held else []
                # What rests on an event of the same command has no place in the log yet to point to.
                if all(attested.attests for attested in said):
                    kept += said
                    for attested in said:
                        state = attest(state, Recorded.template(attested))
                    continue
        kept.append(event)
        state = after
    return kept


def bare(events: Iterable[E]) -> list[E]:
    """The events without what they rest on: what is left of these after `settle` changes the state."""
    return [replace(event, citations=(), basis=None) for event in events]


def newest_fields(state: State, event: Event) -> tuple[str, ...]:
    """The fields that the newest source of the event's part is of."""
    part = part_of(state, event.part)
    return part.sources[-1].fields if part and part.sources else ()


def rests_on(part: Part, fields: tuple[str, ...]) -> UncertainDate | None:
    """Since when those fields of a part say what they say, as far as that is known: the first day of those told."""
    since: UncertainDate | None = None
    for source in reversed(part.sources):
        if source.attests is None and (not source.fields or (fields and set(fields).issubset(source.fields))):
            since = source.effective if since is None or earlier(source.effective, since) else since
            if source.fields:
                break  # What earlier sources say of these fields holds no more.
    return since


def earlier(one: UncertainDate | None, other: UncertainDate | None) -> bool:
    """Whether the first date is known to begin before the second."""
    if one is None or other is None or one.earliest is None or other.earliest is None:
        return False
    return one.earliest < other.earliest


def whole(
    decider: Decider[S],
    id: UUID,
    state: S,
    *,
    first: Event | None,
    items: Iterable[tuple[str, Any]],
    named: Refs,
    additive: frozenset[str] = frozenset(),
) -> list[Event]:
    """The events of a thing registered at once, all or nothing: `first` makes it, `items` are the commands inside.

    Each item comes with the pointer to it and is decided on what the items before it made. No part may be told twice,
    save those that only ever grow (`additive`). On a thing that exists each part must stand, and say what is told of it
    or nothing: citations are new, and what was unknown is learnt. There `first` may be None, where items tell it.
    """
    subject = f"{Ref(decider.category, id)}"
    exists = part_of(state, "header") is not None
    told, events, seen = state, list[Event](), set[str]()
    if first is not None:
        sound(first)
        after = decider.evolve(decider.initial, Recorded.template(first))
        events += standing_already(decider, subject, state, after, first) if exists else [first]
        told = state if exists else after
    for pointer, item in items:
        try:
            new = decider.decide(id, told, item, named)
            for event in new:
                if not isinstance(event, Attested):
                    sound(event)
                if exists:
                    agrees(decider, subject, state, event)
        except errors.Refused as refused:
            raise refused.under(pointer) from None
        names = {place(told, event) for event in new} - additive
        if twice := names & seen or {place(told, event) for event in new if not exists and isinstance(event, Attested)}:
            raise errors.AlreadyOtherwise(pointer, what=f"{subject}: {min(twice)}")
        seen |= names
        if not exists:
            for event in new:
                told = decider.evolve(told, Recorded.template(event))
        events += new
    return events


def standing_already(decider: Decider[S], subject: str, state: S, told: S, first: Event) -> list[Event]:
    """What is left of a registration told again: attestations. Refused where it says what the header does not."""
    held, new = part_of(state, "header"), part_of(told, "header")
    assert held is not None and new is not None  # noqa: S101, PT018 -- the caller has seen the one, and made the other
    if (name := next(otherwise(new, held), None)) is not None:
        raise errors.AlreadyOtherwise(f"/{name}", what=field_of(f"{subject}: header", name))
    fields = tuple(name for name in new.__struct_fields__ if name != "sources" and says(getattr(new, name)))
    return [*attestations(decider.attested, held, fields, first)]


def field_of(what: str, field: str) -> str:
    """A part in words that answers have: what the state calls its header is the thing itself, so a field of that."""
    head, colon, name = what.rpartition(": ")
    return f"{head}{colon}{field}" if name == "header" and field else what


def agrees(decider: Decider[S], subject: str, state: S, event: Event) -> None:
    """Refuse an event that changes what stands, or makes what does not stand; learning and attesting are neither."""
    after = decider.evolve(state, Recorded.template(event))
    for name, old, new in touched(state, after):
        if old is None or new is None or not fuller(old, new):
            field = next(otherwise(old, new), "") if name == "header" and old and new else ""
            raise errors.AlreadyOtherwise(f"/{field}" if field else "", what=field_of(f"{subject}: {name}", field))
    held = part_of(state, event.part)
    if held is None or not same(state, after):
        return
    if earlier(event.effective, rests_on(held, newest_fields(after, event))):
        raise errors.AlreadyOtherwise("/effective", what=f"{subject}: {event.part}")


def learn(held: Part, told: Fact, names: Iterable[str], what: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Of the fields that a command tells of a part that stands: the new ones with their values, and those that agree.

    What the command leaves out (None, the empty tuple, UNSET) says nothing; what the part does not know is learnt, also
    within a value, such as the end of a period whose start is known. A value other than a known one is
    `AlreadyOtherwise`, at the command's field: the record is corrected, or the difference is one between sources.
    `what` names the part in that message, such as `agreements/<uuid>: clauses/<id>`.
    """
    fresh: dict[str, Any] = {}
    agreeing: list[str] = []
    for name in names:
        value, known = getattr(told, name), getattr(held, name)
        if not says(value):
            continue
        if not says(known):
            fresh[name] = value
        elif within(value, known):
            agreeing.append(name)
        elif (both := joined(value, known)) is not None:
            fresh[name] = both
        else:
            raise errors.AlreadyOtherwise(f"/{name}", what=field_of(what, name))
    return fresh, tuple(agreeing)


def again(
    described: type[Event],
    attested: type[Attested],
    held: Part,
    told: Fact,
    names: Iterable[str],
    *,
    what: str,
    ids: Mapping[str, Any],
    key: str | None,
) -> list[Event]:
    """The events of a command that tells once more of a part which stands: what it learns, what it attests.

    What was unknown becomes one `described` event, with `ids` as the fields that name the part; what stands as told
    becomes attestations of those fields and of the part's field `key`, which every telling repeats; of all that the
    part says where there is no `key` and nothing is told. What is learnt is undated, and holds since what it describes
    does: the command's `effective` is the fact's own, which has to be the recorded one (`dates`).
    """
    dates(told.effective, rests_on(held, ()), what)
    fresh, agreeing = learn(held, told, names, what)
    events: list[Event] = []
    if fresh:
        said = {name: getattr(told, name) for name in ("basis", "note", "citations")}
        events.append(described(**{**said, **ids, **fresh}))
    fields = (*((key,) if key is not None else ()), *agreeing)
    if fields or not fresh:
        events += attestations(attested, held, fields, told)
    return events


def dates(told: UncertainDate | None, held: UncertainDate | None, what: str) -> UncertainDate | None:
    """The date of a fact that stands, told again: the recorded one, where none or the same days are given.

    Another date is `AlreadyOtherwise`, also where none was recorded: the event that recorded the fact is corrected.
    """
    if told is None or told.agrees(held):
        return held
    raise errors.AlreadyOtherwise("/effective", what=what)


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
    """Standing records, in the order of the log, with the day that each holds from, in the order of application.

    An undated event that changes a part takes the day of that part's newest recording before it in the log, an
    attestation that of the event attested. Where that was voided there is nothing to change, and it sorts first.
    """
    signing = next((record.effective for record in records if record.event.signs and record.effective), None)
    recordings: dict[str, date] = {}
    days: dict[int, date] = {}
    placed = []
    for record in records:
        event = record.event
        if isinstance(event, Attested):
            day = days.get(event.attests)
        elif record.effective is not None:
            day = record.effective
        elif event.changes is not None:
            day = recordings.get(event.changes)
        else:
            day = signing if event.belongs else None
        held = ALWAYS if day is None else day
        days[record.sequence] = held
        if event.changes is None:
            recordings[event.part] = held
        placed.append((held, record))
    placed.sort(key=lambda item: (item[0], item[1].sequence))
    return placed


def unsaid(decider: Decider[S], records: Sequence[Recorded], event: Event) -> list[Event]:
    """What of an event has still to be recorded in a stream whose whole log is `records`.

    `settle` compares with the newest state alone: it cannot see that an earlier day's fact, since overtaken, has been
    recorded before. To be asked, before it is recorded, for an event that `advance` cannot place, and for any event
    while some are pending. Nothing where the event changes nothing in its place of the order; attestations where only
    its citations are new; else the event itself.
    """
    if isinstance(event, (Attested, Voided)):
        return [event]
    day = event.effective.earliest if event.effective else None
    last = max((record.sequence for record in records), default=0) + 1
    new = replace(Recorded.template(event), sequence=last, effective=day)
    state = decider.initial
    for _, record in dated([*standing(records), new]):
        if record is new:
            break
        state = decider.evolve(state, record)
    after = decider.evolve(state, new)
    held = part_of(state, event.part)
    if not same(state, after):
        return [event]
    if held is None:
        return []
    return [said for said in attestations(decider.attested, held, newest_fields(after, event), event) if said.citations]


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
    if isinstance(event, Attested):
        # Its source stands beside that of the attested event: where this one is in effect, no other event matters.
        due = folded.pending and folded.pending[0][0] <= today
        after = folded.base if due else decider.evolve(folded.base, record)
        return None if after is folded.base else replace(folded, base=after, version=record.version)
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
    """The item with those of citations, basis and note that it has none of taken from the fact that it stands in."""
    return replace(
        item,
        citations=item.citations or fact.citations,
        basis=item.basis or fact.basis,
        note=item.note or fact.note,
    )


def sound(fact: Fact) -> None:
    """Refuse a fact that claims to be stated and cites nothing, and a date on what has none in the world."""
    if fact.basis == "stated" and not fact.citations:
        raise errors.Invalid("/basis", problem="what is stated cites the words that state it")
    if isinstance(fact, Event) and fact.timeless:
        undated(fact)


def undated(fact: Fact) -> None:
    """Refuse a date on what has none in the world, such as what a thing is called or who owes what a clause says."""
    if fact.effective is not None:
        raise errors.Invalid("/effective", problem="nothing happens in the world here, so there is no date of it")


def as_sets(fact: Fact, *names: str) -> None:
    """Keep those fields of a fact, ids that say who and not in which order, in their one encoding (`distinct`)."""
    for name in names:
        if says(ids := getattr(fact, name)):
            force_setattr(fact, name, distinct(ids))


def event_from(kind: type[E], command: Fact, /, **fields: Any) -> E:
    """An event of `kind` with the command's fields of the same names, `fields` taking precedence."""
    given = {name: getattr(command, name) for name in command.__struct_fields__ if name in kind.__struct_fields__}
    return kind(**{**given, **fields})


def fields_set(fact: Fact, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that the fact sets (a field left UNSET changes nothing)."""
    return tuple(name for name in names if getattr(fact, name) is not msgspec.UNSET)
