"""What holds of a log at any time, checked from outside: by reading the tables, not by asking the registry."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import fold
from service.projections.bitemporal import Bitemporal
from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.states import Shape
from service.registry import DECODERS
from service.registry.memory import assemble
from service.store import line as lines
from service.store import sql
from service.tlog import tree


async def check(url: str) -> list[tuple[Ref, Recorded]]:
    """Every record in order, after checking all that must hold of the log and its projections.

    Positions and versions are dense, times do not go back, line and columns agree, the edge is the tree's over the
    lines, and every projection row is what a fresh fold gives.
    """
    connection = await asyncpg.connect(url, server_settings={"search_path": "mengfu"})
    try:
        rows = await connection.fetch("select * from events order by position")
        head = await connection.fetchrow("select * from head")
        streams = {row["id"]: row for row in await connection.fetch("select * from streams")}
        records: list[tuple[Ref, Recorded]] = []
        by_stream: dict[Ref, list[Recorded]] = defaultdict(list)
        for index, row in enumerate(rows, start=1):
            ref, outer, recorded = lines.decode(row["line"], DECODERS)
            assert row["position"] == recorded.sequence == index
            assert row["stream"] == ref.id
            assert row["version"] == recorded.version == len(by_stream[ref]) + 1
            assert (row["type"], row["effective"]) == (outer.type, recorded.effective)
            assert row["time"] == recorded.time
            assert not records or records[-1][1].time <= recorded.time
            records.append((ref, recorded))
            by_stream[ref].append(recorded)
        assert head is not None
        assert head["position"] == len(records)
        edge = tree.append(0, [], [tree.leaf_hash(row["line"]) for row in rows])
        assert head["edge"] == b"".join(edge)
        assert {ref.id: (ref.category, len(held)) for ref, held in by_stream.items()} == {
            id: (row["category"], row["version"]) for id, row in streams.items()
        }
        await check_projections(connection, by_stream)
        return records
    finally:
        await connection.close()


async def check_projections(connection: Any, by_stream: dict[Ref, list[Recorded]]) -> None:
    """Every row of every inline projection is what folding its stream from the log gives."""
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    folded = {ref: fold(DECIDERS[ref.category], held, today) for ref, held in by_stream.items()}
    shapes = {category: Shape.of(decider) for category, decider in DECIDERS.items()}
    stored = assemble(shapes, await connection.fetch(sql("read"), [ref.id for ref in folded], [0] * len(folded)))
    assert stored == folded
    for projection in INLINE:
        want = {
            row
            for ref, state in folded.items()
            if ref.category in projection.categories
            for row in projection.rows(ref, state)
        }
        rows = await connection.fetch(f"select * from {projection.table}")  # noqa: S608  # a table's name
        assert {tuple(row) for row in rows} == want, projection.name


async def check_following(url: str, tables: Sequence[Bitemporal] = FOLLOWING) -> None:
    """Every row of following projections is what the log gives from the beginning, up to each one's own position."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "mengfu"})
    try:
        positions = {row["name"]: row["position"] for row in await connection.fetch("select * from p_projections")}
        by_stream: dict[Ref, list[Recorded]] = defaultdict(list)
        for row in await connection.fetch("select line from events order by position"):
            ref, _, recorded = lines.decode(row["line"], DECODERS)
            by_stream[ref].append(recorded)
        for table in tables:
            want = [
                row
                for ref, held in by_stream.items()
                for row in table.of(
                    DECIDERS[ref.category],
                    ref,
                    [recorded for recorded in held if recorded.sequence <= positions[table.name]],
                    dt.date.max,
                )
            ]
            rows = await connection.fetch(f"select * from {table.table}")  # noqa: S608  # a table's name
            assert len(rows) == len(want), table.name
            assert {tuple(row) for row in rows} == set(want), table.name
    finally:
        await connection.close()
