"""How an agreement's clauses change: amended, renumbered, repealed, by the parties or by another agreement."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.clauses import apart, under
from service.domain.agreement.duties import clause_of
from service.domain.agreement.instruments import amending, names_instrument, since_signing
from service.domain.agreement.state import Agreement, Clause
from service.domain.decider import Change, Command, Event, Fact, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.obligations import OWED, Manner
from service.domain.parts import part_of, put, same, sources
from service.domain.settling import agreeing, dates
from service.domain.values import AgreementId, Label, Parties, PartName, Text, UncertainDate

TERMS = ("heading", "text", *OWED)
"""What an amendment may change."""


def amends(fact: Any) -> None:
    """An amendment changes something, and names its instrument before the instrument's part."""
    as_sets(fact, "obligors", "beneficiaries")
    if not fields_set(fact, TERMS):
        raise ValueError(f"an amendment sets at least one of {', '.join(TERMS)}")
    names_instrument(fact)


def moves(fact: Any) -> None:
    """A renumbering gives another label or another place, and names its instrument before the instrument's part."""
    if not fields_set(fact, ("label", "parent")):
        raise ValueError("a renumbering sets label or parent")
    names_instrument(fact)


# --- Events -----------------------------------------------------------------------------------------------------------


class ClauseAmended(Change, frozen=True, kw_only=True, gc=False):
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
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        amends(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"


class ClauseRenumbered(Change, frozen=True, kw_only=True, gc=False):
    """The clause has another label, or stands under another clause, from then on; a field left out stays."""

    type = "agreement.clause_renumbered"
    clause: UUID
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        moves(self)
        apart(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"


class ClauseRepealed(Change, frozen=True, kw_only=True, gc=False):
    """The clause holds no more."""

    type = "agreement.clause_repealed"
    clause: UUID
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """The instrument is named before its part."""
        names_instrument(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"


EVENTS = (ClauseAmended, ClauseRenumbered, ClauseRepealed)

# --- Commands ---------------------------------------------------------------------------------------------------------


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
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        amends(self)


class RenumberClause(Command, frozen=True, kw_only=True, gc=False):
    """Give a clause another label, or another clause to stand under (null: none), from `effective` on."""

    clause: UUID
    parent: UUID | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        moves(self)


class RepealClause(Command, frozen=True, kw_only=True, gc=False):
    """End a clause from `effective` on."""

    clause: UUID
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """The instrument is named before its part."""
        names_instrument(self)


Amendments = AmendClause | RenumberClause | RepealClause

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Amendments, refs: Refs) -> list[Event]:
    """The events of a change to a clause."""
    subject = f"agreements/{id}"
    held = clause_of(subject, agreement, command.clause)
    amending(id, refs, command)
    match command:
        case AmendClause():
            told: Event = event_from(ClauseAmended, since_signing(refs, command))
        case RenumberClause():
            if isinstance(command.parent, UUID):
                under(subject, agreement, held.id, command.parent)
            told = event_from(ClauseRenumbered, since_signing(refs, command))
        case RepealClause():
            return [repeal_event(subject, held, command, refs)]
        case _:
            assert_never(command)
    if not same(agreement, evolve(agreement, Recorded.template(told))):
        in_force(subject, held, told)
    return [told]


def repeal_event(subject: str, held: Clause, command: RepealClause, refs: Refs) -> Event:
    """The event of a repeal. Of one recorded already, what the command leaves out is as recorded."""
    if not held.repealed:
        return event_from(ClauseRepealed, since_signing(refs, command))
    what = f"{subject}: clauses/{held.id} repealed"
    agreeing(held, command, what, {"instrument": "repealed_by", "instrument_part": "repealing_part"})
    return event_from(
        ClauseRepealed,
        command,
        effective=dates(command.effective, held.repealed_from, what, held=held, fact=command, field="repealed_from"),
        instrument=held.repealed_by,
        instrument_part=held.repealing_part,
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
    """The agreement after a clause of it was amended, renumbered or repealed."""
    event = recorded.event
    clause = part_of(agreement, event.part)
    if not isinstance(clause, Clause):
        return agreement
    match event:
        case ClauseAmended(instrument=by, instrument_part=its):
            values = {name: getattr(event, name) for name in fields_set(event, TERMS)}
            values |= {"amended": True, "amended_by": by, "amending_part": its}
        case ClauseRenumbered(instrument=by, instrument_part=its):
            values = {name: getattr(event, name) for name in fields_set(event, ("parent", "label"))}
            values |= {"renumbered_by": by, "renumbering_part": its}
        case ClauseRepealed(instrument=by, instrument_part=its, effective=since):
            values = {"repealed": True, "repealed_from": since, "repealed_by": by, "repealing_part": its}
        case _:
            raise AssertionError(event)
    return put(agreement, event.part, replace(clause, **values, sources=sources(clause, recorded, tuple(values))))
