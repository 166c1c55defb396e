"""How things stand to each other: what a relation may lead to, and when it may end, wherever there are links."""

from collections.abc import Mapping
from typing import Any

from service.domain import errors
from service.domain.decider import Event, Ref


def leading(subject: str, command: Any, targets: Mapping[Any, frozenset[str]]) -> None:
    """Refuse a target of a kind that the relation does not lead to, and a thing that stands to itself.

    `targets` are the categories of each relation, `subject` is the thing whose link it is.
    """
    category, wanted = Ref.of(command.target).category, targets[command.relation]
    if category not in wanted:
        told = " or ".join(sorted(wanted))
        raise errors.WrongKind("/target", subject=command.target, kind=category, wanted=told)
    if command.target == subject:
        raise errors.Circular("/target", subject=subject)


def ending(subject: str, links: Mapping[str, Any], event: Event) -> list[Event]:
    """The event that ends a link, refused where there is none."""
    if event.part.partition("/")[2] not in links:
        raise errors.UnknownPart("/target", part=event.part, subject=subject)
    return [event]
