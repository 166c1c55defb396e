"""One round of an audit: from the last checkpoint that was seen to the one of now, and what broke where it did.

The signature, by a key that is trusted or that such a key has named; that the log is the same one gone on (RFC 6962's
consistency proof); that each new line is one, and that all of them are those that were signed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from service import signing
from service.auditing.copies import Copy
from service.auditing.source import Source
from service.auditing.state import Seen, State
from service.carrying.remote import SourceError
from service.registry import DECODERS
from service.store.line import LineError
from service.tlog import checkpoint, note, proofs, tiles
from service.tlog.checkpoint import Checkpoint
from service.tlog.note import Key, NoteError
from service.tlog.proofs import ProofError


class BrokenError(Exception):
    """The log is not what it was, or not what it says; the message says what, and which line is the first."""


class Round(NamedTuple):
    """What was looked at: the checkpoint, and the lines from `first` up to it."""

    now: Checkpoint
    first: int


async def look(
    source: Source,
    state: State,
    keys: Sequence[Key],
    advance: Callable[[int], None] = lambda _: None,
    *,
    again: bool = False,
) -> Round:
    """Look at all that has come since the last round, or `again` at everything, and remember it.

    `keys` are trusted beside those of the state. Raises BrokenError, SourceError where the registry cannot be asked.
    """
    seen = state.load()
    trusted = [*keys, *(note.key(text) for text in (seen.keys if seen else ()))]
    signed = await source.checkpoint()
    now, signers = await opened(source, signed, trusted)
    if seen is not None and now.origin != seen.origin:
        raise BrokenError(f"the checkpoint is of {now.origin}, and was of {seen.origin}: it is another log")
    if seen is not None:
        await consistent(source, state, seen, now)
    begun = seen if seen is not None and not again else None
    copy = Copy(DECODERS, begun.size, begun.edge, begun.time) if begun else Copy(DECODERS)
    first = copy.size + 1
    if copy.size < now.size:
        await take(source, state, seen.size if seen else 0, copy, now, advance)
    state.save(
        Seen(
            origin=now.origin,
            keys=tuple(map(str, signers)),
            checkpoint=signed,
            size=now.size,
            root=now.root,
            edge=tuple(copy.edge),
            time=copy.checker.time if now.size else None,
        )
    )
    return Round(now, first)


async def opened(source: Source, signed: str, trusted: list[Key]) -> tuple[Checkpoint, list[Key]]:
    """What the checkpoint says, and which keys have signed it: trusted ones, or such as those have named.

    From then on these alone are trusted: a key that was replaced, perhaps because it was stolen, is not.
    """
    try:
        found = checkpoint.opened(signed, trusted)
    except NoteError:
        trusted = await successors(source, trusted)
        try:
            found = checkpoint.opened(signed, trusted)
        except NoteError as error:
            raise BrokenError(f"the checkpoint is not to be trusted: {error}") from error
    return found, note.opened(signed, trusted)[1]


async def successors(source: Source, trusted: list[Key]) -> list[Key]:
    """The trusted keys, and those that were named by one of them, one after another."""
    found = list(trusted)
    for one in await source.keys():
        for old in list(found):
            try:
                new = signing.successor(one.endorsement or "", old)
            except NoteError:
                continue
            if str(new) == one.key and new not in found:
                found.append(new)
    return found


async def consistent(source: Source, state: State, seen: Seen, now: Checkpoint) -> None:
    """Refuse a log that does not begin with the one that was seen."""
    if now.size < seen.size:
        raise BrokenError(
            f"the log has {now.size:,} lines, and had {seen.size:,}: it was cut off or set back, "
            f"line {now.size + 1:,} is the first that is gone{await rewritten(source, state, now.size)}"
        )
    try:
        proof = await source.consistency(seen.size, now.size) if 0 < seen.size < now.size else []
        proofs.check_consistency(seen.size, now.size, seen.root, now.root, proof)
    except ProofError as error:
        where = await rewritten(source, state, seen.size)
        raise BrokenError(
            f"the log does not go on from the one of {seen.size:,} lines that was seen: {error}{where}"
        ) from (error)


async def rewritten(source: Source, state: State, size: int) -> str:
    """Which of the first lines is another now than when it was seen, as far as the registry's own tiles tell."""
    try:
        at = await differing(source, size, state.leaves)
    except SourceError as error:
        return f" (which line is another cannot be told: {error})"
    return f"; line {at + 1:,} is the first that is another than it was" if at is not None else ""


async def differing(source: Source, size: int, leaves: Callable[[int, int], bytes]) -> int | None:
    """The first of some leaves that the registry's tiles tell otherwise."""
    for index in range(-(-size // tiles.WIDTH)):
        start = index * tiles.WIDTH
        held = leaves(start, min(start + tiles.WIDTH, size))
        at = tiles.first_difference(held, await source.leaves(index, size))
        if at is not None:
            return start + at
    return None


async def take(
    source: Source, state: State, seen: int, copy: Copy, now: Checkpoint, advance: Callable[[int], None]
) -> None:
    """Check the lines up to a checkpoint, the first `seen` of them against what is remembered."""
    try:
        async with source.lines(copy.size, now.size) as chunks:
            async for chunk in chunks:
                after = copy.size
                leaves = copy.take(chunk[: now.size - after])  # more than were asked for are not looked at
                known = max(0, min(len(leaves), seen - after))
                at = tiles.first_difference(state.leaves(after, after + known), b"".join(leaves)) if known else None
                if at is not None:
                    raise BrokenError(f"line {after + at + 1:,} is another than it was when it was seen")
                state.add(after + known, leaves[known:])
                advance(len(chunk))
                if copy.size == now.size:
                    break  # whatever else is sent
    except LineError as error:
        raise BrokenError(f"line {error.number:,}: {error.wrong}") from error
    if copy.size < now.size:
        raise BrokenError(f"line {copy.size + 1:,} is missing: the checkpoint is of {now.size:,} lines")
    if copy.root != now.root:
        at = await differing(source, now.size, state.leaves)
        where = (
            f"line {at + 1:,} is the first that is not the one that was signed"
            if at is not None
            else "the registry's tiles tell the lines as it sends them, so the checkpoint signs something else"
        )
        raise BrokenError(f"the root over the {now.size:,} lines is not the one that was signed: {where}")
