"""What one table says of one stream, event by event, at the cost of what each event touches."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from service.domain.decider import Recorded, Ref, State
from service.domain.parts import Touched
from service.domain.values import Part
from service.projections.inputs import Inputs, Key
from service.projections.spans import Line, Told, clipped, joined, kept

if TYPE_CHECKING:
    from service.projections.bitemporal import Bitemporal


FEW = 4
"""So many keys are told of anew sooner than the parts are found that speak of one of them."""


class Telling:
    """What a table tells of a stream, and those parts of the newest state that its rows are made of.

    Beside them stands which parts speak of a key: where an event touches parts of `keys`, the rows of these keys are
    made anew, of the parts that speak of them.
    """

    __slots__ = ("_beginning", "_inputs", "_keyed", "_ref", "_speaking", "_state", "_table", "told")

    def __init__(self, table: "Bitemporal", ref: Ref, initial: State) -> None:
        """A stream without events."""
        self.told: Told = {}
        self._table = table
        self._ref = ref
        self._inputs = table.inputs or Inputs()
        self._keyed: dict[str, dict[str, Part]] = {}
        self._state: Any = initial
        self._speaking: dict[Key, dict[str, Part]] = {}
        self._beginning: dict[Key, set[Key]] = {}

    def go(self, changed: Sequence[Touched], cut: date, records: Sequence[Recorded]) -> list[tuple[Key, Line, Line]]:
        """Go on by events in their order, which change these parts from the day `cut` on.

        Answers of each key of which something else is told now the spans that are gone, and those in their place.
        """
        replaced = []
        for key, (first, tail) in self.further(changed, cut, records).items():
            line = self.told.setdefault(key, [])
            replaced.append((key, line[first:], tail))
            line[first:] = tail
            if not line:
                del self.told[key]
            self._note(key, there=bool(line))
        return replaced

    def further(
        self,
        changed: Sequence[Touched],
        cut: date,
        records: Sequence[Recorded],  # noqa: ARG002 -- what they cite is told of other days too
    ) -> dict[Key, tuple[int, Line]]:
        """Of each key of which something else is told then: from which of its spans on, and what stands there."""
        keys = self._take(changed)
        if not self._speaking if keys is None and self._by_key else keys is not None and not keys:
            return {}
        asked: Iterable[Key] = self.told
        if keys is None or len(self._speaking) <= max(len(keys), FEW):
            fresh = self._table.lines(self._ref, self._state, cut)
        else:
            fresh = {}
            for one in keys:
                lines = self._table.lines(self._ref, self._around(one), cut)
                fresh.update((key, line) for key, line in lines.items() if key[: len(one)] == one)
            asked = [key for one in keys for key in self._beginning.get(one, ())]
        found = {}
        for key in asked:
            if key not in fresh and (line := self.told.get(key)) is not None:
                first = kept(line, cut)
                tail = list(clipped(line[first:], cut))
                if tail != line[first:]:
                    found[key] = (first, tail)
        for key, tail in fresh.items():
            line = self.told.get(key)
            if line is None:
                found[key] = (0, tail)
            elif len(tail) > 1 or line[-1][2] != tail[0][2] or line[-1][1] != date.max or line[-1][0] > cut:
                first = kept(line, cut)
                whole = joined([*clipped(line[first:], cut), *tail])
                if whole != line[first:]:
                    found[key] = (first, whole)
        return found

    @property
    def _by_key(self) -> bool:
        """Whether there are no rows but those that parts speak of."""
        return bool(self._inputs.keys) and not self._inputs.every

    def _note(self, key: Key, *, there: bool) -> None:
        """Keep the keys of which something is told by how they begin."""
        if not self._speaking:
            return
        begins = key[: len(next(iter(self._speaking)))]
        if there:
            self._beginning.setdefault(begins, set()).add(key)
        elif (keys := self._beginning.get(begins)) is not None:
            keys.discard(key)

    def _take(self, changed: Iterable[Touched]) -> set[Key] | None:
        """Take the parts over that matter here; answers the keys whose rows they may change, None for any."""
        inputs, keys, every = self._inputs, set[Key](), False
        for name, _, part in changed:
            field, slash, own = name.partition("/")
            if field in inputs.every:
                every = True
                self._put(field, own if slash else None, part)
            elif (counts := inputs.some.get(field)) is not None:
                had = bool(getattr(self._state, field))
                self._put(field, own if slash else None, part if part is not None and counts(part) else None)
                every |= had != bool(getattr(self._state, field))
            elif (of := inputs.keys.get(field)) is not None:
                held = self._keyed[field].get(own) if field in self._keyed else None
                self._put(field, own, part)
                keys.update(self._spoken(name, of(held) if held is not None else (), None))
                keys.update(self._spoken(name, of(part) if part is not None else (), part))
        return None if every else keys

    def _put(self, field: str, own: str | None, part: Part | None) -> None:
        if own is None:
            self._state = replace(self._state, **{field: part})
        elif part is not None:
            if field not in self._keyed:
                self._keyed[field] = {}
                self._state = replace(self._state, **{field: self._keyed[field]})
            self._keyed[field][own] = part
        elif field in self._keyed:
            self._keyed[field].pop(own, None)

    def _spoken(self, name: str, keys: Iterable[Key], part: Part | None) -> list[Key]:
        """Note that a part speaks of these keys, or, where it is None, that it does no more."""
        keys = list(keys)
        for key in keys:
            speaking = self._speaking.setdefault(key, {})
            if part is not None:
                speaking[name] = part
            else:
                speaking.pop(name, None)
        return keys

    def _around(self, key: Key) -> Any:
        """As much of the state as says something of the key."""
        fields: dict[str, dict[str, Part]] = {field: {} for field in self._inputs.keys if field in self._keyed}
        for name, part in self._speaking.get(key, {}).items():
            field, _, own = name.partition("/")
            fields[field][own] = part
        return replace(self._state, **fields)
