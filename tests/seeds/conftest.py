"""Registries with the facts of the documents, for the tests that only read."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from service.config import Settings
from service.registry import Registry
from tests.api.conftest import serving
from tests.conftest import Database, clone
from tests.seeds.asking import Asking
from tests.seeds.reading import seed_all


async def followed(registry: Registry) -> Registry:
    """The registry, when every projection has come to the log's end."""
    registry.follower.start()
    while any(one.lag for one in await registry.progress.told()):  # noqa: ASYNC110 -- followers are watched
        await asyncio.sleep(0.05)
    return registry


@pytest.fixture(scope="session")
def facts() -> Iterator[Database]:
    """A database with the facts of every document, filled once: nobody writes to it."""

    async def fill(database: Database) -> None:
        registry = await Registry.open(Settings(), database.service)
        await followed(await seed_all(registry))
        await registry.close()

    with asyncio.Runner() as runner:
        held = clone()
        database = runner.run(held.__aenter__())
        try:
            runner.run(fill(database))
            yield database
        finally:
            runner.run(held.__aexit__(None, None, None))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded(facts: Database) -> AsyncIterator[Registry]:
    """A registry with the facts of every document: nobody writes to it."""
    registry = await Registry.open(Settings(), facts.service)
    try:
        yield registry
    finally:
        await registry.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(seeded: Registry) -> AsyncIterator[httpx.AsyncClient]:
    """The same, served."""
    await followed(seeded)
    async with serving(seeded) as served:
        headers = {"Authorization": f"Bearer {served.key}", "Mengfu-After": str(await seeded.head())}
        async with httpx.AsyncClient(base_url=served.address, headers=headers, timeout=60) as client:
            yield client


@pytest.fixture
def asking(service: httpx.AsyncClient) -> Asking:
    """Somebody with one question."""
    return Asking(service)
