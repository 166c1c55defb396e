"""Who answers for a task: the units that lead it, support it and supervise it, with office and person in each."""

from typing import assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import attestations, filled, part_of, put, sources
from service.domain.settling import again, agreeing, dates
from service.domain.task.header import Attested
from service.domain.task.state import Role, Task, Unit
from service.domain.values import Label, Note, PartyId, Person, PrintedName

FIELDS = ("name", "office", "person")
LEFT = ("released", "until", "grounds", "approver")

# --- Events -----------------------------------------------------------------------------------------------------------


class UnitNamed(Event, frozen=True, kw_only=True, gc=False):
    """A party answers for the task in that role; `office` is the one in it that does (分管副市长), `person` who."""

    type = "task.unit_named"
    role: Role
    party: PartyId
    name: PrintedName | None = None
    office: Label | None = None
    person: Person | None = None

    @property
    def part(self) -> str:
        """One part a role and party."""
        return f"units/{self.role}:{self.party}"


class UnitDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of a unit: its name as printed, the office that answers, the person in it."""

    type = "task.unit_described"
    role: Role
    party: PartyId
    name: PrintedName | UnsetType = UNSET
    office: Label | UnsetType = UNSET
    person: Person | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The unit."""
        return f"units/{self.role}:{self.party}"


class UnitReleased(Change, frozen=True, kw_only=True, gc=False):
    """The party answers for the task in that role no more, on what grounds, with whose approval."""

    type = "task.unit_released"
    role: Role
    party: PartyId
    grounds: Note | None = None
    approver: PartyId | None = None

    @property
    def part(self) -> str:
        """The unit."""
        return f"units/{self.role}:{self.party}"


EVENTS = (UnitNamed, UnitDescribed, UnitReleased)

# --- Commands ---------------------------------------------------------------------------------------------------------


class NameUnit(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party leads the task, supports or supervises it, and which office and person in it answer."""

    role: Role
    party: PartyId
    name: PrintedName | None = None
    office: Label | None = None
    person: Person | None = None


class ReleaseUnit(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party answers for the task in that role no more."""

    role: Role
    party: PartyId
    grounds: Note | None = None
    approver: PartyId | None = None


Units = NameUnit | ReleaseUnit

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, task: Task, command: Units, refs: Refs) -> list[Event]:
    """The events of a command on the units."""
    key = f"{command.role}:{command.party}"
    held, what = task.units.get(key), f"tasks/{id}: units/{key}"
    match command:
        case NameUnit(role=role, party=party):
            if held is None or held.released:
                return [event_from(UnitNamed, command)]
            ids = {"role": role, "party": party}
            return again(UnitDescribed, Attested, held, command, FIELDS, what=what, ids=ids, key="party")
        case ReleaseUnit():
            if held is None:
                raise errors.UnknownPart("/party", part=f"units/{key}", subject=f"tasks/{id}")
            if not held.released:
                return [event_from(UnitReleased, command)]
            what = f"{what} released"
            dates(command.effective, held.until, what, held=held, fact=command, field="until")
            told = agreeing(held, command, what, {"grounds": "grounds", "approver": "approver"})
            until = ("until",) if command.effective is not None else ()
            return [*attestations(Attested, held, ("released", *until, *told), command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(task: Task, recorded: Recorded) -> Task:
    """The task after one event of its units."""
    event = recorded.event
    match event:
        case UnitNamed():
            fields = {name: getattr(event, name) for name in ("role", "party", *FIELDS)}
            unit = Unit(**fields, since=event.effective, sources=sources(None, recorded))
            return put(task, event.part, unit)
        case UnitDescribed():
            return filled(task, recorded, FIELDS)
        case UnitReleased(grounds=grounds, approver=approver):
            held = part_of(task, event.part)
            if not isinstance(held, Unit):
                return task
            said = sources(held, recorded, LEFT)
            left = replace(held, released=True, until=event.effective, grounds=grounds, approver=approver, sources=said)
            return put(task, event.part, left)
        case _:
            raise AssertionError(event)
