"""The ledger's one statement: which tasks pass, the colour of each, a page of them, and how many of which sort."""

from collections.abc import Callable
from datetime import date
from typing import Any

from service.domain import workdays
from service.domain.names import fold
from service.domain.task.lateness import REGISTRY, WEIGHT, Thresholds
from service.projections.ledger.asked import Filter, InRoles, Order
from service.projections.paging import Moment, Times

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
_JUDGED = """
matched as materialized (
  select t.stream, t.status, t.duty, t.deadline, t.share, t.inspected, {due} as due, {begun} as begun
  from {{table:tasks}} as t where {{holds:t}} and {where}
),
based as materialized (
  select b.stream, b.target, b.place
  from {{table:bases}} as b join matched as m on m.stream = b.stream where {{holds:b}}
),
judging as materialized (
  select distinct b.stream, h.stream as plan, coalesce(h.near, {near}) as near, coalesce(h.behind, {behind}) as behind,
    coalesce(h.escalate, {escalate}) as escalate, coalesce(h.counts, '{counts}') as counts,
    coalesce(h.slack, {slack}) as slack
  from based as b left join {{table:thresholds}} as h on b.target = 'plans/' || h.stream and {{holds:h}}
  where b.target like 'plans/%'
),
weighed as (
  select m.stream, max(case
    when m.due < {on} then 3
    when j.left <= j.behind or m.inspected in ('behind', 'not_done')
      or m.begun < m.due and (m.share::numeric + j.slack) * (m.due - m.begun)
        < 100 * least(greatest({on} - m.begun, 0), m.due - m.begun) then 2
    when j.left <= j.near then 1
    else 0 end) as weight
  from matched as m
  left join judging as o on o.stream = m.stream
  cross join lateral (
    select coalesce(o.near, {near}) as near, coalesce(o.behind, {behind}) as behind,
      coalesce(o.slack, {slack}) as slack,
      case when coalesce(o.counts, '{counts}') = 'working' then {worked} - {until} else m.due - {on} end as left
  ) as j
  where not m.duty and m.status in ('registered', 'listed', 'assigned', 'in_progress')
  group by m.stream
),
judged as materialized (
  select m.stream, m.status, m.duty, m.deadline, coalesce(w.weight, 0) as weight
  from matched as m left join weighed as w on w.stream = m.stream
  where (m.status <> 'merged' or {merged}) and {coloured}
),
leads as materialized (
  select a.stream, a.party, p.name from {{table:assigned}} as a join judged as j on j.stream = a.stream
  left join {{table:parties}} as p on p.stream = a.party and {{holds:p}}
  where a.role = 'lead' and {{holds:a}}
),"""

_SORTS = {
    "due": "j.deadline {0} nulls last, n.place {0} nulls last, j.stream {0}",
    "number": "n.place {0} nulls last, j.deadline {0} nulls last, j.stream {0}",
    "unit": 'l.name collate "C" {0} nulls last, j.deadline {0} nulls last, n.place {0} nulls last, j.stream {0}',
}
_PAGE = """
page as materialized (
  select j.stream, row_number() over (order by {order}) as n from judged as j
  left join (select stream, min(place) as place from based as b where {of_plan} group by stream) as n
    on n.stream = j.stream
  left join (select stream, min(name) as name from leads group by stream) as l on l.stream = j.stream
  order by n offset {offset} limit {limit}
),
limits as (
  select j.stream, json_agg(json_build_object('near', j.near, 'behind', j.behind, 'escalate', j.escalate,
    'counts', j.counts, 'slack', j.slack)) as told
  from page as p join judging as j on j.stream = p.stream group by j.stream
),
waits as (
  select d.stream, json_agg(json_build_object('id', w.stream, 'title', w.title, 'state', w.status)
    order by w.recorded) as told
  from page as p join {{table:links}} as d on d.stream = p.stream and d.relation = 'depends_on' and {{holds:d}}
  join {{table:tasks}} as w on w.stream = case when starts_with(d.target, 'tasks/') then substr(d.target, 7)::uuid end
    and {{holds:w}} and w.status not in ('closed', 'cancelled', 'merged')
  group by d.stream
)
select {position} as position, {totals}
  array(
    select row(t.summary, t.asked, t.requirement, t.deadline, t.begins, l.told, w.told)
    from page as p join {{table:tasks}} as t on t.stream = p.stream and {{holds:t}}
    left join limits as l on l.stream = p.stream left join waits as w on w.stream = p.stream order by p.n
  ) as rows,
  (select json_object_agg(p.stream, p.name) from {{table:parties}} as p where {{holds:p}} and p.stream in (
     select a.party from {{table:assigned}} as a join page on page.stream = a.stream where {{holds:a}})) as names"""
_TOTALS = """
  (select count(*) from matched where status = 'merged' and not {merged}) as duplicates,
  (select json_agg(t) from (
     select status, weight, count(*) as tasks, case when weight > 0 then null when duty then 'duty'
       when status in ('closed', 'cancelled', 'suspended', 'merged') then 'ended'
       when status = 'reported_done' then status when deadline is null then 'no_deadline' else 'in_time' end as why
     from judged group by 1, 2, 4) as t) as cells,
  (select json_agg(t) from (
     select l.party as unit, l.name, j.status, j.weight, count(*) as tasks
     from judged as j left join leads as l on l.stream = j.stream group by 1, 2, 3, 4) as t) as units,
  (select json_agg(t) from (
     select distinct plan, near, behind, escalate, counts, slack from judging where plan is not null) as t) as plans,"""


def statement(
    filter: Filter, day: date, known: int | None, *, limit: int, offset: int, sort: Order, totals: bool
) -> tuple[str, list[Any]]:
    """The statement and its parameters."""
    times = Times(Moment(day, known))
    values = times.values

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    scope, where = _passing(filter, times, parameter)
    merged = "true" if filter.state == "merged" else "false"
    weight = 0 if filter.colour == "none" else WEIGHT[filter.colour]
    off, on = parameter(workdays.HOLIDAYS), parameter(workdays.WORKED)
    defaults = {name: getattr(REGISTRY, name) for name in Thresholds.__struct_fields__}
    judged = _JUDGED.format(
        due=_ORDINAL.format("t.deadline"),
        begun=_ORDINAL.format("t.begins"),
        where=" and ".join(where),
        on=f"{parameter(day.toordinal())}::integer",
        worked=_WORKED.format("m.due", on, off),
        until=f"{parameter(workdays.until(day.toordinal()))}::integer",
        merged=merged,
        coloured="true" if filter.colour is None else f"coalesce(w.weight, 0) = {parameter(weight)}",
        **defaults,
    )
    page = _PAGE.format(
        order=_SORTS[sort.removeprefix("-")].format("desc" if sort.startswith("-") else "asc"),
        of_plan=f"b.target = {parameter(f'plans/{filter.plan}')}" if filter.plan else "true",
        offset=parameter(offset),
        limit=parameter(limit + 1),
        position="(select position from head)" if known is None else "$2::bigint",
        totals=_TOTALS.format(merged=merged) if totals else "",
    )
    return "with recursive" + scope + times.fill(judged) + times.fill(page), values


def _passing(filter: Filter, times: Times, parameter: Callable[[Any], str]) -> tuple[str, list[str]]:
    """The units in the scope of the question, and the conditions that a task passes."""
    scope, where = "", ["true"]
    unit: list[str] = []
    if filter.unit is not None:
        given = parameter(filter.unit)
        scope = "" if filter.unit_only else times.fill(_SCOPE, given)
        unit.append(f"a.party = {given}" if filter.unit_only else "a.party in (select party from scope)")
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
        where.append(f"t.status = {parameter(filter.state)}")
    if filter.open is not None:
        where.append(f"t.status {'not in' if filter.open else 'in'} ('closed', 'cancelled')")
    if filter.due_from is not None:
        where.append(f"t.due_to >= {parameter(filter.due_from)}")
    if filter.due_to is not None:
        where.append(f"t.due_from <= {parameter(filter.due_to)}")
    if filter.q is not None:
        where.append(f"strpos(t.titles_folded, {parameter(fold(filter.q))}) > 0")
    return scope, where
