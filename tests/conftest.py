"""What every test runs on: a real PostgreSQL, and a registry on a database of its own.

MENGFU_TEST_DATABASE_URL (a superuser's) names the server; else a container is started where an engine answers, else the
embedded PostgreSQL; the choice is printed. A migrated template database is made once a run, and each test gets a clone
of it (`databases`): two roles, no shared state, safe in parallel.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from service.config import Settings
from service.registry import Registry
from service.store import migrate
from service.store.embedded import Embedded
from tests.databases import Clones
from tests.processes import wait_for_nothing

SERVER = "MENGFU_TEST_SERVER"
"""How the run's first process tells its workers which server it has started."""


class Server(msgspec.Struct, frozen=True):
    """A PostgreSQL server for this run: a superuser's address, and the two roles made for the run."""

    url: str
    owner: str
    service: str
    password: str
    template: str
    told: str

    def address(self, role: str, database: str) -> str:
        """The address of a database, as one of the roles (empty: the superuser)."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{quote(role)}:{self.password}@{host}" if role else parts.netloc
        return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))


class Database(NamedTuple):
    """A database of a test's own, migrated: addresses for the service role, the owner and the superuser."""

    service: str
    owner: str
    superuser: str


def start_server(stack: contextlib.ExitStack) -> tuple[str, str]:
    """A superuser's address, and in words where it leads."""
    given = os.environ.get("MENGFU_TEST_DATABASE_URL")
    if given:
        return given, "PostgreSQL of MENGFU_TEST_DATABASE_URL"
    try:
        import docker  # type: ignore[import-untyped]  # noqa: PLC0415

        docker.from_env(timeout=5).ping()
    except Exception as error:  # whatever the reason, there is no engine
        why = type(error).__name__
    else:
        os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

        # A run's databases need not outlive a power failure; what is done in one is the same without waiting for disks.
        settings = "postgres -c fsync=off -c full_page_writes=off -c max_connections=300"
        container = stack.enter_context(PostgresContainer("postgres:18", driver=None).with_command(settings))
        return container.get_connection_url(), "postgres:18 in a container"
    home = Path(tempfile.mkdtemp(prefix="mengfu-tests-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    home.chmod(0o711)
    runner = stack.enter_context(asyncio.Runner())
    embedded = runner.run(Embedded.start(home / "home"))
    stack.callback(lambda: runner.run(embedded.stop()))
    return embedded.superuser_url, f"the embedded PostgreSQL (no container engine: {why})"


async def make_template(url: str, told: str) -> Server:
    """The run's roles, and a migrated database to clone."""
    mark = secrets.token_hex(4)
    server = Server(url, f"owner_{mark}", f"service_{mark}", secrets.token_hex(8), f"template_{mark}", told)
    connection = await asyncpg.connect(url)
    version = await connection.fetchval("show server_version")
    for role in (server.owner, server.service):
        await connection.execute(f"create role {role} login password '{server.password}'")
    await connection.execute(
        f"create database {server.template} owner {server.owner} template template0 encoding 'UTF8'"
    )
    await connection.close()
    owner, service = (server.address(role, server.template) for role in (server.owner, server.service))
    await migrate.migrate(owner, Settings().schema, service, name="test")
    registry = await Registry.open(Settings(), service)
    await registry.close()
    return msgspec.structs.replace(server, told=f"{told}, {version}")


async def drop_template(server: Server) -> None:
    """Take away what `make_template` made."""
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"drop database {server.template} with (force)")
    for role in (server.owner, server.service):
        await connection.execute(f"drop role {role}")
    await connection.close()


STACK = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the run's first process."""
    # A shell without job control starts what runs in the background with Ctrl-C ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    url, told = start_server(STACK)
    server = asyncio.run(make_template(url, told))
    STACK.callback(lambda: asyncio.run(drop_template(server)))
    os.environ[SERVER] = msgspec.json.encode(server).decode()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Take this process's databases away, before the run's first process hears that it has finished."""
    if clones.cache_info().currsize:
        asyncio.run(clones().close())


def pytest_unconfigure() -> None:
    """Take away what was made, and stop what was started."""
    STACK.close()


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"database: {the_server().told}" if SERVER in os.environ else ""


def the_server() -> Server:
    """The run's server."""
    return msgspec.json.decode(os.environ[SERVER], type=Server)


@cache
def clones() -> Clones:
    """This process's clones of the template."""
    server = the_server()
    return Clones(partial(server.address, ""), server.template, server.owner)


@contextlib.asynccontextmanager
async def clone() -> AsyncIterator[Database]:
    """A database of a test's own, migrated."""
    name = await clones().take()
    try:
        yield named(name)
    finally:
        await clones().give_back(name)


@contextlib.asynccontextmanager
async def blank(encoding: str) -> AsyncIterator[Database]:
    """A database of a test's own with nothing in it."""
    server, name = the_server(), f"t_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server.url)
    template = f"template0 encoding '{encoding}' locale 'C'"
    await connection.execute(f"create database {name} template {template} owner {server.owner}")
    try:
        yield named(name)
    finally:
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


def named(name: str) -> Database:
    """The addresses of a database."""
    server = the_server()
    return Database(server.address(server.service, name), server.address(server.owner, name), server.address("", name))


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A migrated database of the test's own."""
    async with clone() as made:
        yield made


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Registry]:
    """An open registry on a database of its own."""
    async with clone() as database:
        registry = await Registry.open(Settings(), database.service)
        try:
            yield registry
        finally:
            await registry.close()


@pytest.fixture
async def registry(database: Database) -> AsyncIterator[Registry]:
    """An open registry on the test's database."""
    registry = await Registry.open(Settings(), database.service)
    try:
        yield registry
    finally:
        await registry.close()


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter where the tests are root's: pytest's tmp_path is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="mengfu-test-")).resolve()
    folder.chmod(0o711)
    try:
        yield folder
        wait_for_nothing(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for a home, in which nothing may be left running at the test's end."""
    with open_folder() as folder:
        yield folder
