"""What does this task carry out? Each plan, agreement, statement or meeting that it rests on, or the part of it."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from service.domain.decider import Ref
from service.domain.task import DECIDER
from service.domain.task.bases import place
from service.domain.task.state import Task
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists

if TYPE_CHECKING:
    from service.projections.moments import Connection


def said(ref: Ref, task: Task, day: date) -> dict[Key, Row]:
    """Each thing with its part, empty where it is the whole thing, and the task's number there.

    The first of the parts of each thing says when the task was registered: by that row a list finds the task once.
    """
    if task.header is None:
        return {}
    held = {(one.on, one.on_part or ""): one.number for one in task.bases.values()}
    firsts = dict(sorted(held, reverse=True))
    sequence = task.header.sources[0].sequence
    return {
        (on, part): (number, place(number), sequence if firsts[on] == part else None)
        for (on, part), number in held.items()
    }


INPUTS = Inputs(some={"header": exists}, keys={"bases": lambda one: [(one.on,)]})

BASES = over_time(
    name="bases",
    version=3,
    deciders=(DECIDER,),
    keys=(("target", "text"), ("part", "text")),
    values=(("number", "text"), ("place", "text"), ("recorded", "bigint")),
    indexes=(
        "create index on p_bases (target, part, stream)",
        "create index on p_bases (target, number)",
        "create index on p_bases (target, recorded, stream) where recorded is not null",
    ),
    said=said,
    inputs=INPUTS,
)


async def numbered(connection: "Connection", target: str, day: date) -> dict[UUID, tuple[str, ...]]:
    """The tasks that carry out a thing, or a part of it, on a day, with the numbers that each has there."""
    found = await connection.fetch(
        "select stream, array_agg(distinct number) filter (where number is not null) as numbers from p_bases "
        "where target = $1 and starts <= $2 and $2 < ends group by stream order by stream",
        target,
        day,
    )
    return {row["stream"]: tuple(row["numbers"] or ()) for row in found}
