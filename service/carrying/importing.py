"""`mengfu import`: finished lines into an empty registry, with their positions and bytes, all of them or none."""

from collections.abc import AsyncIterator, Callable

import rich_click as click

from service import output
from service.carrying.sources import Root, Source, file, lines, told
from service.running import HOME, complain, opened, run


@click.command("import")
@click.argument("name", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--root", type=Root(), help="The root of the tree over all lines, as `export` told it; another is refused."
)
@click.option("--size", type=click.IntRange(0), help="How many lines there are; more or fewer are refused.")
@HOME
def take_in(name: str, root: bytes | None, size: int | None, home: str | None) -> None:
    """Take the lines in FILE, or on standard input where it is -, into an empty registry.

    All of them or none. A home without a registry gets one. Nothing is seeded.
    """

    async def work() -> int:
        from service.registry.copying import Meant, NotEmpty, OtherLog  # noqa: PLC0415
        from service.store.checking import LineError  # noqa: PLC0415

        try:
            async with file(name) as source, opened(home, new=True) as registry:
                with output.progress("importing", source.size, "bytes") as advance:
                    copied = await registry.copy(lines(counted(source, advance)), Meant(root, size))
                output.tell(told(copied.position, copied.time if copied.position else None, copied.root))
        except (NotEmpty, LineError, OtherLog) as error:
            complain(f"nothing was imported: {error}")
            return 1
        return 0

    run(work())


async def counted(source: Source, advance: Callable[[int], None]) -> AsyncIterator[bytes]:
    """The source's bytes, each piece told when the next one is wanted."""
    async for piece in source.pieces:
        yield piece
        advance(len(piece))
