"""Discrepancies over HTTP: what an answer is made of, and which command has which path."""

from typing import Any
from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, listed
from service.domain import places
from service.domain.discrepancy import DECIDER, Register, claims, life
from service.domain.discrepancy import state as parts
from service.domain.values import FieldName, Label, Note, Source, StatePart, Subject
from service.projections import discrepancies


class Claim(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one side says: of which thing, part and field, and the value as the thing's own answer has it.

    Without a field it is the part as it stands, without a part the whole thing. `pointer` is where that is in the
    thing's answer, with a part's key in the place of an index, as `history` takes it. `text` are words of our own.
    """

    id: UUID
    subject: Subject
    subject_part: StatePart | None = None
    field: FieldName | None = None
    pointer: str | None = None
    value: Any = None
    text: Note | None = None
    sources: tuple[Source, ...] = ()


class Discrepancy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A discrepancy as it is known. Lists stand in the order of their recording.

    `what` is told differently, `proposed_by` who noticed it. `life` are its ends and reopenings, by rounds: of a
    resolution `choose` is the claim that holds, `correction` the sequence of the event that made the record say so.
    """

    id: UUID
    version: int
    status: parts.Status
    what: Label
    proposed_by: parts.ProposedBy
    sources: tuple[Source, ...]
    claims: list[Claim]
    life: list[parts.Step]
    pending: list[Pending]
    uncertain: list[str]


def claimed(claim: parts.Claim) -> Claim:
    """A claim, with the pointer to what it is of."""
    pointer = None
    if claim.subject_part is not None:
        pointer = places.lasting(claim.subject_part)
        pointer += f"/{places.named(claim.subject_part, claim.field)}" if claim.field is not None else ""
    said = {name: getattr(claim, name) for name in claim.__struct_fields__}
    return Claim(**said, pointer=pointer)


def view(shown: Shown) -> Discrepancy:
    """The answer for a discrepancy."""
    state: parts.Discrepancy = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Discrepancy(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        what=head.what,
        proposed_by=head.proposed_by,
        sources=head.sources,
        claims=[claimed(claim) for claim in listed(state.claims)],
        life=listed(state.life),
        pending=shown.pending,
        uncertain=shown.uncertain,
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Discrepancy,
    view=view,
    register=Register,
    ways=(
        Way("/claims", claims.RecordClaim, claims.claim_id),
        Way(":resolve", life.Resolve),
        Way(":waive", life.Waive),
        Way(":reopen", life.Reopen),
    ),
    expands=("citations", "parties", "choice"),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route(
        "/api/discrepancies",
        discrepancies.LIST,
        discrepancies.Filter,
        discrepancies.Order,
        discrepancies.Summary,
        "Discrepancies",
    ),
]
