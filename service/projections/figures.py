"""Which figures are there? The list by metric, status, party, meeting, plan, thing counted, period, document, words."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.figure import DECIDER
from service.domain.figure.state import (
    Claim,
    Figure,
    Role,
    Sort,
    Status,
    as_told,
    claims_of,
    from_above,
    status,
    title,
    told_at,
)
from service.domain.names import FOLDING
from service.domain.values import Count, Label, Magnitude, PartyId, Period, Quantity, Subject
from service.projections import Row, over_time, paging
from service.projections.cursors import Number, Words
from service.projections.inputs import Inputs, Key
from service.projections.paging import DAYS, Condition, Listing, citing, item, of_party, searchable
from service.projections.pairs import within

PARTS = 12
"""Claims of items that a list shows of a figure: a funnel and its categories. One may have a thousand."""

# --- The rows ---------------------------------------------------------------------------------------------------------


class About(Struct, frozen=True, kw_only=True, gc=False):
    """Whom a figure in a list is about: as what, the party, its name as a source prints it, or the unnamed group."""

    role: Role
    party: UUID | None
    name: str | None
    group: str | None


class Said(Struct, frozen=True, kw_only=True, gc=False):
    """What a source says of the whole, in a list."""

    claim: UUID
    count: Magnitude | None
    sum: Magnitude | None
    quantity: Quantity | None
    was: Quantity | None
    change: Quantity | None
    compared: str | None
    rank: Count | None
    among: str | None
    categories: Count | None


class OfItem(Said, frozen=True, kw_only=True, gc=False):
    """What a source says of an item, in a list: which one, as what it stands in the figure, and what it is."""

    item: UUID
    sort: Sort
    label: str | None


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A figure in a list. `title` is what the registry calls it, else its metric; `claims` are those of the whole.

    `parts` are the first 12 claims of items, in the order of these; all stand in the thing itself. `claimed` counts the
    claims, of whatever they are, `items` the categories, stages and shares, `counts` the things that are named among
    those counted.
    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str
    metric: str
    status: Status
    period: Period | None
    concerned: tuple[About, ...]
    claims: tuple[Said, ...]
    parts: tuple[OfItem, ...]
    claimed: int
    items: int
    counts: int
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def said_in(claim: Claim) -> dict[str, Any]:
    """A claim as a list shows it."""
    told = {name: getattr(claim, name) for name in Said.__struct_fields__ if name != "claim"}
    return {"claim": claim.id} | told


def of_items(figure: Figure) -> Iterator[OfItem]:
    """The claims of items, each item before those under it."""
    of: dict[UUID, list[Claim]] = {}
    for claim in figure.claims.values():
        if claim.item is not None:
            of.setdefault(claim.item, []).append(claim)
    for one in from_above(figure) if of else ():
        for claim in as_told(of.get(one.id, ())):
            yield OfItem(item=one.id, sort=one.sort, label=one.label, **said_in(claim))


def summary(id: UUID, figure: Figure) -> Summary | None:
    """The figure as a list shows it, None where none is registered."""
    header = figure.header
    if header is None:
        return None
    # In the order of the log: the order in which a state's parts were put together is no fact.
    concerned = sorted(figure.concerned.items(), key=lambda item: (told_at(item[1]), item[0]))
    return Summary(
        id=id,
        title=title(header),
        metric=header.metric,
        status=status(figure),
        period=header.period,
        concerned=tuple(
            About(role=one.role, party=one.party, name=one.name.printed if one.name else None, group=one.group)
            for _, one in concerned
        ),
        claims=tuple(Said(**said_in(claim)) for claim in claims_of(figure, None)),
        parts=tuple(islice(of_items(figure), PARTS)),
        claimed=len(figure.claims),
        items=len(figure.items),
        counts=len({(one.target, one.target_part) for one in figure.links.values() if one.relation == "counts"}),
    )


def days(period: Period | None) -> tuple[date | None, date | None]:
    """The first and the last day that may belong to a period, two None where no date of it is known."""
    first = period.starts.earliest if period is not None and period.starts is not None else None
    last = period.ends.latest if period is not None and period.ends is not None else None
    return (None, None) if first is None and last is None else (first or date.min, last or date.max)


def said(ref: Ref, figure: Figure, day: date) -> dict[Key, Row]:
    """What the list says of the figure: one row, or none before it is registered."""
    shown, header = summary(ref.id, figure), figure.header
    if shown is None or header is None:
        return {}
    words = {header.metric, header.called, header.text, *(one.label for one in figure.items.values())} - {None}
    row = (
        shown.title,
        searchable({str(one) for one in words}),
        shown.metric,
        shown.status,
        *days(header.period),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(every=frozenset({"header", "duplicate", "concerned", "claims", "items", "links", "assessments"}))

FIGURES = over_time(
    name="figures",
    version=2,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("words_folded", "text not null"),
        ("metric", "text not null"),
        ("status", "text not null"),
        ("period_from", "date"),
        ("period_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_figures (recorded, stream)",
        "create index on p_figures (metric, recorded, stream)",
        "create index on p_figures (status, recorded, stream)",
        "create index on p_figures (period_from, stream)",
        "create index on p_figures (period_to)",
        'create index on p_figures (title collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `metric` is what is counted or measured, as it is recorded. `party` has to do with the figure in any way: it is its
    number, it is with that one or within it, or that one or somebody of it claims the number; `subject` is whose number
    it is. `meeting` is the one that it was counted at, `plan` the one whose number it is; `counts` is a thing, by its
    subject, that is named among those counted. A figure passes `period_from` and `period_to` where its period and that
    time may share a day (both days included), which an unknown period does not. `document` is cited by any fact of the
    figure. `q` is part of its metric, of what the registry calls it, of its text or of an item's label, in any script
    and case.
    """

    metric: Label | None = None
    status: Status | None = None
    party: PartyId | None = None
    subject: PartyId | None = None
    meeting: UUID | None = None
    plan: UUID | None = None
    counts: Subject | None = None
    period_from: date | None = None
    period_to: date | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "period", "-period", "title", "-title"]

_INVOLVED = "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} and {holds:i}"
_LINKED = "exists (select from {table:links} as l where l.stream = t.stream and l.target = {0} and {holds:l} "

LIST = Listing(
    name="figures",
    select=f"t.summary, {DAYS}",
    source="{table:figures} as t",
    item=item,
    conditions={
        "metric": Condition("t.metric = {0}"),
        "status": Condition("t.status = {0}"),
        "party": of_party(_INVOLVED + ")"),
        "subject": of_party(_INVOLVED + " and i.part = 'subject')"),
        "meeting": Condition(_LINKED + "and l.relation = 'at')", lambda meeting: f"meetings/{meeting}"),
        "plan": Condition(_LINKED + "and l.relation = 'under')", lambda plan: f"plans/{plan}"),
        "counts": Condition(_LINKED + "and l.relation = 'counts')"),
        "period_from": Condition("t.period_to >= {0}"),
        "period_to": Condition("t.period_from <= {0}"),
        "document": citing("figures"),
        "q": within("words_folded"),
    },
    sorts={
        "recorded": paging.Sort("t.recorded", Number),
        "period": paging.Sort("t.period_from", date, nullable=True),
        "title": paging.Sort('t.title collate "C"', Words),
    },
)
"""Figures as they stand on a day, each the JSON of a `Summary`."""
