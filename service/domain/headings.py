"""What a thing with a title is called, of which kinds it is, and which record of two stands for both.

Agreements, meetings, plans, tasks and projects have this in common. Each gives the events and commands their names, and
its header what it has besides.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, assert_never

from msgspec import UNSET, UnsetType

from service.domain import duplicates, kinds, titles
from service.domain.decider import Attested, Command, Event, Recorded, Ref, Refs, S, Voided, own, undated
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.values import Label, Part, PrintedName, Variant

Parts = Mapping[type[Event], Callable[..., Part]]
"""What a registration, and a kind, become of a state."""


def named(fact: Any) -> None:
    """A thing has a title, or at least something to call it by."""
    if fact.title is None and fact.called is None:
        raise ValueError("nothing says what it is called: give a title, or called, what the registry calls it")


def describes(fact: Any) -> None:
    """Something became known; kinds in no order."""
    names = own(fact)
    if "kinds" in names:
        kinds.as_set(fact)
    if not any(says(getattr(fact, name)) for name in names):
        raise ValueError(f"a description sets at least one of {', '.join(names)}")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The thing is known of. `called` is the registry's own words for it where no source names it."""

    begins = True
    timeless = True
    title: PrintedName | None = None
    called: Label | None = None

    def __post_init__(self) -> None:
        """It is called something."""
        named(self)


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the thing became known; fields left out stay as they are."""

    timeless = True
    title: PrintedName | UnsetType = UNSET
    called: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        describes(self)

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the thing."""

    title: PrintedName | None = None
    called: Label | None = None

    def __post_init__(self) -> None:
        """Something became known; kinds in no order."""
        describes(self)


class AddTitle(Command, frozen=True, kw_only=True, gc=False):
    """Record another title of the same thing, and which sort of title it is as far as that is plain."""

    title: PrintedName
    variant: Variant | None = None


Heading = Describe | AddTitle | duplicates.Merge | duplicates.Unmerge

# --- decide -----------------------------------------------------------------------------------------------------------


class Events(NamedTuple):
    """The aggregate's own events. One without kinds has nothing by which it is classified."""

    described: type[Described]
    titled: type[titles.Titled]
    merged: type[duplicates.Merged]
    unmerged: type[duplicates.Unmerged]
    attested: type[Attested]
    classified: Callable[..., Event] | None = None


def decide(ref: Ref, state: Any, command: Heading, refs: Refs, events: Events) -> list[Event]:
    """The events of a command on what the thing is: its state has header, titles and duplicate, and may have kinds."""
    header = state.header
    match command:
        case Describe():
            undated(command)
            if header is None:
                raise AssertionError(command)
            found: list[Event] = []
            if events.classified is not None:
                found += kinds.classifying(state.kinds, command, events.classified, events.attested)
            fields = tuple(name for name in own(command) if name != "kinds")
            if any(says(getattr(command, name)) for name in fields):
                what = f"{ref}: header"
                found += again(events.described, events.attested, header, command, fields, what=what, ids={}, key=None)
            return found
        case AddTitle():
            if events.titled.timeless:
                undated(command)
            return titles.titled(
                str(ref), header, state.titles, command, (events.described, events.titled, events.attested)
            )
        case duplicates.Merge() | duplicates.Unmerge():
            return duplicates.decide(ref, state.duplicate, command, refs, (events.merged, events.unmerged))
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(state: S, recorded: Recorded, parts: Parts) -> S:
    """The state after one event on what the thing is: `parts` are what its registration and its kinds become."""
    event = recorded.event
    match event:
        case Registered() | kinds.Classified():
            told = {name: getattr(event, name) for name in own(event)}
            return put(state, event.part, parts[type(event)](**told, sources=sources(None, recorded)))
        case Described():
            return filled(state, recorded, own(event))
        case titles.Titled(title=title, variant=variant):
            return titles.entitled(state, recorded, title, variant)
        case duplicates.Merged() | duplicates.Unmerged():
            return duplicates.evolve(state, recorded)
        case Voided():
            return state
        case _:
            raise AssertionError(event)
