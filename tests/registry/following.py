"""A process of its own that follows a registry's log: what the tests of several processes start, freeze and kill.

python -m tests.registry.following URL [LINES], where that is how many lines it takes at a time, with long pauses.
"""

import asyncio
import sys
from typing import Any

import structlog

from service.config import Settings
from service.registry import Registry, chase, follower


async def main() -> None:
    """Open the registry and follow, until killed."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    registry = await Registry.open(Settings(), sys.argv[1])
    if len(sys.argv) > 2:
        slow(int(sys.argv[2]))
    registry.follower.start()
    sys.stdout.write("following\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def slow(lines: int) -> None:
    """Follow so slowly that whoever kills this process meets it in the middle."""
    chase.BATCH = lines
    store = follower.Follower._store

    async def pausing(*given: Any) -> Any:
        moved = await store(*given)
        await asyncio.sleep(2)
        return moved

    follower.Follower._store = pausing  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    asyncio.run(main())
