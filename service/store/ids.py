"""Ids that grow with time: UUIDs of version 7, each greater than the one before it in this process.

RFC 9562, section 5.7, counted as section 6.2 has it in its method 2: within a millisecond the random bits grow by a
random step, so that what is drawn next can hardly be guessed. The kernel is asked for many bits at once: to ask for
those of each id costs more than all else about it.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from threading import Lock
from uuid import UUID

import msgspec

DRAWN = 4096
"""Random bytes that are drawn at a time, of which each step takes eight."""


class Ids:
    """Makes ids, for all threads of a process; a process forked off draws its own."""

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        self.forget()

    def forget(self) -> None:
        """Begin anew, whoever was at it."""
        self._lock = Lock()
        self._time: datetime | None = None
        self._milliseconds, self._value = -1, 0
        self._steps: Iterator[int] = iter(())

    def next(self, time: datetime) -> UUID:
        """An id of that time."""
        with self._lock:
            if time is not self._time:  # those of a batch are one
                self._begin(time)
            step = next(self._steps, None)
            if step is None:
                self._steps = iter(memoryview(os.urandom(DRAWN)).cast("Q"))
                step = next(self._steps)
            # Up to 2**32 further: the 62 bits have begun below their half, so that there is room for 2**29 ids.
            self._value += 1 + (step >> 32)
            value = self._value
        # msgspec makes a UUID of its bytes in a fraction of the time that the class itself takes.
        return msgspec.convert(value.to_bytes(16), UUID)

    def _begin(self, time: datetime) -> None:
        """Where a millisecond begins, its first id but for one step."""
        self._time, milliseconds = time, int(time.timestamp() * 1000) & (1 << 48) - 1
        if milliseconds != self._milliseconds:
            self._milliseconds, bits = milliseconds, int.from_bytes(os.urandom(10))
            high, low = bits & 0xFFF, bits >> 12 & (1 << 61) - 1
            self._value = milliseconds << 80 | 0x7 << 76 | high << 64 | 0x2 << 62 | low


_IDS = Ids()
os.register_at_fork(after_in_child=_IDS.forget)


def uuid7(time: datetime) -> UUID:
    """An id of version 7 of that time."""
    return _IDS.next(time)
