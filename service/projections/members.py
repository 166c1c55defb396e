"""Who belongs to whom? The members of each party that has members, while they have not left."""

from collections.abc import Iterator

from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Projection, Row, segments, timeline


def rows(ref: Ref, stream: Folded[Party]) -> Iterator[Row]:
    """For each member one row for each span of days on which it belongs to the party in one role."""
    pieces = (
        (starts, ends, {one.member: (one.role,) for one in party.members.values() if not one.left})
        for starts, ends, party in segments(DECIDER, stream)
        if party.header is not None
    )
    for member, segment, starts, ends, row in timeline(pieces):
        yield ref.id, member, segment, starts, ends, *row


def inputs(party: Party) -> tuple[object, ...]:
    """What of a party the rows are made of."""
    return party.header is None, party.members


MEMBERS = Projection(
    name="members",
    version=1,
    categories=frozenset({"parties"}),
    columns=(
        ("stream", "uuid"),
        ("member", "uuid"),
        ("segment", "smallint"),
        ("starts", "date not null"),
        ("ends", "date not null"),
        ("role", "text"),
    ),
    key=3,
    rows=rows,
    inputs=inputs,
)
