"""What a registry tells strangers over HTTP: its checkpoint and keys, proofs, tiles, lines."""

import base64
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, Literal, NoReturn, overload
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from service.carrying.remote import CONNECT, SILENCE, SourceError, refusal
from service.carrying.sources import BLOCK, Chunks, lines
from service.config import ConfigError
from service.signing import SigningKey
from service.store.line import LIMIT
from service.tlog import tiles
from service.tlog.tiles import Tile

LARGEST = 16_000_000
"""Bytes of an answer that is no log, at most."""
_DATA = b"data: "


class _Keys(Struct):
    keys: list[SigningKey]


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

    async def keys(self) -> list[SigningKey]:
        """The keys that there have been, in their order."""
        try:
            return msgspec.json.decode(await self._get("/log/keys"), type=_Keys).keys
        except (msgspec.MsgspecError, ValueError) as error:
            raise SourceError(f"{self.url}/log/keys is no list of keys: {error}") from error

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of `old` lines is the beginning of that of `new` ones, unchecked."""
        try:
            found = msgspec.json.decode(
                await self._get("/log/proof/consistency", {"from": old, "to": new}), type=_Consistency
            )
            return [base64.b64decode(node, validate=True) for node in found.proof]
        except (msgspec.MsgspecError, ValueError) as error:
            raise SourceError(f"{self.url}/log/proof/consistency is no proof: {error}") from error

    async def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile, unchecked."""
        return await self._get(f"/log/tile/{tile.path}")

    async def leaves(self, index: int, size: int) -> bytes:
        """The leaf hashes of a tile of lines, as many as there are in the log of that size."""
        return await self.tile(Tile(0, index, tiles.width(0, index, size)))

    async def text(self, document: UUID) -> bytes | None:
        """The captured text of a document, unchecked; None where it is not held there."""
        return await self._get(f"/api/documents/{document}/text", missing=True)

    async def bundle(self, sequence: int) -> bytes:
        """A line with its proof and the checkpoint, unchecked."""
        return await self._get("/log/bundle", {"sequence": sequence})

    @asynccontextmanager
    async def lines(self, after: int, until: int) -> AsyncIterator[Chunks]:
        """The lines between two positions, as they come."""
        path, asked = "/api/events", {"after": after, "until": until}
        async with self._stream(path, asked, "application/x-ndjson") as answer:
            yield lines(self._pieces(path, answer, BLOCK))

    @asynccontextmanager
    async def newest(self, after: int) -> AsyncIterator[Chunks]:
        """The lines after a position as they are recorded, without end (server-sent events), and now and then none.

        Each event of a registry has its line as its one line of data; what else is sent says only that it is there.
        """
        path = "/api/events/stream"

        async def told(answer: httpx.Response) -> Chunks:
            async with aclosing(lines(self._pieces(path, answer, None), LIMIT + len(_DATA))) as sent:
                async for chunk in sent:
                    yield [line[len(_DATA) :] for line in chunk if line.startswith(_DATA)]

        async with self._stream(path, {"after": after}, "text/event-stream") as answer:
            yield told(answer)

    @asynccontextmanager
    async def _stream(self, path: str, asked: dict[str, int], kind: str) -> AsyncIterator[httpx.Response]:
        try:
            async with self._client.stream("GET", self.url + path, params=asked, headers={"accept": kind}) as answer:
                if answer.status_code != httpx.codes.OK:
                    self._refused(path, answer, await self._body(path, answer))
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed(path, error)

    @overload
    async def _get(self, path: str, asked: dict[str, int] | None = None) -> bytes: ...
    @overload
    async def _get(self, path: str, *, missing: Literal[True]) -> bytes | None: ...
    async def _get(self, path: str, asked: dict[str, int] | None = None, *, missing: bool = False) -> bytes | None:
        """The answer; None for one that is not there, where that may be (`missing`)."""
        try:
            async with self._client.stream("GET", self.url + path, params=asked) as answer:
                body = await self._body(path, answer)
                if missing and answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                if answer.status_code != httpx.codes.OK:
                    self._refused(path, answer, body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed(path, error)
        return body

    async def _body(self, path: str, answer: httpx.Response) -> bytes:
        """All of an answer that is no log."""
        body = bytearray()
        async for piece in self._pieces(path, answer, BLOCK):
            body += piece
            if len(body) > LARGEST:
                raise SourceError(f"{self.url}{path} answers with more than {LARGEST:,} bytes")
        return bytes(body)

    def _pieces(self, path: str, answer: httpx.Response, size: int | None) -> AsyncIterator[bytes]:
        """An answer as it was sent: a few bytes that unfold to many could be more than there is room for.

        In pieces of that size, or as they come.
        """
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise SourceError(f"{self.url}{path} answers in a coding that was not asked for")
        return answer.aiter_raw(size)

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
    if parts is None or not parts.host or parts.query or parts.fragment or parts.userinfo:
        raise ConfigError(f"{url} is no address of a registry: https://HOST, without a name or a password")
    headers: dict[str, Any] = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {key}"} if key else {})
    async with httpx.AsyncClient(timeout=httpx.Timeout(SILENCE, connect=CONNECT), headers=headers) as client:
        yield Source(url.rstrip("/"), client)
