"""Who called a meeting together, and as the how many-th session of which body."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set, undated
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Convener, Convening, Meeting, Session
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Count, PartyId, PrintedName

TOLD = ("name", "wording")
"""What may become known of a convener later."""
COUNTED = ("term", "number")
"""What may become known of a session later."""


def convener_key(fact: Any) -> str:
    """The key of a convener: the party, and as what. Sources that differ on the role do not contradict each other."""
    return f"{fact.party}:{fact.role}" if fact.role is not None else str(fact.party)


# --- Events -----------------------------------------------------------------------------------------------------------


class SessionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The meeting is a session of a body (a joint conference, a mechanism), and the how many-th of which term.

    `term` counts the terms of a body that is elected anew (届), `number` its sessions (次).
    """

    type = "meeting.session_recorded"
    timeless = True
    body: PartyId
    term: Count | None = None
    number: Count | None = None

    @property
    def part(self) -> str:
        """One part a body: two bodies may meet as one."""
        return f"sessions/{self.body}"


class SessionDescribed(Change, frozen=True, kw_only=True, gc=False):
    """The how many-th session of the body it is became known, or of which term."""

    type = "meeting.session_described"
    timeless = True
    body: PartyId
    term: Count | UnsetType = UNSET
    number: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, COUNTED):
            raise ValueError(f"a description sets at least one of {', '.join(COUNTED)}")

    @property
    def part(self) -> str:
        """The session."""
        return f"sessions/{self.body}"


class ConvenerNamed(Event, frozen=True, kw_only=True, gc=False):
    """A source says that this party convened the meeting, and as what, in which words (举办). Others stand beside."""

    type = "meeting.convener_named"
    timeless = True
    party: PartyId
    role: Convening | None = None
    name: PrintedName | None = None
    wording: PrintedName | None = None

    @property
    def part(self) -> str:
        """One part a party and role."""
        return f"conveners/{convener_key(self)}"


class ConvenerDescribed(Change, frozen=True, kw_only=True, gc=False):
    """How a convener in that role is printed, or the role itself, became known, or known better."""

    type = "meeting.convener_described"
    timeless = True
    party: PartyId
    role: Convening | None = None
    name: PrintedName | UnsetType = UNSET
    wording: PrintedName | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, TOLD):
            raise ValueError(f"a description sets at least one of {', '.join(TOLD)}")

    @property
    def part(self) -> str:
        """The convener."""
        return f"conveners/{convener_key(self)}"


EVENTS = (SessionRecorded, SessionDescribed, ConvenerNamed, ConvenerDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordSession(Command, frozen=True, kw_only=True, gc=False):
    """Record of which body the meeting is a session, and the how many-th (次) of which term (届).

    It may be one of several bodies.
    """

    body: PartyId
    term: Count | None = None
    number: Count | None = None


class NameConvener(Command, frozen=True, kw_only=True, gc=False):
    """Record who convened the meeting as a source has it. Where sources differ each is recorded, with its words.

    `role` is which part the party had in it, `wording` the word that the source has for that.
    """

    party: PartyId
    role: Convening | None = None
    name: PrintedName | None = None
    wording: PrintedName | None = None


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
            return again(SessionDescribed, Attested, session, command, COUNTED, what=what, ids=ids, key="body")
        case NameConvener(party=party):
            convener = held_as(meeting, command)
            if convener is None:
                return [event_from(ConvenerNamed, command)]
            told, what = {"party": party, "role": convener.role}, f"{subject}: conveners/{convener_key(convener)}"
            return again(ConvenerDescribed, Attested, convener, command, TOLD, what=what, ids=told, key="party")
        case _:
            assert_never(command)


def held_as(meeting: Meeting, told: NameConvener) -> Convener | None:
    """The convener that is told of again: in the same role, or, where none is told, the first that the party has."""
    if (held := meeting.conveners.get(convener_key(told))) is not None or told.role is not None:
        return held
    same = [one for one in meeting.conveners.values() if one.party == told.party]
    return min(same, key=lambda one: one.sources[0].sequence, default=None)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of who called it."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case SessionRecorded(body=body, term=term, number=number):
            return put(meeting, event.part, Session(body=body, term=term, number=number, sources=said))
        case ConvenerNamed(party=party, role=role, name=name, wording=wording):
            convener = Convener(party=party, role=role, name=name, wording=wording, sources=said)
            return put(meeting, event.part, convener)
        case SessionDescribed():
            return filled(meeting, recorded, COUNTED)
        case ConvenerDescribed():
            return filled(meeting, recorded, TOLD)
        case _:
            raise AssertionError(event)
