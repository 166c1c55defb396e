"""Which agreements and meetings are of this kind? Each with its kinds, which are told without a date."""

from collections.abc import Iterator

from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.meeting.state import Meeting
from service.projections import Projection, Row


def rows(ref: Ref, stream: Folded[Agreement | Meeting]) -> Iterator[Row]:
    """One row a kind."""
    header = stream.base.header
    for kind in header.kinds if header is not None else ():
        yield ref.id, kind


def inputs(state: Agreement | Meeting) -> tuple[object, ...]:
    """What of an agreement or a meeting the rows are made of."""
    return (state.header,)


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
