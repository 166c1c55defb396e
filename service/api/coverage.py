"""Coverage over HTTP: which words of a document which facts cite, what is passed over and why, and what is open."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct
from msgspec.structs import replace

from service.api import bodies, following, texts, then
from service.api.access import needs
from service.api.covered import Coverage, Line, Over, PartTotals, Place, Span, State, Totals, lines
from service.api.lists import Cursor, Limit, answer
from service.api.problems import WrongParameter
from service.api.then import AsOf, KnownAt, Then
from service.domain import errors
from service.domain.decider import Ref
from service.domain.document.offsets import Reached
from service.domain.document.state import Document, PassedSpan
from service.domain.values import Label, Locator
from service.projections import coverage
from service.projections.coverage import Fact, Run
from service.projections.paging import Moment, Number, Pin, read, written
from service.registry import Registry

if TYPE_CHECKING:
    from service.projections.paging import Connection

WORDS = 500
"""Code points shown of one span at most; the text's own address shows the rest."""

STATES: dict[State | None, tuple[bool | None, bool | None]] = {
    None: (None, None),
    "cited": (True, None),
    "passed": (None, True),
    "open": (False, False),
    "blank": (False, False),
}
"""Whether what is so is cited, and passed over; None where that does not matter."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the document, what of it, in which version of the text, as known when; and which page."""

    part: Annotated[Label, Meta(description="The key of one of the document's texts.")] | None = None
    state: State | None = None
    text_version: texts.Name = "captured"
    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


# --- What is asked of the projection ----------------------------------------------------------------------------------


class Page(Pin, frozen=True, array_like=True):
    """Where a page ended: before this code point, and behind this place."""

    at: Number
    place: str


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


async def some(
    connection: "Connection", paper: Paper, asked: coverage.Asked, state: State | None, moment: Moment, count: int
) -> list[Run]:
    """The first spans in that state, as many as are wanted."""
    cited, passed = STATES[state]
    found: list[Run] = []
    at, step = asked.start, count
    while len(found) < count and at < asked.end:
        rest = replace(asked, start=at)
        until = asked.end if state is not None else await coverage.reach(connection, rest, moment, step)
        window = replace(rest, end=until)
        rows = await coverage.runs(connection, window, moment, limit=step, cited=cited, passed=passed)
        found += [run for run in rows if state not in {"open", "blank"} or paper.state(run) == state]
        at = rows[-1].end if len(rows) == step else until
        step *= 4
    return found[:count]


async def totals(connection: "Connection", paper: Paper, asked: coverage.Asked, moment: Moment) -> Totals:
    """What there is of each state and part."""
    told = {number: PartTotals(key=key) for number, key in enumerate(paper.keys, 1)}
    whole = Totals()
    if paper.length:
        for one in await coverage.counted(connection, asked, moment, apart=paper.captured is not None):
            blank = one.start is not None and paper.blank(one.start, one.start + one.points)
            for tallies in (whole, told.setdefault(one.part, PartTotals())):
                tallies.add(one, blank=blank)
    for number, count in (await coverage.counted_facts(connection, asked, moment)).items():
        (whole if number is None else told[number]).facts = count
    whole.parts = [told[number] for number in sorted(told)]
    return whole


# --- The route --------------------------------------------------------------------------------------------------------


async def paper(registry: Registry, ref: Ref, moment: Moment, version: str) -> Paper:
    """The document as it was known. Raises NotFound, NotKnownThen, and UnknownTextVersion."""
    known = moment.known or 0
    folded = (await registry.read_at((ref,), moment.day, known)).get(ref)
    document: Document | None = folded.base if folded is not None else None
    if document is None or document.header is None:
        raise await then.unknown(registry, ref, Then(moment.day, known))
    captured = await texts.held(registry, document)
    text = texts.text(document, version, captured)
    if text is None and (version != "captured" or document.header.sha256 is not None):
        raise errors.UnknownTextVersion(**texts.unknown(ref, version, "text_version"))
    return Paper(document, text, captured)


@get(
    "/api/documents/{id:uuid}/coverage",
    opt=needs("reader") | {"query": Asked, "answer": Coverage, "item": Span, "sheet": True, "follows": True},
)
async def of_document(request: Request[Any, Any, Any]) -> ASGIResponse:
    """What of a document is cited by which facts, what is passed over and why, what is open, in the order of the text.

    A fact is an event that stands: not one that was voided, nor what a correction has replaced. What became of its part
    since does not matter, and one that takes effect after `on` is `pending`. `state=passed` finds what is passed over,
    cited or not. All pages are for the day and the position of the first.
    """
    registry: Registry = request.app.state.registry
    asked, id = bodies.parameters(request, Asked), request.path_params["id"]
    asked_for = msgspec.json.encode(("coverage", id, asked.part, asked.state, asked.on, asked.known_at))
    mark = hashlib.blake2b(asked_for, digest_size=8).digest()
    place = Page(mark, None, None, 0, "")
    if asked.cursor is not None:
        place = read(asked.cursor, Page)
        if place.mark != mark:
            raise errors.BadCursor("/cursor")
    day = then.day(registry, asked.on, "on")
    day, known = await following.moment(request, coverage.TABLES, day, asked.known_at, asked.cursor)
    moment = Moment(day, known)
    held = await paper(registry, Ref("documents", id), moment, asked.text_version)
    whole = held.asked(id, None)
    window = held.asked(id, asked.part)
    located: list[tuple[str, int, list[Fact]]] = []
    async with registry.connection() as connection:
        rest = replace(window, start=max(window.start, place.at))
        found = await some(connection, held, rest, asked.state, moment, asked.limit + 1)
        if asked.part is None and asked.state in {None, "cited"} and len(found) <= asked.limit:
            left = asked.limit + 1 - len(found)
            located = await coverage.places(connection, id, place.place, moment, left)
        by = await coverage.facts(connection, id, found[: asked.limit], moment)
        counts = await totals(connection, held, whole, moment) if asked.cursor is None else None
    spans = [held.span(run, by.get(run.start, [])) for run in found[: asked.limit]]
    more, located = (
        len(spans) + len(located) > asked.limit or len(found) > asked.limit,
        located[: asked.limit - len(spans)],
    )
    after = None
    if more:
        at = found[asked.limit].start if len(found) > asked.limit else whole.end
        after = written(Page(mark, day, known, at, located[-1][0] if located else place.place))
    places = [
        Place(locator=msgspec.json.decode(locator, type=Locator), citations=count, by=facts)
        for locator, count, facts in located
    ]
    told = Coverage(
        on=day,
        position=known,
        text_version=held.version.sha256 if held.version is not None else None,
        held=held.version is not None and held.version.words is not None,
        totals=counts,
        items=spans,
        places=places,
        next=after,
    )
    return answer(request, told, Line, known, lines([*spans, *places]), places)


ROUTES: list[ControllerRouterHandler] = [of_document]
