"""Which projects are there? The list by kind, stage and its day, who is in them and as what, place, sector, meeting,
agreement, plan, task, document and words of a title.
"""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING
from service.domain.project import DECIDER
from service.domain.project.state import Kind, Project, Role, Status, furthest, investor, status, title, told_at
from service.domain.values import Label, Magnitude, PartyId, UncertainDate
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
)
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Concerned(Struct, frozen=True, kw_only=True, gc=False):
    """Who has to do with a project in a list: as what, the party, its name as a source prints it, or the group."""

    role: Role
    party: UUID | None
    name: str | None
    group: str | None


class Sited(Struct, frozen=True, kw_only=True, gc=False):
    """A place of a project in a list: the party that it is, its name as a source prints it, or words."""

    party: UUID | None
    name: str | None
    text: str | None


class Invested(Struct, frozen=True, kw_only=True, gc=False):
    """An investment in a project in a list; of an increase the increment. `investor` is the one that it is of now."""

    quantity: Magnitude
    investor: UUID | None
    phase: str | None
    increase: bool


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A project in a list. `title` is the one meant, else what the registry calls it; `since` when it is at its stage.

    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str
    kinds: tuple[Kind, ...]
    sector: str | None
    status: Status
    since: UncertainDate | None
    parties: tuple[Concerned, ...]
    places: tuple[Sited, ...]
    investments: tuple[Invested, ...]
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def summary(id: UUID, project: Project) -> Summary | None:
    """The project as a list shows it, None where none is registered."""
    header, stage = project.header, furthest(project)
    if header is None:
        return None
    # In the order of the log: the order in which a state's parts were put together is no fact.
    parties = sorted(project.parties.items(), key=lambda item: (told_at(item[1]), item[0]))
    places = sorted(project.places.items(), key=lambda item: (told_at(item[1]), item[0]))
    money = sorted(project.investments.values(), key=lambda one: (told_at(one), one.id))
    return Summary(
        id=id,
        title=title(header),
        kinds=tuple(sorted(one.kind for one in project.kinds.values())),
        sector=header.sector,
        status=status(project),
        since=stage.effective if stage is not None else None,
        parties=tuple(
            Concerned(role=one.role, party=one.party, name=one.name.printed if one.name else None, group=one.group)
            for _, one in parties
            if not one.released
        ),
        places=tuple(
            Sited(party=one.party, name=one.name.printed if one.name else None, text=one.text) for _, one in places
        ),
        investments=tuple(
            Invested(quantity=one.quantity, investor=investor(project, one), phase=one.phase, increase=one.increase)
            for one in money
        ),
    )


def said(ref: Ref, project: Project, day: date) -> dict[Key, Row]:
    """What the list says of the project: one row, or none before it is registered."""
    shown, header = summary(ref.id, project), project.header
    if shown is None or header is None:
        return {}
    titles = [other.title for other in project.titles.values()] + ([header.title] if header.title else [])
    row = (
        shown.title,
        searchable({form for one in titles for form in forms(one)} | ({header.called} if header.called else set())),
        shown.status,
        header.sector,
        *interval([shown.since]),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "kinds", "steps", "titles", "parties", "places"})
    | {"investments", "replacements"}
)

PROJECTS = over_time(
    name="projects",
    version=1,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("titles_folded", "text not null"),
        ("status", "text not null"),
        ("sector", "text"),
        ("stage_from", "date"),
        ("stage_to", "date"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_projects (recorded, stream)",
        "create index on p_projects (status, recorded, stream)",
        "create index on p_projects (sector, stream)",
        "create index on p_projects (stage_from, stream)",
        "create index on p_projects (stage_to)",
        'create index on p_projects (title collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `status` is the stage that the project is at; it passes `stage_from` and `stage_to` where the day from which it is
    there may lie in that time (both days included), which an unknown one does not. `party` has to do with the project
    in any way: in a role, by taking one of its steps, as an investor that another one came in the place of, or as its
    place; `investor`, `owner`, `partner`, `builder`, `operator`, `financier`, `host` and `regulator` in that role as it
    stands. `place` is where it is, or stands over that. `meeting` is one of any of its steps; `agreement` and `plan`
    are those of a step or of a link, `task` tracks it, `part_of` is the project that it is a part of. `document` is
    cited by any fact of the project. `q` is part of any title, or of what the registry calls the project, in any form,
    script and case.
    """

    kind: Kind | None = None
    status: Status | None = None
    stage_from: date | None = None
    stage_to: date | None = None
    party: PartyId | None = None
    investor: PartyId | None = None
    owner: PartyId | None = None
    partner: PartyId | None = None
    builder: PartyId | None = None
    operator: PartyId | None = None
    financier: PartyId | None = None
    host: PartyId | None = None
    regulator: PartyId | None = None
    place: PartyId | None = None
    sector: Label | None = None
    meeting: UUID | None = None
    agreement: UUID | None = None
    plan: UUID | None = None
    task: UUID | None = None
    part_of: UUID | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "stage", "-stage", "title", "-title"]

_INVOLVED = "exists (select from {table:involved} as i where i.stream = t.stream and i.party = {0} and {holds:i}"


def _role(role: Role) -> Condition:
    """That the party has to do with the project in that role."""
    return of_party(f"{_INVOLVED} and i.part = '{role}')")


def _linked(category: str, relation: str) -> Condition:
    """That the project stands in a relation to a thing of that kind."""
    return Condition(
        "exists (select from {table:links} as l where l.stream = t.stream and l.target = {0} "
        f"and l.relation = '{relation}' and {{holds:l}})",
        lambda thing: f"{category}/{thing}",
    )


PLACE = of_party(
    "t.stream in (with recursive under (party) as (select p.stream from {table:parties} as p "
    "where p.parent = {0} and {holds:p} union select p.stream from {table:parties} as p "
    "join under on p.parent = under.party where {holds:p}) select i.stream from {table:involved} as i "
    "where i.party = {0} and i.part = 'place' and {holds:i} union all select i.stream from {table:involved} as i "
    "join under on i.party = under.party where i.part = 'place' and {holds:i})"
)
"""That the project is in a place, or in one that stands under it."""

LIST = Listing(
    name="projects",
    select=f"t.summary, {DAYS}",
    source="{table:projects} as t",
    item=item,
    conditions={
        "kind": OF_KIND,
        "status": Condition("t.status = {0}"),
        "stage_from": Condition("t.stage_to >= {0}"),
        "stage_to": Condition("t.stage_from <= {0}"),
        "party": of_party(_INVOLVED + ")"),
        "investor": _role("investor"),
        "owner": _role("owner"),
        "partner": _role("partner"),
        "builder": _role("builder"),
        "operator": _role("operator"),
        "financier": _role("financier"),
        "host": _role("host"),
        "regulator": _role("regulator"),
        "place": PLACE,
        "sector": Condition("t.sector = {0}"),
        "meeting": _linked("meetings", "at"),
        "agreement": _linked("agreements", "under"),
        "plan": _linked("plans", "in_plan"),
        "task": _linked("tasks", "tracked_by"),
        "part_of": _linked("projects", "part_of"),
        "document": citing("projects"),
        "q": within("titles_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "stage": Sort("t.stage_from", date, nullable=True),
        "title": Sort('t.title collate "C"', Words),
    },
)
"""Projects as they stand on a day, each the JSON of a `Summary`."""
