"""Facts that can be checked without us: lines with their proofs and the checkpoint of now, over HTTP."""

from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

from litestar import Request

from service import bundling
from service.api.answers import Answer
from service.api.problems import Unsigned
from service.api.resource import ENCODE
from service.config import ConfigError
from service.domain import errors
from service.signing import NoKeyError

T = TypeVar("T")


async def signed(work: Awaitable[T]) -> T:
    """What needs the signing key. Raises Unsigned where there is none, Unavailable where it cannot be used."""
    try:
        return await work
    except NoKeyError as error:
        raise Unsigned from error
    except ConfigError as error:
        raise errors.Unavailable(problem=f"no checkpoint can be signed: {error}") from error


async def answer(request: Request[Any, Any, Any], lines: Iterable[bytes]) -> Answer:
    """The lines as a bundle."""
    state = request.app.state
    body = ENCODE(await signed(bundling.bundle(state.registry, state.signing, lines)))
    return Answer(body=body, headers={"cache-control": "no-cache"})
