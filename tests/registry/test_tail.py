"""The log's end: whoever waits for it hears of it, whichever process moved it, and after a lost connection too."""

import asyncio
from uuid import uuid4

import asyncpg

from service.config import Settings
from service.domain.agreement import Register
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Order, Registry
from tests.conftest import Database

LONG = 60.0


async def record(registry: Registry) -> int:
    """One more event; answers its position."""
    command = Register(title=PrintedName(printed="test data"))
    order = Order(ref=Ref("agreements", uuid4()), command=command, creates=True)
    (done,) = await registry.execute([order], actor=SELF)
    return done.sequence


async def test_who_waits_hears_of_another_process_too(registry: Registry, database: Database) -> None:
    other = await Registry.open(Settings(), database.service)
    try:
        for writer in (registry, other):
            before = await registry.head()
            waiting = [asyncio.create_task(registry.tail.beyond(before, LONG)) for _ in range(50)]
            position = await record(writer)
            assert set(await asyncio.gather(*waiting)) == {position}
    finally:
        await other.close()


async def test_patience_ends(registry: Registry) -> None:
    position = await record(registry)
    assert await registry.tail.beyond(0, LONG) == position
    assert await registry.tail.beyond(position, 0.05) == position


async def test_a_lost_connection_is_made_anew(registry: Registry, database: Database) -> None:
    position = await registry.tail.beyond(0, 0.5)
    admin = await asyncpg.connect(database.superuser)
    try:
        for _ in range(3):
            cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mengfu tail'"
            waiting = asyncio.create_task(registry.tail.beyond(position, LONG))
            await admin.execute(cut)
            position = await record(registry)
            assert await waiting == position
    finally:
        await admin.close()
