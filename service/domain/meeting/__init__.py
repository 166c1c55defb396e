"""The meeting: who met, when, where, called by whom, what they resolved and did.

What was signed at a meeting is said by the agreement (its link `signed_at`), what was said at it by the statement.
Six files own its events, commands and arms: `header`, `conveners`, `life`, `attendance`, `resolutions`, `activities`;
`state` is what they all build. Here they become one decider, with the command that registers a whole meeting at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain import duplicates, errors, headings
from service.domain.decider import (
    Attested,
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    inherit,
    must_exist,
)
from service.domain.meeting import activities, attendance, conveners, header, life, resolutions
from service.domain.meeting.activities import RecordActivity
from service.domain.meeting.attendance import RecordAttendance
from service.domain.meeting.conveners import NameConvener, RecordSession
from service.domain.meeting.resolutions import RecordResolution
from service.domain.meeting.state import Meeting
from service.domain.parts import attest, says
from service.domain.settling import bare, settle, whole
from service.domain.values import Label, MeetingId, PrintedName


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole meeting at once, all or nothing.

    `called` is the registry's own words for a meeting that no source names. What stands inside takes the whole's
    citations, basis and note where it has none of its own. Registering the same id with the same content again changes
    nothing but adds new citations, and tells what was unknown of what it had.
    """

    title: PrintedName | None = None
    called: Label | None = None
    kinds: header.Kinds = ()
    within: MeetingId | None = None
    titles: Annotated[tuple[header.AddTitle, ...], Meta(max_length=50)] = ()
    announced: life.Announce | None = None
    held: life.Hold | None = None
    cancelled: life.Cancel | None = None
    sessions: Annotated[tuple[RecordSession, ...], Meta(max_length=20)] = ()
    conveners: Annotated[tuple[NameConvener, ...], Meta(max_length=100)] = ()
    attendance: Annotated[tuple[RecordAttendance, ...], Meta(max_length=500)] = ()
    resolutions: Annotated[tuple[RecordResolution, ...], Meta(max_length=200)] = ()
    activities: Annotated[tuple[RecordActivity, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        """It is called something."""
        headings.named(self)


Contained = (
    header.Heading
    | conveners.Conveners
    | life.Life
    | attendance.Attending
    | resolutions.Resolutions
    | activities.Activities
)

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(conveners.Conveners.__args__, conveners),
    **dict.fromkeys(life.Life.__args__, life),
    RecordAttendance: attendance,
    RecordResolution: resolutions,
    RecordActivity: activities,
}
"""Which file decides a command."""

ROOMS = (header, conveners, life, attendance, resolutions, activities)

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""


def contained(meeting: Meeting, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole meeting, with the pointer to each, in the order that they are decided in.

    Of one that exists the title is described as well: it may have been unknown.
    """
    fields = header.TELLS if meeting.header is not None else ("kinds", "within")
    told = {name: value for name in fields if says(value := getattr(command, name))}
    if told:
        whole_facts = {name: getattr(command, name) for name in Fact.__struct_fields__}
        yield "", header.Describe(**told, **whole_facts)
    for field in ("held", "announced", "cancelled"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("titles", "sessions", "conveners", "attendance", "resolutions", "activities"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, meeting: Meeting, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the meeting, or why not."""
    if isinstance(command, Register):
        first = event_from(header.Registered, command) if meeting.header is None else None
        items = contained(meeting, command)
        return whole(DECIDER, id, meeting, first=first, items=items, named=named)
    ref = Ref("meetings", id)
    must_exist(meeting.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, meeting, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    never = "cancelled" in meeting.steps and isinstance(command, TAKES_PLACE)
    if (never or meeting.duplicate is not None) and settle(DECIDER, meeting, bare(events)):
        duplicates.alone(ref, meeting.duplicate)
        raise errors.NotInThisState(subject=str(ref), status="cancelled", action="take place")
    return events


TAKES_PLACE = (RecordAttendance, RecordResolution, RecordActivity)
"""Commands on what happens at a meeting, and at none that was called off."""


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(meeting, recorded)
    after: Meeting = OWNERS[type(event)].evolve(meeting, recorded)
    return after


DECIDER: Decider[Meeting] = Decider(
    category="meetings",
    initial=Meeting(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
)
