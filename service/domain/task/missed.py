"""Which tasks of a standing duty have still to be registered on a day: what was missed, and what is to come."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from service.domain.folding import Folded
from service.domain.task import DECIDER, Register, yielding
from service.domain.task.state import Task, status
from service.domain.values import UncertainDate

BACK = timedelta(days=400)
"""How far back what a duty has missed is looked for: over a year's period at least."""


def looked_back(on: date) -> date:
    """The day from which on it is looked at what a duty has yielded."""
    return on - BACK if on - date.min > BACK else date.min


def yields(id: UUID, duty: Folded[Task], on: date, until: date) -> Iterator[tuple[UUID, Register]]:
    """The tasks of a duty for the periods that begin up to a day, by all that is known on the day `on`.

    A period has the duty as it holds when that begins: another rule, or another unit, that takes effect by then counts.
    From the day on which the duty rests or ends there are none, nor any that would not be due before.
    """
    days = [on, *sorted({day for day, _ in duty.pending if on < day <= until})]
    states = {day: duty.at(DECIDER, day) for day in days}
    over = next((day for day, state in states.items() if rests(state)), date.max)
    for place, (day, state) in enumerate(states.items()):
        if day >= over:
            return
        first = day if place else looked_back(on)
        last = days[place + 1] - timedelta(days=1) if place + 1 < len(days) else until
        for one, command in yielding(id, state, first, last):
            if due_on(command) < over or over == date.max:
                yield one, command


def rests(duty: Task) -> bool:
    """Whether a duty yields nothing more, or nothing for now."""
    ended = duty.recurrence is None or duty.recurrence.ended
    return ended or status(duty) in {"suspended", "closed", "cancelled", "merged"}


def missing(told: Sequence[tuple[UUID, Register]], there: Collection[UUID], on: date) -> list[tuple[UUID, Register]]:
    """What has to be registered on a day of the tasks of a duty, which are told in the order of their periods.

    Those after the last one that has begun and is `there`: what was missed since is made up for. Where none is, the
    duty is new here, and those come first that can still be in time: nothing is known of those before.
    """
    begun = [
        place
        for place, (id, command) in enumerate(told)
        if id in there and command.terms and _first(command.terms.starts) <= on
    ]
    left = told[begun[-1] + 1 :] if begun else [one for one in told if due_on(one[1]) >= on]
    return [one for one in left if one[0] not in there]


def due_on(command: Register) -> date:
    """The deadline that a registration tells, the last day of all where it tells none."""
    due = command.terms.due if command.terms else None
    return (due.latest if due else None) or date.max


def _first(day: UncertainDate | None) -> date:
    return (day.earliest if day else None) or date.min
