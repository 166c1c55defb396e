"""The task: what has to be done for a plan, an agreement or what was said, by whom, by when, and how far it is.

Eight files own its events, commands and arms: `header`, `bases`, `units`, `terms`, `life`, `progress`, `duties`,
`reminders`; `state` is what they all build, `entitled` says who may do what, `lateness` how late it is. Here they
become one decider, with the command that registers a whole task at once.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from service.domain import duplicates, errors
from service.domain.decider import (
    Attested,
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    inherit,
    must_exist,
)
from service.domain.parts import attest, says
from service.domain.settling import bare, settle, whole
from service.domain.task import bases, duties, header, life, progress, reminders, terms, units
from service.domain.task.bases import BaseOn, LinkTo
from service.domain.task.duties import SetRecurrence
from service.domain.task.progress import Inspect, ReportProgress
from service.domain.task.state import Task, ended, status
from service.domain.task.state import units as answering
from service.domain.task.terms import SetTerms
from service.domain.task.units import NameUnit
from service.domain.values import Label, PrintedName, TaskId, UncertainDate


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole task at once, all or nothing.

    `called` is the registry's own words for a task that no source names; `occurrence_of` and `period` are of one that a
    standing duty yields. Its steps are those of its first round. What stands inside takes the whole's citations, basis
    and note where it has none of its own. Registering the same id with the same content again changes nothing but adds
    new citations, and tells what was unknown of what it had.
    """

    last: ClassVar[tuple[str, ...]] = ("reported_done", "closed", "suspended", "cancelled")
    """Fields that are decided after the lists: what they tell depends on the units."""

    title: PrintedName | None = None
    called: Label | None = None
    occurrence_of: TaskId | None = None
    period: Label | None = None
    terms: SetTerms | None = None
    recurrence: SetRecurrence | None = None
    listed: life.List | None = None
    assigned: life.Assign | None = None
    started: life.Start | None = None
    reported_done: life.ReportDone | None = None
    closed: life.Close | None = None
    suspended: life.Suspend | None = None
    cancelled: life.Cancel | None = None
    titles: Annotated[tuple[header.AddTitle, ...], Meta(max_length=50)] = ()
    bases: Annotated[tuple[BaseOn, ...], Meta(max_length=50)] = ()
    units: Annotated[tuple[NameUnit, ...], Meta(max_length=200)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=200)] = ()
    progress: Annotated[tuple[ReportProgress, ...], Meta(max_length=200)] = ()
    inspections: Annotated[tuple[Inspect, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        """It is called something."""
        header.named(self)


Contained = (
    header.Heading
    | bases.Bases
    | units.Units
    | terms.Asking
    | life.Life
    | progress.Progressing
    | duties.Duties
    | reminders.Reminding
)

ROOMS = (header, bases, units, terms, life, progress, duties, reminders)

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(bases.Bases.__args__, bases),
    **dict.fromkeys(units.Units.__args__, units),
    **dict.fromkeys(terms.Asking.__args__, terms),
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(progress.Progressing.__args__, progress),
    **dict.fromkeys(duties.Duties.__args__, duties),
    **dict.fromkeys(reminders.Reminding.__args__, reminders),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""


def contained(task: Task, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole task, with the pointer to each, in the order that they are decided in.

    Of one that exists the title is described as well: it may have been unknown.
    """
    told = {name: value for name in header.FIELDS if says(value := getattr(command, name))}
    if task.header is not None:
        whole_facts = {name: getattr(command, name) for name in Fact.__struct_fields__}
        yield "", header.Describe(**told, **whole_facts)
    for field in ("terms", "recurrence", "listed", "assigned", "started"):
        yield from _one(command, field)
    for field in ("titles", "bases", "units", "links", "progress", "inspections"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)
    for field in command.last:
        yield from _one(command, field)


def _one(command: Register, field: str) -> Iterator[tuple[str, Any]]:
    """A command that stands alone in its field. A step told without its round is one of the first."""
    item = getattr(command, field)
    if item is not None:
        if isinstance(item, life.TakeStep):
            item = replace(item, round=item.round or 1)
        yield f"/{field}", inherit(command, item)


def decide(id: UUID, task: Task, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the task, or why not."""
    if isinstance(command, Register):
        first = None
        if task.header is None:
            first = event_from(header.Registered, command)
            if command.occurrence_of is not None and command.period is not None:
                duties.yielded(id, command.occurrence_of, command.period, named)
        else:
            same_occurrence(id, task, command)
        return whole(DECIDER, id, task, first=first, items=contained(task, command), named=named)
    ref = Ref("tasks", id)
    must_exist(task.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, task, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    over = ended(task, life.rounds(task)) if isinstance(command, UNDER_WAY) else None
    late = over is not None and over.step != "suspended" and not before(command, over.effective)
    if (late or task.duplicate is not None) and settle(DECIDER, task, bare(events)):
        duplicates.alone(ref, task.duplicate)
        raise errors.NotInThisState(subject=str(ref), status=status(task), action="change")
    return events


UNDER_WAY = (terms.Adjust, ReportProgress)
"""Commands on a task that is worked on: on one that was closed or cancelled only what came before that is told."""


def before(fact: Fact, end: Any) -> bool:
    """Whether a fact is known to be of a day before, or on, that of the end."""
    day, last = fact.effective.latest if fact.effective else None, end.latest if end is not None else None
    return day is not None and last is not None and day <= last


def yielding(id: UUID, duty: Task, since: date, until: date) -> Iterator[tuple[UUID, Register]]:
    """The tasks of a standing duty for the periods that begin in a span of days: the id of each, and its registration.

    Each has the duty's title, its units and what it carries out as these are now, what it asks for, and the deadline
    that follows from the rule. Sent again it changes nothing, as long as the duty is the same.
    """
    if duty.header is None or duty.recurrence is None:
        return
    given = Register(
        title=(duty.terms.title if duty.terms else None) or duty.header.title,
        called=duty.header.called,
        bases=tuple(BaseOn(on=one.on, on_part=one.on_part, number=one.number) for one in duty.bases.values()),
        units=tuple(
            NameUnit(role=one.role, party=one.party, name=one.name, office=one.office, person=one.person)
            for one in answering(duty, "lead", "supporting", "supervising")
        ),
        basis="inferred",
    )
    for one in duties.occurrences(id, duty.recurrence, since, until):
        asked = SetTerms(
            text=duty.terms.text if duty.terms else None,
            requirement=duty.terms.requirement if duty.terms else None,
            starts=UncertainDate(earliest=one.starts, latest=one.starts, basis="inferred"),
            due=UncertainDate(earliest=one.due, latest=one.due, basis="inferred"),
        )
        yield one.id, replace(given, occurrence_of=id, period=one.period, terms=asked)


def same_occurrence(id: UUID, task: Task, command: Register) -> None:
    """Refuse a registration told again of another duty or period: no other event tells these."""
    for name in ("occurrence_of", "period"):
        if says(told := getattr(command, name)) and told != getattr(task.header, name):
            raise errors.AlreadyOtherwise(f"/{name}", what=f"tasks/{id}: {name}")


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(task, recorded)
    after: Task = OWNERS[type(event)].evolve(task, recorded)
    return after


DECIDER: Decider[Task] = Decider(
    category="tasks",
    initial=Task(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
    life=("life",),
)
