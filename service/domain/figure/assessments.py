"""What was found of a figure: reconciled, or disputed, by whom and on what grounds; as often as somebody looks."""

from typing import Any, ClassVar
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.figure.header import Attested
from service.domain.figure.state import Assessment, Figure, Finding
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Note, Parties, UncertainDate

FIELDS = ("by", "grounds")

# --- Events -----------------------------------------------------------------------------------------------------------


class Assessed(Event, frozen=True, kw_only=True, gc=False):
    """What every finding says: who found it, on what grounds; since when it is found, `effective` tells."""

    finding: ClassVar[Finding]
    assessment: UUID
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def part(self) -> str:
        """One part a finding."""
        return f"assessments/{self.assessment}"


class Reconciled(Assessed, frozen=True, kw_only=True, gc=False):
    """Somebody found the figure in order: it adds up, or it is plain why it does not."""

    type = "figure.reconciled"
    finding = "reconciled"


class Disputed(Assessed, frozen=True, kw_only=True, gc=False):
    """Somebody disputes the figure."""

    type = "figure.disputed"
    finding = "disputed"


class AssessmentDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a finding became known; fields left out stay as they are."""

    type = "figure.assessment_described"
    assessment: UUID
    by: Parties | UnsetType = UNSET
    grounds: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The finding."""
        return f"assessments/{self.assessment}"


EVENTS = (Reconciled, Disputed, AssessmentDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Assess(Command, frozen=True, kw_only=True, gc=False):
    """Who found it (`by`), on what grounds, and when; or the words of a source that tells it.

    Without `id` a finding gets one that follows from what was found, by whom and on which day. One that nobody dates
    came on a day that is unknown.
    """

    id: UUID | None = None
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


class Reconcile(Assess, frozen=True, kw_only=True, gc=False):
    """Record that the figure was found in order: that it adds up, or why it need not."""


class Dispute(Assess, frozen=True, kw_only=True, gc=False):
    """Record that the figure is disputed."""


Findings = Reconcile | Dispute

# --- decide -----------------------------------------------------------------------------------------------------------

TAKEN: dict[type[Assess], type[Assessed]] = {Reconcile: Reconciled, Dispute: Disputed}


def assessment_id(id: UUID, command: Assess) -> UUID:
    """The finding's id: given, or one that is the same for the same finding, by the same on the same day."""
    if command.id is not None:
        return command.id
    day = (command.effective.earliest, command.effective.latest) if command.effective is not None else None
    told = (TAKEN[type(command)].finding, command.by, day)
    return uuid5(id, "assessment\n" + msgspec.json.encode(told).decode())


def decide(id: UUID, figure: Figure, command: Findings, refs: Refs) -> list[Event]:
    """The events of a finding: that it was found, or what is learnt of that."""
    subject, kind, known = f"figures/{id}", TAKEN[type(command)], assessment_id(id, command)
    held = figure.assessments.get(str(known))
    if held is None:
        if not figure.claims:
            raise errors.NotInThisState(subject=subject, status="registered", action=f"be {kind.finding}")
        if not command.by and not command.citations:
            raise errors.Unnamed("/by", field="by")
        return [event_from(kind, command, assessment=known, effective=command.effective or UncertainDate.since())]
    what = f"{subject}: assessments/{known}"
    if held.finding != kind.finding:
        raise errors.AlreadyOtherwise("/id", what=what)
    return again(AssessmentDescribed, Attested, held, command, FIELDS, what=what, ids={"assessment": known}, key="id")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event of what was found of it."""
    event: Any = recorded.event
    match event:
        case Assessed():
            told = {name: getattr(event, name) for name in FIELDS}
            said = sources(None, recorded)
            one = Assessment(
                id=event.assessment, finding=event.finding, effective=event.effective, **told, sources=said
            )
            return put(figure, event.part, one)
        case AssessmentDescribed():
            return filled(figure, recorded, FIELDS)
        case _:
            raise AssertionError(event)
