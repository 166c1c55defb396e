"""Of which registry this one is a mirror, as the database knows it: one row, none in a registry of its own."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from service.store import sql

if TYPE_CHECKING:
    import asyncpg


class Mirror(Struct, frozen=True, kw_only=True):
    """The registry that is mirrored: its address, what its log is called, the keys that its checkpoints are trusted by.

    `seen` is its newest checkpoint that was shown to go on from the one before (a signed note), of `size` lines,
    `served` the newest whose lines are all here. `heard` is when it last answered, `stopped` why it is not followed.
    """

    url: str
    origin: str
    keys: list[str]
    seen: str
    size: int
    served: str | None
    heard: datetime
    stopped: str | None


class Fetches(Protocol):
    """A connection, or a pool of them."""

    async def fetchrow(self, query: str, *args: Any) -> "asyncpg.Record | None":
        """The first row of a statement."""


async def load(connection: Fetches) -> Mirror | None:
    """What is known of the registry that is mirrored; None where none is."""
    row = await connection.fetchrow(sql("mirror"))
    return Mirror(**row) if row is not None else None
