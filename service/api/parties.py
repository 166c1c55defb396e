"""Parties over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept, steps
from service.domain.duplicates import Duplicate
from service.domain.party import DECIDER, Register, bodies, identity, life, record
from service.domain.party import state as parts
from service.domain.values import PrintedName, Source, UncertainDate
from service.projections import figures, meetings, parties, plans, signings, statements, tasks


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the party's life: when, and what this kind of step says."""

    date: UncertainDate | None = None
    manner: parts.Manner | None = None
    by: tuple[UUID, ...] = ()
    into: tuple[UUID, ...] = ()
    survives: bool | None = None
    carries: bool | None = None
    ends: bool = False
    sources: tuple[Source, ...] = ()


class Party(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party as it is today. Steps not taken are left out; lists stand in the order of their recording.

    Whoever survives a split may be divided again: `splits` are several. `sources` are those of kind, name and parent;
    each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    kind: parts.Kind
    name: PrintedName
    parent: UUID | None
    sources: tuple[Source, ...]
    proposed: Step | None = None
    founded: Step | None = None
    merged: Step | None = None
    replaced: Step | None = None
    dissolved: Step | None = None
    secretariat: parts.Secretariat | None = None
    duplicate: Duplicate | None = None
    splits: list[Step]
    names: list[parts.Name]
    aliases: list[parts.Alias]
    identifiers: list[parts.Identifier]
    places: list[parts.Place]
    members: list[parts.Member]
    holders: list[parts.Holder]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("names", "aliases", "identifiers", "places", "members", "holders")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Party:
    """The answer for a party."""
    state: parts.Party = shown.state
    header = state.header
    assert header is not None  # noqa: S101 -- nothing is shown without one
    return Party(
        id=shown.id,
        version=shown.version,
        status=parts.status(state, shown.day),
        kind=header.kind,
        name=header.name,
        parent=header.parent,
        sources=header.sources,
        secretariat=state.secretariat,
        duplicate=state.duplicate,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **{"splits": []} | steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Party,
    view=view,
    lists=LISTS,
    register=Register,
    ways=(
        Way(":describe", identity.Describe),
        Way(":rename", identity.Rename),
        Way("/aliases", identity.RecordAlias),
        Way("/identifiers", identity.Identify),
        Way(":reparent", bodies.Reparent),
        Way("/places", bodies.Locate),
        Way("/places/{place}:leave", bodies.LeavePlace),
        Way("/members", bodies.AddMember),
        Way("/members/{member}:remove", bodies.RemoveMember),
        Way("/secretariat", bodies.AssignSecretariat),
        Way("/holders", bodies.SeeOfficeHolder),
        Way(":propose", life.Propose),
        Way(":found", life.Found),
        Way(":split", life.Divide),
        Way(":merge", life.Merge),
        Way(":replace", life.Replace),
        Way(":dissolve", life.Dissolve),
        Way(":merge-duplicate", record.MergeDuplicate),
        Way(":unmerge-duplicate", record.UnmergeDuplicate),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/parties", parties.LIST, parties.Filter, parties.Order, parties.Summary, "Parties"),
    lists.route(
        "/api/parties/{id:uuid}/agreements",
        signings.LIST,
        signings.Filter,
        signings.Order,
        signings.Signing,
        "The agreements that a party signed: its side, who signed for it, and when",
        under=("parties", "party"),
    ),
    lists.route(
        "/api/parties/{id:uuid}/meetings",
        meetings.LIST,
        meetings.Filter,
        meetings.Order,
        meetings.Summary,
        "The meetings that a party convened or was at",
        under=("parties", "party"),
    ),
    lists.route(
        "/api/parties/{id:uuid}/tasks",
        tasks.LIST,
        tasks.Filter,
        tasks.Order,
        tasks.Summary,
        "The tasks that a party leads, supports or supervises",
        under=("parties", "unit"),
    ),
    lists.route(
        "/api/parties/{id:uuid}/figures",
        figures.LIST,
        figures.Filter,
        figures.Order,
        figures.Summary,
        "The figures that are a party's, are about it, or that it claims",
        under=("parties", "party"),
    ),
    lists.route(
        "/api/parties/{id:uuid}/plans",
        plans.LIST,
        plans.Filter,
        plans.Order,
        plans.Summary,
        "The plans that a party drafted, decided on, leads or carries out, or is to reach a target of",
        under=("parties", "party"),
    ),
    lists.route(
        "/api/parties/{id:uuid}/statements",
        statements.LIST,
        statements.Filter,
        statements.Order,
        statements.Summary,
        "What a party said, what was said for it, to it and about it, and what it is to do or to have done by that",
        under=("parties", "party"),
    ),
]
