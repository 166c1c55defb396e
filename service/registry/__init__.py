"""The one door: whatever becomes a fact comes in here, as a command, and whoever asks for a state asks here.

`execute` gives orders to the writer (`writer.py`), which decides them in batches (`plan.py`) and stores each batch with
one statement. `read` groups reads as writes are grouped: what came in while the last fetch ran is one statement.
Nothing is answered from a cache that another process's write does not reach.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

import asyncpg

from service.config import ConfigError, Settings
from service.domain import errors
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded, fold
from service.domain.shapes import Reads, decoders
from service.domain.values import day_of
from service.projections import building
from service.projections.filling import UnreadableError
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.paging import READER
from service.registry import copying
from service.registry.copying import Copied
from service.registry.feed import FIRST, Feed, fitting
from service.registry.follower import Follower
from service.registry.memory import assemble
from service.registry.orders import Done, Item, Key, Order
from service.registry.progress import Progress
from service.registry.sharing import Sharing
from service.registry.tail import Tail
from service.registry.writer import CLOSING, Writer
from service.store import line as lines
from service.store import migrate, sql
from service.store.failures import LOST, is_lost
from service.store.line import Envelope

__all__ = ["SEEDS", "SELF", "Done", "Key", "Order", "Registry"]

T = TypeVar("T")

_FIXED = UUID("6d656e67-6675-5000-8000-000000000000")
SELF = uuid5(_FIXED, "registry")
"""The account that the registry itself acts as."""
SEEDS = uuid5(_FIXED, "seeds")
"""The account that seeds are recorded by."""

PATIENCE = 30.0
"""Seconds that a caller waits for the database before it is told so."""

CHUNK = 1_000
"""Lines that a reader gets at a time, fewer where they are long: some `CHUNK_BYTES` of them."""
CHUNK_BYTES = 500_000

LONG = 500
"""So many lines, and reading them is left to a thread, so that other callers are served in between."""

DECODERS: Mapping[str, Reads] = decoders(EVENTS.values())
"""How the data of each type and shape of event is read."""


class Registry:
    """A registry of agreements on one schema of a database."""

    def __init__(
        self,
        settings: Settings,
        pool: "asyncpg.Pool[asyncpg.Record]",
        writer: Writer,
        tail: Tail,
        follower: Follower,
        name: str,
    ) -> None:
        """Use `open`."""
        self.settings = settings
        self.pool = pool
        self.writer = writer
        self.tail = tail
        self.feed = Feed(tail, self._fetch)
        self.follower = follower
        self.progress = Progress(self._fetch, follower)
        self.name = name
        self.replayed: int | None = None
        """Of a replay, the sequence up to which another registry's log was taken in: nothing is recorded beyond it."""
        self._waiting: dict[Ref, list[asyncio.Future[Folded[Any] | None]]] = {}
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, settings: Settings, url: str) -> "Registry":
        """Connect as the service role, check the schema, make missing projections, and start the writer.

        Raises ConfigError where the database can't be reached or used, saying what to do.
        """
        connection = await migrate.connect(url, settings.schema)
        try:
            await migrate.check(connection)
            name: str = await connection.fetchval("select name from registry")
            try:
                elsewhere = Sharing(url, settings.schema)
                await building.ensure(connection, INLINE, DECIDERS, DECODERS, elsewhere)
            except UnreadableError as error:
                raise ConfigError(str(error)) from error
            await building.begin(connection, FOLLOWING)
        finally:
            await connection.close()
        if settings.name and settings.name != name:
            raise ConfigError(f"MENGFU_NAME is {settings.name!r}, but this registry is called {name!r} for ever")
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=settings.pool,
            max_cacheable_statement_size=0,
            server_settings={"search_path": f"{settings.schema}, pg_temp", "application_name": "mengfu", **READER},
            reset=_keep_session,
        )
        writer = Writer(settings, url, DECIDERS, DECODERS, INLINE)
        writer.start()
        tail = Tail(url, settings.schema)
        follower = Follower(url, settings.schema, tail, DECIDERS, DECODERS, FOLLOWING, cls.today)
        return cls(settings, pool, writer, tail, follower, name)

    async def close(self, *, gone: bool = False) -> None:
        """Finish what was accepted, then let the database go. One that is gone for good (`gone`) is not waited for."""
        await self.feed.close()
        await self.follower.close()
        await self.writer.close(patience=0 if gone else CLOSING)
        await self.tail.close()
        if self._reading is not None:
            await self._reading
        if gone:
            self.pool.terminate()
        await self.pool.close()

    @staticmethod
    def today() -> date:
        """Today in Asia/Shanghai."""
        return day_of(datetime.now(UTC))

    # --- Writing ----------------------------------------------------------------------------------------------

    async def execute(
        self,
        orders: Sequence[Order],
        *,
        actor: UUID,
        key: Key | None = None,
        dry_run: bool = False,
        correlation: str | None = None,
        traceparent: str | None = None,
    ) -> list[Done]:
        """Carry out orders, all or nothing, and answer each one's outcome once it is durable.

        Raises the Refused that the first refused order earned (with several orders, its pointer starts with the order's
        index), Unavailable where nothing was recorded, Uncertain where the database hasn't said. The same key with the
        same fingerprint gives the earlier answer. A caller that goes away cancels nothing. A dry run records nothing.
        """
        self._open()
        envelope = Envelope(
            source=f"urn:mengfu:{self.name}", actor=actor, correlationid=correlation, traceparent=traceparent
        )
        item = Item(orders=orders, envelope=envelope, key=None if dry_run else key, dry_run=dry_run)
        self.writer.put(item)
        try:
            done: list[Done] = await asyncio.wait_for(asyncio.shield(item.future), PATIENCE)
        except TimeoutError:
            if item.sent:
                raise errors.Uncertain from None
            item.future.cancel()  # The writer passes over an item whose caller has gone with a refusal.
            raise errors.Unavailable(problem="the database does not answer") from None
        return done

    async def keep_text(self, document: UUID, body: bytes, *, dry_run: bool = False) -> bool:
        """Hold a document's captured text here, if its SHA-256 and length are those registered; True when it is new.

        A dry run holds nothing.
        """
        self._open()
        ref = Ref("documents", document)
        header = await self._header(ref)
        if header.sha256 is None:
            raise errors.NoText(subject=str(ref))
        digest = hashlib.sha256(body)
        if digest.hexdigest() != header.sha256:
            raise errors.TextMismatch(subject=str(ref), actual=digest.hexdigest(), expected=header.sha256)
        try:
            length = len(body.decode())
        except UnicodeDecodeError as error:
            raise errors.Invalid(problem=f"the text is not UTF-8: byte {error.start}") from None
        if length != header.length:
            raise errors.Invalid(problem=f"the text has {length} code points; {ref} is registered with {header.length}")
        if dry_run:
            return not await self._fetch(sql("texts"), [digest.digest()])
        status: str = await self.pool.execute(sql("keep_text"), digest.digest(), body)
        return status.endswith(" 1")

    def _open(self) -> None:
        if self.replayed is not None:
            raise errors.ReadOnly(sequence=self.replayed)

    async def copy(self, chunks: AsyncIterable[Sequence[bytes]]) -> Copied:
        """Take in the finished lines of a whole log, in chunks and without LF, with their positions and bytes.

        All of them or none: raises NotEmpty where this registry has events, LineError for the first line that this
        program would not have written there, and whatever the chunks raise.
        """
        connection = await migrate.connect(self.writer.url, self.settings.schema)
        try:
            return await copying.copy(connection, chunks, DECODERS, DECIDERS, INLINE)
        finally:
            await connection.close()

    # --- Reading ----------------------------------------------------------------------------------------------

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
                rows = await self._fetch(sql("read"), [ref.id for ref in waiting])
                found = assemble(self.writer.memory.shapes, rows)
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
        rows = await self._fetch(sql("history"), [ref.id for ref in wanted], known_at) if wanted else []

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
        rows = await self._fetch(sql("version_at"), ref.id, ref.category, version)
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

    async def _fetch(self, statement: str, *parameters: Any) -> list[asyncpg.Record]:
        """Rows of a statement that only reads, asked once more where a connection of the pool turns out to be dead."""
        with suppress(errors.Unavailable):
            async with self.connection() as connection:
                return list(await connection.fetch(statement, *parameters))
        async with self.connection() as connection:
            return list(await connection.fetch(statement, *parameters))

    async def _header(self, ref: Ref) -> Any:
        folded = (await self.read([ref])).get(ref)
        header = folded.at(DECIDERS[ref.category], self.today()).header if folded is not None else None
        if header is None:
            raise errors.NotFound(subject=str(ref))
        return header

    async def text(self, document: UUID) -> bytes | None:
        """A document's captured text, None where it is not held here. Raises NotFound for an unknown document."""
        header = await self._header(Ref("documents", document))
        if header.sha256 is None:
            return None
        return (await self.texts([header.sha256])).get(header.sha256)

    async def texts(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """The texts held here of those with these SHA-256, in hex."""
        rows = await self._fetch(sql("texts"), [bytes.fromhex(sha256) for sha256 in hashes])
        return {row["sha256"].hex(): bytes(row["body"]) for row in rows}

    async def head(self) -> int:
        """The log's last position, 0 when it is empty."""
        [row] = await self._fetch("select position from head")
        position: int = row["position"]
        return position

    async def position_at(self, time: datetime) -> int:
        """The last position recorded at or before a time with a zone, 0 where there is none."""
        try:
            instant = time.astimezone(UTC)
        except OverflowError:  # A zone's offset leads out of the years 1 to 9999.
            return 0 if time.year == 1 else await self.head()
        [row] = await self._fetch(sql("position_at"), instant)
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
        [row] = await self._fetch("select position, edge from head")
        edge = row["edge"]
        return row["position"], [edge[index : index + 32] for index in range(0, len(edge), 32)]

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
            rows = await self._fetch(sql("lines"), after, end, size, *wanted)
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


async def _keep_session(connection: Any) -> None:
    """Nothing that we run changes a session, so the pool's reset query between two uses is left out."""
