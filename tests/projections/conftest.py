"""A real PostgreSQL for the projections: the one of MENGFU_TEST_DATABASE_URL, else the embedded one."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.projections.inline import INLINE
from service.store.embedded import Embedded


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The address of a PostgreSQL that the tests may make schemas in."""
    given = os.environ.get("MENGFU_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="mengfu-test-")).resolve()
    folder.chmod(0o711)
    # A loop of its own, in whose hands the server stays: each test has another one.
    with asyncio.Runner() as runner:
        server = runner.run(Embedded.start(folder / "home"))
        try:
            yield server.superuser_url
        finally:
            runner.run(server.stop())
    shutil.rmtree(folder)


@pytest.fixture
async def connection(database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to a schema of its own, which holds the inline projections' empty tables."""
    connection = await asyncpg.connect(database)
    schema = f"test_{uuid4().hex}"
    await connection.execute(f"create schema {schema}")
    await connection.execute(f"set search_path to {schema}")
    for projection in INLINE:
        for statement in projection.create():
            await connection.execute(statement)
    yield connection
    await connection.execute(f"drop schema {schema} cascade")
    await connection.close()
