"""How projection tables come to be: made by their own files, filled from the log.

A table that is missing is made and filled in one transaction that holds the head's row, so that no event passes by. A
table whose fingerprint differs from the code's was filled by another version, and is made and filled again. Those of
following projections are made empty, and fill as they follow the log from its beginning.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from service.domain.decider import Decider, Recorded, Ref
from service.projections import Row, Table
from service.store import line as lines
from service.store import sql

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
STEP = 500

BUILT = """
create table if not exists p_projections (
  name text primary key, fingerprint text not null, position bigint not null, day date not null, stopped text
)
"""
"""What is known of each projection's table: which code filled it, with the log up to which position, as of which day.

Rows of a stream that has moved since are those of the day on which it last moved.
"""


async def ensure(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    today: date,
) -> list[str]:
    """Make and fill the tables that are missing or were filled by other code; answers their names."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('mengfu.' || current_schema()))")
        await connection.execute(BUILT)
        rows = await connection.fetch("select name, fingerprint from p_projections")
        stored = {row["name"]: row["fingerprint"] for row in rows}
        stale = [p for p in projections if stored.get(p.name) != p.fingerprint]
        if not stale:
            return []
        await connection.execute("select position from head for update")
        await fill(connection, stale, deciders, decoders, today)
        return [p.name for p in stale]


async def begin(connection: Connection, projections: Sequence[Table], today: date) -> list[str]:
    """Make the tables of following projections that are missing or were filled by other code; answers their names.

    They begin empty, at position 0: the log is followed from there, beside those who write, with no lock on the head.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('mengfu.' || current_schema()))")
        rows = await connection.fetch("select name, fingerprint from p_projections")
        stored = {row["name"]: row["fingerprint"] for row in rows}
        stale = [p for p in projections if stored.get(p.name) != p.fingerprint]
        for projection in stale:
            await connection.execute(f"drop table if exists {projection.table}")
            for statement in projection.create():
                await connection.execute(statement)
            await connection.execute(
                "insert into p_projections (name, fingerprint, position, day) values ($1, $2, 0, $3) "
                "on conflict (name) do update set fingerprint = $2, position = 0, day = $3, stopped = null",
                projection.name,
                projection.fingerprint,
                today,
            )
        return [p.name for p in stale]


async def fill(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    today: date,
) -> None:
    """Make the tables anew and fill them from the log, stream by stream. Runs in the caller's transaction."""
    for projection in projections:
        await connection.execute(f"drop table if exists {projection.table}")
        for statement in projection.create():
            await connection.execute(statement)
    stream: Ref | None = None
    records: list[Recorded] = []
    waiting: list[tuple[Ref, list[Recorded]]] = []
    async for row in connection.cursor(sql("by_stream"), prefetch=STEP):
        ref, _, recorded = lines.decode(row["line"], decoders)
        if ref != stream:
            if stream is not None:
                waiting.append((stream, records))
            stream, records = ref, []
            if len(waiting) >= STEP:
                await _put(connection, projections, deciders, waiting, today)
                waiting = []
        records.append(recorded)
    if stream is not None:
        waiting.append((stream, records))
    await _put(connection, projections, deciders, waiting, today)
    for projection in projections:
        await connection.execute(
            "insert into p_projections (name, fingerprint, position, day) "
            "select $1::text, $2::text, position, $3::date from head "
            "on conflict (name) do update set fingerprint = $2, position = excluded.position, day = $3, stopped = null",
            projection.name,
            projection.fingerprint,
            today,
        )


async def _put(
    connection: Connection,
    projections: Sequence[Table],
    deciders: Mapping[str, Decider[Any]],
    streams: Iterable[tuple[Ref, list[Recorded]]],
    today: date,
) -> None:
    """Store the rows of some whole streams."""
    rows: dict[str, list[Row]] = {projection.table: [] for projection in projections}
    for ref, records in streams:
        for projection in projections:
            rows[projection.table] += projection.of(deciders[ref.category], ref, records, today)
    for projection in projections:
        columns = [name for name, _ in projection.columns]
        await connection.copy_records_to_table(projection.table, records=rows[projection.table], columns=columns)
