"""What sort of task one is, in one small number: the ledger counts by it, by an index that has no more of its state.

A cell is 16 times the status' place among them all, 8 of what has no deadline, 4 of standing duties. On a day the
weight of the task's colour is added, 0 to 3 (`domain.task.lateness.WEIGHT`).
"""

from collections.abc import Iterable
from typing import NamedTuple, get_args

from service.domain.task.lateness import Standing
from service.domain.task.state import Status

_STATUSES: tuple[Status, ...] = get_args(Status)
_DUTY, _UNDATED, _STATUS = 4, 8, 16


class Cell(NamedTuple):
    """What a cell's number says."""

    status: Status
    duty: bool
    undated: bool
    weight: int


def cell(task: Standing) -> int:
    """The number of what does not move with days: without a weight."""
    undated = _UNDATED * (task.deadline is None)
    return _STATUS * _STATUSES.index(task.status) + _DUTY * task.duty + undated


def read(cell: int) -> Cell:
    """What the number says."""
    return Cell(_STATUSES[cell // _STATUS], bool(cell & _DUTY), bool(cell & _UNDATED), cell & 3)


def of(column: str, statuses: Iterable[Status]) -> str:
    """SQL: that the column has a cell of one of those statuses."""
    firsts = [_STATUS * _STATUSES.index(status) for status in statuses]
    return f"({' or '.join(f'{column} between {first} and {first + _STATUS - 1}' for first in firsts)})"
