"""What a registry answers: states now and at two times, lines, texts. It only reads.

Reads are grouped as writes are: what came in while the last fetch ran is one statement. No connection is held between
two statements.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

import asyncpg

from service.domain import errors
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded, fold
from service.domain.shapes import Reads, decoders
from service.domain.values import day_of
from service.projections.moments import READER
from service.projections.states import Shape
from service.registry.feed import FIRST, fitting
from service.registry.recent import Recent
from service.registry.wording import Wording
from service.store import line as lines
from service.store import sql
from service.store.failures import LOST, is_lost
from service.tlog import tree
from service.tlog.stored import Tiles

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a caller waits for the database before it is told so."""

CHUNK = 1_000
"""Lines that a reader gets at a time, fewer where they are long: some `CHUNK_BYTES` of them."""
CHUNK_BYTES = 500_000

LONG = 500
"""So many lines, and reading them is left to a thread, so that other callers are served in between."""

DECODERS: Mapping[str, Reads] = decoders(EVENTS.values())
"""How the data of each type and shape of event is read."""


def pool(url: str, schema: str, most: int) -> "asyncpg.pool.Pool[asyncpg.Record]":
    """Up to so many connections for reading, to be awaited or entered."""
    return asyncpg.create_pool(
        url,
        min_size=1,
        max_size=most,
        max_cacheable_statement_size=0,
        server_settings={"search_path": f"{schema}, pg_temp", "application_name": "mengfu", **READER},
        reset=_keep_session,
    )


async def _keep_session(connection: Any) -> None:
    """Nothing that we run changes a session, so the pool's reset query between two uses is left out."""


class Reader:
    """What can be asked of a registry, over a pool of connections."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", shapes: Mapping[str, Shape]) -> None:
        """`shapes` are how stored rows become states again, by category."""
        self.pool = pool
        self._recent = Recent(shapes)
        self.wording = Wording()
        self.tiles = Tiles(self.fetch)
        self._waiting: dict[Ref, list[asyncio.Future[Folded[Any] | None]]] = {}
        self._reading: asyncio.Task[None] | None = None

    @staticmethod
    def today() -> date:
        """Today in Asia/Shanghai."""
        return day_of(datetime.now(UTC))

    async def read_out(self) -> None:
        """Wait until who reads has been answered."""
        if self._reading is not None:
            await self._reading

    async def read(self, refs: Iterable[Ref]) -> dict[Ref, Folded[Any]]:
        """The streams as they are now, by one statement for all that wait at the same time; missing ones are absent."""
        loop = asyncio.get_running_loop()
        futures = {ref: loop.create_future() for ref in refs}
        for ref, future in futures.items():
            self._waiting.setdefault(ref, []).append(future)
        if self._waiting and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read_waiting(), name="mengfu reader")
        return {ref: folded for ref, future in futures.items() if (folded := await future) is not None}

    async def _read_waiting(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                ids = list({ref.id for ref in waiting})
                rows = await self.fetch(sql("read"), ids, list(map(self._recent.version, ids)))
                found = self._recent.states(rows)
            except Exception as error:  # whoever waits gets it
                for futures in waiting.values():
                    for future in futures:
                        if not future.done():
                            future.set_exception(error)
                continue
            for ref, futures in waiting.items():
                for future in futures:
                    if not future.done():
                        future.set_result(found.get(ref))

    async def read_at(self, refs: Iterable[Ref], day: date, known_at: int) -> dict[Ref, Folded[Any]]:
        """The streams as they held on `day` and as they were known at a position, folded from the log.

        Streams of which nothing was known are absent. What takes effect after the day is pending.
        """
        found = await self.records(refs, known_at)

        def folded() -> dict[Ref, Folded[Any]]:
            return {ref: fold(DECIDERS[ref.category], records, day) for ref, records in found.items()}

        return await _apart(sum(map(len, found.values())), folded)

    async def records(self, refs: Iterable[Ref], known_at: int) -> dict[Ref, list[Recorded]]:
        """Every record of the streams up to a position, in the order of the log, by one statement.

        Streams of which nothing was known are absent.
        """
        wanted = set(refs)
        rows = await self.fetch(sql("history"), [ref.id for ref in wanted], known_at) if wanted else []

        def decoded() -> dict[Ref, list[Recorded]]:
            found: dict[Ref, list[Recorded]] = {}
            for row in rows:
                ref, _, record = lines.decode(row["line"], DECODERS)
                if ref in wanted:
                    found.setdefault(ref, []).append(record)
            return found

        return await _apart(len(rows), decoded)

    async def position_of(self, ref: Ref, version: int) -> int:
        """The position of a stream's n-th event. Raises NotFound, and UnknownVersion where it has not so many."""
        rows = await self.fetch(sql("version_at"), ref.id, ref.category, version)
        if not rows:
            raise errors.NotFound(subject=str(ref))
        position: int | None = rows[0]["position"]
        if position is None:
            raise errors.UnknownVersion(subject=str(ref), count=rows[0]["version"], version=version)
        return position

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection for reading. Raises Unavailable where there is none to be had, or where it is lost."""
        try:
            connection = await self.pool.acquire(timeout=PATIENCE)
        except (asyncpg.PostgresError, *LOST):
            raise errors.Unavailable(problem="the database does not answer") from None
        try:
            yield connection
        except LOST as error:
            if not is_lost(error):
                raise
            raise errors.Unavailable(problem="the database does not answer") from None
        finally:
            await self.pool.release(connection)

    async def fetch(self, statement: str, *parameters: Any) -> list[asyncpg.Record]:
        """Rows of a statement that may be run twice, as it is where a connection of the pool turns out to be dead."""
        with suppress(errors.Unavailable):
            async with self.connection() as connection:
                return list(await connection.fetch(statement, *parameters))
        async with self.connection() as connection:
            return list(await connection.fetch(statement, *parameters))

    async def header(self, ref: Ref) -> Any:
        """What a thing is, as it is now. Raises NotFound for an unknown one, or one whose registration was voided."""
        folded = (await self.read([ref])).get(ref)
        header = folded.at(DECIDERS[ref.category], self.today()).header if folded is not None else None
        if header is None:
            raise errors.NotFound(subject=str(ref))
        return header

    async def of(self, category: str, ids: Iterable[UUID]) -> list[Ref]:
        """The streams of a category among these ids, which may be those of anything."""
        rows = await self.fetch(sql("versions"), list(ids))
        return [Ref(category, row["id"]) for row in rows if row["category"] == category]

    async def text(self, document: UUID) -> bytes | None:
        """A document's captured text, None where it is not held here. Raises NotFound for an unknown document."""
        header = await self.header(Ref("documents", document))
        if header.sha256 is None:
            return None
        return (await self.texts([header.sha256])).get(header.sha256)

    async def texts(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """The texts held here of those with these SHA-256, in hex."""
        rows = await self.fetch(sql("texts"), [bytes.fromhex(sha256) for sha256 in hashes])
        return {row["sha256"].hex(): bytes(row["body"]) for row in rows}

    async def head(self) -> int:
        """The log's last position, 0 when it is empty."""
        [row] = await self.fetch("select position from head")
        position: int = row["position"]
        return position

    async def position_at(self, time: datetime) -> int:
        """The last position recorded at or before a time with a zone, 0 where there is none."""
        try:
            instant = time.astimezone(UTC)
        except OverflowError:  # A zone's offset leads out of the years 1 to 9999.
            return 0 if time.year == 1 else await self.head()
        [row] = await self.fetch(sql("position_at"), instant)
        position: int = row["position"]
        return position

    async def _position_before(self, time: datetime) -> int:
        """The last position recorded before a time. Times of the log are whole microseconds."""
        try:
            return await self.position_at(time - timedelta(microseconds=1))
        except OverflowError:  # Nothing comes before the first microsecond.
            return 0

    async def tree(self) -> tuple[int, list[bytes]]:
        """The size of the RFC 6962 tree over all lines, and its edge (`tlog.tree`)."""
        [row] = await self.fetch("select position, edge from head")
        return row["position"], tree.nodes(row["edge"])

    async def lines(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        limit: int | None = None,
        type: str | None = None,
        subject: Ref | None = None,
        actor: UUID | None = None,
        cause: Literal["change", "correction"] | None = None,
        from_time: datetime | None = None,
        to_time: datetime | None = None,
    ) -> AsyncIterator[list[bytes]]:
        """Stored lines without LF after a position, up to the head of now; no connection is held between two chunks.

        `from_time` and `to_time` bound when they were recorded, both included.
        """
        head = await self.head()
        end = head if until is None else min(until, head)
        if from_time is not None:
            after = max(after, await self._position_before(from_time))
        if to_time is not None:
            end = min(end, await self.position_at(to_time))
        left = limit
        correction = None if cause is None else cause == "correction"
        wanted = (type, subject.id if subject else None, actor, correction)
        most = FIRST
        while after < end and (left is None or left > 0):
            size = most if left is None else min(most, left)
            rows = await self.fetch(sql("lines"), after, end, size, *wanted)
            if rows:
                yield [row["line"] for row in rows]
            if len(rows) < size:
                return
            after = rows[-1]["position"]
            most = fitting([row["line"] for row in rows], CHUNK_BYTES, CHUNK)
            left = None if left is None else left - len(rows)


async def _apart(size: int, work: Callable[[], T]) -> T:
    """Work on so many lines: here, or in a thread where it would keep others waiting."""
    return work() if size < LONG else await asyncio.to_thread(work)
