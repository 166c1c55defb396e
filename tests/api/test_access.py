"""Keys: who may read, who may write, and that nothing is read of a request before that is known."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from service.registry import Registry
from service.store import credentials
from tests.api.conftest import Client, connect

GOOD = {"title": {"printed": "x"}}


async def status(registry: Registry, token: str | None, method: str, path: str, **more: Any) -> httpx.Response:
    async with connect(registry, token) as client:
        return await client.request(method, path, **more)


async def test_without_a_key_nothing_is_read(registry: Registry) -> None:
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b"{}"

    answer = await status(registry, None, "POST", "/api/agreements", content=body())
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="mengfu"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert not read
    for path in ("/api/agreements", "/api/events", "/metrics", "/api/parties/00000000-0000-4000-8000-000000000000"):
        assert (await status(registry, None, "GET", path)).status_code == 401
    for path in ("/health/live", "/health/ready", "/schema", "/schema/openapi.json"):
        assert (await status(registry, None, "GET", path)).status_code == 200


async def test_public_reading_opens_reading_alone(registry: Registry) -> None:
    registry.settings = msgspec.structs.replace(registry.settings, public_read=True)
    assert (await status(registry, None, "GET", "/api/agreements")).status_code == 200
    assert (await status(registry, "mengfu_aaaaaaaaaaaa_" + "A" * 43, "GET", "/api/agreements")).status_code == 401
    assert (await status(registry, None, "POST", "/api/agreements", json=GOOD)).status_code == 401


async def test_roles_include_those_before_them(registry: Registry) -> None:
    for role, reading, writing in (("reader", 200, 403), ("registrar", 200, 201), ("administrator", 200, 201)):
        token, _ = await credentials.create(registry.pool, role, [role])
        assert (await status(registry, token, "GET", "/api/agreements")).status_code == reading
        answer = await status(registry, token, "POST", "/api/agreements", json=GOOD, headers={"accept-language": "zh"})
        assert answer.status_code == writing
        if writing == 403:
            assert answer.json()["type"] == "urn:mengfu:problem:not-allowed"
            assert "registrar" in answer.json()["detail"]


async def test_a_key_is_found_by_its_whole_self(client: Client) -> None:
    token = client.headers["authorization"].removeprefix("Bearer ")
    mark, prefix, secret = token.split("_", 2)
    wrong = secret[:-2] + ("AA" if secret[-2:] != "AA" else "BB")
    for given in (
        f"Bearer {mark}_{prefix}_{wrong}",
        f"Bearer {mark}_aaaaaaaaaaaa_{secret}",
        f"Bearer {token}x",
        f"Basic {token}",
        token,
        "Bearer",
        "",
    ):
        answer = await client.get("/api/agreements", headers={"authorization": given})
        assert answer.status_code == 401, given
        assert secret not in answer.text
    assert (await client.get("/api/agreements", headers={"authorization": f"bearer  {token} "})).status_code == 200


async def test_a_revoked_key_ends_within_a_second(client: Client) -> None:
    token, _ = await credentials.create(client.registry.pool, "x", ["reader"])
    headers = {"authorization": f"Bearer {token}"}
    assert (await client.get("/api/agreements", headers=headers)).status_code == 200
    assert await credentials.revoke(client.registry.pool, token.split("_")[1])
    assert not await credentials.revoke(client.registry.pool, token.split("_")[1])
    await asyncio.sleep(1.01)
    assert (await client.get("/api/agreements", headers=headers)).status_code == 401


async def test_keys_are_listed_without_secrets_and_stored_as_hashes(registry: Registry) -> None:
    token, account = await credentials.create(registry.pool, "甲", ["reader", "registrar"])
    second, same = await credentials.create(registry.pool, "甲", ["reader"], account=account)
    assert account == same
    listed = await credentials.listed(registry.pool)
    assert [(key.label, key.roles, key.revoked) for key in listed] == [
        ("甲", ("reader", "registrar"), None),
        ("甲", ("reader",), None),
    ]
    stored = str(await registry.pool.fetch("select * from credentials, accounts"))
    for key in (token, second):
        assert key.split("_", 2)[2] not in stored
        assert len(key.split("_", 2)[2]) == 43
    for label, roles in (("", ["reader"]), ("x", ["king"]), ("x", [])):
        with pytest.raises(ValueError, match=r"key|role"):
            await credentials.create(registry.pool, label, roles)
