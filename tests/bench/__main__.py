"""What the registry costs, as ratios taken in one run on the embedded PostgreSQL: `make bench`.

Rates of one run are set against a baseline of the same run, in alternating rounds, and the median of the ratios is
printed, since machines differ and are not quiet. fsync is on, settings and path are those that ship.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID, uuid4, uuid5

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from service.api import streams
from service.config import Settings
from service.domain import party
from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import DECODERS, SELF, Key, Order, Registry, copying
from service.registry.feed import Wanted
from service.store import migrate
from service.store.embedded import Embedded
from tests.bench import rebuilding, sheets
from tests.logs import synthetic
from tests.processes import free_port

ROUNDS = 5
CALLERS = 128
COMMANDS = 10_000
STREAMS = 1_000
LINES = 200_000
READERS = 200
SLOW = 0.1
"""Seconds that a slow reader takes for some four kilobytes."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""


@asynccontextmanager
async def place() -> AsyncIterator[Path]:
    """A folder for a home, which the user that PostgreSQL runs as can reach."""
    with tempfile.TemporaryDirectory(prefix="mengfu-bench-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 -- a folder of our own
        yield Path(folder) / "home"


async def registered(registry: Registry) -> list[UUID]:
    """New agreements to record clauses on."""
    ids = [uuid4() for _ in range(STREAMS)]
    whole = Register(title=PrintedName(printed="test data"))
    orders = [[Order(ref=Ref("agreements", id), command=whole, creates=True)] for id in ids]
    await asyncio.gather(*(registry.execute(order, actor=SELF) for order in orders))
    return ids


async def execute(registry: Registry, ids: list[UUID], turn: int) -> float:
    """Commands a second: each caller records clauses under idempotency keys, one after another."""
    numbers = iter(range(COMMANDS))

    async def caller() -> None:
        for number in numbers:
            name = uuid5(ids[0], f"{turn}-{number}").bytes
            command = RecordClause(label=f"{turn}-{number}", text=WORDS)
            order = Order(ref=Ref("agreements", ids[number % len(ids)]), command=command)
            await registry.execute([order], actor=SELF, key=Key(hash=name, fingerprint=name))

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return COMMANDS / (time.perf_counter() - began)


async def copy_in(connection: "asyncpg.Connection[asyncpg.Record]", first: int) -> float:
    """Rows a second of COPY: the newest round's lines, into a table with the same columns, indexes and partition."""
    rows = await connection.fetch("select * from events where position > $1 order by position", first)
    records = [tuple(row) for row in rows]
    await connection.execute("drop table if exists baseline")
    await connection.execute("create table baseline (like events including all) partition by range (position)")
    await connection.execute("create table baseline_all partition of baseline default")
    await connection.execute("checkpoint")
    began = time.perf_counter()
    await connection.copy_records_to_table("baseline", records=records)
    return len(records) / (time.perf_counter() - began)


async def rates() -> tuple[list[float], list[float]]:
    """Commands a second and COPY's rows a second, round by round."""
    async with place() as home:
        embedded = await Embedded.start(home)
        await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
        registry = await Registry.open(Settings(), embedded.service_url)
        superuser = await migrate.connect(embedded.superuser_url, Settings().schema)
        ids = await registered(registry)
        commands, copies = [], []
        for turn in range(ROUNDS + 1):
            first = await registry.head()
            commands.append(await execute(registry, ids, turn))
            copies.append(await copy_in(superuser, first))
        await superuser.close()
        await registry.close()
        await embedded.stop()
    return commands[1:], copies[1:]  # the first round warms up


async def beside_readers() -> tuple[list[float], list[float]]:
    """Commands a second with slow readers of the stream beside them, and without, in turn."""
    async with place() as home:
        embedded = await Embedded.start(home)
        await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
        registry = await Registry.open(Settings(), embedded.service_url)
        ids = await registered(registry)

        async def allowed() -> bool:
            return True

        async def read() -> None:
            after = await registry.head()
            chunks = registry.feed.follow(after, Wanted(), streams.HEARTBEAT)
            async for _ in streams.sent(after, chunks, allowed):
                await asyncio.sleep(SLOW)

        beside, alone = [], []
        for turn in range(ROUNDS + 1):
            alone.append(await execute(registry, ids, 2 * turn))
            readers = [asyncio.create_task(read()) for _ in range(READERS)]
            await asyncio.sleep(0)
            beside.append(await execute(registry, ids, 2 * turn + 1))
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        await registry.close()
        await embedded.stop()
    return beside[1:], alone[1:]  # the first round warms up


async def imports() -> tuple[list[float], list[float]]:
    """Lines a second that an import takes in, log and tree alone, and COPY's rows a second of the same lines."""
    lines = list(synthetic(LINES, text=WORDS))
    taken, copies = [], []

    async def chunks() -> AsyncIterator[list[bytes]]:
        for start in range(0, len(lines), 1_000):
            yield lines[start : start + 1_000]

    async with place() as home:
        embedded = await Embedded.start(home)
        for turn in range(ROUNDS + 1):
            schema = f"round_{turn}"
            await migrate.migrate(embedded.owner_url, schema, embedded.service_url)
            superuser = await migrate.connect(embedded.superuser_url, schema)
            await superuser.execute("checkpoint")
            began = time.perf_counter()
            await copying.copy(superuser, chunks(), DECODERS, DECIDERS, ())
            taken.append(LINES / (time.perf_counter() - began))
            copies.append(await copy_in(superuser, 0))
            await superuser.execute(f"drop schema {schema} cascade")
            await superuser.close()
        await embedded.stop()
    return taken[1:], copies[1:]  # the first round warms up


async def one_caller() -> list[float]:
    """Milliseconds of a command when nobody else is there."""
    async with place() as home:
        embedded = await Embedded.start(home)
        await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
        registry = await Registry.open(Settings(), embedded.service_url)
        city = party.Register(kind="city", name=PrintedName(printed="test data"))
        took = []
        for _ in range(500):
            began = time.perf_counter()
            await registry.execute([Order(ref=Ref("parties", uuid4()), command=city, creates=True)], actor=SELF)
            took.append((time.perf_counter() - began) * 1000)
        await registry.close()
        await embedded.stop()
    return took


def start(home: Path) -> float:
    """Seconds from `mengfu up` to its first answer."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("mengfu")), "up", "--home", str(home), "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # our own command
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:  # our own address
                    answer.read()
                break
            except URLError:
                time.sleep(0.005)
        took = time.perf_counter() - began
        process.terminate()
    return took


async def starts() -> tuple[list[float], list[float]]:
    """Seconds to the first answer with an empty home and with an existing one."""
    empty, existing = [], []
    for _ in range(3):
        async with place() as home:
            empty.append(await asyncio.to_thread(start, home))
            existing.append(await asyncio.to_thread(start, home))
    return empty, existing


async def main() -> None:
    """Measure and print."""
    commands, copies = await rates()
    beside, alone = await beside_readers()
    taken, others = await imports()
    single = await one_caller()
    empty, existing = await starts()
    async with place() as home:
        rebuilt, copied, most = await rebuilding.rounds(home, rebuilding.EVENTS, ROUNDS)
    async with place() as home:
        parts = await sheets.seconds(home)
    ratio = statistics.median(one / other for one, other in zip(commands, copies, strict=True))
    table = Table("what", "measured", "against", "ratio")
    table.add_row(
        f"registry.execute, {CALLERS} callers, with keys and inline projections",
        f"{statistics.median(commands):,.0f}/s",
        f"COPY of the same lines, {statistics.median(copies):,.0f}/s",
        f"{ratio:.2f}",
    )
    table.add_row(
        f"registry.execute beside {READERS} slow readers of the stream",
        f"{statistics.median(beside):,.0f}/s",
        f"the same without readers, {statistics.median(alone):,.0f}/s",
        f"{statistics.median(one / other for one, other in zip(beside, alone, strict=True)):.2f}",
    )
    table.add_row(
        "import, log and tree",
        f"{statistics.median(taken):,.0f}/s",
        f"COPY of the same lines, {statistics.median(others):,.0f}/s",
        f"{statistics.median(one / other for one, other in zip(taken, others, strict=True)):.2f}",
    )
    table.add_row("registry.execute, one caller, median", f"{statistics.median(single):.2f} ms", "", "")
    table.add_row(
        f"rebuild of all inline projections, {rebuilding.EVENTS:,} events, {most / 1e6:,.0f} MB more",
        f"{statistics.median(rebuilt):.1f} s",
        f"COPY of the events out and of the rows in, {statistics.median(copied):.1f} s",
        f"{statistics.median(one / other for one, other in zip(rebuilt, copied, strict=True)):.2f}",
    )
    for name, took in parts.items():
        told = f"a sheet of {sheets.ROWS:,} tasks: {name}"
        table.add_row(told, f"{took:.1f} s", "bar 10 s", "")
    table.add_row("start to first answer, empty home, median", f"{statistics.median(empty):.2f} s", "bar 5 s", "")
    table.add_row("start to first answer, existing home, median", f"{statistics.median(existing):.2f} s", "bar 2 s", "")
    Console().print(table)


if __name__ == "__main__":
    uvloop.run(main())
