"""Webhooks over HTTP: who is sent which events, what was delivered, and sending again.

They stand outside the log, and have no history. A secret is shown once, when it is made. `dry_run=true` has all that is
asked done and takes it back. All of it is for registrars: the address of a webhook may be a secret of its receiver.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Meta, Struct, UnsetType

from service.api import bodies
from service.api.access import account, needs
from service.api.answers import Answer
from service.api.events import Position, Time
from service.api.lists import Items, Limit, linked
from service.api.operations import decoder
from service.api.problems import Malformed
from service.api.resource import ENCODE
from service.api.writing import Trying
from service.delivering.addresses import PrivateError, address_of, resolved
from service.domain import errors
from service.domain.catalogue import EVENTS
from service.domain.decider import Ref
from service.domain.values import Label
from service.registry import Registry
from service.store import webhooks
from service.store.webhooks import Delivery, State, Webhook

Address = Annotated[str, Meta(min_length=1, max_length=2_000, pattern="^https?://")]
Types = Annotated[tuple[str, ...], Meta(max_length=200)]
Place = Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]
OVERLAP = 86_400
"""Seconds for which a secret signs beside its successor, unless told otherwise."""
Asked = Request[Any, Any, Any]


class NewWebhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to send events: all, or those of some `types`, or those about a party (`unit`); what it is called.

    It begins with what is recorded from now on, or behind the sequence `after`.
    """

    url: Address
    types: Types = ()
    unit: UUID | None = None
    label: Label | None = None
    after: Position | None = None


class WebhookChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different from now on. Where it is enabled again it goes on where it stopped, or behind `after`."""

    url: Address | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    unit: UUID | UnsetType | None = UNSET
    label: Label | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    after: Position | UnsetType = UNSET


class Rotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many seconds the secret before signs as well: a day, unless told otherwise; 0 where it is known."""

    overlap: Annotated[int, Meta(ge=0, le=30 * 86_400)] = OVERLAP


class Secret(Struct, frozen=True, kw_only=True):
    """A webhook with its secret, which is shown this once: `whsec_` and 32 bytes in base64."""

    secret: str
    webhook: Webhook


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deliveries in a state; the cursor is that of the page before."""

    state: State | None = None
    limit: Limit = 50
    cursor: Place | None = None


class Failed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deliveries that have not been taken, whose last attempt was at or after `since`, and before `until`."""

    since: Time
    until: Time | None = None


class Replayed(Struct, frozen=True, kw_only=True):
    """How many deliveries are sent again."""

    replayed: int


class WouldMake(Struct, frozen=True, kw_only=True):
    """What `dry_run=true` tells of a webhook that would be made, to follow the log behind `position`. None is."""

    dry_run: bool = True
    url: str
    types: tuple[str, ...]
    unit: UUID | None
    label: str
    position: int


class Tried(Struct, frozen=True, kw_only=True):
    """What `dry_run=true` tells: the webhook or the delivery as it would be, or how many would be sent again.

    Nothing is done, and no secret is shown: another one would be made.
    """

    dry_run: bool = True
    webhook: Webhook | UnsetType = UNSET
    delivery: Delivery | UnsetType = UNSET
    replayed: int | UnsetType = UNSET


# --- What comes in ----------------------------------------------------------------------------------------------------


async def body(request: Asked, kind: type[Struct], *, empty: bool = False) -> Any:
    """The body, decoded; one that is `empty` may be meant as `{}`."""
    raw = await bodies.json_body(request)
    if not raw and not empty:
        raise Malformed(problem="it is empty")
    return bodies.decode(decoder(kind), raw or b"{}")


async def checked(registry: Registry, given: Any) -> dict[str, Any]:
    """The fields that were given, each of which is possible. Raises Invalid with a pointer for one that is not."""
    found = {name: value for name in given.__struct_fields__ if (value := getattr(given, name)) is not UNSET}
    if "url" in found:
        found["url"] = await reachable(registry, found["url"])
    for index, type in enumerate(found.get("types", ())):
        if type not in EVENTS:
            raise errors.Invalid(f"/types/{index}", problem=f"there is no type of event called {type!r}")
    if found.get("unit") is not None:
        ref = Ref("parties", found["unit"])
        if ref not in await registry.read((ref,)):
            raise errors.UnknownReference("/unit", subject=str(ref))
    if (after := found.get("after")) is not None and after > (head := await registry.head()):
        raise errors.Invalid("/after", problem=f"the log ends at {head}")
    return found


async def reachable(registry: Registry, given: str) -> str:
    """An address that requests may be sent to. One that cannot be resolved now is looked at when it is sent to."""
    try:
        url = address_of(given)
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        await resolved(url.raw_host.decode(), port, private=registry.settings.webhooks_private)
    except OSError:
        pass
    except (ValueError, PrivateError) as error:
        raise errors.Invalid("/url", problem=str(error)) from None
    return str(url)


async def found(request: Asked, connection: Any = None) -> Webhook:
    """The webhook that the path names, as it is; or as it would be, on the connection where that is tried.

    Raises NotFound.
    """
    id: UUID = request.path_params["id"]
    registry: Registry = request.app.state.registry
    if not (rows := await webhooks.listed(connection or registry.pool, id)):
        raise errors.NotFound(subject=f"webhooks/{id}")
    return rows[0]


@asynccontextmanager
async def carried_out(registry: Registry, *, dry_run: bool) -> AsyncIterator[Any]:
    """Where statements are carried out: for good, or in a transaction that is taken back."""
    if not dry_run:
        yield registry.pool
        return
    async with registry.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:
            await transaction.rollback()


def answered(value: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Answer:
    """JSON that nobody keeps: it may hold a secret."""
    told = {"cache-control": "no-store"} | (headers or {})
    return Answer(body=ENCODE(value), status_code=status, headers=told, media_type="application/json")


_TRIED = needs("registrar") | {"query": Trying, "tried": Tried}


# --- Webhooks ---------------------------------------------------------------------------------------------------------


@post("/api/webhooks", opt=_TRIED | {"body": NewWebhook, "answer": Secret, "status": 201, "tried": WouldMake})
async def create(request: Asked) -> Answer:
    """Have events sent to an address, from now on or behind a sequence. The secret that signs them is shown this once.

    Requests are those of Standard Webhooks 1.0.0: a POST of the event's line as it is stored (a CloudEvents event in
    JSON) with `webhook-id` (the event's id, the same at each attempt), `webhook-timestamp` and `webhook-signature`.
    2xx within 20 seconds is success and 410 ends the webhook; all else, redirects too, is tried again, ten times in
    three days. An event arrives at least once, and not always in order: `sequence` tells that.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Trying)
    given = await checked(registry, await body(request, NewWebhook))
    given["label"] = given["label"] or ""
    async with carried_out(registry, dry_run=asked.dry_run) as connection:
        made = await webhooks.create(connection, account=account(request).id, **given)
    if made is None:
        raise errors.TooManyWebhooks(count=webhooks.MOST)
    webhook, secret = made
    if asked.dry_run:
        told = {name: getattr(webhook, name) for name in WouldMake.__struct_fields__ if name != "dry_run"}
        return answered(WouldMake(**told))
    headers = {"location": f"/api/webhooks/{webhook.id}"}
    return answered(Secret(secret=secret, webhook=webhook), HTTPStatus.CREATED, headers)


@get("/api/webhooks", opt=needs("registrar") | {"answer": Items, "item": Webhook})
async def listed(request: Asked) -> Answer:
    """Every webhook without its secret, on one page: there are a hundred at most."""
    registry: Registry = request.app.state.registry
    return answered(Items(items=await webhooks.listed(registry.pool), next=None))


@get("/api/webhooks/{id:uuid}", opt=needs("registrar") | {"answer": Webhook})
async def shown(request: Asked) -> Answer:
    """A webhook without its secret."""
    return answered(await found(request))


@patch("/api/webhooks/{id:uuid}", opt=_TRIED | {"body": WebhookChange, "answer": Webhook})
async def change(request: Asked) -> Answer:
    """Change a webhook, or have it send no more (`enabled`): what then waits goes on when it is enabled again."""
    registry: Registry = request.app.state.registry
    asked, webhook = bodies.parameters(request, Trying), await found(request)
    given = await checked(registry, await body(request, WebhookChange))
    if not given:
        raise errors.Invalid("", problem="a change sets at least one field")
    async with carried_out(registry, dry_run=asked.dry_run) as connection:
        await webhooks.change(connection, webhook.id, **given)
        changed = await found(request, connection)
    return answered(Tried(webhook=changed) if asked.dry_run else changed)


@delete("/api/webhooks/{id:uuid}", opt=needs("registrar") | {"query": Trying, "status": 204}, status_code=HTTPStatus.OK)
async def end(request: Asked) -> Answer:
    """End a webhook, and forget what was delivered to it."""
    registry: Registry = request.app.state.registry
    asked, webhook = bodies.parameters(request, Trying), await found(request)
    if not asked.dry_run:
        await webhooks.delete(registry.pool, webhook.id)
    return Answer(status_code=HTTPStatus.NO_CONTENT)


@post(
    "/api/webhooks/{id:uuid}/:rotate",
    opt=_TRIED | {"body": Rotation, "answer": Secret},
    status_code=HTTPStatus.OK,
)
async def rotate(request: Asked) -> Answer:
    """Give a webhook a new secret, which is shown this once. Requests are signed with both for a while."""
    registry: Registry = request.app.state.registry
    asked, webhook = bodies.parameters(request, Trying), await found(request)
    told: Rotation = await body(request, Rotation, empty=True)
    async with carried_out(registry, dry_run=asked.dry_run) as connection:
        secret = await webhooks.rotate(connection, webhook.id, told.overlap)
        webhook = await found(request, connection)
    if secret is None:
        raise errors.NotFound(subject=f"webhooks/{webhook.id}")
    return answered(Tried(webhook=webhook) if asked.dry_run else Secret(secret=secret, webhook=webhook))


# --- Deliveries -------------------------------------------------------------------------------------------------------


@get("/api/webhooks/{id:uuid}/deliveries", opt=needs("registrar") | {"query": Page, "answer": Items, "item": Delivery})
async def deliveries(request: Asked) -> Answer:
    """What is to be sent to a webhook and what was, the newest event first, each with its attempts; kept for 30 days.

    Deliveries that wait are kept until they are settled.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Page)
    webhook = await found(request)
    before = int(asked.cursor) if asked.cursor is not None else None
    rows = await webhooks.deliveries(registry.pool, webhook.id, state=asked.state, before=before, limit=asked.limit + 1)
    items = rows[: asked.limit]
    next = str(items[-1].position) if len(rows) > asked.limit else None
    return answered(Items(items=items, next=next), headers=linked(request, next))


@post(
    "/api/webhooks/{id:uuid}/deliveries/{delivery:uuid}/:replay",
    opt=_TRIED | {"answer": Delivery},
    status_code=HTTPStatus.OK,
)
async def replay(request: Asked) -> Answer:
    """Send an event to a webhook again, under the same id, whatever has come of it; as often as at first."""
    registry: Registry = request.app.state.registry
    asked, webhook = bodies.parameters(request, Trying), await found(request)
    id: UUID = request.path_params["delivery"]
    if not webhook.enabled:
        raise errors.WebhookEnded(subject=f"webhooks/{webhook.id}")
    async with carried_out(registry, dry_run=asked.dry_run) as connection:
        delivery = await webhooks.replay(connection, webhook.id, id)
    if delivery is None:
        raise errors.NotFound(subject=f"webhooks/{webhook.id}/deliveries/{id}")
    return answered(Tried(delivery=delivery) if asked.dry_run else delivery)


@post(
    "/api/webhooks/{id:uuid}/deliveries/:replay",
    opt=_TRIED | {"body": Failed, "answer": Replayed},
    status_code=HTTPStatus.OK,
)
async def replay_failed(request: Asked) -> Answer:
    """Send a webhook again all that has failed since a time: what was given up, and what waits for its next attempt.

    Each keeps its id, and is tried as often as at first. What was taken is not sent again, nor what has not been tried.
    """
    registry: Registry = request.app.state.registry
    asked, webhook = bodies.parameters(request, Trying), await found(request)
    told: Failed = await body(request, Failed)
    if told.until is not None and told.until <= told.since:
        raise errors.Invalid("/until", problem="the time ends before it begins")
    if not webhook.enabled:
        raise errors.WebhookEnded(subject=f"webhooks/{webhook.id}")
    async with carried_out(registry, dry_run=asked.dry_run) as connection:
        count = await webhooks.replay_failed(connection, webhook.id, told.since, told.until)
    return answered(Tried(replayed=count) if asked.dry_run else Replayed(replayed=count))


ROUTES: list[ControllerRouterHandler] = [
    *(create, listed, shown, change, end, rotate, deliveries, replay, replay_failed),
]
