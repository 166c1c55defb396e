"""What a task asks for: what is to be done, to what standard, by when; and the changes of that (动态调整).

The first telling sets the terms, more tellings learn what was unknown of them. An adjustment changes them from a day
on, and says why and who approved it. A deadline told as a number of days is counted here, once, when it is recorded.
"""

from datetime import date, timedelta
from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors, workdays
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.task.entitled import approving
from service.domain.task.header import Attested
from service.domain.task.state import DueRule, Task, Terms
from service.domain.values import DocumentId, Note, PartyId, Person, PlanId, PrintedName, Text, UncertainDate

FIELDS = ("text", "requirement", "starts", "due", "due_rule")
CHANGES = ("title", *FIELDS)
MARKS = ("grounds", "approver", "approved_by", "plan", "instrument")
"""What an adjustment says of itself: it stands beside the terms until the next one."""


def too_early(starts: Any, due: Any) -> bool:
    """Whether a task is certainly due before it starts."""
    first = starts.earliest if isinstance(starts, UncertainDate) else None
    last = due.latest if isinstance(due, UncertainDate) else None
    return first is not None and last is not None and last < first


def in_order(fact: Any) -> None:
    """A task is not due before it starts."""
    if too_early(fact.starts, fact.due):
        raise ValueError("the task is due before it starts")


def told(fact: Any) -> None:
    """Terms say something."""
    if not any(says(getattr(fact, name)) for name in FIELDS):
        raise ValueError(f"terms have at least one of {', '.join(FIELDS)}")
    in_order(fact)


def adjusting(fact: Any) -> None:
    """An adjustment changes something."""
    if not fields_set(fact, CHANGES):
        raise ValueError(f"an adjustment sets at least one of {', '.join(CHANGES)}")
    in_order(fact)


# --- Events -----------------------------------------------------------------------------------------------------------


class TermsSet(Event, frozen=True, kw_only=True, gc=False):
    """What is to be done, to what standard, from when, by when, as it was first set."""

    type = "task.terms_set"
    text: Text | None = None
    requirement: Text | None = None
    starts: UncertainDate | None = None
    due: UncertainDate | None = None
    due_rule: DueRule | None = None

    def __post_init__(self) -> None:
        """Something is asked."""
        told(self)

    @property
    def part(self) -> str:
        """One set of terms a task."""
        return "terms"


class TermsDescribed(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the terms became known; fields left out stay as they are."""

    type = "task.terms_described"
    text: Text | UnsetType = UNSET
    requirement: Text | UnsetType = UNSET
    starts: UncertainDate | UnsetType = UNSET
    due: UncertainDate | UnsetType = UNSET
    due_rule: DueRule | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")
        in_order(self)

    @property
    def part(self) -> str:
        """The terms."""
        return "terms"

    @property
    def changes(self) -> str | None:
        """Their first telling."""
        return "terms"


class Adjusted(Event, frozen=True, kw_only=True, gc=False):
    """The task asks for something else from then on, or is due on another day: why, and who approved it.

    Fields left out stay, null takes away. `plan` is the one of which the approver is a body, `instrument` the paper
    that says so.
    """

    type = "task.adjusted"
    title: PrintedName | UnsetType = UNSET
    text: Text | UnsetType | None = UNSET
    requirement: Text | UnsetType | None = UNSET
    starts: UncertainDate | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    due_rule: DueRule | UnsetType | None = UNSET
    grounds: Note
    approver: PartyId | None = None
    approved_by: Person | None = None
    plan: PlanId | None = None
    instrument: DocumentId | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        adjusting(self)

    @property
    def part(self) -> str:
        """The terms."""
        return "terms"

    @property
    def changes(self) -> str | None:
        """Their first telling."""
        return "terms"


EVENTS = (TermsSet, TermsDescribed, Adjusted)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetTerms(Command, frozen=True, kw_only=True, gc=False):
    """Record what the task asks for as it was first set; of terms that stand, what was unknown of them.

    `due_rule` is a deadline told as so many days after a day; `due` is then counted from it.
    """

    text: Text | None = None
    requirement: Text | None = None
    starts: UncertainDate | None = None
    due: UncertainDate | None = None
    due_rule: DueRule | None = None

    def __post_init__(self) -> None:
        """Something is asked."""
        told(self)


class Adjust(Command, frozen=True, kw_only=True, gc=False):
    """Record that the task asks for something else from `effective` on, on what grounds and with whose approval.

    Fields left out stay, null takes away. A supervising unit approves, or an issuer, leader or approver of the `plan`
    that the task carries out; never a lead unit.
    """

    title: PrintedName | UnsetType = UNSET
    text: Text | UnsetType | None = UNSET
    requirement: Text | UnsetType | None = UNSET
    starts: UncertainDate | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    due_rule: DueRule | UnsetType | None = UNSET
    grounds: Note
    approver: PartyId | None = None
    approved_by: Person | None = None
    plan: PlanId | None = None
    instrument: DocumentId | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        adjusting(self)


Asking = SetTerms | Adjust

# --- decide -----------------------------------------------------------------------------------------------------------


def counted(rule: DueRule) -> tuple[UncertainDate, DueRule]:
    """The deadline of a rule, and the rule with how far holidays were known when it was counted."""
    try:
        if rule.counts == "working":
            day = workdays.after(rule.after, rule.days)
        else:
            day = rule.after + timedelta(days=rule.days)
    except OverflowError:
        raise errors.Invalid("/due_rule", problem="no calendar comes to that day") from None
    beyond = rule.counts == "working" and not (workdays.known(rule.after) and workdays.known(day))
    due = UncertainDate(earliest=day, latest=day, printed=rule.printed, basis="inferred")
    return due, replace(rule, holidays_until=workdays.LAST if beyond else None)


def ruled(command: Any, held: Terms | None) -> Any:
    """The command with the deadline that its rule comes to; a rule that stands was counted when it was recorded."""
    rule = command.due_rule
    if not isinstance(rule, DueRule):
        return command
    known = held.due_rule if held is not None else None
    if known is not None and replace(known, holidays_until=None) == replace(rule, holidays_until=None):
        due, rule = held.due if held is not None else None, known
    else:
        due, rule = counted(rule)
    given = command.due
    if isinstance(given, UncertainDate) and not given.agrees(due):
        raise errors.Invalid("/due", problem="due is another day than due_rule comes to; give one of the two")
    fits(command.starts, due, "/due_rule")
    return replace(command, due=due, due_rule=rule)


def fits(starts: Any, due: Any, pointer: str) -> None:
    """Refuse a deadline before the start, whichever of the two is told now."""
    if too_early(starts, due):
        raise errors.Invalid(pointer, problem="the task is due before it starts")


def decide(id: UUID, task: Task, command: Asking, refs: Refs) -> list[Event]:
    """The events of a command on the terms."""
    subject, terms = f"tasks/{id}", task.terms
    command = ruled(command, terms)
    match command:
        case SetTerms():
            if terms is None:
                return [event_from(TermsSet, command)]
            fits(command.starts or terms.starts, command.due or terms.due, "/starts" if command.starts else "/due")
            return again(TermsDescribed, Attested, terms, command, FIELDS, what=f"{subject}: terms", ids={}, key=None)
        case Adjust():
            if command.due is not UNSET and command.due_rule is UNSET and terms is not None and terms.due_rule:
                command = replace(command, due_rule=None)
            event: Adjusted = event_from(Adjusted, command)
            if event.effective is None and terms is not None:
                event = replace(event, effective=UncertainDate.since(*(source.effective for source in terms.sources)))
            if terms is None or any(getattr(event, name) != getattr(terms, name) for name in changed(event)):
                approving(subject, task, command, refs)
                asked = replace(terms or Terms(), **{name: getattr(event, name) for name in fields_set(event, CHANGES)})
                fits(asked.starts, asked.due, "/starts" if command.due is UNSET else "/due")
            return [event]
        case _:
            assert_never(command)


def changed(event: Adjusted) -> tuple[str, ...]:
    """The fields of the terms that an adjustment sets."""
    return (*fields_set(event, CHANGES), *MARKS)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event of its terms."""
    event, terms = recorded.event, task.terms
    match event:
        case TermsSet():
            fields = {name: getattr(event, name) for name in FIELDS}
            if terms is not None:
                return filled(task, recorded, FIELDS)
            return put(task, "terms", Terms(**fields, sources=sources(None, recorded)))
        case TermsDescribed():
            return filled(task, recorded, FIELDS)
        case Adjusted():
            names = changed(event)
            values = {name: getattr(event, name) for name in names}
            return put(task, "terms", replace(terms or Terms(), **values, sources=sources(terms, recorded, names)))
        case _:
            raise AssertionError(event)


def deadline(task: Task) -> date | None:
    """The last day on which the task is in time."""
    return task.terms.due.latest if task.terms is not None and task.terms.due is not None else None
