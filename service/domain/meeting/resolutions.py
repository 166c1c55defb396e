"""What a meeting adopted or did. What was signed at it is no resolution: the agreement says where it was signed."""

from typing import Any
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.document.state import Document
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Manner, Meeting, Resolution
from service.domain.parts import filled, part_of, put, sources
from service.domain.settling import again
from service.domain.values import Label, Parties, PrintedName, Sha256, Subject, Text

FIELDS = ("manner", "text", "name", "about", "about_clause", "version", "sha256", "by")


def something(fact: Any) -> None:
    """A resolution says something, or names a paper."""
    if fact.text is None and fact.name is None:
        raise ValueError("a resolution has a text, or the name of what was adopted")


def whole(fact: Any) -> None:
    """Who, in no order; a clause and a text version are those of what it is about."""
    as_sets(fact, "by")
    if fact.about is None and (fact.about_clause is not None or fact.sha256 is not None):
        raise ValueError("about_clause and sha256 need the thing that they are of, in about")


# --- Events -----------------------------------------------------------------------------------------------------------


class ResolutionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The meeting adopted or did this; `by` are those who did where it was not all."""

    type = "meeting.resolution_recorded"
    belongs = True
    resolution: UUID
    manner: Manner | None = None
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    about_clause: UUID | None = None
    version: Label | None = None
    sha256: Sha256 | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something."""
        something(self)
        whole(self)

    @property
    def part(self) -> str:
        """One part a resolution."""
        return f"resolutions/{self.resolution}"


class ResolutionDescribed(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of a resolution became known; fields left out stay as they are."""

    type = "meeting.resolution_described"
    resolution: UUID
    manner: Manner | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET
    about: Subject | UnsetType = UNSET
    about_clause: UUID | UnsetType = UNSET
    version: Label | UnsetType = UNSET
    sha256: Sha256 | UnsetType = UNSET
    by: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The resolution."""
        return f"resolutions/{self.resolution}"

    @property
    def changes(self) -> str | None:
        """The resolution's recording."""
        return self.part


EVENTS = (ResolutionRecorded, ResolutionDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordResolution(Command, frozen=True, kw_only=True, gc=False):
    """Record what the meeting adopted or did; of a resolution recorded already, what was unknown of it.

    Without `id` it gets one that follows from its name and text. `about` is the thing adopted, by its subject, `name`
    the same as printed; `version` the text of it that was adopted as the source calls it, `sha256` that text where a
    document has it.
    """

    id: UUID | None = None
    manner: Manner | None = None
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    about_clause: UUID | None = None
    version: Label | None = None
    sha256: Sha256 | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """It says something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self)
        whole(self)


Resolutions = RecordResolution

# --- decide -----------------------------------------------------------------------------------------------------------


def resolution_id(id: UUID, command: RecordResolution) -> UUID:
    """The resolution's id: given, or one that is the same for the same words."""
    name = command.name.printed if command.name is not None else ""
    return command.id if command.id is not None else uuid5(id, f"{name}\n{command.text or ''}")


def decide(id: UUID, meeting: Meeting, command: Resolutions, refs: Refs) -> list[Event]:
    """The events of a resolution: its recording, or what is learnt of one that stands."""
    known = resolution_id(id, command)
    held = meeting.resolutions.get(str(known))
    adopted(f"meetings/{id}", command, refs)
    if held is None:
        if command.text is None and command.name is None:
            raise errors.Invalid("/text", problem="a resolution that is not recorded yet has a text or a name")
        return [event_from(ResolutionRecorded, command, resolution=known)]
    what = f"meetings/{id}: resolutions/{known}"
    return again(ResolutionDescribed, Attested, held, command, FIELDS, what=what, ids={"resolution": known}, key="id")


def adopted(subject: str, command: RecordResolution, refs: Refs) -> None:
    """Refuse a resolution about the meeting itself, a clause that is none, and a text that its document has not."""
    if command.about is None:
        return
    if command.about == subject:
        raise errors.Circular("/about", subject=subject)
    other = refs[Ref.of(command.about)]
    part = f"clauses/{command.about_clause}"
    if command.about_clause is not None and (other is None or part_of(other, part) is None):
        raise errors.UnknownPart("/about_clause", part=part, subject=command.about)
    if command.sha256 is not None:
        own = other.header.sha256 if isinstance(other, Document) and other.header is not None else None
        derived = other.versions if isinstance(other, Document) else {}
        if command.sha256 != own and command.sha256 not in derived:
            raise errors.UnknownPart("/sha256", part=f"versions/{command.sha256}", subject=command.about)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of its resolutions."""
    event = recorded.event
    match event:
        case ResolutionRecorded(resolution=id):
            fields = {name: getattr(event, name) for name in FIELDS}
            return put(meeting, event.part, Resolution(id=id, **fields, sources=sources(None, recorded)))
        case ResolutionDescribed():
            return filled(meeting, recorded, FIELDS)
        case _:
            raise AssertionError(event)
