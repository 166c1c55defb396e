"""`mengfu import`: finished lines into an empty registry, with their positions and bytes, all of them or none."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack

import rich_click as click

from service import output
from service.carrying.sources import Root, Source, file, lines, told
from service.running import HOME, complain, recording, run


@click.command("import")
@click.argument("name", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--root", type=Root(), help="The root of the tree over all lines, as `export` told it; another is refused."
)
@click.option("--size", type=click.IntRange(0), help="How many lines there are; more or fewer are refused.")
@HOME
def take_in(name: str, root: bytes | None, size: int | None, home: str | None) -> None:
    """Take the lines in FILE, or on standard input where it is -, into an empty registry.

    All of them or none. A home without a registry gets one. Nothing is seeded. Of a long log the projections that
    follow it are made at once; if that is interrupted the log is in all the same, and `up` goes on.
    """

    async def work() -> int:
        from service.projections.filling import LARGE  # noqa: PLC0415
        from service.registry.copying import Meant, NotEmpty, OtherLog  # noqa: PLC0415
        from service.store.line import LineError  # noqa: PLC0415

        try:
            async with file(name) as source, recording(home, new=True) as registry:
                with ExitStack() as reading:
                    advance = reading.enter_context(output.progress("importing", source.size, "bytes"))
                    chunks = lines(counted(source, advance, reading.close))
                    copied = await registry.copy(chunks, Meant(root, size), output.progress)
                output.tell(told(copied.position, copied.time if copied.position else None, copied.root))
                if copied.position >= LARGE:
                    await registry.catch_up(output.progress)
        except (NotEmpty, LineError, OtherLog) as error:
            complain(f"nothing was imported: {error}")
            return 1
        return 0

    run(work())


async def counted(
    source: Source, advance: Callable[[int], None], end: Callable[[], None] = lambda: None
) -> AsyncIterator[bytes]:
    """The source's bytes, each piece told when the next one is wanted, and their end."""
    async for piece in source.pieces:
        yield piece
        advance(len(piece))
    end()
