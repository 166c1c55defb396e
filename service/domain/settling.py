"""What of a decision has to be recorded: what stands already is dropped or attested, what is learnt is described."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Attested, Decider, E, Event, Fact, Recorded, Ref, Refs, S, State, sound
from service.domain.parts import (
    Touched,
    attest,
    attestations,
    field_of,
    fuller,
    joined,
    otherwise,
    part_of,
    place,
    same,
    says,
    touched,
    within,
)
from service.domain.values import Part, UncertainDate, content
from service.domain.walk import own


def settle(decider: Decider[S], state: S, events: Iterable[Event]) -> list[Event]:
    """What of `events` has to be recorded on `state`; refuses those that are not `sound`.

    An event that says what stands already is dropped, unless it says that it stood earlier; where it brings citations
    that the fact has not, it becomes an attestation of each event that the fields which it would have set rest on.
    """
    kept: list[Event] = []
    events = list(events)
    for index, event in enumerate(events, start=1):
        if isinstance(event, Attested) and not event.citations:
            continue
        sound(event)
        before = state if isinstance(event, Attested) else own(state, event)
        after = decider.evolve(before, Recorded.template(event))
        if after is before:
            continue
        if not isinstance(event, Attested) and stands(state, touched(before, after)):
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
        if index < len(events):
            state = decider.evolve(state, Recorded.template(event))
    return kept


def stands(state: State, changed: Iterable[Touched]) -> bool:
    """Whether a state says already what these parts come to say, wherever it is said."""
    pairs = ((part_of(state, name), new) for name, _, new in changed)
    return all(old is not None and new is not None and content(old) == content(new) for old, new in pairs)


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
    or nothing: citations are new, and what was unknown is learnt; so is a kind more (`LEARNT`). There `first` may be
    None, where items tell it.
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
            raise errors.AlreadyOtherwise(pointer, what=f"{subject}: {min(twice)}", advice="once")
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
        what, value = field_of(f"{subject}: header", name), getattr(new, name)
        raise errors.AlreadyOtherwise(f"/{name}", what=what, held=held, field=name, value=value, fact=first)
    fields = tuple(name for name in new.__struct_fields__ if name != "sources" and says(getattr(new, name)))
    return [*attestations(decider.attested, held, fields, first)]


LEARNT = frozenset({"kinds"})
"""Fields whose parts a registration told again may add to: they tell of the thing itself what its header might."""


def agrees(decider: Decider[S], subject: str, state: S, event: Event) -> None:
    """Refuse an event that changes what stands, or makes what does not stand; learning and attesting are neither."""
    after = decider.evolve(state, Recorded.template(event))
    for name, old, new in touched(state, after):
        if old is None and name.partition("/")[0] in LEARNT:
            continue
        if old is None or new is None or not fuller(old, new):
            field = next(otherwise(old, new), "") if name == "header" and old and new else ""
            told = {"held": old, "field": field, "value": getattr(new, field), "fact": event} if field else {}
            what = field_of(f"{subject}: {name}", field)
            raise errors.AlreadyOtherwise(f"/{field}" if field else "", what=what, **told)
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
            told_as = {"held": held, "field": name, "value": value, "fact": told}
            raise errors.AlreadyOtherwise(f"/{name}", what=field_of(what, name), **told_as)
    return fresh, tuple(agreeing)


def agreeing(held: Part, told: Fact, what: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of a part that a command tells as they stand, and none may be learnt: told otherwise they are refused.

    `names` are what the command calls them, with what the part does.
    """
    said = {field: value for name, field in names.items() if says(value := getattr(told, name))}
    for name, field in names.items():
        if field in said and said[field] != getattr(held, field):
            told_as = {"held": held, "field": field, "value": said[field], "fact": told}
            raise errors.AlreadyOtherwise(f"/{name}", what=what, **told_as)
    return tuple(said)


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
    dates(told.effective, rests_on(held, ()), what, held=held, fact=told)
    fresh, agreeing = learn(held, told, names, what)
    events: list[Event] = []
    if fresh:
        said = {name: getattr(told, name) for name in ("basis", "note", "citations")}
        events.append(described(**{**said, **ids, **fresh}))
    fields = (*((key,) if key is not None else ()), *agreeing)
    if fields or not fresh:
        events += attestations(attested, held, fields, told)
    return events


def dates(
    told: UncertainDate | None,
    known: UncertainDate | None,
    what: str,
    *,
    held: Part | None = None,
    fact: Fact | None = None,
    field: str = "effective",
) -> UncertainDate | None:
    """The date of a fact that stands, told again: the recorded one, where none or the same days are given, or more.

    A source that dates the fact less exactly, of the month or in words alone (近日), attests it: it contradicts nothing
    and says no more, and what it prints stands in the words that it is cited by. Another date is `AlreadyOtherwise`,
    also where none was recorded: the event that recorded the fact is corrected. One that lies within the recorded
    bounds contradicts nothing, so that the record was not wrong: it is no correction either, but a fact of its own, for
    which there is no event yet (such as `meeting.step_dated`). It would have to move the step, and all that takes its
    day, in the order of the stream. `field` is what the part `held` calls the date.
    """
    if told is None or told.covers(known):
        return known
    raise errors.AlreadyOtherwise("/effective", what=what, held=held, field=field, value=told, fact=fact)
