"""What is said of the whole of a figure and of each item of it once it has been worked out."""

from uuid import UUID

from msgspec import Struct

from service.domain.figure.members import Named
from service.domain.figure.state import Sort
from service.domain.figure.verdicts import Bounds, Reason, Verdict


class Within(Struct, frozen=True, kw_only=True, gc=False):
    """Whether a number is not more than that of an item, the stage before or what it is a part of (null: the whole)."""

    item: UUID | None
    verdict: Verdict
    reasons: tuple[Reason, ...]


class Measure(Struct, frozen=True, kw_only=True, gc=False):
    """One number of an item: as claimed (`declared`, by which `claims`), and as its categories come to (`computed`).

    `named` is what those come to that are named, `missing` what is claimed beyond that; `without_sum` are those named
    that have no sum of this modality. `adds_up` says whether it adds up, `reasons` why.
    """

    measure: str
    modality: str | None
    declared: Bounds | None
    claims: tuple[UUID, ...]
    computed: Bounds | None
    named: Bounds | None
    missing: Bounds | None
    without_sum: tuple[str, ...]
    adds_up: Verdict
    reasons: tuple[Reason, ...]
    within: Within | None


class Node(Struct, frozen=True, kw_only=True, gc=False):
    """The whole (`item` null) or an item of it, with its numbers, and what is named in it itself."""

    item: UUID | None
    parent: UUID | None
    sort: Sort | None
    label: str | None
    measures: tuple[Measure, ...]
    members: tuple[Named, ...]
    adds_up: Verdict


def overall(verdicts: list[Verdict]) -> Verdict:
    """No where anything does not, yes where all does, else it cannot be said."""
    if "no" in verdicts:
        return "no"
    return "yes" if verdicts and all(one == "yes" for one in verdicts) else "cannot_be_said"
