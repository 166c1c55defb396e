"""Writing: one command a path, each answered with the part that it was about and the new version.

`If-Match` makes a write depend on the version seen, `Idempotency-Key` makes it safe to send again, `Prefer` chooses how
much comes back, `dry_run` shows what would be recorded and records nothing.
"""

import re
from datetime import date
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from service.api import bodies
from service.api.access import account, needs
from service.api.answers import Answer
from service.api.headers import context, expected, idempotency, preferred
from service.api.operations import Operation, operation, registration
from service.api.problems import ExistsAlready, Malformed, NotMatched
from service.api.resource import ENCODE, Resource, Shown, find, show, tag
from service.domain import errors
from service.domain.decider import Attested, Recorded
from service.registry import Done, Order, Registry

Asked = Request[Any, Any, Any]


OnConflict = Literal["refuse", "propose"]


class Trying(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`dry_run=true` answers with what would be done, and does nothing."""

    dry_run: bool = False


class Writing(Trying, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a command is carried out.

    `dry_run=true` answers with what would be recorded, and records nothing. `on_conflict=propose` records a field that
    is told otherwise than recorded as a discrepancy, with both claims, and the rest of the command as usual; else it is
    refused (409).
    """

    on_conflict: OnConflict = "refuse"


class Also(Struct, frozen=True, kw_only=True):
    """What was recorded of another thing with a command: the correction that settles a discrepancy, or a discrepancy.

    `sequence` is the position of the last event recorded, null where nothing had to be; `created` where it is new.
    """

    subject: str
    version: int
    sequence: int | None
    created: bool


class Written(Struct, frozen=True, kw_only=True):
    """What a command came to.

    `version` is the stream's version after it, `sequence` the position of the last event recorded (null where nothing
    had to be), `pointer` the JSON Pointer into the resource of the part that it was about, `value` that part. Both are
    null where the part is gone. `also` is there where something else was recorded with it.
    """

    version: int
    sequence: int | None
    pointer: str | None
    value: Any
    also: list[Also] | UnsetType = UNSET


class Planned(Struct, frozen=True, kw_only=True):
    """An event that would be recorded."""

    type: str
    effective: date | None
    data: Any


class PlannedAlso(Struct, frozen=True, kw_only=True):
    """What would be recorded of another thing with a command."""

    subject: str
    version: int
    created: bool
    events: list[Planned]


class DryRun(Struct, frozen=True, kw_only=True):
    """What would be recorded, and the version that the stream would have then."""

    dry_run: bool
    version: int
    events: list[Planned]
    also: list[PlannedAlso] | UnsetType = UNSET


# --- Answers ----------------------------------------------------------------------------------------------------------


def planned(done: Done) -> list[Planned]:
    """What would be recorded."""
    return [Planned(type=record.event.type, effective=record.effective, data=record.event) for record in done.events]


def also(done: Done) -> list[Also] | UnsetType:
    """What was recorded of other things with a command."""
    return [
        Also(subject=str(one.ref), version=one.version, sequence=one.sequence or None, created=one.created)
        for one in done.also
    ] or UNSET


def planned_also(done: Done) -> list[PlannedAlso] | UnsetType:
    """What would be recorded of other things with a command."""
    return [
        PlannedAlso(subject=str(one.ref), version=one.version, created=one.created, events=planned(one))
        for one in done.also
    ] or UNSET


def dry(done: Done) -> Answer:
    """The answer to a dry run."""
    body = ENCODE(DryRun(dry_run=True, version=done.version, events=planned(done), also=planned_also(done)))
    return Answer(body=body, media_type="application/json")


def about(record: Recorded) -> int:
    """The sequence of the event that a recorded one is about: itself, or the one that it attests."""
    return record.event.attests if isinstance(record.event, Attested) else record.sequence


def part(resource: Resource, shown: Shown | None, done: Done, *, whole: bool) -> tuple[str | None, Any]:
    """The pointer to the part that a command was about, and the part; both None where it is gone."""
    if shown is None:
        return None, None
    return find(resource, shown, "header" if whole else done.part, map(about, done.events))


def represented(view: Struct | None, also: list[Also] | UnsetType) -> bytes:
    """The thing whole, with `also` beside what is its own where something else was recorded with the command."""
    if also is UNSET:
        return ENCODE(view)
    return ENCODE((msgspec.to_builtins(view) if view is not None else {}) | {"also": also})


def answer(request: Asked, resource: Resource, done: Done, *, whole: bool = False) -> Answer:
    """What a recorded command came to, as much of it as Prefer asks for."""
    registry: Registry = request.app.state.registry
    shown = show(resource, done.ref.id, done.folded, registry.today())
    headers = {"etag": tag(shown) if shown else f'"{done.version}"'}
    status = HTTPStatus.OK
    if whole:
        headers["location"] = f"/api/{done.ref}"
        status = HTTPStatus.CREATED if done.created else HTTPStatus.OK
    wanted = preferred(request)
    if wanted is not None:
        headers["preference-applied"] = f"return={wanted}"
    if wanted == "minimal":
        status = status if status == HTTPStatus.CREATED else HTTPStatus.NO_CONTENT
        return Answer(status_code=status, headers=headers)
    if wanted == "representation":
        body = represented(resource.view(shown) if shown is not None else None, also(done))
    else:
        pointer, value = part(resource, shown, done, whole=whole)
        written = Written(
            version=done.version, sequence=done.sequence or None, pointer=pointer, value=value, also=also(done)
        )
        body = ENCODE(written)
    return Answer(body=body, status_code=status, headers=headers, media_type="application/json")


async def perform(request: Asked, operation: Operation, order: Order, body: bytes) -> Answer:
    """Carry out one command and answer it."""
    registry: Registry = request.app.state.registry
    asked, ref, creates = bodies.parameters(request, Writing), order.ref, operation.creates
    absent = creates and request.headers.get("if-none-match", "").strip() == "*"
    if absent and ref in await registry.read((ref,)):
        raise ExistsAlready(subject=str(ref))
    star = request.headers.get("if-match", "").strip() == "*"
    propose = asked.on_conflict == "propose"
    order = replace(order, expected=await expected(request, ref), creates=creates and not star, propose=propose)
    try:
        (done,) = await registry.execute(
            (order,),
            actor=account(request).id,
            key=idempotency(request, body),
            dry_run=asked.dry_run,
            **context(request),
        )
    except errors.Refused as refused:
        if creates and star and isinstance(refused, errors.NotFound):
            raise NotMatched(subject=str(ref), problem="it does not exist") from None
        if (missing := operation.addresses(refused)) is not None:
            raise errors.NotFound(subject=missing) from None
        raise operation.placed(refused) from None
    return dry(done) if asked.dry_run else answer(request, operation.resource, done, whole=creates)


# --- Routes -----------------------------------------------------------------------------------------------------------


def route(operation: Operation) -> HTTPRouteHandler:
    """POST of one command."""
    described = {
        "operation": operation,
        "command": operation.command,
        "body": operation.body,
        "query": Writing,
        "answer": Written,
        "dry": DryRun,
        "created": operation.creates,
    }

    @post(routed(operation.path), opt=needs("registrar") | described, status_code=HTTPStatus.OK)
    async def carry_out(request: Asked) -> Answer:
        registry: Registry = request.app.state.registry
        raw = await bodies.json_body(request)
        try:
            order = await operation.order(registry, request.path_params, raw or b"{}")
        except errors.Invalid:
            if raw:
                raise
            raise Malformed(problem="it is empty") from None
        return await perform(request, operation, order, raw)

    return carry_out


def routed(path: str) -> str:
    """A public path as it is routed: a verb after a colon is a segment of its own, and ids are UUIDs."""
    return re.sub(r"\{(\w+)\}", r"{\1:uuid}", re.sub(r":([a-z-]+)$", r"/:\1", path))


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Every command: the whole thing, and each one's own path."""
    return [route(registration(resource)), *(route(operation(resource, way)) for way in resource.ways)]
