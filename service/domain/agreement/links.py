"""How an agreement stands to others: what it carries out, amends, replaces, is annexed to, part of, signed at."""

from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.agreement.state import Agreement, Link, Relation
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from
from service.domain.links import ending, leading
from service.domain.parts import drop, put, sources
from service.domain.references import part_named
from service.domain.values import PartName, Subject

TARGETS: dict[Relation, frozenset[str]] = {
    "implements": frozenset({"agreements"}),
    "framework_for": frozenset({"agreements"}),
    "annex_of": frozenset({"agreements"}),
    "amends": frozenset({"agreements"}),
    "supersedes": frozenset({"agreements"}),
    "member_of": frozenset({"agreements", "parties"}),
    "constitutes": frozenset({"parties"}),
    "signed_at": frozenset({"meetings"}),
}
"""What each relation may lead to. An agreement is a member of a set of agreements, or of a mechanism (a party); it
`constitutes` the body or mechanism that it, or a clause of it, founds.

Where it was signed is said here alone: a meeting does not know what was signed at it."""


def key(link: "Linked | Unlinked") -> str:
    """The name of a link's part: one a relation and target, with the parts that it joins where it joins parts."""
    ends = f":{link.clause or ''}:{link.target_part or ''}" if link.clause or link.target_part else ""
    return f"links/{link.relation}:{link.target}{ends}"


# --- Events -----------------------------------------------------------------------------------------------------------


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The agreement, or a clause of it, stands in `relation` to `target` (a subject), or to a part of that one."""

    type = "agreement.linked"
    belongs = True
    relation: Relation
    target: Subject
    clause: UUID | None = None
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a relation and its two ends."""
        return key(self)


class Unlinked(Change, frozen=True, kw_only=True, gc=False):
    """The relation ended in the world (a link recorded by mistake is voided instead)."""

    type = "agreement.unlinked"
    relation: Relation
    target: Subject
    clause: UUID | None = None
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """The link."""
        return key(self)


EVENTS = (Linked, Unlinked)

# --- Commands ---------------------------------------------------------------------------------------------------------


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the agreement, or a clause of it, stands to another thing, by its subject, or to a part of that."""

    relation: Relation
    target: Subject
    clause: UUID | None = None
    target_part: PartName | None = None


class Unlink(Command, frozen=True, kw_only=True, gc=False):
    """Record that a relation ended."""

    relation: Relation
    target: Subject
    clause: UUID | None = None
    target_part: PartName | None = None


Links = LinkTo | Unlink

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Links, refs: Refs) -> list[Event]:
    """The events of a command on the links."""
    subject = f"agreements/{id}"
    match command:
        case LinkTo():
            leading(subject, command, TARGETS)
            if command.clause is not None and str(command.clause) not in agreement.clauses:
                raise errors.UnknownPart("/clause", part=f"clauses/{command.clause}", subject=subject)
            part_named(refs, command.target, command.target_part, "/target_part")
            return [event_from(Linked, command)]
        case Unlink():
            return ending(subject, agreement.links, event_from(Unlinked, command))
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its links."""
    event = recorded.event
    match event:
        case Linked(relation=relation, target=target, clause=clause, target_part=other):
            said = sources(None, recorded)
            link = Link(relation=relation, target=target, clause=clause, target_part=other, sources=said)
            return put(agreement, event.part, link)
        case Unlinked():
            return drop(agreement, event.part)
        case _:
            raise AssertionError(event)
