"""The text of a document, never held in the log: which text was captured, and which versions derive from it."""

from typing import Annotated, Any, assert_never
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Fact, Former, Recorded, Ref, Refs, event_from
from service.domain.document.description import headed
from service.domain.document.state import Derived, Document, Edit, Length, Version
from service.domain.parts import put, sources
from service.domain.values import Label, Offset, Sha256, Value, content

EDITS = 1_400
"""Edits of one version: so many fit into a line."""
Edits = Annotated[tuple[Edit, ...], Meta(max_length=EDITS)]


def disordered(edits: tuple[Edit, ...]) -> tuple[int, str] | None:
    """The first edit that starts within the one before it, and what is wrong with it; None where all are in order."""
    reached = 0
    for index, edit in enumerate(edits):
        if edit.start < reached:
            return index, f"the edit starts before {reached}, where the last one ends"
        reached = edit.end
    return None


# --- Events -----------------------------------------------------------------------------------------------------------


class TextCaptured(Event, frozen=True, kw_only=True, gc=False):
    """The document's text was captured: its hash, and its length in code points. All citations point into it."""

    type = "document.text_captured"
    timeless = True
    fixed = ("sha256", "length")
    sha256: Sha256
    length: Length

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Edit1(Value, frozen=True, kw_only=True, gc=False):
    """An edit in the shape 1 of the event: without its words."""

    start: Offset
    end: Offset
    length: Offset

    def __post_init__(self) -> None:
        """An edit replaces a span, or puts something into an empty one."""
        if self.start > self.end or (self.start == self.end and self.length == 0):
            raise ValueError("an edit replaces a span, or inserts something")


class TextVersionRecorded1(Fact, frozen=True, kw_only=True, gc=False):
    """A derived version, in the shape 1."""

    sort: Derived
    sha256: Sha256
    length: Length
    derived_from: Sha256
    tool: Label
    tool_version: Label
    edits: Annotated[tuple[Edit1, ...], Meta(max_length=1_400)] = ()


def text_version_recorded_2(old: TextVersionRecorded1) -> "TextVersionRecorded":
    """The same; what its edits put in is not known."""
    edits = tuple(Edit(start=edit.start, end=edit.end, length=edit.length) for edit in old.edits)
    fields = {name: getattr(old, name) for name in old.__struct_fields__}
    return TextVersionRecorded(**fields | {"edits": edits})


class TextVersionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """A version of the text was derived by a tool from another, named by its hash; `edits` map offsets between the two.

    Edits are in order and apart, in code points of the version that this one is derived from; what lies between them
    has the same length in both. What was restored stands in them, so that the version can be made again.
    """

    type = "document.text_version_recorded"
    shape = 2
    formerly = (Former(TextVersionRecorded1, text_version_recorded_2),)
    timeless = True
    sort: Derived
    sha256: Sha256
    length: Length
    derived_from: Sha256
    tool: Label
    tool_version: Label
    edits: Edits = ()

    def __post_init__(self) -> None:
        """A version comes from another one, by edits in order."""
        if self.sha256 == self.derived_from:
            raise ValueError("a version is not derived from itself")
        if wrong := disordered(self.edits):
            raise ValueError(wrong[1])

    @property
    def part(self) -> str:
        """One part a version."""
        return f"versions/{self.sha256}"


EVENTS = (TextCaptured, TextVersionRecorded)

# --- Commands ---------------------------------------------------------------------------------------------------------


class CaptureText(Command, frozen=True, kw_only=True, gc=False):
    """Record the hash and length (in code points) of the text of a document that was registered without."""

    sha256: Sha256
    length: Length


class RecordTextVersion(Command, frozen=True, kw_only=True, gc=False):
    """Record a version of the text derived from another, named by its hash, with the tool and the map of offsets."""

    sort: Derived
    sha256: Sha256
    length: Length
    derived_from: Sha256
    tool: Label
    tool_version: Label
    edits: Edits = ()


Texts = CaptureText | RecordTextVersion

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, document: Document, command: Texts, named: Refs) -> list[Event]:
    """The events of a command on the text."""
    subject = f"documents/{id}"
    match command:
        case CaptureText():
            held = document.header
            for field in ("sha256", "length"):
                if getattr(held, field) not in {None, getattr(command, field)}:
                    raise errors.AlreadyOtherwise(f"/{field}", what=f"{subject}: the captured text")
            return [event_from(TextCaptured, command)]
        case RecordTextVersion():
            return version_events(subject, document, command)
        case _:
            assert_never(command)


def captured(subject: str, document: Document, pointer: str) -> int:
    """The length of the captured text, refused where there is none."""
    length = document.header.length if document.header else None
    if length is None:
        raise errors.NoText(pointer, subject=subject)
    return length


def inside(subject: str, pointer: str, end: int, length: int) -> None:
    """Refuse a span that ends outside its text."""
    if end > length:
        raise errors.CitationOutside(pointer, end=end, subject=subject, length=length)


def texted(fact: Any, refs: Refs) -> None:
    """Refuse a text (`sha256`) that its document has not: neither the captured one nor one derived from it."""
    if fact.document is None or fact.sha256 is None:
        return
    ref = Ref("documents", fact.document)
    paper = refs[ref]
    own = paper.header.sha256 if isinstance(paper, Document) and paper.header is not None else None
    derived = paper.versions if isinstance(paper, Document) else {}
    if fact.sha256 != own and fact.sha256 not in derived:
        raise errors.UnknownPart("/sha256", part=f"versions/{fact.sha256}", subject=str(ref))


def version_events(subject: str, document: Document, command: RecordTextVersion) -> list[Event]:
    """The events of a derived text, refused where its source is unknown or the map of offsets does not add up."""
    origin = captured(subject, document, "/derived_from")
    whole = document.header.sha256 if document.header else None
    part = f"versions/{command.sha256}"
    if command.derived_from == command.sha256:
        raise errors.Circular("/derived_from", subject=f"{subject}: {part}")
    if command.sha256 == whole:
        raise errors.Invalid("/sha256", problem="this is the hash of the captured text, which is no version of itself")
    if command.derived_from != whole:
        source = document.versions.get(command.derived_from)
        if source is None:
            raise errors.UnknownPart("/derived_from", part=f"versions/{command.derived_from}", subject=subject)
        origin = source.length
    if wrong := disordered(command.edits):
        raise errors.Invalid(f"/edits/{wrong[0]}", problem=wrong[1])
    length = origin
    for index, edit in enumerate(command.edits):
        inside(subject, f"/edits/{index}", edit.end, origin)
        length += edit.length - (edit.end - edit.start)
    if length != command.length:
        problem = f"the edits make {length} code points of {origin}, not {command.length}"
        raise errors.Invalid("/length", problem=problem)
    event = event_from(TextVersionRecorded, command)
    held = document.versions.get(command.sha256)
    if held is not None and content(held) != version_of(event):
        raise errors.AlreadyOtherwise("/sha256", what=f"{subject}: {part}")
    return [event]


# --- evolve -----------------------------------------------------------------------------------------------------------


def version_of(event: TextVersionRecorded) -> Version:
    """The version that an event records, without sources."""
    return Version(
        sort=event.sort,
        sha256=event.sha256,
        length=event.length,
        derived_from=event.derived_from,
        tool=event.tool,
        tool_version=event.tool_version,
        edits=event.edits,
    )


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event of its text."""
    event = recorded.event
    match event:
        case TextCaptured():
            return headed(document, recorded, ("sha256", "length"))
        case TextVersionRecorded():
            return put(document, event.part, replace(version_of(event), sources=sources(None, recorded)))
        case _:
            raise AssertionError(event)
