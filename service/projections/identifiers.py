"""Whose official code is this? Each code twice: with its scheme, and bare, as it is often asked for."""

from datetime import date

from service.domain.decider import Ref
from service.domain.party import DECIDER
from service.domain.party.state import Identifier, Party
from service.projections import Row, over_time
from service.projections.inputs import Inputs, Key, exists


def codes(one: Identifier) -> list[Key]:
    """The ways to ask for a code."""
    return [(one.value,), (f"{one.scheme}:{one.value}",)]


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """Each way to ask for a code that the party has."""
    if party.header is None:
        return {}
    return {code: () for one in party.identifiers.values() for code in codes(one)}


INPUTS = Inputs(some={"header": exists}, keys={"identifiers": codes})

IDENTIFIERS = over_time(
    name="identifiers",
    version=1,
    deciders=(DECIDER,),
    keys=(("code", "text"),),
    indexes=("create index on p_identifiers (code, stream)",),
    said=said,
    inputs=INPUTS,
)
