"""Signed notes (C2SP signed-note) with Ed25519: a text that anyone can read, and lines that say who signed it."""

import base64
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
"""The signature type of Ed25519."""
_SIGNATURE = re.compile("— ([^ +]+) ([A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+]+")
_MOST = 16
"""Signatures on a note that are looked at, at least and at most."""
_LONGEST = 1_000_000


class NoteError(ValueError):
    """The note, or the key, is not to be trusted or not to be read; the message says why."""


class Key(NamedTuple):
    """A public key: its name and its 32 bytes (RFC 8032)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """As keys are handed on: NAME+ID+KEY, the id in hexadecimal, the key in base64 after its type."""
        return f"{self.name}+{self.id.hex()}+{_encoded(_ED25519 + self.public)}"

    def check(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key and this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def key(text: str) -> Key:
    """A key as it is handed on. Raises NoteError."""
    name, *rest = text.strip().split("+", 2)
    if len(rest) != 2 or not _NAME.fullmatch(name):
        raise NoteError(f"{text.strip()!r} is no key: it reads NAME+ID+KEY")
    found = _decoded(rest[1])
    if found is None or len(found) != 33 or found[:1] != _ED25519:
        raise NoteError(f"the key of {name} is no Ed25519 key")
    known = Key(name, found[1:])
    if rest[0] != known.id.hex():
        raise NoteError(f"the key of {name} says that its id is {rest[0]}, and has {known.id.hex()}")
    return known


class Signer(NamedTuple):
    """A private key and the name that it signs under."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> Key:
        """What its signatures are checked by."""
        return Key(self.name, self.private.public_key().public_bytes_raw())


def sign(text: str, signers: Iterable[Signer]) -> str:
    """The text, which ends with a newline, as a note signed by each of them."""
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends with a newline")
    signed = text.encode()
    lines = (f"— {one.name} {_encoded(one.key.id + one.private.sign(signed))}\n" for one in signers)
    return text + "\n" + "".join(lines)


def text(note: str) -> str:
    """What a note says, unchecked: of one that we have signed ourselves."""
    return note.rpartition("\n\n")[0] + "\n"


def opened(note: str, keys: Sequence[Key]) -> tuple[str, list[Key]]:
    """The text of a note, and which of the keys have signed it.

    Raises NoteError where none has, where a signature said to be of one of them is not, or where it is no note.
    """
    if len(note) > _LONGEST or any(letter < " " and letter != "\n" for letter in note):
        raise NoteError("it is no note: it is longer than a note may be, or has control characters")
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise NoteError("it is no note: no line of signatures follows an empty line")
    text = head + "\n"
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST:
        raise NoteError(f"it has more than {_MOST} signatures")
    found = list[Key]()
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        signature = _decoded(match[2]) if match else None
        if match is None or signature is None or len(signature) <= 4:
            raise NoteError(f"it is no note: {line!r} is no signature")
        for one in keys:
            if (one.name, one.id) == (match[1], signature[:4]) and one not in found:
                if not one.check(text.encode(), signature[4:]):
                    raise NoteError(f"the signature of {one.name} is not of this text")
                found.append(one)
    if not found:
        raise NoteError(f"none of the keys has signed it: {', '.join(one.name for one in keys) or 'no key is known'}")
    return text, found


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decoded(text: str) -> bytes | None:
    """What base64 stands for, written as it is always written; None for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if _encoded(raw) == text else None
