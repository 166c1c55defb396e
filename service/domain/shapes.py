"""What the data of an event looks like, and looked like: stored shapes are for ever, each with its number.

To change the shape of an event's data:

1. Copy its struct as it stands under a name with the shape's number, `Signed1(Fact, ...)`, into the same file; where a
   value that it is made of (`PrintedName`, say) is what changes, copy that too. Copies are read with, never written.
2. Give the event the fields that it should have, `shape = 2`, and `formerly = (Former(Signed1, signed_2),)`, where
   `signed_2` makes the new data of the old. A third shape appends to `formerly`; each function goes to the next shape.
3. Add the new golden file, `agreement.signed.2.json`; those of the earlier shapes stay, and are read in a test.

From then on every line is read as the newest shape, wherever it is read; `decide` and `evolve` know no other. Only the
newest is written: by commands, and by a correction, which restates an event of an old shape in the new one. Lines that
are copied (import, mirrors) keep their bytes. Where states changed as well, their projection's version does.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Protocol

import msgspec
from msgspec import Raw

from service.domain.decider import Event, Fact


class Reads(Protocol):
    """Reads an event's data, of one type and shape, which it has as `type`."""

    @property
    def type(self) -> Any:
        """The struct that is stored."""

    def decode(self, data: bytes | Raw, /) -> Any:
        """The event, in its newest shape. Raises msgspec's errors for what has not the shape."""


@cache
def dataschema(type: str, shape: int) -> str:
    """The name of a shape: `urn:mengfu:schema:<type>:<shape>`."""
    return f"urn:mengfu:schema:{type}:{shape}"


def shapes(event: type[Event]) -> Iterator[tuple[int, type[Fact]]]:
    """Every shape of an event's data with its number, the newest last."""
    data = [former.data for former in event.formerly]
    if event.shape != len(data) + 1:
        raise TypeError(f"{event.type} has the shape {event.shape}, but {len(data)} earlier ones")
    yield from enumerate([*data, event], start=1)


class Upcasting:
    """Reads a former shape, and takes it through all later ones."""

    def __init__(self, data: type[Fact], steps: Iterable[Callable[[Any], Fact]]) -> None:
        """`steps` lead from that shape to the newest."""
        self.type = data
        self.steps = tuple(steps)
        self._decoder = msgspec.json.Decoder(data)

    def decode(self, data: bytes | Raw, /) -> Fact:
        """The event, in its newest shape."""
        fact: Fact = self._decoder.decode(data)
        for step in self.steps:
            fact = step(fact)
        return fact


def decoders(events: Iterable[type[Event]]) -> dict[str, Reads]:
    """How the data of each type and shape is read, by the shape's name."""
    found: dict[str, Reads] = {}
    for event in events:
        for number, data in shapes(event):
            steps = [former.upcast for former in event.formerly[number - 1 :]]
            found[dataschema(event.type, number)] = Upcasting(data, steps) if steps else msgspec.json.Decoder(data)
    return found
