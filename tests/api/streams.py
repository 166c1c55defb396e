"""A reader of the log's stream as a browser's EventSource is one, on a bare socket: it comes again where it is lost."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import urlsplit


class Told(NamedTuple):
    """One block of a stream: an event's fields, or a comment."""

    id: int | None = None
    data: bytes | None = None
    retry: int | None = None
    comment: bool = False


class Answer(NamedTuple):
    """The answer's status and headers, and its body as it comes, without the chunks' sizes."""

    status: int
    headers: dict[str, str]
    body: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def chunks(self) -> AsyncIterator[bytes]:
        """The parts of the body (RFC 9112, section 7.1). Raises EOFError where it breaks off."""
        while size := int(await self.body.readline() or b"x", 16):
            yield (await self.body.readexactly(size + 2))[:-2]
        assert await self.body.readline() == b"\r\n"

    async def blocks(self) -> AsyncIterator[Told]:
        """What is told, block by block (WHATWG HTML, section 9.2.6)."""
        held = b""
        async for chunk in self.chunks():
            *whole, held = (held + chunk).split(b"\n\n")
            for block in whole:
                yield read(block)

    async def events(self, count: int) -> list[Told]:
        """The next events that have data."""
        found: list[Told] = []
        async for told in self.blocks():
            found += [told] if told.data is not None else []
            if len(found) == count:
                break
        return found


def read(block: bytes) -> Told:
    """A block's fields."""
    told = Told()
    for line in block.split(b"\n"):
        name, _, value = line.partition(b": ")
        match name:
            case b"id":
                told = told._replace(id=int(value))
            case b"data":
                assert told.data is None
                told = told._replace(data=value)
            case b"retry":
                told = told._replace(retry=int(value))
            case _:
                assert line.startswith(b":"), line
                told = told._replace(comment=True)
    return told


@contextlib.asynccontextmanager
async def opened(address: str, path: str, key: str, limit: int = 65_536, **headers: str) -> AsyncIterator[Answer]:
    """A GET, with its answer's head read. Headers are named with underscores."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=limit)
    try:
        given = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{given}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = re.match(r"HTTP/1.1 ([0-9]{3}) ", head)
        assert status is not None
        fields = dict(re.findall(r"^([\w-]+): (.*?)\r$", head.lower(), re.MULTILINE))
        yield Answer(int(status[1]), fields, reader, writer)
    finally:
        writer.close()
