"""By which thresholds are tasks of this plan judged? Those of each plan that sets any; all else has the registry's."""

from datetime import date

from service.domain.decider import Ref
from service.domain.plan import DECIDER
from service.domain.plan.state import Plan, limits
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, plan: Plan, day: date) -> dict[Key, Row]:
    """The plan's thresholds, with the registry's for those that it does not set."""
    if plan.header is None or plan.thresholds is None:
        return {}
    told = limits(plan)
    return {(): (told.near, told.behind, told.escalate, str(told.counts), told.slack)}


INPUTS = Inputs(every=frozenset({"thresholds"}), some={"header": exists})

THRESHOLDS = over_time(
    name="thresholds",
    version=1,
    deciders=(DECIDER,),
    values=(
        ("near", "integer not null"),
        ("behind", "integer not null"),
        ("escalate", "integer not null"),
        ("counts", "text not null"),
        ("slack", "integer not null"),
    ),
    said=said,
    inputs=INPUTS,
)
