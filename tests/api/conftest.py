"""The whole service without a socket: a real registry on a real PostgreSQL behind httpx's ASGI transport."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.app import create_app
from service.registry import Registry
from service.store import credentials


class Client(httpx.AsyncClient):
    """A client with a key; `registry` is what it talks to, `account` who it is."""

    registry: Registry
    account: UUID
    app: Litestar

    async def new(self, resource: str, /, **body: Any) -> str:
        """Register a thing and answer its path."""
        answer = await self.post(f"/api/{resource}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    async def party(self, name: str, kind: str = "city") -> str:
        """Register a party and answer its id."""
        return (await self.new("parties", kind=kind, name={"printed": name})).rpartition("/")[2]

    async def agreement(self, **body: Any) -> str:
        """Register an agreement and answer its path."""
        return await self.new("agreements", **{"title": {"printed": "框架协议"}} | body)


def connect(registry: Registry, token: str | None) -> Client:
    """A client of the service with that key."""
    app = create_app(registry)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(transport=transport, base_url="http://registry", headers=headers)
    client.registry, client.app = registry, app
    return client


@pytest.fixture
async def client(registry: Registry) -> AsyncIterator[Client]:
    """A registrar's client."""
    token, account = await credentials.create(registry.pool, "tests", ["registrar"])
    async with connect(registry, token) as opened:
        opened.account = account
        yield opened
