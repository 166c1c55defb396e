"""What sources claim of a figure: numbers of the whole or of an item. Claims coexist; which hold, nobody decides here.

Two sources that give the same number make one claim, with the citations of both; another number is another claim.
"""

from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import amounts, errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set, undated
from service.domain.figure.header import Attested
from service.domain.figure.state import Claim, Figure, claims_of
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again, agreeing
from service.domain.values import Count, Label, Magnitude, Parties, Person, Quantity, Text

MEASURES = ("count", "sum", "quantity")
"""What a number may be of: how many, worth how much, any other measure."""
QUANTITIES = (*MEASURES, "was", "change")
NUMBERS = (*QUANTITIES, "rank", "categories")
SAID = ("compared", "among", "speaker", "by")
"""What tells two claims of one number apart, where both say it."""
LEARNT = (*NUMBERS, *SAID, "text")
FIELDS = ("item", *LEARNT)


def something(fact: Any) -> None:
    """A claim gives a number; what stands beside a number needs that one."""
    as_sets(fact, "by")
    if not any(says(getattr(fact, name)) for name in NUMBERS):
        raise ValueError(f"a claim gives at least one of {', '.join(NUMBERS)}")
    if fact.compared is not None and fact.change is None:
        raise ValueError("compared says what a change is compared with")
    if fact.among is not None and fact.rank is None:
        raise ValueError("among says among what a rank is held")


# --- Events -----------------------------------------------------------------------------------------------------------


class Claimed(Event, frozen=True, kw_only=True, gc=False):
    """A source gives these numbers of the whole, or of an item. When it does so, the source itself tells."""

    type = "figure.claimed"
    timeless = True
    claim: UUID
    item: UUID | None = None
    count: Magnitude | None = None
    sum: Magnitude | None = None
    quantity: Quantity | None = None
    was: Quantity | None = None
    change: Quantity | None = None
    compared: Label | None = None
    rank: Count | None = None
    among: Label | None = None
    categories: Count | None = None
    text: Text | None = None
    speaker: Person | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something."""
        something(self)

    @property
    def part(self) -> str:
        """One part a claim."""
        return f"claims/{self.claim}"


class ClaimDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of a claim: another of its numbers, who speaks; fields left out stay as they are."""

    type = "figure.claim_described"
    timeless = True
    claim: UUID
    count: Magnitude | UnsetType = UNSET
    sum: Magnitude | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    was: Quantity | UnsetType = UNSET
    change: Quantity | UnsetType = UNSET
    compared: Label | UnsetType = UNSET
    rank: Count | UnsetType = UNSET
    among: Label | UnsetType = UNSET
    categories: Count | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    speaker: Person | UnsetType = UNSET
    by: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, LEARNT):
            raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")

    @property
    def part(self) -> str:
        """The claim."""
        return f"claims/{self.claim}"


EVENTS = (Claimed, ClaimDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordClaim(Command, frozen=True, kw_only=True, gc=False):
    """Record the numbers that a source gives of the whole, or of an `item`.

    The same number in whatever unit and words is the same claim: it is attested, and what this source says besides is
    learnt. Another number is another claim, beside those that there are; so is the same one by another speaker. `was`
    and `change` are in a unit of their own, such as % and 个; `rank` is a place `among` others.
    """

    id: UUID | None = None
    item: UUID | None = None
    count: Magnitude | None = None
    sum: Magnitude | None = None
    quantity: Quantity | None = None
    was: Quantity | None = None
    change: Quantity | None = None
    compared: Label | None = None
    rank: Count | None = None
    among: Label | None = None
    categories: Count | None = None
    text: Text | None = None
    speaker: Person | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something; of one recorded already by its id, anything."""
        as_sets(self, "by")
        if self.id is None:
            something(self)


# --- decide -----------------------------------------------------------------------------------------------------------


def claim_id(id: UUID, command: RecordClaim) -> UUID:
    """The claim's id: given, or one that follows from its item, its numbers and who says them."""
    if command.id is not None:
        return command.id
    numbers = [_identity(getattr(command, name)) for name in NUMBERS]
    who = (command.compared, command.among, command.speaker, command.by)
    return uuid5(id, "claim\n" + msgspec.json.encode((command.item, numbers, who)).decode())


def _identity(number: Quantity | int | None) -> Any:
    """A number without the words that it was printed in, in its plainer unit."""
    if not isinstance(number, Quantity):
        return number
    ends = [None if end is None else amounts.plain(end) for end in amounts.ends(number)]
    return (number.bound, *ends, amounts.scaled(number.unit)[1], number.modality)


def decide(id: UUID, figure: Figure, command: RecordClaim, refs: Refs) -> list[Event]:
    """The events of a claim: its recording, or what is learnt of one that stands."""
    undated(command)
    subject = f"figures/{id}"
    if command.item is not None and str(command.item) not in figure.items:
        raise errors.UnknownPart("/item", part=f"items/{command.item}", subject=subject)
    held = figure.claims.get(str(command.id)) if command.id is not None else alike(figure, command)
    if held is None:
        try:
            something(command)
        except ValueError as problem:  # An id alone does not say of a claim what it must.
            raise errors.Invalid("", problem=str(problem)) from None
        return [event_from(Claimed, command, claim=free(id, figure, command))]
    told, what = in_its_words(command, held), f"{subject}: claims/{held.id}"
    agreeing(held, command, what, {"item": "item"})
    return again(ClaimDescribed, Attested, held, told, LEARNT, what=what, ids={"claim": held.id}, key="id")


def free(id: UUID, figure: Figure, command: RecordClaim) -> UUID:
    """The id of a new claim; another one where a claim that was corrected since has that of these words."""
    found = claim_id(id, command)
    while str(found) in figure.claims:
        found = uuid5(found, "again")
    return found


def alike(figure: Figure, command: RecordClaim) -> Claim | None:
    """The first claim of the same item that gives one of these numbers, and neither number nor speaker otherwise."""
    numbers = [(name, told) for name in NUMBERS if says(told := getattr(command, name))]
    who = [(name, told) for name in SAID if says(told := getattr(command, name))]
    for claim in claims_of(figure, command.item):
        given = False
        for name, told in numbers:
            agreed = agree(told, getattr(claim, name))
            if agreed is False:
                break
            given = given or agreed is True
        else:
            if given and all(agree(told, getattr(claim, name)) is not False for name, told in who):
                return claim
    return None


def agree(told: Any, held: Any) -> bool | None:
    """Whether two tellings say the same; None where one of them says nothing."""
    if not says(told) or not says(held):
        return None
    if isinstance(told, Quantity) and isinstance(held, Quantity):
        return amounts.same(told, held)
    return bool(told == held)


def in_its_words(command: RecordClaim, held: Claim) -> RecordClaim:
    """The command with each number that stands already in the words and the unit in which it stands."""
    same: dict[str, Any] = {}
    for name in QUANTITIES:
        told, known = getattr(command, name), getattr(held, name)
        if told is not None and known is not None and amounts.same(told, known):
            same[name] = amounts.retold(told, known)
    return replace(command, **same) if same else command


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event of its claims."""
    event = recorded.event
    match event:
        case Claimed():
            told = {name: getattr(event, name) for name in FIELDS}
            claim = Claim(id=event.claim, **told, sources=sources(None, recorded))
            return put(figure, event.part, claim)
        case ClaimDescribed():
            return filled(figure, recorded, LEARNT)
        case _:
            raise AssertionError(event)
