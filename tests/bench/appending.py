"""What is recorded a second, against COPY of the same rows.

Commands are those of agreements as they come: each caller registers one with a signatory, then records its clauses, one
command after another, each under an idempotency key of its own; some agreements have one clause, a few have hundreds
(median three events a stream). The baseline is asyncpg's `copy_records_to_table` of the rows that a round has
appended, into a table with the same columns, indexes and partitions, after a CHECKPOINT: it checks nothing, tells
nobody, and has no state of anything; and it has the machine to itself, where commands of either kind share it with the
process that follows. It commits once, where 128 callers who wait for their rows to be durable make a commit at least
every 128 rows: what that costs COPY itself is told too. Rates are in rows a second; the rounds alternate.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg

from service.collecting import Collector
from service.companion import Companion
from service.config import Settings
from service.domain import party
from service.domain.agreement import Register
from service.domain.agreement.clauses import ClauseRecorded, RecordClause
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Command, Recorded, Ref
from service.domain.values import PrintedName
from service.projections.inline import INLINE
from service.registry import DECODERS, SELF, Key, Order, Registry
from service.registry.orders import Item
from service.registry.writer import AHEAD, Writer
from service.store import line as lines
from service.store import sql
from service.tlog import tree
from tests.bench.places import Running, running
from tests.bench.rows import Bar, Row, Size, ratio

CALLERS = 128
CONNECTIONS = (1, 16, 64)
"""Of one transaction a command: the best of these counts."""
PARTIES = 1_000
CLAUSES = (1, 1, 1, 1, 1, 2, 2, 3, 5, 30)
"""Clauses of one agreement after another."""
LONGEST, SELDOM = 200, 100
"""Every so many agreements there is one of so many clauses."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""
EACH = 4
"""Clauses of a stream, where the log is measured alone."""


def orders(parties: list[UUID]) -> Iterator[Iterator[Order]]:
    """Agreements without end, each as the orders that make it, for one caller after another."""
    for number in itertools.count():
        ref = Ref("agreements", uuid4())
        clauses = LONGEST if number % SELDOM == SELDOM - 1 else CLAUSES[number % len(CLAUSES)]
        yield made(ref, number, parties[number % len(parties)], clauses)


def made(ref: Ref, number: int, signatory: UUID, clauses: int) -> Iterator[Order]:
    """The orders of one agreement: two events, then one a clause."""
    whole = Register(
        title=PrintedName(printed=f"合作框架协议 {number}"),
        kinds=("strategic_framework",),
        signatories=(AddSignatory(party=signatory, side="甲方"),),
    )
    yield Order(ref=ref, command=whole, creates=True)
    for label in range(clauses):
        command: Command = RecordClause(label=str(label), text=WORDS)
        yield Order(ref=ref, command=command)


def key(order: Order, number: int) -> Key:
    """An idempotency key that no other command has."""
    name = blake2b(order.ref.id.bytes + number.to_bytes(4), digest_size=16).digest()
    return Key(hash=name, fingerprint=name)


async def registered(registry: Registry) -> list[UUID]:
    """Parties to sign."""
    ids = [uuid4() for _ in range(PARTIES)]
    city = party.Register(kind="city", name=PrintedName(printed="test data"))
    some = ([Order(ref=Ref("parties", id), command=city, creates=True)] for id in ids)
    await asyncio.gather(*(registry.execute(order, actor=SELF) for order in some))
    return ids


async def execute(registry: Registry, parties: list[UUID], count: int, callers: int = CALLERS) -> list[float]:
    """Have callers execute commands until so many rows are there; answers each command's seconds."""
    agreements, until, took = orders(parties), await registry.head() + count, list[float]()
    clock = time.perf_counter

    async def caller() -> None:
        while registry.writer.memory.position < until:
            for number, order in enumerate(next(agreements)):
                began = clock()
                await registry.execute([order], actor=SELF, key=key(order, number))
                took.append(clock() - began)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return took


def collector(registry: Registry) -> Collector:
    """What a serving process has its garbage collected by."""
    return Collector(lambda: registry.writer.metrics.events)


async def copy_in(connection: "asyncpg.Connection[Any]", first: int, most: int, each: int | None = None) -> float:
    """Rows a second of COPY: those behind a position, at most so many; all in one go, or so many with each commit."""
    rows = await connection.fetch("select * from events where position > $1 order by position limit $2", first, most)
    records = [tuple(row) for row in rows]
    del rows
    await connection.execute("drop table if exists baseline")
    await connection.execute("create table baseline (like events including all) partition by range (position)")
    await connection.execute("create table baseline_all partition of baseline default")
    await connection.execute("checkpoint")
    began = time.perf_counter()
    for start in range(0, len(records), each or len(records)):
        some = records[start : start + each] if each else records
        await connection.copy_records_to_table("baseline", records=some)
    took = time.perf_counter() - began
    await connection.execute("drop table baseline")
    return len(records) / took


# --- One transaction a command ----------------------------------------------------------------------------------------


class Alone(Writer):
    """The same decisions and the same statement, one command at a time under the head's lock: what most stores do."""

    async def one(self, order: Order, number: int) -> None:
        """Carry out a command in a transaction of its own."""
        envelope = lines.Envelope(source="urn:mengfu:bench", actor=SELF)
        item = Item(orders=[order], envelope=envelope, key=key(order, number))
        item.future = asyncio.get_running_loop().create_future()
        connection = await self._connected()
        async with connection.transaction():
            await connection.execute(sql("lock_head"))
            await self.memory.catch_up(connection)
            if not await self._store(await self._decide([item])):
                raise AssertionError("the head was locked, and moved")


async def alone(place: Running, parties: list[UUID], count: int, connections: int) -> float:
    """Rows a second over so many connections."""
    agreements, registry = orders(parties), place.registry
    first = await registry.head()
    writers = [Alone(Settings(), place.embedded.service_url, DECIDERS, DECODERS, INLINE) for _ in range(connections)]
    done = itertools.count()
    began = time.perf_counter()

    async def caller(writer: Alone) -> None:
        while next(done) < count:
            for number, order in enumerate(next(agreements)):
                await writer.one(order, number)
                if next(done) >= count:
                    break
        await writer.close()

    await asyncio.gather(*map(caller, writers))
    return (await registry.head() - first) / (time.perf_counter() - began)


# --- The log alone ----------------------------------------------------------------------------------------------------


Waiting: TypeAlias = tuple[Ref, ClauseRecorded, "asyncio.Future[None]"]
"""An event that is to be its stream's next, and who waits for it."""


class Log:
    """The log's append by itself: lines encoded and hashed, versions, the tree, one statement a batch."""

    def __init__(self, connection: "asyncpg.Connection[Any]", position: int, edge: list[bytes]) -> None:
        """A log that ends there."""
        self.connection, self.position, self.edge = connection, position, edge
        self.versions: dict[Ref, int] = {}
        self.queue: list[Waiting] = []
        self.envelope = lines.Envelope(source="urn:mengfu:bench", actor=SELF)
        self.statement = sql("append").replace("/* projections */", "")
        self.wake = asyncio.Event()

    async def append(self, ref: Ref, event: ClauseRecorded) -> None:
        """Store an event as its stream's next, and wait until it is durable."""
        future = asyncio.get_running_loop().create_future()
        self.queue.append((ref, event, future))
        self.wake.set()
        await future

    async def run(self) -> None:
        """Store what comes: as in the registry, of many who wait one half is encoded while the other is stored."""
        flight: asyncio.Future[None] | None = None
        while True:
            if not self.queue and flight is None:
                self.wake.clear()
                await self.wake.wait()
            half = len(self.queue) // 2
            count = half if half >= AHEAD and flight is None else len(self.queue)
            batch, self.queue = self.queue[:count], self.queue[count:]
            parameters = self._made(batch) if batch else []
            if flight is not None:
                await flight
            flight = asyncio.ensure_future(self._store(batch, parameters)) if batch else None
            await asyncio.sleep(0)  # so that it is on its way

    def _made(self, batch: list[Waiting]) -> list[Any]:
        """The statement's parameters."""
        now, moved, records, told = datetime.now(UTC), dict[Ref, int](), list[Recorded](), list[bytes]()
        for number, (ref, event, _) in enumerate(batch, self.position + 1):
            version = self.versions[ref] = moved[ref] = self.versions.get(ref, 0) + 1
            data, sealed = lines.sealed(event, DECODERS)
            record = Recorded(sequence=number, version=version, time=now, effective=None, actor=SELF, event=sealed)
            records.append(record)
            told.append(lines.encode(self.envelope, ref, record, data=data))
        self.edge = tree.append(self.position, self.edge, list(map(tree.leaf_hash, told)))
        before, self.position = self.position, self.position + len(batch)
        return [
            before,
            self.position,
            now,
            b"".join(self.edge),
            [ref.id for ref, _, _ in batch],
            [record.version for record in records],
            [record.event.type for record in records],
            [None for _ in records],
            [SELF for _ in records],
            [False for _ in records],
            told,
            [ref.id for ref in moved],
            [ref.category for ref in moved],
            list(moved.values()),
            now.date(),
            [],
            [],
            [],
        ]

    async def _store(self, batch: list[Waiting], parameters: list[Any]) -> None:
        if not await self.connection.fetchval(self.statement, *parameters):
            raise AssertionError("somebody else has moved the head")
        for _, _, future in batch:
            future.set_result(None)


@asynccontextmanager
async def log(place: Running) -> AsyncIterator[Log]:
    """The log of a home without projections of its own."""
    connection = await asyncpg.connect(
        place.embedded.service_url,
        server_settings={"search_path": f"{Settings().schema}, pg_temp", "plan_cache_mode": "force_generic_plan"},
    )
    await connection.fetchval("select cover_events($1)", 1)
    head = await connection.fetchrow("select position, edge from head")
    assert head is not None
    edge = head["edge"]
    own = Log(connection, head["position"], [edge[start : start + 32] for start in range(0, len(edge), 32)])
    task = asyncio.create_task(own.run())
    try:
        yield own
    finally:
        task.cancel()
        await connection.close()


async def append(own: Log, count: int) -> float:
    """Rows a second of the log alone, callers one event at a time; these are there before, as the rows of COPY are."""
    covered = await own.connection.fetchval("select cover_events($1)", own.position + count + 10 * CALLERS)
    assert covered >= own.position + count
    events = iter([ClauseRecorded(clause=uuid4(), label=str(number), text=WORDS) for number in range(count)])
    refs = iter([Ref("agreements", uuid4()) for _ in range(count // EACH + CALLERS)])

    async def caller() -> None:
        for number, event in zip(itertools.cycle(range(EACH)), events, strict=False):
            if number == 0:
                ref = next(refs)
            await own.append(ref, event)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return count / (time.perf_counter() - began)


async def hashing(connection: "asyncpg.Connection[Any]", first: int, most: int) -> float:
    """Seconds that the tree takes of a row: leaf hashes and the edge, in batches as large as the callers allow."""
    rows = await connection.fetch("select line from events where position > $1 order by position limit $2", first, most)
    told = [row["line"] for row in rows]
    position, edge = first, tree.append(0, [], [bytes(32)] * first)
    began = time.perf_counter()
    for start in range(0, len(told), CALLERS // 2):
        batch = told[start : start + CALLERS // 2]
        edge = tree.append(position, edge, list(map(tree.leaf_hash, batch)))
        position += len(batch)
        tree.root(position, edge)
    return (time.perf_counter() - began) / len(told)


# --- The rows ---------------------------------------------------------------------------------------------------------


async def rows(size: Size) -> list[Row]:
    """The rows of the table; the registry's rates are in `Row.told`."""
    together, copies, singles, trees = list[float](), list[float](), list[float](), list[float]()
    appends, others, committed, lags = list[float](), list[float](), list[float](), list[int]()
    async with running() as place:
        connection = await place.connect()
        parties = await registered(place.registry)
        collecting = collector(place.registry)
        collecting.start()
        for turn in range(size.rounds + 1):
            first, companion = await place.registry.head(), Companion(place.registry)
            companion.start()
            began = time.perf_counter()
            await execute(place.registry, parties, size.commands)
            head = await place.registry.head()
            rate = (head - first) / (time.perf_counter() - began)
            lag = head - await connection.fetchval("select min(position) from p_projections where name ~ '_known$'")
            few = max(500, size.commands // 500)
            best = max([await alone(place, parties, few, connections) for connections in CONNECTIONS])
            await companion.close()
            copied = await copy_in(connection, first, size.commands)
            hashed = await hashing(connection, first, min(size.commands, 20_000))
            if turn:  # the first round warms up
                together.append(rate)
                trees.append(hashed * rate)
                copies.append(copied)
                singles.append(best)
                lags.append(lag)
        await collecting.close()
        await connection.close()
    async with running() as place, log(place) as own:
        connection = await place.connect()
        for turn in range(size.rounds + 1):
            first = own.position
            rate = await append(own, size.commands)
            copied = await copy_in(connection, first, size.commands)
            batched = await copy_in(connection, first, size.commands, CALLERS)
            if turn:
                appends.append(rate)
                others.append(copied)
                committed.append(batched)
        await connection.close()
    return [
        Row(
            what=f"registry.execute, {CALLERS} callers, with keys, inline projections and tree, followers running",
            against="COPY in",
            ratio=ratio(together, copies),
            bar=Bar(0.2, aim=0.3),
            told=f"{max(together):,.0f} rows a second at best; followers {max(lags):,.0f} events behind at most",
        ),
        Row(
            what="the same",
            against="one transaction a command, the best of 1, 16, 64 connections",
            ratio=ratio(together, singles),
            bar=Bar(6),
            told=f"{max(singles):,.0f} rows a second at best",
        ),
        Row(
            what="the tree in the append: leaf hashes, the edge, the root",
            against="the time of a command",
            ratio=statistics.median(trees),
            bar=Bar(0.03, most=True),
            told="full tiles are stored by the process that follows",
        ),
        Row(
            what=f"the log's append alone, encoded and hashed, {CALLERS} callers",
            against="COPY in",
            ratio=ratio(appends, others),
            bar=Bar(0.4, aim=0.5),
            told=f"{max(appends):,.0f} rows a second at best; COPY {max(others):,.0f}",
        ),
        Row(
            what=f"COPY of the same rows by {CALLERS}, a commit each",
            against="COPY in",
            ratio=ratio(committed, others),
            told="the most that anybody reaches who answers so many callers when their rows are durable",
        ),
    ]
