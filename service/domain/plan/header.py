"""What a plan is: its titles, its kinds, the time that it is for; which record of two stands for both."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, headings, titles
from service.domain import kinds as many
from service.domain.decider import Event, Recorded, Ref, Refs
from service.domain.plan.state import Classification, Header, Kind, Plan
from service.domain.values import Period, PlanId

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=8)]
TELLS = ("title", "called", "period", "kinds")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(headings.Registered, frozen=True, kw_only=True, gc=False):
    """The plan is known of. `called` is the registry's own words for it where no source names it."""

    type = "plan.registered"


class Described(headings.Described, frozen=True, kw_only=True, gc=False):
    """What was unknown of the plan became known; fields left out stay as they are."""

    type = "plan.described"
    period: Period | UnsetType = UNSET


class Classified(many.Classified, frozen=True, kw_only=True, gc=False):
    """The plan is of this kind, beside others that it may be of."""

    type = "plan.classified"
    kind: Kind


class Titled(titles.Titled, frozen=True, kw_only=True, gc=False):
    """Another title of the same plan; told again, what sort of title it is."""

    type = "plan.titled"
    timeless = True


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "plan.duplicate_merged"
    into: PlanId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two plans after all."""

    type = "plan.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the plan."""

    type = "plan.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the plan should never have been recorded."""

    type = "plan.voided"


EVENTS = (Registered, Described, Classified, Titled, DuplicateMerged, DuplicateUnmerged, Attested, Voided)
NAMES = headings.Events(
    described=Described,
    titled=Titled,
    merged=DuplicateMerged,
    unmerged=DuplicateUnmerged,
    attested=Attested,
    classified=Classified,
)
PARTS: headings.Parts = {Registered: Header, Classified: Classification}
"""What a registration and a kind become of the state."""

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(headings.Describe, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the plan: its title, what it is called, its kinds, the time it is for."""

    kinds: Kinds = ()
    period: Period | None = None


class AddTitle(headings.AddTitle, frozen=True, kw_only=True, gc=False):
    """Record another title of the same plan, and which sort of title it is as far as that is plain."""


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another plan. It has no date: nothing happened in the world."""

    into: PlanId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, plan: Plan, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the plan is."""
    return headings.decide(Ref("plans", id), plan, command, refs, NAMES)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event on what it is."""
    return headings.evolve(plan, recorded, PARTS)
