"""Who has to do with this meeting or statement, and as what? Each with the parties in it, by their part in it.

Of a meeting a party is a `convener`, the `body` that meets, or `attending`: as such, as whose people or in whose place
somebody was there, or as the organisation of a person. In a statement it is `speaker`, `principal` or `addressee` in
the same ways.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.meeting.state import Meeting
from service.domain.statement.state import Statement
from service.projections import Projection, Row, segments, timeline


def of(one: Any) -> Iterator[UUID]:
    """The parties that somebody who takes part is, stands for or belongs to."""
    if one.party is not None:
        yield one.party
    if one.person is not None and one.person.organisation is not None:
        yield one.person.organisation


def parts(state: Meeting | Statement) -> Iterator[tuple[UUID, str]]:
    """Each party with its part."""
    if isinstance(state, Meeting):
        for convener in state.conveners.values():
            yield convener.party, "convener"
        for session in state.sessions.values():
            yield session.body, "body"
        for somebody in state.attendance.values():
            yield from ((party, "attending") for party in of(somebody))
    else:
        for participant in state.participants.values():
            yield from ((party, participant.role) for party in of(participant))


def rows(ref: Ref, stream: Folded[Any]) -> Iterator[Row]:
    """For each party and part one row for each span of days on which it has that part."""
    pieces = (
        (starts, ends, dict.fromkeys(parts(state), ()))
        for starts, ends, state in segments(DECIDERS[ref.category], stream)
        if state.header is not None
    )
    for (party, part), segment, starts, ends, _ in timeline(pieces):
        yield ref.id, party, part, segment, starts, ends


def inputs(state: Meeting | Statement) -> tuple[object, ...]:
    """What of a meeting or a statement the rows are made of."""
    if isinstance(state, Meeting):
        return state.header is None, state.conveners, state.sessions, state.attendance
    return state.header is None, state.participants


INVOLVED = Projection(
    name="involved",
    version=1,
    categories=frozenset({"meetings", "statements"}),
    columns=(
        ("stream", "uuid"),
        ("party", "uuid"),
        ("part", "text"),
        ("segment", "smallint"),
        ("starts", "date not null"),
        ("ends", "date not null"),
    ),
    key=4,
    indexes=("create index on p_involved (party, part, stream)",),
    rows=rows,
    inputs=inputs,
)
