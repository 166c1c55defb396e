"""What the following projections sustain, against `registry.execute` of the same round.

Commands as in `appending` are carried out with nobody following; then a follower is started, as a serving process has
one, and has to bring its projections to the log's end: those other than search, and search alone. Rates are in events
a second; the rounds alternate.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from service.config import Settings
from service.domain.catalogue import DECIDERS
from service.projections.bitemporal import Bitemporal
from service.projections.following import FOLLOWING
from service.registry import DECODERS, Registry
from service.registry.follower import Follower
from service.registry.tail import Tail
from tests.bench.appending import CALLERS, collector, execute, registered
from tests.bench.places import Running, running
from tests.bench.rows import Bar, Row, Size, ratio

SEARCH = [table for table in FOLLOWING if table.name.startswith("search")]
OTHERS = [table for table in FOLLOWING if table not in SEARCH]


async def follow(place: Running, connection: "asyncpg.Connection[Any]", tables: Sequence[Bitemporal]) -> float:
    """Events a second in which these come from where they stand to the log's end."""
    url, schema = place.embedded.service_url, Settings().schema
    tail = Tail(url, schema)
    follower = Follower(url, schema, tail, DECIDERS, DECODERS, tables, Registry.today)
    names = [table.name for table in tables]
    standing = "select min(position) from p_projections where name = any ($1)"
    first, head = await connection.fetchval(standing, names), await place.registry.head()
    began = time.perf_counter()
    follower.start()
    while await connection.fetchval(standing, names) < head:  # noqa: ASYNC110 -- another connection stores it
        await asyncio.sleep(0.01)
    took = time.perf_counter() - began
    await follower.close()
    await tail.close()
    return float(head - first) / took


async def rows(size: Size) -> list[Row]:
    """The rows of the table."""
    commands, others, search = list[float](), list[float](), list[float]()
    async with running() as place:
        connection = await place.connect()
        parties, collecting = await registered(place.registry), collector(place.registry)
        collecting.start()
        for turn in range(size.rounds + 1):
            first, began = await place.registry.head(), time.perf_counter()
            await execute(place.registry, parties, size.commands)
            rate = (await place.registry.head() - first) / (time.perf_counter() - began)
            most, own = await follow(place, connection, OTHERS), await follow(place, connection, SEARCH)
            if turn:  # the first round warms up
                commands.append(rate)
                others.append(most)
                search.append(own)
        await collecting.close()
        await connection.close()
    return [
        Row(
            what=f"what {len(OTHERS)} following projections sustain, all but search",
            against=f"registry.execute, {CALLERS} callers, nobody following",
            ratio=ratio(others, commands),
            bar=Bar(1.2),
            told=f"{max(others):,.0f} events a second at best; execute {max(commands):,.0f}",
        ),
        Row(
            what="what search sustains",
            against="the same",
            ratio=ratio(search, commands),
            told=f"{max(search):,.0f} events a second at best; aim at 0.3",
        ),
    ]
