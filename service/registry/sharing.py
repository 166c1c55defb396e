"""A share of a rebuild in a process of its own: Python reads the log on one processor, and there are more of them.

On its standard output go the numbers of lines read, the words of what cannot be read, and what stopped a projection.
"""

import asyncio
import os
import sys
from typing import NoReturn

import msgspec
from msgspec import Struct

from service.domain.catalogue import DECIDERS
from service.projections.building import SETTINGS
from service.projections.filling import Advance, Share, Stop, Tables, UnreadableError
from service.projections.following import PROJECTIONS
from service.registry import child
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
        process = await child.start(MODULE, Errand(self.url, self.schema, share), stdout=asyncio.subprocess.PIPE)
        stops: list[Stop] = []
        assert process.stdout is not None  # noqa: S101 -- as asked
        try:
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
            await child.end(process)


def tell(what: int | str | Stop) -> None:
    """Say how far it has come."""
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


async def main(errand: Errand) -> int:
    """Do one share."""
    from service.registry import DECODERS  # noqa: PLC0415 -- the package that this module is of

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
    child.do(main, Errand)
