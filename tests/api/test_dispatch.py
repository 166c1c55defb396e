"""How a request finds its route, and what is counted of it."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from tests.api.conftest import Client


async def counted(client: Client, name: str, **labels: str) -> float:
    """A series of `/metrics`, 0 where there is none."""
    for line in (await client.get("/metrics")).text.splitlines():
        told = dict(re.findall(r'(\w+)="([^"]*)"', line))
        if line.startswith(f"mengfu_http_{name}{{") and labels.items() <= told.items():
            return float(line.rpartition(" ")[2])
    return 0.0


async def test_slashes_too_many_are_none(client: Client) -> None:
    path = await client.agreement()
    plain = await client.get(path)
    for same in (f"{path}/", f"/{path}", path.replace("/api/", "/api//")):
        assert (await client.get(f"http://registry{same}")).content == plain.content
    key = {"idempotency-key": "one"}
    first = await client.post(f"{path}/clauses", json={"text": "x"}, headers=key)
    again = await client.post(f"{path}/clauses/", json={"text": "x"}, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (await client.get("/")).status_code == 404


async def test_a_host_that_is_none_is_refused(client: Client) -> None:
    for host, status in (("registry:8000", 200), ("[::1]", 200), ("a b", 400), ("a/b", 400), ('"', 400)):
        got = await client.get("/health/live", headers={"host": host})
        assert got.status_code == status, host
        assert status == 200 or got.headers["content-type"] == "application/problem+json"


async def test_methods_are_told(client: Client) -> None:
    path = await client.agreement()
    for asked, allowed in ((path, "GET, HEAD, OPTIONS"), (f"{path}:sign", "POST, OPTIONS")):
        told = await client.options(asked)
        assert (told.status_code, told.headers["allow"], told.content) == (204, allowed, b"")
        refused = await client.delete(asked)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert (await client.options("/nothing")).status_code == 404
    assert (await client.head(f"{path}:sign")).status_code == 405


async def test_requests_are_counted_by_status(client: Client) -> None:
    one = "/api/agreements/{id}"
    path = await client.agreement()
    nobody = path[:-12] + "0" * 12
    for status, asked in (("200", path), ("404", nobody), ("304", path)):
        labels = {"path": one, "method": "GET", "status_code": status, "app_name": "mengfu"}
        before = await counted(client, "requests_total", **labels)
        took = await counted(client, "request_duration_seconds_count", **labels)
        got = await client.get(asked, headers={"if-none-match": "*"} if status == "304" else {})
        assert got.status_code == int(status)
        assert await counted(client, "requests_total", **labels) == before + 1
        assert await counted(client, "request_duration_seconds_count", **labels) == took + 1
    assert await counted(client, "requests_in_progress", path=one, method="GET") == 0
    assert await counted(client, "requests_in_progress", path="/metrics", method="GET") == 1


async def test_an_error_of_our_own_is_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: object, refs: object) -> None:
        raise RuntimeError("a test's")

    path = await client.agreement()
    labels = {"path": "/api/agreements/{id}", "method": "GET", "status_code": "500"}
    before = await counted(client, "requests_error_total", **labels)
    with monkeypatch.context() as patch:
        patch.setattr(type(client.registry), "read", broken)
        assert (await client.get(path)).status_code == 500
    assert await counted(client, "requests_error_total", **labels) == before + 1


async def test_who_goes_before_the_answer_is_no_error_of_ours(client: Client) -> None:
    labels = {"path": "/api/agreements/{id}/clauses", "method": "POST", "status_code": "499"}
    path = await client.agreement()
    before = await counted(client, "requests_total", **labels), await counted(client, "requests_error_total")
    coming = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        coming.set()
        await asyncio.Event().wait()

    asking = asyncio.create_task(client.post(f"{path}/clauses", content=body()))
    await coming.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    after = await counted(client, "requests_total", **labels), await counted(client, "requests_error_total")
    assert after == (before[0] + 1, before[1])


async def test_a_body_whose_length_is_not_told_has_the_same_limit(client: Client) -> None:
    async def piece(count: int) -> AsyncIterator[bytes]:
        yield b'{"called": "'
        for _ in range(count):
            yield b"x" * 50_000
        yield b'"}'

    kind = {"content-type": "application/json"}
    most = client.registry.settings.body_limit // 50_000
    assert (await client.post("/api/agreements", content=piece(most), headers=kind)).status_code == 413
    short = await client.post("/api/agreements", content=piece(0), headers=kind)
    assert short.json()["type"] == "urn:mengfu:problem:invalid", short.text
