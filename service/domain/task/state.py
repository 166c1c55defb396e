"""What a task's state is made of: one struct a part, each stored as one row; and what is read off it."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.titles import Title
from service.domain.values import (
    Count,
    Label,
    Note,
    Part,
    Person,
    PrintedName,
    Quantity,
    Text,
    UncertainDate,
    UnsignedText,
    Value,
)

StepName = Literal[
    "listed", "assigned", "started", "reported_done", "closed", "suspended", "cancelled", "reopened", "resumed"
]
Status = Literal[
    "registered",
    "listed",
    "assigned",
    "in_progress",
    "reported_done",
    "closed",
    "suspended",
    "cancelled",
    "merged",
]
"""`registered`: no step is known. `closed` is verified and struck off (销号), `reported_done` waits for that. `merged`
holds while a record is a duplicate."""
Role = Literal["lead", "supporting", "supervising"]
"""牵头, 配合 or 责任 beside a lead, 督办."""
Result = Literal["on_track", "behind", "done", "not_done"]
Relation = Literal["depends_on", "part_of", "same_work", "reports_on"]
"""`depends_on` waits for another task, `same_work` is the same one on another list."""
Every = Literal["year", "half_year", "quarter", "month"]
Level = Literal["near", "behind", "overdue", "escalated"]
Counts = Literal["calendar", "working"]
Days = Annotated[int, Meta(ge=1, le=3_660)]
Month = Annotated[int, Meta(ge=1, le=12)]
MonthDay = Annotated[int, Meta(ge=-1, le=31)]

RANK: dict[StepName, int] = {
    "listed": 1,
    "assigned": 2,
    "started": 3,
    "reopened": 3,
    "resumed": 3,
    "reported_done": 4,
    "closed": 5,
    "suspended": 5,
    "cancelled": 5,
}
"""Within a round steps only go forward. Going back is a correction, or begins the next round."""
ENDS: frozenset[StepName] = frozenset({"closed", "suspended", "cancelled"})
"""What ends a round."""
BEGINS: frozenset[StepName] = frozenset({"reopened", "resumed"})
"""What begins the next."""
CALLED: dict[StepName, Status] = {
    "listed": "listed",
    "assigned": "assigned",
    "started": "in_progress",
    "reopened": "in_progress",
    "resumed": "in_progress",
    "reported_done": "reported_done",
    "closed": "closed",
    "suspended": "suspended",
    "cancelled": "cancelled",
}
"""The status that each step leads to."""


class DueRule(Value, frozen=True, kw_only=True, gc=False):
    """A deadline told as a number of days after one: 自印发之日起30个工作日内.

    `holidays_until` is the last day of which holidays were known when it was counted, where it was counted beyond it:
    from there on Monday to Friday count. The registry sets it.
    """

    days: Days
    counts: Counts
    after: date
    printed: Label | None = None
    holidays_until: date | None = None


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the task is: its title as printed, or what the registry calls it where no source names it.

    One that a standing duty yielded names that duty, and which period it is for (`2026`, `2026-Q1`).
    """

    title: PrintedName | None = None
    called: Label | None = None
    occurrence_of: UUID | None = None
    period: Label | None = None


class Base(Part, frozen=True, kw_only=True, gc=False):
    """What the task carries out: a plan, an agreement, a statement, a meeting, or a part, and its number there."""

    on: str
    on_part: str | None = None
    number: Label | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the task's life, in one of its rounds: when, who took it, by which paper, on what grounds."""

    round: Count
    step: StepName
    effective: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    document: UUID | None = None
    grounds: Note | None = None


class Unit(Part, frozen=True, kw_only=True, gc=False):
    """A unit that answers for the task, since when and as what; the office in it that does (分管副市长), and who."""

    role: Role
    party: UUID
    name: PrintedName | None = None
    office: Label | None = None
    person: Person | None = None
    since: UncertainDate | None = None
    released: bool = False
    until: UncertainDate | None = None
    grounds: Note | None = None
    approver: UUID | None = None


class Terms(Part, frozen=True, kw_only=True, gc=False):
    """What is to be done, to what standard, from when, by when; and who changed that last, as a body of
    which plan, by which paper, and why.

    `title` is another one that the task was given by an adjustment. A deadline counts by the `latest` of `due`.
    """

    title: PrintedName | None = None
    text: Text | None = None
    requirement: Text | None = None
    starts: UncertainDate | None = None
    due: UncertainDate | None = None
    due_rule: DueRule | None = None
    grounds: Note | None = None
    approver: UUID | None = None
    approved_by: Person | None = None
    plan: UUID | None = None
    instrument: UUID | None = None


class Progress(Part, frozen=True, kw_only=True, gc=False):
    """How far the task had come on a day, as a unit reports: in words, in percent, as an amount."""

    id: UUID
    effective: UncertainDate | None = None
    text: Text | None = None
    share: UnsignedText | None = None
    amount: Quantity | None = None
    by: UUID | None = None
    person: Person | None = None


class Inspection(Part, frozen=True, kw_only=True, gc=False):
    """What those who looked after the task found on a day (督查)."""

    id: UUID
    effective: UncertainDate | None = None
    result: Result | None = None
    text: Text | None = None
    by: tuple[UUID, ...] = ()


class Link(Part, frozen=True, kw_only=True, gc=False):
    """How the task stands to another thing, or to a part of it."""

    relation: Relation
    target: str
    target_part: str | None = None


class Recurrence(Part, frozen=True, kw_only=True, gc=False):
    """The rule of a standing duty: in each period a task, due in its `month`-th month, on `day` (-1: the last).

    Deadlines lie from `first` to `last`. Since when the rule holds, and since when it has ended.
    """

    every: Every
    month: Month | None = None
    day: MonthDay
    first: date
    last: date | None = None
    text: Text | None = None
    since: UncertainDate | None = None
    ended: bool = False
    until: UncertainDate | None = None
    grounds: Note | None = None


class Reminder(Part, frozen=True, kw_only=True, gc=False):
    """That somebody was reminded of a deadline, at which level, and when."""

    level: Level
    due: date
    to: tuple[UUID, ...] = ()
    effective: UncertainDate | None = None


class Snooze(Part, frozen=True, kw_only=True, gc=False):
    """Until which day nobody is to be reminded, who asked for that, and why."""

    until: date
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None
    effective: UncertainDate | None = None


class Task(State, frozen=True, kw_only=True, gc=False):
    """A task, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    terms: Terms | None = None
    recurrence: Recurrence | None = None
    snooze: Snooze | None = None
    titles: dict[str, Title] = {}
    bases: dict[str, Base] = {}
    units: dict[str, Unit] = {}
    life: dict[str, Step] = {}
    progress: dict[str, Progress] = {}
    inspections: dict[str, Inspection] = {}
    links: dict[str, Link] = {}
    reminders: dict[str, Reminder] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def told_at(part: Part) -> int:
    """Where in the log a part was first told, for the order of what no date orders."""
    return part.sources[0].sequence if part.sources else 0


def furthest(task: Task) -> Step | None:
    """The furthest step of the last round; of two as far the later recorded."""
    return max(task.life.values(), key=lambda step: (step.round, RANK[step.step], told_at(step)), default=None)


def status(task: Task) -> Status:
    """How far the task is: merged while a duplicate, else by the furthest step of its last round."""
    if task.duplicate is not None:
        return "merged"
    last = furthest(task)
    if last is None:
        return "registered"
    return CALLED[last.step]


def ended(task: Task, round: int) -> Step | None:
    """The step that ended a round, the first recorded where there are several."""
    ends = (step for step in task.life.values() if step.round == round and step.step in ENDS)
    return min(ends, key=told_at, default=None)


def duty(task: Task) -> bool:
    """Whether the task is a standing duty: one that yields tasks, and is never late itself."""
    return task.recurrence is not None and not task.recurrence.ended


def title(task: Task) -> str:
    """What a list calls the task: the title that it was given last."""
    name = (task.terms.title if task.terms else None) or (task.header.title if task.header else None)
    return name.meant if name is not None else (task.header.called if task.header else None) or ""


def units(task: Task, *roles: Role) -> Iterator[Unit]:
    """The units that answer for the task in one of these roles, in the order of the log."""
    standing = (unit for unit in task.units.values() if unit.role in roles and not unit.released)
    return iter(sorted(standing, key=lambda unit: (told_at(unit), unit.party, unit.role)))
