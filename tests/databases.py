"""Clones of the run's template, used again: a test's database is emptied for the next one, where that is all it takes.

To make a database and to take it away costs more than most tests. One that a test has left as the template is, but for
rows, gets the template's rows back; one in which a test has altered anything else, or in which somebody is still at
work, is dropped.
"""

import asyncio
import secrets
from collections.abc import Callable
from io import BytesIO

import asyncpg

PATIENCE = 50
"""Looks, a hundredth of a second apart, for the test's own connections to be gone."""
# What a database has of its own has ids from 16384 on, and a clone has those of its template.
SHAPE = """
select md5(string_agg(told, E'\\n' order by told)) from (
  select concat_ws(' ', 'relation', oid, relname, relkind, relowner, relacl, reloptions) from pg_class
    where oid >= 16384
  union all select concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, attisdropped, attacl)
    from pg_attribute where attrelid >= 16384 and attnum > 0
  union all select concat_ws(' ', 'default', oid, adrelid) from pg_attrdef where oid >= 16384
  union all select concat_ws(' ', 'constraint', oid, conname, convalidated) from pg_constraint where oid >= 16384
  union all select concat_ws(' ', 'trigger', oid, tgname, tgenabled) from pg_trigger where oid >= 16384
  union all select concat_ws(' ', 'function', oid, proname, md5(prosrc), proacl) from pg_proc where oid >= 16384
  union all select concat_ws(' ', 'schema', nspname, nspowner, nspacl) from pg_namespace
    where nspname !~ '^pg_(toast|temp)'
  union all select concat_ws(' ', 'settings', setrole::regrole, setconfig) from pg_db_role_setting
    where setdatabase = (select oid from pg_database where datname = current_database())
  union all select concat_ws(' ', 'database', datacl, datallowconn, datconnlimit) from pg_database
    where datname = current_database()
  union all select concat_ws(' ', 'extension', extname) from pg_extension
) shape (told)
"""
"""All that a test might alter beside rows."""
LARGE = 1_000_000
"""Bytes from which on a table is truncated: the files that this makes, of indexes as well, cost more than few rows."""
FILLED = """
select n.nspname, c.relname, pg_relation_size(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid >= 16384 and c.relkind = 'r' and pg_relation_size(c.oid) > 0 and n.nspname !~ '^pg_'
order by c.oid
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type <> 'autovacuum worker'
"""


class Clones:
    """This process's clones of one template."""

    def __init__(self, address: Callable[[str], str], template: str, owner: str) -> None:
        """There are none yet. `address` is a superuser's, of the database of a name."""
        self._address, self._template, self._owner = address, template, owner
        self._free: list[str] = []
        self._shape = ""
        self._rows: dict[tuple[str, str], bytes] = {}

    async def take(self) -> str:
        """The name of a database that is as the template is."""
        if self._free:
            return self._free.pop()
        name = f"t_{secrets.token_hex(6)}"
        server = await asyncpg.connect(self._address("postgres"))
        try:
            await server.execute(f"create database {name} template {self._template} owner {self._owner}")
        finally:
            await server.close()
        if not self._shape:
            connection = await asyncpg.connect(self._address(name))
            try:
                self._shape = await connection.fetchval(SHAPE)
                for schema, table, _ in await connection.fetch(FILLED):
                    rows = BytesIO()
                    await connection.copy_from_table(table, schema_name=schema, output=rows, format="binary")
                    self._rows[schema, table] = rows.getvalue()
            finally:
                await connection.close()
        return name

    async def give_back(self, name: str) -> None:
        """The test is over that had this database."""
        try:
            kept = await self._emptied(name)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            kept = False
        if kept:
            self._free.append(name)
        else:
            await self._drop([name])

    async def close(self) -> None:
        """Take away what is free."""
        await self._drop(self._free)
        self._free.clear()

    async def _drop(self, names: list[str]) -> None:
        if names:
            server = await asyncpg.connect(self._address("postgres"))
            try:
                for name in names:
                    await server.execute(f"drop database if exists {name} with (force)")
            finally:
                await server.close()

    async def _emptied(self, name: str) -> bool:
        """Give a database the template's rows; answers whether it is as the template now."""
        connection = await asyncpg.connect(self._address(name), timeout=5, command_timeout=30)
        try:
            for _ in range(PATIENCE):
                if not await connection.fetchval(OTHERS):
                    break
                await asyncio.sleep(0.01)
            else:
                return False
            if await connection.fetchval(SHAPE) != self._shape:
                return False
            filled = {f'"{schema}"."{table}"': size for schema, table, size in await connection.fetch(FILLED)}
            # Rows come to stand where others were deleted, and some tests look at a state's parts in the table's order.
            large = [table for table, size in filled.items() if size > LARGE or table.endswith('."p_states"')]
            async with connection.transaction():
                # No trigger fires for a replica's rows: the log refuses to be emptied by anybody else.
                await connection.execute("set local session_replication_role = replica")
                small = [f"delete from {table}" for table in filled if table not in large]  # noqa: S608 -- names of ours
                await connection.execute("; ".join(small))
                if large:
                    await connection.execute(f"truncate {', '.join(large)} cascade")
                await connection.execute(
                    "delete from pg_statistic where starelid = any ($1::text[]::regclass[])", list(filled)
                )
                for (schema, table), rows in self._rows.items():
                    await connection.copy_to_table(table, schema_name=schema, source=BytesIO(rows), format="binary")
        finally:
            await connection.close()
        return True
