"""Standing duties: a rule by which a task comes back every year, half-year, quarter or month, and what it yields.

A standing duty is never late itself: each period has a task of its own, with an id that follows from the duty and the
period, so that whoever yields it yields the same one. Periods are those of the calendar.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from, fields_set
from service.domain.parts import attestations, filled, part_of, put, sources
from service.domain.settling import again, agreeing, dates
from service.domain.task.header import Attested
from service.domain.task.state import Every, Month, MonthDay, Recurrence, Task
from service.domain.values import Note, Text

RULE = ("every", "month", "day", "first")
FIELDS = ("last", "text")
MONTHS: dict[Every, int] = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
"""How many months a period has."""


def ruled(fact: Any) -> None:
    """The month is one of the period's, and there is none where the period is one; the rule does not end first."""
    months = MONTHS[fact.every]
    if (fact.month is None) != (months == 1):
        raise ValueError("a rule names the month of its year, half-year or quarter, and none where it is monthly")
    if fact.month is not None and fact.month > months:
        raise ValueError(f"a {fact.every} has {months} months")
    if fact.day == 0:
        raise ValueError("days count from 1; -1 is the month's last day")
    if isinstance(fact.last, date) and fact.last < fact.first:
        raise ValueError("the last deadline lies before the first")


# --- Events -----------------------------------------------------------------------------------------------------------


class RecurrenceSet(Event, frozen=True, kw_only=True, gc=False):
    """The task is a standing duty: from then on it comes back by this rule, whole."""

    type = "task.recurrence_set"
    every: Every
    month: Month | None = None
    day: MonthDay
    first: date
    last: date | None = None
    text: Text | None = None

    def __post_init__(self) -> None:
        """It is a rule."""
        ruled(self)

    @property
    def part(self) -> str:
        """One rule a task."""
        return "recurrence"


class RecurrenceDescribed(Event, frozen=True, kw_only=True, gc=False):
    """More became known of the rule: what it says in words, its last deadline."""

    type = "task.recurrence_described"
    last: date | UnsetType = UNSET
    text: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The rule."""
        return "recurrence"

    @property
    def changes(self) -> str | None:
        """Its setting."""
        return "recurrence"


class RecurrenceEnded(Event, frozen=True, kw_only=True, gc=False):
    """The duty comes back no more: no deadline after that day is of it."""

    type = "task.recurrence_ended"
    grounds: Note | None = None

    @property
    def part(self) -> str:
        """The rule."""
        return "recurrence"

    @property
    def changes(self) -> str | None:
        """Its setting."""
        return "recurrence"


EVENTS = (RecurrenceSet, RecurrenceDescribed, RecurrenceEnded)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetRecurrence(Command, frozen=True, kw_only=True, gc=False):
    """Record the rule by which the task comes back: in each year, half-year, quarter or month it is due once.

    `month` is the period's how many-th, `day` that month's day (-1: its last). Deadlines lie from `first` to `last`.
    Another rule than the recorded one is told with the day that it holds from, in `effective`.
    """

    every: Every
    month: Month | None = None
    day: MonthDay
    first: date
    last: date | None = None
    text: Text | None = None

    def __post_init__(self) -> None:
        """It is a rule."""
        ruled(self)


class EndRecurrence(Command, frozen=True, kw_only=True, gc=False):
    """Record that the duty comes back no more, from when on, and why."""

    grounds: Note | None = None


Duties = SetRecurrence | EndRecurrence

# --- What a duty yields -----------------------------------------------------------------------------------------------


class Occurrence(Struct, frozen=True, kw_only=True, gc=False):
    """One task that a duty yields: its id, the period, that one's first day, and the deadline."""

    id: UUID
    period: str
    starts: date
    due: date


def occurrence_id(duty: UUID, period: str) -> UUID:
    """The id of a duty's task for a period: the same for whoever yields it."""
    return uuid5(duty, period)


def occurrences(id: UUID, rule: Recurrence, since: date, until: date) -> Iterator[Occurrence]:
    """What a duty yields in a span of days: the periods that begin from `since` to `until`, both included.

    Those whose deadline lies outside the rule's own first and last one, or on or after the day of its end, are none.
    """
    months = MONTHS[rule.every]
    stop = rule.until.earliest if rule.ended and rule.until is not None else None
    if rule.ended and stop is None:
        return
    number = (since.year * 12 + since.month - 1) // months
    while (begin := number * months) < (date.max.year + 1) * 12 and (
        starts := date(begin // 12, begin % 12 + 1, 1)
    ) <= until:
        period = f"{starts.year}{named(rule.every, begin % 12 // months + 1)}"
        due = deadline(starts, rule)
        fits = rule.first <= due and (rule.last is None or due <= rule.last) and (stop is None or due < stop)
        if starts >= since and fits:
            yield Occurrence(id=occurrence_id(id, period), period=period, starts=starts, due=due)
        number += 1


def named(every: Every, number: int) -> str:
    """How a period is called after its year: `2026`, `2026-H1`, `2026-Q1`, `2026-03`."""
    return {"year": "", "half_year": f"-H{number}", "quarter": f"-Q{number}", "month": f"-{number:02}"}[every]


def deadline(starts: date, rule: Recurrence) -> date:
    """The deadline within the period that starts on that day; a month that has no such day takes its last."""
    month = starts.month + (rule.month or 1) - 1
    last = monthrange(starts.year, month)[1]
    return date(starts.year, month, last if rule.day == -1 else min(rule.day, last))


# --- decide -----------------------------------------------------------------------------------------------------------


def yielded(id: UUID, duty: UUID, period: str, refs: Refs) -> None:
    """Refuse an occurrence of what is no standing duty, and one under another id than follows from it."""
    other = refs.get(Ref("tasks", duty))
    rule = other.recurrence if isinstance(other, Task) else None
    if rule is None:
        raise errors.Invalid("/occurrence_of", problem="this task is no standing duty: it has no rule of recurrence")
    if id != occurrence_id(duty, period):
        raise errors.Invalid("/period", problem="the id of an occurrence follows from its duty and period")


def decide(id: UUID, task: Task, command: Duties, refs: Refs) -> list[Event]:
    """The events of a command on the rule."""
    what, held = f"tasks/{id}: recurrence", task.recurrence
    match command:
        case SetRecurrence():
            if task.header is not None and task.header.occurrence_of is not None:
                raise errors.NotInThisState(subject=f"tasks/{id}", status="an occurrence", action="recur")
            if held is None or held.ended:
                return [event_from(RecurrenceSet, command)]
            if all(getattr(command, name) == getattr(held, name) for name in RULE):
                return again(
                    RecurrenceDescribed, Attested, held, command, (*RULE, *FIELDS), what=what, ids={}, key=None
                )
            if command.effective is None or command.effective.agrees(held.since):
                raise errors.AlreadyOtherwise(what=what)
            return [event_from(RecurrenceSet, command)]
        case EndRecurrence():
            if held is None:
                raise errors.UnknownPart(part="recurrence", subject=f"tasks/{id}")
            if not held.ended:
                return [event_from(RecurrenceEnded, command)]
            what = f"{what} ended"
            dates(command.effective, held.until, what, held=held, fact=command, field="until")
            told = agreeing(held, command, what, {"grounds": "grounds"})
            until = ("until",) if command.effective is not None else ()
            return [*attestations(Attested, held, ("ended", *until, *told), command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event of its rule."""
    event = recorded.event
    match event:
        case RecurrenceSet():
            fields = {name: getattr(event, name) for name in (*RULE, *FIELDS)}
            rule = Recurrence(**fields, since=event.effective, sources=sources(None, recorded))
            return put(task, "recurrence", rule)
        case RecurrenceDescribed():
            return filled(task, recorded, FIELDS)
        case RecurrenceEnded(grounds=grounds):
            held = part_of(task, event.part)
            if not isinstance(held, Recurrence):
                return task
            said = sources(held, recorded, ("ended", "until", "grounds"))
            return put(
                task, "recurrence", replace(held, ended=True, until=event.effective, grounds=grounds, sources=said)
            )
        case _:
            raise AssertionError(event)
