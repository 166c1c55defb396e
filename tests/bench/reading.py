"""Replay to typed events against COPY out: what it costs to read the log as what happened.

Both read the same lines in one process, over one connection. Replay reads them as `rebuild` does: stream after stream,
in pages, each line decoded with its event in the newest shape. COPY puts out all columns of the same rows in binary, in
the order of the log, as bytes that nobody looks at. Of four lines one registers an agreement, three record a clause
with a citation; both have their indexes in memory.
"""

import time
from typing import TypeAlias

import asyncpg

from service.projections import filling
from service.registry import DECODERS
from tests.bench.places import running
from tests.bench.rows import Bar, Row, Size, alone, percentile, ratio
from tests.logs import in_chunks, synthetic

CHUNK = 1_000
"""Lines that are taken in at a time."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 3
"""About the length of a clause; test data."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def replayed(connection: Connection, count: int) -> float:
    """Typed events a second."""
    began, read = time.perf_counter(), 0
    async for _, records, _ in filling.streams(connection, DECODERS, count, filling.Range()):
        read += len(records)
    assert read == count, f"{read} events of {count}"
    return count / (time.perf_counter() - began)


async def copied(connection: Connection) -> float:
    """Rows a second of the log that COPY puts out, thrown away."""

    async def nowhere(_: bytes) -> None:
        """Take bytes."""

    began = time.perf_counter()
    done = await connection.copy_from_query("select * from events order by position", output=nowhere, format="binary")
    return int(done.split()[-1]) / (time.perf_counter() - began)


async def rows(size: Size) -> list[Row]:
    """Replay."""
    async with running() as here:
        await here.registry.copy(in_chunks(synthetic(size.lines, WORDS), CHUNK))
        connection = await here.connect()
        replays, copies = list[float](), list[float]()
        for _ in range(size.rounds + 1):
            replays.append(await replayed(connection, size.lines))
            copies.append(await copied(connection))
        await connection.close()
    told = f"{percentile(replays[1:], 0.5):,.0f}/s, COPY {percentile(copies[1:], 0.5):,.0f}/s"
    return [
        Row(
            what=f"replay of {size.lines:,} lines to typed events",
            against="COPY out",
            ratio=ratio(replays[1:], copies[1:]),
            bar=Bar(0.25, aim=0.4),
            told=told,
        )
    ]


if __name__ == "__main__":
    alone(rows, __doc__)
