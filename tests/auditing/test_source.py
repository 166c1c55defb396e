"""An auditor asks registries that are broken, or hostile: it says so, keeps its memory, and is not worn out."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service.auditing.audits import look
from service.auditing.source import LARGEST, Source, source
from service.auditing.state import State
from service.carrying.remote import SourceError
from service.config import ConfigError
from service.tlog import note, tree
from service.tlog.checkpoint import Checkpoint
from tests.tlog.test_note import LOG, OLD

EMPTY = note.sign(str(Checkpoint(LOG.name, 0, tree.root(0, []))), [LOG])
TEN = note.sign(str(Checkpoint(LOG.name, 10, bytes(32))), [LOG])


def asked(answer: httpx.Response | Exception) -> Source:
    """A registry that answers everything so."""

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return streamed(answer)

    return Source("http://registry", httpx.AsyncClient(transport=httpx.MockTransport(handle)))


def streamed(answer: httpx.Response) -> httpx.Response:
    """The answer as it comes over a network: piece by piece, once."""
    if not answer.is_stream_consumed:
        return answer

    async def once() -> AsyncIterator[bytes]:
        yield answer.content

    return httpx.Response(answer.status_code, headers=answer.headers, content=once())


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(1_000_000)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (httpx.ConnectError("nobody listens"), "nobody listens"),
        (httpx.ReadTimeout("silence"), "silence"),
        (httpx.Response(503, json={"detail": "later"}), "later"),
        (httpx.Response(200, content=endless()), f"more than {LARGEST:,} bytes"),
        (httpx.Response(500, content=endless()), f"more than {LARGEST:,} bytes"),
        (
            httpx.Response(200, content=gzip.compress(bytes(1_000_000)), headers={"content-encoding": "gzip"}),
            "a coding that was not asked for",
        ),
    ],
)
async def test_what_is_no_answer(answer: httpx.Response | Exception, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        await asked(answer).checkpoint()


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"{}", b'{"keys":[{"key":1}]}'])
async def test_what_are_no_keys(body: bytes) -> None:
    with pytest.raises(SourceError, match="no list of keys"):
        await asked(httpx.Response(200, content=body)).keys()


@pytest.mark.parametrize("url", ["registry", "ftp://registry", "http://", "http://h:x", "http://h/?q=1", "http://h/#f"])
async def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ConfigError, match="no address of a registry"):
        async with source(url, ""):
            pass


async def test_trouble_on_the_way_is_no_forgery(tmp_path: Path) -> None:
    """Nothing is said to be wrong, and nothing is forgotten."""
    state = State(tmp_path / "seen")
    await look(asked(httpx.Response(200, text=EMPTY)), state, [LOG.key])
    before = (tmp_path / "seen").read_bytes()

    def handle(request: httpx.Request) -> httpx.Response:
        found = httpx.Response(200, text=TEN) if request.url.path == "/log/checkpoint" else httpx.Response(503)
        return streamed(found)

    broken = Source("http://registry", httpx.AsyncClient(transport=httpx.MockTransport(handle)))
    with pytest.raises(SourceError, match="answers 503"):
        await look(broken, state, [OLD.key])
    assert (tmp_path / "seen").read_bytes() == before
