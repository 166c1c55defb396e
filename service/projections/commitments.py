"""Who owes whom what? Clauses, statements and tasks as commitments, each with its state, its deadline, its binding.

The rules by which they are read stand in `service.domain.commitments`. A party's commitments are also those of the
parties that it came after, where it was split from them, or they were merged into it or replaced by it, and no source
says that obligations did not pass; of a party that went on after a split only what may have begun by then passes.
"""

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain import errors
from service.domain.commitments import OVER, Binding, Direction, Kind, State
from service.domain.decider import Ref
from service.domain.obligations import Manner
from service.domain.statement.state import Kind as SaidAs
from service.domain.task import lateness
from service.domain.values import PartyId, Subject, UncertainDate
from service.projections import carried
from service.projections.carried import Carried, Named
from service.projections.cursors import Number, Pin, read, written
from service.projections.moments import Moment, Times
from service.projections.owed import BY_DUE, Told

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection

SUBJECTS: dict[Kind, str] = {"clause": "agreements", "statement": "statements", "task": "tasks"}


class Filter(Struct, frozen=True, kw_only=True):
    """What commitments may be asked for; what is None is not asked.

    `owing` and `owed` are the two parties; `children` takes those that stand under them as well. What is mutual is
    there from either end, once. `open` are those that have come to no end: neither repealed, ended with their
    agreement, withdrawn, closed nor cancelled. `source` is what it is read off; `subject` the agreement, statement or
    task itself. A commitment passes `due_from` and `due_to` where its deadline may lie in that time (both days
    included), which an unknown one does not.
    """

    owing: PartyId | None = None
    owed: PartyId | None = None
    children: bool = False
    state: State | None = None
    open: bool | None = None
    source: Kind | None = None
    subject: Subject | None = None
    binding: Binding | None = None
    direction: Direction | None = None
    due_from: date | None = None
    due_to: date | None = None


Order = Literal["due", "-due", "recorded", "-recorded"]


class Source(Struct, frozen=True, kw_only=True, gc=False):
    """Where it is said: the thing by its subject, the part of it; a clause's label; a title; and the words.

    `text` is a clause's heading, else its words; a statement's words; what a task asks for, else to what standard. Of a
    long one it is the beginning, 200 code points with the … at its end. `said_as` is what sort of statement it is.
    """

    kind: Kind
    subject: Subject
    part: str | None
    label: str | None
    title: str
    text: str | None
    said_as: SaidAs | None


class Commitment(Struct, frozen=True, kw_only=True, gc=False):
    """What `obligors` owe `beneficiaries`: those whom a source names, or whom the rules tell where `inferred` says so.

    `carried` tells how it comes to be that of the parties asked for, where these are not the ones named. `colour` is a
    task's, on the day asked for.
    """

    source: Source
    state: State
    binding: Binding
    direction: Direction
    manner: Manner | None
    obligors: list[Named]
    beneficiaries: list[Named]
    inferred: tuple[Literal["obligors", "beneficiaries"], ...]
    due: UncertainDate | None
    colour: lateness.Colour | None
    carried: list[Carried]


class Answer(Struct, frozen=True, kw_only=True):
    """A page of commitments, and what goes for all pages: for which position of the log, whose, what is left out.

    `owing` and `owed` are the ways to the parties whose commitments are counted as well, `passed` the parties to which
    those of the parties asked for have passed. `unstated` are clauses of which no source says who owes.
    """

    position: int
    items: list[Commitment]
    owing: list[Carried]
    owed: list[Carried]
    passed: list[Carried]
    unstated: int
    next: str | None


_ROLE = """{name} (stream, part, party) as (
  select o.stream, o.part, f.party from {side} as f
  join {{table:owed}} as o on o.party = f.party and o.role = '{role}' and {{holds:o}} where {reaches}{{0}}
)"""

_ALONE = """when (select count(*) from {0}) = 1 then (select count(*) from {table:owed} as o
  where o.party = {1} and o.role = 'unstated' and {holds:o})"""
_BOTH_ALONE = """when (select count(*) from owing_side) + (select count(*) from owed_side) = 2 then (
  select count(*) from {table:owed} as o join {table:owed} as z on z.stream = o.stream and z.part = o.part
  where o.party = {0} and o.role = 'unstated' and {holds:o} and z.party = {1} and z.role = 'unstated' and {holds:z})"""
"""Of parties alone each row is a clause: an index has them all together, and they are not told apart again."""

_FOR_WHOM = """select b.stream, '' as part, o.party from {table:bases} as b
  join {table:owed} as o on o.stream = split_part(b.target, '/', 2)::uuid and o.part = b.part and o.role = 'owed'
    and b.target = case o.part when '' then 'statements/' else 'agreements/' end || o.stream and {holds:o}
  where {holds:b} and {0}
  union all
  select b.stream, '', o.party from {table:bases} as b
  join {table:signings} as o on o.stream = split_part(b.target, '/', 2)::uuid and not o.departed
    and b.target = 'agreements/' || o.stream and {holds:o}
  where {holds:b} and {1} and (b.part = '' or not exists (
    select from {table:owed} as n where n.stream = o.stream and n.part = b.part and n.role = 'owed' and {holds:n}))"""
"""For whom a task is: whom the clause or the statement that it carries out is owed to, else the agreement's others."""

_BY_AGREEMENT = """ and b.target = any (array(
    select 'agreements/' || m.stream from {table:signings} as m where m.party = f.party and {holds:m}))"""
"""The agreements of the party, said so that an index of what tasks carry out is asked for these alone: else all tasks
are looked through where the planner expects each agreement to have some."""

_OWN = """exists (
    with recursive up (party) as (
      select l.party from {table:owed} as l where l.stream = x.stream and l.role = 'owes' and {holds:l}
      union
      select p.parent from up join {table:parties} as p on p.stream = up.party and {holds:p} where p.parent is not null
    ) select from up where up.party = x.party)"""
"""That a task's lead is that party, or stands under it: nobody owes himself."""

_PARTIES = f"""(select json_agg({carried.NAMED.format("x.party")} order by x.party) from {{0}})"""

_COLUMNS = ("near", "behind", "escalate", "counts", "slack")
_REGISTRY = {column: getattr(lateness.REGISTRY, column) for column in _COLUMNS} | {
    "counts": f"'{lateness.REGISTRY.counts}'"
}
"""What counts for a plan that sets no thresholds, as in the ledger."""
_STANDING = ("status", "duty", "deadline", "begins", "share", "inspected", "reported")


_SHOWN = (
    *("stream", "part", "kind", "state", "binding", "direction", "recorded", "told", "at", "obligors", "beneficiaries"),
    *(f"task_{column}" for column in _STANDING),
    "limits",
)
_BY_DUE = BY_DUE.replace("due_to", "t.due_to")
_SIDES = {"owing": "owes", "owed": "owed"}
"""The two ends that may be asked for, and what a party of each does."""


class Place(Pin, frozen=True, array_like=True):
    """Where a page ended."""

    value: Number | date
    recorded: Number
    id: UUID
    part: str


def tables(filter: Filter) -> frozenset[str]:
    """The projections that a question with this filter reads."""
    times = Times(Moment(date.min))
    _statement(times, filter, None, 1, "due")
    return frozenset(times.tables)


async def page(
    connection: "Connection",
    filter: Filter,
    day: date,
    *,
    known: int | None = None,
    limit: int,
    cursor: str | None = None,
    sort: Order = "due",
    asked: tuple[Any, ...] = (),
) -> Answer:
    """The commitments that pass, on `day`, as known at the position `known` (None for now), by their deadlines.

    Pages after the first are for its day and its position, which its cursor names. `asked` is what else the cursor of
    the next page belongs to. Raises errors.BadCursor.
    """
    mark = hashlib.blake2b(msgspec.json.encode(("commitments", sort, filter, *asked)), digest_size=8).digest()
    after = read(cursor, Place) if cursor is not None else None
    if after is not None and (after.mark != mark or isinstance(after.value, date) != sort.endswith("due")):
        raise errors.BadCursor("/cursor")
    times = Times(Moment(day, known))
    text = _statement(times, filter, after, limit + 1, sort)
    found = await connection.fetch(text, *times.values)
    head, *rows = found
    position: int = head["position"] if known is None else known
    sides = [carried.ways(head[f"{side}_ways"]) for side in ("owing", "owed", "passed")]
    items = [_item(row, day, sides[0] + sides[1]) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        ended = (last["at"], last["recorded"], last["stream"], last["part"])
        following = written(Place(mark, day, position, *ended))
    return Answer(
        position=position,
        items=items,
        owing=sides[0],
        owed=sides[1],
        passed=sides[2],
        unstated=head["unstated"],
        next=following,
    )


def _parameter(times: Times, value: Any) -> str:
    times.values.append(value)
    return f"${len(times.values)}"


def _statement(times: Times, filter: Filter, after: Place | None, limit: int, sort: Order) -> str:
    """The one statement: a page, and in its first row what goes for all pages."""
    asked = [side for side in _SIDES if getattr(filter, side) is not None]
    parts = [part for side in asked for part in _hits(times, filter, side)]
    found = unstated = alone = ""
    if len(asked) == 2:
        found = "owing_hits as a join owed_hits as z on z.stream = a.stream and z.part = a.part and z.party <> a.party"
        unstated = "owing_unstated as a join owed_unstated as z on z.stream = a.stream and z.part = a.part"
        alone = times.fill(_BOTH_ALONE, *(_parameter(times, getattr(filter, side)) for side in asked))
    elif asked:
        found, unstated = f"{asked[0]}_hits as a", f"{asked[0]}_unstated as a"
        alone = times.fill(_ALONE, f"{asked[0]}_side", _parameter(times, getattr(filter, asked[0])))
    if found:
        parts.append(f"hits (stream, part) as (select distinct a.stream, a.part from {found})")
    where = _where(times, filter)
    key = _BY_DUE if sort.endswith("due") else "t.recorded"
    beyond, way = ("<", "desc") if sort.startswith("-") else (">", "asc")
    if after is not None:
        ended = ", ".join(_parameter(times, value) for value in (after.value, after.recorded, after.id, after.part))
        where.append(f"({key}, t.recorded, t.stream, t.part) {beyond} ({ended})")
    table = times.fill("{table:commitments} as t") + (" join hits as h using (stream, part)" if found else "")
    order = ", ".join(f"{column} {way}" for column in ("at", "recorded", "stream", "part"))
    wanted = " and ".join(where)
    most = _parameter(times, limit)
    parts.append(f"page as (select t.*, {key} as at from {table} where {wanted} order by {order} limit {most})")
    ends = [str(getattr(filter, side)) for side in asked]
    ways = {side: times.fill(carried.WAYS, f"{side}_side") if side in asked else "null::json" for side in _SIDES}
    passed = times.fill(carried.WAYS, times.fill(carried.PASSED, _parameter(times, ends)))
    counted = f"(select count(distinct (a.stream, a.part)) from {unstated})" if unstated else "0"
    counted = f"(case {alone} else {counted} end)" if alone else counted
    nothing = ", ".join(f"null as {name}" for name in _SHOWN[1:])
    # What goes for all pages is told once, and also where no commitment passes.
    return (
        f"with recursive {', '.join(parts)}, "
        f"whole as materialized (select (select position from head) as position, {ways['owing']} as owing_ways, "
        f"{ways['owed']} as owed_ways, {passed} as passed_ways, {counted} as unstated), "
        f"shown as ({_shown(times)}) "
        f"select * from (select whole.*, null::uuid as stream, {nothing} from whole "
        f"union all (select null, null, null, null, null, {', '.join(_SHOWN)} from shown)) as told "
        f"order by stream is not null, {order}"
    )


def _hits(times: Times, filter: Filter, side: str) -> list[str]:
    """Whose commitments count on a side; what they owe or are owed; and of what it is not stated whether they do."""
    name, role = f"{side}_side", _SIDES[side]
    children = "true" if filter.children else "false"
    tasks = ""
    if role == "owed":
        # Of two sides the tasks are those that the other one owes: there are fewer of them than of all that somebody
        # who signed much may be owed.
        only = " and b.stream = any (array(select stream from owing_hits where part = ''))"
        only = only if filter.owing is not None else ""
        signed = only or times.fill(_BY_AGREEMENT)
        whose = times.fill(_FOR_WHOM, f"o.party = f.party and {carried.REACHES}{only}", f"o.party = f.party{signed}")
        tasks = (
            f" union all select x.stream, x.part, x.party from {name} as f cross join lateral ({whose}) as x "
            f"where not {times.fill(_OWN)}"
        )
    sources = {f"{side}_hits": (role, tasks), f"{side}_unstated": ("unstated", "")}
    return [
        times.fill(carried.SIDE.format(side=name), _parameter(times, getattr(filter, side)), children),
        *(
            times.fill(_ROLE.format(name=hits, side=name, role=one, reaches=carried.REACHES), more)
            for hits, (one, more) in sources.items()
        ),
    ]


def _where(times: Times, filter: Filter) -> list[str]:
    """What a commitment has to be."""
    where = [times.fill("{holds:t}")]
    if filter.open is not None:
        where.append(f"(t.state = any ({_parameter(times, sorted(OVER))}::text[])) <> {_parameter(times, filter.open)}")
    if filter.state is not None:
        where.append(f"t.state = {_parameter(times, filter.state)}")
    for column, value in (("kind", filter.source), ("binding", filter.binding), ("direction", filter.direction)):
        if value is not None:
            where.append(f"t.{column} = {_parameter(times, value)}")
    if filter.subject is not None:
        ref = Ref.of(filter.subject)
        kinds = [kind for kind, category in SUBJECTS.items() if category == ref.category]
        where.append(f"t.stream = {_parameter(times, ref.id)} and t.kind = any ({_parameter(times, kinds)}::text[])")
    if filter.due_from is not None:
        # The same as `due_to`, where there is one: an index has this.
        where.append(f"{_BY_DUE} >= {_parameter(times, filter.due_from)} and t.due_to is not null")
    if filter.due_to is not None:
        where.append(f"t.due_from <= {_parameter(times, filter.due_to)}")
    return where


def _shown(times: Times) -> str:
    """The page's commitments with their parties, and what a task's colour rests on."""
    role = times.fill("{table:owed} as x where x.stream = page.stream and x.part = page.part and {holds:x} and x.role")
    here = "b.stream = page.stream"
    whose = times.fill(_FOR_WHOM, here, here)
    task = f"(select distinct x.party from ({whose}) as x where not {times.fill(_OWN)}) as x"
    owes, owed, task_for = (times.fill(_PARTIES, one) for one in (f"{role} = 'owes'", f"{role} = 'owed'", task))
    limits = times.fill(
        "(select json_agg(json_build_array({0})) from {table:bases} as b "
        "left join {table:thresholds} as l on b.target = 'plans/' || l.stream and {holds:l} "
        "where {holds:b} and b.stream = page.stream and split_part(b.target, '/', 1) = 'plans') as limits",
        ", ".join(f"coalesce(l.{column}, {default})" for column, default in _REGISTRY.items()),
    )
    standing = ", ".join(f"k.{column} as task_{column}" for column in _STANDING)
    return (
        f"select page.*, {owes} as obligors, case page.kind when 'task' then {task_for} else {owed} end "
        f"as beneficiaries, {standing}, {limits} from page "
        + times.fill("left join {table:tasks} as k on k.stream = page.stream and page.kind = 'task' and {holds:k}")
    )


_NAMES = msgspec.json.Decoder(list[tuple[UUID, str | None]] | None)
_TOLD = msgspec.json.Decoder(Told)
_LIMITS = msgspec.json.Decoder(list[tuple[int, int, int, Literal["calendar", "working"], int]] | None)


def _item(row: "asyncpg.Record", day: date, ways: list[Carried]) -> Commitment:
    told = _TOLD.decode(row["told"])
    obligors, beneficiaries = (
        [Named(id=id, name=name) for id, name in _NAMES.decode(row[side] or "null") or ()]
        for side in ("obligors", "beneficiaries")
    )
    colour = None
    if row["kind"] == "task" and row["task_status"] is not None:
        standing = lateness.Standing(
            status=row["task_status"],
            duty=row["task_duty"],
            deadline=row["task_deadline"],
            starts=row["task_begins"],
            share=row["task_share"],
            inspected=row["task_inspected"],
            reported=row["task_reported"],
        )
        limits = [
            lateness.Thresholds(**dict(zip(_COLUMNS, one, strict=True)))
            for one in _LIMITS.decode(row["limits"] or "null") or ()
        ]
        colour = lateness.lateness(standing, day, limits).colour
    return Commitment(
        source=Source(
            kind=row["kind"],
            subject=f"{SUBJECTS[row['kind']]}/{row['stream']}",
            part=row["part"] or None,
            label=told.label,
            title=told.title,
            text=told.text,
            said_as=told.said_as,
        ),
        state=row["state"],
        binding=row["binding"],
        direction=row["direction"],
        manner=told.manner,
        obligors=obligors,
        beneficiaries=beneficiaries,
        inferred=told.inferred,
        due=told.due,
        colour=colour,
        carried=carried.between({one.id for one in (*obligors, *beneficiaries)}, ways),
    )
