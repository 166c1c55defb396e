"""From the log to rows: whole streams, page by page, and the rows that every projection makes of them.

Nothing here holds a transaction or a snapshot from one page to the next: the log up to a position never changes, so
pages read at different moments fit together. Memory is that of two pages and of the longest stream in them.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import cache
from operator import itemgetter
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.domain.decider import Decider, Recorded, Ref
from service.domain.values import day_of
from service.projections import Projection, Row, Table, UntoldError
from service.projections.bitemporal import Bitemporal
from service.projections.track import FOREVER, Changes, Track
from service.store import line as lines
from service.store import sql
from service.store.failures import unfit

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Advance: TypeAlias = Callable[[int], None]

PAGE = 2_000
"""Lines fetched at a time, at most."""
BYTES = 8 << 20
"""Bytes of lines fetched at a time, about, and of which rows are kept before they are stored."""
PIECE = 128 << 10
"""Bytes of lines that are decoded at a time, about: as much as PostgreSQL gets rid of meanwhile."""
FIRST_PAGE = 256
"""Lines of the first page."""
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


class Stop(Struct, frozen=True):
    """A following projection, the first event that it cannot take, and why."""

    name: str
    sequence: int
    said: str

    @classmethod
    def of(cls, projection: Table, sequence: int, error: BaseException | None) -> "Stop":
        """As the error says it."""
        return cls(projection.name, sequence, f"event {sequence}: {type(error).__name__}: {error}")


class Elsewhere(Protocol):
    """How other processes are had: how many at most, and one that does a share to its end."""

    count: int

    async def __call__(self, share: Share, advance: Advance) -> Sequence[Stop]:
        """Do the share, telling how many lines were read; answers what stopped there.

        Raises OSError where it cannot be done.
        """


class UnreadableError(Exception):
    """A line that this program cannot read; the message names it."""


def rows_of(
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    ref: Ref,
    records: Sequence[Recorded],
    track: Track[Any] | None = None,
) -> Iterator[tuple[Table, Iterable[Row] | UntoldError]]:
    """A stream's rows in each table as they are stored after the last of its records, made in one pass for all.

    For a following projection that cannot take one of them the error that says which.

    They are those of the day on which it last moved, which its newest line says. So the rows follow from the log alone:
    not from when a table was filled, nor from anybody's clock; and a table that was filled is the one that the appends
    have kept. A `track` of the stream, before its first event, is led to its end where any of them follows.
    """
    decider, day = deciders[ref.category], day_of(records[-1].time)
    mine = [one for one in projections if ref.category in one.categories]
    following = [one for one in mine if isinstance(one, Bitemporal)]
    told = (track or Track(decider, ref)).further(following, records) if following else {}
    for one in mine:
        changes = told.get(one.name)
        if changes is None:
            yield one, one.of(decider, ref, records, day)
        else:
            yield one, changes.put() if isinstance(changes, Changes) else changes


async def streams(
    connection: Connection,
    decoders: Mapping[str, Any],
    upto: int,
    of: "Sequence[UUID] | Range",
    using: asyncio.Lock | None = None,
) -> AsyncGenerator[tuple[Ref, list[Recorded], int], None]:
    """The streams of some ids with their records up to a position of the log, and their bytes; in the order of the ids.

    A page has as many lines as fit into its bytes, judged by the page before it. PostgreSQL reads the next one while
    the events of this one are decoded and used: whoever does anything else on the connection meanwhile holds `using`,
    and whoever may not come to the end closes this (`aclosing`). The bytes are a stream's share by its number of lines.
    Raises UnreadableError.
    """
    name, among = ("by_stream", of.last) if isinstance(of, Range) else ("by_stream_of", of)
    after = (of.after, of.version) if isinstance(of, Range) else (FIRST, 0)
    reading, using, limit = lines.Page.of(decoders), using or asyncio.Lock(), min(PAGE, FIRST_PAGE)
    stream: Ref | None = None
    records: list[Recorded] = []
    size = 0

    async def fetched(statement: str) -> list[asyncpg.Record]:
        async with using:
            return await connection.fetch(statement, *after, upto, limit, among)

    coming: asyncio.Task[list[asyncpg.Record]] | None = asyncio.create_task(fetched(_page(name)))
    try:
        while coming is not None:
            [(page, count)], begun, coming = await coming, (after, limit), None
            read = 0
            try:
                if count == limit:
                    last = lines.outer(page[page.rfind(b"\n") + 1 :])
                    after = (Ref.of(last.subject).id, last.streamversion)
                    if after <= begun[0]:
                        raise ValueError("it belongs elsewhere")
                    limit = max(1, min(PAGE, BYTES * count // len(page)))
                    coming = asyncio.create_task(fetched(_page(name)))
                    await asyncio.sleep(0)  # asks for it
                for piece in _pieces(page or b""):
                    for ref, told in reading.decode(piece):
                        if ref != stream:
                            if stream is not None:
                                yield stream, records, size
                            stream, records, size = ref, [], 0
                        records += told
                        read += len(told)
                        size += len(page) * len(told) // count
                    if coming is not None:
                        await asyncio.sleep(0)  # takes what has come of the next one
                if read != count:
                    raise ValueError("some line is none")
            except lines.UNREADABLE as error:
                if coming is not None:
                    await coming
                    coming = None
                after, limit = begun
                raise _unreadable(await fetched(sql(name)), decoders) from error
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
    if stream is not None:
        yield stream, records, size


@cache
def _page(name: str) -> str:
    """The lines of a statement as one text, and how many they are: PostgreSQL, too, makes one value of them at once."""
    return f"select string_agg(line, '\\x0a'::bytea) as page, count(*) as count from ({sql(name)}) as found"


def _pieces(page: bytes) -> Iterator[memoryview]:
    """A page in pieces of whole lines."""
    start, whole = 0, memoryview(page)
    while start < len(page):
        end = page.find(b"\n", start + PIECE)
        end = end if end >= 0 else len(page)
        yield whole[start:end]
        start = end + 1


def _unreadable(rows: Sequence[asyncpg.Record], decoders: Mapping[str, Any]) -> UnreadableError:
    """Which of some lines cannot be read, and why."""
    for row in rows:
        try:
            lines.Page.of(decoders).decode(row["line"])
        except lines.UNREADABLE as error:
            told = f"the line at position {row['position']} cannot be read, so no projection can be made: {error}"
            return UnreadableError(told)
    return UnreadableError(f"lines from position {rows[0]['position']} on are not what stands beside them says")


class Tables:
    """New tables of some projections, which stand beside the live ones: `p_<name>__new_` and a mark.

    The mark is this fill's own: what a process that has outlived its fill still stores goes nowhere.

    An event that a following projection cannot take stops that one alone: it stands in `stops`, and its table has to be
    filled again up to that event (`refill`), after which it is `settled`. One that an inline projection cannot
    take ends it all.
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
        self.stops: dict[str, Stop] = {}
        self.settled: dict[str, Stop] = {}
        self.connection = connection
        self.using = asyncio.Lock()
        """Held by whoever uses the connection, which reads ahead while rows are stored."""
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
            for stops in await asyncio.gather(*others):
                for stop in stops:
                    self.stop(stop)
        finally:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for projection in projections:
            if projection.name in self.stops:
                continue
            try:
                for statement in projection.create(self.new(projection))[1:]:
                    await self.connection.execute(statement)
            except asyncpg.PostgresError as error:
                if isinstance(projection, Projection) or not unfit(error):
                    raise
                # Which event it was is found by filling a table that is indexed already.
                self.stop(Stop.of(projection, upto + 1, error))
                continue
            # Before anybody asks: without it the first plans would be those of an empty table.
            await self.connection.execute(f"analyze {self.new(projection)}")

    async def refill(self, projection: Table) -> None:
        """Fill the table of one that has stopped up to the first event that it cannot take."""
        while True:
            stop, table = self.stops.pop(projection.name), self.new(projection)
            await self.connection.execute(f"drop table if exists {table}")
            for statement in projection.create(table):
                await self.connection.execute(statement)
            await self.store([projection], stop.sequence - 1, Range(), lambda _: None)
            if projection.name not in self.stops:
                self.settled[projection.name] = stop
                await self.connection.execute(f"analyze {table}")
                return

    def stop(self, stop: Stop) -> None:
        """Of several events that one cannot take the first counts."""
        if stop.name not in self.stops or stop.sequence < self.stops[stop.name].sequence:
            self.stops[stop.name] = stop

    async def _ranges(self, count: int) -> list[Range]:
        """All streams in so many ranges, each of about the same number."""
        parts = [part / count for part in range(1, count)]
        ends: list[UUID] = await self.connection.fetchval(sql("shares"), parts) or []
        lasts = [*sorted(set(ends)), LAST]
        starts = [Range(), *(Range(end, ALL) for end in lasts[:-1])]
        return [Range(start.after, start.version, last) for start, last in zip(starts, lasts, strict=True)]

    async def store(
        self,
        projections: Sequence[Table],
        upto: int,
        of: Sequence[UUID] | Range,
        advance: Advance,
        seen: Callable[[Track[Any], Sequence[Recorded]], None] | None = None,
    ) -> None:
        """Store the rows of some streams with the log up to a position; `advance` is told how many lines that were.

        Each stream is shown to `seen`, as the tables that follow tell it, with its records up to there.
        """
        rows: dict[str, list[Row]] = {projection.name: [] for projection in projections}
        count = held = 0
        async with aclosing(streams(self.connection, self.decoders, upto, of, self.using)) as read:
            async for ref, records, size in read:
                going = [projection for projection in projections if projection.name not in self.stops]
                track = Track(self.deciders[ref.category], ref)
                for projection, told in rows_of(going, self.deciders, ref, records, track):
                    if isinstance(told, UntoldError):
                        self.stop(Stop.of(projection, told.sequence, told.__cause__))
                    else:
                        rows[projection.name] += told
                if seen is not None:
                    seen(track, records)
                count, held = count + len(records), held + size
                if count >= PAGE or held >= BYTES:
                    await self.copy(projections, rows)
                    advance(count)
                    count = held = 0
        await self.copy(projections, rows)
        advance(count)

    async def copy(self, projections: Sequence[Table], rows: Mapping[str, list[Row]]) -> None:
        """Store the rows and forget them, with one commit."""
        async with self.using, self.connection.transaction():
            for projection in projections:
                if found := rows[projection.name]:
                    if isinstance(projection, Projection):
                        await self._put(projection, found)
                    elif projection.name not in self.stops and (error := await self._refused(projection, found)):
                        self.stop(await self._first(projection, found, error))
                    found.clear()

    async def take(self, projection: Projection, keys: Sequence[Row]) -> None:
        """Take the rows of these keys away."""
        columns = projection.columns[: projection.key]
        names = [name for name, _ in columns]
        await self.connection.execute(
            f"delete from {self.new(projection)} as t "
            f"using unnest({projection.arrays(1, columns)}) as u ({', '.join(names)}) "
            f"where {' and '.join(f't.{name} = u.{name}' for name in names)}",
            *(list(column) for column in zip(*keys, strict=True)),
        )

    async def close(self, projection: Bitemporal, closed: Sequence[Row]) -> None:
        """Close rows: of which stream, keys and day, and the position from which on they are not known any more."""
        columns = projection.closed
        names = [name for name, _ in columns]
        await self.connection.execute(
            f"update {self.new(projection)} as t set known_to = u.known_to "
            f"from unnest({projection.arrays(1, columns)}) as u ({', '.join(names)}) "
            f"where {' and '.join(f't.{name} = u.{name}' for name in names[:-1])} and t.known_to = {FOREVER}",
            *(list(column) for column in zip(*closed, strict=True)),
        )

    async def _put(self, projection: Table, rows: Sequence[Row]) -> None:
        columns = [name for name, _ in projection.columns]
        await self.connection.copy_records_to_table(self.new(projection), records=rows, columns=columns)

    async def _refused(self, projection: Table, rows: Sequence[Row]) -> BaseException | None:
        """Store rows; answers the error with which they cannot be, and then stores none of them."""
        try:
            async with self.connection.transaction():
                await self._put(projection, rows)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if not unfit(error):
                raise
            return error
        except (TypeError, ValueError, OverflowError) as error:  # COPY tells of a value as its encoder does
            return error
        return None

    async def _first(self, projection: Table, rows: Sequence[Row], error: BaseException) -> Stop:
        """The first event of which rows cannot be stored, found by storing them one after another."""
        since = [name for name, _ in projection.columns].index("known_from")
        for row in sorted(rows, key=itemgetter(since)):
            if found := await self._refused(projection, [row]):
                return Stop.of(projection, row[since], found)
        raise error
