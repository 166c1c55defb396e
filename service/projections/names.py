"""Whose name is that? Every name of each party in each form, folded; and the party that a name means.

A name that stands on the record of a duplicate means the party whose record stands for both.
"""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING, fold
from service.domain.party import DECIDER
from service.domain.party.state import Party, names
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key
from service.projections.moments import Moment, Times

if TYPE_CHECKING:
    from service.projections.moments import Connection

STANDING = frozenset({"active", "proposed", "split"})
"""Statuses of a party that may be meant as it is now. A `split` one may have survived."""


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """The party's names, without rows' values: a name is there or it is not."""
    return {(fold(name),): () for name in names(party)} if party.header is not None else {}


INPUTS = Inputs(every=frozenset({"header", "names", "aliases"}))

NAMES = over_time(
    name="names",
    version=1,
    deciders=(DECIDER,),
    keys=(("name", "text"),),
    indexes=('create index on p_names (name collate "C", stream)',),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)


class Meant(Struct, frozen=True, kw_only=True, gc=False):
    """A party that a name may mean, by its name now."""

    id: UUID
    name: str
    status: str


TABLES = frozenset({"names", "parties", "successions"})
"""The projections that a name is looked up in."""

_MEANT = """
with recursive found (stream) as (
  select n.stream from {table:names} as n where n.name collate "C" = {0} and {holds:n}
  union
  select s.successor from found as f join {table:successions} as s
    on s.stream = f.stream and s.how = 'duplicate' and {holds:s}
)
select p.stream, p.name, p.status from found as f join {table:parties} as p on p.stream = f.stream and {holds:p}
order by p.recorded, p.stream limit 1000"""


async def meant(connection: "Connection", name: str, day: date, known: int | None = None) -> list[Meant]:
    """The parties that a name may mean on a day: those that stand, where some do, else those that have ended.

    Of several that stand, the one that is called so then, as it is written, where that is one alone.
    """
    times = Times(Moment(day, known))
    text = times.fill(_MEANT, f"${len(times.values) + 1}")
    found = [
        Meant(id=row["stream"], name=row["name"], status=row["status"])
        for row in await connection.fetch(text, *times.values, fold(name))
    ]
    real = [one for one in found if one.status != "duplicate"] or found
    standing = [one for one in real if one.status in STANDING]
    written = [one for one in standing if one.name == name]
    return written if len(written) == 1 else standing or real
