"""What an agreement says: clauses with a stable id and a changeable label, from the start or put in later."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.agreement.duties import Obligation, ObligationRecorded, obliged
from service.domain.agreement.header import Attested
from service.domain.agreement.instruments import amending, names_instrument, since_signing
from service.domain.agreement.state import Agreement, Clause
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set, inherit
from service.domain.parts import filled, put, sources
from service.domain.settling import again, agreeing
from service.domain.values import AgreementId, Label, PartName, Text, spelt

WORDS = ("label", "parent", "heading", "text")
"""What a clause is called, where it stands, and what it says."""


def something(fact: Any) -> None:
    """A clause says something."""
    if fact.heading is None and fact.text is None:
        raise ValueError("a clause has a heading or a text")


def apart(event: Any) -> None:
    """A clause does not stand under itself. (Longer circles are the decider's to find.)"""
    if event.parent is not None and event.parent == event.clause:
        raise ValueError("a clause does not stand under itself")


# --- Events -----------------------------------------------------------------------------------------------------------


class ClauseRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The agreement has this clause. `parent` is the clause that it stands under."""

    type = "agreement.clause_recorded"
    belongs = True
    clause: UUID
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None

    def __post_init__(self) -> None:
        """It says something."""
        something(self)
        apart(self)

    @property
    def part(self) -> str:
        """One part a clause."""
        return f"clauses/{spelt(self.clause)}"


class ClauseAdded(Event, frozen=True, kw_only=True, gc=False):
    """A later agreement put this clause in: it holds from then on, not from the signing."""

    type = "agreement.clause_added"
    clause: UUID
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    instrument: AgreementId
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """It says something."""
        something(self)
        apart(self)

    @property
    def part(self) -> str:
        """One part a clause."""
        return f"clauses/{spelt(self.clause)}"


class ClauseDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a clause became known; fields left out stay as they are."""

    type = "agreement.clause_described"
    clause: UUID
    parent: UUID | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    heading: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        apart(self)
        if not fields_set(self, WORDS):
            raise ValueError(f"a description sets at least one of {', '.join(WORDS)}")

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{spelt(self.clause)}"


EVENTS = (ClauseRecorded, ClauseAdded, ClauseDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordClause(Command, frozen=True, kw_only=True, gc=False):
    """Record a clause; of one recorded already, what was unknown of it.

    `id` and `parent` are clause ids; without `id` it gets one that follows from its parent, label, heading and text. A
    clause that a later agreement put in names that one as its `instrument`, and holds since that one's signing.
    """

    id: UUID | None = None
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    obligation: Obligation | None = None
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """A clause says something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self)
        names_instrument(self)


# --- decide -----------------------------------------------------------------------------------------------------------


def clause_id(id: UUID, command: RecordClause) -> UUID:
    """The clause's id: given, or one that is the same for the same words in the same place."""
    if command.id is not None:
        return command.id
    return uuid5(
        id, "\n".join(str(part or "") for part in (command.parent, command.label, command.heading, command.text))
    )


def decide(id: UUID, agreement: Agreement, command: RecordClause, refs: Refs) -> list[Event]:
    """The events of a clause: its recording, or what is learnt of one that stands; then who owes whom under it."""
    subject, known = f"agreements/{spelt(id)}", clause_id(id, command)
    if command.parent is not None:
        under(subject, agreement, known, command.parent)
    amending(id, refs, command)
    held = agreement.clauses.get(spelt(known))
    obligation = inherit(command, command.obligation) if command.obligation is not None else None
    if held is None:
        if command.heading is None and command.text is None:
            raise errors.Invalid("/text", problem="a clause that is not recorded yet has a heading or a text")
        kind = ClauseRecorded if command.instrument is None else ClauseAdded
        event: Event = event_from(kind, since_signing(refs, command), clause=known)
        events = [event]
        if obligation is not None:
            events.append(event_from(ObligationRecorded, obligation, clause=known))
        return events
    what = f"{subject}: clauses/{known}"
    agreeing(held, command, what, {"instrument": "added_by", "instrument_part": "adding_part"})
    events = again(ClauseDescribed, Attested, held, command, WORDS, what=what, ids={"clause": known}, key="id")
    if obligation is not None:
        try:
            events += obliged(subject, held, obligation)
        except errors.Refused as refused:
            raise refused.under("/obligation") from None
    return events


def ancestors(agreement: Agreement, clause: UUID) -> Iterator[UUID]:
    """A clause and those that it stands under, as far as they are recorded, each once."""
    seen: set[UUID] = set()
    above: UUID | None = clause
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        held = agreement.clauses.get(str(above))
        above = held.parent if held else None


def under(subject: str, agreement: Agreement, clause: UUID, parent: UUID) -> None:
    """Refuse a parent that is not recorded, or that is the clause itself or stands under it."""
    if parent != clause and str(parent) not in agreement.clauses:
        raise errors.UnknownPart("/parent", part=f"clauses/{parent}", subject=subject)
    if clause in ancestors(agreement, parent):
        raise errors.Circular("/parent", subject=f"clauses/{clause}")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of a clause that it has."""
    event = recorded.event
    if isinstance(event, (ClauseRecorded, ClauseAdded)):
        return put(agreement, event.part, first_recorded(event, recorded))
    return filled(agreement, recorded, WORDS)


def first_recorded(event: ClauseRecorded | ClauseAdded, recorded: Recorded) -> Clause:
    """The clause as first recorded, in the agreement itself or by a later one."""
    return Clause(
        id=event.clause,
        parent=event.parent,
        label=event.label,
        heading=event.heading,
        text=event.text,
        added_by=event.instrument if isinstance(event, ClauseAdded) else None,
        adding_part=event.instrument_part if isinstance(event, ClauseAdded) else None,
        sources=sources(None, recorded),
    )
