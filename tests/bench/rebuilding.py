"""A rebuild of all inline projections against its bare input and output: COPY the events out, the finished rows in."""

import asyncio
import contextlib
import io
import time
from itertools import islice

import asyncpg
import psutil  # type: ignore[import-untyped] # it has no types of its own

from service.config import Settings
from service.domain.catalogue import DECIDERS
from service.projections import building
from service.projections.inline import INLINE
from service.registry import DECODERS
from service.registry.sharing import Sharing
from service.store import migrate
from tests.bench.places import running
from tests.bench.rows import Bar, Row, Size, ratio
from tests.bench.scale import log
from tests.logs import in_chunks

PER = 5
"""Events for each agreement of the scale set."""
CHUNK = 1_000
"""Lines that are taken in at a time."""


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


async def rows(size: Size) -> list[Row]:
    """The rows of the table."""
    rebuilt, copied, most = list[float](), list[float](), 0
    async with running() as place:
        await place.registry.copy(in_chunks(islice(log(size.lines // PER), size.lines), CHUNK))
        connection, own = await place.connect(), await migrate.connect(place.embedded.service_url, Settings().schema)
        for turn in range(size.rounds + 1):
            # The rebuild first: what the baseline's buffers have left with this process is not the rebuild's.
            idle = memory()
            work = asyncio.create_task(rebuilding(own, place.embedded.service_url))
            while not work.done():
                await asyncio.wait([work], timeout=0.2)
                most = max(most, memory() - idle)
            took, bare = await work, await copies(connection)
            if turn:  # the first round warms up
                rebuilt.append(took)
                copied.append(bare)
        await own.close()
        await connection.close()
    return [
        Row(
            what=f"rebuild of all inline projections, {size.lines:,} events",
            against="COPY of the events out and of the finished rows in",
            ratio=ratio(rebuilt, copied),
            bar=Bar(4, most=True),
            told=f"{min(rebuilt):.1f} s at best, {most / 1e6:,.0f} MB more",
        )
    ]


def memory() -> int:
    """Bytes that this process and its Python children hold."""
    own = psutil.Process()
    held = own.memory_info().rss
    for child in own.children():
        with contextlib.suppress(psutil.Error):
            if child.name().startswith("python"):
                held += child.memory_info().rss
    return int(held)
