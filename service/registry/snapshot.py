"""What a plan may know, what it comes to, and what it may turn out to need."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded
from service.registry.orders import Answer, Done


class Days(Struct, frozen=True):
    """A meeting, and the first and the last day that it may have been on."""

    meeting: UUID
    first: date
    last: date


class Snapshot(Struct, kw_only=True):
    """What the plan may know: the log's end, and of streams as of that position what was loaded.

    `time` is that of every line to come, and `today` its day: what is stored of a stream follows from its log alone.
    Of the streams `looked_for`, those that are not among `streams` do not exist. `elsewhen` are the streams that say of
    a meeting that it was on none of those days.
    """

    position: int
    time: datetime
    today: date
    streams: Mapping[Ref, Folded[Any]]
    taken: Mapping[UUID, str]
    histories: Mapping[Ref, Sequence[Recorded]]
    texts: Mapping[UUID, str]
    keys: Mapping[bytes, tuple[bytes, bytes]]
    looked_for: AbstractSet[Ref]
    elsewhen: Mapping[Days, Sequence[Ref]]


class Replay(Struct, frozen=True):
    """An item whose idempotency key is known: to be answered from the log."""

    answers: tuple[Answer, ...]


Result = list[Done] | Replay | Exception


class Plan(Struct, kw_only=True):
    """What a batch comes to: each item's result, and what has to be stored for them.

    `lines` are (stream, record, line) in the order of the log; `streams` the touched streams after it and `before` the
    same before it; `written` the names of the parts that lie between the two, None where they aren't known; `missing`
    the streams whose history is needed before the plan can be made, `unknown` those that have to be looked for, `asked`
    the days of meetings that it has to be asked of which streams say otherwise.
    """

    results: list[Result] = []
    lines: list[tuple[Ref, Recorded, bytes]] = []
    streams: dict[Ref, Folded[Any]] = {}
    before: Mapping[Ref, Folded[Any]]
    written: dict[Ref, set[str] | None] = {}
    keys: list[tuple[bytes, bytes, bytes]] = []
    missing: set[Ref] = set()
    unknown: set[Ref] = set()
    asked: set[Days] = set()


class NeedError(Exception):
    """Something has to be loaded before the plan can be made."""

    def told(self, plan: Plan) -> None:
        """The plan says so."""
        raise NotImplementedError


class NeedHistoryError(NeedError):
    """A stream has to be folded from its beginning."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref

    def told(self, plan: Plan) -> None:
        """The plan says so."""
        plan.missing.add(self.ref)


class NeedStreamsError(NeedError):
    """Streams that no order names have to be looked for, as what a decision has led to is about them."""

    def __init__(self, *refs: Ref) -> None:
        self.refs = refs

    def told(self, plan: Plan) -> None:
        """The plan says so."""
        plan.unknown.update(self.refs)


class NeedElsewhenError(NeedError):
    """It has to be asked which streams say that a meeting was on other days."""

    def __init__(self, days: Days) -> None:
        self.days = days

    def told(self, plan: Plan) -> None:
        """The plan says so."""
        plan.asked.add(self.days)
