"""Lines of the log as a response: as they are stored, in constant memory, one after another, as one batch, or for ever.

The server holds up to some 13 messages of an answer that its client does not take, then lets us wait; so what is sent
is cut into small pieces. Where the client has gone, sending never waits: each piece is followed by a breath, in which
the end is noticed.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from service.api.problems import NotAcceptable
from service.registry.feed import Entry

NDJSON = "application/x-ndjson"
BATCH = "application/cloudevents-batch+json"
SSE = "text/event-stream"

PIECE = 65_536
"""Bytes from which on what is gathered is sent, to somebody who wants it all."""
CRUMB = 4_096
"""The same for those who stay, of whom there may be many."""
HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that nobody between here and the client takes it for dead."""
RETRY = 2_000
"""Milliseconds after which a client that lost us should come back."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


def wanted(accepted: str | None, kinds: tuple[str, ...] = (NDJSON, BATCH)) -> str:
    """The kind of answer that Accept prefers (RFC 9110, section 12.5.1), the first one where it names none of them.

    Raises NotAcceptable where it refuses all, by a weight of 0.
    """
    weights: dict[str, float] = {}
    for item in (accepted or "").split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        weights[name] = float(weight) if re.fullmatch(r"[01](\.[0-9]{0,3})?", weight) else 0.0
    told = {
        kind: next((weights[name] for name in (kind, kind.partition("/")[0] + "/*", "*/*") if name in weights), None)
        for kind in kinds
    }
    best = max((kind for kind in told if told[kind]), key=lambda kind: told[kind] or 0.0, default=None)
    best = best or next((kind for kind in told if told[kind] is None), None)
    if best is None:
        raise NotAcceptable(kinds=f"{NDJSON}, {BATCH}")
    return best


async def lines(request: Request[Any, Any, Any], chunks: AsyncIterator[list[bytes]]) -> ASGIResponse:
    """The lines, each with its LF; or, where Accept prefers it, one JSON array of them (CloudEvents batch).

    The first chunk is fetched before the answer starts, so that what goes wrong until then has its own status.
    """
    kind = wanted(request.headers.get("accept"))
    first = await anext(chunks, None)
    joined = batch(first, chunks) if kind == BATCH else separate(first, chunks)
    headers = {"vary": "Accept", "cache-control": "no-cache"}
    return ASGIStreamingResponse(iterator=joined, headers=headers, media_type=kind)


async def separate(first: list[bytes] | None, chunks: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """Line after line."""
    chunk = first
    while chunk is not None:
        for piece in pieces(line + b"\n" for line in chunk):
            yield piece
            await asyncio.sleep(0)
        chunk = await anext(chunks, None)


async def batch(first: list[bytes] | None, chunks: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """One array."""
    chunk, before = first, b"["
    while chunk is not None:
        for piece in pieces(b",%b" % line for line in chunk):
            yield before + piece[1:] if before == b"[" else piece
            before = b""
            await asyncio.sleep(0)
        chunk = await anext(chunks, None)
    yield b"[]" if before == b"[" else b"]"


def pieces(parts: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The parts one after another, gathered until a piece has that size."""
    gathered, held = [], 0
    for part in parts:
        gathered.append(part)
        held += len(part)
        if held >= size:
            yield b"".join(gathered)
            gathered, held = [], 0
    if gathered:
        yield b"".join(gathered)


Chunks = AsyncGenerator[tuple[int, list[Entry]]]
"""Lines with their positions, each time with how far the log was looked through for them."""


def sse(after: int, chunks: Chunks, allowed: Callable[[], Awaitable[bool]]) -> ASGIResponse:
    """The lines as server-sent events, each with its sequence as its id, as long as there are chunks.

    `allowed` is asked now and then: a key that was revoked reads no more.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return ASGIStreamingResponse(iterator=sent(after, chunks, allowed), headers=headers, media_type=SSE)


async def sent(after: int, chunks: Chunks, allowed: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """What is sent (WHATWG HTML, section 9.2.6): lines, and in silence a comment.

    An event without data is none, but moves the client's last event id. So a client that has come to its first line as
    little as one whose filter lets nothing through looks again at what has been looked through for it already.
    """
    told = after
    clock = asyncio.get_running_loop().time
    yield b"retry: %d\nid: %d\n\n" % (RETRY, after)
    quiet = asked = clock() + HEARTBEAT
    async with aclosing(chunks):
        async for position, found in chunks:
            if clock() >= asked:
                if not await allowed():
                    return
                asked = clock() + HEARTBEAT
            events = (b"id: %d\ndata: %b\n\n" % (entry.position, entry.line) for entry in found)
            for piece in pieces(events, CRUMB):
                yield piece
                await asyncio.sleep(0)
            if found:
                told, quiet = found[-1].position, clock() + HEARTBEAT
            elif clock() >= quiet:
                yield b":\n\n" if position == told else b":\nid: %d\n\n" % position
                told, quiet = position, clock() + HEARTBEAT
            await asyncio.sleep(0)
