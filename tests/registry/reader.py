"""A process of its own that asks for lists until its input ends: what the tests of rebuilds look through.

    python -m tests.registry.reader URL PARTY

Every list is asked for again and again, whole, in pages, by prepared statements. What was in it must be in it ever
after. Each round is a line of JSON on standard output: how many agreements, signings and states there were.
"""

import asyncio
import sys
from typing import Any
from uuid import UUID

import msgspec

from service.config import Settings
from service.domain.decider import Ref
from service.projections import agreements, signings
from service.registry import Registry


async def every(ask: Any) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = await ask(cursor)
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


async def main() -> None:
    """Ask until nobody listens; fail where anything has gone."""
    url, party = sys.argv[1:]
    registry = await Registry.open(Settings(), url)
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    seen: set[UUID] = set()
    today = registry.today()
    while not ended.done():
        async with registry.connection() as connection:
            listed = await every(
                lambda cursor, c=connection: agreements.LIST.page(
                    c, agreements.Filter(), today, limit=200, cursor=cursor
                )
            )
            signed = await every(
                lambda cursor, c=connection: signings.LIST.page(
                    c, signings.Filter(party=UUID(party)), today, limit=200, cursor=cursor
                )
            )
        ids = {UUID(msgspec.json.decode(item)["id"]) for item in listed}
        assert seen <= ids, f"{len(seen - ids)} of {len(seen)} agreements are gone"
        assert seen <= {item.agreement for item in signed}, "a signing is gone"
        assert len(ids) == len(listed)
        states = await registry.read([Ref("agreements", id) for id in seen])
        assert len(states) == len(seen), "a state is gone"
        assert all(state.base.header is not None for state in states.values()), "a state is empty"
        seen |= ids & {item.agreement for item in signed}
        sys.stdout.buffer.write(msgspec.json.encode([len(listed), len(signed), len(states)]) + b"\n")
        sys.stdout.buffer.flush()
    await registry.close()


if __name__ == "__main__":
    asyncio.run(main())
