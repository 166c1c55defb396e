"""Who belongs to whom? The members of each party that has members, while they have not left."""

from datetime import date

from service.domain.decider import Ref
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """The members that have not left, each with its role."""
    if party.header is None:
        return {}
    return {(one.member,): (one.role,) for one in party.members.values() if not one.left}


INPUTS = Inputs(some={"header": exists}, keys={"members": lambda one: [(one.member,)]})

MEMBERS = over_time(
    name="members",
    version=1,
    deciders=(DECIDER,),
    keys=(("member", "uuid"),),
    values=(("role", "text"),),
    said=said,
    inputs=INPUTS,
)
