"""Stores the full tiles of the log's tree, behind whoever records.

Nothing rests on who does it, or on there being one alone: a tile is the same, whoever makes it (`tlog.stored`).
"""

import asyncio

import asyncpg
import structlog

from service.registry.tail import Tail
from service.store.failures import LOST
from service.tlog.stored import Tiles
from service.tlog.tiles import WIDTH

log = structlog.get_logger(__name__)

POLL = 1.0
"""Seconds between two looks at how far the log is, where nobody says that it has moved."""


class Tiler:
    """Stores tiles from `start` to `close`."""

    def __init__(self, url: str, schema: str, tail: Tail) -> None:
        """Nothing is opened yet."""
        self._url = url
        self._schema = schema
        self._tail = tail
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mengfu tiler")

    async def close(self) -> None:
        """Store no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    server_settings={"search_path": f"{self._schema}, pg_temp", "application_name": "mengfu tiler"},
                    timeout=10,
                )
                try:
                    await self._store(Tiles(connection.fetch))
                finally:
                    connection.terminate()
            except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("storing tiles was interrupted", error=str(error) or type(error).__name__)
            await asyncio.sleep(POLL)

    async def _store(self, stored: Tiles) -> None:
        while True:
            covered = await stored.store()
            while await self._tail.beyond(covered + WIDTH - 1, POLL) < covered + WIDTH:
                pass
