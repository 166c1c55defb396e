"""Webhooks and their deliveries, as they are stored: outside the log, since where events are sent is no fact of it.

A process takes what is due under a lease, in one statement; nothing is locked while a request is under way, and what a
process that was killed has taken is due again when its lease has run out.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET, Struct, UnsetType

from service.store import sql

if TYPE_CHECKING:
    from datetime import date

    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]

MOST = 100
"""Webhooks that a registry may have."""
STRIDE = 10_000
"""Positions that are looked through at a time."""
KEPT = 30 * 86_400.0
"""Seconds for which it is remembered what was delivered."""

State = Literal["waiting", "delivered", "given_up"]


class Webhook(Struct, frozen=True, kw_only=True):
    """Where events are sent: all, or those of some `types`, or those about a party (`unit`).

    Those are about a party that name it, or are of a task that it leads, supports or supervises today; it takes in the
    parties under it and those that it came after, as they are today. `position` is how far the log was looked through;
    `waiting` and `given_up` count deliveries, `delivered` is when the last one succeeded. `disabled` says why nothing
    is sent any more, where nobody asked for that. Until `former_until` the secret before this one signs as well.
    """

    id: UUID
    account: UUID
    label: str
    url: str
    types: tuple[str, ...]
    unit: UUID | None
    enabled: bool
    disabled: str | None
    position: int
    created: datetime
    former_until: datetime | None
    waiting: int
    given_up: int
    delivered: datetime | None


class Attempt(Struct, frozen=True, kw_only=True):
    """One request: when it was answered, with which status, or what went wrong; after how many seconds."""

    time: str
    status: int | None = None
    error: str | None = None
    seconds: float


class Delivery(Struct, frozen=True, kw_only=True):
    """An event for a webhook, and each attempt to send it. `event` is the event's id, the header `webhook-id`.

    `attempts` counts since it was sent first, or again; `next` is when it is tried, while it waits.
    """

    id: UUID
    position: int
    event: UUID
    type: str
    state: State
    attempts: int
    next: datetime | None
    created: datetime
    settled: datetime | None
    log: tuple[Attempt, ...]


class Leased(Struct, frozen=True, kw_only=True):
    """A delivery whose turn it is, with all that its request takes. `secrets` sign it, the newest first."""

    id: UUID
    lease: UUID
    webhook: UUID
    event: UUID
    attempts: int
    url: str
    secrets: tuple[str, ...]
    line: bytes


class Backlog(Struct, frozen=True, kw_only=True):
    """What waits to be sent, how much of it is due, what was given up; how many webhooks were ended by their failures.

    `oldest` is for how many seconds the oldest has waited, `lag` how many events no webhook has looked at yet, at most.
    """

    waiting: int
    due: int
    given_up: int
    oldest: float
    disabled: int
    lag: int


def secret() -> str:
    """A new secret: 32 random bytes in base64, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


async def create(
    pool: "Pool",
    *,
    account: UUID,
    label: str,
    url: str,
    types: Sequence[str],
    unit: UUID | None,
    after: int | None,
) -> tuple[Webhook, str] | None:
    """A new webhook that follows the log behind a position (its end, unless given), and its secret.

    None where there are `MOST` already.
    """
    made = secret()
    id = await pool.fetchval(sql("webhook_create"), uuid4(), account, label, url, list(types), unit, made, after, MOST)
    found = await listed(pool, id) if id is not None else []
    return (found[0], made) if found else None


async def listed(pool: "Pool", id: UUID | None = None) -> list[Webhook]:
    """Every webhook, the oldest first; or that one, if it exists."""
    rows = await pool.fetch(sql("webhook_list"), id)
    return [Webhook(**{name: row[name] for name in Webhook.__struct_fields__}) for row in rows]


async def change(
    pool: "Pool",
    id: UUID,
    *,
    label: str | None = None,
    url: str | None = None,
    types: Sequence[str] | None = None,
    unit: UUID | UnsetType | None = UNSET,
    enabled: bool | None = None,
    after: int | None = None,
) -> bool:
    """Change what is given. False where there is no such webhook."""
    party = None if isinstance(unit, UnsetType) else unit
    told = (label, url, None if types is None else list(types), unit is not UNSET, party, enabled, after)
    return await pool.fetchval(sql("webhook_change"), id, *told) is not None


async def rotate(pool: "Pool", id: UUID, overlap: float) -> str | None:
    """A new secret; the one before signs as well for so many seconds. None where there is no such webhook."""
    made = secret()
    return made if await pool.fetchval(sql("webhook_rotate"), id, made, overlap) is not None else None


async def delete(pool: "Pool", id: UUID) -> bool:
    """End a webhook. False where there is none."""
    return await pool.fetchval(sql("webhook_delete"), id) is not None


async def deliveries(
    pool: "Pool",
    webhook: UUID,
    *,
    state: State | None = None,
    before: int | None = None,
    limit: int,
) -> list[Delivery]:
    """What is to be sent to a webhook and what was, the newest first."""
    return [_delivery(row) for row in await pool.fetch(sql("delivery_list"), webhook, state, before, limit)]


async def replay(pool: "Pool", webhook: UUID, id: UUID) -> Delivery | None:
    """Send it again, whatever has come of it: answers how it waits. None where there is no such delivery."""
    row = await pool.fetchrow(sql("delivery_replay"), id, webhook)
    return _delivery(row) if row is not None else None


def _delivery(row: "asyncpg.Record") -> Delivery:
    told: dict[str, Any] = {name: row[name] for name in Delivery.__struct_fields__}
    told["log"] = msgspec.json.decode(row["log"], type=tuple[Attempt, ...])
    told["next"] = row["next"] if row["state"] == "waiting" else None
    return Delivery(**told)


async def replay_failed(pool: "Pool", webhook: UUID, since: datetime, until: datetime | None = None) -> int:
    """Send again what has failed and was not taken, by the time of its last attempt; answers how many these are."""
    count: int = await pool.fetchval(sql("delivery_replay_failed"), webhook, since, until)
    return count


async def backlog(pool: "Pool") -> Backlog:
    """How much waits."""
    row = await pool.fetchrow(sql("webhook_backlog"))
    assert row is not None  # noqa: S101 -- counts are one row
    return Backlog(**{name: row[name] for name in Backlog.__struct_fields__})


# --- Sending ----------------------------------------------------------------------------------------------------------


async def queue(pool: "Pool", today: "date") -> tuple[int, bool]:
    """Look on in the log, a stride for each webhook; answers how many were behind it, and whether there is any."""
    row = await pool.fetchrow(sql("delivery_queue"), STRIDE, today)
    assert row is not None  # noqa: S101 -- counts are one row
    return row["moved"], row["wanted"]


async def lease(pool: "Pool", *, each: int, most: int, seconds: float, flying: Mapping[UUID, int]) -> list[Leased]:
    """Take what is due, `most` together: `each` webhook has at most so many under way, with those that are `flying`.

    Those that have least under way come first.
    """
    mark = uuid4()
    rows = await pool.fetch(sql("delivery_lease"), mark, each, most, seconds, list(flying), list(flying.values()))
    return [
        Leased(
            id=row["id"],
            lease=mark,
            webhook=row["webhook"],
            event=row["event"],
            attempts=row["attempts"],
            url=row["url"],
            secrets=tuple(filter(None, (row["secret"], row["former"]))),
            line=row["line"],
        )
        for row in rows
    ]


async def settle(
    pool: "Pool",
    leased: Leased,
    state: State,
    attempt: Attempt,
    *,
    pause: float = 0.0,
    disable: str | None = None,
    unless_others: bool = False,
) -> bool:
    """Note what came of an attempt, and when the next is; True where that has ended the webhook.

    `disable` says why it is to end; `unless_others` spares one where something was delivered in the meantime.
    """
    entry = msgspec.json.encode([attempt]).decode()
    row = await pool.fetchrow(
        sql("delivery_settle"), leased.id, leased.lease, state, pause, entry, disable, unless_others
    )
    return row is not None and row["ended"] > 0


async def release(pool: "Pool", leased: Sequence[Leased]) -> None:
    """Give back what was taken and not finished."""
    await pool.execute(sql("delivery_release"), [one.id for one in leased], [one.lease for one in leased])


async def forget(pool: "Pool") -> None:
    """Forget what was settled long ago."""
    await pool.execute(sql("delivery_forget"), KEPT)
