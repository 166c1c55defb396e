"""The log over HTTP: every stored line, as it is stored."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, get
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from service.api import access, bodies, streams
from service.api.access import needs
from service.api.problems import WrongHeader, WrongParameter
from service.domain.catalogue import DECIDERS, EVENTS
from service.domain.decider import Ref
from service.domain.values import Subject
from service.registry import Registry
from service.registry.feed import Wanted

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


class Following(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines with a sequence above `after` (without it: recorded from now on), of one type, stream, account or cause."""

    after: Position | None = None
    type: str | None = None
    subject: Subject | None = None
    actor: Actor | None = None
    cause: Literal["change", "correction"] | None = None


def known(type: str | None) -> None:
    """Refuse a type that no event has."""
    if type is not None and type not in EVENTS:
        raise WrongParameter(parameter="type", problem=f"there is no type of event called {type!r}")


def account(actor: str | None) -> UUID | None:
    """The account of a line's actor."""
    return UUID(actor.partition("/")[2]) if actor is not None else None


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
    known(asked.type)
    ref = Ref.of(asked.subject) if asked.subject is not None else None
    if ref is not None and ref.category in DECIDERS and ref not in await registry.read((ref,)):
        return await streams.lines(request, none())
    chunks = registry.lines(
        after=asked.after,
        until=asked.until,
        limit=asked.limit,
        type=asked.type,
        subject=ref,
        actor=account(asked.actor),
        cause=asked.cause,
        from_time=asked.from_time,
        to_time=asked.to_time,
    )
    return await streams.lines(request, chunks)


def resumed(request: Request[Any, Any, Any], asked: int | None, head: int) -> int:
    """The position to go on from: Last-Event-ID's, which a client that comes again sends beside its first `after`.

    One beyond the log's end was never told by this log: whoever has it follows another, and would miss lines of ours.
    """
    given = request.headers.get("last-event-id")
    if not given:
        if asked is not None and asked > head:
            raise WrongParameter(parameter="after", problem=f"the log ends at {head}")
        return head if asked is None else asked
    if not re.fullmatch(r"[0-9]{1,19}", given):
        raise WrongHeader(header="Last-Event-ID", problem="must be the sequence of an event, a plain integer")
    if int(given) > head:
        raise WrongHeader(header="Last-Event-ID", problem=f"the log ends at {head}")
    return int(given)


@get("/api/events/stream", opt=needs("reader") | {"query": Following, "media": streams.SSE, "resumes": True})
async def stream(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The stored lines as server-sent events, for ever: from now on, or after a sequence; Last-Event-ID resumes.

    Each event's id is its sequence, its data the line as it is stored. No event has a name, so that `onmessage` gets
    them all. A comment comes every 15 seconds of silence.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Following)
    known(asked.type)
    wanted = Wanted(
        type=asked.type,
        subject=Ref.of(asked.subject) if asked.subject is not None else None,
        actor=account(asked.actor),
        cause=asked.cause,
    )
    after = resumed(request, asked.after, await registry.head())
    chunks = registry.feed.follow(after, wanted, streams.HEARTBEAT)
    return streams.sse(after, chunks, partial(access.still, request))


ROUTES: list[ControllerRouterHandler] = [events, stream]
