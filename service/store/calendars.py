"""Addresses of calendars: each reads the deadlines of one unit, and nothing else.

The token in an address (256 random bits) is shown once, when it is made; stored is only its hash.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from msgspec import Struct

from service.store import sql

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]


class Calendar(Struct, frozen=True, kw_only=True):
    """A calendar as it is listed: whose deadlines, in which of its roles, made when and by which account."""

    id: UUID
    unit: UUID
    roles: tuple[str, ...]
    account: UUID
    created: datetime
    revoked: datetime | None


async def create(pool: "Pool", unit: UUID, roles: Sequence[str], account: UUID) -> tuple[str, Calendar]:
    """Make an address for a unit's deadlines. Answers its token, which can't be shown again."""
    token, id = secrets.token_urlsafe(32), uuid4()
    created = await pool.fetchval(sql("calendar_create"), id, _hash(token), unit, list(roles), account)
    return token, Calendar(id=id, unit=unit, roles=tuple(roles), account=account, created=created, revoked=None)


async def listed(pool: "Pool") -> list[Calendar]:
    """Every calendar, the oldest first."""
    return [_calendar(row) for row in await pool.fetch(sql("calendar_list"))]


async def find(pool: "Pool", token: str) -> Calendar | None:
    """The calendar that a token reads, None for one that is wrong or revoked.

    It is looked up by its hash, which nobody can come near to by trying: no comparison tells anything by its time.
    """
    row = await pool.fetchrow(sql("calendar_find"), _hash(token))
    return _calendar(row) if row is not None else None


async def revoke(pool: "Pool", id: UUID, *, dry_run: bool = False) -> bool:
    """End an address. False where there is no such calendar; one that has ended stays as it is."""
    return await pool.fetchval(sql("calendar_revoke"), id, dry_run) is not None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _calendar(row: Any) -> Calendar:
    return Calendar(
        id=row["id"],
        unit=row["unit"],
        roles=tuple(row["roles"]),
        account=row["account"],
        created=row["created"],
        revoked=row["revoked"],
    )
