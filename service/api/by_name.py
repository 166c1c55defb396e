"""Parties that a query calls by name: in the place of an id any parameter that asks for a party takes one of its names.

A name counts as of the time that is asked for, in any script, width and case. It has to mean one party: of several the
caller chooses, since nobody else can.
"""

import re
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin
from uuid import UUID

import msgspec
from litestar import Request
from msgspec import Meta, Struct

from service.api import bodies, following, then
from service.api.problems import NoSuchName, SeveralAreCalledSo
from service.domain.values import CLEAN
from service.projections import names
from service.registry import Registry

T = TypeVar("T")

Called = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=CLEAN,
        description="A party: its id, or a name, alias or former name that means one party then.",
    ),
]
_ID = re.compile(r"(?:parties/)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
TOLD = 5
"""Parties named in a refusal."""


def _asks(kind: Any) -> bool:
    """Whether a type is that of a party's id, or of none."""
    if get_origin(kind) is Annotated:
        told = [more.extra or {} for more in get_args(kind) if isinstance(more, Meta)]
        return any(extra.get("category") == "parties" for extra in told)
    return any(map(_asks, get_args(kind)))


@cache
def asking(kind: type[Struct]) -> dict[str, str]:
    """The fields of a query that ask for a party, each by the parameter's name."""
    return {field.name: field.encode_name for field in msgspec.structs.fields(kind) if _asks(field.type)}


@cache
def loose(kind: type[Struct]) -> type[Struct]:
    """The same query, in which parties may be called by name."""
    asks = asking(kind)
    if not asks:
        return kind
    fields: list[Any] = []
    renamed = {}
    for field in msgspec.structs.fields(kind):
        renamed[field.name] = field.encode_name
        asked = Called | None if field.name in asks else field.type
        fields.append((field.name, asked) if field.required else (field.name, asked, field.default))
    made = msgspec.defstruct(
        kind.__name__, fields, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=renamed
    )
    made.__doc__ = kind.__doc__
    return made


async def parameters(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """The query parameters, parties by their ids.

    Raises what `bodies.parameters` raises, NoSuchName and SeveralAreCalledSo.
    """
    query = cast("type[Struct]", kind)
    asked = bodies.parameters(request, loose(query))
    if not (asks := asking(query)):
        return cast("T", asked)
    values = {field: getattr(asked, field) for field in asked.__struct_fields__}
    calls = {field: values[field] for field in asks if values[field] is not None}
    for field, words in list(calls.items()):
        if found := _ID.fullmatch(words):
            values[field] = UUID(found[1])
            del calls[field]
    if calls:
        values |= await _found(request, asked, calls, asks)
    return kind(**values)


async def _found(
    request: Request[Any, Any, Any], asked: Any, calls: dict[str, str], asks: dict[str, str]
) -> dict[str, UUID]:
    """The party that each name means, as of the times that are asked for."""
    registry: Registry = request.app.state.registry
    parameter = "on" if hasattr(asked, "on") else "as_of"
    on, known_at, cursor = (getattr(asked, name, None) for name in (parameter, "known_at", "cursor"))
    day, known = then.day(registry, on, parameter), None
    if on is not None or known_at is not None:
        tables = [f"{name}_known" for name in names.TABLES]
        day, known = await following.moment(request, tables, day, known_at, cursor)
    times = [f"{name}={time}" for name, time in ((parameter, on), ("known_at", known_at)) if time is not None]
    when = f" ({', '.join(times)})" if times else ""
    found = {}
    async with registry.connection() as connection:
        for field, words in calls.items():
            meant = await names.meant(connection, words, day, known)
            if not meant:
                raise NoSuchName(parameter=asks[field], name=words, when=when)
            if len(meant) > 1:
                told = ", ".join(f"{one.name} (parties/{one.id})" for one in meant[:TOLD])
                more = ", …" if len(meant) > TOLD else ""
                raise SeveralAreCalledSo(
                    parameter=asks[field], name=words, when=when, count=len(meant), parties=told + more
                )
            found[field] = meant[0].id
    return found
