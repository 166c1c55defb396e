"""What stands to what? Each agreement with the things that it is linked to, while it is."""

from collections.abc import Iterator

from service.domain.agreement import DECIDER
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.projections import Projection, Row, segments, timeline


def rows(ref: Ref, stream: Folded[Agreement]) -> Iterator[Row]:
    """For each relation and target one row for each span of days on which it holds, whatever clauses it joins."""
    pieces = (
        (starts, ends, dict.fromkeys(((one.relation, one.target) for one in agreement.links.values()), ()))
        for starts, ends, agreement in segments(DECIDER, stream)
        if agreement.header is not None
    )
    for (relation, target), segment, starts, ends, _ in timeline(pieces):
        yield ref.id, target, relation, segment, starts, ends


def inputs(agreement: Agreement) -> tuple[object, ...]:
    """What of an agreement the rows are made of."""
    return agreement.header is None, agreement.links


LINKS = Projection(
    name="links",
    version=1,
    categories=frozenset({"agreements"}),
    columns=(
        ("stream", "uuid"),
        ("target", "text"),
        ("relation", "text"),
        ("segment", "smallint"),
        ("starts", "date not null"),
        ("ends", "date not null"),
    ),
    key=4,
    indexes=("create index on p_links (target, relation, stream)",),
    rows=rows,
    inputs=inputs,
)
