"""Where two logs part is found by as many tiles as the tree is high, whatever their size and wherever it is."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from service.tlog import tiles
from service.tlog.comparing import first_other
from service.tlog.tiles import Tile
from tests.tlog.test_tiles import LEAVES, SIZE

OTHER = b"\xff" * 32


def parted(size: int, at: int | None) -> tuple[int | None, int]:
    """What is found of two logs that part at a leaf, and how many tiles of the other one were asked for."""
    asked = list[Tile]()
    here, there = list(LEAVES[:size]), list(LEAVES[:size])
    if at is not None:
        there[at:] = [OTHER] * (size - at)
    ours, theirs = levels(here), levels(there)

    async def one(tile: Tile) -> bytes:
        return b"".join(ours[tile.level][tile.index * 256 : tile.index * 256 + tile.width])

    async def other(tile: Tile) -> bytes:
        asked.append(tile)
        return b"".join(theirs[tile.level][tile.index * 256 : tile.index * 256 + tile.width])

    return asyncio.run(first_other(one, other, size)), len(asked)


def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The hashes of each level of tiles over some leaves."""
    found = [leaves]
    while len(found[-1]) >= tiles.WIDTH:
        full = len(found[-1]) // tiles.WIDTH
        found.append([tiles.root(b"".join(found[-1][256 * at : 256 * at + 256])) for at in range(full)])
    return found


@given(st.data())
def test_the_first_other_leaf_is_found(data: st.DataObject) -> None:
    size = data.draw(st.one_of(st.integers(1, 700), st.sampled_from([256, 65_535, 65_536, 65_537, SIZE])))
    at = data.draw(st.one_of(st.none(), st.integers(0, size - 1)))
    found, asked = parted(size, at)
    assert found == at
    assert asked <= 3


def test_nothing_is_compared_of_an_empty_log() -> None:
    assert len(LEAVES) == SIZE

    async def never(_: Tile) -> bytes:
        raise AssertionError

    assert asyncio.run(first_other(never, never, 0)) is None
