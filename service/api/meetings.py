"""Meetings over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept, steps
from service.domain import participants
from service.domain.duplicates import Duplicate
from service.domain.meeting import DECIDER, Register, activities, attendance, conveners, header, life, resolutions
from service.domain.meeting import state as parts
from service.domain.titles import Title
from service.domain.values import Label, Note, PrintedName, Quantity, Source, UncertainDate
from service.projections import agreements, figures, meetings, plans, statements


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the meeting's life: when, and what this kind of step says."""

    date: UncertainDate | None = None
    planned: UncertainDate | None = None
    place: Label | None = None
    venue: UUID | None = None
    ends: UncertainDate | None = None
    lasts: Quantity | None = None
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None
    sources: tuple[Source, ...] = ()


class Meeting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A meeting as it is known today. Steps not taken are left out; lists stand in the order of their recording.

    `called` is the registry's own words for a meeting of which no source gives the `title`. Where sources differ on
    who convened it, each convener stands with its own sources. `sources` are those of title, called and within;
    each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    title: PrintedName | None
    called: Label | None
    kinds: list[parts.Classification]
    within: UUID | None
    sources: tuple[Source, ...]
    announced: Step | None = None
    held: Step | None = None
    cancelled: Step | None = None
    duplicate: Duplicate | None = None
    titles: list[Title]
    sessions: list[parts.Session]
    conveners: list[parts.Convener]
    attendance: list[parts.Attendance]
    resolutions: list[parts.Resolution]
    activities: list[parts.Activity]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("kinds", "titles", "sessions", "conveners", "attendance", "resolutions", "activities")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Meeting:
    """The answer for a meeting."""
    state: parts.Meeting = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Meeting(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        title=head.title,
        called=head.called,
        within=head.within,
        sources=head.sources,
        duplicate=state.duplicate,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Meeting,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way("/titles", header.AddTitle),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way("/sessions", conveners.RecordSession),
        Way("/conveners", conveners.NameConvener),
        Way(":announce", life.Announce),
        Way(":hold", life.Hold),
        Way(":cancel", life.Cancel),
        Way("/attendance", attendance.RecordAttendance, participants.id_of),
        Way("/resolutions", resolutions.RecordResolution, resolutions.id_of),
        Way("/activities", activities.RecordActivity, resolutions.id_of),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/meetings", meetings.LIST, meetings.Filter, meetings.Order, meetings.Summary, "Meetings"),
    lists.route(
        "/api/meetings/{id:uuid}/agreements",
        agreements.LIST,
        agreements.Filter,
        agreements.Order,
        agreements.Summary,
        "The agreements that were signed at a meeting: those that are linked to it by `signed_at`",
        under=("meetings", "meeting"),
    ),
    lists.route(
        "/api/meetings/{id:uuid}/figures",
        figures.LIST,
        figures.Filter,
        figures.Order,
        figures.Summary,
        "The figures that were counted at a meeting",
        under=("meetings", "meeting"),
    ),
    lists.route(
        "/api/meetings/{id:uuid}/plans",
        plans.LIST,
        plans.Filter,
        plans.Order,
        plans.Summary,
        "The plans that were drafted, reviewed, adopted, approved or issued at a meeting",
        under=("meetings", "meeting"),
    ),
    lists.route(
        "/api/meetings/{id:uuid}/statements",
        statements.LIST,
        statements.Filter,
        statements.Order,
        statements.Summary,
        "What was said at a meeting and is no agreement",
        under=("meetings", "meeting"),
    ),
]
