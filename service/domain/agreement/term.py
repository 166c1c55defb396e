"""From when to when an agreement runs, or how long: as first agreed, and as changed since."""

from calendar import monthrange
from datetime import date
from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain.agreement.header import Attested
from service.domain.agreement.instruments import amending, names_instrument, since_signing
from service.domain.agreement.state import Agreement, Term
from service.domain.decider import Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import AgreementId, Magnitude, Note, PartName, Period

FIELDS = ("period", "lasts", "renewal")
MONTHS = {"年": 12, "个月": 1, "月": 1}
"""The units that a term is counted in, in months."""


def lasting(fact: Any) -> None:
    """A term says something."""
    if all(getattr(fact, name) is None for name in FIELDS):
        raise ValueError(f"a term has at least one of {', '.join(FIELDS)}")


def changing(fact: Any) -> None:
    """A change of the term changes something, and names its instrument before the instrument's part."""
    if not fields_set(fact, FIELDS):
        raise ValueError(f"a change of the term sets at least one of {', '.join(FIELDS)}")
    names_instrument(fact)


# --- Events -----------------------------------------------------------------------------------------------------------


class TermSet(Event, frozen=True, kw_only=True, gc=False):
    """From when to when the agreement runs, as it was agreed; told again, what was unknown of that."""

    type = "agreement.term_set"
    belongs = True
    period: Period | None = None
    lasts: Magnitude | None = None
    renewal: Note | None = None

    def __post_init__(self) -> None:
        """Something is agreed."""
        lasting(self)

    @property
    def part(self) -> str:
        """One term an agreement."""
        return "term"


class TermChanged(Event, frozen=True, kw_only=True, gc=False):
    """The agreement runs otherwise from then on; fields left out stay. Names the changing agreement and clause."""

    type = "agreement.term_changed"
    period: Period | UnsetType | None = UNSET
    lasts: Magnitude | UnsetType | None = UNSET
    renewal: Note | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)

    @property
    def part(self) -> str:
        """The term."""
        return "term"

    @property
    def changes(self) -> str | None:
        """What was agreed first."""
        return "term"


EVENTS = (TermSet, TermChanged)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetTerm(Command, frozen=True, kw_only=True, gc=False):
    """Record from when to when the agreement runs, how long it lasts, how it is renewed: as first agreed."""

    period: Period | None = None
    lasts: Magnitude | None = None
    renewal: Note | None = None

    def __post_init__(self) -> None:
        """Something is agreed."""
        lasting(self)


class ChangeTerm(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement runs otherwise from `effective` on; fields left out stay as they are."""

    period: Period | UnsetType | None = UNSET
    lasts: Magnitude | UnsetType | None = UNSET
    renewal: Note | UnsetType | None = UNSET
    instrument: AgreementId | None = None
    instrument_part: PartName | None = None

    def __post_init__(self) -> None:
        """Something changes."""
        changing(self)


Terms = SetTerm | ChangeTerm

# --- State ------------------------------------------------------------------------------------------------------------


def expires(agreement: Agreement) -> date | None:
    """The last day of the term, where it is known: its end, or what follows from its first day and how long it lasts.

    It is counted as the Civil Code counts (articles 201 and 202): to the day of the same number in the last month, or
    that month's last day; from the period's start, else from the signing, where that is one known day.
    """
    term = agreement.term
    if term is None:
        return None
    if term.period is not None and term.period.ends is not None:
        return term.period.ends.latest
    signed = agreement.steps.get("signed")
    starts = (term.period.starts if term.period else None) or (signed.effective if signed else None)
    months = counted(term.lasts)
    if months is None or starts is None or starts.earliest is None or starts.earliest != starts.latest:
        return None
    first = starts.earliest
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def counted(lasts: Magnitude | None) -> int | None:
    """The whole months that a quantity is exactly, None where it is none."""
    if lasts is None or lasts.bound != "exact" or lasts.unit not in MONTHS:
        return None
    number = lasts.value or ""
    return int(number) * MONTHS[lasts.unit] if number.isdigit() and len(number) < 5 else None


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Terms, refs: Refs) -> list[Event]:
    """The events of a command on the term."""
    what = f"agreements/{id}: term"
    match command:
        case SetTerm():
            if agreement.term is None:
                return [event_from(TermSet, command)]
            return again(TermSet, Attested, agreement.term, command, FIELDS, what=what, ids={}, key=None)
        case ChangeTerm():
            amending(id, refs, command)
            return [event_from(TermChanged, since_signing(refs, command))]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its term."""
    event = recorded.event
    term = agreement.term
    match event:
        case TermSet(period=period, lasts=lasts, renewal=renewal):
            if term is not None:
                return filled(agreement, recorded, FIELDS)
            said = sources(None, recorded)
            return put(agreement, "term", Term(period=period, lasts=lasts, renewal=renewal, sources=said))
        case TermChanged(instrument=instrument, instrument_part=clause):
            names = fields_set(event, FIELDS)
            changed = {name: getattr(event, name) for name in names}
            marks = {"changed_by": instrument, "changing_part": clause}
            said = sources(term, recorded, (*names, *marks))
            return put(agreement, "term", replace(term or Term(), **changed, **marks, sources=said))
        case _:
            raise AssertionError(event)
