"""Correcting the record: an event restated whole, or taken out. Nothing is ever changed in the log itself."""

from typing import Annotated

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Raw, Struct

from service.api import bodies
from service.api.operations import Fill, Operation, decoder, made
from service.api.resource import Resource
from service.api.writing import route
from service.domain import errors
from service.domain.decider import Command, Correct, Ref, Void
from service.domain.values import Note
from service.registry import Registry

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


def correction(resource: Resource) -> Operation:
    """An event restated."""
    kinds = {event.type: event for event in resource.decider.events}

    async def read(registry: Registry, ref: Ref, body: Correction, fill: Fill) -> Correct:
        if ref not in await registry.read((ref,)):
            raise errors.NotFound(subject=str(ref))
        kind = kinds[await corrected(registry, ref, body.corrects)]
        event = bodies.decode(decoder(kind), fill(kind, body.data, "/data"), under="/data")
        return Correct(corrects=body.corrects, reason=body.reason, event=event)

    return Operation(
        resource=resource, under="/{id}:correct", command=Correction, body=Correction, read=read, fact="/data"
    )


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


def voiding(resource: Resource) -> Operation:
    """An event taken out."""

    async def read(registry: Registry, ref: Ref, body: Voiding, fill: Fill) -> Command:
        return made(Void, body, {})

    return Operation(resource=resource, under="/{id}:void", command=Voiding, body=Voiding, read=read)


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Restating and taking out."""
    return [route(correction(resource)), route(voiding(resource))]
