"""Whose commitments are also a party's: those of whom it came after, and those that stand under it.

A party came after another that was split, merged into it or replaced by it, or of which it is the record that stands
for both, unless a source says that obligations did not pass. Of a party that went on after a split, or may have, only
what may have begun by then passes.
"""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct


class Named(Struct, frozen=True, kw_only=True, gc=False):
    """A party, by the name that the list of parties shows; None where it is not registered on that day."""

    id: UUID
    name: str | None


class When(Struct, frozen=True, kw_only=True, gc=False):
    """A day as far as it is known: the days that it may be, both included; None is an open end."""

    earliest: date | None
    latest: date | None


class Carried(Struct, frozen=True, kw_only=True, gc=False):
    """Why a party's commitment is also another's: how that one came after it, when, and which event says so.

    `how` is split, merged or replaced, `duplicate` where `party` is a second record, `child` where it stands under the
    other. `carries` is None where no source says whether obligations passed; they are taken to.
    """

    party: Named
    to: Named
    how: Literal["split", "merged", "replaced", "duplicate", "child"]
    date: When | None
    carries: bool | None
    sequence: int | None


SIDE = """{side} (party, to_party, how, carries, day_from, day_to, recorded, until) as (
  select {{0}}::uuid, null::uuid, null::text, null::boolean, null::date, null::date, null::bigint, null::date
  union
  select m.* from {side} as f cross join lateral (
    select s.stream, f.party, s.how, s.carries, s.day_from, s.day_to, s.recorded,
      case when s.how = 'split' and s.survives is not false then least(f.until, s.day_to) else f.until end
    from {{table:successions}} as s where s.successor = f.party and s.carries is not false and {{holds:s}}
    union all
    select c.stream, f.party, 'child', null, null, null, null, f.until
    from {{table:parties}} as c where {{1}} and c.parent = f.party and {{holds:c}}
  ) as m (party, to_party, how, carries, day_from, day_to, recorded, until)
)"""
"""A party, with all whose commitments are its own as well; each way there is a row, so that circles end."""

REACHES = "(f.until is null or o.since is null or o.since <= f.until)"

NAMED = "json_build_array({0}, (select n.name from {{table:parties}} as n where n.stream = {0} and {{holds:n}}))"
WAYS = f"""(select json_agg(json_build_array({NAMED.format("w.party")}, {NAMED.format("w.to_party")}, w.how,
  w.day_from, w.day_to, w.carries, w.recorded) order by w.recorded, w.party, w.to_party)
  from {{0}} as w where w.to_party is not null)"""
PASSED = """(select w.stream as party, w.successor as to_party, w.how, w.day_from, w.day_to, w.carries, w.recorded
  from {table:successions} as w where w.stream = any({0}::uuid[]) and w.carries is not false and {holds:w})"""

AFTER = PASSED.replace(" and w.carries is not false", "")
"""The same, whether obligations passed or a source says that they did not."""

_WAYS = msgspec.json.Decoder(list[tuple[Any, ...]] | None)


def ways(found: str | None) -> list[Carried]:
    """The ways to those whose commitments are counted as well."""
    return [
        Carried(
            party=Named(id=UUID(party[0]), name=party[1]),
            to=Named(id=UUID(to[0]), name=to[1]),
            how=how,
            date=when(earliest, latest),
            carries=carries,
            sequence=sequence,
        )
        for party, to, how, earliest, latest, carries, sequence in _WAYS.decode(found or "null") or ()
    ]


def when(earliest: str | None, latest: str | None) -> When | None:
    if earliest is None or latest is None:
        return None
    return When(
        earliest=None if earliest == "-infinity" else date.fromisoformat(earliest),
        latest=None if latest == "infinity" else date.fromisoformat(latest),
    )


def between(named: set[UUID], ways: list[Carried]) -> list[Carried]:
    """The ways from the parties that a source names to those asked for."""
    reached = set(named)
    while more := {one.to.id for one in ways if one.party.id in reached} - reached:
        reached |= more
    return [one for one in ways if one.party.id in reached]
