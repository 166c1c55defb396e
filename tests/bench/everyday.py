"""What one meets every day: a start, one command alone, a sheet of tasks, slow readers of the stream beside the writer.

Seconds are facts of the machine, told with the bars that were set for a machine like this; only slow readers have a
ratio: of commands beside 200 of them to the same commands without, in alternating rounds.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

from service.api import streams
from service.domain import party
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Order
from service.registry.feed import Wanted
from tests.bench import sheets
from tests.bench.appending import CALLERS, execute, registered
from tests.bench.places import Running, place, running
from tests.bench.rows import Row, Size, ratio
from tests.processes import free_port

READERS = 200
SLOW = 0.1
"""Seconds that a slow reader takes for some four kilobytes."""
COMMANDS = 10_000
STARTS = 3


async def beside_readers(where: Running, rounds: int, count: int) -> float:
    """Commands beside slow readers of the stream, to those without."""
    registry = where.registry
    parties = await registered(registry)

    async def allowed() -> bool:
        return True

    async def read() -> None:
        after = await registry.head()
        chunks = registry.feed.follow(after, Wanted(), streams.HEARTBEAT)
        async for _ in streams.sent(after, chunks, allowed):
            await asyncio.sleep(SLOW)

    async def rate() -> float:
        began = time.perf_counter()
        await execute(registry, parties, count)
        return count / (time.perf_counter() - began)

    beside, alone = list[float](), list[float]()
    for _ in range(rounds + 1):
        alone.append(await rate())
        readers = [asyncio.create_task(read()) for _ in range(READERS)]
        await asyncio.sleep(0)
        beside.append(await rate())
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return ratio(beside[1:], alone[1:])  # the first round warms up


async def one_caller(where: Running) -> float:
    """Milliseconds of a command when nobody else is there, in the median."""
    city = party.Register(kind="city", name=PrintedName(printed="test data"))
    took = []
    for _ in range(500):
        began = time.perf_counter()
        await where.registry.execute([Order(ref=Ref("parties", uuid4()), command=city, creates=True)], actor=SELF)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


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


async def rows(size: Size) -> list[Row]:
    """The rows of the table."""
    async with running() as where:
        readers = await beside_readers(where, size.rounds, min(size.lines, COMMANDS))
        single = await one_caller(where)
    empty, existing = list[float](), list[float]()
    for _ in range(STARTS):
        async with place() as home:
            empty.append(await asyncio.to_thread(start, home))
            existing.append(await asyncio.to_thread(start, home))
    async with place() as home:
        parts = await sheets.seconds(home)
    return [
        Row(
            what=f"registry.execute, {CALLERS} callers, beside {READERS} slow readers of the stream",
            against="the same without readers",
            ratio=readers,
        ),
        Row(what="registry.execute, one caller", told=f"{single:.2f} ms in the median"),
        Row(what="start to first answer, empty home", told=f"{statistics.median(empty):.2f} s; bar 5 s"),
        Row(what="start to first answer, existing home", told=f"{statistics.median(existing):.2f} s; bar 2 s"),
        *(
            Row(what=f"a sheet of {sheets.ROWS:,} tasks: {name}", told=f"{took:.1f} s; bar of the whole 10 s")
            for name, took in parts.items()
        ),
    ]
