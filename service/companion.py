"""The process that follows the log beside one that serves: it brings projections after it, and stores its tiles.

Followers take as much of an interpreter as commands do while there is much to follow. Whoever records goes first: this
process has what the processors have left, and is behind while they have nothing left.
"""

import asyncio
import os
from typing import NoReturn

import structlog
from msgspec import Struct

from service import output
from service.collecting import Collector
from service.domain.catalogue import DECIDERS
from service.projections.following import FOLLOWING
from service.registry import DECODERS, Registry, child
from service.registry.follower import Follower
from service.registry.tail import Tail
from service.registry.tiling import store_tiles

log = structlog.get_logger(__name__)

MODULE = __name__
NICE = 5
"""How far it steps back (nice(2)): of a processor that somebody else wants as well it gets a quarter."""
AGAIN = 1.0
"""Seconds until it is started again after it has ended."""


class Errand(Struct, frozen=True):
    """What it is told: which log to follow, and from which level on to tell people of it."""

    url: str
    schema: str
    level: str


class Companion:
    """Has the log of a registry followed from `start` to `close`, by a process that is started again when it ends."""

    def __init__(self, registry: Registry) -> None:
        """Nothing is started yet."""
        chosen = registry.settings
        self._errand = Errand(registry.writer.url, chosen.schema, chosen.log_level)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mengfu companion")

    async def close(self) -> None:
        """Follow no more. A batch under way is stored or not; nothing has to be finished."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                process = await child.start(MODULE, self._errand)
                try:
                    log.warning("the process that follows the log has ended", code=await process.wait())
                finally:
                    await child.end(process)
            except OSError as error:
                log.warning("no process could be started to follow the log", error=str(error))
            await asyncio.sleep(AGAIN)


async def main(errand: Errand) -> int:
    """Follow until killed."""
    os.nice(NICE)
    output.log_to_stderr(errand.level)
    tail = Tail(errand.url, errand.schema)
    follower = Follower(errand.url, errand.schema, tail, DECIDERS, DECODERS, FOLLOWING, Registry.today)
    Collector(lambda: tail.position).start()
    follower.start()
    await store_tiles(errand.url, errand.schema, tail)


def begin() -> NoReturn:
    """Be that process."""
    child.do(main, Errand)
