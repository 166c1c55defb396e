"""An agreement's life: registered, proposed, signed, in force, ended.

Forward steps may skip states. That an agreement has expired is computed from its term, never an event.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.header import Attested
from service.domain.agreement.state import RANK, Agreement, Clause, Status, Step, StepName, latest
from service.domain.agreement.term import expires
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.parts import filled, put, sources
from service.domain.steps import StepTaken, stepped
from service.domain.values import AgreementId, Label, Note, PartyId, UncertainDate

Who = Annotated[tuple[PartyId, ...], Meta(max_length=200)]
FIELDS = ("place", "by", "grounds")
"""What may become known of a step later."""

# --- Events -----------------------------------------------------------------------------------------------------------


class Proposed(StepTaken, frozen=True, kw_only=True, gc=False):
    """Somebody proposed the agreement."""

    type = "agreement.proposed"
    step = "proposed"
    by: Who = ()

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


class Signed(StepTaken, frozen=True, kw_only=True, gc=False):
    """The agreement was signed; `effective` is the date of signing."""

    type = "agreement.signed"
    step = "signed"
    signs = True
    place: Label | None = None


class EnteredIntoForce(StepTaken, frozen=True, kw_only=True, gc=False):
    """The agreement came into force."""

    type = "agreement.entered_into_force"
    step = "in_force"
    belongs = True


class Terminated(StepTaken, frozen=True, kw_only=True, gc=False):
    """The agreement was ended before its term, by whom and on what grounds. It has a date, as far as it is known."""

    type = "agreement.terminated"
    step = "terminated"
    belongs = True
    by: Who = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


class Superseded(StepTaken, frozen=True, kw_only=True, gc=False):
    """Another agreement took this one's place."""

    type = "agreement.superseded"
    step = "superseded"
    belongs = True
    successor: AgreementId


class Withdrawn(StepTaken, frozen=True, kw_only=True, gc=False):
    """The proposal was withdrawn before it was signed."""

    type = "agreement.withdrawn"
    step = "withdrawn"
    by: Who = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def changes(self) -> str | None:
        """The proposal."""
        return "steps/proposed"


class Retracted(StepTaken, frozen=True, kw_only=True, gc=False):
    """The source took back that there is such an agreement."""

    type = "agreement.retracted"
    step = "retracted"
    timeless = True
    grounds: Note | None = None


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "agreement.step_described"
    step: StepName
    place: Label | UnsetType = UNSET
    by: Who | UnsetType = UNSET
    grounds: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The step."""
        return f"steps/{self.step}"


EVENTS = (
    Proposed,
    Signed,
    EnteredIntoForce,
    Terminated,
    Superseded,
    Withdrawn,
    Retracted,
    StepDescribed,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Propose(Command, frozen=True, kw_only=True, gc=False):
    """Record who proposed the agreement, and when."""

    by: Who = ()


class Sign(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement was signed, when (`effective`) and where."""

    place: Label | None = None


class EnterIntoForce(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement came into force."""


class Terminate(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement was ended before its term. Without a day it came on some day after the signing."""

    by: Who = ()
    grounds: Note | None = None


class Supersede(Command, frozen=True, kw_only=True, gc=False):
    """Record that another agreement took this one's place. Without a day it came some day after both were signed."""

    successor: AgreementId


class Withdraw(Command, frozen=True, kw_only=True, gc=False):
    """Record that the proposal was withdrawn. Without a day it came on some day after it was made."""

    by: Who = ()
    grounds: Note | None = None


class Retract(Command, frozen=True, kw_only=True, gc=False):
    """Record that the source took back that there is such an agreement."""

    grounds: Note | None = None


Life = Propose | Sign | EnterIntoForce | Terminate | Supersede | Withdraw | Retract

# --- State ------------------------------------------------------------------------------------------------------------


def status(agreement: Agreement, day: date) -> Status:
    """The agreement's status on `day`: merged while a duplicate, else its furthest step, or expired after its term."""
    if agreement.duplicate is not None:
        return "merged"
    last = latest(agreement)
    if last is None:
        return "registered"
    expiry = expires(agreement)
    if expiry is not None and expiry < day and last.step in {"signed", "in_force"}:
        return "expired"
    return last.step


def amending(clause: Clause) -> bool:
    """Whether a clause makes the agreement one that was amended."""
    return bool(clause.added_by or clause.amended or clause.repealed)


def amended(agreement: Agreement) -> bool:
    """Whether a clause has been added, amended or repealed since, or the term changed."""
    if any(map(amending, agreement.clauses.values())):
        return True
    # A change of the term rests on its own event, also where nobody knows which agreement changed it.
    return agreement.term is not None and any("changed_by" in source.fields for source in agreement.term.sources)


def end(agreement: Agreement) -> Step | None:
    """The step that ended the agreement, the first one in time, if one did."""
    ends = [step for step in agreement.steps.values() if RANK[step.step] >= RANK["terminated"]]
    return min(ends, key=lambda step: (step.effective and step.effective.earliest) or date.max, default=None)


def bound_on(id: UUID, agreement: Agreement, command: Command) -> None:
    """Refuse what would change the content of an ended agreement, unless it is dated before the end.

    An end of which the last possible day is not known may have come after any day.
    """
    over = end(agreement)
    if over is None:
        return
    ended = over.effective.earliest if over.effective else None
    last = over.effective.latest if over.effective else None
    day = command.effective.latest if command.effective else None
    if over.effective is not None and day is not None and (last is None or (ended is not None and day < ended)):
        return
    since = f" since {ended}" if ended and last else ""
    raise errors.Ended(subject=f"agreements/{id}", status=over.step, since=since)


# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], tuple[type[Event], frozenset[Status]]] = {
    Propose: (
        Proposed,
        frozenset({"registered", "proposed", "signed", "in_force", "terminated", "superseded", "withdrawn"}),
    ),
    Sign: (Signed, frozenset({"registered", "proposed", "in_force", "terminated", "superseded"})),
    EnterIntoForce: (
        EnteredIntoForce,
        frozenset({"registered", "proposed", "signed", "terminated", "superseded"}),
    ),
    Terminate: (Terminated, frozenset({"registered", "proposed", "signed", "in_force"})),
    Supersede: (Superseded, frozenset({"registered", "proposed", "signed", "in_force"})),
    Withdraw: (Withdrawn, frozenset({"registered", "proposed"})),
    Retract: (
        Retracted,
        frozenset({"registered", "proposed", "signed", "in_force", "terminated", "superseded", "withdrawn"}),
    ),
}
"""For each step: its event, and the statuses that it may be recorded in. A step that lies behind the status is learnt
late: who signed, and when, is often known only after the agreement has ended."""


def came(agreement: Agreement, end: Event, refs: Refs) -> UncertainDate | None:
    """The date of an end. One that nobody dates came after what it ends, on some day: not on the day of signing."""
    if end.effective is not None or not isinstance(end, Terminated | Superseded | Withdrawn):
        return end.effective
    known = (agreement.steps.get(step) for step in ("signed", "in_force", "proposed"))
    began = next((step.effective for step in known if step is not None and step.effective is not None), None)
    other = refs[Ref("agreements", end.successor)] if isinstance(end, Superseded) else None
    signed = other.steps.get("signed") if isinstance(other, Agreement) else None
    return UncertainDate.since(began, signed.effective if signed else None)


def decide(id: UUID, agreement: Agreement, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: refused where the agreement is too far for it; of one taken, what is told anew."""
    subject = f"agreements/{id}"
    kind, possible = STEPS[type(command)]
    event: Event = event_from(kind, command)
    told = step_of(event)
    if told.successor == id:
        raise errors.Circular("/successor", subject=str(Ref("agreements", id)))
    held = agreement.steps.get(told.step)
    if held is None:
        now = status(agreement, date.min)
        if now not in possible:
            raise errors.NotInThisState(subject=subject, status=now, action=told.step)
        return [replace(event, effective=came(agreement, event, refs))]
    if told.successor != held.successor:
        otherwise: Any = {"held": held, "field": "successor", "value": told.successor, "fact": event}
        raise errors.AlreadyOtherwise("/successor", what=f"{subject}: {told.step}", **otherwise)
    names = tuple(name for name in FIELDS if name in kind.__struct_fields__)
    return stepped(StepDescribed, Attested, held, event, names, step=told.step, subject=subject)


# --- evolve -----------------------------------------------------------------------------------------------------------


def step_of(event: Event) -> Step:
    """The step that an event takes, without sources."""
    since = event.effective
    match event:
        case Proposed(by=by):
            return Step(step="proposed", effective=since, by=by)
        case Signed(place=place):
            return Step(step="signed", effective=since, place=place)
        case EnteredIntoForce():
            return Step(step="in_force", effective=since)
        case Terminated(by=by, grounds=grounds):
            return Step(step="terminated", effective=since, by=by, grounds=grounds)
        case Superseded(successor=successor):
            return Step(step="superseded", effective=since, successor=successor)
        case Withdrawn(by=by, grounds=grounds):
            return Step(step="withdrawn", effective=since, by=by, grounds=grounds)
        case Retracted(grounds=grounds):
            return Step(step="retracted", effective=since, grounds=grounds)
        case _:
            raise AssertionError(event)


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its life."""
    if isinstance(recorded.event, StepDescribed):
        return filled(agreement, recorded, FIELDS)
    return put(agreement, recorded.event.part, replace(step_of(recorded.event), sources=sources(None, recorded)))
