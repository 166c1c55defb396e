"""Two times as parameters: on which day it held in the world (`as_of`), and up to where the registry knew (`known_at`).

What is known is a position of the log: given as a sequence, as a time, or as the version that a stream had.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from service.api.problems import WrongParameter
from service.domain import errors
from service.domain.decider import Ref
from service.registry import Registry

KnownAt = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
        r"([Zz]|[+-][0-9]{2}:[0-9]{2}))\Z",
        description="As it was known at this sequence, or at this time (RFC 3339 with its offset), both included.",
    ),
]
VersionOf = Annotated[int, Meta(ge=1, le=2**63 - 1)]
AsOf = Annotated[date, Meta(description="As it held on this day; today in Asia/Shanghai without it.")]


def day(registry: Registry, asked: date | None, parameter: str = "as_of") -> date:
    """The day asked for, today in Asia/Shanghai where none is.

    Raises WrongParameter for the last day that there is: it stands for the end of all time, where nothing holds.
    """
    if asked == date.max:
        raise WrongParameter(parameter=parameter, problem="the last day that can be asked for is 9999-12-30")
    return asked or registry.today()


class Then(Struct, frozen=True):
    """A day in the world, and the position up to which the log was known."""

    day: date
    known_at: int


async def position(registry: Registry, known_at: str | None) -> int:
    """The position up to which the log was known, all of it without `known_at`.

    Raises WrongParameter for a sequence that the log has not reached, and for a time that does not exist. A time after
    the last event means all that is recorded.
    """
    if known_at is None:
        return await registry.head()
    if known_at.isdecimal():
        if int(known_at) > (head := await registry.head()):
            raise WrongParameter(parameter="known_at", problem=f"the log ends at {head}")
        return int(known_at)
    try:
        time = msgspec.convert(known_at, datetime)
    except msgspec.ValidationError as error:
        raise WrongParameter(parameter="known_at", problem=str(error)) from None
    return await registry.position_at(time)


async def unknown(registry: Registry, ref: Ref, when: Then) -> errors.NotFound:
    """Why there is nothing to show at two times: there never was, or it was not registered then."""
    if ref not in await registry.read((ref,)):
        return errors.NotFound(subject=str(ref))
    return errors.NotKnownThen(subject=str(ref), day=when.day, sequence=when.known_at)


async def position_of(registry: Registry, ref: Ref, version: int, parameter: str) -> int:
    """The position of a stream's version. Raises NotFound, and UnknownVersion, naming the parameter."""
    try:
        return await registry.position_of(ref, version)
    except errors.UnknownVersion as refused:
        refused.facts["parameter"] = parameter
        raise
