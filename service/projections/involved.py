"""Who has to do with this meeting, statement, plan, project or figure, and as what? Its parties, each by its part.

The parts are those of `domain.involved`.
"""

from datetime import date

from service.domain import figure, meeting, plan, project, statement
from service.domain.decider import Ref
from service.domain.figure.state import Figure
from service.domain.involved import claiming, of, parts, topical
from service.domain.meeting.state import Meeting
from service.domain.plan.state import Plan
from service.domain.project.state import Project
from service.domain.statement.state import Statement
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, state: Meeting | Statement | Plan | Project | Figure, day: date) -> dict[Key, Row]:
    """Each party in each of its parts."""
    return dict.fromkeys(parts(state), ()) if state.header is not None else {}


INPUTS = Inputs(
    some={"header": exists},
    keys={
        "conveners": lambda one: [(one.party, "convener")],
        "sessions": lambda one: [(one.body, "body")],
        "attendance": lambda one: [(party, "attending") for party in of(one)],
        "participants": lambda one: [(party, one.role) for party in of(one)],
        "places": lambda one: [(one.party, "place")] if one.party is not None else [],
        "steps": lambda one: [(party, "acting") for party in getattr(one, "by", ())],
        "concerned": lambda one: [(one.party, one.role)] if one.party is not None else [],
        "claims": lambda one: [(party, "claims") for party in claiming(one)],
        "topics": topical,
    },
    every=frozenset({"performance", "bodies", "items", "targets", "parties", "investments", "replacements"}),
)

INVOLVED = over_time(
    name="involved",
    version=2,
    deciders=(meeting.DECIDER, statement.DECIDER, plan.DECIDER, project.DECIDER, figure.DECIDER),
    keys=(("party", "uuid"), ("part", "text")),
    indexes=("create index on p_involved (party, part, stream)",),
    said=said,
    inputs=INPUTS,
)
