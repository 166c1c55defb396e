"""Several commands in one request, all or nothing: a supplementary agreement comes in whole with what it changes.

The commands are those that have a path of their own, in the same words; what a command makes can be given a name, and
those after it can mean it by that name (`naming`).
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Litestar, Request, post
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from msgspec.structs import replace

from service.api import bodies
from service.api.access import account, needs
from service.api.answers import Answer
from service.api.corrections import Position
from service.api.headers import context, idempotency, preferred, tags
from service.api.naming import Names, category_of
from service.api.operations import Operation
from service.api.problems import NotMatched, UnknownCommand
from service.api.resource import ENCODE, show
from service.api.writing import Planned, PlannedAlso, Writing, Written, also, part, planned, planned_also
from service.domain import errors
from service.registry import Done, Order, Registry

Asked = Request[Any, Any, Any]
Name = Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f\x7f-\x9f@.:/]{1,64}\Z")]
MOST = 500
"""Commands in one transaction."""


class Sent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command: `body` is what a POST to `path` would carry.

    `as` names what the command makes: the thing, the clause, the compensation rule, the resolution. In the commands
    after it `@name` is its id: in `path`, in any field that holds an id, and in a subject (`agreements/@name`);
    `@name.clauses.0` is the id of the first clause told inside a registration. `if_match` is the version that the
    sender has seen of the thing: that before the transaction, whatever the commands before this one do.
    """

    path: Annotated[str, Meta(min_length=1, max_length=1_000)]
    body: Raw = msgspec.field(default_factory=lambda: Raw(b"{}"))
    name: Name | None = msgspec.field(default=None, name="as")
    if_match: Position | None = None


class Transaction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Commands that are carried out in their order, all or none of them."""

    commands: Annotated[tuple[Sent, ...], Meta(min_length=1, max_length=MOST)]


class Result(Written, frozen=True, kw_only=True):
    """What one command came to: the thing is named by its `subject`, `created` where the command registered it."""

    name: str | UnsetType = msgspec.field(default=UNSET, name="as")
    subject: str
    created: bool


class Results(Struct, frozen=True, kw_only=True):
    """What each command came to, in their order. `position` is that of the last line, null where none was recorded."""

    results: list[Result]
    position: int | None


class PlannedResult(Struct, frozen=True, kw_only=True):
    """What one command would record, and the version that its thing would have then."""

    name: str | UnsetType = msgspec.field(default=UNSET, name="as")
    subject: str
    version: int
    created: bool
    events: list[Planned]
    also: list[PlannedAlso] | UnsetType = UNSET


class PlannedResults(Struct, frozen=True, kw_only=True):
    """What each command would record, in their order."""

    dry_run: bool
    results: list[PlannedResult]


# --- From paths to orders ---------------------------------------------------------------------------------------------

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TRANSACTION = msgspec.json.Decoder(Transaction)


def table(app: Litestar) -> Mapping[str, Operation]:
    """Every command that has a path, by that path with nothing in its braces: the routes are the only list of them."""
    if "operations" not in app.state:
        handlers = (handler for route in app.routes for handler in getattr(route, "route_handlers", ()))
        found = [handler.opt["operation"] for handler in handlers if "operation" in handler.opt]
        app.state.operations = {re.sub(r"\{\w+\}", "{}", operation.path): operation for operation in found}
    known: Mapping[str, Operation] = app.state.operations
    return known


def addressed(app: Litestar, path: str, names: Names) -> tuple[Operation, dict[str, UUID]]:
    """The command that a path is of, and the ids in it. Raises UnknownCommand, UnknownName and WrongKind."""
    plain, said = [], []
    for segment in path.split("/"):
        thing, colon, verb = segment.partition(":")
        if thing.startswith("@") or _ID.fullmatch(thing):
            said.append(thing)
            thing = "{}"
        plain.append(f"{thing}{colon}{verb}")
    operation = table(app).get("/".join(plain))
    if operation is None:
        raise UnknownCommand("", path=path)
    kinds = {field.name: category_of(field.type) for field in msgspec.structs.fields(operation.command)}
    ids = {}
    for field, thing in zip(re.findall(r"\{(\w+)\}", operation.path), said, strict=True):
        category = operation.resource.name if field == "id" else kinds[field]
        ids[field] = names.id(thing, "", category) if thing.startswith("@") else UUID(thing)
    return operation, ids


async def ordered(request: Asked, sent: Sent, names: Names) -> tuple[Operation, Order]:
    """One command as an order. Its refusals point into the command."""
    registry: Registry = request.app.state.registry
    try:
        operation, ids = addressed(request.app, sent.path, names)
    except errors.Refused as refused:
        raise refused.under("/path") from None
    try:
        order = await operation.order(registry, ids, sent.body, fill=names.fill, under="")
    except errors.NotFound as refused:
        raise errors.UnknownReference("/path", **refused.facts) from None
    except errors.Refused as refused:
        raise refused.under("/body") from None
    if sent.name is not None:
        try:
            if sent.name in names:
                raise errors.Invalid("", problem="a command before this one has that name")
            names.declare(sent.name, operation, order)
        except errors.Refused as refused:
            raise refused.under("/as") from None
    return operation, replace(order, expected=sent.if_match)


def placed(refused: errors.Refused, operations: list[Operation]) -> errors.Refused:
    """The registry's refusal of a transaction, with its pointer into the request.

    A refused order's pointer starts with the order's index where there are several; what is refused of the whole, such
    as a key that was used for another request, has none.
    """
    if isinstance(refused, (errors.KeyReused, errors.Unavailable, errors.Uncertain)):
        return refused
    index, pointer = 0, refused.pointer or ""
    if len(operations) > 1:
        number, _, rest = pointer[1:].partition("/")
        index, pointer = int(number), f"/{rest}" if rest else ""
    refused.pointer = pointer
    here = f"/commands/{index}"
    if isinstance(refused, errors.VersionMismatch):
        refused.pointer = f"{here}/if_match"
    elif operations[index].addresses(refused) is not None:
        # What a path inside a body names is named in a body: it is not the request's own path that leads nowhere.
        facts = refused.facts
        if isinstance(refused, errors.NotFound):
            return errors.UnknownReference(f"{here}/path", **facts)
        refused.pointer = f"{here}/path"
    elif pointer:
        return operations[index].placed(refused).under(f"{here}/body")
    else:
        refused.pointer = here
    return refused


# --- The request ------------------------------------------------------------------------------------------------------


def unconditional(request: Asked) -> None:
    """Refuse If-Match: it would be about the transactions' own address, of which there is no version to match.

    RFC 9110, section 13.1.1: without a current representation the condition is false, and nothing may be carried out.
    If-None-Match is fulfilled for the same reason.
    """
    if tags(request) is not None:
        raise NotMatched(
            subject="/api/transactions", problem="it has no version; each command says by if_match which one it is for"
        )


@post(
    "/api/transactions",
    opt=needs("registrar") | {"body": Transaction, "query": Writing, "answer": Results, "dry": PlannedResults},
    status_code=HTTPStatus.OK,
)
async def transact(request: Asked) -> Answer:
    """Carry out up to 500 commands, all or nothing.

    Each is one that has a path of its own here, and later ones may name what earlier ones make. One Idempotency-Key is
    for all of them, and the first refused one refuses them all, with its own status and a pointer to its place.
    """
    registry: Registry = request.app.state.registry
    raw = await bodies.json_body(request)
    sent = bodies.decode(_TRANSACTION, raw).commands
    asked = bodies.parameters(request, Writing)
    unconditional(request)
    names, operations, orders = Names(), list[Operation](), list[Order]()
    for index, one in enumerate(sent):
        try:
            operation, order = await ordered(request, one, names)
        except errors.Refused as refused:
            raise refused.under(f"/commands/{index}") from None
        operations.append(operation)
        orders.append(replace(order, propose=asked.on_conflict == "propose"))
    try:
        done = await registry.execute(
            orders,
            actor=account(request).id,
            key=idempotency(request, raw),
            dry_run=asked.dry_run,
            **context(request),
        )
    except errors.Refused as refused:
        raise placed(refused, operations) from None
    if asked.dry_run:
        would = [
            PlannedResult(**said(command, one), events=planned(one), also=planned_also(one))
            for command, one in zip(sent, done, strict=True)
        ]
        return Answer(body=ENCODE(PlannedResults(dry_run=True, results=would)), media_type="application/json")
    if preferred(request) == "minimal":
        return Answer(status_code=HTTPStatus.NO_CONTENT, headers={"preference-applied": "return=minimal"})
    results = [result(registry, *each) for each in zip(sent, operations, done, strict=True)]
    position = max(each.sequence for one in done for each in (one, *one.also)) or None
    return Answer(body=ENCODE(Results(results=results, position=position)), media_type="application/json")


def result(registry: Registry, sent: Sent, operation: Operation, done: Done) -> Result:
    """What one command came to, as its thing stood after it."""
    shown = show(operation.resource, done.ref.id, done.folded, registry.today())
    pointer, value = part(operation.resource, shown, done, whole=operation.creates)
    return Result(**said(sent, done), sequence=done.sequence or None, pointer=pointer, value=value, also=also(done))


def said(sent: Sent, done: Done) -> dict[str, Any]:
    """What every outcome says."""
    name = UNSET if sent.name is None else sent.name
    return {"name": name, "subject": str(done.ref), "version": done.version, "created": done.created}


ROUTES: list[ControllerRouterHandler] = [transact]
