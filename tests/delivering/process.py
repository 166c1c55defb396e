"""A process of its own that delivers: what the tests of several processes start and kill.

    python -m tests.delivering.process URL LEASE

It delivers, with leases of so many seconds, until its standard input ends.
"""

import asyncio
import sys

import structlog

from service import delivering
from service.config import Settings
from service.delivering import Deliverer
from service.registry import Registry


async def main() -> None:
    """Open the registry, deliver, close it."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    url, lease = sys.argv[1:]
    delivering.LEASE = float(lease)
    registry = await Registry.open(Settings(webhooks_private=True), url)
    deliverer = Deliverer(registry)
    deliverer.start()
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await deliverer.close()
    await registry.close()


if __name__ == "__main__":
    asyncio.run(main())
