"""What a long stream costs: an agreement of 20 clauses in 10,000 events, against the same 20 clauses in 25.

Both are recorded by commands: the same clauses, and each amended in turn, in order of date, to another text of the same
length. Measured is what `GET /api/agreements/{id}` does behind HTTP (the read, the state, the answer's bytes), and a
command, durable, on a stream of which the writer remembers nothing. In 25 events four of the clauses can have been
amended, and who amended is told of each: the long one's answer is larger by that, which counts against it. Each command
on the short stream finds another one of its kind, so that none of them grows meanwhile.
"""

import datetime as dt
import statistics
import time
from uuid import UUID, uuid4

from service.api import agreements
from service.api.resource import ENCODE, show
from service.domain.agreement import Register
from service.domain.agreement.amendments import AmendClause
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.values import PrintedName, UncertainDate
from service.registry import SELF, Order, Registry
from tests.bench.places import running
from tests.bench.rows import Bar, Row, Size, alone, ratio

CLAUSES = 20
LONG = 10_000
SHORT = 25
GETS = 100
"""Answers of each in a round."""
COMMANDS = 20
"""Commands on each in a round."""
AT_ONCE = 500
"""Orders in one item, as the API takes them."""
WORDS = "双方建立联席会议制度,定期通报进展,共同研究合作中的重大事项。" * 2
"""About the length of a clause; test data."""


def day(number: int) -> UncertainDate:
    """The day of the amendment with that number: each on a later one, and all of them past."""
    return UncertainDate.day(dt.date(1990, 1, 1) + dt.timedelta(days=number))


async def recorded(registry: Registry, events: int) -> tuple[Ref, list[UUID]]:
    """An agreement of so many events, and its clauses' ids."""
    ref, clauses = Ref("agreements", uuid4()), [uuid4() for _ in range(CLAUSES)]
    orders = [Order(ref=ref, command=Register(title=PrintedName(printed="test data")), creates=True)]
    orders += [
        Order(ref=ref, command=RecordClause(id=clause, label=str(n), text=WORDS)) for n, clause in enumerate(clauses)
    ]
    orders += [amendment(ref, clauses, number) for number in range(events - len(orders))]
    for start in range(0, len(orders), AT_ONCE):
        await registry.execute(orders[start : start + AT_ONCE], actor=SELF)
    return ref, clauses


def amendment(ref: Ref, clauses: list[UUID], number: int) -> Order:
    """The amendment with that number, of one clause after another."""
    command = AmendClause(clause=clauses[number % CLAUSES], text=f"{number:06} {WORDS}", effective=day(number))
    return Order(ref=ref, command=command)


async def got(registry: Registry, ref: Ref) -> bytes:
    """The answer's body."""
    folded = (await registry.read((ref,)))[ref]
    found = show(agreements.RESOURCE, ref.id, folded, registry.today())
    assert found is not None
    return ENCODE(agreements.RESOURCE.view(found))


async def gets(registry: Registry, ref: Ref) -> float:
    """Seconds of an answer, the median of a round's."""
    took = []
    for _ in range(GETS):
        began = time.perf_counter()
        await got(registry, ref)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def commands(registry: Registry, told: list[tuple[Ref, list[UUID], int]]) -> float:
    """Seconds of a command on each of these, an amendment of that number, the writer's memory empty: the median."""
    took = []
    for ref, clauses, number in told:
        registry.writer.memory._states.clear()
        began = time.perf_counter()
        await registry.execute([amendment(ref, clauses, number)], actor=SELF)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def rows(size: Size) -> list[Row]:
    """GET and a command with a cold cache, of the long stream against the short one."""
    rounds = size.rounds + 1  # the first warms up
    async with running() as place:
        registry = place.registry
        long, clauses = await recorded(registry, LONG)
        short = [await recorded(registry, SHORT) for _ in range(rounds * COMMANDS)]
        bodies = [len(await got(registry, long)), len(await got(registry, short[0][0]))]
        read: tuple[list[float], list[float]] = ([], [])
        sent: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds):
            read[0].append(await gets(registry, long))
            read[1].append(await gets(registry, short[-1][0]))
            numbers = range(turn * COMMANDS, (turn + 1) * COMMANDS)
            sent[0].append(await commands(registry, [(long, clauses, LONG + number) for number in numbers]))
            sent[1].append(await commands(registry, [(*short[number], SHORT) for number in numbers]))
    what = f"of an agreement of {CLAUSES} clauses in {LONG:,} events"
    return [
        Row(
            what=f"{name} {what}",
            against=f"of the same clauses in {SHORT} events",
            ratio=ratio(long_ones[1:], short_ones[1:]),
            bar=Bar(1.3, most=True),
            told=f"{told}{statistics.median(long_ones[1:]) * 1000:.2f} ms",
        )
        for name, told, (long_ones, short_ones) in (
            ("GET", f"{bodies[0] / 1000:.1f} KB against {bodies[1] / 1000:.1f}, ", read),
            ("a command with a cold cache,", "", sent),
        )
    ]


if __name__ == "__main__":
    alone(rows, __doc__)
