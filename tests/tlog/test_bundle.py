"""Bundles: what is shown is shown, and nothing else passes."""

import msgspec
import pytest

from service.tlog import note, proofs
from service.tlog.bundle import Bundle, check, proven
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import NoteError
from service.tlog.proofs import ProofError
from tests.tlog.test_note import LOG, OLD
from tests.tlog.test_proofs import LINES, hashes, root

SIZE = 20
GOOD = Bundle(
    checkpoint=note.sign(str(Checkpoint(LOG.name, SIZE, root(SIZE))), [LOG]),
    facts=tuple(proven(at + 1, LINES[at], hashes(proofs.inclusion(at, SIZE))) for at in (0, 7, SIZE - 1)),
)


def test_what_is_shown() -> None:
    assert check(GOOD, [LOG.key]) == Checkpoint(LOG.name, SIZE, root(SIZE))
    with pytest.raises(NoteError):
        check(GOOD, [OLD.key])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("line", "line 1"),
        ("line", "\ud800"),
        ("sequence", 2),
        ("sequence", 0),
        ("sequence", SIZE + 1),
        ("proof", ()),
        ("proof", GOOD.facts[1].proof),
        ("proof", (*GOOD.facts[0].proof, GOOD.facts[0].proof[0])),
        ("proof", ("!",)),
        ("proof", ("é",)),
    ],
)
def test_what_is_not(field: str, value: object) -> None:
    forged = msgspec.structs.replace(GOOD.facts[0], **{field: value})
    with pytest.raises(ProofError, match=f"line {forged.sequence} |proof of line"):
        check(msgspec.structs.replace(GOOD, facts=(forged,)), [LOG.key])


def test_nothing_shows_nothing() -> None:
    with pytest.raises(ProofError, match="no line in it"):
        check(msgspec.structs.replace(GOOD, facts=()), [LOG.key])
