"""What a task is: its titles, the standing duty that it is an occurrence of; which record of two stands for both."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import decider, duplicates, titles
from service.domain.decider import Command, Event, Recorded, Ref, Refs, undated
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.task.state import Header, Task
from service.domain.values import Label, PrintedName, TaskId, Variant

FIELDS = ("title", "called")


def named(fact: Any) -> None:
    """A task has a title, or at least something to call it by; an occurrence says of what, and for which period."""
    if fact.title is None and fact.called is None:
        raise ValueError("a task has a title, or what the registry calls it")
    if (fact.occurrence_of is None) != (fact.period is None):
        raise ValueError("an occurrence names its duty and its period, anything else neither")


def describes(fact: Any) -> None:
    """Something became known."""
    if not any(says(getattr(fact, name)) for name in FIELDS):
        raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The task is known of. `called` is the registry's own words for it where no source names it.

    One that a standing duty yielded says of which, and for which period: its id follows from the two.
    """

    type = "task.registered"
    begins = True
    timeless = True
    fixed = ("occurrence_of", "period")
    title: PrintedName | None = None
    called: Label | None = None
    occurrence_of: TaskId | None = None
    period: Label | None = None

    def __post_init__(self) -> None:
        """It is called something."""
        named(self)


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the task became known; fields left out stay as they are."""

    type = "task.described"
    timeless = True
    title: PrintedName | UnsetType = UNSET
    called: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self)

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Titled(titles.Titled, frozen=True, kw_only=True, gc=False):
    """Another title of the same task; told again, what sort of title it is."""

    type = "task.titled"
    timeless = True


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "task.duplicate_merged"
    into: TaskId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two tasks after all."""

    type = "task.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the task."""

    type = "task.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the task should never have been recorded."""

    type = "task.voided"


EVENTS = (Registered, Described, Titled, DuplicateMerged, DuplicateUnmerged, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the task: its title, what it is called."""

    title: PrintedName | None = None
    called: Label | None = None

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self)


class AddTitle(Command, frozen=True, kw_only=True, gc=False):
    """Record another title of the same task, and which sort of title it is as far as that is plain."""

    title: PrintedName
    variant: Variant | None = None


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another task. It has no date: nothing happened in the world."""

    into: TaskId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, task: Task, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the task is."""
    ref = Ref("tasks", id)
    header = task.header
    match command:
        case Describe():
            undated(command)
            if header is None:
                raise AssertionError(command)
            return again(Described, Attested, header, command, FIELDS, what=f"{ref}: header", ids={}, key=None)
        case AddTitle():
            undated(command)
            return titles.titled(str(ref), header, task.titles, command, (Described, Titled, Attested))
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(ref, task.duplicate, command, refs, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event on what it is."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case Registered(title=title, called=called, occurrence_of=duty, period=period):
            return put(
                task, "header", Header(title=title, called=called, occurrence_of=duty, period=period, sources=said)
            )
        case Described():
            return filled(task, recorded, FIELDS)
        case Titled(title=title, variant=variant):
            return titles.entitled(task, recorded, title, variant)
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(task, recorded)
        case Voided():
            return task
        case _:
            raise AssertionError(event)
