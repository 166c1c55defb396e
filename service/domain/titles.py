"""The titles of a thing: the one in its header, and others that sources give it, each under its printed form."""

from collections.abc import Mapping
from typing import Any

from service.domain.decider import Attested, Event, Recorded, S
from service.domain.parts import filled, part_of, put, sources
from service.domain.settling import again
from service.domain.values import Part, PrintedName, Variant


class Title(Part, frozen=True, kw_only=True, gc=False):
    """Another title of the same thing."""

    title: PrintedName
    variant: Variant | None = None


class Titled(Event, frozen=True, kw_only=True, gc=False):
    """Another title of the same thing; told again, what sort of title it is. Each aggregate has its own.

    That of an agreement may have a date, since when it is called so; elsewhere it is `timeless`.
    """

    title: PrintedName
    variant: Variant | None = None

    @property
    def part(self) -> str:
        """One part a title as printed."""
        return f"titles/{self.title.printed}"


def titled(
    subject: str,
    header: Any,
    titles: Mapping[str, Title],
    command: Any,
    kinds: tuple[type[Event], type[Event], type[Attested]],
) -> list[Event]:
    """The events of a title: the main one told again is attested, as is another one that stands.

    `kinds` are the aggregate's events for what describes the header, for another title, and for an attestation.
    """
    described, other, attested = kinds
    printed = command.title.printed
    if header is not None and header.title is not None and header.title.printed == printed:
        what = f"{subject}: header"
        return again(described, attested, header, command, ("title",), what=what, ids={}, key=None)
    held = titles.get(printed)
    if held is None:
        told = {name: getattr(command, name) for name in command.__struct_fields__}
        return [other(**told)]
    ids, what = {"title": held.title}, f"{subject}: titles/{printed}"
    return again(other, attested, held, command, ("title", "variant"), what=what, ids=ids, key=None)


def entitled(state: S, recorded: Recorded, title: PrintedName, variant: Variant | None) -> S:
    """The state with another title; of one that it has, with what became known of it."""
    part = recorded.event.part
    known = part_of(state, part)
    if isinstance(known, Title):
        return filled(state, recorded, ("variant",) if title == known.title else ("title", "variant"))
    return put(state, part, Title(title=title, variant=variant, sources=sources(None, recorded)))
