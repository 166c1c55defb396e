"""Reminders: that somebody was reminded of a deadline, once at each level; and that nobody is to be for a while."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import assert_never
from uuid import UUID

from service.domain.decider import Command, Event, Recorded, Refs, as_sets, event_from
from service.domain.parts import put, sources
from service.domain.task.lateness import REGISTRY, Colour, Standing, Thresholds, days, lateness, standing
from service.domain.task.state import Level, Reminder, Snooze, Task, units
from service.domain.values import Note, Parties

# --- Events -----------------------------------------------------------------------------------------------------------


class Reminded(Event, frozen=True, kw_only=True, gc=False):
    """These were reminded, or at the level `escalated` told, that the task is due, or was due, on that day."""

    type = "task.reminded"
    level: Level
    due: date
    to: Parties = ()

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "to")

    @property
    def part(self) -> str:
        """One part a level and deadline."""
        return f"reminders/{self.level}:{self.due}"


class Snoozed(Event, frozen=True, kw_only=True, gc=False):
    """Until that day nobody is to be reminded of the task; a later snooze takes this one's place."""

    type = "task.snoozed"
    until: date
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def part(self) -> str:
        """The last one."""
        return "snooze"


EVENTS = (Reminded, Snoozed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Remind(Command, frozen=True, kw_only=True, gc=False):
    """Record that somebody was reminded of a deadline: once at each level, whoever is told the second time."""

    level: Level
    due: date
    to: Parties = ()

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "to")


class SnoozeReminders(Command, frozen=True, kw_only=True, gc=False):
    """Record that nobody is to be reminded of the task until that day, who asked for it, and why."""

    until: date
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


Reminding = Remind | SnoozeReminders

# --- What is due ------------------------------------------------------------------------------------------------------

LEVELS: dict[Colour, Level] = {"blue": "near", "yellow": "behind", "red": "overdue"}
"""The level at which a colour is told."""


def levels(task: Standing, on: date, thresholds: Iterable[Thresholds] = ()) -> Iterator[Level]:
    """What is to be told of a task on a day: what it has come to, not what it came past before.

    What has been overdue for so many days as a plan escalates after is told to others as well.
    """
    counting = tuple(thresholds) or (REGISTRY,)
    told = lateness(task, on, counting)
    if told.colour is None or task.deadline is None:
        return
    yield LEVELS[told.colour]
    if told.colour == "red" and any(days(task.deadline, on, by.counts) >= by.escalate for by in counting):
        yield "escalated"


def due(task: Task, on: date, thresholds: Iterable[Thresholds] = (), above: Iterable[UUID] = ()) -> list[Remind]:
    """The reminders of a task that are due on a day and have not been recorded: none while it is snoozed.

    Lead and supporting units are reminded; an escalation is for the supervising ones, or for those who stand `above`
    where none is named.
    """
    told = standing(task)
    if told.deadline is None or (task.snooze is not None and on < task.snooze.until):
        return []
    found = []
    for level in levels(told, on, thresholds):
        if f"{level}:{told.deadline}" in task.reminders:
            continue
        if level == "escalated":
            to = tuple(unit.party for unit in units(task, "supervising")) or tuple(above)
        else:
            to = tuple(unit.party for unit in units(task, "lead", "supporting"))
        found.append(Remind(level=level, due=told.deadline, to=to))
    return found


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, task: Task, command: Reminding, refs: Refs) -> list[Event]:
    """The events of a reminder or a snooze: none where there has been that reminder."""
    match command:
        case Remind(level=level, due=due):
            return [] if f"{level}:{due}" in task.reminders else [event_from(Reminded, command)]
        case SnoozeReminders():
            return [event_from(Snoozed, command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one reminder or snooze."""
    event = recorded.event
    since, said = event.effective, sources(None, recorded)
    match event:
        case Reminded(level=level, due=due, to=to):
            return put(task, event.part, Reminder(level=level, due=due, to=to, effective=since, sources=said))
        case Snoozed(until=until, by=by, grounds=grounds):
            return put(task, "snooze", Snooze(until=until, by=by, grounds=grounds, effective=since, sources=said))
        case _:
            raise AssertionError(event)
