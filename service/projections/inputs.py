"""What a table's rows are made of, so that an event makes those rows anew that it may have changed, and no others."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from service.domain.parts import Touched

Key = tuple[Any, ...]
"""Of what a row says something, within its stream: a party, a code; `()` where that is the stream itself."""


class Inputs(Struct, frozen=True, kw_only=True, dict=True):
    """Of which fields of a state the rows are made.

    Of those in `every` each part may change any row. Of those in `some` it matters only whether there is a part of
    which the function says yes. Of those in `keys` a part may change the rows of the keys alone that it speaks of, and
    what a state says of a key is the same without the parts that don't speak of it. A key may be the beginning of those
    of several rows: of the same number of columns for all parts. Of those in `own` no two parts speak of the same key.
    """

    every: frozenset[str] = frozenset()
    some: Mapping[str, Callable[[Any], bool]] = {}
    keys: Mapping[str, Callable[[Any], Iterable[Key]]] = {}
    own: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> frozenset[str]:
        """All of them."""
        return frozenset({*self.every, *self.some, *self.keys})

    @cached_property
    def first(self) -> frozenset[str]:
        """Those without which nothing is told: where all rows are those of keys, what speaks of them."""
        return frozenset(self.keys) if self.keys and not self.every else self.fields

    def concerned(self, changed: Iterable[Touched]) -> set[Key] | None:
        """The keys of which two states may say otherwise that differ in these parts; None: any key."""
        found: set[Key] = set()
        for name, old, new in changed:
            field = name.partition("/")[0]
            if field in self.every:
                return None
            if (counts := self.some.get(field)) is not None:
                if (old is not None and counts(old)) != (new is not None and counts(new)):
                    return None
            elif (of := self.keys.get(field)) is not None:
                found.update(of(old) if old is not None else (), of(new) if new is not None else ())
        return found

    def narrowed(self, state: Any, keys: set[Key], changed: Iterable[Touched]) -> Any:
        """As much of a state as says something of these keys, which are those that the changed parts speak of."""
        fields: dict[str, dict[str, Any]] = {}
        for field, of in self.keys.items():
            held = getattr(state, field, None)
            if isinstance(held, dict) and field in self.own:
                names = (own for name, _, _ in changed for at, _, own in (name.partition("/"),) if at == field)
                fields[field] = {own: held[own] for own in names if own in held}
            elif isinstance(held, dict):
                fields[field] = {name: part for name, part in held.items() if not keys.isdisjoint(of(part))}
        return replace(state, **fields)


def exists(_: Any) -> bool:
    """Of a part that matters only by being there."""
    return True
