"""The command `mengfu`: up, serve, migrate, seed, cite, keys.

Exit codes: 0 good, 1 found wrong, 2 usage (settings included). What takes long shows its progress on a terminal, and
plain lines elsewhere.
"""

import asyncio
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

from service import serving
from service.config import ConfigError, Settings, room

if TYPE_CHECKING:
    from service.registry import Registry
    from service.store.embedded import Embedded


def settings(**given: Any) -> Settings:
    """The environment's settings, with the command line's options over them."""
    return replace(Settings.read(os.environ), **{name: value for name, value in given.items() if value is not None})


def run(work: Coroutine[Any, Any, int], *, stopped: int = 1) -> NoReturn:
    """Run a command, and end with its exit code; what can be said of an error is said in one line.

    SIGINT and SIGTERM end it in good order, whatever it is doing, with the exit code `stopped`.
    """
    try:
        code = outcome(work, stopped)
    except KeyboardInterrupt:  # before the handlers of `stoppable` were there
        code = stopped
    finally:
        work.close()
    sys.exit(code)


def outcome(work: Coroutine[Any, Any, int], stopped: int) -> int:
    """The exit code of a command, after it was run."""
    import asyncpg  # noqa: PLC0415

    from service.store.embedded import EmbeddedError  # noqa: PLC0415

    try:
        log_to_stderr(settings().log_level)
        return uvloop.run(stoppable(work, stopped))
    except ConfigError as error:
        click.echo(f"mengfu: {error}", err=True)
        return 2
    except EmbeddedError as error:
        click.echo(f"mengfu: {error}", err=True)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        click.echo(f"mengfu: {type(error).__name__}: {error}", err=True)
    return 1


def log_to_stderr(level: str) -> None:
    """Log from that level on, for people; tracebacks without local variables, which hold addresses with passwords."""
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # It tells of every vain attempt to connect again, with a traceback; health and the writer's log tell it already.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)


async def stoppable(work: Coroutine[Any, Any, int], stopped: int) -> int:
    """Do the work; a signal cancels it, so that whatever it had started is ended again."""
    task = asyncio.ensure_future(work)
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        click.echo("mengfu: stopped", err=True)
        return stopped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mengfu")
def main() -> None:
    """Mengfu, an event-sourced registry of agreements."""


# --- up and serve -----------------------------------------------------------------------------------------------------


@main.command()
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (MENGFU_PORT; 8000).")
@click.option("--home", type=click.Path(file_okay=False), help="Folder for database and keys (MENGFU_HOME; .mengfu).")
@click.option("--no-seed", is_flag=True, help="Record nothing from the seed files.")
@click.option(
    "--documents", type=click.Path(exists=True, file_okay=False), help="Folder of documents to hold the texts of."
)
def up(host: str | None, port: int | None, home: str | None, no_seed: bool, documents: str | None) -> None:
    """Start everything: database, migrations, seeds, keys, service."""
    try:
        chosen = settings(host=host, port=port, home=home, documents=documents)
        if "MENGFU_PUBLIC_READ" not in os.environ and chosen.host in {"127.0.0.1", "::1", "localhost"}:
            chosen = replace(chosen, public_read=True)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    run(up_and_serve(chosen, seed=not no_seed), stopped=0)


async def up_and_serve(settings: Settings, *, seed: bool) -> int:
    """All of `up`."""
    from service import first_start  # noqa: PLC0415
    from service.registry import Registry  # noqa: PLC0415
    from service.store import migrate  # noqa: PLC0415

    serving.free(settings.host, settings.port)
    home = Path(settings.home)
    async with AsyncExitStack() as stack:
        embedded, url = await database(settings, stack)
        owner = embedded.owner_url if embedded is not None else settings.owner_database_url
        if owner:
            await migrate.migrate(owner, settings.schema, url, settings.name)
        registry = await Registry.open(settings, url)
        stack.push_async_callback(registry.close)
        if seed:
            await seed_pending(registry)
        if settings.documents:
            await attach(registry, Path(settings.documents))
        key = await first_start.first_key(registry.pool, home)
        first_start.signing_key(home)
        return await serving.listen(registry, embedded, key)


@main.command()
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (MENGFU_PORT; 8000).")
def serve(host: str | None, port: int | None) -> None:
    """Serve a migrated registry on MENGFU_DATABASE_URL."""

    async def work() -> int:
        from service.registry import Registry  # noqa: PLC0415
        from service.store import credentials  # noqa: PLC0415

        chosen = settings(host=host, port=port)
        serving.free(chosen.host, chosen.port)
        async with AsyncExitStack() as stack:
            registry = await Registry.open(chosen, service_url(chosen))
            stack.push_async_callback(registry.close)
            if not any(
                "administrator" in key.roles and not key.revoked for key in await credentials.listed(registry.pool)
            ):
                raise ConfigError("no administrator has a key: make one with `mengfu keys create --role administrator`")
            return await serving.listen(registry, None, None)

    run(work(), stopped=0)


async def database(settings: Settings, stack: AsyncExitStack) -> tuple["Embedded | None", str]:
    """The embedded PostgreSQL and the service role's address, or none and the address that was given."""
    if settings.database_url:
        return None, settings.database_url
    from service.store.embedded import Embedded  # noqa: PLC0415

    embedded = await Embedded.start(Path(settings.home))
    stack.push_async_callback(embedded.stop)
    return embedded, embedded.service_url


def service_url(settings: Settings) -> str:
    """MENGFU_DATABASE_URL, which the operators' commands need."""
    if not settings.database_url:
        raise ConfigError("MENGFU_DATABASE_URL is not set: the address of the database, as the service role")
    return settings.database_url


# --- For operators ----------------------------------------------------------------------------------------------------


@main.command()
def migrate() -> None:
    """Bring the schema up to date as the owner (MENGFU_OWNER_DATABASE_URL)."""

    async def work() -> int:
        from service.store import migrate  # noqa: PLC0415

        chosen = settings()
        if not chosen.owner_database_url:
            raise ConfigError("MENGFU_OWNER_DATABASE_URL is not set: migrations run as the owner of the schema")
        await migrate.migrate(chosen.owner_database_url, chosen.schema, chosen.database_url, chosen.name)
        click.echo(f"The schema stands at {migrate.newest()}")
        return 0

    run(work())


@asynccontextmanager
async def opened(home: str | None = None) -> "AsyncIterator[Registry]":
    """The registry of MENGFU_DATABASE_URL, or of the home's own PostgreSQL: the running service's, where one runs."""
    from service.registry import Registry  # noqa: PLC0415
    from service.store import migrate  # noqa: PLC0415
    from service.store.embedded import HomeInUse, running_url  # noqa: PLC0415

    chosen = settings(home=home)
    async with AsyncExitStack() as stack:
        try:
            embedded, url = await database(chosen, stack)
        except HomeInUse:
            embedded, url = None, running_url(Path(chosen.home))
        if embedded is not None:
            await migrate.migrate(embedded.owner_url, chosen.schema, url, chosen.name)
        registry = await Registry.open(chosen, url)
        stack.push_async_callback(registry.close)
        yield registry


HOME = click.option("--home", type=click.Path(file_okay=False), help="Folder of the embedded database (MENGFU_HOME).")


@main.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", help="Why the record is corrected, where a file was altered.")
@HOME
def seed(files: tuple[Path, ...], reason: str | None, home: str | None) -> None:
    """Record the facts of seed FILES; a file that was seeded before is applied by its differences.

    Without FILES, all that ship with the program.
    """

    async def work() -> int:
        from service import seeding  # noqa: PLC0415

        async with opened(home) as registry:
            try:
                for path in files or sorted(room("seeds").glob("*.toml")):
                    for report in await seeding.seed(registry, [path], reason):
                        click.echo(report.told())
            except seeding.SeedError as error:
                click.echo(f"mengfu: {error}", err=True)
                return 1
        return 0

    run(work())


async def seed_pending(registry: "Registry") -> None:
    """Seed what is not yet in the log. A file that contradicts what was recorded since stays out, and is told."""
    from service import seeding  # noqa: PLC0415

    for path in await seeding.pending(registry):
        try:
            for report in await seeding.seed(registry, [path]):
                click.echo(report.told())
        except seeding.SeedError as error:
            click.echo(f"mengfu: {error}", err=True)


async def attach(registry: "Registry", folder: Path) -> None:
    """Hold the texts of the folder's documents that are registered."""
    from service import seeding  # noqa: PLC0415

    for told in await seeding.attach(registry, folder):
        click.echo(told)


@main.command()
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("words")
@click.option("--occurrence", type=click.IntRange(1), help="Which one, where the words occur more than once.")
def cite(document: Path, words: str, occurrence: int | None) -> None:
    """Print the citation of WORDS in the text file DOCUMENT, as seed files hold it."""
    from service import seeding  # noqa: PLC0415

    try:
        click.echo(seeding.cite(document.read_bytes().decode(), words, occurrence))
    except (ValueError, UnicodeDecodeError) as error:
        click.echo(f"mengfu: {error}", err=True)
        sys.exit(1)


@main.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--label", required=True, help="Whose key it is, or what for.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(["reader", "registrar", "administrator"])
)
@HOME
def create(label: str, roles: tuple[str, ...], home: str | None) -> None:
    """Make a key and print it: it is shown once."""

    async def work() -> int:
        from service.store import credentials  # noqa: PLC0415

        async with opened(home) as registry:
            try:
                token, account = await credentials.create(registry.pool, label, roles)
            except ValueError as error:
                raise ConfigError(str(error)) from error
        click.echo(token)
        click.echo(f"account {account}", err=True)
        return 0

    run(work())


@keys.command("list")
@HOME
def list_keys(home: str | None) -> None:
    """List the keys, without their secrets."""

    async def work() -> int:
        from service.store import credentials  # noqa: PLC0415

        async with opened(home) as registry:
            for key in await credentials.listed(registry.pool):
                state = f"revoked {key.revoked:%Y-%m-%d}" if key.revoked else "valid"
                created = f"{key.created:%Y-%m-%d}"
                click.echo(f"{key.prefix}  {','.join(key.roles)}  {created}  {state}  {key.account}  {key.label}")
        return 0

    run(work())


@keys.command("revoke")
@click.argument("prefix")
@HOME
def revoke(prefix: str, home: str | None) -> None:
    """Revoke the key with that PREFIX (the middle part of the key)."""

    async def work() -> int:
        from service.store import credentials  # noqa: PLC0415

        async with opened(home) as registry:
            if not await credentials.revoke(registry.pool, prefix):
                click.echo(f"mengfu: no valid key has the prefix {prefix}", err=True)
                return 1
        return 0

    run(work())
