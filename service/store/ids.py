"""Ids that grow with time: UUIDs of version 7, each greater than the one before it in this process.

RFC 9562, section 5.7, counted as section 6.2 has it in its method 2: within a millisecond the random bits grow by a
random step, so that what is drawn next can hardly be guessed. The kernel is asked for many bits at once: to ask for
those of each id costs more than all else about it.
"""

import os
from datetime import datetime
from threading import Lock
from uuid import UUID

import msgspec

DRAWN = 4096
"""Random bytes that are drawn at a time."""
FIRST, STEP = 10, 5
"""Random bytes of a millisecond's first id, and of the step to the next: room is left for 2**33 of them."""


class Ids:
    """Makes ids, for all threads of a process; a process forked off draws its own."""

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        self.forget()

    def forget(self) -> None:
        """Begin anew, whoever was at it."""
        self._lock = Lock()
        self._time: datetime | None = None
        self._milliseconds, self._bits = -1, 0
        self._drawn, self._used = b"", 0

    def next(self, time: datetime) -> UUID:
        """An id of that time."""
        with self._lock:
            if time is not self._time:  # those of a batch are one
                self._time, milliseconds = time, int(time.timestamp() * 1000) & (1 << 48) - 1
                if milliseconds != self._milliseconds:
                    self._milliseconds, self._bits = milliseconds, self._random(FIRST) >> 7
            bits = self._bits = self._bits + 1 + self._random(STEP)
            value = self._milliseconds << 80 | 0x7 << 76 | bits >> 62 << 64 | 0x2 << 62 | bits & (1 << 62) - 1
        # msgspec makes a UUID of its bytes in a fraction of the time that the class itself takes.
        return msgspec.convert(value.to_bytes(16), UUID)

    def _random(self, size: int) -> int:
        """So many random bytes as a number."""
        used = self._used + size
        if used > len(self._drawn):
            self._drawn, used = os.urandom(DRAWN), size
        self._used = used
        return int.from_bytes(self._drawn[used - size : used])


_IDS = Ids()
os.register_at_fork(after_in_child=_IDS.forget)


def uuid7(time: datetime) -> UUID:
    """An id of version 7 of that time."""
    return _IDS.next(time)
