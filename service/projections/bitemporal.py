"""Rows with the ranges of both times: what holds from when to when, as known from which position of the log to which.

Such a table follows the log, and a list asked for by two times is a filter on it, not a fold: `starts <= day < ends`
and `known_from <= position < known_to`. A row stands for as long as the log says exactly that: over these days, this is
said of this key. An event closes the rows that say otherwise than the log after it, and opens the others; one that
comes in its order touches the end of the days alone. Which rows there are depends on the log and on nothing else: not
on the day, nor on how it was cut into batches.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from operator import is_
from typing import Any, Generic, NamedTuple

from service.domain.decider import Attested, Decider, Recorded, Ref, S
from service.domain.folding import ALWAYS, Folded, advance, dated, standing
from service.domain.walk import Walk
from service.projections import Key, Row, Said, Spans, Table

FOREVER = 2**63 - 1
"""`known_to` of what is known still."""

Span = tuple[date, date, Row]
"""From that day, up to but not on that day, this is said."""
Line = list[Span]
"""What is said of one key, in the order of the days; neighbours that say the same are one."""
Told = dict[Key, Line]


class Edge(NamedTuple):
    """A day on which events of a stream take effect, and the state from then to the next edge."""

    starts: date
    state: Any
    records: list[Recorded]


class Step(NamedTuple):
    """A stream before and after one event: from `cut` on, or on `edges` where earlier days have changed too."""

    record: Recorded
    before: Any
    after: Any
    cut: date
    edges: list[Edge] | None


class Bitemporal(Table, frozen=True, kw_only=True):
    """A table of spans that knows the past, for streams of one or several categories.

    Its columns are the stream, the keys, the four ends of the two ranges, the values. `inputs` and `expiry` are those
    of `over_time`.
    """

    keys: tuple[tuple[str, str], ...]
    said: Said
    inputs: Callable[[Any], tuple[object, ...]] | None = None
    expiry: Callable[[Any], date | None] | None = None

    def create(self, table: str | None = None) -> tuple[str, ...]:
        """The statements that make the table, with room on each page to close rows in place, and its indexes."""
        made, *indexes = super().create(table)
        return (f"{made} with (fillfactor = 85)", *indexes)

    def of(
        self,
        decider: Decider[Any],
        ref: Ref,
        records: Sequence[Recorded],
        day: date,  # noqa: ARG002 -- inline rows begin on it; these hold all days
    ) -> Iterable[Row]:
        """The rows of a whole stream, given by its records in the order of the log, whatever the day."""
        if ref.category not in self.categories:
            return ()
        track, changes = Track(decider, ref), Changes()
        for step in steps(track, records):
            track.tell(self, step, changes)
        return changes.put()

    # --- What is said -----------------------------------------------------------------------------------------

    def whole(self, ref: Ref, edges: Sequence[Edge]) -> Told:
        """What is said over all days."""
        told: Told = {}
        for starts, ends, state in runs(edges, self.inputs):
            for piece in self._pieces(ref, state, starts, ends):
                lay(told, *piece)
        return told

    def further(self, ref: Ref, told: Told, step: Step) -> dict[Key, tuple[int, Line]]:
        """What an event in its order changes: of each key from which of its spans on, and what stands there then."""
        fresh: Told = {}
        for piece in self._pieces(ref, step.after, step.cut, date.max):
            lay(fresh, *piece)
        changed = {}
        for key in {**told, **fresh}:
            line = told.get(key, [])
            first = kept(line, step.cut)
            tail = joined([*clipped(line[first:], step.cut), *fresh.get(key, ())])
            if tail != line[first:]:
                changed[key] = (first, tail)
        return changed

    def _pieces(self, ref: Ref, state: Any, starts: date, ends: date) -> Iterator[tuple[date, date, Mapping[Key, Row]]]:
        """What a state says from `starts` to `ends`; twice where time alone ends it in between."""
        last = self.expiry(state) if self.expiry else None
        over = last + timedelta(days=1) if last is not None and last < date.max else date.max
        if starts < over < ends:
            yield starts, over, self.said(ref, state, starts)
            yield over, ends, self.said(ref, state, over)
        else:
            yield starts, ends, self.said(ref, state, starts)

    # --- The statement ----------------------------------------------------------------------------------------

    def putting(self, first: int) -> str:
        """The part of a batch that puts rows; its parameters, from `$first` on, are one array a column."""
        names = ", ".join(name for name, _ in self.columns)
        # Names and types come from the projection's own file, never from a request.
        return (
            f"{self.table}_put as (insert into {self.table} ({names}) "
            f"select u.* from moved, unnest({self.arrays(first, self.columns)}) as u ({names}) "
            f"where moved.name = '{self.name}')"
        )

    def closing(self, first: int) -> str:
        """The part of a batch that closes rows; its parameters are arrays of stream, keys, starts and known_to."""
        found = [*self.columns[: 2 + len(self.keys)], ("known_to", "bigint")]
        same = " and ".join(f"t.{name} = u.{name}" for name, _ in found[:-1])
        return (
            f"{self.table}_closed as (update {self.table} as t set known_to = u.known_to "
            f"from moved, unnest({self.arrays(first, found)}) as u ({', '.join(name for name, _ in found)}) "
            f"where moved.name = '{self.name}' and {same} and t.known_to = {FOREVER})"
        )


def known(spans: Spans) -> Bitemporal:
    """The bitemporal twin of an inline projection, with the same filters and sorts at hand."""
    return bitemporal(
        name=spans.name,
        version=spans.version,
        categories=spans.categories,
        keys=spans.keys,
        values=spans.values,
        indexes=spans.indexes,
        said=spans.said,
        inputs=spans.inputs,
        expiry=spans.expiry,
    )


def bitemporal(
    *,
    name: str,
    version: int,
    categories: frozenset[str],
    keys: tuple[tuple[str, str], ...],
    values: tuple[tuple[str, str], ...] = (),
    indexes: tuple[str, ...] = (),
    kind: type[Bitemporal] = Bitemporal,
    said: Said,
    inputs: Callable[[Any], tuple[object, ...]] | None = None,
    expiry: Callable[[Any], date | None] | None = None,
) -> Bitemporal:
    """A bitemporal table `p_<name>_known`; `indexes` are written as those of `p_<name>`."""
    ranges = (
        ("starts", "date"),
        ("known_from", "bigint"),
        ("ends", "date not null"),
        ("known_to", "bigint not null"),
    )
    return kind(
        name=f"{name}_known",
        version=version,
        categories=categories,
        columns=(("stream", "uuid"), *keys, *ranges, *values),
        key=3 + len(keys),
        indexes=tuple(index.replace(f"on p_{name} ", f"on p_{name}_known ") for index in indexes),
        keys=keys,
        said=said,
        inputs=inputs,
        expiry=expiry,
    )


# --- Spans ------------------------------------------------------------------------------------------------------------


def edges_of(decider: Decider[Any], records: Sequence[Recorded]) -> list[Edge]:
    """A stream, given by its records in the order of the log, over all days; the first edge is the first day of all."""
    walk, edges = Walk(decider), []
    starts, taken = ALWAYS, list[Recorded]()
    for day, record in dated(standing(records)):
        if day != starts:
            edges.append(Edge(starts, walk.state(), taken))
            starts, taken = day, []
        walk.step(record)
        taken.append(record)
    edges.append(Edge(starts, walk.state(), taken))
    return edges


def runs(edges: Sequence[Edge], inputs: Callable[[Any], tuple[object, ...]] | None) -> Iterator[tuple[date, date, Any]]:
    """The states over all days, as (starts, ends, state), those in one whose inputs are the same objects."""
    first, made = 0, inputs(edges[0].state) if inputs else None
    for index in range(1, len(edges)):
        now = inputs(edges[index].state) if inputs else None
        if now is not None and made is not None and all(map(is_, made, now)):
            continue
        yield edges[first].starts, edges[index].starts, edges[first].state
        first, made = index, now
    yield edges[first].starts, date.max, edges[first].state


def lay(told: Told, starts: date, ends: date, says: Mapping[Key, Row]) -> None:
    """Say more, from where everything said so far ends."""
    for key, row in says.items():
        line = told.setdefault(key, [])
        if line and line[-1][1] == starts and line[-1][2] == row:
            line[-1] = (line[-1][0], ends, row)
        else:
            line.append((starts, ends, row))


def kept(line: Line, cut: date) -> int:
    """How many spans lie wholly before the day, and do not even touch it."""
    index = len(line)
    while index and line[index - 1][1] >= cut:
        index -= 1
    return index


def clipped(line: Iterable[Span], cut: date) -> Iterator[Span]:
    """The spans as far as they lie before the day."""
    for starts, ends, row in line:
        if starts < cut:
            yield starts, min(ends, cut), row


def joined(line: Iterable[Span]) -> Line:
    """The spans, neighbours that say the same as one."""
    made: Line = []
    for starts, ends, row in line:
        if made and made[-1][1] == starts and made[-1][2] == row:
            made[-1] = (made[-1][0], ends, row)
        else:
            made.append((starts, ends, row))
    return made


# --- A stream, event by event -----------------------------------------------------------------------------------------


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
        return map(track.step, records)
    if _last is None or _last[0] is not records or _last[1] != len(records):
        _last = (records, len(records), [track.step(record) for record in records])
    return _last[2]


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
    def load(cls, decider: Decider[S], ref: Ref, records: list[Recorded], tables: Iterable[Bitemporal]) -> "Track[S]":
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

    def tell(self, table: Bitemporal, step: Step, changes: Changes) -> None:
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


def newest(edges: Sequence[Edge], records: Sequence[Recorded]) -> Folded[Any]:
    """The stream with all that is recorded applied, as `fold` gives it for the last day of all."""
    standing_now = (record for edge in edges for record in edge.records)
    signings = [record for record in standing_now if record.event.signs and record.effective is not None]
    first = min(signings, key=lambda record: record.sequence, default=None)
    return Folded(
        base=edges[-1].state,
        newest=edges[-1].starts,
        signing=first.effective if first is not None else None,
        version=records[-1].version if records else 0,
    )
