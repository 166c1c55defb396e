"""An agreement's life: registered (proposed), signed, in force, ended; its titles and term.

Forward steps may skip states. That an agreement has expired is computed from its term, never an event.
"""

from datetime import date
from typing import Annotated, Literal, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import decider, errors
from service.domain.agreement.state import (
    RANK,
    Agreement,
    Declared,
    Header,
    Kind,
    Status,
    Step,
    StepName,
    Term,
    Title,
    latest,
)
from service.domain.decider import (
    Command,
    Event,
    Recorded,
    Ref,
    Refs,
    event_from,
    fields_set,
    put,
    retold,
    sources,
)
from service.domain.values import AgreementId, Count, Note, PartyId, PrintedName, Text, UncertainDate

# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The agreement is known of. `instruments` counts the papers that the record stands for, null where none says."""

    type = "agreement.registered"
    title: PrintedName
    kind: Kind
    instruments: Count | None = 1


class Described(Event, frozen=True, kw_only=True, gc=False):
    """The agreement's kind or number of papers became known, or its main title was chosen anew."""

    type = "agreement.described"
    title: PrintedName | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    instruments: Count | UnsetType | None = UNSET

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Titled(Event, frozen=True, kw_only=True, gc=False):
    """Another title of the same agreement."""

    type = "agreement.titled"
    title: PrintedName
    variant: Literal["full", "short", "caption", "other"]

    @property
    def part(self) -> str:
        """One part a wording."""
        return f"titles/{self.title.printed}"


class SignatoriesDeclared(Event, frozen=True, kw_only=True, gc=False):
    """How many signatories a source speaks of, and whether it says who signed with whom."""

    type = "agreement.signatories_declared"
    belongs = True
    signatories: Count | None = None
    pairing: Literal["known", "unknown"] = "known"

    @property
    def part(self) -> str:
        """One declaration an agreement."""
        return "declared"


class TermSet(Event, frozen=True, kw_only=True, gc=False):
    """From when to when the agreement runs. Set again, it extends or shortens the term."""

    type = "agreement.term_set"
    belongs = True
    starts: UncertainDate | None = None
    ends: UncertainDate | None = None
    renewal: Note | None = None

    @property
    def part(self) -> str:
        """One term an agreement."""
        return "term"


class Proposed(Event, frozen=True, kw_only=True, gc=False):
    """Somebody proposed the agreement."""

    type = "agreement.proposed"
    by: tuple[PartyId, ...] = ()

    @property
    def part(self) -> str:
        """The step."""
        return "steps/proposed"


class Signed(Event, frozen=True, kw_only=True, gc=False):
    """The agreement was signed; `effective` is the date of signing."""

    type = "agreement.signed"
    signs = True
    place: Text | None = None

    @property
    def part(self) -> str:
        """The step."""
        return "steps/signed"


class EnteredIntoForce(Event, frozen=True, kw_only=True, gc=False):
    """The agreement came into force."""

    type = "agreement.entered_into_force"
    belongs = True

    @property
    def part(self) -> str:
        """The step."""
        return "steps/in_force"


class Terminated(Event, frozen=True, kw_only=True, gc=False):
    """The agreement was ended before its term, by whom and on what grounds."""

    type = "agreement.terminated"
    by: tuple[PartyId, ...] = ()
    grounds: Note | None = None

    @property
    def part(self) -> str:
        """The step."""
        return "steps/terminated"


class Superseded(Event, frozen=True, kw_only=True, gc=False):
    """Another agreement took this one's place."""

    type = "agreement.superseded"
    successor: AgreementId

    @property
    def part(self) -> str:
        """The step."""
        return "steps/superseded"


class Withdrawn(Event, frozen=True, kw_only=True, gc=False):
    """The proposal was withdrawn before it was signed."""

    type = "agreement.withdrawn"
    by: tuple[PartyId, ...] = ()
    grounds: Note | None = None

    @property
    def part(self) -> str:
        """The step."""
        return "steps/withdrawn"


class Retracted(Event, frozen=True, kw_only=True, gc=False):
    """The source took back that there is such an agreement."""

    type = "agreement.retracted"
    grounds: Note | None = None

    @property
    def part(self) -> str:
        """The step."""
        return "steps/retracted"


class Merged(Event, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "agreement.merged"
    successor: AgreementId

    @property
    def part(self) -> str:
        """The step."""
        return "steps/merged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same of a part of the agreement."""

    type = "agreement.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the agreement should never have been recorded."""

    type = "agreement.voided"


EVENTS = (
    Registered,
    Described,
    Titled,
    SignatoriesDeclared,
    TermSet,
    Proposed,
    Signed,
    EnteredIntoForce,
    Terminated,
    Superseded,
    Withdrawn,
    Retracted,
    Merged,
    Attested,
    Voided,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Set the main title, the kind or the number of papers anew; what is left out stays."""

    title: PrintedName | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    instruments: Count | UnsetType | None = UNSET


class AddTitle(Command, frozen=True, kw_only=True, gc=False):
    """Record another title of the same agreement."""

    title: PrintedName
    variant: Literal["full", "short", "caption", "other"] = "other"


class DeclareSignatories(Command, frozen=True, kw_only=True, gc=False):
    """Record how many signatories a source speaks of, and whether it pairs them."""

    signatories: Count | None = None
    pairing: Literal["known", "unknown"] = "known"


class SetTerm(Command, frozen=True, kw_only=True, gc=False):
    """Record from when to when the agreement runs."""

    starts: UncertainDate | None = None
    ends: UncertainDate | None = None
    renewal: Note | None = None


class Propose(Command, frozen=True, kw_only=True, gc=False):
    """Record who proposed the agreement, and when."""

    by: Annotated[tuple[PartyId, ...], Meta(max_length=200)] = ()


class Sign(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement was signed, when (`effective`) and where."""

    place: Text | None = None


class EnterIntoForce(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement came into force."""


class Terminate(Command, frozen=True, kw_only=True, gc=False):
    """Record that the agreement was ended before its term."""

    by: Annotated[tuple[PartyId, ...], Meta(max_length=200)] = ()
    grounds: Note | None = None


class Supersede(Command, frozen=True, kw_only=True, gc=False):
    """Record that another agreement took this one's place."""

    successor: AgreementId


class Withdraw(Command, frozen=True, kw_only=True, gc=False):
    """Record that the proposal was withdrawn."""

    by: Annotated[tuple[PartyId, ...], Meta(max_length=200)] = ()
    grounds: Note | None = None


class Retract(Command, frozen=True, kw_only=True, gc=False):
    """Record that the source took back that there is such an agreement."""

    grounds: Note | None = None


class Merge(Command, frozen=True, kw_only=True, gc=False):
    """Record that this is a duplicate of another agreement."""

    successor: AgreementId


Life = (
    Describe
    | AddTitle
    | DeclareSignatories
    | SetTerm
    | Propose
    | Sign
    | EnterIntoForce
    | Terminate
    | Supersede
    | Withdraw
    | Retract
    | Merge
)

# --- State ------------------------------------------------------------------------------------------------------------


def status(agreement: Agreement, day: date) -> Status:
    """The agreement's status on `day`: its furthest step, or expired when its term ran out before that day."""
    last = latest(agreement)
    furthest: StepName = last.step if last else "proposed"
    expiry = expires(agreement)
    if expiry is not None and expiry < day and furthest in {"signed", "in_force"}:
        return "expired"
    return furthest


def expires(agreement: Agreement) -> date | None:
    """The last day of the term, where it is known."""
    return agreement.term.ends.latest if agreement.term and agreement.term.ends else None


def amended(agreement: Agreement) -> bool:
    """Whether a clause has been amended or repealed."""
    return any(clause.amended or clause.repealed for clause in agreement.clauses.values())


def end(agreement: Agreement) -> Step | None:
    """The step that ended the agreement, the first one in time, if one did."""
    ends = [step for step in agreement.steps.values() if RANK[step.step] >= RANK["terminated"]]
    return min(ends, key=lambda step: (step.effective and step.effective.earliest) or date.max, default=None)


def bound_on(id: UUID, agreement: Agreement, command: Command) -> None:
    """Refuse what would change the content of an ended agreement, unless it is dated before the end."""
    over = end(agreement)
    if over is None:
        return
    ended = over.effective.earliest if over.effective else None
    day = command.effective.latest if command.effective else None
    if ended is not None and day is not None and day < ended:
        return
    since = f" since {ended}" if ended else ""
    raise errors.Ended(subject=f"agreements/{id}", status=over.step, since=since)


# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], tuple[type[Event], frozenset[Status]]] = {
    Propose: (Proposed, frozenset({"proposed", "signed", "in_force", "terminated", "superseded", "withdrawn"})),
    Sign: (Signed, frozenset({"proposed", "in_force", "terminated", "superseded"})),
    EnterIntoForce: (EnteredIntoForce, frozenset({"proposed", "signed", "terminated", "superseded"})),
    Terminate: (Terminated, frozenset({"proposed", "signed", "in_force"})),
    Supersede: (Superseded, frozenset({"proposed", "signed", "in_force"})),
    Withdraw: (Withdrawn, frozenset({"proposed"})),
    Retract: (Retracted, frozenset({"proposed", "signed", "in_force", "terminated", "superseded", "withdrawn"})),
    Merge: (
        Merged,
        frozenset({"proposed", "signed", "in_force", "terminated", "superseded", "withdrawn", "retracted"}),
    ),
}
"""For each step: its event, and the statuses that it may be recorded in. A step that lies behind the status is learnt
late: who signed, and when, is often known only after the agreement has ended."""


def step_event(id: UUID, agreement: Agreement, command: Life) -> Event:
    """The event of a step, refused where the agreement is too far for it, or took it otherwise."""
    kind, possible = STEPS[type(command)]
    event: Event = event_from(kind, command)
    told = step_of(event)
    held = agreement.steps.get(told.step)
    if held is not None:
        if event.effective is None or event.effective.agrees(held.effective):
            event = replace(event, effective=held.effective)
        if not agree(held, step_of(event)) or (held.effective is not None and event.effective != held.effective):
            raise errors.AlreadyOtherwise(what=f"agreements/{id}: {told.step}")
        return event
    now = status(agreement, date.min)
    if now not in possible:
        raise errors.NotInThisState(subject=f"agreements/{id}", status=now, action=told.step)
    return event


def decide(id: UUID, agreement: Agreement, command: Life, refs: Refs) -> list[Event]:
    """The events of a command on the agreement's life."""
    match command:
        case Describe():
            return [event_from(Described, command)]
        case AddTitle():
            return [event_from(Titled, command)]
        case DeclareSignatories():
            return [event_from(SignatoriesDeclared, command)]
        case SetTerm():
            starts = command.starts.earliest if command.starts else None
            ends = command.ends.latest if command.ends else None
            if starts and ends and starts > ends:
                raise errors.Invalid("/ends", problem="the term ends before it starts")
            return [event_from(TermSet, command)]
        case Supersede() | Merge():
            if command.successor == id:
                raise errors.Circular("/successor", subject=str(Ref("agreements", id)))
            return [step_event(id, agreement, command)]
        case Propose() | Sign() | EnterIntoForce() | Terminate() | Withdraw() | Retract():
            return [step_event(id, agreement, command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def step_of(event: Event) -> Step:
    """The step that an event takes, without sources."""
    since = event.effective
    match event:
        case Proposed(by=by):
            return Step(step="proposed", effective=since, by=by)
        case Signed(place=place):
            return Step(step="signed", effective=since, place=place)
        case EnteredIntoForce():
            return Step(step="in_force", effective=since)
        case Terminated(by=by, grounds=grounds):
            return Step(step="terminated", effective=since, by=by, grounds=grounds)
        case Superseded(successor=successor):
            return Step(step="superseded", effective=since, successor=successor)
        case Withdrawn(by=by, grounds=grounds):
            return Step(step="withdrawn", effective=since, by=by, grounds=grounds)
        case Retracted(grounds=grounds):
            return Step(step="retracted", effective=since, grounds=grounds)
        case Merged(successor=successor):
            return Step(step="merged", effective=since, successor=successor)
        case _:
            raise AssertionError(event)


def agree(held: Step, told: Step) -> bool:
    """Whether two tellings of a step differ in its date at most."""
    return replace(held, effective=None, sources=()) == replace(told, effective=None)


def taken(held: Step | None, recorded: Recorded) -> Step:
    """The step after an event that takes it, says it again, or tells the date of one taken on a day unknown."""
    step = step_of(recorded.event)
    if held is None or not agree(held, step):
        return replace(step, sources=sources(None, recorded))
    if step.effective is None or step.effective == held.effective:
        return replace(held, sources=(*held.sources, *sources(None, recorded)))
    return replace(step, sources=retold(held, recorded, "effective"))


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its life."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case Registered(title=title, kind=kind, instruments=instruments):
            return put(agreement, "header", Header(title=title, kind=kind, instruments=instruments, sources=said))
        case Described():
            if agreement.header is None:
                return agreement
            names = fields_set(event, ("title", "kind", "instruments"))
            changed = {name: getattr(event, name) for name in names}
            said = sources(agreement.header, recorded, names)
            return put(agreement, "header", replace(agreement.header, **changed, sources=said))
        case Titled(title=title, variant=variant):
            return put(agreement, event.part, Title(title=title, variant=variant, sources=said))
        case SignatoriesDeclared(signatories=count, pairing=pairing):
            return put(agreement, "declared", Declared(signatories=count, pairing=pairing, sources=said))
        case TermSet(starts=starts, ends=ends, renewal=renewal):
            return put(agreement, "term", Term(starts=starts, ends=ends, renewal=renewal, sources=said))
        case Voided():
            return agreement
        case _:
            held = agreement.steps.get(event.part.partition("/")[2])
            return put(agreement, event.part, taken(held, recorded))
