"""Correcting the record: an event restated whole, or taken out. Nothing is ever changed in the log itself."""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Meta, Raw, Struct

from service.api import bodies
from service.api.access import needs
from service.api.resource import Resource
from service.api.writing import Writing, Written, made, perform
from service.domain import errors
from service.domain.decider import Correct, Ref, Void
from service.domain.values import Note
from service.registry import Registry

Asked = Request[Any, Any, Any]
Position = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Correction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replace a whole event, because the record was wrong.

    `corrects` is the sequence of an event of this stream, `data` that event restated whole, as its type has it.
    """

    corrects: Position
    reason: Note
    data: Raw


class Voiding(Void, frozen=True, kw_only=True, gc=False):
    """Take an event out of the state that should never have been recorded."""

    corrects: Position


def correction(resource: Resource) -> HTTPRouteHandler:
    """POST of an event restated."""
    decoder = msgspec.json.Decoder(Correction)
    kinds = {event.type: msgspec.json.Decoder(event) for event in resource.decider.events}
    described = {"body": Correction, "query": Writing, "answer": Written, "command": Correction}

    @post(f"/api/{resource.name}/{{id:uuid}}/:correct", opt=needs("registrar") | described, status_code=HTTPStatus.OK)
    async def correct(request: Asked) -> ASGIResponse:
        registry: Registry = request.app.state.registry
        raw = await bodies.json_body(request)
        ref = Ref(resource.name, request.path_params["id"])
        body = bodies.decode(decoder, raw)
        if ref not in await registry.read((ref,)):
            raise errors.NotFound(subject=str(ref))
        kind = await corrected(registry, ref, body.corrects)
        event = bodies.decode(kinds[kind], body.data, under="/data")
        fact = Correct(corrects=body.corrects, reason=body.reason, event=event)
        try:
            return await perform(request, resource, ref, fact, raw)
        except errors.Refused as refused:
            if refused.pointer and refused.pointer != "/corrects":
                raise refused.under("/data") from None
            raise

    return correct


class _Place(Struct, frozen=True):
    """What of a line tells what stands there."""

    type: str
    corrects: str | None = None


_PLACE = msgspec.json.Decoder(_Place)


async def corrected(registry: Registry, ref: Ref, sequence: int) -> str:
    """The type of the event that a correction of `sequence` restates: through all corrections, the first one's."""
    first = sequence
    while True:
        found = [line async for chunk in registry.lines(after=first - 1, until=first, subject=ref) for line in chunk]
        if not found:
            raise errors.CorrectionUnknown("/corrects", subject=str(ref), sequence=sequence)
        place = _PLACE.decode(found[0])
        if place.corrects is None:
            return place.type
        first = int(place.corrects)


def voiding(resource: Resource) -> HTTPRouteHandler:
    """POST of an event taken out."""
    decoder = msgspec.json.Decoder(Voiding)
    described = {"body": Voiding, "query": Writing, "answer": Written, "command": Voiding}

    @post(f"/api/{resource.name}/{{id:uuid}}/:void", opt=needs("registrar") | described, status_code=HTTPStatus.OK)
    async def void(request: Asked) -> ASGIResponse:
        raw = await bodies.json_body(request)
        ref = Ref(resource.name, request.path_params["id"])
        return await perform(request, resource, ref, made(Void, bodies.decode(decoder, raw), {}), raw)

    return void


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Restating and taking out."""
    return [correction(resource), voiding(resource)]
