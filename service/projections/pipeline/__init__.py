"""How many projects, of which stage, where, of whom, with which sums, in a time? Counted by a named rule.

One statement over the rows that the rules of counting make (`domain.project.counting`), as they hold on a day and were
known at a position: asked again for both, the answer is the same.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from service.projections.cursors import Behind, behind, mark, written
from service.projections.pipeline.answer import Found, Item, Left, Line, RuleTold, WithoutSum, found_of, lines, told
from service.projections.pipeline.asked import Filter
from service.projections.pipeline.rows import PIPELINES
from service.projections.pipeline.statement import statement

if TYPE_CHECKING:
    from service.projections.moments import Connection

__all__ = [
    "PIPELINES",
    "Filter",
    "Found",
    "Item",
    "Left",
    "Line",
    "RuleTold",
    "WithoutSum",
    "ask",
    "cursor",
    "lines",
    "offset",
    "tables",
    "told",
]

MOST = 100
"""So many projects of a list are told by name, beside how many there are."""


def tables(filter: Filter) -> frozenset[str]:
    """The projections that a question with this filter reads."""
    _, times = statement(filter, date.min, 0, told=MOST, offset=0, limit=None)
    return frozenset(times.tables)


async def ask(
    connection: "Connection", filter: Filter, day: date, known: int, *, begins: int = 0, most: int | None = None
) -> Found:
    """What counts, as it stands on `day`, as known at the position `known`: `most` groups behind `begins` others."""
    limit = most + 1 if most is not None else None
    text, times = statement(filter, day, known, told=MOST, offset=begins, limit=limit)
    row = await connection.fetchrow(text, *times.values)
    assert row is not None  # noqa: S101 -- it is one row of aggregates
    return found_of(row, most)


def cursor(filter: Filter, asked: tuple[Any, ...], day: date, known: int, offset: int) -> str:
    """The cursor of the page that begins behind so many groups."""
    return written(Behind(mark("pipeline", filter, *asked), day, known, offset))


def offset(cursor: str, filter: Filter, asked: tuple[Any, ...]) -> int:
    """Behind how many groups a cursor's page begins. Raises errors.BadCursor."""
    return behind(cursor, mark("pipeline", filter, *asked))
