"""For which position an answer is, and after which one: checked at each read, waited for where a read may lag."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar import Request

from service.api import access, bodies, streams, then
from service.api.problems import BeyondLog, WrongHeader
from service.domain import errors
from service.projections import cursors
from service.registry import Registry

AFTER = "Mengfu-After"
POSITION = "Mengfu-Position"
_LEAST = "mengfu_after"


async def check(request: Request[Any, Any, Any]) -> None:
    """Let a request pass that may (`access.check`), and note the position that a read wants to see at least.

    Runs before each handler, so that Mengfu-After is heeded by every read. What is now stands in the append: it is
    there as soon as the log has the position. A route of which no parameter is told takes none: what it does not know,
    such as dry_run, it must not pass over.
    """
    await access.check(request)
    opt = request.route_handler.opt
    if opt.get("role") is not None and "query" not in opt:
        bodies.parameters(request, streams.Nothing)
    if opt.get("role") == "reader" and (given := request.headers.get(AFTER.lower())) is not None:
        request.scope["state"][_LEAST] = await reached(request, given)


async def reached(request: Request[Any, Any, Any], given: str) -> int:
    """The position that Mengfu-After names.

    Raises WrongHeader for what is no sequence, BeyondLog for one that the log has not reached.
    """
    if not re.fullmatch(r"[0-9]{1,19}", given):
        raise WrongHeader(header=AFTER, problem="must be a sequence")
    registry: Registry = request.app.state.registry
    head = await registry.head()
    if int(given) > head:
        raise BeyondLog(header=AFTER, sequence=int(given), head=head)
    return int(given)


def least(request: Request[Any, Any, Any]) -> int:
    """The position that the client wants to see at least, 0 where it names none."""
    position: int = request.scope["state"].get(_LEAST, 0)
    return position


async def moment(
    request: Request[Any, Any, Any], names: Iterable[str], day: date, known_at: str | None, cursor: str | None
) -> tuple[date, int]:
    """The day and the position that an answer from these projections is for: those of the first page, for all pages.

    Waits until they have reached the position. Raises what `position` raises, and BadCursor.
    """
    if cursor is None:
        return day, await position(request, names, known_at)
    pin = cursors.pinned(cursor)
    registry: Registry = request.app.state.registry
    if pin.day is None or pin.known is None or pin.known > await registry.head():
        raise errors.BadCursor("/cursor")
    await registry.progress.reached(names, max(least(request), pin.known), whole=False)
    return pin.day, pin.known


async def position(request: Request[Any, Any, Any], names: Iterable[str], known_at: str | None) -> int:
    """The position that an answer from these projections is for: the one asked for, else what all have reached.

    Waits until they have reached it, and what the client has named in Mengfu-After. Raises Unavailable where that takes
    too long, or where one is being built, WrongParameter for a sequence that the log has not reached.
    """
    registry: Registry = request.app.state.registry
    known = None if known_at is None else await then.position(registry, known_at)
    come = await registry.progress.reached(names, max(least(request), known or 0), whole=known is None)
    return come if known is None else known


def told(position: int) -> dict[str, str]:
    """The header that tells which position an answer is for."""
    return {POSITION.lower(): str(position)}
