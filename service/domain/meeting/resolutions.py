"""What a meeting resolved. What was signed at it is no resolution: the agreement says where it was signed."""

from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.document.text import texted
from service.domain.meeting.header import Attested
from service.domain.meeting.state import Manner, Meeting, Resolution
from service.domain.parts import filled, put, sources
from service.domain.references import part_named
from service.domain.settling import again
from service.domain.values import DocumentId, Label, Parties, PartName, PrintedName, Sha256, Subject, Text

FIELDS = ("text", "name", "about", "about_part", "document", "version", "sha256", "by")
"""What may become known of a resolution later."""


def something(fact: Any) -> None:
    """A resolution says something, or names a paper."""
    if fact.text is None and fact.name is None:
        raise ValueError("a resolution has a text, or the name of what was adopted")


def whole(fact: Any) -> None:
    """Who, in no order; a part is one of what it is about, a text one of the document."""
    as_sets(fact, "by")
    if fact.about is None and fact.about_part is not None:
        raise ValueError("about_part needs the thing that it is of, in about")
    if fact.document is None and fact.sha256 is not None:
        raise ValueError("sha256 needs the document that has the text, in document")


# --- Events -----------------------------------------------------------------------------------------------------------


class ResolutionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The meeting resolved this; `by` are those who did where it was not all.

    The thing adopted (`about`) and the text adopted (`version`, `sha256`, of `document`) are told each for itself.
    """

    type = "meeting.resolution_recorded"
    belongs = True
    resolution: UUID
    manner: Manner
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    about_part: PartName | None = None
    document: DocumentId | None = None
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


class ResolutionDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a resolution became known; fields left out stay as they are."""

    type = "meeting.resolution_described"
    resolution: UUID
    text: Text | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET
    about: Subject | UnsetType = UNSET
    about_part: PartName | UnsetType = UNSET
    document: DocumentId | UnsetType = UNSET
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


EVENTS = (ResolutionRecorded, ResolutionDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordResolution(Command, frozen=True, kw_only=True, gc=False):
    """Record what the meeting resolved, and how; of a resolution recorded already, what was unknown of it.

    Without `id` it gets one that follows from its name and text. `about` is the thing adopted, by its subject, `name`
    the same as printed; `version` the text of it that was adopted as the source calls it, `document` and `sha256` that
    text where it is held.
    """

    id: UUID | None = None
    manner: Manner | None = None
    text: Text | None = None
    name: PrintedName | None = None
    about: Subject | None = None
    about_part: PartName | None = None
    document: DocumentId | None = None
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


def id_of(stream: UUID, command: Any) -> UUID:
    """The id of what was resolved or done: given, or one that is the same for the same words."""
    given: UUID | None = command.id
    words = (command.name.printed if command.name is not None else None, command.text)
    return given if given is not None else uuid5(stream, msgspec.json.encode(words).decode())


def decide(id: UUID, meeting: Meeting, command: Resolutions, refs: Refs) -> list[Event]:
    """The events of a resolution: its recording, or what is learnt of one that stands."""
    known = id_of(id, command)
    held = meeting.resolutions.get(str(known))
    adopted(f"meetings/{id}", command, refs)
    if held is None:
        if command.text is None and command.name is None:
            raise errors.Invalid("/text", problem="a resolution that is not recorded yet has a text or a name")
        if command.manner is None:
            raise errors.Invalid("/manner", problem="a resolution that is not recorded yet has a manner")
        return [event_from(ResolutionRecorded, command, resolution=known)]
    what, names = f"meetings/{id}: resolutions/{known}", ("manner", *FIELDS)
    return again(ResolutionDescribed, Attested, held, command, names, what=what, ids={"resolution": known}, key="id")


def adopted(subject: str, command: RecordResolution, refs: Refs) -> None:
    """Refuse a resolution about the meeting itself, a part that is none, and a text that its document has not."""
    if command.about is not None:
        if command.about == subject:
            raise errors.Circular("/about", subject=subject)
        part_named(refs, command.about, command.about_part, "/about_part")
    texted(command, refs)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event of its resolutions."""
    event = recorded.event
    match event:
        case ResolutionRecorded(resolution=id, manner=manner):
            fields = {name: getattr(event, name) for name in FIELDS}
            resolution = Resolution(id=id, manner=manner, **fields, sources=sources(None, recorded))
            return put(meeting, event.part, resolution)
        case ResolutionDescribed():
            return filled(meeting, recorded, FIELDS)
        case _:
            raise AssertionError(event)
