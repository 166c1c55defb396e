"""Which parties are there? The list by kind, status, parent, membership, official code, document cited and name."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING, fold
from service.domain.party import DECIDER
from service.domain.party.directory import Entry
from service.domain.party.state import Kind, Party, Status, names, status
from service.domain.values import Label, PartyId
from service.projections import Row, over_time
from service.projections.cursors import Number, Words
from service.projections.inputs import Inputs, Key
from service.projections.moments import Moment, Times
from service.projections.paging import DAYS, SEPARATOR, Condition, Listing, Sort, citing, item, of_party, searchable

if TYPE_CHECKING:
    from service.projections.moments import Connection

# --- The rows ---------------------------------------------------------------------------------------------------------


class Successor(Struct, frozen=True, kw_only=True, gc=False):
    """Who came after a party, or stands for it, as `duplicate`; and whether its obligations passed, None for unsaid."""

    party: UUID
    how: Literal["split", "merged", "replaced", "duplicate"]
    carries: bool | None = None


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A party in a list. `name` is the one meant, `identifiers` its official codes, such as `division_code:371500`.

    `succeeded_by` are those that came after it, and the record that stands for a second one. `uncertain` points into
    the thing itself, with a part's key in the place of an index, to what rests on a date that the day lies within; from
    `changes_on` on the list says otherwise.
    """

    id: UUID
    name: str
    kind: Kind
    status: Status
    parent: UUID | None
    aliases: tuple[str, ...]
    identifiers: tuple[str, ...]
    succeeded_by: tuple[Successor, ...]
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def succeeded_by(party: Party) -> tuple[Successor, ...]:
    """Those that came after the party in any way, in one order."""
    told = [
        Successor(party=one, how=step.step, carries=step.carries)
        for step in party.steps.values()
        if step.step in {"split", "merged", "replaced"}
        for one in step.into
    ]
    told += [Successor(party=party.duplicate.into, how="duplicate")] if party.duplicate is not None else []
    return tuple(sorted(told, key=lambda one: (one.how, one.party)))


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """What the list says of the party on `day`: one row, or none before it is registered."""
    header = party.header
    if header is None:
        return {}
    shown = Summary(
        id=ref.id,
        name=header.name.meant,
        kind=header.kind,
        status=status(party, day),
        parent=header.parent,
        # Sorted: the order in which a state's parts were put together is no fact.
        aliases=tuple(sorted(party.aliases)),
        identifiers=tuple(sorted(party.identifiers)),
        succeeded_by=succeeded_by(party),
    )
    row = (
        shown.name,
        searchable(set(names(party))),
        shown.kind,
        shown.status,
        shown.parent,
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(every=frozenset({"header", "duplicate", "steps", "names", "aliases", "identifiers"}))

PARTIES = over_time(
    name="parties",
    version=3,
    deciders=(DECIDER,),
    values=(
        ("name", "text not null"),
        ("names_folded", "text not null"),
        ("kind", "text not null"),
        ("status", "text not null"),
        ("parent", "uuid"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_parties (recorded, stream)",
        "create index on p_parties (kind, recorded, stream)",
        "create index on p_parties (status, recorded, stream)",
        "create index on p_parties (parent, recorded, stream)",
        'create index on p_parties (name collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `member_of` is a party that this one belongs to and has not left. `identifier` is an official code, with its scheme
    (`division_code:371500`) or bare. `document` is cited by any fact of the party. `q` is part of any name that it has
    or had, or of an alias, in any script and case; a name of a second record finds the one that stands for both too.
    """

    kind: Kind | None = None
    status: Status | None = None
    parent: PartyId | None = None
    member_of: PartyId | None = None
    identifier: Label | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "name", "-name"]

_STANDS_FOR = """
with recursive found (stream) as (
  select s.successor from {table:successions} as s join {table:parties} as d on d.stream = s.stream and {holds:d}
    where s.how = 'duplicate' and {holds:s} and strpos(d.names_folded, {0}) > 0
  union
  select s.successor from found as f join {table:successions} as s on s.stream = f.stream
    where s.how = 'duplicate' and {holds:s}
)
select stream from found"""

LIST = Listing(
    name="parties",
    select=f"t.summary, {DAYS}",
    source="{table:parties} as t",
    item=item,
    conditions={
        "kind": Condition("t.kind = {0}"),
        "status": Condition("t.status = {0}"),
        "parent": of_party("t.parent = {0}"),
        "member_of": of_party(
            "exists (select from {table:members} as m where m.member = t.stream and m.stream = {0} and {holds:m})"
        ),
        "identifier": Condition(
            "exists (select from {table:identifiers} as i where i.stream = t.stream and i.code = {0} and {holds:i})"
        ),
        "document": citing("parties"),
        "q": Condition("(strpos(t.names_folded, {0}) > 0 or t.stream in (" + _STANDS_FOR + "))", fold),
    },
    sorts={"recorded": Sort("t.recorded", Number), "name": Sort('t.name collate "C"', Words)},
)
"""Parties as they stand on a day, each the JSON of a `Summary`."""


async def called(connection: "Connection", ids: Iterable[UUID], day: date, known: int | None = None) -> dict[UUID, str]:
    """The name of each party among these ids, which may be those of anything, on a day; as known at a position."""
    times = Times(Moment(day, known))
    text = times.fill(
        "select t.stream, t.name from {table:parties} as t where t.stream = any({0}::uuid[]) and {holds:t}",
        f"${len(times.values) + 1}",
    )
    return {row["stream"]: row["name"] for row in await connection.fetch(text, *times.values, list(ids))}


async def directory(connection: "Connection", day: date) -> list[Entry]:
    """Every party of a day, as it is looked up by name."""
    found = await connection.fetch(_DIRECTORY, day)
    standing = {"active", "proposed", "split"}
    return [
        Entry(
            id=row["stream"],
            name=row["name"],
            forms=tuple(row["names_folded"].split(SEPARATOR)),
            parent=row["parent"],
            ended=row["status"] not in standing or row["divided"],
            after=tuple(row["after"]),
        )
        for row in found
    ]


# `split` is the status of what may have survived its division, and of what did not.
_DIRECTORY = """
select stream, name, names_folded, status, parent,
  status = 'split' and exists (select from p_successions as s where s.stream = p.stream and s.how = 'split'
    and s.survives is false and s.starts <= $1 and $1 < s.ends and coalesce(s.day_from, $1) <= $1) as divided,
  array(select distinct s.successor from p_successions as s
    where s.stream = p.stream and s.starts <= $1 and $1 < s.ends order by s.successor) as after
from p_parties as p where starts <= $1 and $1 < ends"""
