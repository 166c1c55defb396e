"""The log over HTTP: every stored line, as it is stored."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, get
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from service.api import bodies, streams
from service.api.access import needs
from service.api.problems import WrongParameter
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Ref
from service.domain.values import Subject
from service.registry import Registry

Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Actor = Annotated[str, Meta(pattern=r"^accounts/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
Time = Annotated[datetime, Meta(tz=True)]


class Events(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines with a sequence above `after` and up to `until`, of one type, of one stream, at most `limit` of them.

    `actor` is who recorded them, `cause` whether the world or the record changed; `from_time` and `to_time` bound when
    they were recorded, both included.
    """

    after: Position = 0
    until: Position | None = None
    limit: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    type: str | None = None
    subject: Subject | None = None
    actor: Actor | None = None
    cause: Literal["change", "correction"] | None = None
    from_time: Time | None = None
    to_time: Time | None = None


async def none() -> AsyncIterator[list[bytes]]:
    """No lines."""
    chunks: tuple[list[bytes], ...] = ()
    for chunk in chunks:
        yield chunk


@get("/api/events", opt=needs("reader") | {"query": Events, "media": streams.NDJSON})
async def events(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The stored lines up to the log's end at the request, all of them without `limit`; go on with `after`."""
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Events)
    if asked.type is not None and asked.type not in EVENTS:
        raise WrongParameter(parameter="type", problem=f"there is no type of event called {asked.type!r}")
    ref = Ref.of(asked.subject) if asked.subject is not None else None
    if ref is not None and ref.category in DECIDERS and ref not in await registry.read((ref,)):
        return await streams.lines(request, none())
    chunks = registry.lines(
        after=asked.after,
        until=asked.until,
        limit=asked.limit,
        type=asked.type,
        subject=ref,
        actor=UUID(asked.actor.partition("/")[2]) if asked.actor is not None else None,
        cause=asked.cause,
        from_time=asked.from_time,
        to_time=asked.to_time,
    )
    return await streams.lines(request, chunks)


ROUTES: list[ControllerRouterHandler] = [events]
