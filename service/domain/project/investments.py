"""What is invested in a project: sums as they were stated, what was added to them, and who came in whose place.

An increase is told by its increment alone and stands as a part of its own; so does the replacement of an investor. What
a report counts of them, and when, is `counting`'s.
"""

from collections.abc import Iterator
from datetime import date
from typing import assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, sources
from service.domain.project.header import Attested
from service.domain.project.state import Investment, Project, Replacement, investor, named_investors, replaced
from service.domain.settling import again, agreeing
from service.domain.values import Label, Magnitude, Note, PartyId, UncertainDate

FIELDS = ("quantity", "investor", "phase", "of")


def another(fact: "InvestorReplaced | ReplaceInvestor") -> None:
    """Nobody comes in their own place."""
    if fact.former == fact.investor:
        raise ValueError("former and investor are two parties")


# --- Events -----------------------------------------------------------------------------------------------------------


class OfInvestment(Event, frozen=True, kw_only=True, gc=False):
    """What every event of an investment names."""

    investment: UUID

    @property
    def part(self) -> str:
        """One part an investment."""
        return f"investments/{self.investment}"


class InvestmentStated(OfInvestment, frozen=True, kw_only=True, gc=False):
    """A source tells what is invested: how much of which modality, of whom, in which phase."""

    type = "project.investment_stated"
    belongs = True
    quantity: Magnitude
    investor: PartyId | None = None
    phase: Label | None = None


class InvestmentIncreased(OfInvestment, frozen=True, kw_only=True, gc=False):
    """More is invested from then on: `quantity` is the increment alone, `of` the investment that it adds to."""

    type = "project.investment_increased"
    quantity: Magnitude
    of: UUID | None = None
    investor: PartyId | None = None
    phase: Label | None = None


class InvestmentDescribed(OfInvestment, frozen=True, kw_only=True, gc=False):
    """What was unknown of an investment became known: its modality, its investor, its phase, what it adds to."""

    type = "project.investment_described"
    quantity: Magnitude | UnsetType = UNSET
    investor: PartyId | UnsetType = UNSET
    phase: Label | UnsetType = UNSET
    of: UUID | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def changes(self) -> str | None:
        """The investment's recording."""
        return self.part


class InvestorReplaced(Event, frozen=True, kw_only=True, gc=False):
    """Another investor came in the place of one: in one investment, or in all that is not told apart."""

    type = "project.investor_replaced"
    replacement: UUID
    former: PartyId
    investor: PartyId
    investment: UUID | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Two parties."""
        another(self)

    @property
    def part(self) -> str:
        """One part a replacement."""
        return f"replacements/{self.replacement}"


class ReplacementDescribed(Change, frozen=True, kw_only=True, gc=False):
    """On what grounds another investor came became known."""

    type = "project.replacement_described"
    replacement: UUID
    grounds: Note

    @property
    def part(self) -> str:
        """The replacement."""
        return f"replacements/{self.replacement}"


EVENTS = (InvestmentStated, InvestmentIncreased, InvestmentDescribed, InvestorReplaced, ReplacementDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class StateInvestment(Command, frozen=True, kw_only=True, gc=False):
    """Record what is invested; of an investment recorded already, what was unknown of it.

    `quantity.modality` says what kind of sum it is: planned, intended, contracted, total, paid_in. Without `id` it gets
    one that follows from investor, phase and modality: of each there is one, and another sum of the same contradicts.
    """

    id: UUID | None = None
    quantity: Magnitude
    investor: PartyId | None = None
    phase: Label | None = None


class IncreaseInvestment(Command, frozen=True, kw_only=True, gc=False):
    """Record that more is invested; of an increase recorded already, what was unknown of it.

    `quantity` is the increment alone, never the sum after it. Without `id` it gets one that follows from what it adds
    to, the investor, the phase, the sum and the date.
    """

    id: UUID | None = None
    quantity: Magnitude
    of: UUID | None = None
    investor: PartyId | None = None
    phase: Label | None = None


class ReplaceInvestor(Command, frozen=True, kw_only=True, gc=False):
    """Record that another investor came in the place of one, in one investment or in all.

    Without `id` it is the recorded one of these investors, in this investment, on this day or told without one; where
    the former one had come back in between, one on another day is another fact. What is not recorded gets an id that
    follows from investment, former, investor and date.
    """

    id: UUID | None = None
    former: PartyId
    investor: PartyId
    investment: UUID | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """Two parties."""
        another(self)


Investments = StateInvestment | IncreaseInvestment | ReplaceInvestor

# --- decide -----------------------------------------------------------------------------------------------------------


def made_of(id: UUID, what: str, *told: object) -> UUID:
    """An id that is the same for the same words."""
    return uuid5(id, f"{what}\n{msgspec.json.encode(told).decode()}")


def part_id(id: UUID, command: Investments) -> UUID:
    """The id of the part that a command makes: given, or the one that follows from what it tells."""
    if command.id is not None:
        return command.id
    match command:
        case StateInvestment(quantity=quantity):
            return made_of(id, "investment", command.investor, command.phase, quantity.modality)
        case IncreaseInvestment(quantity=one, effective=day):
            sum_ = (one.value, one.low, one.high, one.unit, one.bound, one.modality)
            return made_of(id, "increase", command.of, command.investor, command.phase, sum_, bounds(day))
        case ReplaceInvestor(effective=day):
            # Those recorded before ids told the day keep theirs: they are found by what they say (`alike`).
            return made_of(id, "replacement", command.investment, command.former, command.investor, bounds(day))
        case _:
            assert_never(command)


def bounds(day: UncertainDate | None) -> tuple[date | None, date | None] | None:
    """What of a date an id follows from."""
    return (day.earliest, day.latest) if day is not None else None


def chain(project: Project, investment: UUID | None) -> Iterator[UUID]:
    """An investment and those that it adds to, as far as they are recorded, each once."""
    seen: set[UUID] = set()
    while investment is not None and investment not in seen:
        seen.add(investment)
        yield investment
        held = project.investments.get(str(investment))
        investment = held.of if held is not None else None


def decide(id: UUID, project: Project, command: Investments, refs: Refs) -> list[Event]:
    """The events of a command on what is invested."""
    subject, known = f"projects/{id}", part_id(id, command)
    if isinstance(command, ReplaceInvestor):
        return replacing(subject, project, command, known)
    of = command.of if isinstance(command, IncreaseInvestment) else None
    if of is not None:
        if str(of) not in project.investments:
            raise errors.UnknownPart("/of", part=f"investments/{of}", subject=subject)
        if known in chain(project, of):
            raise errors.Circular("/of", subject=f"investments/{known}")
    held = project.investments.get(str(known))
    if held is None:
        kind = InvestmentIncreased if isinstance(command, IncreaseInvestment) else InvestmentStated
        return [event_from(kind, command, investment=known)]
    what = f"{subject}: investments/{known}"
    if held.increase != isinstance(command, IncreaseInvestment):
        raise errors.AlreadyOtherwise("/id", what=what)
    names = FIELDS if held.increase else FIELDS[:-1]
    return again(InvestmentDescribed, Attested, held, command, names, what=what, ids={"investment": known}, key="id")


def replacing(subject: str, project: Project, command: ReplaceInvestor, known: UUID) -> list[Event]:
    """The events of a replacement: that it came about, or what is told anew of one that is recorded."""
    again_of = [one for one in replaced(project) if same(one, command)] if command.id is None else []
    held = alike(project, again_of, command) if again_of else project.replacements.get(str(known))
    if held is not None:
        what = f"{subject}: replacements/{held.id}"
        agreeing(held, command, what, {name: name for name in ("former", "investor", "investment")})
        ids = {"replacement": held.id}
        return again(ReplacementDescribed, Attested, held, command, ("grounds",), what=what, ids=ids, key="id")
    if command.investment is not None:
        one = project.investments.get(str(command.investment))
        if one is None:
            raise errors.UnknownPart("/investment", part=f"investments/{command.investment}", subject=subject)
        now = {investor(project, one)}
    else:
        now = {investor(project, one) for one in project.investments.values()}
        now |= set(named_investors(project).values())
    # Of an investment whose investor nobody has told, the replacement tells it. Who had come back was one.
    if now and command.former not in now and None not in now and not again_of:
        raise errors.UnknownPart("/former", part=f"parties/investor:{command.former}", subject=subject)
    while str(known) in project.replacements:  # One that was corrected since has the id of these words.
        known = uuid5(known, "again")
    return [event_from(InvestorReplaced, command, replacement=known)]


def same(one: Replacement, command: ReplaceInvestor) -> bool:
    """Whether a replacement is one of these investors in this investment, on whatever day."""
    told = (command.former, command.investor, command.investment)
    return (one.former, one.investor, one.investment) == told


def alike(project: Project, told: list[Replacement], command: ReplaceInvestor) -> Replacement | None:
    """Which of several replacements of the same investors a command tells again; None where it tells another one.

    One of the same day, the last where no day is told; else the first that cannot be another fact, since nobody had
    come back between the two: of that one the command tells another date.
    """
    if command.effective is None:
        return told[-1]
    day = command.effective
    agreed = (one for one in told if day.covers(one.effective))
    return next(agreed, next((one for one in told if not back(project, one, command)), None))


def back(project: Project, one: Replacement, command: ReplaceInvestor) -> bool:
    """Whether the former investor had come back between a replacement and another of the same two, or may have."""
    first, second = sorted((first_day(one.effective), first_day(command.effective)))
    return any(
        other.investor == command.former
        and (other.investment is None or command.investment is None or other.investment == command.investment)
        and first <= first_day(other.effective, first) <= second
        for other in project.replacements.values()
    )


def first_day(day: UncertainDate | None, unknown: date = date.min) -> date:
    """The first day that a date may be."""
    return (day.earliest if day is not None else None) or unknown


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event of what is invested."""
    event = recorded.event
    said, since = sources(None, recorded), event.effective
    match event:
        case InvestmentStated() | InvestmentIncreased():
            increase = isinstance(event, InvestmentIncreased)
            names = FIELDS if increase else FIELDS[:-1]
            told = {name: getattr(event, name) for name in names}
            one = Investment(id=event.investment, **told, increase=increase, effective=since, sources=said)
            return put(project, event.part, one)
        case InvestmentDescribed():
            return filled(project, recorded, FIELDS)
        case InvestorReplaced(replacement=id):
            told = {name: getattr(event, name) for name in ("former", "investor", "investment", "grounds")}
            return put(project, event.part, Replacement(id=id, **told, effective=since, sources=said))
        case ReplacementDescribed():
            return filled(project, recorded, ("grounds",))
        case _:
            raise AssertionError(event)
