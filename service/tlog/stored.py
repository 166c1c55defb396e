"""The log's tree as it is stored: full tiles, which are written once, and what is made of lines where there are none.

Tiles come after the lines (`Tiles.store`), so that nothing of them is in the way of whoever records. The tree's edge,
which every batch moves with the lines themselves, is what a checkpoint signs; a tile that is not stored yet is made of
what is below it.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import takewhile
from typing import Any

import asyncpg

from service.store import sql
from service.tlog import tiles
from service.tlog.proofs import Span
from service.tlog.tiles import Tile

LEVELS = 7
"""Levels of tiles that a log can have: 256**8 lines are more than a position counts."""
AT_ONCE = 64
"""Tiles of lines that are made in one go."""


class Unstored(Exception):
    """Tiles are still being stored; the message says how far they are."""


class Tiles:
    """The tiles of a log."""

    def __init__(self, fetch: Callable[..., Awaitable[list[asyncpg.Record]]]) -> None:
        """`fetch` runs a statement and answers its rows."""
        self._fetch = fetch

    async def rows(self, wanted: Collection[Tile]) -> dict[Tile, bytes]:
        """The hashes of tiles, all of which there are in the log. Raises Unstored."""
        found = await self._rows(wanted)
        if len(found) < len(wanted):
            covered = await self.store()
            found = await self._rows(wanted)
            if len(found) < len(wanted):
                raise Unstored(f"the tiles of the log's tree are being stored: up to line {covered:,}")
        return found

    async def proof(self, spans: Sequence[Span], size: int) -> list[bytes]:
        """The hashes of a proof (`proofs`) in the tree of `size` leaves, which the log has. Raises Unstored."""
        rows = await self.rows(tiles.needed(spans, size))
        return tiles.hashed(spans, rows, size)

    async def store(self) -> int:
        """Store the next full tiles, some of them; answers up to which line there are tiles now."""
        [ends] = await self._fetch(sql("tile_ends"), range(LEVELS))
        stored: list[int] = ends["stored"]
        last: int = min(ends["position"] // tiles.WIDTH, stored[0] + AT_ONCE)
        covered = 0
        # From below: what a tile is made of has to stand already. A process that ends in between is made up for here.
        for level in range(LEVELS):
            missing = [
                Tile(level, index) for index in range(stored[level], tiles.full(level, covered) if level else last)
            ]
            rows = await self._rows(missing)
            # Of a log from which lines are gone there are tiles up to the first of them.
            whole = list(takewhile(rows.__contains__, missing))
            await self._put({tile: rows[tile] for tile in whole})
            if level == 0:
                covered = (stored[0] + len(whole)) * tiles.WIDTH
        return covered

    async def _rows(self, wanted: Collection[Tile]) -> dict[Tile, bytes]:
        """The hashes of those tiles that can be made of what is stored now."""
        if not wanted:
            return {}
        columns: list[Sequence[Any]] = list(
            zip(*((tile.level, tile.index, tile.width) for tile in wanted), strict=True)
        )
        rows = await self._fetch(sql("tile_rows"), *columns)
        return {
            Tile(row["level"], row["index"], row["width"]): row["hashes"]
            for row in rows
            if row["hashes"] is not None and len(row["hashes"]) == 32 * row["width"]
        }

    async def _put(self, full: dict[Tile, bytes]) -> None:
        if full:
            levels, indices = zip(*((tile.level, tile.index) for tile in full), strict=True)
            roots = [tiles.root(hashes) for hashes in full.values()]
            await self._fetch(sql("tile_put"), levels, indices, list(full.values()), roots)
