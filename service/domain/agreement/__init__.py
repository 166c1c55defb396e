"""The agreement: what was agreed between whom, since when, and how it changed.

Five files own its events, commands and arms: `life`, `signatories`, `clauses`, `compensation`, `links`; `state` is what
they all build. Here they become one decider, with the command that registers a whole agreement at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain.agreement import clauses, compensation, life, links, signatories
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.compensation import SetCompensation
from service.domain.agreement.links import LinkTo
from service.domain.agreement.signatories import AddSignatory, RecordSignature
from service.domain.agreement.state import Agreement, Kind
from service.domain.decider import (
    Attested,
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    attest,
    bare,
    event_from,
    inherit,
    must_exist,
    settle,
    whole,
)
from service.domain.values import Count, PrintedName


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole agreement at once, all or nothing.

    What stands inside takes the whole's citations, basis and note where it has none of its own. Registering the same id
    with the same content again changes nothing but adds new citations.
    """

    title: PrintedName
    kind: Kind
    instruments: Count | None = 1
    titles: Annotated[tuple[life.AddTitle, ...], Meta(max_length=50)] = ()
    declared: life.DeclareSignatories | None = None
    term: life.SetTerm | None = None
    proposed: life.Propose | None = None
    signed: life.Sign | None = None
    in_force: life.EnterIntoForce | None = None
    signatories: Annotated[tuple[AddSignatory, ...], Meta(max_length=500)] = ()
    signatures: Annotated[tuple[RecordSignature, ...], Meta(max_length=500)] = ()
    clauses: Annotated[tuple[RecordClause, ...], Meta(max_length=500)] = ()
    compensation: Annotated[tuple[SetCompensation, ...], Meta(max_length=100)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=200)] = ()


Contained = life.Life | signatories.Signatories | clauses.Clauses | compensation.CompensationCommand | links.Links

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(signatories.Signatories.__args__, signatories),
    **dict.fromkeys(clauses.Clauses.__args__, clauses),
    **dict.fromkeys(compensation.CompensationCommand.__args__, compensation),
    **dict.fromkeys(links.Links.__args__, links),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {
    event: owner for owner in (life, signatories, clauses, compensation, links) for event in owner.EVENTS
}
"""Which file applies an event."""


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole agreement, with the pointer to each, in the order that they are decided in."""
    for field in ("signed", "proposed", "in_force", "declared", "term"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("titles", "signatories", "signatures", "clauses", "compensation", "links"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, agreement: Agreement, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the agreement, or why not."""
    if isinstance(command, Register):
        first = event_from(life.Registered, command)
        return whole(DECIDER, id, agreement, first=first, items=contained(command), named=named)
    must_exist(agreement.header, Ref("agreements", id))
    events: list[Event] = ARMS[type(command)].decide(id, agreement, command, named)
    if isinstance(command, BOUND) and life.end(agreement) is not None and settle(DECIDER, agreement, bare(events)):
        life.bound_on(id, agreement, command)
    return events


BOUND = (
    life.SetTerm,
    signatories.AddSignatory,
    signatories.WithdrawSignatory,
    clauses.RecordClause,
    clauses.AmendClause,
    clauses.RenumberClause,
    clauses.RepealClause,
    compensation.SetCompensation,
)
"""Commands on what an agreement says, which nothing changes any more once it has ended."""


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(agreement, recorded)
    after: Agreement = OWNERS[type(event)].evolve(agreement, recorded)
    return after


DECIDER: Decider[Agreement] = Decider(
    category="agreements",
    initial=Agreement(),
    events=tuple(OWNERS),
    attested=life.Attested,
    voided=life.Voided,
    decide=decide,
    evolve=evolve,
)
