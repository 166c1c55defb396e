"""What is noticed when an event is recorded: facts that cannot both hold, proposed as a discrepancy, never decided.

Each detector looks at the state after the event, and at the states of things that the part names. What it finds has an
id that follows from what it is about, so that the same is proposed once. Of other events it costs one look-up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.domain import agreement, plan, project, statement
from service.domain.agreement.state import Agreement
from service.domain.contradicting import discrepancy_id, recorded
from service.domain.decider import Event, Ref, State
from service.domain.discrepancy import Propose
from service.domain.discrepancy.claims import RecordClaim
from service.domain.discrepancy.state import MOST
from service.domain.figure.claims import ClaimDescribed, Claimed
from service.domain.figure.disagreeing import among, by_item
from service.domain.figure.items import ItemDescribed, ItemRecorded
from service.domain.figure.nodes import Measure
from service.domain.figure.reconciling import contradictions
from service.domain.figure.state import Figure, claims_of, under
from service.domain.meeting.state import Meeting
from service.domain.parts import part_of
from service.domain.values import Part, UncertainDate

Look = Callable[[Ref], State | None]
"""The state of another thing, with all that is known applied; None where it is not registered."""


class Found(NamedTuple):
    """A discrepancy to propose: its stream, and the command that registers it, or adds what it lacks."""

    ref: Ref
    command: Propose


def detected(ref: Ref, events: Iterable[Event], state: Any, look: Look) -> list[Found]:
    """What the events of a stream show, by its state after them: each detector looks once, whatever their number."""
    told: dict[Detector, list[Event]] = {}
    for event in events:
        if (detect := DETECTORS.get(type(event))) is not None:
            told.setdefault(detect, []).append(event)
    found = (one for detect, some in told.items() for one in detect(ref, some, state, look))
    return list({one.ref: one for one in found}.values())


# --- Days -------------------------------------------------------------------------------------------------------------


def exclude(one: UncertainDate | None, other: UncertainDate | None) -> bool:
    """Whether no day is one of both; what has no bounds may be any day."""
    if one is None or other is None:
        return False
    first = one.latest is not None and other.earliest is not None and one.latest < other.earliest
    return first or (other.latest is not None and one.earliest is not None and other.latest < one.earliest)


def at_another_day(ref: Ref, events: Sequence[Event], state: Any, look: Look) -> Iterator[Found]:
    """Steps that took place at a meeting, dated on days on which that was not held."""
    names = dict.fromkeys(event.part for event in events) if not isinstance(state, Agreement) else ("steps/signed",)
    for name in names:
        yield from of_step(ref, name, state, look)


def of_step(ref: Ref, name: str, state: Any, look: Look) -> Iterator[Found]:
    """The same of one step."""
    step = part_of(state, name)
    if isinstance(state, Agreement):
        meetings = [Ref.of(one.target).id for one in state.links.values() if one.relation == "signed_at"]
    else:
        meeting = getattr(step, "meeting", None)
        meetings = [meeting] if meeting is not None else []
    day: UncertainDate | None = getattr(step, "effective", None)
    for id in meetings if step is not None and day is not None else ():
        other = Ref("meetings", id)
        held = met.steps.get("held") if isinstance(met := look(other), Meeting) else None
        if held is None or held.effective is None or step is None or day is None:
            continue
        days = held.effective if held.ends is None else lasting(held.effective, held.ends)
        if exclude(day, days):
            yield days_apart((ref, name, step, day), (other, "steps/held", held, held.effective))


def lasting(first: UncertainDate, last: UncertainDate) -> UncertainDate:
    """All days from the first of one date to the last of another."""
    return UncertainDate(earliest=first.earliest, latest=last.latest) if first.earliest or last.latest else first


Dated = tuple[Ref, str, Part, UncertainDate]


def days_apart(one: Dated, other: Dated) -> Found:
    """Both days as they are recorded, and each as that of the other, so that either can be chosen."""
    claims = [recorded(str(ref), name, part, "effective") for ref, name, part, _ in (one, other)]
    for (ref, name, _, _), source, day in ((one, claims[1], other[3]), (other, claims[0], one[3])):
        since = UncertainDate(earliest=day.earliest, latest=day.latest, precision=day.precision, basis="inferred")
        text = f"{source.subject}/{source.subject_part}"
        value = msgspec.to_builtins(since)
        claims.append(replace(source, subject=str(ref), subject_part=name, value=value, basis="inferred", text=text))
    subject, name = str(one[0]), one[1]
    return Found(
        Ref("discrepancies", discrepancy_id(subject, name, f"effective {other[0]}")),
        Propose(what=f"{subject}: {name}, {other[0]}: {other[1]}", claims=tuple(claims)),
    )


# --- Figures ----------------------------------------------------------------------------------------------------------


def told_apart(ref: Ref, claimed: AbstractSet[UUID], state: Figure) -> Iterator[Found]:
    """Claims of one item of a figure that cannot both hold, one of them claimed just now: as many as may be."""
    for told in by_item(state):
        together: dict[str, dict[str, RecordClaim]] = {}
        for one in among(told, claimed):
            for field in one.fields:
                for claim in (one.one, one.other):
                    name = f"claims/{claim.id}"
                    together.setdefault(field, {})[name] = recorded(str(ref), name, claim, field)
            if any(len(claims) >= MOST for claims in together.values()):
                break
        item = told[0][0].item
        of = f"items/{item}" if item is not None else "header"
        for field, claims in together.items():
            id = discrepancy_id(str(ref), of, field)
            found = Propose(what=f"{ref}: {of}, {field}", claims=tuple(claims.values())[:MOST])
            yield Found(Ref("discrepancies", id), found)


def not_adding_up(ref: Ref, state: Figure) -> Iterator[Found]:
    """Numbers of a figure that its own categories, or the stage before, show to be wrong, whatever else is counted."""
    for node, measure in contradictions(state):
        parts = {f"claims/{id}": measure.measure for id in measure.claims}
        for item in compared(state, node.item, measure):
            told = [one for one in claims_of(state, item) if getattr(one, measure.measure) is not None]
            parts.update({f"claims/{one.id}": measure.measure for one in told})
            if not told and item is not None:
                parts[f"items/{item}"] = ""
        claims = []
        for name, field in list(parts.items())[:MOST]:
            part = part_of(state, name)
            if part is not None:
                claims.append(recorded(str(ref), name, part, field) if field else stands(str(ref), name, part))
        if len(claims) > 1:
            place = f"items/{node.item}" if node.item is not None else "header"
            id = discrepancy_id(str(ref), place, f"{measure.measure} {measure.modality} adds up")
            why = "; ".join(f"{one.en} / {one.zh}" for one in measure.reasons)
            what = f"{ref}: {place}, {measure.measure}: {why}"[:200]
            yield Found(Ref("discrepancies", id), Propose(what=what, claims=tuple(claims)))


def compared(figure: Figure, item: UUID | None, measure: Measure) -> Iterator[UUID | None]:
    """The items that a number is held against: the one that it should lie within, and the categories of its own."""
    if measure.within is not None and measure.within.verdict == "no":
        yield measure.within.item
    yield from (one.id for one in under(figure, item) if one.sort == "category")


def stands(subject: str, name: str, part: Part) -> RecordClaim:
    """A part as it stands, as a claim with what supports it."""
    return replace(recorded(subject, name, part, "id"), field=None, value=None)


def figures(ref: Ref, events: Sequence[Event], state: Figure, look: Look) -> Iterator[Found]:
    """All that is noticed of a figure."""
    claimed = {event.claim for event in events if isinstance(event, (Claimed, ClaimDescribed))}
    yield from told_apart(ref, claimed, state)
    yield from not_adding_up(ref, state)


Detector = Callable[[Ref, Sequence[Any], Any, Look], Iterator[Found]]


def steps_at_meetings(events: Iterable[type[Event]]) -> dict[type[Event], Detector]:
    """The steps of an aggregate that may name a meeting, and what describes them."""
    return {event: at_another_day for event in events if {"meeting", "step"} <= {*dir(event)}}


DETECTORS: Mapping[type[Event], Detector] = {
    agreement.life.Signed: at_another_day,
    agreement.links.Linked: at_another_day,
    **steps_at_meetings(statement.DECIDER.events),
    **steps_at_meetings(plan.DECIDER.events),
    **steps_at_meetings(project.DECIDER.events),
    **dict.fromkeys((Claimed, ClaimDescribed, ItemRecorded, ItemDescribed), figures),
}
