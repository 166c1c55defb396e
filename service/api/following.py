"""What is answered from projections that follow the log: for which position, and after which one at the earliest."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar import Request

from service.api import then
from service.api.problems import BeyondLog, WrongHeader, WrongParameter
from service.domain import errors
from service.projections import paging
from service.registry import Registry

AFTER = "Mengfu-After"
POSITION = "Mengfu-Position"


async def after(request: Request[Any, Any, Any]) -> int:
    """The position that the client wants to see at least, 0 where it names none.

    Raises WrongHeader for what is no sequence, BeyondLog for one that the log has not reached.
    """
    given = request.headers.get(AFTER.lower())
    if given is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,19}", given):
        raise WrongHeader(header=AFTER, problem="must be a sequence")
    registry: Registry = request.app.state.registry
    head = await registry.head()
    if int(given) > head:
        raise BeyondLog(header=AFTER, sequence=int(given), head=head)
    return int(given)


async def moment(
    request: Request[Any, Any, Any], names: Iterable[str], day: date, known_at: str | None, cursor: str | None
) -> tuple[date, int]:
    """The day and the position that an answer from these projections is for: those of the first page, for all pages.

    Waits until they have reached the position. Raises what `position` raises, and BadCursor.
    """
    if cursor is None:
        return day, await position(request, names, known_at)
    pin = paging.pinned(cursor)
    registry: Registry = request.app.state.registry
    if pin.day is None or pin.known is None or pin.known > await registry.head():
        raise errors.BadCursor("/cursor")
    await registry.progress.reached(names, max(await after(request), pin.known), whole=False)
    return pin.day, pin.known


async def position(request: Request[Any, Any, Any], names: Iterable[str], known_at: str | None) -> int:
    """The position that an answer from these projections is for: the one asked for, else what all have reached.

    Waits until they have reached it, and what the client has named in Mengfu-After. Raises Unavailable where that takes
    too long, or where one is being built, WrongParameter for a sequence that the log has not reached.
    """
    registry: Registry = request.app.state.registry
    least, known = await after(request), None
    if known_at is not None:
        known = await then.position(registry, known_at)
        if known_at.isdecimal() and known > (head := await registry.head()):
            raise WrongParameter(parameter="known_at", problem=f"the log ends at {head}")
    reached = await registry.progress.reached(names, max(least, known or 0), whole=known is None)
    return reached if known is None else known


def told(position: int) -> dict[str, str]:
    """The header that tells which position an answer is for."""
    return {POSITION.lower(): str(position)}
