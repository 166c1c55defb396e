"""Where a party stands among others: above it, within it, beside it, at which place, and who is seen in its offices."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Fact, Recorded, Ref, Refs, event_from, fields_set
from service.domain.parts import attestations, part_of, put, sources, within
from service.domain.party.identity import headed
from service.domain.party.record import Attested
from service.domain.party.state import Holder, Member, Party, Place, Secretariat, Standing, holder_key
from service.domain.references import references
from service.domain.settling import again, dates, rests_on
from service.domain.values import Label, Part, PartyId, Person, UncertainDate

# --- Events -----------------------------------------------------------------------------------------------------------


class Reparented(Event, frozen=True, kw_only=True, gc=False):
    """The party stands under another party from then on, or under none that is known."""

    type = "party.reparented"
    parent: PartyId | None

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Located(Event, frozen=True, kw_only=True, gc=False):
    """The party has a seat in that place from then on, beside those that it has."""

    type = "party.located"
    place: PartyId

    @property
    def part(self) -> str:
        """One part a place."""
        return f"places/{self.place}"


class PlaceLeft(Change, frozen=True, kw_only=True, gc=False):
    """The party has no seat in that place any more."""

    type = "party.place_left"
    place: PartyId

    @property
    def part(self) -> str:
        """The place's part."""
        return f"places/{self.place}"


class MemberAdded(Event, frozen=True, kw_only=True, gc=False):
    """Another party belongs to this one: to the alliance, the conference, the region."""

    type = "party.member_added"
    member: PartyId
    role: Label | None = None

    @property
    def part(self) -> str:
        """One part a member."""
        return f"members/{self.member}"


class MemberDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of a member."""

    type = "party.member_described"
    member: PartyId
    role: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if self.role is UNSET:
            raise ValueError("a description of a member sets its role")

    @property
    def part(self) -> str:
        """The member's part."""
        return f"members/{self.member}"


class MemberRemoved(Change, frozen=True, kw_only=True, gc=False):
    """A member left."""

    type = "party.member_removed"
    member: PartyId

    @property
    def part(self) -> str:
        """The member's part."""
        return f"members/{self.member}"


class SecretariatAssigned(Event, frozen=True, kw_only=True, gc=False):
    """Another party does the party's daily work from then on."""

    type = "party.secretariat_assigned"
    secretariat: PartyId

    @property
    def part(self) -> str:
        """One secretariat a party."""
        return "secretariat"


class OfficeHolderSeen(Event, frozen=True, kw_only=True, gc=False):
    """A source names a person with an office in the party, of the day `seen`, as holding it still or once.

    Since when somebody holds an office is seldom said: each sighting is a fact of its own.
    """

    type = "party.office_holder_seen"
    timeless = True
    person: Person
    seen: UncertainDate | None = None
    standing: Standing | None = None

    def __post_init__(self) -> None:
        """The office is one in this party, which needs no naming."""
        if self.person.organisations:
            raise ValueError("an office holder's organisation is the party itself")

    @property
    def part(self) -> str:
        """One part a name, title, day and standing."""
        return f"holders/{holder_key(self.person, self.seen, self.standing)}"


EVENTS = (
    Reparented,
    Located,
    PlaceLeft,
    MemberAdded,
    MemberDescribed,
    MemberRemoved,
    SecretariatAssigned,
    OfficeHolderSeen,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Reparent(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party stands under another one, or under none."""

    parent: PartyId | None


class Locate(Command, frozen=True, kw_only=True, gc=False):
    """Record where the party has a seat, as the party that the place is. It may have several."""

    place: PartyId


class LeavePlace(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party gave up its seat in a place."""

    place: PartyId


class AddMember(Command, frozen=True, kw_only=True, gc=False):
    """Record that another party belongs to this one, and in which role."""

    member: PartyId
    role: Label | None = None


class RemoveMember(Command, frozen=True, kw_only=True, gc=False):
    """Record that a member left."""

    member: PartyId


class AssignSecretariat(Command, frozen=True, kw_only=True, gc=False):
    """Record who does the party's daily work."""

    secretariat: PartyId


class SeeOfficeHolder(Command, frozen=True, kw_only=True, gc=False):
    """Record that a source names a person with an office in the party, of which day, still or no more in office."""

    person: Person
    seen: UncertainDate | None = None
    standing: Standing | None = None


Bodies = Reparent | Locate | LeavePlace | AddMember | RemoveMember | AssignSecretariat | SeeOfficeHolder

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, party: Party, command: Bodies, named: Refs) -> list[Event]:
    """The events of a command on the party's place among others."""
    subject = f"parties/{id}"
    for pointer, found in references(command):
        if found == Ref("parties", id):
            raise errors.Circular(pointer, subject=subject)
    match command:
        case Reparent():
            return reparented(subject, id, party, command, named)
        case Locate():
            place = party.places.get(str(command.place))
            if place is None or place.left:
                return [event_from(Located, command)]
            what = f"{subject}: places/{command.place}"
            dates(command.effective, place.since, what, held=place, fact=command, field="since")
            return said(place, command, "place", "since")
        case LeavePlace():
            place = party.places.get(str(command.place))
            part = f"places/{command.place}"
            if place is None:
                raise errors.UnknownPart("/place", part=part, subject=subject)
            if not place.left:
                return [event_from(PlaceLeft, command)]
            dates(command.effective, place.until, f"{subject}: {part} left", held=place, fact=command, field="until")
            return said(place, command, "left", "until")
        case AddMember():
            member = party.members.get(str(command.member))
            if member is None or member.left:
                return [event_from(MemberAdded, command)]
            what = f"{subject}: members/{command.member}"
            ids = {"member": command.member}
            names = ("member", "role")
            return again(MemberDescribed, Attested, member, command, names, what=what, ids=ids, key=None)
        case RemoveMember():
            member = party.members.get(str(command.member))
            part = f"members/{command.member}"
            if member is None:
                raise errors.UnknownPart("/member", part=part, subject=subject)
            if not member.left:
                return [event_from(MemberRemoved, command)]
            dates(command.effective, member.until, f"{subject}: {part} left", held=member, fact=command, field="until")
            return said(member, command, "left", "until")
        case AssignSecretariat():
            secretariat = party.secretariat
            if secretariat is None or secretariat.secretariat != command.secretariat:
                return [event_from(SecretariatAssigned, command)]
            what = f"{subject}: secretariat"
            dates(command.effective, secretariat.since, what, held=secretariat, fact=command, field="since")
            return said(secretariat, command, "secretariat", "since")
        case SeeOfficeHolder():
            return seen(subject, party, command)
        case _:
            assert_never(command)


def said(held: Part, command: Fact, what: str, day: str) -> list[Event]:
    """What is left of a fact that stands: who says so too, and also since when, where a day is told."""
    return [*attestations(Attested, held, (what, day) if command.effective else (what,), command)]


def reparented(subject: str, id: UUID, party: Party, command: Reparent, named: Refs) -> list[Event]:
    """The events of another parent, refused where that one stands under the party.

    Of the parties above only the next one is visible in `named`: a longer circle of parents is not found here.
    """
    higher = named.get(Ref("parties", command.parent)) if command.parent is not None else None
    if isinstance(higher, Party) and higher.header is not None and higher.header.parent == id:
        raise errors.Circular("/parent", subject=f"parties/{command.parent}")
    event = event_from(Reparented, command)
    header = party.header
    if header is None or header.parent is None or header.parent != command.parent:
        return [event]
    return [replace(event, effective=dates(command.effective, rests_on(header, ("parent",)), f"{subject}: parent"))]


def seen(subject: str, party: Party, command: SeeOfficeHolder) -> list[Event]:
    """The events of a sighting. The same of the same day is one, however the day is printed."""
    if command.person.organisations:
        raise errors.Invalid("/person/organisations", problem="an office holder's organisation is the party itself")
    event = event_from(OfficeHolderSeen, command)
    held = party.holders.get(event.part.partition("/")[2])
    if held is None:
        return [event]
    if not within(command.person, held.person):
        told: Any = {"held": held, "field": "person", "value": command.person, "fact": command}
        raise errors.AlreadyOtherwise("/person", what=f"{subject}: {event.part}", alone=True, **told)
    return [replace(event, person=held.person, seen=held.seen)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event of its place among others."""
    event = recorded.event
    since, told = event.effective, sources(None, recorded)
    match event:
        case Reparented():
            return headed(party, recorded, ("parent",))
        case Located(place=place):
            return put(party, event.part, Place(place=place, since=since, sources=told))
        case SecretariatAssigned(secretariat=secretariat):
            return put(party, event.part, Secretariat(secretariat=secretariat, since=since, sources=told))
        case MemberAdded(member=member, role=role):
            return put(party, event.part, Member(member=member, role=role, since=since, sources=told))
        case OfficeHolderSeen(person=person, seen=day, standing=standing):
            return put(party, event.part, Holder(person=person, seen=day, standing=standing, sources=told))
        case PlaceLeft() | MemberRemoved():
            held = part_of(party, event.part)
            if not isinstance(held, Place | Member):
                return party
            told = sources(held, recorded, ("left", "until"))
            return put(party, event.part, replace(held, left=True, until=since, sources=told))
        case MemberDescribed(member=member):
            known = party.members.get(str(member))
            if known is None:
                return party
            names = fields_set(event, ("role",))
            changed = {name: getattr(event, name) for name in names}
            return put(party, event.part, replace(known, **changed, sources=sources(known, recorded, names)))
        case _:
            raise AssertionError(event)
