"""How late a task is on a day, and why: computed, never an event. Nothing happens at midnight.

Red is overdue, yellow behind, blue near. What was closed, cancelled or suspended has no colour, nor has a standing
duty; what was reported done waits for its verification, and tells only how late it was. A deadline counts by its last
day.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from math import floor
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from service.domain import workdays
from service.domain.task.state import Counts, Progress, Result, Status, Task, duty, furthest, status, told_at
from service.domain.task.terms import deadline
from service.domain.values import UncertainDate

Colour = Literal["red", "yellow", "blue"]
Why = Literal["overdue", "deadline", "inspected", "share", "near"]
"""What a colour rests on: the deadline has gone by; it is close (`deadline`); the last inspection found the task behind
or not done, and nothing was reported since; less is done than the time gone by asks for; it comes near."""
Limit = Annotated[int, Meta(ge=0, le=3_660)]
Percent = Annotated[int, Meta(ge=0, le=100)]
WEIGHT: dict[Colour | None, int] = {None: 0, "blue": 1, "yellow": 2, "red": 3}


class Thresholds(Struct, frozen=True, kw_only=True, gc=False):
    """How a plan counts: days before a deadline that are `near` and `behind`, days after it to `escalate` on, how many
    points of a hundred a share may lag behind (`slack`), and whether days are those of the calendar or worked ones."""

    near: Limit = 30
    behind: Limit = 7
    escalate: Limit = 3
    counts: Counts = "calendar"
    slack: Percent = 20


REGISTRY = Thresholds()
"""The registry's own, where no plan sets any."""


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """What of a task its lateness rests on.

    `inspected` is what the last inspection found, unless progress was reported since; `reported` the first day on which
    it may have been reported done, or closed where nobody reported it.
    """

    status: Status
    duty: bool
    deadline: date | None = None
    starts: date | None = None
    share: str | None = None
    inspected: Result | None = None
    reported: date | None = None


class Lateness(Struct, frozen=True, kw_only=True, gc=False):
    """How late a task is: its colour and what that rests on.

    `left` are the days until the deadline, negative after it; `late_by` how many days after it the task is, or was
    reported done. Both count by `counts`; `beyond` says that days were counted of a year whose holidays are not known.
    """

    colour: Colour | None = None
    why: tuple[Why, ...] = ()
    deadline: date | None = None
    left: int | None = None
    late_by: int | None = None
    counts: Counts = "calendar"
    beyond: bool = False


def standing(task: Task) -> Standing:
    """What of a task its lateness rests on."""
    report = max(task.progress.values(), key=lambda one: _place(one.effective, told_at(one)), default=None)
    shares = [one for one in task.progress.values() if one.share is not None]
    share = max(shares, key=lambda one: _place(one.effective, told_at(one)), default=None)
    seen = max(task.inspections.values(), key=lambda one: _place(one.effective, told_at(one)), default=None)
    found = seen.result if seen is not None else None
    if seen is not None and report is not None and _after(report, _place(seen.effective, told_at(seen))):
        found = None
    starts = task.terms.starts if task.terms is not None else None
    return Standing(
        status=status(task),
        duty=duty(task),
        deadline=deadline(task),
        starts=(starts.latest or starts.earliest) if starts is not None else None,
        share=share.share if share is not None else None,
        inspected=found,
        reported=_reported(task),
    )


def _place(day: UncertainDate | None, sequence: int) -> tuple[date, int]:
    """Where something stands among its like in time; what nobody dates comes first."""
    return (day.earliest or day.latest or date.min) if day is not None else date.min, sequence


def _after(report: Progress, seen: tuple[date, int]) -> bool:
    """Whether a report came after an inspection."""
    return _place(report.effective, told_at(report)) > seen


def _reported(task: Task) -> date | None:
    """When the last round was reported done, else closed, as far as that is known."""
    last = furthest(task)
    if last is None or last.step not in {"reported_done", "closed"}:
        return None
    step = task.life.get(f"{last.round}:reported_done", last)
    return step.effective.earliest if step.effective is not None else None


def days(first: date, last: date, counts: Counts) -> int:
    """The days from one to the other, negative where the other comes before."""
    return workdays.between(first, last) if counts == "working" else (last - first).days


def lateness(task: Standing, on: date, thresholds: Iterable[Thresholds] = ()) -> Lateness:
    """How late the task is on a day. Of several plans that it carries out the strictest counts: the worst colour.

    Of several as bad the one with the most reasons, then the fewest days left; in which order they come does not count.
    """
    judged = [_judged(task, on, one) for one in thresholds] or [_judged(task, on, REGISTRY)]
    return max(judged, key=lambda one: (WEIGHT[one.colour], len(one.why), -(one.left or 0), one.why, one.counts))


def _judged(task: Standing, on: date, by: Thresholds) -> Lateness:
    """How late the task is as one plan counts."""
    due, counts = task.deadline, by.counts
    if task.duty or task.status in {"cancelled", "suspended", "merged"}:
        return Lateness(deadline=due, counts=counts)
    done = task.status in {"reported_done", "closed"}
    day = task.reported if done else on
    left = late_by = None
    if due is not None and day is not None:
        left = None if done else days(on, due, counts)
        late_by = days(due, day, counts) if day > due else None
    why: tuple[Why, ...] = () if done else tuple(reasons(task, on, by))
    beyond = counts == "working" and None not in {due, day} and not all(map(workdays.known, filter(None, (due, day))))
    colour = COLOURS[why[0]] if why else None
    return Lateness(colour=colour, why=why, deadline=due, left=left, late_by=late_by, counts=counts, beyond=beyond)


COLOURS: dict[Why, Colour] = {
    "overdue": "red",
    "deadline": "yellow",
    "inspected": "yellow",
    "share": "yellow",
    "near": "blue",
}


def reasons(task: Standing, on: date, by: Thresholds) -> Iterator[Why]:
    """What speaks for a colour, the worst first; what is overdue is neither close nor near as well."""
    left = days(on, task.deadline, by.counts) if task.deadline is not None else None
    overdue = task.deadline is not None and task.deadline < on
    if overdue:
        yield "overdue"
    elif left is not None and left <= by.behind:
        yield "deadline"
    if task.inspected in {"behind", "not_done"}:
        yield "inspected"
    if (share := expected(task, on)) is not None and Fraction(task.share or "0") < share - by.slack:
        yield "share"
    if not overdue and left is not None and by.behind < left <= by.near:
        yield "near"


class Turns(NamedTuple):
    """From which days on an open task that no plan judges is blue, yellow and red, the worst that has come counting.

    None where that never comes: days pass, and what speaks for a colour of an open task does not cease with them.
    """

    blue: date | None = None
    yellow: date | None = None
    red: date | None = None


def turns(task: Standing) -> Turns:
    """When the task takes which colour by the registry's own thresholds: what `lateness` says, for all days at once."""
    if task.duty or task.status in {"reported_done", "closed", "cancelled", "suspended", "merged"}:
        return Turns()
    blue = red = None
    yellow = [date.min] if task.inspected in {"behind", "not_done"} else []
    if (due := task.deadline) is not None:
        blue = _day(due.toordinal() - REGISTRY.near)
        yellow.append(_day(due.toordinal() - REGISTRY.behind))
        red = date.fromordinal(due.toordinal() + 1) if due < date.max else None
        if task.starts is not None and task.share is not None and task.starts < due:
            days = due.toordinal() - task.starts.toordinal()
            gone = floor((Fraction(task.share) + REGISTRY.slack) * days / 100) + 1
            if gone <= days:
                yellow.append(_day(task.starts.toordinal() + gone) if gone > 0 else date.min)
    return Turns(blue, min(yellow, default=None), red)


def _day(ordinal: int) -> date:
    """The day of that ordinal, the first of all where it would lie before that."""
    return date.fromordinal(max(ordinal, 1))


def expected(task: Standing, on: date) -> Fraction | None:
    """The part of the time that has gone by, in percent of it all, where start, deadline and a share are known."""
    if task.starts is None or task.deadline is None or task.share is None or task.starts >= task.deadline:
        return None
    gone = min(max((on - task.starts).days, 0), (task.deadline - task.starts).days)
    return Fraction(gone * 100, (task.deadline - task.starts).days)
