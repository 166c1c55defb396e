"""What a figure is made of: categories that add up, stages of which each is within the one before, shares."""

from typing import Any
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set, undated
from service.domain.figure.header import Attested
from service.domain.figure.state import Figure, Item, Sort, above
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Count, Label, Text

TERMS = ("parent", "sort", "label", "text", "order")
"""What is said of an item."""


def something(fact: Any) -> None:
    """An item is called something."""
    if fact.label is None and fact.text is None:
        raise ValueError("an item of a figure has a label or a text")


def apart(event: Any) -> None:
    """An item is no part of itself. (Longer circles are the decider's to find.)"""
    if event.parent == event.item:
        raise ValueError("an item does not stand under itself")


# --- Events -----------------------------------------------------------------------------------------------------------


class ItemRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The figure has this part: a category, a stage, a share. What sources say of it, claims tell."""

    type = "figure.item_recorded"
    timeless = True
    item: UUID
    sort: Sort
    parent: UUID | None = None
    label: Label | None = None
    text: Text | None = None
    order: Count | None = None

    def __post_init__(self) -> None:
        """It is something."""
        something(self)
        apart(self)

    @property
    def part(self) -> str:
        """One part an item."""
        return f"items/{self.item}"


class ItemDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of an item became known; fields left out stay as they are."""

    type = "figure.item_described"
    timeless = True
    item: UUID
    parent: UUID | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    order: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        apart(self)
        if not fields_set(self, LEARNT):
            raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")

    @property
    def part(self) -> str:
        """The item."""
        return f"items/{self.item}"


LEARNT = ("parent", "label", "text", "order")
EVENTS = (ItemRecorded, ItemDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordItem(Command, frozen=True, kw_only=True, gc=False):
    """Record a part of what is counted; of one recorded already, what was unknown of it.

    Categories of one parent are disjoint, and together all of it, as far as as many are recorded as are claimed.
    Stages of one parent follow each other by `order`, each within the one before and the first within the parent.
    Without `id` it gets one that follows from its parent, label and text.
    """

    id: UUID | None = None
    sort: Sort
    parent: UUID | None = None
    label: Label | None = None
    text: Text | None = None
    order: Count | None = None

    def __post_init__(self) -> None:
        """It is something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self)


# --- decide -----------------------------------------------------------------------------------------------------------


def item_id(id: UUID, command: RecordItem) -> UUID:
    """The item's id: given, or one that is the same for the same words in the same place."""
    told = (command.parent, command.label, command.text)
    return command.id if command.id is not None else uuid5(id, "item\n" + "\n".join(str(one or "") for one in told))


def decide(id: UUID, figure: Figure, command: RecordItem, refs: Refs) -> list[Event]:
    """The events of an item: its recording, or what is learnt of one that stands."""
    undated(command)
    subject, known = f"figures/{id}", item_id(id, command)
    if command.parent is not None:
        if command.parent != known and str(command.parent) not in figure.items:
            raise errors.UnknownPart("/parent", part=f"items/{command.parent}", subject=subject)
        if known in above(figure, command.parent):
            raise errors.Circular("/parent", subject=f"items/{known}")
    held = figure.items.get(str(known))
    if held is None:
        if command.label is None and command.text is None:
            raise errors.Invalid("/label", problem="an item of a figure that is not recorded yet has a label or a text")
        return [event_from(ItemRecorded, command, item=known)]
    what = f"{subject}: items/{known}"
    return again(ItemDescribed, Attested, held, command, TERMS, what=what, ids={"item": known}, key="id")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event of its items."""
    event = recorded.event
    match event:
        case ItemRecorded():
            told = {name: getattr(event, name) for name in TERMS}
            return put(figure, event.part, Item(id=event.item, **told, sources=sources(None, recorded)))
        case ItemDescribed():
            return filled(figure, recorded, LEARNT)
        case _:
            raise AssertionError(event)
