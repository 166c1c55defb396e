"""What is told differently, and who noticed it."""

from service.domain import decider
from service.domain.decider import Event, Recorded
from service.domain.discrepancy.state import Discrepancy, Header, ProposedBy
from service.domain.parts import put, sources
from service.domain.values import Label

# --- Events -----------------------------------------------------------------------------------------------------------


class Detected(Event, frozen=True, kw_only=True, gc=False):
    """Sources, or two records, tell something differently: what, in words of our own, and who noticed it."""

    type = "discrepancy.detected"
    begins = True
    timeless = True
    what: Label
    proposed_by: ProposedBy


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the discrepancy."""

    type = "discrepancy.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the discrepancy should never have been recorded."""

    type = "discrepancy.voided"


EVENTS = (Detected, Attested, Voided)

# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(discrepancy: Discrepancy, recorded: Recorded) -> Discrepancy:
    """The discrepancy after one event on what it is."""
    match recorded.event:
        case Detected(what=what, proposed_by=proposed_by):
            header = Header(what=what, proposed_by=proposed_by, sources=sources(None, recorded))
            return put(discrepancy, "header", header)
        case Voided():
            return discrepancy
        case _:
            raise AssertionError(recorded.event)
