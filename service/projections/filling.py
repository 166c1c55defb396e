"""From the log to rows: whole streams, page by page, and the rows that every projection makes of them.

Nothing here holds a transaction or a snapshot from one page to the next: the log up to a position never changes, so
pages read at different moments fit together. Memory is that of a page and of the longest stream in it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.domain.decider import Decider, Recorded, Ref
from service.domain.values import day_of
from service.projections import Row, Table
from service.store import line as lines
from service.store import sql

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Advance: TypeAlias = Callable[[int], None]

PAGE = 2_000
"""Lines fetched at a time."""
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
ALL = 2**62
"""More versions than any stream has."""
LARGE = 50_000
"""Lines of a log from which on a fill is shared: to start a process costs as much as to read some thousands of them."""


class Range(Struct, frozen=True):
    """The streams with ids after the line `version` of `after` (its last one: 2**62 will do), up to `last`."""

    after: UUID = FIRST
    version: int = 0
    last: UUID = LAST


class Share(Struct, frozen=True):
    """What another process is to do of a fill: for which tables, by the projections' names, and which streams."""

    tables: dict[str, str]
    upto: int
    streams: Range


class Elsewhere(Protocol):
    """How other processes are had: how many at most, and one that does a share to its end."""

    count: int

    async def __call__(self, share: Share, advance: Advance) -> None:
        """Do the share, telling how many lines were read. Raises OSError where it cannot be done."""


class UnreadableError(Exception):
    """A line that this program cannot read; the message names it."""


def rows_of(
    projection: Table, deciders: Mapping[str, Decider[Any]], ref: Ref, records: Sequence[Recorded]
) -> Iterable[Row]:
    """A stream's rows as they are stored after the last of its records.

    They are those of the day on which it last moved, which its newest line says. So the rows follow from the log alone:
    not from when a table was filled, nor from anybody's clock; and a table that was filled is the one that the appends
    have kept.
    """
    return projection.of(deciders[ref.category], ref, records, day_of(records[-1].time))


async def streams(
    connection: Connection, decoders: Mapping[str, Any], upto: int, of: "Sequence[UUID] | Range"
) -> AsyncIterator[tuple[Ref, list[Recorded]]]:
    """The streams of some ids with their records up to a position of the log, in the order of the ids."""
    stream: Ref | None = None
    records: list[Recorded] = []
    after = (of.after, of.version) if isinstance(of, Range) else (FIRST, 0)
    more = True
    while more:
        if isinstance(of, Range):
            page = await connection.fetch(sql("by_stream"), *after, upto, PAGE, of.last)
        else:
            page = await connection.fetch(sql("by_stream_of"), *after, upto, PAGE, of)
        more = len(page) == PAGE
        for row in page:
            try:
                ref, _, recorded = lines.decode(row["line"], decoders)
            except (KeyError, ValueError) as error:
                told = f"the line at position {row['position']} cannot be read, so no projection can be made: {error}"
                raise UnreadableError(told) from error
            if ref != stream:
                if stream is not None:
                    yield stream, records
                stream, records = ref, []
            records.append(recorded)
        if page:
            after = (page[-1]["stream"], page[-1]["version"])
    if stream is not None:
        yield stream, records


class Tables:
    """New tables of some projections, which stand beside the live ones: `p_<name>__new_` and a mark.

    The mark is this fill's own: what a process that has outlived its fill still stores goes nowhere.
    """

    def __init__(
        self,
        connection: Connection,
        deciders: Mapping[str, Decider[Any]],
        decoders: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Read and write by that connection. `names` are the tables', where they have been made already."""
        self._names = names
        self._mark = secrets.token_hex(4)
        self.connection = connection
        self.deciders = deciders
        self.decoders = decoders

    def new(self, projection: Table) -> str:
        """The name of the table that is to take the live one's place."""
        return f"{projection.table}__new_{self._mark}" if self._names is None else self._names[projection.name]

    async def make(
        self, projections: Sequence[Table], upto: int, advance: Advance, elsewhere: Elsewhere | None = None
    ) -> None:
        """Make the tables, fill them with the log up to a position, and only then index them."""
        for projection in projections:
            await self.connection.execute(projection.create(self.new(projection))[0])
        ranges = [Range()]
        if elsewhere is not None and elsewhere.count and upto >= LARGE:
            ranges = await self._ranges(elsewhere.count + 1)
        names = {projection.name: self.new(projection) for projection in projections}
        others = [asyncio.create_task(elsewhere(Share(names, upto, one), advance)) for one in ranges[1:] if elsewhere]
        try:
            await self.store(projections, upto, ranges[0], advance)
            await asyncio.gather(*others)
        finally:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for projection in projections:
            for statement in projection.create(self.new(projection))[1:]:
                await self.connection.execute(statement)
            # Before anybody asks: without it the first plans would be those of an empty table.
            await self.connection.execute(f"analyze {self.new(projection)}")

    async def _ranges(self, count: int) -> list[Range]:
        """All streams in so many ranges, each of about the same number."""
        parts = [part / count for part in range(1, count)]
        ends: list[UUID] = await self.connection.fetchval(sql("shares"), parts) or []
        lasts = [*sorted(set(ends)), LAST]
        starts = [Range(), *(Range(end, ALL) for end in lasts[:-1])]
        return [Range(start.after, start.version, last) for start, last in zip(starts, lasts, strict=True)]

    async def renew(self, projections: Sequence[Table], ids: Sequence[UUID], upto: int) -> None:
        """Bring the rows of some streams to a position of the log, in one transaction (the caller's, if it has one)."""
        async with self.connection.transaction():
            for projection in projections:
                await self.connection.execute(
                    f"delete from {self.new(projection)} where stream = any ($1::uuid[])", ids
                )
            await self.store(projections, upto, ids, lambda _: None)

    async def store(
        self, projections: Sequence[Table], upto: int, of: Sequence[UUID] | Range, advance: Advance
    ) -> None:
        """Store the rows of some streams with the log up to a position; `advance` is told how many lines that were."""
        rows: dict[str, list[Row]] = {projection.name: [] for projection in projections}
        count = 0
        async for ref, records in streams(self.connection, self.decoders, upto, of):
            for projection in projections:
                if ref.category in projection.categories:
                    rows[projection.name] += rows_of(projection, self.deciders, ref, records)
            count += len(records)
            if count >= PAGE:
                await self._copy(projections, rows)
                advance(count)
                count = 0
        await self._copy(projections, rows)
        advance(count)

    async def _copy(self, projections: Sequence[Table], rows: Mapping[str, list[Row]]) -> None:
        """Store the rows and forget them, with one commit."""
        async with self.connection.transaction():
            for projection in projections:
                if found := rows[projection.name]:
                    columns = [name for name, _ in projection.columns]
                    await self.connection.copy_records_to_table(self.new(projection), records=found, columns=columns)
                    found.clear()
