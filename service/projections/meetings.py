"""Which meetings are there? The list by party, body, kind, status, day, document cited and title."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.meeting import DECIDER
from service.domain.meeting.state import Convening, Kind, Meeting, Status, status, title
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
    citing,
    forms,
    item,
    of_party,
    searchable,
    since,
)
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Called(Struct, frozen=True, kw_only=True, gc=False):
    """Who convened a meeting in a list: the party, its name as a source prints it, and as what it did."""

    party: UUID
    name: str | None
    role: Convening | None


class Session(Struct, frozen=True, kw_only=True, gc=False):
    """The body that a meeting in a list is a session of, and the how many-th, of which term."""

    body: UUID
    term: int | None
    number: int | None


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A meeting in a list. `title` is the one meant, else what the registry calls it; `held` the day as it is known.

    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str
    kinds: tuple[Kind, ...]
    status: Status
    within: UUID | None
    held: UncertainDate | None
    planned: UncertainDate | None
    place: str | None
    venue: UUID | None
    sessions: tuple[Session, ...]
    conveners: tuple[Called, ...]
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def summary(id: UUID, meeting: Meeting) -> Summary | None:
    """The meeting as a list shows it, None where none is registered."""
    header, held, announced = meeting.header, meeting.steps.get("held"), meeting.steps.get("announced")
    if header is None:
        return None
    step = held or announced
    # In the order of the log: the order in which a state's parts were put together is no fact.
    conveners = sorted(meeting.conveners.values(), key=lambda one: (one.sources[0].sequence, one.party, one.role or ""))
    sessions = sorted(meeting.sessions.values(), key=lambda one: (one.sources[0].sequence, one.body))
    return Summary(
        id=id,
        title=title(header),
        kinds=tuple(sorted(one.kind for one in meeting.kinds.values())),
        status=status(meeting),
        within=header.within,
        held=held.effective if held else None,
        planned=announced.planned if announced else None,
        place=step.place if step else None,
        venue=step.venue if step else None,
        sessions=tuple(Session(body=one.body, term=one.term, number=one.number) for one in sessions),
        conveners=tuple(
            Called(party=one.party, name=one.name.printed if one.name else None, role=one.role) for one in conveners
        ),
    )


def said(ref: Ref, meeting: Meeting, day: date) -> dict[Key, Row]:
    """What the list says of the meeting: one row, or none before it is registered."""
    shown, header = summary(ref.id, meeting), meeting.header
    if shown is None or header is None:
        return {}
    titles = [other.title for other in meeting.titles.values()] + ([header.title] if header.title else [])
    row = (
        shown.title,
        searchable({form for one in titles for form in forms(one)} | ({header.called} if header.called else set())),
        shown.status,
        *interval([shown.held]),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(every=frozenset({"header", "kinds", "duplicate", "steps", "titles", "sessions", "conveners"}))

MEETINGS = over_time(
    name="meetings",
    version=3,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("titles_folded", "text not null"),
        ("status", "text not null"),
        ("held_from", "date"),
        ("held_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_meetings (recorded, stream)",
        "create index on p_meetings (status, recorded, stream)",
        "create index on p_meetings (held_from, stream)",
        "create index on p_meetings (held_from, stream, held_to) where held_from <> held_to",
        'create index on p_meetings (title collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `party` convened the meeting or was there: as such, by its people, by somebody in its place or from it. `body` is
    the one that the meeting is a session of. `kind` is one of the meeting's kinds. A meeting passes `held_from` and
    `held_to` where the day that it was held on may lie in that time (both days included), which an unknown one does
    not. `document` is cited by any fact of the meeting. `q` is part of any title, or of what the registry calls the
    meeting, in any form, script and case.
    """

    party: PartyId | None = None
    body: PartyId | None = None
    kind: Kind | None = None
    status: Status | None = None
    held_from: date | None = None
    held_to: date | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "held", "-held", "title", "-title"]

LIST = Listing(
    name="meetings",
    select=f"t.summary, {DAYS}",
    source="{table:meetings} as t",
    item=item,
    conditions={
        "party": of_party(
            "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} "
            "and i.part in ('convener', 'attending') and {holds:i})"
        ),
        "body": of_party(
            "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} "
            "and i.part = 'body' and {holds:i})"
        ),
        "kind": OF_KIND,
        "status": Condition("t.status = {0}"),
        "held_from": since("t.held_from", "t.held_to"),
        "held_to": Condition("t.held_from <= {0}"),
        "document": citing("meetings"),
        "q": within("titles_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "held": Sort("t.held_from", date, nullable=True, span=("held_from", "t.held_to")),
        "title": Sort('t.title collate "C"', Words),
    },
)
"""Meetings as they stand on a day, each the JSON of a `Summary`."""
