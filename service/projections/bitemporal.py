"""Rows with the ranges of both times: what holds from when to when, as known from which position of the log to which.

Such a table follows the log, and a list asked for by two times is a filter on it, not a fold: `starts <= day < ends`
and `known_from <= position < known_to`. A row stands for as long as the log says exactly that: over these days, this is
said of this key. An event closes the rows that say otherwise than the log after it, and opens the others; one that
comes in its order touches the end of the days alone. Which rows there are depends on the log and on nothing else: not
on the day, nor on how it was cut into batches.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from service.domain.decider import Decider, Recorded, Ref
from service.projections import Row, Said, Spans, Table, UntoldError
from service.projections.inputs import Inputs
from service.projections.spans import Told, clipped, lay
from service.projections.telling import Telling
from service.projections.track import FOREVER, told_of


class Bitemporal(Table, frozen=True, kw_only=True):
    """A table of spans that knows the past, for streams of one or several categories.

    Its columns are the stream, the keys, the four ends of the two ranges, the values. `inputs` and `expiry` are those
    of `over_time`.
    """

    storage: ClassVar[str] = f"fillfactor = 85, {Table.storage}"
    """With room on each page to close rows in place."""

    keys: tuple[tuple[str, str], ...]
    said: Said
    inputs: Inputs | None = None
    expiry: Callable[[Any], date | None] | None = None

    def of(
        self,
        decider: Decider[Any],
        ref: Ref,
        records: Sequence[Recorded],
        day: date,  # noqa: ARG002 -- inline rows begin on it; these hold all days
    ) -> Iterable[Row]:
        """The rows of a whole stream, given by its records in the order of the log, whatever the day.

        Raises UntoldError for the first event that cannot be told.
        """
        if ref.category not in self.categories:
            return ()
        rows = told_of([self], decider, ref, records)[self.name]
        if isinstance(rows, UntoldError):
            raise rows
        return rows

    # --- What is said -----------------------------------------------------------------------------------------

    def telling(self, ref: Ref) -> Telling:
        """What is told of a stream without events."""
        return Telling(self, ref)

    def lines(self, ref: Ref, state: Any, starts: date) -> Told:
        """What a state says from `starts` on; of a key twice where time alone ends it some day."""
        told = {key: [(starts, date.max, row)] for key, row in self.said(ref, state, starts).items()}
        last = self.expiry(state) if self.expiry else None
        if last is not None and starts <= last < date.max - timedelta(days=1):
            over = last + timedelta(days=1)
            told = {key: list(clipped(line, over)) for key, line in told.items()}
            lay(told, over, date.max, self.said(ref, state, over))
        return told

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

    @property
    def closed(self) -> tuple[tuple[str, str], ...]:
        """The columns by which rows are closed."""
        return (*self.columns[: 2 + len(self.keys)], ("known_to", "bigint"))

    def closing(self, first: int) -> str:
        """The part of a batch that closes rows; its parameters are arrays of stream, keys, starts and known_to."""
        found = self.closed
        same = " and ".join(f"t.{name} = u.{name}" for name, _ in found[:-1])
        return (
            f"{self.table}_closed as (update {self.table} as t set known_to = u.known_to "
            f"from moved, unnest({self.arrays(first, found)}) as u ({', '.join(name for name, _ in found)}) "
            f"where moved.name = '{self.name}' and {same} and t.known_to = {FOREVER})"
        )


def known(spans: Spans, *indexes: str) -> Bitemporal:
    """The bitemporal twin of an inline projection, with the same filters and sorts at hand, and further indexes."""
    return bitemporal(
        name=spans.name,
        version=spans.version,
        categories=spans.categories,
        keys=spans.keys,
        values=spans.values,
        indexes=(*spans.indexes, *indexes),
        said=spans.said,
        inputs=spans.inputs,
        expiry=spans.expiry,
        shaped_by=spans.shaped_by,
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
    inputs: Inputs | None = None,
    expiry: Callable[[Any], date | None] | None = None,
    shaped_by: str = "",
) -> Bitemporal:
    """A bitemporal table `p_<name>_known`; `indexes` are written as those of `p_<name>`.

    One that has a row's days has its positions as well.
    """
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
        indexes=tuple(
            index.replace(f"on p_{name} ", f"on p_{name}_known ").replace(
                "starts, ends", "starts, ends, known_from, known_to"
            )
            for index in indexes
        ),
        keys=keys,
        said=said,
        inputs=inputs,
        expiry=expiry,
        shaped_by=shaped_by,
    )
