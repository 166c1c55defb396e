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
ADD = "insert into events select $1, stream, version, type, time, effective, actor, correction, line from events limit 1"


@pytest.fixture
async def cut(database: Database) -> Database:
    """A database whose log is cut into partitions of 25 positions, and empty."""
    owner = await migrate.connect(database.owner, SCHEMA)
    for (part,) in await partitions(owner, "events"):
        await owner.execute(f"drop table {part}")
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
    """The partitions of a table, by name, with their bounds and the triggers that they bear."""
    rows: list[Any] = await connection.fetch(
        """
        select c.relname::text, pg_get_expr(c.relpartbound, c.oid) as bound,
          array(select pg_get_triggerdef(t.oid) from pg_trigger t where t.tgrelid = c.oid and t.tgenabled = 'O') as told
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass($1) order by 1
        """,
        parent,
    )
    return [row[:1] if parent == "names" else row for row in rows]
