"""Writing: one command a path, each answered with the part that it was about and the new version.

`If-Match` makes a write depend on the version seen, `Idempotency-Key` makes it safe to send again, `Prefer` chooses how
much comes back, `dry_run` shows what would be recorded and records nothing.
"""

import hashlib
import re
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Meta, Raw, Struct

from service.api import bodies
from service.api.access import account, needs
from service.api.problems import NotMatched, WrongHeader
from service.api.resource import ENCODE, Resource, Way, at, find, show, tag
from service.domain import errors
from service.domain.decider import Command, Correct, Ref, Void
from service.domain.values import Note
from service.registry import Done, Key, Order, Registry
from service.store.line import uuid7

Asked = Request[Any, Any, Any]
Position = Annotated[int, Meta(ge=1, le=2**63 - 1)]


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


# --- Headers ----------------------------------------------------------------------------------------------------------

_TAGS = re.compile(r'\s*(?:W/)?"[!#-~\x80-\xff]*"\s*(?:,\s*(?:W/)?"[!#-~\x80-\xff]*"\s*)*')
_STRONG = re.compile(r'(?<![/"!#-~])"([0-9]{1,18})(?:-\d{4}-\d\d-\d\d)?"')
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


async def expected(request: Asked, ref: Ref) -> int | None:
    """The version that If-Match asks for, None where any will do.

    Raises WrongHeader for what is no list of entity tags, NotMatched for one without a strong tag of this registry.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    if not _TAGS.fullmatch(given):
        raise WrongHeader(header="If-Match", problem='must be * or entity tags such as "7"')
    versions = [int(version) for version in _STRONG.findall(given)]
    if not versions:
        raise NotMatched(subject=str(ref), problem="none of its entity tags is a version of a thing here")
    if len(versions) > 1:
        registry: Registry = request.app.state.registry
        folded = (await registry.read((ref,))).get(ref)
        if folded is not None and folded.version in versions:
            return folded.version
    return versions[0]


def idempotency(request: Asked, body: bytes) -> Key | None:
    """The idempotency key, with the fingerprint of the request that it stands for."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if not re.fullmatch(r"[!-~]{1,255}", given):
        raise WrongHeader(header="Idempotency-Key", problem="must have 1 to 255 visible ASCII characters")
    path = request.scope["path"].replace("/:", ":")
    asked = "\n".join((request.method, path, request.headers.get("if-match", ""), ""))
    return Key(
        hash=hashlib.sha256(account(request).id.bytes + given.encode()).digest()[:16],
        fingerprint=hashlib.sha256(asked.encode() + body).digest()[:16],
    )


def preferred(request: Asked) -> str | None:
    """`representation` or `minimal`, where Prefer (RFC 7240) asks for it."""
    for item in request.headers.get("prefer", "").split(","):
        name, _, value = item.partition(";")[0].strip().partition("=")
        if name.strip().lower() == "return" and value.strip().strip('"') in {"representation", "minimal"}:
            return value.strip().strip('"')
    return None


def context(request: Asked) -> dict[str, str | None]:
    """The trace that the request belongs to (W3C Trace Context), and the sender's mark for what belongs together."""
    trace = request.headers.get("traceparent")
    correlation = request.headers.get("correlation-id")
    if correlation is not None and not re.fullmatch(r"[!-~]{1,255}", correlation):
        raise WrongHeader(header="Correlation-Id", problem="must have 1 to 255 visible ASCII characters")
    return {
        "traceparent": trace if trace and _TRACEPARENT.fullmatch(trace) else None,
        "correlation": correlation,
    }


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
        pointer = find(shown, "header" if whole else done.part, [record.sequence for record in done.events]) if shown else None
        value = at(view, pointer) if view is not None and pointer is not None else None
        body = ENCODE(Written(version=done.version, sequence=done.sequence or None, pointer=pointer, value=value))
    return ASGIResponse(body=body, status_code=status, headers=headers, media_type="application/json")


async def perform(
    request: Asked, resource: Resource, ref: Ref, command: Command, body: bytes, *, creates: bool = False
) -> ASGIResponse:
    """Carry out one command and answer it."""
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Writing)
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
        body: Any = bodies.decode(decoder, raw or b"{}")
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
        fact = made(way.command, bodies.decode(decoder, raw or b"{}"), given)
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
    """Every way to write: the whole thing, each command, corrections and voidings."""
    return [
        creation(resource),
        *map(partial(command, resource), resource.ways),
        correction(resource),
        voiding(resource),
    ]
