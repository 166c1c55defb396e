"""Times turned into positions: what a registry knew at a time is what stood up to a position of its log."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from service.domain import party
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Order, Registry
from service.store import sql

TICK = timedelta(microseconds=1)


async def record(registry: Registry, count: int) -> None:
    """So many parties, one batch each."""
    for _ in range(count):
        city = party.Register(kind="city", name=PrintedName(printed="甲"))
        await registry.execute([Order(ref=Ref("parties", uuid4()), command=city, creates=True)], actor=SELF)


async def test_a_time_is_the_last_position_at_or_before_it(registry: Registry) -> None:
    """For a log of every length up to eight, and for each time in it, before it and after it."""
    assert await registry.position_at(datetime.now(UTC)) == 0
    for count in range(1, 9):
        await record(registry, 1)
        rows = await registry.pool.fetch("select position, time from events order by position")
        assert len(rows) == count
        for time in {row["time"] + off for row in rows for off in (-TICK, timedelta(), TICK)}:
            known = [row["position"] for row in rows if row["time"] <= time]
            assert await registry.position_at(time) == max(known, default=0)


async def test_events_of_one_time_are_known_together(registry: Registry) -> None:
    """A batch has one time: all of it is known, or nothing."""
    cities = [party.Register(kind="city", name=PrintedName(printed=name)) for name in "甲乙丙"]
    orders = [Order(ref=Ref("parties", uuid4()), command=city, creates=True) for city in cities]
    await registry.execute(orders, actor=SELF)
    time = await registry.pool.fetchval("select distinct time from events")
    assert await registry.position_at(time) == 3
    assert await registry.position_at(time - TICK) == 0


@pytest.mark.parametrize(
    ("time", "known"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))), 0),
        (datetime(1, 1, 1, tzinfo=UTC), 0),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 2),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(-timedelta(hours=8))), 2),
    ],
)
async def test_the_ends_of_time(registry: Registry, time: datetime, known: int) -> None:
    """Also where the zone's offset leads out of the years that there are."""
    await record(registry, 2)
    assert await registry.position_at(time) == known
    since = [line async for chunk in registry.lines(from_time=time) for line in chunk]
    until = [line async for chunk in registry.lines(to_time=time) for line in chunk]
    assert (len(since), len(until)) == (2 - known, known)


async def test_a_time_is_found_by_looking_at_few_rows(registry: Registry) -> None:
    """The log is bisected, not read: about a row for each binary digit of its length."""
    await record(registry, 40)
    time = await registry.pool.fetchval("select time from events where position = 23")
    statement = sql("position_at").replace("$1", f"'{time}'")
    async with registry.pool.acquire() as connection:
        await connection.execute("set enable_seqscan = off")  # as for a log of more than a page
        told = await connection.fetchval("explain (analyze, format json) " + statement)
        await connection.execute("reset enable_seqscan")
    looked = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes(json.loads(told)[0]["Plan"])
        if node.get("Relation Name", "").startswith("events")
    ]
    assert 1 <= sum(looked) <= 7


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)
