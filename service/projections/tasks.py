"""Which tasks are there? The list by unit, office, person, what they carry out, status, deadline, document and title.

The table holds what a task's lateness rests on as well (`Standing`), and the days on which it takes another colour
(`Turns`): what it has on the day asked for is computed from them. It has those who lead it, the first and by commas the
others, where its first number stands among those of others, and what of it does not move with days in one number
(`cell`), since the ledger counts by that.
"""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.names import FOLDING
from service.domain.task import DECIDER
from service.domain.task.bases import place
from service.domain.task.lateness import standing, turns
from service.domain.task.state import Result, Role, Status, Task, title, told_at, units
from service.domain.values import Label, PartName, PartyId, UncertainDate
from service.projections import Row, interval, over_time
from service.projections.cells import cell
from service.projections.cursors import Number, Words
from service.projections.inputs import Inputs, Key
from service.projections.paging import DAYS, Condition, Listing, Sort, Walk, citing, forms, item, of_party, searchable
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Answering(Struct, frozen=True, kw_only=True, gc=False):
    """A unit that answers for a task in a list: as what, its name as a source prints it, the office, the person."""

    role: Role
    party: UUID
    name: str | None
    office: str | None
    person: str | None


class Carried(Struct, frozen=True, kw_only=True, gc=False):
    """What a task in a list carries out, and its number there."""

    on: str
    on_part: str | None
    number: str | None


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A task in a list. `title` is the one that it was given last, `share` the last one reported, in percent.

    `inspected` is what the last inspection found, unless progress was reported since. `duty` is a standing duty,
    `occurrence_of` the one that yielded this task for its `period`. `uncertain` points into the thing itself, with a
    part's key in the place of an index, to what rests on a date that the day lies within; from `changes_on` on the
    list says otherwise.
    """

    id: UUID
    title: str
    status: Status
    duty: bool
    occurrence_of: UUID | None
    period: str | None
    starts: UncertainDate | None
    due: UncertainDate | None
    share: str | None
    inspected: Result | None
    reported: date | None
    bases: tuple[Carried, ...]
    units: tuple[Answering, ...]
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def summary(id: UUID, task: Task) -> Summary | None:
    """The task as a list shows it, None where none is registered."""
    header, terms = task.header, task.terms
    if header is None:
        return None
    told = standing(task)
    # In the order of the log: the order in which a state's parts were put together is no fact.
    bases = sorted(task.bases.values(), key=lambda one: (told_at(one), one.on, one.on_part or ""))
    return Summary(
        id=id,
        title=title(task),
        status=told.status,
        duty=told.duty,
        occurrence_of=header.occurrence_of,
        period=header.period,
        starts=terms.starts if terms else None,
        due=terms.due if terms else None,
        share=told.share,
        inspected=told.inspected,
        reported=told.reported,
        bases=tuple(Carried(on=one.on, on_part=one.on_part, number=one.number) for one in bases),
        units=tuple(
            Answering(
                role=one.role,
                party=one.party,
                name=one.name.printed if one.name else None,
                office=one.office,
                person=one.person.name.meant if one.person else None,
            )
            for one in units(task, "lead", "supporting", "supervising")
        ),
    )


def said(ref: Ref, task: Task, day: date) -> dict[Key, Row]:
    """What the list says of the task: one row, or none before it is registered."""
    shown, header = summary(ref.id, task), task.header
    if shown is None or header is None:
        return {}
    told = standing(task)
    names = [one.title for one in task.titles.values()]
    names += [one for one in (header.title, task.terms.title if task.terms else None) if one is not None]
    called = {header.called} if header.called else set()
    leads = sorted({one.party for one in units(task, "lead")})
    places = [at for one in task.bases.values() if (at := place(one.number)) is not None]
    row = (
        shown.title,
        searchable({form for one in names for form in forms(one)} | called),
        shown.status,
        shown.duty,
        shown.occurrence_of,
        *interval([shown.due]),
        told.deadline,
        told.starts,
        told.share,
        told.inspected,
        told.reported,
        *turns(told),
        cell(told),
        task.terms.text if task.terms else None,
        task.terms.requirement if task.terms else None,
        leads[0] if leads else None,
        ",".join(map(str, leads[1:])) or None,
        min(places, default=None),
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "terms", "recurrence", "titles", "bases", "units", "life"})
    | {"progress", "inspections"}
)

C = 'collate "C"'
COUNTED = "cell, blue, yellow, red, lead, leads"
"""What the ledger's totals are made of, beside the deadline: it counts without a look at the rows."""

TASKS = over_time(
    name="tasks",
    version=7,
    deciders=(DECIDER,),
    values=(
        ("title", "text not null"),
        ("titles_folded", "text not null"),
        ("status", "text not null"),
        ("duty", "boolean not null"),
        ("occurrence_of", "uuid"),
        ("due_from", "date"),
        ("due_to", "date"),
        ("deadline", "date"),
        ("begins", "date"),
        ("share", "text"),
        ("inspected", "text"),
        ("reported", "date"),
        ("blue", "date"),
        ("yellow", "date"),
        ("red", "date"),
        ("cell", "smallint not null"),
        ("asked", "text"),
        ("requirement", "text"),
        ("lead", "uuid"),
        ("leads", "text"),
        ("place", "text"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_tasks (recorded, stream)",
        "create index on p_tasks (status, recorded, stream)",
        f"create index on p_tasks (deadline, place {C}, stream) include (starts, ends, {COUNTED})",
        "create index on p_tasks (due_from)",
        "create index on p_tasks (due_to)",
        "create index on p_tasks (occurrence_of, stream)",
        f"create index on p_tasks (title {C}, stream)",
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)
PAST = f"create index on p_tasks_known (known_to, known_from, ends, starts) include ({COUNTED})"
"""By which the totals of another time are counted: past what had been replaced by then, and without a look at the rest
of an entry that does not count."""

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `unit` answers for the task in any role, `lead`, `supporting` and `supervising` in that one; `office` and `person`
    are the ones in a unit that do, as printed or as meant. `plan`, `agreement`, `statement` and `meeting` are what it
    carries out, or has a part of which it does; `on_part` is that part, `number` its number there. A task passes
    `due_from` and `due_to` where its deadline may lie in that time (both days included), which an unknown one does not.
    `duty` are standing duties or all else, `occurrence_of` is the duty that yielded it. `document` is cited by any fact
    of the task. `q` is part of any title, or of what the registry calls the task, in any form, script and case.
    """

    unit: PartyId | None = None
    lead: PartyId | None = None
    supporting: PartyId | None = None
    supervising: PartyId | None = None
    office: Label | None = None
    person: Label | None = None
    plan: UUID | None = None
    agreement: UUID | None = None
    statement: UUID | None = None
    meeting: UUID | None = None
    on_part: PartName | None = None
    number: Label | None = None
    status: Status | None = None
    due_from: date | None = None
    due_to: date | None = None
    duty: bool | None = None
    occurrence_of: UUID | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "deadline", "-deadline", "title", "-title"]

_UNIT = "exists (select from {table:assigned} as a where a.stream = t.stream and {holds:a} and "
_BASE = "exists (select from {table:bases} as b where b.stream = t.stream and {holds:b} and "


def _on(category: str) -> Condition:
    """That the task carries out a thing of that kind."""
    rows = "s.target = {0} and s.recorded is not null and {holds:s}"
    walk = Walk("{table:bases} as s", rows, {"t.recorded": "s.recorded"})
    return Condition(_BASE + "b.target = {0})", lambda thing: f"{category}/{thing}", walk=walk)


LIST = Listing(
    name="tasks",
    select=f"t.summary, {DAYS}",
    source="{table:tasks} as t",
    item=item,
    conditions={
        "unit": of_party(_UNIT + "a.party = {0})"),
        "lead": of_party(_UNIT + "a.party = {0} and a.role = 'lead')"),
        "supporting": of_party(_UNIT + "a.party = {0} and a.role = 'supporting')"),
        "supervising": of_party(_UNIT + "a.party = {0} and a.role = 'supervising')"),
        "office": Condition(_UNIT + "a.office = {0})"),
        "person": Condition(_UNIT + "(a.person = {0} or (a.printed = {0} and a.printed <> a.person)))"),
        "plan": _on("plans"),
        "agreement": _on("agreements"),
        "statement": _on("statements"),
        "meeting": _on("meetings"),
        "on_part": Condition(_BASE + "b.part = {0})"),
        "number": Condition(_BASE + "b.number = {0})"),
        "status": Condition("t.status = {0}"),
        "due_from": Condition("t.due_to >= {0}"),
        "due_to": Condition("t.due_from <= {0}"),
        "duty": Condition("t.duty = {0}"),
        "occurrence_of": Condition("t.occurrence_of = {0}"),
        "document": citing("tasks"),
        "q": within("titles_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "deadline": Sort("t.deadline", date, nullable=True),
        "title": Sort('t.title collate "C"', Words),
    },
)
"""Tasks as they stand on a day, each the JSON of a `Summary`."""
