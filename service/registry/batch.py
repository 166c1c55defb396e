"""A batch as it is stored: what was decided of some items, and the one statement with its parameters."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from service.domain.walk import between
from service.projections.advancing import Advancing
from service.registry.orders import Item
from service.registry.snapshot import Plan
from service.store import sql
from service.tlog import tree

KEPT = timedelta(days=7)
"""How long an idempotency key is kept."""
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Batch:
    """Items and their plan, decided on the log as it ended at `before`; `after` is where it ends with it."""

    def __init__(
        self, items: Sequence[Item], plan: Plan, before: int, edge: Sequence[bytes], inline: Advancing, today: date
    ) -> None:
        """Decided on a log whose tree had that edge; keys are kept under `today`."""
        self.items, self.plan, self.before, self.today = items, plan, before, today
        self.after = before + len(plan.lines)
        self.flight: asyncio.Future[Any] | None = None
        """The statement that has been sent."""
        if plan.lines:
            self.edge = tree.append(before, edge, [tree.leaf_hash(line) for _, _, line in plan.lines])
            self.statement, self.parameters = self._made(inline)

    @cached_property
    def kept(self) -> dict[bytes, tuple[bytes, bytes]]:
        """The fingerprints and outcomes that will be kept under its idempotency keys."""
        return {key: (fingerprint, outcome) for key, fingerprint, outcome in self.plan.keys}

    @property
    def keeps(self) -> date:
        """The day under which it keeps keys, the first of all where it has none."""
        return self.today if self.plan.keys else date.min

    def _made(self, inline: Advancing) -> tuple[str, list[Any]]:
        """The append and its parameters, in the order of the statement's header."""
        plan = self.plan
        records = [recorded for _, recorded, _ in plan.lines]
        parameters: list[Any] = [
            self.before,
            self.after,
            records[0].time,
            b"".join(self.edge),
            [ref.id for ref, _, _ in plan.lines],
            [recorded.version for recorded in records],
            [recorded.event.type for recorded in records],
            [recorded.effective for recorded in records],
            [recorded.actor for recorded in records],
            [recorded.cause == "correction" for recorded in records],
            [line for _, _, line in plan.lines],
            [ref.id for ref in plan.streams],
            [ref.category for ref in plan.streams],
            [folded.version for folded in plan.streams.values()],
            self.today,
            *hashes(plan),
        ]
        changed = {
            ref: between(plan.before[ref].base, after.base, plan.written[ref])
            for ref, after in plan.streams.items()
            if ref in plan.before
        }
        parts: list[str] = []
        for projection, put, gone in inline.changes(plan.streams, plan.before, changed):
            # A part without rows would still cost its start; the few texts that come up are prepared once each.
            for differing, part in ((put, projection.putting), (gone, projection.taking)):
                if differing:
                    parts.append(part(len(parameters) + 1))
                    parameters += map(list, zip(*differing, strict=True))
        return sql("append").replace("/* projections */", "".join(f"{part}, " for part in parts)), parameters


def hashes(plan: Plan) -> tuple[list[UUID], list[UUID], list[bytes]]:
    """The idempotency keys, their fingerprints and their outcomes, as columns."""
    keys = [UUID(bytes=key) for key, _, _ in plan.keys]
    prints = [UUID(bytes=fingerprint) for _, fingerprint, _ in plan.keys]
    return keys, prints, [outcome for _, _, outcome in plan.keys]


def taken_after(plan: Plan) -> dict[UUID, str]:
    """The ids that are taken with it, each by its category."""
    return {ref.id: ref.category for ref in plan.streams}


async def kept_keys(connection: Connection, items: Iterable[Item], today: date) -> dict[bytes, tuple[bytes, bytes]]:
    """The fingerprints and outcomes that are kept under the items' idempotency keys."""
    hashes = [UUID(bytes=item.key.hash) for item in items if item.key is not None]
    if not hashes:
        return {}
    rows = await connection.fetch(sql("known_keys"), hashes, today - KEPT)
    return {row["key"].bytes: (row["fingerprint"].bytes, row["outcome"]) for row in rows}
