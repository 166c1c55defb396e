"""Ecological compensation: who pays whom for the water at which section, and what was paid."""

from typing import Annotated, assert_never
from uuid import UUID, uuid5

from msgspec import Meta
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.state import Agreement, Compensation, Rate, Settlement
from service.domain.decider import Command, Event, Recorded, Refs, event_from, put, sources
from service.domain.values import Label, PartyId, Quantity, UncertainDate, content

# --- Events -----------------------------------------------------------------------------------------------------------


class CompensationSet(Event, frozen=True, kw_only=True, gc=False):
    """A rule of compensation holds, whole; set again under the same id it replaces the earlier one from its date."""

    type = "agreement.compensation_set"
    belongs = True
    rule: UUID
    section: Label | None = None
    upstream: PartyId | None = None
    downstream: PartyId | None = None
    target_class: Label | None = None
    rates: Annotated[tuple[Rate, ...], Meta(max_length=50)] = ()
    cap: Quantity | None = None
    term: UncertainDate | None = None

    @property
    def part(self) -> str:
        """One part a rule."""
        return f"compensation/{self.rule}"


class CompensationSettled(Event, frozen=True, kw_only=True, gc=False):
    """An amount was settled under a rule for a period."""

    type = "agreement.compensation_settled"
    rule: UUID
    period: Label
    measured: Label | None = None
    payer: PartyId | None = None
    payee: PartyId | None = None
    amount: Quantity

    @property
    def part(self) -> str:
        """One settlement a rule and period."""
        return f"settlements/{self.rule}:{self.period}"


EVENTS = (CompensationSet, CompensationSettled)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetCompensation(Command, frozen=True, kw_only=True, gc=False):
    """Record a rule: the section measured, upstream and downstream, target class, rates, cap and term.

    What no source says stays out. Without `id` the rule gets one that follows from its section and parties.
    """

    id: UUID | None = None
    section: Label | None = None
    upstream: PartyId | None = None
    downstream: PartyId | None = None
    target_class: Label | None = None
    rates: Annotated[tuple[Rate, ...], Meta(max_length=50)] = ()
    cap: Quantity | None = None
    term: UncertainDate | None = None


class SettleCompensation(Command, frozen=True, kw_only=True, gc=False):
    """Record what was settled under a rule for a period."""

    rule: UUID
    period: Label
    measured: Label | None = None
    payer: PartyId | None = None
    payee: PartyId | None = None
    amount: Quantity


CompensationCommand = SetCompensation | SettleCompensation

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: CompensationCommand, refs: Refs) -> list[Event]:
    """The events of a command on compensation."""
    subject = f"agreements/{id}"
    match command:
        case SetCompensation():
            if command.upstream is not None and command.upstream == command.downstream:
                raise errors.Invalid("/downstream", problem="a party does not lie downstream of itself")
            rule = command.id or uuid5(id, f"compensation\n{command.section}\n{command.upstream}\n{command.downstream}")
            return [event_from(CompensationSet, command, rule=rule)]
        case SettleCompensation():
            if str(command.rule) not in agreement.compensation:
                raise errors.UnknownPart("/rule", part=f"compensation/{command.rule}", subject=subject)
            event: CompensationSettled = event_from(CompensationSettled, command)
            held = agreement.settlements.get(event.part.partition("/")[2])
            if held is not None and content(held) != settled(event):
                raise errors.AlreadyOtherwise("/period", what=f"{subject}: {event.part}")
            return [event]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def settled(event: CompensationSettled) -> Settlement:
    """The settlement that an event records, without sources."""
    return Settlement(
        rule=event.rule,
        period=event.period,
        measured=event.measured,
        payer=event.payer,
        payee=event.payee,
        amount=event.amount,
    )


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of compensation."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case CompensationSet():
            rule = Compensation(
                id=event.rule,
                section=event.section,
                upstream=event.upstream,
                downstream=event.downstream,
                target_class=event.target_class,
                rates=event.rates,
                cap=event.cap,
                term=event.term,
                sources=said,
            )
            return put(agreement, event.part, rule)
        case CompensationSettled():
            return put(agreement, event.part, replace(settled(event), sources=said))
        case _:
            raise AssertionError(event)
