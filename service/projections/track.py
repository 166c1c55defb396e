"""A stream as bitemporal tables tell it, event by event, and what that changes in their rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import is_
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from service.domain.decider import Attested, Decider, Recorded, Ref, S
from service.domain.folding import ALWAYS, Folded, advance
from service.projections import Key, Row, UntoldError
from service.projections.spans import Edge, Line, Told, edges_of, newest

if TYPE_CHECKING:
    from service.projections.bitemporal import Bitemporal

FOREVER = 2**63 - 1
"""`known_to` of what is known still."""


class Step(NamedTuple):
    """A stream before and after one event: from `cut` on, or on `edges` where earlier days have changed too."""

    record: Recorded
    before: Any
    after: Any
    cut: date
    edges: list[Edge] | None


class Changes:
    """What a batch comes to in one table."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.opened: dict[Row, tuple[int, date, Row]] = {}
        self.passed: list[Row] = []
        self.closed: list[Row] = []

    def replace(self, ref: Ref, key: Key, old: Line, new: Line, sequence: int) -> None:
        """From that position on these spans of a key stand in the place of those."""
        gone = {span[0]: span for span in old}
        come = []
        for span in new:
            if gone.get(span[0]) == span:
                del gone[span[0]]
            else:
                come.append(span)
        for starts in gone:
            place = (ref.id, *key, starts)
            if (fresh := self.opened.pop(place, None)) is not None:
                since, ends, row = fresh
                self.passed.append((*place, since, ends, sequence, *row))
            else:
                self.closed.append((*place, sequence))
        for starts, ends, row in come:
            self.opened[(ref.id, *key, starts)] = (sequence, ends, row)

    def put(self) -> list[Row]:
        """The rows to put, those included that came and went within the batch."""
        return [*self.passed, *((*at, since, ends, FOREVER, *row) for at, (since, ends, row) in self.opened.items())]


_last: tuple[Sequence[Recorded], int, list[Step]] | None = None
FEW = 500
"""A stream of more events is gone through anew for each table: its steps would take too much memory."""


def steps(track: "Track[Any]", records: Sequence[Recorded]) -> Iterable[Step]:
    """A new stream's steps, made once for all tables that ask for the same records one after another."""
    global _last  # noqa: PLW0603 -- one place to remember one stream
    if len(records) > FEW:
        return _steps(track, records)
    if _last is None or _last[0] is not records or _last[1] != len(records):
        _last = (records, len(records), list(_steps(track, records)))
    return _last[2]


def _steps(track: "Track[Any]", records: Sequence[Recorded]) -> Iterator[Step]:
    for record in records:
        try:
            yield track.step(record)
        except Exception as error:
            raise UntoldError(record.sequence) from error


class ForgottenError(Exception):
    """The stream's records are needed and were not kept."""


class Track(Generic[S]):
    """One stream as the tables tell it, with all that is recorded applied: from here the next event goes on."""

    def __init__(self, decider: Decider[S], ref: Ref) -> None:
        """A stream without events."""
        self.decider = decider
        self.ref = ref
        self.folded: Folded[S] = Folded(base=decider.initial)
        self.records: list[Recorded] | None = []
        self.told: dict[str, Told] = {}
        self.made: dict[str, tuple[object, ...]] = {}
        """What the newest state's rows were made of, table by table."""
        self.counted = 0
        """How many events of it whoever remembers it has counted."""

    @classmethod
    def load(cls, decider: Decider[S], ref: Ref, records: list[Recorded], tables: "Iterable[Bitemporal]") -> "Track[S]":
        """A stream after these records, as the tables tell it that have come so far."""
        track = cls(decider, ref)
        edges = edges_of(decider, records)
        track.records, track.folded = records, newest(edges, records)
        track.told = {table.name: table.whole(ref, edges) for table in tables}
        return track

    def ordered(self, record: Recorded) -> Folded[S] | None:
        """The stream after an event that comes in its order, None where earlier days have to be told anew.

        An attestation stands with what it attests, which may be an earlier day's.
        """
        if isinstance(record.event, Attested) and self.folded.newest != ALWAYS:
            return None
        if self._signs_first(record):
            base = self.decider.evolve(self.folded.base, record)
            day = record.effective
            return Folded(base=base, newest=day or ALWAYS, signing=day, version=record.version)
        return advance(self.decider, self.folded, record, date.max)

    def _signs_first(self, record: Recorded) -> bool:
        """Whether an event is the stream's only signing, comes last, and no earlier event takes its date from it."""
        return (
            record.event.signs
            and record.cause == "change"
            and record.effective is not None
            and record.effective >= self.folded.newest
            and self.folded.signing is None
            and self.records is not None
            and not any(held.event.belongs and held.effective is None for held in self.records)
        )

    def step(self, record: Recorded) -> Step:
        """Go on by one event. Raises ForgottenError, changing nothing, where `records` are needed and are None."""
        before, after, edges = self.folded.base, self.ordered(record), None
        if after is None:
            if self.records is None:
                raise ForgottenError
            records = [*self.records, record]
            edges = edges_of(self.decider, records)
            after = newest(edges, records)
        if self.records is not None:
            self.records.append(record)
        self.folded = after
        return Step(record, before, after.base, after.newest, edges)

    def tell(self, table: "Bitemporal", step: Step, changes: Changes) -> None:
        """Bring one table's rows up to the step."""
        if table.inputs is not None:
            now, made = table.inputs(step.after), self.made.get(table.name)
            self.made[table.name] = now
            if step.edges is None and all(map(is_, now, made or table.inputs(step.before))):
                return
        told = self.told.setdefault(table.name, {})
        if step.edges is None:
            changed = table.further(self.ref, told, step)
        else:
            new = table.whole(self.ref, step.edges)
            changed = {key: (0, new.get(key, [])) for key in {**told, **new} if told.get(key, []) != new.get(key, [])}
        for key, (first, tail) in changed.items():
            line = told.setdefault(key, [])
            changes.replace(self.ref, key, line[first:], tail, step.record.sequence)
            line[first:] = tail
            if not line:
                del told[key]
