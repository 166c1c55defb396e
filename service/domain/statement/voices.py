"""Who spoke, for whom and to whom, what about, and who is to do what by when if it comes to that."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import errors, participants
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, undated
from service.domain.obligations import Manner
from service.domain.parts import attestations, filled, put, says, sources
from service.domain.references import part_named
from service.domain.settling import again
from service.domain.statement.header import Attested
from service.domain.statement.state import Participant, Performance, Role, Statement, Topic
from service.domain.values import (
    Label,
    Magnitude,
    Parties,
    PartName,
    PartyId,
    Period,
    Person,
    PrintedName,
    Subject,
    UncertainDate,
)

TERMS = ("performers", "beneficiaries", "manner", "due", "period")
"""Who is to do it, for whom, how, by when, over which time."""


def performing(fact: Any) -> None:
    """Parties in no order; a performance says something."""
    as_sets(fact, "performers", "beneficiaries")
    if not any(says(getattr(fact, name)) for name in TERMS):
        raise ValueError(f"a performance has at least one of {', '.join(TERMS)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class ParticipantAdded(Event, frozen=True, kw_only=True, gc=False):
    """Somebody said it, was spoken for, or was spoken to: a person, a party as such, or people nobody names.

    A party beside a person is whom the person stood for; beside a group, whose people they are.
    """

    type = "statement.participant_added"
    belongs = True
    participant: UUID
    role: Role
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        participants.somebody(self)

    @property
    def part(self) -> str:
        """One part a role, person with title, party and group, by an id that outlasts a correction of these."""
        return f"participants/{self.participant}"


class ParticipantDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a participant became known; fields left out stay as they are."""

    type = "statement.participant_described"
    participant: UUID
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
        """The participant."""
        return f"participants/{self.participant}"


class TopicAdded(Event, frozen=True, kw_only=True, gc=False):
    """The statement is about this thing, or a part of it."""

    type = "statement.topic_added"
    timeless = True
    about: Subject
    about_part: PartName | None = None

    @property
    def part(self) -> str:
        """One part a thing, or a part of it."""
        return f"topics/{self.about}:{self.about_part}" if self.about_part else f"topics/{self.about}"


class PerformanceRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Who is to do what was said, for whom, how, by when or over which time. What is left out stays as it is.

    A performer is bound only by what is a promise: of a request, a proposal or an intention nobody owes anything.
    """

    type = "statement.performance_recorded"
    timeless = True
    performers: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        """It says something."""
        performing(self)

    @property
    def part(self) -> str:
        """One performance a statement."""
        return "performance"


EVENTS = (ParticipantAdded, ParticipantDescribed, TopicAdded, PerformanceRecorded)

# --- Commands ---------------------------------------------------------------------------------------------------------


class AddParticipant(Command, frozen=True, kw_only=True, gc=False):
    """Record who said it (`speaker`), on whose behalf (`principal`), or to whom (`addressee`).

    A person under a title as printed, a party as such, or a `group` in words of our own. In a talk all that talked
    are speakers. Without `id` whoever is told gets one that follows from these words, and is known again by them.
    """

    id: UUID | None = None
    role: Role
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        participants.somebody(self)


class AddTopic(Command, frozen=True, kw_only=True, gc=False):
    """Record a thing that the statement is about, by its subject, or a part of it, such as a clause."""

    about: Subject
    about_part: PartName | None = None


class RecordPerformance(Command, frozen=True, kw_only=True, gc=False):
    """Record who is to do what was said, for whom, how, by when (`due`) or over which time (`period`).

    Whether the performers are bound follows from the statement's kind: by a promise alone.
    """

    performers: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        """It says something."""
        performing(self)


Voices = AddParticipant | AddTopic | RecordPerformance

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, statement: Statement, command: Voices, refs: Refs) -> list[Event]:
    """The events of a command on who spoke, what about, and who is to do what."""
    subject = f"statements/{id}"
    match command:
        case AddParticipant():
            kinds = (ParticipantAdded, ParticipantDescribed, Attested)
            what = f"{subject}: participants"
            return participants.taking_part(id, what, statement.participants, command, kinds, "participant")
        case AddTopic():
            return topical(subject, statement, command, refs)
        case RecordPerformance():
            undated(command)
            held, what = statement.performance, f"{subject}: performance"
            if held is None:
                return [event_from(PerformanceRecorded, command)]
            return again(PerformanceRecorded, Attested, held, command, TERMS, what=what, ids={}, key=None)
        case _:
            assert_never(command)


def topical(subject: str, statement: Statement, command: AddTopic, refs: Refs) -> list[Event]:
    """The events of a topic, refused where the statement would be about itself, or the part is none."""
    if command.about == subject:
        raise errors.Circular("/about", subject=subject)
    part_named(refs, command.about, command.about_part, "/about_part")
    undated(command)
    event: TopicAdded = event_from(TopicAdded, command)
    held = statement.topics.get(event.part.partition("/")[2])
    return [event] if held is None else [*attestations(Attested, held, (), command)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(statement: Statement, recorded: Recorded) -> Statement:
    """The statement after one event of who spoke, what about, and who is to do what."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case ParticipantAdded(participant=id):
            fields = {name: getattr(event, name) for name in participants.LEARNT}
            return put(statement, event.part, Participant(id=id, **fields, sources=said))
        case ParticipantDescribed():
            return filled(statement, recorded, participants.LEARNT)
        case TopicAdded(about=about, about_part=part):
            return put(statement, event.part, Topic(about=about, about_part=part, sources=said))
        case PerformanceRecorded():
            if statement.performance is not None:
                return filled(statement, recorded, TERMS)
            told = {name: value for name in TERMS if says(value := getattr(event, name))}
            return put(statement, event.part, Performance(**told, sources=said))
        case _:
            raise AssertionError(event)
