"""Lines from another registry: its `/api/events`, read as they come."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from service.carrying.sources import BLOCK, Source
from service.config import ConfigError

CONNECT, SILENCE = 10.0, 60.0
"""Seconds that another registry has to accept a connection, and to go on answering."""


class SourceError(Exception):
    """Lines cannot be had from there; the message says why, and what to do."""


def events(url: str) -> str:
    """The address of a registry's log: its own address may be given, or that of its `/api/events`."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(f"{url} is no address of a registry: https://HOST, or https://HOST/api/events")
    return url.rstrip("/") if parts.path.rstrip("/").endswith("/api/events") else url.rstrip("/") + "/api/events"


def key_in(path: str) -> str:
    """The key that a file holds; empty where no file is named."""
    if not path:
        return ""
    try:
        key = Path(path).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the key's file {path} cannot be read: {error}") from error
    if not key or not key.isprintable() or " " in key:
        raise ConfigError(f"{path} holds no key")
    return key


@asynccontextmanager
async def remote(url: str, until: int | datetime, key: str) -> AsyncIterator[Source]:
    """What another registry answers to a request for its log, as it comes."""
    import httpx  # noqa: PLC0415

    address = events(url)
    asked = {"until": until} if isinstance(until, int) else {}
    headers = {"accept": "application/x-ndjson"} | ({"authorization": f"Bearer {key}"} if key else {})
    timeout = httpx.Timeout(SILENCE, connect=CONNECT)
    try:
        async with (
            httpx.AsyncClient(timeout=timeout) as client,
            client.stream("GET", address, params=asked, headers=headers) as answer,
        ):
            kind = answer.headers.get("content-type", "").partition(";")[0]
            if answer.status_code != httpx.codes.OK or kind != "application/x-ndjson":
                raise SourceError(f"{address} {refusal(answer.status_code, kind, await answer.aread())}")
            yield Source(answer.aiter_bytes(BLOCK), None)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise SourceError(f"{address} cannot be read to its end: {why}") from error


def refusal(status: int, kind: str, body: bytes) -> str:
    """Why an answer is not a log."""
    if status == 200:
        return f"answers {kind or 'something'} and no log (application/x-ndjson): is it a registry's address?"
    why = ""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        why = str(msgspec.json.decode(body, type=dict[str, Any]).get("detail", ""))
    if status in {401, 403}:
        return f"wants a key that may read: name its file by --key-file or MENGFU_KEY_FILE ({status}: {why})"
    return f"answers {status}" + (f": {why}" if why else "; is it a registry's address?")
