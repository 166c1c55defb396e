"""Who was at a meeting: people with their titles as printed, parties as such, people counted and not named."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import participants
from service.domain.decider import Change, Command, Event, Recorded, Refs
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Attendance, Meeting, Role
from service.domain.parts import filled, put, sources
from service.domain.values import Label, Magnitude, PartyId, Person, PrintedName

# --- Events -----------------------------------------------------------------------------------------------------------


class AttendanceRecorded(Event, frozen=True, kw_only=True, gc=False):
    """A source has somebody at the meeting, in a role: a person, a party as such, or a group, perhaps counted.

    A party beside a person is whom the person stood for; beside a group, whose people they are.
    """

    type = "meeting.attendance_recorded"
    belongs = True
    attendance: UUID
    role: Role | None = None
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None

    def __post_init__(self) -> None:
        """Somebody was there."""
        participants.somebody(self)

    @property
    def part(self) -> str:
        """One part a role, person with title, party and group, by an id that outlasts a correction of these."""
        return f"attendance/{self.attendance}"


class AttendanceDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of somebody at the meeting became known; fields left out stay as they are."""

    type = "meeting.attendance_described"
    attendance: UUID
    role: Role | UnsetType = UNSET
    person: Person | UnsetType = UNSET
    party: PartyId | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET
    group: Label | UnsetType = UNSET
    number: Magnitude | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        participants.described(self)

    @property
    def part(self) -> str:
        """Whoever was there."""
        return f"attendance/{self.attendance}"


EVENTS = (AttendanceRecorded, AttendanceDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordAttendance(Command, frozen=True, kw_only=True, gc=False):
    """Record who was at the meeting, in which role; somebody with several roles is told once for each.

    A person under a title as printed, a party as such, or a `group` in words of our own, with the `number` of its
    people as a source counts them. Without `id` whoever is told gets one that follows from these words, and is known
    again by them.
    """

    id: UUID | None = None
    role: Role | None = None
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None

    def __post_init__(self) -> None:
        """Somebody was there."""
        participants.somebody(self)


Attending = RecordAttendance

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, meeting: Meeting, command: Attending, refs: Refs) -> list[Event]:
    """The events of somebody's attendance."""
    kinds = (AttendanceRecorded, AttendanceDescribed, Attested)
    what = f"meetings/{id}: attendance"
    return participants.taking_part(id, what, meeting.attendance, command, kinds, "attendance")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of its attendance."""
    event = recorded.event
    match event:
        case AttendanceRecorded(attendance=id):
            fields = {name: getattr(event, name) for name in participants.LEARNT}
            return put(meeting, event.part, Attendance(id=id, **fields, sources=sources(None, recorded)))
        case AttendanceDescribed():
            return filled(meeting, recorded, participants.LEARNT)
        case _:
            raise AssertionError(event)
