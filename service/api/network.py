"""The network over HTTP: who met and signed with whom, how often."""

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
from service.projections import network
from service.projections.moments import Moment
from service.registry import Registry


class Asked(network.Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose network, on which day, as known when; and which page of it."""

    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
    sort: network.Order = "-count"


class Network(Struct, frozen=True, kw_only=True):
    """Pairs of parties on the day `on`, as known at `position`. `next` is the cursor of the next page."""

    on: date
    position: int
    items: list[network.Pair]
    next: str | None


_OPT = {"query": by_name.loose(Asked), "answer": Network, "sheet": True, "follows": True}


@get("/api/network", opt=needs("reader") | _OPT)
async def pairs(request: Request[Any, Any, Any]) -> Answer:
    """Who met and signed with whom: agreements that both signed, meetings that both convened or were at.

    Agreements count that were signed, whatever became of them; not what was voided or retracted, and not a record that
    is a duplicate. Of a meeting that was held, everybody counts once, for the party that he or she stood for. All pages
    are for the day and the position of the first. With `party` it is that party's partners; `kind` counts agreements
    and meetings of that kind alone. The closest pairs come first. Where counting takes a while, the
    newest answer may be for a position of some time ago, up to twenty times as long as counting takes, unless
    Mengfu-After asks for a later one.
    """
    registry: Registry = request.app.state.registry
    asked = await by_name.parameters(request, Asked)
    filter, given = network.Filter(party=asked.party, kind=asked.kind), (asked.on, asked.known_at)
    place = network.place(asked.cursor, filter, asked.sort, given) if asked.cursor is not None else None
    names = [f"{name}_known" for name in network.tables(filter)]
    day = then.day(registry, asked.on, "on")
    day, known = await following.moment(request, names, day, asked.known_at, asked.cursor)
    newest = asked.known_at is None and place is None
    found, known = await registry.network.page(
        filter,
        asked.sort,
        Moment(day, known),
        limit=asked.limit,
        after=place,
        least=following.least(request) if newest else None,
        asked=given,
    )
    return answer(request, Network(on=day, position=known, items=found.items, next=found.next), network.Pair, known)


ROUTES: list[ControllerRouterHandler] = [pairs]
