"""Whom a figure is about: whose number it is, with whom, within which area."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.decider import Change, Command, Event, Recorded, Refs, undated
from service.domain.figure.header import Attested
from service.domain.figure.state import Concerned, Figure, Role
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import Label, PartyId, PrintedName


def key(fact: Any) -> str:
    """The key of whom it is about: the role with the party, or with what an unnamed group is called, last."""
    who = str(fact.party or "")
    return f"{fact.role}:{who}" if fact.group is None else f"{fact.role}:{who}:{fact.group}"


def somebody(fact: Any) -> None:
    """It is a party or a group; a printed name is a party's."""
    if fact.party is None and fact.group is None:
        raise ValueError("whom a figure is about is a party, or a group in words of our own")
    if isinstance(fact.name, PrintedName) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")


# --- Events -----------------------------------------------------------------------------------------------------------


class PartyNamed(Event, frozen=True, kw_only=True, gc=False):
    """The figure is about this party in this role, or about a group that no source names one by one."""

    type = "figure.party_named"
    timeless = True
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
        return f"concerned/{key(self)}"


class PartyDescribed(Change, frozen=True, kw_only=True, gc=False):
    """How a party that the figure is about is printed became known."""

    type = "figure.party_described"
    timeless = True
    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        somebody(self)
        if self.name is UNSET:
            raise ValueError("a description of a party sets its name")

    @property
    def part(self) -> str:
        """The party in its role."""
        return f"concerned/{key(self)}"


EVENTS = (PartyNamed, PartyDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class NameParty(Command, frozen=True, kw_only=True, gc=False):
    """Record whom the figure is about, and as what; one with several roles is told once for each.

    `group` are those of whom no source gives the names, in words of our own; beside a party, those of that party. Where
    two sources tell otherwise who they are, each is told by itself.
    """

    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, figure: Figure, command: NameParty, refs: Refs) -> list[Event]:
    """The events of whom it is about: the naming, or how it is printed."""
    undated(command)
    held = figure.concerned.get(key(command))
    if held is None:
        return [PartyNamed(**{name: getattr(command, name) for name in command.__struct_fields__})]
    ids = {name: getattr(held, name) for name in ("role", "party", "group")}
    what = f"figures/{id}: concerned/{key(held)}"
    return again(PartyDescribed, Attested, held, command, ("name",), what=what, ids=ids, key="role")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event of whom it is about."""
    event = recorded.event
    match event:
        case PartyNamed(role=role, party=party, group=group, name=name):
            one = Concerned(role=role, party=party, group=group, name=name, sources=sources(None, recorded))
            return put(figure, event.part, one)
        case PartyDescribed():
            return filled(figure, recorded, ("name",))
        case _:
            raise AssertionError(event)
