"""Pages of a list: the same keyset query over every list's own columns.

A page is asked for by filter, sort and cursor. The cursor holds the last row's sort value and id, so pages hang
together while rows come and go: no row that stays is left out or told twice. Where two times are asked for it holds
the day and the position of the first page, which are those of all pages. Unknown sort values come last, whichever
way the sort goes. `-` in front of a sort's name turns it round.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain import errors
from service.domain.names import fold
from service.domain.values import PrintedName
from service.projections.cursors import Number, Pin, read, written
from service.projections.moments import Moment, Times

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")

SEPARATOR = "\x1f"
"""Stands between the names in a column that `q` looks through. No text holds it, so no match spans two names."""


class Page(Struct, Generic[T], frozen=True):
    """Some of a list's items in its order, and the cursor of what comes after them, None on the last page."""

    items: list[T]
    next: str | None


class Sort(NamedTuple):
    """What a list is ordered by: an SQL expression that an index has, and the type of its values.

    `span` is the field of the filter by which such a day, or one that it may be, is not before another; and the column
    of the last day that it may be. `past` are days that have come by the day on which the row holds.
    """

    column: str
    kind: Any
    nullable: bool = False
    span: tuple[str, str] | None = None
    past: bool = False


DAYS = (
    "t.ends, (select json_agg(json_build_array(u.starts <= $1, "
    "nullif(case when u.starts > $1 then u.starts else u.ends end, 'infinity'), u.pointers::json)) "
    "from {table:uncertain} as u where u.stream = t.stream and u.ends > $1 and {known:u}) as unsure"
)
"""What a list selects beside its own columns: until when the row holds, and what is or will be unsure of the thing."""
UNTOLD = b'"uncertain":[],"changes_on":null}'
"""How a summary ends as it is stored: these two are no part of it, and are told when it is read."""
_ENCODE_JSON = msgspec.json.Encoder().encode
_UNSURE = msgspec.json.Decoder(list[tuple[bool, date | None, tuple[str, ...]]])


def item(row: "asyncpg.Record") -> msgspec.Raw:
    """The item of a row with a `summary` and `DAYS`. Most often these say nothing, and the summary is the item."""
    summary, uncertain, changes_on = row["summary"], *days(row["ends"], row["unsure"])
    if not uncertain and changes_on is None:
        return msgspec.Raw(summary)
    told = b'"uncertain":%b,"changes_on":%b}' % (_ENCODE_JSON(uncertain), _ENCODE_JSON(changes_on))
    return msgspec.Raw(summary.removesuffix(UNTOLD) + told)


def days(ends: date, unsure: str | None) -> tuple[tuple[str, ...], date | None]:
    """What `DAYS` says: what is uncertain on the day, in one order, and from when on something is otherwise."""
    if unsure is not None:
        told = _UNSURE.decode(unsure)
        ends = min(ends, *(turn or date.max for _, turn, _ in told))
        pointers = tuple(sorted({pointer for now, _, several in told if now for pointer in several}))
    else:
        pointers = ()
    return pointers, ends if ends < date.max else None


class Walk(NamedTuple):
    """A table to go through in the place of the list's own: its rows `s` of the value asked for, one of each thing.

    `orders` are the columns of sorts that it holds as well, so that its index has the page together.
    """

    source: str
    where: str
    orders: Mapping[str, str]


class Condition(NamedTuple):
    """What a filter's field asks: SQL with `{0}` where the value's parameter stands, which `value` may prepare.

    Where the value is a `party`, it is compared by `=`, and stands for its second records as well. `walk` asks the same
    where the list is in an order of its.
    """

    sql: str
    value: Callable[[Any], Any] = lambda value: value
    party: bool = False
    walk: Walk | None = None


def of_party(sql: str, walk: Walk | None = None) -> Condition:
    """A condition on a party and the second records of it, for all of which it stands."""
    return Condition(sql, party=True, walk=walk)


class Listing(Struct, Generic[T], frozen=True, kw_only=True):
    """A list: where its rows stand, how they are filtered and sorted, and what an item of it is made of.

    `source` calls the table in front `t`, whose rows have `stream`, `starts` and `ends`. `select`, `source` and
    `conditions`, which has an entry for every field of the filter, name tables and times as `Times` fills them in.
    """

    name: str
    select: str
    source: str
    item: Callable[["asyncpg.Record"], T]
    conditions: Mapping[str, Condition]
    sorts: Mapping[str, Sort]

    async def page(
        self,
        connection: "Connection",
        filter: Struct,
        day: date,
        *,
        known: int | None = None,
        limit: int,
        cursor: str | None = None,
        sort: str | None = None,
        asked: tuple[Any, ...] = (),
    ) -> Page[T]:
        """The `limit` items after `cursor` that pass every field of `filter` that is not None, as they stand on `day`.

        `known` is the position that they were known at, None for now; the first of `sorts` is the one meant where none
        is given. Raises errors.BadCursor for a cursor that is none, or comes from another list, sort or filter, or from
        a list that was otherwise `asked` for.
        """
        sort = sort or next(iter(self.sorts))
        descending, key = sort.startswith("-"), self.sorts[sort.removeprefix("-")]
        mark = self._mark(filter, sort, asked)
        after = _place(cursor, mark, key) if cursor is not None else None
        also = await self._second(connection, filter, Moment(day, known))
        text, values = self._query(filter, Moment(day, known), key, after, limit + 1, also, descending=descending)
        found = await connection.fetch(text, *values)
        items = [self.item(row) for row in found[:limit]]
        if len(found) <= limit:
            return Page(items, None)
        last = found[limit - 1]
        pinned = day if known is not None else None
        return Page(items, written(_Place(mark, pinned, known, last["sort_value"], last["sort_stream"])))

    def tables(self, filter: Struct) -> frozenset[str]:
        """The projections that a question with this filter reads."""
        times = Times(Moment(date.min))
        given = [self.conditions[field].sql for field in filter.__struct_fields__ if getattr(filter, field) is not None]
        for text in (self.select, self.source, *given, *([_SECOND] if self._parties(filter) else [])):
            times.fill(text, "")
        return frozenset(times.tables)

    def _parties(self, filter: Struct) -> dict[str, UUID]:
        """The fields of the filter that ask for a party."""
        given = {name: getattr(filter, name) for name in filter.__struct_fields__ if self.conditions[name].party}
        return {name: party for name, party in given.items() if party is not None}

    async def _second(self, connection: "Connection", filter: Struct, moment: Moment) -> dict[str, list[UUID]]:
        """Of each field that asks for a party the second records of it.

        They are looked up before the list is asked for: a plan is made for the parties that it is for, not for any.
        """
        asked = self._parties(filter)
        if not asked:
            return {}
        found = await seconds(connection, list(asked.values()), moment)
        return {name: found.get(party, []) for name, party in asked.items()}

    def _mark(self, filter: Struct, sort: str, asked: tuple[Any, ...] = ()) -> bytes:
        """What a cursor belongs to."""
        return hashlib.blake2b(msgspec.json.encode((self.name, sort, filter, *asked)), digest_size=8).digest()

    def _query(
        self,
        filter: Struct,
        moment: Moment,
        key: Sort,
        after: "_Place | None",
        limit: int,
        also: Mapping[str, list[UUID]],
        *,
        descending: bool,
    ) -> tuple[str, list[Any]]:
        """The statement and its parameters. Its text depends on which fields are given, not on what they hold."""
        times = Times(moment)
        values = times.values

        def parameter(value: Any) -> str:
            values.append(value)
            return f"${len(values)}"

        where, begins, source = [times.fill("{holds:t}")], "", times.fill(self.source)
        column, stream = key.column, "t.stream"
        for field in filter.__struct_fields__:
            value = getattr(filter, field)
            if value is not None:
                condition = self.conditions[field]
                second = also.get(field)
                given = parameter([value, *second] if second else condition.value(value))
                if second:  # Of one party alone an index has the order as well, and nothing comes twice.
                    where.append(times.fill(condition.sql, f"any({given}::uuid[])"))
                elif key.span is not None and field == key.span[0]:
                    begins = given
                elif stream == "t.stream" and condition.walk is not None and column in condition.walk.orders:
                    where.append(times.fill(condition.walk.where, given))
                    source = f"{times.fill(condition.walk.source)} join {source} on t.stream = s.stream"
                    column, stream = condition.walk.orders[column], "s.stream"
                else:
                    where.append(times.fill(condition.sql, given))
        if times.known and key.kind is Number:
            where.append(f"{column} <= $2")  # What was recorded later is passed over at once.
        told = [*where, f"{column} {'<= $1' if key.past else 'is not null'}"] if key.nullable else where
        beyond, way = ("<", "desc") if descending else (">", "asc")
        if after is not None and after.value is not None:
            told = [*told, f"({column}, {stream}) {beyond} ({parameter(after.value)}, {parameter(after.id)})"]
        branches = []
        if begins and key.span is not None:
            # Days from then on are the end of one walk; what may be then, but begins before, is never a single day.
            parts = [
                [f"{column} < {begins}", between(column, key.span[1], begins)],
                [f"{column} >= {begins}"],
            ]
            branches = [[*told, *part] for part in (reversed(parts) if descending else parts)]
        else:
            # The rows with a value and those without are two walks along one index. Asked for as one `nulls last` list
            # they would need an index for each direction.
            if after is None or after.value is not None:
                branches.append(told)
            if key.nullable:
                without = [*where, f"{column} is null"]
                if after is not None and after.value is None:
                    without.append(f"{stream} {beyond} {parameter(after.id)}")
                branches.append(without)
        limited = parameter(limit)
        shown = times.fill(self.select)
        walks: list[str] = []
        for branch in branches:
            # One walk after another: the next begins where those before it did not fill the page.
            before = " + ".join(f"(select count(*) from walk{number})" for number in range(len(walks)))
            passing = " and ".join([f"{before} < {limited}", *branch] if before else branch)
            walks.append(
                f"select {shown}, {column} as sort_value, {stream} as sort_stream from {source} "
                f"where {passing} order by {column} {way}, {stream} {way} limit {limited}"
            )
        if len(walks) == 1:
            return walks[0], values
        named = ", ".join(f"walk{number} as materialized ({walk})" for number, walk in enumerate(walks))
        both = " union all ".join(f"select * from walk{number}" for number in range(len(walks)))
        order = f"sort_value is null, sort_value {way}, sort_stream {way}"
        return f"with {named} select * from ({both}) as page order by {order} limit {limited}", values


class _Place(Pin, frozen=True, array_like=True):
    """Where in which list a page ended."""

    value: Any
    id: UUID


def _place(cursor: str, mark: bytes, key: Sort) -> _Place:
    place = read(cursor, _Place)
    try:
        value = msgspec.convert(place.value, key.kind | None if key.nullable else key.kind)
    except msgspec.MsgspecError:
        raise errors.BadCursor("/cursor") from None
    if place.mark != mark:
        raise errors.BadCursor("/cursor")
    return _Place(mark, place.day, place.known, value, place.id)


# A record that is a second one of a second one counts as well; what was merged in a circle is told once.
_SECOND = """
with recursive second (stream, party) as (
  select s.stream, s.successor from {table:successions} as s
    where s.successor = any({0}::uuid[]) and s.how = 'duplicate' and {holds:s}
  union
  select s.stream, f.party from second as f join {table:successions} as s
    on s.successor = f.stream and s.how = 'duplicate' and {holds:s}
)
select stream, party from second where stream <> party order by stream"""


async def seconds(connection: "Connection", parties: Sequence[UUID], moment: Moment) -> dict[UUID, list[UUID]]:
    """Of each of these parties the second records of it, for all of which it stands."""
    times = Times(moment)
    text = times.fill(_SECOND, f"${len(times.values) + 1}")
    told: dict[UUID, list[UUID]] = {}
    for row in await connection.fetch(text, *times.values, list(parties)):
        told.setdefault(row["party"], []).append(row["stream"])
    return told


def forms(name: PrintedName) -> tuple[str, ...]:
    """Every form of a name that a reader may look for: as printed, in simplified script, restored."""
    return tuple(form for form in (name.printed, name.simplified, name.restored) if form is not None)


def searchable(names: set[str]) -> str:
    """A column that `q` looks through, made of all of a thing's names."""
    return SEPARATOR.join(sorted({fold(name) for name in names}))


def between(first: str, last: str, day: str) -> str:
    """That a day lies in a span of several: said so that an index of these alone finds them."""
    return f"{first} <> {last} and {last} >= {day}"


def since(first: str, last: str, *, past: bool = False) -> Condition:
    """That something was, or may have been, on the day asked for or later, by the columns of its first and last day.

    `past` is what has begun by the day on which the row holds.
    """
    begun = f"{first} <= $1 and " if past else ""
    return Condition(f"{begun}({first} >= {{0}} or {between(first, last, '{0}')})")


OF_KIND = Condition("exists (select from {table:kinds} as k where k.stream = t.stream and k.kind = {0} and {stands:k})")
"""That the thing is of a kind, among others."""


def citing(category: str) -> Condition:
    """That some fact of a thing of that category cites a document."""
    rows = f"{{stands:s}} and s.document = {{0}} and s.category = '{category}'"
    return Condition(
        f"exists (select from {{table:citations}} as s where s.stream = t.stream and {rows})",
        walk=Walk("{table:citations} as s", rows, {"t.recorded": "s.recorded"}),
    )
