"""What a request costs over HTTP, against a service that does nothing (`twin`) on the same kind of server.

`mengfu serve` is started as it ships, one process, and the twin beside it; both have the embedded PostgreSQL, and the
client is a third process (`client`). Rounds go in turn, and each begins when the following projections have come to the
log's end, so that nobody pays for what another has recorded. What ours does beside the twin stays on, as it ships: keys
are checked, metrics are counted, every list follows.

- POST: each request records another clause under an idempotency key, on one of half as many agreements as there are
  requests in a round; the twin gets the same bytes. Some lie in the process's memory, some are read first.
- GET: another agreement of some 11 KB with each request, so that no two that wait together ask for the same; the twin
  answers with the bytes of one of them, or fetches such bytes by their primary key.
- Export: every line of the log in one answer, against COPY of all columns, as bytes that nobody looks at.
"""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec

from service.api.writing import Written
from service.domain import agreement, party
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.signatories import AddSignatory
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Order, Registry
from service.store import credentials
from tests.bench import client, twin
from tests.bench.client import request
from tests.bench.places import Running, running
from tests.bench.rows import Bar, Row, Size, alone, percentile, ratio
from tests.logs import in_chunks, synthetic
from tests.processes import free_port

CONNECTIONS = 64
READ = 500
"""Agreements that are read."""
CLAUSES = 28
"""Of each of them: some 11 KB as an answer."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 3
"""About the length of a clause; test data."""
PAUSE = 0.05
"""Seconds between two looks at what is waited for."""

Round = Callable[[], Awaitable[float]]


async def register(registry: Registry, count: int, clauses: int) -> list[UUID]:
    """New agreements with two signatories, and that many clauses."""
    parties, ids = [uuid4() for _ in range(2)], [uuid4() for _ in range(count)]
    city = party.Register(kind="city", name=PrintedName(printed="test data"))
    whole = agreement.Register(
        title=PrintedName(printed="合作框架协议"),
        signatories=tuple(AddSignatory(party=id) for id in parties),
        clauses=tuple(RecordClause(label=str(number), text=WORDS) for number in range(clauses)),
    )
    for category, command, some in (("parties", city, parties), ("agreements", whole, ids)):
        orders = [[Order(ref=Ref(category, id), command=command, creates=True)] for id in some]
        for start in range(0, len(orders), 1_000):
            await asyncio.gather(*(registry.execute(one, actor=SELF) for one in orders[start : start + 1_000]))
    return ids


async def settled(registry: Registry) -> None:
    """Wait until every following projection has come to the log's end."""
    while any(one.lag for one in await registry.progress.told()):  # noqa: ASYNC110 -- others follow
        await asyncio.sleep(PAUSE)


@asynccontextmanager
async def started(port: int, *command: str, given: bytes = b"", **settings: str) -> AsyncIterator[None]:
    """A process of ours that serves on a port."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=os.environ | settings
    )
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    try:
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(PAUSE)
            else:
                writer.close()
                break
        else:
            raise RuntimeError(f"{command} ended with {process.returncode}")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def in_turn(rounds: int, registry: Registry, *measured: Round) -> list[list[float]]:
    """What each comes to, round by round; the first round warms up and is not told."""
    told: list[list[float]] = [[] for _ in measured]
    for _ in range(rounds + 1):
        for one, values in zip(measured, told, strict=True):
            await settled(registry)
            values.append(await one())
    return [values[1:] for values in told]


class Asked:
    """The requests of rounds, as clients send them, and what their answers took."""

    def __init__(self, token: str, count: int) -> None:
        """`count` requests in a round."""
        self.headers = {"Authorization": f"Bearer {token}"}
        self.count = count
        self.latencies: list[float] = []
        self._numbers = itertools.count(1)

    def clauses(self, ids: Sequence[UUID]) -> list[bytes]:
        """A new clause for one agreement after another."""
        return [
            request(
                "POST",
                f"/api/agreements/{id}/clauses",
                {**self.headers, "Idempotency-Key": f"clause-{number}"},
                msgspec.json.encode({"label": str(number), "text": WORDS}),
            )
            for id, number in zip(itertools.islice(itertools.cycle(ids), self.count), self._numbers, strict=False)
        ]

    def reads(self, path: str, ids: Sequence[UUID]) -> list[bytes]:
        """One agreement after another."""
        return [
            request("GET", f"{path}/{id}", self.headers) for id in itertools.islice(itertools.cycle(ids), self.count)
        ]

    def round(self, port: int, requests: Callable[[], list[bytes]], *, noted: bool = False) -> Round:
        """A round of requests to a port; answers requests a second."""

        async def measured() -> float:
            load = await client.load(port, CONNECTIONS, requests())
            if noted:
                self.latencies = load.latencies
            return load.rate

        return measured

    def told(self) -> str:
        """How long the newest round's answers took."""
        half, most = (percentile(self.latencies, part) * 1000 for part in (0.5, 0.99))
        return f"p50 {half:.1f} ms, p99 {most:.1f} ms"


async def first(port: int, sent: bytes) -> bytes:
    """The body of the answer to one request, which is a good one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    assert head[9:10] == b"2", head
    body = await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    return body


async def fill(superuser: "asyncpg.Connection[asyncpg.Record]", ids: Sequence[UUID], body: bytes) -> str:
    """The twin's table, with that body under each id; answers its schema's name."""
    schema: str = await superuser.fetchval("select current_schema()")
    await superuser.execute(f"create table {twin.TABLE} (id uuid primary key, body bytea not null)")
    await superuser.copy_records_to_table(twin.TABLE, records=[(id, body) for id in ids])
    await superuser.execute(f"analyze {twin.TABLE}")
    return schema


async def copied(superuser: "asyncpg.Connection[asyncpg.Record]") -> float:
    """Rows a second of the log that COPY puts out, thrown away."""

    async def nowhere(_: bytes) -> None:
        """Take bytes."""

    began = time.perf_counter()
    done = await superuser.copy_from_query("select * from events order by position", output=nowhere, format="binary")
    return int(done.split()[-1]) / (time.perf_counter() - began)


async def exported(port: int, headers: dict[str, str], lines: int) -> float:
    """Lines a second of an export."""
    load = await client.load(port, 1, [request("GET", "/api/events", headers)])
    assert load.lines == lines, f"{load.lines} lines of {lines}"
    return lines / load.seconds


async def measured(here: Running, size: Size) -> list[Row]:
    """All rows."""
    registry = here.registry
    await registry.copy(in_chunks(synthetic(size.lines, WORDS), 1_000))
    await registry.catch_up()
    token, _ = await credentials.create(registry.pool, "bench", ["administrator"])
    written = await register(registry, max(1, size.requests // 2), 1)
    read = await register(registry, READ, CLAUSES)
    asked = Asked(token, size.requests)
    ours, theirs = free_port(), free_port()
    mengfu = (str(Path(sys.executable).with_name("mengfu")), "serve", "--port", str(ours))
    superuser = await here.connect()
    async with started(ours, *mengfu, MENGFU_DATABASE_URL=here.embedded.service_url):
        got = await first(ours, asked.reads("/api/agreements", read)[0])
        posted = msgspec.json.decode(await first(ours, asked.clauses(written)[0]), type=Written)
        schema = await fill(superuser, read, got)
        answers = twin.Answers(theirs, here.embedded.superuser_url, schema, posted, got)
        empty = (sys.executable, "-m", twin.MODULE)
        async with started(theirs, *empty, given=msgspec.msgpack.encode(answers)):
            posts, empties = await in_turn(
                size.rounds,
                registry,
                asked.round(ours, lambda: asked.clauses(written), noted=True),
                asked.round(theirs, lambda: asked.clauses(written)),
            )
            took = asked.told()
            gets, bare, fetched = await in_turn(
                size.rounds,
                registry,
                asked.round(ours, lambda: asked.reads("/api/agreements", read), noted=True),
                asked.round(theirs, lambda: asked.reads("/api/agreements", read)),
                asked.round(theirs, lambda: asked.reads("/fetched", read)),
            )
        lines = await registry.head()
        exports, copies = await in_turn(
            size.rounds,
            registry,
            lambda: exported(ours, asked.headers, lines),
            lambda: copied(superuser),
        )
    await superuser.close()
    return [
        Row(
            what=f"POST a clause, {CONNECTIONS} connections",
            against="an empty POST of the same bytes",
            ratio=ratio(posts, empties),
            bar=Bar(0.5),
            told=f"{rate(posts)}, empty {rate(empties)}; {took}",
        ),
        Row(
            what=f"GET an agreement of {len(got) / 1000:.1f} KB, {CONNECTIONS} connections",
            against="an empty GET of the same answer",
            ratio=ratio(gets, bare),
            bar=Bar(0.3),
            told=f"{rate(gets)}, empty {rate(bare)}; {asked.told()}",
        ),
        Row(
            what="the same",
            against="one fetchrow of such a body by its primary key",
            ratio=ratio(gets, fetched),
            bar=Bar(1.5),
            told=f"fetchrow {rate(fetched)}",
        ),
        Row(
            what=f"NDJSON export of {lines:,} lines",
            against="COPY out",
            ratio=ratio(exports, copies),
            bar=Bar(0.25, aim=0.4),
            told=f"{rate(exports)}, COPY {rate(copies)}",
        ),
    ]


def rate(values: Sequence[float]) -> str:
    """The median of some rates, in words."""
    return f"{percentile(values, 0.5):,.0f}/s"


async def rows(size: Size) -> list[Row]:
    """POST, GET and export as clients have them; what each is set against stands above."""
    async with running() as here:
        return await measured(here, size)


if __name__ == "__main__":
    alone(rows, __doc__)
