"""Processes of this program beside the one that asks for them: Python uses one processor, and there are more.

What such a process has to do comes as one line of JSON on its standard input, which ends when nobody wants it any more:
then it ends at once, whatever it is doing. The database's address never stands on a command line.
"""

import asyncio
import contextlib
import os
import sys
import threading
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import msgspec
import uvloop
from msgspec import Struct

Errand = TypeVar("Errand", bound=Struct)


async def start(module: str, errand: Struct, stdout: int | None = None) -> Process:
    """A process in which the `begin` of a module does an errand. Raises OSError where none can be started."""
    # -P: what lies in the folder that somebody happens to be in is not our code. Ctrl-C is for the one that asks.
    words = ("-P", "-c", f"from {module} import begin; begin()")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=PIPE, stdout=stdout, start_new_session=True
    )
    assert process.stdin is not None  # noqa: S101 -- as asked
    try:
        with contextlib.suppress(ConnectionError):  # how it ended is seen by whoever waits for it
            process.stdin.write(msgspec.json.encode(errand) + b"\n")
            await process.stdin.drain()
    except BaseException:
        await end(process)  # nobody else knows of it
        raise
    return process


async def end(process: Process) -> None:
    """End it, whatever it is doing."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def do(main: Callable[[Errand], Coroutine[Any, Any, int]], kind: type[Errand]) -> NoReturn:
    """Be such a process: do the errand that is told, and end with the exit code that it comes to, 1 for an error."""
    errand = msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)
    threading.Thread(target=_leave, daemon=True).start()
    try:
        code = uvloop.run(main(errand))
    except Exception:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the thread that waits for the end of the input holds its lock, and Python aborts at a lock held


def _leave() -> None:
    """End at once when the process that asked has ended."""
    sys.stdin.buffer.read()
    os._exit(1)
