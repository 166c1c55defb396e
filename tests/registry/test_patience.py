"""The database is away, slow or locked: callers are told what is known, and nothing is lost or doubled."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

import service.registry
from service.domain import errors, party
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Done, Key, Order, Registry
from tests.conftest import Database
from tests.registry.invariants import check

LONG = 300.0
"""Seconds of patience where a test does not ask how long it lasts: more than a busy machine needs."""
CITY = party.Register(kind="city", name=PrintedName(printed="Test city"))


async def send(registry: Registry, ref: Ref) -> Done:
    """Register a party under a key of its own."""
    key = Key(hash=ref.id.bytes, fingerprint=ref.id.bytes)
    [done] = await registry.execute([Order(ref=ref, command=CITY, creates=True)], actor=SELF, key=key)
    return done


async def test_an_unanswered_statement_is_uncertain(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent and not answered: the caller is told so, the command is stored in the end, its key answers it."""
    ref = Ref("parties", uuid4())
    foreign = await asyncpg.connect(database.superuser)
    async with foreign.transaction():
        await foreign.execute("select position from mengfu.head for update")
        for patience in (0.5, 2, 8, 32, 128):  # a busy machine may not have sent it when the first of them ends
            monkeypatch.setattr(service.registry, "PATIENCE", patience)
            try:
                await send(registry, ref)
            except errors.Unavailable:
                continue
            except errors.Uncertain:
                break
        else:
            raise AssertionError("nothing was sent")
    await foreign.close()
    monkeypatch.setattr(service.registry, "PATIENCE", LONG)
    done = await send(registry, ref)
    assert (done.version, done.created) == (1, True)
    assert len(await check(database.service)) == 1


async def test_an_unsent_command_leaves_nothing(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not sent when patience ends: the caller is told that nothing is recorded, and nothing is, then or later."""
    await send(registry, Ref("parties", uuid4()))
    monkeypatch.setattr(service.registry, "PATIENCE", 0.5)
    refused, after = Ref("parties", uuid4()), Ref("parties", uuid4())
    foreign = await asyncpg.connect(database.superuser)
    async with foreign.transaction():
        await foreign.execute("lock table mengfu.streams in access exclusive mode")
        with pytest.raises(errors.Unavailable):
            await send(registry, refused)
    await foreign.close()
    monkeypatch.setattr(service.registry, "PATIENCE", LONG)
    await send(registry, after)
    assert await registry.read([refused]) == {}
    assert len(await check(database.service)) == 2


async def test_the_database_goes_and_comes_back(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While no connection is to be had commands wait; when there is one again, each is stored once."""
    monkeypatch.setattr(service.registry, "PATIENCE", LONG)
    await send(registry, Ref("parties", uuid4()))
    server, _, rest = database.superuser.rpartition("/")
    name, *query = rest.partition("?")
    superuser = await asyncpg.connect(f"{server}/postgres{''.join(query)}")
    await superuser.execute(f"alter database {name} allow_connections false")
    await superuser.fetch("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    refs = [Ref("parties", uuid4()) for _ in range(20)]
    waiting = [asyncio.create_task(send(registry, ref)) for ref in refs]
    await asyncio.sleep(1)
    assert not any(task.done() for task in waiting)
    with pytest.raises(errors.Unavailable):
        await registry.read([refs[0]])
    await superuser.execute(f"alter database {name} allow_connections true")
    await superuser.close()
    assert {done.version for done in await asyncio.gather(*waiting)} == {1}
    assert set(await registry.read(refs)) == set(refs)
    assert len(await check(database.service)) == 21


async def test_a_callers_going_away_cancels_nothing(database: Database, registry: Registry) -> None:
    """A cancelled caller's command is carried out."""
    ref = Ref("parties", uuid4())
    task = asyncio.create_task(send(registry, ref))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await send(registry, Ref("parties", uuid4()))
    assert set(await registry.read([ref])) == {ref}
    assert len(await check(database.service)) == 2
