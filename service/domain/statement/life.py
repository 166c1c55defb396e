"""A statement's life: made at a meeting or elsewhere, taken up by an agreement or another thing, withdrawn."""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.parts import attestations, filled, put, sources
from service.domain.references import part_named
from service.domain.settling import dates, earlier
from service.domain.statement.header import Attested
from service.domain.statement.state import Statement, Step, StepName, Uptake
from service.domain.steps import StepTaken, stepped
from service.domain.values import Label, MeetingId, Note, Part, Parties, PartName, Subject, UncertainDate

TAKERS = frozenset({"agreements", "meetings", "parties", "statements"})
"""What may take a statement up: an agreement or its clause, a meeting or what it resolved, a body founded as was
promised, a later statement."""
BEGINS = {"agreements": "signed", "meetings": "held", "parties": "founded", "statements": "made"}
"""The step whose day is that from which such a thing can carry on what was said."""
SAYS: dict[StepName, tuple[str, ...]] = {"made": ("meeting", "place"), "withdrawn": ("by", "grounds")}
"""What each step may say besides that it was taken."""
FIELDS = ("meeting", "place", "by", "grounds")

# --- Events -----------------------------------------------------------------------------------------------------------


class Made(StepTaken, frozen=True, kw_only=True, gc=False):
    """It was said: when (`effective`), at which meeting, or where."""

    type = "statement.made"
    step = "made"
    signs = True
    meeting: MeetingId | None = None
    place: Label | None = None


class TakenUp(Event, frozen=True, kw_only=True, gc=False):
    """Another thing, or a part of it, carries on what was said, from then on: an agreement, a clause, a body."""

    type = "statement.taken_up"
    belongs = True
    by: Subject
    by_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a thing, or a part of it."""
        return f"uptakes/{taker(self)}"


class Withdrawn(StepTaken, frozen=True, kw_only=True, gc=False):
    """What was said was taken back, by whom and on what grounds."""

    type = "statement.withdrawn"
    step = "withdrawn"
    belongs = True
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "statement.step_described"
    step: StepName
    meeting: MeetingId | UnsetType = UNSET
    place: Label | UnsetType = UNSET
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


EVENTS = (Made, TakenUp, Withdrawn, StepDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Make(Command, frozen=True, kw_only=True, gc=False):
    """Record that it was said, when (`effective`), at which meeting or where. Without a day it is the meeting's."""

    meeting: MeetingId | None = None
    place: Label | None = None


class TakeUp(Command, frozen=True, kw_only=True, gc=False):
    """Record what carries on what was said, by its subject, since when, and by which part of it, such as a clause.

    Without a day it is that of the thing that carries it on, where that is later; else some day after it was said.
    """

    by: Subject
    by_part: PartName | None = None


class Withdraw(Command, frozen=True, kw_only=True, gc=False):
    """Record that what was said was taken back, and when. Without a day it was on some day after it was said."""

    by: Parties = ()
    grounds: Note | None = None


Life = Make | TakeUp | Withdraw
C = TypeVar("C", Withdraw, TakeUp, Make)

# --- decide -----------------------------------------------------------------------------------------------------------


def taker(fact: Any) -> str:
    """The key of what took a statement up."""
    return f"{fact.by}:{fact.by_part}" if fact.by_part is not None else str(fact.by)


def decide(id: UUID, statement: Statement, command: Life, refs: Refs) -> list[Event]:
    """The events of a step of the statement's life; of one taken, what is told anew."""
    subject = f"statements/{id}"
    match command:
        case Make():
            return step(subject, statement, event_from(Made, at_meeting(refs, command, statement)), "made")
        case Withdraw():
            known = "withdrawn" in statement.steps
            told = command if known else dated(command, after(statement))
            return step(subject, statement, event_from(Withdrawn, told), "withdrawn")
        case TakeUp():
            return taken(subject, statement, command, refs)
        case _:
            assert_never(command)


def step(subject: str, statement: Statement, event: Event, name: StepName) -> list[Event]:
    """The events of a step: its taking, or what is learnt of it."""
    held = statement.steps.get(name)
    return stepped(StepDescribed, Attested, held, event, SAYS[name], step=name, subject=subject)


def dated(command: C, day: UncertainDate | None) -> C:
    """The command with that day, unless it has one of its own."""
    return command if command.effective is not None or day is None else replace(command, effective=day)


def drawn(from_: UncertainDate | None) -> UncertainDate | None:
    """The days of another fact as those of this one, and that this is inferred; None where they have no bounds.

    The words that the other was printed in are not among those that this one cites. What rests on something outside
    the documents does so here too.
    """
    if from_ is None or (from_.earliest is None and from_.latest is None):
        return None
    basis: Literal["external", "inferred"] = "external" if from_.basis == "external" else "inferred"
    return replace(from_, printed=None, basis=basis)


def after(statement: Statement) -> UncertainDate:
    """Some day since the statement was made, as nobody knows which."""
    made = statement.steps.get("made")
    return UncertainDate.since(made.effective if made is not None else None)


def at_meeting(refs: Refs, command: Make, statement: Statement) -> Make:
    """An undated statement made at a meeting has the days of that one."""
    if command.meeting is None or "made" in statement.steps:
        return command
    return dated(command, drawn(began(refs, Ref("meetings", command.meeting))))


def began(refs: Refs, ref: Ref) -> UncertainDate | None:
    """When a thing came to be, as far as it is known: the agreement signed, the meeting held, the body founded."""
    steps: Mapping[str, Any] = getattr(refs[ref], "steps", {})
    first = steps.get(BEGINS[ref.category])
    return first.effective if first is not None else None


def since(statement: Statement, by: Ref, part: Part | None, refs: Refs) -> UncertainDate:
    """From when an undated uptake holds: since its part, or all of what takes the statement up; else after the making.

    What came before the statement did not take it up then.
    """
    told = part.sources[0].effective if part is not None and part.sources else None
    taker = drawn(told or began(refs, by))
    lower = after(statement)
    return lower if taker is None or taker.earliest is None or earlier(taker, lower) else taker


def taken(subject: str, statement: Statement, command: TakeUp, refs: Refs) -> list[Event]:
    """The events of an uptake: refused by a thing of the wrong kind, and after the statement was withdrawn."""
    by = Ref.of(command.by)
    if by.category not in TAKERS:
        wanted = " or ".join(sorted(TAKERS))
        raise errors.WrongKind("/by", subject=command.by, kind=by.category, wanted=wanted)
    if command.by == subject:
        raise errors.Circular("/by", subject=subject)
    part = part_named(refs, command.by, command.by_part, "/by_part")
    held = statement.uptakes.get(taker(command))
    if held is not None:
        dates(command.effective, held.effective, f"{subject}: uptakes/{taker(command)}", held=held, fact=command)
        return [*attestations(Attested, held, (), command)]
    told = dated(command, since(statement, by, part, refs))
    over = statement.steps.get("withdrawn")
    if over is not None:
        ended = over.effective.earliest if over.effective else None
        day = told.effective.latest if told.effective else None
        if ended is None or day is None or day >= ended:
            since_then = f" since {ended}" if ended else ""
            raise errors.Ended(subject=subject, status="withdrawn", since=since_then)
    return [event_from(TakenUp, told)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(statement: Statement, recorded: Recorded) -> Statement:
    """The statement after one event of its life."""
    event = recorded.event
    day, said = event.effective, sources(None, recorded)
    match event:
        case Made(meeting=meeting, place=place):
            made = Step(step="made", effective=day, meeting=meeting, place=place, sources=said)
            return put(statement, event.part, made)
        case Withdrawn(by=by, grounds=grounds):
            withdrawn = Step(step="withdrawn", effective=day, by=by, grounds=grounds, sources=said)
            return put(statement, event.part, withdrawn)
        case TakenUp(by=by, by_part=part):
            return put(statement, event.part, Uptake(by=by, by_part=part, effective=day, sources=said))
        case StepDescribed():
            return filled(statement, recorded, SAYS[event.step])
        case _:
            raise AssertionError(event)
