"""The discrepancy: what sources, or two records, tell differently, who says what, and which of it holds in the end.

Three files own its events, commands and arms: `header`, `claims`, `life`; `state` is what they all build. Here they
become one decider, with the command that registers a whole discrepancy at once. By which correction the record
comes to say what a resolution chose, `correcting` tells; that both are one transaction is the registry's (`plan`).
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

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
from service.domain.discrepancy import claims, header, life
from service.domain.discrepancy.claims import RecordClaim
from service.domain.discrepancy.state import MOST, Discrepancy
from service.domain.parts import attest
from service.domain.settling import whole
from service.domain.values import Label


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole discrepancy at once, all or nothing.

    `what` is what is told differently, in words of our own; `claims` who says what, each with its citations. Those
    without any take the whole's, with its basis and note. Registering the same id with the same content again changes
    nothing but adds new citations, and tells what was unknown of its claims.
    """

    what: Label
    claims: Annotated[tuple[RecordClaim, ...], Meta(min_length=2, max_length=MOST)]


class Propose(Register, frozen=True, kw_only=True, gc=False):
    """Register what the registry noticed itself, for somebody to settle."""


Contained = claims.Claiming | life.Life

ARMS: dict[type[Fact], Any] = {claims.RecordClaim: claims, **dict.fromkeys(life.Life.__args__, life)}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {event: owner for owner in (header, claims, life) for event in owner.EVENTS}
"""Which file applies an event."""


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The claims of a whole discrepancy, with the pointer to each."""
    for index, item in enumerate(command.claims):
        yield f"/claims/{index}", inherit(command, item)


def decide(id: UUID, discrepancy: Discrepancy, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the discrepancy, or why not."""
    if isinstance(command, Register):
        if discrepancy.header is not None:
            noticed = discrepancy.header.proposed_by
        else:
            noticed = "registry" if isinstance(command, Propose) else "curator"
        first = event_from(header.Detected, command, proposed_by=noticed)
        return whole(DECIDER, id, discrepancy, first=first, items=contained(command), named=named)
    must_exist(discrepancy.header, Ref("discrepancies", id))
    events: list[Event] = ARMS[type(command)].decide(id, discrepancy, command, named)
    return events


def evolve(discrepancy: Discrepancy, recorded: Recorded) -> Discrepancy:
    """The discrepancy after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(discrepancy, recorded)
    after: Discrepancy = OWNERS[type(event)].evolve(discrepancy, recorded)
    return after


DECIDER: Decider[Discrepancy] = Decider(
    category="discrepancies",
    initial=Discrepancy(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
    life=("life",),
)
