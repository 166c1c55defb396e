"""How a mirror follows its source: checkpoint after checkpoint, and the lines that each of them is of.

First what is missing, by an export; then what is recorded, by server-sent events. A checkpoint counts once its
signature is good and it goes on from the one before; a line is stored once it has been checked as an import checks it,
and the tree over all lines up to it is the one that was signed. A cut on either side costs nothing but time. A history
that does not agree with what was seen ends it: what is here stays, and is read on.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import TypeAlias

import asyncpg
import structlog

from service import output
from service.auditing.audits import BrokenError, opened
from service.auditing.source import Source
from service.carrying.remote import SourceError
from service.config import ConfigError
from service.domain.catalogue import DECIDERS
from service.mirroring.texts import Texts
from service.projections.inline import INLINE
from service.registry import DECODERS, Registry, extending
from service.registry.copying import Meant, OtherLog
from service.registry.extending import Elsewhere, End, Extending
from service.store import migrate, mirrors, sql
from service.store.failures import LOST
from service.store.line import LineError
from service.tlog import checkpoint, comparing, note, proofs
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import Key
from service.tlog.proofs import ProofError
from service.tlog.stored import Unstored
from service.tlog.tiles import Tile

log = structlog.get_logger(__name__)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

BATCH, BATCH_BYTES = 1_000, 4_000_000
"""Lines that are stored at once, and their bytes, about."""
WHOLE = 10_000
"""From so many lines on an empty mirror takes all that there are in one go, which is several times as fast."""
AHEAD = 64
"""Pieces of an answer that may have come and wait to be stored."""
POLL = 5.0
"""Seconds without a new line after which the source is asked for its checkpoint all the same."""
SILENCE = 60.0
"""Seconds in which lines that were signed have to come."""
LATER = (0.2, 10.0)
"""Seconds until the source is tried again: at first, and at most, as they double."""
STALE = 5
"""How often a source is asked again that answers with an older checkpoint than it did: one of several may lag."""


class Mirroring:
    """Has a registry follow another one from `start` to `close`."""

    def __init__(self, registry: Registry, source: Source, keys: Sequence[Key]) -> None:
        """`keys` are trusted beside those that the mirror trusts already. Nothing is begun."""
        self.stopped: str | None = None
        self._registry = registry
        self._source = source
        self._keys = list(keys)
        self._texts = Texts(registry, source)
        self._waiting: deque[bytes] = deque()
        self._moved = False
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Make a registry without events a mirror of the source; one that is its mirror stays so.

        Raises ConfigError for a registry that cannot become one; BrokenError and SourceError by the first look.
        """
        if await mirrors.load(self._registry.pool) is None:
            if count := await self._registry.head():
                raise ConfigError(
                    f"this registry has {count:,} events of its own, and a mirror begins without any: "
                    "choose another --home, or another MENGFU_SCHEMA"
                )
            if not self._keys:
                raise ConfigError(
                    "a mirror begins with the log's public key: give it as --key, from whom you trust for it"
                )
            await self._look()
        self._registry.mirror = await mirrors.load(self._registry.pool)

    def start(self) -> None:
        """Follow from now on."""
        self._task = asyncio.create_task(self._run(), name="mengfu mirror")
        self._texts.start()

    async def close(self) -> None:
        """Follow no more. What was not stored yet is fetched again after the next start."""
        await self._texts.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- For ever -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause, told = LATER[0], ""
        while True:
            self._moved = False
            try:
                await self._follow()
            except BrokenError as error:
                await self._stop(error)
                return
            except (SourceError, Elsewhere, ConfigError, *LOST, asyncpg.PostgresError) as error:
                why = str(error) or type(error).__name__
                if self._moved:
                    pause = LATER[0]
                if why != told or self._moved:
                    log.warning("following was interrupted, and goes on", why=why)
                told = why
            except Exception:  # whoever reads would be told of an ever greater lag, and nobody would know why
                log.exception("following was interrupted, and is tried again")
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 -- so that mirrors do not come all at once
            pause = min(LATER[1], pause * 2)

    async def _stop(self, error: BrokenError) -> None:
        """Say that the source's history is not to be trusted, and remember it."""
        self.stopped = str(error)
        output.tell(f"mengfu: {self._source.url} is followed no more: {error}. What is here stays as it was", err=True)
        log.error("the source is followed no more", source=self._source.url, why=self.stopped)
        while True:
            try:
                evidence = None
                with suppress(SourceError):
                    evidence = await self._source.checkpoint()
                await self._registry.pool.execute(sql("mirror_stopped"), self.stopped, evidence)
            except (*LOST, asyncpg.PostgresError):
                await asyncio.sleep(LATER[0])
            else:
                return

    async def _follow(self) -> None:
        """Follow until something is in the way. Whoever else follows for this mirror is waited for."""
        connection = await migrate.connect(self._registry.writer.url, self._registry.settings.schema)
        try:
            while not await connection.fetchval(sql("mirror_lead")):  # noqa: ASYNC110 -- another process has the lock
                await asyncio.sleep(POLL)
            now, signed = await self._look()
            end = await extending.end(connection)
            await self._agrees(end, now)
            if end.position == 0 and now.size >= WHOLE:
                await self._take_whole(now, signed)
                end = await extending.end(connection)
                now, signed = await self._look()
            extends = Extending(connection, DECODERS, DECIDERS, INLINE)
            self._waiting.clear()
            async with self._source.lines(end.position, now.size) as chunks, aclosing(chunks):
                end = await self._take(extends, end, chunks, now, signed)
            self._waiting.clear()
            async with self._source.newest(end.position) as chunks, aclosing(arriving(chunks)) as pieces:
                async for piece in pieces:
                    self._waiting += piece
                    now, signed = await self._look()
                    end = await self._take(extends, end, pieces, now, signed)
        finally:
            connection.terminate()

    # --- Checkpoints ----------------------------------------------------------------------------------------------

    async def _look(self) -> tuple[Checkpoint, str]:
        """The source's checkpoint of now, which is remembered. Raises BrokenError for one that is not to be trusted."""
        pool = self._registry.pool
        before = await mirrors.load(pool)
        trusted = [*self._keys, *map(note.key, before.keys if before else ())]
        for left in range(STALE, -1, -1):
            signed = await self._source.checkpoint()
            now, signers = await opened(self._source, signed, trusted)
            if before is None or now.size >= before.size or not left:
                break
            await asyncio.sleep(1)
        if before is not None:
            if now.origin != before.origin:
                raise BrokenError(f"the checkpoint is of {now.origin}, and was of {before.origin}: it is another log")
            seen = checkpoint.parsed(note.text(before.seen))
            if now.size < seen.size:
                raise BrokenError(
                    f"the log has {now.size:,} lines, and had {seen.size:,}: it was cut off or set back, "
                    f"line {now.size + 1:,} is the first that is gone"
                )
            if now != seen:
                await self._consistent(seen, now, "the one that was seen")
        keys = list(map(str, signers))
        if before is None or keys != before.keys:
            await self._copy_keys()
        self._keys = []  # what signs now is trusted from now on, and nothing else
        await pool.execute(sql("mirror_saw"), self._source.url, now.origin, keys, signed, now.size)
        return now, signed

    async def _consistent(self, old: Checkpoint, now: Checkpoint, which: str) -> None:
        """Refuse a log that does not begin with an old one."""
        try:
            proof = await self._source.consistency(old.size, now.size) if 0 < old.size < now.size else []
            proofs.check_consistency(old.size, now.size, old.root, now.root, proof)
        except ProofError as error:
            where = await self._where(min(old.size, await self._registry.head()))
            raise BrokenError(f"the log does not go on from {which}, of {old.size:,} lines: {error}{where}") from error

    async def _agrees(self, end: End, now: Checkpoint) -> None:
        """Refuse a source whose log does not begin with what is here."""
        if now.size < end.position:
            raise BrokenError(f"the log has {now.size:,} lines, and {end.position:,} of it are here: it was cut off")
        await self._consistent(Checkpoint(now.origin, end.position, end.root), now, "what is here")

    async def _where(self, size: int) -> str:
        """Which of the lines that are here is the first that the source has otherwise, as far as its tiles tell."""

        async def ours(tile: Tile) -> bytes:
            return (await self._registry.tiles.rows([tile]))[tile]

        try:
            at = await comparing.first_other(ours, self._source.tile, size)
        except (SourceError, Unstored) as error:
            return f" (which line is another cannot be told: {error})"
        return f"; line {at + 1:,} is the first that is another than it was" if at is not None else ""

    async def _copy_keys(self) -> None:
        """Remember which keys the source tells: whoever reads here is told the same."""
        pool = self._registry.pool
        held = [row["key"] for row in await pool.fetch(sql("signing_keys"))]
        told = await self._source.keys()
        if [one.key for one in told[: len(held)]] != held:
            raise BrokenError("the keys that the log was signed by are others than they were")
        new = list(enumerate(told[len(held) :], start=len(held) + 1))
        await pool.execute(
            sql("signing_key_copy"),
            [number for number, _ in new],
            [one.key for _, one in new],
            [one.position for _, one in new],
            [one.made for _, one in new],
            [one.endorsement for _, one in new],
        )

    # --- Lines ----------------------------------------------------------------------------------------------------

    async def _take(
        self, extends: Extending, end: End, pieces: AsyncIterator[list[bytes]], now: Checkpoint, signed: str
    ) -> End:
        """Store the lines up to a checkpoint, in batches, from those that wait and those that come."""

        async def prove(size: int, root: bytes) -> None:
            if size < now.size:
                proof = await self._source.consistency(size, now.size)
                proofs.check_consistency(size, now.size, root, now.root, proof)
            elif root != now.root:
                raise ProofError("the root over them is another one")

        while end.position < now.size:
            batch = fit(self._waiting, now.size - end.position)
            if end.position + len(batch) < now.size and len(batch) == len(self._waiting) < BATCH:
                self._waiting += await self._more(pieces, now)
                continue
            complete = end.position + len(batch) == now.size
            try:
                after = await extends.extend(end, batch, prove, signed if complete else None)
            except LineError as error:
                await self._agrees(end, now)
                raise BrokenError(f"line {error.number:,}: {error.wrong}") from error
            except ProofError as error:
                await self._agrees(end, now)
                first, last = end.position + 1, end.position + len(batch)
                raise BrokenError(f"lines {first:,} to {last:,} are not those that were signed: {error}") from error
            for _ in batch:
                self._waiting.popleft()
            end, self._moved = after, True
        await self._registry.pool.execute(sql("mirror_served"), signed)  # where nothing was missing
        return end

    async def _more(self, pieces: AsyncIterator[list[bytes]], now: Checkpoint) -> list[bytes]:
        """The next lines that come, of those that a checkpoint is of."""
        try:
            async with asyncio.timeout(SILENCE):
                while not (piece := await anext(pieces)):
                    pass
        except (TimeoutError, StopAsyncIteration):
            raise SourceError(f"{self._source.url} does not send the lines up to {now.size:,}") from None
        except LineError as error:  # as they are sent: what they say is looked at later
            raise SourceError(f"{self._source.url} sends what is no line: {error.wrong}") from error
        return piece

    async def _take_whole(self, now: Checkpoint, signed: str) -> None:
        """Take a long log into a mirror that has nothing yet, all of it or nothing."""
        try:
            async with aclosing(self._resumed(now.size)) as chunks:
                await self._registry.copy(chunks, Meant(now.root, now.size), output.progress)
        except (LineError, OtherLog) as error:
            raise BrokenError(str(error)) from error
        await self._registry.pool.execute(sql("mirror_served"), signed)
        self._moved = True
        await self._registry.catch_up(output.progress)

    async def _resumed(self, size: int) -> AsyncGenerator[list[bytes]]:
        """The first lines of the log; where the source breaks off, it is asked for the rest."""
        count, pause = 0, LATER[0]
        while count < size:
            try:
                async with self._source.lines(count, size) as chunks, aclosing(chunks):
                    async for chunk in chunks:
                        wanted = chunk[: size - count]
                        count += len(wanted)
                        yield wanted
                        pause = LATER[0]
                        if count == size:
                            return
            except (SourceError, LineError) as error:
                log.warning("the source broke off, and is asked for the rest", lines=count, why=str(error))
            await asyncio.sleep(pause)
            pause = min(LATER[1], pause * 2)


def fit(waiting: Sequence[bytes], most: int) -> list[bytes]:
    """The next lines that are stored at once."""
    batch, size = list[bytes](), 0
    for line in waiting:
        if len(batch) == min(most, BATCH) or size >= BATCH_BYTES:
            break
        batch.append(line)
        size += len(line)
    return batch


async def arriving(chunks: AsyncIterator[list[bytes]]) -> AsyncGenerator[list[bytes]]:
    """What comes, all that has come by the time it is asked for; nothing once in `POLL` seconds of silence."""
    queue: asyncio.Queue[list[bytes] | Exception] = asyncio.Queue(AHEAD)

    async def read() -> None:
        try:
            async for chunk in chunks:
                if chunk:
                    await queue.put(chunk)
            await queue.put(SourceError("the source has ended the stream"))
        except (SourceError, LineError) as error:
            await queue.put(error)

    reading = asyncio.create_task(read(), name="mengfu mirror reader")
    try:
        while True:
            found = list[bytes]()
            try:
                async with asyncio.timeout(POLL):
                    one = await queue.get()
            except TimeoutError:
                yield found
                continue
            while True:
                if isinstance(one, Exception):
                    if found:
                        yield found
                    raise one
                found += one
                if queue.empty():
                    break
                one = queue.get_nowait()
            yield found
    finally:
        reading.cancel()
        await asyncio.wait([reading])
