"""A plan's life: drafted, under review, adopted, approved, issued, executing, evaluated, closed.

Forward steps may skip states, and an earlier one may be learnt of late. What a plan says without a date holds since it
was adopted, approved or issued: since the first of these that was recorded with a date.
"""

from typing import Any, ClassVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.document.text import texted
from service.domain.meeting.held import at_meeting
from service.domain.parts import filled, put, sources
from service.domain.plan.header import Attested
from service.domain.plan.papers import whole
from service.domain.plan.state import RANK, Plan, Step, StepName
from service.domain.steps import StepTaken, stepped
from service.domain.values import DocumentId, Label, MeetingId, Note, Parties, PartName, Sha256, Text

FIELDS = ("by", "meeting", "meeting_part", "number", "document", "sha256", "grounds", "result")
SAYS: dict[StepName, tuple[str, ...]] = {step: FIELDS if step == "evaluated" else FIELDS[:-1] for step in RANK}
"""What each step may say besides that it was taken: only an evaluation has a result."""


def together(fact: Any) -> None:
    """Who, in no order; a text with its document, an act with its meeting."""
    as_sets(fact, "by")
    whole(fact)


# --- Events -----------------------------------------------------------------------------------------------------------


class Taken(StepTaken, frozen=True, kw_only=True, gc=False):
    """What every step of a plan's life says; the number is that of the paper by which it was taken (文号)."""

    step: ClassVar[StepName]
    by: Parties = ()
    meeting: MeetingId | None = None
    meeting_part: PartName | None = None
    number: Label | None = None
    document: DocumentId | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """What stands together."""
        together(self)


class Drafted(Taken, frozen=True, kw_only=True, gc=False):
    """The plan was drafted, or its drafting begun."""

    type = "plan.drafted"
    step = "drafted"


class Submitted(Taken, frozen=True, kw_only=True, gc=False):
    """The plan was laid before those who decide on it, and is under review from then on."""

    type = "plan.submitted"
    step = "under_review"


class Adopted(Taken, frozen=True, kw_only=True, gc=False):
    """A meeting or a body adopted the plan (审议通过)."""

    type = "plan.adopted"
    step = "adopted"
    signs = True


class Approved(Taken, frozen=True, kw_only=True, gc=False):
    """Those above approved the plan (批复)."""

    type = "plan.approved"
    step = "approved"
    signs = True


class Issued(Taken, frozen=True, kw_only=True, gc=False):
    """The plan was issued (印发, 发布)."""

    type = "plan.issued"
    step = "issued"
    signs = True


class ExecutionBegun(Taken, frozen=True, kw_only=True, gc=False):
    """The plan is carried out from then on."""

    type = "plan.execution_begun"
    step = "executing"


class Evaluated(Taken, frozen=True, kw_only=True, gc=False):
    """What came of the plan was evaluated, with this result."""

    type = "plan.evaluated"
    step = "evaluated"
    result: Text | None = None


class Closed(Taken, frozen=True, kw_only=True, gc=False):
    """The plan is over."""

    type = "plan.closed"
    step = "closed"


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "plan.step_described"
    step: StepName
    by: Parties | UnsetType = UNSET
    meeting: MeetingId | UnsetType = UNSET
    meeting_part: PartName | UnsetType = UNSET
    number: Label | UnsetType = UNSET
    document: DocumentId | UnsetType = UNSET
    sha256: Sha256 | UnsetType = UNSET
    grounds: Note | UnsetType = UNSET
    result: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known that such a step says."""
        as_sets(self, "by")
        told, says = fields_set(self, FIELDS), SAYS[self.step]
        if not told or not set(told) <= set(says):
            raise ValueError(f"a description of the step {self.step} sets at least one of {', '.join(says)}")

    @property
    def part(self) -> str:
        """The step."""
        return f"steps/{self.step}"


EVENTS = (Drafted, Submitted, Adopted, Approved, Issued, ExecutionBegun, Evaluated, Closed, StepDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Take(Command, frozen=True, kw_only=True, gc=False):
    """What may be told of every step: by whom, at which meeting and by which act of it, under which number (文号).

    `document` has the text of the plan as of that step, `sha256` is one of its texts. Without a date the step has that
    of the meeting.
    """

    by: Parties = ()
    meeting: MeetingId | None = None
    meeting_part: PartName | None = None
    number: Label | None = None
    document: DocumentId | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """What stands together."""
        together(self)


class Draft(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan was drafted."""


class Submit(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan was laid before those who decide on it; without more it stays under review."""


class Adopt(Take, frozen=True, kw_only=True, gc=False):
    """Record that a meeting or a body adopted the plan (审议通过)."""


class Approve(Take, frozen=True, kw_only=True, gc=False):
    """Record that those above approved the plan (批复)."""


class Issue(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan was issued (印发, 发布), `number` being its 文号."""


class BeginExecution(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan is carried out from then on."""


class Evaluate(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan was evaluated, and with which result."""

    result: Text | None = None


class Close(Take, frozen=True, kw_only=True, gc=False):
    """Record that the plan is over. What it asked before then may be recorded still."""


Life = Draft | Submit | Adopt | Approve | Issue | BeginExecution | Evaluate | Close

# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], type[Taken]] = {
    Draft: Drafted,
    Submit: Submitted,
    Adopt: Adopted,
    Approve: Approved,
    Issue: Issued,
    BeginExecution: ExecutionBegun,
    Evaluate: Evaluated,
    Close: Closed,
}
"""The event of each step."""


def decide(id: UUID, plan: Plan, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: its taking, or what is told anew of one that is taken."""
    kind = STEPS[type(command)]
    texted(command, refs)
    held = plan.steps.get(kind.step)
    dated = at_meeting(command, refs)
    event: Event = event_from(kind, dated if held is None else command)
    return stepped(StepDescribed, Attested, held, event, SAYS[kind.step], step=kind.step, subject=f"plans/{id}")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its life."""
    event = recorded.event
    match event:
        case Taken():
            says = {name: getattr(event, name) for name in SAYS[event.step]}
            step = Step(step=event.step, effective=event.effective, **says, sources=sources(None, recorded))
            return put(plan, event.part, step)
        case StepDescribed():
            return filled(plan, recorded, SAYS[event.step])
        case _:
            raise AssertionError(event)


def over(plan: Plan) -> Step | None:
    """The closing, if the plan is closed."""
    return plan.steps.get("closed")
