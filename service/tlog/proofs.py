"""Proofs that a line is in the log, and that a later log goes on where an earlier one ended (RFC 6962, section 2.1).

What a proof consists of is told as spans of leaves, which whoever has the tree (`tiles`) turns into hashes; checking
one needs nothing but hashes, and follows RFC 9162, sections 2.1.3.2 and 2.1.4.2, step by step.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple


class Span(NamedTuple):
    """The leaves from `start` up to `end`, of which the proof holds the Merkle Tree Hash."""

    start: int
    end: int


class ProofError(ValueError):
    """The proof does not show what it should; the message says how."""


def inclusion(index: int, size: int) -> list[Span]:
    """The audit path of leaf `index`, 0 the first, in the tree of `size` leaves: from the leaf's sibling upwards.

    RFC 6962, section 2.1.1. Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, path = 0, size, list[Span]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """What shows that the tree of `old` leaves is the beginning of that of `new` ones.

    RFC 6962, section 2.1.2; empty for trees of the same size. Raises ValueError where `old` is not from 1 to `new`.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} leaves has no earlier one of {old} that could be proven")
    start, end, path = 0, new, list[Span]()
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start = middle
    # The old tree itself, where it is one perfect subtree, is known to whoever asks.
    return [*([Span(start, end)] if start else []), *path[::-1]]


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` of the tree of `size` leaves with that root.

    RFC 9162, section 2.1.3.2. Raises ProofError.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    _check_hashes(proof)
    at, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if at & 1 or at == last:
            found = _inner(node, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = _inner(found, node)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    if found != root:
        raise ProofError("the proof leads to another root")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `old` leaves with its root is the beginning of that of `new` leaves with its root.

    RFC 9162, section 2.1.4.2; that of no leaves is the beginning of every tree. Raises ProofError.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves has no earlier one of {old}")
    _check_hashes(proof)
    if old in {0, new}:
        if proof:
            raise ProofError("nothing has to be proven, and the proof is not empty")
        if old_root != (new_root if old else sha256().digest()):
            raise ProofError(f"two trees of {old} leaves have different roots")
        return
    nodes = list(proof)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        raise ProofError("the proof is empty")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_old = of_new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if at & 1 or at == last:
            of_old, of_new = _inner(node, of_old), _inner(node, of_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            of_new = _inner(of_new, node)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    if of_old != old_root:
        raise ProofError("the proof leads to another root of the earlier tree")
    if of_new != new_root:
        raise ProofError("the proof leads to another root of the later tree")


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _inner(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _check_hashes(proof: Sequence[bytes]) -> None:
    if not all(len(node) == 32 for node in proof):
        raise ProofError("a hash in the proof does not have 32 bytes")
