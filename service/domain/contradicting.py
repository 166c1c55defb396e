"""What a command tells otherwise than the record, where both are to stand as claims instead of one being refused.

Each field that is told otherwise becomes a `Contradiction`, and the command is decided without it, until it passes:
what else it tells is recorded, and what it agrees in is attested. Where a field must be told (the kind of a party), it
is decided as if it agreed, and nothing is attested of that field.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import fields, replace

from service.domain import errors
from service.domain.decider import Attested, Decider, Event, Fact, Ref, Refs, S, State, own
from service.domain.discrepancy import Propose
from service.domain.discrepancy.claims import RecordClaim, held
from service.domain.discrepancy.state import MOST
from service.domain.parts import parts, says, supports
from service.domain.places import lasting, named
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
    decider: Decider[S], id: UUID, state: S, command: Any, named: Refs
) -> tuple[list[Event], list[Contradiction]]:
    """The events of a command without what it tells otherwise than the state, and what that is.

    Raises what `decide` does for all that is no field of a part that stands, told otherwise.
    """
    found: list[Contradiction] = []
    withheld: list[Contradiction] = []
    while True:
        try:
            events = list(decider.decide(id, state, command, named))
            return [kept for event in events if (kept := unattested(event, withheld)) is not None], found
        except errors.AlreadyOtherwise as refused:
            one = contradiction(state, refused)
            if one is None or len(found) >= MOST or any(told_again(one, other) for other in found):
                raise
            found.append(one)
            narrowed = without(command, (refused.pointer or "").split("/")[1:])
            if narrowed is NOTHING:
                return [], found
            if narrowed is NEEDED:
                narrowed = agreeing(command, (refused.pointer or "").split("/")[1:], getattr(one.part, one.field))
                withheld.append(one)
            command = narrowed


def contradiction(state: State, refused: errors.AlreadyOtherwise) -> Contradiction | None:
    """What a refusal says is told otherwise; None where that is no field of a part."""
    if refused.field is None or (refused.pointer or "").rpartition("/")[2] != refused.field:
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

    A fact inside that tells nothing any more is left out.
    """
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
    try:
        return replace(fact, **{step: default if value is NOTHING else value})
    except ValueError:
        others = (name for name in own(fact) if name != step)
        return NEEDED if any(says(getattr(fact, name)) for name in others) else NOTHING


def agreeing(fact: Any, path: list[str], value: Any) -> Any:
    """A command that tells a value in the place that a pointer leads to."""
    if not path:
        return value
    step, *rest = path
    if isinstance(fact, tuple):
        index = int(step)
        return (*fact[:index], agreeing(fact[index], rest, value), *fact[index + 1 :])
    return replace(fact, **{step: agreeing(getattr(fact, step), rest, value)})


def unattested(event: Event, withheld: Iterable[Contradiction]) -> Event | None:
    """The event without attesting what was only told as if it agreed; None where nothing is left of it."""
    if not isinstance(event, Attested):
        return event
    for one in withheld:
        resting = supports(one.part)
        if resting.get(one.field) != event.attests or (event.fields and one.field not in event.fields):
            continue
        of = event.fields or [field for field, by in resting.items() if by == event.attests]
        left = tuple(field for field in of if field != one.field and says(getattr(one.part, field)))
        if not left:
            return None
        event = replace(event, fields=left)
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
        value=msgspec.to_builtins(one.value),
        citations=one.fact.citations,
        basis=one.fact.basis,
        note=one.fact.note,
    )
    claims = (recorded(str(subject), one.name, one.part, one.field), told)
    what = f"{subject}{lasting(one.name)}/{named(one.name, one.field)}"[:200]
    return Ref("discrepancies", discrepancy_id(str(subject), one.name, one.field)), Propose(what=what, claims=claims)
