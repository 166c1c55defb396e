"""How an agreement stands to others: what it carries out, amends, replaces, is annexed to, is part of."""

from collections.abc import Iterator
from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.agreement.state import Agreement, Link, Relation
from service.domain.decider import Command, Event, Fact, Recorded, Ref, Refs, drop, event_from, put, sources
from service.domain.values import Subject

TARGETS: dict[Relation, frozenset[str]] = {
    "implements": frozenset({"agreements"}),
    "framework_for": frozenset({"agreements"}),
    "annex_of": frozenset({"agreements"}),
    "amends": frozenset({"agreements"}),
    "supersedes": frozenset({"agreements"}),
    "member_of": frozenset({"agreements", "parties"}),
}
"""What each relation may lead to. An agreement is a member of a set of agreements, or of a mechanism (a party)."""

# --- Events -----------------------------------------------------------------------------------------------------------


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The agreement stands in `relation` to `target`, a subject such as `agreements/<uuid>`."""

    type = "agreement.linked"
    belongs = True
    relation: Relation
    target: Subject

    @property
    def part(self) -> str:
        """One part a relation and target."""
        return f"links/{self.relation}:{self.target}"


class Unlinked(Event, frozen=True, kw_only=True, gc=False):
    """The relation ended in the world (a link recorded by mistake is voided instead)."""

    type = "agreement.unlinked"
    relation: Relation
    target: Subject

    @property
    def part(self) -> str:
        """The link."""
        return f"links/{self.relation}:{self.target}"

    @property
    def changes(self) -> str | None:
        """The linking."""
        return self.part


EVENTS = (Linked, Unlinked)

# --- Commands ---------------------------------------------------------------------------------------------------------


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the agreement stands to another thing, named by its subject."""

    relation: Relation
    target: Subject


class Unlink(Command, frozen=True, kw_only=True, gc=False):
    """Record that a relation ended."""

    relation: Relation
    target: Subject


Links = LinkTo | Unlink

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Links, refs: Refs) -> list[Event]:
    """The events of a command on the links."""
    subject = f"agreements/{id}"
    match command:
        case LinkTo():
            target = Ref.of(command.target)
            if target.category not in TARGETS[command.relation]:
                wanted = " or ".join(sorted(TARGETS[command.relation]))
                raise errors.WrongKind("/target", subject=command.target, kind=target.category, wanted=wanted)
            if command.target == subject:
                raise errors.Circular("/target", subject=subject)
            return [event_from(Linked, command)]
        case Unlink():
            event: Unlinked = event_from(Unlinked, command)
            if event.part.partition("/")[2] not in agreement.links:
                raise errors.UnknownPart("/target", part=event.part, subject=subject)
            return [event]
        case _:
            assert_never(command)


def named(fact: Fact) -> Iterator[tuple[str, Ref]]:
    """What a command or event on the links names."""
    if isinstance(fact, (LinkTo, Unlink, Linked, Unlinked)):
        yield "/target", Ref.of(fact.target)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its links."""
    event = recorded.event
    match event:
        case Linked(relation=relation, target=target):
            link = Link(relation=relation, target=target, sources=sources(None, recorded))
            return put(agreement, event.part, link)
        case Unlinked():
            return drop(agreement, event.part)
        case _:
            raise AssertionError(event)
