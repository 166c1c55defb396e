"""A statement's life: made at a meeting or elsewhere, taken up by an agreement or another thing, withdrawn."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.meeting.state import Meeting
from service.domain.parts import attestations, filled, part_of, put, sources
from service.domain.settling import again, dates
from service.domain.statement.header import Attested
from service.domain.statement.state import Statement, Step, StepName, Uptake
from service.domain.values import MeetingId, Note, Parties, Subject, Text

TAKERS = frozenset({"agreements", "meetings", "parties", "statements"})
"""What may take a statement up: an agreement or its clause, a meeting that adopts it, a body founded as was promised, a
later statement."""
SAYS: dict[StepName, tuple[str, ...]] = {"made": ("meeting", "place"), "withdrawn": ("by", "grounds")}
"""What each step may say besides that it was taken."""
FIELDS = ("meeting", "place", "by", "grounds")

# --- Events -----------------------------------------------------------------------------------------------------------


class Made(Event, frozen=True, kw_only=True, gc=False):
    """It was said: when (`effective`), at which meeting, or where."""

    type = "statement.made"
    signs = True
    meeting: MeetingId | None = None
    place: Text | None = None

    @property
    def part(self) -> str:
        """The step."""
        return "steps/made"


class TakenUp(Event, frozen=True, kw_only=True, gc=False):
    """Another thing carries on what was said, from then on: an agreement, a clause of it, a body, a statement."""

    type = "statement.taken_up"
    belongs = True
    by: Subject
    by_clause: UUID | None = None

    @property
    def part(self) -> str:
        """One part a thing, or a clause of it."""
        return f"uptakes/{taker(self)}"


class Withdrawn(Event, frozen=True, kw_only=True, gc=False):
    """What was said was taken back, by whom and on what grounds."""

    type = "statement.withdrawn"
    belongs = True
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def part(self) -> str:
        """The step."""
        return "steps/withdrawn"


class StepDescribed(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "statement.step_described"
    step: StepName
    meeting: MeetingId | UnsetType = UNSET
    place: Text | UnsetType = UNSET
    by: Parties | UnsetType = UNSET
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

    @property
    def changes(self) -> str | None:
        """The step's recording."""
        return self.part


EVENTS = (Made, TakenUp, Withdrawn, StepDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Make(Command, frozen=True, kw_only=True, gc=False):
    """Record that it was said, when (`effective`), at which meeting or where. Without a day it is the meeting's."""

    meeting: MeetingId | None = None
    place: Text | None = None


class TakeUp(Command, frozen=True, kw_only=True, gc=False):
    """Record what carries on what was said, by its subject, and since when; of an agreement also by which clause."""

    by: Subject
    by_clause: UUID | None = None


class Withdraw(Command, frozen=True, kw_only=True, gc=False):
    """Record that what was said was taken back."""

    by: Parties = ()
    grounds: Note | None = None


Life = Make | TakeUp | Withdraw

# --- decide -----------------------------------------------------------------------------------------------------------


def taker(fact: Any) -> str:
    """The key of what took a statement up."""
    return f"{fact.by}:{fact.by_clause}" if fact.by_clause is not None else str(fact.by)


def decide(id: UUID, statement: Statement, command: Life, refs: Refs) -> list[Event]:
    """The events of a step of the statement's life; of one taken, what is told anew."""
    subject = f"statements/{id}"
    match command:
        case Make():
            return stepped(subject, statement, event_from(Made, at_meeting(refs, command, statement)), "made")
        case Withdraw():
            return stepped(subject, statement, event_from(Withdrawn, command), "withdrawn")
        case TakeUp():
            return taken(subject, statement, command, refs)
        case _:
            assert_never(command)


def stepped(subject: str, statement: Statement, event: Event, step: StepName) -> list[Event]:
    """The events of a step: its taking, or what is learnt of it."""
    held = statement.steps.get(step)
    if held is None:
        return [event]
    what = f"{subject}: {step}"
    return again(StepDescribed, Attested, held, event, SAYS[step], what=what, ids={"step": step}, key="step")


def at_meeting(refs: Refs, command: Make, statement: Statement) -> Make:
    """An undated statement made at a meeting has the day of that one, and says that this is inferred."""
    if command.effective is not None or command.meeting is None or "made" in statement.steps:
        return command
    meeting = refs[Ref("meetings", command.meeting)]
    held = meeting.steps.get("held") if isinstance(meeting, Meeting) else None
    if held is None or held.effective is None:
        return command
    return replace(command, effective=replace(held.effective, basis="inferred"))


def taken(subject: str, statement: Statement, command: TakeUp, refs: Refs) -> list[Event]:
    """The events of an uptake: refused by a thing of the wrong kind, and after the statement was withdrawn."""
    by = Ref.of(command.by)
    if by.category not in TAKERS:
        wanted = " or ".join(sorted(TAKERS))
        raise errors.WrongKind("/by", subject=command.by, kind=by.category, wanted=wanted)
    if command.by == subject:
        raise errors.Circular("/by", subject=subject)
    other, part = refs[by], f"clauses/{command.by_clause}"
    if command.by_clause is not None and (other is None or part_of(other, part) is None):
        raise errors.UnknownPart("/by_clause", part=part, subject=command.by)
    held = statement.uptakes.get(taker(command))
    if held is not None:
        dates(command.effective, held.effective, f"{subject}: uptakes/{taker(command)}")
        return [*attestations(Attested, held, (), command)]
    over = statement.steps.get("withdrawn")
    if over is not None:
        ended = over.effective.earliest if over.effective else None
        day = command.effective.latest if command.effective else None
        if ended is None or day is None or day >= ended:
            since = f" since {ended}" if ended else ""
            raise errors.Ended(subject=subject, status="withdrawn", since=since)
    return [event_from(TakenUp, command)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(statement: Statement, recorded: Recorded) -> Statement:
    """The statement after one event of its life."""
    event = recorded.event
    since, said = event.effective, sources(None, recorded)
    match event:
        case Made(meeting=meeting, place=place):
            made = Step(step="made", effective=since, meeting=meeting, place=place, sources=said)
            return put(statement, event.part, made)
        case Withdrawn(by=by, grounds=grounds):
            withdrawn = Step(step="withdrawn", effective=since, by=by, grounds=grounds, sources=said)
            return put(statement, event.part, withdrawn)
        case TakenUp(by=by, by_clause=clause):
            return put(statement, event.part, Uptake(by=by, by_clause=clause, effective=since, sources=said))
        case StepDescribed():
            return filled(statement, recorded, SAYS[event.step])
        case _:
            raise AssertionError(event)
