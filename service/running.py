"""A command at work: its settings, signals and exit code, and the registry that it is about."""

import asyncio
import ipaddress
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import rich_click as click
import uvloop
from msgspec.structs import replace

from service import output, serving
from service.config import ConfigError, Settings, unknown

if TYPE_CHECKING:
    import asyncpg

    from service.registry import Registry
    from service.registry.reader import Reader
    from service.store.embedded import Embedded

HOME = click.option("--home", type=click.Path(file_okay=False), help="Folder of the embedded database (MENGFU_HOME).")


def settings(**given: Any) -> Settings:
    """The environment's settings, with the command line's options over them."""
    return replace(Settings.read(os.environ), **{name: value for name, value in given.items() if value is not None})


def run(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command, and end with its exit code; what can be said of an error is said in one line.

    SIGINT and SIGTERM end it in good order, whatever it is doing.
    """
    try:
        code = outcome(work)
    finally:
        work.close()
    try:
        sys.stdout.flush()
    except OSError:
        output.give_up(sys.stdout)
    sys.exit(code)


def outcome(work: Coroutine[Any, Any, int]) -> int:
    """The exit code of a command, after it was run."""
    import asyncpg  # noqa: PLC0415

    from service.store.embedded import EmbeddedError  # noqa: PLC0415

    try:
        if strange := unknown(os.environ):
            complain(strange)
        output.log_to_stderr(settings().log_level)
        return uvloop.run(stoppable(work))
    except ConfigError as error:
        complain(error)
        return 2
    except EmbeddedError as error:
        if error.log:
            output.tell(error.log, err=True)
        complain(error)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        complain(f"{type(error).__name__}: {error}")
    return 1


def complain(what: object) -> None:
    """Say something on standard error."""
    output.tell(f"mengfu: {what}", err=True)


async def stoppable(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; a signal cancels it, so that whatever it had started is ended again."""
    task = asyncio.ensure_future(work)
    told: list[int] = []

    def heed(number: int) -> None:
        told.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, heed, number)
    try:
        return await task
    except asyncio.CancelledError:
        output.tell(output.STOPPED, err=True)
        return 128 + told[0] if told else 1


def listening(chosen: Settings) -> Settings:
    """The settings with the IP address to listen on, which is free."""
    return replace(chosen, host=serving.address(chosen.host, chosen.port))


def public(chosen: Settings) -> Settings:
    """The settings, with reading open to everybody on a loopback address, unless MENGFU_PUBLIC_READ says otherwise."""
    if "MENGFU_PUBLIC_READ" not in os.environ and ipaddress.ip_address(chosen.host).is_loopback:
        chosen = replace(chosen, public_read=True)
    return chosen


async def database(settings: Settings, stack: AsyncExitStack) -> tuple["Embedded | None", str]:
    """The embedded PostgreSQL and the service role's address, or none and the address that was given."""
    if settings.database_url:
        return None, settings.database_url
    from service.store.embedded import Embedded  # noqa: PLC0415

    if settings.owner_database_url:
        complain("MENGFU_OWNER_DATABASE_URL is not used: without MENGFU_DATABASE_URL the embedded PostgreSQL is")
    embedded = await Embedded.start(Path(settings.home))
    stack.push_async_callback(embedded.stop)
    return embedded, embedded.service_url


def service_url(settings: Settings) -> str:
    """MENGFU_DATABASE_URL, which the operators' commands need."""
    if not settings.database_url:
        raise ConfigError("MENGFU_DATABASE_URL is not set: the address of the database, as the service role")
    return settings.database_url


def follow(registry: "Registry", stack: AsyncExitStack) -> None:
    """Have the registry's log followed until the stack ends."""
    from service.companion import Companion  # noqa: PLC0415

    companion = Companion(registry)
    companion.start()
    stack.push_async_callback(companion.close)


@asynccontextmanager
async def reached(
    home: str | None = None, *, new: bool = False, migrating: bool = True
) -> AsyncIterator[tuple[Settings, str]]:
    """The settings, and the service role's address of MENGFU_DATABASE_URL or of the home's own PostgreSQL.

    Where a service runs on the home, it is that one's. A home that holds no registry is refused, unless a `new` one may
    be made there. One that no service runs on is brought to the newest schema, where this may be (`migrating`).
    """
    from service.store import migrate  # noqa: PLC0415
    from service.store.embedded import HomeInUse, running_url  # noqa: PLC0415

    chosen = settings(home=home)
    if not new and not chosen.database_url and not (Path(chosen.home) / "postgres/data").is_dir():
        raise ConfigError(f"no registry in {chosen.home}: `mengfu up` makes one; --home or MENGFU_HOME names another")
    async with AsyncExitStack() as stack:
        try:
            embedded, url = await database(chosen, stack)
        except HomeInUse:
            embedded, url = None, running_url(Path(chosen.home))
        if embedded is not None and migrating:
            await migrate.migrate(embedded.owner_url, chosen.schema, url, chosen.name)
        yield chosen, url


@asynccontextmanager
async def opened(home: str | None = None, *, new: bool = False) -> "AsyncIterator[Registry]":
    """The registry that is reached, open: its projections are made where they are missing."""
    from service.registry import Registry  # noqa: PLC0415

    async with reached(home, new=new) as (chosen, url):
        registry = await Registry.open(chosen, url, output.progress)
        try:
            yield registry
        finally:
            await registry.close()


@asynccontextmanager
async def recording(home: str | None = None, *, new: bool = False) -> "AsyncIterator[Registry]":
    """The same, of a registry in which something is to be recorded. Refuses a mirror."""
    async with opened(home, new=new) as registry:
        own(registry)
        yield registry


def own(registry: "Registry") -> None:
    """Refuse a registry that is another one's mirror."""
    if (refused := registry.closed()) is not None:
        raise ConfigError(str(refused))


@asynccontextmanager
async def connected(
    home: str | None = None,
) -> "AsyncIterator[tuple[asyncpg.Connection[asyncpg.Record], Settings, str]]":
    """A connection to the registry that is reached, its settings and address. Nothing is made, mended or migrated."""
    from service.store import migrate  # noqa: PLC0415

    async with reached(home, migrating=False) as (chosen, url):
        connection = await migrate.connect(url, chosen.schema)
        try:
            up = f"`mengfu up --home {chosen.home}`, by this version of it, migrates the home: make a copy of it first"
            await migrate.check(connection, *(() if chosen.database_url else (up,)))
            yield connection, chosen, url
        finally:
            await connection.close()


@asynccontextmanager
async def readable(home: str | None = None) -> "AsyncIterator[Reader]":
    """What can be asked of the registry that is reached. Nothing is made, mended or migrated."""
    from service.registry.reader import Reader, pool  # noqa: PLC0415

    async with connected(home) as (_, chosen, url), pool(url, chosen.schema, 1) as connections:
        yield Reader(connections, {})
