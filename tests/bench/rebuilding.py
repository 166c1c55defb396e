"""A rebuild of all inline projections against its bare input and output: COPY the events out, the finished rows in."""

import asyncio
import io
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import asyncpg

from service.domain import agreement, party
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.projections import building
from service.projections.inline import INLINE
from service.registry import DECODERS, SELF, Order, Registry

Connection = "asyncpg.Connection[asyncpg.Record]"
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""
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


async def rebuilding(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """Seconds to rebuild every inline projection."""
    began = time.perf_counter()
    async with building.alone(connection):
        await building.rebuild(connection, INLINE, DECIDERS, DECODERS)
    return time.perf_counter() - began
