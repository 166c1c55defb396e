"""How a document stands: what it repeats, how far it can be relied on, and whether its publisher took it back."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from, fields_set
from service.domain.document.description import Attested
from service.domain.document.state import Document, Level, Reliability, Republication, Withdrawal, republication_key
from service.domain.parts import put, sources
from service.domain.settling import again
from service.domain.values import DocumentId, Note, PrintedName

# --- Events -----------------------------------------------------------------------------------------------------------


class RepublicationRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The document repeats another one, which may be known by its printed name alone, and how it was altered."""

    type = "document.republication_recorded"
    timeless = True
    original: DocumentId | None = None
    printed: PrintedName | None = None
    alterations: Note | None = None

    def __post_init__(self) -> None:
        """An original is named somehow."""
        if self.original is None and self.printed is None:
            raise ValueError("a republication names its original, registered or as printed")

    @property
    def part(self) -> str:
        """One part an original: by its id, else by its printed name."""
        return f"republications/{republication_key(self.original, self.printed)}"


class RepublicationDescribed(Event, frozen=True, kw_only=True, gc=False):
    """More became known of a republication, named as it was recorded: by its original, else by its printed name.

    `printed` is all that is known of that name.
    """

    type = "document.republication_described"
    timeless = True
    original: DocumentId | None = None
    printed: PrintedName | UnsetType = UNSET
    alterations: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """The original is named, and something is said of it."""
        told = fields_set(self, ("printed", "alterations"))
        if not told or (self.original is None and self.printed is UNSET):
            raise ValueError("a description of a republication names its original, and says something of it")

    @property
    def part(self) -> str:
        """The republication."""
        printed = None if self.printed is UNSET else self.printed
        return f"republications/{republication_key(self.original, printed)}"


class ReliabilityAssessed(Event, frozen=True, kw_only=True, gc=False):
    """How far the document can be relied on, and on what grounds; replaces an earlier assessment."""

    type = "document.reliability_assessed"
    timeless = True
    level: Level
    grounds: Note

    @property
    def part(self) -> str:
        """One assessment a document."""
        return "reliability"


class Withdrawn(Event, frozen=True, kw_only=True, gc=False):
    """Its publisher took the document back."""

    type = "document.withdrawn"
    grounds: Note | None = None

    @property
    def part(self) -> str:
        """The withdrawal."""
        return "withdrawal"


class WithdrawalDescribed(Event, frozen=True, kw_only=True, gc=False):
    """Why its publisher took the document back became known."""

    type = "document.withdrawal_described"
    grounds: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if self.grounds is UNSET:
            raise ValueError("a description of a withdrawal sets its grounds")

    @property
    def part(self) -> str:
        """The withdrawal."""
        return "withdrawal"

    @property
    def changes(self) -> str | None:
        """The withdrawal's recording."""
        return "withdrawal"


EVENTS = (RepublicationRecorded, RepublicationDescribed, ReliabilityAssessed, Withdrawn, WithdrawalDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordRepublication(Command, frozen=True, kw_only=True, gc=False):
    """Record which document this one repeats: as registered, as printed, or both. It may repeat several."""

    original: DocumentId | None = None
    printed: PrintedName | None = None
    alterations: Note | None = None

    def __post_init__(self) -> None:
        """An original is named somehow."""
        if self.original is None and self.printed is None:
            raise ValueError("a republication names its original, registered or as printed")


class AssessReliability(Command, frozen=True, kw_only=True, gc=False):
    """Record how far the document can be relied on, and on what grounds."""

    level: Level
    grounds: Note


class Withdraw(Command, frozen=True, kw_only=True, gc=False):
    """Record that its publisher took the document back, when (`effective`) and why."""

    grounds: Note | None = None


Standing = RecordRepublication | AssessReliability | Withdraw

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, document: Document, command: Standing, named: Refs) -> list[Event]:
    """The events of a command on how the document stands."""
    subject = f"documents/{id}"
    match command:
        case RecordRepublication():
            if command.original == id:
                raise errors.Circular("/original", subject=subject)
            other = named.get(Ref("documents", command.original)) if command.original is not None else None
            if isinstance(other, Document) and any(one.original == id for one in other.republications.values()):
                raise errors.Circular("/original", subject=subject)
            return republished(subject, document, command)
        case AssessReliability():
            return [event_from(ReliabilityAssessed, command)]
        case Withdraw():
            held = document.withdrawal
            if held is None:
                return [event_from(Withdrawn, command)]
            what = f"{subject}: withdrawn"
            key = "since" if command.effective else None
            return again(WithdrawalDescribed, Attested, held, command, ("grounds",), what=what, ids={}, key=key)
        case _:
            assert_never(command)


def republished(subject: str, document: Document, command: RecordRepublication) -> list[Event]:
    """The events of a republication. One recorded by its printed name alone is none by an id: it is recorded anew."""
    printed = command.printed.printed if command.printed else None
    alike = [
        one for one in document.republications.values() if printed and one.printed and one.printed.printed == printed
    ]
    if command.original is not None:
        held = document.republications.get(str(command.original))
        if held is None and any(one.original is None for one in alike):
            raise errors.AlreadyOtherwise("/original", what=f"{subject}: republications/{printed}")
    else:
        held = alike[0] if alike else None
    if held is None:
        return [event_from(RepublicationRecorded, command)]
    ids: dict[str, Any] = {"printed": held.printed} if held.original is None else {"original": held.original}
    what = f"{subject}: republications/{republication_key(held.original, held.printed)}"
    names = ("original", "printed", "alterations")
    return again(RepublicationDescribed, Attested, held, command, names, what=what, ids=ids, key=None)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event of how it stands."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case RepublicationRecorded(original=original, printed=printed, alterations=alterations):
            copied = Republication(original=original, printed=printed, alterations=alterations, sources=said)
            return put(document, event.part, copied)
        case RepublicationDescribed():
            held = document.republications.get(event.part.partition("/")[2])
            if held is None:
                return document
            named = fields_set(event, ("printed", "alterations"))
            names = tuple(name for name in named if getattr(event, name) != getattr(held, name))
            changed = {name: getattr(event, name) for name in names}
            return put(document, event.part, replace(held, **changed, sources=sources(held, recorded, names)))
        case ReliabilityAssessed(level=level, grounds=grounds):
            return put(document, event.part, Reliability(level=level, grounds=grounds, sources=said))
        case Withdrawn(grounds=grounds):
            return put(document, event.part, Withdrawal(since=event.effective, grounds=grounds, sources=said))
        case WithdrawalDescribed():
            withdrawal = document.withdrawal
            if withdrawal is None:
                return document
            told = fields_set(event, ("grounds",))
            changed = {name: getattr(event, name) for name in told}
            return put(
                document, event.part, replace(withdrawal, **changed, sources=sources(withdrawal, recorded, told))
            )
        case _:
            raise AssertionError(event)
