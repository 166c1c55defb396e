"""What a command tells otherwise than the record, where both are to stand as claims instead of one being refused.

Each field that is told otherwise becomes a `Contradiction`, and the command is decided without it, until it passes:
what else it tells is recorded, and what it agrees in is attested. Where a field must be told (the kind of a party), it
is decided as if it agreed. Of a field told otherwise nothing is attested.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields, replace

from service.domain import errors
from service.domain.decider import Attested, Decider, Event, Fact, Ref, Refs, S, State, own
from service.domain.discrepancy import Propose
from service.domain.discrepancy.claims import RecordClaim, held, plain
from service.domain.discrepancy.state import MOST
from service.domain.parts import parts, says, supports, uncited
from service.domain.places import lasting, named
from service.domain.references import references
from service.domain.values import Part, Source

NAMESPACE = uuid5(NAMESPACE_URL, "urn:mengfu:discrepancies")
"""The ids of what the registry proposes follow from this one and what it is about: each is proposed once."""

T = TypeVar("T")


class Contradiction(Struct, frozen=True, kw_only=True):
    """A field of a part that stands, the value that a fact tells instead, and the fact."""

    name: str
    part: Part
    field: str
    value: Any
    fact: Fact


def decide(
    decider: Decider[S], id: UUID, state: S, command: Any, named: Refs, look: Callable[[Ref], State | None]
) -> tuple[list[Event], list[Contradiction]]:
    """The events of a command without what it tells otherwise than the state, and what that is.

    What they attest of that is for `undisputed` to leave out, once they are settled. `look` finds the state of what the
    record names in the command's place. Raises what `decide` does for all that is no field of a part that stands, told
    otherwise.
    """
    found: list[Contradiction] = []
    while True:
        try:
            return list(decider.decide(id, state, command, named)), found
        except errors.AlreadyOtherwise as refused:
            one = contradiction(state, refused)
            if one is None or len(found) >= MOST or any(told_again(one, other) for other in found):
                raise
            found.append(one)
            path = (refused.pointer or "").split("/")[1:]
            narrowed = without(command, path[:-1] if refused.alone else path)
            if narrowed is NOTHING:
                return [], found
            if narrowed is NEEDED:
                held = getattr(one.part, one.field) if refused.agrees is None else refused.agrees
                try:
                    narrowed = telling(command, path, held)
                except ValueError:  # What the record has there does not go with what else is told.
                    raise refused from None
                other = {ref for _, ref in references(narrowed) if isinstance(ref, Ref)} - named.keys()
                named = {**named, **{ref: look(ref) for ref in other}}
            command = narrowed


def contradiction(state: State, refused: errors.AlreadyOtherwise) -> Contradiction | None:
    """What a refusal says is told otherwise; None where that is no field of a part."""
    if refused.field is None or not refused.pointer:
        return None
    for name, part in parts(state):
        if part is refused.held and isinstance(refused.fact, Fact):
            return Contradiction(name=name, part=part, field=refused.field, value=refused.value, fact=refused.fact)
    return None


def told_again(one: Contradiction, other: Contradiction) -> bool:
    """Whether the same was refused before, so that leaving it out has not helped."""
    return (one.name, one.field, one.value) == (other.name, other.field, other.value)


# --- A command without a field ----------------------------------------------------------------------------------------

NOTHING = object()
"""What is left of a command that tells nothing else."""
NEEDED = object()
"""That a field cannot be left out of what else is told."""


def without(fact: Any, path: list[str]) -> Any:
    """A command without the field that a pointer leads to: NOTHING where it tells nothing else, NEEDED where it must.

    A fact inside that tells nothing any more is left out, and so is the part (`meeting_part`) of a thing that is.
    """
    if not path:
        return NOTHING
    step, *rest = path
    if isinstance(fact, tuple):
        item = without(fact[int(step)], rest)
        if item is NEEDED:
            return NEEDED
        return (*fact[: int(step)], *(() if item is NOTHING else (item,)), *fact[int(step) + 1 :])
    default = next(one.default for one in fields(fact) if one.name == step)
    value = without(getattr(fact, step), rest) if rest else NOTHING
    if value is NEEDED or (value is NOTHING and default is NODEFAULT):
        return NEEDED
    left = {step: default if value is NOTHING else value}
    if value is NOTHING and f"{step}_part" in fact.__struct_fields__:
        left[f"{step}_part"] = None
    try:
        return replace(fact, **left)
    except ValueError:
        others = (name for name in own(fact) if name not in left)
        return NEEDED if any(says(getattr(fact, name)) for name in others) else NOTHING


def telling(fact: Any, path: list[str], value: Any) -> Any:
    """A command that tells a value in the place that a pointer leads to."""
    if not path:
        return value
    step, *rest = path
    if isinstance(fact, tuple):
        index = int(step)
        return (*fact[:index], telling(fact[index], rest, value), *fact[index + 1 :])
    return replace(fact, **{step: telling(getattr(fact, step), rest, value)})


def undisputed(events: Iterable[Event], found: Iterable[Contradiction]) -> list[Event]:
    """What has to be recorded, without attesting what was told otherwise."""
    told = list(found)
    return [kept for event in events if (kept := unattested(event, told)) is not None]


def unattested(event: Event, found: Iterable[Contradiction]) -> Event | None:
    """The event without attesting the fields that were told otherwise; None where nothing is left of it."""
    if not isinstance(event, Attested):
        return event
    for one in found:
        resting = supports(one.part)
        # What a part has no `effective` for it may have a `since` for: the day from which on it holds.
        disputed = one.field if one.field in resting else "since"
        if resting.get(disputed) != event.attests or (event.fields and disputed not in event.fields):
            continue
        of = event.fields or [field for field, by in resting.items() if by == event.attests]
        left = tuple(field for field in of if field != disputed and says(getattr(one.part, field)))
        fresh = uncited(one.part, event.attests, left, event.citations)
        if not left or not fresh:
            return None
        event = replace(event, fields=left, citations=fresh)
    return event


# --- What is proposed -------------------------------------------------------------------------------------------------


def discrepancy_id(subject: str, part: str, field: str) -> UUID:
    """The id of what is proposed of a field: the same whoever tells it."""
    return uuid5(NAMESPACE, f"{subject} {part} {field}")


def supporting(part: Part, field: str) -> Iterator[Source]:
    """The sources that a field of a part rests on: of the event that set it, and of those that attest that."""
    sequence = supports(part).get(field, part.sources[0].sequence if part.sources else 0)
    for source in part.sources:
        of_it = not source.fields or field in source.fields
        if source.sequence == sequence or (source.attests == sequence and of_it):
            yield source


def recorded(subject: str, name: str, part: Part, field: str) -> RecordClaim:
    """What the record says in a field, as a claim with all that supports it."""
    sources = list(supporting(part, field))
    cited = dict.fromkeys(citation for source in sources for citation in source.citations)
    first = sources[0] if sources else Source(sequence=0)
    return RecordClaim(
        subject=subject,
        subject_part=name,
        field=field,
        value=held(part, field),
        citations=tuple(cited),
        basis=first.basis,
        note=first.note,
    )


def proposal(subject: Ref, one: Contradiction) -> tuple[Ref, Propose]:
    """The discrepancy of a contradiction: what the record says, and what was told."""
    told = RecordClaim(
        subject=str(subject),
        subject_part=one.name,
        field=one.field,
        value=plain(one.value),
        citations=one.fact.citations,
        basis=one.fact.basis,
        note=one.fact.note,
    )
    claims = (recorded(str(subject), one.name, one.part, one.field), told)
    what = f"{subject}{lasting(one.name)}/{named(one.name, one.field)}"[:200]
    return Ref("discrepancies", discrepancy_id(str(subject), one.name, one.field)), Propose(what=what, claims=claims)
