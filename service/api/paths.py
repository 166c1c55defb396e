"""What stands between the server and the routes: verbs after a colon, HEAD, and a count of what is under way.

A path such as /api/agreements/{id}/clauses/{clause}:amend has two things in one segment, which the router's segments
can't tell apart. Here the verb becomes a segment of its own (`.../{clause}/:amend`), before routing. A HEAD is a GET
whose body stays here (RFC 9110, section 9.3.2).
"""

import asyncio
import re
from collections.abc import Callable
from typing import cast

from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPDisconnectEvent, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

_VERB = re.compile(r"(?<=[^/]):([a-z-]+)$")


def public(routed: str) -> str:
    """A routed path as clients write it."""
    return routed.replace("/:", ":")


def counted(app: ASGIApp, state: State) -> ASGIApp:
    """The application, which notes how many requests it has `begun`, and how many of them are `under_way`."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        request = scope["type"] == ScopeType.HTTP
        state.begun += request
        state.under_way += request
        try:
            await app(scope, receive, send)
        finally:
            state.under_way -= request

    return front


def verbs(app: ASGIApp, allowed: Callable[[str], str]) -> ASGIApp:
    """The application behind this; `allowed` tells the methods that a path knows, none of an unknown one."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        if ":" in scope["path"]:
            scope["path"] = _VERB.sub(r"/:\1", scope["path"])
        if scope["method"] == "HEAD":
            await head(app, scope, receive, send)
        elif scope["method"] == "OPTIONS" and (methods := allowed(scope["path"])):
            await app(scope, receive, telling(send, methods))
        else:
            await app(scope, receive, send)

    return front


def telling(send: Send, methods: str) -> Send:
    """The answer to OPTIONS with all the methods that the path knows: the router tells those of one handler."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = [(name, value) for name, value in message["headers"] if name.lower() != b"allow"]
            message["headers"] = [*others, (b"allow", methods.encode())]
        await send(message)

    return complete


async def head(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Answer as to a GET, without the body; what would go on sending is told that nobody listens any more."""
    done = asyncio.Event()

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
        elif message["type"] == "http.response.body" and not done.is_set():
            done.set()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def nobody() -> ReceiveMessage:
        told, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(done.wait())
        try:
            await asyncio.wait((told, ended), return_when=asyncio.FIRST_COMPLETED)
            return cast(HTTPDisconnectEvent, {"type": "http.disconnect"}) if ended.done() else told.result()
        finally:
            told.cancel()
            ended.cancel()

    await app({**scope, "method": "GET"}, nobody, headers_only)
