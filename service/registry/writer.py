"""The writer: one task that turns what is queued into batches, and each batch into one statement.

There is no timer: a batch is what came in while the last one committed. The statement is conditional on the position
that the batch was decided on, and is its own transaction: no lock is held across a round trip, a frozen process holds
nothing, and a decision is always made on the newest state. The ways a statement can end, and what follows:

- the head moved: stored; caches take the new states, callers get their answers;
- it did not: another process was first; catch up and decide again, after three losses in a row with half the batch;
- the database refused it: the batch is split until the item at fault is alone;
- the connection was lost: the same statement is sent again until the database answers (`_settle`).
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import structlog
from msgspec import Struct

from service.config import Settings
from service.domain import errors
from service.domain.decider import Decider, Ref
from service.domain.values import day_of
from service.domain.walk import between
from service.projections import Projection
from service.projections.advancing import Advancing
from service.registry.memory import Known, Memory
from service.registry.orders import Answer, Done, Item, names
from service.registry.plan import Planner
from service.registry.replaying import again
from service.registry.snapshot import Plan, Replay, Result, Snapshot
from service.store import sql
from service.store.failures import LOST, is_lost
from service.tlog import tree

KEPT = timedelta(days=7)
"""How long an idempotency key is kept."""
TICK = 0.1
"""Seconds after which it is looked who has waited too long for an answer."""
CLOSING = 50
"""How often a writer that is being closed tries to reach a lost database again, every tenth of a second."""

log = structlog.get_logger(__name__)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Metrics(Struct, kw_only=True):
    """What the writer has done since it was opened."""

    batches: int = 0
    events: int = 0
    refused: int = 0
    losses: int = 0
    splits: int = 0
    reconnects: int = 0


class Writer:
    """Takes items from a bounded queue and gives each its own outcome."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        deciders: Mapping[str, Decider[Any]],
        decoders: Mapping[str, Any],
        inline: Sequence[Projection],
    ) -> None:
        """Nothing is opened yet; `start` does."""
        self.settings = settings
        self.url = url
        self.deciders = deciders
        self.memory = Memory(deciders, decoders, settings.cache)
        self.inline = Advancing(inline)
        self.metrics = Metrics()
        self.queue: deque[Item] = deque()
        self.waiting = 0
        """Orders in the queue."""
        self.closing = False
        self._unanswered: deque[tuple[float, Item]] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._covered = 0
        self._turned = date.min
        self._patience = CLOSING

    # --- The queue --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take items."""
        self._task = asyncio.create_task(self._run(), name="mengfu writer")

    async def close(self, patience: int = CLOSING) -> None:
        """Take no more items, finish those that wait, and let the connection go.

        `patience` is how often a lost connection is made anew for those that wait before they are told `Uncertain`.
        """
        self.closing = True
        self._patience = min(self._patience, patience)
        self._wake.set()
        if self._task is not None:
            await self._task
        if self._watch is not None:
            self._watch.cancel()
        if self._connection is not None:
            await self._connection.close()

    def put(self, item: Item, patience: float) -> None:
        """Queue an item; refused when the queue is full or the writer is closing. One that finds room goes in whole.

        Its future has the outcome, or after so many seconds says what is known then: `Uncertain` where it was sent.
        """
        if self.closing or self._task is None or self._task.done():
            raise errors.Unavailable(problem="the registry is closing")
        if self.waiting >= self.settings.queue:
            raise errors.Unavailable(problem="too many commands are waiting")
        loop = asyncio.get_running_loop()
        item.future = loop.create_future()
        self.queue.append(item)
        self._unanswered.append((loop.time() + patience, item))
        if self._watch is None:
            self._watch = loop.call_later(TICK, self._look)
        self.waiting += len(item.orders)
        self._wake.set()

    def _look(self) -> None:
        """Tell those who have waited long enough what is known: a timer for each of them costs as much as an insert."""
        loop = asyncio.get_running_loop()
        while self._unanswered and self._unanswered[0][1].future.done():
            self._unanswered.popleft()
        for due, item in self._unanswered:
            if due <= loop.time() and not item.future.done():
                item.abandoned = not item.sent
                away = errors.Unavailable(problem="the database does not answer")
                item.future.set_exception(errors.Uncertain() if item.sent else away)
        self._watch = loop.call_later(TICK, self._look) if self._unanswered else None

    def _take(self) -> list[Item]:
        """The next batch: whole items, one at least, together of no more orders than a batch may have."""
        batch: list[Item] = []
        size = 0
        while self.queue and (not batch or size + len(self.queue[0].orders) <= self.settings.batch):
            item = self.queue.popleft()
            batch.append(item)
            size += len(item.orders)
        self.waiting -= size
        return batch

    async def _run(self) -> None:
        while not (self.closing and not self.queue):
            if not self.queue:
                self._wake.clear()
                if not self.closing:
                    await self._wake.wait()
                continue
            batch = self._take()
            try:
                await self._batch([item for item in batch if not item.abandoned])
            except errors.Uncertain as error:
                log.warning("the database went away while the writer was being closed", waiting=len(batch))
                fail(batch, error)
            except Exception as error:
                log.exception("the writer failed on a batch")
                fail(batch, error)

    async def _batch(self, items: list[Item]) -> None:
        """Decide and store items until each has its outcome."""
        losses, pause = 0, 0.0
        while items:
            began = asyncio.get_running_loop().time()
            try:
                plan = await self._decide(items)
                stored = await self._store(items, plan)
            except _AbandonedError:
                items = [item for item in items if not item.abandoned]
                continue
            except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if is_lost(error):
                    await self._reconnect(error)
                    items = [item for item in items if not item.abandoned]
                    continue
                # The connection stands, so the database has refused the statement and stored nothing of it.
                if len(items) == 1:
                    log.exception("the database refused a command")
                    fail(items, errors.Unavailable(problem=f"the database refused it: {type(error).__name__}"))
                    return
                self.metrics.splits += 1
                half = len(items) // 2
                await self._batch(items[:half])
                items = items[half:]
                continue
            if stored:
                await self._answer(items, plan)
                return
            self.metrics.losses += 1
            losses += 1
            pause = max(pause, asyncio.get_running_loop().time() - began)
            if losses >= 3:
                losses = 0
                if len(items) > 1:
                    half = len(items) // 2
                    self.queue.extendleft(reversed(items[half:]))
                    self.waiting += sum(len(item.orders) for item in items[half:])
                    items = items[:half]
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  # chance, not secrecy

    async def _decide(self, items: Sequence[Item]) -> Plan:
        """The batch's plan on the newest state."""
        connection = await self._connected()
        known = Known(set[Ref]().union(*map(names, items)))
        while True:
            if not await self.memory.load(connection, known):
                now = datetime.now(UTC)
                time = max(now, self.memory.time)
                snapshot = Snapshot(
                    position=self.memory.position,
                    time=time,
                    today=day_of(time),
                    streams=known.streams,
                    taken=known.taken,
                    histories=known.histories,
                    texts=await self.memory.texts(connection, known.streams),
                    keys=await kept_keys(connection, items, now.date()),
                    looked_for=known.wanted,
                    elsewhen=known.elsewhen,
                )
                plan = Planner(self.deciders, self.memory.decoders, snapshot).decide(items)
                if plan.missing or plan.unknown or plan.asked:
                    await self.memory.more(connection, known, plan)
                    continue
                # What stores nothing on condition of the head is checked against the head here.
                if plan.lines or known.fresh or not await self.memory.catch_up(connection):
                    return plan
            known.forget()

    # --- Storing ----------------------------------------------------------------------------------------------

    async def _store(self, items: Sequence[Item], plan: Plan) -> bool:
        """Store the plan; False where another process was first."""
        connection = await self._connected()
        now = datetime.now(UTC)
        if plan.keys and now.date() > self._turned:
            await connection.execute("select turn_idempotency($1)", now.date())
            self._turned = now.date()
        if not plan.lines:
            if plan.keys:
                keys, prints, outcomes = self._key_arrays(plan)
                await connection.execute(sql("keep_keys"), keys, now.date(), prints, outcomes)
            return True
        count = len(plan.lines)
        if self.memory.position + count + self.settings.batch > self._covered:
            ahead = self.memory.position + count + 8 * self.settings.batch
            self._covered = await connection.fetchval("select cover_events($1)", ahead)
        edge = tree.append(self.memory.position, self.memory.edge, [tree.leaf_hash(line) for _, _, line in plan.lines])
        statement, parameters = self._statement(plan, b"".join(edge), now.date())
        if any(item.abandoned for item in items):
            raise _AbandonedError
        for item in items:
            item.sent = True
        try:
            moved = await connection.fetchval(statement, *parameters)
        except LOST as error:
            if not is_lost(error):
                raise
            moved = await self._settle(statement, parameters, plan.lines[0][2], error)
        if not moved:
            for item in items:
                item.sent = False
            await self.memory.catch_up(await self._connected())
            return False
        self.memory.stored(plan.lines[0][1].time, count, edge, plan.streams)
        self.metrics.batches += 1
        self.metrics.events += count
        return True

    def _statement(self, plan: Plan, edge: bytes, today: date) -> tuple[str, list[Any]]:
        """The append for a plan and its parameters, in the order of the statement's header."""
        records = [recorded for _, recorded, _ in plan.lines]
        keys, prints, outcomes = self._key_arrays(plan)
        parameters: list[Any] = [
            self.memory.position,
            self.memory.position + len(records),
            records[0].time,
            edge,
            [ref.id for ref, _, _ in plan.lines],
            [recorded.version for recorded in records],
            [recorded.event.type for recorded in records],
            [recorded.effective for recorded in records],
            [recorded.actor for recorded in records],
            [recorded.cause == "correction" for recorded in records],
            [line for _, _, line in plan.lines],
            [ref.id for ref in plan.streams],
            [ref.category for ref in plan.streams],
            [folded.version for folded in plan.streams.values()],
            today,
            keys,
            prints,
            outcomes,
        ]
        changed = {
            ref: between(plan.before[ref].base, after.base, plan.written[ref])
            for ref, after in plan.streams.items()
            if ref in plan.before
        }
        parts: list[str] = []
        for projection, put, gone in self.inline.changes(plan.streams, plan.before, changed):
            # A part without rows would still cost its start; the few texts that come up are prepared once each.
            for differing, part in ((put, projection.putting), (gone, projection.taking)):
                if differing:
                    parts.append(part(len(parameters) + 1))
                    parameters += map(list, zip(*differing, strict=True))
        return sql("append").replace("/* projections */", "".join(f"{part}, " for part in parts)), parameters

    @staticmethod
    def _key_arrays(plan: Plan) -> tuple[list[UUID], list[UUID], list[bytes]]:
        keys = [UUID(bytes=key) for key, _, _ in plan.keys]
        prints = [UUID(bytes=fingerprint) for _, fingerprint, _ in plan.keys]
        return keys, prints, [outcome for _, _, outcome in plan.keys]

    async def _settle(self, statement: str, parameters: Sequence[Any], first: bytes, error: BaseException) -> bool:
        """Learn what became of a statement whose answer was lost, by sending it again until the database answers.

        The head can move from the batch's position once. If it moves now, it had not before. If it doesn't, the line
        after that position says whose batch moved it: line ids are random, so ours is told by its bytes.
        """
        while True:
            await self._reconnect(error)
            try:
                connection = await self._connected()
                if await connection.fetchval(statement, *parameters):
                    return True
                return bool(await connection.fetchval(sql("line_at"), parameters[0] + 1) == first)
            except LOST as again:
                error = again

    # --- The connection ---------------------------------------------------------------------------------------

    async def _connected(self) -> Connection:
        """The writer's own connection. Raises ConnectionError where there is none to be had: nothing was sent then."""
        if self._connection is None or self._connection.is_closed():
            # One plan for every batch: planning the append costs more than running it.
            own = {"plan_cache_mode": "force_generic_plan", "application_name": "mengfu writer"}
            try:
                self._connection = await asyncpg.connect(
                    self.url,
                    server_settings={"search_path": f"{self.settings.schema}, pg_temp", **own},
                    max_cacheable_statement_size=0,
                    statement_cache_size=1_000,
                    timeout=10,
                )
            except asyncpg.PostgresError as error:
                raise ConnectionError(str(error)) from error
        return self._connection

    async def _reconnect(self, error: BaseException) -> None:
        """Drop the connection and wait a little: the database may be starting again."""
        self.metrics.reconnects += 1
        if self.closing:
            self._patience -= 1
            if self._patience < 0:
                raise errors.Uncertain
        log.warning("the writer's connection was lost", error=str(error) or type(error).__name__)
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        await asyncio.sleep(0.1)

    # --- Answers ----------------------------------------------------------------------------------------------

    async def _answer(self, items: Sequence[Item], plan: Plan) -> None:
        """Give each caller its outcome; a known idempotency key is answered from the log."""
        for item, result in zip(items, plan.results, strict=True):
            if item.future.done():
                continue
            outcome: Result = result
            if isinstance(result, Replay):
                outcome = await self._again(result.answers)
            if isinstance(outcome, Exception):
                self.metrics.refused += 1
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)

    async def _again(self, answers: Sequence[Answer]) -> list[Done]:
        """The outcomes that were answered before, however often the connection is lost over it."""
        refs = {Ref(one.category, one.id) for answer in answers for one in (answer, *answer.also)}
        while True:
            try:
                histories = await self.memory.histories(await self._connected(), refs)
            except LOST as error:
                await self._reconnect(error)
                continue
            return again(self.deciders, answers, histories, day_of(datetime.now(UTC)))


class _AbandonedError(Exception):
    """A caller stopped waiting before its item was sent, and was told that nothing of it is recorded."""


def fail(items: Iterable[Item], error: Exception) -> None:
    """Give every waiting caller the same error."""
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)


async def kept_keys(connection: Connection, items: Iterable[Item], today: date) -> dict[bytes, tuple[bytes, bytes]]:
    """The fingerprints and outcomes that are kept under the items' idempotency keys."""
    hashes = [UUID(bytes=item.key.hash) for item in items if item.key is not None]
    if not hashes:
        return {}
    rows = await connection.fetch(sql("known_keys"), hashes, today - KEPT)
    return {row["key"].bytes: (row["fingerprint"].bytes, row["outcome"]) for row in rows}
