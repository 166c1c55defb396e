"""What memory an operator's command takes: exporting, importing and rebuilding a log, against the same on an empty one.

The commands run as they ship, as processes of their own (`mengfu import`, `export`, `rebuild`, with the embedded
PostgreSQL), and what they and the Python processes that they start hold (rss) is looked at ten times a second; counted
is the most that they ever held. PostgreSQL's own memory is its setting, and not counted. The same command on a registry
without a line is what it takes to be there at all: what a log takes beyond that is to be the same whatever its length.
"""

import asyncio
import contextlib
import os
import subprocess
import tempfile
import time
from itertools import islice
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it has no types of its own

from tests.bench.places import place
from tests.bench.questions import MENGFU
from tests.bench.rows import Bar, Row, Size, alone
from tests.bench.scale import log

BAR = Bar(150, most=True)
EVERY = 0.1
"""Seconds from one look to the next."""
PER = 5
"""Events for each agreement of the scale set."""


def held(process: psutil.Process) -> int:
    """Bytes that a command and the Python processes under it hold."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                if one.pid == process.pid or one.name().startswith("python"):
                    total += one.memory_info().rss
    return total


def most(*words: str | Path) -> tuple[int, float]:
    """The bytes that a command held at the most, and the seconds that it took."""
    quiet = os.environ | {"MENGFU_REMIND_AT": "off"}
    began, found = time.perf_counter(), 0
    command = [str(MENGFU), *map(str, words)]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=quiet) as process,
    ):
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            found = max(found, held(watched))
            time.sleep(EVERY)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"mengfu {words[0]} has ended with {process.returncode}: {said.read().decode()}")
    return found, time.perf_counter() - began


def commands(home: Path, lines: Path) -> dict[str, tuple[int, float]]:
    """What each command takes, on a home that begins with these lines."""
    out = lines.with_suffix(".out")
    try:
        return {
            "import": most("import", lines, "--home", home),
            "export": most("export", out, "--home", home),
            "rebuild": most("rebuild", "--home", home),
        }
    finally:
        out.unlink(missing_ok=True)


def written(path: Path, count: int) -> int:
    """So many lines of the scale set, written into a file; answers how many they are."""
    number = 0
    with path.open("wb") as out:
        for line in islice(log(max(100, count // PER)), count):
            out.write(line + b"\n")
            number += 1
    return number


async def rows(size: Size) -> list[Row]:
    """Each command with a log, and without one."""
    async with place() as home, place() as empty:
        count = written(home.parent / "log", size.lines)
        written(empty.parent / "log", 0)
        idle = await asyncio.to_thread(commands, empty, empty.parent / "log")
        work = await asyncio.to_thread(commands, home, home.parent / "log")
    return [
        Row(
            what=f"`mengfu {name}` of {count:,} events: MB more than idle",
            against=f"the same on an empty registry, {idle[name][0] / 1e6:,.0f} MB",
            ratio=(held - idle[name][0]) / 1e6,
            bar=BAR,
            told=f"{held / 1e6:,.0f} MB at the most, {count / took:,.0f} events/s with its start and end",
        )
        for name, (held, took) in work.items()
    ]


if __name__ == "__main__":
    alone(rows, __doc__)
