"""Projects over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

import msgspec
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept, listed, steps
from service.domain.duplicates import Duplicate
from service.domain.project import DECIDER, Register, header, investments, life, links, parties
from service.domain.project import state as parts
from service.domain.titles import Title
from service.domain.values import Label, Note, PartName, PrintedName, Source, Text, UncertainDate
from service.projections import projects


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the project's life: when, by whom, at which meeting, of which plan, under which agreement."""

    date: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    meeting: UUID | None = None
    meeting_part: PartName | None = None
    plan: UUID | None = None
    plan_part: PartName | None = None
    agreement: UUID | None = None
    agreement_part: PartName | None = None
    number: Label | None = None
    grounds: Note | None = None
    sources: tuple[Source, ...] = ()


class Investment(parts.Investment, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money that goes into the project. `investor_now` is whose it is today, where another one came in the place of
    the first.
    """

    investor_now: UUID | msgspec.UnsetType = msgspec.UNSET


class Project(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A project as it is known today. Steps not taken are left out; lists stand in the order of their recording.

    `called` is the registry's own words for a project of which no source gives the `title`. Of an increase the quantity
    is the increment; nothing here is added up: that is the pipeline's. `sources` are those of title, called, sector and
    text; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    title: PrintedName | None
    called: Label | None
    kinds: list[parts.Classification]
    sector: Label | None
    text: Text | None
    sources: tuple[Source, ...]
    planned: Step | None = None
    negotiating: Step | None = None
    intended: Step | None = None
    signed: Step | None = None
    registered: Step | None = None
    started: Step | None = None
    under_construction: Step | None = None
    completed: Step | None = None
    operating: Step | None = None
    dropped: Step | None = None
    duplicate: Duplicate | None = None
    titles: list[Title]
    investments: list[Investment]
    replacements: list[parts.Replacement]
    parties: list[parts.Participant]
    places: list[parts.Place]
    links: list[parts.Link]
    pending: list[Pending]
    uncertain: list[str]


def invested(state: parts.Project) -> list[Investment]:
    """The investments, each with the one that it is of now where that is another."""
    shown = []
    for one in listed(state.investments):
        now = parts.investor(state, one)
        other = now if now is not None and now != one.investor else msgspec.UNSET
        shown.append(Investment(**msgspec.structs.asdict(one), investor_now=other))
    return shown


LISTS = ("kinds", "titles", "replacements", "parties", "places", "links")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Project:
    """The answer for a project."""
    state: parts.Project = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Project(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        title=head.title,
        called=head.called,
        sector=head.sector,
        text=head.text,
        sources=head.sources,
        duplicate=state.duplicate,
        investments=invested(state),
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Project,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way("/titles", header.AddTitle),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way(":plan", life.Plan),
        Way(":negotiate", life.Negotiate),
        Way(":intend", life.Intend),
        Way(":sign", life.Sign),
        Way(":file", life.File),
        Way(":start", life.Start),
        Way(":report-construction", life.ReportConstruction),
        Way(":complete", life.Complete),
        Way(":open", life.Open),
        Way(":drop", life.Drop),
        Way("/investments", investments.StateInvestment, investments.part_id),
        Way("/increases", investments.IncreaseInvestment, investments.part_id),
        Way("/replacements", investments.ReplaceInvestor, investments.part_id),
        Way("/parties", parties.NameParty),
        Way("/parties:release", parties.ReleaseParty),
        Way("/places", parties.Locate),
        Way("/places:leave", parties.LeavePlace),
        Way("/links", links.LinkTo),
        Way(":unlink", links.Unlink),
    ),
)


def under(path: str, category: str, field: str, summary: str) -> ControllerRouterHandler:
    """The list of projects that stands under another thing."""
    given = (projects.LIST, projects.Filter, projects.Order, projects.Summary, summary)
    return lists.route(path, *given, under=(category, field))


ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/projects", projects.LIST, projects.Filter, projects.Order, projects.Summary, "Projects"),
    under("/api/projects/{id:uuid}/parts", "projects", "part_of", "The projects that are part of one"),
    under("/api/parties/{id:uuid}/projects", "parties", "party", "The projects that a party has to do with"),
    under("/api/meetings/{id:uuid}/projects", "meetings", "meeting", "The projects of which a step was at a meeting"),
    under("/api/agreements/{id:uuid}/projects", "agreements", "agreement", "The projects under an agreement"),
    under("/api/plans/{id:uuid}/projects", "plans", "plan", "The projects of a plan"),
]
