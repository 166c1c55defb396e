"""Lines of the log as a response: as they are stored, in constant memory, one after another or as one batch."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

NDJSON = "application/x-ndjson"
BATCH = "application/cloudevents-batch+json"


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


async def lines(request: Request[Any, Any, Any], chunks: AsyncIterator[list[bytes]]) -> ASGIResponse:
    """The lines, each with its LF; or, where Accept prefers it, one JSON array of them (CloudEvents batch).

    The first chunk is fetched before the answer starts, so that what goes wrong until then has its own status.
    """
    kind = request.accept.best_match([NDJSON, BATCH], default=NDJSON) or NDJSON
    first = await anext(chunks, None)
    joined = batch(first, chunks) if kind == BATCH else separate(first, chunks)
    headers = {"vary": "Accept", "cache-control": "no-cache"}
    return ASGIStreamingResponse(iterator=joined, headers=headers, media_type=kind)


async def separate(first: list[bytes] | None, chunks: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """Line after line."""
    chunk = first
    while chunk is not None:
        yield b"\n".join((*chunk, b""))
        chunk = await anext(chunks, None)


async def batch(first: list[bytes] | None, chunks: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """One array."""
    chunk, before = first, b"["
    while chunk is not None:
        if chunk:
            yield before + b",".join(chunk)
            before = b","
        chunk = await anext(chunks, None)
    yield b"[]" if before == b"[" else b"]"
