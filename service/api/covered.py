"""What coverage answers: spans of a text with their facts, places without a text, and what they come to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.api import texts
from service.api.problems import WrongParameter
from service.domain.document.offsets import Reached
from service.domain.document.state import Document, PassedSpan, Reason
from service.domain.values import Label, Locator, Sha256
from service.projections import coverage
from service.projections.coverage import Fact, Run

WORDS = 500
"""Code points shown of one span at most; the text's own address shows the rest."""

State = Literal["cited", "passed", "open", "blank"]


class Over(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why no fact is taken from words."""

    reason: Reason
    note: Label | None = None


class Span(Struct, frozen=True, kw_only=True):
    """Code points `start` to `end` of the captured text, in which no citation, nothing passed over and no part begins.

    `state` is `cited` also of what is passed over besides, as `passed` tells; `blank` is what would be open and holds
    nothing but white space, told only where the text is held here. `by` are at most 100 of its facts, `citations` how
    many citations there are. `shown` is where it stands in the version asked for, which `words` are of: at most 500
    code points, None where they are not at hand.
    """

    start: int
    end: int
    part: str | None
    state: State
    passed: list[Over]
    citations: int
    by: list[Fact]
    shown: Reached
    words: str | None


class Place(Struct, frozen=True, kw_only=True):
    """What is cited without a text: a page, or a cell of a sheet."""

    locator: Locator
    citations: int
    by: list[Fact]


class Tally(Struct, kw_only=True):
    """How many spans, and how many code points they have together."""

    spans: int = 0
    code_points: int = 0


class Tallies(Struct, kw_only=True):
    """What there is in each state, `both` of what is cited and passed over all the same; and how many facts cite it."""

    cited: Tally = msgspec.field(default_factory=Tally)
    both: Tally = msgspec.field(default_factory=Tally)
    passed: Tally = msgspec.field(default_factory=Tally)
    open: Tally = msgspec.field(default_factory=Tally)
    blank: Tally = msgspec.field(default_factory=Tally)
    facts: int = 0

    def add(self, more: Tally, state: State, *, both: bool) -> None:
        """Count some more in that state."""
        for tally in (getattr(self, state), *([self.both] if both else [])):
            tally.spans += more.spans
            tally.code_points += more.code_points


class PartTotals(Tallies, kw_only=True):
    """The same of one of the document's texts; without key of what lies in none."""

    key: str | None = None


class Totals(Tallies, kw_only=True):
    """What there is of the whole document, whatever was asked for, and of each of its texts."""

    parts: list[PartTotals] = []


class Coverage(Struct, frozen=True, kw_only=True):
    """A document's words on the day `on`, as known at `position`; `totals` are told with the first page.

    `held` says whether the words are at hand. `places` are what is cited by page or cell; they come after all items.
    `next` is the cursor of the next page.
    """

    on: date
    position: int
    text_version: Sha256 | None
    held: bool
    totals: Totals | None
    items: list[Span]
    places: list[Place]
    next: str | None


class Line(Struct, frozen=True, kw_only=True):
    """A span or a place as a line of a sheet."""

    start: int | None = None
    end: int | None = None
    page: str | None = None
    sheet: str | None = None
    cell: str | None = None
    part: str | None = None
    state: State = "cited"
    reason: str = ""
    note: str = ""
    citations: int = 0
    by: str = ""
    words: str | None = None


def lines(told: Iterable[Span | Place]) -> Iterator[Line]:
    """Spans and places as lines; a fact is told as its thing and the part of it."""
    for one in told:
        by = "; ".join(dict.fromkeys(f"{fact.subject} {fact.part}" for fact in one.by))
        if isinstance(one, Place):
            where = {name: getattr(one.locator, name) for name in ("page", "sheet", "cell")}
            yield Line(**where, citations=one.citations, by=by)
            continue
        reasons = ", ".join(over.reason for over in one.passed)
        notes = "; ".join(over.note for over in one.passed if over.note)
        fields = {name: getattr(one, name) for name in ("start", "end", "part", "state", "citations", "words")}
        yield Line(**fields, reason=reasons, note=notes, by=by)


class Paper:
    """A document as it was known, with its words where they are at hand."""

    def __init__(self, document: Document, version: texts.Text | None, captured: str | None) -> None:
        """`version` is None of a document without a text."""
        self.version, self.captured = version, captured
        self.length = (document.header.length if document.header is not None else None) or 0
        parts = document.segments.parts if document.segments is not None else ()
        self.keys = [text.key for text in parts]
        spans = ((span.start, span.end, number) for number, text in enumerate(parts, 1) for span in text.spans)
        self.parts = sorted(spans)
        self._over = sorted(document.passed.spans if document.passed else (), key=lambda span: (span.start, span.end))
        self._starts = [span.start for span in self._over]
        self._reach = list(accumulate((span.end for span in self._over), max))
        self._offsets = version.offsets if version is not None else None

    def asked(self, id: UUID, part: str | None) -> coverage.Asked:
        """The whole text, or one of its parts. Raises WrongParameter for a part that there is not."""
        passed = [(span.start, span.end) for span in self._over]
        whole = coverage.Asked(document=id, start=0, end=self.length, parts=self.parts, passed=passed)
        if part is None:
            return whole
        if part not in self.keys:
            problem = f"the document has no text {part}; there are: {', '.join(self.keys[:20]) or 'none'}"
            raise WrongParameter(parameter="part", problem=problem)
        number = self.keys.index(part) + 1
        own = [(start, end) for start, end, of in self.parts if of == number]
        return replace(whole, start=own[0][0], end=own[-1][1], part=number)

    def blank(self, start: int, end: int) -> bool:
        """Whether words are known to be none."""
        return self.captured is not None and self.captured[start:end].isspace()

    def state(self, run: Run) -> State:
        """What a span is."""
        if run.citations:
            return "cited"
        return "passed" if run.passed else "blank" if self.blank(run.start, run.end) else "open"

    def passes(self, run: Run, state: State | None) -> bool:
        """Whether a span is what is asked for; what is cited all the same is passed over, too."""
        return state is None or self.state(run) == state or (state == "passed" and run.passed > 0)

    def passed(self, run: Run) -> Iterator[PassedSpan]:
        """What is passed over that lies over a span, the last to begin first."""
        index = bisect_right(self._starts, run.start) - 1
        while index >= 0 and self._reach[index] >= run.end:
            if self._over[index].end >= run.end:
                yield self._over[index]
            index -= 1

    def span(self, run: Run, facts: list[Fact]) -> Span:
        """A span as it is told."""
        shown, words = Reached(run.start, run.end), None
        if self.version is not None and self._offsets is not None:
            shown = self._offsets.shown(run.start, run.end)
            if self.version.words is not None:
                words = self.version.words[shown.start : min(shown.end, shown.start + WORDS)]
        return Span(
            start=run.start,
            end=run.end,
            part=self.keys[run.part - 1] if run.part else None,
            state=self.state(run),
            passed=[Over(reason=span.reason, note=span.note) for span in self.passed(run)],
            citations=run.citations,
            by=facts,
            shown=shown,
            words=words,
        )
