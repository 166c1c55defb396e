"""Who is asking, and what may they do? Keys in the Authorization header, checked before the body is read."""

from typing import Any

import asyncpg
from litestar import Request

from service.api.problems import NotAllowed, NotAuthenticated, WrongHeader
from service.domain import errors
from service.registry import Registry
from service.store.credentials import Account, Credentials, rank


def needs(role: str) -> dict[str, Any]:
    """The `opt` of a route that needs a key with that role."""
    return {"role": role}


ONCE = {
    b"authorization": "Authorization",
    b"idempotency-key": "Idempotency-Key",
    b"if-match": "If-Match",
    b"if-none-match": "If-None-Match",
    b"last-event-id": "Last-Event-ID",
    b"mengfu-after": "Mengfu-After",
}
"""Headers of which a second one would be overlooked, and a request be carried out under the wrong condition."""


def sent_once(request: Request[Any, Any, Any]) -> None:
    """Refuse a request that says two things where one counts."""
    seen: set[bytes] = set()
    for name, _ in request.scope["headers"]:
        if name in ONCE:
            if name in seen:
                raise WrongHeader(header=ONCE[name], problem="is given twice")
            seen.add(name)


async def check(request: Request[Any, Any, Any]) -> None:
    """Let a request pass whose key has the role that its route needs, and note whose key it is.

    A route without a role is open. Reading needs no key where the registry is set to be read by everybody, but a key
    that is sent must be good all the same. A replay has no keys: everybody reads. Nobody writes to it, or to a mirror,
    whatever the key. Runs before each handler, so before any body is read. (Litestar's guards do too, but copy the
    route's handler at each request, which costs as much as the rest of this.)
    """
    sent_once(request)
    role = request.route_handler.opt.get("role")
    if role is None:
        return
    given = request.headers.get("authorization")
    registry: Registry = request.app.state.registry
    if role != "reader" and (refused := registry.closed()) is not None:
        raise refused
    if registry.replayed is not None:
        return
    if given is None:
        if role == "reader" and registry.settings.public_read:
            return
        raise NotAuthenticated(problem="Send a key as Authorization: Bearer mengfu_<prefix>_<secret>")
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated(problem="The Authorization header must have the scheme Bearer")
    credentials: Credentials = request.app.state.credentials
    account = await credentials.find(token.strip())
    if account is None:
        raise NotAuthenticated(problem="The key is unknown or revoked")
    if rank(account.roles) < rank((role,)):
        raise NotAllowed(needed=role, given=", ".join(account.roles))
    request.scope["auth"] = account


async def still(request: Request[Any, Any, Any]) -> bool:
    """Whether a request that was let pass would be let pass now; False also where the database does not answer."""
    try:
        await check(request)
    except (errors.Refused, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


def account(request: Request[Any, Any, Any]) -> Account:
    """Whose key the request bears; only on routes that always need one."""
    found: Account = request.scope["auth"]
    return found
