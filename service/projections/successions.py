"""Who came after whom? Each party that was split, merged or replaced, or whose record is a second one, by who goes on.

What a party was to do, those that come after it do, unless a source says that obligations did not pass (`carries`).
"""

from datetime import date

from service.domain.decider import Ref
from service.domain.party import DECIDER
from service.domain.party.state import Party
from service.projections import Row, interval, over_time
from service.projections.inputs import Inputs, Key, exists


def said(ref: Ref, party: Party, day: date) -> dict[Key, Row]:
    """Each successor in each way: whether obligations passed, and the party went on, when that was, by which event."""
    if party.header is None:
        return {}
    told: dict[Key, Row] = {}
    for step in party.steps.values():
        row = (step.carries, step.survives, *interval([step.effective]), step.sources[0].sequence)
        told |= {(successor, str(step.step)): row for successor in step.into}
    if party.duplicate is not None:
        told[party.duplicate.into, "duplicate"] = (None, False, None, None, party.duplicate.sources[0].sequence)
    return told


INPUTS = Inputs(every=frozenset({"steps", "duplicate"}), some={"header": exists})

SUCCESSIONS = over_time(
    name="successions",
    version=1,
    deciders=(DECIDER,),
    keys=(("successor", "uuid"), ("how", "text")),
    values=(
        ("carries", "boolean"),
        ("survives", "boolean"),
        ("day_from", "date"),
        ("day_to", "date"),
        ("recorded", "bigint not null"),
    ),
    indexes=("create index on p_successions (successor, stream)",),
    said=said,
    inputs=INPUTS,
)
