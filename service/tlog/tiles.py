"""The tree as tiles (C2SP tlog-tiles): rows of up to 256 hashes of one height, from which every proof can be made.

A tile of level L holds the roots of perfect subtrees of 256**L leaves. A full one never changes; the last one of a
level is partial, as wide as the tree's size says. Bundles hold the lines themselves, 256 each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import zip_longest

from msgspec import Struct

from service.tlog import tree
from service.tlog.proofs import Span

WIDTH = 256
"""Hashes in a full tile, lines in a full bundle."""
_HEIGHT = 8
"""Levels of the tree from a tile's hashes up to the one that stands for the tile."""
_HASH = 32
_PATH = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL = re.compile(r"0|[1-9][0-9]?")
HIGHEST = 63
"""The highest level that a path may name."""


class Tile(Struct, frozen=True):
    """The `index`-th tile of a level, as wide as it is asked for."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the tile is served and stored, below `tile/`: `0/x001/x234/067`, with `.p/<width>` if it is partial."""
        return f"{self.level}/{path(self.index, self.width)}"


def path(index: int, width: int = WIDTH) -> str:
    """An index in groups of three digits, all but the last with an x before them, and the width of what is partial."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups)) + (f".p/{width}" if width < WIDTH else "")


def located(text: str) -> tuple[int, int]:
    """The index and the width that a path says. Raises ValueError for one that is not written as `path` writes it."""
    found = _PATH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no path of a tile")
    index, width = int(found[1].replace("x", "").replace("/", "")), int(found[2] or WIDTH)
    if text != path(index, width):
        raise ValueError(f"{text!r} is no path of a tile: {path(index, width)} is")
    return index, width


def parsed(text: str) -> Tile:
    """The tile of a path `<level>/<index>[.p/<width>]`. Raises ValueError."""
    level, _, rest = text.partition("/")
    if not _LEVEL.fullmatch(level) or int(level) > HIGHEST:
        raise ValueError(f"{level!r} is no level of tiles")
    return Tile(int(level), *located(rest))


def width(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in the tree of `size` leaves: 0 where there is no such tile."""
    return max(0, min(WIDTH, (size >> _HEIGHT * level) - index * WIDTH))


def full(level: int, size: int) -> int:
    """How many full tiles of a level the tree of `size` leaves has."""
    return size >> _HEIGHT * (level + 1)


def of_size(size: int) -> Iterator[Tile]:
    """All tiles of the tree of `size` leaves, partial ones too."""
    level = 0
    while hashes := size >> _HEIGHT * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, min(WIDTH, hashes - index * WIDTH))
        level += 1


def needed(spans: Iterable[Span], size: int) -> set[Tile]:
    """The tiles, as wide as they are in the tree of `size` leaves, that the hashes of these spans are made of."""
    found = set[Tile]()
    for span in spans:
        for height, index in _subtrees(span):
            level, first = _place(height, index)
            tile = first // WIDTH
            found.add(Tile(level, tile, width(level, tile, size)))
    return found


class Hashes:
    """The Merkle Tree Hashes of spans of the tree of `size` leaves, out of the tiles that they need (`needed`).

    What lies between a tile's hashes and its root is hashed once for all of them.
    """

    def __init__(self, tiles: Mapping[Tile, bytes], size: int) -> None:
        """`tiles` are as wide as they are in that tree."""
        self._tiles = tiles
        self._size = size
        self._within: dict[Tile, list[list[bytes]]] = {}

    def of(self, span: Span) -> bytes:
        """The hash of a span of a proof."""
        return tree.root(span.end - span.start, [self._node(height, index) for height, index in _subtrees(span)])

    def _node(self, height: int, index: int) -> bytes:
        level, first = _place(height, index)
        tile = Tile(level, first // WIDTH, width(level, first // WIDTH, self._size))
        if tile not in self._within:
            self._within[tile] = _rows(self._tiles[tile])
        return self._within[tile][height % _HEIGHT][first % WIDTH >> height % _HEIGHT]


def hashed(spans: Iterable[Span], tiles: Mapping[Tile, bytes], size: int) -> list[bytes]:
    """The hashes of some spans."""
    hashes = Hashes(tiles, size)
    return [hashes.of(span) for span in spans]


def root(hashes: bytes) -> bytes:
    """The root over a full tile, which is its hash one level above."""
    return _rows(hashes)[_HEIGHT][0]


def bundle(lines: Iterable[bytes]) -> bytes:
    """Lines as an entry bundle: each after its length, two bytes, the higher one first."""
    return b"".join(part for line in lines for part in (len(line).to_bytes(2), line))


def first_difference(held: bytes, told: bytes) -> int | None:
    """The first of a row of hashes that another row has otherwise, or not at all."""
    pairs = zip_longest(tree.nodes(held), tree.nodes(told)[: len(held) // _HASH])
    return next((index for index, (one, other) in enumerate(pairs) if one != other), None)


def _subtrees(span: Span) -> Iterator[tuple[int, int]]:
    """The perfect subtrees of a span of a proof, the largest first: the height of each and its index at that height."""
    at, left = span.start, span.end - span.start
    while left:
        height = left.bit_length() - 1
        yield height, at >> height
        at, left = at + (1 << height), left - (1 << height)


def _place(height: int, index: int) -> tuple[int, int]:
    """The level of the tiles that hold a subtree's hashes, and which of that level's hashes is its first."""
    return height // _HEIGHT, index << height % _HEIGHT


def _rows(hashes: bytes) -> list[list[bytes]]:
    """The nodes of the perfect subtrees over a row of hashes, by their height: the hashes first."""
    rows = [tree.nodes(hashes)]
    for _ in range(_HEIGHT):
        pairs = zip(rows[-1][::2], rows[-1][1::2], strict=False)  # what is left over has no other half yet
        rows.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return rows
