"""`make bench`: one table of ratios taken in one run on the embedded PostgreSQL, each with its bar.

`--quick` measures little of each (`make bench-quick`), `--only NAME` one module of it, `--write FILE` keeps the table.
What is measured against what, and why, stands in the modules; how to read it, in the README beside them.
"""

import argparse
import asyncio
import importlib
import time
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench.rows import FULL, QUICK, Row, shown

PARTS = (
    "appending",
    "following",
    "serving",
    "reading",
    "latency",
    "importing",
    "rebuilding",
    "growth",
    "long",
    "lists",
    "memory",
    "everyday",
    "others",
)
"""The modules, in their order: each has `async def rows(size) -> list[Row]`."""


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little of each, in minutes")
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts alone; may be given again")
    parser.add_argument("--write", type=Path, help="a file to keep the table in")
    given = parser.parse_args()
    console, found = Console(), list[Row]()
    for part in given.only or PARTS:
        began = time.perf_counter()
        found += await importlib.import_module(f"tests.bench.{part}").rows(QUICK if given.quick else FULL)
        console.print(f"{part}: {time.perf_counter() - began:,.0f} s")
    shown(found, console)
    if given.write is not None:
        with await asyncio.to_thread(given.write.open, "w") as file:
            shown(found, Console(file=file, width=200))


if __name__ == "__main__":
    uvloop.run(main())
