"""Figures over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept
from service.domain.duplicates import Duplicate
from service.domain.figure import DECIDER, Register, assessments, claims, concerned, header, items, links
from service.domain.figure import state as parts
from service.domain.values import Label, Period, Source, Text
from service.projections import figures


class Figure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure as it is known today. Lists stand in the order of their recording.

    `metric` is what is counted or measured, `called` what the registry calls the figure. `claims` are the numbers that
    sources give: of the whole, or of the `item` that they name; where sources differ, each claim stands with its own
    sources. `sources` are those of metric, called, period and text; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    metric: Label
    called: Label | None
    period: Period | None
    text: Text | None
    sources: tuple[Source, ...]
    duplicate: Duplicate | None = None
    concerned: list[parts.Concerned]
    items: list[parts.Item]
    claims: list[parts.Claim]
    links: list[parts.Link]
    assessments: list[parts.Assessment]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("concerned", "items", "claims", "links", "assessments")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Figure:
    """The answer for a figure."""
    state: parts.Figure = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Figure(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        metric=head.metric,
        called=head.called,
        period=head.period,
        text=head.text,
        sources=head.sources,
        duplicate=state.duplicate,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Figure,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way("/concerned", concerned.NameParty),
        Way("/items", items.RecordItem, items.item_id),
        Way("/claims", claims.RecordClaim, claims.claim_id),
        Way("/links", links.LinkTo),
        Way(":reconcile", assessments.Reconcile, assessments.assessment_id),
        Way(":dispute", assessments.Dispute, assessments.assessment_id),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/figures", figures.LIST, figures.Filter, figures.Order, figures.Summary, "Figures"),
]
