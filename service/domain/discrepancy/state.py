"""What a discrepancy's state is made of: one struct a part, each stored as one row; and what is read off it."""

from typing import Any, Literal
from uuid import UUID

from service.domain.decider import State
from service.domain.values import Count, Label, Note, Part

StepName = Literal["resolved", "waived", "reopened"]
Status = Literal["detected", "resolved", "waived", "reopened"]
"""`reopened` is as open as `detected`: somebody has looked at it before."""
ProposedBy = Literal["registry", "curator"]
"""Who noticed it: the registry, when something was recorded, or somebody who read the sources."""

MOST = 20
"""Claims of one discrepancy."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What is told differently, in words of our own, and who noticed it."""

    what: Label
    proposed_by: ProposedBy


class Claim(Part, frozen=True, kw_only=True, gc=False):
    """What one side says: of which thing, which part of it and which field of that, and the value as an answer has it.

    Without a field it is the part as it stands, without a part the whole thing; `text` says in words of our own what no
    value can.
    """

    id: UUID
    subject: str
    subject_part: str | None = None
    field: str | None = None
    value: Any = None
    text: Note | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """That it was settled, in which round and why, or opened again.

    `choose` is the claim that holds, `correction` the sequence of the event that made the record say so; none where the
    record said so already.
    """

    round: Count
    step: StepName
    choose: UUID | None = None
    reason: Note
    correction: int | None = None


class Discrepancy(State, frozen=True, kw_only=True, gc=False):
    """A discrepancy, by its parts."""

    header: Header | None = None
    claims: dict[str, Claim] = {}
    life: dict[str, Step] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def rounds(discrepancy: Discrepancy) -> int:
    """How many rounds it has come to: reopening begins the next one."""
    return max((step.round for step in discrepancy.life.values()), default=1)


def ended(discrepancy: Discrepancy) -> Step | None:
    """The step that ended the last round, None while it is open; of two the first recorded."""
    last = rounds(discrepancy)
    ends = [one for one in discrepancy.life.values() if one.round == last and one.step != "reopened"]
    return min(ends, key=lambda one: one.sources[0].sequence, default=None)


def status(discrepancy: Discrepancy) -> Status:
    """How far it is, by the last round."""
    end = ended(discrepancy)
    if end is not None:
        return end.step
    return "reopened" if rounds(discrepancy) > 1 else "detected"
