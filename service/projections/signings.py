"""Who signed what? A party's agreements, with its side, its role, who signed for it, and when."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.agreement import DECIDER
from service.domain.agreement.state import Agreement, Kind, Signatory, Status
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.values import Person, PrintedName, UncertainDate
from service.projections import Projection, Row, interval, segments, timeline
from service.projections.paging import Condition, Listing, Page, Sort

if TYPE_CHECKING:
    import asyncpg

    from service.projections.paging import Connection

# --- The rows ---------------------------------------------------------------------------------------------------------


class Act(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A party's signing: under which name, by whom, on which dates (a second date where a second person signed then).

    Where no signature of the party has a date, the date is the agreement's.
    """

    name: PrintedName | None = None
    representatives: tuple[Person, ...] = ()
    signed: tuple[UncertainDate, ...] = ()
    withdrawn: UncertainDate | None = None


def act(agreement: Agreement, signatory: Signatory) -> Act:
    """What the agreement says of the signatory's signing."""
    own = [one for one in agreement.signatures.values() if one.party == signatory.party]
    own.sort(key=lambda one: (one.sources[0].sequence, one.representative.name.printed))
    dates = tuple(dict.fromkeys(one.effective for one in own if one.effective is not None))
    step = agreement.steps.get("signed")
    if not dates and step is not None and step.effective is not None:
        dates = (step.effective,)
    return Act(
        name=signatory.name,
        representatives=tuple(one.representative for one in own),
        signed=dates,
        withdrawn=signatory.withdrawn,
    )


def said(agreement: Agreement) -> dict[UUID, Row]:
    """What the agreement says of each signatory."""
    if agreement.header is None:
        return {}
    held = {one.party: (one, act(agreement, one)) for one in agreement.signatories.values()}
    return {
        party: (
            one.side,
            one.role,
            one.name.printed if one.name else None,
            *interval(done.signed),
            one.left,
            msgspec.json.encode(done),
        )
        for party, (one, done) in held.items()
    }


def rows(ref: Ref, stream: Folded[Agreement]) -> Iterator[Row]:
    """For each signatory one row for each span of days on which the same holds of it."""
    pieces = ((starts, ends, said(agreement)) for starts, ends, agreement in segments(DECIDER, stream))
    for party, segment, starts, ends, row in timeline(pieces):
        yield ref.id, party, segment, starts, ends, *row


def inputs(agreement: Agreement) -> tuple[object, ...]:
    """What of an agreement the rows are made of."""
    return agreement.header is None, agreement.steps, agreement.signatories, agreement.signatures


SIGNINGS = Projection(
    name="signings",
    version=1,
    categories=frozenset({"agreements"}),
    columns=(
        ("stream", "uuid"),
        ("party", "uuid"),
        ("segment", "smallint"),
        ("starts", "date not null"),
        ("ends", "date not null"),
        ("side", "text"),
        ("role", "text"),
        ("name", "text"),
        ("signed_from", "date"),
        ("signed_to", "date"),
        ("departed", "bool not null"),
        ("act", "bytea not null"),
    ),
    key=3,
    indexes=("create index on p_signings (party, signed_from, stream)",),
    rows=rows,
    inputs=inputs,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """Whose agreements; those of a status, where one is given."""

    party: UUID
    status: Status | None = None


class Signing(Struct, frozen=True, kw_only=True, gc=False):
    """An agreement of a party, with what the party has to do with it. `left`: it has withdrawn from the agreement."""

    agreement: UUID
    title: str
    kinds: tuple[Kind, ...]
    status: Status
    side: str | None
    role: str | None
    name: PrintedName | None
    representatives: tuple[Person, ...]
    signed: tuple[UncertainDate, ...]
    left: bool
    withdrawn: UncertainDate | None


Order = Literal["signed", "-signed"]

_ACT = msgspec.json.Decoder(Act)


def _item(row: "asyncpg.Record") -> Signing:
    done = _ACT.decode(row["act"])
    return Signing(
        agreement=row["sort_stream"],
        title=row["title"],
        kinds=tuple(row["kinds"]),
        status=row["status"],
        side=row["side"],
        role=row["role"],
        name=done.name,
        representatives=done.representatives,
        signed=done.signed,
        left=row["departed"],
        withdrawn=done.withdrawn,
    )


_LIST = Listing(
    name="signings",
    select="a.title, array(select k.kind from p_kinds as k where k.stream = t.stream order by k.kind) as kinds, "
    "a.status, t.side, t.role, t.departed, t.act",
    source="p_signings as t join p_agreements as a on a.stream = t.stream and a.starts <= $1 and $1 < a.ends",
    item=_item,
    conditions={"party": Condition("t.party = {0}"), "status": Condition("a.status = {0}")},
    sorts={"signed": Sort("t.signed_from", date, nullable=True)},
)


async def page(
    connection: "Connection",
    filter: Filter,
    today: date,
    *,
    limit: int,
    cursor: str | None = None,
    sort: Order = "signed",
) -> Page[Signing]:
    """A page of a party's agreements as they stand on `today`, by date of signing. Raises errors.BadCursor."""
    return await _LIST.page(connection, filter, today, limit=limit, cursor=cursor, sort=sort)
