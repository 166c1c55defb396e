"""A plan's structure: sections, groups, actions, works, goals, each with a stable id, and how revisions change it."""

from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, part_of, put, same, sources
from service.domain.plan.header import Attested
from service.domain.plan.papers import revising, stands
from service.domain.plan.state import Item, Plan, Sort, above
from service.domain.settling import again, agreeing, dates
from service.domain.values import Count, Label, Magnitude, Note, Text

TERMS = ("parent", "label", "heading", "text", "sort", "declared", "order")
"""What is said of an item."""


def something(fact: Any) -> None:
    """An item is called something, or says something."""
    if fact.label is None and fact.heading is None and fact.text is None:
        raise ValueError("an item has a label, a heading or a text")


def apart(event: Any) -> None:
    """An item does not stand under itself. (Longer circles are the decider's to find.)"""
    if event.parent == event.item:
        raise ValueError("an item does not stand under itself")


def changing(fact: Any) -> None:
    """A change changes something."""
    if not fields_set(fact, TERMS):
        raise ValueError(f"a change sets at least one of {', '.join(TERMS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class OfItem(Event, frozen=True, kw_only=True, gc=False):
    """What every event of an item names."""

    item: UUID

    @property
    def part(self) -> str:
        """One part an item."""
        return f"items/{self.item}"


class New(OfItem, frozen=True, kw_only=True, gc=False):
    """An item, as it is first told. `declared` is how many things a source says to stand in it: a claim, no count."""

    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    sort: Sort | None = None
    declared: Magnitude | None = None
    order: Count | None = None

    def __post_init__(self) -> None:
        """It is something."""
        something(self)
        apart(self)


class OfHeld(OfItem, frozen=True, kw_only=True, gc=False):
    """An event of an item that is recorded."""

    @property
    def changes(self) -> str | None:
        """The item's recording."""
        return self.part


class ItemRecorded(New, frozen=True, kw_only=True, gc=False):
    """The plan has this item. `declared` is how many things a source says to stand in it: a claim, not a count."""

    type = "plan.item_recorded"
    belongs = True


class ItemAdded(New, frozen=True, kw_only=True, gc=False):
    """A revision put this item in: it holds from then on, not since the plan was made."""

    type = "plan.item_added"
    revision: UUID


class ItemDescribed(OfHeld, frozen=True, kw_only=True, gc=False):
    """What was unknown of an item became known; fields left out stay as they are."""

    type = "plan.item_described"
    parent: UUID | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    heading: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    sort: Sort | UnsetType = UNSET
    declared: Magnitude | UnsetType = UNSET
    order: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        apart(self)
        if not fields_set(self, TERMS):
            raise ValueError(f"a description sets at least one of {', '.join(TERMS)}")


class ItemChanged(OfHeld, frozen=True, kw_only=True, gc=False):
    """The item says something else, or stands elsewhere, from then on; fields left out stay. Names the revision."""

    type = "plan.item_changed"
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    sort: Sort | UnsetType | None = UNSET
    declared: Magnitude | UnsetType | None = UNSET
    order: Count | UnsetType | None = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        apart(self)
        changing(self)


class ItemDropped(OfHeld, frozen=True, kw_only=True, gc=False):
    """The item, with what stands under it, is asked no more from then on."""

    type = "plan.item_dropped"
    revision: UUID | None = None
    grounds: Note | None = None


EVENTS = (ItemRecorded, ItemAdded, ItemDescribed, ItemChanged, ItemDropped)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordItem(Command, frozen=True, kw_only=True, gc=False):
    """Record an item of the plan; of one recorded already, what was unknown of it.

    `id` and `parent` are item ids; without `id` it gets one that follows from its parent, label, heading and text. Of
    several things that a source counts and does not name, record one item with their `declared` number. An item that a
    `revision` put in names that, and holds since it does.
    """

    id: UUID | None = None
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    sort: Sort | None = None
    declared: Magnitude | None = None
    order: Count | None = None
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """It is something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self)


class ChangeItem(Command, frozen=True, kw_only=True, gc=False):
    """Change what an item says, or where it stands, from `effective` on; fields left out stay as they are."""

    item: UUID
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    sort: Sort | UnsetType | None = UNSET
    declared: Magnitude | UnsetType | None = UNSET
    order: Count | UnsetType | None = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


class DropItem(Command, frozen=True, kw_only=True, gc=False):
    """Ask an item, with what stands under it, no more from `effective` on."""

    item: UUID
    revision: UUID | None = None
    grounds: Note | None = None


Items = RecordItem | ChangeItem | DropItem

# --- decide -----------------------------------------------------------------------------------------------------------


def item_id(id: UUID, command: RecordItem) -> UUID:
    """The item's id: given, or one that is the same for the same words in the same place."""
    told = (command.parent, command.label, command.heading, command.text)
    return command.id if command.id is not None else uuid5(id, "item\n" + "\n".join(str(one or "") for one in told))


def decide(id: UUID, plan: Plan, command: Items, refs: Refs) -> list[Event]:
    """The events of a command on the items."""
    subject = f"plans/{id}"
    if isinstance(command, RecordItem):
        return recorded_item(id, plan, command)
    held = plan.items.get(str(command.item))
    if held is None:
        raise errors.UnknownPart("/item", part=f"items/{command.item}", subject=subject)
    told = revising(subject, plan, command)
    match command:
        case ChangeItem(parent=parent):
            if isinstance(parent, UUID):
                under(subject, plan, held.id, parent)
            changed: Event = event_from(ItemChanged, told)
            if not same(plan, evolve(plan, Recorded.template(changed))):
                stands(subject, "item", held, changed)
            return [changed]
        case DropItem():
            return [dropping(subject, "item", held, command, event_from(ItemDropped, told))]
        case _:
            assert_never(command)


def dropping(subject: str, name: str, held: Any, command: Any, event: Event) -> Event:
    """The event of a dropping. Of one recorded already, what the command leaves out is as recorded."""
    if not held.dropped:
        return event
    what = f"{subject}: {name}s/{held.id} dropped"
    agreeing(held, command, what, {"revision": "dropped_by", "grounds": "grounds"})
    since = dates(command.effective, held.dropped_from, what, held=held, fact=command, field="dropped_from")
    return replace(event, effective=since, revision=held.dropped_by, grounds=held.grounds)


def recorded_item(id: UUID, plan: Plan, command: RecordItem) -> list[Event]:
    """The events of an item: its recording, or what is learnt of one that stands."""
    subject, known = f"plans/{id}", item_id(id, command)
    if command.parent is not None:
        under(subject, plan, known, command.parent)
    dated = revising(subject, plan, command)
    held = plan.items.get(str(known))
    if held is None:
        if command.label is None and command.heading is None and command.text is None:
            raise errors.Invalid("/text", problem="an item that is not recorded yet has a label, a heading or a text")
        return [event_from(ItemRecorded if command.revision is None else ItemAdded, dated, item=known)]
    what = f"{subject}: items/{known}"
    agreeing(held, command, what, {"revision": "added_by"})
    return again(ItemDescribed, Attested, held, command, TERMS, what=what, ids={"item": known}, key="id")


def under(subject: str, plan: Plan, item: UUID, parent: UUID) -> None:
    """Refuse a parent that is not recorded, or that is the item itself or stands under it."""
    if parent != item and str(parent) not in plan.items:
        raise errors.UnknownPart("/parent", part=f"items/{parent}", subject=subject)
    if item in above(plan, parent):
        raise errors.Circular("/parent", subject=f"items/{item}")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its items."""
    event = recorded.event
    match event:
        case New():
            by = event.revision if isinstance(event, ItemAdded) else None
            told = {name: getattr(event, name) for name in TERMS}
            return put(plan, event.part, Item(id=event.item, **told, added_by=by, sources=sources(None, recorded)))
        case ItemDescribed():
            return filled(plan, recorded, TERMS)
        case ItemChanged() | ItemDropped():
            return altered(plan, recorded, TERMS)
        case _:
            raise AssertionError(event)


def altered(plan: Plan, recorded: Recorded, terms: tuple[str, ...]) -> Plan:
    """The plan after an item, a target or a rule of it was changed or dropped; nothing where that is not recorded."""
    event: Any = recorded.event
    held = part_of(plan, event.part)
    if held is None:
        return plan
    if event.type.endswith("_dropped"):
        values = {
            "dropped": True,
            "dropped_from": event.effective,
            "dropped_by": event.revision,
            "grounds": event.grounds,
        }
    else:
        values = {name: getattr(event, name) for name in fields_set(event, terms)}
        values |= {"changed": True, "changed_by": event.revision}
    return put(plan, event.part, replace(held, **values, sources=sources(held, recorded, tuple(values))))
