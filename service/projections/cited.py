"""Which words of a document does which fact rest on? Each citation of each fact that stands, by the event that says it.

What an event says stays said, whatever becomes of its part: the words of a clause that was amended since are taken up
all the same. So a row is of an event, not of a state: it holds from the day since which the event does, and for ever;
it is known until the event is voided, or corrected to one that cites other words.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from service.domain.catalogue import DECIDERS
from service.domain.decider import Attested, Event, Recorded, Ref, own
from service.domain.parts import Touched, says
from service.domain.references import citations
from service.domain.values import WIDE, Citation
from service.domain.walk import Walk
from service.projections import Row
from service.projections.bitemporal import Bitemporal, bitemporal
from service.projections.inputs import Key
from service.projections.spans import Line
from service.projections.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ENCODE = msgspec.json.Encoder().encode


def place(citation: Citation) -> tuple[int, int, str]:
    """Where a citation points: a span and no words; or, without text, no span and the locator as JSON."""
    if citation.locator is not None:
        return 0, 0, _ENCODE(citation.locator).decode()
    return citation.start or 0, citation.end or 0, ""


def fields(event: Event) -> str:
    """What an event says, with commas between: the fields of its data beside the words that it rests on."""
    return ",".join([name for name in own(event) if says(getattr(event, name))])


class Facts:
    """The facts of a stream as they are told one after another: an attestation speaks of the part that it attests."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        """None yet."""
        self._told: dict[int, tuple[str, str]] = {}

    def rows(self, ref: Ref, record: Recorded) -> "Iterable[tuple[Key, Row]]":
        """What one more fact cites. An attestation of what does not stand says nothing."""
        event = record.event
        if isinstance(event, Attested):
            about = self._told.get(event.attests)
            if about is None:
                return
            told: Row = (ref.category, about[0], ",".join(event.fields) or about[1], event.attests)
        else:
            about = self._told[record.sequence] = (event.part, fields(event))
            told = (ref.category, *about, None)
        for citation in citations(event):
            yield (record.sequence, citation.document, *place(citation)), told


class Citing(Telling):
    """What the facts of a stream cite."""

    __slots__ = ("_facts",)

    def __init__(self, table: Bitemporal, ref: Ref) -> None:
        """A stream without events."""
        super().__init__(table, ref)
        self._facts = Facts()

    def further(
        self,
        changed: "Sequence[Touched]",  # noqa: ARG002 -- what was said stays said
        cut: date,
        records: "Sequence[Recorded]",
        walk: Walk[Any],  # noqa: ARG002 -- likewise
    ) -> dict[Key, tuple[int, Line]]:
        """What events in their order cite, from their day on."""
        rows = (row for record in records for row in self._facts.rows(self._ref, record))
        return {key: (0, [(cut, date.max, told)]) for key, told in rows}


class Cited(Bitemporal, frozen=True, kw_only=True):
    """Rows of events: nothing of them can be told of a state."""

    def telling(self, ref: Ref) -> Telling:
        """What is told of a stream without events."""
        return Citing(self, ref)


CITED = bitemporal(
    name="cited",
    version=1,
    categories=frozenset(DECIDERS) - {"registry"},
    keys=(
        ("sequence", "bigint"),
        ("document", "uuid"),
        ("first", "integer"),
        ("last", "integer"),
        ("place", "text"),
    ),
    values=(
        ("category", "text not null"),
        ("part", "text not null"),
        ("fields", "text not null"),
        ("attests", "bigint"),
    ),
    indexes=(
        "create index on p_cited (document, first)",
        f"create index on p_cited (document, first) where last - first > {WIDE}",
        """create index on p_cited (document, place collate "C") where place <> ''""",
    ),
    kind=Cited,
    said=lambda ref, state, day: {},  # noqa: ARG005 -- rows are made of events
)
