"""What a task is: its titles, the standing duty that it is an occurrence of; which record of two stands for both."""

from typing import Any
from uuid import UUID

from service.domain import decider, duplicates, headings, titles
from service.domain.decider import Event, Recorded, Ref, Refs
from service.domain.task.state import Header, Task
from service.domain.values import Label, TaskId

FIELDS = ("title", "called")


def named(fact: Any) -> None:
    """A task has a title, or at least something to call it by; an occurrence says of what, and for which period."""
    headings.named(fact)
    if (fact.occurrence_of is None) != (fact.period is None):
        raise ValueError("an occurrence names its duty and its period, anything else neither")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(headings.Registered, frozen=True, kw_only=True, gc=False):
    """The task is known of. `called` is the registry's own words for it where no source names it.

    One that a standing duty yielded says of which, and for which period: its id follows from the two.
    """

    type = "task.registered"
    fixed = ("occurrence_of", "period")
    occurrence_of: TaskId | None = None
    period: Label | None = None

    def __post_init__(self) -> None:
        """It is called something."""
        named(self)


class Described(headings.Described, frozen=True, kw_only=True, gc=False):
    """What was unknown of the task became known; fields left out stay as they are."""

    type = "task.described"


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
NAMES = headings.Events(
    described=Described,
    titled=Titled,
    merged=DuplicateMerged,
    unmerged=DuplicateUnmerged,
    attested=Attested,
)
PARTS: headings.Parts = {Registered: Header}
"""What a registration becomes of the state."""

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(headings.Describe, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the task: its title, what it is called."""


class AddTitle(headings.AddTitle, frozen=True, kw_only=True, gc=False):
    """Record another title of the same task, and which sort of title it is as far as that is plain."""


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another task. It has no date: nothing happened in the world."""

    into: TaskId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, task: Task, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the task is."""
    return headings.decide(Ref("tasks", id), task, command, refs, NAMES)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event on what it is."""
    return headings.evolve(task, recorded, PARTS)
