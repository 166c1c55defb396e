"""Checkpoints (C2SP tlog-checkpoint): how long the log is and what its root is, signed."""

import base64
import re
from collections.abc import Sequence
from typing import NamedTuple

from service.tlog import note


class Checkpoint(NamedTuple):
    """Which log it is of, how many lines that has, and the root of its tree over them."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def parsed(text: str) -> Checkpoint:
    """What a checkpoint says, without its signatures. Raises NoteError; further lines say nothing to us."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise note.NoteError("it is no checkpoint: that has three lines, an origin, a size, a root")
    origin, size, encoded = lines[:3]
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
        raise note.NoteError(f"it is no checkpoint: {size!r} is no size")
    try:
        root = base64.b64decode(encoded, validate=True)
    except ValueError:
        root = b""
    if len(root) != 32:
        raise note.NoteError(f"it is no checkpoint: {encoded!r} is no root of 32 bytes")
    return Checkpoint(origin, int(size), root)


def opened(signed: str, keys: Sequence[note.Key]) -> Checkpoint:
    """What a checkpoint says that one of the keys has signed, for the log of that key's name. Raises NoteError."""
    text, signers = note.opened(signed, keys)
    found = parsed(text)
    if all(one.name != found.origin for one in signers):
        raise note.NoteError(f"it is a checkpoint of {found.origin}, signed by {signers[0].name}")
    return found
