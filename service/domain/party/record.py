"""What is said of a party's record rather than of the party: that it is a duplicate, that a source agrees, that an
event was an error."""

from typing import assert_never
from uuid import UUID

from service.domain import decider, duplicates
from service.domain.decider import Event, Recorded, Ref, Refs
from service.domain.party.state import Party
from service.domain.values import PartyId

# --- Events -----------------------------------------------------------------------------------------------------------


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another, which stands for both. Nothing happened in the world."""

    type = "party.duplicate_merged"
    into: PartyId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two parties after all."""

    type = "party.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an event of the party."""

    type = "party.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the party should never have been recorded."""

    type = "party.voided"


EVENTS = (DuplicateMerged, DuplicateUnmerged, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another party. It has no date: nothing happened in the world."""

    into: PartyId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Records = MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, party: Party, command: Records, named: Refs) -> list[Event]:
    """The events of a command on the record."""
    ref = Ref("parties", id)
    match command:
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(ref, party.duplicate, command, named, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event of its record."""
    event = recorded.event
    match event:
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(party, recorded)
        case Voided():
            return party
        case _:
            raise AssertionError(event)
