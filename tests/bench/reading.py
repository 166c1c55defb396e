"""Replay to typed events against COPY out: what it costs to read the log as what happened.

Both read the same lines in the order of the log, in one process, over one connection. Replay fetches them in chunks, as
whoever follows the log does, and decodes each line with its event, in the event's newest shape. COPY puts out all columns
of the same rows in binary, as bytes that nobody looks at. Half of the lines are registrations and clauses with citations
of a log that was copied, so that there is one stream in four lines, as in life.
"""

import time
from typing import TypeAlias

import asyncpg

from service.registry import DECODERS
from service.store import line as lines
from service.store import sql
from tests.bench.places import running
from tests.bench.rows import Bar, Row, Size, alone, percentile, ratio
from tests.logs import in_chunks, synthetic

CHUNK = 1_000
"""Lines that are fetched at a time."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 3
"""About the length of a clause; test data."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def replayed(connection: Connection, count: int) -> float:
    """Typed events a second."""
    began, after = time.perf_counter(), 0
    while rows := await connection.fetch(sql("chunk"), after, count, CHUNK):
        for row in rows:
            _, _, recorded = lines.decode(row["line"], DECODERS)
        after = recorded.sequence
    assert after == count, f"the log ends at {after}"
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
    alone(rows)
