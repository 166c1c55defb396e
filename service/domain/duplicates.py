"""Two records of one thing: which of them stands for both, in every aggregate that knows of duplicates.

An aggregate gives the events and commands their names, and says of which category `into` is.
"""

from typing import Any, assert_never
from uuid import UUID

from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Ref, Refs, S, event_from
from service.domain.parts import put, sources
from service.domain.values import Part


class Duplicate(Part, frozen=True, kw_only=True, gc=False):
    """The record that stands for this one."""

    into: UUID


# --- Events -----------------------------------------------------------------------------------------------------------


class Merged(Event, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both. Nothing happened in the world."""

    timeless = True
    into: UUID

    @property
    def part(self) -> str:
        """The record that stands for this one."""
        return "duplicate"


class Unmerged(Event, frozen=True, kw_only=True, gc=False):
    """The two records were of two things after all."""

    timeless = True

    @property
    def part(self) -> str:
        """The record that stood for this one."""
        return "duplicate"


# --- Commands ---------------------------------------------------------------------------------------------------------


class Merge(Command, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another thing."""

    into: UUID


class Unmerge(Command, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(
    ref: Ref, held: Duplicate | None, command: Merge | Unmerge, named: Refs, kinds: tuple[type[Merged], type[Unmerged]]
) -> list[Event]:
    """The event of a merging or of its undoing: one of the aggregate's `kinds`."""
    merged, unmerged = kinds
    match command:
        case Merge(into=into):
            merging(ref, held, into, named)
            return [event_from(merged, command)]
        case Unmerge():
            if held is None:
                raise errors.NotInThisState(subject=str(ref), status="no duplicate", action="unmerge")
            return [event_from(unmerged, command)]
        case _:
            assert_never(command)


def merging(ref: Ref, held: Duplicate | None, into: UUID, named: Refs) -> None:
    """Refuse to merge a record into itself, into another one than recorded, or into one that is a duplicate itself."""
    if into == ref.id:
        raise errors.Circular("/into", subject=str(ref))
    if held is not None and held.into != into:
        raise errors.AlreadyOtherwise("/into", what=f"{ref}: duplicate")
    one = Ref(ref.category, into)
    other: Duplicate | None = getattr(named.get(one), "duplicate", None)
    if other is not None:
        if other.into == ref.id:
            raise errors.Circular("/into", subject=str(ref))
        status = f"a duplicate of {ref.category}/{other.into}"
        raise errors.NotInThisState("/into", subject=str(one), status=status, action="stand for it")


def alone(ref: Ref, held: Duplicate | None) -> None:
    """Refuse to change a duplicate: the record that stands for it is changed."""
    if held is not None:
        status = f"a duplicate of {ref.category}/{held.into}"
        raise errors.NotInThisState(subject=str(ref), status=status, action="change")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(state: S, recorded: Recorded) -> S:
    """The state after a merging or its undoing."""
    event: Any = recorded.event
    if isinstance(event, Merged):
        return put(state, event.part, Duplicate(into=event.into, sources=sources(None, recorded)))
    return replace(state, duplicate=None)
