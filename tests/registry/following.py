"""A process of its own that follows a registry's log: what the tests of several processes start, freeze and kill.

python -m tests.registry.following URL
"""

import asyncio
import sys

import structlog

from service.config import Settings
from service.registry import Registry


async def main() -> None:
    """Open the registry and follow, until killed."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    registry = await Registry.open(Settings(), sys.argv[1])
    registry.follower.start()
    sys.stdout.write("following\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
