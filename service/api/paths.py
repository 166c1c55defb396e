"""How requests differ from routes: verbs after a colon, and HEAD.

A path such as /api/agreements/{id}/clauses/{clause}:amend has two things in one segment, which the router's segments
can't tell apart. As it is routed the verb is a segment of its own (`.../{clause}/:amend`). A HEAD is a GET whose body
stays here (RFC 9110, section 9.3.2).
"""

import asyncio
import re
from typing import cast

from litestar.types import ASGIApp, HTTPDisconnectEvent, HTTPScope, Message, Receive, ReceiveMessage, Send

_VERB = re.compile(r"(?<=[^/]):([a-z-]+)$")


def public(routed: str) -> str:
    """A routed path as clients write it."""
    return routed.replace("/:", ":")


def routed(public: str) -> str:
    """A path as clients write it, with its verb as a segment of its own."""
    return _VERB.sub(r"/:\1", public) if ":" in public else public


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
