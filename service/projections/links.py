"""What stands to what? Each agreement, plan, task, project and figure with the things it is linked to, while it is.

A plan and a project stand to the meetings of their steps as well: the plan was adopted, the project signed `at` them. A
project also is `under` the agreements and `in_plan` of the plans that its steps name.
"""

from datetime import date

from service.domain import agreement, figure, plan, project, task
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.figure.state import Figure
from service.domain.plan.state import Plan
from service.domain.project.state import Project
from service.domain.task.state import Task
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, state: Agreement | Plan | Task | Project | Figure, day: date) -> dict[Key, Row]:
    """Each target in each relation, whatever parts it joins."""
    if state.header is None:
        return {}
    found = [(one.target, str(one.relation)) for one in state.links.values()]
    if isinstance(state, (Plan, Project)):
        found += [(f"meetings/{step.meeting}", "at") for step in state.steps.values() if step.meeting is not None]
    if isinstance(state, Project):
        for step in state.steps.values():
            found += [(f"agreements/{step.agreement}", "under")] if step.agreement is not None else []
            found += [(f"plans/{step.plan}", "in_plan")] if step.plan is not None else []
    return dict.fromkeys(found, ())


INPUTS = Inputs(
    every=frozenset({"steps"}),
    some={"header": exists},
    keys={"links": lambda one: [(one.target, str(one.relation))]},
)

LINKS = over_time(
    name="links",
    version=1,
    deciders=(agreement.DECIDER, plan.DECIDER, task.DECIDER, project.DECIDER, figure.DECIDER),
    keys=(("target", "text"), ("relation", "text")),
    indexes=("create index on p_links (target, relation, stream)",),
    said=said,
    inputs=INPUTS,
)
