"""Which agreements, meetings, plans and projects are of this kind? Each with its kinds, told without a date."""

from collections.abc import Iterable, Iterator
from datetime import date

from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.meeting.state import Meeting
from service.domain.plan.state import Plan
from service.domain.project.state import Project
from service.projections import Projection, Row
from service.projections.bitemporal import bitemporal
from service.projections.inputs import Inputs, Key, exists


def kinds(state: Agreement | Meeting | Plan | Project) -> Iterable[str]:
    """The kinds of what is registered."""
    if state.header is None:
        return ()
    return state.kinds


def rows(ref: Ref, stream: Folded[Agreement | Meeting | Plan | Project]) -> Iterator[Row]:
    """One row a kind."""
    for kind in kinds(stream.base):
        yield ref.id, kind


def said(ref: Ref, state: Agreement | Meeting | Plan | Project, day: date) -> dict[Key, Row]:
    """The kinds that the thing is of."""
    return {(kind,): () for kind in kinds(state)}


INPUTS = Inputs(some={"header": exists}, keys={"kinds": lambda one: [(one.kind,)]})

KINDS = Projection(
    name="kinds",
    version=1,
    categories=frozenset({"agreements", "meetings", "plans", "projects"}),
    columns=(("stream", "uuid"), ("kind", "text")),
    key=2,
    indexes=("create index on p_kinds (kind, stream)",),
    rows=rows,
    inputs=INPUTS,
)

KINDS_KNOWN = bitemporal(
    name="kinds",
    version=1,
    categories=KINDS.categories,
    keys=(("kind", "text"),),
    indexes=KINDS.indexes,
    said=said,
    inputs=INPUTS,
)
