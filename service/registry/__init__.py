"""The one door: whatever becomes a fact comes in here, as a command, and whoever asks for a state asks here.

`execute` gives orders to the writer (`writer.py`), which decides them in batches (`plan.py`) and stores each batch with
one statement. What can be asked stands in `reader.py`: `read` groups reads as writes are grouped.
Nothing is answered from a cache that another process's write does not reach.
"""

import hashlib
from collections.abc import AsyncIterable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

import asyncpg

from service.config import ConfigError, Settings
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.projections import building
from service.projections.filling import UnreadableError
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.network import Counts
from service.registry import copying
from service.registry.batch import KEPT
from service.registry.copying import ANY, Copied, Meant
from service.registry.feed import Feed
from service.registry.follower import Follower
from service.registry.orders import Done, Item, Key, Order
from service.registry.progress import Progress
from service.registry.reader import DECODERS, PATIENCE, Reader, pool
from service.registry.sharing import Sharing
from service.registry.tail import Tail
from service.registry.writer import CLOSING, Writer
from service.store import migrate, mirrors, sql
from service.store.line import Envelope
from service.store.mirrors import Mirror

__all__ = ["DECODERS", "REMINDERS", "SEEDS", "SELF", "Done", "Key", "Order", "Registry"]

_FIXED = UUID("6d656e67-6675-5000-8000-000000000000")
SELF = uuid5(_FIXED, "registry")
"""The account that the registry itself acts as."""
SEEDS = uuid5(_FIXED, "seeds")
"""The account that seeds are recorded by."""
REMINDERS = uuid5(_FIXED, "reminders")
"""The account that the daily round records reminders by, and what standing duties yield."""


class Registry(Reader):
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
        super().__init__(pool, writer.memory.shapes)
        self.settings = settings
        self.writer = writer
        self.tail = tail
        self.feed = Feed(tail, self.fetch)
        self.follower = follower
        self.progress = Progress(self.fetch, tail)
        self.network = Counts(self.connection)
        self.name = name
        self.replayed: int | None = None
        """Of a replay, the sequence up to which another registry's log was taken in: nothing is recorded beyond it."""
        self.mirror: Mirror | None = None
        """Of a mirror, what was known of the registry that it follows when this one was opened: it records nothing."""

    @classmethod
    async def open(cls, settings: Settings, url: str, progress: building.Progress = building.untold) -> "Registry":
        """Connect as the service role, check the schema, make missing projections, and start the writer.

        `progress` tells people how far that is, where projections of a long log are made. Raises ConfigError where the
        database can't be reached or used, saying what to do.
        """
        connection = await migrate.connect(url, settings.schema)
        try:
            await migrate.check(connection)
            name: str = await connection.fetchval("select name from registry")
            mirror = await mirrors.load(connection)
            try:
                elsewhere = Sharing(url, settings.schema)
                await building.ensure(connection, INLINE, DECIDERS, DECODERS, elsewhere, progress)
            except UnreadableError as error:
                raise ConfigError(str(error)) from error
            await building.begin(connection, FOLLOWING)
        finally:
            await connection.close()
        if settings.name and settings.name != name:
            raise ConfigError(f"MENGFU_NAME is {settings.name!r}, but this registry is called {name!r} for ever")
        connections = await pool(url, settings.schema, settings.pool)
        writer = Writer(settings, url, DECIDERS, DECODERS, INLINE)
        writer.start()
        tail = Tail(url, settings.schema)
        follower = Follower(url, settings.schema, tail, DECIDERS, DECODERS, FOLLOWING, cls.today)
        registry = cls(settings, connections, writer, tail, follower, name)
        registry.mirror = mirror
        return registry

    async def close(self, *, gone: bool = False) -> None:
        """Finish what was accepted, then let the database go. One that is gone for good (`gone`) is not waited for."""
        await self.feed.close()
        await self.follower.close()
        await self.network.close()
        await self.writer.close(patience=0 if gone else CLOSING)
        await self.tail.close()
        await self.read_out()
        if gone:
            self.pool.terminate()
        await self.pool.close()

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
        self.writer.put(item, PATIENCE)
        done: list[Done] = await item.future  # A caller that is cancelled cancels this future, and not the item.
        return done

    async def kept(self, key: Key) -> bool:
        """Whether an outcome is kept under the key, of whichever request."""
        since = datetime.now(UTC).date() - KEPT
        return bool(await self.fetch(sql("known_keys"), [UUID(bytes=key.hash)], since))

    async def keep_text(self, document: UUID, body: bytes, *, dry_run: bool = False) -> bool:
        """Hold a document's captured text here, if its SHA-256 and length are those registered; True when it is new.

        A dry run holds nothing.
        """
        self._open()
        return await self.hold_text(document, body, dry_run=dry_run)

    async def hold_text(self, document: UUID, body: bytes, *, dry_run: bool = False) -> bool:
        """The same for whoever copies another registry, of which this one is a mirror."""
        ref = Ref("documents", document)
        header = await self.header(ref)
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
            return not await self.fetch(sql("texts"), [digest.digest()])
        status: str = await self.pool.execute(sql("keep_text"), digest.digest(), body)
        return status.endswith(" 1")

    def closed(self) -> errors.Refused | None:
        """Why nothing is recorded here; None where that may be."""
        if self.replayed is not None:
            return errors.ReadOnly(sequence=self.replayed)
        return errors.Mirrored(url=self.mirror.url) if self.mirror is not None else None

    def _open(self) -> None:
        if (refused := self.closed()) is not None:
            raise refused

    async def copy(
        self,
        chunks: AsyncIterable[Sequence[bytes]],
        meant: Meant = ANY,
        progress: building.Progress = building.untold,
    ) -> Copied:
        """Take in the finished lines of a whole log, in chunks and without LF, with their positions and bytes.

        `progress` tells people how far the projections are. All lines or none: raises NotEmpty where this registry has
        events, LineError for the first line that this program would not have written there, OtherLog where they are not
        those `meant`, and whatever the chunks raise.
        """
        connection = await migrate.connect(self.writer.url, self.settings.schema)
        try:
            return await copying.copy(connection, chunks, DECODERS, DECIDERS, INLINE, meant, progress)
        finally:
            await connection.close()

    async def catch_up(self, progress: building.Progress = building.untold) -> None:
        """Have the projections that follow a long log at its end, in less time than following it takes.

        Whoever is killed meanwhile loses nothing: the log is followed from where it is followed to.
        """
        connection = await migrate.connect(self.writer.url, self.settings.schema)
        try:
            async with building.alone(connection):
                elsewhere = Sharing(self.writer.url, self.settings.schema)
                with progress("following", await self.head()) as advance:
                    await building.rebuild(connection, FOLLOWING, DECIDERS, DECODERS, advance, elsewhere)
                await building.vacuum(connection, INLINE)
        finally:
            await connection.close()
