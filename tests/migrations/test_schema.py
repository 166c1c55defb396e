"""schema.sql and the migrations make the same schema, told by PostgreSQL's own catalogs, on its oldest and newest
version that we support; each migration can be taken back, and taking all of them back leaves nothing.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import asyncpg
import pytest

from service.config import ConfigError, Settings, room
from service.registry import Registry
from service.store import migrate
from service.store.embedded import Embedded
from tests.conftest import Database, Server, open_folder, the_server

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = Path("/usr/lib/postgresql/15/bin")

OURS = "c.relnamespace = current_schema()::regnamespace and c.relname not like 'alembic\\_version%'"
CATALOGS = {
    "relations": """
        select c.relname, c.relkind, c.relpersistence, c.reloptions, c.relispartition, c.relreplident, c.relrowsecurity,
          c.relacl::text, c.relowner::regrole::text as owner, a.amname, pg_get_partkeydef(c.oid) as cut,
          pg_get_expr(c.relpartbound, c.oid) as bound, obj_description(c.oid, 'pg_class') as comment
        from pg_class c left join pg_am a on a.oid = c.relam where OURS""",
    "columns": """
        select c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, a.attstorage,
          a.attcompression, a.attidentity, a.attgenerated, a.attoptions, a.attacl::text, a.attstattarget,
          a.attcollation::regcollation::text as collation, a.attisdropped, pg_get_expr(d.adbin, d.adrelid) as value
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where OURS""",
    "constraints": """
        select c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid) as told, k.convalidated, k.condeferrable
        from pg_class c join pg_constraint k on k.conrelid = c.oid where OURS""",
    "indexes": """
        select c.relname, pg_get_indexdef(c.oid) as told, i.indisprimary, i.indisunique, i.indisvalid, i.indisreplident
        from pg_class c join pg_index i on i.indexrelid = c.oid where OURS""",
    "triggers": """
        select c.relname, t.tgname, t.tgenabled, t.tgisinternal, pg_get_triggerdef(t.oid) as told
        from pg_class c join pg_trigger t on t.tgrelid = c.oid where OURS and not t.tgisinternal""",
    "rules": """
        select c.relname, pg_get_ruledef(r.oid) as told
        from pg_class c join pg_rewrite r on r.ev_class = c.oid where OURS""",
    "functions": """
        select pg_get_functiondef(p.oid) as told, p.proacl::text, p.proowner::regrole::text as owner
        from pg_proc p where p.pronamespace = current_schema()::regnamespace""",
    "types": """
        select t.typname, t.typtype from pg_type t
        where t.typnamespace = current_schema()::regnamespace and t.typname not like '%alembic\\_version%'""",
    "others": """
        select 'operator' as kind, oprname as name from pg_operator where oprnamespace = current_schema()::regnamespace
        union all select 'statistics', stxname from pg_statistic_ext where stxnamespace = current_schema()::regnamespace
        union all select 'extension', extname from pg_extension where extnamespace = current_schema()::regnamespace
        union all select 'event trigger', evtname from pg_event_trigger
        union all select 'publication', pubname from pg_publication""",
}
Schema = dict[str, list[tuple[Any, ...]]]


async def described(url: str) -> Schema:
    """All that the catalogs say of the registry's schema, without Alembic's own table."""
    connection = await migrate.connect(url, Settings().schema)
    try:
        return {
            name: sorted((tuple(row) for row in await connection.fetch(query.replace("OURS", OURS))), key=repr)
            for name, query in CATALOGS.items()
        }
    finally:
        await connection.close()


@pytest.fixture(scope="module", params=[15, 18])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A superuser's address on a PostgreSQL of that major version: the run's, Debian's or the embedded one."""
    with contextlib.ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        url = the_server().url
        if runner.run(major(url)) != request.param:
            folder = stack.enter_context(open_folder())
            if request.param == 15:
                url = stack.enter_context(debian(folder))
            else:
                embedded = runner.run(Embedded.start(folder / "home"))
                stack.callback(lambda: runner.run(embedded.stop()))
                url = embedded.superuser_url
        yield url


async def major(url: str) -> int:
    """The major version of a server."""
    connection = await asyncpg.connect(url)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()


@contextlib.contextmanager
def debian(folder: Path) -> Iterator[str]:
    """A server on Debian's PostgreSQL 15, reached by its socket alone, run by somebody who is not root."""
    if not (DEBIAN / "initdb").is_file():
        pytest.skip(f"PostgreSQL 15 is not tried: Debian's package postgresql-15 is not installed ({DEBIAN})")
    user = "nobody" if os.geteuid() == 0 else None
    data, log = folder / "data", folder / "log"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(data, pwd.getpwnam(user).pw_uid, -1)
    with log.open("wb") as out:

        def start(program: str, *options: str | Path) -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                [DEBIAN / program, "-D", data, *options], user=user, cwd="/", stdout=out, stderr=out
            )

        assert start("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").wait() == 0
        server = start("postgres", "-k", data, "-c", "listen_addresses=", "-F")
        try:
            while not (data / ".s.PGSQL.5432").exists() or not answers(data):
                assert server.poll() is None, log.read_text()
                time.sleep(0.02)
            yield f"postgresql://postgres@/postgres?host={quote(str(data), safe='')}&port=5432"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def answers(data: Path) -> bool:
    """Whether the server of that folder accepts connections."""
    ready: list[str | Path] = [DEBIAN / "pg_isready", "--quiet", "--host", data, "--username", "postgres"]
    return subprocess.run(ready, check=False).returncode == 0


class Owned(NamedTuple):
    """Addresses of an empty database: for its owner, and for a role that the migrations grant rights to."""

    owner: str
    service: str


@pytest.fixture
async def empty(server: str) -> AsyncIterator[Callable[[], Awaitable[Owned]]]:
    """Make an empty database; all of them have one owner and one service role."""
    mark = secrets.token_hex(4)
    owner, service, made = f"owner_{mark}", f"service_{mark}", list[str]()
    connection = await asyncpg.connect(server)
    for role in (owner, service):
        await connection.execute(f"create role {role} login password '{mark}'")

    async def make() -> Owned:
        name = f"t_{secrets.token_hex(6)}"
        await connection.execute(f"create database {name} owner {owner} template template0 encoding 'UTF8'")
        made.append(name)
        return Owned(*(Server(server, "", "", mark, "", "").address(role, name) for role in (owner, service)))

    try:
        yield make
    finally:
        for name in made:
            await connection.execute(f"drop database {name} with (force)")
        for role in (owner, service):
            await connection.execute(f"drop role {role}")
        await connection.close()


Make = Callable[[], Awaitable[Owned]]
SCHEMA = Settings().schema


async def create_schema(url: str) -> None:
    """The registry's schema, with nothing in it."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"create schema {SCHEMA}")
    await connection.close()


async def test_the_migrations_make_what_schema_sql_says(empty: Make) -> None:
    """Up, down and up again gives what schema.sql gives on an empty schema."""
    written, migrated = await empty(), await empty()
    for url in (written.owner, migrated.owner):
        await create_schema(url)
    connection = await migrate.connect(written.owner, SCHEMA)
    await connection.execute((room("migrations") / "schema.sql").read_text("utf-8"))
    await connection.close()
    want = await described(written.owner)
    assert {row[0] for row in want["relations"]} >= {"events", "streams", "head", "idempotency", "texts", "accounts"}
    assert len(want["functions"]) == 5
    for target in ("head", "base", "head"):
        await migrate.upgrade(migrated.owner, SCHEMA, target)
    assert await described(migrated.owner) == want


async def test_each_migration_can_be_taken_back(empty: Make) -> None:
    """One step down leaves the schema as it was before that step up."""
    url = (await empty()).owner
    await create_schema(url)
    states = [await described(url)]
    for _ in (room("migrations") / "versions").glob("[0-9]*.py"):
        await migrate.upgrade(url, SCHEMA, "+1")
        states.append(await described(url))
    assert await revision(url) == migrate.newest()
    while states.pop() and states:
        await migrate.upgrade(url, SCHEMA, "-1")
        assert await described(url) == states[-1]
    assert await revision(url) is None


async def revision(url: str) -> str | None:
    """The revision that the schema stands at."""
    connection = await migrate.connect(url, SCHEMA)
    try:
        return await migrate.revision(connection)
    finally:
        await connection.close()


async def test_taking_all_down_leaves_nothing(empty: Make) -> None:
    """Not even what came later: partitions, and the projections' tables, which are the service role's."""
    database = await empty()
    await migrate.migrate(database.owner, SCHEMA, database.service, name="test")
    for _ in range(2):
        registry = await Registry.open(Settings(), database.service)
        await registry.pool.execute("select cover_events(10000000), turn_idempotency('2026-11-21')")
        await registry.close()
        before = await described(database.owner)
        assert len(before["relations"]) > 40
        await migrate.migrate(database.owner, SCHEMA, target="base")
        assert {name for name, rows in (await described(database.owner)).items() if rows} == set()
        await migrate.migrate(database.owner, SCHEMA, database.service, name="test")
    registry = await Registry.open(Settings(), database.service)
    assert await registry.head() == 0
    await registry.close()


async def test_two_that_migrate_at_once(empty: Make) -> None:
    """The second waits, and finds nothing left to do."""
    database = await empty()
    await asyncio.gather(
        *(migrate.migrate(database.owner, SCHEMA, database.service, name=name) for name in ("first", "second", "third"))
    )
    connection = await migrate.connect(database.service, SCHEMA)
    assert await connection.fetchval("select count(*) from registry") == 1
    assert await connection.fetchval("select name from registry") in {"first", "second", "third"}
    await connection.close()


async def test_a_stranger_in_the_schema_stops_the_owner(empty: Make) -> None:
    """A function or operator of the service role, in wait for the owner's next statement, is not met by it."""
    database = await empty()
    await migrate.migrate(database.owner, SCHEMA, database.service, name="test")
    connection = await migrate.connect(database.service, SCHEMA)
    await connection.execute("create function cover_events(integer) returns bigint language sql as 'select 1'")
    await connection.execute("create function same(varchar, varchar) returns boolean language sql as 'select true'")
    await connection.execute("create operator = (leftarg = varchar, rightarg = varchar, function = same)")
    with pytest.raises(ConfigError, match=r"not the owner's.*cover_events\(integer\).*=\(character varying"):
        await migrate.migrate(database.owner, SCHEMA, database.service)
    await connection.execute("drop operator = (varchar, varchar)")
    await connection.execute("drop function cover_events(integer), same(varchar, varchar)")
    await connection.close()
    await migrate.migrate(database.owner, SCHEMA, database.service)


async def test_the_alembic_command_works_from_the_checkout(database: Database) -> None:
    """With pyproject's [tool.alembic], as the owner."""

    async def alembic(*words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("alembic"),
            *words,
            cwd=ROOT,
            env={**os.environ, "MENGFU_OWNER_DATABASE_URL": database.owner},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told = (await process.communicate())[0].decode()
        assert process.returncode == 0, told
        return told

    assert f"{migrate.newest()} (head)" in await alembic("current")
    await alembic("downgrade", "base")
    assert await revision(database.owner) is None
    await alembic("upgrade", "head")
    assert await revision(database.owner) == migrate.newest()
