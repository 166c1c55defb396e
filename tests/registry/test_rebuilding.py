"""A rebuild beside live writing and reading, killed anywhere, by other code: no list ever loses an item."""

import asyncio
import contextlib
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from service.config import ConfigError, Settings
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.signatories import AddSignatory
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.projections import building, filling
from service.projections.following import PROJECTIONS
from service.projections.inline import INLINE
from service.projections.kinds import KINDS
from service.registry import DECODERS, Registry, sharing
from service.registry.sharing import Sharing
from service.verifying import verify
from tests.conftest import Database
from tests.registry.test_door import a_party, agreement, do, make
from tests.registry.test_processes import check_told, client, told
from tests.soak import soak, some

STARTED: list[asyncio.subprocess.Process] = []
PAUSE = 0.1
"""Seconds that those who work beside a rebuild rest: they have to be there, and leave it some of two processors."""


@pytest.fixture(autouse=True)
async def ended() -> AsyncIterator[None]:
    """However a test ends, its processes end before its database does."""
    yield
    while STARTED:
        left = STARTED.pop()
        with contextlib.suppress(ProcessLookupError):
            left.kill()
        await left.wait()


async def process(module: str, *words: str) -> asyncio.subprocess.Process:
    """A process of the tests'."""
    pipe = asyncio.subprocess.PIPE
    words = ("-m", f"tests.registry.{module}", *words)
    STARTED.append(await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe))
    return STARTED[-1]


@asynccontextmanager
async def connected(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection as the service role."""
    connection = await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})
    try:
        yield connection
    finally:
        await connection.close()


async def rebuild(database: Database) -> None:
    """Rebuild everything."""
    async with connected(database) as connection, building.alone(connection):
        await building.rebuild(connection, PROJECTIONS, DECIDERS, DECODERS)


async def clean(database: Database) -> None:
    """Everything is what the log says, under the names that it had, and nothing is left over."""
    async with connected(database) as connection:
        report = await verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS)
        assert report.wrong == ()
        names = await connection.fetch(
            "select relname from pg_class where relnamespace = 'mengfu'::regnamespace and relname like 'p\\_%'"
        )
    assert [row["relname"] for row in names if "__new" in row["relname"]] == []


async def tables(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, tuple[str, int]]:
    """The projections' tables and indexes: of which table each is, and which one."""
    rows = await connection.fetch(
        "select c.relname, coalesce(i.indrelid, c.oid)::regclass::text as of, c.oid from pg_class c "
        "left join pg_index i on i.indexrelid = c.oid "
        "where c.relnamespace = 'mengfu'::regnamespace and c.relname like 'p\\_%'"
    )
    return {row["relname"]: (row["of"], row["oid"]) for row in rows}


async def lines(process: asyncio.subprocess.Process, count: int) -> list[list[int]]:
    """The next rounds of a reader."""
    assert process.stdout is not None
    found: list[list[int]] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            line = await process.stdout.readline()
            assert line, "the reader has ended"
            found.append(msgspec.json.decode(line, type=list[int]))
    return found


@soak
async def test_nobody_notices(database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processes write, two read and one verifies while everything is rebuilt twice."""
    party = await a_party(registry)
    ids = [await make(registry, "agreements", agreement(signatories=(AddSignatory(party=party.id),)))]
    ids += [await make(registry, "agreements", agreement()) for _ in range(5)]
    writers = [await client(database.service, name, 1, 100_000, [ref.id for ref in ids], PAUSE) for name in ("a", "b")]
    STARTED.extend(writers)
    acknowledged = [asyncio.create_task(told(writer)) for writer in writers]
    readers = [await process("reader", database.service, str(party.id)) for _ in range(2)]
    for reader in readers:
        await lines(reader, 2)
    took: list[float] = []
    rebuilt = asyncio.Event()

    async def register() -> None:
        while not rebuilt.is_set():
            began = time.perf_counter()
            await make(registry, "agreements", agreement(signatories=(AddSignatory(party=party.id),)))
            took.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)

    async def compare() -> None:
        """What is read together is of one moment: neither a writer nor an exchange of names comes in between."""
        async with connected(database) as connection:
            while not rebuilt.is_set():
                report = await verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS)
                assert report.wrong == ()
                await asyncio.sleep(PAUSE)

    monkeypatch.setattr("service.verifying.rows.PAGE", 50)
    registering = [asyncio.create_task(work()) for work in (register, register, compare)]
    await asyncio.sleep(2)
    usual, took[:] = took[:], []
    for _ in range(2):
        rebuilding = await process("rebuilder", database.service, "nowhere")
        out, _ = await asyncio.wait_for(rebuilding.communicate(), 300)
        assert out.splitlines()[-1:] == [b"done"]
    rebuilt.set()
    await asyncio.gather(*registering)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    records = [one for task in acknowledged for one in await task]
    for reader in readers:
        await lines(reader, 1)
        assert reader.stdin is not None
        reader.stdin.close()
    for reader in readers:
        assert reader.stdout is not None
        rest = (await reader.stdout.read()).splitlines()
        assert await reader.wait() == 0
        if rest:
            assert msgspec.json.decode(rest[-1], type=list[int])[0] <= len(usual) + len(took) + len(ids)
    for writer in writers:
        await writer.wait()
    assert records
    assert took
    for when, times in (("before", usual), ("during two rebuilds", took)):
        shown = statistics.quantiles(times, n=100) if len(times) > 1 else [*times, 0] * 99
        print(f"writers {when}: p50 {1e3 * shown[49]:.1f} ms, p99 {1e3 * shown[98]:.1f} ms of {len(times)}")
    await clean(database)
    await check_told(database, records)


PHASES = [
    "copy p_agreements__new",
    "lock table p_states ",
    "drop table if exists p_agreements; alter table",
    "insert into p_projections",
    "create table p_states__new",
    "add primary key",
    "analyze p_citations__new",
    "lock table p_citations ",
]


@pytest.mark.parametrize("words", some(PHASES, 4))
async def test_killed_anywhere(database: Database, registry: Registry, words: str) -> None:
    """What was there stays there, and the next rebuild starts clean."""
    party = await a_party(registry)
    for _ in range(3):
        await make(registry, "agreements", agreement(signatories=(AddSignatory(party=party.id),)))
    rebuilding = await process("rebuilder", database.service, words)
    assert rebuilding.stdout is not None
    assert await asyncio.wait_for(rebuilding.stdout.readline(), 60) == b"here\n"
    rebuilding.kill()
    await rebuilding.wait()
    ref = await make(registry, "agreements", agreement(signatories=(AddSignatory(party=party.id),)))
    await do(registry, ref, RecordClause(text="alpha"))
    reader = await process("reader", database.service, str(party.id))
    assert await lines(reader, 1) == [[4, 4, 0]]
    assert reader.stdin is not None
    reader.stdin.close()
    await reader.communicate()
    assert reader.returncode == 0
    await asyncio.wait_for(rebuild(database), 60)
    await clean(database)


async def test_frozen_in_the_exchange(database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stops while it holds the log's end loses it; who waits is served."""
    ref = await make(registry, "agreements", agreement())
    rebuilding = await process("rebuilder", database.service, "drop table if exists p_agreements; alter")
    assert rebuilding.stdout is not None
    assert await asyncio.wait_for(rebuilding.stdout.readline(), 60) == b"here\n"
    done = await asyncio.wait_for(do(registry, ref, RecordClause(text="alpha")), building.FROZEN + 20)
    assert done.version == 2
    rebuilding.kill()
    await rebuilding.wait()
    await rebuild(database)
    await clean(database)


async def test_a_long_question_stops_nobody_else(database: Database, registry: Registry) -> None:
    """A backup that holds a table delays the exchange, not those who come after it."""
    await make(registry, "agreements", agreement())
    async with connected(database) as backup:
        async with backup.transaction():
            await backup.execute("lock table p_agreements, p_states in access share mode")
            rebuilding = asyncio.create_task(rebuild(database))
            for _ in range(30):
                await make(registry, "agreements", agreement())
                await asyncio.sleep(0.02)
            assert not rebuilding.done()
        await asyncio.wait_for(rebuilding, 60)
    await clean(database)


async def test_other_code_fills_its_own_table(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that went up, and a table that is missing, are made at the start; what fits is left alone."""
    refs = [await make(registry, "agreements", agreement(kinds=("supply",))) for _ in range(3)]
    newer = replace(KINDS, version=KINDS.version + 1, rows=lambda ref, _: [(ref.id, "a"), (ref.id, "b")], inputs=None)
    async with connected(database) as connection:
        marks = await tables(connection)
        projections = [newer if one.name == "kinds" else one for one in PROJECTIONS]
        await connection.execute("drop table p_citations")
        made = await building.ensure(connection, projections, DECIDERS, DECODERS)
        assert made == ["kinds", "citations"]
        assert await building.ensure(connection, projections, DECIDERS, DECODERS) == []
        after = await tables(connection)
        assert marks.keys() == after.keys()
        assert {table for name, (table, oid) in marks.items() if after[name][1] != oid} == {"p_kinds", "p_citations"}
        rows = await connection.fetch("select stream, kind from p_kinds")
        assert {tuple(row) for row in rows} == {(ref.id, kind) for ref in refs for kind in "ab"}
        report = await verify(connection, projections, INLINE, DECIDERS, DECODERS)
        assert report.wrong == ()
    await do(registry, refs[0], RecordClause(text="alpha"))  # by the code that runs on
    await rebuild(database)
    await clean(database)


async def shared(database: Database, schema: str = "mengfu") -> None:
    """Rebuild everything with two more processes, which are told that schema."""
    elsewhere = Sharing(database.service, schema)
    elsewhere.count = 2
    async with connected(database) as connection, building.alone(connection):
        await building.rebuild(connection, PROJECTIONS, DECIDERS, DECODERS, elsewhere=elsewhere)


@pytest.mark.parametrize("count", [1, 2, 30])
async def test_several_processes_share_a_rebuild(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Each stream is the work of one of them, however few there are."""
    monkeypatch.setattr(filling, "LARGE", 1)
    for number in range(count):
        clauses = tuple(RecordClause(text=str(clause)) for clause in range(number % 4))
        await make(registry, "agreements", agreement(clauses=clauses))
    await shared(database)
    await clean(database)
    seen = "select relallvisible from pg_class where oid = 'p_agreements'::regclass"
    assert await registry.pool.fetchval(seen) > 0, "an index alone would answer nothing"


async def test_what_another_process_meets_is_told(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own end, a line that it cannot read: the rebuild ends, and what is there stays."""
    monkeypatch.setattr(filling, "LARGE", 1)
    refs = sorted([await make(registry, "agreements", agreement()) for _ in range(9)], key=lambda ref: ref.id)
    with monkeypatch.context() as broken:
        broken.setattr(sharing, "MODULE", "no_such_module")
        with pytest.raises(OSError, match="shared in the rebuild"):
            await shared(database)
    with pytest.raises(OSError, match=r"ended with 1$"):
        await shared(database, "nowhere")
    assert await registry.pool.fetchval("select count(*) from p_agreements") == 9
    position = (await do(registry, refs[-1], RecordClause(text="alpha"))).sequence
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await connection.execute("set session_replication_role = replica")
    await connection.execute("update events set line = 'x' where position = $1", position)
    await connection.close()
    with pytest.raises(filling.UnreadableError, match=f"position {position} "):
        await shared(database)
    assert await registry.pool.fetchval("select count(*) from p_agreements") == 9


async def test_two_at_once_are_one_after_another(database: Database, registry: Registry) -> None:
    """The second says that it waits."""
    await make(registry, "agreements", agreement())
    heard: list[str] = []
    async with connected(database) as first, connected(database) as second:
        async with building.alone(first):

            async def wait() -> None:
                async with building.alone(second, heard.append):
                    await building.rebuild(second, PROJECTIONS, DECIDERS, DECODERS)

            waiting = asyncio.create_task(wait())
            await building.rebuild(first, PROJECTIONS, DECIDERS, DECODERS)
            assert not waiting.done()
        await asyncio.wait_for(waiting, 30)
    assert heard == ["another process is rebuilding projections: waiting for its end"]
    await clean(database)


@soak
async def test_many_streams_and_long_ones(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and pieces that end in the middle of a stream cut none, whatever their size."""
    for count in (1, 2, 3, 5, 8, 13):
        clauses = tuple(RecordClause(text=str(number)) for number in range(count))
        await make(registry, "agreements", agreement(clauses=clauses))
    for size in range(1, 12):
        monkeypatch.setattr("service.projections.filling.PAGE", size)
        monkeypatch.setattr("service.verifying.rows.PAGE", size)
        monkeypatch.setattr("service.verifying.lines.PAGE", size)
        monkeypatch.setattr(building, "FEW", size)
        await rebuild(database)
        await clean(database)


async def test_a_line_that_cannot_be_read_is_named(database: Database, registry: Registry) -> None:
    """At a start that has tables to make, with its position; nothing is put in the place of what is there."""
    ref = Ref("agreements", (await make(registry, "agreements", agreement())).id)
    position = (await do(registry, ref, RecordClause(text="alpha"))).sequence
    connection = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await connection.execute("set session_replication_role = replica")
    await connection.execute(
        "update events set line = convert_to(replace(convert_from(line, 'UTF8'), 'clause_recorded:1', "
        "'clause_recorded:9'), 'UTF8') where position = $1",
        position,
    )
    await connection.execute("update p_projections set fingerprint = 'x'")
    with pytest.raises(ConfigError, match=f"the line at position {position} cannot be read"):
        await Registry.open(Settings(), database.service)
    assert await connection.fetchval("select count(*) from p_agreements") == 1
    await connection.close()
