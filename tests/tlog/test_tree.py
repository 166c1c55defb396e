"""The tree's right edge against published vectors, the RFC's own recursive definition, and every way to cut a batch."""

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tlog.tree import append, leaf_hash, root

# The leaves and the roots of sizes 0 to 8 of the Certificate Transparency reference implementation's tests.
PUBLISHED_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: the naive definition that the edge must agree with."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_published_vectors(size: int) -> None:
    leaves = PUBLISHED_LEAVES[:size]
    assert mth(leaves).hex() == PUBLISHED_ROOTS[size]
    assert root(size, append(0, [], map(leaf_hash, leaves))).hex() == PUBLISHED_ROOTS[size]


def test_every_size_up_to_300_grown_leaf_by_leaf() -> None:
    lines = [b"line %d" % number for number in range(300)]
    edge: list[bytes] = []
    for size, line in enumerate(lines):
        edge = append(size, edge, [leaf_hash(line)])
        assert len(edge) == (size + 1).bit_count()
        assert root(size + 1, edge) == mth(lines[: size + 1])


def test_every_size_up_to_300_in_one_batch_on_every_old_size_of_a_few() -> None:
    lines = [b"line %d" % number for number in range(300)]
    hashes = [leaf_hash(line) for line in lines]
    edges = [append(0, [], hashes[:size]) for size in range(301)]
    for size, edge in enumerate(edges):
        assert root(size, edge) == mth(lines[:size])
        for old in (0, 1, 2, 3, 7, 8, 127, 128, 255, 256, size):
            if old <= size:
                assert append(old, edges[old], hashes[old:size]) == edge


def test_the_edge_is_the_perfect_subtrees_from_left_to_right() -> None:
    lines = [b"%d" % number for number in range(13)]  # 13 = 8 + 4 + 1
    assert append(0, [], map(leaf_hash, lines)) == [mth(lines[:8]), mth(lines[8:12]), mth(lines[12:])]


@given(lines=st.lists(st.binary(max_size=8), max_size=200), cuts=st.lists(st.integers(0, 200), max_size=12))
def test_batches_may_be_cut_anywhere(lines: list[bytes], cuts: list[int]) -> None:
    edge: list[bytes] = []
    for start, end in pairwise([0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]):
        edge = append(start, edge, (leaf_hash(line) for line in lines[start:end]))
    assert edge == append(0, [], map(leaf_hash, lines))
    assert root(len(lines), edge) == mth(lines)


def test_appending_leaves_its_arguments_alone() -> None:
    edge = append(0, [], map(leaf_hash, [b"a", b"b", b"c"]))
    kept, leaves = list(edge), [leaf_hash(b"d"), leaf_hash(b"e")]
    append(3, edge, leaves)
    assert edge == kept
    assert leaves == [leaf_hash(b"d"), leaf_hash(b"e")]


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    edge = append(0, [], [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")])
    for size in (-3, 0, 1, 4, 7):
        with pytest.raises(ValueError, match="does not fit"):
            append(size, edge, [leaf_hash(b"d")])
        with pytest.raises(ValueError, match="does not fit"):
            root(size, edge)


def test_a_line_in_place_of_its_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        append(0, [], [b'{"specversion":"1.0"}'])
