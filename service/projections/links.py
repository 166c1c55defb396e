"""What stands to what? Each agreement and plan with the things that it is linked to, while it is.

A plan stands to the meetings of its steps as well: it was drafted, reviewed, adopted `at` them.
"""

from datetime import date

from service.domain import agreement, plan
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.plan.state import Plan
from service.projections import Key, Row, over_time


def said(ref: Ref, state: Agreement | Plan, day: date) -> dict[Key, Row]:
    """Each target in each relation, whatever parts it joins."""
    if state.header is None:
        return {}
    found = [(one.target, str(one.relation)) for one in state.links.values()]
    if isinstance(state, Plan):
        found += [(f"meetings/{step.meeting}", "at") for step in state.steps.values() if step.meeting is not None]
    return dict.fromkeys(found, ())


def inputs(state: Agreement | Plan) -> tuple[object, ...]:
    """What of an agreement or a plan the rows are made of."""
    return state.header is None, state.links, state.steps if isinstance(state, Plan) else None


LINKS = over_time(
    name="links",
    version=1,
    deciders=(agreement.DECIDER, plan.DECIDER),
    keys=(("target", "text"), ("relation", "text")),
    indexes=("create index on p_links (target, relation, stream)",),
    said=said,
    inputs=inputs,
)
