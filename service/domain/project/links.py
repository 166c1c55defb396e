"""How a project stands to others: under which agreement, in which plan, tracked by which task, of which greater one."""

from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, event_from
from service.domain.links import ending, leading
from service.domain.parts import drop, put, sources
from service.domain.project.state import Link, Project, Relation
from service.domain.references import part_named
from service.domain.values import PartName, Subject

TARGETS: dict[Relation, frozenset[str]] = {
    "under": frozenset({"agreements"}),
    "in_plan": frozenset({"plans"}),
    "tracked_by": frozenset({"tasks"}),
    "part_of": frozenset({"projects"}),
    "continues": frozenset({"projects"}),
}
"""What each relation may lead to."""


def key(link: "Linked | Unlinked") -> str:
    """The name of a link's part: one a relation and target, with the part of that where it names one."""
    end = f":{link.target_part}" if link.target_part else ""
    return f"links/{link.relation}:{link.target}{end}"


# --- Events -----------------------------------------------------------------------------------------------------------


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The project stands in `relation` to `target` (a subject), or to a part of that."""

    type = "project.linked"
    belongs = True
    relation: Relation
    target: Subject
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a relation and its end."""
        return key(self)


class Unlinked(Change, frozen=True, kw_only=True, gc=False):
    """The relation ended in the world (a link recorded by mistake is voided instead)."""

    type = "project.unlinked"
    relation: Relation
    target: Subject
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """The link."""
        return key(self)


EVENTS = (Linked, Unlinked)

# --- Commands ---------------------------------------------------------------------------------------------------------


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the project stands to another thing, named by its subject, or to a part of that.

    Parts of a project's works, such as a section of a road, are projects of their own, `part_of` it.
    """

    relation: Relation
    target: Subject
    target_part: PartName | None = None


class Unlink(Command, frozen=True, kw_only=True, gc=False):
    """Record that a relation ended."""

    relation: Relation
    target: Subject
    target_part: PartName | None = None


Links = LinkTo | Unlink

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, project: Project, command: Links, refs: Refs) -> list[Event]:
    """The events of a command on the links."""
    subject = f"projects/{id}"
    match command:
        case LinkTo(relation=relation, target=target):
            leading(subject, command, TARGETS)
            other = refs[Ref.of(target)]
            if isinstance(other, Project) and f"{relation}:{subject}" in other.links:
                raise errors.Circular("/target", subject=subject)
            part_named(refs, target, command.target_part, "/target_part")
            return [event_from(Linked, command)]
        case Unlink():
            return ending(subject, project.links, event_from(Unlinked, command))
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event of its links."""
    event = recorded.event
    match event:
        case Linked(relation=relation, target=target, target_part=part):
            link = Link(relation=relation, target=target, target_part=part, sources=sources(None, recorded))
            return put(project, event.part, link)
        case Unlinked():
            return drop(project, event.part)
        case _:
            raise AssertionError(event)
