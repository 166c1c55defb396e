"""Lists: a page of items, the cursor of the next, and an RFC 8288 Link to it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from service.api import by_name, expansion, following, sheets, streams, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.problems import WrongParameter
from service.api.resource import ENCODE
from service.api.then import AsOf, KnownAt, Then
from service.domain.decider import Ref
from service.projections.paging import Listing
from service.registry import Registry

Limit = Annotated[int, Meta(ge=1, le=1000)]
JSON = "application/json"
Cursor = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,4000}\Z")]


Expand = Annotated[
    Literal["parties"],
    Meta(description="`parties` gives each item its `party_names`: what each party named is called then, by its id."),
]


class Items(Struct, frozen=True, kw_only=True):
    """A page of a list. `next` is the cursor of the page after it, null on the last."""

    items: list[Any]
    next: str | None


def query(filter: type[Struct], order: Any, path_gives: str | None) -> type[Struct]:
    """The query parameters of a list: the filter's fields, the two times, what to add, and limit, cursor, sort."""
    fields: list[Any] = [
        (field.name, field.type, field.default) for field in msgspec.structs.fields(filter) if field.name != path_gives
    ]
    fields += [("as_of", AsOf | None, None), ("known_at", KnownAt | None, None)]
    fields += [("expand", Expand | None, None)]
    fields += [("limit", Limit, 50), ("cursor", Cursor | None, None), ("sort", order, order.__args__[0])]
    return msgspec.defstruct("Query", fields, frozen=True, kw_only=True, forbid_unknown_fields=True)


def in_order(asked: Struct) -> None:
    """Refuse a span of days, asked for by `<name>_from` and `<name>_to`, that ends before it begins."""
    for field in asked.__struct_fields__:
        name, span, _ = field.rpartition("_from")
        first, last = getattr(asked, field), getattr(asked, f"{name}_to", None) if span else None
        if first is not None and last is not None and first > last:
            raise WrongParameter(parameter=field, problem=f"lies after {name}_to")


def link(path: str, given: dict[str, Any]) -> str:
    """The address of another page of the same list."""
    return f"{path}?{urlencode(given)}"


def linked(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """The Link header of a page with another one after it (RFC 8288)."""
    if cursor is None:
        return {}
    asked_for = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return {"link": f'<{link(request.url.path, asked_for | {"cursor": cursor})}>; rel="next"'}


def answer(
    request: Request[Any, Any, Any],
    page: Any,
    item: type[Struct],
    known: int | None,
    rows: Iterable[Any] | None = None,
    also: Iterable[Any] = (),
) -> Answer:
    """A page of items of that kind, as JSON, as the sheet that Accept prefers, or as JSON one item a line.

    A sheet has `rows` of that kind, where there are any, in the place of the page's items; `also` stand in a list of
    their own in JSON, and as lines behind the items. The headers tell for which
    position it is, where it comes from what follows the log, and the next page.
    """
    kind = streams.wanted(request.headers.get("accept"), (JSON, sheets.CSV, sheets.XLSX, streams.NDJSON))
    told = following.told(known) if known is not None else {}
    headers = {"cache-control": "no-cache", "vary": "Accept", **told, **linked(request, page.next)}
    if kind == streams.NDJSON:
        body = b"".join(ENCODE(one) + b"\n" for one in (*page.items, *also))
    else:
        body = ENCODE(page) if kind == JSON else sheets.sheet(kind, item, page.items if rows is None else rows)
    return Answer(body=body, headers=headers, media_type=kind)


async def there(registry: Registry, ref: Ref, as_of: date | None, known_at: str | None) -> None:
    """Nothing where the thing was registered then, by the same rule as the thing itself is shown.

    Raises NotFound, and NotKnownThen where it was not registered on that day, as far as was known.
    """
    if as_of is None and known_at is None:
        await registry.header(ref)
        return
    when = Then(then.day(registry, as_of), await then.position(registry, known_at))
    folded = (await registry.read_at((ref,), when.day, when.known_at)).get(ref)
    if folded is None or folded.base.header is None:
        raise await then.unknown(registry, ref, when)


def route(
    path: str,
    listing: Listing[Any],
    filter: type[Struct],
    order: Any,
    item: type[Struct],
    summary: str,
    under: tuple[str, str] | None = None,
) -> HTTPRouteHandler:
    """GET of a list: as it is now, or at two times.

    What is now stands in the append, and is never stale. The past is told by projections that follow the log: the
    answer is for the position that they have reached, which `Mengfu-Position` tells, or for the one asked for; all
    pages are for the day and the position of the first.

    `under` is (category, field) of a list that stands under a thing: the path's id goes into that field of the filter,
    and the thing must exist at the times that are asked for.
    """
    kind = query(filter, order, under[1] if under else None)
    text = f"{summary}\n\n{filter.__doc__}"
    expanded = msgspec.defstruct(item.__name__, [("party_names", dict[str, str])], bases=(item,), kw_only=True)
    described = {
        "query": by_name.loose(kind),
        "answer": Items,
        "item": item,
        "sheet": True,
        "summary": text,
        "follows": True,
    }

    @get(path, opt=needs("reader") | described)
    async def page(request: Request[Any, Any, Any]) -> Answer:
        registry: Registry = request.app.state.registry
        asked: Any = await by_name.parameters(request, kind)
        day = then.day(registry, asked.as_of)
        in_order(asked)
        given = {name: getattr(asked, name) for name in filter.__struct_fields__ if name in kind.__struct_fields__}
        if under is not None:
            given[under[1]] = request.path_params["id"]
            await there(registry, Ref(under[0], request.path_params["id"]), asked.as_of, asked.known_at)
        wanted = {"limit": asked.limit, "cursor": asked.cursor, "sort": asked.sort}
        passing, known = filter(**given), None
        if asked.as_of is not None or asked.known_at is not None:
            tables = listing.tables(passing) | ({"parties"} if asked.expand else set())
            names = [f"{name}_known" for name in tables]
            day, known = await following.moment(request, names, day, asked.known_at, asked.cursor)
            wanted["asked"] = (asked.as_of, asked.known_at)
        async with registry.connection() as connection:
            found = await listing.page(connection, passing, day, known=known, **wanted)
            if asked.expand is None:
                return answer(request, Items(items=found.items, next=found.next), item, known)
            items = await expansion.in_list(connection, found.items, day, known)
        return answer(request, Items(items=items, next=found.next), expanded, known)

    return page
