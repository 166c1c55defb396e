"""What a figure's state is made of: one struct a part, each stored as one row; and what is read off it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from service.domain import amounts
from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.values import (
    Count,
    Label,
    Magnitude,
    Note,
    Part,
    PartName,
    Period,
    Person,
    PrintedName,
    Quantity,
    Text,
    UncertainDate,
)

Status = Literal["registered", "reported", "reconciled", "disputed", "merged"]
"""`registered`: no claim is known. `merged` holds while a record is a duplicate."""
Role = Literal["subject", "counterpart", "area"]
"""Whose number it is (聊城市的生产总值), with whom (与驻济高校签约), within which area or body it counts."""
Sort = Literal["category", "stage", "share"]
"""How an item stands to what it is a part of. Categories are disjoint and together are the whole; a stage is what is
left of the one before it (186 talked over, 61 intended, 26 signed); a share is some of it (其中), whatever else is."""
Relation = Literal["at", "under", "counts"]
"""`at` is the meeting at which it was counted, `under` the plan, agreement or other thing whose number it is, `counts`
what is named among the things counted."""
Finding = Literal["reconciled", "disputed"]


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What is counted or measured (`metric`), what the registry calls the figure, the time that it is of, and more."""

    metric: Label
    called: Label | None = None
    period: Period | None = None
    text: Text | None = None


class Concerned(Part, frozen=True, kw_only=True, gc=False):
    """Whom the figure is about, as what: a party, or those that no source names, in words of our own."""

    role: Role
    party: UUID | None = None
    group: Label | None = None
    name: PrintedName | None = None


class Item(Part, frozen=True, kw_only=True, gc=False):
    """A part of what is counted: a category, a stage, a share; `order` is its place among its like."""

    id: UUID
    sort: Sort
    parent: UUID | None = None
    label: Label | None = None
    text: Text | None = None
    order: Count | None = None


class Claim(Part, frozen=True, kw_only=True, gc=False):
    """What a source says of the whole, or of an item: numbers that it gives together.

    `count` is how many things there are, `sum` what they are worth, `quantity` any other measure; `was` is what it was
    before, `change` by how much it is more or less than that, or than what it is `compared` with; `rank` is the
    place that it has `among` others; `categories` how many there are of them.
    """

    id: UUID
    item: UUID | None = None
    count: Magnitude | None = None
    sum: Magnitude | None = None
    quantity: Quantity | None = None
    was: Quantity | None = None
    change: Quantity | None = None
    compared: Label | None = None
    rank: Count | None = None
    among: Label | None = None
    categories: Count | None = None
    text: Text | None = None
    speaker: Person | None = None
    by: tuple[UUID, ...] = ()


class Link(Part, frozen=True, kw_only=True, gc=False):
    """How the figure, or an item of it, stands to another thing, named by its subject, or to a part of that."""

    relation: Relation
    target: str
    item: UUID | None = None
    target_part: PartName | None = None


class Assessment(Part, frozen=True, kw_only=True, gc=False):
    """What somebody found of the figure: that it is in order, or that it is not, and why."""

    id: UUID
    finding: Finding
    effective: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None


class Figure(State, frozen=True, kw_only=True, gc=False):
    """A figure, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    concerned: dict[str, Concerned] = {}
    items: dict[str, Item] = {}
    claims: dict[str, Claim] = {}
    links: dict[str, Link] = {}
    assessments: dict[str, Assessment] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def numbers(header: Header, claim: Claim) -> str:
    """The numbers of a claim in words, as readers look for them, and what is counted."""
    told = [amounts.words(claim.count, header.metric)] if claim.count is not None else []
    others = (claim.sum, claim.quantity, claim.was, claim.change)
    told += [amounts.words(one) for one in others if one is not None]
    told += [f"{claim.among or ''}第{claim.rank}"] if claim.rank is not None else []
    return ",".join([*told, *([claim.text] if claim.text is not None else [])])


def told_at(part: Part) -> int:
    """The sequence of the event that first told of a part."""
    return part.sources[0].sequence if part.sources else 0


def found(figure: Figure) -> Assessment | None:
    """The last that was found of the figure, by its day, then by its place in the log."""

    def when(one: Assessment) -> tuple[date, int]:
        day = one.effective.earliest if one.effective is not None else None
        return day or date.min, told_at(one)

    return max(figure.assessments.values(), key=when, default=None)


def status(figure: Figure) -> Status:
    """How far the figure is: merged while a duplicate, else what was last found of it, else whether it is claimed."""
    if figure.duplicate is not None:
        return "merged"
    last = found(figure)
    if last is not None:
        return last.finding
    return "reported" if figure.claims else "registered"


def title(header: Header) -> str:
    """What a list calls the figure."""
    return header.called or header.metric


def above(figure: Figure, item: UUID | None) -> Iterator[UUID]:
    """An item and those that it is a part of, as far as they are recorded, each once."""
    seen: set[UUID] = set()
    while item is not None and item not in seen:
        seen.add(item)
        yield item
        held = figure.items.get(str(item))
        item = held.parent if held else None


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items by their place among their like, those without one last; then in the order of their recording."""
    return sorted(items, key=lambda item: (item.order is None, item.order or 0, told_at(item), item.id))


def as_told(claims: Iterable[Claim]) -> list[Claim]:
    """Claims in the order of their recording."""
    return sorted(claims, key=lambda claim: (told_at(claim), claim.id))


def under(figure: Figure, parent: UUID | None) -> list[Item]:
    """The items right under another, or under the whole (None), in their order."""
    return in_order(item for item in figure.items.values() if item.parent == parent)


def from_above(figure: Figure) -> Iterator[Item]:
    """The items that stand under the whole, each before what stands under it, in their order."""
    below: dict[UUID | None, list[Item]] = {}
    for item in figure.items.values():
        below.setdefault(item.parent, []).append(item)
    waiting = in_order(below.get(None, ()))[::-1]
    while waiting:
        yield (item := waiting.pop())
        waiting += in_order(below.get(item.id, ()))[::-1]


def claims_of(figure: Figure, item: UUID | None) -> list[Claim]:
    """What sources say of an item, or of the whole, in the order of their recording."""
    return as_told(claim for claim in figure.claims.values() if claim.item == item)
