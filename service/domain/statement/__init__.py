"""The statement: what was said and is no agreement: a promise, a proposal, an intention, a request, a talk, a remark.

A speech that says several things is several statements. Three files own its events, commands and arms: `header`,
`life`, `voices`; `state` is what they all build. Here they become one decider, with the command that registers a whole
statement at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
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
from service.domain.parts import attest
from service.domain.settling import bare, settle, whole
from service.domain.statement import header, life, voices
from service.domain.statement.state import Kind, Statement
from service.domain.values import Text


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole statement at once, all or nothing.

    `text` is what was said, in words of our own. What stands inside takes the whole's citations, basis and note where
    it has none of its own. Registering the same id with the same content again changes nothing but adds new citations,
    and tells what was unknown of what it had.
    """

    text: Text
    kind: Kind | None = None
    made: life.Make | None = None
    withdrawn: life.Withdraw | None = None
    performance: voices.RecordPerformance | None = None
    participants: Annotated[tuple[voices.AddParticipant, ...], Meta(max_length=200)] = ()
    topics: Annotated[tuple[voices.AddTopic, ...], Meta(max_length=100)] = ()
    uptakes: Annotated[tuple[life.TakeUp, ...], Meta(max_length=100)] = ()


Contained = header.Heading | life.Life | voices.Voices

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(voices.Voices.__args__, voices),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {event: owner for owner in (header, life, voices) for event in owner.EVENTS}
"""Which file applies an event."""


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole statement, with the pointer to each, in the order that they are decided in."""
    if command.kind is not None:
        yield "", inherit(command, header.Describe(kind=command.kind))
    for field in ("made", "performance"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("participants", "topics", "uptakes"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)
    if command.withdrawn is not None:
        yield "/withdrawn", inherit(command, command.withdrawn)


def decide(id: UUID, statement: Statement, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the statement, or why not."""
    if isinstance(command, Register):
        first = event_from(header.Registered, command)
        return whole(DECIDER, id, statement, first=first, items=contained(command), named=named)
    ref = Ref("statements", id)
    must_exist(statement.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, statement, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    if statement.duplicate is not None and settle(DECIDER, statement, bare(events)):
        duplicates.alone(ref, statement.duplicate)
    return events


def evolve(statement: Statement, recorded: Recorded) -> Statement:
    """The statement after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(statement, recorded)
    after: Statement = OWNERS[type(event)].evolve(statement, recorded)
    return after


DECIDER: Decider[Statement] = Decider(
    category="statements",
    initial=Statement(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
    life=("steps", "uptakes"),
)
