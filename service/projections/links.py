"""What stands to what? Each agreement with the things that it is linked to, while it is."""

from datetime import date

from service.domain.agreement import DECIDER
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, agreement: Agreement, day: date) -> dict[Key, Row]:
    """Each target in each relation, whatever clauses it joins."""
    if agreement.header is None:
        return {}
    return dict.fromkeys(((one.target, one.relation) for one in agreement.links.values()), ())


INPUTS = Inputs(some={"header": exists}, keys={"links": lambda one: [(one.target, one.relation)]})

LINKS = over_time(
    name="links",
    version=1,
    deciders=(DECIDER,),
    keys=(("target", "text"), ("relation", "text")),
    indexes=("create index on p_links (target, relation, stream)",),
    said=said,
    inputs=INPUTS,
)
