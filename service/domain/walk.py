"""A state built record by record, each at the cost of the parts that it touches.

`evolve` makes a whole state of a whole state, and copies what the event leaves alone: of a stream with ten thousand
clauses that is ten thousand entries an event. Here an event is given what it may look at: the parts that stand alone,
and of those kept by key its own. That no `evolve` looks further is a law of all deciders, which a test holds them to.
"""

from typing import Any, Generic

from service.domain.decider import Attested, Decider, Event, Recorded, S
from service.domain.parts import touched
from service.domain.values import Part


class Walk(Generic[S]):
    """A state on its way through a stream's records, in the order in which these are applied."""

    def __init__(self, decider: Decider[S]) -> None:
        """Before the first record."""
        self.decider = decider
        initial = decider.initial
        self._held: dict[str, Any] = {name: getattr(initial, name) for name in initial.__struct_fields__}
        self._keyed = {name: dict(value) for name, value in self._held.items() if isinstance(value, dict)}
        self._places: dict[int, list[str]] = {}
        self._given: dict[str, dict[str, Part]] = {}

    def around(self, event: Event) -> S:
        """As much of the state as an event may look at: what `evolve` changes of it, it would change of the whole."""
        held = self._held | dict.fromkeys(self._keyed, _NONE)
        names = self._places.get(event.attests, ()) if isinstance(event, Attested) else (event.part,)
        for name in names:
            field, slash, key = name.partition("/")
            if slash and (part := self._keyed.get(field, _NONE).get(key)) is not None:
                held[field] = {**held[field], key: part}
        return type(self.decider.initial)(**held)

    def step(self, record: Recorded) -> list[tuple[str, Part | None]]:
        """Apply one record; answers the parts that it set, by name, None for one that it took away."""
        before = self.around(record.event)
        after = self.decider.evolve(before, record)
        changed = [(name, part) for name, _, part in touched(before, after)] if after is not before else []
        for name, part in changed:
            field, slash, key = name.partition("/")
            self._given.pop(field, None)
            if not slash:
                self._held[field] = part
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
        return type(self.decider.initial)(**self._held | self._given)


_NONE: dict[str, Part] = {}
