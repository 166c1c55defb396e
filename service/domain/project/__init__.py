"""The project: what is to be built or done together, how far it is, who is in it, what is invested.

That something was signed for it is told by agreements, what has to be done for it by tasks; that it was only talked of,
by statements. Five files own its events, commands and arms: `header`, `life`, `investments`, `parties`, `links`;
`state` is what they all build. Here they become one decider, with the command that registers a whole project at once.
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
from service.domain.project import header, investments, life, links, parties
from service.domain.project.investments import IncreaseInvestment, ReplaceInvestor, StateInvestment
from service.domain.project.links import LinkTo
from service.domain.project.parties import Locate, NameParty
from service.domain.project.state import Project
from service.domain.settling import bare, settle, whole
from service.domain.values import Label, PrintedName, Text


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a whole project at once, all or nothing.

    `called` is the registry's own words for a project that no source names. What stands inside takes the whole's
    citations, basis and note where it has none of its own. Registering the same id with the same content again changes
    nothing but adds new citations, and tells what was unknown of what it had.
    """

    title: PrintedName | None = None
    called: Label | None = None
    kinds: header.Kinds = ()
    sector: Label | None = None
    text: Text | None = None
    planned: life.Plan | None = None
    negotiating: life.Negotiate | None = None
    intended: life.Intend | None = None
    signed: life.Sign | None = None
    registered: life.File | None = None
    started: life.Start | None = None
    under_construction: life.ReportConstruction | None = None
    completed: life.Complete | None = None
    operating: life.Open | None = None
    dropped: life.Drop | None = None
    titles: Annotated[tuple[header.AddTitle, ...], Meta(max_length=50)] = ()
    investments: Annotated[tuple[StateInvestment, ...], Meta(max_length=100)] = ()
    increases: Annotated[tuple[IncreaseInvestment, ...], Meta(max_length=100)] = ()
    parties: Annotated[tuple[NameParty, ...], Meta(max_length=200)] = ()
    replacements: Annotated[tuple[ReplaceInvestor, ...], Meta(max_length=100)] = ()
    places: Annotated[tuple[Locate, ...], Meta(max_length=100)] = ()
    links: Annotated[tuple[LinkTo, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        """It is called something."""
        headings.named(self)


Contained = header.Heading | life.Life | investments.Investments | parties.Parties | links.Links

ROOMS = (header, life, investments, parties, links)

ARMS: dict[type[Fact], Any] = {
    **dict.fromkeys(header.Heading.__args__, header),
    **dict.fromkeys(life.Life.__args__, life),
    **dict.fromkeys(investments.Investments.__args__, investments),
    **dict.fromkeys(parties.Parties.__args__, parties),
    **dict.fromkeys(links.Links.__args__, links),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {event: owner for owner in ROOMS for event in owner.EVENTS}
"""Which file applies an event."""

STEPS = (
    "planned",
    "negotiating",
    "intended",
    "signed",
    "registered",
    "started",
    "under_construction",
    "completed",
    "operating",
    "dropped",
)
LISTS = ("titles", "investments", "increases", "parties", "replacements", "places", "links")


def contained(project: Project, command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole project, with the pointer to each, in the order that they are decided in.

    Of one that exists the title is described as well: it may have been unknown.
    """
    fields = header.TELLS if project.header is not None else ("sector", "text", "kinds")
    told = {name: value for name in fields if says(value := getattr(command, name))}
    if told:
        whole_facts = {name: getattr(command, name) for name in Fact.__struct_fields__}
        yield "", header.Describe(**told, **whole_facts)
    for field in STEPS:
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in LISTS:
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, project: Project, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the project, or why not."""
    if isinstance(command, Register):
        first = event_from(header.Registered, command) if project.header is None else None
        return whole(DECIDER, id, project, first=first, items=contained(project, command), named=named)
    ref = Ref("projects", id)
    must_exist(project.header, ref)
    events: list[Event] = ARMS[type(command)].decide(id, project, command, named)
    if isinstance(command, (header.MergeDuplicate, header.UnmergeDuplicate)):
        return events
    over = life.over(project)
    later = over is not None and any(isinstance(event, GOES_ON) and follows(event, over.effective) for event in events)
    if (later or project.duplicate is not None) and settle(DECIDER, project, bare(events)):
        duplicates.alone(ref, project.duplicate)
        since = over.effective.latest if over is not None and over.effective is not None else None
        raise errors.Ended(subject=str(ref), status="dropped", since=f" since {since}")
    return events


GOES_ON: tuple[type[Event], ...] = (
    *(kind for kind in life.STEPS.values() if kind is not life.Dropped),
    investments.InvestmentStated,
    investments.InvestmentIncreased,
    investments.InvestorReplaced,
)
"""Events by which a project goes on, which one that was given up does no more: another one `continues` it."""


def follows(event: Event, end: Any) -> bool:
    """Whether an event is known to be of a day after the end."""
    day, last = event.effective.earliest if event.effective else None, end.latest if end is not None else None
    return day is not None and last is not None and day > last


def evolve(project: Project, recorded: Recorded) -> Project:
    """The project after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(project, recorded)
    after: Project = OWNERS[type(event)].evolve(project, recorded)
    return after


DECIDER: Decider[Project] = Decider(
    category="projects",
    initial=Project(),
    events=tuple(OWNERS),
    attested=header.Attested,
    voided=header.Voided,
    decide=decide,
    evolve=evolve,
)
