"""The party: who can be bound, sign, meet, answer for a task, and what becomes of it.

A party is a place with a government, an office, a firm, a hospital, a body of others, but also a hall, a mechanism or
a region: all that agreements are made by, at and for. Four files own its events, commands and arms: `identity`,
`bodies`, `life`, `record`; `state` is what they all build. Here they become one decider, with the command that
registers a whole party at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain import duplicates
from service.domain.decider import Command, Decider, Event, Fact, Recorded, Ref, Refs, event_from, inherit, must_exist
from service.domain.parts import attest
from service.domain.party import bodies, identity, life, record
from service.domain.party.state import Kind, Party, end
from service.domain.settling import bare, settle, whole
from service.domain.values import PartyId, PrintedName


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a party with what is known of it at once, all or nothing.

    What stands inside takes the whole's citations, basis and note where it has none of its own. Registering the same id
    with the same content again changes nothing but adds new citations, and what was unknown of it.
    """

    kind: Kind
    name: PrintedName
    parent: PartyId | None = None
    proposed: life.Propose | None = None
    founded: life.Found | None = None
    secretariat: bodies.AssignSecretariat | None = None
    aliases: Annotated[tuple[identity.RecordAlias, ...], Meta(max_length=200)] = ()
    identifiers: Annotated[tuple[identity.Identify, ...], Meta(max_length=20)] = ()
    places: Annotated[tuple[bodies.Locate, ...], Meta(max_length=50)] = ()
    members: Annotated[tuple[bodies.AddMember, ...], Meta(max_length=500)] = ()
    holders: Annotated[tuple[bodies.SeeOfficeHolder, ...], Meta(max_length=200)] = ()


Contained = identity.Identity | bodies.Bodies | life.Life | record.Records

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(identity.Identity.__args__, identity),
    **dict.fromkeys(bodies.Bodies.__args__, bodies),
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(record.Records.__args__, record),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {event: owner for owner in (identity, bodies, life, record) for event in owner.EVENTS}
"""Which file applies an event."""

CHANGES = (
    identity.Described,
    identity.Renamed,
    bodies.Reparented,
    bodies.Located,
    bodies.PlaceLeft,
    bodies.MemberAdded,
    bodies.MemberRemoved,
    bodies.SecretariatAssigned,
    life.Split,
)
"""What happens to a party in the world, and to none that has ended."""


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole party, with the pointer to each."""
    if command.parent is not None:
        yield "", inherit(command, bodies.Reparent(parent=command.parent))
    for field in ("proposed", "founded", "secretariat"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("aliases", "identifiers", "places", "members", "holders"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, party: Party, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the party, or why not."""
    if isinstance(command, Register):
        first = event_from(identity.Registered, command)
        called = identity.once_called(party, command.name)
        return whole(DECIDER, id, called, first=first, items=contained(command), named=named)
    must_exist(party.header, Ref("parties", id))
    events: list[Event] = ARMS[type(command)].decide(id, party, command, named)
    if (end(party) or party.duplicate) and not isinstance(command, record.Records):
        for event in settle(DECIDER, party, bare(events)):
            still_there(id, party, event)
    return events


def still_there(id: UUID, party: Party, event: Event) -> None:
    """Refuse an event on a duplicate record, and a change to a party that had ended by then."""
    duplicates.alone(Ref("parties", id), party.duplicate)
    if isinstance(event, CHANGES):
        life.active_on(id, party, event.effective)
    elif isinstance(event, bodies.OfficeHolderSeen) and event.seen is not None and event.standing != "former":
        life.active_on(id, party, event.seen, "/seen")


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event."""
    event = recorded.event
    if isinstance(event, record.Attested):
        return attest(party, recorded)
    after: Party = OWNERS[type(event)].evolve(party, recorded)
    return after


DECIDER: Decider[Party] = Decider(
    category="parties",
    initial=Party(),
    events=tuple(OWNERS),
    attested=record.Attested,
    voided=record.Voided,
    decide=decide,
    evolve=evolve,
)
