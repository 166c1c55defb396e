"""The agreement: what was agreed between whom, since when, and how it changed.

Nine files own its events, commands and arms: `header`, `term`, `life`, `signatories`, `clauses`, `duties`,
`amendments`, `compensation`, `links`; `state` is what they all build, `instruments` what changes by another agreement
share. Here they become one decider, with the command that registers a whole agreement at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain import duplicates, headings
from service.domain.agreement import (
    amendments,
    clauses,
    compensation,
    duties,
    header,
    life,
    links,
    signatories,
    term,
)
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.compensation import SetCompensation
from service.domain.agreement.links import LinkTo
from service.domain.agreement.signatories import AddSignatory, RecordSignature
from service.domain.agreement.state import Agreement
from service.domain.agreement.term import SetTerm
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
from service.domain.parts import attest, says
from service.domain.settling import bare, settle, whole
from service.domain.values import Count, Label, PrintedName


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole agreement at once, all or nothing.

    `called` is the registry's own words for an agreement of which no source gives the title. What stands inside takes
    the whole's citations, basis and note where it has none of its own. Registering the same id with the same content
    again changes nothing but adds new citations, and tells what was unknown of what it had.
    """

    title: PrintedName | None = None
    called: Label | None = None
    kinds: header.Kinds = ()
    instruments: Count | None = None
    titles: Annotated[tuple[header.AddTitle, ...], Meta(max_length=50)] = ()
    declared: header.DeclareSignatories | None = None
    term: SetTerm | None = None
    proposed: life.Propose | None = None
    signed: life.Sign | None = None
    in_force: life.EnterIntoForce | None = None
    signatories: Annotated[tuple[AddSignatory, ...], Meta(max_length=500)] = ()
    signatures: Annotated[tuple[RecordSignature, ...], Meta(max_length=500)] = ()
    clauses: Annotated[tuple[RecordClause, ...], Meta(max_length=500)] = ()
    compensation: Annotated[tuple[SetCompensation, ...], Meta(max_length=100)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        """It is called something."""
        headings.named(self)


Contained = (
    header.Heading
    | term.Terms
    | life.Life
    | signatories.Signatories
    | clauses.RecordClause
    | duties.RecordObligation
    | amendments.Amendments
    | compensation.CompensationCommand
    | links.Links
)

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(term.Terms.__args__, term),
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(signatories.Signatories.__args__, signatories),
    clauses.RecordClause: clauses,
    duties.RecordObligation: duties,
    **dict.fromkeys(amendments.Amendments.__args__, amendments),
    **dict.fromkeys(compensation.CompensationCommand.__args__, compensation),
    **dict.fromkeys(links.Links.__args__, links),
}
"""Which file decides a command."""

ROOMS = (header, term, life, signatories, clauses, duties, amendments, compensation, links)

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""


def contained(agreement: Agreement, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole agreement, with the pointer to each, in the order that they are decided in.

    Of one that exists the title is described as well: it may have been unknown.
    """
    fields = header.TELLS if agreement.header is not None else ("kinds", "instruments")
    told = {name: value for name in fields if says(value := getattr(command, name))}
    if told:
        whole_facts = {name: getattr(command, name) for name in Fact.__struct_fields__}
        yield "", header.Describe(**told, **whole_facts)
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
        first = event_from(header.Registered, command) if agreement.header is None else None
        items = contained(agreement, command)
        return whole(DECIDER, id, agreement, first=first, items=items, named=named)
    must_exist(agreement.header, Ref("agreements", id))
    events: list[Event] = ARMS[type(command)].decide(id, agreement, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    ended = life.end(agreement) is not None and isinstance(command, BOUND)
    if (ended or agreement.duplicate is not None) and settle(DECIDER, agreement, bare(events)):
        duplicates.alone(Ref("agreements", id), agreement.duplicate)
        known = LEARNT if agreement.term is None else LEARNT | {term.TermSet}
        if any(type(event) not in known for event in events):
            life.bound_on(id, agreement, command)
    return events


BOUND = (
    term.SetTerm,
    term.ChangeTerm,
    signatories.AddSignatory,
    signatories.WithdrawSignatory,
    clauses.RecordClause,
    amendments.AmendClause,
    amendments.RenumberClause,
    amendments.RepealClause,
    compensation.SetCompensation,
)
"""Commands on what an agreement says, which nothing changes any more once it has ended."""

LEARNT = frozenset(
    {
        signatories.SignatoryDescribed,
        clauses.ClauseDescribed,
        duties.ObligationRecorded,
        compensation.CompensationDescribed,
        header.Attested,
    }
)
"""Events that only tell more of what stood before the end."""


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
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
)
