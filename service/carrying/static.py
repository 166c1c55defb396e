"""The log as a folder of files that any web server can serve: checkpoint, tiles, entry bundles (C2SP tlog-tiles).

What is full never changes, so a folder that is there already gets only what is new; the checkpoint comes last.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from service import signing
from service.config import Settings
from service.tlog import checkpoint, note, tiles
from service.tlog.tiles import Tile

if TYPE_CHECKING:
    from service.registry.reader import Reader

AT_ONCE = 64
"""Tiles that are asked for at a time."""


async def write_tiles(
    reader: "Reader", settings: Settings, folder: Path, advance: Callable[[int], None]
) -> checkpoint.Checkpoint:
    """Write the log of now; answers its checkpoint. Raises ConfigError where none can be signed."""
    signed = await (await signing.reached(settings, reader.pool)).checkpoint()
    of = checkpoint.parsed(note.text(signed))
    covered = -1
    while covered < (covered := await reader.tiles.store()) < of.size // tiles.WIDTH * tiles.WIDTH:
        pass
    missing = [tile for tile in tiles.of_size(of.size) if not (folder / "tile" / tile.path).is_file()]
    for start in range(0, len(missing), AT_ONCE):
        for tile, hashes in (await reader.tiles.rows(missing[start : start + AT_ONCE])).items():
            put(folder / "tile" / tile.path, hashes)
    for tile in tiles.of_size(of.size):
        if tile.level == 0:
            await write_entries(reader, folder, tile)
            advance(tile.width)
    put(folder / "checkpoint", signed.encode())
    return of


async def write_entries(reader: "Reader", folder: Path, tile: Tile) -> None:
    """Write the lines of a tile of leaves."""
    file = folder / "tile" / "entries" / tiles.path(tile.index, tile.width)
    if not file.is_file():
        start = tile.index * tiles.WIDTH
        found = reader.lines(after=start, until=start + tile.width)
        put(file, tiles.bundle([line async for some in found for line in some]))


def put(file: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".part")
    new.write_bytes(content)
    new.replace(file)
