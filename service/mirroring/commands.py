"""The command `mengfu follow`."""

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING

import rich_click as click

from service import running, serving
from service.auditing.commands import API_KEY, KEYS
from service.running import HOME, complain, database, listening, public, run, settings

if TYPE_CHECKING:
    from service.tlog.note import Key


@click.command()
@click.argument("url")
@KEYS
@click.option("--host", help="Address to listen on (MENGFU_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (MENGFU_PORT; 8000).")
@API_KEY
@HOME
def follow(
    url: str, keys: "tuple[Key, ...]", host: str | None, port: int | None, key_file: str | None, home: str | None
) -> None:
    """Be a mirror of the registry at URL: a faithful copy, which grows as that one does, for reading alone.

    Each checkpoint and each line is checked before it is stored. The first time needs --key, and a home (or a database)
    without events. Where the history at URL does not agree with what was seen of it, it is followed no more; what is
    here is read on, and the command ends with 1.
    """

    async def work() -> int:
        from service.auditing.audits import BrokenError  # noqa: PLC0415
        from service.auditing.source import source  # noqa: PLC0415
        from service.carrying.remote import SourceError, key_in  # noqa: PLC0415
        from service.first_start import Keys  # noqa: PLC0415
        from service.mirroring.following import Mirroring  # noqa: PLC0415
        from service.registry import Registry  # noqa: PLC0415
        from service.store import migrate  # noqa: PLC0415

        chosen = public(listening(settings(host=host, port=port, home=home, key_file=key_file)))
        async with AsyncExitStack() as stack:
            asked = await stack.enter_async_context(source(url, key_in(chosen.key_file)))
            (embedded, there), _ = await asyncio.gather(
                database(chosen, stack), asyncio.to_thread(import_module, "service.app")
            )
            owner = embedded.owner_url if embedded is not None else chosen.owner_database_url
            if owner:
                await migrate.migrate(owner, chosen.schema, there, chosen.name)
            registry = await Registry.open(chosen, there)
            stack.push_async_callback(registry.close)
            mirroring = Mirroring(registry, asked, keys)
            try:
                await mirroring.begin()
            except SourceError as error:
                complain(error)
                return 2
            except BrokenError as error:
                complain(f"wrong: {error}")
                return 1
            running.follow(registry, stack)
            mirroring.start()
            stack.push_async_callback(mirroring.close)
            code = await serving.listen(registry, embedded, Keys(None, "", [f"It is a mirror of {asked.url}"]))
            return code or int(mirroring.stopped is not None)

    run(work())
