"""Where the bench works: homes of its own with an embedded PostgreSQL, as they ship, and a registry on them."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import asyncpg
from msgspec import Struct

from service.config import Settings
from service.registry import Registry
from service.store import migrate
from service.store.embedded import Embedded


@asynccontextmanager
async def place() -> AsyncIterator[Path]:
    """A folder for a home, which the user that PostgreSQL runs as can reach."""
    with tempfile.TemporaryDirectory(prefix="mengfu-bench-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 -- a folder of our own
        yield Path(folder) / "home"


class Running(Struct, frozen=True):
    """A registry on an embedded PostgreSQL of its own."""

    home: Path
    embedded: Embedded
    registry: Registry

    async def connect(self) -> "asyncpg.Connection[Any]":
        """A connection that may do everything, for baselines: the caller closes it."""
        return await migrate.connect(self.embedded.superuser_url, Settings().schema)


@asynccontextmanager
async def running(kept: Path | None = None) -> AsyncIterator[Running]:
    """An empty registry, with the settings that ship, in a home of its own or in one that is kept."""
    async with place() if kept is None else nullcontext(kept) as home:
        embedded = await Embedded.start(home)
        try:
            await migrate.migrate(embedded.owner_url, Settings().schema, embedded.service_url)
            registry = await Registry.open(Settings(), embedded.service_url)
            try:
                yield Running(home, embedded, registry)
            finally:
                await registry.close()
        finally:
            await embedded.stop()
