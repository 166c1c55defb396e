"""What an agreement says: clauses with a stable id and a changeable label, who owes whom, and how they change."""

from collections.abc import Iterator
from typing import Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.header import Attested
from service.domain.agreement.instruments import amending, names_instrument, since_signing
from service.domain.agreement.state import Agreement, Clause
from service.domain.decider import (
    Command,
    Event,
    Fact,
    Recorded,
    Refs,
    as_sets,
    event_from,
    fields_set,
    inherit,
    undated,
)
from service.domain.obligations import OWED, Manner, owing
from service.domain.parts import filled, part_of, put, same, sources
from service.domain.settling import again, dates
from service.domain.values import AgreementId, Label, Parties, Text, UncertainDate

WORDS = ("label", "parent", "heading", "text")
"""What a clause is called, where it stands, and what it says."""
TERMS = ("heading", "text", *OWED)
"""What an amendment may change."""


def something(fact: Any) -> None:
    """A clause says something."""
    if fact.heading is None and fact.text is None:
        raise ValueError("a clause has a heading or a text")


def apart(event: Any) -> None:
    """A clause does not stand under itself. (Longer circles are the decider's to find.)"""
    if event.parent == event.clause:
        raise ValueError("a clause does not stand under itself")


def amends(fact: Any) -> None:
    """An amendment changes something, and names its instrument before the instrument's clause."""
    as_sets(fact, "obligors", "beneficiaries")
    if not fields_set(fact, TERMS):
        raise ValueError(f"an amendment sets at least one of {', '.join(TERMS)}")
    names_instrument(fact)


def moves(fact: Any) -> None:
    """A renumbering gives another label or another place, and names its instrument before the instrument's clause."""
    if not fields_set(fact, ("label", "parent")):
        raise ValueError("a renumbering sets label or parent")
    names_instrument(fact)


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
        return f"clauses/{self.clause}"


class ClauseAdded(Event, frozen=True, kw_only=True, gc=False):
    """A later agreement put this clause in: it holds from then on, not from the signing."""

    type = "agreement.clause_added"
    clause: UUID
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    instrument: AgreementId
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """It says something."""
        something(self)
        apart(self)

    @property
    def part(self) -> str:
        """One part a clause."""
        return f"clauses/{self.clause}"


class ClauseDescribed(Event, frozen=True, kw_only=True, gc=False):
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
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


class ObligationRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Who owes whom under a clause, how and by when, since the clause does hold. What is left out is not known."""

    type = "agreement.obligation_recorded"
    timeless = True
    clause: UUID
    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


class ClauseAmended(Event, frozen=True, kw_only=True, gc=False):
    """The clause says something else from then on; fields left out stay. Names the amending agreement and clause."""

    type = "agreement.clause_amended"
    clause: UUID
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    obligors: Parties | UnsetType = UNSET
    beneficiaries: Parties | UnsetType = UNSET
    manner: Manner | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        amends(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


class ClauseRenumbered(Event, frozen=True, kw_only=True, gc=False):
    """The clause has another label, or stands under another clause, from then on; a field left out stays."""

    type = "agreement.clause_renumbered"
    clause: UUID
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        moves(self)
        apart(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


class ClauseRepealed(Event, frozen=True, kw_only=True, gc=False):
    """The clause holds no more."""

    type = "agreement.clause_repealed"
    clause: UUID
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """The instrument is named before its clause."""
        names_instrument(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


EVENTS = (
    ClauseRecorded,
    ClauseAdded,
    ClauseDescribed,
    ObligationRecorded,
    ClauseAmended,
    ClauseRenumbered,
    ClauseRepealed,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Obligation(Fact, frozen=True, kw_only=True, gc=False):
    """Who owes whom under the clause that it stands in, with citations and a basis of its own where they differ.

    `obligors` owe `beneficiaries`, each by itself, jointly, or one another; `due` is the deadline as it is known.
    """

    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)


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
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """A clause says something; one recorded already may be named by its id alone."""
        if self.id is None:
            something(self)
        names_instrument(self)


class RecordObligation(Command, frozen=True, kw_only=True, gc=False):
    """Record who owes whom under a clause, or what was unknown of that. It has no date: it holds since the clause does.

    `obligors` owe `beneficiaries`, each by itself, jointly, or one another; `due` is the deadline as it is known.
    """

    clause: UUID
    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)


class AmendClause(Command, frozen=True, kw_only=True, gc=False):
    """Change what a clause says from `effective` on; fields left out stay as they are."""

    clause: UUID
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    obligors: Parties | UnsetType = UNSET
    beneficiaries: Parties | UnsetType = UNSET
    manner: Manner | UnsetType | None = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        amends(self)


class RenumberClause(Command, frozen=True, kw_only=True, gc=False):
    """Give a clause another label, or another clause to stand under (null: none), from `effective` on."""

    clause: UUID
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        moves(self)


class RepealClause(Command, frozen=True, kw_only=True, gc=False):
    """End a clause from `effective` on."""

    clause: UUID
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """The instrument is named before its clause."""
        names_instrument(self)


Clauses = RecordClause | RecordObligation | AmendClause | RenumberClause | RepealClause

# --- decide -----------------------------------------------------------------------------------------------------------


def clause_id(id: UUID, command: RecordClause) -> UUID:
    """The clause's id: given, or one that is the same for the same words in the same place."""
    if command.id is not None:
        return command.id
    return uuid5(
        id, "\n".join(str(part or "") for part in (command.parent, command.label, command.heading, command.text))
    )


def decide(id: UUID, agreement: Agreement, command: Clauses, refs: Refs) -> list[Event]:
    """The events of a command on the clauses."""
    subject = f"agreements/{id}"
    if isinstance(command, RecordClause):
        return recorded_clause(id, agreement, command, refs)
    held = agreement.clauses.get(str(command.clause))
    if held is None:
        raise errors.UnknownPart("/clause", part=f"clauses/{command.clause}", subject=subject)
    match command:
        case RecordObligation():
            return obliged(subject, held, command)
        case AmendClause():
            amending(id, refs, command)
            told: Event = event_from(ClauseAmended, since_signing(refs, command))
        case RenumberClause():
            amending(id, refs, command)
            if isinstance(command.parent, UUID):
                under(subject, agreement, held.id, command.parent)
            told = event_from(ClauseRenumbered, since_signing(refs, command))
        case RepealClause():
            amending(id, refs, command)
            return [repeal_event(subject, held, command, refs)]
        case _:
            assert_never(command)
    if not same(agreement, evolve(agreement, Recorded.template(told))):
        in_force(subject, held, told)
    return [told]


def recorded_clause(id: UUID, agreement: Agreement, command: RecordClause, refs: Refs) -> list[Event]:
    """The events of a clause: its recording, or what is learnt of one that stands; then who owes whom under it."""
    subject, known = f"agreements/{id}", clause_id(id, command)
    if command.parent is not None:
        under(subject, agreement, known, command.parent)
    amending(id, refs, command)
    held = agreement.clauses.get(str(known))
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
    for told, recorded in (("instrument", held.added_by), ("instrument_clause", held.adding_clause)):
        if getattr(command, told) not in {None, recorded}:
            raise errors.AlreadyOtherwise(f"/{told}", what=what)
    events = again(ClauseDescribed, Attested, held, command, WORDS, what=what, ids={"clause": known}, key="id")
    if obligation is not None:
        try:
            events += obliged(subject, held, obligation)
        except errors.Refused as refused:
            raise refused.under("/obligation") from None
    return events


def obliged(subject: str, held: Clause, told: Obligation | RecordObligation) -> list[Event]:
    """The events of an obligation under a clause that stands: what was unknown of it, what is attested."""
    undated(told)
    ids, what = {"clause": held.id}, f"{subject}: clauses/{held.id} obligation"
    return again(ObligationRecorded, Attested, held, told, OWED, what=what, ids=ids, key=None)


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


def repeal_event(subject: str, held: Clause, command: RepealClause, refs: Refs) -> Event:
    """The event of a repeal. Of one recorded already, what the command leaves out is as recorded."""
    if not held.repealed:
        return event_from(ClauseRepealed, since_signing(refs, command))
    what = f"{subject}: clauses/{held.id} repealed"
    for told, recorded in (("instrument", held.repealed_by), ("instrument_clause", held.repealing_clause)):
        if getattr(command, told) not in {None, recorded}:
            raise errors.AlreadyOtherwise(f"/{told}", what=what)
    return event_from(
        ClauseRepealed,
        command,
        effective=dates(command.effective, held.repealed_from, what),
        instrument=held.repealed_by,
        instrument_clause=held.repealing_clause,
    )


def in_force(subject: str, held: Clause, command: Fact) -> None:
    """Refuse to change a repealed clause, unless from a day before the repeal."""
    if not held.repealed:
        return
    ended = held.repealed_from.earliest if held.repealed_from else None
    day = command.effective.latest if command.effective else None
    if ended is None or day is None or day >= ended:
        since = f" since {ended}" if ended else ""
        raise errors.Ended("/clause", subject=f"{subject}: clauses/{held.id}", status="repealed", since=since)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its clauses."""
    event = recorded.event
    match event:
        case ClauseRecorded() | ClauseAdded():
            return put(agreement, event.part, first_recorded(event, recorded))
        case ClauseDescribed():
            return filled(agreement, recorded, WORDS)
        case ObligationRecorded():
            return filled(agreement, recorded, OWED)
        case _:
            clause = part_of(agreement, event.part)
            return changed(agreement, clause, recorded) if isinstance(clause, Clause) else agreement


def changed(agreement: Agreement, clause: Clause, recorded: Recorded) -> Agreement:
    """The agreement after a clause of it was amended, renumbered or repealed."""
    event = recorded.event
    match event:
        case ClauseAmended(instrument=by, instrument_clause=its):
            values = {name: getattr(event, name) for name in fields_set(event, TERMS)}
            values |= {"amended": True, "amended_by": by, "amending_clause": its}
        case ClauseRenumbered(instrument=by, instrument_clause=its):
            values = {name: getattr(event, name) for name in fields_set(event, ("parent", "label"))}
            values |= {"renumbered_by": by, "renumbering_clause": its}
        case ClauseRepealed(instrument=by, instrument_clause=its, effective=since):
            values = {"repealed": True, "repealed_from": since, "repealed_by": by, "repealing_clause": its}
        case _:
            raise AssertionError(event)
    return put(agreement, event.part, replace(clause, **values, sources=sources(clause, recorded, tuple(values))))


def first_recorded(event: ClauseRecorded | ClauseAdded, recorded: Recorded) -> Clause:
    """The clause as first recorded, in the agreement itself or by a later one."""
    return Clause(
        id=event.clause,
        parent=event.parent,
        label=event.label,
        heading=event.heading,
        text=event.text,
        added_by=event.instrument if isinstance(event, ClauseAdded) else None,
        adding_clause=event.instrument_clause if isinstance(event, ClauseAdded) else None,
        sources=sources(None, recorded),
    )
