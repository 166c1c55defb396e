"""How far the following projections have come, and waiting for them: told by the database, whoever moves them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
from msgspec import Struct

from service.domain import errors
from service.projections.following import FOLLOWING
from service.registry.tail import Tail
from service.store import sql

REACHING = 5.0
"""Seconds that a reader waits for a projection."""
FAR = 10_000
"""Events that no projection follows in that time: nobody waits for one that is still being built and so far off."""
LOOK = 0.1
"""Seconds between two looks at how far it has come, where nothing is heard of it: hints can be lost."""


class Followed(Struct, frozen=True, kw_only=True):
    """How far a projection has come: its position, how many events lie before it, since how many seconds.

    `stopped` says which event it cannot take, and why. It was begun when the log ended at `goal`, and is read as whole
    when it has come there; of a position that it has reached it tells before.
    """

    name: str
    position: int
    lag: int
    seconds: float
    stopped: str | None
    goal: int

    @property
    def building(self) -> bool:
        """Whether it has still to come to where the log ended when it was begun."""
        return self.position < self.goal


class Progress:
    """Looks at the projections' positions."""

    def __init__(self, fetch: Callable[..., Awaitable[list[asyncpg.Record]]], tail: Tail) -> None:
        """`fetch` reads rows; `tail` hears of it when they move."""
        self._fetch = fetch
        self._tail = tail

    async def told(self, names: Iterable[str] = ()) -> list[Followed]:
        """How far these projections have come, all of them where none is named."""
        wanted = list(names) or [table.name for table in FOLLOWING]
        rows = {row["name"]: row for row in await self._fetch(sql("followed"), wanted)}
        return [_followed(rows[name]) for name in wanted if name in rows]

    async def reached(self, names: Iterable[str], position: int = 0, *, whole: bool = True) -> int:
        """Wait until each of these projections has come to `position`; answers how far all of them have come.

        One that is being built is waited for until it is `whole`, or answers for `position` alone. Raises Unavailable
        where one has not come so far within some seconds, or has stopped before it.
        """
        names = list(names)
        end = asyncio.get_running_loop().time() + REACHING
        while True:
            moved = self._tail.followed()
            found = await self.told(names)
            wanted = {one.name: max(position, one.goal if whole else 0) for one in found}
            behind = [one for one in found if one.position < wanted[one.name]]
            if not behind:
                return min(one.position for one in found)
            far = any(one.building and one.goal - one.position > FAR for one in behind)
            if far or any(one.stopped is not None for one in behind) or asyncio.get_running_loop().time() > end:
                last = min(behind, key=lambda one: (one.stopped is None, one.position))
                raise errors.Unavailable(problem=_late(last))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await moved.wait()


def _late(one: Followed) -> str:
    if one.stopped is not None:
        return f"projection {one.name} has stopped at position {one.position}"
    if one.building:
        return f"projection {one.name} is being built: at {one.position} of {one.goal}"
    return f"projection {one.name} has only come to position {one.position}"


def _followed(row: Any) -> Followed:
    waiting = row["waiting"]
    return Followed(
        name=row["name"],
        position=row["position"],
        lag=row["head"] - row["position"],
        seconds=max(0.0, (datetime.now(UTC) - waiting).total_seconds()) if waiting is not None else 0.0,
        stopped=row["stopped"],
        # It has taken nothing yet, not even its goal.
        goal=row["goal"] or min(row["head"], 1),
    )
