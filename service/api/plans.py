"""Plans over HTTP: what an answer is made of, and which command has which path."""

from uuid import UUID

import msgspec
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import lists, thing
from service.api.resource import Pending, Resource, Shown, Way, steps
from service.api.resource import listed as in_order
from service.domain.duplicates import Duplicate
from service.domain.plan import DECIDER, Register, bodies, header, items, life, links, revisions, rules, targets
from service.domain.plan import state as parts
from service.domain.titles import Title
from service.domain.values import DocumentId, Label, Note, PartName, Period, PrintedName, Source, Text, UncertainDate
from service.projections import plans


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the plan's life: when, by whom, at which meeting, under which number, in which text."""

    date: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    meeting: UUID | None = None
    meeting_part: PartName | None = None
    number: Label | None = None
    document: DocumentId | None = None
    sha256: str | None = None
    grounds: Note | None = None
    result: Text | None = None
    sources: tuple[Source, ...] = ()


class Item(parts.Item, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A place in the plan's structure, with what a source declares to stand in it, and what is listed there.

    `listed` counts the items that stand directly under it, 0 where there are none: beside `declared`, which is a claim.
    One that was dropped, or stands under one that was, is not counted: it is not `asked` any more.
    """

    listed: int | msgspec.UnsetType = msgspec.UNSET
    asked: bool = True


class Target(parts.Target, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is to be reached; not `asked` any more where it, or an item that it stands under, was dropped."""

    asked: bool = True


class Rule(parts.Rule, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How tasks are kept; not `asked` any more where it, or an item that it stands under, was dropped."""

    asked: bool = True


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A plan as it holds today. Steps not taken are left out; lists stand in the order of their recording.

    `called` is the registry's own words for a plan of which no source gives the `title`. What was dropped stays in its
    list and says so (`dropped`); neither that nor what stands under it is `asked` any more. `limits` are the thresholds
    that count: those of the plan (`thresholds`), else the registry's own.
    `sources` are those of title, called and period; each part has its own.
    """

    id: UUID
    version: int
    status: parts.Status
    title: PrintedName | None
    called: Label | None
    kinds: list[parts.Classification]
    period: Period | None
    sources: tuple[Source, ...]
    drafted: Step | None = None
    under_review: Step | None = None
    adopted: Step | None = None
    approved: Step | None = None
    issued: Step | None = None
    executing: Step | None = None
    evaluated: Step | None = None
    closed: Step | None = None
    duplicate: Duplicate | None = None
    thresholds: parts.Thresholds | None = None
    limits: parts.Limits
    titles: list[Title]
    bodies: list[parts.Body]
    items: list[Item]
    targets: list[Target]
    rules: list[Rule]
    revisions: list[parts.Revision]
    links: list[parts.Link]
    pending: list[Pending]
    uncertain: list[str]


def counted(state: parts.Plan) -> list[Item]:
    """The items, each with the number of those listed in it."""
    found = parts.listed(state)
    return [
        Item(**msgspec.structs.asdict(one), listed=found[one.id], asked=parts.asks(state, one))
        for one in in_order(state.items)
    ]


def view(shown: Shown) -> Plan:
    """The answer for a plan."""
    state: parts.Plan = shown.state
    head = state.header
    assert head is not None  # noqa: S101 -- nothing is shown without one
    return Plan(
        id=shown.id,
        version=shown.version,
        status=parts.status(state),
        title=head.title,
        called=head.called,
        kinds=in_order(state.kinds),
        period=head.period,
        sources=head.sources,
        duplicate=state.duplicate,
        thresholds=state.thresholds,
        limits=parts.limits(state),
        titles=in_order(state.titles),
        bodies=in_order(state.bodies),
        items=counted(state),
        targets=[
            Target(**msgspec.structs.asdict(one), asked=parts.asks(state, one)) for one in in_order(state.targets)
        ],
        rules=[Rule(**msgspec.structs.asdict(one), asked=parts.asks(state, one)) for one in in_order(state.rules)],
        revisions=in_order(state.revisions),
        links=in_order(state.links),
        pending=shown.pending,
        uncertain=shown.uncertain,
        **steps(Step, state.steps),
    )


RESOURCE = Resource(
    decider=DECIDER,
    shape=Plan,
    view=view,
    register=Register,
    ways=(
        Way(":describe", header.Describe),
        Way("/titles", header.AddTitle),
        Way(":merge-duplicate", header.MergeDuplicate),
        Way(":unmerge-duplicate", header.UnmergeDuplicate),
        Way(":draft", life.Draft),
        Way(":submit", life.Submit),
        Way(":adopt", life.Adopt),
        Way(":approve", life.Approve),
        Way(":issue", life.Issue),
        Way(":begin-execution", life.BeginExecution),
        Way(":evaluate", life.Evaluate),
        Way(":close", life.Close),
        Way("/bodies", bodies.NameBody),
        Way("/items", items.RecordItem, items.item_id),
        Way("/items/{item}:change", items.ChangeItem),
        Way("/items/{item}:drop", items.DropItem),
        Way("/targets", targets.SetTarget, targets.target_id),
        Way("/targets/{target}:change", targets.ChangeTarget),
        Way("/targets/{target}:drop", targets.DropTarget),
        Way("/rules", rules.RecordRule, rules.rule_id),
        Way("/rules/{rule}:change", rules.ChangeRule),
        Way("/rules/{rule}:drop", rules.DropRule),
        Way("/thresholds", rules.SetThresholds),
        Way("/revisions", revisions.Revise, revisions.revision_id),
        Way("/links", links.LinkTo),
        Way(":unlink", links.Unlink),
    ),
)

ROUTES: list[ControllerRouterHandler] = [
    *thing.routes(RESOURCE),
    lists.route("/api/plans", plans.LIST, plans.Filter, plans.Order, plans.Summary, "Plans"),
]
