"""Where two logs part: the first leaf in which they differ, found from the top of their trees, one tile a level."""

from collections.abc import Awaitable, Callable

from service.tlog import tiles
from service.tlog.tiles import Tile

Rows = Callable[[Tile], Awaitable[bytes]]
"""The hashes of a tile of one of the logs, both of which have as many leaves as are compared."""


async def first_other(one: Rows, other: Rows, size: int) -> int | None:
    """The index of the first of `size` leaves that is another in the other log; None where all of them are the same."""
    level = 0
    while size >> 8 * (level + 1):
        level += 1
    same = 0
    for height in range(level, -1, -1):
        # What is the same so far ends where a tile of this level begins: at the end of all, or in what differs above.
        index = same >> 8 * (height + 1)
        if (width := tiles.width(height, index, size)) == 0:
            continue
        tile = Tile(height, index, width)
        at = tiles.first_difference(await one(tile), await other(tile))
        same += (width if at is None else at) << 8 * height
    return same if same < size else None
