"""What took long to count, kept by the process that counted it.

Of a million agreements the pairs of all parties take seconds to count, however few of them are asked for; for one day
and one position of the log they are the same for ever. So the first of them are kept, and the pages that lie within are
read off them. Who names no position may get what was counted a moment ago, for the position that it was counted at: a
moment is some times as long as counting takes, and while they are asked for, pairs are counted anew before it has
passed, one question at a time. What is counted at once is never kept.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from service.projections.moments import Moment
from service.projections.network.asked import Filter, Order, Pair, Place, count, cursor, named
from service.projections.paging import Page

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection

SLOW = 0.05
"""Seconds: what takes longer to count is kept."""
AHEAD = 2_000
"""Pairs that are counted at least, for this page and the next ones."""
KEPT = 12
"""Counts that are kept, those asked for last; some 2 MB each."""
MOMENT = 20
"""So many times as long as it took to count them, pairs answer for the newest position."""
CLOSING = 5.0
"""Seconds that counts under way have for stopping."""
MEMORY = "set local work_mem = '64MB'"
"""For one count at a time. With a few MB, as is usual, pairs go through files: twice as long."""


class Counted(NamedTuple):
    """The pairs of a question from a place on, as many as were asked for; `more`: there are others after them."""

    filter: Filter
    sort: Order
    moment: Moment
    after: Place | None
    rows: "list[asyncpg.Record]"
    more: bool
    took: float
    at: float

    def page(self, after: Place | None, limit: int) -> "tuple[list[asyncpg.Record], bool] | None":
        """The pairs after a place, and whether there are others; None where these are not all here."""
        way = -1 if self.sort.startswith("-") else 1

        def key(row: Any) -> tuple[Any, ...]:
            return (way * row["sort_value"], row["one"], row["other"])

        def at(place: Place) -> tuple[Any, ...]:
            return (way * place.value, place.one, place.other)

        if self.after is not None and (after is None or at(after) < at(self.after)):
            return None
        start = 0 if after is None else bisect_right(self.rows, at(after), key=key)
        if self.more and len(self.rows) - start < limit:
            return None
        return self.rows[start : start + limit], self.more or len(self.rows) > start + limit


class Question(NamedTuple):
    """What is counted: which pairs in which order, when, after which place, and how many of them."""

    filter: Filter
    sort: Order
    moment: Moment
    after: Place | None
    most: int


class Counts:
    """Counts pairs, and keeps them."""

    def __init__(self, connection: "Callable[[], AbstractAsyncContextManager[Connection]]") -> None:
        """`connection` takes one of a pool."""
        self._connection = connection
        self._kept: list[Counted] = []
        self._running: dict[Question, asyncio.Task[Counted]] = {}
        self._one = asyncio.Semaphore(1)

    async def close(self) -> None:
        """Count no further."""
        for task in (running := list(self._running.values())):
            task.cancel()
        if running:  # A database that is gone may never say that it has stopped.
            await asyncio.wait(running, timeout=CLOSING)

    async def page(
        self,
        filter: Filter,
        sort: Order,
        moment: Moment,
        *,
        limit: int,
        after: Place | None = None,
        least: int | None = None,
        asked: tuple[Any, ...] = (),
    ) -> tuple[Page[Pair], int]:
        """A page of pairs, and the position that it is for: that of the moment.

        With `least`, what was counted a moment ago will do, at any position from that on. `asked` is what else the
        cursor of the next page belongs to.
        """
        question = Question(filter, sort, moment, after, max(limit, AHEAD))
        found = self._found(question, limit, least)
        if found is None:
            found = await asyncio.shield(self._under_way(question, least) or self._begin(question))
        elif (
            found.moment != moment
            and _now() - found.at > MOMENT / 2 * found.took
            and self._under_way(question, least) is None
        ):
            self._begin(question)
        told = found.page(after, limit)
        assert told is not None  # noqa: S101 -- it was chosen, or counted, for this page
        rows, more = told
        async with self._connection() as connection:
            items = await named(connection, rows, found.moment)
        known = found.moment.known or 0
        next = cursor(filter, sort, asked, found.moment.day, known, rows[-1]) if more and rows else None
        return Page(items, next), known

    def _found(self, question: Question, limit: int, least: int | None) -> Counted | None:
        """What is kept and answers: for this very moment, else for one that will do."""
        for one in reversed(self._kept):
            young = _now() - one.at < MOMENT * one.took
            if (
                (one.filter, one.sort) == (question.filter, question.sort)
                and (one.moment == question.moment or (young and serves(one.moment, question.moment, least)))
                and one.page(question.after, limit) is not None
            ):
                self._kept.remove(one)
                self._kept.append(one)
                return one
        return None

    def _under_way(self, question: Question, least: int | None) -> "asyncio.Task[Counted] | None":
        """The count of these that has begun for somebody else, if one has."""
        for other, task in self._running.items():
            same = other._replace(moment=question.moment) == question
            if same and (other.moment == question.moment or serves(other.moment, question.moment, least)):
                return task
        return None

    def _begin(self, question: Question) -> "asyncio.Task[Counted]":
        """Count, whoever goes away meanwhile."""
        task = self._running[question] = asyncio.create_task(self._count(question))

        def done(task: "asyncio.Task[Counted]") -> None:
            del self._running[question]
            if not task.cancelled():
                task.exception()  # Whoever waits is told; of what nobody waits for, the next one counts again.

        task.add_done_callback(done)
        return task

    async def _count(self, question: Question) -> Counted:
        filter, sort, moment, after, most = question
        whole = filter.party is None
        async with self._one if whole else nullcontext(), self._connection() as connection:
            began = _now()
            async with connection.transaction(readonly=True) if whole else nullcontext():
                if whole:
                    await connection.execute(MEMORY)
                rows = await count(connection, filter, sort, moment, limit=most + 1, after=after)
        took = _now() - began
        more = len(rows) > most
        found = Counted(filter, sort, moment, after, rows[:most], more, took, _now())
        if took > SLOW:
            self._kept = [*self._kept[1 - KEPT :], found]
        return found


def serves(counted: Moment, asked: Moment, least: int | None) -> bool:
    """Whether what was counted at one moment answers for another, which is the newest."""
    return least is not None and counted.day == asked.day and (counted.known or 0) >= least


def _now() -> float:
    """Seconds of a clock that only goes on."""
    return asyncio.get_running_loop().time()
