"""Who spoke, for whom and to whom, what about, and who is to do what by when if it comes to that."""

from typing import assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain import errors, participants
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from, undated
from service.domain.obligations import OWED, Manner, owing
from service.domain.parts import attestations, filled, part_of, put, says, sources
from service.domain.settling import again
from service.domain.statement.header import Attested
from service.domain.statement.state import Obligation, Participant, Role, Statement, Topic
from service.domain.values import Label, Parties, PartyId, Period, Person, PrintedName, Quantity, Subject, UncertainDate

TERMS = (*OWED, "period")
"""Who is to do it, for whom, how, by when, over which time."""

# --- Events -----------------------------------------------------------------------------------------------------------


class ParticipantAdded(Event, frozen=True, kw_only=True, gc=False):
    """Somebody said it, was spoken for, or was spoken to: a person, a party as such, or people nobody names.

    A party beside a person is whom the person stood for; beside a group, whose people they are.
    """

    type = "statement.participant_added"
    belongs = True
    role: Role
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Quantity | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        participants.somebody(self)

    @property
    def part(self) -> str:
        """One part a role, person with title, party and group."""
        return f"participants/{participants.key(self)}"


class ParticipantDescribed(Event, frozen=True, kw_only=True, gc=False):
    """More became known of a participant: the person, named and titled as before, the name, the number."""

    type = "statement.participant_described"
    role: Role
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | UnsetType = UNSET
    group: Label | None = None
    number: Quantity | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        participants.described(self)

    @property
    def part(self) -> str:
        """The participant."""
        return f"participants/{participants.key(self)}"

    @property
    def changes(self) -> str | None:
        """The participant's adding."""
        return self.part


class TopicAdded(Event, frozen=True, kw_only=True, gc=False):
    """The statement is about this thing, or a clause of it."""

    type = "statement.topic_added"
    timeless = True
    about: Subject
    about_clause: UUID | None = None

    @property
    def part(self) -> str:
        """One part a thing, or a clause of it."""
        return f"topics/{self.about}:{self.about_clause}" if self.about_clause else f"topics/{self.about}"


class ObligationRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Who is to do what was said, for whom, how, by when or over which time. What is left out stays as it is."""

    type = "statement.obligation_recorded"
    timeless = True
    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        """It says something."""
        owing(self, TERMS)

    @property
    def part(self) -> str:
        """One obligation a statement."""
        return "obligation"


EVENTS = (ParticipantAdded, ParticipantDescribed, TopicAdded, ObligationRecorded)

# --- Commands ---------------------------------------------------------------------------------------------------------


class AddParticipant(Command, frozen=True, kw_only=True, gc=False):
    """Record who said it (`speaker`), on whose behalf (`principal`), or to whom (`addressee`).

    A person under a title as printed, a party as such, or a `group` in words of our own. In a talk all that talked
    are speakers.
    """

    role: Role
    person: Person | None = None
    party: PartyId | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Quantity | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        participants.somebody(self)


class AddTopic(Command, frozen=True, kw_only=True, gc=False):
    """Record a thing that the statement is about, by its subject, or a clause of it."""

    about: Subject
    about_clause: UUID | None = None


class RecordObligation(Command, frozen=True, kw_only=True, gc=False):
    """Record who is to do what was said, for whom, how, by when (`due`) or over which time (`period`)."""

    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        """It says something."""
        owing(self, TERMS)


Voices = AddParticipant | AddTopic | RecordObligation

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, statement: Statement, command: Voices, refs: Refs) -> list[Event]:
    """The events of a command on who spoke, what about, and who is to do what."""
    subject = f"statements/{id}"
    match command:
        case AddParticipant():
            kinds = (ParticipantAdded, ParticipantDescribed, Attested)
            return participants.taking_part(f"{subject}: participants", statement.participants, command, kinds)
        case AddTopic():
            return topical(subject, statement, command, refs)
        case RecordObligation():
            undated(command)
            held, what = statement.obligation, f"{subject}: obligation"
            if held is None:
                return [event_from(ObligationRecorded, command)]
            return again(ObligationRecorded, Attested, held, command, TERMS, what=what, ids={}, key=None)
        case _:
            assert_never(command)


def topical(subject: str, statement: Statement, command: AddTopic, refs: Refs) -> list[Event]:
    """The events of a topic, refused where the statement would be about itself, or the clause is none."""
    if command.about == subject:
        raise errors.Circular("/about", subject=subject)
    other, part = refs[Ref.of(command.about)], f"clauses/{command.about_clause}"
    if command.about_clause is not None and (other is None or part_of(other, part) is None):
        raise errors.UnknownPart("/about_clause", part=part, subject=command.about)
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
        case ParticipantAdded():
            fields = {name: getattr(event, name) for name in Participant.__struct_fields__ if name != "sources"}
            return put(statement, event.part, Participant(**fields, sources=said))
        case ParticipantDescribed():
            return filled(statement, recorded, participants.LEARNT)
        case TopicAdded(about=about, about_clause=clause):
            return put(statement, event.part, Topic(about=about, about_clause=clause, sources=said))
        case ObligationRecorded():
            if statement.obligation is not None:
                return filled(statement, recorded, TERMS)
            told = {name: value for name in TERMS if says(value := getattr(event, name))}
            return put(statement, event.part, Obligation(**told, sources=said))
        case _:
            raise AssertionError(event)
