"""What is answered from projections that follow the log: for which position, and after which one at the earliest."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from litestar import Request

from service.api import then
from service.api.problems import BeyondLog, WrongHeader, WrongParameter
from service.registry import Registry

AFTER = "Mengfu-After"
POSITION = "Mengfu-Position"
LAST = date.max - timedelta(days=1)
"""The last day that can be asked for: the day after it is the end of all spans."""


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


async def position(request: Request[Any, Any, Any], names: Iterable[str], known_at: str | None) -> int:
    """The position that an answer from these projections is for: the one asked for, else what all have reached.

    Waits until they have reached it, and what the client has named in Mengfu-After. Raises Unavailable where that takes
    too long, WrongParameter for a sequence that the log has not reached.
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


def day(registry: Registry, asked: date | None) -> date:
    """The day asked for, today in Asia/Shanghai where none is."""
    return min(asked or registry.today(), LAST)
