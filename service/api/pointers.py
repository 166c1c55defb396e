"""Where a part of a state stands in an answer, as JSON Pointers (RFC 6901).

An answer shows the header as the thing itself, the steps of a life under their own names, and what a state keeps by key
as lists. A list's index moves when something is recorded before it; in its place a pointer may have the part's key,
which stays: `/clauses/<id>/text`. A key that reads like an index is written `key=1`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from service.domain.decider import State
from service.domain.history import Told
from service.domain.places import inside, lasting, named, shown


def said(part: Struct) -> Iterator[str]:
    """The fields in which a part says something, its sources left aside."""
    return inside(part, (name for name in part.__struct_fields__ if name not in {"sources", "step"}))


def content(name: str, part: Struct) -> dict[str, Any]:
    """What a part says, as an answer shows it, without its sources."""
    return {named(name, field): msgspec.to_builtins(getattr(part, field)) for field in said(part)}


# --- Pointers that come in --------------------------------------------------------------------------------------------

NOTHING: Final = object()
"""What a pointer leads to that leads nowhere."""


def under(place: str, pointer: str) -> bool:
    """Whether a place is the one that a pointer leads to, or lies within it."""
    return place == pointer or place.startswith(f"{pointer}/")


def resolved(value: Any, pointer: str) -> Any:
    """What a pointer leads to (RFC 6901, section 4), or NOTHING."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, (list, tuple)) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return NOTHING
    return value


_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def field_of(told: Told, pointer: str) -> str | None:
    """The field of a part that a pointer into it leads to or into, None where the part has none of that name."""
    name = pointer.split("/")[1] if pointer else ""
    fields = told.value.__struct_fields__ if told.value is not None else ()
    return next((field for field in fields if named(told.part, field) == name and field != "sources"), None)


def kept(state: State, pointer: str) -> str:
    """A pointer into the answer of a state with the part's key in the place of an index: its lasting form."""
    _, *steps = pointer.split("/")
    if len(steps) < 2 or not _INDEX.fullmatch(steps[1]):
        return pointer
    place = f"/{steps[0]}/{steps[1]}"
    for field in (steps[0], "steps"):
        for name, shown_at, _ in shown(state, field):
            if shown_at == place:
                return lasting(name) + pointer[len(place) :]
    return pointer
