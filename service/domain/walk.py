"""A state built record by record, each at the cost of the parts that it touches.

`evolve` makes a whole state of a whole state, and copies what the event leaves alone: of a stream with ten thousand
clauses that is ten thousand entries an event. Here an event is given what it may look at: the parts that stand alone,
and of those kept by key its own. That no `evolve` looks further is a law of all deciders, which a test holds them to.
"""

from typing import Generic

from msgspec.structs import replace

from service.domain.decider import Attested, Decider, Event, Recorded, S
from service.domain.parts import touched
from service.domain.values import Part


class Walk(Generic[S]):
    """A state on its way through a stream's records, in the order in which these are applied."""

    def __init__(self, decider: Decider[S]) -> None:
        """Before the first record."""
        self.decider = decider
        initial = decider.initial
        held = {name: getattr(initial, name) for name in initial.__struct_fields__}
        self._keyed: dict[str, dict[str, Part]] = {name: {} for name, value in held.items() if isinstance(value, dict)}
        self._alone: S = replace(initial, **{name: {} for name in self._keyed})
        self._places: dict[int, list[str]] = {}
        self._given: dict[str, dict[str, Part]] = {}

    def around(self, event: Event) -> S:
        """As much of the state as an event may look at: what `evolve` changes of it, it would change of the whole."""
        state = self._alone
        names = self._places.get(event.attests, ()) if isinstance(event, Attested) else (event.part,)
        for name in names:
            field, slash, key = name.partition("/")
            if slash and (part := self._keyed[field].get(key)) is not None:
                state = replace(state, **{field: {**getattr(state, field), key: part}})
        return state

    def look(self, record: Recorded) -> list[tuple[str, Part | None]]:
        """What a record would set here: the parts by name, None for one that it takes away."""
        before = self.around(record.event)
        after = self.decider.evolve(before, record)
        return [(name, part) for name, _, part in touched(before, after)] if after is not before else []

    def step(self, record: Recorded) -> list[tuple[str, Part | None]]:
        """Apply a record; answers what it set."""
        changed = self.look(record)
        for name, part in changed:
            field, slash, key = name.partition("/")
            self._given.pop(field, None)
            if not slash:
                self._alone = replace(self._alone, **{field: part})
            elif part is None:
                del self._keyed[field][key]
            else:
                self._keyed[field][key] = part
                self._places.setdefault(record.sequence, []).append(name)
        return changed

    def state(self) -> S:
        """The state as it is by now. What no record has touched since the last time is the same object."""
        for name, parts in self._keyed.items():
            if name not in self._given:
                self._given[name] = dict(parts)
        return replace(self._alone, **self._given)
