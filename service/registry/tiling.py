"""Stores the full tiles of the log's tree, behind whoever records.

Nothing rests on who does it, or on there being one alone: a tile is the same, whoever makes it (`tlog.stored`).
"""

import asyncio
from typing import NoReturn

import asyncpg
import structlog

from service.registry.tail import Tail
from service.store.failures import LOST
from service.tlog.stored import Tiles
from service.tlog.tiles import WIDTH

log = structlog.get_logger(__name__)

POLL = 1.0
"""Seconds between two looks at how far the log is, where nobody says that it has moved."""


async def store_tiles(url: str, schema: str, tail: Tail) -> NoReturn:
    """Store tiles as the log grows, for ever."""
    settings = {"search_path": f"{schema}, pg_temp", "application_name": "mengfu tiler"}
    while True:
        try:
            connection = await asyncpg.connect(url, server_settings=settings, timeout=10)
            try:
                await _follow(Tiles(connection.fetch), tail)
            finally:
                connection.terminate()
        except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("storing tiles was interrupted", error=str(error) or type(error).__name__)
        await asyncio.sleep(POLL)


async def _follow(stored: Tiles, tail: Tail) -> NoReturn:
    covered = 0
    while True:
        before, covered = covered, await stored.store()
        if covered == before and tail.position >= covered + WIDTH:
            await asyncio.sleep(POLL)  # lines are gone: `verify` says which
        while await tail.beyond(covered + WIDTH - 1, POLL) < covered + WIDTH:
            pass
