"""What was said, in words of our own, and what sort of statement it is; which record of two stands for both."""

from typing import assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import decider, duplicates
from service.domain.decider import Command, Event, Recorded, Ref, Refs, undated
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.statement.state import Header, Kind, Statement
from service.domain.values import StatementId, Text

# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The statement is known of: what was said, in words of our own."""

    type = "statement.registered"
    begins = True
    timeless = True
    text: Text


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What sort of statement it is became known."""

    type = "statement.described"
    timeless = True
    kind: Kind | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if self.kind is UNSET:
            raise ValueError("a description sets the kind")

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "statement.duplicate_merged"
    into: StatementId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two statements after all."""

    type = "statement.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the statement."""

    type = "statement.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the statement should never have been recorded."""

    type = "statement.voided"


EVENTS = (Registered, Described, DuplicateMerged, DuplicateUnmerged, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what sort of statement it is."""

    kind: Kind


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another statement. It has no date: nothing happened in the world."""

    into: StatementId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, statement: Statement, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the statement is."""
    ref = Ref("statements", id)
    match command:
        case Describe():
            undated(command)
            header = statement.header
            if header is None:
                raise AssertionError(command)
            return again(Described, Attested, header, command, ("kind",), what=f"{ref}: header", ids={}, key=None)
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(ref, statement.duplicate, command, refs, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(statement: Statement, recorded: Recorded) -> Statement:
    """The statement after one event on what it is."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case Registered(text=text):
            return put(statement, "header", Header(text=text, sources=said))
        case Described():
            return filled(statement, recorded, ("kind",))
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(statement, recorded)
        case Voided():
            return statement
        case _:
            raise AssertionError(event)
