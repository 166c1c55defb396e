"""What a project is: its titles, its kinds, its sector, what it does; which record of two stands for both."""

from typing import Annotated, Any, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, titles
from service.domain import kinds as many
from service.domain.decider import Command, Event, Recorded, Ref, Refs, undated
from service.domain.parts import filled, put, says, sources
from service.domain.project.state import Classification, Header, Kind, Project
from service.domain.settling import again
from service.domain.values import Label, PrintedName, ProjectId, Text, Variant

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=16)]
FIELDS = ("title", "called", "sector", "text")
TELLS = (*FIELDS, "kinds")


def named(fact: Any) -> None:
    """A project has a title, or at least something to call it by."""
    if fact.title is None and fact.called is None:
        raise ValueError("a project has a title, or what the registry calls it")


def describes(fact: Any, names: tuple[str, ...]) -> None:
    """Something became known."""
    if not any(says(getattr(fact, name)) for name in names):
        raise ValueError(f"a description sets at least one of {', '.join(names)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The project is known of. `called` is the registry's own words for it where no source names it."""

    type = "project.registered"
    begins = True
    timeless = True
    title: PrintedName | None = None
    called: Label | None = None

    def __post_init__(self) -> None:
        """It is called something."""
        named(self)


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the project became known; fields left out stay as they are."""

    type = "project.described"
    timeless = True
    title: PrintedName | UnsetType = UNSET
    called: Label | UnsetType = UNSET
    sector: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self, FIELDS)

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


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

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the project: its title, its kinds, its sector, what it does in words of our own."""

    title: PrintedName | None = None
    called: Label | None = None
    kinds: Kinds = ()
    sector: Label | None = None
    text: Text | None = None

    def __post_init__(self) -> None:
        """Something became known; kinds in no order."""
        many.as_set(self)
        describes(self, TELLS)


class AddTitle(Command, frozen=True, kw_only=True, gc=False):
    """Record another title of the same project, and which sort of title it is as far as that is plain."""

    title: PrintedName
    variant: Variant | None = None


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another project. It has no date: nothing happened in the world."""

    into: ProjectId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, project: Project, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the project is."""
    ref = Ref("projects", id)
    header = project.header
    match command:
        case Describe():
            undated(command)
            if header is None:
                raise AssertionError(command)
            events = many.classifying(project.kinds, command, Classified, Attested)
            if any(says(getattr(command, name)) for name in FIELDS):
                events += again(Described, Attested, header, command, FIELDS, what=f"{ref}: header", ids={}, key=None)
            return events
        case AddTitle():
            undated(command)
            return titles.titled(str(ref), header, project.titles, command, (Described, Titled, Attested))
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(ref, project.duplicate, command, refs, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event on what it is."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case Registered(title=title, called=called):
            return put(project, "header", Header(title=title, called=called, sources=said))
        case Described():
            return filled(project, recorded, FIELDS)
        case Classified(kind=kind):
            return put(project, event.part, Classification(kind=kind, sources=said))
        case Titled(title=title, variant=variant):
            return titles.entitled(project, recorded, title, variant)
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(project, recorded)
        case Voided():
            return project
        case _:
            raise AssertionError(event)
