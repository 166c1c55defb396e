"""A served registry with the facts of every document, for the tests that ask it over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from service.config import Settings
from service.registry import Registry
from tests.api.conftest import serving
from tests.conftest import clone
from tests.seeds.reading import seed_all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service() -> AsyncIterator[httpx.AsyncClient]:
    """A served registry with the facts of every document: nobody writes to it."""
    async with clone() as database:
        registry = await Registry.open(Settings(), database.service)
        try:
            await seed_all(registry)
            registry.follower.start()
            async with serving(registry) as served:
                headers = {"Authorization": f"Bearer {served.key}", "Mengfu-After": str(await registry.head())}
                async with httpx.AsyncClient(base_url=served.address, headers=headers, timeout=60) as client:
                    yield client
        finally:
            await registry.close()
