"""Several processes on one log: writing at once, frozen, killed, cut off. What was acknowledged is there, once."""

import asyncio
import signal
import sys
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct

from service.domain.agreement import Register
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Order, Registry
from tests.conftest import Database
from tests.registry.invariants import check


class Told(Struct):
    """What a client was told of a command of its own."""

    stream: UUID
    version: int
    sequence: int
    label: str


async def client(
    url: str, name: str, callers: int, count: int, streams: list[UUID], pause: float = 0
) -> asyncio.subprocess.Process:
    """A writing process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.registry.client", url, name, str(callers), str(count), str(pause), *map(str, streams)),
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
    )


async def told(
    process: asyncio.subprocess.Process, count: int | None = None, into: list[Told] | None = None
) -> list[Told]:
    """What the process has acknowledged: the next `count` lines, or all of them up to its end; `into` grows with it."""
    assert process.stdout is not None
    found: list[Told] = [] if into is None else into
    while (count is None or len(found) < count) and (line := await process.stdout.readline()).endswith(b"\n"):
        found.append(msgspec.json.decode(line, type=Told))
    return found


async def agreements(registry: Registry, count: int) -> list[UUID]:
    """New agreements to write clauses on."""
    ids = [uuid4() for _ in range(count)]
    for id in ids:
        command = Register(title=PrintedName(printed="test data"))
        await registry.execute([Order(ref=Ref("agreements", id), command=command, creates=True)], actor=SELF)
    return ids


async def check_told(database: Database, acknowledged: list[Told]) -> None:
    """Each acknowledged command is in the log where its caller was told, and no label stands there twice."""
    records = await check(database.service)
    labels = [getattr(recorded.event, "label", None) for _, recorded in records]
    assert len([label for label in labels if label]) == len({label for label in labels if label})
    assert len({one.label for one in acknowledged}) == len(acknowledged)
    for one in acknowledged:
        ref, recorded = records[one.sequence - 1]
        assert (ref.id, recorded.version, getattr(recorded.event, "label", None)) == (
            one.stream,
            one.version,
            one.label,
        )


async def test_two_processes_write_at_once(database: Database, registry: Registry) -> None:
    """Two processes over three streams lose nothing, double nothing and leave no gap."""
    ids = await agreements(registry, 3)
    first, second = [await client(database.service, name, 8, 400, ids) for name in ("a", "b")]
    acknowledged = [*await told(first), *await told(second)]
    assert [await first.wait(), await second.wait()] == [0, 0]
    assert len(acknowledged) == 800
    await check_told(database, acknowledged)


async def test_a_frozen_process_holds_nothing(database: Database, registry: Registry) -> None:
    """While one process is stopped in the middle of its batches, another writes on; thawed, it finishes its work."""
    ids = await agreements(registry, 2)
    frozen = await client(database.service, "frozen", 16, 600, ids)
    acknowledged = await told(frozen, 100)
    frozen.send_signal(signal.SIGSTOP)
    other = await client(database.service, "other", 8, 200, ids)
    acknowledged += await asyncio.wait_for(told(other), 300)
    assert await other.wait() == 0
    frozen.send_signal(signal.SIGCONT)
    acknowledged += await told(frozen)
    assert await frozen.wait() == 0
    assert len(acknowledged) == 800
    await check_told(database, acknowledged)


async def test_killed_in_the_middle_of_appends(database: Database, registry: Registry) -> None:
    """After kill -9 every acknowledged event is there, the states are those of a fresh fold, and writing goes on."""
    ids = await agreements(registry, 2)
    acknowledged: list[Told] = []
    for turn in range(3):
        victim = await client(database.service, f"victim{turn}", 32, 100_000, ids)
        acknowledged += await told(victim, 150 + 70 * turn)
        victim.kill()
        acknowledged += await told(victim)
        await victim.wait()
    after = await client(database.service, "after", 4, 50, ids)
    acknowledged += await told(after)
    assert await after.wait() == 0
    await check_told(database, acknowledged)


async def test_cut_off_again_and_again(database: Database, registry: Registry) -> None:
    """Connections cut at random moments, also between commit and answer, neither lose nor double a command."""
    ids = await agreements(registry, 2)
    writing = await client(database.service, "cut", 16, 3000, ids)
    acknowledged: list[Told] = []
    reading = asyncio.create_task(told(writing, into=acknowledged))
    superuser = await asyncpg.connect(database.superuser)
    cuts = seen = 0
    while not reading.done():
        await asyncio.sleep(0.03)
        if len(acknowledged) == seen:  # cut at every try, a busy machine would never come to an end
            continue
        seen = len(acknowledged)
        for _ in range(100):  # looks, until it is at work: a batch takes a moment only
            cut = await superuser.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where application_name = 'mengfu writer' and datname = current_database() and state = 'active'"
            )
            if cut:
                cuts += cut
                break
    await superuser.close()
    await reading
    assert await writing.wait() == 0
    assert cuts > 0
    assert len(acknowledged) == 3000
    await check_told(database, acknowledged)
