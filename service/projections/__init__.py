"""What the log means: one file a question, each with its table, its rows and its queries.

An inline projection (`Projection`) is a pure function from a folded stream to rows. The registry asks it for the rows
before and after a batch and stores the difference in the same statement as the events, so a list is never behind the
log. A following one (`bitemporal`) holds what was said on any day, as known at any position, and comes after the log.
The same functions fill the tables again in a rebuild. All have the prefix `p_` and are owned by the service role.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from service.domain.decider import Decider, Recorded, Ref, S
from service.domain.folding import Folded, fold
from service.domain.parts import Touched, touched
from service.domain.values import UncertainDate
from service.projections.inputs import Inputs, Key

Row = tuple[Any, ...]
K = TypeVar("K")
V = TypeVar("V")


class UntoldError(Exception):
    """An event that a table cannot tell in rows; its cause says why."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"event {sequence}")
        self.sequence = sequence


class Table(Struct, frozen=True, kw_only=True):
    """A table derived from streams.

    `columns` are (name, SQL type) pairs, the first being `stream uuid`; the first `key` of them are the primary key, so
    that a stream's rows have its id in front. Streams of `categories` alone have rows. `version` goes up when the rows
    of an unchanged log would change; `shaped_by` names what shapes them and is not this code's alone, with its version.
    """

    name: str
    version: int
    categories: frozenset[str]
    columns: tuple[tuple[str, str], ...]
    key: int
    indexes: tuple[str, ...] = ()
    shaped_by: str = ""
    storage: ClassVar[str] = "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02"

    @property
    def table(self) -> str:
        """The table's name."""
        return f"p_{self.name}"

    @property
    def fingerprint(self) -> str:
        """What the stored rows depend on; a stored one that differs means that the table must be rebuilt."""
        shaped_by = f" {self.shaped_by}" if self.shaped_by else ""
        return f"{self.version}{shaped_by}:" + ",".join(f"{name} {kind}" for name, kind in self.columns)

    def create(self, table: str | None = None) -> tuple[str, ...]:
        """The statements that make the table, its primary key and its indexes; under another name, where one is given.

        They are for one after another: rows that come after the first and before the others are stored fastest. What is
        asked of many rows is answered off an index alone where pages have been vacuumed: PostgreSQL's own settings wait
        for a fifth of the rows to change, which of a large table is months.
        """
        table = table or self.table
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        key = ", ".join(name for name, _ in self.columns[: self.key])
        return (
            f"create table {table} ({columns}) with ({self.storage})",
            f"alter table {table} add primary key ({key})",
            *(statement.replace(f" on {self.table} ", f" on {table} ") for statement in self.indexes),
        )

    def of(self, decider: Decider[Any], ref: Ref, records: Sequence[Recorded], day: date) -> Iterable[Row]:
        """The rows of a whole stream, given by its records in the order of the log, as they are stored on `day`."""
        raise NotImplementedError

    def arrays(self, first: int, columns: Iterable[tuple[str, str]]) -> str:
        """Parameters from `$first` on, one array a column, for `unnest`."""
        kinds = [kind.removesuffix(" not null") for _, kind in columns]
        return ", ".join(f"${first + index}::{kind}[]" for index, kind in enumerate(kinds))


class Projection(Table, frozen=True, kw_only=True):
    """A table that is advanced in the append itself.

    `rows` gives a stream's rows, every value in the order of the columns. `inputs` says what of a state they are made
    of; a key begins with the second column. `shortcut` may give the same difference with less work, given the parts
    that differ.
    """

    rows: Callable[[Ref, Folded[Any]], Iterable[Row]]
    inputs: Inputs | None = None
    shortcut: Callable[[Ref, Folded[Any], Folded[Any], Sequence[Touched]], tuple[list[Row], list[Row]]] | None = None

    def of(self, decider: Decider[Any], ref: Ref, records: Sequence[Recorded], day: date) -> Iterable[Row]:
        """The rows of a whole stream, given by its records in the order of the log, as they are stored on `day`."""
        return self.rows(ref, fold_once(decider, records, day)) if ref.category in self.categories else ()

    def difference(
        self, ref: Ref, before: Folded[Any] | None, after: Folded[Any], changed: Sequence[Touched] | None = None
    ) -> tuple[list[Row], list[Row]]:
        """The rows to put and the keys to take, so that the rows of `before` become those of `after`.

        `changed` are the parts in which the two bases differ, which are looked for where they are not given.
        """
        if ref.category not in self.categories:
            return [], []
        if before is None:
            return list(self.rows(ref, after)), []
        if changed is None:
            changed = list(touched(before.base, after.base))
        if self.shortcut is not None:
            return self.shortcut(ref, before, after, changed)
        keys: set[Key] | None = None
        if self.inputs is not None and before.pending is after.pending and not self.aged(before, after):
            keys = self.inputs.concerned(changed)
            if keys is not None and not keys:
                return [], []
            if after.pending:
                keys = None  # What is pending may bring a part to a key that it does not speak of yet.
        old = {row[: self.key]: row for row in self._rows(ref, before, keys, changed)}
        new = {row[: self.key]: row for row in self._rows(ref, after, keys, changed)}
        put = [row for key, row in new.items() if old.get(key) != row]
        return put, [key for key in old if key not in new]

    def aged(self, before: Folded[Any], after: Folded[Any]) -> bool:  # noqa: ARG002 -- of a table without expiry
        """Whether time alone ended something between the newest days of the two."""
        return False

    def _rows(self, ref: Ref, stream: Folded[Any], keys: set[Key] | None, changed: Sequence[Touched]) -> Iterable[Row]:
        """The rows of a stream; of some keys alone, where they are given."""
        if keys is None or self.inputs is None:
            return self.rows(ref, stream)
        width = 1 + len(next(iter(keys)))
        narrowed = _narrow(self.inputs, stream, keys, changed)
        return (row for row in self.rows(ref, narrowed) if row[1:width] in keys)

    def putting(self, first: int) -> str:
        """The part of the append that puts rows; its parameters, from `$first` on, are one array a column."""
        names = ", ".join(name for name, _ in self.columns)
        keys = ", ".join(name for name, _ in self.columns[: self.key])
        changed = ", ".join(f"{name} = excluded.{name}" for name, _ in self.columns[self.key :])
        # Names and types come from the projection's own file, never from a request.
        return (
            f"{self.table}_put as (insert into {self.table} ({names}) "
            f"select u.* from moved, unnest({self.arrays(first, self.columns)}) as u ({names}) "
            f"on conflict ({keys}) do {f'update set {changed}' if changed else 'nothing'})"
        )

    def taking(self, first: int) -> str:
        """The part of the append that takes rows away; its parameters, from `$first` on, are one array a key column."""
        keys = [name for name, _ in self.columns[: self.key]]
        return (
            f"{self.table}_gone as (delete from {self.table} as t "
            f"using moved, unnest({self.arrays(first, self.columns[: self.key])}) as u ({', '.join(keys)}) "
            f"where {' and '.join(f't.{name} = u.{name}' for name in keys)})"
        )


_narrowed: list[tuple[Inputs, Folded[Any], set[Key], Folded[Any]]] = []


def _narrow(inputs: Inputs, stream: Folded[S], keys: set[Key], changed: Sequence[Touched]) -> Folded[S]:
    """A stream with as much of its base as says something of these keys, which are those that have changed.

    The last two are remembered: tables made of the same inputs are asked in turn, each of what was and what is.
    """
    for of, whole, told, found in _narrowed:
        if whole is stream and of is inputs and told == keys:
            return found
    found = replace(stream, base=inputs.narrowed(stream.base, keys, changed))
    _narrowed.append((inputs, stream, keys, found))
    del _narrowed[:-2]
    return found


Said = Callable[[Ref, Any, date], Mapping[Key, Row]]
"""What is said of each key in a state on a day. A function of the state's `inputs` and, by expiry, of the day."""


class Spans(Projection, frozen=True, kw_only=True):
    """An inline projection whose rows are spans of days on which the same is said of a key (`over_time`)."""

    keys: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str], ...]
    said: Said
    expiry: Callable[[Any], date | None] | None = None

    def aged(self, before: Folded[Any], after: Folded[Any]) -> bool:
        """Whether time alone ended something between the newest days of the two."""
        last = self.expiry(after.base) if self.expiry is not None else None
        return last is not None and (before.newest <= last) != (after.newest <= last)


def over_time(
    *,
    name: str,
    version: int,
    deciders: tuple[Decider[Any], ...],
    keys: tuple[tuple[str, str], ...] = (),
    values: tuple[tuple[str, str], ...] = (),
    indexes: tuple[str, ...] = (),
    said: Said,
    inputs: Inputs,
    expiry: Callable[[Any], date | None] | None = None,
    shaped_by: str = "",
) -> Spans:
    """The inline projection of what `said` says from the last fold on: key columns, the span, the other columns."""
    by_category = {decider.category: decider for decider in deciders}

    def rows(ref: Ref, stream: Folded[Any]) -> Iterator[Row]:
        if not stream.pending and (expiry is None or expiry(stream.base) is None):
            # Nearly always: what holds holds on all days.
            for key, row in said(ref, stream.base, stream.newest).items():
                yield ref.id, *key, 0, date.min, date.max, *row
            return
        # The base holds all that took effect up to `newest`; asked for an earlier day it would deny its own end.
        pieces = (
            (starts, ends, said(ref, state, max(starts, stream.newest)))
            for starts, ends, state in segments(by_category[ref.category], stream, expiry)
        )
        for key, segment, starts, ends, row in timeline(pieces):
            yield ref.id, *key, segment, starts, ends, *row

    span = (("segment", "smallint"), ("starts", "date not null"), ("ends", "date not null"))
    return Spans(
        name=name,
        version=version,
        categories=frozenset(by_category),
        columns=(("stream", "uuid"), *keys, *span, *values),
        key=2 + len(keys),
        indexes=indexes,
        rows=rows,
        inputs=inputs,
        keys=keys,
        values=values,
        said=said,
        expiry=expiry,
        shaped_by=shaped_by,
    )


_last: tuple[Sequence[Recorded], int, date, Folded[Any]] | None = None


def fold_once(decider: Decider[S], records: Sequence[Recorded], day: date) -> Folded[S]:
    """The stream, folded once for all projections that ask for the rows of the same records one after another."""
    global _last  # noqa: PLW0603 -- one place to remember one stream
    if _last is None or _last[0] is not records or _last[1:3] != (len(records), day):
        _last = (records, len(records), day, fold(decider, records, day))
    return _last[3]


def segments(
    decider: Decider[S], folded: Folded[S], expiry: Callable[[S], date | None] | None = None
) -> Iterator[tuple[date, date, S]]:
    """The stream's states from now on, each with the first day that it holds on and the first that it doesn't.

    Nothing happens at midnight: what takes effect later stands in the table beforehand, and a reader picks the rows
    with `starts <= today and today < ends`. `expiry` gives the last day of a state that time alone ends; the state then
    comes twice, up to that day and after it.
    """
    edges: list[tuple[date, S]] = [(date.min, folded.base)]
    state = folded.base
    for day, record in folded.pending:
        state = decider.evolve(state, record)
        if edges[-1][0] == day:
            edges[-1] = (day, state)
        else:
            edges.append((day, state))
    for index, (starts, held) in enumerate(edges):
        ends = edges[index + 1][0] if index + 1 < len(edges) else date.max
        last = expiry(held) if expiry else None
        if last is not None and last < date.max and starts <= last and last + timedelta(days=1) < ends:
            yield starts, last + timedelta(days=1), held
            yield last + timedelta(days=1), ends, held
        else:
            yield starts, ends, held


def timeline(pieces: Iterable[tuple[date, date, Mapping[K, V]]]) -> Iterator[tuple[K, int, date, date, V]]:
    """What is said of each key over time, as (key, segment, starts, ends, said): a new segment where it says otherwise.

    The pieces are spans of days in their order, each with what holds of each key; segments of a key count from 0.
    """
    told: dict[K, list[tuple[date, date, V]]] = {}
    for starts, ends, holds in pieces:
        for key, said in holds.items():
            line = told.setdefault(key, [])
            if line and line[-1][1] == starts and line[-1][2] == said:
                line[-1] = (line[-1][0], ends, said)
            else:
                line.append((starts, ends, said))
    for key, line in told.items():
        for segment, (starts, ends, said) in enumerate(line):
            yield key, segment, starts, ends, said


def interval(dates: Iterable[UncertainDate | None]) -> tuple[date | None, date | None]:
    """The first and the last day that one of the dates may be, two None where no date says anything.

    An open end is the first or the last day of all, so that an overlap is two comparisons.
    """
    known = [day for day in dates if day is not None and (day.earliest is not None or day.latest is not None)]
    if not known:
        return None, None
    return min(day.earliest or date.min for day in known), max(day.latest or date.max for day in known)
