"""A process of its own that makes rounds: what the tests of several processes start and kill.

    python -m tests.reminding.process URL DAY ROUNDS

Each round prints how many reminders and tasks it has recorded, at once.
"""

import asyncio
import sys
from datetime import date

import structlog

import service.registry
from service.config import Settings
from service.registry import Registry
from service.reminding import remind


async def main() -> None:
    """Open the registry, make the rounds, close it."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    url, day, rounds = sys.argv[1:]
    # What is tested is what is recorded, not how busy the machine is.
    service.registry.PATIENCE = 300.0  # type: ignore[attr-defined]
    registry = await Registry.open(Settings(batch=16), url)
    print("open", flush=True)
    for _ in range(int(rounds)):
        made = await remind(registry, date.fromisoformat(day))
        print(len(made.reminded), len(made.yielded), len(made.refused), flush=True)
    await registry.close()


if __name__ == "__main__":
    asyncio.run(main())
