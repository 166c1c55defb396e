"""Who has to do with a plan: who drafted, reviewed, approved and issued it, leads, carries out, was consulted."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from service.domain.decider import Change, Command, Event, Recorded, Refs
from service.domain.parts import filled, put, sources
from service.domain.plan.header import Attested
from service.domain.plan.state import Body, Plan, Role
from service.domain.settling import again
from service.domain.values import Label, PartyId, PrintedName


def key(fact: Any) -> str:
    """The key of a body: its role with its party, or with what an unnamed group is called, last."""
    who = str(fact.party or "")
    return f"{fact.role}:{who}" if fact.group is None else f"{fact.role}:{who}:{fact.group}"


def somebody(fact: Any) -> None:
    """A body is a party or a group; a printed name is a party's."""
    if fact.party is None and fact.group is None:
        raise ValueError("a body of a plan is a party, or a group in words of our own")
    if isinstance(fact.name, PrintedName) and fact.party is None:
        raise ValueError("a name as printed belongs to a party")


# --- Events -----------------------------------------------------------------------------------------------------------


class BodyNamed(Event, frozen=True, kw_only=True, gc=False):
    """A source names a body of the plan in this role: a party, or a group that no source names one by one."""

    type = "plan.body_named"
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
        """One part a role and body."""
        return f"bodies/{key(self)}"


class BodyDescribed(Change, frozen=True, kw_only=True, gc=False):
    """How a body in that role is printed became known."""

    type = "plan.body_described"
    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        somebody(self)
        if self.name is UNSET:
            raise ValueError("a description of a body sets its name")

    @property
    def part(self) -> str:
        """The body."""
        return f"bodies/{key(self)}"


EVENTS = (BodyNamed, BodyDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class NameBody(Command, frozen=True, kw_only=True, gc=False):
    """Record who has to do with the plan, and as what; one with several roles is told once for each.

    `group` are bodies in words of our own where no source names them; beside a party, those of that party.
    """

    role: Role
    party: PartyId | None = None
    group: Label | None = None
    name: PrintedName | None = None

    def __post_init__(self) -> None:
        """It is somebody."""
        somebody(self)


Bodies = NameBody

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, plan: Plan, command: Bodies, refs: Refs) -> list[Event]:
    """The events of a body: its naming, or how it is printed."""
    held = plan.bodies.get(key(command))
    if held is None:
        fields = {name: getattr(command, name) for name in command.__struct_fields__}
        return [BodyNamed(**fields)]
    ids = {name: getattr(held, name) for name in ("role", "party", "group")}
    what = f"plans/{id}: bodies/{key(held)}"
    return again(BodyDescribed, Attested, held, command, ("name",), what=what, ids=ids, key="role")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its bodies."""
    event = recorded.event
    match event:
        case BodyNamed(role=role, party=party, group=group, name=name):
            body = Body(role=role, party=party, group=group, name=name, sources=sources(None, recorded))
            return put(plan, event.part, body)
        case BodyDescribed():
            return filled(plan, recorded, ("name",))
        case _:
            raise AssertionError(event)
