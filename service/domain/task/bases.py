"""What a task carries out, and how it stands to other tasks.

A task rests on a plan, an agreement, a statement or a meeting, or on a part of one; the import of a sheet finds it
again by that and its number there. The same work may stand on several lists, so it may have several bases.
"""

import re
from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, event_from, undated
from service.domain.links import ending, leading
from service.domain.parts import drop, filled, part_of, put, sources
from service.domain.references import part_named
from service.domain.settling import again
from service.domain.task.header import Attested
from service.domain.task.state import Base, Link, Relation, Task
from service.domain.values import Label, PartName, Subject

BASES: dict[str, frozenset[str]] = {
    "agreements": frozenset({"clauses"}),
    "meetings": frozenset({"resolutions"}),
    "plans": frozenset({"items", "targets"}),
    "statements": frozenset(),
}
"""What a task may rest on, and the parts of it that it may name."""
TARGETS: dict[Relation, frozenset[str]] = {
    "depends_on": frozenset({"tasks"}),
    "part_of": frozenset({"tasks"}),
    "same_work": frozenset({"tasks"}),
    "reports_on": frozenset({"agreements", "documents", "meetings", "plans", "statements", "tasks"}),
}
"""What each relation may lead to."""
ONE_WAY: frozenset[Relation] = frozenset({"depends_on", "part_of"})
"""Relations that two tasks cannot have to each other."""


def end(thing: str, part: str | None) -> str:
    """A thing or its part as a key has it."""
    return f"{thing}#{part or ''}"


# --- Events -----------------------------------------------------------------------------------------------------------


class Based(Event, frozen=True, kw_only=True, gc=False):
    """The task carries out this thing, or a part of it, under a number there; told again, which number became known."""

    type = "task.based"
    timeless = True
    on: Subject
    on_part: PartName | None = None
    number: Label | None = None

    @property
    def part(self) -> str:
        """One part a thing and its part."""
        return f"bases/{end(self.on, self.on_part)}"


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The task stands in `relation` to `target`, or to a part of that."""

    type = "task.linked"
    relation: Relation
    target: Subject
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a relation and target."""
        return f"links/{self.relation}:{end(self.target, self.target_part)}"


class Unlinked(Change, frozen=True, kw_only=True, gc=False):
    """The relation ended in the world (a link recorded by mistake is voided instead)."""

    type = "task.unlinked"
    relation: Relation
    target: Subject
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """The link."""
        return f"links/{self.relation}:{end(self.target, self.target_part)}"


EVENTS = (Based, Linked, Unlinked)

# --- Commands ---------------------------------------------------------------------------------------------------------


class BaseOn(Command, frozen=True, kw_only=True, gc=False):
    """Record what the task carries out: a plan or its item or target, a clause, a resolution, a
    statement; and the task's number there."""

    on: Subject
    on_part: PartName | None = None
    number: Label | None = None


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the task stands to another thing, named by its subject, or to a part of it."""

    relation: Relation
    target: Subject
    target_part: PartName | None = None


class Unlink(Command, frozen=True, kw_only=True, gc=False):
    """Record that a relation ended."""

    relation: Relation
    target: Subject
    target_part: PartName | None = None


Bases = BaseOn | LinkTo | Unlink

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, task: Task, command: Bases, refs: Refs) -> list[Event]:
    """The events of a command on what the task carries out and stands to."""
    subject = f"tasks/{id}"
    match command:
        case BaseOn(on=on, on_part=part):
            undated(command)
            category = Ref.of(on).category
            if category not in BASES:
                raise errors.WrongKind("/on", subject=on, kind=category, wanted=" or ".join(sorted(BASES)))
            if part is not None and part.partition("/")[0] not in BASES[category]:
                raise errors.UnknownPart("/on_part", part=part, subject=on)
            part_named(refs, on, part, "/on_part")
            key = end(on, part)
            held = task.bases.get(key)
            if held is None:
                return [event_from(Based, command)]
            what, ids = f"{subject}: bases/{key}", {"on": on, "on_part": part}
            return again(Based, Attested, held, command, ("number",), what=what, ids=ids, key="on")
        case LinkTo(relation=relation, target=target):
            leading(subject, command, TARGETS)
            other = refs[Ref.of(target)]
            if relation in ONE_WAY and isinstance(other, Task) and f"{relation}:{end(subject, None)}" in other.links:
                raise errors.Circular("/target", subject=subject)
            part_named(refs, target, command.target_part, "/target_part")
            return [event_from(Linked, command)]
        case Unlink():
            return ending(subject, task.links, event_from(Unlinked, command))
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event on what it carries out and stands to."""
    event = recorded.event
    match event:
        case Based(on=on, on_part=part, number=number):
            if part_of(task, event.part) is not None:
                return filled(task, recorded, ("number",))
            return put(task, event.part, Base(on=on, on_part=part, number=number, sources=sources(None, recorded)))
        case Linked(relation=relation, target=target, target_part=part):
            link = Link(relation=relation, target=target, target_part=part, sources=sources(None, recorded))
            return put(task, event.part, link)
        case Unlinked():
            return drop(task, event.part)
        case _:
            raise AssertionError(event)


# --- What follows from it ---------------------------------------------------------------------------------------------


def place(number: str | None) -> str | None:
    """Where a number stands among others: 2 before 10, 3.9 before 3.10. Each run of digits has its length in front."""
    if number is None:
        return None
    return re.sub(r"[0-9]+", lambda found: f"{len(found[0].lstrip('0')):03}{found[0].lstrip('0')}", number)
