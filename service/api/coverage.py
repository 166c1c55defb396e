"""Coverage over HTTP: which words of a document which facts cite, what is passed over and why, and what is open."""

import asyncio
import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct
from msgspec.structs import replace

from service.api import bodies, following, texts, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.covered import Coverage, Line, Paper, PartTotals, Place, State, Tally, Totals, lines
from service.api.lists import Cursor, Limit, answer
from service.api.then import AsOf, KnownAt, Then
from service.domain import errors
from service.domain.decider import Ref
from service.domain.document.state import Document
from service.domain.values import Label, Locator
from service.projections import coverage
from service.projections.coverage import Fact, Run
from service.projections.cursors import Number, Pin, read, written
from service.projections.moments import Moment
from service.registry import Registry

if TYPE_CHECKING:
    from service.projections.moments import Connection

LONG = 20_000
"""So many spans are counted in a thread, so that other callers are served in between."""


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


async def some(
    connection: "Connection", paper: Paper, asked: coverage.Asked, state: State | None, moment: Moment, count: int
) -> list[Run]:
    """The first spans in that state, as many as are wanted; any, where none is asked for."""
    found: list[Run] = []
    while len(found) < count and asked.start < asked.end:
        end = await coverage.reach(connection, asked, moment, count) if state is None else asked.end
        window = replace(asked, end=end)
        told = (run for run in await coverage.runs(connection, window, moment) if paper.passes(run, state))
        next_ones = islice(told, count - len(found))
        found += await asyncio.to_thread(list, next_ones) if window.end - window.start > LONG else next_ones
        asked = replace(asked, start=end)
    return found


async def totals(connection: "Connection", paper: Paper, asked: coverage.Asked, moment: Moment) -> Totals:
    """What there is of each state and part."""
    parts = {number: PartTotals(key=key) for number, key in enumerate(paper.keys, 1)}
    whole = Totals()
    told = await coverage.runs(connection, asked, moment) if paper.length else iter(())

    counts: dict[tuple[int, State, bool], Tally] = {}
    blank = paper.blank

    def count() -> None:
        for start, end, of, citations, passed in told:
            state: State = "cited" if citations else "passed" if passed else "blank" if blank(start, end) else "open"
            key = of, state, passed > 0
            if (tally := counts.get(key)) is None:
                tally = counts[key] = Tally()
            tally.spans += 1
            tally.code_points += end - start

    await asyncio.to_thread(count) if paper.length > LONG else count()
    for (of, state, passed), tally in counts.items():
        for tallies in (whole, parts.setdefault(of, PartTotals())):
            tallies.add(tally, state, both=passed and state == "cited")
    for number, facts in (await coverage.counted_facts(connection, asked, moment)).items():
        (whole if number is None else parts[number]).facts = facts
    whole.parts = [parts[number] for number in sorted(parts)]
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
    text = await texts.text(registry, document, version, captured)
    if text is None and (version != "captured" or document.header.sha256 is not None):
        raise errors.UnknownTextVersion(**texts.unknown(ref, version, "text_version"))
    return Paper(document, text, captured)


@get(
    "/api/documents/{id:uuid}/coverage",
    opt=needs("reader") | {"query": Asked, "answer": Coverage, "sheet": True, "follows": True},
)
async def of_document(request: Request[Any, Any, Any]) -> Answer:
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
