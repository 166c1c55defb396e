"""A schema of its own for each test of the projections, on the run's server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.projections.following import FOLLOWING
from service.projections.inline import INLINE
from service.projections.moments import READER
from tests.conftest import the_server
from tests.projections.streams import made


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
    await made(connection, INLINE)
    yield connection
    await connection.execute(f"drop schema {schema} cascade")
    await connection.close()


@pytest.fixture(scope="module")
def schema() -> Iterator[tuple[asyncio.Runner, "asyncpg.Connection[Any]"]]:
    """A schema with the following projections' tables."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(the_server().url, server_settings=READER))
        name = f"test_{uuid4().hex}"
        runner.run(connection.execute(f"create schema {name}"))
        runner.run(connection.execute(f"set search_path to {name}"))
        runner.run(made(connection, FOLLOWING))
        yield runner, connection
        runner.run(connection.execute(f"drop schema {name} cascade"))
        runner.run(connection.close())
