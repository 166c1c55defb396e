"""A receiver of webhooks: a real HTTP server on a bare socket, which answers as it is told and keeps what comes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from standardwebhooks import Webhook


class Received(NamedTuple):
    """One request: its path, its headers in lower case, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The event, if the library of Standard Webhooks finds its signature good."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Answers each request as `answer` says: a status, more header lines, and after how many seconds."""

    def __init__(self) -> None:
        """It takes everything."""
        self.received: list[Received] = []
        self.answer: Callable[[Received], tuple[int, str, float]] = lambda _: (200, "", 0.0)
        self.port = 0
        self._came = asyncio.Event()

    def __call__(self, path: str = "/hook") -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def until(self, count: int) -> list[Received]:
        """What has come, when it is so much."""
        async with asyncio.timeout(60):
            while len(self.received) < count:
                self._came.clear()
                await self._came.wait()
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                assert first.startswith("POST ")
                request = Received(first.split()[1], headers, body)
                self.received.append(request)
                self._came.set()
                status, more, pause = self.answer(request)
                await asyncio.sleep(pause)
                writer.write(f"HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n{more}\r\n".encode())
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver, as long as the block lasts."""
    receiver = Receiver()
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            connections.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
