"""Who met and signed with whom, how often? The parties of each agreement signed and of each meeting held.

The table holds memberships, not pairs: an agreement of five hundred parties is five hundred rows, which a question
joins with themselves. A party is there once, in however many roles; somebody at a meeting is there for the party that
he or she stood for, else for each organisation of the office, never for both.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain import errors
from service.domain.agreement import life
from service.domain.agreement import state as agreed
from service.domain.decider import Ref
from service.domain.meeting import state as met
from service.domain.values import PartyId, UncertainDate
from service.projections import Row, interval
from service.projections.bitemporal import bitemporal
from service.projections.cursors import Number, Pin, read, written
from service.projections.inputs import Inputs, Key, exists
from service.projections.moments import Moment, Times
from service.projections.paging import Page, seconds

if TYPE_CHECKING:
    import asyncpg

    from service.projections.moments import Connection

SIGNED = frozenset({"signed", "in_force", "expired", "terminated", "superseded"})
"""The statuses of an agreement that was signed, and that its source stands by."""

# --- The rows ---------------------------------------------------------------------------------------------------------


def whose(somebody: met.Attendance) -> Iterable[UUID]:
    """The parties that somebody was at a meeting for."""
    if somebody.party is not None:
        return (somebody.party,)
    return somebody.person.organisations if somebody.person is not None else ()


def present(meeting: met.Meeting) -> Iterable[UUID]:
    """Who met: whoever convened the meeting or was there, as such or by somebody."""
    for convener in meeting.conveners.values():
        yield convener.party
    for somebody in meeting.attendance.values():
        yield from whose(somebody)


def said(ref: Ref, state: agreed.Agreement | met.Meeting, day: date) -> dict[Key, Row]:
    """Each party that signed the agreement, or was at the meeting, and when that may have been."""
    if state.header is None:
        return {}
    if isinstance(state, met.Meeting):
        held = state.steps.get("held")
        when = interval([held.effective]) if held is not None else (None, None)
        return {(party,): ("meeting", *when) for party in present(state)} if met.status(state) == "held" else {}
    # Asked for no day, since what has expired was signed all the same.
    if life.status(state, date.min) not in SIGNED:
        return {}
    step = state.steps.get("signed")
    signed: dict[UUID, list[UncertainDate]] = {}
    for one in state.signatures.values():
        if one.effective:
            signed.setdefault(one.party, []).append(one.effective)
    told: dict[Key, Row] = {}
    for signatory in state.signatories.values():
        own = signed.get(signatory.party)
        joined = signatory.sources[0].effective
        told[(signatory.party,)] = ("agreement", *interval(own or [joined or (step.effective if step else None)]))
    return told


INPUTS = Inputs(
    every=frozenset({"duplicate", "steps"}),
    some={"header": exists},
    keys={
        "signatories": lambda one: [(one.party,)],
        "signatures": lambda one: [(one.party,)],
        "conveners": lambda one: [(one.party,)],
        "attendance": lambda one: [(party,) for party in whose(one)],
    },
)

NETWORK = bitemporal(
    name="network",
    version=1,
    categories=frozenset({"agreements", "meetings"}),
    keys=(("party", "uuid"),),
    values=(("what", "text not null"), ("day_from", "date"), ("day_to", "date")),
    indexes=("create index on p_network (party, stream)",),
    said=said,
    inputs=INPUTS,
)

# --- The question -----------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the network may be asked for; what is None is not asked.

    `party` is one of the two, and stands as `one`, with what its second records have. `kind` is that of the agreements
    and meetings to count.
    """

    party: PartyId | None = None
    kind: agreed.Kind | met.Kind | None = None


class Named(Struct, frozen=True, kw_only=True, gc=False):
    """A party, by the name that the list of parties shows; None where it is not registered on that day."""

    id: UUID
    name: str | None


class When(Struct, frozen=True, kw_only=True, gc=False):
    """A day as far as it is known: the days that it may be, both included; None is an open end."""

    earliest: date | None
    latest: date | None


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
_PAIRS = """
select {one} as one, coalesce(t.party, b.party) as other,
  count(distinct a.stream) filter (where a.what = 'agreement') as agreements,
  count(distinct a.stream) filter (where a.what = 'meeting') as meetings,
  min(greatest(a.day_from, b.day_from)) as first_from, min(greatest(a.day_to, b.day_to)) as first_to,
  max(greatest(a.day_from, b.day_from)) as last_from, max(greatest(a.day_to, b.day_to)) as last_to
from {table:network} as a join {table:network} as b on b.stream = a.stream and {holds:b}
  {all} left join stands as t on t.stream = b.party
where {holds:a}"""
_ALL = "left join stands as s on s.stream = a.party"
_KIND = "exists (select from {table:kinds} as k where k.stream = a.stream and k.kind = {0} and {stands:k})"
_NAME = "(select n.name from {{table:parties}} as n where n.stream = pairs.{} and {{holds:n}})"


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


def tables(filter: Filter) -> frozenset[str]:
    """The projections that a question with this filter reads."""
    more = {"kinds"} if filter.kind is not None else set()
    return frozenset({"network", "parties", "successions"} | more)


async def page(
    connection: "Connection",
    filter: Filter,
    day: date,
    known: int,
    *,
    limit: int,
    after: Place | None = None,
    sort: Order = "-count",
    asked: tuple[Any, ...] = (),
) -> Page[Pair]:
    """Pairs of parties on `day`, as known at the position `known`, by how often; of two as often, by their ids.

    `asked` is what else the cursor of the next page belongs to.
    """
    times = Times(Moment(day, known))

    def parameter(value: Any) -> str:
        times.values.append(value)
        return f"${len(times.values)}"

    one, all = "coalesce(s.party, a.party)", _ALL
    where = f" and {one} < coalesce(t.party, b.party)"
    if filter.party is not None:
        second = await seconds(connection, [filter.party], Moment(day, known))
        one, all = f"{parameter(filter.party)}::uuid", ""
        own = f"({parameter([filter.party, *second.get(filter.party, ())])}::uuid[])"
        where = f" and a.party = any{own} and b.party <> all{own}"
    pairs = times.fill(_PAIRS.replace("{one}", one).replace("{all}", all)) + where
    pairs += f" and {times.fill(_KIND, parameter(filter.kind))}" if filter.kind is not None else ""
    value, descending = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    beyond = ""
    if after is not None:
        at, one, other = parameter(after.value), parameter(after.one), parameter(after.other)
        further = "<" if descending else ">"
        beyond = f"where {value} {further} {at} or ({value} = {at} and (one, other) > ({one}, {other}))"
    names = ", ".join(f"{times.fill(_NAME.format(side))} as {side}_name" for side in ("one", "other"))
    found = await connection.fetch(
        f"{times.fill(_STANDS)} select pairs.*, {value} as sort_value, {names} "
        f"from ({pairs} group by 1, 2) as pairs {beyond} "
        f"order by {value} {'desc' if descending else 'asc'}, one, other limit {parameter(limit + 1)}",
        *times.values,
    )
    items = [_pair(row) for row in found[:limit]]
    if len(found) <= limit:
        return Page(items, None)
    last = found[limit - 1]
    mark = _mark(filter, sort, asked)
    return Page(items, written(Place(mark, day, known, last["sort_value"], last["one"], last["other"])))


def _mark(filter: Filter, sort: Order, asked: tuple[Any, ...]) -> bytes:
    """What a cursor belongs to."""
    return hashlib.blake2b(msgspec.json.encode(("network", sort, filter, *asked)), digest_size=8).digest()


def _pair(row: "asyncpg.Record") -> Pair:
    return Pair(
        one=Named(id=row["one"], name=row["one_name"]),
        other=Named(id=row["other"], name=row["other_name"]),
        agreements=row["agreements"],
        meetings=row["meetings"],
        first=_when(row["first_from"], row["first_to"]),
        last=_when(row["last_from"], row["last_to"]),
    )


def _when(earliest: date | None, latest: date | None) -> When | None:
    if earliest is None or latest is None:
        return None
    return When(
        earliest=None if earliest == date.min else earliest,
        latest=None if latest == date.max else latest,
    )
