"""What an append costs in a long log, against a short one: milliseconds of a command, with one caller and with many.

Both registries hold the scale set, taken in without its following projections, on an embedded PostgreSQL of their own,
both open at once; then both do the same: agreements are registered, and clauses recorded on them under idempotency
keys, through `registry.execute`, until durable. So the writer remembers the same of both, and what differs is the log,
the tables that every append writes to, and their indexes.
"""

import asyncio
import statistics
import time
from itertools import islice
from uuid import UUID, uuid4

from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Key, Order, Registry
from tests.bench.places import Running, running
from tests.bench.rows import Bar, Row, Size, alone, ratio
from tests.bench.scale import log
from tests.logs import in_chunks

BAR = Bar(1.2, most=True)
CALLERS = {1: 200, 128: 4_000}
"""How many commands are given in a round, by so many callers."""
STREAMS = 500
CHUNK = 1_000
PER = 5
"""Events for each agreement of the scale set."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""


async def filled(place: Running, events: int) -> list[UUID]:
    """So many events of the scale set, the tables as they are after a while; answers new agreements to go on with."""
    await place.registry.copy(in_chunks(islice(log(events // PER), events), CHUNK))
    connection = await place.connect()
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    await connection.close()
    ids = [uuid4() for _ in range(STREAMS)]
    whole = Register(title=PrintedName(printed="test data"))
    orders = [[Order(ref=Ref("agreements", id), command=whole, creates=True)] for id in ids]
    await asyncio.gather(*(place.registry.execute(order, actor=SELF) for order in orders))
    return ids


async def append(registry: Registry, ids: list[UUID], callers: int) -> float:
    """Seconds of a command at the median, each caller giving one after another."""
    numbers, took = iter(range(CALLERS[callers])), list[float]()

    async def caller() -> None:
        for number in numbers:
            name = uuid4().bytes
            command = RecordClause(label=name.hex(), text=WORDS)
            order = Order(ref=Ref("agreements", ids[number % len(ids)]), command=command)
            began = time.perf_counter()
            await registry.execute([order], actor=SELF, key=Key(hash=name, fingerprint=name))
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return statistics.median(took)


async def rows(size: Size) -> list[Row]:
    """One caller and many, in the long log against the short one."""
    many, few = max(20_000, size.agreements * PER), max(1_000, size.few)
    long_ones: dict[int, list[float]] = {callers: [] for callers in CALLERS}
    short_ones: dict[int, list[float]] = {callers: [] for callers in CALLERS}
    async with running() as long, running() as short:
        ids = await filled(long, many), await filled(short, few)
        for turn in range(size.rounds + 1):
            for callers in CALLERS:
                took = [
                    await append(place.registry, own, callers) for place, own in zip((long, short), ids, strict=True)
                ]
                if turn:  # the first warms up
                    long_ones[callers].append(took[0])
                    short_ones[callers].append(took[1])
    return [
        Row(
            what=f"append p50 at {many:,} events, {callers} caller{'s' * (callers > 1)}",
            against=f"at {few:,} events",
            ratio=ratio(long_ones[callers], short_ones[callers]),
            bar=BAR,
            told=f"{statistics.median(long_ones[callers]) * 1000:.2f} ms",
        )
        for callers in CALLERS
    ]


if __name__ == "__main__":
    alone(rows, __doc__)
