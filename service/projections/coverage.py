"""What of a document do facts take up, what is passed over, and what is open? Span by span, in the order of the text.

A span reaches as far as nothing begins or ends in it: no citation, nothing passed over, no part of the document. Its
facts are those of every citation over it. The rows of citations are `cited`'s; what is passed over and the parts are
the document's own state.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct

from service.domain.values import WIDE
from service.projections.paging import Moment, Times

if TYPE_CHECKING:
    import asyncpg

    from service.projections.paging import Connection

TABLES = ("cited_known",)
FACTS = 100
"""Facts told of one span at most; `citations` counts all."""

Bounds = Sequence[tuple[int, int]]


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


class Run(Struct, frozen=True):
    """A span, in which part of the document (counted from 1, 0 for none), under how many citations, and whether passed.

    `passed` counts the spans passed over that lie over it.
    """

    start: int
    end: int
    part: int
    citations: int
    passed: int


class Asked(Struct, frozen=True, kw_only=True):
    """What of a document: from `start` to `end`, `parts` of it apart and in order, and what is `passed` over.

    `part` is the one asked for, counted from 1.
    """

    document: UUID
    start: int
    end: int
    parts: Sequence[tuple[int, int, int]]
    passed: Bounds
    part: int | None = None


# Of what is not wide only what begins near can lie over a span: two walks along an index find all.
_NEAR = f"c.first >= {{1}} - {WIDE}"
_FAR = f"c.first < {{1}} - {WIDE} and c.last - c.first > {WIDE}"
# The day is no filter: what takes effect later takes the words up all the same.
_TODAY = "with today as (select $1::date)"

_RUNS = f"""{_TODAY},
cites as materialized (
  select c.first, c.last from {{table:cited}} as c
  where c.document = {{0}} and {_NEAR} and c.first < {{2}} and c.last > {{1}} and {{known:c}}
  union all
  select c.first, c.last from {{table:cited}} as c
  where c.document = {{0}} and {_FAR} and c.last > {{1}} and {{known:c}}
),
edges (at, cited, passed, part) as (
  select greatest(first, {{1}}), 1, 0, 0 from cites union all select least(last, {{2}}), -1, 0, 0 from cites
  union all select u.at, 0, u.more, 0 from unnest({{3}}::int[], {{4}}::int[]) as u (at, more)
  union all select u.at, 0, 0, u.more from unnest({{5}}::int[], {{6}}::int[]) as u (at, more)
  union all values ({{1}}::int, 0, 0, 0), ({{2}}::int, 0, 0, 0)
),
turns as (select at, sum(cited) as cited, sum(passed) as passed, sum(part) as part from edges group by at),
runs as (
  select at as start, lead(at) over turn as "end", (sum(part) over turn)::int as part,
    (sum(cited) over turn)::int as citations, (sum(passed) over turn)::int as passed
  from turns window turn as (order by at)
)"""

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


class Question:
    """A statement as it is asked at a moment, with its parameters."""

    def __init__(self, text: str, moment: Moment, *values: Any) -> None:
        """`values` are those of the text's places."""
        times = Times(moment)
        self.values = times.values
        self.text = times.fill(text, *map(self.parameter, values))

    def parameter(self, value: Any) -> str:
        """The place of one more value in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    @classmethod
    def of_runs(cls, asked: Asked, moment: Moment) -> "Question":
        """The spans of what is asked, as `with … runs`."""
        passed = edges(((start, end, 1) for start, end in asked.passed), asked.start, asked.end)
        parts = edges(asked.parts, asked.start, asked.end)
        return cls(_RUNS, moment, asked.document, asked.start, asked.end, *passed, *parts)

    async def rows(self, connection: "Connection", more: str = "") -> "list[asyncpg.Record]":
        """What the database answers."""
        return await connection.fetch(self.text + more, *self.values)


def edges(spans: Iterable[tuple[int, int, int]], start: int, end: int) -> tuple[list[int], list[int]]:
    """Where spans with a weight begin and end, as far as they lie from `start` to `end`: places, and more or less."""
    places, more = [], []
    for first, last, weight in spans:
        if first < end and start < last:
            places += [max(first, start), min(last, end)]
            more += [weight, -weight]
    return places, more


async def reach(connection: "Connection", asked: Asked, moment: Moment, count: int) -> int:
    """Up to where it is enough to look for so many spans: the citation that begins after as many others."""
    rows = await Question(_REACH, moment, asked.document, asked.start, asked.end, count).rows(connection)
    return rows[0][0] if rows else asked.end


async def runs(
    connection: "Connection",
    asked: Asked,
    moment: Moment,
    *,
    limit: int,
    cited: bool | None = None,
    passed: bool | None = None,
) -> list[Run]:
    """The first spans of what is asked; those alone that are cited or not, passed over or not, where that is asked."""
    question = Question.of_runs(asked, moment)
    where = ['"end" is not null']
    where += [] if cited is None else [f"citations {'>' if cited else '='} 0"]
    where += [] if passed is None else [f"passed {'>' if passed else '='} 0"]
    where += [] if asked.part is None else [f"part = {question.parameter(asked.part)}"]
    text = f' select start, "end", part, citations, passed from runs where {" and ".join(where)}'
    rows = await question.rows(connection, f"{text} order by start limit {question.parameter(limit)}")
    return [Run(*row) for row in rows]


async def facts(
    connection: "Connection", document: UUID, spans: Iterable[Run], moment: Moment
) -> dict[int, list[Fact]]:
    """The facts of some spans, by where these start; of each at most FACTS."""
    wanted = [run for run in spans if run.citations]
    starts, ends = [run.start for run in wanted], [run.end for run in wanted]
    found: dict[int, list[Fact]] = {}
    if wanted:
        for row in await Question(_FACTS, moment, document, starts, ends).rows(connection):
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


class Counted(Struct, frozen=True):
    """How many spans and code points of a part (0: of none) are so, or one such span, where `start` is told."""

    part: int
    cited: bool
    passed: bool
    start: int | None
    spans: int
    points: int


async def counted(connection: "Connection", asked: Asked, moment: Moment, *, apart: bool) -> list[Counted]:
    """What there is of each part and state; what is open one span after another where they are to be told `apart`."""
    question = Question.of_runs(asked, moment)
    text = f""" select part, citations > 0 as cited, passed > 0 as passed,
        case when {question.parameter(apart)}::bool and citations = 0 and passed = 0 then start end as alone,
        count(*) as spans, sum("end" - start)::int as points
      from runs where "end" is not null group by 1, 2, 3, 4"""
    return [Counted(*row) for row in await question.rows(connection, text)]


async def counted_facts(connection: "Connection", asked: Asked, moment: Moment) -> dict[int | None, int]:
    """How many facts cite each part, counted from 1; under None how many cite anything, by whatever place."""
    bounds = [list(one) for one in zip(*asked.parts, strict=True)] or [[], [], []]
    rows = await Question(_COUNTED_FACTS, moment, asked.document, *bounds).rows(connection)
    return {row["part"]: row["facts"] for row in rows}


async def places(
    connection: "Connection", document: UUID, after: str, moment: Moment, limit: int
) -> list[tuple[str, int, list[Fact]]]:
    """The locators cited after one of them, as JSON, in their order: how often, and by which facts, at most FACTS."""
    found: dict[str, tuple[str, int, list[Fact]]] = {}
    for row in await Question(_PLACES, moment, document, after, limit).rows(connection):
        found.setdefault(row["place"], (row["place"], row["citations"], []))[2].append(_fact(row, moment.day))
    return list(found.values())
