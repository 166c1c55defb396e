"""Who signed what? A party's agreements, with its side, its role, who signed for it, and when."""

from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.agreement import DECIDER
from service.domain.agreement.state import Agreement, Kind, Signatory, Signature, Status
from service.domain.decider import Ref
from service.domain.values import PartyId, Person, PrintedName, UncertainDate
from service.projections import Row, interval, over_time
from service.projections.inputs import Inputs, Key
from service.projections.paging import DAYS, Condition, Listing, Sort, days, of_party

if TYPE_CHECKING:
    import asyncpg

# --- The rows ---------------------------------------------------------------------------------------------------------


class Act(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A party's signing: under which name, by whom, on which dates (a second date where a second person signed then).

    Where no signature of the party has a date, the date is the agreement's.
    """

    name: PrintedName | None = None
    representatives: tuple[Person, ...] = ()
    signed: tuple[UncertainDate, ...] = ()
    withdrawn: UncertainDate | None = None


def act(agreement: Agreement, signatory: Signatory, own: list[Signature]) -> Act:
    """What the agreement says of the signatory's signing, with its own signatures."""
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


def said(ref: Ref, agreement: Agreement, day: date) -> dict[Key, Row]:
    """What the agreement says of each signatory."""
    if agreement.header is None:
        return {}
    signed: dict[UUID, list[Signature]] = {}
    for signature in agreement.signatures.values():
        signed.setdefault(signature.party, []).append(signature)
    held = {one.party: (one, act(agreement, one, signed.get(one.party, []))) for one in agreement.signatories.values()}
    return {
        (party,): (
            one.side,
            one.role,
            one.name.printed if one.name else None,
            *interval(done.signed),
            one.left,
            agreement.header.sources[0].sequence,
            msgspec.json.encode(done),
        )
        for party, (one, done) in held.items()
    }


INPUTS = Inputs(
    every=frozenset({"header", "steps"}),
    keys={"signatories": lambda one: [(one.party,)], "signatures": lambda one: [(one.party,)]},
)

SIGNINGS = over_time(
    name="signings",
    version=2,
    deciders=(DECIDER,),
    keys=(("party", "uuid"),),
    values=(
        ("side", "text"),
        ("role", "text"),
        ("name", "text"),
        ("signed_from", "date"),
        ("signed_to", "date"),
        ("departed", "bool not null"),
        ("recorded", "bigint not null"),
        ("act", "bytea not null"),
    ),
    indexes=(
        "create index on p_signings (party, signed_from, stream)",
        "create index on p_signings (party, recorded, stream)",
    ),
    said=said,
    inputs=INPUTS,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """Whose agreements; those of a status, where one is given."""

    party: PartyId
    status: Status | None = None


class Signing(Struct, frozen=True, kw_only=True, gc=False):
    """An agreement of a party, with what the party has to do with it. `left`: it has withdrawn from the agreement.

    `uncertain` points into the agreement, with a part's key in the place of an index, to what rests on a date that the
    day lies within; from `changes_on` on the list says otherwise.
    """

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
    uncertain: tuple[str, ...]
    changes_on: date | None


Order = Literal["signed", "-signed"]

_ACT = msgspec.json.Decoder(Act)


def _item(row: "asyncpg.Record") -> Signing:
    done = _ACT.decode(row["act"])
    uncertain, changes_on = days(min(row["ends"], row["holds_to"]), row["unsure"])
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
        uncertain=uncertain,
        changes_on=changes_on,
    )


LIST = Listing(
    name="signings",
    select="a.title, array(select k.kind from {table:kinds} as k where k.stream = t.stream and {stands:k} "
    f"order by k.kind) as kinds, a.status, t.side, t.role, t.departed, t.act, a.ends as holds_to, {DAYS}",
    source="{table:signings} as t join {table:agreements} as a on a.stream = t.stream and {holds:a}",
    item=_item,
    conditions={
        # Of a party and a second record of it that both stand in an agreement, one is told.
        "party": of_party(
            "t.party = {0} and not exists (select from {table:signings} as o where o.stream = t.stream "
            "and o.party = {0} and o.party < t.party and {holds:o})"
        ),
        "status": Condition("a.status = {0}"),
    },
    sorts={"signed": Sort("t.signed_from", date, nullable=True)},
)
"""A party's agreements as they stand on a day, by date of signing."""
