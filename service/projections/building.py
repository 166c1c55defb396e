"""How projection tables come to be: made by their own files, filled from the log.

A table that is missing is made and filled in one transaction that holds the head's row, so that no event passes by. A
table whose fingerprint differs from the code's was filled by another version, and is made and filled again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from service.domain.decider import Decider, Recorded, Ref
from service.domain.folding import fold
from service.projections import Projection, Row
from service.store import line as lines
from service.store import sql

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
STEP = 500


async def ensure(
    connection: Connection,
    projections: Sequence[Projection],
    deciders: Mapping[str, Decider[Any]],
    decoders: Mapping[str, Any],
    today: date,
) -> list[str]:
    """Make and fill the tables that are missing or were filled by other code; answers their names."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('mengfu.' || current_schema()))")
        await connection.execute(
            "create table if not exists p_fingerprints (name text primary key, fingerprint text not null)"
        )
        rows = await connection.fetch("select name, fingerprint from p_fingerprints")
        stored = {row["name"]: row["fingerprint"] for row in rows}
        stale = [p for p in projections if stored.get(p.name) != p.fingerprint]
        if not stale:
            return []
        await connection.execute("select position from head for update")
        await fill(connection, stale, deciders, decoders, today)
        return [p.name for p in stale]


async def fill(
    connection: Connection,
    projections: Sequence[Projection],
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
            "insert into p_fingerprints values ($1, $2) on conflict (name) do update set fingerprint = $2",
            projection.name,
            projection.fingerprint,
        )


async def _put(
    connection: Connection,
    projections: Sequence[Projection],
    deciders: Mapping[str, Decider[Any]],
    streams: Iterable[tuple[Ref, list[Recorded]]],
    today: date,
) -> None:
    """Store the rows of some whole streams."""
    rows: dict[str, list[Row]] = {projection.table: [] for projection in projections}
    for ref, records in streams:
        folded = fold(deciders[ref.category], records, today)
        for projection in projections:
            if ref.category in projection.categories:
                rows[projection.table] += projection.rows(ref, folded)
    for projection in projections:
        columns = [name for name, _ in projection.columns]
        await connection.copy_records_to_table(projection.table, records=rows[projection.table], columns=columns)
