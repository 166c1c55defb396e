"""What stands to what? Each agreement, plan, task and figure with the things that it is linked to, while it is.

A plan stands to the meetings of its steps as well: it was drafted, reviewed, adopted `at` them.
"""

from datetime import date

from service.domain import agreement, figure, plan, task
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.figure.state import Figure
from service.domain.plan.state import Plan
from service.domain.task.state import Task
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, state: Agreement | Plan | Task | Figure, day: date) -> dict[Key, Row]:
    """Each target in each relation, whatever parts it joins."""
    if state.header is None:
        return {}
    found = [(one.target, str(one.relation)) for one in state.links.values()]
    if isinstance(state, Plan):
        found += [(f"meetings/{step.meeting}", "at") for step in state.steps.values() if step.meeting is not None]
    return dict.fromkeys(found, ())


INPUTS = Inputs(
    every=frozenset({"steps"}),
    some={"header": exists},
    keys={"links": lambda one: [(one.target, str(one.relation))]},
)

LINKS = over_time(
    name="links",
    version=1,
    deciders=(agreement.DECIDER, plan.DECIDER, task.DECIDER, figure.DECIDER),
    keys=(("target", "text"), ("relation", "text")),
    indexes=("create index on p_links (target, relation, stream)",),
    said=said,
    inputs=INPUTS,
)
