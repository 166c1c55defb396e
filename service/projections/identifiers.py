"""Whose official code is this? Each code twice: with its scheme, and bare, as it is often asked for."""

from datetime import date

from service.domain.decider import Ref
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Key, Row, over_time


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """Each way to ask for a code that the party has."""
    if party.header is None:
        return {}
    return {(code,): () for one in party.identifiers.values() for code in (one.value, f"{one.scheme}:{one.value}")}


def inputs(party: Party) -> tuple[object, ...]:
    """What of a party the rows are made of."""
    return party.header is None, party.identifiers


IDENTIFIERS = over_time(
    name="identifiers",
    version=1,
    deciders=(DECIDER,),
    keys=(("code", "text"),),
    indexes=("create index on p_identifiers (code, stream)",),
    said=said,
    inputs=inputs,
)
