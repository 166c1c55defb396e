"""Signed notes against those that others have published, and against whoever changes one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from service.tlog import checkpoint, note
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import NoteError, Signer

# Of the Go project's package for notes: a key and what it has signed.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
PUBLISHED = f"{PUBLISHED_TEXT}\n{PUBLISHED_SIGNATURE}"


def signer(name: str, seed: int) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG, OLD, OTHER = signer("example.org/log", 1), signer("example.org/log", 2), signer("example.org/other", 1)
SIGNED = Checkpoint("example.org/log", 5, b"r" * 32)


def test_published() -> None:
    key = note.key(PUBLISHED_KEY)
    assert (key.name, key.id.hex()) == ("PeterNeumann", "c74f20a3")
    assert str(key) == PUBLISHED_KEY
    assert note.opened(PUBLISHED, [key]) == (PUBLISHED_TEXT, [key])


def test_several_keys() -> None:
    signed = note.sign("text\n\nmore\n", [LOG, OTHER])
    assert note.opened(signed, [OTHER.key]) == ("text\n\nmore\n", [OTHER.key])
    assert note.opened(signed, [LOG.key, OLD.key, OTHER.key])[1] == [LOG.key, OTHER.key]
    with pytest.raises(NoteError, match=r"none of the keys has signed it: example\.org/log$"):
        note.opened(signed, [OLD.key])
    with pytest.raises(NoteError, match="no key is known"):
        note.opened(signed, [])


def test_one_wrong_signature_spoils_a_note() -> None:
    lines = note.sign("text\n", [LOG, OTHER]).splitlines(keepends=True)
    forged = base64.b64encode(OTHER.key.id + b"x" * 64).decode()
    with pytest.raises(NoteError, match=r"the signature of example\.org/other is not of this text"):
        note.opened("".join([*lines[:-1], f"— {OTHER.name} {forged}\n"]), [LOG.key, OTHER.key])


@given(st.data())
def test_whatever_is_changed_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(PUBLISHED) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda other: other != PUBLISHED[at]))
    key = note.key(PUBLISHED_KEY)
    with pytest.raises(NoteError):
        note.opened(PUBLISHED[:at] + letter + PUBLISHED[at + 1 :], [key])
    with pytest.raises(NoteError):
        note.opened(PUBLISHED[:at], [key])


@given(st.text())
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        note.opened(text, [note.key(PUBLISHED_KEY)])
    with pytest.raises(NoteError):
        note.key(text)
    with pytest.raises(NoteError):
        checkpoint.parsed(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("PeterNeumann", "it reads NAME"),
        (PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"), "says that its id is c74f20a4, and has c74f20a3"),
        (PUBLISHED_KEY.replace("+A", "+B"), "no Ed25519 key"),
        (PUBLISHED_KEY[:-4], "no Ed25519 key"),
        (PUBLISHED_KEY[:-1] + "é", "no Ed25519 key"),
        (PUBLISHED_KEY[:-1] + "X", "no Ed25519 key|its id"),
        ("a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "it reads NAME"),
    ],
)
def test_what_is_no_key(text: str, problem: str) -> None:
    with pytest.raises(NoteError, match=problem):
        note.key(text)


def test_checkpoints() -> None:
    signed = note.sign(str(SIGNED), [LOG, OLD])
    assert signed.startswith("example.org/log\n5\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n\n— example.org/log ")
    assert checkpoint.opened(signed, [OLD.key]) == SIGNED
    assert checkpoint.parsed(str(SIGNED) + "an extension\n") == SIGNED


def test_a_checkpoint_is_signed_in_its_logs_own_name() -> None:
    with pytest.raises(NoteError, match=r"a checkpoint of example\.org/log, signed by example\.org/other"):
        checkpoint.opened(note.sign(str(SIGNED), [OTHER]), [OTHER.key])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("example.org/log\n5\n", "three lines"),
        ("example.org/log\n5\n\n", "three lines"),
        ("example.org/log\n05\nAAAA\n", "'05' is no size"),
        ("example.org/log\n-1\nAAAA\n", "'-1' is no size"),
        ("example.org/log\n5\nAAAA\n", "'AAAA' is no root"),
        ("example.org/log\n5\n!\n", "'!' is no root"),
        ("example.org/log\n5\né\n", "'é' is no root"),
    ],
)
def test_what_is_no_checkpoint(text: str, problem: str) -> None:
    with pytest.raises(NoteError, match=problem):
        checkpoint.parsed(text)


def test_what_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="ends with a newline"):
        note.sign("text", [LOG])
