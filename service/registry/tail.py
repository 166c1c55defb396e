"""The log's end, as this process sees it move: whoever follows the log waits here for more of it.

A NOTIFY a batch is a hint that comes at once; because hints can be lost with their connection, the head is looked at
every second as well. Nothing is read here but the position: each follower fetches what it wants, from where it stands.
That following projections have moved is heard on the same channel.
"""

import asyncio
from contextlib import suppress

import asyncpg
import structlog

from service.store.failures import LOST

log = structlog.get_logger(__name__)

POLL = 1.0
"""Seconds between two looks at the head."""
FOLLOWED = "followed"
"""What is told where not the head has moved, but projections that follow it (`follow.sql`)."""


class Tail:
    """The newest position known here, and a way to wait for a newer one. Its connection is made by the first wait."""

    def __init__(self, url: str, schema: str) -> None:
        """Follow the registry in that schema."""
        self.position = 0
        self._url = url
        self._schema = schema
        self._moved = asyncio.Event()
        self._followed = asyncio.Event()
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def beyond(self, position: int, patience: float) -> int:
        """Wait until the log ends beyond `position`, or `patience` seconds; answers the newest position known."""
        self._start()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self.position <= position:
                    await self._moved.wait()
        return self.position

    def followed(self) -> asyncio.Event:
        """What is set when projections that follow the log have moved, once it is heard of."""
        self._start()
        return self._followed

    async def close(self) -> None:
        """Let the connection go; who waits learns nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="mengfu tail")

    async def _follow(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    server_settings={"search_path": f"{self._schema}, pg_temp", "application_name": "mengfu tail"},
                    timeout=10,
                )
            except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(POLL)
                continue
            try:
                await self._listen(connection)
            except (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("the tail's connection was lost", error=str(error) or type(error).__name__)
                await asyncio.sleep(POLL / 10)
            finally:
                connection.terminate()

    async def _listen(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        await connection.add_listener(f"mengfu.{self._schema}", self._hint)
        while True:
            self._look.clear()
            self._saw(await connection.fetchval("select position from head"))
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._look.wait()

    def _hint(self, _connection: object, _process: int, _channel: str, told: object) -> None:
        """Somebody says that the head has moved, or the projections: anybody may say so, hence a look at them."""
        if told == FOLLOWED:
            moved, self._followed = self._followed, asyncio.Event()
            moved.set()
        else:
            self._look.set()

    def _saw(self, position: int) -> None:
        if position > self.position:
            self.position = position
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()
