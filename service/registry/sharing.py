"""A share of a rebuild in a process of its own: Python reads the log on one processor, and there are more of them.

The share comes as one line of JSON on standard input, which ends when nobody wants it any more; on standard output go
the numbers of lines read, the words of what cannot be read, and what stopped a projection. The database's address never
stands on a command line.
"""

import asyncio
import contextlib
import os
import sys
import threading
from typing import NoReturn

import msgspec
import uvloop
from msgspec import Struct

from service.domain.catalogue import DECIDERS
from service.projections.building import SETTINGS
from service.projections.filling import Advance, Share, Stop, Tables, UnreadableError
from service.projections.following import PROJECTIONS
from service.store import migrate

MODULE = __name__
MOST = 2
"""Processes beside the one that asks: each takes 50 MB and a connection, and PostgreSQL wants processors too."""


class Errand(Struct, frozen=True):
    """What such a process is told: where the database is, and its share."""

    url: str
    schema: str
    share: Share


class Sharing:
    """Other processes, for the registry at an address; no more than there are processors left."""

    def __init__(self, url: str, schema: str) -> None:
        """Nothing is started yet."""
        self.url, self.schema = url, schema
        self.count = min((os.cpu_count() or 1) - 1, MOST)

    async def __call__(self, share: Share, advance: Advance) -> list[Stop]:
        """Have the share done; answers what stopped there.

        Raises UnreadableError, or ChildProcessError where the process failed.
        """
        pipe = asyncio.subprocess.PIPE
        # -P: what lies in the folder that somebody happens to be in is not our code. Ctrl-C is for the one that asks.
        words = ("-P", "-c", f"from {MODULE} import begin; begin()")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=pipe, stdout=pipe, start_new_session=True
        )
        stops: list[Stop] = []
        assert process.stdin is not None  # noqa: S101 -- as asked
        assert process.stdout is not None  # noqa: S101 -- as asked
        try:
            with contextlib.suppress(ConnectionError):  # how it ended is said below
                process.stdin.write(msgspec.json.encode(Errand(self.url, self.schema, share)) + b"\n")
                await process.stdin.drain()
            async for line in process.stdout:
                told = msgspec.json.decode(line, type=int | str | Stop)
                if isinstance(told, str):
                    raise UnreadableError(told)
                if isinstance(told, Stop):
                    stops.append(told)
                else:
                    advance(told)
            if code := await process.wait():
                raise ChildProcessError(f"a process that shared in the rebuild ended with {code}")
            return stops
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def leave() -> None:
    """End at once when the process that asked has ended."""
    sys.stdin.buffer.read()
    os._exit(1)


def tell(what: int | str | Stop) -> None:
    """Say how far it has come."""
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


async def main() -> int:
    """Do one share."""
    from service.registry import DECODERS  # noqa: PLC0415 -- the package that this module is of

    errand = msgspec.json.decode(sys.stdin.buffer.readline(), type=Errand)
    threading.Thread(target=leave, daemon=True).start()
    share = errand.share
    connection = await migrate.connect(errand.url, errand.schema)
    await connection.execute(SETTINGS)
    tables = Tables(connection, DECIDERS, DECODERS, share.tables)
    try:
        await tables.store([one for one in PROJECTIONS if one.name in share.tables], share.upto, share.streams, tell)
    except UnreadableError as error:
        tell(str(error))
        return 1
    for stop in tables.stops.values():
        tell(stop)
    await connection.close()
    return 0


def begin() -> NoReturn:
    """Be such a process."""
    code = uvloop.run(main())
    sys.stdout.flush()
    os._exit(code)  # the thread that waits for the end of the input holds its lock
