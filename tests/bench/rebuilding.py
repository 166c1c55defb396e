"""A rebuild of all inline projections against its bare input and output: COPY the events out, the finished rows in."""

import asyncio
import contextlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import psutil  # type: ignore[import-untyped] # it has no types of its own

from service.config import Settings
from service.domain import agreement, party
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.projections import building
from service.projections.inline import INLINE
from service.registry import DECODERS, SELF, Order, Registry
from service.registry.sharing import Sharing
from service.store import migrate
from service.store.embedded import Embedded

Connection = "asyncpg.Connection[asyncpg.Record]"
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""
EVENTS = 200_000
TAIL = (1, 1, 1, 1, 1, 2, 2, 3, 5, 30)
"""Clauses of one agreement after another: median 3 events a stream with the registration and a signatory."""


def orders(parties: list[UUID]) -> Iterator[list[Order]]:
    """Agreements with a signatory and clauses, each as one item, without end."""
    number = 0
    while True:
        number += 1
        ref = Ref("agreements", uuid4())
        whole = agreement.Register(
            title=PrintedName(printed=f"合作框架协议 {number}"),
            kinds=("strategic_framework",),
            signatories=(AddSignatory(party=parties[number % len(parties)], side="甲方"),),
        )
        clauses = [RecordClause(label=str(label), text=WORDS) for label in range(TAIL[number % len(TAIL)])]
        yield [Order(ref=ref, command=whole, creates=True), *(Order(ref=ref, command=one) for one in clauses)]


async def record(registry: Registry, count: int) -> None:
    """Record about that many events."""
    parties = [uuid4() for _ in range(1_000)]
    city = party.Register(kind="city", name=PrintedName(printed="test data"))
    await asyncio.gather(
        *(registry.execute([Order(ref=Ref("parties", id), command=city, creates=True)], actor=SELF) for id in parties)
    )
    items = orders(parties)

    async def caller() -> None:
        while registry.writer.memory.position < count:
            await registry.execute(next(items), actor=SELF)

    await asyncio.gather(*(caller() for _ in range(256)))


async def copies(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """Seconds to COPY the events out in binary, the bytes thrown away, and the finished rows in, indexes and all."""

    async def nowhere(_: bytes) -> None:
        """Take bytes."""

    rows = {}
    for projection in INLINE:
        rows[projection.table] = io.BytesIO()
        query = f"select * from {projection.table}"  # noqa: S608 -- a table's name
        await connection.copy_from_query(query, output=rows[projection.table], format="binary")
        rows[projection.table].seek(0)
        await connection.execute(f"drop table if exists baseline_{projection.table}")
        await connection.execute(f"create table baseline_{projection.table} (like {projection.table} including all)")
    began = time.perf_counter()
    await connection.copy_from_query("select * from events", output=nowhere, format="binary")
    for table, found in rows.items():
        await connection.copy_to_table(f"baseline_{table}", source=found, format="binary")
    took = time.perf_counter() - began
    for table in rows:
        await connection.execute(f"drop table baseline_{table}")
    return took


async def rebuilding(connection: "asyncpg.Connection[asyncpg.Record]", url: str) -> float:
    """Seconds to rebuild every inline projection."""
    began = time.perf_counter()
    async with building.alone(connection):
        await building.rebuild(connection, INLINE, DECIDERS, DECODERS, elsewhere=Sharing(url, Settings().schema))
    return time.perf_counter() - began


async def rounds(home: Path, events: int, count: int) -> tuple[list[float], list[float], int]:
    """Seconds of rebuilds and of copies in turn, and the bytes that the rebuilding processes had more at the most."""
    embedded = await Embedded.start(home)
    try:
        await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
        registry = await Registry.open(Settings(), embedded.service_url)
        await record(registry, events)
        await registry.close()
        connection = await migrate.connect(embedded.service_url, Settings().schema)
        rebuilt, copied, most = list[float](), list[float](), 0
        for _ in range(count):
            # The rebuild first: what the baseline's buffers have left with this process is not the rebuild's.
            idle = memory()
            work = asyncio.create_task(rebuilding(connection, embedded.service_url))
            while not work.done():
                await asyncio.wait([work], timeout=0.2)
                most = max(most, memory() - idle)
            rebuilt.append(await work)
            copied.append(await copies(connection))
        await connection.close()
    finally:
        await embedded.stop()
    return rebuilt, copied, most


def memory() -> int:
    """Bytes that this process and its Python children hold."""
    own = psutil.Process()
    held = own.memory_info().rss
    for child in own.children():
        with contextlib.suppress(psutil.Error):
            if child.name().startswith("python"):
                held += child.memory_info().rss
    return int(held)
