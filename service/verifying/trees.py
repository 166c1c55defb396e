"""The log's tree as it is stored, against the one over the lines: full tiles, the edge, the keys of checkpoints."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg

from service import signing
from service.store import sql
from service.tlog import note, tiles, tree
from service.tlog.note import NoteError
from service.tlog.stored import LEVELS
from service.tlog.tiles import Tile
from service.verifying.found import WrongError, differs

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class TilesAgainst:
    """Makes the full tiles of leaves that come one after another, and looks at the stored ones."""

    def __init__(self, connection: Connection) -> None:
        """No leaf has come yet."""
        self._connection = connection
        self._open: list[list[bytes]] = [[] for _ in range(LEVELS)]
        self._made = [0] * LEVELS
        self._stored: list[int] | None = None
        self.wrong: WrongError | None = None
        """The first difference."""

    async def take(self, leaves: Sequence[bytes]) -> None:
        """The next leaves."""
        self._open[0] += leaves
        made: dict[tuple[int, int], bytes] = {}
        for level, row in enumerate(self._open):
            while len(row) >= tiles.WIDTH:
                hashes = b"".join(row[: tiles.WIDTH])
                del row[: tiles.WIDTH]
                made[level, self._made[level]] = hashes
                self._made[level] += 1
                self._open[level + 1].append(tiles.root(hashes))
        if made and self.wrong is None:
            await self._compare(made, await self._ends())

    async def end(self, size: int) -> None:
        """There are so many leaves, and no more."""
        for level, stored in enumerate(await self._ends()):
            if self.wrong is None and stored > tiles.full(level, size):
                problem = f"the log has {size} lines, which fill {tiles.full(level, size)} tiles of level {level}"
                self.wrong = WrongError("tiles", Tile(level, stored - 1).path, "index", None, problem)

    async def _ends(self) -> list[int]:
        """How many tiles of each level there were when this began."""
        if self._stored is None:
            row = await self._connection.fetchrow(sql("tile_ends"), range(LEVELS))
            assert row is not None  # noqa: S101 -- the head is one row
            self._stored = row["stored"]
        return self._stored

    async def _compare(self, made: dict[tuple[int, int], bytes], ends: list[int]) -> None:
        levels, indices = zip(*made, strict=True)
        rows = await self._connection.fetch(sql("tiles_stored"), levels, indices)
        stored = {(row["level"], row["index"]): row for row in rows}
        for (level, index), hashes in made.items():
            row, path = stored.get((level, index)), Tile(level, index).path
            if row is None:
                if index < ends[level]:
                    self.wrong = WrongError(
                        "tiles", path, "index", None, "the tile is missing, and later ones are there"
                    )
                    return
            elif (differing := tiles.first_difference(hashes, row["hashes"])) is not None:
                at = index * tiles.WIDTH + differing + 1
                told = [some[32 * differing : 32 * differing + 32] for some in (row["hashes"], hashes)]
                problem = differs(*told) + "; this is the first line that is not what it was, or else the tile is not"
                self.wrong = WrongError("tiles", path, "hashes", at if level == 0 else None, problem)
                return
            elif row["root"] != tiles.root(hashes):
                self.wrong = WrongError("tiles", path, "root", None, differs(row["root"], tiles.root(hashes)))
                return


def edge_wrong(size: int, stored: bytes, edge: Sequence[bytes]) -> WrongError | None:
    """How the edge in the head differs from that over the lines, and between which lines one has changed."""
    if stored == b"".join(edge):
        return None
    root = tree.root(size, edge).hex()
    whole = tree.nodes(stored)
    if len(whole) != len(edge) or any(len(node) != 32 for node in whole):
        problem = f"its root is none: {len(stored)} bytes are no edge; that of the lines up to here is {root}"
        return WrongError("head", "", "edge", size, problem)
    start = length = 0
    heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
    for height, held, wanted in zip(heights, whole, edge, strict=True):
        start, length = start + length, 1 << height
        if held != wanted:
            break
    problem = (
        f"its root is {tree.root(size, whole).hex()}; that of the lines up to here is {root}: "
        f"a line from {start + 1} to {start + length} is not what it was, or else the edge is not"
    )
    return WrongError("head", "", "edge", size, problem)


async def check_keys(connection: Connection) -> None:
    """Each key that checkpoints are signed by: it is one, and was named by the one before it where it says so."""
    before: Any = None
    for number, row in enumerate(await connection.fetch(sql("signing_keys")), start=1):
        try:
            now = note.key(row["key"])
            if row["endorsement"] is not None and (
                before is None or signing.successor(row["endorsement"], before) != now
            ):
                raise WrongError("signing_keys", number, "endorsement", None, "it is not the key before that names it")
        except NoteError as error:
            raise WrongError("signing_keys", number, "key", None, str(error)) from None
        before = now
