"""A stream as bitemporal tables tell it, event by event, and what that changes in their rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from service.domain.decider import Attested, Decider, Recorded, Ref, S
from service.domain.folding import ALWAYS, due
from service.domain.parts import Touched
from service.domain.walk import Walk
from service.projections import Row, UntoldError
from service.projections.inputs import Key
from service.projections.spans import Edge, Line, signing, walked
from service.projections.telling import Telling

if TYPE_CHECKING:
    from service.projections.bitemporal import Bitemporal

FOREVER = 2**63 - 1
"""`known_to` of what is known still."""


class Step(NamedTuple):
    """What one event changes of a stream: parts, from the day `cut` on; or what stands on all days, on `edges`."""

    record: Recorded
    changed: list[Touched]
    fields: set[str]
    cut: date
    edges: list[Edge] | None


class Changes:
    """What a batch comes to in one table."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.opened: dict[tuple[Any, ...], tuple[Row, int, date, Row]] = {}
        self.passed: list[Row] = []
        self.closed: list[Row] = []

    def replace(self, ref: Ref, key: Key, old: Line, new: Line, sequence: int) -> None:
        """From that position on these spans of a key stand in the place of those."""
        if not old:
            for starts, ends, row in new:
                self.opened[(ref.id.int, *key, starts)] = ((ref.id, *key, starts), sequence, ends, row)
            return
        gone = {span[0]: span for span in old}
        come = []
        for span in new:
            if gone.get(span[0]) == span:
                del gone[span[0]]
            else:
                come.append(span)
        for starts in gone:
            if (fresh := self.opened.pop((ref.id.int, *key, starts), None)) is not None:
                place, since, ends, row = fresh
                self.passed.append((*place, since, ends, sequence, *row))
            else:
                self.closed.append((ref.id, *key, starts, sequence))
        for starts, ends, row in come:
            self.opened[(ref.id.int, *key, starts)] = ((ref.id, *key, starts), sequence, ends, row)

    def put(self) -> list[Row]:
        """The rows to put, those included that came and went within the batch."""
        return [*self.passed, *((*at, since, ends, FOREVER, *row) for at, since, ends, row in self.opened.values())]


def told_of(
    tables: "Sequence[Bitemporal]", decider: Decider[Any], ref: Ref, records: Sequence[Recorded]
) -> dict[str, list[Row] | UntoldError]:
    """The rows of a whole stream, given by its records in the order of the log, in each of the tables, by their names.

    Of a table that cannot tell an event, the error that says which; the others are told all the same.
    """
    told = Track(decider, ref).further(tables, records)
    return {name: changes.put() if isinstance(changes, Changes) else changes for name, changes in told.items()}


def untold_by(record: Recorded, error: Exception) -> UntoldError:
    """That an event cannot be told, because of that error."""
    untold = UntoldError(record.sequence)
    untold.__cause__ = error
    return untold


class ForgottenError(Exception):
    """The stream's records are needed and were not kept."""


class Track(Generic[S]):
    """One stream as the tables tell it, with all that is recorded applied: from here the next event goes on."""

    __slots__ = ("counted", "decider", "newest", "records", "ref", "signing", "told", "version", "walk")

    def __init__(self, decider: Decider[S], ref: Ref) -> None:
        """A stream without events."""
        self.decider = decider
        self.ref = ref
        self.walk = Walk(decider)
        self.newest = ALWAYS
        self.signing: date | None = None
        self.version = 0
        self.records: list[Recorded] | None = []
        self.told: dict[str, Telling] = {}
        self.counted = 0
        """How many events of it whoever remembers it has counted."""

    @classmethod
    def load(cls, decider: Decider[S], ref: Ref, records: list[Recorded], tables: "Iterable[Bitemporal]") -> "Track[S]":
        """A stream after these records, as the tables tell it that have come so far."""
        track = cls(decider, ref)
        edges = track._again(records)
        track.records, track.version = records, records[-1].version if records else 0
        track.told = {table.name: track._whole(table, edges) for table in tables}
        return track

    def _due(self, record: Recorded) -> date | None:
        """The day of an event that comes in its order, None where earlier days have to be told anew.

        An attestation stands with what it attests, which may be an earlier day's.
        """
        if isinstance(record.event, Attested):
            return ALWAYS if self.newest == ALWAYS and record.cause == "change" else None
        if record.event.signs and self._signs_first(record):
            return record.effective
        day = due(record, self.version, self.signing, dated=self.newest != ALWAYS)
        return None if day is None or day < self.newest else day

    def _signs_first(self, record: Recorded) -> bool:
        """Whether a signing is the stream's only one, comes last, and no earlier event takes its date from it."""
        return (
            record.cause == "change"
            and record.effective is not None
            and record.effective >= self.newest
            and self.signing is None
            and self.records is not None
            and not any(held.event.belongs and held.effective is None for held in self.records)
        )

    def _again(self, records: Sequence[Recorded]) -> list[Edge]:
        """Walk through all of the stream anew."""
        self.walk, edges = walked(self.decider, records)
        self.newest = edges[-1].starts if edges else ALWAYS
        self.signing = signing(edges)
        return edges

    def step(self, record: Recorded) -> Step:
        """Go on by one event. Raises ForgottenError, changing nothing, where `records` are needed and are None."""
        day, edges = self._due(record), None
        if day is not None:
            changed = self.walk.step(record)
            self.newest = day
            if record.event.signs:
                self.signing = record.effective
        elif self.records is None:
            raise ForgottenError
        else:
            changed, edges = [], self._again([*self.records, record])
        if self.records is not None:
            self.records.append(record)
        self.version = record.version
        fields = {name.partition("/")[0] for name, _, _ in changed}
        return Step(record, changed, fields, self.newest, edges)

    def further(self, tables: "Sequence[Bitemporal]", records: Iterable[Recorded]) -> dict[str, Changes | UntoldError]:
        """Go on by events; answers what they change in each of the tables, by their names.

        Of a table that cannot tell one of them, the error that says which. Raises ForgottenError, after which the
        stream can only be told again from its first event.
        """
        told: dict[str, Changes | UntoldError] = {table.name: Changes() for table in tables}
        left = [(table, changes) for table in tables if isinstance(changes := told[table.name], Changes)]
        for record in records:
            try:
                step = self.step(record)
            except ForgottenError:
                raise
            except Exception as error:  # whatever it is, this event is what cannot be told
                told.update((table.name, untold_by(record, error)) for table, _ in left)
                break
            for table, changes in tuple(left):
                try:
                    self.tell(table, step, changes)
                except Exception as error:
                    told[table.name] = untold_by(record, error)
                    left.remove((table, changes))
        return told

    def tell(self, table: "Bitemporal", step: Step, changes: Changes) -> None:
        """Bring one table's rows up to the step."""
        record, held = step.record, self.told.get(table.name)
        inputs = table.inputs
        if step.edges is None:
            if inputs is not None and step.fields.isdisjoint(inputs.fields if held else inputs.first):
                return
            if held is None:
                held = self.told[table.name] = table.telling(self.ref)
            for key, old, new in held.go(step.changed, step.cut, [record], self.walk):
                changes.replace(self.ref, key, old, new, record.sequence)
            return
        before = held.told if held is not None else {}
        after = self.told[table.name] = self._whole(table, step.edges)
        for key in {**before, **after.told}:
            old, new = before.get(key, []), after.told.get(key, [])
            if old != new:
                changes.replace(self.ref, key, old, new, record.sequence)

    def _whole(self, table: "Bitemporal", edges: Sequence[Edge]) -> Telling:
        """What a table tells of the stream over all days."""
        telling = table.telling(self.ref)
        telling.whole(edges, self.walk)
        return telling
