"""The ledger's one statement: which tasks pass, the colour of each, a page of them, and how many of which sort."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from service.domain import workdays
from service.domain.names import fold
from service.domain.task.lateness import REGISTRY, WEIGHT, Thresholds
from service.projections import cells
from service.projections.ledger.asked import Filter, InRoles, Order
from service.projections.moments import Moment, Times

NIL = UUID(int=0)

_SCOPE = """
scope as (
  select {0}::uuid as party
  union
  select further.party from scope, lateral (
    select p.stream as party from {table:parties} as p where p.parent = scope.party and {holds:p}
    union all
    select s.stream from {table:successions} as s
    where s.successor = scope.party and s.carries is not false and {holds:s}
  ) as further
),"""
_ASSIGNED = "t.stream in (select a.stream from {table:assigned} as a where {holds:a}"
_BASED = "t.stream in (select b.stream from {table:bases} as b where {holds:b} and b.target = {0}"

# Days are told by their ordinals, 1 for 0001-01-01: the first and the last day of all are infinite to the database.
_ORDINAL = "case {0} when 'infinity' then 3652059 when '-infinity' then 1 else {0} - date '0001-01-01' + 1 end"
_WORKED = "({0} / 7 * 5 + least({0} % 7, 5) + width_bucket({0}, {1}::integer[]) - width_bucket({0}, {2}::integer[]))"
_OPEN = "not t.duty and t.status in ('registered', 'listed', 'assigned', 'in_progress')"
_LEFT = "case when {counts} = 'working' then {worked} - {until} else {due} - {on} end"
_WEIGHT = """case
    when {left} <= {behind} or t.inspected in ('behind', 'not_done')
      or {begun} < {due} and (t.share::numeric + {slack}) * ({due} - {begun})
        < 100 * least(greatest({on} - {begun}, 0), {due} - {begun}) then 2
    when {left} <= {near} then 1
    else 0 end"""

# Most plans have no thresholds of their own: what they make of a task is looked up for those tasks alone that carry out
# one which has. All other tasks are judged as they are read, most often off one index, and counted in one go.
LIMITED = "select exists (select from {table:thresholds} as h where {holds:h})"
"""Whether any plan has thresholds of its own. Where none has, no task has to be looked up among theirs."""
_LIMITS = """
limits as materialized (
  select 'plans/' || h.stream as target, h.stream as plan, h.near, h.behind, h.escalate, h.counts, h.slack
  from {table:thresholds} as h where {holds:h}
),"""
_JUDGED = """
limited as materialized (
  select distinct t.stream, t.deadline, t.begins, t.share, t.inspected
  from limits as l join {{table:bases}} as b on b.target = l.target and {{holds:b}}
  join {{table:tasks}} as t on t.stream = b.stream and {{holds:t}}
  where {open} and (t.deadline >= $1 or t.deadline is null) and {where}
),
weighed as materialized (
  select t.stream, max({of_plan}) as weight
  from limited as t join {{table:bases}} as b on b.stream = t.stream and {{holds:b}}
    and split_part(b.target, '/', 1) = 'plans'
  left join limits as l on l.target = b.target
  group by t.stream
),"""
_PLAIN = "case when t.yellow <= $1 then 2 when t.blue <= $1 then 1 else 0 end"
_TOLD = "case when t.red <= $1 then 3 else {weight} end"
_COLOURED: dict[int, str] = {
    WEIGHT["red"]: "t.red <= $1 and t.deadline < $1",
    WEIGHT["yellow"]: "(t.deadline >= $1 or t.deadline is null) and {told} = 2",
    WEIGHT["blue"]: "t.deadline >= $1 and {told} = 1",
    WEIGHT[None]: "{told} = 0",
}
"""What a task of a colour is, said so that an index finds it where one can."""

_SORTS = {
    "due": "t.deadline {0} nulls last, {place} {0} nulls last, t.stream {0}",
    "number": "{place} {0} nulls last, t.deadline {0} nulls last, t.stream {0}",
    "unit": 'l.name collate "C" {0} nulls last, t.deadline {0} nulls last, {place} {0} nulls last, t.stream {0}',
}
_BY_NAME = """ left join {table:parties} as p on p.stream = t.lead and {holds:p}
  cross join lateral (
    select case when t.leads is null then p.name else (
      select min(n.name collate "C") from {table:parties} as n
      where n.stream = any(array_prepend(t.lead, string_to_array(t.leads, ',')::uuid[])) and {holds:n}) end as name
  ) as l"""
_IN_PLAN = """ left join lateral (
    select min(b.place collate "C") as place from {{table:bases}} as b
    where b.stream = t.stream and b.target = {0} and {{holds:b}}
  ) as n on true"""
_PAGE = """
page as materialized (
  select found.stream, row_number() over () as n from (
    select t.stream from {source} order by {order} offset {offset} limit {limit}
  ) as found
),
own as (
  select b.stream, json_agg(json_build_object('near', coalesce(l.near, {near}), 'behind', coalesce(l.behind, {behind}),
    'escalate', coalesce(l.escalate, {escalate}), 'counts', coalesce(l.counts, '{counts}'),
    'slack', coalesce(l.slack, {slack}))) as told
  from page as p join {{table:bases}} as b on b.stream = p.stream and {{holds:b}}
    and split_part(b.target, '/', 1) = 'plans'
  left join limits as l on l.target = b.target group by b.stream
),
waits as (
  select d.stream, json_agg(json_build_object('id', w.stream, 'title', w.title, 'state', w.status)
    order by w.recorded) as told
  from page as p join {{table:links}} as d on d.stream = p.stream and d.relation = 'depends_on' and {{holds:d}}
  join {{table:tasks}} as w on w.stream = case when starts_with(d.target, 'tasks/') then substr(d.target, 7)::uuid end
    and {{holds:w}} and w.status not in ('closed', 'cancelled', 'merged')
  group by d.stream
)
select {position} as position, ({limited}) as limited, {totals}
  array(
    select row(t.summary, t.asked, t.requirement, t.deadline, t.begins, l.told, w.told)
    from page as p join {{table:tasks}} as t on t.stream = p.stream and {{holds:t}}
    left join own as l on l.stream = p.stream left join waits as w on w.stream = p.stream order by p.n
  ) as rows,
  (select json_object_agg(p.stream, p.name) from {{table:parties}} as p where {{holds:p}} and p.stream in (
     select a.party from {{table:assigned}} as a join page on page.stream = a.stream where {{holds:a}})) as names"""

_COUNTED = """
counted as materialized (
  select t.lead, t.leads, t.cell + {told} as cell, count(*)::integer as tasks
  from {source} where {passing} group by 1, 2, 3
),"""
# Of nobody the id is that of nothing (RFC 9562, section 5.9): what is null would join with nothing.
_UNITS = """
by_unit as not materialized (
  select coalesce(lead, '{nil}') as lead, cell, tasks from counted
  union all
  select further::uuid, cell, tasks from counted, unnest(string_to_array(leads, ',')) as further
  where leads is not null
),
units as materialized (
  select lead, sum(tasks) filter (where cell & 3 = 3) as red, sum(tasks) filter (where cell & 3 = 2) as yellow,
    sum(tasks) filter (where cell & 3 = 1) as blue, sum(tasks) as tasks
  from by_unit group by lead
),
worst as materialized (
  select lead from units order by red desc nulls last, yellow desc nulls last, blue desc nulls last, tasks desc, lead
  limit {most}
),"""
_TOTALS = """
  {duplicates} as duplicates,
  (select json_agg(json_build_array(cell, tasks)) from (
     select cell, sum(tasks) as tasks from counted group by 1) as t) as cells,
  (select count(*) from units) as leading,
  (select json_agg(json_build_array(nullif(u.lead, '{nil}'), p.name, u.cells)) from (
     select lead, json_agg(json_build_array(cell, tasks)) as cells
     from by_unit join worst using (lead) group by lead
   ) as u left join {{table:parties}} as p on p.stream = u.lead and {{holds:p}}) as units,
  (select json_agg(l) from (
     select l.plan, l.near, l.behind, l.escalate, l.counts, l.slack from limits as l where exists (
       select from {{table:bases}} as b join {{table:tasks}} as t on t.stream = b.stream and {{holds:t}}
       where b.target = l.target and {{holds:b}} and {where})) as l) as plans,"""


def statement(
    filter: Filter,
    day: date,
    known: int | None,
    *,
    limit: int,
    offset: int,
    sort: Order,
    totals: int | None,
    limited: bool,
) -> tuple[str, list[Any]]:
    """The statement and its parameters.

    With totals, and those of so many units, where these are not None; `limited`: whether there are plans with
    thresholds of their own.
    """
    times = Times(Moment(day, known))
    values = times.values

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    scope, where = _passing(filter, times, parameter)
    selective = any(getattr(filter, name) is not None for name in SELECTIVE)
    told = f"({_TOLD.format(weight=f'coalesce(w.weight, {_PLAIN})' if limited else _PLAIN)})"
    coloured = _COLOURED[WEIGHT[None if filter.colour == "none" else filter.colour]] if filter.colour else "true"
    passing = where.copy()
    if filter.state != "merged":
        passing.append(f"not {cells.of('t.cell', ['merged'])}")
    passing.append(coloured.format(told=told))
    whole = " and ".join(where)
    passed = " and ".join(passing)
    source, text = times.fill("{table:tasks} as t"), times.fill(_LIMITS)
    if limited and (totals is not None or "{told}" in coloured):
        source += " left join weighed as w on w.stream = t.stream"
        text += times.fill(_JUDGED.format(open=_OPEN, where=whole, of_plan=_of_plan(day, parameter)))
    counted = ""
    if totals is not None:
        counting = times.fill("{holds:t}" if selective else "{counts:t}")
        text += _COUNTED.format(told=told, source=source, passing=f"{counting} and {passed}")
        text += _UNITS.format(nil=NIL, most=totals)
        duplicates = times.fill(
            f"(select count(*) from {{table:tasks}} as t where t.status = 'merged' and {{holds:t}} and {whole})"
        )
        counted = _TOTALS.format(duplicates="0" if filter.state == "merged" else duplicates, where=whole, nil=NIL)
    place, joined, passed = 't.place collate "C"', source, times.fill("{holds:t}") + f" and {passed}"
    if selective:
        # What passes is few, and stands together in no index of the order: it is found first and put in order after.
        found = f"select t.stream, t.deadline, t.place, t.lead, t.leads from {source} where {passed} offset 0"
        joined, passed = f"({found}) as t", "true"
    if filter.plan is not None:
        joined += times.fill(_IN_PLAN.format(parameter(f"plans/{filter.plan}")))
        place = "n.place"
    if sort.endswith("unit"):
        joined += times.fill(_BY_NAME)
    page = _PAGE.format(
        source=f"{joined} where {passed}",
        order=_SORTS[sort.removeprefix("-")].format("desc" if sort.startswith("-") else "asc", place=place),
        offset=parameter(offset),
        limit=parameter(limit + 1),
        position="(select position from head)" if known is None else "$2::bigint",
        limited=LIMITED,
        totals=counted,
        **_DEFAULTS,
    )
    return "with recursive" + scope + text + times.fill(page), values


SELECTIVE = ("unit", "role", "office", "person", "plan", "item", "agreement", "clause", "due_from", "due_to", "q")
"""What is asked of few tasks, most often."""


_DEFAULTS = {name: getattr(REGISTRY, name) for name in Thresholds.__struct_fields__}
_LITERAL = {name: f"'{told}'" if isinstance(told, str) else str(told) for name, told in _DEFAULTS.items()}
"""What counts for a plan that sets no thresholds, as SQL."""


def _of_plan(day: date, parameter: Callable[[Any], str]) -> str:
    """What a task comes to by a plan's limits that is open and not overdue."""
    off, on = parameter(workdays.HOLIDAYS), parameter(workdays.WORKED)
    today, until = (f"{parameter(number)}::integer" for number in (day.toordinal(), workdays.until(day.toordinal())))
    due, begun = _ORDINAL.format("t.deadline"), _ORDINAL.format("t.begins")
    days = {"due": due, "on": today, "worked": _WORKED.format(due, on, off), "until": until}
    limits = {name: f"coalesce(l.{name}, {literal})" for name, literal in _LITERAL.items()}
    return _WEIGHT.format(left=f"({_LEFT.format(**days, **limits)})", begun=f"({begun})", **days, **limits)


def _passing(filter: Filter, times: Times, parameter: Callable[[Any], str]) -> tuple[str, list[str]]:
    """The units in the scope of the question, and the conditions that a task passes."""
    scope, where = "", ["true"]
    unit: list[str] = []
    if filter.unit is not None:
        given = parameter(filter.unit)
        scope = "" if filter.unit_only else times.fill(_SCOPE, given)
        unit.append(f"a.party = {given}" if filter.unit_only else "a.party = any(array(select party from scope))")
    if filter.role is not None:
        unit.append(f"a.role = {parameter(filter.role)}")
    if isinstance(filter, InRoles):
        unit.append(f"a.role = any({parameter(filter.roles)}::text[])")
    if filter.office is not None:
        unit.append(f"a.office = {parameter(filter.office)}")
    if filter.person is not None:
        unit.append(f"{parameter(filter.person)} in (a.person, a.printed)")
    if unit:
        where.append(" and ".join([times.fill(_ASSIGNED), *unit]) + ")")
    for category, thing, parts, part in (
        ("plans", filter.plan, "items", filter.item),
        ("agreements", filter.agreement, "clauses", filter.clause),
    ):
        if thing is not None:
            whole = times.fill(_BASED, parameter(f"{category}/{thing}"))
            where.append(f"{whole} and b.part = {parameter(f'{parts}/{part}')})" if part else f"{whole})")
    if filter.state is not None:
        where.append(cells.of("t.cell", [filter.state]))
    if filter.open is not None:
        where.append(f"{'not ' if filter.open else ''}{cells.of('t.cell', ['closed', 'cancelled'])}")
    if filter.due_from is not None:
        where.append(f"t.due_to >= {parameter(filter.due_from)}")
    if filter.due_to is not None:
        where.append(f"t.due_from <= {parameter(filter.due_to)}")
    if filter.q is not None:
        where.append(f"strpos(t.titles_folded, {parameter(fold(filter.q))}) > 0")
    return scope, where
