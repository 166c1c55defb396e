"""Which plans are there? The list by kind, status, party, meeting, day, number, target of a link, words of a title."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING
from service.domain.plan import DECIDER
from service.domain.plan.state import (
    Kind,
    Limits,
    Plan,
    Role,
    Status,
    asked,
    limits,
    listed,
    made,
    stands,
    status,
    title,
)
from service.domain.values import Label, Magnitude, PartyId, Period, Subject, UncertainDate
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


class Concerned(Struct, frozen=True, kw_only=True, gc=False):
    """Who has to do with a plan in a list: as what, the party, its name as a source prints it, or the unnamed group."""

    role: Role
    party: UUID | None
    name: str | None
    group: str | None


class Declared(Struct, frozen=True, kw_only=True, gc=False):
    """An item of a plan in a list that is said to hold so many things, and how many are listed in it."""

    item: UUID
    called: str
    declared: Magnitude
    listed: int


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A plan in a list. `title` is the one meant, else what the registry calls it.

    `made` is the day on which it was adopted, approved or issued, `number` that of the paper by which it was issued
    or, where that has none, approved or adopted (文号). `items` and `targets` count what stands; `declared` has each
    item of which a source tells a number, beside the number of those listed. `thresholds` are those that count.
    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str
    kinds: tuple[Kind, ...]
    status: Status
    number: str | None
    period: Period | None
    made: UncertainDate | None
    bodies: tuple[Concerned, ...]
    items: int
    targets: int
    revisions: int
    declared: tuple[Declared, ...]
    thresholds: Limits
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def number(plan: Plan) -> str | None:
    """The number of the paper by which the plan was issued, approved or adopted."""
    steps = (plan.steps.get(step) for step in ("issued", "approved", "adopted"))
    return next((step.number for step in steps if step is not None and step.number is not None), None)


def summary(id: UUID, plan: Plan) -> Summary | None:
    """The plan as a list shows it, None where none is registered."""
    header, making = plan.header, made(plan)
    if header is None:
        return None
    # In the order of the log: the order in which a state's parts were put together is no fact.
    bodies = sorted(plan.bodies.items(), key=lambda item: (item[1].sources[0].sequence, item[0]))
    items = sorted(plan.items.items(), key=lambda item: (item[1].sources[0].sequence, item[0]))
    counted = listed(plan)
    return Summary(
        id=id,
        title=title(header),
        kinds=tuple(sorted(one.kind for one in plan.kinds.values())),
        status=status(plan),
        number=number(plan),
        period=header.period,
        made=making.effective if making else None,
        bodies=tuple(
            Concerned(role=one.role, party=one.party, name=one.name.printed if one.name else None, group=one.group)
            for _, one in bodies
        ),
        items=counted.total(),
        targets=len(asked(plan)),
        revisions=len(plan.revisions),
        declared=tuple(
            Declared(
                item=one.id,
                called=one.heading or one.label or one.text or "",
                declared=one.declared,
                listed=counted[one.id],
            )
            for _, one in items
            if one.declared is not None and stands(plan, one.id)
        ),
        thresholds=limits(plan),
    )


def said(ref: Ref, plan: Plan, day: date) -> dict[Key, Row]:
    """What the list says of the plan: one row, or none before it is registered."""
    shown, header = summary(ref.id, plan), plan.header
    if shown is None or header is None:
        return {}
    titles = [other.title for other in plan.titles.values()] + ([header.title] if header.title else [])
    row = (
        shown.title,
        searchable({form for one in titles for form in forms(one)} | ({header.called} if header.called else set())),
        shown.status,
        shown.number,
        *interval([shown.made]),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "kinds", "steps", "titles", "bodies", "items", "targets", "thresholds"})
    | {"revisions"}
)

PLANS = over_time(
    name="plans",
    version=3,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("titles_folded", "text not null"),
        ("status", "text not null"),
        ("number", "text"),
        ("made_from", "date"),
        ("made_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_plans (recorded, stream)",
        "create index on p_plans (status, recorded, stream)",
        "create index on p_plans (number)",
        "create index on p_plans (made_from, stream)",
        "create index on p_plans (made_from, stream, made_to) where made_from <> made_to",
        'create index on p_plans (title collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `kind` is one of the plan's kinds. `party` has to do with the plan: is named by it, or is to reach a target of it.
    `meeting` is one at which it was drafted, reviewed, adopted, approved or issued. `number` is that of its paper.
    `linked` is a thing, by its subject, that the plan is linked to. A plan passes `made_from` and `made_to` where the
    day that it was made on may lie in that time (both days included), which an unknown one does not. `document` is
    cited by any fact of the plan. `q` is part of any title, or of what the registry calls the plan, in any form and
    case.
    """

    kind: Kind | None = None
    status: Status | None = None
    party: PartyId | None = None
    meeting: UUID | None = None
    number: Label | None = None
    linked: Subject | None = None
    made_from: date | None = None
    made_to: date | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "made", "-made", "title", "-title"]

LIST = Listing(
    name="plans",
    select=f"t.summary, {DAYS}",
    source="{table:plans} as t",
    item=item,
    conditions={
        "kind": OF_KIND,
        "status": Condition("t.status = {0}"),
        "party": of_party(
            "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} and {holds:i})"
        ),
        "meeting": Condition(
            "exists (select from {table:links} as l where l.stream = t.stream and l.target = {0} "
            "and l.relation = 'at' and {holds:l})",
            lambda meeting: f"meetings/{meeting}",
        ),
        "number": Condition("t.number = {0}"),
        "linked": Condition(
            "exists (select from {table:links} as l where l.stream = t.stream and l.target = {0} "
            "and l.relation <> 'at' and {holds:l})"
        ),
        "made_from": since("t.made_from", "t.made_to"),
        "made_to": Condition("t.made_from <= {0}"),
        "document": citing("plans"),
        "q": within("titles_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "made": Sort("t.made_from", date, nullable=True, span=("made_from", "t.made_to")),
        "title": Sort('t.title collate "C"', Words),
    },
)
"""Plans as they stand on a day, each the JSON of a `Summary`."""
