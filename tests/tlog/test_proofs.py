"""Proofs against published vectors, the RFC's own recursive definitions, every small size, and forgers."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tlog import proofs
from service.tlog.proofs import ProofError, Span, check_consistency, check_inclusion
from service.tlog.tree import leaf_hash
from tests.tlog.test_tree import PUBLISHED_LEAVES, PUBLISHED_ROOTS, mth

# Of the Certificate Transparency reference implementation's tests: leaf (from 1) and size, the audit path.
PUBLISHED_PATHS = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
PUBLISHED_PROOFS = {
    (1, 1): [],
    (1, 8): PUBLISHED_PATHS[1, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): PUBLISHED_PATHS[2, 5][1:],
}
LINES = [b"line %d" % number for number in range(300)]
LEAVES = [leaf_hash(line) for line in LINES]

_known: dict[Span, bytes] = {}


def hashed(span: Span) -> bytes:
    """The hash of a span of the test's lines, by the definition."""
    if span not in _known:
        if span.end - span.start < 2:
            _known[span] = mth(LINES[span.start : span.end])
        else:
            middle = span.start + (1 << (span.end - span.start - 1).bit_length() - 1)
            halves = hashed(Span(span.start, middle)) + hashed(Span(middle, span.end))
            _known[span] = sha256(b"\x01" + halves).digest()
    return _known[span]


def hashes(spans: Sequence[Span]) -> list[bytes]:
    return [hashed(span) for span in spans]


def root(size: int) -> bytes:
    return hashed(Span(0, size))


def path(index: int, lines: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, word for word."""
    if len(lines) == 1:
        return []
    k = 1 << (len(lines) - 1).bit_length() - 1
    if index < k:
        return [*path(index, lines[:k]), mth(lines[k:])]
    return [*path(index - k, lines[k:]), mth(lines[:k])]


def subproof(old: int, lines: list[bytes], *, known: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2, word for word."""
    if old == len(lines):
        return [] if known else [mth(lines)]
    k = 1 << (len(lines) - 1).bit_length() - 1
    if old <= k:
        return [*subproof(old, lines[:k], known=known), mth(lines[k:])]
    return [*subproof(old - k, lines[k:], known=False), mth(lines[:k])]


@pytest.mark.parametrize(("leaf", "size"), PUBLISHED_PATHS)
def test_published_inclusion(leaf: int, size: int) -> None:
    told = [bytes.fromhex(node) for node in PUBLISHED_PATHS[leaf, size]]
    made = [mth(PUBLISHED_LEAVES[span.start : span.end]) for span in proofs.inclusion(leaf - 1, size)]
    assert made == told
    check_inclusion(leaf - 1, size, leaf_hash(PUBLISHED_LEAVES[leaf - 1]), told, bytes.fromhex(PUBLISHED_ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), PUBLISHED_PROOFS)
def test_published_consistency(old: int, new: int) -> None:
    told = [bytes.fromhex(node) for node in PUBLISHED_PROOFS[old, new]]
    assert [mth(PUBLISHED_LEAVES[span.start : span.end]) for span in proofs.consistency(old, new)] == told
    earlier, later = (bytes.fromhex(PUBLISHED_ROOTS[size]) for size in (old, new))
    check_consistency(old, new, earlier, later, told)


def test_the_definition() -> None:
    for size in range(1, 40):
        for number in range(size):
            assert hashes(proofs.inclusion(number, size)) == path(number, LINES[:size])
            assert hashes(proofs.consistency(number + 1, size)) == subproof(number + 1, LINES[:size])


def test_every_size_up_to_300() -> None:
    for size in range(1, 301):
        for number in range(size):
            check_inclusion(number, size, LEAVES[number], hashes(proofs.inclusion(number, size)), root(size))
            proof = hashes(proofs.consistency(number + 1, size))
            check_consistency(number + 1, size, root(number + 1), root(size), proof)
        check_consistency(0, size, root(0), root(size), [])


SIZES = st.integers(1, 300)


@given(size=st.integers(1, 2**60), index=st.integers(0, 2**60))
def test_a_path_is_as_long_as_the_tree_is_high(size: int, index: int) -> None:
    index %= size
    assert len(proofs.inclusion(index, size)) <= (size - 1).bit_length()
    assert len(proofs.consistency(index + 1, size)) <= (size - 1).bit_length() + 1


@given(data=st.data(), size=SIZES)
def test_forged_inclusion_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = hashes(proofs.inclusion(index, size))
    forged, at, of, leaf, top = forgery(data, proof), index, size, LEAVES[index], root(size)
    match data.draw(st.sampled_from(["index", "size", "leaf", "root", "proof"])):
        case "index":
            at = data.draw(st.integers(-1, 300).filter(lambda other: other != index))
            forged = proof
        case "size":
            of = data.draw(SIZES.filter(lambda other: other != size))
            forged = proof
            # Told of another size, the same path leads to the same root where the way up is the same.
            if 0 <= index < of and proofs_alike(index, size, of):
                return
        case "leaf":
            leaf, forged = data.draw(st.binary(min_size=32, max_size=32).filter(lambda other: other != leaf)), proof
        case "root":
            top, forged = data.draw(st.binary(min_size=32, max_size=32).filter(lambda other: other != top)), proof
        case _ if forged == proof:
            return
    with pytest.raises(ProofError):
        check_inclusion(at, of, leaf, forged, top)


def proofs_alike(index: int, size: int, other: int) -> bool:
    """Whether the way from the leaf to the root goes left and right in the same way in both trees."""

    def turns(size: int) -> list[bool]:
        return [span.start > index for span in proofs.inclusion(index, size)]

    return turns(size) == turns(other)


@given(data=st.data(), new=SIZES)
def test_forged_consistency_is_refused(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    proof = hashes(proofs.consistency(old, new))
    roots = [root(old), root(new)]
    forged = proof
    match data.draw(st.sampled_from(["roots", "proof", "backwards", "another history"])):
        case "roots":
            roots[data.draw(st.integers(0, 1))] = data.draw(st.binary(min_size=32, max_size=32))
        case "backwards":
            if old == new:
                return
            old, new = new, old
        case "another history":
            at = data.draw(st.integers(0, old - 1))
            other = [*LINES[:at], b"rewritten", *LINES[at + 1 : new]]
            forged = [mth(other[span.start : span.end]) for span in proofs.consistency(old, new)]
            roots[1] = mth(other)
        case _:
            forged = forgery(data, proof)
            if forged == proof:
                return
    with pytest.raises(ProofError):
        check_consistency(old, new, roots[0], roots[1], forged)


def forgery(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """The proof with a bit changed, a hash too much, too little, too short, or two in each other's place."""
    forged = list(proof)
    kind = data.draw(st.sampled_from(["bit", "more", "less", "short", "swap"]))
    if kind == "more" or not forged:
        forged.insert(data.draw(st.integers(0, len(forged))), data.draw(st.binary(min_size=32, max_size=32)))
        return forged
    at = data.draw(st.integers(0, len(forged) - 1))
    if kind == "bit":
        bit = data.draw(st.integers(0, 255))
        forged[at] = (int.from_bytes(forged[at]) ^ 1 << bit).to_bytes(32)
    elif kind == "less":
        del forged[at]
    elif kind == "short":
        forged[at] = forged[at][: data.draw(st.integers(0, 31))]
    else:
        other = data.draw(st.integers(0, len(forged) - 1))
        forged[at], forged[other] = forged[other], forged[at]
    return forged


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index, size in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(ValueError, match=f"a tree of {size} leaves has no leaf {index}"):
            proofs.inclusion(index, size)
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="no earlier one"):
            proofs.consistency(old, new)
