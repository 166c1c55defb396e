"""Registries with the facts of the documents, for the tests that only read."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from service.registry import Registry
from tests.api.conftest import serving
from tests.conftest import opened
from tests.seeds.asking import Asking
from tests.seeds.reading import seed_all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[Registry]:
    """A registry with the facts of every document: nobody writes to it."""
    async with opened() as registry:
        yield await seed_all(registry)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(seeded: Registry) -> AsyncIterator[httpx.AsyncClient]:
    """The same, served."""
    seeded.follower.start()
    while any(one.lag for one in await seeded.progress.told()):  # noqa: ASYNC110 -- followers are watched
        await asyncio.sleep(0.1)
    async with serving(seeded) as served:
        headers = {"Authorization": f"Bearer {served.key}", "Mengfu-After": str(await seeded.head())}
        async with httpx.AsyncClient(base_url=served.address, headers=headers, timeout=60) as client:
            ready = "/health/ready"
            while any(one["lag"] for one in (await client.get(ready)).json()["projections"]):  # noqa: ASYNC110 -- asked over HTTP
                await asyncio.sleep(0.05)
            yield client


@pytest.fixture
def asking(service: httpx.AsyncClient) -> Asking:
    """Somebody with one question."""
    return Asking(service)
