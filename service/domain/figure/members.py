"""What is named among the things that a figure counts, and what each is worth: projects by what is invested in them."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from service.domain.decider import Ref, State
from service.domain.figure.state import Figure, Item, Link, told_at
from service.domain.project.state import Project, modality_of
from service.domain.values import Magnitude, PartName


class Member(Struct, frozen=True, kw_only=True, gc=False):
    """A thing as it is known then: what it is worth, in sums of any modality, and the record that stands for it."""

    sums: tuple[Magnitude, ...] = ()
    into: str | None = None


class Thing(NamedTuple):
    """What is counted once: a thing, by the subject of the record that stands for it, or a part of it."""

    subject: str
    part: PartName | None


class Named(Struct, frozen=True, kw_only=True, gc=False):
    """What is named in an item itself, as it was told; the record that stands for it, where that is another.

    `known`: it was registered then. What was not is not counted.
    """

    target: str
    target_part: PartName | None
    stands_for: str | None
    known: bool


def member(ref: Ref, state: State) -> Member:
    """What a thing is worth: of a project all that is invested, increases by their increments; of others none."""
    into = getattr(getattr(state, "duplicate", None), "into", None)
    sums: tuple[Magnitude, ...] = ()
    if isinstance(state, Project):
        invested = sorted(state.investments.values(), key=lambda one: (told_at(one), one.id))
        sums = tuple(replace(one.quantity, modality=modality_of(state, one)) for one in invested)
    return Member(sums=sums, into=f"{ref.category}/{into}" if into is not None else None)


def counted(figure: Figure) -> list[Link]:
    """The links to what is named, in the order of their recording."""
    links = [link for link in figure.links.values() if link.relation == "counts"]
    return sorted(links, key=lambda link: (told_at(link), link.target, link.target_part or ""))


def standing(subject: str, members: Mapping[str, Member]) -> str:
    """The subject of the record that stands for a thing."""
    seen = {subject}
    while (held := members.get(subject)) is not None and held.into is not None and held.into not in seen:
        subject = held.into
        seen.add(subject)
    return subject


def named(figure: Figure, members: Mapping[str, Member]) -> dict[UUID | None, list[Named]]:
    """What is named in each item itself, in the order of the recording."""
    found: dict[UUID | None, list[Named]] = {}
    for link in counted(figure):
        subject = standing(link.target, members)
        one = Named(
            target=link.target,
            target_part=link.target_part,
            stands_for=subject if subject != link.target else None,
            known=subject in members,
        )
        found.setdefault(link.item, []).append(one)
    return found


def things(
    own: Mapping[UUID | None, list[Named]], order: list[UUID | None], children: Mapping[UUID | None, list[Item]]
) -> dict[UUID | None, frozenset[Thing]]:
    """What is named in each item, or in what stands under it, or in a stage after it: each thing once.

    `order` has each item before its `children`. What was not registered then is left out.
    """
    found: dict[UUID | None, frozenset[Thing]] = {}
    for item in reversed(order):
        here = {Thing(one.stands_for or one.target, one.target_part) for one in own.get(item, ()) if one.known}
        later: frozenset[Thing] = frozenset()
        for child in reversed(children.get(item, ())):
            if child.sort == "stage":
                # What is left at a stage was there at those before.
                found[child.id] = later = later | found[child.id]
            here |= found[child.id]
        found[item] = frozenset(here)
    return found
