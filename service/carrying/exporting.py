"""`mengfu export`: the stored lines into a file, checked on the way; the file gets its name when it is whole."""

import os
import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import rich_click as click

from service import output
from service.carrying.sources import Until, beyond, early, sequence, time, told
from service.config import ConfigError
from service.running import HOME, complain, readable, run, settings
from service.store.embedded_home import sync

if TYPE_CHECKING:
    from service.registry.reader import Reader


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--until", type=Until(), help="Up to that sequence, or what was recorded up to that time.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@click.option(
    "--tiles",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the log's checkpoint, tiles and entry bundles into this folder, or what is new of them.",
)
@HOME
def export(file: str | None, until: int | datetime | None, force: bool, tiles: Path | None, home: str | None) -> None:
    """Write the lines of the log into FILE, or to standard output where it is -.

    All of them, up to the log's end at the start. With --tiles, write a folder that any web server can serve (C2SP
    tlog-tiles).
    """
    if (file is None) == (tiles is None):
        raise click.UsageError("give a FILE, or --tiles FOLDER")
    if tiles is not None:
        if until is not None or force:
            raise click.UsageError("--until and --force are for a FILE")
        run(export_tiles(tiles, home))

    async def work() -> int:
        assert file is not None  # noqa: S101 -- one of the two is given
        if file == "-":
            async with readable(home) as registry:
                return await write(registry, sys.stdout.buffer, until, err=True)
        path = writable(file, force=force)
        async with readable(home) as registry:
            return await write_file(registry, path, until, force=force)

    run(work())


async def export_tiles(folder: Path, home: str | None) -> int:
    """Export into a folder."""
    from service.carrying.static import write_tiles  # noqa: PLC0415

    async with readable(home) as registry:
        with output.progress("exporting", await registry.head()) as advance:
            of = await write_tiles(registry, settings(home=home), folder, advance)
    output.tell(f"{folder} holds {of.origin} up to line {of.size:,}")
    output.tell(told(of.size, None, of.root))
    return 0


def writable(file: str | Path, *, force: bool) -> Path:
    """The file to write, behind all links. Refuses one that cannot or should not be written."""
    path = Path(file).resolve()
    if not path.parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent}: make it, or choose another FILE")
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path} is no ordinary file; standard output is called -")
    if path.exists() and not force:
        raise ConfigError(f"{path} exists: choose another FILE, or replace it by --force")
    return path


async def write_file(registry: "Reader", path: Path, until: int | datetime | None, *, force: bool) -> int:
    """Export into a file of another name, which gets this one when it is whole and on the disk."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with new.open("xb") as out:
            code = await write(registry, out, until, err=False)
            os.fsync(out.fileno())
        if code == 0:
            writable(path, force=force)  # another one may have come meanwhile
            new.replace(path)
            sync(path.parent)
    finally:
        new.unlink(missing_ok=True)
    return code


async def write(registry: "Reader", out: BinaryIO, until: int | datetime | None, *, err: bool) -> int:
    """Write lines, each with its LF; answers the exit code. They are checked: sequences, and the root of their tree."""
    from service.tlog import tree  # noqa: PLC0415

    head, stored = await registry.tree()
    if until is not None:
        await reached(registry, head, until)
    last = until if isinstance(until, int) else head
    chunks = registry.lines(until=last, to_time=until if isinstance(until, datetime) else None)
    count, edge, line = 0, list[bytes](), b""
    with output.progress("exporting", last) as advance:
        async for chunk in chunks:
            for line in chunk:
                count += 1
                if sequence(line) != count:
                    complain(f"at position {count} stands a line that calls itself {sequence(line)}: not exported")
                    return 1
            edge = tree.append(count - len(chunk), edge, map(tree.leaf_hash, chunk))
            out.write(b"\n".join((*chunk, b"")))
            advance(len(chunk))
    out.flush()
    if (count < last and not isinstance(until, datetime)) or (count == head and edge != stored):
        complain("the lines are not those that the log's tree was made of: not exported. Look at the database")
        return 1
    output.tell(told(count, time(line) if count else None, tree.root(count, edge)), err=err)
    return 0


async def reached(registry: "Reader", head: int, until: int | datetime) -> None:
    """Refuse an end that the log has not reached, and one before its beginning."""
    async for [line] in registry.lines(after=head - 1, until=head):
        if (until > head) if isinstance(until, int) else (until > time(line)):
            raise ConfigError(beyond(until, head, line))
    async for [line] in registry.lines(until=1):
        if isinstance(until, datetime) and until < time(line):
            raise ConfigError(early(until))
    if not head:
        raise ConfigError(beyond(until, 0, b""))
