"""Lines of the log as a response: as they are stored, in constant memory, one after another or as one batch."""

import re
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from service.api.problems import NotAcceptable

NDJSON = "application/x-ndjson"
BATCH = "application/cloudevents-batch+json"


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


def wanted(accepted: str | None) -> str:
    """The kind of answer that Accept prefers (RFC 9110, section 12.5.1), lines where it names none of the two.

    Raises NotAcceptable where it refuses both, by a weight of 0.
    """
    weights: dict[str, float] = {}
    for item in (accepted or "").split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        weights[name] = float(weight) if re.fullmatch(r"[01](\.[0-9]{0,3})?", weight) else 0.0
    told = {
        kind: next((weights[name] for name in (kind, "application/*", "*/*") if name in weights), None)
        for kind in (NDJSON, BATCH)
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
