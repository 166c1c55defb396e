"""What a plan asks for by when: targets with a number and without, their deadlines, and how revisions change them."""

from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.parts import filled, put, same, sources
from service.domain.plan.header import Attested
from service.domain.plan.items import altered, dropping
from service.domain.plan.papers import revising, stands
from service.domain.plan.state import Plan, Target
from service.domain.settling import again, agreeing
from service.domain.values import Label, Note, Parties, Quantity, Text, UncertainDate

TERMS = ("text", "metric", "quantity", "due", "horizon", "performers")
"""What is said of a target."""
FIELDS = ("item", *TERMS)


def something(fact: Any) -> None:
    """A target says what is to be reached."""
    if fact.text is None and fact.metric is None:
        raise ValueError("a target has a text or a metric")


def changing(fact: Any) -> None:
    """A change changes something."""
    as_sets(fact, "performers")
    if not fields_set(fact, TERMS):
        raise ValueError(f"a change sets at least one of {', '.join(TERMS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class OfTarget(Event, frozen=True, kw_only=True, gc=False):
    """What every event of a target names."""

    target: UUID

    @property
    def part(self) -> str:
        """One part a target."""
        return f"targets/{self.target}"


class New(OfTarget, frozen=True, kw_only=True, gc=False):
    """A target, as it is first told."""

    item: UUID | None = None
    text: Text | None = None
    metric: Label | None = None
    quantity: Quantity | None = None
    due: UncertainDate | None = None
    horizon: Label | None = None
    performers: Parties = ()

    def __post_init__(self) -> None:
        """It is something."""
        as_sets(self, "performers")
        something(self)


class OfHeld(OfTarget, frozen=True, kw_only=True, gc=False):
    """An event of a target that is recorded."""

    @property
    def changes(self) -> str | None:
        """The target's recording."""
        return self.part


class TargetSet(New, frozen=True, kw_only=True, gc=False):
    """The plan asks for this: a text, or a metric with its number; by when, and who is to bring it about."""

    type = "plan.target_set"
    belongs = True


class TargetAdded(New, frozen=True, kw_only=True, gc=False):
    """A revision put this target in: it holds from then on, not since the plan was made."""

    type = "plan.target_added"
    revision: UUID


class TargetDescribed(OfHeld, frozen=True, kw_only=True, gc=False):
    """What was unknown of a target became known; fields left out stay as they are."""

    type = "plan.target_described"
    item: UUID | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    metric: Label | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    due: UncertainDate | UnsetType = UNSET
    horizon: Label | UnsetType = UNSET
    performers: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "performers")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")


class TargetChanged(OfHeld, frozen=True, kw_only=True, gc=False):
    """The plan asks for something else from then on, or by another day; fields left out stay. Names the revision."""

    type = "plan.target_changed"
    text: Text | UnsetType | None = UNSET
    metric: Label | UnsetType | None = UNSET
    quantity: Quantity | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    horizon: Label | UnsetType | None = UNSET
    performers: Parties | UnsetType = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


class TargetDropped(OfHeld, frozen=True, kw_only=True, gc=False):
    """The target is asked no more from then on."""

    type = "plan.target_dropped"
    revision: UUID | None = None
    grounds: Note | None = None


EVENTS = (TargetSet, TargetAdded, TargetDescribed, TargetChanged, TargetDropped)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetTarget(Command, frozen=True, kw_only=True, gc=False):
    """Record what the plan asks for; of a target recorded already, what was unknown of it.

    `metric` is what is measured, `quantity` how much of it is to be reached; a target may have neither. `due` is the
    deadline as it is known, `horizon` what the plan calls it (近期). Without `id` it gets one that follows from its
    item, text, metric and horizon. A target that a `revision` put in names that, and holds since it does.
    """

    id: UUID | None = None
    item: UUID | None = None
    text: Text | None = None
    metric: Label | None = None
    quantity: Quantity | None = None
    due: UncertainDate | None = None
    horizon: Label | None = None
    performers: Parties = ()
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """It is something; one recorded already may be named by its id alone."""
        as_sets(self, "performers")
        if self.id is None:
            something(self)


class ChangeTarget(Command, frozen=True, kw_only=True, gc=False):
    """Change what a target asks for from `effective` on; fields left out stay as they are."""

    target: UUID
    text: Text | UnsetType | None = UNSET
    metric: Label | UnsetType | None = UNSET
    quantity: Quantity | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    horizon: Label | UnsetType | None = UNSET
    performers: Parties | UnsetType = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


class DropTarget(Command, frozen=True, kw_only=True, gc=False):
    """Ask for a target no more from `effective` on."""

    target: UUID
    revision: UUID | None = None
    grounds: Note | None = None


Targets = SetTarget | ChangeTarget | DropTarget

# --- decide -----------------------------------------------------------------------------------------------------------


def target_id(id: UUID, command: SetTarget) -> UUID:
    """The target's id: given, or one that is the same for the same words in the same place."""
    told = (command.item, command.text, command.metric, command.horizon)
    return command.id if command.id is not None else uuid5(id, "target\n" + "\n".join(str(one or "") for one in told))


def decide(id: UUID, plan: Plan, command: Targets, refs: Refs) -> list[Event]:
    """The events of a command on the targets."""
    subject = f"plans/{id}"
    if isinstance(command, SetTarget):
        return set_target(id, plan, command)
    held = plan.targets.get(str(command.target))
    if held is None:
        raise errors.UnknownPart("/target", part=f"targets/{command.target}", subject=subject)
    told = revising(subject, plan, command)
    match command:
        case ChangeTarget():
            changed: Event = event_from(TargetChanged, told)
            if not same(plan, evolve(plan, Recorded.template(changed))):
                stands(subject, "target", held, changed)
            return [changed]
        case DropTarget():
            return [dropping(subject, "target", held, command, event_from(TargetDropped, told))]
        case _:
            assert_never(command)


def set_target(id: UUID, plan: Plan, command: SetTarget) -> list[Event]:
    """The events of a target: its setting, or what is learnt of one that stands."""
    subject, known = f"plans/{id}", target_id(id, command)
    if command.item is not None and str(command.item) not in plan.items:
        raise errors.UnknownPart("/item", part=f"items/{command.item}", subject=subject)
    dated = revising(subject, plan, command)
    held = plan.targets.get(str(known))
    if held is None:
        if command.text is None and command.metric is None:
            raise errors.Invalid("/text", problem="a target that is not recorded yet has a text or a metric")
        return [event_from(TargetSet if command.revision is None else TargetAdded, dated, target=known)]
    what = f"{subject}: targets/{known}"
    agreeing(held, command, what, {"revision": "added_by"})
    return again(TargetDescribed, Attested, held, command, FIELDS, what=what, ids={"target": known}, key="id")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its targets."""
    event = recorded.event
    match event:
        case New():
            by = event.revision if isinstance(event, TargetAdded) else None
            told = {name: getattr(event, name) for name in FIELDS}
            return put(plan, event.part, Target(id=event.target, **told, added_by=by, sources=sources(None, recorded)))
        case TargetDescribed():
            return filled(plan, recorded, FIELDS)
        case TargetChanged() | TargetDropped():
            return altered(plan, recorded, TERMS)
        case _:
            raise AssertionError(event)
