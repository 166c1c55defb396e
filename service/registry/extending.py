"""Finished lines of another registry's log behind those that are here: a mirror's way of growing.

Batch by batch, each in one transaction: lines, the versions of their streams, the tree's edge, inline projections. What
the lines are checked against that only the other registry can show (`prove`) is asked before the transaction begins.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from service.domain.decider import Decider
from service.projections import Projection
from service.projections.filling import Tables
from service.projections.renewing import Renewing
from service.registry.copying import SLICE, Streams, refer
from service.store import sql
from service.store.checking import COLUMNS, STREAM, Checker, Row
from service.tlog import tree

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

Prove: TypeAlias = Callable[[int, bytes], Awaitable[None]]
"""Raises where the first so many lines, with that root, are not those that were signed."""


class Elsewhere(Exception):
    """The log ends elsewhere than where it was left: another process has moved it."""


class End(NamedTuple):
    """Where the log ends: its position, the last line's time, and the edge of the tree over all lines."""

    position: int
    time: datetime
    edge: list[bytes]

    @property
    def root(self) -> bytes:
        """The root of the tree over all lines."""
        return tree.root(self.position, self.edge)


async def end(connection: Connection) -> End:
    """Where the log ends now."""
    row = await connection.fetchrow("select position, time, edge from head")
    assert row is not None  # noqa: S101 -- the head is one row
    return End(row["position"], row["time"], tree.nodes(row["edge"]))


class Extending:
    """Lines behind lines, on one connection that nobody else uses.

    After any error it is of no use any more: what it knows of long streams may be ahead of what is stored.
    """

    def __init__(
        self,
        connection: Connection,
        decoders: Mapping[str, Any],
        deciders: Mapping[str, Decider[Any]],
        inline: Sequence[Projection],
    ) -> None:
        """Nothing is stored yet."""
        self._connection = connection
        self._decoders = decoders
        self._inline = inline
        self._tables = ", ".join(one.table for one in inline)
        names = {one.name: one.table for one in inline}
        self._renewing = Renewing(Tables(connection, deciders, decoders, names))

    async def extend(self, before: End, lines: Sequence[bytes], prove: Prove, note: str | None) -> End:
        """Store the next lines behind that end of the log; `note` is the checkpoint that they are complete for, if any.

        Raises LineError for the first line that this program would not have written there, what `prove` raises, and
        Elsewhere; nothing is stored then.
        """
        checker = Checker(self._decoders, before.position, before.time)
        checked: list[tuple[Row, tuple[int, ...]]] = []
        for start in range(0, len(lines), SLICE):
            checked += map(checker.check, lines[start : start + SLICE])
            await asyncio.sleep(0)
        rows, named = zip(*checked, strict=True)
        edge = tree.append(before.position, before.edge, map(tree.leaf_hash, lines))
        after = End(checker.position, checker.time, edge)
        await prove(after.position, after.root)
        connection = self._connection
        async with connection.transaction():
            # Before the head's row, as the append takes them: whoever exchanges a table's name meanwhile waits for it.
            await connection.execute(f"lock table {self._tables} in row exclusive mode")
            head = await connection.fetchrow(sql("lock_head"))
            assert head is not None  # noqa: S101 -- the head is one row
            if (head["position"], head["edge"]) != (before.position, b"".join(before.edge)):
                raise Elsewhere(f"the log ends at {head['position']}, and was left at {before.position}")
            streams = Streams(connection, stored=True)
            await streams.advance(rows)
            if any(named):
                await refer(connection, rows, named)
            if after.position > head["covered"]:
                await connection.fetchval("select cover_events($1)", after.position)
            await connection.copy_records_to_table("events", records=rows, columns=list(COLUMNS))
            await streams.store()
            await connection.execute(
                sql("move_head"), after.position, after.time, b"".join(after.edge), before.position
            )
            ids = list(dict.fromkeys(UUID(row[STREAM]) for row in rows))
            await self._renewing.renew(self._inline, ids, after.position)
            if note is not None:
                await connection.execute(sql("mirror_served"), note)
        return after
