"""Where a part of a state stands in an answer, as a JSON Pointer (RFC 6901): with its index, or for ever with its key.

An answer shows the header as the thing itself, the steps of a life under their own names, and what a state keeps by key
as lists, in the order in which their parts were first recorded. A list's index moves when something is recorded before
it; in its place a pointer may have the part's key, which stays: `/clauses/<id>/text`. A key that reads like an index is
written `key=1`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from service.domain.decider import State
from service.domain.values import Part

P = TypeVar("P", bound=Part)

_LIKE_AN_INDEX = re.compile(r"[0-9]+|key=.*", re.DOTALL)


def _first(part: Part) -> int:
    """The position of the part's first source, 0 where it has none."""
    return part.sources[0].sequence if part.sources else 0


def ordered(parts: Mapping[str, P]) -> list[tuple[str, P]]:
    """Parts with their keys, in the order in which they were first recorded."""
    return sorted(parts.items(), key=lambda item: (_first(item[1]), item[0]))


def shown(state: State, field: str) -> Iterator[tuple[str, str, Part]]:
    """The parts of one field of a state: the name of each, the pointer to it in the answer, the part."""
    held = getattr(state, field, None)
    if isinstance(held, Mapping):
        counted: dict[str, int] = {}
        for key, part in ordered(held):
            sort, several, _ = key.partition(":") if field == "steps" else (field, ":", "")
            if not several:
                yield f"{field}/{key}", f"/{key}", part
                continue
            name = f"{sort}s" if field == "steps" else field
            index = counted[name] = counted.get(name, -1) + 1
            yield f"{field}/{key}", f"/{name}/{index}", part
    elif held is not None:
        yield field, "" if field == "header" else f"/{field}", held


def pointer(state: State, part: str) -> str:
    """The pointer to one part in the answer, by its name in the state. Nothing is sorted. KeyError where it is gone."""
    field, _, key = part.partition("/")
    held = getattr(state, field, None)
    if field == "steps" or not isinstance(held, Mapping):
        return {name: found for name, found, _ in shown(state, field)}[part]
    one = held[key]
    first = _first(one)
    before = [
        other for other, each in held.items() if (since := _first(each)) < first or (since == first and other < key)
    ]
    return f"/{field}/{len(before)}"


def named(part: str, field: str) -> str:
    """What an answer calls a field of a part: a step's `effective` is its `date`."""
    return "date" if field == "effective" and part.startswith("steps/") else field


def inside(part: Struct, fields: Iterable[str]) -> Iterator[str]:
    """Those fields of a part that an answer shows: what says nothing is left out of it, save in the thing itself."""
    defaults = dict(zip(reversed(part.__struct_fields__), reversed(part.__struct_defaults__), strict=False))
    for field in fields:
        if field not in defaults or getattr(part, field) != defaults[field]:
            yield field


def escaped(name: str) -> str:
    """A name as a pointer has it (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def lasting(part: str) -> str:
    """The pointer to a part, by its name in the state, that stays the same whatever is recorded beside it."""
    field, slash, key = part.partition("/")
    if not slash:
        return "" if field == "header" else f"/{field}"
    if field == "steps":
        field, several, key = key.partition(":")
        if not several:
            return f"/{field}"
        field += "s"
    return f"/{field}/{escaped(f'key={key}' if _LIKE_AN_INDEX.fullmatch(key) else key)}"
