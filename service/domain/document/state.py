"""What a document's state is made of: one struct a part, each stored as one row; and what is read off it."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from service.domain.decider import State
from service.domain.values import (
    Credit,
    DocumentId,
    Label,
    Note,
    Offset,
    Part,
    PartyId,
    PrintedName,
    Script,
    Sha256,
    UncertainDate,
    Value,
)

Kind = Literal["signed_instrument", "official_notice", "minutes", "spreadsheet", "press", "repost"]
WEIGHT: tuple[Kind, ...] = ("repost", "press", "spreadsheet", "minutes", "official_notice", "signed_instrument")
Derived = Literal["simplified", "repaired", "boilerplate_cut"]
Genre = Literal[
    "instrument", "notice", "report", "feature", "commentary", "summary", "caption", "table", "boilerplate", "other"
]
Reason = Literal["boilerplate", "repetition", "rhetoric", "background", "other"]
Level = Literal["high", "medium", "low"]
Status = Literal["registered", "segmented", "withdrawn"]
Language = Annotated[
    str,
    Meta(
        max_length=35,
        pattern=r"^[a-z]{2,3}(-[a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*\Z",
    ),
]
"""A BCP 47 tag such as zh or zh-CN, in the letter case of RFC 5646, section 2.1.1; its script stands beside it."""
Url = Annotated[str, Meta(max_length=2_000, pattern=r"^https?://[!-~]+\Z")]
Length = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Size = Annotated[int, Meta(ge=1, le=2**40)]
"""Bytes of a file."""
Media = Annotated[str, Meta(max_length=127, pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*\Z")]
"""A media type without parameters, in small letters (RFC 6838, section 4.2)."""
Credits = Annotated[tuple[Credit, ...], Meta(max_length=50)]


def weight(kind: Kind) -> int:
    """How much a document of this kind weighs against another: 6 for a signed instrument, 1 for a repost."""
    return WEIGHT.index(kind) + 1


# --- Values -----------------------------------------------------------------------------------------------------------


class Span(Value, frozen=True, kw_only=True, gc=False):
    """Code points `start` to `end` of the captured text, the end excluded."""

    start: Offset
    end: Offset

    def __post_init__(self) -> None:
        """A span holds something."""
        if self.start >= self.end:
            raise ValueError("start lies before end")


class PassedSpan(Value, frozen=True, kw_only=True, gc=False):
    """Code points of the captured text that no fact is taken from, and why."""

    start: Offset
    end: Offset
    reason: Reason
    note: Label | None = None

    def __post_init__(self) -> None:
        """A span holds something."""
        if self.start >= self.end:
            raise ValueError("start lies before end")


class Edit(Value, frozen=True, kw_only=True, gc=False):
    """Code points `start` to `end` of the source version stand as `length` code points in the derived one.

    `text` is what stands there, where somebody restored it: words that no tool can find again.
    """

    start: Offset
    end: Offset
    length: Offset
    text: Label | None = None

    def __post_init__(self) -> None:
        """An edit replaces a span, or puts something into an empty one; its words have its length."""
        if self.start > self.end or (self.start == self.end and self.length == 0):
            raise ValueError("an edit replaces a span, or inserts something")
        if self.text is not None and len(self.text) != self.length:
            raise ValueError(f"the text of the edit has {len(self.text)} code points, not {self.length}")


class TextSpans(Value, frozen=True, kw_only=True, gc=False):
    """Where one text of a document stands: under a key of its own, in one span or more, in reading order."""

    key: Label
    spans: Annotated[tuple[Span, ...], Meta(min_length=1, max_length=200)]


# --- Parts ------------------------------------------------------------------------------------------------------------


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the document is; `sha256` and `length` (code points) of its captured text, where there is one."""

    title: PrintedName | None = None
    kind: Kind
    publisher: PrintedName | None = None
    publisher_party: PartyId | None = None
    credits: tuple[Credit, ...] = ()
    date: UncertainDate | None = None
    language: Language | None = None
    script: Script | None = None
    number: Label | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    length: int | None = None


class File(Part, frozen=True, kw_only=True, gc=False):
    """The file that the document is, by its bytes."""

    sha256: Sha256
    size: int
    media: str


class Version(Part, frozen=True, kw_only=True, gc=False):
    """A derived version of the text, and how its offsets map to those of the version that it comes from."""

    sort: Derived
    sha256: Sha256
    length: int
    derived_from: Sha256
    tool: Label
    tool_version: Label
    edits: tuple[Edit, ...] = ()


class Segments(Part, frozen=True, kw_only=True, gc=False):
    """The texts that the document holds, and where each stands."""

    parts: tuple[TextSpans, ...]


class TextPart(Part, frozen=True, kw_only=True, gc=False):
    """What one of the document's texts is, as far as it differs from the document or is said of it alone."""

    key: Label
    title: PrintedName | None = None
    genre: Genre | None = None
    publisher: PrintedName | None = None
    credits: tuple[Credit, ...] = ()
    date: UncertainDate | None = None


class Passed(Part, frozen=True, kw_only=True, gc=False):
    """All spans passed over, in the order of the text."""

    spans: tuple[PassedSpan, ...]


class Republication(Part, frozen=True, kw_only=True, gc=False):
    """A document that this one repeats, known by its record or by its printed name, and how it was altered."""

    original: DocumentId | None = None
    printed: PrintedName | None = None
    alterations: Note | None = None


class Reliability(Part, frozen=True, kw_only=True, gc=False):
    """How far the document can be relied on."""

    level: Level
    grounds: Note


class Withdrawal(Part, frozen=True, kw_only=True, gc=False):
    """Since when and why the document is withdrawn."""

    since: UncertainDate | None = None
    grounds: Note | None = None


class Document(State, frozen=True, kw_only=True, gc=False):
    """A document, by its parts."""

    header: Header | None = None
    file: File | None = None
    segments: Segments | None = None
    passed: Passed | None = None
    reliability: Reliability | None = None
    withdrawal: Withdrawal | None = None
    versions: dict[str, Version] = {}
    parts: dict[str, TextPart] = {}
    republications: dict[str, Republication] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def status(document: Document) -> Status:
    """How far the document is: registered, divided into its texts, or withdrawn."""
    if document.withdrawal is not None:
        return "withdrawn"
    return "registered" if document.segments is None else "segmented"


def republication_key(original: UUID | None, printed: PrintedName | None) -> str:
    """The key of a republication: its original's id, else how that is printed."""
    return str(original) if original is not None else printed.printed if printed is not None else ""
