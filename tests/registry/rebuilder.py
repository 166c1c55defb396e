"""A rebuild of all projections in a process of its own, which stops at a statement and waits to be killed.

    python -m tests.registry.rebuilder URL WORDS

After the first statement that has the words it says so on standard output, and does nothing any more.
"""

import asyncio
import sys
from typing import Any

import asyncpg

from service.domain.catalogue import DECIDERS
from service.projections import building
from service.projections.following import PROJECTIONS
from service.registry import DECODERS

URL, WORDS = sys.argv[1:]


class Connection(asyncpg.Connection):
    """A connection that stops after a statement."""

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Run the statement; the one that has the words is the last."""
        told: str = await super().execute(query, *args, **options)
        await self.stop(query)
        return told

    async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
        """Store rows; where the words are those of the table's copy, it is the last thing."""
        told: str = await super().copy_records_to_table(table_name, **options)
        await self.stop(f"copy {table_name}")
        return told

    async def stop(self, query: str) -> None:
        """Stand still for ever at the words."""
        if WORDS in query:
            print("here", flush=True)
            sys.stdin.read()


async def main() -> None:
    """Rebuild everything, as far as it comes."""
    connection = await asyncpg.connect(URL, server_settings={"search_path": "mengfu"}, connection_class=Connection)
    async with building.alone(connection):
        await building.rebuild(connection, PROJECTIONS, DECIDERS, DECODERS)
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
