"""A whole log of finished lines into an empty registry: bytes and positions are kept, all of it or nothing.

One transaction holds the head from beginning to end, so a killed import leaves no trace, and whoever writes meanwhile
waits and then decides anew. Lines go in by COPY, one chunk while the next one is checked. Of the streams only so many
versions are remembered at a time; the others stand in their table already.
"""

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from service.domain.decider import Decider
from service.projections import Projection, building
from service.store import sql
from service.store.checking import CATEGORIES, COLUMNS, POSITION, STREAM, TYPE, VERSION, Checker, Row
from service.store.line import LineError
from service.tlog import tree

__all__ = ["ANY", "Copied", "LineError", "Meant", "NotEmpty", "OtherLog", "copy"]

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SLICE = 100
"""Lines that are checked without giving way."""

STREAMS = 100_000
"""Streams whose versions are remembered at a time."""


class NotEmpty(Exception):
    """The registry has events already; the message says how many, and what to do."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"this registry has {position:,} events, and a log can be taken into an empty one alone: "
            "choose another --home, or another MENGFU_SCHEMA"
        )


class OtherLog(Exception):
    """The lines are good, and not those that were meant; the message says in what."""


class Copied(NamedTuple):
    """Where the log ends now: its position, the last line's time, and the root of the tree over all lines."""

    position: int
    time: datetime
    root: bytes


class Meant(NamedTuple):
    """Which log is to be taken in, as far as it is known: the root of the tree over all lines, their number."""

    root: bytes | None = None
    size: int | None = None

    def check(self, size: int, root: bytes) -> None:
        """Raises OtherLog where these are not they."""
        if self.size not in {None, size}:
            raise OtherLog(
                f"there are {size:,} lines, and {self.size:,} were said: the log was cut off, or is another one"
            )
        if self.root not in {None, root}:
            raise OtherLog(
                f"the root of the tree over the {size:,} lines is {root.hex()}, and {self.root.hex()} was said: "
                "the log was cut off or altered, or is another one"
            )


ANY = Meant()


class Streams:
    """The versions that the streams have reached: those that were used last here, the others in their table."""

    def __init__(self, connection: Connection, *, stored: bool = False) -> None:
        """`stored` says that there are streams already."""
        self._connection = connection
        self._held: dict[str, tuple[str, int]] = {}
        self._stored = stored

    async def advance(self, rows: Iterable[Row]) -> None:
        """Take the next lines of their streams; refuses one that is not its stream's next."""
        rows = list(rows)
        if self._stored:
            await self._recall({row[STREAM] for row in rows} - self._held.keys())
        held = self._held
        for row in rows:
            category, before = held.get(row[STREAM], (CATEGORIES[row[TYPE]], 0))
            if category != CATEGORIES[row[TYPE]]:
                wrong = f"its stream's id {row[STREAM]} is that of {category}/{row[STREAM]} already"
                raise LineError(row[POSITION], wrong)
            if row[VERSION] != before + 1:
                wrong = f"its streamversion is {row[VERSION]}, and its stream stands at {before}: events are missing"
                raise LineError(row[POSITION], wrong)
            held[row[STREAM]] = (category, row[VERSION])
        if len(held) > STREAMS:
            await self.store()

    async def store(self) -> None:
        """Put what is held into the table."""
        if not self._held:
            return
        ids = [UUID(id) for id in self._held]
        categories, versions = zip(*self._held.values(), strict=True)
        await self._connection.execute(sql("put_streams"), ids, categories, versions)
        self._held.clear()
        self._stored = True

    async def _recall(self, ids: Iterable[str]) -> None:
        for row in await self._connection.fetch(sql("versions"), list(ids)):
            self._held[str(row["id"])] = (row["category"], row["version"])


async def refer(connection: Connection, rows: Sequence[Row], named: Sequence[tuple[int, ...]]) -> None:
    """Refuse a line that corrects or attests what is no earlier event of its stream; all lines before are stored."""
    streams = {row[POSITION]: row[STREAM] for row in rows}
    wanted = {sequence for sequences in named for sequence in sequences if sequence < rows[0][POSITION]}
    if wanted:
        streams |= {at: str(stream) for at, stream in await connection.fetch(sql("named"), list(wanted))}
    for row, sequences in zip(rows, named, strict=True):
        for sequence in sequences:
            if sequence >= row[POSITION] or streams.get(sequence) != row[STREAM]:
                wrong = f"it corrects or attests event {sequence}, which is no earlier one of its stream"
                raise LineError(row[POSITION], wrong)


async def copy(
    connection: Connection,
    chunks: AsyncIterable[Sequence[bytes]],
    decoders: Mapping[str, Any],
    deciders: Mapping[str, Decider[Any]],
    inline: Sequence[Projection],
    meant: Meant = ANY,
    progress: building.Progress = building.untold,
) -> Copied:
    """Copy the lines, in chunks and without LF, into the empty registry of the connection, and fill its projections.

    `progress` tells people how far the projections are.

    Raises NotEmpty, LineError for the first line that is wrong, OtherLog where they are not those that are `meant`, and
    what the chunks raise; nothing is stored then.
    """
    async with connection.transaction():
        if inline:
            # Before the head's row, as the append takes them: whoever appends meanwhile waits for a table, and holds
            # nothing that filling them needs.
            names = ", ".join(projection.table for projection in inline)
            await connection.execute(f"lock table {names} in share row exclusive mode")
        head = await connection.fetchrow(sql("lock_head"))
        assert head is not None  # noqa: S101 -- the head is one row
        if head["position"]:
            raise NotEmpty(head["position"])
        checker, streams, edge = Checker(decoders), Streams(connection), list[bytes]()
        covered = head["covered"]
        copying: asyncio.Task[Any] | None = None
        try:
            async for chunk in chunks:
                if not chunk:
                    continue
                before = checker.position
                checked: list[tuple[Row, tuple[int, ...]]] = []
                for start in range(0, len(chunk), SLICE):
                    checked += map(checker.check, chunk[start : start + SLICE])
                    await asyncio.sleep(0)  # lets the COPY of the chunk before go on
                rows, named = zip(*checked, strict=True)
                edge = tree.append(before, edge, map(tree.leaf_hash, chunk))
                if copying is not None:
                    await copying
                await streams.advance(rows)
                if any(named):
                    await refer(connection, rows, named)
                if checker.position > covered:
                    covered = await connection.fetchval("select cover_events($1)", checker.position)
                copying = asyncio.create_task(
                    connection.copy_records_to_table("events", records=rows, columns=list(COLUMNS))
                )
            if copying is not None:
                await copying
        finally:
            if copying is not None:
                with suppress(Exception):
                    await copying
        meant.check(checker.position, tree.root(checker.position, edge))
        if not checker.position:
            return Copied(0, checker.time, tree.root(0, edge))
        await streams.store()
        if (same := await connection.fetchrow(sql("same_id"))) is not None:
            raise LineError(same["next"], f"it has the id of line {same['first']}")
        await connection.execute(sql("move_head"), checker.position, checker.time, b"".join(edge), 0)
        if inline:
            await building.fill(connection, inline, deciders, decoders, progress)
    return Copied(checker.position, checker.time, tree.root(checker.position, edge))
