"""Search over HTTP: where any of the texts have the words, names first."""

from datetime import date
from typing import Any

from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import by_name, following, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.lists import Cursor, Limit, answer
from service.api.then import AsOf, KnownAt
from service.projections import search
from service.registry import Registry


class Asked(search.Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is searched for, on which day, as known when; and which page of it."""

    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Search(Struct, frozen=True, kw_only=True):
    """Hits on the day `on`, as known at `position`, and the tiers that were looked through for this page.

    `next` is the cursor of the next page.
    """

    on: date
    position: int
    items: list[search.Hit]
    tiers: list[search.TierTold]
    next: str | None


_OPT = {"query": by_name.loose(Asked), "answer": Search, "sheet": True, "follows": True}


@get("/api/search", opt=needs("reader") | _OPT)
async def hits(request: Request[Any, Any, Any]) -> Answer:
    """Names, titles and texts with the words of `q`, all of them, in any order, script, width and case.

    Two characters are enough for any text; one alone is how a name begins. Tiers follow each other: 1 names and
    aliases, 2 titles, 3 labels, headings, people who signed, were there, spoke or held an office, and what the registry
    calls a thing, 4 what clauses, statements, tasks and targets say, and numbers that are claimed, invested or to be
    reached, as printed and in figures. Within one what is the words comes first, then what begins with them, then where
    they are most of the text, then the newer. A thing, or a part of one, is told once, by its best text. Of a tier the
    newest 1,000 texts are ranked; `truncated` says that there are more. What is repealed, dropped or voided is not
    found; the names of a second record lead to the record that stands for it. All pages are for the day and the
    position of the first.
    """
    registry: Registry = request.app.state.registry
    asked = await by_name.parameters(request, Asked)
    filter = search.Filter(q=asked.q, kind=asked.kind, party=asked.party, document=asked.document)
    given = (asked.on, asked.known_at)
    place = search.place(asked.cursor, filter, given) if asked.cursor is not None else None
    names = [f"{name}_known" for name in search.tables(filter)]
    day = then.day(registry, asked.on, "on")
    day, known = await following.moment(request, names, day, asked.known_at, asked.cursor)
    at = (place.tier, place.after) if place is not None else (1, 0)
    async with registry.connection() as connection:
        found = await search.ask(connection, filter, day, known, limit=asked.limit, at=at)
    next = search.cursor(filter, given, day, known, found.next) if found.next is not None else None
    page = Search(on=day, position=known, items=found.items, tiers=found.tiers, next=next)
    return answer(request, page, search.Hit, known)


ROUTES: list[ControllerRouterHandler] = [hits]
