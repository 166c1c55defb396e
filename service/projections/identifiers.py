"""Whose official code is this? Each code twice: with its scheme, and bare, as it is often asked for."""

from collections.abc import Iterator

from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Projection, Row, segments, timeline


def rows(ref: Ref, stream: Folded[Party]) -> Iterator[Row]:
    """For each way to ask for a code one row for each span of days on which the party has it."""
    pieces = (
        (
            starts,
            ends,
            {code: () for one in party.identifiers.values() for code in (one.value, f"{one.scheme}:{one.value}")},
        )
        for starts, ends, party in segments(DECIDER, stream)
        if party.header is not None
    )
    for code, segment, starts, ends, _ in timeline(pieces):
        yield ref.id, code, segment, starts, ends


def inputs(party: Party) -> tuple[object, ...]:
    """What of a party the rows are made of."""
    return party.header is None, party.identifiers


IDENTIFIERS = Projection(
    name="identifiers",
    version=1,
    categories=frozenset({"parties"}),
    columns=(
        ("stream", "uuid"),
        ("code", "text"),
        ("segment", "smallint"),
        ("starts", "date not null"),
        ("ends", "date not null"),
    ),
    key=3,
    indexes=("create index on p_identifiers (code, stream)",),
    rows=rows,
    inputs=inputs,
)
