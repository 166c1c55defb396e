"""What an auditor remembers of a log: the last checkpoint that it saw, how to go on from there, every leaf hash.

Two files: the one that is named, and beside it `.leaves`, 32 bytes a line, by which the first line that was changed
later can be told. The leaves are on the disk before the checkpoint that they belong to.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from service.config import ConfigError


class Seen(Struct, frozen=True, kw_only=True):
    """The log as it was last seen: whose it is, the keys that signed it, its length, the tree's edge over it.

    `checkpoint` is the signed note itself, the proof in hand against whoever signed it; `time` that of the last line.
    """

    origin: str
    keys: tuple[str, ...]
    checkpoint: str
    size: int
    root: bytes
    edge: tuple[bytes, ...]
    time: datetime | None


class State:
    """An auditor's two files."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self._leaves = path.with_name(path.name + ".leaves")

    def load(self) -> Seen | None:
        """What was last seen; None before the first time. Raises ConfigError for files that are none of ours."""
        if not self.path.exists():
            return None
        try:
            seen = msgspec.json.decode(self.path.read_bytes(), type=Seen)
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigError(f"{self.path} holds no audit's state: {error}; choose another --state") from error
        if not self._leaves.exists() or self._leaves.stat().st_size < 32 * seen.size:
            raise ConfigError(f"{self._leaves} is missing or cut off: begin anew with another --state")
        return seen

    def add(self, after: int, leaves: Sequence[bytes]) -> None:
        """Write leaf hashes behind those of the first `after` lines, in place of what an audit that broke off left."""
        if not leaves:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._leaves.open("r+b" if self._leaves.exists() else "wb") as file:
            file.seek(32 * after)
            file.truncate()
            file.write(b"".join(leaves))

    def leaves(self, start: int, end: int) -> bytes:
        """The hashes of some leaves."""
        with self._leaves.open("rb") as file:
            file.seek(32 * start)
            return file.read(32 * (end - start))

    def save(self, seen: Seen) -> None:
        """Remember this; its leaves are there already."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._leaves.open("ab") as file:
            os.fsync(file.fileno())
        new = self.path.with_name(self.path.name + ".new")
        with new.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(seen)))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
