"""The newest lines, read once for all who follow the log; who is behind them reads from the database by itself.

One task fetches what is new, a chunk at a time, into a bounded ring, however many readers wait for it. A reader holds
no connection between two steps and nothing but the lines of its last one, so that a slow one costs what its step holds.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Literal
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from service.domain import errors
from service.domain.decider import Ref
from service.registry.tail import Tail
from service.store import sql

log = structlog.get_logger(__name__)

Fetch = Callable[..., Awaitable[Sequence[Any]]]

RING = 4_096
"""Lines kept for readers at the head; at most as many bytes as `RING_BYTES`."""
RING_BYTES = 16_000_000
CHUNK = 1_000
"""Lines that are fetched at once for the ring."""
STEP = 200
"""Lines that a reader gets at a time; from the database fewer where they are long, some `STEP_BYTES` of them."""
STEP_BYTES = 65_536
FIRST = 16
"""Lines that are fetched before it is known how long they are."""
SPAN = 100_000
"""Positions that one statement looks through for a reader that is behind."""
ABREAST = 2
"""Readers behind the ring that read from the database at the same time, so that they leave connections to others."""
MOST = 1_000
"""Readers in one process; each can hold some 100 kB that its client does not take."""
PAUSE = 1.0
"""Seconds until the database is asked again after it did not answer."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which lines a reader follows: those that agree with all that is given here."""

    type: str | None = None
    subject: Ref | None = None
    actor: UUID | None = None
    cause: Literal["change", "correction"] | None = None


class _Outer(Struct, frozen=True, gc=False):
    type: str
    subject: str
    actor: str
    cause: str


class Entry(Struct, frozen=True, gc=False):
    """A stored line without LF, and its place in the log."""

    position: int
    line: bytes


_OUTER = msgspec.json.Decoder(_Outer)


class Feed:
    """The log's newest part as one process shows it to its readers."""

    def __init__(self, tail: Tail, fetch: Fetch) -> None:
        """`fetch` runs a statement that only reads."""
        self.readers = 0
        self.closed = False
        self._tail = tail
        self._fetch = fetch
        self._ring: list[Entry] = []
        self._outers: list[_Outer] = []
        self._size = 0
        self._start = self._end = 0  # the ring holds what lies above `_start` and up to `_end`
        self._moved = asyncio.Event()
        self._abreast = asyncio.Semaphore(ABREAST)
        self._task: asyncio.Task[None] | None = None

    def follow(self, after: int, wanted: Wanted, patience: float) -> AsyncGenerator[tuple[int, list[Entry]]]:
        """What is wanted of the log after a position, without end: each time how far was looked, and what was found.

        Nothing is found where `patience` seconds have passed without a wanted line, or much was looked through. Ends
        when the registry is closed, or its database does not answer. Raises Unavailable where too many follow already.
        """
        if self.readers >= MOST:
            raise errors.Unavailable(problem="too many readers follow the log")
        return self._follow(after, wanted, patience)

    async def _follow(self, position: int, wanted: Wanted, patience: float) -> AsyncGenerator[tuple[int, list[Entry]]]:
        self.readers += 1
        step = FIRST
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._pump(), name="mengfu feed")
            while not self.closed:
                if position >= self._end:
                    if not await self._more(position, patience):
                        yield position, []
                elif position >= self._start:
                    position, found = self._newest(position, wanted)
                    yield position, found
                else:
                    position, found = await self._behind(position, wanted, step)
                    yield position, found
                    step = fitting([entry.line for entry in found], STEP_BYTES, STEP)
        except errors.Unavailable:
            log.info("a reader of the log is sent away: the database does not answer")
        finally:
            self.readers -= 1
            if self.readers == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    async def close(self) -> None:
        """Send every reader away, at once."""
        self.closed = True
        self._tell()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- Reading ----------------------------------------------------------------------------------------------

    async def _more(self, position: int, patience: float) -> bool:
        """Wait until the ring ends beyond the position; False where `patience` ended first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while position >= self._end and not self.closed:
                    await self._moved.wait()
                return True
        return False

    def _newest(self, position: int, wanted: Wanted) -> tuple[int, list[Entry]]:
        """The next lines of the ring that are wanted, and how far was looked."""
        first = bisect_right(self._ring, position, key=_position)
        found: list[Entry] = []
        for entry, outer in zip(self._ring[first : first + STEP], self._outers[first : first + STEP], strict=True):
            position = entry.position
            if _matches(outer, wanted):
                found.append(entry)
        return position, found

    async def _behind(self, position: int, wanted: Wanted, step: int) -> tuple[int, list[Entry]]:
        """The next lines that are wanted from the database, and how far was looked."""
        until = min(self._end, position + SPAN)
        correction = None if wanted.cause is None else wanted.cause == "correction"
        given = (wanted.type, wanted.subject.id if wanted.subject else None, wanted.actor, correction)
        async with self._abreast:
            rows = await self._fetch(sql("lines"), position, until, step, *given)
        found = [Entry(row["position"], row["line"]) for row in rows]
        reached = until if len(found) < step else found[-1].position
        if wanted.subject is not None:  # the statement goes by the id alone
            found = [entry for entry in found if _matches(_OUTER.decode(entry.line), wanted)]
        return reached, found

    # --- Filling ----------------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        """Fetch what is new as long as somebody reads."""
        head = 0
        while True:
            try:
                if not head:
                    [row] = await self._fetch("select position from head")
                    head = row["position"]
                await self._fill(head)
            except errors.Unavailable:
                await asyncio.sleep(PAUSE)
                continue
            except Exception:  # whoever reads would wait for ever, and nobody would know why
                log.exception("the newest lines could not be fetched")
                await asyncio.sleep(PAUSE)
                continue
            head = await self._tail.beyond(self._end, 60)

    async def _fill(self, head: int) -> None:
        """Put what lies up to the head into the ring, or only the end of it where that is much."""
        if head - self._end > RING:
            self._ring, self._outers, self._size = [], [], 0
            self._start = self._end = head - CHUNK
        while self._end < head:
            rows = await self._fetch(sql("lines"), self._end, head, CHUNK, *(None,) * 4)
            self._ring += [Entry(row["position"], row["line"]) for row in rows]
            self._outers += [_OUTER.decode(row["line"]) for row in rows]
            self._size += sum(len(row["line"]) for row in rows)
            self._end = rows[-1]["position"]
            self._trim()
            self._tell()

    def _trim(self) -> None:
        gone = max(0, len(self._ring) - RING)
        size = self._size - sum(len(entry.line) for entry in self._ring[:gone])
        while size > RING_BYTES:
            size -= len(self._ring[gone].line)
            gone += 1
        if gone:
            self._start = self._ring[gone - 1].position
            del self._ring[:gone], self._outers[:gone]
            self._size = size

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def fitting(lines: Sequence[bytes], size: int, most: int) -> int:
    """How many lines to fetch next, so that they have about that size together, if they are as long as these."""
    return max(FIRST, min(most, size * len(lines) // max(1, sum(map(len, lines)))))


def _position(entry: Entry) -> int:
    return entry.position


def _matches(outer: _Outer, wanted: Wanted) -> bool:
    """Whether a line is wanted."""
    return (
        (wanted.type is None or outer.type == wanted.type)
        and (wanted.subject is None or outer.subject == str(wanted.subject))
        and (wanted.actor is None or outer.actor == f"accounts/{wanted.actor}")
        and (wanted.cause is None or outer.cause == wanted.cause)
    )
