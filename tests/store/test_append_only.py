"""The log is append-only by the database's own refusal, for its owner too; the service role can do what it needs.

Asked of PostgreSQL directly, past all of the registry's own code.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.config import Settings
from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.decider import Ref
from service.domain.values import PrintedName
from service.registry import SELF, Done, Order, Registry
from service.store import migrate
from tests.conftest import Database
from tests.registry.invariants import check

SCHEMA = Settings().schema
SPAN = 25

# What would change a stored line, by every way that SQL has; {0} is the table.
CHANGES = (
    "update {0} set line = 'x'",
    "update only {0} set type = type",
    "update {0} set position = position + 1000000 where position = 1",
    "update {0} set type = 'x' where false",
    "delete from {0}",
    "delete from only {0} where position = 1",
    "delete from {0} using head where false",
    "truncate {0}",
    "truncate only {0}",
    "truncate {0} cascade",
    "truncate streams, {0}",
    "with gone as (delete from {0} returning 1) select count(*) from gone",
    "merge into {0} e using head h on e.position = h.position when matched then delete",
    "merge into {0} e using head h on e.position = h.position when matched then update set line = 'x'",
    "insert into {0} select * from events where position = 1 on conflict (position) do update set line = 'x'",
)
ADD = (
    "insert into events select $1, stream, version, type, time, effective, actor, correction, line from events limit 1"
)


@pytest.fixture
async def cut(database: Database) -> Database:
    """A database whose log is cut into partitions of 25 positions, and empty."""
    owner = await migrate.connect(database.owner, SCHEMA)
    for row in await partitions(owner, "events"):
        await owner.execute(f"drop table {row['name']}")
    await owner.execute("update registry set span = $1, covered = 0", SPAN)
    await owner.close()
    return database


@pytest.fixture
async def small(cut: Database) -> AsyncIterator[Registry]:
    """A registry on it that makes few partitions ahead."""
    registry = await Registry.open(Settings(batch=4), cut.service)
    try:
        yield registry
    finally:
        await registry.close()


async def partitions(connection: Any, parent: str) -> list[Any]:
    """The partitions of a table in order: name, bounds, and the definitions of the enabled triggers they bear."""
    rows: list[Any] = await connection.fetch(
        """
        select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound,
          array(select pg_get_triggerdef(t.oid) from pg_trigger t where t.tgrelid = c.oid and t.tgenabled = 'O') as told
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass($1) order by 1
        """,
        parent,
    )
    return rows


async def refused(connection: Any, statement: str, error: type[Exception]) -> str:
    """Run a statement that must fail with this error; answers the message."""
    with pytest.raises(error) as caught:
        await connection.execute(statement)
    return str(caught.value)


async def record(registry: Registry, count: int, callers: int = 8) -> list[Done]:
    """Register two agreements and record clauses on them, by many callers at a time."""
    refs = [Ref("agreements", uuid4()) for _ in range(2)]
    for ref in refs:
        command = Register(title=PrintedName(printed="test data"))
        await registry.execute([Order(ref=ref, command=command, creates=True)], actor=SELF)
    numbers = iter(range(count))

    async def call() -> list[Done]:
        done: list[Done] = []
        for number in numbers:
            order = Order(ref=refs[number % 2], command=RecordClause(text=f"text {number}"))
            done += await registry.execute([order], actor=SELF)
        return done

    return [done for each in await asyncio.gather(*(call() for _ in range(callers))) for done in each]


async def test_no_line_can_be_changed(small: Registry, cut: Database) -> None:
    """Every way of changing or deleting is refused on the parent and on every partition, whoever asks."""
    await record(small, 3)
    owner = await migrate.connect(cut.owner, SCHEMA)
    superuser = await migrate.connect(cut.superuser, SCHEMA)
    service = await migrate.connect(cut.service, SCHEMA)
    await owner.execute("select cover_events(1000)")
    await superuser.execute(ADD, 990)
    before = await owner.fetch("select * from events order by position")
    parts = [row["name"] for row in await partitions(owner, "events")]
    assert len(parts) == 1000 / SPAN
    for table in ("events", parts[0], parts[1], parts[-1]):
        for change in CHANGES:
            if table == "events" and "truncate only" in change:
                continue  # a parent alone holds nothing: that is an error by itself
            for connection in (owner, superuser):
                told = await refused(connection, change.format(table), asyncpg.RestrictViolationError)
                assert "the log is append-only" in told, change
            await refused(service, change.format(table), asyncpg.InsufficientPrivilegeError)
    for part in parts:
        for change in ("update {0} set line = 'x'", "delete from {0}", "truncate {0}"):
            await refused(owner, change.format(part), asyncpg.RestrictViolationError)
    assert await owner.fetch("select * from events order by position") == before
    for connection in (owner, superuser, service):
        await connection.close()


@pytest.mark.parametrize("callers", [1, 40])
async def test_a_log_over_many_partitions(small: Registry, cut: Database, callers: int) -> None:
    """Positions stay dense over the partitions' edges, and each partition refuses as the first one does."""
    done = await record(small, 8 * SPAN, callers)
    assert sorted(one.sequence for one in done) == list(range(3, 3 + 8 * SPAN))
    assert len(await check(cut.service)) == 2 + 8 * SPAN
    owner = await migrate.connect(cut.owner, SCHEMA)
    counts = await owner.fetch("select tableoid::regclass::text as part, count(*) from events group by 1 order by 1")
    assert [row["count"] for row in counts] == [SPAN] * 8 + [2]
    parts = await partitions(owner, "events")
    assert [row["bound"] for row in parts] == [
        f"FOR VALUES FROM ('{first}') TO ('{first + SPAN}')" for first in range(1, len(parts) * SPAN, SPAN)
    ]
    for row in parts:
        [trigger] = row["told"]
        assert "BEFORE DELETE OR UPDATE OR TRUNCATE" in trigger
        assert trigger.endswith("FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    await owner.close()


async def test_partitions_may_change_their_size(small: Registry, cut: Database) -> None:
    """A new span counts from the next partition on, whatever it is."""
    owner = await migrate.connect(cut.owner, SCHEMA)
    for span in (10, 20, 7, 4194304, 1):
        await owner.execute("update registry set span = $1", span)
        covered = await owner.fetchval("select covered from registry")
        assert await owner.fetchval("select cover_events($1)", covered + 1) == covered + span
        assert await owner.fetchval("select cover_events($1)", covered) == covered + span
    await owner.close()


async def test_the_service_role_may_do_no_more_than_it_needs(registry: Registry, database: Database) -> None:
    """Nothing beside reading, adding, moving versions and the head, and its own tables."""
    await record(registry, 2)
    owner = await migrate.connect(database.owner, SCHEMA)
    role = await owner.fetchval("select current_user")
    part = (await partitions(owner, "events"))[0]["name"]
    await owner.close()
    service = await migrate.connect(database.service, SCHEMA)
    for statement in (
        "update streams set category = 'parties'",
        "update streams set id = gen_random_uuid()",
        "delete from streams",
        "truncate streams",
        "update head set one = true",
        "insert into head default values",
        "delete from head",
        "truncate head",
        "update registry set name = 'other'",
        "update registry set span = 1",
        "update registry set covered = 0",
        "insert into registry (name) values ('other')",
        "delete from registry",
        "update alembic_version set version_num = '9999'",
        "update credentials set hash = ''",
        "update credentials set roles = '{administrator}'",
        "delete from credentials",
        "update accounts set label = 'x'",
        "delete from accounts",
        "update texts set body = ''",
        "delete from texts",
        "update idempotency set outcome = ''",
        "delete from idempotency",
        f"insert into {part} default values",
        f"table {part}",
        "drop table events",
        f"drop table {part}",
        "drop table head",
        "drop trigger events_refuse_change on events",
        "drop function refuse_change() cascade",
        "drop schema mengfu cascade",
        f"alter table events detach partition {part}",
        "alter table events disable trigger all",
        f"alter table {part} disable trigger all",
        "alter table events add column mine text",
        "alter table events owner to current_user",
        "alter function cover_events(bigint) owner to current_user",
        "alter function cover_events(bigint) set search_path = mengfu",
        "alter schema mengfu rename to mine",
        "create trigger mine before insert on events for each row execute function refuse_change()",
        "create rule mine as on update to events do instead nothing",
        "create index mine on events (type)",
        "create policy mine on events",
        "create or replace function refuse_change() returns trigger language plpgsql as 'begin return null; end'",
        "create or replace function cover_events(upto bigint) returns bigint language sql as 'select 1::bigint'",
        "create table mine partition of events for values from (-10) to (-1)",
        "create role mine",
        "create schema mine",
        "create database mine",
        "create extension pg_trgm",
        "alter role current_user superuser",
        f"alter role {role} password 'x'",
        f"grant {role} to current_user",
        f"set role {role}",
        "set session_replication_role = replica",
        "copy events to program 'true'",
        "copy events from '/dev/null'",
        "select pg_read_file('PG_VERSION')",
    ):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidGrantOperationError)):
            await service.execute(statement)
    await service.close()
    await check(database.service)
    assert len(await record(registry, 2)) == 2


# Traps for what the owner's functions name: each would say so if it were met.
TRAP = "language plpgsql as $$ begin raise exception 'met as %', current_user; end $$"
TRAPS = (
    "create function {0}.lpad(text, integer, text) returns text " + TRAP,
    "create function {0}.to_char(date, text) returns text " + TRAP,
    "create function {0}.to_regclass(text) returns regclass " + TRAP,
    "create function {0}.format(text, text, text) returns text " + TRAP,
    "create function {0}.format(text, text) returns text " + TRAP,
    "create function {0}.less(bigint, bigint) returns boolean " + TRAP,
    "create function {0}.more(date, integer) returns date " + TRAP,
    "create function {0}.same(oid, regclass) returns boolean " + TRAP,
    "create function {0}.before(name, text) returns boolean " + TRAP,
    "create operator {0}.< (leftarg = bigint, rightarg = bigint, function = {0}.less)",
    "create operator {0}.+ (leftarg = date, rightarg = integer, function = {0}.more)",
    "create operator {0}.= (leftarg = oid, rightarg = regclass, function = {0}.same)",
    "create operator {0}.< (leftarg = name, rightarg = text, function = {0}.before)",
    "create table {0}.pg_class (like pg_catalog.pg_class)",
    "create table {0}.pg_inherits (like pg_catalog.pg_inherits)",
)
IN_TEMP = (
    "create temp table registry (one boolean, name text, span bigint, covered bigint)",
    "insert into pg_temp.registry values (true, 'mine', 1000000, 0)",
    "create temp table events (position bigint) partition by range (position)",
    "create temp table idempotency (day date) partition by range (day)",
)


@pytest.mark.parametrize("where", ["mengfu", "pg_temp"])
async def test_the_owners_functions_meet_nothing_of_the_callers(cut: Database, where: str) -> None:
    """cover_events and turn_idempotency use PostgreSQL's own functions and the registry's own tables."""
    service = await migrate.connect(cut.service, SCHEMA)
    for statement in (*TRAPS, *IN_TEMP):
        await service.execute(statement.format(where))
    await service.execute("set search_path = pg_temp, mengfu, pg_catalog")
    if where == "mengfu":  # the traps do snap
        await refused(service, "select mengfu.lpad('1'::text, 2, '0'::text)", asyncpg.RaiseError)
    assert await service.fetchval("select mengfu.cover_events(60)") == 75
    await service.execute("select mengfu.turn_idempotency('2026-11-21')")
    assert await service.fetchval("select count(*) from pg_temp.registry where covered = 0") == 1
    await service.close()
    outside = await migrate.connect(cut.superuser, "pg_catalog")
    assert len(await partitions(outside, "mengfu.events")) == 3
    assert len(await partitions(outside, "mengfu.idempotency")) >= 3
    made = """
        select distinct tableowner from pg_tables
        where schemaname = 'mengfu' and (tablename ~ '^(events|idempotency)' or tablename = 'head')
    """
    assert len(await outside.fetch(made)) == 1
    await outside.close()


async def test_keys_are_kept_for_seven_days(database: Database) -> None:
    """Partitions of idempotency keys are made for three days and dropped when they are older than seven."""
    service = await migrate.connect(database.service, SCHEMA)
    first = dt.date(2030, 1, 1)

    async def days() -> list[dt.date]:
        names = [row["name"] for row in await partitions(service, "idempotency")]
        return [dt.datetime.strptime(name, "idempotency_%Y%m%d").date() for name in names]  # noqa: DTZ007

    def run(begin: int, end: int) -> list[dt.date]:
        return [first + dt.timedelta(number) for number in range(begin, end)]

    for number in range(12):
        today = first + dt.timedelta(number)
        for _ in range(2):
            await service.execute("select turn_idempotency($1)", today)
        assert await days() == run(max(0, number - 7), number + 3)
        await service.execute("insert into idempotency values (gen_random_uuid(), $1, gen_random_uuid(), '')", today)
    assert await service.fetchval("select count(*) from idempotency") == 8
    await service.execute("select turn_idempotency($1)", first + dt.timedelta(100))
    assert await days() == run(100, 103)
    await service.close()
