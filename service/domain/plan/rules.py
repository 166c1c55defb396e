"""What a plan says of how its tasks are kept: its rules, and from when on a task counts as near or behind."""

from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, says, sources
from service.domain.plan.header import Attested
from service.domain.plan.state import Counting, Days, Percent, Plan, Rule, RuleSort, Thresholds
from service.domain.settling import again
from service.domain.values import Label, Text

LEARNT = ("item", "label")
"""What may become known of a rule later."""
LIMITS = ("near", "behind", "escalate", "counts", "slack")


def something(fact: Any) -> None:
    """Thresholds set something."""
    if not any(says(getattr(fact, name)) for name in LIMITS):
        raise ValueError(f"thresholds set at least one of {', '.join(LIMITS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class RuleRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The plan says this of how its tasks are kept."""

    type = "plan.rule_recorded"
    belongs = True
    rule: UUID
    sort: RuleSort
    text: Text
    item: UUID | None = None
    label: Label | None = None

    @property
    def part(self) -> str:
        """One part a rule."""
        return f"rules/{self.rule}"


class RuleDescribed(Event, frozen=True, kw_only=True, gc=False):
    """Where in the plan a rule stands became known."""

    type = "plan.rule_described"
    rule: UUID
    item: UUID | UnsetType = UNSET
    label: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, LEARNT):
            raise ValueError(f"a description sets at least one of {', '.join(LEARNT)}")

    @property
    def part(self) -> str:
        """The rule."""
        return f"rules/{self.rule}"

    @property
    def changes(self) -> str | None:
        """The rule's recording."""
        return self.part


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


EVENTS = (RuleRecorded, RuleDescribed, ThresholdsSet)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordRule(Command, frozen=True, kw_only=True, gc=False):
    """Record what the plan says of how its tasks are kept; `item` is the place in the plan where it says so.

    Without `id` it gets one that follows from its sort and text.
    """

    id: UUID | None = None
    sort: RuleSort
    text: Text
    item: UUID | None = None
    label: Label | None = None


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


Rules = RecordRule | SetThresholds

# --- decide -----------------------------------------------------------------------------------------------------------


def rule_id(id: UUID, command: RecordRule) -> UUID:
    """The rule's id: given, or one that is the same for the same words."""
    return command.id if command.id is not None else uuid5(id, f"rule\n{command.sort}\n{command.text}")


def decide(id: UUID, plan: Plan, command: Rules, refs: Refs) -> list[Event]:
    """The events of a rule, or of thresholds."""
    subject = f"plans/{id}"
    match command:
        case RecordRule(item=item):
            known = rule_id(id, command)
            if item is not None and str(item) not in plan.items:
                raise errors.UnknownPart("/item", part=f"items/{item}", subject=subject)
            held = plan.rules.get(str(known))
            if held is None:
                return [event_from(RuleRecorded, command, rule=known)]
            names, what = ("sort", "text", *LEARNT), f"{subject}: rules/{known}"
            return again(RuleDescribed, Attested, held, command, names, what=what, ids={"rule": known}, key="id")
        case SetThresholds():
            return [event_from(ThresholdsSet, command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its rules."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case RuleRecorded(rule=id, sort=sort, text=text, item=item, label=label):
            return put(plan, event.part, Rule(id=id, sort=sort, text=text, item=item, label=label, sources=said))
        case RuleDescribed():
            return filled(plan, recorded, LEARNT)
        case ThresholdsSet():
            limits = {name: getattr(event, name) for name in LIMITS}
            return put(plan, event.part, Thresholds(**limits, sources=said))
        case _:
            raise AssertionError(event)
