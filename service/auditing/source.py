"""What a registry tells strangers over HTTP: its checkpoint and keys, proofs, tiles, lines."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import httpx
import msgspec
from msgspec import Struct

from service.carrying.remote import CONNECT, SILENCE, SourceError, refusal
from service.carrying.sources import BLOCK, Chunks, lines
from service.config import ConfigError
from service.tlog import tiles
from service.tlog.tiles import Tile

LARGEST = 16_000_000
"""Bytes of an answer that is no log, at most."""


class _Key(Struct):
    key: str
    endorsement: str | None = None


class _Keys(Struct):
    keys: list[_Key]


class _Consistency(Struct):
    proof: list[str]


class Source:
    """A registry that is asked over HTTP. Whatever goes wrong on the way is SourceError."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        """`client` sends whatever key reading needs."""
        self.url = url
        self._client = client

    async def checkpoint(self) -> str:
        """The signed note of now."""
        return (await self._get("/log/checkpoint")).decode("utf-8", "replace")

    async def keys(self) -> list[tuple[str, str | None]]:
        """The keys that there have been, each with the note in which the one before it names it."""
        try:
            found = msgspec.json.decode(await self._get("/log/keys"), type=_Keys)
        except (msgspec.MsgspecError, ValueError) as error:
            raise SourceError(f"{self.url}/log/keys is no list of keys: {error}") from error
        return [(one.key, one.endorsement) for one in found.keys]

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of `old` lines is the beginning of that of `new` ones, unchecked."""
        try:
            found = msgspec.json.decode(
                await self._get("/log/proof/consistency", {"from": old, "to": new}), type=_Consistency
            )
            return [base64.b64decode(node, validate=True) for node in found.proof]
        except (msgspec.MsgspecError, ValueError) as error:
            raise SourceError(f"{self.url}/log/proof/consistency is no proof: {error}") from error

    async def leaves(self, index: int, size: int) -> bytes:
        """The leaf hashes of a tile of lines, as many as there are in the log of that size."""
        return await self._get(f"/log/tile/{Tile(0, index, tiles.width(0, index, size)).path}")

    async def bundle(self, sequence: int) -> bytes:
        """A line with its proof and the checkpoint, unchecked."""
        return await self._get("/log/bundle", {"sequence": sequence})

    @asynccontextmanager
    async def lines(self, after: int, until: int) -> AsyncIterator[Chunks]:
        """The lines between two positions, as they come."""
        asked = {"after": after, "until": until}
        headers = {"accept": "application/x-ndjson"}
        try:
            async with self._client.stream("GET", f"{self.url}/api/events", params=asked, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    self._refused("/api/events", answer, await self._body("/api/events", answer))
                yield lines(self._pieces("/api/events", answer))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed("/api/events", error)

    async def _get(self, path: str, asked: dict[str, int] | None = None) -> bytes:
        try:
            async with self._client.stream("GET", self.url + path, params=asked) as answer:
                body = await self._body(path, answer)
                if answer.status_code != httpx.codes.OK:
                    self._refused(path, answer, body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed(path, error)
        return body

    async def _body(self, path: str, answer: httpx.Response) -> bytes:
        """All of an answer that is no log."""
        body = bytearray()
        async for piece in self._pieces(path, answer):
            body += piece
            if len(body) > LARGEST:
                raise SourceError(f"{self.url}{path} answers with more than {LARGEST:,} bytes")
        return bytes(body)

    def _pieces(self, path: str, answer: httpx.Response) -> AsyncIterator[bytes]:
        """An answer as it was sent: a few bytes that unfold to many could be more than there is room for."""
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise SourceError(f"{self.url}{path} answers in a coding that was not asked for")
        return answer.aiter_raw(BLOCK)

    def _refused(self, path: str, answer: httpx.Response, body: bytes) -> NoReturn:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        raise SourceError(f"{self.url}{path} {refusal(answer.status_code, kind, body)}")

    def _failed(self, path: str, error: Exception) -> NoReturn:
        raise SourceError(f"{self.url}{path} cannot be read: {str(error) or type(error).__name__}") from error


@asynccontextmanager
async def source(url: str, key: str) -> AsyncIterator[Source]:
    """The registry at an address; `key` is an API key that may read, empty where reading needs none."""
    try:
        parts = httpx.URL(url) if url.startswith(("http://", "https://")) else None
    except httpx.InvalidURL:
        parts = None
    if parts is None or not parts.host or parts.query or parts.fragment:
        raise ConfigError(f"{url} is no address of a registry: https://HOST")
    headers: dict[str, Any] = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {key}"} if key else {})
    async with httpx.AsyncClient(timeout=httpx.Timeout(SILENCE, connect=CONNECT), headers=headers) as client:
        yield Source(url.rstrip("/"), client)
