"""What a row of a sheet comes to: a new task, what has changed of a known one, or nothing.

A row is known by its number in the plan. What stands as the row says is left alone; what was unknown is learnt; what is
otherwise is changed, for a reason and with an approval. An empty cell says nothing, and nothing is taken away but by
the word for it. All that is wrong with a row is told at once, each by its cell.
"""

from typing import NamedTuple
from uuid import UUID, uuid5

from service.domain import errors
from service.domain.decider import Recorded
from service.domain.settling import settle
from service.domain.task import DECIDER
from service.domain.task.sheet import COLUMNS, Name, same
from service.domain.task.sheet.cells import Change, Given, Known, Row, number_of
from service.domain.task.sheet.known import Changed
from service.domain.task.sheet.new import New


class Result(NamedTuple):
    """What a row comes to: the task, its commands, and what is wrong with it."""

    id: UUID
    changes: tuple[Change, ...]
    wrong: tuple[errors.Refused, ...]


def task_id(plan: UUID, number: str) -> UUID:
    """The id of a task that a sheet brings in: the same for the same number in the plan."""
    return uuid5(plan, f"tasks/{same(number)}")


def read(row: Row, given: Given, known: Known | None) -> Result:
    """What the row comes to."""
    reader = Changed(row, given, known) if known is not None else New(row, given)
    id = known.id if known is not None else task_id(given.plan, number_of(row) or "")
    changes = list(reader.changes())
    if reader.wrong:
        return Result(id, (), tuple(reader.wrong))
    kept = []
    state = known.newest if known is not None else DECIDER.initial
    for change in changes:
        try:
            events = settle(DECIDER, state, DECIDER.decide(id, state, change.command, given.refs))
        except errors.Refused as refused:
            column = pointed(refused.pointer or "") or change.column
            reader.wrong.append(reader.at(column if column in row else change.column, refused))
            continue
        for event in events:
            state = DECIDER.evolve(state, Recorded.template(event))
        if events:
            kept.append(change)
    return Result(id, tuple(kept), tuple(reader.wrong))


def pointed(pointer: str) -> Name | None:
    """The column that a pointer into a command is about, as far as its last name says so."""
    last = pointer.rpartition("/")[2]
    return last if last in COLUMNS else None
