"""Which agreements are there? The list by party, kind, status, date of signing, document cited, words of a title."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.agreement import DECIDER, life, term
from service.domain.agreement.state import Agreement, Header, Kind, Pairing, Status
from service.domain.decider import Ref
from service.domain.names import FOLDING
from service.domain.values import Label, PartyId, UncertainDate
from service.projections import Row, interval, over_time
from service.projections.cursors import Number, Words
from service.projections.inputs import Inputs, Key
from service.projections.paging import (
    DAYS,
    OF_KIND,
    Condition,
    Listing,
    Sort,
    Walk,
    citing,
    forms,
    item,
    of_party,
    searchable,
    since,
)
from service.projections.pairs import index, within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Bound(Struct, frozen=True, kw_only=True, gc=False):
    """A signatory in a list: the party, its name as the paper prints it, its side, whether it has left since."""

    party: UUID
    name: str | None
    side: str | None
    left: bool


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """An agreement in a list. `title` is the one meant, else what the registry calls it; `signed` the date as known.

    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str
    kinds: tuple[Kind, ...]
    status: Status
    amended: bool
    signed: UncertainDate | None
    signatories: tuple[Bound, ...]
    declared: int | None
    pairing: Pairing | None
    instruments: int | None
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def title(header: Header) -> str:
    """What a list calls the agreement."""
    return header.title.meant if header.title is not None else header.called or ""


def summary(id: UUID, agreement: Agreement, day: date) -> Summary | None:
    """The agreement as a list shows it on `day`, None where none is registered."""
    header, declared, signed = agreement.header, agreement.declared, agreement.steps.get("signed")
    if header is None:
        return None
    # In the order of the log: the order in which a state's parts were put together is no fact.
    bound = sorted(agreement.signatories.values(), key=lambda one: (one.sources[0].sequence, one.party))
    return Summary(
        id=id,
        title=title(header),
        kinds=tuple(sorted(one.kind for one in agreement.kinds.values())),
        status=life.status(agreement, day),
        amended=life.amended(agreement),
        signed=signed.effective if signed else None,
        signatories=tuple(
            Bound(party=one.party, name=one.name.printed if one.name else None, side=one.side, left=one.left)
            for one in bound
        ),
        declared=declared.signatories if declared else None,
        pairing=declared.pairing if declared else None,
        instruments=header.instruments,
    )


def said(ref: Ref, agreement: Agreement, day: date) -> dict[Key, Row]:
    """What the list says of the agreement on `day`: one row, or none before it is registered."""
    shown, header = summary(ref.id, agreement, day), agreement.header
    if shown is None or header is None:
        return {}
    titles = [other.title for other in agreement.titles.values()] + ([header.title] if header.title else [])
    row = (
        shown.title,
        searchable({form for one in titles for form in forms(one)} | ({header.called} if header.called else set())),
        shown.status,
        shown.amended,
        *interval([shown.signed]),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(
    every=frozenset({"header", "kinds", "duplicate", "declared", "term", "steps", "titles", "signatories"}),
    some={"clauses": life.amending},
)

AGREEMENTS = over_time(
    name="agreements",
    version=6,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("titles_folded", "text not null"),
        ("status", "text not null"),
        ("amended", "bool not null"),
        ("signed_from", "date"),
        ("signed_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_agreements (recorded, stream)",
        "create index on p_agreements (status, recorded, stream)",
        "create index on p_agreements (signed_from, stream)",
        "create index on p_agreements (signed_from, stream, signed_to) where signed_from <> signed_to",
        'create index on p_agreements (title collate "C", stream)',
        index("p_agreements", "titles_folded"),
    ),
    said=said,
    inputs=INPUTS,
    expiry=term.expires,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `party` is a signatory, also one that has left since. `kind` is one of the agreement's kinds. An agreement passes
    `signed_from` and `signed_to` where its date of signing may lie in that time (both days included), which an unknown
    date does not. `document` is cited by any fact of the agreement. `q` is part of any title, or of what the registry
    calls the agreement, in any form, script and case. `meeting` is one that the agreement was signed at.
    """

    party: PartyId | None = None
    kind: Kind | None = None
    status: Status | None = None
    signed_from: date | None = None
    signed_to: date | None = None
    document: UUID | None = None
    q: Label | None = None
    meeting: UUID | None = None


Order = Literal["recorded", "-recorded", "signed", "-signed", "title", "-title"]

LIST = Listing(
    name="agreements",
    select=f"t.summary, {DAYS}",
    source="{table:agreements} as t",
    item=item,
    conditions={
        "party": of_party(
            "exists (select from {table:signings} as s where s.stream = t.stream and s.party = {0} and {holds:s})",
            walk=Walk("{table:signings} as s", "s.party = {0} and {holds:s}", {"t.recorded": "s.recorded"}),
        ),
        "kind": OF_KIND,
        "status": Condition("t.status = {0}"),
        "signed_from": since("t.signed_from", "t.signed_to", past=True),
        "signed_to": Condition("t.signed_from <= {0}"),
        "document": citing("agreements"),
        "q": within("titles_folded", indexed=True),
        "meeting": Condition(
            "exists (select from {table:links} as l where l.stream = t.stream and l.relation = 'signed_at' "
            "and l.target = {0} and {holds:l})",
            lambda meeting: f"meetings/{meeting}",
        ),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "signed": Sort("t.signed_from", date, nullable=True, span=("signed_from", "t.signed_to"), past=True),
        "title": Sort('t.title collate "C"', Words),
    },
)
"""Agreements as they stand on a day, each the JSON of a `Summary`."""
