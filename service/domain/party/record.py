"""What is said of a party's record rather than of the party: that it is a duplicate, that a source agrees, that an
event was an error."""

from typing import assert_never
from uuid import UUID

from msgspec.structs import replace

from service.domain import decider, duplicates
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from
from service.domain.duplicates import Duplicate
from service.domain.parts import put, sources
from service.domain.party.state import Party
from service.domain.values import PartyId

# --- Events -----------------------------------------------------------------------------------------------------------


class DuplicateMerged(Event, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another, which stands for both. Nothing happened in the world."""

    type = "party.duplicate_merged"
    timeless = True
    into: PartyId

    @property
    def part(self) -> str:
        """One merging at a time."""
        return "duplicate"


class DuplicateUnmerged(Event, frozen=True, kw_only=True, gc=False):
    """The two records were of two parties after all."""

    type = "party.duplicate_unmerged"
    timeless = True

    @property
    def part(self) -> str:
        """The merging that is undone."""
        return "duplicate"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an event of the party."""

    type = "party.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the party should never have been recorded."""

    type = "party.voided"


EVENTS = (DuplicateMerged, DuplicateUnmerged, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class MergeDuplicate(Command, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another party. It has no date: nothing happened in the world."""

    into: PartyId


class UnmergeDuplicate(Command, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Records = MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, party: Party, command: Records, named: Refs) -> list[Event]:
    """The events of a command on the record."""
    ref = Ref("parties", id)
    match command:
        case MergeDuplicate(into=into):
            duplicates.merging(ref, party.duplicate, into, named)
            return [event_from(DuplicateMerged, command)]
        case UnmergeDuplicate():
            duplicates.unmerging(ref, party.duplicate)
            return [event_from(DuplicateUnmerged, command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event of its record."""
    event = recorded.event
    match event:
        case DuplicateMerged(into=into):
            return put(party, event.part, Duplicate(into=into, sources=sources(None, recorded)))
        case DuplicateUnmerged():
            return replace(party, duplicate=None)
        case Voided():
            return party
        case _:
            raise AssertionError(event)
