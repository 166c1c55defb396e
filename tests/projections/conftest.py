"""A schema of its own for each test of the projections, on the run's server."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.projections.inline import INLINE
from service.projections.moments import READER
from tests.conftest import the_server


@pytest.fixture
def database() -> str:
    """The address of a PostgreSQL that the tests may make schemas in."""
    return the_server().url


@pytest.fixture
async def connection(database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to a schema of its own, which holds the inline projections' empty tables."""
    connection = await asyncpg.connect(database, server_settings=READER)
    schema = f"test_{uuid4().hex}"
    await connection.execute(f"create schema {schema}")
    await connection.execute(f"set search_path to {schema}")
    for projection in INLINE:
        for statement in projection.create():
            await connection.execute(statement)
    yield connection
    await connection.execute(f"drop schema {schema} cascade")
    await connection.close()
