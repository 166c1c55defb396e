"""A batch, decided: pure from here to the statement. What the writer loaded goes in, what it has to store comes out.

Items are decided in turn on the log's state at one position, each seeing what the ones before it changed. A refused
item leaves nothing. Where an item needs a stream's whole history (a correction, a fact dated before the newest), the
plan says which, and is made again when it has been loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.domain import errors
from service.domain.decider import Correct, Decider, Recorded, Ref, Void
from service.domain.shapes import Reads
from service.registry.attempt import Attempt
from service.registry.orders import Answer, Done, Item, Order
from service.registry.snapshot import (
    NeedError,
    Plan,
    Replay,
    Snapshot,
)

_ANSWERS = msgspec.json.Decoder(tuple[Answer, ...])


class Planner:
    """Decides one batch on one snapshot."""

    def __init__(self, deciders: Mapping[str, Decider[Any]], decoders: Mapping[str, Reads], snapshot: Snapshot) -> None:
        """Nothing is decided yet. `decoders` go by `dataschema`: what none of them reads is not recorded."""
        self.deciders = deciders
        self.decoders = decoders
        self.snapshot = snapshot
        self.plan = Plan(before=snapshot.streams)
        self.fresh: dict[Ref, list[Recorded]] = {}
        self.ids: dict[UUID, str] = {}
        self.told: dict[bytes, tuple[bytes, bytes]] = {}
        self.taken_at: dict[UUID, dict[Ref, None]] = {}
        """What the plan so far has recorded of meetings, by these: no stored row tells it yet."""

    def decide(self, items: Iterable[Item]) -> Plan:
        """The plan for these items, in their order."""
        for item in items:
            try:
                self.plan.results.append(self._item(item))
            except NeedError as need:
                need.told(self.plan)
                self.plan.results.append(errors.Unavailable(problem="not decided"))
            except errors.Refused as refused:
                self.plan.results.append(refused)
        return self.plan

    def _item(self, item: Item) -> list[Done] | Replay:
        if item.key is not None:
            known = self.told.get(item.key.hash) or self.snapshot.keys.get(item.key.hash)
            if known is not None:
                if known[0] != item.key.fingerprint:
                    raise errors.KeyReused
                return Replay(_ANSWERS.decode(known[1]))
        attempt = Attempt(self, item.envelope)
        done = []
        need: NeedError | None = None
        for index, (order, later) in enumerate(zip(item.orders, looked_at_later(item.orders), strict=True)):
            try:
                done.append(attempt.order(order, later=later))
            except NeedError as another:
                # The orders after it are tried all the same: what else has to be loaded is learnt in one go.
                another.told(self.plan)
                need = another
            except errors.Refused as refused:
                if need is None:
                    raise (refused.under(f"/{index}") if len(item.orders) > 1 else refused) from None
        if need is not None:
            raise need
        if item.dry_run:
            return done
        attempt.keep()
        if item.key is not None:
            outcome = msgspec.json.encode([Answer.of(one) for one in done])
            self.told[item.key.hash] = (item.key.fingerprint, outcome)
            self.plan.keys.append((item.key.hash, item.key.fingerprint, outcome))
        return done


def looked_at_later(orders: Sequence[Order]) -> list[bool]:
    """Of each order whether what it shows is looked at after a later one on the same stream.

    So a figure of which a transaction tells hundreds of claims is looked at once, as if they had come in one command:
    by what stands after them. Nothing is left beyond an order that may rest on what has been proposed by then, or that
    changes what was told: on a discrepancy, a correction, or one that proposes itself.
    """
    found, later = [False] * len(orders), set[Ref]()
    if len(orders) == 1:
        return found
    for index in range(len(orders) - 1, -1, -1):
        order = orders[index]
        if order.propose or isinstance(order.command, (Correct, Void)) or order.ref.category == "discrepancies":
            later.clear()
        elif order.ref.category == "figures":
            found[index] = order.ref in later
            later.add(order.ref)
    return found
