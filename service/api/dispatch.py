"""From a request to its route and to the answer, with nothing in between.

Litestar holds the routes and reads requests. The way that it goes itself from one to the other is made for handlers
with injected arguments, for stacks of middleware and all kinds of answers, and costs twice what the server does. Here
every route is a coroutine function of the request that answers with what can be sent, so that little is left: find it,
check who asks, ask it, tell what is wrong, send, count.

A path with more slashes than it needs is taken as the one without them.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from litestar import Litestar, Request
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, HTTPException, MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.routes import HTTPRoute
from litestar.types import HTTPScope, Receive, Scope, Send
from litestar.types.internal_types import PathParameterDefinition

from service.api import following, paths, problems
from service.api.answers import Answer
from service.api.metrics import Requests, Traffic

Asked = Request[Any, Any, Any]
Handler = Callable[[Asked], Awaitable[Answer | ASGIResponse]]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HOST = re.compile(rb"[0-9A-Za-z!$&'()*+,;=\-._~:\[\]@%]*")
"""What a host's name consists of (RFC 3986, section 3.2)."""


class Route:
    """A route by one method."""

    __slots__ = ("handler", "parameters", "requests", "run")

    def __init__(self, route: HTTPRoute, handler: HTTPRouteHandler, method: str, run: Handler) -> None:
        """`run` answers a request that comes here."""
        self.handler = handler
        self.run = run
        self.parameters = [
            (one.name, str if one.type is Path else one.parser or str)
            for one in route.path_components
            if isinstance(one, PathParameterDefinition)
        ]
        self.requests = Requests(method, route.path_format)


class Node:
    """Where some segments of a path lead: further by a segment's name or else by any, and to routes by method.

    To those of one that takes whole paths (`takes_all`) all further segments lead, as one value.
    """

    __slots__ = ("allow", "any", "named", "routes", "takes_all")

    def __init__(self) -> None:
        """Nowhere yet."""
        self.named: dict[str, Node] = {}
        self.any: Node | None = None
        self.routes: dict[str, Route] = {}
        self.takes_all = False
        self.allow = ""
        """The methods that are known here (RFC 9110, section 15.5.6)."""

    def next(self, segment: str | PathParameterDefinition) -> "Node":
        """The node behind one more segment, made where it is new."""
        if isinstance(segment, str):
            return self.named.setdefault(segment, Node())
        self.any = self.any or Node()
        self.any.takes_all = self.any.takes_all or segment.type is Path
        return self.any

    def add(self, route: HTTPRoute) -> None:
        """Take in the routes that end here, and tell their methods to whoever asks for OPTIONS."""

        async def options(_: Asked) -> Answer:
            return Answer(status_code=HTTPStatus.NO_CONTENT, headers={"allow": self.allow})

        for handler in route.route_handlers:
            for method in handler.http_methods:
                self.routes[method] = Route(route, handler, method, options if method == "OPTIONS" else handler.fn)
        self.allow = ", ".join(method for method in METHODS if method in self.routes).replace("GET", "GET, HEAD")


GONE = 499
"""What is counted where nobody waits for the answer any more: nginx's number, for HTTP has none of it."""


class Dispatch:
    """The application that answers requests by the routes of `app`, and counts them as `traffic`."""

    def __init__(self, app: Litestar, traffic: Traffic) -> None:
        """The routes as they are now."""
        self._others = app.asgi_handler
        self._traffic = traffic
        self._root = Node()
        for route in app.routes:
            if isinstance(route, HTTPRoute):
                node = self._root
                for segment in route.path_components:
                    node = node.next(segment)
                node.add(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what is none is Litestar's."""
        if scope["type"] != ScopeType.HTTP:
            await self._others(scope, receive, send)
            return
        self._traffic.begun += 1
        self._traffic.under_way += 1
        try:
            if scope["method"] == "HEAD":
                await paths.head(self._answer, scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        finally:
            self._traffic.under_way -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request: Asked = Request(scope, receive, send)
        try:
            route = self._route(cast("HTTPScope", scope))
        except HTTPException as error:
            await problems.answer(request, error)(scope, receive, send)
            return
        began, status = route.requests.begin(), int(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            try:
                await following.check(request)
                answer = await route.run(request)
            except Exception as error:
                answer = problems.answer(request, error)
            status = answer.status_code
            await answer(scope, receive, send)
        except asyncio.CancelledError:
            status = GONE
            raise
        finally:
            route.requests.end(status, began)

    def _route(self, scope: HTTPScope) -> Route:
        """The route of a request, noted in it with the values in its path. Raises HTTPException where there is none."""
        for name, value in scope["headers"]:
            if name == b"host" and not _HOST.fullmatch(value):
                raise ClientException("Invalid host header")
        path = paths.routed(scope["path"])
        node, values = self._root, list[str]()
        segments = [segment for segment in path.split("/") if segment]
        for at, segment in enumerate(segments):
            if (further := node.named.get(segment)) is None:
                if (further := node.any) is None:
                    raise NotFoundException
                values.append("/".join(segments[at:]) if further.takes_all else segment)
            node = further
            if node.takes_all:
                break
        if not node.routes:
            raise NotFoundException
        if (route := node.routes.get(scope["method"])) is None:
            raise MethodNotAllowedException(headers={"allow": node.allow})
        try:
            scope["path_params"] = {
                name: read(value) for (name, read), value in zip(route.parameters, values, strict=True)
            }
        except ValueError:
            raise NotFoundException from None
        scope["path"] = "/" + "/".join(segments)
        scope["route_handler"] = route.handler
        return route
