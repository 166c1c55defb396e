"""Bundles of a registry's own lines: what a stranger needs to check some facts without it."""

import asyncio
from collections.abc import Iterable

from service.domain import errors
from service.registry.reader import Reader
from service.signing import Mirrored, Signing
from service.store.line import outer
from service.tlog import checkpoint, note, proofs, tiles
from service.tlog.bundle import Bundle, proven
from service.tlog.stored import Unstored

LONG = 50
"""So many lines, and their proofs are left to a thread, so that others are served in between."""


async def bundle(reader: Reader, signing: Signing | Mirrored, lines: Iterable[bytes]) -> Bundle:
    """Stored lines with proofs that lead to the checkpoint of now.

    Raises ConfigError where none can be signed, Unavailable where the tree is still being stored.
    """
    signed = await signing.checkpoint()
    size = checkpoint.parsed(note.text(signed)).size
    by_sequence = {int(outer(line).sequence): line for line in lines}
    if by_sequence and (last := max(by_sequence)) > size:
        raise errors.Unavailable(problem=f"line {last} is not in a checkpoint yet, which ends at {size}")
    spans = {sequence: proofs.inclusion(sequence - 1, size) for sequence in by_sequence}
    try:
        rows = await reader.tiles.rows(tiles.needed([span for path in spans.values() for span in path], size))
    except Unstored as error:
        raise errors.Unavailable(problem=str(error)) from error

    def made() -> Bundle:
        hashes = tiles.Hashes(rows, size)
        facts = (
            proven(sequence, line, list(map(hashes.of, spans[sequence]))) for sequence, line in by_sequence.items()
        )
        return Bundle(checkpoint=signed, facts=tuple(facts))

    return await asyncio.to_thread(made) if len(by_sequence) > LONG else made()
