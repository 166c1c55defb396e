"""A task's life, in rounds: listed, assigned, started, reported done, closed; suspended, cancelled; reopened, resumed.

Forward steps may skip states, and one that lies behind may be learnt late. Closing, suspending and cancelling end a
round; reopening and resuming begin the next one, so that a task closed twice was closed twice. A report that was turned
down (退回) is reopened too.
"""

from typing import ClassVar
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.task.entitled import named, overseeing, reporting
from service.domain.task.header import Attested
from service.domain.task.state import BEGINS, ENDS, Step, StepName, Task, ended, status
from service.domain.values import Count, DocumentId, Note, Parties, UncertainDate

FIELDS = ("by", "document", "grounds")

# --- Events -----------------------------------------------------------------------------------------------------------


class Stepped(Event, frozen=True, kw_only=True, gc=False):
    """What every step says: in which round, who took it, by which paper, on what grounds."""

    step: ClassVar[StepName]
    round: Count
    by: Parties = ()
    document: DocumentId | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def part(self) -> str:
        """One part a round and step."""
        return f"life/{self.round}:{self.step}"


class Listed(Stepped, frozen=True, kw_only=True, gc=False):
    """The task was put on a list (立项, 列入台账)."""

    type = "task.listed"
    step = "listed"


class Assigned(Stepped, frozen=True, kw_only=True, gc=False):
    """The task was assigned to those who are to do it (交办)."""

    type = "task.assigned"
    step = "assigned"


class Started(Stepped, frozen=True, kw_only=True, gc=False):
    """Work on the task began."""

    type = "task.started"
    step = "started"


class ReportedDone(Stepped, frozen=True, kw_only=True, gc=False):
    """Those who do the task reported that it is done; nobody has verified that yet."""

    type = "task.reported_done"
    step = "reported_done"


class Closed(Stepped, frozen=True, kw_only=True, gc=False):
    """The task was verified as done and struck off the list (验收, 销号)."""

    type = "task.closed"
    step = "closed"


class Suspended(Stepped, frozen=True, kw_only=True, gc=False):
    """The task rests (中止)."""

    type = "task.suspended"
    step = "suspended"


class Cancelled(Stepped, frozen=True, kw_only=True, gc=False):
    """The task was given up (取消)."""

    type = "task.cancelled"
    step = "cancelled"


class Reopened(Stepped, frozen=True, kw_only=True, gc=False):
    """A task closed, cancelled or reported done is to be worked on again: its next round begins."""

    type = "task.reopened"
    step = "reopened"


class Resumed(Stepped, frozen=True, kw_only=True, gc=False):
    """A suspended task goes on: its next round begins."""

    type = "task.resumed"
    step = "resumed"


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "task.step_described"
    round: Count
    step: StepName
    by: Parties | UnsetType = UNSET
    document: DocumentId | UnsetType = UNSET
    grounds: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The step."""
        return f"life/{self.round}:{self.step}"


STEPS: tuple[type[Stepped], ...] = (
    Listed,
    Assigned,
    Started,
    ReportedDone,
    Closed,
    Suspended,
    Cancelled,
    Reopened,
    Resumed,
)
EVENTS = (*STEPS, StepDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class TakeStep(Command, frozen=True, kw_only=True, gc=False):
    """What every step's command says. `round` is needed for one of an earlier round alone."""

    round: Count | None = None
    by: Parties = ()
    document: DocumentId | None = None
    grounds: Note | None = None


class List(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that the task was put on a list."""


class Assign(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that the task was assigned to those who are to do it."""


class Start(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that work on the task began."""


class ReportDone(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that a lead or supporting unit reported the task done. It is verified by closing it."""


class Close(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that the task was verified as done and struck off: by a supervising unit where one is named."""


class Suspend(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that the task rests until it is resumed."""


class Cancel(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that the task was given up."""


class Reopen(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that a task which was closed, cancelled or reported done is to be worked on again, and why."""


class Resume(TakeStep, frozen=True, kw_only=True, gc=False):
    """Record that a suspended task goes on."""


Life = List | Assign | Start | ReportDone | Close | Suspend | Cancel | Reopen | Resume

# --- decide -----------------------------------------------------------------------------------------------------------

RECORDS: dict[type[Command], type[Stepped]] = {
    List: Listed,
    Assign: Assigned,
    Start: Started,
    ReportDone: ReportedDone,
    Close: Closed,
    Suspend: Suspended,
    Cancel: Cancelled,
    Reopen: Reopened,
    Resume: Resumed,
}
AFTER: dict[StepName, frozenset[StepName]] = {
    "reopened": frozenset({"closed", "cancelled", "reported_done"}),
    "resumed": frozenset({"suspended"}),
    "closed": frozenset({"suspended"}),
    "cancelled": frozenset({"suspended"}),
}
"""After which steps of the last round a step begins the next. What rests can be given up, or turn out to be done."""


def decide(id: UUID, task: Task, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: refused where the task is not as far or too far for it; of one taken, what is told anew."""
    subject = f"tasks/{id}"
    kind = RECORDS[type(command)]
    step = kind.step
    number = command.round or fitting(task, step)
    event: Stepped = event_from(kind, command, round=number)
    held = task.life.get(f"{number}:{step}")
    if held is None or (command.by and not held.by):
        entitled(subject, task, event, refs)
    if held is not None:
        ids = {"round": number, "step": step}
        what = f"{subject}: life/{number}:{step}"
        return again(StepDescribed, Attested, held, event, FIELDS, what=what, ids=ids, key="step")
    if not possible(task, number, event):
        raise errors.NotInThisState(subject=subject, status=status(task), action=step)
    if event.effective is None and (step in ENDS or step in BEGINS):
        event = replace(event, effective=UncertainDate.since(*(step.effective for step in task.life.values())))
    return [event]


def entitled(subject: str, task: Task, event: Stepped, refs: Refs) -> None:
    """Refuse a step that others take."""
    match event:
        case ReportedDone(by=by):
            reporting(subject, task, event, by, refs)
        case Closed(by=by) | Suspended(by=by) | Cancelled(by=by) | Reopened(by=by):
            overseeing(subject, task, event, by, event.step)
        case Resumed(by=by):
            named(event, by, "by")


def fitting(task: Task, step: StepName) -> int:
    """The round that a step told without one is of: the last, or the next where it begins that."""
    return rounds(task) + 1 if _goes_on(task, step) else rounds(task)


def rounds(task: Task) -> int:
    """How many rounds the task has come to."""
    return max((step.round for step in task.life.values()), default=1)


def _goes_on(task: Task, step: StepName) -> bool:
    """Whether the step begins the round after the last one."""
    last, over = rounds(task), ended(task, rounds(task))
    if over is not None:
        return over.step in AFTER.get(step, ())
    return step in BEGINS and "reported_done" in AFTER[step] and f"{last}:reported_done" in task.life


def possible(task: Task, number: int, event: Stepped) -> bool:
    """Whether a step that is not recorded yet can have been taken in that round."""
    last = rounds(task)
    if number > last:
        return number == last + 1 and _goes_on(task, event.step)
    if event.step in BEGINS:
        return False
    over = ended(task, number)
    if event.step in ENDS:
        return over is None and number == last
    return over is None or not later(event.effective, over.effective)


def later(one: UncertainDate | None, other: UncertainDate | None) -> bool:
    """Whether the first date is known to lie after the second."""
    if one is None or other is None or one.earliest is None or other.latest is None:
        return False
    return one.earliest > other.latest


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event of its life."""
    event = recorded.event
    match event:
        case Stepped():
            fields = {name: getattr(event, name) for name in ("round", "effective", *FIELDS)}
            return put(task, event.part, Step(step=event.step, **fields, sources=sources(None, recorded)))
        case StepDescribed():
            return filled(task, recorded, FIELDS)
        case _:
            raise AssertionError(event)
