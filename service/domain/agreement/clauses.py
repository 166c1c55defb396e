"""What an agreement says: clauses with a stable id and a changeable label, who owes whom, and how they change."""

from typing import Annotated, Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.life import Attested
from service.domain.agreement.state import Agreement, Clause, Manner
from service.domain.decider import (
    Command,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    fields_set,
    part_of,
    put,
    same,
    sources,
)
from service.domain.values import AgreementId, Label, PartyId, Text, UncertainDate

Owing = Annotated[tuple[PartyId, ...], Meta(max_length=200)]

# --- Events -----------------------------------------------------------------------------------------------------------


class ClauseRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The agreement has this clause. `parent` is the clause that it stands under."""

    type = "agreement.clause_recorded"
    belongs = True
    clause: UUID
    label: Label | None = None
    parent: UUID | None = None
    heading: Label | None = None
    text: Text | None = None
    obligors: Owing = ()
    beneficiaries: Owing = ()
    owed: Manner = "unstated"
    due: UncertainDate | None = None

    @property
    def part(self) -> str:
        """One part a clause."""
        return f"clauses/{self.clause}"


class ClauseAmended(Event, frozen=True, kw_only=True, gc=False):
    """The clause says something else from then on; fields left out stay. Names the amending agreement and clause."""

    type = "agreement.clause_amended"
    clause: UUID
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    obligors: Owing | UnsetType = UNSET
    beneficiaries: Owing | UnsetType = UNSET
    owed: Manner | UnsetType = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


class ClauseRenumbered(Event, frozen=True, kw_only=True, gc=False):
    """The clause has another label from then on."""

    type = "agreement.clause_renumbered"
    clause: UUID
    label: Label

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

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"

    @property
    def changes(self) -> str | None:
        """The clause's recording."""
        return self.part


EVENTS = (ClauseRecorded, ClauseAmended, ClauseRenumbered, ClauseRepealed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class RecordClause(Command, frozen=True, kw_only=True, gc=False):
    """Record a clause. Without `id` it gets one that follows from its parent, label, heading and text.

    `id` and `parent` are clause ids; `obligors` owe `beneficiaries`, each by itself, jointly, or the source leaves it
    unstated; `due` is the deadline as far as it is known.
    """

    id: UUID | None = None
    label: Label | None = None
    parent: UUID | None = None
    heading: Label | None = None
    text: Text | None = None
    obligors: Owing = ()
    beneficiaries: Owing = ()
    owed: Manner = "unstated"
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """A clause says something."""
        if self.heading is None and self.text is None:
            raise ValueError("a clause has a heading or a text")


class AmendClause(Command, frozen=True, kw_only=True, gc=False):
    """Change what a clause says from `effective` on; fields left out stay as they are."""

    clause: UUID
    heading: Label | UnsetType | None = UNSET
    text: Text | UnsetType | None = UNSET
    obligors: Owing | UnsetType = UNSET
    beneficiaries: Owing | UnsetType = UNSET
    owed: Manner | UnsetType = UNSET
    due: UncertainDate | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """An amendment changes something, and names its instrument before the instrument's clause."""
        if not fields_set(self, TERMS):
            raise ValueError(f"an amendment sets at least one of {', '.join(TERMS)}")
        if self.instrument_clause is not None and self.instrument is None:
            raise ValueError("instrument_clause needs its instrument")


class RenumberClause(Command, frozen=True, kw_only=True, gc=False):
    """Give a clause another label."""

    clause: UUID
    label: Label


class RepealClause(Command, frozen=True, kw_only=True, gc=False):
    """End a clause from `effective` on."""

    clause: UUID
    instrument: AgreementId | None = None
    instrument_clause: UUID | None = None

    def __post_init__(self) -> None:
        """The instrument is named before its clause."""
        if self.instrument_clause is not None and self.instrument is None:
            raise ValueError("instrument_clause needs its instrument")


Clauses = RecordClause | AmendClause | RenumberClause | RepealClause
TERMS = ("heading", "text", "obligors", "beneficiaries", "owed", "due")

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
        known = clause_id(id, command)
        if command.parent is not None:
            if command.parent == known:
                raise errors.Circular("/parent", subject=f"clauses/{known}")
            if str(command.parent) not in agreement.clauses:
                raise errors.UnknownPart("/parent", part=f"clauses/{command.parent}", subject=subject)
        event: ClauseRecorded = event_from(ClauseRecorded, command, clause=known)
        held = agreement.clauses.get(str(known))
        if held is not None:
            fields = ("label", "parent", *TERMS)
            if any(getattr(held, field) != getattr(event, field) for field in fields):
                raise errors.AlreadyOtherwise("/id", what=f"{subject}: clauses/{known}")
            # Said again as it stands: the citations are new, and an amendment's marks stay.
            return [Attested(attests=event.part, citations=event.citations, basis=event.basis, note=event.note)]
        return [event]
    held = agreement.clauses.get(str(command.clause))
    if held is None:
        raise errors.UnknownPart("/clause", part=f"clauses/{command.clause}", subject=subject)
    match command:
        case AmendClause():
            amending(refs, command)
            told: Event = event_from(ClauseAmended, since_signing(refs, command))
        case RenumberClause():
            told = event_from(ClauseRenumbered, command)
        case RepealClause():
            amending(refs, command)
            return [repeal_event(subject, held, since_signing(refs, command))]
        case _:
            assert_never(command)
    if not same(agreement, evolve(agreement, Recorded.template(told))):
        in_force(subject, held, told)
    return [told]


def repeal_event(subject: str, held: Clause, command: RepealClause) -> Event:
    """The event of a repeal. Of one recorded already, what the command leaves out is as recorded."""
    repeal = event_from(ClauseRepealed, command)
    if not held.repealed:
        return repeal
    if repeal.effective is None or repeal.effective.agrees(held.repealed_from):
        repeal = replace(repeal, effective=held.repealed_from)
    instrument = repeal.instrument or held.repealed_by
    if held.repealed_from not in {None, repeal.effective} or held.repealed_by not in {None, instrument}:
        raise errors.AlreadyOtherwise("/clause", what=f"{subject}: clauses/{held.id} repealed")
    return replace(repeal, instrument=instrument)


def in_force(subject: str, held: Clause, command: Fact) -> None:
    """Refuse to change a repealed clause, unless from a day before the repeal."""
    if not held.repealed:
        return
    ended = held.repealed_from.earliest if held.repealed_from else None
    day = command.effective.latest if command.effective else None
    if ended is None or day is None or day >= ended:
        since = f" since {ended}" if ended else ""
        raise errors.Ended("/clause", subject=f"{subject}: clauses/{held.id}", status="repealed", since=since)


def amending(refs: Refs, command: AmendClause | RepealClause) -> None:
    """Refuse an amending clause that its instrument has not."""
    if command.instrument is None or command.instrument_clause is None:
        return
    ref = Ref("agreements", command.instrument)
    instrument = refs[ref]
    if instrument is None or part_of(instrument, f"clauses/{command.instrument_clause}") is None:
        raise errors.UnknownPart("/instrument_clause", part=f"clauses/{command.instrument_clause}", subject=str(ref))


def since_signing(refs: Refs, command: Any) -> Any:
    """An undated change made by another agreement takes that agreement's signing date, and says that it is inferred."""
    if command.effective is not None or command.instrument is None:
        return command
    instrument = refs[Ref("agreements", command.instrument)]
    signed = instrument.steps.get("signed") if isinstance(instrument, Agreement) else None
    if signed is None or signed.effective is None:
        return command
    return replace(command, effective=replace(signed.effective, basis="inferred"))


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its clauses."""
    event = recorded.event
    if isinstance(event, ClauseRecorded):
        said = sources(None, recorded)
        return put(agreement, event.part, first_recorded(event, said))
    clause = part_of(agreement, event.part)
    if not isinstance(clause, Clause):
        return agreement
    match event:
        case ClauseAmended(instrument=instrument, instrument_clause=instrument_clause):
            names = fields_set(event, TERMS)
            changed = {name: getattr(event, name) for name in names}
            marks = {"amended": True, "amended_by": instrument, "amending_clause": instrument_clause}
            said = sources(clause, recorded, (*names, *marks))
            return put(agreement, event.part, replace(clause, **changed, **marks, sources=said))
        case ClauseRenumbered(label=label):
            said = sources(clause, recorded, ("label",))
            return put(agreement, event.part, replace(clause, label=label, sources=said))
        case ClauseRepealed(instrument=instrument):
            said = sources(clause, recorded, ("repealed", "repealed_from", "repealed_by"))
            return put(
                agreement,
                event.part,
                replace(clause, repealed=True, repealed_from=event.effective, repealed_by=instrument, sources=said),
            )
        case _:
            raise AssertionError(event)


def first_recorded(event: ClauseRecorded, said: Any) -> Clause:
    """The clause as first recorded."""
    return Clause(
        id=event.clause,
        label=event.label,
        parent=event.parent,
        heading=event.heading,
        text=event.text,
        obligors=event.obligors,
        beneficiaries=event.beneficiaries,
        owed=event.owed,
        due=event.due,
        sources=said,
    )
