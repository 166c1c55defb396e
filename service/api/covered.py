"""What coverage answers: spans of a text with their facts, places without a text, and what they come to."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from service.domain.document.offsets import Reached
from service.domain.document.state import Reason
from service.domain.values import Label, Locator, Sha256
from service.projections.coverage import Counted, Fact

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

    def add(self, counted: Counted) -> None:
        """Count some more."""
        self.spans += counted.spans
        self.code_points += counted.points


class Tallies(Struct, kw_only=True):
    """What there is in each state, `both` of what is cited and passed over all the same; and how many facts cite it."""

    cited: Tally = msgspec.field(default_factory=Tally)
    both: Tally = msgspec.field(default_factory=Tally)
    passed: Tally = msgspec.field(default_factory=Tally)
    open: Tally = msgspec.field(default_factory=Tally)
    blank: Tally = msgspec.field(default_factory=Tally)
    facts: int = 0

    def add(self, counted: Counted, *, blank: bool) -> None:
        """Count some more."""
        if counted.cited:
            self.cited.add(counted)
            if counted.passed:
                self.both.add(counted)
        else:
            (self.passed if counted.passed else self.blank if blank else self.open).add(counted)


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
