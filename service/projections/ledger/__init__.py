"""What is to be done, by whom, by when, and what is late? Tasks with their colours, and how many, on a day.

One statement gives a page and the totals over all tasks that pass. It computes colours as `domain.task.lateness` does,
which tells for the tasks of the page what each colour rests on. A page is some rows from a place in the order on: the
pages after the first are for its day and its position, at which nothing moves.
"""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from service.projections.cursors import Behind, behind, mark, written
from service.projections.ledger.answer import MOST_UNITS, Found, Row, Rules, Totals, Unit, row_of, rules, totals_of
from service.projections.ledger.asked import Filter, InRoles, Order
from service.projections.ledger.statement import LIMITED, statement
from service.projections.moments import Moment, Times

if TYPE_CHECKING:
    from service.projections.moments import Connection

__all__ = ["TABLES", "Filter", "Found", "InRoles", "Order", "Row", "Rules", "Totals", "Unit", "ask", "cursor", "offset"]

TABLES = frozenset({"tasks", "assigned", "bases", "parties", "successions", "thresholds", "links"})
"""The projections that the question reads."""


async def ask(
    connection: "Connection",
    filter: Filter,
    day: date,
    known: int | None,
    *,
    limit: int,
    offset: int = 0,
    sort: Order = "due",
    totals: bool = True,
) -> Found:
    """`limit` tasks behind `offset` others, as they stand on `day`, as known at the position `known` (None: now)."""
    times = Times(Moment(day, known))
    limited: bool = await connection.fetchval(times.fill(LIMITED), *times.values)
    while True:
        text, values = statement(
            filter,
            day,
            known,
            limit=limit,
            offset=offset,
            sort=sort,
            totals=MOST_UNITS if totals else None,
            limited=limited,
        )
        found = await connection.fetchrow(text, *values)
        assert found is not None  # noqa: S101 -- it is one row of aggregates
        if found["limited"] is limited:
            break
        limited = found["limited"]  # A plan has got its first thresholds in between.
    names = msgspec.json.decode(found["names"] or "{}", type=dict[UUID, str])
    return Found(
        position=found["position"],
        rows=[row_of(row, day, filter.plan, names) for row in found["rows"][:limit]],
        more=len(found["rows"]) > limit,
        totals=totals_of(found) if totals else None,
        rules=rules(found) if totals else None,
    )


# --- Pages ------------------------------------------------------------------------------------------------------------


def cursor(filter: Filter, sort: Order, asked: tuple[Any, ...], day: date, known: int, offset: int) -> str:
    """The cursor of the page that begins behind so many rows."""
    return written(Behind(mark("ledger", sort, filter, *asked), day, known, offset))


def offset(cursor: str, filter: Filter, sort: Order, asked: tuple[Any, ...]) -> int:
    """Behind how many rows a cursor's page begins. Raises errors.BadCursor."""
    return behind(cursor, mark("ledger", sort, filter, *asked))
