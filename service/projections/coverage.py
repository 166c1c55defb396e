"""What of a document do facts take up, what is passed over, and what is open? Span by span, in the order of the text.

A span reaches as far as nothing begins or ends in it: no citation, nothing passed over, no part of the document. Its
facts are those of every citation over it. The rows of citations are `cited`'s; what is passed over and the parts are
the document's own state.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from service.domain.values import WIDE
from service.projections.moments import Moment, Times

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection

TABLES = ("cited_known",)
FACTS = 100
"""Facts told of one span at most; `citations` counts all."""


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """A fact that cites: of which thing and part, which fields, recorded as which event; `attests` the one it repeats.

    It holds `since` that day, None for always; `pending` where that is to come.
    """

    subject: str
    href: str
    part: str
    fields: tuple[str, ...]
    sequence: int
    attests: int | None
    since: date | None
    pending: bool


class Run(NamedTuple):
    """A span, in which part of the document (0: none), under how many citations, under how much that is passed over."""

    start: int
    end: int
    part: int
    citations: int
    passed: int


class Asked(Struct, frozen=True, kw_only=True):
    """What of a document: from `start` to `end`, its `parts` in order and apart, and what is `passed` over, in order.

    A part is a span and its number, counted from 1. `part` is the one asked for.
    """

    document: UUID
    start: int
    end: int
    parts: Sequence[tuple[int, int, int]]
    passed: Sequence[tuple[int, int]]
    part: int | None = None


# Of what is not wide only what begins near can lie over a span: two walks along an index find all.
_NEAR = f"c.first >= {{1}} - {WIDE}"
_FAR = f"c.first < {{1}} - {WIDE} and c.last - c.first > {WIDE}"
# The day is no filter: what takes effect later takes the words up all the same.
_TODAY = "with today as (select $1::date)"

_BOUNDS = f"""{_TODAY},
cites as materialized (
  select c.first, c.last from {{table:cited}} as c
  where c.document = {{0}} and {_NEAR} and c.first < {{2}} and c.last > {{1}} and {{known:c}}
  union all
  select c.first, c.last from {{table:cited}} as c
  where c.document = {{0}} and {_FAR} and c.last > {{1}} and {{known:c}}
)
select (select array_agg(first order by first) from cites) as firsts,
  (select array_agg(last order by last) from cites) as lasts"""

_TOLD = "c.stream, c.sequence, c.category, c.part, c.fields, c.attests, c.starts"

_FACTS = f"""{_TODAY}
select s.start, f.* from unnest({{1}}::int[], {{2}}::int[]) as s (start, "end"), lateral (
  select distinct {_TOLD} from {{table:cited}} as c
  where c.document = {{0}} and {{known:c}} and c.last >= s."end"
    and (({_NEAR.replace("{1}", "s.start")} and c.first <= s.start) or ({_FAR.replace("{1}", "s.start")}))
  order by c.sequence limit {FACTS}
) as f order by s.start, f.sequence"""

_REACH = f"""{_TODAY}
select max(first) from (
  select distinct c.first from {{table:cited}} as c
  where c.document = {{0}} and c.first > {{1}} and c.first < {{2}} and {{known:c}} order by c.first limit {{3}}
) as begins having count(*) = {{3}}"""

_COUNTED_FACTS = f"""{_TODAY},
own as materialized (
  select c.first, c.last, c.sequence from {{table:cited}} as c where c.document = {{0}} and {{known:c}}
)
select null::int as part, count(distinct sequence) as facts from own
union all select p.part, count(distinct own.sequence)
from unnest({{1}}::int[], {{2}}::int[], {{3}}::int[]) as p (start, "end", part)
join own on own.first < p."end" and own.last > p.start group by p.part"""

_PLACES = f"""{_TODAY},
named as (
  select c.place, count(*) as citations from {{table:cited}} as c
  where c.document = {{0}} and c.place <> '' and c.place collate "C" > {{1}} and {{known:c}}
  group by c.place order by c.place collate "C" limit {{2}}
)
select named.place, named.citations, f.* from named, lateral (
  select distinct {_TOLD} from {{table:cited}} as c
  where c.document = {{0}} and c.place collate "C" = named.place and c.place <> '' and {{known:c}}
  order by c.sequence limit {FACTS}
) as f order by named.place collate "C", f.sequence"""


async def _rows(connection: "Connection", text: str, moment: Moment, *values: Any) -> "list[asyncpg.Record]":
    """What the database answers to a statement at a moment, with the values of its places."""
    times = Times(moment)
    places = [f"${number}" for number in range(len(times.values) + 1, len(times.values) + len(values) + 1)]
    return await connection.fetch(times.fill(text, *places), *times.values, *values)


def sweep(asked: Asked, firsts: Sequence[int], lasts: Sequence[int]) -> Iterator[Run]:
    """The spans of what is asked, given where citations begin and where they end, each in order."""
    start, end = asked.start, asked.end
    over = [(max(first, start), min(last, end)) for first, last in asked.passed if first < end and start < last]
    begins, ceases = [first for first, _ in over], sorted(last for _, last in over)
    parts = [(max(first, start), min(last, end), of) for first, last, of in asked.parts if first < end and start < last]
    turns = {start, end, *firsts, *lasts, *begins, *ceases, *(at for first, last, _ in parts for at in (first, last))}
    one = more = less = on = off = 0
    for at, until in pairwise(sorted(at for at in turns if start <= at <= end)):
        while more < len(firsts) and firsts[more] <= at:
            more += 1
        while less < len(lasts) and lasts[less] <= at:
            less += 1
        while on < len(begins) and begins[on] <= at:
            on += 1
        while off < len(ceases) and ceases[off] <= at:
            off += 1
        while one < len(parts) and parts[one][1] <= at:
            one += 1
        of = parts[one][2] if one < len(parts) and parts[one][0] <= at else 0
        if asked.part is None or of == asked.part:
            yield Run(at, until, of, more - less, on - off)


async def runs(connection: "Connection", asked: Asked, moment: Moment) -> Iterator[Run]:
    """The spans of what is asked, in order."""
    [row] = await _rows(connection, _BOUNDS, moment, asked.document, asked.start, asked.end)
    return sweep(asked, row["firsts"] or (), row["lasts"] or ())


async def reach(connection: "Connection", asked: Asked, moment: Moment, count: int) -> int:
    """Up to where it is enough to look for so many spans: the citation that begins after as many others."""
    rows = await _rows(connection, _REACH, moment, asked.document, asked.start, asked.end, count)
    return rows[0][0] if rows else asked.end


async def facts(
    connection: "Connection", document: UUID, spans: Iterable[Run], moment: Moment
) -> dict[int, list[Fact]]:
    """The facts of some spans, by where these start; of each at most FACTS."""
    wanted = [run for run in spans if run.citations]
    starts, ends = [run.start for run in wanted], [run.end for run in wanted]
    found: dict[int, list[Fact]] = {}
    if wanted:
        for row in await _rows(connection, _FACTS, moment, document, starts, ends):
            found.setdefault(row["start"], []).append(_fact(row, moment.day))
    return found


def _fact(row: "asyncpg.Record", day: date) -> Fact:
    subject = f"{row['category']}/{row['stream']}"
    return Fact(
        subject=subject,
        href=f"/api/{subject}",
        part=row["part"],
        fields=tuple(filter(None, row["fields"].split(","))),
        sequence=row["sequence"],
        attests=row["attests"],
        since=None if row["starts"] == date.min else row["starts"],
        pending=row["starts"] > day,
    )


async def counted_facts(connection: "Connection", asked: Asked, moment: Moment) -> dict[int | None, int]:
    """How many facts cite each part, counted from 1; under None how many cite anything, by whatever place."""
    bounds = [list(one) for one in zip(*asked.parts, strict=True)] or [[], [], []]
    rows = await _rows(connection, _COUNTED_FACTS, moment, asked.document, *bounds)
    return {row["part"]: row["facts"] for row in rows}


async def places(
    connection: "Connection", document: UUID, after: str, moment: Moment, limit: int
) -> list[tuple[str, int, list[Fact]]]:
    """The locators cited after one of them, as JSON, in their order: how often, and by which facts, at most FACTS."""
    found: dict[str, tuple[str, int, list[Fact]]] = {}
    for row in await _rows(connection, _PLACES, moment, document, after, limit):
        found.setdefault(row["place"], (row["place"], row["citations"], []))[2].append(_fact(row, moment.day))
    return list(found.values())
