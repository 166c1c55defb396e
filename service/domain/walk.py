"""A state built record by record, each at the cost of the parts that it touches.

`evolve` makes a whole state of a whole state, and copies what the event leaves alone: of a stream with ten thousand
clauses that is ten thousand entries an event. Here an event is given what it may look at: the parts that stand alone,
and of those kept by key its own. That no `evolve` looks further is a law of all deciders, which a test holds them to.
"""

from collections.abc import Iterable
from functools import cache
from typing import Generic

from msgspec.structs import replace

from service.domain.decider import Attested, Decider, Event, Recorded, S, State
from service.domain.parts import Touched, differing, part_of, touched
from service.domain.values import Part


@cache
def keyed(kind: type[State]) -> tuple[str, ...]:
    """The fields of a state that hold parts by key."""
    initial = kind()
    return tuple(name for name in kind.__struct_fields__ if isinstance(getattr(initial, name), dict))


NONE: dict[str, Part] = {}
"""No parts, wherever there are none; never changed."""


FEW = 32
"""Parts of a field that are copied sooner than left out."""


def own(state: S, event: Event) -> S:
    """As much of a state as an event may look at, unless it attests: what stands alone, and the part that it is about.

    What the event changes of it, it changes of the state: which is given whole where the event has few parts beside it.
    """
    field, _, key = event.part.partition("/")
    held = getattr(state, field, None)
    if not isinstance(held, dict) or len(held) <= FEW:
        return state
    alone: dict[str, dict[str, Part]] = dict.fromkeys(keyed(type(state)), NONE)
    if (part := held.get(key)) is not None:
        alone[field] = {key: part}
    return replace(state, **alone)


def written(decider: Decider[S], state: S, record: Recorded, after: S) -> set[str]:
    """The names of the parts that a record sets or takes away, applied to that state, `after` it; unless it attests."""
    before = own(state, record.event)
    if before is not state:
        after = decider.evolve(before, record)
    return {name for name, _, _ in touched(before, after)}


def joined(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    """The names of both, None where either isn't known."""
    return None if one is None or other is None else one | other


def between(before: S, after: S, names: Iterable[str] | None) -> list[Touched]:
    """The parts that differ between two states of a stream, which are among those named.

    None: everything is compared, by value, since it may all have been made anew.
    """
    if names is None:
        return [one for one in touched(before, after) if one[1] != one[2]]
    pairs = ((name, part_of(before, name), part_of(after, name)) for name in names)
    return [(name, old, new) for name, old, new in pairs if old is not new]


class Walk(Generic[S]):
    """A state on its way through a stream's records, in the order in which these are applied."""

    __slots__ = ("_alone", "_given", "_keyed", "_places", "_steps", "decider")

    def __init__(self, decider: Decider[S]) -> None:
        """Before the first record."""
        self.decider = decider
        self._keyed: dict[str, dict[str, Part]] = {}
        self._alone: S = decider.initial
        self._places: dict[int, tuple[str, ...]] = {}
        self._steps = 0
        self._given: dict[str, dict[str, Part]] = {}

    def around(self, event: Event) -> S:
        """As much of the state as an event may look at: what `evolve` changes of it, it would change of the whole."""
        state = self._alone
        names = self._places.get(event.attests, ()) if isinstance(event, Attested) else (event.part,)
        for name in names:
            field, slash, key = name.partition("/")
            if slash and (part := self._keyed.get(field, NONE).get(key)) is not None:
                state = replace(state, **{field: {**getattr(state, field), key: part}})
        return state

    def look(self, record: Recorded) -> list[Touched]:
        """The parts that a record would change here."""
        before = self.around(record.event)
        after = self.decider.evolve(before, record)
        if after is before:
            return []
        found: list[Touched] = []
        for field in differing(before, after):
            old, new = getattr(before, field), getattr(after, field)
            if not isinstance(new, dict):
                found.append((field, old, new))
                continue
            # What an event writes without looking at it stands in the walk, and not around the event.
            held = self._keyed.get(field, NONE)
            found += [(f"{field}/{key}", held.get(key), part) for key, part in new.items() if old.get(key) is not part]
            found += [(f"{field}/{key}", part, None) for key, part in old.items() if key not in new]
        return found

    def step(self, record: Recorded) -> list[Touched]:
        """Apply a record; answers what it changed."""
        changed = self.look(record)
        for name, _, part in changed:
            field, slash, key = name.partition("/")
            self._given.pop(field, None)
            if not slash:
                self._alone = replace(self._alone, **{field: part})
            elif part is None:
                del self._keyed[field][key]
            else:
                if field not in self._keyed:
                    self._keyed[field] = {}
                self._keyed[field][key] = part
                self._places[record.sequence] = (*self._places.get(record.sequence, ()), name)
        self._steps += 1
        return changed

    def __len__(self) -> int:
        """How many records have been applied."""
        return self._steps

    def now(self) -> S:
        """The state as it is now, to be looked at before the next step, which changes it."""
        return replace(self._alone, **self._keyed)

    def held(self, fields: Iterable[str]) -> list[Touched]:
        """The parts of some fields, as if all of them had come just now."""
        found: list[Touched] = []
        for field in fields:
            if field in self._keyed:
                found += [(f"{field}/{key}", None, part) for key, part in self._keyed[field].items()]
            elif (part := getattr(self._alone, field, None)) is not None and not isinstance(part, dict):
                found.append((field, None, part))
        return found

    def state(self) -> S:
        """The state as it is by now. What no record has touched since the last time is the same object."""
        for name, parts in self._keyed.items():
            if name not in self._given:
                self._given[name] = dict(parts)
        return replace(self._alone, **self._given)
