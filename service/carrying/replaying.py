"""`mengfu replay`: an earlier state of a log, open for reading on a port of its own, over a temporary database."""

import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click
from msgspec.structs import replace

from service import output, serving
from service.carrying.importing import counted
from service.carrying.remote import SourceError, key_in, remote
from service.carrying.sources import Source, Until, begun, bounded, file, lines, said
from service.config import ConfigError, Settings
from service.running import complain, database, follow, listening, public, run, settings

PORT = 8001


@click.command()
@click.argument("source", metavar="FILE|URL")
@click.option("--until", type=Until(), required=True, help="Up to that sequence, or what was recorded up to that time.")
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, help=f"Port to listen on ({PORT}).")
@click.option("--key-file", help="File of a key that may read, where URL asks for one (MENGFU_KEY_FILE).")
def replay(source: str, until: int | datetime, host: str | None, port: int, key_file: str | None) -> None:
    """Open the log in FILE, or that of the registry at URL, as it stood at SEQ or TIME, for reading alone.

    It is held in a temporary database, which is gone afterwards.
    """

    async def work() -> int:
        from service.registry.copying import NotEmpty  # noqa: PLC0415
        from service.store.line import LineError  # noqa: PLC0415

        chosen = public(listening(settings(host=host, port=port, key_file=key_file)))
        if not chosen.public_read:
            raise ConfigError(
                f"a replay has no keys, so reading it on {chosen.host} has to be open to everybody: "
                "set MENGFU_PUBLIC_READ=true, or listen on a loopback address"
            )
        try:
            return await open_state(chosen, source, until)
        except (NotEmpty, LineError, SourceError) as error:
            complain(error)
            return 1

    run(work())


def reading(source: str, until: int | datetime, key_file: str) -> AbstractAsyncContextManager[Source]:
    """The bytes of a file or of another registry's log."""
    if source.startswith(("http://", "https://")):
        return remote(source, until, key_in(key_file))
    if source != "-" and not Path(source).exists():
        raise ConfigError(f"there is no file {source}; the address of a registry begins with http:// or https://")
    return file(source)


@contextmanager
def temporary() -> Iterator[str]:
    """A folder for a home, which is gone afterwards."""
    with TemporaryDirectory(prefix="mengfu-replay-") as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o711)  # PostgreSQL runs as a user without rights then, who has to get through
        yield f"{folder}/home"


async def open_state(chosen: Settings, source: str, until: int | datetime) -> int:
    """Read the lines, and serve what they come to until a signal comes."""
    from service.first_start import Keys  # noqa: PLC0415
    from service.registry import Registry  # noqa: PLC0415
    from service.store import migrate  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        async with AsyncExitStack() as source_open:
            found = await source_open.enter_async_context(reading(source, until, chosen.key_file))
            advance = source_open.enter_context(output.progress("reading", found.size, "bytes"))
            chunks = await source_open.enter_async_context(aclosing(bounded(lines(counted(found, advance)), until)))
            # What is wrong with where they come from is told before a database is made for them.
            chunks_begun = await begun(chunks)
            home = stack.enter_context(temporary())
            own = replace(chosen, home=home, database_url="", owner_database_url="", name="", documents="")
            embedded, url = await database(own, stack)
            assert embedded is not None  # noqa: S101 -- no other database was named
            await migrate.migrate(embedded.owner_url, own.schema, url)
            registry = await Registry.open(own, url)
            stack.push_async_callback(registry.close)
            copied = await registry.copy(chunks_begun)
        follow(registry, stack)
        registry.replayed = copied.position
        told = f"A replay up to {copied.position}, of {said(copied.time)}: for reading alone, gone when this ends"
        return await serving.listen(registry, embedded, Keys(None, "", [told]))
