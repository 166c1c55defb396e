"""Cursors: where a page ended, what was asked, and for which day and position, in letters, digits, - and _."""

import base64
import hashlib
from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from service.domain import errors
from service.domain.values import CLEAN

# What a cursor may hold as the value of a sort: no more than the column's type can, since anybody may write a cursor.
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Words = Annotated[str, Meta(max_length=1_000, pattern=CLEAN)]


class Pin(Struct, frozen=True, array_like=True):
    """What a cursor belongs to; and the day and the position of the first page, where two times were asked for."""

    mark: bytes
    day: date | None
    known: Number | None


class Behind(Pin, frozen=True, array_like=True):
    """How many rows came before a page."""

    value: Number


_ENCODE = msgspec.msgpack.Encoder(uuid_format="bytes").encode
P = TypeVar("P", bound=Struct)


def written(place: Struct) -> str:
    """A place in a list as a cursor."""
    return base64.urlsafe_b64encode(_ENCODE(place)).decode().rstrip("=")


def read(cursor: str, kind: type[P]) -> P:
    """The place that a cursor names. Raises errors.BadCursor, also for a NUL, which no text of PostgreSQL holds."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = msgspec.msgpack.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=kind)
    except (ValueError, msgspec.MsgspecError):
        raise errors.BadCursor("/cursor") from None
    if any(isinstance(value, str) and "\0" in value for value in msgspec.structs.astuple(place)):
        raise errors.BadCursor("/cursor")
    return place


def mark(*asked: Any) -> bytes:
    """What a cursor belongs to: all that was asked."""
    return hashlib.blake2b(msgspec.json.encode(asked), digest_size=8).digest()


def behind(cursor: str, mark: bytes) -> int:
    """Behind how many rows a cursor's page begins, which belongs to that mark. Raises errors.BadCursor."""
    found = read(cursor, Behind)
    if found.mark != mark:
        raise errors.BadCursor("/cursor")
    return found.value


def pinned(cursor: str) -> Pin:
    """The times of the first page, as its cursor has them. Raises errors.BadCursor."""
    return read(cursor, Pin)
