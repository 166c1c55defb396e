"""An export against a signed checkpoint: with no database, no server, and nothing but the log's key to be trusted."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from service.auditing.audits import BrokenError
from service.auditing.copies import Copy
from service.carrying.sources import lines
from service.registry import DECODERS
from service.store.line import LineError
from service.tlog import checkpoint, tiles
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import Key, NoteError
from service.tlog.tiles import Tile


class Verified(NamedTuple):
    """The checkpoint, and how many lines come after those that it is of."""

    now: Checkpoint
    beyond: int


async def verify(
    pieces: AsyncIterator[bytes],
    signed: str,
    keys: Sequence[Key],
    folder: Path | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Check that the lines are those that were signed, each one that can stand where it stands.

    `folder` holds the log's tiles, by which the first line that was changed is told. Lines beyond the checkpoint are
    checked by themselves. Raises BrokenError.
    """
    try:
        of = checkpoint.opened(signed, keys)
    except NoteError as error:
        raise BrokenError(f"the checkpoint is not to be trusted: {error}") from error
    copy, root, leaves = Copy(DECODERS), b"", bytearray()
    try:
        async for chunk in lines(pieces):
            covered = chunk[: max(0, of.size - copy.size)]
            for part in (covered, chunk[len(covered) :]):
                taken = copy.take(part)
                if folder is not None:
                    leaves += b"".join(taken)
                root = copy.root if copy.size <= of.size else root
            advance(len(chunk))
    except LineError as error:
        raise BrokenError(f"line {error.number:,}: {error.wrong}") from error
    if copy.size < of.size:
        raise BrokenError(
            f"the export was cut off: line {copy.size + 1:,} and those after it are missing, up to {of.size:,}"
        )
    if (root or copy.root) != of.root:
        raise BrokenError(
            f"the first {of.size:,} lines are not those that {of.origin} has signed: the root over them is "
            f"{(root or copy.root).hex()}, and {of.root.hex()} was signed{changed(bytes(leaves), folder, of.size)}"
        )
    return Verified(of, copy.size - of.size)


def changed(leaves: bytes, folder: Path | None, size: int) -> str:
    """Which line is another than the log's tiles tell."""
    if folder is None:
        return "; --tiles FOLDER, which `mengfu export --tiles` writes, tells which line"
    for index in range(-(-size // tiles.WIDTH)):
        start = index * tiles.WIDTH
        file = folder / "tile" / Tile(0, index, tiles.width(0, index, size)).path
        try:
            told = file.read_bytes()
        except OSError as error:
            return f"; which line cannot be told: {file}: {error.strerror}"
        at = tiles.first_difference(leaves[32 * start : 32 * min(start + tiles.WIDTH, size)], told)
        if at is not None:
            return f"; line {start + at + 1:,} is the first that is another"
    return "; the tiles tell the lines as they stand here, so they are another log's"
