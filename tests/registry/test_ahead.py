"""What waits is decided on top of the batch under way: nothing is lost or doubled, or rests on what is not stored."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.registry import SELF, Key, Order, Registry
from service.registry.batch import Batch
from service.registry.writer import AHEAD, Writer
from tests.conftest import Database
from tests.registry.invariants import check
from tests.registry.test_door import agreement

CALLERS = 6 * AHEAD
CLAUSES = 4


@pytest.fixture
def decided_ahead(monkeypatch: pytest.MonkeyPatch) -> list[Batch | None]:
    """What has been decided ahead, and where it could not be, as it comes."""
    found: list[Batch | None] = []
    decide = Writer._decide_ahead

    async def noted(self: Writer, under_way: Batch) -> Batch | None:
        found.append(await decide(self, under_way))
        return found[-1]

    monkeypatch.setattr(Writer, "_decide_ahead", noted)
    return found


def orders(id: UUID) -> Iterator[tuple[Order, Key]]:
    """An agreement and its clauses, each under a key."""
    ref = Ref("agreements", id)
    commands = (agreement(), *(RecordClause(text=f"test {number}") for number in range(CLAUSES)))
    for number, command in enumerate(commands):
        name = uuid5(id, str(number)).bytes
        yield Order(ref=ref, command=command, creates=number == 0), Key(hash=name, fingerprint=name)


async def send(registry: Registry, order: Order, key: Key) -> int:
    """Carry out an order however often it takes; answers its sequence."""
    while True:
        try:
            [done] = await registry.execute([order], actor=SELF, key=key)
        except (errors.Uncertain, errors.Unavailable):
            await asyncio.sleep(0.01)
            continue
        return done.sequence


async def caller(registry: Registry, id: UUID) -> list[int]:
    """All orders of one agreement; each is sent twice at once, under the same key."""
    found = []
    for order, key in orders(id):
        one, other = await asyncio.gather(send(registry, order, key), send(registry, order, key))
        assert one == other
        found.append(one)
    return found


async def test_callers_are_answered_as_if_one_after_another(
    database: Database, registry: Registry, decided_ahead: list[Batch | None]
) -> None:
    answers = await asyncio.gather(*(caller(registry, uuid4()) for _ in range(CALLERS)))
    assert any(decided_ahead)
    told = [sequence for some in answers for sequence in some]
    assert sorted(told) == list(range(1, CALLERS * (1 + CLAUSES) + 1))
    assert len(await check(database.service)) == len(told)


async def test_what_is_refused_ahead_is_refused_alone(
    database: Database, registry: Registry, decided_ahead: list[Batch | None]
) -> None:
    """Of callers who tell the same agreement otherwise one is first, wherever the others are decided."""
    ids = [uuid4() for _ in range(10)]

    async def tell(number: int) -> bool:
        ref = Ref("agreements", ids[number % len(ids)])
        order = Order(ref=ref, command=replace(agreement(), note=f"test {number}"), creates=True)
        try:
            await registry.execute([order], actor=SELF)
        except errors.AlreadyOtherwise:
            return False
        return True

    for _ in range(3):
        await asyncio.gather(*(tell(number) for number in range(CALLERS)))
    assert decided_ahead
    assert len(await check(database.service)) >= len(ids)


async def test_two_processes(database: Database, registry: Registry, decided_ahead: list[Batch | None]) -> None:
    """What rests on a batch that another process was before is decided again."""
    other = await Registry.open(registry.settings, database.service)
    try:
        answers = await asyncio.gather(
            *(caller(one, uuid4()) for one in (registry, other) for _ in range(CALLERS // 2))
        )
    finally:
        await other.close()
    told = [sequence for some in answers for sequence in some]
    assert sorted(told) == list(range(1, len(told) + 1))
    assert any(decided_ahead)
    assert len(await check(database.service)) == len(told)


async def test_connections_that_are_lost(
    database: Database, registry: Registry, decided_ahead: list[Batch | None]
) -> None:
    """Each that is acknowledged is there once, whichever of the writer's connections goes away, and when."""
    superuser = await asyncpg.connect(database.superuser)
    work = asyncio.gather(*(caller(registry, uuid4()) for _ in range(CALLERS)))
    while not work.done():
        await superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'mengfu writer' and random() < 0.5"
        )
        await asyncio.sleep(0.05)
    await superuser.close()
    told = [sequence for some in await work for sequence in some]
    assert sorted(told) == list(range(1, len(told) + 1))
    assert decided_ahead
    assert len(await check(database.service)) == len(told)
