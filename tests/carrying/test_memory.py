"""What works through a whole log holds a piece of it at a time, however long it is: rebuild, verify, replay."""

import asyncio
from pathlib import Path

from tests.commands import LIMIT, begin, peak
from tests.conftest import clone
from tests.logs import WORDS, synthetic
from tests.processes import free_port
from tests.soak import soak

FEW, MANY = 3_000, 9_000
"""Lines; each piece is two thousand at the most."""
TEXT = WORDS * 40
GROWTH = (MANY - FEW) * len(TEXT.encode())
"""Bytes that the longer log has more, in its texts alone: who held it whole would hold them twice at the least."""


def log(folder: Path, count: int) -> Path:
    """A file of so many lines."""
    path = folder / f"{count}.ndjson"
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in synthetic(count, text=TEXT))
    return path


async def of_a_registry(path: Path) -> dict[str, int]:
    """What each command needs on a registry with that log."""
    async with clone() as database:
        env = {"MENGFU_DATABASE_URL": database.service}
        await asyncio.to_thread(peak, "import", str(path), env=env)
        return {name: await asyncio.to_thread(peak, name, env=env) for name in ("rebuild", "verify")}


async def of_a_replay(path: Path, count: int) -> int:
    """What a replay has needed when it serves."""
    process = await begin(path.parent, "replay", str(path), "--until", str(count), "--port", str(free_port()))
    assert process.stdout is not None
    try:
        async with asyncio.timeout(4 * LIMIT):
            while "serving" not in (line := (await process.stdout.readline()).decode()):
                assert line
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")  # noqa: ASYNC240 -- no disk is asked
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), LIMIT)
    [most] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(most) * 1024


@soak
async def test_memory_does_not_grow_with_the_log(place: Path) -> None:
    """Three times as many lines: hardly anything more, and far less than the lines more."""
    few, many = log(place, FEW), log(place, MANY)
    least, most = await of_a_registry(few), await of_a_registry(many)
    least["replay"], most["replay"] = await of_a_replay(few, FEW), await of_a_replay(many, MANY)
    grown = {name: most[name] - least[name] for name in most}
    assert all(bytes_more < GROWTH for bytes_more in grown.values()), (least, most)
