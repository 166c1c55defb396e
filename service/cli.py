"""The command `mengfu`: up, serve, migrate, seed, remind, cite. Export, import and replay stand in carrying/,
rebuild and verify in maintenance.py, keys in keys.py, audit and proofs in auditing/,
follow in mirroring/.

Exit codes: 0 good, 1 found wrong, 2 usage (settings included), 128 and a signal's number for what it has interrupted:
130 by Ctrl-C. A service that a signal ends while it serves has done its work: 0. What takes long shows its progress on
a terminal, and plain lines elsewhere.
"""

from service import output

# isort: split
import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from service import auditing, carrying, keys, maintenance, mirroring, serving
from service.config import ConfigError, Settings, room
from service.running import (
    HOME,
    complain,
    database,
    follow,
    listening,
    own,
    public,
    recording,
    run,
    service_url,
    settings,
)

if TYPE_CHECKING:
    from service.registry import Registry


class Commands(click.RichGroup):
    """The group of all commands, which makes the process fit to speak and to be stopped before it reads a word."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line."""
        output.begin()
        return super().main(*args, **options)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mengfu")
def main() -> None:
    """Mengfu, an event-sourced registry of agreements."""


for command in (*carrying.COMMANDS, *maintenance.COMMANDS, *keys.COMMANDS, *auditing.COMMANDS, *mirroring.COMMANDS):
    main.add_command(command)


# --- up and serve -----------------------------------------------------------------------------------------------------


@main.command()
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (MENGFU_PORT; 8000).")
@click.option("--home", type=click.Path(file_okay=False), help="Folder for database and keys (MENGFU_HOME; .mengfu).")
@click.option("--no-seed", is_flag=True, help="Record nothing from the seed files.")
@click.option(
    "--documents", type=click.Path(exists=True, file_okay=False), help="Folder of documents to hold the texts of."
)
@click.option(
    "--new-signing-key", is_flag=True, help="Make another key for the log's checkpoints: the old one is lost."
)
def up(
    host: str | None, port: int | None, home: str | None, no_seed: bool, documents: str | None, new_signing_key: bool
) -> None:
    """Start everything: database, migrations, seeds, keys, service."""

    async def work() -> int:
        chosen = for_up(settings(host=host, port=port, home=home, documents=documents))
        return await up_and_serve(chosen, seed=not no_seed, new_signing_key=new_signing_key)

    run(work())


def for_up(chosen: Settings) -> Settings:
    """The settings as `up` takes them, checked as far as that is possible before anything is started."""
    if chosen.documents and not Path(chosen.documents).is_dir():
        raise ConfigError(f"MENGFU_DOCUMENTS is {chosen.documents!r}, but there is no such folder")
    return public(listening(chosen))


async def up_and_serve(settings: Settings, *, seed: bool, new_signing_key: bool) -> int:
    """All of `up`."""
    async with AsyncExitStack() as stack:
        # While PostgreSQL starts, in processes of its own, the rest of this program is read.
        reading = asyncio.to_thread(import_module, "service.app")
        (embedded, url), _ = await asyncio.gather(database(settings, stack), reading)
        from service import first_start  # noqa: PLC0415
        from service.registry import Registry  # noqa: PLC0415
        from service.store import migrate  # noqa: PLC0415

        owner = embedded.owner_url if embedded is not None else settings.owner_database_url
        if owner:
            await migrate.migrate(owner, settings.schema, url, settings.name)
        registry = await Registry.open(settings, url, output.progress)
        stack.push_async_callback(registry.close)
        own(registry)
        follow(registry, stack)  # from now on, so that what is seeded is followed meanwhile
        keys = await first_start.ready(registry.pool, settings, registry.name, new_signing_key=new_signing_key)
        if seed:
            await seed_pending(registry)
        if settings.documents:
            await attach(registry, Path(settings.documents))
        return await serving.listen(registry, embedded, keys)


@main.command()
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (MENGFU_PORT; 8000).")
def serve(host: str | None, port: int | None) -> None:
    """Serve a migrated registry on MENGFU_DATABASE_URL."""

    async def work() -> int:
        from service import signing  # noqa: PLC0415
        from service.registry import Registry  # noqa: PLC0415
        from service.store import credentials  # noqa: PLC0415

        chosen = settings(host=host, port=port)
        url = service_url(chosen)
        chosen = listening(chosen)
        async with AsyncExitStack() as stack:
            registry = await Registry.open(chosen, url, output.progress)
            stack.push_async_callback(registry.close)
            follow(registry, stack)
            if registry.mirror is not None:  # whoever follows for it is another process
                return await serving.listen(registry, None, None)
            if not any(
                "administrator" in key.roles and not key.revoked for key in await credentials.listed(registry.pool)
            ):
                raise ConfigError("no administrator has a key: make one with `mengfu keys create --role administrator`")
            await signing.of(chosen, registry.pool, registry.name).signer()
            return await serving.listen(registry, None, None)

    run(work())


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

        async with recording(home) as registry:
            try:
                for path in files or sorted(room("seeds").glob("*.toml")):
                    for report in await seeding.seed(registry, [path], reason):
                        click.echo(report.told())
            except seeding.SeedError as error:
                complain(error)
                return 1
        return 0

    run(work())


async def seed_pending(registry: "Registry") -> None:
    """Seed what is not yet in the log. A file that contradicts what was recorded since stays out, and is told."""
    from service import seeding  # noqa: PLC0415

    for path in await seeding.pending(registry):
        try:
            for report in await seeding.seed(registry, [path]):
                output.tell(report.told())
        except seeding.SeedError as error:
            complain(error)


async def attach(registry: "Registry", folder: Path) -> None:
    """Hold the texts of the folder's documents that are registered."""
    from service import seeding  # noqa: PLC0415

    for told in await seeding.attach(registry, folder):
        output.tell(told)


@main.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by; today, unless it is given.")
@click.option("--dry-run", is_flag=True, help="Record nothing, but say what would be recorded.")
@HOME
def remind(on: datetime | None, dry_run: bool, home: str | None) -> None:
    """Make the daily round: remind of deadlines, and record what standing duties bring.

    The service does so by itself once a day (MENGFU_REMIND_AT). Made again it records what is missing.
    """

    async def work() -> int:
        from service import reminding  # noqa: PLC0415
        from service.domain import errors  # noqa: PLC0415

        async with recording(home) as registry:
            day = on.date() if on is not None else registry.today()
            if day > registry.today() and not dry_run:
                raise ConfigError(f"{day} is still to come: nobody can have been reminded on it; --dry-run looks ahead")
            try:
                made = await reminding.remind(registry, day, dry_run=dry_run)
            except errors.Refused as error:
                complain(error)
                return 1
        for one in made.yielded:
            click.echo(f"tasks/{one.task}  {one.period}, due {one.due}, of tasks/{one.duty}")
        for told in made.reminded:
            click.echo(f"tasks/{told.task}  {told.level}, due {told.due}")
        for refused in made.refused:
            complain(refused)
        would = "would be " if dry_run else ""
        output.tell(f"{day}: {len(made.reminded)} {would}reminded, {len(made.yielded)} {would}yielded")
        return 1 if made.refused else 0

    run(work())


@main.command()
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("words")
@click.option("--occurrence", type=click.IntRange(1), help="Which one, where the words occur more than once.")
def cite(document: Path, words: str, occurrence: int | None) -> None:
    """Print the citation of WORDS in the text file DOCUMENT, as seed files hold it."""
    from service import seeding  # noqa: PLC0415

    try:
        click.echo(seeding.cite(document.read_bytes().decode(), words, occurrence))
    except ValueError as error:
        undecoded = isinstance(error, UnicodeDecodeError)
        complain(f"{document} is no text in UTF-8: {error}" if undecoded else error)
        sys.exit(1)
