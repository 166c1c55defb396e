"""Agreements over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, as_kept, steps
from service.domain.agreement import (
    DECIDER,
    Register,
    amendments,
    clauses,
    compensation,
    duties,
    header,
    life,
    links,
    signatories,
    term,
)
from service.domain.agreement import state as parts
from service.domain.duplicates import Duplicate
from service.domain.titles import Title
from service.domain.values import Label, Note, PrintedName, Source, UncertainDate
from service.projections import agreements


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the agreement's life: when, and what this kind of step says."""

    date: UncertainDate | None = None
    place: Label | None = None
    by: tuple[UUID, ...] = ()
    successor: UUID | None = None
    grounds: Note | None = None
    sources: tuple[Source, ...] = ()


class Agreement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agreement as it holds today. Steps not taken are left out; lists stand in the order of their recording.

    `called` is the registry's own words for an agreement of which no source gives the `title`. `sources` are those of
    title, called and instruments; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    amended: bool
    title: PrintedName | None
    called: Label | None
    kinds: list[parts.Classification]
    instruments: int | None
    sources: tuple[Source, ...]
    proposed: Step | None = None
    signed: Step | None = None
    in_force: Step | None = None
    terminated: Step | None = None
    superseded: Step | None = None
    withdrawn: Step | None = None
    retracted: Step | None = None
    duplicate: Duplicate | None = None
    declared: parts.Declared | None = None
    term: parts.Term | None = None
    titles: list[Title]
    signatories: list[parts.Signatory]
    signatures: list[parts.Signature]
    clauses: list[parts.Clause]
    compensation: list[parts.Compensation]
    settlements: list[parts.Settlement]
    links: list[parts.Link]
    pending: list[Pending]
    uncertain: list[str]


LISTS = ("kinds", "titles", "signatories", "signatures", "clauses", "compensation", "settlements", "links")
"""What the answer lists as the state keeps it."""


def view(shown: Shown) -> Agreement:
    """The answer for an agreement."""
    state: parts.Agreement = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Agreement(
        id=shown.id,
        version=shown.version,
        status=life.status(state, shown.day),
        amended=life.amended(state),
        title=head.title,
        called=head.called,
        instruments=head.instruments,
        sources=head.sources,
        duplicate=state.duplicate,
        declared=state.declared,
        term=state.term,
        pending=shown.pending,
        uncertain=shown.uncertain,
        **as_kept(state, LISTS),
        **steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Agreement,
    view=view,
    lists=LISTS,
    register=Register,
    expires=term.expires,
    expands=("citations", "parties", "meeting"),
    ways=(
        Way(":describe", header.Describe),
        Way("/titles", header.AddTitle),
        Way("/declared", header.DeclareSignatories),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way("/term", term.SetTerm),
        Way(":change-term", term.ChangeTerm),
        Way(":propose", life.Propose),
        Way(":sign", life.Sign),
        Way(":enter-into-force", life.EnterIntoForce),
        Way(":terminate", life.Terminate),
        Way(":supersede", life.Supersede),
        Way(":withdraw", life.Withdraw),
        Way(":retract", life.Retract),
        Way("/signatories", signatories.AddSignatory),
        Way("/signatories/{party}:withdraw", signatories.WithdrawSignatory),
        Way("/signatures", signatories.RecordSignature),
        Way("/clauses", clauses.RecordClause, clauses.clause_id),
        Way("/clauses/{clause}/obligation", duties.RecordObligation),
        Way("/clauses/{clause}:amend", amendments.AmendClause),
        Way("/clauses/{clause}:renumber", amendments.RenumberClause),
        Way("/clauses/{clause}:repeal", amendments.RepealClause),
        Way("/compensation", compensation.SetCompensation, compensation.rule_id),
        Way("/settlements", compensation.SettleCompensation),
        Way("/links", links.LinkTo),
        Way(":unlink", links.Unlink),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route(
        "/api/agreements", agreements.LIST, agreements.Filter, agreements.Order, agreements.Summary, "Agreements"
    ),
]
