"""A client that loads a server over HTTP/1.1: connections that stay, each with one request under way at a time.

It runs as a process of its own, so that it takes nothing of the loop that it measures: `load` starts it, hands it the
requests as the bytes that go over the wire, and gets the answers' times. Every answer is read whole, of a stated length
or in chunks, and its status is looked at: another one than 2xx ends the run with what the server said.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

MODULE = "tests.bench.client"
END = b"\r\n\r\n"


class Job(Struct, frozen=True):
    """What to send: each request once, over so many connections to a port of this machine."""

    port: int
    connections: int
    requests: list[bytes]


class Load(Struct, frozen=True):
    """What came of it: the seconds that all took, each request's, and the bytes and LFs of all bodies."""

    seconds: float
    latencies: list[float]
    size: int
    lines: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds


class WrongError(Exception):
    """The server answered otherwise than was expected; the message is what it said."""


def request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + END + (body or b"")


class Connection(asyncio.Protocol):
    """One connection, which sends the next request as soon as the last answer is whole."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float]) -> None:
        """`requests` are shared with the other connections, and so are the `latencies`."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.size = 0
        self.lines = 0
        self._requests = requests
        self._latencies = latencies
        self._transport: asyncio.Transport | None = None
        self._held = b""
        """Of an answer what cannot be read yet: a part of its head, or of a chunk's first line."""
        self._left: int | None = None
        """Bytes of the body, or of the chunk with its line end, that are still to come; None before its head."""
        self._chunked = False
        self._last = False
        """Whether the chunk that is being read is the last one, which is empty."""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by its class
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """The server should not have done that."""
        if not self.done.done():
            self.done.set_exception(WrongError(f"the connection was closed: {error}"))

    def data_received(self, data: bytes) -> None:
        """Read on."""
        try:
            self._read(self._held + data if self._held else data)
        except Exception as error:  # whoever waits is told
            if not self.done.done():
                self.done.set_exception(error)

    def _next(self) -> None:
        assert self._transport is not None
        if (request := next(self._requests, None)) is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._left, self._chunked, self._last = None, False, False
        self._began = time.perf_counter()
        self._transport.write(request)

    def _read(self, data: bytes) -> None:
        self._held, at = b"", 0
        if self._left is None:
            end = data.find(END)
            if end < 0:
                self._held = data
                return
            self._head(data, end)
            at = end + len(END)
        while True:
            assert self._left is not None
            taken = min(self._left, len(data) - at)
            body = data[at : at + taken]
            self.size += taken
            self.lines += body.count(b"\n")
            self._left -= taken
            at += taken
            if self._left:
                return
            if not self._chunked or self._last:
                break
            end = data.find(b"\r\n", at)
            if end < 0:
                self._held = data[at:]
                return
            length = int(data[at:end], 16)
            # The line end behind a chunk is counted with it: it is taken off again, as is its LF.
            self._left, self._last = length + 2, length == 0
            self.size -= 2
            self.lines -= 1
            at = end + 2
        if at != len(data):
            raise WrongError(f"the server said more than was asked: {data[at : at + 200]!r}")
        self._latencies.append(time.perf_counter() - self._began)
        self._next()

    def _head(self, data: bytes, end: int) -> None:
        if data[9:10] != b"2":
            raise WrongError(data[:2_000].decode("utf-8", "replace"))
        head = data[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            stop = head.find(b"\r\n", at + 2)
            self._left = int(head[at + 17 : stop if stop >= 0 else end])
        elif b"\r\ntransfer-encoding: chunked" in head:
            self._left, self._chunked = 0, True
        else:
            raise WrongError(f"no length of an answer: {data[:end]!r}")


async def run(job: Job) -> Load:
    """Send all, and answer how long it took."""
    loop = asyncio.get_running_loop()
    requests, latencies = iter(job.requests), list[float]()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: Connection(requests, latencies), "127.0.0.1", job.port)
        for _ in range(min(job.connections, len(job.requests)))
    ]
    connections = [connection for _, connection in made]
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - began
    size, lines = (sum(getattr(one, name) for one in connections) for name in ("size", "lines"))
    return Load(seconds, latencies, size, lines)


async def load(port: int, connections: int, requests: Sequence[bytes]) -> Load:
    """The same in a process of its own. Raises WrongError with what that says where it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, said = await process.communicate(msgspec.msgpack.encode(Job(port, connections, list(requests))))
    if process.returncode != 0:
        raise WrongError(said.decode())
    return msgspec.msgpack.decode(told, type=Load)


if __name__ == "__main__":
    given = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(run(given))))
