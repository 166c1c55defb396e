"""The parties of each agreement signed and of each meeting held: a row for each, with the days that it may have been.

An agreement of five hundred parties is five hundred rows, not the pairs of these, which a question makes by joining
them with themselves. A party is there once, in however many roles; somebody at a meeting is there for the party that
he or she stood for, else for each organisation of the office, never for both.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from service.domain.agreement import life
from service.domain.agreement import state as agreed
from service.domain.decider import Ref
from service.domain.meeting import state as met
from service.domain.values import UncertainDate
from service.projections import Row, interval
from service.projections.bitemporal import bitemporal
from service.projections.inputs import Inputs, Key, exists

SIGNED = frozenset({"signed", "in_force", "expired", "terminated", "superseded"})
"""The statuses of an agreement that was signed, and that its source stands by."""


def whose(somebody: met.Attendance) -> Iterable[UUID]:
    """The parties that somebody was at a meeting for."""
    if somebody.party is not None:
        return (somebody.party,)
    return somebody.person.organisations if somebody.person is not None else ()


def present(meeting: met.Meeting) -> Iterable[UUID]:
    """Who met: whoever convened the meeting or was there, as such or by somebody."""
    for convener in meeting.conveners.values():
        yield convener.party
    for somebody in meeting.attendance.values():
        yield from whose(somebody)


def said(ref: Ref, state: agreed.Agreement | met.Meeting, day: date) -> dict[Key, Row]:
    """Each party that signed the agreement, or was at the meeting, and when that may have been."""
    if state.header is None:
        return {}
    if isinstance(state, met.Meeting):
        held = state.steps.get("held")
        when = interval([held.effective]) if held is not None else (None, None)
        return {(party,): ("meeting", *when) for party in present(state)} if met.status(state) == "held" else {}
    # Asked for no day, since what has expired was signed all the same.
    if life.status(state, date.min) not in SIGNED:
        return {}
    step = state.steps.get("signed")
    signed: dict[UUID, list[UncertainDate]] = {}
    for one in state.signatures.values():
        if one.effective:
            signed.setdefault(one.party, []).append(one.effective)
    told: dict[Key, Row] = {}
    for signatory in state.signatories.values():
        own = signed.get(signatory.party)
        joined = signatory.sources[0].effective
        told[(signatory.party,)] = ("agreement", *interval(own or [joined or (step.effective if step else None)]))
    return told


INPUTS = Inputs(
    every=frozenset({"duplicate", "steps"}),
    some={"header": exists},
    keys={
        "signatories": lambda one: [(one.party,)],
        "signatures": lambda one: [(one.party,)],
        "conveners": lambda one: [(one.party,)],
        "attendance": lambda one: [(party,) for party in whose(one)],
    },
)

NETWORK = bitemporal(
    name="network",
    version=1,
    categories=frozenset({"agreements", "meetings"}),
    keys=(("party", "uuid"),),
    values=(("what", "text not null"), ("day_from", "date"), ("day_to", "date")),
    indexes=("create index on p_network (party, stream)",),
    said=said,
    inputs=INPUTS,
)
