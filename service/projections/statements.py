"""What was said? The list of statements by kind, status, party, topic, meeting, day, document cited and words."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING, fold
from service.domain.participants import shown as shown_as
from service.domain.statement import DECIDER
from service.domain.statement.state import Kind, Role, Statement, Status, status
from service.domain.values import Label, PartyId, Subject, Text, UncertainDate
from service.projections import Row, interval, over_time
from service.projections.cursors import Number
from service.projections.inputs import Inputs, Key, exists
from service.projections.paging import DAYS, Condition, Listing, Sort, citing, item, of_party, since
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Voice(Struct, frozen=True, kw_only=True, gc=False):
    """Who spoke, for whom or to whom, in a list: the name meant, the title, the party, those of the person's office."""

    role: Role
    name: str
    title: str | None
    party: UUID | None
    organisations: tuple[UUID, ...]


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A statement in a list. `text` is in words of our own; `made` the day as known, `due` by when it is to be.

    `performers` are bound only by a promise. `uncertain` points into the thing itself, with a part's key in the place
    of an index, to what rests on a date that the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    text: Text
    kind: Kind | None
    status: Status
    made: UncertainDate | None
    meeting: UUID | None
    participants: tuple[Voice, ...]
    performers: tuple[UUID, ...]
    beneficiaries: tuple[UUID, ...]
    due: UncertainDate | None
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def summary(id: UUID, statement: Statement) -> Summary | None:
    """The statement as a list shows it, None where none is registered."""
    header, made, owed = statement.header, statement.steps.get("made"), statement.performance
    if header is None:
        return None
    # In the order of the log: the order in which a state's parts were put together is no fact.
    voices = sorted(statement.participants.items(), key=lambda item: (item[1].sources[0].sequence, item[0]))
    return Summary(
        id=id,
        text=header.text,
        kind=header.kind,
        status=status(statement),
        made=made.effective if made else None,
        meeting=made.meeting if made else None,
        participants=tuple(
            Voice(
                role=one.role,
                name=shown_as(one),
                title=one.person.title if one.person else None,
                party=one.party,
                organisations=one.person.organisations if one.person else (),
            )
            for _, one in voices
        ),
        performers=owed.performers if owed else (),
        beneficiaries=owed.beneficiaries if owed else (),
        due=owed.due if owed else None,
    )


def said(ref: Ref, statement: Statement, day: date) -> dict[Key, Row]:
    """What the list says of the statement: one row, or none before it is registered."""
    shown, header = summary(ref.id, statement), statement.header
    if shown is None or header is None:
        return {}
    row = (
        fold(shown.text),
        shown.kind,
        shown.status,
        shown.meeting,
        *interval([shown.made]),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "steps", "participants", "performance"}), some={"uptakes": exists}
)

STATEMENTS = over_time(
    name="statements",
    version=3,
    deciders=(DECIDER,),
    values=(
        ("text_folded", "text not null"),
        ("kind", "text"),
        ("status", "text not null"),
        ("meeting", "uuid"),
        ("made_from", "date"),
        ("made_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_statements (recorded, stream)",
        "create index on p_statements (kind, recorded, stream)",
        "create index on p_statements (status, recorded, stream)",
        "create index on p_statements (meeting, recorded, stream)",
        "create index on p_statements (made_from, stream)",
        "create index on p_statements (made_from, stream, made_to) where made_from <> made_to",
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `speaker`, `on_behalf` and `to` are parties that spoke, were spoken for or spoken to: as such, by their people, by
    somebody in their place or from them; `performer` is to do it, `beneficiary` is whom it is to be done for. `party`
    has to do with it in any of these ways, or is what it is about; `about` is any thing that it is about, by its
    subject. `meeting` is where it was said. A statement passes `made_from` and `made_to` where the day that it was made
    on may lie in that time (both days included), which an unknown one does not. `document` is cited by any fact of the
    statement. `q` is part of its text, in any script and case.
    """

    kind: Kind | None = None
    status: Status | None = None
    party: PartyId | None = None
    speaker: PartyId | None = None
    on_behalf: PartyId | None = None
    to: PartyId | None = None
    performer: PartyId | None = None
    beneficiary: PartyId | None = None
    about: Subject | None = None
    meeting: UUID | None = None
    document: UUID | None = None
    made_from: date | None = None
    made_to: date | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "made", "-made"]

_INVOLVED = "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} and {holds:i}"
_ABOUT = (
    "exists (select from {table:links} as l where l.stream = t.stream and l.target = {0} and l.relation = 'about' "
    "and {holds:l})"
)

LIST = Listing(
    name="statements",
    select=f"t.summary, {DAYS}",
    source="{table:statements} as t",
    item=item,
    conditions={
        "kind": Condition("t.kind = {0}"),
        "status": Condition("t.status = {0}"),
        "party": of_party(_INVOLVED + ")"),
        "speaker": of_party(_INVOLVED + " and i.part = 'speaker')"),
        "on_behalf": of_party(_INVOLVED + " and i.part = 'principal')"),
        "to": of_party(_INVOLVED + " and i.part = 'addressee')"),
        "performer": of_party(_INVOLVED + " and i.part = 'performer')"),
        "beneficiary": of_party(_INVOLVED + " and i.part = 'beneficiary')"),
        "about": Condition(_ABOUT),
        "meeting": Condition("t.meeting = {0}"),
        "document": citing("statements"),
        "made_from": since("t.made_from", "t.made_to"),
        "made_to": Condition("t.made_from <= {0}"),
        "q": within("text_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "made": Sort("t.made_from", date, nullable=True, span=("made_from", "t.made_to")),
    },
)
"""Statements as they stand on a day, each the JSON of a `Summary`."""
