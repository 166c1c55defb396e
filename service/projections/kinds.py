"""Which agreements and meetings are of this kind? Each with its kinds, which are told without a date."""

from collections.abc import Iterable, Iterator
from datetime import date

from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.meeting.state import Meeting
from service.projections import Key, Projection, Row
from service.projections.bitemporal import bitemporal


def kinds(state: Agreement | Meeting) -> Iterable[str]:
    """The kinds of what is registered."""
    if state.header is None:
        return ()
    return state.kinds


def rows(ref: Ref, stream: Folded[Agreement | Meeting]) -> Iterator[Row]:
    """One row a kind."""
    for kind in kinds(stream.base):
        yield ref.id, kind


def said(ref: Ref, state: Agreement | Meeting, day: date) -> dict[Key, Row]:
    """The kinds that the thing is of."""
    return {(kind,): () for kind in kinds(state)}


def inputs(state: Agreement | Meeting) -> tuple[object, ...]:
    """What of an agreement or a meeting the rows are made of."""
    return state.header is None, state.kinds


KINDS = Projection(
    name="kinds",
    version=1,
    categories=frozenset({"agreements", "meetings"}),
    columns=(("stream", "uuid"), ("kind", "text")),
    key=2,
    indexes=("create index on p_kinds (kind, stream)",),
    rows=rows,
    inputs=inputs,
)

KINDS_KNOWN = bitemporal(
    name="kinds",
    version=1,
    categories=KINDS.categories,
    keys=(("kind", "text"),),
    indexes=KINDS.indexes,
    said=said,
    inputs=inputs,
)
