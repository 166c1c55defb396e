"""How a plan stands to others: what it carries out, rests on, is part of, replaces, follows, reports on."""

from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from
from service.domain.links import ending, leading
from service.domain.parts import drop, put, sources
from service.domain.plan.state import Link, Plan, Relation
from service.domain.references import part_named
from service.domain.values import PartName, Subject

TARGETS: dict[Relation, frozenset[str]] = {
    "implements": frozenset({"agreements", "plans"}),
    "based_on": frozenset({"agreements", "documents", "meetings", "plans"}),
    "part_of": frozenset({"plans"}),
    "supersedes": frozenset({"plans"}),
    "follows": frozenset({"plans"}),
    "reports_on": frozenset({"agreements", "meetings", "plans"}),
}
"""What each relation may lead to."""


def key(link: "Linked | Unlinked") -> str:
    """The name of a link's part: one a relation and target, with the parts that it joins where it joins parts."""
    ends = f":{link.item or ''}:{link.target_part or ''}" if link.item or link.target_part else ""
    return f"links/{link.relation}:{link.target}{ends}"


# --- Events -----------------------------------------------------------------------------------------------------------


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The plan, or an item of it, stands in `relation` to `target` (a subject), or to a part of that one."""

    type = "plan.linked"
    belongs = True
    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a relation and its two ends."""
        return key(self)


class Unlinked(Change, frozen=True, kw_only=True, gc=False):
    """The relation ended in the world (a link recorded by mistake is voided instead)."""

    type = "plan.unlinked"
    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """The link."""
        return key(self)


EVENTS = (Linked, Unlinked)

# --- Commands ---------------------------------------------------------------------------------------------------------


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the plan, or an item of it, stands to another thing, named by its subject, or to a part of that."""

    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None


class Unlink(Command, frozen=True, kw_only=True, gc=False):
    """Record that a relation ended."""

    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None


Links = LinkTo | Unlink

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, plan: Plan, command: Links, refs: Refs) -> list[Event]:
    """The events of a command on the links."""
    subject = f"plans/{id}"
    match command:
        case LinkTo():
            leading(subject, command, TARGETS)
            if command.item is not None and str(command.item) not in plan.items:
                raise errors.UnknownPart("/item", part=f"items/{command.item}", subject=subject)
            part_named(refs, command.target, command.target_part, "/target_part")
            return [event_from(Linked, command)]
        case Unlink():
            return ending(subject, plan.links, event_from(Unlinked, command))
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its links."""
    event = recorded.event
    match event:
        case Linked(relation=relation, target=target, item=item, target_part=part):
            said = sources(None, recorded)
            link = Link(relation=relation, target=target, item=item, target_part=part, sources=said)
            return put(plan, event.part, link)
        case Unlinked():
            return drop(plan, event.part)
        case _:
            raise AssertionError(event)
