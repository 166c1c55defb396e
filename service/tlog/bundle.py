"""A bundle: some lines of the log, each with the proof that it is in it, and the checkpoint that the proofs lead to.

Whoever has one and knows the log's key needs nothing else: no server, no database, no network.
"""

import base64
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from service.tlog import checkpoint, note, proofs, tree
from service.tlog.checkpoint import Checkpoint
from service.tlog.proofs import ProofError


class Proven(Struct, frozen=True, kw_only=True):
    """A line of the log, as it is stored, its place in it, and its audit path, leaf first, each hash in base64."""

    sequence: int
    line: str
    proof: tuple[str, ...]


class Bundle(Struct, frozen=True, kw_only=True):
    """Lines of a log with their proofs; `checkpoint` is the signed note that these lead to (C2SP tlog-checkpoint)."""

    checkpoint: str
    facts: tuple[Proven, ...]


DECODE = msgspec.json.Decoder(Bundle).decode


def check(bundle: Bundle, keys: Sequence[note.Key]) -> Checkpoint:
    """Check that one of the keys has signed the checkpoint, and that each line is in that log where it says.

    Raises NoteError for the checkpoint, ProofError for a line.
    """
    of = checkpoint.opened(bundle.checkpoint, keys)
    if not bundle.facts:
        raise ProofError("there is no line in it, so nothing is shown")
    for one in bundle.facts:
        try:
            path = [base64.b64decode(node, validate=True) for node in one.proof]
            leaf = tree.leaf_hash(one.line.encode())
        except ValueError as error:
            raise ProofError(f"the proof of line {one.sequence} cannot be read: {error}") from None
        try:
            proofs.check_inclusion(one.sequence - 1, of.size, leaf, path, of.root)
        except ProofError as error:
            raise ProofError(f"line {one.sequence} is not shown to be in the log: {error}") from None
    return of


def proven(sequence: int, line: bytes, path: Sequence[bytes]) -> Proven:
    """A line with its proof."""
    return Proven(
        sequence=sequence,
        line=line.decode(),
        proof=tuple(base64.b64encode(node).decode("ascii") for node in path),
    )
