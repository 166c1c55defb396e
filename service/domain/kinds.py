"""Of which kinds a thing is: a part a kind, each told by itself, so that another source adds one, or attests one.

A command tells several in `kinds`; each becomes an event of its own, with the field `kind` and the part
`kinds/<kind>`. A kind that does not hold is voided: it was never so.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import force_setattr

from service.domain.decider import Attested, Event
from service.domain.parts import attestations, says
from service.domain.values import Part


class Classified(Event, frozen=True, kw_only=True, gc=False):
    """The thing is of this kind, beside others that it may be of. Each aggregate has its own, and its own kinds."""

    timeless = True
    kind: str

    @property
    def part(self) -> str:
        """One part a kind."""
        return f"kinds/{self.kind}"


def as_set(fact: Any) -> None:
    """Keep a command's kinds, which say which and not in which order, sorted and without repetition."""
    if says(fact.kinds):
        force_setattr(fact, "kinds", tuple(sorted(set(fact.kinds))))


def classifying(
    known: Mapping[str, Part], command: Any, classified: Callable[..., Event], attested: type[Attested]
) -> list[Event]:
    """The events of a command's kinds: those that are new, and attestations of those that are known."""
    said = {name: getattr(command, name) for name in ("basis", "note", "citations")}
    events: list[Event] = []
    for kind in command.kinds:
        held = known.get(kind)
        events += [classified(kind=kind, **said)] if held is None else attestations(attested, held, (), command)
    return events
