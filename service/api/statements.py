"""Statements over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept, steps
from service.domain import participants
from service.domain.duplicates import Duplicate
from service.domain.statement import DECIDER, Register, header, life, voices
from service.domain.statement import state as parts
from service.domain.values import Label, Note, Source, Text, UncertainDate
from service.projections import statements


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The making or the withdrawal of a statement: when, and what it says besides."""

    date: UncertainDate | None = None
    meeting: UUID | None = None
    place: Label | None = None
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None
    sources: tuple[Source, ...] = ()


class Statement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A statement as it is known today. Steps not taken are left out; lists stand in the order of their recording.

    `text` is what was said, in words of our own. `sources` are those of text and kind; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    text: Text
    kind: parts.Kind | None
    sources: tuple[Source, ...]
    made: Step | None = None
    withdrawn: Step | None = None
    duplicate: Duplicate | None = None
    performance: parts.Performance | None = None
    participants: list[parts.Participant]
    topics: list[parts.Topic]
    uptakes: list[parts.Uptake]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("participants", "topics", "uptakes")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Statement:
    """The answer for a statement."""
    state: parts.Statement = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Statement(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        text=head.text,
        kind=head.kind,
        sources=head.sources,
        duplicate=state.duplicate,
        performance=state.performance,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Statement,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way(":make", life.Make),
        Way(":take-up", life.TakeUp),
        Way(":withdraw", life.Withdraw),
        Way("/participants", voices.AddParticipant, participants.id_of),
        Way("/topics", voices.AddTopic),
        Way("/performance", voices.RecordPerformance),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route(
        "/api/statements", statements.LIST, statements.Filter, statements.Order, statements.Summary, "Statements"
    ),
]
