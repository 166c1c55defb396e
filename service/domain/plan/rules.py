"""What a plan says of how its tasks are kept: its rules, what revisions make of them, the thresholds of lateness."""

from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, same, says, sources
from service.domain.plan.header import Attested
from service.domain.plan.items import altered, dropping
from service.domain.plan.papers import revising, stands
from service.domain.plan.state import Counting, Days, Percent, Plan, Rule, RuleSort, Thresholds
from service.domain.settling import again, agreeing
from service.domain.values import Label, Note, Text

FIELDS = ("sort", "text", "item", "label")
LEARNT = ("item", "label")
"""What may become known of a rule later."""
LIMITS = ("near", "behind", "escalate", "counts", "slack")


def something(fact: Any) -> None:
    """Thresholds set something."""
    if not any(says(getattr(fact, name)) for name in LIMITS):
        raise ValueError(f"thresholds set at least one of {', '.join(LIMITS)}")


def changing(fact: Any) -> None:
    """A change changes something."""
    if not fields_set(fact, FIELDS):
        raise ValueError(f"a change sets at least one of {', '.join(FIELDS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class OfRule(Event, frozen=True, kw_only=True, gc=False):
    """What every event of a rule names."""

    rule: UUID

    @property
    def part(self) -> str:
        """One part a rule."""
        return f"rules/{self.rule}"


class New(OfRule, frozen=True, kw_only=True, gc=False):
    """A rule, as it is first told."""

    sort: RuleSort
    text: Text
    item: UUID | None = None
    label: Label | None = None


class OfHeld(OfRule, frozen=True, kw_only=True, gc=False):
    """An event of a rule that is recorded."""

    @property
    def changes(self) -> str | None:
        """The rule's recording."""
        return self.part


class RuleRecorded(New, frozen=True, kw_only=True, gc=False):
    """The plan says this of how its tasks are kept."""

    type = "plan.rule_recorded"
    belongs = True


class RuleAdded(New, frozen=True, kw_only=True, gc=False):
    """A revision put this rule in: it holds from then on, not since the plan was made."""

    type = "plan.rule_added"
    revision: UUID


class RuleDescribed(OfHeld, frozen=True, kw_only=True, gc=False):
    """Where in the plan a rule stands became known."""

    type = "plan.rule_described"
    item: UUID | UnsetType = UNSET
    label: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, LEARNT):
            raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")


class RuleChanged(OfHeld, frozen=True, kw_only=True, gc=False):
    """The rule says something else, or stands elsewhere, from then on; fields left out stay. Names the revision."""

    type = "plan.rule_changed"
    sort: RuleSort | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    item: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


class RuleDropped(OfHeld, frozen=True, kw_only=True, gc=False):
    """The rule counts no more from then on."""

    type = "plan.rule_dropped"
    revision: UUID | None = None
    grounds: Note | None = None


class ThresholdsSet(Event, frozen=True, kw_only=True, gc=False):
    """The plan's tasks count as near, behind and escalated by these from then on; what is left out is not set."""

    type = "plan.thresholds_set"
    near: Days | None = None
    behind: Days | None = None
    escalate: Days | None = None
    counts: Counting | None = None
    slack: Percent | None = None

    def __post_init__(self) -> None:
        """Something is set."""
        something(self)

    @property
    def part(self) -> str:
        """The plan has one set of them."""
        return "thresholds"


EVENTS = (RuleRecorded, RuleAdded, RuleDescribed, RuleChanged, RuleDropped, ThresholdsSet)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordRule(Command, frozen=True, kw_only=True, gc=False):
    """Record what the plan says of how its tasks are kept; `item` is the place in the plan where it says so.

    Without `id` it gets one that follows from its sort and text. A rule that a `revision` put in names that, and holds
    since it does.
    """

    id: UUID | None = None
    sort: RuleSort
    text: Text
    item: UUID | None = None
    label: Label | None = None
    revision: UUID | None = None


class ChangeRule(Command, frozen=True, kw_only=True, gc=False):
    """Change what a rule says, or where it stands, from `effective` on; fields left out stay as they are."""

    rule: UUID
    sort: RuleSort | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    item: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    revision: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


class DropRule(Command, frozen=True, kw_only=True, gc=False):
    """Let a rule count no more from `effective` on."""

    rule: UUID
    revision: UUID | None = None
    grounds: Note | None = None


class SetThresholds(Command, frozen=True, kw_only=True, gc=False):
    """Set from when on the plan's tasks are near, behind and escalated, whole; what is left out is the registry's own.

    `near` and `behind` are days before a deadline, `escalate` days after it, calendar days or working days by `counts`;
    `slack` is by how many percent progress may lag behind the time that has passed.
    """

    near: Days | None = None
    behind: Days | None = None
    escalate: Days | None = None
    counts: Counting | None = None
    slack: Percent | None = None

    def __post_init__(self) -> None:
        """Something is set."""
        something(self)


Rules = RecordRule | ChangeRule | DropRule | SetThresholds

# --- decide -----------------------------------------------------------------------------------------------------------


def rule_id(id: UUID, command: RecordRule) -> UUID:
    """The rule's id: given, or one that is the same for the same words."""
    return command.id if command.id is not None else uuid5(id, f"rule\n{command.sort}\n{command.text}")


def decide(id: UUID, plan: Plan, command: Rules, refs: Refs) -> list[Event]:
    """The events of a rule, or of thresholds."""
    match command:
        case RecordRule():
            return recorded_rule(id, plan, command)
        case ChangeRule() | DropRule():
            return altering(f"plans/{id}", plan, command)
        case SetThresholds():
            return [event_from(ThresholdsSet, command)]
        case _:
            assert_never(command)


def recorded_rule(id: UUID, plan: Plan, command: RecordRule) -> list[Event]:
    """The events of a rule: its recording, or what is learnt of one that stands."""
    subject, known = f"plans/{id}", rule_id(id, command)
    placed(subject, plan, command.item)
    dated = revising(subject, plan, command)
    held = plan.rules.get(str(known))
    if held is None:
        return [event_from(RuleRecorded if command.revision is None else RuleAdded, dated, rule=known)]
    what = f"{subject}: rules/{known}"
    agreeing(held, command, what, {"revision": "added_by"})
    return again(RuleDescribed, Attested, held, command, FIELDS, what=what, ids={"rule": known}, key="id")


def altering(subject: str, plan: Plan, command: ChangeRule | DropRule) -> list[Event]:
    """The event by which a rule that is recorded says something else, or counts no more."""
    held = plan.rules.get(str(command.rule))
    if held is None:
        raise errors.UnknownPart("/rule", part=f"rules/{command.rule}", subject=subject)
    told = revising(subject, plan, command)
    if isinstance(command, DropRule):
        return [dropping(subject, "rule", held, command, event_from(RuleDropped, told))]
    if command.item is not UNSET:
        placed(subject, plan, command.item)
    changed: Event = event_from(RuleChanged, told)
    if not same(plan, evolve(plan, Recorded.template(changed))):
        stands(subject, "rule", held, changed)
    return [changed]


def placed(subject: str, plan: Plan, item: UUID | None) -> None:
    """Refuse a place that is not recorded."""
    if item is not None and str(item) not in plan.items:
        raise errors.UnknownPart("/item", part=f"items/{item}", subject=subject)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its rules."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case New():
            by = event.revision if isinstance(event, RuleAdded) else None
            told = {name: getattr(event, name) for name in FIELDS}
            return put(plan, event.part, Rule(id=event.rule, **told, added_by=by, sources=said))
        case RuleDescribed():
            return filled(plan, recorded, LEARNT)
        case RuleChanged() | RuleDropped():
            return altered(plan, recorded, FIELDS)
        case ThresholdsSet():
            limits = {name: getattr(event, name) for name in LIMITS}
            return put(plan, event.part, Thresholds(**limits, sources=said))
        case _:
            raise AssertionError(event)
