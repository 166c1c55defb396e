"""The day and the position for which a question is asked, and the rows of tables that hold then."""

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

READER = {"plan_cache_mode": "force_custom_plan", "max_parallel_workers_per_gather": "0"}
"""Server settings for connections that ask for lists.

After five executions PostgreSQL may keep one plan for all values of a filter. A party with a hundred thousand
agreements then waits 750 ms for the page that a plan of its own gives in 5 (measured, of 1,000,000 agreements). To
start parallel workers takes 4 ms, as long as most questions take, and others ask at the same time.
"""


class Moment(NamedTuple):
    """When a list is asked for: as it held on `day`, as the log knew it up to `known`, None for now.

    What is known now stands in the inline tables, which hold the days from now on; all else in their bitemporal twins.
    """

    day: date
    known: int | None = None


class Times:
    """Fills one text in for either kind of table; `$1` is the day, `$2` in front of twins the position.

    `{table:kinds}` names a table, `{holds:k}` says that the row `k` holds on the day, `{stands:k}` the same of a table
    whose inline rows hold always, and `{known:k}` that the row was known then, whatever the day. `{counts:k}` says what
    `{holds:k}` does where all rows are walked through, by an index of the four ends of the two ranges.
    """

    def __init__(self, moment: Moment) -> None:
        """For a list asked for at that moment."""
        self.known = moment.known is not None
        self.values: list[Any] = [moment.day, moment.known] if self.known else [moment.day]
        self.tables: set[str] = set()
        """The projections that the texts filled in have named."""

    def fill(self, text: str, *parameters: str) -> str:
        """The text for these tables."""
        return text.format(
            *parameters,
            table=_Table(self),
            holds=_Holds(self),
            stands=_Stands(self),
            known=_Known(self),
            counts=_Counts(self),
        )


class _Named:
    """One of the words that `Times` fills in."""

    def __init__(self, times: Times) -> None:
        self.times = times


class _Table(_Named):
    def __format__(self, name: str) -> str:
        self.times.tables.add(name)
        return f"p_{name}_known" if self.times.known else f"p_{name}"


class _Known(_Named):
    def __format__(self, row: str) -> str:
        # In this order: most rows of a table are those that are known no more.
        return f"$2 < {row}.known_to and {_plain(f'{row}.known_from <= $2')}" if self.times.known else "true"


class _Holds(_Known):
    def __format__(self, row: str) -> str:
        begun, lasting = f"{row}.starts <= $1", f"$1 < {row}.ends"
        return (
            f"{super().__format__(row)} and {lasting} and {_plain(begun)}"
            if self.times.known
            else f"{begun} and {lasting}"
        )


class _Counts(_Holds):
    def __format__(self, row: str) -> str:
        known = f"$2 < {row}.known_to and {row}.known_from <= $2 and " if self.times.known else ""
        return f"{known}$1 < {row}.ends and {row}.starts <= $1"


def _plain(comparison: str) -> str:
    """The same, kept out of the primary key, which ends with starts and known_from.

    PostgreSQL 18 takes a look-up of one thing's rows by these as well for as many searches as the table has different
    values in the columns between, and would rather read all of it. One thing has few rows.
    """
    return f"({comparison}) is true"


class _Stands(_Holds):
    def __format__(self, row: str) -> str:
        return super().__format__(row) if self.times.known else "true"
