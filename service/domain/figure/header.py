"""What a figure is: what is counted or measured, the time that it is of; which record of two stands for both."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import decider, duplicates
from service.domain.decider import Command, Event, Recorded, Ref, Refs, undated
from service.domain.figure.state import Figure, Header
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.values import FigureId, Label, Period, Text

TELLS = ("called", "period", "text")


def describes(fact: Any) -> None:
    """Something became known."""
    if not any(says(getattr(fact, name)) for name in TELLS):
        raise ValueError(f"a description sets at least one of {', '.join(TELLS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The figure is known of: what is counted or measured. `called` is the registry's own words for it."""

    type = "figure.registered"
    begins = True
    timeless = True
    metric: Label
    called: Label | None = None


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the figure became known; fields left out stay as they are."""

    type = "figure.described"
    timeless = True
    called: Label | UnsetType = UNSET
    period: Period | UnsetType = UNSET
    text: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self)

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "figure.duplicate_merged"
    into: FigureId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two figures after all."""

    type = "figure.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the figure."""

    type = "figure.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the figure should never have been recorded."""

    type = "figure.voided"


EVENTS = (Registered, Described, DuplicateMerged, DuplicateUnmerged, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the figure: what it is called, the time that it is of, what else a source says."""

    called: Label | None = None
    period: Period | None = None
    text: Text | None = None

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self)


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another figure. It has no date: nothing happened in the world."""

    into: FigureId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, figure: Figure, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the figure is."""
    ref = Ref("figures", id)
    match command:
        case Describe():
            undated(command)
            header = figure.header
            if header is None:
                raise AssertionError(command)
            return again(Described, Attested, header, command, TELLS, what=f"{ref}: header", ids={}, key=None)
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(ref, figure.duplicate, command, refs, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event on what it is."""
    event = recorded.event
    match event:
        case Registered(metric=metric, called=called):
            return put(figure, "header", Header(metric=metric, called=called, sources=sources(None, recorded)))
        case Described():
            return filled(figure, recorded, TELLS)
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(figure, recorded)
        case Voided():
            return figure
        case _:
            raise AssertionError(event)
