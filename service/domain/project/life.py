"""A project's life: planned, negotiating, intended, signed, registered, started, under construction, completed,
operating; or dropped.

Forward steps may skip states, and an earlier one may be learnt of late. What a project says without a date holds since
it was planned, intended or signed: since the first of these that was recorded with a date.
"""

from typing import Any, ClassVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.agreement.state import Agreement
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.meeting.held import at_meeting, dated_as
from service.domain.parts import filled, put, sources
from service.domain.plan.state import Plan as Made
from service.domain.plan.state import made
from service.domain.project.header import Attested
from service.domain.project.state import Project, Step, StepName
from service.domain.references import part_named
from service.domain.steps import StepTaken, stepped
from service.domain.values import AgreementId, Label, MeetingId, Note, Parties, PartName, PlanId

FIELDS = (
    "by",
    "meeting",
    "meeting_part",
    "plan",
    "plan_part",
    "agreement",
    "agreement_part",
    "number",
    "grounds",
)
"""What a step may say besides that it was taken."""


def together(fact: Any) -> None:
    """Who, in no order; a part with the thing that it is of."""
    as_sets(fact, "by")
    for name in ("meeting", "plan", "agreement"):
        if getattr(fact, f"{name}_part", None) is not None and getattr(fact, name) is None:
            raise ValueError(f"{name}_part needs its {name}")


# --- Events -----------------------------------------------------------------------------------------------------------


class Taken(StepTaken, frozen=True, kw_only=True, gc=False):
    """What every step of a project's life says; the number is that of the paper by which it was taken (备案号)."""

    step: ClassVar[StepName]
    by: Parties = ()
    meeting: MeetingId | None = None
    meeting_part: PartName | None = None
    plan: PlanId | None = None
    plan_part: PartName | None = None
    agreement: AgreementId | None = None
    agreement_part: PartName | None = None
    number: Label | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """What stands together."""
        together(self)


class Planned(Taken, frozen=True, kw_only=True, gc=False):
    """A plan names the project, or somebody says that it is planned."""

    type = "project.planned"
    step = "planned"
    signs = True


class TalkedOver(Taken, frozen=True, kw_only=True, gc=False):
    """The project was talked over with those who might take part in it (洽谈)."""

    type = "project.talked_over"
    step = "negotiating"


class Intended(Taken, frozen=True, kw_only=True, gc=False):
    """Those who take part declared that they intend the project (意向, 拟签约)."""

    type = "project.intended"
    step = "intended"
    signs = True


class Signed(Taken, frozen=True, kw_only=True, gc=False):
    """The project was signed (签约)."""

    type = "project.signed"
    step = "signed"
    signs = True


class Filed(Taken, frozen=True, kw_only=True, gc=False):
    """The project was put on record, or approved, by the authority (备案, 核准, 立项), under which number."""

    type = "project.filed"
    step = "registered"


class Started(Taken, frozen=True, kw_only=True, gc=False):
    """Work on the project began (开工)."""

    type = "project.started"
    step = "started"


class ConstructionReported(Taken, frozen=True, kw_only=True, gc=False):
    """The project was seen under construction (在建): since when is most often open before the day that says so."""

    type = "project.construction_reported"
    step = "under_construction"


class Completed(Taken, frozen=True, kw_only=True, gc=False):
    """The project was completed (竣工, 建成)."""

    type = "project.completed"
    step = "completed"


class Opened(Taken, frozen=True, kw_only=True, gc=False):
    """The project is in operation from then on (投产, 通车, 启用)."""

    type = "project.opened"
    step = "operating"


class Dropped(Taken, frozen=True, kw_only=True, gc=False):
    """The project was given up."""

    type = "project.dropped"
    step = "dropped"


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "project.step_described"
    step: StepName
    by: Parties | UnsetType = UNSET
    meeting: MeetingId | UnsetType = UNSET
    meeting_part: PartName | UnsetType = UNSET
    plan: PlanId | UnsetType = UNSET
    plan_part: PartName | UnsetType = UNSET
    agreement: AgreementId | UnsetType = UNSET
    agreement_part: PartName | UnsetType = UNSET
    number: Label | UnsetType = UNSET
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
    Planned,
    TalkedOver,
    Intended,
    Signed,
    Filed,
    Started,
    ConstructionReported,
    Completed,
    Opened,
    Dropped,
    StepDescribed,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Take(Command, frozen=True, kw_only=True, gc=False):
    """What may be told of every step: by whom, at which meeting and by which act of it, under which number, why.

    `plan` is one that asks for the step or names the project, `agreement` what was signed with it; each may have the
    part of it that does. Without a date the step has that of the meeting.
    """

    by: Parties = ()
    meeting: MeetingId | None = None
    meeting_part: PartName | None = None
    plan: PlanId | None = None
    plan_part: PartName | None = None
    agreement: AgreementId | None = None
    agreement_part: PartName | None = None
    number: Label | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """What stands together."""
        together(self)


class Plan(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project is planned, and the plan with its item or target that names it, where there is one.

    Without a date it is planned since that plan was adopted, approved or issued.
    """


class Negotiate(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project was talked over (洽谈)."""


class Intend(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project is intended (意向, 拟签约)."""


class Sign(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project was signed (签约); without a date it has that of the agreement's signing."""


class File(Take, frozen=True, kw_only=True, gc=False):
    """Record that the authority put the project on record, or approved it (备案, 核准, 立项)."""


class Start(Take, frozen=True, kw_only=True, gc=False):
    """Record that work on the project began (开工)."""


class ReportConstruction(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project was seen under construction (在建).

    A source of a day tells that it was by then: `effective` has that day as its `latest`, and no `earliest`.
    """


class Complete(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project was completed (竣工, 建成)."""


class Open(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project is in operation (投产, 通车, 启用)."""


class Drop(Take, frozen=True, kw_only=True, gc=False):
    """Record that the project was given up. What came before then may be recorded still."""


Life = Plan | Negotiate | Intend | Sign | File | Start | ReportConstruction | Complete | Open | Drop

# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], type[Taken]] = {
    Plan: Planned,
    Negotiate: TalkedOver,
    Intend: Intended,
    Sign: Signed,
    File: Filed,
    Start: Started,
    ReportConstruction: ConstructionReported,
    Complete: Completed,
    Open: Opened,
    Drop: Dropped,
}
"""The event of each step."""


def decide(id: UUID, project: Project, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: its taking, or what is told anew of one that is taken."""
    kind = STEPS[type(command)]
    held = project.steps.get(kind.step)
    dated = at_meeting(command, refs)
    if command.plan is not None:
        part_named(refs, f"plans/{command.plan}", command.plan_part, "/plan_part")
        plan = refs[Ref("plans", command.plan)]
        making = made(plan) if isinstance(plan, Made) else None
        if isinstance(command, Plan) and making is not None:
            dated = dated_as(dated, making.effective)
    if command.agreement is not None:
        part_named(refs, f"agreements/{command.agreement}", command.agreement_part, "/agreement_part")
        agreement = refs[Ref("agreements", command.agreement)]
        signed = agreement.steps.get("signed") if isinstance(agreement, Agreement) else None
        if isinstance(command, Sign) and signed is not None:
            dated = dated_as(dated, signed.effective)
    event: Event = event_from(kind, dated if held is None else command)
    return stepped(StepDescribed, Attested, held, event, FIELDS, step=kind.step, subject=f"projects/{id}")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event of its life."""
    event = recorded.event
    match event:
        case Taken():
            says = {name: getattr(event, name) for name in FIELDS}
            step = Step(step=event.step, effective=event.effective, **says, sources=sources(None, recorded))
            return put(project, event.part, step)
        case StepDescribed():
            return filled(project, recorded, FIELDS)
        case _:
            raise AssertionError(event)


def over(project: Project) -> Step | None:
    """The giving up, if the project was given up."""
    return project.steps.get("dropped")
