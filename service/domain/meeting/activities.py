"""What was done at a meeting and is no resolution: work reviewed, routes published, a place toured."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.meeting.header import Attested
from service.domain.meeting.resolutions import id_of
from service.domain.meeting.state import Activity, Meeting, Sort
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Parties, PrintedName, Subject, Text

FIELDS = ("text", "name", "about", "by")
"""What may become known of an activity later."""


def something(fact: Any) -> None:
    """An activity says what was done, or names it."""
    if fact.text is None and fact.name is None:
        raise ValueError("an activity has a text, or a name as printed")


# --- Events -----------------------------------------------------------------------------------------------------------


class ActivityRecorded(Event, frozen=True, kw_only=True, gc=False):
    """This was done at the meeting, one fact each; `by` are those who did it where it was not all."""

    type = "meeting.activity_recorded"
    belongs = True
    activity: UUID
    sort: Sort
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something; who, in no order."""
        something(self)
        as_sets(self, "by")

    @property
    def part(self) -> str:
        """One part an activity."""
        return f"activities/{self.activity}"


class ActivityDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of an activity became known; fields left out stay as they are."""

    type = "meeting.activity_described"
    activity: UUID
    text: Text | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET
    about: Subject | UnsetType = UNSET
    by: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The activity."""
        return f"activities/{self.activity}"


EVENTS = (ActivityRecorded, ActivityDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordActivity(Command, frozen=True, kw_only=True, gc=False):
    """Record what was done at the meeting and is no resolution; of what is recorded already, what was unknown of it.

    Without `id` it gets one that follows from its name and text. `about` is the thing that it was done with or to, by
    its subject: the place toured, the body unveiled.
    """

    id: UUID | None = None
    sort: Sort | None = None
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something; what is recorded already may be named by its id alone."""
        if self.id is None:
            something(self)
        as_sets(self, "by")


Activities = RecordActivity

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, meeting: Meeting, command: Activities, refs: Refs) -> list[Event]:
    """The events of an activity: its recording, or what is learnt of one that stands."""
    known, subject = id_of(id, command), f"meetings/{id}"
    held = meeting.activities.get(str(known))
    if command.about == subject:
        raise errors.Circular("/about", subject=subject)
    if held is None:
        if command.text is None and command.name is None:
            raise errors.Invalid("/text", problem="an activity that is not recorded yet has a text or a name")
        if command.sort is None:
            raise errors.Invalid("/sort", problem="an activity that is not recorded yet has a sort")
        return [event_from(ActivityRecorded, command, activity=known)]
    what, names = f"{subject}: activities/{known}", ("sort", *FIELDS)
    return again(ActivityDescribed, Attested, held, command, names, what=what, ids={"activity": known}, key="id")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of what was done at it."""
    event = recorded.event
    match event:
        case ActivityRecorded(activity=id, sort=sort):
            fields = {name: getattr(event, name) for name in FIELDS}
            return put(meeting, event.part, Activity(id=id, sort=sort, **fields, sources=sources(None, recorded)))
        case ActivityDescribed():
            return filled(meeting, recorded, FIELDS)
        case _:
            raise AssertionError(event)
