"""Writing: one command a path, each answered with the part that it was about and the new version.

`If-Match` makes a write depend on the version seen, `Idempotency-Key` makes it safe to send again, `Prefer` chooses how
much comes back, `dry_run` shows what would be recorded and records nothing.
"""

import re
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Struct

from service.api import bodies
from service.api.access import account, needs
from service.api.headers import context, expected, idempotency, preferred
from service.api.problems import ExistsAlready, Malformed, NotMatched
from service.api.resource import ENCODE, Resource, Way, at, find, show, tag
from service.domain import errors
from service.domain.decider import Attested, Command, Recorded, Ref
from service.registry import Done, Order, Registry
from service.store.line import uuid7

Asked = Request[Any, Any, Any]


class Writing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`dry_run=true` answers with what would be recorded, and records nothing."""

    dry_run: bool = False


class Written(Struct, frozen=True, kw_only=True):
    """What a command came to.

    `version` is the stream's version after it, `sequence` the position of the last event recorded (null where nothing
    had to be), `pointer` the JSON Pointer into the resource of the part that it was about, `value` that part. Both are
    null where the part is gone.
    """

    version: int
    sequence: int | None
    pointer: str | None
    value: Any


class Planned(Struct, frozen=True, kw_only=True):
    """An event that would be recorded."""

    type: str
    effective: date | None
    data: Any


class DryRun(Struct, frozen=True, kw_only=True):
    """What would be recorded, and the version that the stream would have then."""

    dry_run: bool
    version: int
    events: list[Planned]


# --- Bodies -----------------------------------------------------------------------------------------------------------


def fields_of(command: type[Command], without: tuple[str, ...]) -> list[Any]:
    """A command's fields as `msgspec.defstruct` takes them, without those that the path gives."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(command):
        if field.name in without:
            continue
        if field.required:
            fields.append((field.name, field.type))
        elif field.default_factory is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
        else:
            fields.append((field.name, field.type, field.default))
    return fields


def body_of(command: type[Command], without: tuple[str, ...] = (), extra: tuple[Any, ...] = ()) -> type[Struct]:
    """The shape of a command's body: its own, without what the path gives and with what only HTTP knows."""
    if not without and not extra:
        return command
    return msgspec.defstruct(
        command.__name__,
        [*extra, *fields_of(command, without)],
        namespace={"__doc__": command.__doc__},
        module=command.__module__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def made(command: type[Command], body: Any, given: dict[str, Any]) -> Command:
    """The command of a decoded body and what the path gives."""
    if type(body) is command and not given:
        return body
    fields = {name: getattr(body, name) for name in command.__struct_fields__ if name not in given}
    try:
        return command(**fields, **given)
    except ValueError as error:
        raise errors.Invalid("", problem=str(error)) from None


# --- Answers ----------------------------------------------------------------------------------------------------------


def dry(done: Done) -> ASGIResponse:
    """What would be recorded."""
    planned = [Planned(type=record.event.type, effective=record.effective, data=record.event) for record in done.events]
    body = ENCODE(DryRun(dry_run=True, version=done.version, events=planned))
    return ASGIResponse(body=body, media_type="application/json")


def about(record: Recorded) -> int:
    """The sequence of the event that a recorded one is about: itself, or the one that it attests."""
    return record.event.attests if isinstance(record.event, Attested) else record.sequence


def answer(request: Asked, resource: Resource, done: Done, *, whole: bool = False) -> ASGIResponse:
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
        return ASGIResponse(status_code=status, headers=headers)
    view = resource.view(shown) if shown is not None else None
    if wanted == "representation":
        body = ENCODE(view)
    else:
        pointer = find(shown, "header" if whole else done.part, map(about, done.events)) if shown else None
        value = at(view, pointer) if view is not None and pointer is not None else None
        body = ENCODE(Written(version=done.version, sequence=done.sequence or None, pointer=pointer, value=value))
    return ASGIResponse(body=body, status_code=status, headers=headers, media_type="application/json")


async def perform(
    request: Asked, resource: Resource, ref: Ref, command: Command, body: bytes, *, creates: bool = False
) -> ASGIResponse:
    """Carry out one command and answer it."""
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Writing)
    absent = creates and request.headers.get("if-none-match", "").strip() == "*"
    if absent and ref in await registry.read((ref,)):
        raise ExistsAlready(subject=str(ref))
    star = request.headers.get("if-match", "").strip() == "*"
    order = Order(ref=ref, command=command, expected=await expected(request, ref), creates=creates and not star)
    try:
        (done,) = await registry.execute(
            (order,),
            actor=account(request).id,
            key=idempotency(request, body),
            dry_run=asked.dry_run,
            **context(request),
        )
    except errors.NotFound:
        if creates and star:
            raise NotMatched(subject=str(ref), problem="it does not exist") from None
        raise
    return dry(done) if asked.dry_run else answer(request, resource, done, whole=creates)


# --- Routes -----------------------------------------------------------------------------------------------------------


def creation(resource: Resource) -> HTTPRouteHandler:
    """POST of a whole thing."""
    body_type = body_of(resource.register, extra=(("id", UUID | None, None),))
    decoder = msgspec.json.Decoder(body_type)
    described = {"body": body_type, "query": Writing, "answer": Written, "created": True, "command": resource.register}

    @post(f"/api/{resource.name}", opt=needs("registrar") | described)
    async def create(request: Asked) -> ASGIResponse:
        raw = await bodies.json_body(request)
        body: Any = bodies.decode(decoder, raw)
        ref = Ref(resource.name, body.id or uuid7(datetime.now(UTC)))
        return await perform(request, resource, ref, made(resource.register, body, {}), raw, creates=True)

    return create


def command(resource: Resource, way: Way) -> HTTPRouteHandler:
    """POST of one command."""
    names = tuple(re.findall(r"\{(\w+)\}", way.path))
    body_type = body_of(way.command, names)
    decoder = msgspec.json.Decoder(body_type)
    described = {"body": body_type, "query": Writing, "answer": Written, "command": way.command}

    @post(
        f"/api/{resource.name}/{{id:uuid}}{routed(way.path)}",
        opt=needs("registrar") | described,
        status_code=HTTPStatus.OK,
    )
    async def carry_out(request: Asked) -> ASGIResponse:
        raw = await bodies.json_body(request)
        ref = Ref(resource.name, request.path_params["id"])
        given = {name: request.path_params[name] for name in names}
        try:
            fact = made(way.command, bodies.decode(decoder, raw or b"{}"), given)
        except errors.Invalid:
            if raw:
                raise
            raise Malformed(problem="it is empty") from None
        try:
            return await perform(request, resource, ref, fact, raw)
        except (errors.UnknownPart, errors.UnknownReference) as refused:
            if refused.pointer and refused.pointer[1:] in names:
                thing = refused.facts.get("part")
                subject = f"{refused.facts['subject']}: {thing}" if thing else str(refused.facts["subject"])
                raise errors.NotFound(subject=subject) from None
            raise

    return carry_out


def routed(path: str) -> str:
    """A public path as it is routed: a verb after a colon is a segment of its own, and ids are UUIDs."""
    return re.sub(r"\{(\w+)\}", r"{\1:uuid}", re.sub(r":([a-z-]+)$", r"/:\1", path))


def routes(resource: Resource) -> list[HTTPRouteHandler]:
    """Every command: the whole thing, and each one's own path."""
    return [creation(resource), *map(partial(command, resource), resource.ways)]
