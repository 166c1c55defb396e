"""A party's life: proposed, founded, split, merged, replaced, dissolved.

A party that goes on under another name or another parent stays the same party. What an end carries on: `carries` says
whether the obligations pass to those that come after, None where no source says.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Ref, Refs, as_sets, event_from, fields_set
from service.domain.parts import put, sources
from service.domain.party.record import Attested
from service.domain.party.state import Manner, Party, Step, StepName, end, split_key
from service.domain.references import references
from service.domain.steps import StepTaken, stepped
from service.domain.values import Parties, PartyId, UncertainDate, distinct

Successors = Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=200)]
Beginning = Literal["proposed", "founded"]
Succession = Literal["split", "merged", "replaced"]
SAYS: dict[StepName, tuple[str, ...]] = {
    "proposed": ("by",),
    "founded": ("manner", "by"),
    "split": ("survives", "carries"),
    "merged": ("carries",),
    "replaced": ("carries",),
    "dissolved": (),
}
"""What each step may say besides that it was taken, and who came after."""


def undivided(into: tuple[UUID, ...], survives: bool | None) -> str | None:
    """What is wrong with a split, None where nothing is."""
    if not into:
        return "a split has those that the party was divided into"
    if len(into) == 1 and survives is False:
        return "one party in the place of another is a replacement, not a split"
    return None


# --- Events -----------------------------------------------------------------------------------------------------------


class Proposed(StepTaken, frozen=True, kw_only=True, gc=False):
    """The party is to be founded, or its founding is explored. Whether it came to be, another source may say."""

    type = "party.proposed"
    step = "proposed"
    by: Parties = ()

    def __post_init__(self) -> None:
        """Who proposed it stands in no order."""
        as_sets(self, "by")


class Founded(StepTaken, frozen=True, kw_only=True, gc=False):
    """The party came to be: established, unveiled, opened (a hall) or incorporated (a firm), by whom."""

    type = "party.founded"
    step = "founded"
    manner: Manner | None = None
    by: Parties = ()

    def __post_init__(self) -> None:
        """Who founded it stands in no order."""
        as_sets(self, "by")


class Split(Event, frozen=True, kw_only=True, gc=False):
    """The party was divided into others; where it `survives` it goes on beside them, and may be divided again."""

    type = "party.split"
    into: Successors
    survives: bool | None = None
    carries: bool | None = None

    def __post_init__(self) -> None:
        """Those that it was divided into stand in no order, and are several where it did not survive."""
        as_sets(self, "into")
        if wrong := undivided(self.into, self.survives):
            raise ValueError(wrong)

    @property
    def part(self) -> str:
        """The step, one for each set of successors."""
        return f"steps/{split_key(self.into)}"

    @property
    def changes(self) -> str | None:
        """What was founded."""
        return "steps/founded"


class Merged(StepTaken, frozen=True, kw_only=True, gc=False):
    """The party became part of another."""

    type = "party.merged"
    step = "merged"
    into: PartyId
    carries: bool | None = None

    @property
    def changes(self) -> str | None:
        """What was founded."""
        return "steps/founded"


class Replaced(StepTaken, frozen=True, kw_only=True, gc=False):
    """Another party took this one's place."""

    type = "party.replaced"
    step = "replaced"
    successor: PartyId
    carries: bool | None = None

    @property
    def changes(self) -> str | None:
        """What was founded."""
        return "steps/founded"


class Dissolved(StepTaken, frozen=True, kw_only=True, gc=False):
    """The party ended, and nobody came after it."""

    type = "party.dissolved"
    step = "dissolved"

    @property
    def changes(self) -> str | None:
        """What was founded."""
        return "steps/founded"


class StepDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of the party's beginning; fields left out stay."""

    type = "party.step_described"
    step: Beginning
    manner: Manner | UnsetType = UNSET
    by: Parties | UnsetType = UNSET

    def __post_init__(self) -> None:
        """It says something that such a step may say."""
        as_sets(self, "by")
        described(self.step, fields_set(self, ("manner", "by")))

    @property
    def part(self) -> str:
        """The step."""
        return f"steps/{self.step}"


class SuccessionDescribed(Change, frozen=True, kw_only=True, gc=False):
    """More became known of what came of the party: of a split, of the one `into` these; fields left out stay."""

    type = "party.succession_described"
    step: Succession
    into: Parties = ()
    survives: bool | UnsetType = UNSET
    carries: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        """It says something that such a step may say, and names a split by its successors."""
        as_sets(self, "into")
        described(self.step, fields_set(self, ("survives", "carries")))
        if (self.step == "split") != bool(self.into):
            raise ValueError("a split is named by those that the party was divided into, another step is not")

    @property
    def part(self) -> str:
        """The step."""
        return f"steps/{split_key(self.into) if self.into else self.step}"


def described(step: StepName, told: tuple[str, ...]) -> None:
    """Refuse a description of a step that sets nothing, or what such a step does not say."""
    if not told or not set(told) <= set(SAYS[step]):
        raise ValueError(f"a description of the step {step} sets at least one of {', '.join(SAYS[step])}")


EVENTS = (Proposed, Founded, Split, Merged, Replaced, Dissolved, StepDescribed, SuccessionDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Propose(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party is to be founded, and who wants it."""

    by: Parties = ()


class Found(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party came to be, when (`effective`), how and by whom."""

    manner: Manner | None = None
    by: Parties = ()


class Divide(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party was divided into others, beside which it may survive."""

    into: Successors
    survives: bool | None = None
    carries: bool | None = None


class Merge(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party became part of another."""

    into: PartyId
    carries: bool | None = None


class Replace(Command, frozen=True, kw_only=True, gc=False):
    """Record that another party took this one's place."""

    successor: PartyId
    carries: bool | None = None


class Dissolve(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party ended without anyone coming after it."""


Life = Propose | Found | Divide | Merge | Replace | Dissolve

# --- decide -----------------------------------------------------------------------------------------------------------

STEPS: dict[type[Command], type[Event]] = {
    Propose: Proposed,
    Found: Founded,
    Divide: Split,
    Merge: Merged,
    Replace: Replaced,
    Dissolve: Dissolved,
}


def decide(id: UUID, party: Party, command: Life, named: Refs) -> list[Event]:
    """The events of a step, refused where it was taken otherwise or the party has ended. A beginning may come late."""
    subject = Ref("parties", id)
    for pointer, found in references(command):
        if found == subject:
            raise errors.Circular(pointer, subject=str(subject))
    if isinstance(command, Divide) and (wrong := undivided(distinct(command.into), command.survives)):
        raise errors.Invalid("/into", problem=wrong)
    event: Event = event_from(STEPS[type(command)], command)
    step = step_of(event)
    held = party.steps.get(event.part.partition("/")[2])
    over = end(party)
    if over is not None and step.ends and (held is None or not held.ends):
        raise errors.NotInThisState(subject=str(subject), status=over.step, action=step.step)
    if held is not None and step.into != held.into:
        pointer = "/successor" if isinstance(event, Replaced) else "/into"
        told: Any = {"held": held, "field": "into", "value": step.into, "fact": event}
        agrees = held.into if isinstance(event, Split) else held.into[0]
        raise errors.AlreadyOtherwise(pointer, what=f"{subject}: {step.step}", agrees=agrees, **told)
    kind: type[Event] = StepDescribed if isinstance(event, Proposed | Founded) else SuccessionDescribed
    ids = {"into": step.into} if isinstance(event, Split) else {}
    names = SAYS[step.step]
    return stepped(kind, Attested, held, event, names, step=step.step, subject=str(subject), ids=ids)


def active_on(id: UUID, party: Party, day: UncertainDate | None, pointer: str | None = None) -> None:
    """Refuse what would change a party that has ended, unless it is dated before the end."""
    over = end(party)
    if over is None:
        return
    ended = over.effective.earliest if over.effective else None
    last = day.latest if day else None
    if ended is None or last is None or last >= ended:
        since = f" since {ended}" if ended else ""
        raise errors.Ended(pointer, subject=f"parties/{id}", status=over.step, since=since)


# --- evolve -----------------------------------------------------------------------------------------------------------


def step_of(event: Event) -> Step:
    """The step that an event takes, without sources."""
    since = event.effective
    match event:
        case Proposed(by=by):
            return Step(step="proposed", effective=since, by=by)
        case Founded(manner=manner, by=by):
            return Step(step="founded", effective=since, manner=manner, by=by)
        case Split(into=into, survives=survives, carries=carries):
            return Step(step="split", effective=since, into=into, survives=survives, carries=carries)
        case Merged(into=one, carries=carries):
            return Step(step="merged", effective=since, into=(one,), carries=carries)
        case Replaced(successor=one, carries=carries):
            return Step(step="replaced", effective=since, into=(one,), carries=carries)
        case Dissolved():
            return Step(step="dissolved", effective=since)
        case _:
            raise AssertionError(event)


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event of its life."""
    event = recorded.event
    if not isinstance(event, StepDescribed | SuccessionDescribed):
        return put(party, event.part, replace(step_of(event), sources=sources(None, recorded)))
    held = party.steps.get(event.part.partition("/")[2])
    if held is None:
        return party
    names = fields_set(event, SAYS[event.step])
    changed = {name: getattr(event, name) for name in names}
    return put(party, event.part, replace(held, **changed, sources=sources(held, recorded, names)))
