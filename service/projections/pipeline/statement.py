"""The pipeline's one statement: what counts by a rule in a time, grouped; what has no sum; what is left out, why."""

from collections.abc import Callable
from datetime import date
from typing import Any

from service.projections.moments import Moment, Times
from service.projections.pipeline.asked import Filter

_COUNTED = """
with recursive {{asked}}rows as materialized (
  select c.*, c.low::numeric as least, c.high::numeric as most, c.about::numeric as roughly,
    c.low is not null or c.about is not null as summed
  from {table:pipeline} as c where c.rule = {0} and {holds:c}
),
up (stream, whole) as (
  select r.stream, w.id::uuid from rows as r, json_array_elements_text(r.wholes::json) as w (id)
  where r.wholes is not null
  union
  select u.stream, w.id::uuid
  from up as u join rows as r on r.stream = u.whole, json_array_elements_text(r.wholes::json) as w (id)
  where r.wholes is not null
),
inner_of as materialized (
  select distinct u.stream, u.whole from up as u join rows as r on r.stream = u.whole and r.kind <> 'left'
  where u.whole <> u.stream
),
parts as materialized (select distinct stream from inner_of),
judged as materialized (
  select r.*, p.stream is not null as inner_one, case
      when r.kind = 'left' then r.event
      when p.stream is not null and (not r.summed or exists (
        select from inner_of as i join rows as w on w.stream = i.whole and w.summed
        where i.stream = r.stream and w.unit = r.unit and w.modality is not distinct from r.modality)) then 'part_of'
      when r.since_to < {1} or r.since_from > {2} then 'outside'
      when r.since_from < {1} or r.since_to > {2} then 'uncertain'
      else 'counted' end as fate
  from rows as r left join parts as p on p.stream = r.stream{{passing}}
),
standing as (select * from judged where fate in ('counted', 'uncertain')),
cells as materialized (
  select true as whole, null::text as name, {{cell}} from standing as j
  union all
  select false, {{group}}, {{cell}} from standing as j{{places}}
),
gone as (
  select distinct fate as reason, stream, title from judged where fate in ('duplicate', 'no_event', 'never_signed')
  union
  select 'part_of', j.stream, j.title from judged as j where j.inner_one and j.kind <> 'left'
  union
  select 'outside', j.stream, j.title from judged as j where j.fate = 'outside' and not exists (
    select from judged as o where o.stream = j.stream and o.fate in ('counted', 'uncertain'))
),
bare as (
  select distinct c.stream, c.title from standing as c
  where c.kind <> 'increase' and not c.summed and not c.inner_one
),
"""
_ANSWER = """
happened as (
  select whole, name, fate, bool_or(kind = 'project' and not inner_one) as project,
    bool_or(kind = 'anew' and not inner_one) as anew, bool_or(kind = 'increase' and not inner_one) as increase,
    bool_or(kind <> 'increase' and not summed and not inner_one) as without_sum
  from cells group by whole, name, fate, stream, event
),
tallies as (
  select whole, name, fate, count(*) filter (where project) as projects, count(*) filter (where anew) as anew,
    count(*) filter (where increase) as increases, count(*) filter (where without_sum) as without_sum
  from happened group by 1, 2, 3
),
sums as (
  select whole, name, fate, modality, unit, count(least) as bounded, sum(least)::text as low,
    case when bool_and(most is not null or least is null) then sum(most)::text end as high,
    bool_or(low_open) as low_open, bool_or(high_open) as high_open,
    count(roughly) as approximate, sum(roughly)::text as about
  from cells where summed group by 1, 2, 3, 4, 5
)
select
  (select json_agg(t) from tallies as t) as tallies,
  (select json_agg(s) from sums as s) as sums,
  (select count(*) from bare) as without_sum,
  (select json_agg(b) from (select stream as id, title from bare order by title collate "C", stream limit {0}) as b)
    as bare,
  (select json_agg(g) from (select reason, count(*) as projects from gone group by 1) as g) as counts,
  (select json_agg(g) from (
     select reason, stream as id, title from (
       select g.*, row_number() over (partition by reason order by title collate "C", stream) as n from gone as g
     ) as g where n <= {0} order by reason, title collate "C", stream) as g) as gone,
  (select json_object_agg(p.stream, p.name) from {table:parties} as p where {holds:p} and p.stream in (
     select substr(name, 9)::uuid from tallies
     where name ~ '^parties/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$')) as names"""

_COUNTED_BY = "stream event kind inner_one summed fate modality unit least most roughly low_open high_open"
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
    "investor": "'parties/' || j.investor",
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
_PLACES = " left join lateral json_array_elements_text(j.places::json) as l (place) on true"


def statement(filter: Filter, day: date, known: int, most: int) -> tuple[str, Times]:
    """The statement, and the parameters and tables of it; of each list at most so many are told."""
    times = Times(Moment(day, known))

    def parameter(value: Any, kind: str) -> str:
        times.values.append(value)
        return f"${len(times.values)}::{kind}"

    asked, passing = _passing(filter, times, parameter)
    group = PERIODS[filter.by] if filter.group == "period" else GROUPS[filter.group]
    counted = times.fill(
        _COUNTED,
        parameter(filter.rules, "text"),
        parameter(filter.since or date.min, "date"),
        parameter(filter.until or date.max, "date"),
    )
    counted = (
        counted.replace("{asked}", asked)
        .replace("{passing}", passing)
        .replace("{cell}", _CELL)
        .replace("{group}", group)
        .replace("{places}", _PLACES if filter.group == "place" else "")
    )
    return counted + times.fill(_ANSWER, parameter(most, "bigint")), times


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
    return asked, f"\n  where {' and '.join(where)}" if where else ""
