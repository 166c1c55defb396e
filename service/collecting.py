"""Garbage collection in a process that serves: rarely, in small pieces, and the whole of it when nobody waits.

As Python comes, 700 new objects have the youngest looked at, which a batch of readers makes many times over, and all
that there are whenever a quarter has been added, which stops everybody for as long as it takes. Measured with 64
connections that read things of 10 KB: a third of the processor's time, and a p99 of 165 ms in place of 30. Nearly all
that a request makes goes away with it, by itself; only circles have to be looked for, such as those of an error and the
frames that it names.
"""

import asyncio
import gc
import time
from collections.abc import Callable

YOUNG = 20_000
"""New objects, less those that are gone, after which the youngest are looked at: some milliseconds."""
OLDER = 10
"""Looks at the youngest after which those that were left are looked at as well."""
NEVER = 2**31 - 1
LOOK = 1.0
"""Seconds between two looks at whether anybody waits."""
PAUSE = 10.0
"""Seconds between two looks at all objects, where nobody waits."""
LONGEST = 600.0
"""The same where somebody always does."""


class Collector:
    """Collects in its own time from `start` to `close`; what was there before it is not looked at."""

    def __init__(self, begun: Callable[[], int]) -> None:
        """`begun` counts the requests that have begun: nobody waits where it has not moved between two looks."""
        self._begun = begun
        self._usual = gc.get_threshold()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, OLDER, NEVER)
        self._task = asyncio.create_task(self._run(), name="mengfu collector")

    async def close(self) -> None:
        """Leave it to Python again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            gc.set_threshold(*self._usual)
            gc.unfreeze()

    async def _run(self) -> None:
        seen, last = self._begun(), time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            begun, since = self._begun(), time.monotonic() - last
            idle = begun == seen and since >= PAUSE
            # Without a look at the older ones since the last time there is nothing new among the oldest.
            if (idle or since >= LONGEST) and gc.get_count()[2]:
                gc.collect()
                last = time.monotonic()
            seen = begun
