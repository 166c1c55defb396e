"""What a project is: its titles, its kinds, its sector, what it does; which record of two stands for both."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, headings, titles
from service.domain import kinds as many
from service.domain.decider import Event, Recorded, Ref, Refs
from service.domain.project.state import Classification, Header, Kind, Project
from service.domain.values import Label, ProjectId, Text

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=16)]
TELLS = ("title", "called", "sector", "text", "kinds")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(headings.Registered, frozen=True, kw_only=True, gc=False):
    """The project is known of. `called` is the registry's own words for it where no source names it."""

    type = "project.registered"


class Described(headings.Described, frozen=True, kw_only=True, gc=False):
    """What was unknown of the project became known; fields left out stay as they are."""

    type = "project.described"
    sector: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET


class Classified(many.Classified, frozen=True, kw_only=True, gc=False):
    """The project is of this kind, beside others that it may be of."""

    type = "project.classified"
    kind: Kind


class Titled(titles.Titled, frozen=True, kw_only=True, gc=False):
    """Another title of the same project; told again, what sort of title it is."""

    type = "project.titled"
    timeless = True


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "project.duplicate_merged"
    into: ProjectId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two projects after all."""

    type = "project.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the project."""

    type = "project.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the project should never have been recorded."""

    type = "project.voided"


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
    """Record what was unknown of the project: its title, its kinds, its sector, what it does in words of our own."""

    kinds: Kinds = ()
    sector: Label | None = None
    text: Text | None = None


class AddTitle(headings.AddTitle, frozen=True, kw_only=True, gc=False):
    """Record another title of the same project, and which sort of title it is as far as that is plain."""


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another project. It has no date: nothing happened in the world."""

    into: ProjectId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, project: Project, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the project is."""
    return headings.decide(Ref("projects", id), project, command, refs, NAMES)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event on what it is."""
    return headings.evolve(project, recorded, PARTS)
