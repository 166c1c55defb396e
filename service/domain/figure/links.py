"""How a figure stands to other things: the meeting that it was counted at, what it is a number of, what it counts."""

from uuid import UUID

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, undated
from service.domain.figure.state import Figure, Link, Relation
from service.domain.links import leading
from service.domain.parts import put, sources
from service.domain.references import part_named
from service.domain.values import PartName, Subject

TARGETS: dict[Relation, frozenset[str]] = {
    "at": frozenset({"meetings"}),
    "under": frozenset({"agreements", "plans", "projects", "statements", "tasks"}),
    "counts": frozenset({"agreements", "meetings", "parties", "plans", "projects", "statements", "tasks"}),
}
"""What each relation may lead to."""


class Linked(Event, frozen=True, kw_only=True, gc=False):
    """The figure, or an item of it, stands in `relation` to `target` (a subject), or to a part of that one.

    A number counts what it counted: a link that is wrong is voided, and none ends.
    """

    type = "figure.linked"
    timeless = True
    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a relation and its two ends."""
        ends = f":{self.item or ''}:{self.target_part or ''}" if self.item or self.target_part else ""
        return f"links/{self.relation}:{self.target}{ends}"


EVENTS = (Linked,)


class LinkTo(Command, frozen=True, kw_only=True, gc=False):
    """Record how the figure, or an item of it, stands to another thing, named by its subject, or to a part of that.

    What is named among the things counted is told by `counts`, in the narrowest item that it is said to belong to.
    """

    relation: Relation
    target: Subject
    item: UUID | None = None
    target_part: PartName | None = None


def decide(id: UUID, figure: Figure, command: LinkTo, refs: Refs) -> list[Event]:
    """The event of a link."""
    undated(command)
    subject = f"figures/{id}"
    leading(subject, command, TARGETS)
    if command.item is not None and str(command.item) not in figure.items:
        raise errors.UnknownPart("/item", part=f"items/{command.item}", subject=subject)
    part_named(refs, command.target, command.target_part, "/target_part")
    return [event_from(Linked, command)]


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event of its links."""
    event = recorded.event
    match event:
        case Linked(relation=relation, target=target, item=item, target_part=part):
            said = sources(None, recorded)
            return put(
                figure, event.part, Link(relation=relation, target=target, item=item, target_part=part, sources=said)
            )
        case _:
            raise AssertionError(event)
