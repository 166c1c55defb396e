"""The file that a document is, where it has no captured text: a sheet, whose cells are cited by their places.

Its bytes are never held here. Their hash says which file was read.
"""

from typing import assert_never
from uuid import UUID

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from
from service.domain.document.description import Attested
from service.domain.document.state import Document, File, Media, Size
from service.domain.parts import attestations, put, sources
from service.domain.values import Sha256

# --- Events -----------------------------------------------------------------------------------------------------------


class FileRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The document is this file: the SHA-256 of its bytes, how many they are, its media type (RFC 6838)."""

    type = "document.file_recorded"
    timeless = True
    fixed = ("sha256",)
    sha256: Sha256
    size: Size
    media: Media

    @property
    def part(self) -> str:
        """One file a document."""
        return "file"

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


EVENTS = (FileRecorded,)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordFile(Command, frozen=True, kw_only=True, gc=False):
    """Record which file the document is: the SHA-256 of its bytes, how many they are, and its media type."""

    sha256: Sha256
    size: Size
    media: Media


Files = RecordFile

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, document: Document, command: Files, named: Refs) -> list[Event]:
    """The events of a command on the file."""
    match command:
        case RecordFile():
            held = document.file
            if held is None:
                return [event_from(FileRecorded, command)]
            for name in ("sha256", "size", "media"):
                if getattr(command, name) != getattr(held, name):
                    raise errors.AlreadyOtherwise(f"/{name}", what=f"documents/{id}: file/{name}")
            return [*attestations(Attested, held, (), command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event of its file."""
    event = recorded.event
    match event:
        case FileRecorded(sha256=sha256, size=size, media=media):
            file = File(sha256=sha256, size=size, media=media, sources=sources(None, recorded))
            return put(document, "file", file)
        case _:
            raise AssertionError(event)
