"""The pipeline's one statement: what counts by a rule in a time, grouped; what has no sum; what is left out, why."""

from collections.abc import Callable
from datetime import date
from typing import Any

from service.domain.project.state import RANK
from service.projections.moments import Moment, Times
from service.projections.pipeline.asked import Filter
from service.projections.pipeline.rows import BARE_OF_EVENT, BARE_OF_INVESTOR, OF_EVENT, OF_INVESTOR
from service.projections.track import FOREVER

STAGES = ("known", *RANK, "merged")
"""The stages in their order."""

# As `{holds:c}`, in two parts, so that it is met by a bitmap: 20,000 rows take half the time page by page that they
# take one by one, which the planner holds for as cheap.
_HOLDS = f"""(c.known_to = {FOREVER} or c.known_to < {FOREVER} and $2 < c.known_to) and (c.known_from <= $2) is true
    and $1 < c.ends and (c.starts <= $1) is true"""
_JUDGED = """
with recursive {{asked}}rows as materialized (
  select c.stream, c.kind, c.event, c.since_from, c.since_to, c.firsts, c.investor, c.modality, c.unit, c.low, c.high,
    c.low_open, c.high_open, c.about, c.title, c.stage, c.sector, c.places, c.wholes,
    c.low is not null or c.about is not null as summed
  from {table:pipeline_{0}} as c where {1}
),
up (stream, whole) as (
  select r.stream, w.id::uuid from rows as r, string_to_table(r.wholes, e'\\x1f') as w (id)
  where r.wholes is not null
  union
  select u.stream, w.id::uuid
  from up as u join rows as r on r.stream = u.whole, string_to_table(r.wholes, e'\\x1f') as w (id)
  where r.wholes is not null
),
inner_of as materialized (
  select distinct u.stream, u.whole from up as u join rows as r on r.stream = u.whole and r.kind <> 'left'
  where u.whole <> u.stream
),
parts as materialized (select distinct stream from inner_of),
judged as materialized (
  select r.*, p.stream is not null as inner_one, case
      when p.stream is not null and (not r.summed or exists (
        select from inner_of as i join rows as w on w.stream = i.whole and w.summed
        where i.stream = r.stream and w.unit = r.unit and w.modality is not distinct from r.modality)) then 'part_of'
      when r.since_to < {2} or r.since_from > {3} then 'outside'
      when r.since_from < {2} or r.since_to > {3} then 'uncertain'
      else 'counted' end as fate
  from rows as r left join parts as p on p.stream = r.stream where r.kind <> 'left'{{passing}}
),
projects as materialized (
  select stream, min(title) as title, bool_or(inner_one) as inner_one,
    bool_or(fate = 'outside') and not bool_or(fate in ('counted', 'uncertain')) as outside,
    bool_or(firsts & {4} <> 0 and not inner_one and fate in ('counted', 'uncertain')) as bare
  from judged group by stream
),
gone as materialized (
  select r.event as reason, r.stream, r.title from rows as r where r.kind = 'left'{{passing}}
  union all select 'part_of', stream, title from projects where inner_one
  union all select 'outside', stream, title from projects where outside
),
"""
# The name of what has no group is empty. Sums are made of the groups of the page alone: they cost more than counting.
_ANSWER = """
cells as materialized (
  select coalesce({group}, '') as name, {cell} from judged as j{places} where j.fate in ('counted', 'uncertain')
),
tallies as materialized (
  select name, fate, {counts_of_group} from cells as c group by name, fate
),
page as materialized (
  select name, called, row_number() over () as n from (
    select g.name, {called} as called from (select distinct name from tallies) as g{parties}
    order by g.name = '', {rank}coalesce({called}, g.name) collate "C", g.name collate "C"
    offset {offset} limit {limit}
  ) as g
),
sums as (
  select true as whole, '' as name, c.fate, c.modality, c.unit, {sums}
  from judged as c where c.summed and c.fate in ('counted', 'uncertain') group by 3, 4, 5
  union all
  select false, c.name, c.fate, c.modality, c.unit, {sums}
  from cells as c join page as p on p.name = c.name where c.summed group by 2, 3, 4, 5
)
select
  (select json_agg(json_build_array(name, called) order by n) from page) as groups,
  (select json_agg(t) from (
     select true as whole, '' as name, fate, {counts} from judged as c where fate in ('counted', 'uncertain')
     group by fate
     union all
     select false, t.* from tallies as t join page as p on p.name = t.name) as t) as tallies,
  (select json_agg(s) from sums as s) as sums,
  (select count(*) from projects where bare) as without_sum,
  (select json_agg(b) from (
     select stream as id, title from projects where bare order by title collate "C", stream limit {most}) as b) as bare,
  (select json_agg(g) from (select reason, count(*) as projects from gone group by 1) as g) as counts,
  (select json_agg(g) from (
     select r.reason, g.stream as id, g.title from (select distinct reason from gone) as r cross join lateral (
       select o.stream, o.title from gone as o where o.reason = r.reason order by o.title collate "C", o.stream
       limit {most}) as g
     order by r.reason, g.title collate "C", g.stream) as g) as gone"""

_SUMS = """count(c.low) as bounded, sum(c.low)::text as low,
    case when bool_and(c.high is not null or c.low is null) then sum(c.high)::text end as high,
    bool_or(c.low_open) as low_open, bool_or(c.high_open) as high_open,
    count(c.about) as approximate, sum(c.about)::text as about"""
_COUNTS = """count(*) filter (where c.kind = 'project' and {counts}) as projects,
    count(*) filter (where c.kind = 'anew' and {counts}) as anew,
    count(*) filter (where c.kind = 'increase' and {counts}) as increases,
    count(*) filter (where c.firsts & {bare} <> 0 and not c.inner_one) as without_sum"""
_COUNTED_BY = "kind firsts inner_one summed fate modality unit low high about low_open high_open"
_CELL = ", ".join(f"j.{name}" for name in _COUNTED_BY.split())
"""What of a row is counted."""
_ALIKE = "case when j.since_from > '-infinity' and j.since_to < 'infinity' and {0} then {1} end"
_YEAR = "extract(year from j.since_from)::text"
_HALF = "case when extract(month from {0}) <= 6 then 'H1' else 'H2' end"
_QUARTER = "'Q' || extract(quarter from {0})::text"


def _period(unit: str, name: str) -> str:
    """The period in which a row's days lie, none where they lie in several."""
    same = f"date_trunc('{unit}', j.since_from) = date_trunc('{unit}', j.since_to)"
    return _ALIKE.format(same, name)


_HALVES = "date_trunc('year', j.since_from) = date_trunc('year', j.since_to) and "
_HALVES += f"{_HALF.format('j.since_from')} = {_HALF.format('j.since_to')}"
PERIODS = {
    "year": _period("year", _YEAR),
    "half_year": _ALIKE.format(_HALVES, f"{_YEAR} || '-' || {_HALF.format('j.since_from')}"),
    "quarter": _period("quarter", f"{_YEAR} || '-' || {_QUARTER.format('j.since_from')}"),
    "month": _period("month", "to_char(j.since_from, 'YYYY-MM')"),
}
GROUPS = {
    "stage": "j.stage",
    "sector": "j.sector",
    "investor": "e'\\x1e' || j.investor",
    "place": "l.place",
}
# Which projects pass is asked as their list asks it (`projects.LIST`): a party stands for its second records as well,
# a place for all that stands under it. What a project counts is judged beside all others: a part of another one counts
# within that, whether that one passes or not.
_WITH_SECOND = """{name} (party) as (
  select {{0}}
  union
  select s.stream from {name} as a join {{table:successions}} as s
    on s.successor = a.party and s.how = 'duplicate' and {{holds:s}}
),
"""
_UNDER = """under (party) as (
  select party from asked_place
  union
  select p.stream from under as u join {table:parties} as p on p.parent = u.party and {holds:p}
),
"""
_INVOLVED = """r.stream in (select i.stream from {{table:involved}} as i
    where i.part = '{part}' and i.party = any(array(select party from {of})) and {{holds:i}})"""
_PLACES = " left join lateral string_to_table(j.places, e'\\x1f') as l (place) on true"
_PARTIES = """ left join {table:parties} as p
      on {holds:p} and p.stream = case when {0} then substr(g.name, 2)::uuid end"""
_NAMED = {
    "place": "starts_with(g.name, e'\\x1e')",  # else in words
    "investor": "g.name <> ''",
}
"""Of which groups the name is a party's, by what they are grouped."""


def statement(filter: Filter, day: date, known: int, *, told: int, offset: int, limit: int | None) -> tuple[str, Times]:
    """The statement, and the parameters and tables of it.

    Of each list of projects so many are told, of the groups so many behind so many others, and all where it is None.
    """
    times = Times(Moment(day, known))

    def parameter(value: Any, kind: str) -> str:
        times.values.append(value)
        return f"${len(times.values)}::{kind}"

    asked, passing = _passing(filter, times, parameter)
    judged = times.fill(
        _JUDGED,
        filter.rules,  # one of three
        _HOLDS,
        parameter(filter.since or date.min, "date"),
        parameter(filter.until or date.max, "date"),
        str(BARE_OF_EVENT),
    )
    is_party = _NAMED.get(filter.group)
    by_investor = filter.group == "investor"
    filled = {
        "group": PERIODS[filter.by] if filter.group == "period" else GROUPS[filter.group],
        "places": _PLACES if filter.group == "place" else "",
        "cell": _CELL,
        "counts_of_group": _counts(OF_INVESTOR, BARE_OF_INVESTOR) if by_investor else _counts(OF_EVENT, BARE_OF_EVENT),
        "counts": _counts(OF_EVENT, BARE_OF_EVENT),
        "sums": _SUMS,
        "called": "p.name" if is_party else "null::text",
        "parties": times.fill(_PARTIES, is_party) if is_party else "",
        "rank": f"array_position(array{list(STAGES)}, g.name), " if filter.group == "stage" else "",
        "offset": parameter(offset, "bigint"),
        "limit": parameter(limit, "bigint"),
        "most": parameter(told, "bigint"),
    }
    answer = _ANSWER
    for name, text in filled.items():
        answer = answer.replace(f"{{{name}}}", text)
    return judged.replace("{asked}", asked).replace("{passing}", passing) + answer, times


def _counts(event: int, bare: int) -> str:
    """How many things happened, told by rows that are the first in that way."""
    return _COUNTS.format(counts=f"c.firsts & {event} <> 0 and not c.inner_one", bare=bare)


def _passing(filter: Filter, times: Times, parameter: Callable[[Any, str], str]) -> tuple[str, str]:
    """The parties that are asked for, and the conditions that a project passes; both empty where nothing is asked."""
    asked, where = "", []
    for name, of in (("place", "under"), ("investor", "asked_investor")):
        if (party := getattr(filter, name)) is not None:
            asked += times.fill(_WITH_SECOND.format(name=f"asked_{name}"), parameter(party, "uuid"))
            asked += times.fill(_UNDER) if name == "place" else ""
            where.append(times.fill(_INVOLVED.format(part=name, of=of)))
    plain = {name: told for name in ("sector", "stage") if (told := getattr(filter, name)) is not None}
    where += [f"r.{name} = {parameter(told, 'text')}" for name, told in plain.items()]
    return asked, "".join(f" and {condition}" for condition in where)
