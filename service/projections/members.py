"""Who belongs to whom? The members of each party that has members, while they have not left."""

from datetime import date

from service.domain.decider import Ref
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Key, Row, over_time


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """The members that have not left, each with its role."""
    if party.header is None:
        return {}
    return {(one.member,): (one.role,) for one in party.members.values() if not one.left}


def inputs(party: Party) -> tuple[object, ...]:
    """What of a party the rows are made of."""
    return party.header is None, party.members


MEMBERS = over_time(
    name="members",
    version=1,
    deciders=(DECIDER,),
    keys=(("member", "uuid"),),
    values=(("role", "text"),),
    said=said,
    inputs=inputs,
)
