"""A log with all that a log can hold, in a file."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.config import Settings
from service.registry import Registry
from tests.conftest import clone, open_folder
from tests.logs import whole, write


@pytest.fixture(scope="package")
def log() -> Iterator[Path]:
    """The file of the log."""

    async def made() -> list[bytes]:
        async with clone() as database:
            registry = await Registry.open(Settings(), database.service)
            await write(registry)
            lines = await whole(registry)
            await registry.close()
            return lines

    with open_folder() as folder:
        path = folder / "log.ndjson"
        path.write_bytes(b"".join(line + b"\n" for line in asyncio.run(made())))
        yield path
