"""The right edge of the log's Merkle tree, as RFC 6962 section 2.1 defines the tree.

A tree of n leaves splits at the largest power of two below n, again and again, so it is a row of perfect subtrees: one
for each bit set in n, the largest on the left. Their roots are the EDGE (elsewhere called a compact range): popcount(n)
hashes that are all one needs to append leaves and to know the root. The writer keeps it in the head row.

This room promises pure functions over bytes: no I/O, no state. The same size, edge and leaves give the same answer,
however the leaves were cut into batches.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256


def leaf_hash(line: bytes) -> bytes:
    """Return the 32-byte hash of one leaf: SHA-256(0x00 || line); RFC 6962 section 2.1.

    `line` is an event's stored bytes without the LF. The prefix keeps a leaf from ever passing as an inner node.
    """
    return sha256(b"\x00" + line).digest()


def nodes(row: bytes) -> list[bytes]:
    """Return the hashes of an edge, or of a tile, stored as one row of 32 bytes each; what is over comes last."""
    return [row[at : at + 32] for at in range(0, len(row), 32)]


def append(size: int, edge: Sequence[bytes], leaves: Iterable[bytes]) -> list[bytes]:
    """Return the edge of the tree of `size` leaves after the hashes `leaves` (of `leaf_hash`, not lines) were appended.

    `edge` holds the roots of the perfect subtrees from left to right, one for each bit set in `size` (none for size 0);
    the answer has the same shape, for size + the number of leaves. Costs about one hash of 65 bytes a leaf.

    Raises ValueError when `edge` doesn't fit `size`, or a leaf isn't 32 bytes long.

    RFC 6962 section 2.1: an inner node is SHA-256(0x01 || left || right), and only full pairs become nodes of the edge.
    """
    _check(size, edge)
    nodes = list(leaves)
    if not all(len(leaf) == 32 for leaf in nodes):  # else a line given in place of its hash would pass unseen
        raise ValueError("a leaf hash has 32 bytes")
    older = list(edge)  # its last hash is the smallest subtree
    newer: list[bytes] = []  # of the answer, smallest first
    # Level by level rather than leaf by leaf: `nodes` are the new nodes of one height, and bit `height` of the old size
    # says whether an old subtree of just that height waits on their left.
    while nodes:
        if size & 1:
            nodes.insert(0, older.pop())
        if len(nodes) & 1:
            newer.append(nodes.pop())
        pairs = iter(nodes)
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        size >>= 1
    return older + newer[::-1]


def root(size: int, edge: Sequence[bytes]) -> bytes:
    """Return the 32-byte root (Merkle Tree Hash) of the tree of `size` leaves with this `edge`.

    Size 0 has the hash of the empty string. Raises ValueError when `edge` doesn't fit `size`.

    RFC 6962 section 2.1: MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n;
    so the perfect subtrees join from the right.
    """
    _check(size, edge)
    if not edge:
        return sha256().digest()
    joined = edge[-1]
    for left in edge[-2::-1]:
        joined = sha256(b"\x01" + left + joined).digest()
    return joined


def _check(size: int, edge: Sequence[bytes]) -> None:
    if size < 0 or len(edge) != size.bit_count():
        raise ValueError(f"an edge of {len(edge)} hashes does not fit a tree of {size} leaves")
