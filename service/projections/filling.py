"""From the log to rows: whole streams, page by page, and the rows that every projection makes of them.

Nothing here holds a transaction or a snapshot from one page to the next: the log up to a position never changes, so
pages read at different moments fit together. Memory is that of a page and of the longest stream in it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from service.domain.decider import Decider, Recorded, Ref
from service.domain.values import day_of
from service.projections import Projection, Row
from service.store import line as lines
from service.store import sql

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Advance: TypeAlias = Callable[[int], None]

PAGE = 2_000
"""Lines fetched at a time."""
FIRST = UUID(int=0)


class UnreadableError(Exception):
    """A line that this program cannot read; the message names it."""


def rows_of(
    projection: Projection, deciders: Mapping[str, Decider[Any]], ref: Ref, records: Sequence[Recorded]
) -> Iterable[Row]:
    """A stream's rows as they are stored after the last of its records.

    They are those of the day on which it last moved, which its newest line says. So the rows follow from the log alone:
    not from when a table was filled, nor from anybody's clock; and a table that was filled is the one that the appends
    have kept.
    """
    return projection.of(deciders[ref.category], ref, records, day_of(records[-1].time))


async def streams(
    connection: Connection, decoders: Mapping[str, Any], upto: int, of: Sequence[UUID] | None = None
) -> AsyncIterator[tuple[Ref, list[Recorded]]]:
    """Every stream (or those `of` some ids) with its records up to a position of the log, in the order of the ids."""
    stream: Ref | None = None
    records: list[Recorded] = []
    after = (FIRST, 0)
    more = True
    while more:
        if of is None:
            page = await connection.fetch(sql("by_stream"), *after, upto, PAGE)
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
    """New tables of some projections, which stand beside the live ones: `p_<name>__new`."""

    def __init__(
        self, connection: Connection, deciders: Mapping[str, Decider[Any]], decoders: Mapping[str, Any]
    ) -> None:
        """Read and write by that connection."""
        self.connection = connection
        self.deciders = deciders
        self.decoders = decoders

    async def make(self, projections: Sequence[Projection], upto: int, advance: Advance) -> None:
        """Make the tables, fill them with the log up to a position, and only then index them."""
        for projection in projections:
            await self.connection.execute(f"drop table if exists {new(projection)}")
            await self.connection.execute(projection.create(new(projection))[0])
        await self._store(projections, upto, None, advance)
        for projection in projections:
            for statement in projection.create(new(projection))[1:]:
                await self.connection.execute(statement)
            # Before anybody asks: without it the first plans would be those of an empty table.
            await self.connection.execute(f"analyze {new(projection)}")

    async def renew(self, projections: Sequence[Projection], ids: Sequence[UUID], upto: int) -> None:
        """Bring the rows of some streams to a position of the log, in one transaction (the caller's, if it has one)."""
        async with self.connection.transaction():
            for projection in projections:
                await self.connection.execute(f"delete from {new(projection)} where stream = any ($1::uuid[])", ids)
            await self._store(projections, upto, ids, lambda _: None)

    async def _store(
        self, projections: Sequence[Projection], upto: int, of: Sequence[UUID] | None, advance: Advance
    ) -> None:
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

    async def _copy(self, projections: Sequence[Projection], rows: Mapping[str, list[Row]]) -> None:
        """Store the rows and forget them, with one commit."""
        async with self.connection.transaction():
            for projection in projections:
                if found := rows[projection.name]:
                    columns = [name for name, _ in projection.columns]
                    await self.connection.copy_records_to_table(new(projection), records=found, columns=columns)
                    found.clear()


def new(projection: Projection) -> str:
    """The name of the table that is to take the live one's place."""
    return f"{projection.table}__new"
