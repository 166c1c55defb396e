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

from service.domain import agreement, meeting, plan, project, statement
from service.domain.agreement.state import Agreement
from service.domain.contradicting import discrepancy_id, recorded
from service.domain.decider import Event, Ref, State
from service.domain.discrepancy import Propose
from service.domain.discrepancy.claims import RecordClaim, room
from service.domain.discrepancy.state import MOST, Discrepancy
from service.domain.figure.claims import ClaimDescribed, Claimed
from service.domain.figure.disagreeing import among, by_item
from service.domain.figure.items import ItemDescribed, ItemRecorded
from service.domain.figure.nodes import Measure
from service.domain.figure.reconciling import contradictions
from service.domain.figure.state import Figure, claims_of, under
from service.domain.meeting.state import Meeting, Step
from service.domain.parts import part_of, says
from service.domain.values import Part, UncertainDate


class Look(NamedTuple):
    """What may be asked of other things.

    `state` is that of one, with all that is known applied; None where it is not registered. `elsewhen` are those that
    may name a meeting on days that are none of these: all that do are among them, up to so many as are looked at.
    """

    state: Callable[[Ref], State | None]
    elsewhen: Callable[[Ref, UncertainDate], Iterable[Ref]]


class Found(NamedTuple):
    """A discrepancy to propose: its stream, and the command that registers it, or adds what it lacks."""

    ref: Ref
    command: Propose

    def fitting(self, held: State | None) -> Propose:
        """The command, with the claims alone that a discrepancy which stands has room for."""
        if not isinstance(held, Discrepancy):
            return self.command
        return replace(self.command, claims=tuple(room(held, self.command.claims)))


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


def taken_at(state: Any) -> Iterator[tuple[UUID, str, Any]]:
    """What took place at a meeting: the steps that name one, the signing of what was signed at one; with the names."""
    if isinstance(state, Agreement):
        signed = state.steps.get("signed")
        for link in state.links.values() if signed is not None else ():
            if link.relation == "signed_at" and (at := Ref.of(link.target)).category == "meetings":
                yield at.id, "steps/signed", signed
        return
    for name, step in getattr(state, "steps", {}).items():
        if (id := getattr(step, "meeting", None)) is not None:
            yield id, f"steps/{name}", step


def at_another_day(ref: Ref, events: Sequence[Event], state: Any, look: Look) -> Iterator[Found]:
    """Steps that took place at a meeting, dated on days on which that was not held."""
    names = {event.part for event in events if part_of(state, event.part) is not None}
    for id, name, step in taken_at(state):
        if step.effective is not None and (name in names or (names and isinstance(state, Agreement))):
            other = Ref("meetings", id)
            yield from beside((ref, name, step, step.effective), other, look.state(other))


def on_other_days(ref: Ref, events: Sequence[Any], state: Meeting, look: Look) -> Iterator[Found]:
    """A meeting that was held on none of the days of what took place there."""
    days = days_of(state.steps.get("held"))
    held = [event for event in events if event.part == HELD]
    if days is None or all(isinstance(one, meeting.life.StepDescribed) and not says(one.ends) for one in held):
        return
    for other in look.elsewhen(ref, days):
        for id, name, step in taken_at(look.state(other)):
            if id == ref.id and step.effective is not None:
                yield from beside((other, name, step, step.effective), ref, state)


HELD = "steps/held"


def days_of(held: Step | None) -> UncertainDate | None:
    """All days that a meeting may have been held on, None where nobody knows one.

    Where a correction has left it an end before its beginning, it was held on the day that it began.
    """
    if held is None or held.effective is None:
        return None
    first, last = held.effective.earliest, held.effective.latest
    if held.ends is not None and not meeting.life.early(held.effective, held.ends):
        last = held.ends.latest
    return UncertainDate(earliest=first, latest=last) if first or last else None


Dated = tuple[Ref, str, Part, UncertainDate]


def beside(one: Dated, ref: Ref, met: State | None) -> Iterator[Found]:
    """A step and the meeting that it names, where no day is one of both."""
    held = met.steps.get("held") if isinstance(met, Meeting) else None
    if held is not None and held.effective is not None and exclude(one[3], days_of(held)):
        yield days_apart(one, (ref, HELD, held, held.effective))


def days_apart(one: Dated, other: Dated) -> Found:
    """Both days as they are recorded, and each as that of the other, so that either can be chosen."""
    claims = [recorded(str(ref), name, part, "effective") for ref, name, part, _ in (one, other)]
    for (ref, name, _, _), source, day in ((one, claims[1], other[3]), (other, claims[0], one[3])):
        if day.earliest is None and day.latest is None:
            continue  # Words of which nobody knows the day are not the other's, too.
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
    items = {one.item for one in state.claims.values() if one.id in claimed}
    for told in by_item(state, items):
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
    **dict.fromkeys((meeting.life.Held, meeting.life.StepDescribed), on_other_days),
    **dict.fromkeys((Claimed, ClaimDescribed, ItemRecorded, ItemDescribed), figures),
}
