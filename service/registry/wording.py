"""The words of derived versions of texts, which are never stored: made once of the captured text, and kept for a while.

To make them takes 0.1 µs a letter, mostly in simplifying: of a long text that is left to a thread, so that other
callers are served in between.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from service.domain import script
from service.domain.document.derivation import words
from service.domain.document.state import Version

T = TypeVar("T")

LONG = 20_000
"""Code points: what is made of so many takes milliseconds."""
MOST = 8_000_000
"""Code points kept in all, of two bytes most often; those that nobody has asked for longest are made again."""


async def apart(length: int, work: Callable[[], T]) -> T:
    """Work on a text of that length: here, or in a thread where it would keep others waiting."""
    return work() if length < LONG else await asyncio.to_thread(work)


def recipe(steps: Sequence[Version]) -> bytes:
    """What the words of a version are made by, and of: a hash. A corrected version has another one."""
    told = [(step.derived_from, step.sort, step.edits, step.sha256) for step in steps]
    return hashlib.blake2b(msgspec.json.encode((script.VERSION, told)), digest_size=16).digest()


class Wording:
    """Words of versions, each made once, however many ask for it at the same time."""

    def __init__(self, most: int = MOST) -> None:
        """`most` are the code points kept."""
        self._most, self._size = most, 0
        self._made: OrderedDict[bytes, str | None] = OrderedDict()
        self._making: dict[bytes, asyncio.Task[str | None]] = {}

    async def of(self, captured: str, steps: Sequence[Version]) -> str | None:
        """The words of a version, made of the captured text by the steps to it; None where that cannot be done again.

        The steps begin at the captured text, which their first one names by its hash.
        """
        if not steps:
            return captured
        key = recipe(steps)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if (making := self._making.get(key)) is None:
            making = self._making[key] = asyncio.create_task(self._make(key, captured, steps), name="mengfu words")
        return await asyncio.shield(making)  # Whoever goes away leaves the others their words.

    async def _make(self, key: bytes, captured: str, steps: Sequence[Version]) -> str | None:
        try:
            made = await apart(len(captured), lambda: words(captured, steps))
        finally:
            del self._making[key]
        self._made[key] = made
        self._size += size(made)
        while self._size > self._most:
            _, forgotten = self._made.popitem(last=False)
            self._size -= size(forgotten)
        return made


def size(made: str | None) -> int:
    """What keeping it counts as: its code points, and some for its place."""
    return len(made or "") + 100
