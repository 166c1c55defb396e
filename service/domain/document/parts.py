"""The texts that one document holds, what each of them is, and what of the document no fact is taken from."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.document.description import Attested, Some
from service.domain.document.state import Document, Genre, Passed, PassedSpan, Segments, TextPart, TextSpans
from service.domain.document.text import captured, inside
from service.domain.parts import put, sources
from service.domain.settling import again
from service.domain.values import Label, PrintedName, UncertainDate

PASSED_A_LINE = 200
"""So many spans passed over fit a line of the log, and more are divided over several."""

Division = Annotated[tuple[TextSpans, ...], Meta(min_length=1, max_length=200)]
DESCRIBED = ("title", "genre", "publisher", "credits", "date")
"""What is said of a text within a document."""


def muddled(parts: tuple[TextSpans, ...]) -> tuple[str, str] | None:
    """Where a division has two texts of one key or spans over one another, and what is wrong; None where it is good."""
    keys: set[str] = set()
    taken: list[tuple[int, int, str]] = []
    for index, part in enumerate(parts):
        if part.key in keys:
            return f"/{index}/key", f"two texts have the key {part.key}"
        keys.add(part.key)
        taken += [(span.start, span.end, f"/{index}/spans/{n}") for n, span in enumerate(part.spans)]
    taken.sort()
    for before, after in pairwise(taken):
        if after[0] < before[1]:
            return after[2], f"the span from {after[0]} lies over one that ends at {before[1]}"
    return None


# --- Events -----------------------------------------------------------------------------------------------------------


class Segmented(Event, frozen=True, kw_only=True, gc=False):
    """The document holds these texts, each under a key, in spans apart from each other."""

    type = "document.segmented"
    timeless = True
    parts: Division

    def __post_init__(self) -> None:
        """Keys differ, and spans lie apart."""
        if wrong := muddled(self.parts):
            raise ValueError(wrong[1])

    @property
    def part(self) -> str:
        """One division a document."""
        return "segments"


class PartDescribed(Event, frozen=True, kw_only=True, gc=False):
    """Something became known of one of the document's texts; fields left out stay."""

    type = "document.part_described"
    timeless = True
    key: Label
    title: PrintedName | UnsetType = UNSET
    genre: Genre | UnsetType = UNSET
    publisher: PrintedName | UnsetType = UNSET
    credits: Some | UnsetType = UNSET
    date: UncertainDate | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if not fields_set(self, DESCRIBED):
            raise ValueError(f"a description of a text sets at least one of {', '.join(DESCRIBED)}")

    @property
    def part(self) -> str:
        """One part a text."""
        return f"parts/{self.key}"


class SpansPassedOver(Event, frozen=True, kw_only=True, gc=False):
    """No fact is taken from these spans, each for its reason; adds to those passed over before."""

    type = "document.spans_passed_over"
    timeless = True
    spans: Annotated[tuple[PassedSpan, ...], Meta(min_length=1, max_length=PASSED_A_LINE)]

    @property
    def part(self) -> str:
        """All that is passed over is one part."""
        return "passed"


EVENTS = (Segmented, PartDescribed, SpansPassedOver)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Segment(Command, frozen=True, kw_only=True, gc=False):
    """Record which texts the document holds, and where each stands. Another division of it is a correction."""

    parts: Division


class DescribePart(Command, frozen=True, kw_only=True, gc=False):
    """Tell what was unknown of one of the document's texts, or say again what is known; what is left out stays."""

    key: Label
    title: PrintedName | UnsetType = UNSET
    genre: Genre | UnsetType = UNSET
    publisher: PrintedName | UnsetType = UNSET
    credits: Some | UnsetType = UNSET
    date: UncertainDate | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if not fields_set(self, DESCRIBED):
            raise ValueError(f"a description of a text sets at least one of {', '.join(DESCRIBED)}")


class PassOver(Command, frozen=True, kw_only=True, gc=False):
    """Record spans that no fact is taken from."""

    spans: Annotated[tuple[PassedSpan, ...], Meta(min_length=1, max_length=2_000)]


Parts = Segment | DescribePart | PassOver

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, document: Document, command: Parts, named: Refs) -> list[Event]:
    """The events of a command on the document's texts."""
    subject = f"documents/{id}"
    match command:
        case Segment():
            divides(subject, document, command)
            return [event_from(Segmented, command)]
        case DescribePart():
            keys = {part.key for part in document.segments.parts} if document.segments else set()
            if command.key not in keys:
                raise errors.UnknownPart("/key", part=f"parts/{command.key}", subject=subject)
            held = document.parts.get(command.key)
            if held is None:
                return [event_from(PartDescribed, command)]
            what = f"{subject}: parts/{command.key}"
            ids = {"key": command.key}
            return again(PartDescribed, Attested, held, command, DESCRIBED, what=what, ids=ids, key=None)
        case PassOver():
            return list(passing(subject, document, command))
        case _:
            assert_never(command)


def divides(subject: str, document: Document, command: Segment) -> None:
    """Refuse a division that is muddled, reaches outside the text, or is not the recorded one."""
    length = captured(subject, document, "/parts")
    for index, part in enumerate(command.parts):
        for number, span in enumerate(part.spans):
            inside(subject, f"/parts/{index}/spans/{number}", span.end, length)
    if wrong := muddled(command.parts):
        raise errors.Invalid(f"/parts{wrong[0]}", problem=wrong[1])
    if document.segments is not None and document.segments.parts != command.parts:
        raise errors.AlreadyOtherwise("/parts", what=f"{subject}: segments")


def passing(subject: str, document: Document, command: PassOver) -> Iterator[Event]:
    """The events of the spans not yet passed over, or of all where none is new."""
    length = captured(subject, document, "/spans")
    known = {(span.start, span.end): span for span in (document.passed.spans if document.passed else ())}
    fresh: dict[tuple[int, int], PassedSpan] = {}
    for index, span in enumerate(command.spans):
        inside(subject, f"/spans/{index}", span.end, length)
        place = (span.start, span.end)
        held = known.get(place) or fresh.get(place)
        if held is not None and held != span:
            raise errors.AlreadyOtherwise(f"/spans/{index}", what=f"{subject}: {span.start} to {span.end} passed over")
        if held is None:
            fresh[place] = span
    spans = tuple(fresh.values()) or command.spans
    for start in range(0, len(spans), PASSED_A_LINE):
        yield event_from(SpansPassedOver, command, spans=spans[start : start + PASSED_A_LINE])


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event of its texts."""
    event = recorded.event
    match event:
        case Segmented(parts=parts):
            return put(document, event.part, Segments(parts=parts, sources=sources(None, recorded)))
        case PartDescribed(key=key):
            part = document.parts.get(key) or TextPart(key=key)
            names = fields_set(event, DESCRIBED)
            changed = {name: getattr(event, name) for name in names}
            return put(document, event.part, replace(part, **changed, sources=sources(part, recorded, names)))
        case SpansPassedOver(spans=spans):
            held = document.passed or Passed(spans=())
            both = {(span.start, span.end): span for span in (*held.spans, *spans)}
            said = (*held.sources, *sources(None, recorded))
            return put(document, event.part, Passed(spans=tuple(both[place] for place in sorted(both)), sources=said))
        case _:
            raise AssertionError(event)
