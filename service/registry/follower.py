"""The follower: one task that brings the following projections after the log, in batches, each from its own position.

Of the processes that serve, one follows (`lead.sql`); when it ends, another takes over, and when it is stuck, another
goes on beside it. Nothing rests on there being only one: a batch is one statement that moves the projections from the
position that it began after, so it is stored once, by whoever was first. Projections at the same position share one
pass over the lines. What has been read of a stream is remembered, within bounds; else its history is read once a batch.

An event that cannot be told in rows stops its projection alone, at the position before it: `p_projections.stopped` says
which event and why. Other code, or a rebuild, makes it go on.

A service has it in a process of its own (`companion`): a batch takes the event loop for as long as it takes.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, TypeAlias

import asyncpg
import structlog

from service.domain.decider import Decider, Recorded, Ref
from service.projections.bitemporal import Bitemporal
from service.projections.track import Changes, ForgottenError, Track
from service.registry.chase import Batch, Chase, tell
from service.registry.tail import Tail
from service.store import line as lines
from service.store import sql
from service.store.failures import LOST, unfit

log = structlog.get_logger(__name__)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

POLL = 1.0
"""Seconds between two looks at what there is to do, where nobody says that there is."""
STUCK = 10.0
"""Seconds without a step, while there are events, after which another process takes the leader for dead."""
RECALLED = 32
"""Streams whose histories are read at a time."""


class Follower:
    """Follows the log from `start` to `close`."""

    def __init__(
        self,
        url: str,
        schema: str,
        tail: Tail,
        deciders: Mapping[str, Decider[Any]],
        decoders: Mapping[str, Any],
        tables: Sequence[Bitemporal],
        today: Callable[[], date],
    ) -> None:
        """Nothing is opened yet."""
        self.tables = {table.name: table for table in tables}
        self._url = url
        self._schema = schema
        self._tail = tail
        self._deciders = deciders
        self._decoders = decoders
        self._today = today
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="mengfu follower")

    async def close(self) -> None:
        """Follow no more. A batch under way is stored or not; nothing has to be finished."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- One of several processes -----------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            async with AsyncExitStack() as stack:
                try:
                    connection = await self._connect(stack)
                    leads = await self._elect(connection)
                    await self._follow(connection, await self._connect(stack), leads=leads)
                except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    log.warning("following was interrupted", error=str(error) or type(error).__name__)
                except Exception:
                    log.exception("the follower failed")
            await asyncio.sleep(POLL / 2)

    async def _connect(self, stack: AsyncExitStack) -> Connection:
        # Rows are found by their key, whatever the tables' statistics say when a statement is first planned: one plan
        # serves every batch, since planning costs more than running it.
        plans = dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off")
        connection = await asyncpg.connect(
            self._url,
            server_settings={
                "search_path": f"{self._schema}, pg_temp",
                "application_name": "mengfu follower",
                "plan_cache_mode": "force_generic_plan",
                # Rows and how far they have come are lost together, and made again: the log is what has to last.
                "synchronous_commit": "off",
                **plans,
            },
            max_cacheable_statement_size=0,
            statement_cache_size=1_000,
            timeout=10,
        )
        stack.callback(connection.terminate)
        return connection

    async def _elect(self, connection: Connection) -> bool:
        """Wait until this process leads (True), or until the leader seems to be stuck (False)."""
        seen, since = await self._standing(connection), time.monotonic()
        while not await connection.fetchval(sql("lead")):
            await asyncio.sleep(POLL)
            now, head = await self._standing(connection), await self._tail.beyond(0, POLL)
            if now != seen or min(now.values(), default=head) >= head:
                seen, since = now, time.monotonic()
            elif time.monotonic() - since > STUCK:
                return False
        return True

    async def _standing(self, connection: Connection) -> dict[str, int]:
        """The positions of the projections that this code can go on with."""
        found = {}
        for row in await connection.fetch(sql("followed"), list(self.tables)):
            table = self.tables[row["name"]]
            if row["stopped"] is None and row["fingerprint"] == table.fingerprint:
                found[table.name] = row["position"]
        return found

    async def _follow(self, connection: Connection, reading: Connection, *, leads: bool) -> None:
        chases: dict[frozenset[str], Chase] = {}
        while True:
            standing = await self._standing(connection)
            groups: dict[int, list[str]] = {}
            for name, position in standing.items():
                groups.setdefault(position, []).append(name)
            known = {frozenset(names): position for position, names in groups.items()}
            chases = {names: c for names, c in chases.items() if known.get(names) == c.position}
            if not groups:
                await asyncio.sleep(POLL)
                continue
            head = await self._tail.beyond(min(groups), POLL)
            if 0 in groups and head:
                await connection.execute(sql("aim"), groups[0])
            for position in sorted(groups):
                # Those behind stop where the next ones stand: from there on they go together.
                until = min([head, *(other for other in groups if other > position)])
                if position < until:
                    names = frozenset(groups[position])
                    chase = chases.setdefault(names, Chase([self.tables[name] for name in sorted(names)], position))
                    moved = await self._advance(connection, reading, chase, until)
                    if moved != names and not (moved or leads):
                        return  # Somebody else does the work after all.

    # --- A batch ----------------------------------------------------------------------------------------------

    async def _advance(self, connection: Connection, reading: Connection, chase: Chase, until: int) -> frozenset[str]:
        """Bring a chase to `until`, each batch told while the one before it is stored.

        Answers the projections that have moved with the last batch: with one that stops any of them, or is stored
        somewhere else, it ends before.
        """
        moved = frozenset[str]()
        batch: Batch | None = await self._read(reading, chase, chase.position, until)
        while batch is not None:
            storing = asyncio.create_task(self._store(connection, chase, batch, batch.tables))
            try:
                await asyncio.sleep(0)  # so that it is on its way
                whole = batch.until < until and not batch.stopped
                ahead = await self._read(reading, chase, batch.until, until) if whole else None
                moved = await storing
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not unfit(error):
                    raise
                # One of the events cannot be stored. What was remembered of the streams has gone on with it.
                chase.clear()
                if batch.until > chase.position + 1:
                    chase.limit = (batch.until - chase.position) // 2
                    return frozenset()
                ahead, moved = None, await self._alone(connection, chase, batch)
            finally:
                storing.cancel()
                await asyncio.gather(storing, return_exceptions=True)
            chase.widen()
            chase.forget(batch.used)
            if moved != {table.name for table in chase.tables} or batch.stopped:
                chase.tables = [t for t in chase.tables if t.name in moved and t.name not in batch.stopped]
                chase.position = -1
                return moved
            chase.position = batch.until
            batch = ahead
        return moved

    async def _read(self, connection: Connection, chase: Chase, after: int, until: int) -> Batch:
        """What the next lines come to, behind those that the chase has been told of up to `after`."""
        rows = await connection.fetch(sql("chunk"), after, until, chase.limit)
        batch = Batch(chase, rows[-1]["position"])
        records: list[tuple[Ref, Recorded]] = []
        for row in rows:
            try:
                ref, _, recorded = lines.decode(row["line"], self._decoders)
            except Exception as error:  # whatever it is, this event is what cannot be told
                for table in batch.tables:
                    batch.stop(table, row["position"], error)
                break
            records.append((ref, recorded))
        await self._recall(connection, chase, batch, records, after)
        for ref, recorded in records:
            track = chase.tracks.get(ref)
            tables = batch.live(ref.category)
            if track is None or not tables:
                continue
            try:
                tell(track, tables, recorded, batch)
            except ForgottenError:
                found = await self._histories(connection, [ref], recorded.sequence - 1)
                track.records = found[ref]
                tell(track, tables, recorded, batch)
        return batch

    async def _recall(
        self, connection: Connection, chase: Chase, batch: Batch, records: Sequence[tuple[Ref, Recorded]], after: int
    ) -> None:
        """Have every stream of the lines at hand, as it was before them, the last used at the end."""
        firsts: dict[Ref, Recorded] = {}
        for ref, recorded in records:
            firsts.setdefault(ref, recorded)
        batch.used.update(firsts)
        missing = []
        for ref, recorded in firsts.items():
            if (track := chase.tracks.pop(ref, None)) is not None:
                chase.tracks[ref] = track
            elif batch.live(ref.category):
                chase.tracks[ref] = Track(self._deciders[ref.category], ref)
                if recorded.version > 1:
                    missing.append(ref)
        for start in range(0, len(missing), RECALLED):
            histories = await self._histories(connection, missing[start : start + RECALLED], after)
            for ref, history in histories.items():
                tables = batch.live(ref.category)
                try:
                    chase.tracks[ref] = Track.load(self._deciders[ref.category], ref, history, tables)
                except Exception as error:  # it was told before, so it is this code that cannot tell it any more
                    for table in tables:
                        batch.stop(table, firsts[ref].sequence, error)

    async def _histories(self, connection: Connection, refs: Iterable[Ref], until: int) -> dict[Ref, list[Recorded]]:
        """Every record of some streams up to a position."""
        histories: dict[Ref, list[Recorded]] = {ref: [] for ref in refs}
        for row in await connection.fetch(sql("history"), [ref.id for ref in histories], until):
            ref, _, recorded = lines.decode(row["line"], self._decoders)
            histories[ref].append(recorded)
        return histories

    async def _store(
        self, connection: Connection, chase: Chase, batch: Batch, tables: Sequence[Bitemporal]
    ) -> frozenset[str]:
        """Store what a batch comes to in some tables, by one statement; answers those that still stood at its start."""
        parameters: list[Any] = [
            chase.position,
            [table.name for table in tables],
            [table.fingerprint for table in tables],
            [batch.stopped[table.name][0] - 1 if table.name in batch.stopped else batch.until for table in tables],
            [batch.stopped[table.name][1] if table.name in batch.stopped else None for table in tables],
            self._today(),
        ]
        parts: list[str] = []
        for table in tables:
            changes = batch.changes[table.name]
            for rows, part in ((changes.put(), table.putting), (changes.closed, table.closing)):
                if rows:
                    parts.append(part(len(parameters) + 1))
                    parameters += map(list, zip(*rows, strict=True))
        statement = sql("follow").replace("/* projections */", "".join(f"{part}, " for part in parts))
        return frozenset(await connection.fetchval(statement, *parameters))

    async def _alone(self, connection: Connection, chase: Chase, batch: Batch) -> frozenset[str]:
        """Store what one event comes to, table by table: one that cannot take it stops."""
        moved: set[str] = set()
        for table in batch.tables:
            try:
                moved |= await self._store(connection, chase, batch, [table])
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not unfit(error):
                    raise
                batch.stop(table, batch.until, error)
                batch.changes[table.name] = Changes()
                moved |= await self._store(connection, chase, batch, [table])
        return frozenset(moved)
