"""A state as its parts, and what each part rests on: how an event sets a part, and another source attests it."""

from collections.abc import Iterable, Iterator
from itertools import compress
from operator import is_not
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple, replace

from service.domain.decider import Attested, Event, Fact, Recorded, S, State, sound
from service.domain.values import Citation, Part, Source, UncertainDate, content


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
        fresh = uncited(part, sequence, own, fact.citations)
        rest = {field for field, by in resting.items() if by == sequence and says(getattr(part, field))}
        covered = () if rest <= set(own) else own
        attested.append(kind(attests=sequence, fields=covered, basis=fact.basis, note=fact.note, citations=fresh))
    return attested


def uncited(part: Part, sequence: int, fields: tuple[str, ...], told: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """Those citations that neither an event of a part nor what attests it in those fields has."""
    known = {
        citation
        for source in part.sources
        if sequence in {source.sequence, source.attests} and (not source.fields or set(fields) <= set(source.fields))
        for citation in source.citations
    }
    return tuple(citation for citation in dict.fromkeys(told) if citation not in known)


def place(state: State, event: Event) -> str:
    """The part that an event is about: its own, or that of the event which it attests."""
    if not isinstance(event, Attested):
        return event.part
    return next(
        (name for name, part in parts(state) if any(source.sequence == event.attests for source in part.sources)),
        "header",
    )


Touched = tuple[str, Part | None, Part | None]
"""A part that something has changed: its name, the part before and after; None where there is none."""


def differing(before: State, after: State) -> Iterator[str]:
    """The fields that are not the same object in both states."""
    return compress(after.__struct_fields__, map(is_not, astuple(before), astuple(after)))


def touched(before: State, after: State) -> Iterator[Touched]:
    """The parts that are not the same object in both states.

    Costs as much as there is in the fields that have changed: `put` and `drop` leave the dicts of others as they are.
    Where it is known which events lie between the two, `walk.between` costs less.
    """
    for field in differing(before, after):
        old, new = getattr(before, field), getattr(after, field)
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


def field_of(what: str, field: str) -> str:
    """A part in words that answers have: what the state calls its header is the thing itself, so a field of that."""
    head, colon, name = what.rpartition(": ")
    return f"{head}{colon}{field}" if name == "header" and field else what
