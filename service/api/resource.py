"""What all kinds of things have in common over HTTP: how a state is shown, and where in it a part stands."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain import places
from service.domain.decider import Command, Decider
from service.domain.folding import Folded
from service.domain.places import P, ordered
from service.domain.uncertainty import uncertain


class Pending(Struct, frozen=True, kw_only=True):
    """An event that is recorded and takes effect on a later day."""

    sequence: int
    type: str
    effective: date
    data: Any


class Shown(Struct, frozen=True, kw_only=True):
    """A stream as it is shown on a day: the state that holds, what takes effect later, and what may not hold yet.

    `uncertain` are the pointers to what rests on a date that the day lies within. `known_at` is the position of the log
    up to which it is known, None for all of it.
    """

    id: UUID
    version: int
    state: Any
    day: date
    known_at: int | None = None
    pending: list[Pending]
    uncertain: list[str]
    depends: bool
    """Whether another day would show something else of the same version."""


class Way(Struct, frozen=True):
    """A command and its path under the resource: a noun, or a verb after a colon.

    A name in braces is a field of the command that the path gives instead of the body. What was unknown of a part is
    told by the command that recorded it, sent again: there is no path of its own for describing parts. `makes` tells
    the id of the part that the command makes on the thing with an id, where parts of its kind have ids of their own.
    """

    path: str
    command: type[Command]
    makes: Callable[[UUID, Any], UUID] | None = None


class Resource(Struct, frozen=True, kw_only=True):
    """A kind of thing over HTTP.

    `view` makes the answer, a `shape`, of what is shown; `lists` are those of its fields that `as_kept` makes; `steps`
    tells that the state's steps are fields of the answer under their own names; `expires` gives the last day of a state
    that time alone ends; `expands` names what can be added.
    """

    decider: Decider[Any]
    shape: type[Struct]
    view: Callable[[Shown], Struct]
    lists: tuple[str, ...] = ()
    register: type[Command]
    ways: tuple[Way, ...]
    expires: Callable[[Any], date | None] = lambda _: None
    expands: tuple[str, ...] = ("citations", "parties")

    @property
    def name(self) -> str:
        """The name in paths and subjects."""
        return self.decider.category


def show(resource: Resource, id: UUID, folded: Folded[Any], day: date, known_at: int | None = None) -> Shown | None:
    """What there is to show of a stream on `day`; None where nothing is registered, or its registration was voided."""
    state = folded.at(resource.decider, day)
    pending = [
        Pending(sequence=record.sequence, type=record.event.type, effective=later, data=record.event)
        for later, record in folded.pending
        if later > day
    ]
    if state.header is None:
        return None
    open_ = uncertain(resource.decider, state, day)
    return Shown(
        id=id,
        version=folded.version,
        state=state,
        day=day,
        known_at=known_at,
        pending=pending,
        uncertain=open_,
        depends=bool(pending) or bool(open_) or resource.expires(state) is not None,
    )


def tag(shown: Shown) -> str:
    """The strong entity tag: the version, with the day where the answer depends on it."""
    return f'"{shown.version}-{shown.day}"' if shown.depends else f'"{shown.version}"'


def listed(parts: Mapping[str, P]) -> list[P]:
    """Parts in the order in which they were first recorded."""
    return [part for _, part in ordered(parts)]


def as_kept(state: Any, names: Iterable[str]) -> dict[str, Any]:
    """Fields of an answer that list parts as the state keeps them, under the same names."""
    return {name: listed(getattr(state, name)) for name in names}


def steps(kind: type[Struct], held: Mapping[str, Any]) -> dict[str, Any]:
    """Steps of a life as fields of an answer: what the state calls `effective` is the step's `date`.

    A step that can be taken several times, such as `split:<key>`, stands in a list, `splits`.
    """
    shown: dict[str, Any] = {}
    for name, step in ordered(held):
        fields = {field: getattr(step, field) for field in kind.__struct_fields__ if field != "date"}
        one, (sort, several, _) = kind(date=step.effective, **fields), name.partition(":")
        if several:
            shown.setdefault(f"{sort}s", []).append(one)
        else:
            shown[name] = one
    return shown


def find(resource: Resource, shown: Shown, part: str, sequences: Iterable[int]) -> tuple[str | None, Any]:
    """The JSON Pointer to a part in the answer, or to the pending event among `sequences` that will set it; and that.

    The header is the answer itself. None where the part is gone. The answer is made only for what it alone has.
    """
    waiting = set(sequences)
    for index, later in enumerate(shown.pending):
        if later.sequence in waiting:
            return f"/pending/{index}", later
    try:
        pointer = places.pointer(shown.state, part)
    except KeyError:
        return None, None
    field, _, key = part.partition("/")
    if field in resource.lists:
        return pointer, getattr(shown.state, field)[key]
    return pointer, at(resource.view(shown), pointer)


def at(answer: Struct, pointer: str) -> Any:
    """The value in an answer that a pointer leads to."""
    value: Any = answer
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else getattr(value, step)
    return value


ENCODE = msgspec.json.Encoder().encode
