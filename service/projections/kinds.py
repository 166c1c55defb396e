"""Which agreements are of this kind? Each agreement with its kinds, which are told without a date."""

from collections.abc import Iterator
from datetime import date

from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.projections import Key, Projection, Row
from service.projections.bitemporal import bitemporal


def rows(ref: Ref, stream: Folded[Agreement]) -> Iterator[Row]:
    """One row a kind."""
    header = stream.base.header
    for kind in header.kinds if header is not None else ():
        yield ref.id, kind


def said(ref: Ref, agreement: Agreement, day: date) -> dict[Key, Row]:
    """The kinds that the agreement is of."""
    return {(kind,): () for kind in agreement.header.kinds} if agreement.header is not None else {}


def inputs(agreement: Agreement) -> tuple[object, ...]:
    """What of an agreement the rows are made of."""
    return (agreement.header,)


KINDS = Projection(
    name="kinds",
    version=1,
    categories=frozenset({"agreements"}),
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
