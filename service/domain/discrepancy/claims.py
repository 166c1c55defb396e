"""What each side says, and where in the record that stands: a thing, a part of it, a field of that, and a value.

Claims of one discrepancy may stand in different parts, or different things: who convened a meeting is told by parts of
their own, and both stand; so do two titles of one agreement. A value is one of the field's own type, in the encoding
that it has in an answer, so that two tellings of it are one claim.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, get_type_hints
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, event_from, fields_set, undated
from service.domain.discrepancy.header import Attested
from service.domain.discrepancy.state import MOST, Claim, Discrepancy
from service.domain.parts import filled, part_of, put, says, sources
from service.domain.settling import again, rests_on
from service.domain.values import CLEAN, FieldName, Note, Part, StatePart, Subject, UncertainDate

PLACE = ("subject", "subject_part", "field")
FIELDS = ("value", "text")


def somewhere(fact: Any) -> None:
    """A field is one of a part, and a value that of a field."""
    if says(fact.field) and not says(fact.subject_part):
        raise ValueError("a field is one of a part: name it in subject_part, header for the thing itself")
    if says(fact.value) and not says(fact.field):
        raise ValueError("a value is that of a field: name it in field")


# --- Events -----------------------------------------------------------------------------------------------------------


class ClaimRecorded(Event, frozen=True, kw_only=True, gc=False):
    """One side says this of a thing, of a part of it, or of a field of that: the value as an answer has it there."""

    type = "discrepancy.claim_recorded"
    timeless = True
    claim: UUID
    subject: Subject
    subject_part: StatePart | None = None
    field: FieldName | None = None
    value: Any = None
    text: Note | None = None

    def __post_init__(self) -> None:
        """It stands somewhere."""
        somewhere(self)

    @property
    def part(self) -> str:
        """One part a claim."""
        return f"claims/{self.claim}"


class ClaimDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a claim became known; fields left out stay as they are."""

    type = "discrepancy.claim_described"
    timeless = True
    claim: UUID
    value: Any | UnsetType = UNSET
    text: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The claim."""
        return f"claims/{self.claim}"


EVENTS = (ClaimRecorded, ClaimDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordClaim(Command, frozen=True, kw_only=True, gc=False):
    """Record what one side says.

    Without `id` it gets one that follows from what it says and of what. `field` is what commands call it (`effective`
    is the date of a step), `subject_part` the part that it is of, `header` for the thing itself.
    """

    id: UUID | None = None
    subject: Subject
    subject_part: StatePart | None = None
    field: FieldName | None = None
    value: Any = None
    text: Note | None = None

    def __post_init__(self) -> None:
        """It stands somewhere."""
        somewhere(self)


Claiming = RecordClaim

# --- Values -----------------------------------------------------------------------------------------------------------

Clean = Annotated[str, Meta(pattern=CLEAN)]


@cache
def kinds(part: type[Part]) -> dict[str, Any]:
    """The types of what may be claimed of a part: of its fields, and of the day since when it holds."""
    hints = get_type_hints(part, include_extras=True)
    own = {name: hints[name] for name in part.__struct_fields__ if name not in {"sources", "id"}}
    return {"effective": UncertainDate, **own}


def held(part: Part, field: str) -> Any:
    """What a part says in a field, as an answer has it; None where it says nothing."""
    value = getattr(part, field) if field in part.__struct_fields__ else rests_on(part, ())
    return plain(value) if says(value) else None


def plain(value: Any) -> Any:
    """A value in JSON's own types, as it is read back from the log: a tuple is a list there."""
    return msgspec.json.decode(msgspec.json.encode(value))


def meant(kind: Any, value: Any) -> Any:
    """A value of that type, in the encoding that answers have. Raises Invalid where it is none of it."""
    try:
        found = plain(msgspec.convert(value, kind))
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        raise errors.Invalid(re.sub(r"[.\[]", "/", place).rstrip("`").replace("]", ""), problem=problem) from None
    clean(found, "")
    return found


def clean(value: Any, pointer: str) -> None:
    """Refuse, by its pointer, text that no line may hold, whatever the field's own type lets pass."""
    if isinstance(value, dict):
        for name, item in value.items():
            clean(item, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            clean(item, f"{pointer}/{index}")
    elif isinstance(value, str):
        try:
            msgspec.convert(value, Clean)
        except msgspec.ValidationError as error:
            raise errors.Invalid(pointer, problem=str(error)) from None


# --- decide -----------------------------------------------------------------------------------------------------------


def sorted_out(command: RecordClaim, refs: Refs) -> RecordClaim:
    """The command with its value as answers have it; refused where the subject has no such part, field or value."""
    if command.subject_part is None:
        return command
    other = refs[Ref.of(command.subject)]
    part = part_of(other, command.subject_part) if other is not None else None
    if part is None:
        raise errors.UnknownPart("/subject_part", part=command.subject_part, subject=command.subject)
    if command.field is None:
        return command
    if (kind := kinds(type(part)).get(command.field)) is None:
        where = f"{command.subject}: {command.subject_part}"
        raise errors.UnknownPart("/field", part=command.field, subject=where)
    if not says(command.value):
        return command
    try:
        return replace(command, value=meant(kind, command.value))
    except errors.Refused as refused:
        raise refused.under("/value") from None


def identity(one: Any) -> tuple[Any, ...]:
    """What tells one claim from another: its place and value, or its words where it has no value."""
    return (one.subject, one.subject_part, one.field, one.value, one.text if one.value is None else None)


def claim_id(id: UUID, command: RecordClaim) -> UUID:
    """The claim's id: given, or one that is the same for the same claim."""
    return command.id if command.id is not None else uuid5(id, msgspec.json.encode(identity(command)).decode())


def held_as(id: UUID, discrepancy: Discrepancy, command: RecordClaim) -> Claim | None:
    """The claim that is told again: that with its id; without one, that which says the same today."""
    if command.id is None:
        same = [one for one in discrepancy.claims.values() if identity(one) == identity(command)]
        if same:
            return min(same, key=lambda one: one.sources[0].sequence)
    return discrepancy.claims.get(str(claim_id(id, command)))


def room(discrepancy: Discrepancy, told: Iterable[RecordClaim]) -> Iterator[RecordClaim]:
    """Those of some claims that a discrepancy has already, and of the others as many as it may have."""
    said = [identity(one) for one in discrepancy.claims.values()]
    left = MOST - len(said)
    for one in told:
        if identity(one) in said:
            yield one
        elif left > 0:
            left -= 1
            yield one


def decide(id: UUID, discrepancy: Discrepancy, command: RecordClaim, refs: Refs) -> list[Event]:
    """The events of a claim: its recording, or what is learnt of one that stands."""
    undated(command)
    command = sorted_out(command, refs)
    subject = f"discrepancies/{id}"
    if command.subject == subject:
        raise errors.Circular("/subject", subject=subject)
    known = held_as(id, discrepancy, command)
    if known is None:
        if len(discrepancy.claims) >= MOST:
            raise errors.Invalid("", problem=f"a discrepancy has at most {MOST} claims")
        return [event_from(ClaimRecorded, command, claim=claim_id(id, command))]
    what = f"{subject}: claims/{known.id}"
    for name in PLACE:
        if says(value := getattr(command, name)) and value != getattr(known, name):
            raise errors.AlreadyOtherwise(f"/{name}", what=what)
    names, ids = (*PLACE, *FIELDS), {"claim": known.id}
    return again(ClaimDescribed, Attested, known, command, names, what=what, ids=ids, key="id")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(discrepancy: Discrepancy, recorded: Recorded) -> Discrepancy:
    """The discrepancy after one event of its claims."""
    event = recorded.event
    match event:
        case ClaimRecorded(claim=claim):
            fields = {name: getattr(event, name) for name in (*PLACE, *FIELDS)}
            return put(discrepancy, event.part, Claim(id=claim, **fields, sources=sources(None, recorded)))
        case ClaimDescribed():
            return filled(discrepancy, recorded, FIELDS)
        case _:
            raise AssertionError(event)
