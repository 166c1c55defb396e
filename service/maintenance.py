"""`mengfu rebuild` makes the projections anew from the log, `mengfu verify` compares all that is stored with it.

Both work beside a running service, on its database or on the home's own.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from service import output
from service.auditing.commands import KEYS
from service.carrying.sources import file
from service.config import ConfigError
from service.running import HOME, complain, connected, run

if TYPE_CHECKING:
    from service.tlog.note import Key


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@HOME
def rebuild(names: tuple[str, ...], home: str | None) -> None:
    """Make the projections NAME anew from the log; without NAME, all of them.

    Readers and writers go on meanwhile. A projection that follows the log and cannot take an event is rebuilt up to
    there, and named; the command ends with 1 then, and the others are whole. A rebuild that was interrupted leaves the
    lists as they were; run it again.
    """

    async def work() -> int:
        from service.domain.catalogue import DECIDERS  # noqa: PLC0415
        from service.projections import building  # noqa: PLC0415
        from service.projections.filling import UnreadableError  # noqa: PLC0415
        from service.projections.following import PROJECTIONS  # noqa: PLC0415
        from service.registry import DECODERS  # noqa: PLC0415
        from service.registry.sharing import Sharing  # noqa: PLC0415

        known = {projection.name: projection for projection in PROJECTIONS}
        if unknown := [name for name in names if name not in known]:
            raise ConfigError(f"there is no projection {unknown[0]!r}; there are {', '.join(known)}")
        wanted = [projection for name, projection in known.items() if not names or name in names]
        async with connected(home) as (connection, chosen, url), building.alone(connection, complain):
            elsewhere = Sharing(url, chosen.schema)
            lines = await connection.fetchval("select position from head")
            with output.progress("rebuilding", lines) as advance:
                try:
                    stops = await building.rebuild(connection, wanted, DECIDERS, DECODERS, advance, elsewhere)
                except UnreadableError as error:
                    complain(error)
                    return 1
        for stop in stops:
            complain(f"{stop.name} has stopped: {stop.said}")
        stopped = {stop.name for stop in stops}
        if whole := [projection.name for projection in wanted if projection.name not in stopped]:
            output.tell(f"Rebuilt from {lines:,} lines: {', '.join(whole)}")
        return 1 if stops else 0

    run(work())


@click.command()
@click.option("--export", "exported", type=click.Path(exists=True, dir_okay=False), help="Check this export instead.")
@click.option("--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its checkpoint.")
@KEYS
@click.option(
    "--tiles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the log's tiles, which tell which line of an export was changed.",
)
@HOME
def verify(
    exported: str | None, checkpoint: Path | None, keys: "tuple[Key, ...]", tiles: Path | None, home: str | None
) -> None:
    """Replay the whole log and compare it with every stored row; ends with 1 where something differs, and names it.

    With --export, --checkpoint and --key no registry is needed: a file's lines are checked against what was signed.
    """
    if exported is not None:
        if checkpoint is None or not keys:
            raise click.UsageError("an export is checked against a --checkpoint, which is signed by a --key")
        run(verify_export(exported, checkpoint, keys, tiles))
    if checkpoint is not None or keys or tiles is not None:
        raise click.UsageError("--checkpoint, --key and --tiles are for an --export")

    async def work() -> int:
        from service import verifying  # noqa: PLC0415
        from service.domain.catalogue import DECIDERS  # noqa: PLC0415
        from service.projections.following import PROJECTIONS  # noqa: PLC0415
        from service.projections.inline import INLINE  # noqa: PLC0415
        from service.registry import DECODERS  # noqa: PLC0415

        async with connected(home) as (connection, _, _):
            lines = await connection.fetchval("select position from head")
            with output.progress("verifying", 2 * lines) as advance:
                report = await verifying.verify(connection, PROJECTIONS, INLINE, DECIDERS, DECODERS, advance)
        for wrong in report.wrong:
            complain(f"wrong: {wrong}")
        if report.wrong:
            return 1
        output.tell(
            f"All as the log says: {report.events:,} lines, {report.streams:,} streams, "
            f"{report.rows:,} rows of {len(PROJECTIONS)} projections, {report.texts:,} texts"
        )
        output.tell(f"Root of the tree over the lines: {report.root.hex()}")
        return 0

    run(work())


async def verify_export(exported: str, checkpoint: Path, keys: "tuple[Key, ...]", tiles: Path | None) -> int:
    """Check an export against a checkpoint."""
    from service.auditing import exports  # noqa: PLC0415
    from service.auditing.audits import BrokenError  # noqa: PLC0415

    signed = (await asyncio.to_thread(checkpoint.read_bytes)).decode("utf-8", "replace")
    async with file(exported) as source:
        with output.progress("verifying", None) as advance:
            try:
                found = await exports.verify(source.pieces, signed, keys, tiles, advance)
            except BrokenError as error:
                complain(f"wrong: {error}")
                return 1
    output.tell(f"All as {found.now.origin} has signed: {found.now.size:,} lines, root {found.now.root.hex()}")
    if found.beyond:
        output.tell(f"{found.beyond:,} lines come after those, which this checkpoint says nothing about")
    return 0


COMMANDS = (rebuild, verify)
"""What the command `mengfu` has from here."""
