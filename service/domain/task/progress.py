"""How far a task has come: what its units report, and what those find who look after it (督查)."""

from typing import Any, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import force_setattr

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.task.entitled import overseeing, reporting
from service.domain.task.header import Attested
from service.domain.task.state import Inspection, Progress, Result, Task
from service.domain.values import Parties, PartyId, Person, Quantity, Text, UnsignedText, canonical

REPORTED = ("text", "share", "amount", "by", "person")
FOUND = ("result", "text", "by")


def reports(fact: Any) -> None:
    """A report says how far the task has come; a share is a percentage."""
    if says(fact.share):
        if not 0 <= float(fact.share) <= 100:
            raise ValueError("share is a percentage, from 0 to 100")
        force_setattr(fact, "share", canonical(fact.share))


def something(fact: Any, names: tuple[str, ...], what: str) -> None:
    """It says something."""
    if not any(says(getattr(fact, name)) for name in names):
        raise ValueError(f"{what} has at least one of {', '.join(names)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class ProgressReported(Event, frozen=True, kw_only=True, gc=False):
    """A unit reported how far the task had come on that day: in words, in percent (`share`), as an amount."""

    type = "task.progress_reported"
    progress: UUID
    text: Text | None = None
    share: UnsignedText | None = None
    amount: Quantity | None = None
    by: PartyId | None = None
    person: Person | None = None

    def __post_init__(self) -> None:
        """It says something."""
        something(self, REPORTED[:3], "a report")
        reports(self)

    @property
    def part(self) -> str:
        """One part a report."""
        return f"progress/{self.progress}"


class ProgressDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of a report of progress; fields left out stay as they are."""

    type = "task.progress_described"
    progress: UUID
    text: Text | UnsetType = UNSET
    share: UnsignedText | UnsetType = UNSET
    amount: Quantity | UnsetType = UNSET
    by: PartyId | UnsetType = UNSET
    person: Person | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, REPORTED):
            raise ValueError(f"a description sets at least one of {', '.join(REPORTED)}")
        reports(self)

    @property
    def part(self) -> str:
        """The report."""
        return f"progress/{self.progress}"


class Inspected(Event, frozen=True, kw_only=True, gc=False):
    """Those who look after the task looked at it on that day, and found this."""

    type = "task.inspected"
    inspection: UUID
    result: Result | None = None
    text: Text | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """Something was found; who, in no order."""
        as_sets(self, "by")
        something(self, FOUND[:2], "an inspection")

    @property
    def part(self) -> str:
        """One part an inspection."""
        return f"inspections/{self.inspection}"


class InspectionDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of an inspection; fields left out stay as they are."""

    type = "task.inspection_described"
    inspection: UUID
    result: Result | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    by: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FOUND):
            raise ValueError(f"a description sets at least one of {', '.join(FOUND)}")

    @property
    def part(self) -> str:
        """The inspection."""
        return f"inspections/{self.inspection}"


EVENTS = (ProgressReported, ProgressDescribed, Inspected, InspectionDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class ReportProgress(Command, frozen=True, kw_only=True, gc=False):
    """Record how far the task had come on a day (`effective`), as a lead or supporting unit reports.

    Without `id` it gets one that follows from its day and content; with that of a report recorded already it tells what
    was unknown of it.
    """

    id: UUID | None = None
    text: Text | None = None
    share: UnsignedText | None = None
    amount: Quantity | None = None
    by: PartyId | None = None
    person: Person | None = None

    def __post_init__(self) -> None:
        """It says something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self, REPORTED[:3], "a report")
        reports(self)


class Inspect(Command, frozen=True, kw_only=True, gc=False):
    """Record what those found who looked at the task on a day (`effective`): a supervising unit where one is named."""

    id: UUID | None = None
    result: Result | None = None
    text: Text | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """Something was found; one recorded already may be named by its id alone."""
        as_sets(self, "by")
        if self.id is None:
            something(self, FOUND[:2], "an inspection")


Progressing = ReportProgress | Inspect

# --- decide -----------------------------------------------------------------------------------------------------------


def report_id(id: UUID, command: ReportProgress | Inspect) -> UUID:
    """The id of a report or an inspection: given, or one that is the same for the same content of the same day."""
    if command.id is not None:
        return command.id
    names = REPORTED if isinstance(command, ReportProgress) else FOUND
    day = command.effective and (command.effective.earliest, command.effective.latest)
    return uuid5(id, msgspec.json.encode([day, *(getattr(command, name) for name in names)]).decode())


def decide(id: UUID, task: Task, command: Progressing, refs: Refs) -> list[Event]:
    """The events of a report or an inspection: its recording, or what is learnt of one that stands."""
    subject, known = f"tasks/{id}", report_id(id, command)
    match command:
        case ReportProgress(by=by):
            held = task.progress.get(str(known))
            if held is None or (by is not None and held.by is None):
                reporting(subject, task, command, (by,) if by is not None else (), refs)
            if held is None:
                return [told(ProgressReported, command, progress=known)]
            what, ids = f"{subject}: progress/{known}", {"progress": known}
            return again(ProgressDescribed, Attested, held, command, REPORTED, what=what, ids=ids, key="id")
        case Inspect(by=by):
            seen = task.inspections.get(str(known))
            if seen is None or (by and not seen.by):
                overseeing(subject, task, command, by, "inspected")
            if seen is None:
                return [told(Inspected, command, inspection=known)]
            what, ids = f"{subject}: inspections/{known}", {"inspection": known}
            return again(InspectionDescribed, Attested, seen, command, FOUND, what=what, ids=ids, key="id")
        case _:
            assert_never(command)


def told(kind: type[Event], command: ReportProgress | Inspect, **ids: UUID) -> Event:
    """The recording; refused where an id stands for nothing yet and the command says nothing either."""
    try:
        return event_from(kind, command, **ids)
    except ValueError as error:
        raise errors.Invalid("", problem=str(error)) from None


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event of its progress."""
    event = recorded.event
    since, said = event.effective, sources(None, recorded)
    match event:
        case ProgressReported(progress=id):
            fields = {name: getattr(event, name) for name in REPORTED}
            return put(task, event.part, Progress(id=id, effective=since, **fields, sources=said))
        case Inspected(inspection=id):
            fields = {name: getattr(event, name) for name in FOUND}
            return put(task, event.part, Inspection(id=id, effective=since, **fields, sources=said))
        case ProgressDescribed():
            return filled(task, recorded, REPORTED)
        case InspectionDescribed():
            return filled(task, recorded, FOUND)
        case _:
            raise AssertionError(event)
