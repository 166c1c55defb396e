"""Following projections: caught up after a stop, stored once by several processes, stopped by what they can't take."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from service.config import Settings
from service.domain import errors, party
from service.domain.agreement import Register, header, life, signatories
from service.domain.agreement.clauses import RecordClause
from service.domain.catalogue import DECIDERS
from service.domain.decider import Command, Correct, Ref, Void
from service.domain.values import PrintedName, UncertainDate
from service.projections import Row, building, filling
from service.projections.bitemporal import Bitemporal
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.inputs import Key
from service.registry import DECODERS, SELF, Order, Registry, chase, follower, progress
from tests.conftest import Database
from tests.registry.invariants import check_following

LONG = 300.0
NAMES = [table.name for table in FOLLOWING]


async def record(registry: Registry, ref: Ref, *commands: Command) -> int:
    """Record them; answers the position of the last."""
    position = 0
    for command in commands:
        creates = isinstance(command, (Register, party.Register))
        [done] = await registry.execute([Order(ref=ref, command=command, creates=creates)], actor=SELF)
        position = max(position, done.sequence)
    return position


async def agreement(registry: Registry, seed: int) -> Ref:
    """A stream with facts in and out of their order, corrected and voided."""
    draw = random.Random(seed)  # noqa: S311  # the same data at every run
    ref = Ref("agreements", uuid4())
    parties = [Ref("parties", uuid4()) for _ in range(2)]
    for number, one in enumerate(parties):
        await record(registry, one, party.Register(kind="city", name=PrintedName(printed=f"{seed}-{number} 市")))
    await record(registry, ref, Register(title=PrintedName(printed=f"协议 {seed}"), kinds=("project",)))
    signed = await record(registry, ref, life.Sign(effective=on(2020, draw.randint(1, 12))))
    for one in parties:
        await record(registry, ref, signatories.AddSignatory(party=one.id))
    title = await record(registry, ref, header.AddTitle(title=PrintedName(printed=f"又名 {seed}")))
    await record(registry, ref, life.Terminate(effective=on(draw.choice([2022, 2100]), 1)))
    await record(registry, ref, life.EnterIntoForce(effective=on(2021, 1)))
    await record(registry, ref, Void(corrects=title, reason="a try"))
    moved = life.Signed(effective=on(2019, 5))
    await record(registry, ref, Correct(corrects=signed, reason="the year was wrong", event=moved))
    return ref


def on(year: int, month: int) -> UncertainDate:
    """The first day of a month."""
    return UncertainDate.day(date(year, month, 1))


async def reach(registry: Registry, position: int | None = None) -> int:
    """Wait until all following projections have come to a position, the head where none is given."""
    wanted = await registry.head() if position is None else position
    async with asyncio.timeout(LONG):
        while True:
            try:
                return await registry.progress.reached(NAMES, wanted)
            except errors.Unavailable:
                continue


async def test_rows_follow_what_is_recorded(registry: Registry, database: Database) -> None:
    registry.follower.start()
    for seed in range(6):
        await agreement(registry, seed)
    position = await reach(registry)
    assert position == await registry.head()
    told = await registry.progress.told()
    assert [(one.name, one.position, one.lag, one.stopped) for one in told] == [(n, position, 0, None) for n in NAMES]
    await check_following(database.service)


async def test_a_backlog_of_many_batches_is_caught_up_after_a_stop(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(agreement(registry, seed) for seed in range(10)))
    assert {one.position for one in await registry.progress.told()} == {0}
    monkeypatch.setattr(chase, "BATCH", 7)
    monkeypatch.setattr(chase, "REMEMBERED", 20)
    monkeypatch.setattr(chase, "RECORDS", 3)
    registry.follower.start()
    await reach(registry)
    await check_following(database.service)
    await registry.follower.close()
    await asyncio.gather(*(agreement(registry, seed) for seed in range(10, 14)))
    async with following(database):
        await reach(registry)
    await check_following(database.service)


@asynccontextmanager
async def following(database: Database, *slowly: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that follows; `slowly`, so many lines at a time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.registry.following", database.service, *slowly, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"following\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_another_process_takes_over_when_the_leader_is_killed(registry: Registry, database: Database) -> None:
    async with following(database) as first:
        await agreement(registry, 0)
        await reach(registry)
        async with following(database) as second:
            await agreement(registry, 1)
            first.kill()
            await first.wait()
            await agreement(registry, 2)
            await reach(registry)
            assert second.returncode is None
            await check_following(database.service)


async def test_a_frozen_leader_holds_nobody_up(registry: Registry, database: Database) -> None:
    async with following(database) as frozen:
        await agreement(registry, 0)
        await reach(registry)
        frozen.send_signal(signal.SIGSTOP)
        try:
            position = await record(registry, await agreement(registry, 1), header.DeclareSignatories(signatories=2))
            registry.follower.start()
            await reach(registry, position)
        finally:
            frozen.send_signal(signal.SIGCONT)
        await agreement(registry, 2)
        await reach(registry)
        await check_following(database.service)


async def test_two_that_follow_at_once_store_each_batch_once(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock saves work; that a batch is stored once rests on its statement alone."""

    async def at_once(self: Any, connection: Any) -> bool:
        return True

    monkeypatch.setattr(follower.Follower, "_elect", at_once)
    other = await Registry.open(Settings(), database.service)
    try:
        registry.follower.start()
        other.follower.start()
        await asyncio.gather(*(agreement(registry, seed) for seed in range(12)))
        await reach(registry)
    finally:
        await other.close()
    await check_following(database.service)


async def test_cut_off_again_and_again(registry: Registry, database: Database) -> None:
    registry.follower.start()
    superuser = await asyncpg.connect(database.superuser)
    working = asyncio.gather(*(agreement(registry, seed) for seed in range(20)))
    cuts = 0
    # Cut at every try, it would never come to an end on a busy machine.
    while (not working.done() or cuts < 5) and cuts < 200:
        cuts += await superuser.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where application_name = 'mengfu follower' and datname = current_database()"
        )
        await asyncio.sleep(0.05)
    await superuser.close()
    await working
    await reach(registry)
    await check_following(database.service)


# --- Events that cannot be told ---------------------------------------------------------------------------------------


def poisoned(registry: Registry, name: str, said: Any) -> Bitemporal:
    """The registry's follower with a table that says otherwise."""
    whole = next(table for table in FOLLOWING if table.name == name)
    bad = replace(whole, said=said)
    registry.follower.tables[name] = bad
    return whole


async def until_position(registry: Registry, name: str, least: int, most: int) -> None:
    """Wait until a projection has come to a position, which is not its last."""
    async with asyncio.timeout(LONG):
        while True:
            [told] = await registry.progress.told([name])
            if least <= told.position < most:
                return
            await asyncio.sleep(0.02)


async def stops(registry: Registry, name: str) -> str:
    """Wait until a projection has stopped; answers what is told of it."""
    async with asyncio.timeout(LONG):
        while True:
            [told] = await registry.progress.told([name])
            if told.stopped is not None:
                return told.stopped
            await asyncio.sleep(0.02)


async def poison(registry: Registry, wrong: Any) -> tuple[UUID, int, int]:
    """Record some, one that the list of agreements can't take, and some more; its id, its position, the head."""
    await agreement(registry, 0)
    whole = next(table for table in FOLLOWING if table.name == "agreements_known")
    bad = uuid4()

    def said(ref: Ref, state: Any, day: date) -> dict[Key, Row]:
        return wrong(whole.said(ref, state, day)) if ref.id == bad else dict(whole.said(ref, state, day))

    poisoned(registry, "agreements_known", said)
    registry.follower.start()
    await reach(registry)
    sequence = await record(registry, Ref("agreements", bad), Register(title=PrintedName(printed="毒")))
    await agreement(registry, 1)
    return bad, sequence, await registry.head()


def raises(said: Any) -> Any:
    raise ZeroDivisionError("no row can be made of it")


def unstorable(said: Any) -> Any:
    return {key: ("\x00", *row[1:]) for key, row in said.items()}


def unencodable(said: Any) -> Any:
    return {key: (7, *row[1:]) for key, row in said.items()}


def unindexable(said: Any) -> Any:
    draw = random.Random(0)  # noqa: S311
    return {
        key: ("".join(map(chr, draw.choices(range(0x4E00, 0x9FA5), k=9_000))), *row[1:]) for key, row in said.items()
    }


@pytest.mark.parametrize("wrong", [raises, unstorable, unencodable, unindexable])
async def test_an_event_that_cannot_be_told_stops_its_projection_alone(
    registry: Registry, database: Database, wrong: Any
) -> None:
    _, sequence, head = await poison(registry, wrong)
    told = await stops(registry, "agreements_known")
    assert told.startswith(f"event {sequence}: ")
    others = [name for name in NAMES if name != "agreements_known"]
    async with asyncio.timeout(LONG):
        assert await registry.progress.reached(others, head) == head
    [stopped] = await registry.progress.told(["agreements_known"])
    assert (stopped.position, stopped.lag) == (sequence - 1, head - sequence + 1)
    with pytest.raises(errors.Unavailable, match="agreements_known"):
        await registry.progress.reached(NAMES, head)
    assert await registry.progress.reached(NAMES, sequence - 1) == sequence - 1
    await check_following(database.service)


async def test_other_code_begins_a_stopped_projection_anew(registry: Registry, database: Database) -> None:
    await poison(registry, raises)
    await stops(registry, "agreements_known")
    await registry.follower.close()
    again = await Registry.open(Settings(), database.service)
    [stopped] = await again.progress.told(["agreements_known"])
    assert stopped.stopped is not None
    await again.close()
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await connection.execute("update p_projections set fingerprint = 'of other code' where name = 'agreements_known'")
    await connection.close()
    again = await Registry.open(Settings(), database.service)
    try:
        [fresh] = await again.progress.told(["agreements_known"])
        assert (fresh.position, fresh.stopped) == (0, None)
        again.follower.start()
        await reach(again)
        await check_following(database.service)
    finally:
        await again.close()


@pytest.mark.parametrize("wrong", [raises, unstorable, unencodable, unindexable])
async def test_a_rebuild_leaves_out_what_cannot_be_told_and_names_it(
    registry: Registry, database: Database, wrong: Any
) -> None:
    """In one table, at two streams, of which the first event counts; the others are rebuilt to the end."""
    await agreement(registry, 0)
    refs = [Ref("agreements", uuid4()) for _ in range(2)]
    first, _ = [await record(registry, ref, Register(title=PrintedName(printed="毒"))) for ref in refs]
    await agreement(registry, 1)
    head = await registry.head()
    whole = next(table for table in FOLLOWING if table.name == "agreements_known")

    def said(ref: Ref, state: Any, day: date) -> dict[Key, Row]:
        return wrong(whole.said(ref, state, day)) if ref in refs else dict(whole.said(ref, state, day))

    tables = [replace(whole, said=said) if table is whole else table for table in (*INLINE, *FOLLOWING)]
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    try:
        async with building.alone(connection):
            [stop] = await building.rebuild(connection, tables, DECIDERS, DECODERS)
    finally:
        await connection.close()
    assert (stop.name, stop.sequence) == ("agreements_known", first)
    assert stop.said.startswith(f"event {first}: ")
    [told] = await registry.progress.told(["agreements_known"])
    assert (told.position, told.stopped) == (first - 1, stop.said)
    others = [name for name in NAMES if name != "agreements_known"]
    assert await registry.progress.reached(others, head) == head
    await check_following(database.service)


# --- Tables that are being built --------------------------------------------------------------------------------------


async def alter(database: Database, statement: str) -> None:
    """Change what is known of the projections."""
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await connection.execute(statement)
    await connection.close()


async def test_an_empty_log_is_waited_for_by_nobody(registry: Registry) -> None:
    assert await registry.progress.reached(NAMES) == 0


async def test_what_is_being_built_is_not_read_as_whole(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade, whoever is killed in the middle of it: the list of now is there when all of it is."""
    monkeypatch.setattr(progress, "REACHING", 0.1)
    registry.follower.start()
    for seed in range(3):
        await agreement(registry, seed)
    head = await reach(registry)
    await registry.follower.close()
    await alter(database, "update p_projections set fingerprint = 'of other code' where name = 'agreements_known'")
    for _ in range(2):
        async with following(database, "2") as one:
            await until_position(registry, "agreements_known", 1, head)
            one.kill()
        [told] = await registry.progress.told(["agreements_known"])
        assert 0 < told.position < told.goal == head
        with pytest.raises(errors.Unavailable, match=f"being built: at {told.position} of {head}"):
            await registry.progress.reached(["agreements_known"])
        assert await registry.progress.reached(["agreements_known"], 1, whole=False) == told.position
    other = await Registry.open(Settings(), database.service)
    try:
        other.follower.start()
        assert await reach(other) == head
    finally:
        await other.close()
    assert await registry.progress.reached(NAMES) == head
    await check_following(database.service)


async def test_one_that_is_far_off_is_not_waited_for(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "FAR", 3)
    monkeypatch.setattr(progress, "REACHING", LONG)
    await agreement(registry, 0)
    await alter(database, "update p_projections set goal = 9, position = 1")
    with pytest.raises(errors.Unavailable, match="being built: at 1 of 9"):
        await asyncio.wait_for(registry.progress.reached(NAMES), 5)


async def test_a_rebuild_takes_no_position_back(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was followed while the new table was filled is in it when it takes the name."""
    registry.follower.start()
    await agreement(registry, 0)
    before = await reach(registry)
    make = filling.Tables.make

    async def meanwhile(self: Any, *given: Any) -> None:
        await make(self, *given)
        await agreement(registry, 1)
        await reach(registry)

    monkeypatch.setattr(filling.Tables, "make", meanwhile)
    swap, seen = building._swap, []

    async def seeing(*given: Any) -> bool:
        done = await swap(*given)
        seen.extend(await registry.progress.told())
        return done

    monkeypatch.setattr(building, "_swap", seeing)
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    try:
        async with building.alone(connection):
            assert await building.rebuild(connection, FOLLOWING, DECIDERS, DECODERS) == []
    finally:
        await connection.close()
    assert {one.position for one in seen} == {await registry.head()}
    assert before < await registry.head()
    await check_following(database.service)


async def test_a_long_stream_is_told_as_a_short_one(
    registry: Registry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond what is remembered of records, in order and out of it."""
    monkeypatch.setattr(chase, "RECORDS", 5)
    registry.follower.start()
    ref = await agreement(registry, 3)
    for number in range(24):
        await record(registry, ref, RecordClause(label=f"{number}", text="甲", effective=on(2020, 1 + number // 2)))
    for number, month in enumerate((5, 3, 7, 4)):
        await record(registry, ref, RecordClause(label=f"late {number}", text="乙", effective=on(2021, month)))
        await record(registry, ref, header.AddTitle(title=PrintedName(printed=f"晚 {number}")))
        await reach(registry)
    await check_following(database.service)
