"""Accounts and their keys. A key is shown once, when it is made; stored is only its hash.

A key reads `mengfu_<prefix>_<secret>`: the prefix finds it, the secret (256 random bits) proves it. Three roles, each
with the rights of those before it: reader, registrar, administrator.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
import time
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from msgspec import Struct

from service.store import sql

ROLES = ("reader", "registrar", "administrator")
"""From the least to the most."""

FRESH = 1.0
"""Seconds for which a process may go on with what it read of a key: a revoked one stops after that."""

KEPT = 10_000
"""Keys remembered at a time."""

_TOKEN = re.compile(r"mengfu_(?P<prefix>[a-z0-9]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that would let one label look like another, or like several lines of a list."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]


class Account(Struct, frozen=True):
    """Who a key belongs to, and what it allows."""

    id: UUID
    roles: tuple[str, ...]


class Credential(Struct, frozen=True, kw_only=True):
    """A key as it is listed: everything but the secret."""

    prefix: str
    account: UUID
    label: str
    roles: tuple[str, ...]
    created: datetime
    revoked: datetime | None


def rank(roles: Iterable[str]) -> int:
    """How far the highest of the roles reaches; -1 where none is known."""
    return max((ROLES.index(role) for role in roles if role in ROLES), default=-1)


async def create(pool: "Pool", label: str, roles: Sequence[str], account: UUID | None = None) -> tuple[str, UUID]:
    """Make a key for an account (a new one, unless given) and answer it with the account. It can't be shown again.

    Raises ValueError for an unknown role, and for a label that is empty or more than one line of visible text.
    """
    if unknown := [role for role in roles if role not in ROLES] or not roles:
        raise ValueError(f"unknown role {unknown}: the roles are {', '.join(ROLES)}")
    if not label.strip():
        raise ValueError("a key needs a label that says whose it is")
    if any(unicodedata.category(letter) in _UNSEEN for letter in label):
        raise ValueError("a key's label is one line of text: it has line ends, control or formatting characters")
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    owner = account or uuid4()
    await pool.execute(sql("credential_create"), owner, label, prefix, _hash(secret), list(roles))
    return f"mengfu_{prefix}_{secret}", owner


async def listed(pool: "Pool") -> list[Credential]:
    """Every key, the oldest first."""
    return [
        Credential(
            prefix=row["prefix"],
            account=row["account"],
            label=row["label"],
            roles=tuple(row["roles"]),
            created=row["created"],
            revoked=row["revoked"],
        )
        for row in await pool.fetch(sql("credential_list"))
    ]


async def revoke(pool: "Pool", prefix: str) -> bool:
    """End a key. False where there is no such key, or it has ended already."""
    return await pool.fetchval(sql("credential_revoke"), prefix) is not None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class Credentials:
    """The keys as one process sees them: asked for once a second at most, however many requests bear them."""

    def __init__(self, pool: "Pool") -> None:
        """Nothing is known yet."""
        self._pool = pool
        self._known: dict[str, tuple[float, asyncio.Task[Any]]] = {}

    async def find(self, token: str) -> Account | None:
        """Whose key that is, None for one that is malformed, unknown, wrong or revoked."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        row = await self._row(match["prefix"])
        held: bytes = row["hash"] if row is not None else bytes(32)
        # Compared in constant time, and also where there is no such prefix.
        if not hmac.compare_digest(held, _hash(match["secret"])) or row is None:
            return None
        return Account(row["account"], tuple(row["roles"]))

    async def _row(self, prefix: str) -> Any:
        now = time.monotonic()
        known = self._known.get(prefix)
        if known is None or known[0] < now or (known[1].done() and known[1].exception() is not None):
            if len(self._known) >= KEPT:
                self._known.clear()
            task = asyncio.ensure_future(self._pool.fetchrow(sql("credential_find"), prefix))
            known = self._known[prefix] = (now + FRESH, task)
        # Several requests may wait for one answer: one that goes away must not take it from the others.
        return await asyncio.shield(known[1])
