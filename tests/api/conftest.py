"""The whole service without a socket: a real registry on a real PostgreSQL behind httpx's ASGI transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from service.app import create_app, opened
from service.config import Settings
from service.registry import Registry
from service.store import credentials
from tests.processes import free_port


class Client(httpx.AsyncClient):
    """A client with a key; `registry` is what it talks to, `account` who it is."""

    registry: Registry
    account: UUID
    app: Litestar

    async def __aexit__(self, *exception: Any) -> None:  # noqa: PYI036 -- as httpx has it
        """Close, and leave the application to the next, unless something is still under way in it."""
        await super().__aexit__(*exception)
        if self.registry.settings.body_limit == Settings().body_limit and not self.app.state.traffic.under_way:
            APPS.append(self.app)

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


APPS: list[Litestar] = []
"""Applications that nobody uses: to make one takes longer than most tests."""


def application(registry: Registry) -> Litestar:
    """An application that serves the registry; where its limits are the usual ones, perhaps a used one."""
    if not APPS or registry.settings.body_limit != Settings().body_limit:
        return create_app(registry)
    app = APPS.pop()
    app.state.update(opened(registry))
    return app


def connect(registry: Registry, token: str | None) -> Client:
    """A client of the service with that key."""
    app = application(registry)
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


class Served(NamedTuple):
    """Where it listens, and a registrar's key."""

    port: int
    key: str

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(registry: Registry) -> AsyncIterator[Served]:
    """The service on a port of its own, as long as the block lasts."""
    port = free_port()
    server = Server(
        create_app(registry), "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
    )
    running = asyncio.create_task(server.serve())
    try:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield Served(port, (await credentials.create(registry.pool, "tests", ["registrar"]))[0])
    finally:
        await registry.feed.close()
        server.stop()  # type: ignore[no-untyped-call]
        await running


@pytest.fixture
async def served(registry: Registry) -> AsyncIterator[Served]:
    """The service on a port of its own."""
    async with serving(registry) as running:
        yield running
