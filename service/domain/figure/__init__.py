"""The figure: a number that a source claims, or a set of them: of what, of whom, of which time, and what it is made of.

A signing event of so many projects worth so much, in four categories; a funnel of those talked over, intended, signed;
a plain number with a unit, a place in a rank, a number with the one before it. Six files own its events, commands and
arms: `header`, `concerned`, `items`, `claims`, `links`, `assessments`; `state` is what they all build. Here they become
one decider, with the command that registers a whole figure at once. Whether it adds up is computed (`reconciling`);
which of its claims cannot both hold, `disagreeing` tells.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import Meta

from service.domain import duplicates
from service.domain.decider import (
    Attested,
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    inherit,
    must_exist,
)
from service.domain.figure import assessments, claims, concerned, header, items, links
from service.domain.figure.assessments import Dispute, Reconcile
from service.domain.figure.claims import RecordClaim
from service.domain.figure.concerned import NameParty
from service.domain.figure.items import RecordItem
from service.domain.figure.links import LinkTo
from service.domain.figure.state import Figure
from service.domain.parts import attest, says
from service.domain.settling import bare, settle, whole
from service.domain.values import Label, Period, Text


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole figure at once, all or nothing.

    `metric` is what is counted or measured, `called` the registry's own words for the figure. What stands inside takes
    the whole's citations, basis and note where it has none of its own. Registering the same id with the same content
    again changes nothing but adds new citations, and tells what was unknown of what it had.
    """

    last: ClassVar[tuple[str, ...]] = ("disputed", "reconciled")
    metric: Label
    called: Label | None = None
    period: Period | None = None
    text: Text | None = None
    concerned: Annotated[tuple[NameParty, ...], Meta(max_length=200)] = ()
    items: Annotated[tuple[RecordItem, ...], Meta(max_length=500)] = ()
    claims: Annotated[tuple[RecordClaim, ...], Meta(max_length=1_000)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=1_000)] = ()
    disputed: Dispute | None = None
    reconciled: Reconcile | None = None


Contained = header.Heading | NameParty | RecordItem | RecordClaim | LinkTo | assessments.Findings

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    NameParty: concerned,
    RecordItem: items,
    RecordClaim: claims,
    LinkTo: links,
    **dict.fromkeys(assessments.Findings.__args__, assessments),
}
"""Which file decides a command."""

ROOMS = (header, concerned, items, claims, links, assessments)

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""


def contained(figure: Figure, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole figure, with the pointer to each, in the order that they are decided in.

    What one that exists is called is described, where that was unknown.
    """
    learns = figure.header is not None and figure.header.called is None
    fields = header.TELLS if learns else ("period", "text")
    told = {name: value for name in fields if says(value := getattr(command, name))}
    if told:
        yield "", header.Describe(**told, **{name: getattr(command, name) for name in Fact.__struct_fields__})
    for field in ("concerned", "items", "claims", "links"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)
    for field in command.last:
        if (item := getattr(command, field)) is not None:
            yield f"/{field}", inherit(command, item)


def decide(id: UUID, figure: Figure, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the figure, or why not."""
    if isinstance(command, Register):
        known = figure.header
        called = command.called if known is None or known.called is not None else None
        first = event_from(header.Registered, command, called=called)
        return whole(DECIDER, id, figure, first=first, items=contained(figure, command), named=named)
    ref = Ref("figures", id)
    must_exist(figure.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, figure, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    if figure.duplicate is not None and settle(DECIDER, figure, bare(events)):
        duplicates.alone(ref, figure.duplicate)
    return events


def evolve(figure: Figure, recorded: Recorded) -> Figure:
    """The figure after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(figure, recorded)
    after: Figure = OWNERS[type(event)].evolve(figure, recorded)
    return after


DECIDER: Decider[Figure] = Decider(
    category="figures",
    initial=Figure(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
    life=("claims", "assessments"),
)
