"""What can stand in the log: every type of event, in every shape that it has had, as JSON Schema."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api.access import needs
from service.api.answers import Answer
from service.api.openapi import portable
from service.api.reading import answer
from service.api.resource import ENCODE
from service.domain import errors
from service.domain.catalogue import DECIDERS, EVENTS, MEANINGS
from service.domain.decider import Decider, Event, Fact
from service.domain.shapes import dataschema, shapes

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class EventType(Struct, frozen=True, kw_only=True):
    """A type of event in one of its shapes.

    `newest`: new lines have this shape; others stand in old lines alone. `category` is the first word of the subjects,
    `meaning` what such an event says, `schema` the JSON Schema (2020-12) of the line's `data`.
    """

    type: str
    shape: int
    newest: bool
    category: str
    meaning: str
    schema: dict[str, Any]


class EventTypes(Struct, frozen=True, kw_only=True):
    """Types by their shape's name, which is the `dataschema` of a line."""

    types: dict[str, EventType]


def schema(name: str, data: type[Fact]) -> dict[str, Any]:
    """The JSON Schema of a shape, complete in itself."""
    made: dict[str, Any] = portable(msgspec.json.schema(data))
    return {"$schema": DIALECT, "$id": name, **made}


def listed(deciders: Iterable[Decider[Any]], meanings: Mapping[str, str]) -> EventTypes:
    """Every event of the deciders, in every shape."""
    return EventTypes(
        types={
            (name := dataschema(event.type, number)): EventType(
                type=event.type,
                shape=number,
                newest=number == event.shape,
                category=decider.category,
                meaning=meanings[event.type],
                schema=schema(name, data),
            )
            for decider in deciders
            for event in decider.events
            for number, data in shapes(event)
        }
    )


@cache
def body(event: type[Event] | None) -> tuple[bytes, str]:
    """All types, or one, as they are answered, and the answer's entity tag."""
    found = listed(DECIDERS.values(), MEANINGS)
    if event is not None:
        found = EventTypes(types={name: one for name, one in found.types.items() if one.type == event.type})
    text = ENCODE(found)
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


@get("/api/event-types", opt=needs("reader") | {"answer": EventTypes, "etag": True})
async def types(request: Request[Any, Any, Any]) -> Answer:
    """Every type of event and every shape that it has had, by the `dataschema` of lines."""
    return answer(request, *body(None))


@get("/api/event-types/{type:str}", opt=needs("reader") | {"answer": EventTypes, "etag": True, "named": True})
async def one(request: Request[Any, Any, Any]) -> Answer:
    """One type of event in every shape that it has had."""
    event = EVENTS.get(request.path_params["type"])
    if event is None:
        raise errors.NotFound(subject=f"event-types/{request.path_params['type']}")
    return answer(request, *body(event))


ROUTES: list[ControllerRouterHandler] = [types, one]
