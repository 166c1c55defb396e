"""Who answers for this task, and as what? Each unit that has not been released, with its office and its person."""

from datetime import date

from service.domain.decider import Ref
from service.domain.task import DECIDER
from service.domain.task.state import Task, units
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, task: Task, day: date) -> dict[Key, Row]:
    """Each unit in each of its roles: the office that answers, the person in it as meant and as printed."""
    if task.header is None:
        return {}
    return {
        (one.party, one.role): (
            one.office,
            one.person.name.meant if one.person else None,
            one.person.name.printed if one.person else None,
        )
        for one in units(task, "lead", "supporting", "supervising")
    }


INPUTS = Inputs(some={"header": exists}, keys={"units": lambda one: [(one.party, one.role)]})

ASSIGNED = over_time(
    name="assigned",
    version=2,
    deciders=(DECIDER,),
    keys=(("party", "uuid"), ("role", "text")),
    values=(("office", "text"), ("person", "text"), ("printed", "text")),
    indexes=(
        "create index on p_assigned (party, role, stream)",
        "create index on p_assigned (office, stream)",
        "create index on p_assigned (person, stream)",
        "create index on p_assigned (printed, stream) where printed <> person",
    ),
    said=said,
    inputs=INPUTS,
)
