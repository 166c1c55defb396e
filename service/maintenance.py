"""`mengfu rebuild` makes the projections anew from the log, `mengfu verify` compares all that is stored with it.

Both work beside a running service, on its database or on the home's own.
"""

import rich_click as click

from service import output
from service.config import ConfigError
from service.running import HOME, complain, connected, run


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
@HOME
def verify(home: str | None) -> None:
    """Replay the whole log and compare it with every stored row; ends with 1 where something differs, and names it."""

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


COMMANDS = (rebuild, verify)
"""What the command `mengfu` has from here."""
