"""The writer: one task that turns what is queued into batches, and each batch into one statement.

There is no timer: a batch is what came in while the last one committed. The statement is conditional on the position
that the batch was decided on, and is its own transaction: no lock is held across a round trip, a frozen process holds
nothing, and a decision is always made on the newest state.

Of many who wait one half is taken: while PostgreSQL stores it, the other is decided as if it were stored (`_ahead`),
and sent as soon as it is. Where it is not, what was decided on it is put back in front of the queue. The ways a
statement can end, and what follows:

- the head moved: stored; caches take the new states, callers get their answers;
- it did not: another process was first; catch up and decide again, after three losses in a row with half the batch;
- the database refused it: the batch is split until the item at fault is alone;
- the connection was lost: the same statement is sent again until the database answers (`_settle`).
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import structlog
from msgspec import Struct

from service.config import Settings
from service.domain import errors
from service.domain.decider import Decider, Ref
from service.domain.values import day_of
from service.projections import Projection
from service.projections.advancing import Advancing
from service.registry.batch import Batch, Connection, hashes, kept_keys, taken_after
from service.registry.memory import Known, Memory
from service.registry.orders import Answer, Done, Item, names
from service.registry.plan import Planner
from service.registry.replaying import again
from service.registry.snapshot import Plan, Replay, Result, Snapshot
from service.registry.waiting import Waiting, fail
from service.store import sql
from service.store.failures import LOST, is_lost

AHEAD = 32
"""Orders that have to wait for it to be worth while to decide them while a batch is under way."""
CLOSING = 50
"""How often a writer that is being closed tries to reach a lost database again, every tenth of a second."""

log = structlog.get_logger(__name__)


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
        self.waiting = Waiting(settings.queue)
        self.closing = False
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._aside: Connection | None = None
        self._ahead: Batch | None = None
        self._splitting = 0
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
        self.waiting.wake.set()
        if self._task is not None:
            await self._task
        self.waiting.close()
        for connection in filter(None, (self._connection, self._aside)):
            await connection.close()

    def put(self, item: Item, patience: float) -> None:
        """Queue an item (`Waiting.put`); refused when the writer is closing."""
        if self.closing or self._task is None or self._task.done():
            raise errors.Unavailable(problem="the registry is closing")
        self.waiting.put(item, patience)

    async def _run(self) -> None:
        while True:
            ahead, self._ahead = self._ahead, None
            if ahead is not None and ahead.before != self.memory.position:
                self.waiting.give_back(ahead.items)
                ahead = None
            if ahead is None and not self.waiting:
                if self.closing:
                    return
                self.waiting.wake.clear()
                await self.waiting.wake.wait()
                continue
            items = ahead.items if ahead is not None else self._take()
            try:
                await self._batch([item for item in items if not item.abandoned], ahead)
            except errors.Uncertain as error:
                log.warning("the database went away while the writer was being closed", waiting=len(items))
                fail(items, error)
            except Exception as error:
                log.exception("the writer failed on a batch")
                fail(items, error)

    def _take(self) -> list[Item]:
        """The next batch: of many who wait one half, so that the other is decided while PostgreSQL stores this one."""
        half = self.waiting.orders // 2
        return self.waiting.take(min(half, self.settings.batch) if half >= AHEAD else self.settings.batch)

    async def _batch(self, items: list[Item], ready: Batch | None = None) -> None:
        """Decide and store items until each has its outcome; a batch that was decided ahead is `ready`."""
        losses, pause = 0, 0.0
        while items:
            began = asyncio.get_running_loop().time()
            try:
                batch, ready = ready or await self._decide(items), None
                stored = await self._store(batch)
            except _AbandonedError:
                items = [item for item in items if not item.abandoned]
                continue
            except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self._drop()
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
                self._splitting += 1
                try:
                    await self._batch(items[:half])
                finally:
                    self._splitting -= 1
                items = items[half:]
                continue
            if stored:
                if self._ahead is not None and not any(isinstance(one, Replay) for one in batch.plan.results):
                    self._go_on(self._ahead)
                await self._answer(items, batch.plan)
                return
            self._drop()
            self.metrics.losses += 1
            losses += 1
            pause = max(pause, asyncio.get_running_loop().time() - began)
            if losses >= 3:
                losses = 0
                if len(items) > 1:
                    half = len(items) // 2
                    self.waiting.give_back(items[half:])
                    items = items[:half]
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  # chance, not secrecy

    def _go_on(self, ahead: Batch) -> None:
        """Send what was decided ahead at once, before those who waited for the batch before it come again."""
        if self._connection is not None and ahead.after <= self._covered and ahead.keeps <= self._turned:
            with suppress(_AbandonedError):
                self._send(self._connection, ahead)

    async def _decide(self, items: Sequence[Item]) -> Batch:
        """The batch on the newest state."""
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
                    return Batch(items, plan, self.memory.position, self.memory.edge, self.inline, now.date())
            known.forget()

    # --- Storing ----------------------------------------------------------------------------------------------

    async def _store(self, batch: Batch) -> bool:
        """Store a batch; False where another process was first."""
        connection = await self._connected()
        plan = batch.plan
        if batch.flight is None and batch.keeps > self._turned:
            await connection.execute("select turn_idempotency($1)", batch.today)
            self._turned = batch.today
        if not plan.lines:
            if plan.keys:
                keys, prints, outcomes = hashes(plan)
                await connection.execute(sql("keep_keys"), keys, batch.today, prints, outcomes)
            return True
        flight = batch.flight
        if flight is None:
            if batch.after + self.settings.batch > self._covered:
                further = batch.after + 8 * self.settings.batch
                self._covered = await connection.fetchval("select cover_events($1)", further)
            flight = self._send(connection, batch)
        try:
            await asyncio.sleep(0)  # so that it is on its way
            if self.waiting.orders >= AHEAD and not self.closing and not self._splitting:
                self._ahead = await self._decide_ahead(batch)
            moved = await flight
        except LOST as error:
            if not is_lost(error):
                raise
            moved = await self._settle(batch, error)
        if not moved:
            for item in batch.items:
                item.sent = False
            await self.memory.catch_up(await self._connected())
            return False
        self.memory.stored(plan.lines[0][1].time, len(plan.lines), batch.edge, plan.streams)
        self.metrics.batches += 1
        self.metrics.events += len(plan.lines)
        return True

    def _send(self, connection: Connection, batch: Batch) -> "asyncio.Future[Any]":
        """Send a batch's statement; its answer is whether the head has moved."""
        if any(item.abandoned for item in batch.items):
            raise _AbandonedError
        for item in batch.items:
            item.sent = True
        batch.flight = asyncio.ensure_future(connection.fetchval(batch.statement, *batch.parameters))
        return batch.flight

    # --- What waits while a batch is under way ----------------------------------------------------------------

    async def _decide_ahead(self, under_way: Batch) -> Batch | None:
        """The next batch, decided as if the one under way were stored; None where that is not all that it takes.

        What is not at hand is read on another connection, which sees the log before that batch or after it.
        """
        items = self.waiting.take(self.settings.batch)
        try:
            if self._aside is None or self._aside.is_closed():
                self._aside = await self._connect()
            known = await self.memory.beside(
                self._aside, set[Ref]().union(*map(names, items)), under_way.plan.streams, under_way.after
            )
            if known is not None:
                now = datetime.now(UTC)
                time = max(now, under_way.plan.lines[0][1].time)
                snapshot = Snapshot(
                    position=under_way.after,
                    time=time,
                    today=day_of(time),
                    streams=known.streams,
                    taken=known.taken | taken_after(under_way.plan),
                    histories={},
                    texts=await self.memory.texts(self._aside, known.streams),
                    keys=await kept_keys(self._aside, items, now.date()) | under_way.kept,
                    looked_for=known.wanted,
                    elsewhen={},
                )
                plan = Planner(self.deciders, self.memory.decoders, snapshot).decide(items)
                if plan.lines and not (plan.missing or plan.unknown or plan.asked):
                    return Batch(items, plan, under_way.after, under_way.edge, self.inline, now.date())
        except Exception as error:  # whatever it is, it comes again where the batch is decided by itself
            log.warning("a batch is not decided ahead", error=str(error) or type(error).__name__)
        self.waiting.give_back(items)
        return None

    def _drop(self) -> None:
        """What was decided ahead rests on what is not stored."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self.waiting.give_back(ahead.items)

    async def _settle(self, batch: Batch, error: BaseException) -> bool:
        """Learn what became of a statement whose answer was lost, by sending it again until the database answers.

        The head can move from the batch's position once. If it moves now, it had not before. If it doesn't, the line
        after that position says whose batch moved it: line ids are random, so ours is told by its bytes.
        """
        while True:
            await self._reconnect(error)
            try:
                connection = await self._connected()
                if await connection.fetchval(batch.statement, *batch.parameters):
                    return True
                first = batch.plan.lines[0][2]
                return bool(await connection.fetchval(sql("line_at"), batch.before + 1) == first)
            except LOST as again:
                error = again

    # --- The connection ---------------------------------------------------------------------------------------

    async def _connected(self) -> Connection:
        """The writer's own connection. Raises ConnectionError where there is none to be had: nothing was sent then."""
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await self._connect()
            except asyncpg.PostgresError as error:
                raise ConnectionError(str(error)) from error
        return self._connection

    async def _connect(self) -> Connection:
        # One plan for every batch: planning the append costs more than running it.
        own = {"plan_cache_mode": "force_generic_plan", "application_name": "mengfu writer"}
        return await asyncpg.connect(
            self.url,
            server_settings={"search_path": f"{self.settings.schema}, pg_temp", **own},
            max_cacheable_statement_size=0,
            statement_cache_size=1_000,
            timeout=10,
        )

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
