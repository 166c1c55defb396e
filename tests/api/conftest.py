"""The whole service without a socket: a real registry on a real PostgreSQL behind httpx's ASGI transport."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from service.app import create_app
from service.registry import Registry
from service.store import credentials


class Client(httpx.AsyncClient):
    """A client with a registrar's key; `registry` is what it talks to, `account` who it is."""

    registry: Registry
    account: UUID


@pytest.fixture
async def client(registry: Registry) -> AsyncIterator[Client]:
    """A registrar's client."""
    token, account = await credentials.create(registry.pool, "tests", ["registrar"])
    transport = httpx.ASGITransport(app=create_app(registry), raise_app_exceptions=False)  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}"}
    async with Client(transport=transport, base_url="http://registry", headers=headers) as opened:
        opened.registry = registry
        opened.account = account
        yield opened
