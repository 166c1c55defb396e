"""What an import takes in, log and tree, against COPY of the same lines in the same run.

The import is the registry's own (`registry.copying`): each line is read, checked, decided to be one that this program
would have written there, hashed into the tree, and stored; projections are left out here, and measured in `rebuilding`.
"""

import time
from collections.abc import AsyncIterator

from service.domain.catalogue import DECIDERS
from service.registry import DECODERS, copying
from service.store import migrate
from service.store.embedded import Embedded
from tests.bench.appending import WORDS, copy_in
from tests.bench.places import place
from tests.bench.rows import Bar, Row, Size, ratio
from tests.logs import synthetic

CHUNK = 1_000
"""Lines that are handed over at a time, as a file is read."""


async def rows(size: Size) -> list[Row]:
    """The rows of the table."""
    taken, copies = list[float](), list[float]()

    async def chunks() -> AsyncIterator[list[bytes]]:
        held = []
        for line in synthetic(size.lines, text=WORDS):
            held.append(line)
            if len(held) == CHUNK:
                yield held
                held = []
        if held:
            yield held

    async with place() as home:
        embedded = await Embedded.start(home)
        for turn in range(size.rounds + 1):
            schema = f"round_{turn}"
            await migrate.migrate(embedded.owner_url, schema, embedded.service_url)
            connection = await migrate.connect(embedded.superuser_url, schema)
            await connection.execute("checkpoint")
            made = time.perf_counter()
            async for _ in chunks():
                pass
            made = time.perf_counter() - made  # what it costs to make the lines is not the import's
            began = time.perf_counter()
            await copying.copy(connection, chunks(), DECODERS, DECIDERS, ())
            rate = size.lines / (time.perf_counter() - began - made)
            copied = await copy_in(connection, 0, size.lines)
            if turn:  # the first round warms up
                taken.append(rate)
                copies.append(copied)
            await connection.execute(f"drop schema {schema} cascade")
            await connection.close()
        await embedded.stop()
    return [
        Row(
            what="import, log and tree",
            against="COPY in",
            ratio=ratio(taken, copies),
            bar=Bar(0.3),
            told=f"{max(taken):,.0f} lines a second at best; COPY {max(copies):,.0f}",
        )
    ]
