"""Who has to do with a project, and where it is."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from
from service.domain.parts import attestations, drop, filled, part_of, put, sources
from service.domain.project.header import Attested
from service.domain.project.state import Participant, Place, Project, Role
from service.domain.settling import again, agreeing, dates
from service.domain.values import Label, Note, PartyId, PrintedName

LEFT = ("released", "until", "grounds")


def key(fact: Any) -> str:
    """The key of a participant: its role with its party, or with what an unnamed group is called, last."""
    who = str(fact.party or "")
    return f"{fact.role}:{who}" if fact.group is None else f"{fact.role}:{who}:{fact.group}"


def site(fact: Any) -> str:
    """The key of a place: the party that it is, else its words."""
    return str(fact.party) if fact.party is not None else str(fact.text)


def somebody(fact: Any) -> None:
    """It is a party or a group; a printed name is a party's."""
    if fact.party is None and fact.group is None:
        raise ValueError("who has to do with a project is a party, or a group in words of our own")
    if isinstance(getattr(fact, "name", None), PrintedName) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")


def somewhere(fact: Any) -> None:
    """It is a party or words; a printed name is a party's."""
    if fact.party is None and fact.text is None:
        raise ValueError("a place is a party, or words for it")
    if isinstance(getattr(fact, "name", None), PrintedName) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")


# --- Events -----------------------------------------------------------------------------------------------------------


class PartyNamed(Event, frozen=True, kw_only=True, gc=False):
    """A party, or a group that no source names one by one, has to do with the project in this role."""

    type = "project.party_named"
    belongs = True
    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)

    @property
    def part(self) -> str:
        """One part a role and party."""
        return f"parties/{key(self)}"


class PartyDescribed(Change, frozen=True, kw_only=True, gc=False):
    """How a party of the project is printed became known."""

    type = "project.party_described"
    role: Role
    party: PartyId
    group: Label | None = None
    name: PrintedName

    @property
    def part(self) -> str:
        """The party in its role."""
        return f"parties/{key(self)}"


class PartyReleased(Change, frozen=True, kw_only=True, gc=False):
    """The party has to do with the project in that role no more, on what grounds."""

    type = "project.party_released"
    role: Role
    party: PartyId | None = None
    group: Label | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)

    @property
    def part(self) -> str:
        """The party in its role."""
        return f"parties/{key(self)}"


class Located(Event, frozen=True, kw_only=True, gc=False):
    """The project is, or is to be, in this place; it may be in several."""

    type = "project.located"
    belongs = True
    party: PartyId | None = None
    text: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somewhere."""
        somewhere(self)

    @property
    def part(self) -> str:
        """One part a place."""
        return f"places/{site(self)}"


class PlaceDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of where in a place the project is, or how the place is printed."""

    type = "project.place_described"
    party: PartyId
    text: Label | UnsetType = UNSET
    name: PrintedName | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if self.text is UNSET and self.name is UNSET:
            raise ValueError("a description of a place sets at least one of text, name")

    @property
    def part(self) -> str:
        """The place."""
        return f"places/{self.party}"


class PlaceLeft(Change, frozen=True, kw_only=True, gc=False):
    """The project is in that place no more (one recorded by mistake is voided instead)."""

    type = "project.place_left"
    party: PartyId | None = None
    text: Label | None = None

    def __post_init__(self) -> None:
        """It is somewhere."""
        somewhere(self)

    @property
    def part(self) -> str:
        """The place."""
        return f"places/{site(self)}"


EVENTS = (PartyNamed, PartyDescribed, PartyReleased, Located, PlaceDescribed, PlaceLeft)

# --- Commands ---------------------------------------------------------------------------------------------------------


class NameParty(Command, frozen=True, kw_only=True, gc=False):
    """Record who has to do with the project, and as what; one with several roles is told once for each.

    `group` are parties in words of our own where no source names them; beside a party, those of that party.
    """

    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)


class ReleaseParty(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party has to do with the project in that role no more. An investor's place is taken otherwise."""

    role: Role
    party: PartyId | None = None
    group: Label | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)


class Locate(Command, frozen=True, kw_only=True, gc=False):
    """Record where the project is: a city or county, which is a party, and where in it; or words alone."""

    party: PartyId | None = None
    text: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somewhere."""
        somewhere(self)


class LeavePlace(Command, frozen=True, kw_only=True, gc=False):
    """Record that the project is in a place no more: named by its party, or by its words where it has none."""

    party: PartyId | None = None
    text: Label | None = None

    def __post_init__(self) -> None:
        """It is somewhere."""
        somewhere(self)


Parties = NameParty | ReleaseParty | Locate | LeavePlace

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, project: Project, command: Parties, refs: Refs) -> list[Event]:
    """The events of a command on who has to do with the project, and on where it is."""
    subject = f"projects/{id}"
    match command:
        case NameParty():
            held = project.parties.get(key(command))
            if held is None or held.released:
                return [event_from(PartyNamed, command)]
            ids = {name: getattr(held, name) for name in ("role", "party", "group")}
            what = f"{subject}: parties/{key(held)}"
            return again(PartyDescribed, Attested, held, command, ("name",), what=what, ids=ids, key="role")
        case ReleaseParty():
            return releasing(subject, project, command)
        case Locate():
            place = project.places.get(site(command))
            if place is None:
                return [event_from(Located, command)]
            what = f"{subject}: places/{site(command)}"
            names = ("text", "name") if command.party is not None else ()
            ids = {"party": command.party}
            return again(PlaceDescribed, Attested, place, command, names, what=what, ids=ids, key=None)
        case LeavePlace():
            if site(command) not in project.places:
                raise errors.UnknownPart("/party", part=f"places/{site(command)}", subject=subject)
            return [event_from(PlaceLeft, command)]
        case _:
            assert_never(command)


def releasing(subject: str, project: Project, command: ReleaseParty) -> list[Event]:
    """The events of a release: that it came about, or what is told anew of one that is recorded."""
    held = project.parties.get(key(command))
    if held is None:
        raise errors.UnknownPart("/party", part=f"parties/{key(command)}", subject=subject)
    if not held.released:
        return [event_from(PartyReleased, command)]
    what = f"{subject}: parties/{key(command)} released"
    dates(command.effective, held.until, what, held=held, fact=command, field="until")
    told = agreeing(held, command, what, {"grounds": "grounds"})
    until = ("until",) if command.effective is not None else ()
    return [*attestations(Attested, held, ("released", *until, *told), command)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event of who has to do with it, or of where it is."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case PartyNamed(role=role, party=party, group=group, name=name):
            return put(project, event.part, Participant(role=role, party=party, group=group, name=name, sources=said))
        case PartyDescribed():
            return filled(project, recorded, ("name",))
        case PartyReleased(grounds=grounds):
            held = part_of(project, event.part)
            if not isinstance(held, Participant):
                return project
            resting = sources(held, recorded, LEFT)
            left = replace(held, released=True, until=event.effective, grounds=grounds, sources=resting)
            return put(project, event.part, left)
        case Located(party=party, text=text, name=name):
            return put(project, event.part, Place(party=party, text=text, name=name, sources=said))
        case PlaceDescribed():
            return filled(project, recorded, ("text", "name"))
        case PlaceLeft():
            return drop(project, event.part)
        case _:
            raise AssertionError(event)
