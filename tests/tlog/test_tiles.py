"""Tiles against the specification's own example, and every proof made of them against one made of the leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tlog import proofs, tiles
from service.tlog.proofs import Span
from service.tlog.tiles import Tile
from service.tlog.tree import append, leaf_hash, root

SIZE = 70_000
LEAVES = [leaf_hash(b"%d" % number) for number in range(SIZE)]


def levels(size: int) -> list[list[bytes]]:
    """The hashes of each level of tiles: a level's full rows of 256 stand for one hash of the next one each."""
    found = [LEAVES[:size]]
    while len(found[-1]) >= tiles.WIDTH:
        rows = (found[-1][at : at + 256] for at in range(0, len(found[-1]) - 255, 256))
        found.append([root(256, append(0, [], row)) for row in rows])
    return found


ALL = levels(SIZE)


def roots() -> list[bytes]:
    """The root of the tree of each size, by its edge."""
    edge: list[bytes] = []
    found = [root(0, edge)]
    for size, leaf in enumerate(LEAVES):
        edge = append(size, edge, [leaf])
        found.append(root(size + 1, edge))
    return found


ROOTS = roots()


def held(tile: Tile) -> bytes:
    """A tile as wide as it is asked for."""
    start = tile.index * tiles.WIDTH
    row = ALL[tile.level][start : start + tile.width]
    assert len(row) == tile.width
    return b"".join(row)


def test_the_specifications_example() -> None:
    of_size = list(tiles.of_size(SIZE))
    assert of_size == [
        *(Tile(0, index) for index in range(273)),
        Tile(0, 273, 112),
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert [len(held(tile)) for tile in of_size] == [tile.width * 32 for tile in of_size]
    assert list(tiles.of_size(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.of_size(0)) == []
    assert tiles.path(1_234_067) == "x001/x234/067"


@given(size=st.integers(0, 200_000))
def test_widths(size: int) -> None:
    found = list(tiles.of_size(size))
    assert all(tiles.width(tile.level, tile.index, size) == tile.width > 0 for tile in found)
    for level in range(4):
        whole = [tile for tile in found if tile.level == level and tile.width == tiles.WIDTH]
        assert tiles.full(level, size) == len(whole)
        assert tiles.width(level, len([tile for tile in found if tile.level == level]), size) == 0


@pytest.mark.parametrize(("told", "first"), [(b"a" * 32 + b"b" * 32, None), (b"a" * 32 + b"c" * 32, 1), (b"", 0)])
def test_first_difference(told: bytes, first: int | None) -> None:
    held = b"a" * 32 + b"b" * 32
    assert tiles.first_difference(held, told) == first


@given(level=st.integers(0, 63), index=st.integers(0, 10**15), width=st.integers(1, 256))
def test_paths(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.parsed(tile.path) == tile


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0/", "0/1", "0/0001", "0/000/", "0/x000/001", "0/001/002", "0/x001", "0/x1/000", "0/００１"),
        *("64/000", "00/000", "-1/000", "entries/000"),
        *("0/000.p", "0/000.p/0", "0/000.p/256", "0/000.p/007", "0/000.p/1\n"),
    ],
)
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        tiles.parsed(text)


SIZES = st.one_of(st.integers(1, 300), st.sampled_from([255, 256, 257, 511, 512, 65_535, 65_536, 65_537, SIZE])) | (
    st.integers(1, SIZE)
)


@given(data=st.data(), size=SIZES)
def test_proofs_made_of_tiles(data: st.DataObject, size: int) -> None:
    top = of_tiles([Span(0, size)], size)[0]
    assert top == ROOTS[size]
    index = data.draw(st.integers(0, size - 1))
    proofs.check_inclusion(index, size, LEAVES[index], of_tiles(proofs.inclusion(index, size), size), top)
    old = data.draw(st.integers(1, size))
    proofs.check_consistency(old, size, ROOTS[old], top, of_tiles(proofs.consistency(old, size), size))


def of_tiles(spans: list[Span], size: int) -> list[bytes]:
    """The hashes of a proof, out of the tiles that it says it needs and of no other."""
    needed = tiles.needed(spans, size)
    assert len(needed) <= 2 * 3 + 1
    assert needed <= set(tiles.of_size(size))
    rows = {tile: held(tile) for tile in needed}
    return tiles.hashed(spans, rows, size)


def unbundled(bundle: bytes) -> list[bytes]:
    """The lines of an entry bundle."""
    lines, at = list[bytes](), 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        lines.append(bundle[start:at])
    return lines


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles(lines: list[bytes]) -> None:
    assert unbundled(tiles.bundle(lines)) == lines


def test_a_bundle_of_the_longest_line_and_of_one_that_is_too_long() -> None:
    longest = b"x" * 65_535
    assert tiles.bundle([b"ab", longest]) == b"\x00\x02ab\xff\xff" + longest
    with pytest.raises(OverflowError):
        tiles.bundle([longest + b"x"])
