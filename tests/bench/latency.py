"""How long a command takes when commands come by chance: p99 against p50, at half of the highest rate.

The highest rate is what 128 callers reach who each wait for their answer, measured right before. Then commands come as
a Poisson process of half that rate, and wait for nobody: the time of each counts from when it was due, so that whatever
holds up the process holds up all who have come since, and shows. They are clauses under idempotency keys, each on an
agreement drawn by chance. All that a serving process does beside runs here too: the following projections follow,
webhooks and the daily round are looked after, garbage is collected as it is there. As much was recorded before, and a
checkpoint made: a PostgreSQL that is as good as new makes each file of its write-ahead log first, 16 MB at a time, for
which a commit waits some 30 ms; later it takes those that it needs no more.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from uuid import UUID, uuid4, uuid5

from service.collecting import Collector
from service.companion import Companion
from service.delivering import Deliverer
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.registry import SELF, Key, Order, Registry
from service.reminding.daily import Daily
from tests.bench.places import running
from tests.bench.rows import Bar, Row, Size, alone, percentile
from tests.bench.serving import register, settled

CALLERS = 128
AGREEMENTS = 5_000
SHORTEST = 2.0
"""Seconds for which the highest rate is measured, after as many to warm up."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 3
"""About the length of a clause; test data."""


class Commands:
    """Clauses to record, without end."""

    def __init__(self, registry: Registry, ids: list[UUID]) -> None:
        """On those agreements."""
        self._registry = registry
        self._ids = ids
        self._space = uuid4()
        self._chance = random.Random(1)  # noqa: S311 -- no secret
        self.count = 0

    async def one(self) -> None:
        """Record the next one."""
        self.count += 1
        name = uuid5(self._space, str(self.count)).bytes
        command = RecordClause(label=str(self.count), text=WORDS)
        order = Order(ref=Ref("agreements", self._chance.choice(self._ids)), command=command)
        await self._registry.execute([order], actor=SELF, key=Key(hash=name, fingerprint=name))


async def highest(commands: Commands, seconds: float) -> float:
    """Commands a second of callers who each wait for their answer."""
    first, end = commands.count, time.perf_counter() + seconds

    async def caller() -> None:
        while time.perf_counter() < end:
            await commands.one()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return (commands.count - first) / (time.perf_counter() - end + seconds)


def arrivals(rate: float, seconds: float) -> Iterator[float]:
    """When commands are due, in seconds from now on: a Poisson process."""
    chance, due = random.Random(2), 0.0  # noqa: S311 -- no secret
    while (due := due + chance.expovariate(rate)) < seconds:
        yield due


async def by_chance(commands: Commands, rate: float, seconds: float) -> list[float]:
    """Seconds of each command from when it was due."""
    took: list[float] = []
    under_way: set[asyncio.Task[None]] = set()
    began = time.perf_counter()

    async def timed(due: float) -> None:
        await commands.one()
        took.append(time.perf_counter() - began - due)

    for due in arrivals(rate, seconds):
        if (left := began + due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        task = asyncio.create_task(timed(due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return took


async def rows(size: Size) -> list[Row]:
    """p99 of commands that come by chance."""
    async with running() as here:
        ids = await register(here.registry, AGREEMENTS, 1)
        commands = Commands(here.registry, ids)
        beside = (
            Companion(here.registry),
            Daily(here.registry),
            Deliverer(here.registry),
            Collector(lambda: commands.count),
        )
        for work in beside:
            work.start()
        await highest(commands, SHORTEST)
        most = await highest(commands, SHORTEST)
        connection = await here.connect()
        await by_chance(commands, most / 2, size.seconds)
        await connection.execute("checkpoint")
        await connection.close()
        await settled(here.registry)
        took = await by_chance(commands, most / 2, size.seconds)
        lag = max(one.lag for one in await here.registry.progress.told())
        for work in beside:
            await work.close()
    half, late, latest = (percentile(took, part) for part in (0.5, 0.99, 1))
    times = f"p50 {half * 1e3:.1f}, p99 {late * 1e3:.1f}, most {latest * 1e3:.0f} ms"
    return [
        Row(
            what="p99 of a command, arrivals by chance at half the highest rate",
            against="p50",
            ratio=late / half,
            bar=Bar(8, most=True),
            told=f"{most / 2:,.0f}/s for {size.seconds:g} s: {times}; at the end {lag:,} events to follow",
        )
    ]


if __name__ == "__main__":
    alone(rows, __doc__)
