"""How projection tables come to be: a new table is filled from the log beside the live one, and takes its name.

Writers and readers go on meanwhile. Most of the work is done without any lock on what they use: the fill, the indexes,
then rounds over the streams that have moved since. Only the exchange of names holds the live table and the head's row,
for the few streams that moved in the last milliseconds; table by table, so that nobody who joins two of them can wait
in a circle. It takes the table first and the head's row then, as the append does. Where somebody else's lock is in the
way (a backup's, a long question's) it lets go at once and tries again: whoever comes meanwhile waits for a moment, not
for that lock. A process that is frozen in the middle of it loses its locks after `FROZEN`.

Prepared statements find the new table by its name. Who waited for the old one reads the new one as it stands after the
exchange, for a statement takes its snapshot when it has its locks. A transaction that keeps one snapshot
(`repeatable read`) has to lock the tables before its first statement, or else it may meet a table younger than it.

A following projection has a position of its own: its new table takes the name as of where it was filled, or where the
live one stands if that is further, and the log is followed from there. One that an event stops takes it as of before
that event.

One process rebuilds at a time. It ends between any two statements without harm: tables that have their names are
complete, and what stands beside them is dropped by the next one, which starts again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from itertools import cycle
from typing import Any, TypeAlias

import asyncpg
import structlog

from service.domain.decider import Decider
from service.projections import Projection, Table, filling
from service.projections.filling import Advance, Elsewhere, Stop, Tables
from service.projections.renewing import Renewing
from service.store import sql

log = structlog.get_logger(__name__)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Progress: TypeAlias = Callable[[str, int], AbstractContextManager[Advance]]


def untold(_what: str, _total: int) -> AbstractContextManager[Advance]:
    """The progress that nobody is told."""
    return nullcontext(lambda _: None)


FEW = 100
"""Streams whose rows are made anew in one go; no more than so many may be left for the exchange of names."""
ROUNDS = 20
"""Rounds before an exchange, where writers move as many streams in each as they did in the one before."""
PATIENCE = (0.1,) * 9 + (1.5,)
"""Seconds that an exchange waits for a lock, time after time: everybody who comes waits behind it. Once in a while for
longer than `deadlock_timeout` (1 s), after which PostgreSQL takes its own vacuum out of the way."""
PAUSE = 10
"""How many times as long everybody else has the table for themselves after that."""
FROZEN = 5
"""Seconds after which PostgreSQL ends the session of a process that stopped in the middle of an exchange."""

STANDS = """
select position from p_projections where name = $1 and fingerprint = $2 and stopped is null for update
"""
"""How far the live table of a following projection has come; it goes no further before the exchange."""

SETTINGS = "set synchronous_commit = off; set plan_cache_mode = force_custom_plan"
"""For a connection that fills: what it stores is nobody's before the exchange, which is durable; and no two pages of a
log are alike to the planner."""

BUILT = """
create table if not exists p_projections (
  name text primary key, fingerprint text not null, position bigint not null, day date not null, stopped text,
  goal bigint not null default 0
);
alter table p_projections add column if not exists goal bigint not null default 0
"""
"""What is known of each projection's table: which code filled it, when, and how much of the log it has reached.

Of one that is advanced in the append `position` is where it was filled: it has always reached the log's end. One that
follows may be read as whole from the position `goal` on, which was the log's end when it was begun.
"""


async def ensure(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    elsewhere: Elsewhere | None = None,
    progress: Progress = untold,
) -> list[str]:
    """Make the tables that are missing or were filled by other code; answers their names. One query where none is.

    `progress` tells people that "rebuilding" so many lines is under way, and gives the `advance` of it.

    A process of other code that still runs does not know of this. Where a table has other columns, its appends that
    touch the table are refused by the database from the exchange on: its callers are told that nothing was recorded,
    and nothing is. Where only the rows' meaning is another, it writes on as it understands them, and a projection that
    it doesn't know stays as it was filled: `verify` finds that. So processes of the old code have to end before the
    new ones start, or `mengfu rebuild` has to run after them.
    """
    if not await stale(connection, projections):
        return []
    async with alone(connection):
        wanted = await stale(connection, projections)
        head = await _head(connection)
        if wanted and head:
            log.info("projections are made from the log", names=[projection.name for projection in wanted])
        with progress("rebuilding", head) if wanted and head else nullcontext(lambda _: None) as advance:
            await rebuild(connection, wanted, deciders, decoders, advance, elsewhere)
    return [projection.name for projection in wanted]


async def begin(connection: Connection, projections: Sequence[Table]) -> list[str]:
    """Make the tables of following projections that are missing or were filled by other code; answers their names.

    They begin empty, at position 0, and fill as the log is followed: a start does not wait for them, and an event that
    one of them cannot take stops that one alone. Nobody reads them as whole before they have come to where the log ends
    now (`aim.sql`); a process that is killed meanwhile loses nothing.
    """
    await _prepare(connection)
    if not await stale(connection, projections):
        return []
    async with alone(connection), connection.transaction():
        wanted = await stale(connection, projections)
        for projection in wanted:
            await connection.execute(f"drop table if exists {projection.table}")
            for statement in projection.create():
                await connection.execute(statement)
            await _told(connection, projection, 0)
    return [projection.name for projection in wanted]


async def stale(connection: Connection, projections: Sequence[Table]) -> list[Table]:
    """Those whose table is missing, or was filled by other code."""
    try:
        rows = await connection.fetch(
            "select name, fingerprint from p_projections where to_regclass('p_' || name) is not null"
        )
    except asyncpg.UndefinedTableError:
        rows = []
    stored = {row["name"]: row["fingerprint"] for row in rows}
    return [projection for projection in projections if stored.get(projection.name) != projection.fingerprint]


@asynccontextmanager
async def alone(connection: Connection, told: Callable[[str], None] = log.warning) -> AsyncIterator[None]:
    """Be the only one that rebuilds in this schema; where another is at it, say so (`told`) and wait.

    The lock is the session's: with the connection go the lock and all further writing to the new tables.
    """
    lock = "hashtext('mengfu rebuild'), hashtext(current_schema())"
    if not await connection.fetchval(f"select pg_try_advisory_lock({lock})"):
        told("another process is rebuilding projections: waiting for its end")
        await connection.execute(f"select pg_advisory_lock({lock})")
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute(f"select pg_advisory_unlock({lock})")


async def rebuild(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    advance: Advance = lambda _: None,
    elsewhere: Elsewhere | None = None,
) -> list[Stop]:
    """Make the tables of these projections anew from the log, each stream folded once for all of them.

    The caller is `alone`. `advance` is told how many lines have been read. A long log is shared with the processes that
    are to be had `elsewhere`. Answers the following projections that an event has stopped: that one of them cannot take
    an event hinders no other. Raises UnreadableError for a line that no projection can take.
    """
    await connection.execute(SETTINGS)
    # The backend of a killed process must not go on for minutes, with the lock, to make an index that nobody wants.
    with suppress(asyncpg.InvalidParameterValueError):  # not every platform can look
        await connection.execute("set client_connection_check_interval = '1s'")
    await _prepare(connection)
    left = await connection.fetch(
        "select c.oid::regclass::text as name from pg_class c "
        "where c.relkind = 'r' and c.relname like 'p\\_%\\_\\_new\\_%' "
        "and c.relnamespace = current_schema()::regnamespace"
    )
    for row in left:
        await connection.execute(f"drop table {row['name']}")
    tables = Tables(connection, deciders, decoders)
    position = await _head(connection)
    await tables.make(projections, position, advance, elsewhere)
    # Those that follow come first: the fewer lines have been recorded since, the less they are behind the live ones.
    # What is left to them is made under their own locks, which hold up the follower alone; an inline one's hold up all.
    following = [one for one in projections if not isinstance(one, Projection)]
    inline = [one for one in projections if isinstance(one, Projection)]
    renewing = Renewing(tables)
    position = await _catch_up(renewing, projections, position)
    for projection in following:
        await _exchange(renewing, [], projection, position)
    for index, projection in enumerate(inline):
        position = await _exchange(renewing, inline[index:], projection, position)
    for name in ("synchronous_commit", "plan_cache_mode", "client_connection_check_interval"):
        await connection.execute(f"reset {name}")
    if position >= filling.LARGE:
        await vacuum(connection, projections)
    return list(tables.settled.values())


async def vacuum(connection: Connection, projections: Sequence[Table]) -> None:
    """Note which pages of large tables that were filled hold nothing but what everybody sees.

    Until somebody has, what an index could answer alone is looked up in the table all the same, row by row; and
    PostgreSQL comes round to it some minutes later, while others ask.
    """
    for projection in projections:
        await connection.execute(f"vacuum {projection.table}")


async def _prepare(connection: Connection) -> None:
    """Make the table in which the projections stand, or bring it up to date."""
    column = "attrelid = to_regclass('p_projections') and attname = 'goal'"
    if not await connection.fetchval(f"select exists (select from pg_attribute where {column})"):
        await connection.execute(BUILT)


async def _head(connection: Connection, lock: str = "") -> int:
    position: int = await connection.fetchval(f"select position from head{lock}")
    return position


async def _moved(renewing: Renewing, projections: Sequence[Table], after: int, upto: int, *, keep: bool = True) -> int:
    """Renew the rows of the streams that moved between two positions; answers how many streams those were."""
    count, last = 0, None
    while True:
        found = await renewing.tables.connection.fetch(sql("moved"), after, upto, last, FEW)
        if found:
            await renewing.renew(projections, [row["stream"] for row in found], upto, keep=keep)
            last = found[-1]["stream"]
        count += len(found)
        if len(found) < FEW:
            return count


async def _catch_up(renewing: Renewing, projections: Sequence[Table], position: int) -> int:
    """Follow the log until little is left between the tables and its end; answers the position reached."""
    last = None
    for _ in range(ROUNDS):
        head = await _head(renewing.tables.connection)
        moved = await _moved(renewing, projections, position, head)
        position = head
        if moved <= FEW // 10 or (moved <= FEW and last is not None and moved >= last):
            break
        last = moved
    return position


async def _exchange(renewing: Renewing, left: Sequence[Table], first: Table, position: int) -> int:
    """Bring those left after the log, and give the first its name; answers the position that they have reached."""
    for patience in cycle(PATIENCE):
        if left:
            position = await _catch_up(renewing, left, position)
        if first.name in renewing.tables.stops:
            await renewing.tables.refill(first)
        try:
            if await _swap(renewing, first, position, patience):
                break
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            log.info("somebody else's lock is in the way of an exchange: trying again", table=first.table)
            await asyncio.sleep(patience * PAUSE)
    return position


async def _swap(renewing: Renewing, projection: Table, position: int, patience: float) -> bool:
    """In one transaction: lock, follow the log as far as the live table has, exchange the names.

    Answers False, and exchanges nothing, where an event has stopped a following projection since its table was filled.
    """
    tables = renewing.tables
    connection, table = tables.connection, projection.table
    async with connection.transaction():
        await connection.execute(
            f"set local lock_timeout = {int(patience * 1000)}; set local synchronous_commit = on; "
            f"set local idle_in_transaction_session_timeout = '{FROZEN}s'"
        )
        if await connection.fetchval("select to_regclass($1)", table) is not None:
            await connection.execute(f"lock table {table} in access exclusive mode")
        if isinstance(projection, Projection):
            live: int = await _head(connection, " for update")
        else:
            live = await connection.fetchval(STANDS, projection.name, projection.fingerprint) or 0
        stop = tables.settled.get(projection.name)
        if stop is None:
            if live > position:
                await _moved(renewing, [projection], position, live, keep=False)
            if projection.name in tables.stops:
                return False
            await _place(tables, projection, max(live, position))
        else:
            await _place(tables, projection, stop.sequence - 1, live, stop.said)
    return True


async def fill(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    progress: Progress = untold,
) -> None:
    """Make the tables anew, within the caller's transaction, which holds the head's row: all or nothing with it."""
    head = await _head(connection)
    await _prepare(connection)
    tables = Tables(connection, deciders, decoders)
    with progress("rebuilding", head) as advance:
        await tables.make(projections, head, advance)
    for projection in projections:
        await _place(tables, projection, head)


async def _place(tables: Tables, projection: Table, reached: int, goal: int = 0, stopped: str | None = None) -> None:
    """Put the new table in the live one's place, with its indexes' names, and write down what it is."""
    connection, table, new = tables.connection, projection.table, tables.new(projection)
    await connection.execute(f"drop table if exists {table}; alter table {new} rename to {table}")
    indexes = await connection.fetch(
        "select c.oid::regclass::text as name, c.relname from pg_index i join pg_class c on c.oid = i.indexrelid "
        "where i.indrelid = $1::regclass",
        table,
    )
    for row in indexes:
        # PostgreSQL cuts long names, in the middle of the mark if it must.
        name = re.sub(r"__new_[0-9a-f]*", "", row["relname"])
        await connection.execute(f'alter index {row["name"]} rename to "{name}"')
    await _told(connection, projection, reached, goal, stopped)


async def _told(
    connection: Connection, projection: Table, reached: int, goal: int = 0, stopped: str | None = None
) -> None:
    """Write down which code has filled the table, how far, from where on it is whole, and what stopped it."""
    await connection.execute(
        "insert into p_projections (name, fingerprint, position, day, goal, stopped) "
        "values ($1, $2, $3, (now() at time zone 'Asia/Shanghai')::date, $4, $5) "
        "on conflict (name) do update set fingerprint = excluded.fingerprint, position = excluded.position, "
        "day = excluded.day, goal = excluded.goal, stopped = excluded.stopped",
        projection.name,
        projection.fingerprint,
        reached,
        goal,
        stopped,
    )
