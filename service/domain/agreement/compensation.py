"""Ecological compensation: who pays whom for the water at which section, and what was paid."""

from typing import Annotated, Any, assert_never
from uuid import UUID, uuid5

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.header import Attested
from service.domain.agreement.state import Agreement, Compensation, Rate, Settlement
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.parts import attestations, filled, otherwise, put, says, sources
from service.domain.settling import again
from service.domain.values import Label, Magnitude, PartyId, Period, distinct

Side = Annotated[tuple[PartyId, ...], Meta(max_length=50)]
Rates = Annotated[tuple[Rate, ...], Meta(max_length=50)]
FIELDS = ("section", "basin", "upstream", "downstream", "target_class", "rates", "cap", "term")


def flows(fact: Any) -> None:
    """Both sides in no order, and nobody downstream of itself."""
    as_sets(fact, "upstream", "downstream")
    if says(fact.upstream) and says(fact.downstream) and set(fact.upstream) & set(fact.downstream):
        raise ValueError("a party does not lie downstream of itself")


def named(period: Period) -> str:
    """What tells one period of settlement from another: its bounds, else the words that it was printed in."""
    starts, ends = period.starts, period.ends
    first = (starts.earliest or starts.latest) if starts else None
    last = (ends.latest or ends.earliest) if ends else None
    if first is None and last is None:
        words = (period.printed, starts and starts.printed, ends and ends.printed)
        return next(word for word in words if word)
    return f"{first or ''}..{last or ''}"


# --- Events -----------------------------------------------------------------------------------------------------------


class CompensationSet(Event, frozen=True, kw_only=True, gc=False):
    """A rule of compensation holds, whole; set again under the same id it replaces the earlier one from its date."""

    type = "agreement.compensation_set"
    belongs = True
    rule: UUID
    section: Label | None = None
    basin: Label | None = None
    upstream: Side = ()
    downstream: Side = ()
    target_class: Label | None = None
    rates: Rates = ()
    cap: Magnitude | None = None
    term: Period | None = None

    def __post_init__(self) -> None:
        """Two sides."""
        flows(self)

    @property
    def part(self) -> str:
        """One part a rule."""
        return f"compensation/{self.rule}"


class CompensationDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a rule of compensation became known; fields left out stay as they are."""

    type = "agreement.compensation_described"
    rule: UUID
    section: Label | UnsetType = UNSET
    basin: Label | UnsetType = UNSET
    upstream: Side | UnsetType = UNSET
    downstream: Side | UnsetType = UNSET
    target_class: Label | UnsetType = UNSET
    rates: Rates | UnsetType = UNSET
    cap: Magnitude | UnsetType = UNSET
    term: Period | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known, of two sides."""
        flows(self)
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The rule."""
        return f"compensation/{self.rule}"


class CompensationSettled(Event, frozen=True, kw_only=True, gc=False):
    """An amount was settled under a rule for a period."""

    type = "agreement.compensation_settled"
    rule: UUID
    period: Period
    measured: Label | None = None
    payer: PartyId | None = None
    payee: PartyId | None = None
    amount: Magnitude

    @property
    def part(self) -> str:
        """One settlement a rule and period."""
        return f"settlements/{self.rule}:{named(self.period)}"

    @property
    def changes(self) -> str | None:
        """The rule's setting."""
        return f"compensation/{self.rule}"


EVENTS = (CompensationSet, CompensationDescribed, CompensationSettled)

# --- Commands ---------------------------------------------------------------------------------------------------------


class SetCompensation(Command, frozen=True, kw_only=True, gc=False):
    """Record a rule: the section and basin, who lies upstream and downstream, target class, rates, cap and term.

    What no source says stays out. Without `id` the rule gets one that follows from its section, basin and parties. Of
    a rule recorded already an undated command tells what was unknown, a dated one the whole rule from then on.
    """

    id: UUID | None = None
    section: Label | None = None
    basin: Label | None = None
    upstream: Side = ()
    downstream: Side = ()
    target_class: Label | None = None
    rates: Rates = ()
    cap: Magnitude | None = None
    term: Period | None = None


class SettleCompensation(Command, frozen=True, kw_only=True, gc=False):
    """Record what was settled under a rule for a period."""

    rule: UUID
    period: Period
    measured: Label | None = None
    payer: PartyId | None = None
    payee: PartyId | None = None
    amount: Magnitude


CompensationCommand = SetCompensation | SettleCompensation

# --- decide -----------------------------------------------------------------------------------------------------------


def rule_id(id: UUID, command: SetCompensation) -> UUID:
    """The rule's id: given, or one that is the same for the same place and parties."""
    if command.id is not None:
        return command.id
    sides = (",".join(map(str, distinct(side))) for side in (command.upstream, command.downstream))
    return uuid5(id, "\n".join(["compensation", command.section or "", command.basin or "", *sides]))


def decide(id: UUID, agreement: Agreement, command: CompensationCommand, refs: Refs) -> list[Event]:
    """The events of a command on compensation."""
    subject = f"agreements/{id}"
    match command:
        case SetCompensation():
            number = rule_id(id, command)
            rule = agreement.compensation.get(str(number))
            known = rule if rule is not None and command.effective is None else Compensation(id=number)
            if {*command.upstream, *known.upstream} & {*command.downstream, *known.downstream}:
                raise errors.Invalid("/downstream", problem="a party does not lie downstream of itself")
            event: CompensationSet = event_from(CompensationSet, command, rule=number)
            if rule is None or command.effective is not None:
                return [event]
            ids, what = {"rule": event.rule}, f"{subject}: {event.part}"
            return again(CompensationDescribed, Attested, rule, event, FIELDS, what=what, ids=ids, key="id")
        case SettleCompensation():
            if str(command.rule) not in agreement.compensation:
                raise errors.UnknownPart("/rule", part=f"compensation/{command.rule}", subject=subject)
            settlement: CompensationSettled = event_from(CompensationSettled, command)
            held = agreement.settlements.get(settlement.part.partition("/")[2])
            if held is None:
                return [settlement]
            told = replace(settled(settlement), period=held.period)
            if (name := next(otherwise(told, held), None)) is not None:
                value, what = getattr(told, name), f"{subject}: {settlement.part}"
                raise errors.AlreadyOtherwise(f"/{name}", what=what, held=held, field=name, value=value, fact=command)
            fields = [name for name in told.__struct_fields__ if says(getattr(told, name))]
            return [*attestations(Attested, held, fields, command)]
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
            fields = {name: getattr(event, name) for name in FIELDS}
            return put(agreement, event.part, Compensation(id=event.rule, **fields, sources=said))
        case CompensationDescribed():
            return filled(agreement, recorded, FIELDS)
        case CompensationSettled():
            return put(agreement, event.part, replace(settled(event), sources=said))
        case _:
            raise AssertionError(event)
