"""What callers give to the registry and get back: orders, keys, items, and what became of an order."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from service.domain.decider import Command, Correct, Recorded, Ref
from service.domain.folding import Folded
from service.domain.references import references
from service.store.line import Envelope


class Order(Struct, frozen=True, kw_only=True):
    """One command for one stream. `creates` allows a new stream.

    `expected` is the version that the sender saw: the stream's before all orders that are carried out with this one.
    `propose`: what it tells otherwise than the record is not refused, but recorded as a discrepancy.
    """

    ref: Ref
    command: Command
    expected: int | None = None
    creates: bool = False
    propose: bool = False


class Key(Struct, frozen=True, kw_only=True):
    """An idempotency key: the 16-byte hashes of (account, key) and of the request that it stands for."""

    hash: bytes
    fingerprint: bytes


class Answer(Struct, frozen=True, kw_only=True, array_like=True):
    """What is kept of an order under its idempotency key: enough to give the same answer again from the log."""

    category: str
    id: UUID
    before: int
    after: int
    sequence: int
    part: str
    created: bool
    also: tuple["Answer", ...] = ()

    @classmethod
    def of(cls, done: "Done") -> "Answer":
        """What is kept of an outcome."""
        return cls(
            category=done.ref.category,
            id=done.ref.id,
            before=done.version - len(done.events),
            after=done.version,
            sequence=done.sequence,
            part=done.part,
            created=done.created,
            also=tuple(map(cls.of, done.also)),
        )


class Done(Struct, frozen=True, kw_only=True):
    """An order's outcome: the stream after it, the events that it recorded, and the part that it was about.

    `also` are the outcomes of what was recorded of other streams with it: the correction that settles a discrepancy,
    the discrepancies that it proposed.
    """

    ref: Ref
    version: int
    sequence: int
    part: str
    events: tuple[Recorded, ...]
    folded: Folded[Any]
    created: bool
    also: tuple["Done", ...] = ()


class Item(Struct, kw_only=True, eq=False):
    """What one caller waits for: orders that stand or fall together."""

    orders: Sequence[Order]
    envelope: Envelope
    key: Key | None = None
    dry_run: bool = False
    future: Any = None
    sent: bool = False
    abandoned: bool = False
    """Its caller has been told that nothing of it is recorded."""


def names(item: Item) -> Iterable[Ref]:
    """Every stream that an item's orders are for, or name."""
    for order in item.orders:
        yield order.ref
        yield from streams_of(order.command.event if isinstance(order.command, Correct) else order.command)


def streams_of(fact: Struct) -> Iterable[Ref]:
    """Every stream that a fact names."""
    return (found for _, found in references(fact) if isinstance(found, Ref))
