"""How a discrepancy ends: resolved by a choice, or waived; in rounds, as it may be opened again."""

from typing import Any, ClassVar
from uuid import UUID

from service.domain import errors
from service.domain.decider import Command, Event, Recorded, Refs, event_from, undated
from service.domain.discrepancy.header import Attested
from service.domain.discrepancy.state import Discrepancy, Step, StepName, ended, rounds, status
from service.domain.parts import attestations, put, sources
from service.domain.values import Count, Note

SAYS = ("choose", "reason")

# --- Events -----------------------------------------------------------------------------------------------------------


class Stepped(Event, frozen=True, kw_only=True, gc=False):
    """What every step says: in which round, and why. Nothing happens in the world, so there is no date of it."""

    timeless = True
    step: ClassVar[StepName]
    round: Count
    reason: Note

    @property
    def part(self) -> str:
        """One part a round and step."""
        return f"life/{self.round}:{self.step}"


class Resolved(Stepped, frozen=True, kw_only=True, gc=False):
    """This claim holds. `correction` is the sequence of the event that made the record say so, where it did not yet."""

    type = "discrepancy.resolved"
    step = "resolved"
    choose: UUID
    correction: int | None = None


class Waived(Stepped, frozen=True, kw_only=True, gc=False):
    """Nobody is to settle it: it is none, or cannot be settled."""

    type = "discrepancy.waived"
    step = "waived"


class Reopened(Stepped, frozen=True, kw_only=True, gc=False):
    """It has to be looked at again: the next round begins."""

    type = "discrepancy.reopened"
    step = "reopened"


EVENTS = (Resolved, Waived, Reopened)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Resolve(Command, frozen=True, kw_only=True, gc=False):
    """Record which claim holds, and why. Where the record says something else in that field it is corrected with it."""

    choose: UUID
    reason: Note


class Waive(Command, frozen=True, kw_only=True, gc=False):
    """Record that it will not be settled, and why."""

    reason: Note


class Reopen(Command, frozen=True, kw_only=True, gc=False):
    """Record that it has to be looked at again, and why."""

    reason: Note


Life = Resolve | Waive | Reopen

# --- decide -----------------------------------------------------------------------------------------------------------

RECORDS: dict[type[Command], type[Stepped]] = {Resolve: Resolved, Waive: Waived, Reopen: Reopened}


def decide(id: UUID, discrepancy: Discrepancy, command: Life, refs: Refs) -> list[Event]:
    """The events of a step: refused where it is settled or open already; what a step taken says again is attested."""
    undated(command)
    subject, kind = f"discrepancies/{id}", RECORDS[type(command)]
    if isinstance(command, Resolve) and str(command.choose) not in discrepancy.claims:
        raise errors.UnknownPart("/choose", part=f"claims/{command.choose}", subject=subject)
    end, last = ended(discrepancy), rounds(discrepancy)
    taken = end if end is not None and kind is not Reopened else discrepancy.life.get(f"{last}:reopened")
    if taken is not None and taken.step == kind.step and (kind is not Reopened or end is None):
        return told_again(subject, taken, command)
    if (end is None) is (kind is Reopened):
        raise errors.NotInThisState(subject=subject, status=status(discrepancy), action=kind.step)
    return [event_from(kind, command, round=last + (kind is Reopened))]


def told_again(subject: str, step: Step, command: Any) -> list[Event]:
    """The same step from another source; refused where it says something else."""
    for name in SAYS:
        if name in command.__struct_fields__ and getattr(command, name) != getattr(step, name):
            raise errors.AlreadyOtherwise(f"/{name}", what=f"{subject}: life/{step.round}:{step.step}")
    return [*attestations(Attested, step, (), command)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(discrepancy: Discrepancy, recorded: Recorded) -> Discrepancy:
    """The discrepancy after one event of its life."""
    event = recorded.event
    match event:
        case Resolved(choose=choose, correction=correction):
            more: dict[str, Any] = {"choose": choose, "correction": correction}
        case Waived() | Reopened():
            more = {}
        case _:
            raise AssertionError(event)
    said = sources(None, recorded)
    step = Step(round=event.round, step=event.step, reason=event.reason, **more, sources=said)
    return put(discrepancy, event.part, step)
