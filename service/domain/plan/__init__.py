"""The plan: what is to be done and reached by when, who decided it, how it was revised.

What is done of it is told by its tasks (a task is based on an item or a target), what was agreed by agreements that the
plan is linked to. Eight files own its events, commands and arms: `header`, `life`, `bodies`, `items`, `targets`,
`rules`, `revisions`, `links`; `state` is what they all build, `papers` what they name in common. Here they become one
decider, with the command that registers a whole plan at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain import duplicates, errors, headings
from service.domain.decider import (
    Attested,
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    inherit,
    must_exist,
)
from service.domain.parts import attest, says
from service.domain.plan import bodies, header, items, life, links, revisions, rules, targets
from service.domain.plan.bodies import NameBody
from service.domain.plan.items import RecordItem
from service.domain.plan.links import LinkTo
from service.domain.plan.revisions import Revise
from service.domain.plan.rules import RecordRule, SetThresholds
from service.domain.plan.state import Plan
from service.domain.plan.targets import SetTarget
from service.domain.settling import bare, settle, whole
from service.domain.values import Label, Period, PrintedName


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole plan at once, all or nothing.

    `called` is the registry's own words for a plan that no source names. What stands inside takes the whole's
    citations, basis and note where it has none of its own. Registering the same id with the same content again changes
    nothing but adds new citations, and tells what was unknown of what it had.
    """

    title: PrintedName | None = None
    called: Label | None = None
    period: Period | None = None
    kinds: header.Kinds = ()
    titles: Annotated[tuple[header.AddTitle, ...], Meta(max_length=50)] = ()
    drafted: life.Draft | None = None
    under_review: life.Submit | None = None
    adopted: life.Adopt | None = None
    approved: life.Approve | None = None
    issued: life.Issue | None = None
    executing: life.BeginExecution | None = None
    evaluated: life.Evaluate | None = None
    closed: life.Close | None = None
    thresholds: SetThresholds | None = None
    bodies: Annotated[tuple[NameBody, ...], Meta(max_length=200)] = ()
    revisions: Annotated[tuple[Revise, ...], Meta(max_length=100)] = ()
    items: Annotated[tuple[RecordItem, ...], Meta(max_length=1_000)] = ()
    targets: Annotated[tuple[SetTarget, ...], Meta(max_length=1_000)] = ()
    rules: Annotated[tuple[RecordRule, ...], Meta(max_length=200)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        """It is called something."""
        headings.named(self)


Contained = (
    header.Heading
    | life.Life
    | bodies.Bodies
    | revisions.Revisions
    | items.Items
    | targets.Targets
    | rules.Rules
    | links.Links
)

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(life.Life.__args__, life),
    NameBody: bodies,
    Revise: revisions,
    **dict.fromkeys(items.Items.__args__, items),
    **dict.fromkeys(targets.Targets.__args__, targets),
    **dict.fromkeys(rules.Rules.__args__, rules),
    **dict.fromkeys(links.Links.__args__, links),
}
"""Which file decides a command."""

ROOMS = (header, life, bodies, revisions, items, targets, rules, links)

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""

STEPS = ("adopted", "approved", "issued", "drafted", "under_review", "executing", "evaluated", "closed")
"""The steps in the order that they are decided in: what the plan says holds since the first of those that made it."""


def contained(plan: Plan, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole plan, with the pointer to each, in the order that they are decided in.

    Of one that exists the title is described as well: it may have been unknown.
    """
    fields = header.TELLS if plan.header is not None else ("kinds", "period")
    told = {name: value for name in fields if says(value := getattr(command, name))}
    if told:
        whole_facts = {name: getattr(command, name) for name in Fact.__struct_fields__}
        yield "", header.Describe(**told, **whole_facts)
    for field in (*STEPS, "thresholds"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("titles", "bodies", "revisions", "items", "targets", "rules", "links"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, plan: Plan, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the plan, or why not."""
    if isinstance(command, Register):
        first = event_from(header.Registered, command) if plan.header is None else None
        inside = contained(plan, command)
        return whole(DECIDER, id, plan, first=first, items=inside, named=named)
    ref = Ref("plans", id)
    must_exist(plan.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, plan, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    ended = life.over(plan) is not None and any(isinstance(event, ALTERS) for event in events)
    if (ended or plan.duplicate is not None) and settle(DECIDER, plan, bare(events)):
        duplicates.alone(ref, plan.duplicate)
        still_open(str(ref), plan, events)
    return events


ALTERS = (
    revisions.Revised,
    rules.ThresholdsSet,
    rules.RuleAdded,
    rules.RuleChanged,
    rules.RuleDropped,
    items.ItemAdded,
    items.ItemChanged,
    items.ItemDropped,
    targets.TargetAdded,
    targets.TargetChanged,
    targets.TargetDropped,
)
"""Events by which a plan asks for something else, which nothing does any more once it is closed."""


def still_open(subject: str, plan: Plan, events: list[Event]) -> None:
    """Refuse what alters a closed plan, unless it is dated before the closing."""
    closing = life.over(plan)
    ended = closing.effective.earliest if closing is not None and closing.effective is not None else None
    for event in events:
        day = event.effective.latest if event.effective is not None else None
        if ended is None or day is None or day >= ended:
            raise errors.Ended(subject=subject, status="closed", since=f" since {ended}" if ended else "")


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(plan, recorded)
    after: Plan = OWNERS[type(event)].evolve(plan, recorded)
    return after


DECIDER: Decider[Plan] = Decider(
    category="plans",
    initial=Plan(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
)
