"""What one table says of one stream, event by event, at the cost of what each event touches."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from service.domain.decider import Recorded, Ref, State
from service.domain.parts import Touched
from service.domain.values import Part
from service.domain.walk import Walk
from service.projections.inputs import Inputs, Key
from service.projections.spans import Edge, Line, Told, clipped, joined, kept

if TYPE_CHECKING:
    from service.projections.bitemporal import Bitemporal

SHORT = 32
"""Of a stream of so many events all rows are made anew sooner than it is found out which parts speak of which key."""


class Telling:
    """What a table tells of a stream; of a long one also its `Speaking`."""

    __slots__ = ("_ref", "_speaking", "_table", "told")

    def __init__(self, table: "Bitemporal", ref: Ref) -> None:
        """A stream without events."""
        self.told: Told = {}
        self._table = table
        self._ref = ref
        self._speaking: Speaking | None = None

    def go(
        self, changed: Sequence[Touched], cut: date, records: Sequence[Recorded], walk: Walk[Any]
    ) -> list[tuple[Key, Line, Line]]:
        """Go on by events in their order, which change these parts from the day `cut` on, and led the walk to its end.

        Answers of each key of which something else is told now the spans that are gone, and those in their place.
        """
        return self._tell(self.further(changed, cut, records, walk))

    def whole(self, edges: Sequence[Edge], walk: Walk[Any]) -> None:
        """Tell of all days of a stream without events, to which the walk has been."""
        for edge in edges:
            if len(edges) > 1 and self._speaking is None and self._table.inputs is not None:
                self._speaking = Speaking(self._table.inputs, walk.decider.initial)
            self.go(edge.changed, edge.starts, edge.records, walk)
        if len(walk) <= SHORT:
            self._speaking = None

    def _tell(self, found: dict[Key, tuple[int, Line]]) -> list[tuple[Key, Line, Line]]:
        replaced = []
        for key, (first, tail) in found.items():
            line = self.told.setdefault(key, [])
            replaced.append((key, line[first:], tail))
            line[first:] = tail
            if not line:
                del self.told[key]
            if self._speaking is not None:
                self._speaking.note(key, there=bool(line))
        return replaced

    def further(
        self,
        changed: Sequence[Touched],
        cut: date,
        records: Sequence[Recorded],  # noqa: ARG002 -- what they cite is told of other days too
        walk: Walk[Any],
    ) -> dict[Key, tuple[int, Line]]:
        """Of each key of which something else is told then: from which of its spans on, and what stands there."""
        inputs, speaking = self._table.inputs or NOTHING, self._speaking
        if speaking is not None:
            keys = speaking.take(changed)
        else:
            keys = inputs.concerned(changed)
            if len(walk) > SHORT:
                speaking = self._speaking = Speaking(inputs, walk.decider.initial)
                speaking.take(walk.held(inputs.fields))
                for key in self.told:
                    speaking.note(key, there=True)
        if keys is not None and not keys:
            return {}
        asked: Iterable[Key] = self.told
        if speaking is None and keys is not None:
            width = len(next(iter(keys)))
            state = inputs.narrowed(walk.now(), keys, changed)
            lines = self._table.lines(self._ref, state, cut)
            fresh = {key: line for key, line in lines.items() if key[:width] in keys}
            asked = [key for key in self.told if key[:width] in keys]
        elif speaking is None:
            fresh = self._table.lines(self._ref, walk.now(), cut)
        elif keys is None or len(keys) >= len(speaking):
            fresh = self._table.lines(self._ref, speaking.state, cut)
        else:
            fresh = {}
            for one in keys:
                lines = self._table.lines(self._ref, speaking.around(one), cut)
                fresh.update((key, line) for key, line in lines.items() if key[: len(one)] == one)
            asked = [key for one in keys for key in speaking.beginning(one)]
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


NOTHING = Inputs()


class Speaking:
    """The parts of a stream's newest state that a table's rows are made of, and which of them speak of a key."""

    __slots__ = ("_beginning", "_inputs", "_keyed", "_speaking", "state")

    def __init__(self, inputs: Inputs, initial: State) -> None:
        """A stream without events."""
        self.state: Any = initial
        self._inputs = inputs
        self._keyed: dict[str, dict[str, Part]] = {}
        self._speaking: dict[Key, dict[str, Part]] = {}
        self._beginning: dict[Key, set[Key]] = {}

    def __len__(self) -> int:
        """How many keys any part has spoken of."""
        return len(self._speaking)

    def note(self, key: Key, *, there: bool) -> None:
        """Keep the keys of which something is told by how they begin."""
        if not self._speaking:
            return
        begins = key[: len(next(iter(self._speaking)))]
        if there:
            self._beginning.setdefault(begins, set()).add(key)
        elif (keys := self._beginning.get(begins)) is not None:
            keys.discard(key)

    def beginning(self, key: Key) -> Iterable[Key]:
        """The keys of which something is told and that begin like this one."""
        return self._beginning.get(key, ())

    def take(self, changed: Iterable[Touched]) -> set[Key] | None:
        """Take the parts over that matter here; answers the keys whose rows they may change, None for any."""
        inputs, keys, every = self._inputs, set[Key](), False
        for name, _, part in changed:
            field, slash, own = name.partition("/")
            if field in inputs.every:
                every = True
                self._put(field, own if slash else None, part)
            elif (counts := inputs.some.get(field)) is not None:
                had = bool(getattr(self.state, field))
                self._put(field, own if slash else None, part if part is not None and counts(part) else None)
                every |= had != bool(getattr(self.state, field))
            elif (of := inputs.keys.get(field)) is not None:
                held = self._keyed[field].get(own) if field in self._keyed else None
                self._put(field, own, part)
                keys.update(self._spoken(name, of(held) if held is not None else (), None))
                keys.update(self._spoken(name, of(part) if part is not None else (), part))
        return None if every else keys

    def _put(self, field: str, own: str | None, part: Part | None) -> None:
        if own is None:
            self.state = replace(self.state, **{field: part})
        elif part is not None:
            if field not in self._keyed:
                self._keyed[field] = {}
                self.state = replace(self.state, **{field: self._keyed[field]})
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

    def around(self, key: Key) -> Any:
        """As much of the state as says something of the key."""
        fields: dict[str, dict[str, Part]] = {field: {} for field in self._inputs.keys if field in self._keyed}
        for name, part in self._speaking.get(key, {}).items():
            field, _, own = name.partition("/")
            fields[field][own] = part
        return replace(self.state, **fields)
