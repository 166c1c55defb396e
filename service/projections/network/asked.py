"""The question: pairs of parties by how often they signed and met, on one day, as known at one position."""

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain import errors
from service.domain.agreement import state as agreed
from service.domain.meeting import state as met
from service.domain.values import PartyId
from service.projections.carried import Named, When
from service.projections.cursors import Number, Pin, read, written
from service.projections.moments import Moment, Times
from service.projections.paging import seconds

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection


class Filter(Struct, frozen=True, kw_only=True):
    """What the network may be asked for; what is None is not asked.

    `party` is one of the two, and stands as `one`, with what its second records have. `kind` is that of the agreements
    and meetings to count.
    """

    party: PartyId | None = None
    kind: agreed.Kind | met.Kind | None = None


class Pair(Struct, frozen=True, kw_only=True, gc=False):
    """Two parties: how many agreements both signed, how many meetings both were at, and when first and last.

    A day counts from when the second of the two had signed. `first` and `last` are None where no day is known.
    """

    one: Named
    other: Named
    agreements: int
    meetings: int
    first: When | None
    last: When | None


Order = Literal["-count", "count", "-agreements", "agreements", "-meetings", "meetings"]

_SORTS = {"count": "agreements + meetings", "agreements": "agreements", "meetings": "meetings"}

# Where nobody is a second record each party has one row of a thing, and a join alone makes the pairs.
_PAIRS = """
select {one} as one, {other} as other,
  count({each}) filter (where a.what = 'agreement') as agreements,
  count({each}) filter (where a.what = 'meeting') as meetings,
  min(greatest(a.day_from, b.day_from)) as first_from, min(greatest(a.day_to, b.day_to)) as first_to,
  max(greatest(a.day_from, b.day_from)) as last_from, max(greatest(a.day_to, b.day_to)) as last_to
from {table:network} as a join {table:network} as b on b.stream = a.stream and {holds:b} {stands}
where {holds:a} and {who}"""
_MERGED = "select exists (select from {table:successions} as s where s.how = 'duplicate' and {holds:s})"
# A second record of a second one leads to the end of that; what was merged in a circle stands for itself.
_STANDS = """
with recursive second (stream, party) as (
  select s.stream, s.successor from {table:successions} as s where s.how = 'duplicate' and {holds:s}
  union
  select f.stream, s.successor from second as f join {table:successions} as s
    on s.stream = f.party and s.how = 'duplicate' and {holds:s}
), stands (stream, party) as materialized (
  select s.stream, s.party from second as s where not exists (select from second as o where o.stream = s.party)
)"""
_KIND = " and exists (select from {table:kinds} as k where k.stream = a.stream and k.kind = {0} and {stands:k})"
_NAMES = "select n.stream, n.name from {table:parties} as n where n.stream = any({0}::uuid[]) and {holds:n}"


class Place(Pin, frozen=True, array_like=True):
    """Where a page ended."""

    value: Number
    one: UUID
    other: UUID


def place(cursor: str, filter: Filter, sort: Order, asked: tuple[Any, ...]) -> Place:
    """The place that a cursor of this question names. Raises errors.BadCursor."""
    found = read(cursor, Place)
    if found.mark != _mark(filter, sort, asked):
        raise errors.BadCursor("/cursor")
    return found


def cursor(filter: Filter, sort: Order, asked: tuple[Any, ...], day: date, known: int, last: "asyncpg.Record") -> str:
    """The cursor of the page after that pair. `asked` is what else it belongs to."""
    mark = _mark(filter, sort, asked)
    return written(Place(mark, day, known, last["sort_value"], last["one"], last["other"]))


def tables(filter: Filter) -> frozenset[str]:
    """The projections that a question with this filter reads."""
    more = {"kinds"} if filter.kind is not None else set()
    return frozenset({"network", "parties", "successions"} | more)


async def count(
    connection: "Connection", filter: Filter, sort: Order, moment: Moment, *, limit: int, after: Place | None = None
) -> "list[asyncpg.Record]":
    """Pairs of parties by how often; of two as often, by their ids. Without their names."""
    times = Times(moment)
    merged = await connection.fetchval(times.fill(_MERGED), *times.values)

    def parameter(value: Any) -> str:
        times.values.append(value)
        return f"${len(times.values)}"

    one, other, stands = "a.party", "b.party", ""
    if merged:
        other, stands = "coalesce(t.party, b.party)", " left join stands as t on t.stream = b.party"
    if filter.party is not None:
        second = await seconds(connection, [filter.party], moment)
        one = f"{parameter(filter.party)}::uuid"
        own = f"({parameter([filter.party, *second.get(filter.party, ())])}::uuid[])"
        who = f"a.party = any{own} and b.party <> all{own}"
    else:
        if merged:
            one, stands = "coalesce(s.party, a.party)", f"{stands} left join stands as s on s.stream = a.party"
        who = f"{one} < {other}"
    parts = {"one": one, "other": other, "each": "distinct a.stream" if merged else "*", "stands": stands, "who": who}
    pairs = _PAIRS
    for name, part in parts.items():
        pairs = pairs.replace(f"{{{name}}}", part)
    pairs = times.fill(pairs) + (times.fill(_KIND, parameter(filter.kind)) if filter.kind is not None else "")
    value, descending = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    beyond = ""
    if after is not None:
        at, first, second_ = parameter(after.value), parameter(after.one), parameter(after.other)
        further = "<" if descending else ">"
        beyond = f"where {value} {further} {at} or ({value} = {at} and (one, other) > ({first}, {second_}))"
    return await connection.fetch(
        f"{times.fill(_STANDS) if merged else ''} select pairs.*, {value} as sort_value "
        f"from ({pairs} group by 1, 2) as pairs {beyond} "
        f"order by {value} {'desc' if descending else 'asc'}, one, other limit {parameter(limit)}",
        *times.values,
    )


async def named(connection: "Connection", rows: "list[asyncpg.Record]", moment: Moment) -> list[Pair]:
    """These pairs, with the names of the parties."""
    times = Times(moment)
    text = times.fill(_NAMES, f"${len(times.values) + 1}")
    parties = sorted({row[side] for row in rows for side in ("one", "other")})
    names = {row["stream"]: row["name"] for row in await connection.fetch(text, *times.values, parties)}
    return [
        Pair(
            one=Named(id=row["one"], name=names.get(row["one"])),
            other=Named(id=row["other"], name=names.get(row["other"])),
            agreements=row["agreements"],
            meetings=row["meetings"],
            first=_when(row["first_from"], row["first_to"]),
            last=_when(row["last_from"], row["last_to"]),
        )
        for row in rows
    ]


def _mark(filter: Filter, sort: Order, asked: tuple[Any, ...]) -> bytes:
    """What a cursor belongs to."""
    return hashlib.blake2b(msgspec.json.encode(("network", sort, filter, *asked)), digest_size=8).digest()


def _when(earliest: date | None, latest: date | None) -> When | None:
    if earliest is None or latest is None:
        return None
    return When(
        earliest=None if earliest == date.min else earliest,
        latest=None if latest == date.max else latest,
    )
