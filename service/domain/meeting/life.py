"""A meeting's life: announced, held, cancelled; where, and for how long.

Forward steps may skip states. A meeting announced for another day than it was held on is announced all the same.
"""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Meeting, Status, Step, StepName, status
from service.domain.parts import filled, put, sources
from service.domain.steps import StepTaken, stepped
from service.domain.values import Label, Magnitude, Note, Parties, PartyId, UncertainDate

SAYS: dict[StepName, tuple[str, ...]] = {
    "announced": ("planned", "place", "venue", "by"),
    "held": ("place", "venue", "ends", "lasts"),
    "cancelled": ("by", "grounds"),
}
"""What each step may say besides that it was taken."""
FIELDS = ("planned", "place", "venue", "ends", "lasts", "by", "grounds")


EARLY = "the meeting ends before it begins"


def early(began: UncertainDate | None, ends: UncertainDate | None) -> bool:
    """Whether the last day of a meeting is known to come before its first one."""
    return bool(began and ends and began.earliest and ends.latest and ends.latest < began.earliest)


def in_order(fact: Any) -> None:
    """A meeting does not end before it begins."""
    if early(fact.effective, fact.ends):
        raise ValueError(EARLY)


# --- Events -----------------------------------------------------------------------------------------------------------


class Announced(StepTaken, frozen=True, kw_only=True, gc=False):
    """Somebody announced the meeting; `effective` is when that was done, `planned` the day that it is to be on."""

    type = "meeting.announced"
    step = "announced"
    planned: UncertainDate | None = None
    place: Label | None = None
    venue: PartyId | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")


class Held(StepTaken, frozen=True, kw_only=True, gc=False):
    """The meeting was held; `effective` is its day, the first one of several."""

    type = "meeting.held"
    step = "held"
    signs = True
    place: Label | None = None
    venue: PartyId | None = None
    ends: UncertainDate | None = None
    lasts: Magnitude | None = None

    def __post_init__(self) -> None:
        """It does not end before it begins."""
        in_order(self)


class Cancelled(StepTaken, frozen=True, kw_only=True, gc=False):
    """The meeting was called off before it was held."""

    type = "meeting.cancelled"
    step = "cancelled"
    by: Parties = ()
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Who, in no order."""
        as_sets(self, "by")

    @property
    def changes(self) -> str | None:
        """The announcement."""
        return "steps/announced"


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a step became known; fields left out stay as they are."""

    type = "meeting.step_described"
    step: StepName
    planned: UncertainDate | UnsetType = UNSET
    place: Label | UnsetType = UNSET
    venue: PartyId | UnsetType = UNSET
    ends: UncertainDate | UnsetType = UNSET
    lasts: Magnitude | UnsetType = UNSET
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


EVENTS = (Announced, Held, Cancelled, StepDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Announce(Command, frozen=True, kw_only=True, gc=False):
    """Record that the meeting was announced, when (`effective`), for which day, where, by whom."""

    planned: UncertainDate | None = None
    place: Label | None = None
    venue: PartyId | None = None
    by: Parties = ()


class Hold(Command, frozen=True, kw_only=True, gc=False):
    """Record that the meeting was held: on which day (`effective`), where, to which day, for how long."""

    place: Label | None = None
    venue: PartyId | None = None
    ends: UncertainDate | None = None
    lasts: Magnitude | None = None

    def __post_init__(self) -> None:
        """It does not end before it begins."""
        in_order(self)


class Cancel(Command, frozen=True, kw_only=True, gc=False):
    """Record that the meeting was called off, by whom and on what grounds."""

    by: Parties = ()
    grounds: Note | None = None


Life = Announce | Hold | Cancel

# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], tuple[type[Event], frozenset[Status]]] = {
    Announce: (Announced, frozenset({"registered", "announced", "held", "cancelled"})),
    Hold: (Held, frozenset({"registered", "announced"})),
    Cancel: (Cancelled, frozenset({"registered", "announced"})),
}
"""For each step: its event, and the statuses that it may be recorded in. An announcement may be learnt of late."""


def decide(id: UUID, meeting: Meeting, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: refused where the meeting is too far for it; of one taken, what is told anew."""
    subject = f"meetings/{id}"
    kind, possible = STEPS[type(command)]
    event: Event = event_from(kind, command)
    told = step_of(event)
    held = meeting.steps.get(told.step)
    if held is None and (now := status(meeting)) not in possible:
        raise errors.NotInThisState(subject=subject, status=now, action=told.step)
    events = stepped(StepDescribed, Attested, held, event, SAYS[told.step], step=told.step, subject=subject)
    if held is not None and early(held.effective, told.ends):
        raise errors.Invalid("/ends", problem=EARLY)
    return events


# --- evolve -----------------------------------------------------------------------------------------------------------


def step_of(event: Event) -> Step:
    """The step that an event takes, without sources."""
    since = event.effective
    match event:
        case Announced(planned=planned, place=place, venue=venue, by=by):
            return Step(step="announced", effective=since, planned=planned, place=place, venue=venue, by=by)
        case Held(place=place, venue=venue, ends=ends, lasts=lasts):
            return Step(step="held", effective=since, place=place, venue=venue, ends=ends, lasts=lasts)
        case Cancelled(by=by, grounds=grounds):
            return Step(step="cancelled", effective=since, by=by, grounds=grounds)
        case _:
            raise AssertionError(event)


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of its life."""
    event = recorded.event
    if isinstance(event, StepDescribed):
        return filled(meeting, recorded, SAYS[event.step])
    return put(meeting, event.part, replace(step_of(event), sources=sources(None, recorded)))
