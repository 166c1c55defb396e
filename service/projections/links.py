"""What stands to what? Each agreement, plan, task, project and figure with the things it is linked to, while it is.

A statement stands to the things that it is `about`. A plan and a project stand to the meetings of their steps as well:
the plan was adopted, the project signed `at` them. A project also is `under` the agreements and `in_plan` of the plans
that its steps name. Of what took place at a meeting the days are told, for the writer to find what was on none of the
meeting's.
"""

from collections.abc import Iterable
from datetime import date

from service.domain import agreement, figure, plan, project, statement, task
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.detecting import taken_at
from service.domain.figure.state import Figure
from service.domain.plan.state import Plan
from service.domain.project.state import Project
from service.domain.statement.state import Statement
from service.domain.task.state import Task
from service.domain.values import UncertainDate
from service.projections import Row, interval, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, state: Agreement | Plan | Task | Project | Figure | Statement, day: date) -> dict[Key, Row]:
    """Each target in each relation, whatever parts it joins; with the days of what took place at a meeting."""
    if state.header is None:
        return {}
    if isinstance(state, Statement):
        return {(one.about, "about"): (None, None) for one in state.topics.values()}
    found = [(one.target, str(one.relation)) for one in state.links.values()]
    if isinstance(state, Project):
        for step in state.steps.values():
            found += [(f"agreements/{step.agreement}", "under")] if step.agreement is not None else []
            found += [(f"plans/{step.plan}", "in_plan")] if step.plan is not None else []
    rows: dict[Key, Row] = dict.fromkeys(found, (None, None))
    if isinstance(state, (Agreement, Plan, Project)):
        days: dict[Key, list[UncertainDate | None]] = {}
        for meeting, _, taken in taken_at(state):
            key = (f"meetings/{meeting}", "signed_at" if isinstance(state, Agreement) else "at")
            days.setdefault(key, []).append(taken.effective)
        rows |= {key: outermost(dates) for key, dates in days.items()}
    return rows


def outermost(dates: Iterable[UncertainDate | None]) -> Row:
    """The last of the first days of dates, and the first of the last ones: where one of the dates lies outside a span,
    one of these days does.
    """
    spans = [interval([one]) for one in dates]
    first = max((first for first, _ in spans if first is not None), default=None)
    return first, min((last for _, last in spans if last is not None), default=None)


INPUTS = Inputs(
    every=frozenset({"steps"}),
    some={"header": exists},
    keys={
        "links": lambda one: [(one.target, str(one.relation))],
        "topics": lambda one: [(one.about, "about")],
    },
)

LINKS = over_time(
    name="links",
    version=3,
    deciders=(
        agreement.DECIDER,
        plan.DECIDER,
        task.DECIDER,
        project.DECIDER,
        figure.DECIDER,
        statement.DECIDER,
    ),
    keys=(("target", "text"), ("relation", "text")),
    values=(("last_from", "date"), ("first_to", "date")),
    indexes=("create index on p_links (target, relation, stream)",),
    said=said,
    inputs=INPUTS,
)
