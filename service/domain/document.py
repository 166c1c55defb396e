"""The document: what the registry's facts are taken from, described and divided, its text never held in the log.

A document is known by its captured text's hash and length. Other versions of the text (simplified, repaired, without
boilerplate) are derived from it by named tools and reached through offset maps; citations always point into the
captured one. One file may hold several texts (`parts`), each in several spans where page breaks cut it. What no fact is
taken from is passed over with a reason, so that a document's coverage can be proved.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import decider, errors
from service.domain.decider import (
    Command,
    Decider,
    Event,
    Recorded,
    Ref,
    Refs,
    State,
    attest,
    event_from,
    fields_set,
    inherit,
    must_exist,
    put,
    sources,
    whole,
)
from service.domain.values import (
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
    content,
)

Kind = Literal["signed_instrument", "official_notice", "minutes", "spreadsheet", "press", "repost"]
WEIGHT: tuple[Kind, ...] = ("repost", "press", "spreadsheet", "minutes", "official_notice", "signed_instrument")
Derived = Literal["simplified", "repaired", "boilerplate_cut"]
TextVersion = Literal["captured", "simplified", "repaired", "boilerplate_cut"]
Genre = Literal[
    "instrument", "notice", "report", "feature", "commentary", "summary", "caption", "table", "boilerplate", "other"
]
Reason = Literal["boilerplate", "repetition", "rhetoric", "background", "other"]
Level = Literal["high", "medium", "low"]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")]
"""A BCP 47 tag, such as zh-Hans."""
Url = Annotated[str, Meta(max_length=2_000, pattern=r"^https?://[!-~]+\Z")]
Length = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Authors = Annotated[tuple[Label, ...], Meta(max_length=50)]

PASSED_A_LINE = 200
"""So many spans passed over fit a line of the log, and more are divided over several."""


def weight(kind: Kind) -> int:
    """How much a document of this kind weighs against another: 6 for a signed instrument, 1 for a repost."""
    return WEIGHT.index(kind) + 1


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
    """Code points `start` to `end` of the source version stand as `length` code points in the derived one."""

    start: Offset
    end: Offset
    length: Offset

    def __post_init__(self) -> None:
        """An edit replaces a span, or puts something into an empty one."""
        if self.start > self.end or (self.start == self.end and self.length == 0):
            raise ValueError("an edit replaces a span, or inserts something")


class TextPart(Value, frozen=True, kw_only=True, gc=False):
    """One text of a document that holds several: under a key of its own, in one span or more, in reading order."""

    key: Label
    title: PrintedName | None = None
    genre: Genre | None = None
    spans: Annotated[tuple[Span, ...], Meta(min_length=1, max_length=200)]
    authors: Authors = ()
    date: UncertainDate | None = None


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The document is known of; with hash and length (in code points) where its text was captured."""

    type = "document.registered"
    title: PrintedName | None = None
    kind: Kind
    publisher: Label | None = None
    publisher_party: PartyId | None = None
    authors: Authors = ()
    date: UncertainDate | None = None
    language: Language
    script: Script | None = None
    number: Label | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    length: Length | None = None


class Described(Event, frozen=True, kw_only=True, gc=False):
    """More became known of the document, from another source; fields left out stay."""

    type = "document.described"
    title: PrintedName | UnsetType | None = UNSET
    kind: Kind | UnsetType = UNSET
    publisher: Label | UnsetType | None = UNSET
    publisher_party: PartyId | UnsetType | None = UNSET
    authors: Authors | UnsetType = UNSET
    date: UncertainDate | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    script: Script | UnsetType | None = UNSET
    number: Label | UnsetType | None = UNSET
    url: Url | UnsetType | None = UNSET

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class TextCaptured(Event, frozen=True, kw_only=True, gc=False):
    """The text of a document that was known without one was captured."""

    type = "document.text_captured"
    sha256: Sha256
    length: Length

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class TextVersionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """A version of the text was derived from another by a tool; `edits` map offsets between the two.

    Edits are in order and apart, in code points of the version that this one is derived from; what lies between them
    has the same length in both.
    """

    type = "document.text_version_recorded"
    version: Derived
    sha256: Sha256
    length: Length
    derived_from: TextVersion
    tool: Label
    tool_version: Label
    edits: Annotated[tuple[Edit, ...], Meta(max_length=1_400)] = ()

    @property
    def part(self) -> str:
        """One part a version."""
        return f"versions/{self.version}"


class Segmented(Event, frozen=True, kw_only=True, gc=False):
    """The document holds these texts; replaces an earlier division."""

    type = "document.segmented"
    parts: Annotated[tuple[TextPart, ...], Meta(min_length=1, max_length=200)]

    @property
    def part(self) -> str:
        """One division a document."""
        return "segments"


class SpansPassedOver(Event, frozen=True, kw_only=True, gc=False):
    """No fact is taken from these spans, each for its reason; adds to those passed over before."""

    type = "document.spans_passed_over"
    spans: Annotated[tuple[PassedSpan, ...], Meta(min_length=1, max_length=PASSED_A_LINE)]

    @property
    def part(self) -> str:
        """All that is passed over is one part."""
        return "passed"


class RepublicationRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The document repeats another one, which may be known by its printed name alone, and how it was altered."""

    type = "document.republication_recorded"
    original: DocumentId | None = None
    printed: Label | None = None
    alterations: Note | None = None

    @property
    def part(self) -> str:
        """A document repeats one other, which may repeat a third."""
        return "republication"


class ReliabilityAssessed(Event, frozen=True, kw_only=True, gc=False):
    """How far the document can be relied on, and on what grounds; replaces an earlier assessment."""

    type = "document.reliability_assessed"
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


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same of a part of the document."""

    type = "document.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the document should never have been recorded."""

    type = "document.voided"


EVENTS = (
    Registered,
    Described,
    TextCaptured,
    TextVersionRecorded,
    Segmented,
    SpansPassedOver,
    RepublicationRecorded,
    ReliabilityAssessed,
    Withdrawn,
    Attested,
    Voided,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Set what another source tells of the document; what is left out stays. The captured text never changes."""

    title: PrintedName | UnsetType | None = UNSET
    kind: Kind | UnsetType = UNSET
    publisher: Label | UnsetType | None = UNSET
    publisher_party: PartyId | UnsetType | None = UNSET
    authors: Authors | UnsetType = UNSET
    date: UncertainDate | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    script: Script | UnsetType | None = UNSET
    number: Label | UnsetType | None = UNSET
    url: Url | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if not fields_set(self, DESCRIBED):
            raise ValueError(f"a description sets at least one of {', '.join(DESCRIBED)}")


class CaptureText(Command, frozen=True, kw_only=True, gc=False):
    """Record the hash and length (in code points) of the text of a document that was registered without."""

    sha256: Sha256
    length: Length


class RecordTextVersion(Command, frozen=True, kw_only=True, gc=False):
    """Record a version of the text derived from another, with the tool and the map of offsets."""

    version: Derived
    sha256: Sha256
    length: Length
    derived_from: TextVersion
    tool: Label
    tool_version: Label
    edits: Annotated[tuple[Edit, ...], Meta(max_length=1_400)] = ()


class Segment(Command, frozen=True, kw_only=True, gc=False):
    """Record which texts the document holds, and where each stands."""

    parts: Annotated[tuple[TextPart, ...], Meta(min_length=1, max_length=200)]


class PassOver(Command, frozen=True, kw_only=True, gc=False):
    """Record spans that no fact is taken from."""

    spans: Annotated[tuple[PassedSpan, ...], Meta(min_length=1, max_length=2_000)]


class RecordRepublication(Command, frozen=True, kw_only=True, gc=False):
    """Record which document this one repeats: as registered, as printed, or both."""

    original: DocumentId | None = None
    printed: Label | None = None
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
    """Record that its publisher took the document back."""

    grounds: Note | None = None


Contained = (
    Describe | CaptureText | RecordTextVersion | Segment | PassOver | RecordRepublication | AssessReliability | Withdraw
)
DESCRIBED = (
    "title",
    "kind",
    "publisher",
    "publisher_party",
    "authors",
    "date",
    "language",
    "script",
    "number",
    "url",
)


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a document with its texts, versions and what is passed over at once, all or nothing.

    What stands inside takes the whole's citations, basis and note where it has none of its own. Registering the same id
    with the same content again changes nothing but adds new citations.
    """

    title: PrintedName | None = None
    kind: Kind
    publisher: Label | None = None
    publisher_party: PartyId | None = None
    authors: Authors = ()
    date: UncertainDate | None = None
    language: Language
    script: Script | None = None
    number: Label | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    length: Length | None = None
    versions: Annotated[tuple[RecordTextVersion, ...], Meta(max_length=3)] = ()
    segments: Segment | None = None
    passed: PassOver | None = None
    republication: RecordRepublication | None = None
    reliability: AssessReliability | None = None

    def __post_init__(self) -> None:
        """A captured text has both its hash and its length."""
        if (self.sha256 is None) != (self.length is None):
            raise ValueError("sha256 and length of the captured text are given both or neither")


# --- State ------------------------------------------------------------------------------------------------------------


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the document is; `sha256` and `length` (code points) of its captured text, where there is one."""

    title: PrintedName | None = None
    kind: Kind
    publisher: Label | None = None
    publisher_party: PartyId | None = None
    authors: tuple[Label, ...] = ()
    date: UncertainDate | None = None
    language: Language
    script: Script | None = None
    number: Label | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    length: int | None = None


class Version(Part, frozen=True, kw_only=True, gc=False):
    """A derived version of the text, and how its offsets map to those of the version that it comes from."""

    version: Derived
    sha256: Sha256
    length: int
    derived_from: TextVersion
    tool: Label
    tool_version: Label
    edits: tuple[Edit, ...] = ()


class Segments(Part, frozen=True, kw_only=True, gc=False):
    """The texts that the document holds."""

    parts: tuple[TextPart, ...]


class Passed(Part, frozen=True, kw_only=True, gc=False):
    """All spans passed over, in the order of the text."""

    spans: tuple[PassedSpan, ...]


class Republication(Part, frozen=True, kw_only=True, gc=False):
    """The document that this one repeats."""

    original: DocumentId | None = None
    printed: Label | None = None
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
    segments: Segments | None = None
    passed: Passed | None = None
    republication: Republication | None = None
    reliability: Reliability | None = None
    withdrawal: Withdrawal | None = None
    versions: dict[str, Version] = {}


Status = Literal["registered", "segmented", "withdrawn"]


def status(document: Document) -> Status:
    """How far the document is: registered, divided into its texts, or withdrawn."""
    if document.withdrawal is not None:
        return "withdrawn"
    return "registered" if document.segments is None else "segmented"


# --- decide -----------------------------------------------------------------------------------------------------------


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole document, with the pointer to each."""
    for index, item in enumerate(command.versions):
        yield f"/versions/{index}", inherit(command, item)
    for field in ("segments", "passed", "republication", "reliability"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)


def decide(id: UUID, document: Document, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the document, or why not."""
    if isinstance(command, Register):
        first = event_from(Registered, command)
        grows = frozenset({"passed"})
        return whole(DECIDER, id, document, first=first, items=contained(command), named=named, additive=grows)
    must_exist(document.header, Ref("documents", id))
    events = told(id, document, command, named)
    withdrawn = document.withdrawal is not None and not isinstance(command, Withdraw)
    if withdrawn and decider.settle(DECIDER, document, decider.bare(events)):
        raise errors.NotInThisState(subject=f"documents/{id}", status="withdrawn", action="change")
    return events


def told(id: UUID, document: Document, command: Contained, named: Refs) -> list[Event]:
    """The events of a command, refused where it contradicts what is recorded or points outside the text."""
    subject = f"documents/{id}"
    match command:
        case Describe():
            return [event_from(Described, command)]
        case CaptureText():
            held = document.header
            if held is not None and held.sha256 is not None and held.sha256 != command.sha256:
                raise errors.AlreadyOtherwise("/sha256", what=f"{subject}: the captured text")
            if held is not None and held.length is not None and held.length != command.length:
                raise errors.AlreadyOtherwise("/length", what=f"{subject}: the captured text")
            return [event_from(TextCaptured, command)]
        case RecordTextVersion():
            return [version_event(subject, document, command)]
        case Segment():
            divides(subject, document, command)
            return [event_from(Segmented, command)]
        case PassOver():
            return list(passing(subject, document, command))
        case RecordRepublication():
            if command.original == id:
                raise errors.Circular("/original", subject=subject)
            other = named.get(Ref("documents", command.original)) if command.original is not None else None
            if isinstance(other, Document) and other.republication and other.republication.original == id:
                raise errors.Circular("/original", subject=subject)
            return [event_from(RepublicationRecorded, command)]
        case AssessReliability():
            return [event_from(ReliabilityAssessed, command)]
        case Withdraw():
            event = event_from(Withdrawn, command)
            before = document.withdrawal
            if before is None:
                return [event]
            if event.effective is None or event.effective.agrees(before.since):
                event = replace(event, effective=before.since)
            if (event.effective, event.grounds or before.grounds) != (before.since, before.grounds):
                raise errors.AlreadyOtherwise(what=f"{subject}: withdrawn")
            return [replace(event, grounds=before.grounds)]
        case _:
            assert_never(command)


def captured(subject: str, document: Document, pointer: str) -> int:
    """The length of the captured text, refused where there is none."""
    length = document.header.length if document.header else None
    if length is None:
        raise errors.NoText(pointer, subject=subject)
    return length


def inside(subject: str, pointer: str, span: Span | PassedSpan | Edit, length: int) -> None:
    """Refuse a span that ends outside its text."""
    if span.end > length:
        raise errors.CitationOutside(pointer, end=span.end, subject=subject, length=length)


def divides(subject: str, document: Document, command: Segment) -> None:
    """Refuse a division with two texts of one key, or with spans outside the text or over one another."""
    length = captured(subject, document, "/parts")
    keys: set[str] = set()
    taken: list[tuple[int, int, str]] = []
    for index, part in enumerate(command.parts):
        if part.key in keys:
            raise errors.Invalid(f"/parts/{index}/key", problem=f"two texts have the key {part.key}")
        keys.add(part.key)
        for number, span in enumerate(part.spans):
            pointer = f"/parts/{index}/spans/{number}"
            inside(subject, pointer, span, length)
            taken.append((span.start, span.end, pointer))
    taken.sort()
    for before, after in pairwise(taken):
        if after[0] < before[1]:
            raise errors.Invalid(after[2], problem=f"the span from {after[0]} lies over one that ends at {before[1]}")


def passing(subject: str, document: Document, command: PassOver) -> Iterator[Event]:
    """The events of the spans not yet passed over, or of all where none is new."""
    length = captured(subject, document, "/spans")
    known = {(span.start, span.end): span for span in (document.passed.spans if document.passed else ())}
    fresh: dict[tuple[int, int], PassedSpan] = {}
    for index, span in enumerate(command.spans):
        inside(subject, f"/spans/{index}", span, length)
        place = (span.start, span.end)
        held = known.get(place) or fresh.get(place)
        if held is not None and held != span:
            raise errors.AlreadyOtherwise(f"/spans/{index}", what=f"{subject}: {span.start} to {span.end} passed over")
        if held is None:
            fresh[place] = span
    spans = tuple(fresh.values()) or command.spans
    for start in range(0, len(spans), PASSED_A_LINE):
        yield event_from(SpansPassedOver, command, spans=spans[start : start + PASSED_A_LINE])


def version_event(subject: str, document: Document, command: RecordTextVersion) -> Event:
    """The event of a derived text, refused where its source is unknown or the map of offsets does not add up."""
    origin = captured(subject, document, "/derived_from")
    if command.derived_from == command.version:
        raise errors.Circular("/derived_from", subject=f"{subject}: versions/{command.version}")
    if command.derived_from != "captured":
        source = document.versions.get(command.derived_from)
        if source is None:
            raise errors.UnknownPart("/derived_from", part=f"versions/{command.derived_from}", subject=subject)
        origin = source.length
    length, reached = origin, 0
    for index, edit in enumerate(command.edits):
        inside(subject, f"/edits/{index}", edit, origin)
        if edit.start < reached:
            raise errors.Invalid(
                f"/edits/{index}", problem=f"the edit starts before {reached}, where the last one ends"
            )
        reached = edit.end
        length += edit.length - (edit.end - edit.start)
    if length != command.length:
        problem = f"the edits make {length} code points of {origin}, not {command.length}"
        raise errors.Invalid("/length", problem=problem)
    event = event_from(TextVersionRecorded, command)
    held = document.versions.get(command.version)
    if held is not None and content(held) != version_of(event):
        raise errors.AlreadyOtherwise("/version", what=f"{subject}: {event.part}")
    return event


# --- evolve -----------------------------------------------------------------------------------------------------------


def version_of(event: TextVersionRecorded) -> Version:
    """The version that an event records, without sources."""
    return Version(
        version=event.version,
        sha256=event.sha256,
        length=event.length,
        derived_from=event.derived_from,
        tool=event.tool,
        tool_version=event.tool_version,
        edits=event.edits,
    )


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(document, recorded)
    said = sources(None, recorded)
    match event:
        case Registered():
            fields = {name: getattr(event, name) for name in (*DESCRIBED, "sha256", "length")}
            return put(document, "header", Header(**fields, sources=said))
        case Described():
            if document.header is None:
                return document
            names = fields_set(event, DESCRIBED)
            changed = {name: getattr(event, name) for name in names}
            said = sources(document.header, recorded, names)
            return put(document, "header", replace(document.header, **changed, sources=said))
        case TextCaptured(sha256=sha256, length=length):
            if document.header is None:
                return document
            said = sources(document.header, recorded, ("sha256", "length"))
            return put(document, "header", replace(document.header, sha256=sha256, length=length, sources=said))
        case TextVersionRecorded():
            return put(document, event.part, replace(version_of(event), sources=said))
        case Segmented(parts=parts):
            return put(document, event.part, Segments(parts=parts, sources=said))
        case SpansPassedOver(spans=spans):
            held = document.passed.spans if document.passed else ()
            both = {(span.start, span.end): span for span in (*held, *spans)}
            said = (*(document.passed.sources if document.passed else ()), *said)
            return put(document, event.part, Passed(spans=tuple(both[place] for place in sorted(both)), sources=said))
        case RepublicationRecorded(original=original, printed=printed, alterations=alterations):
            copied = Republication(original=original, printed=printed, alterations=alterations, sources=said)
            return put(document, event.part, copied)
        case ReliabilityAssessed(level=level, grounds=grounds):
            return put(document, event.part, Reliability(level=level, grounds=grounds, sources=said))
        case Withdrawn(grounds=grounds):
            return put(document, event.part, Withdrawal(since=event.effective, grounds=grounds, sources=said))
        case Voided():
            return document
        case _:
            raise AssertionError(event)


DECIDER: Decider[Document] = Decider(
    category="documents",
    initial=Document(),
    events=EVENTS,
    attested=Attested,
    voided=Voided,
    decide=decide,
    evolve=evolve,
)
