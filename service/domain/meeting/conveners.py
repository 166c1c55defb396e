"""Who called a meeting together, and as the how many-th session of which body."""

from typing import assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set, undated
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Convener, Meeting, Session
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Count, Label, PartyId, PrintedName

# --- Events -----------------------------------------------------------------------------------------------------------


class SessionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The meeting is a session of a body (a joint conference, a mechanism), and the how many-th."""

    type = "meeting.session_recorded"
    timeless = True
    body: PartyId
    number: Count | None = None

    @property
    def part(self) -> str:
        """One part a body: two bodies may meet as one."""
        return f"sessions/{self.body}"


class SessionDescribed(Event, frozen=True, kw_only=True, gc=False):
    """The how many-th session of the body it is became known."""

    type = "meeting.session_described"
    timeless = True
    body: PartyId
    number: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if self.number is UNSET:
            raise ValueError("a description of a session sets its number")

    @property
    def part(self) -> str:
        """The session."""
        return f"sessions/{self.body}"

    @property
    def changes(self) -> str | None:
        """The session's recording."""
        return self.part


class ConvenerNamed(Event, frozen=True, kw_only=True, gc=False):
    """A source says that this party convened the meeting, and as what. What other sources say stands beside it."""

    type = "meeting.convener_named"
    timeless = True
    party: PartyId
    name: PrintedName | None = None
    role: Label | None = None

    @property
    def part(self) -> str:
        """One part a party."""
        return f"conveners/{self.party}"


class ConvenerDescribed(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of a convener became known; fields left out stay as they are."""

    type = "meeting.convener_described"
    timeless = True
    party: PartyId
    name: PrintedName | UnsetType = UNSET
    role: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, ("name", "role")):
            raise ValueError("a description sets at least one of name, role")

    @property
    def part(self) -> str:
        """The convener."""
        return f"conveners/{self.party}"

    @property
    def changes(self) -> str | None:
        """The convener's naming."""
        return self.part


EVENTS = (SessionRecorded, SessionDescribed, ConvenerNamed, ConvenerDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordSession(Command, frozen=True, kw_only=True, gc=False):
    """Record of which body the meeting is a session, and the how many-th; it may be one of several bodies."""

    body: PartyId
    number: Count | None = None


class NameConvener(Command, frozen=True, kw_only=True, gc=False):
    """Record who convened the meeting as a source has it. Where sources differ each is recorded, with its words."""

    party: PartyId
    name: PrintedName | None = None
    role: Label | None = None


Conveners = RecordSession | NameConvener

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, meeting: Meeting, command: Conveners, refs: Refs) -> list[Event]:
    """The events of a command on who called the meeting."""
    subject = f"meetings/{id}"
    undated(command)
    match command:
        case RecordSession(body=body):
            session = meeting.sessions.get(str(body))
            if session is None:
                return [event_from(SessionRecorded, command)]
            ids, what = {"body": body}, f"{subject}: sessions/{body}"
            return again(SessionDescribed, Attested, session, command, ("number",), what=what, ids=ids, key="body")
        case NameConvener(party=party):
            convener = meeting.conveners.get(str(party))
            if convener is None:
                return [event_from(ConvenerNamed, command)]
            ids, what, names = {"party": party}, f"{subject}: conveners/{party}", ("name", "role")
            return again(ConvenerDescribed, Attested, convener, command, names, what=what, ids=ids, key="party")
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of who called it."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case SessionRecorded(body=body, number=number):
            return put(meeting, event.part, Session(body=body, number=number, sources=said))
        case ConvenerNamed(party=party, name=name, role=role):
            return put(meeting, event.part, Convener(party=party, name=name, role=role, sources=said))
        case SessionDescribed():
            return filled(meeting, recorded, ("number",))
        case ConvenerDescribed():
            return filled(meeting, recorded, ("name", "role"))
        case _:
            raise AssertionError(event)
