"""Whether a figure adds up, over HTTP: each item of it with what is claimed, what it comes to, what is named of it."""

import asyncio
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import bodies, following, lists, sheets, streams, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.resource import ENCODE
from service.api.then import AsOf, KnownAt, Then
from service.domain.decider import Ref, State
from service.domain.figure.disagreeing import disagreeing
from service.domain.figure.members import Member, counted, member
from service.domain.figure.nodes import Node, overall
from service.domain.figure.reconciling import RULE, VERSION, reconcile
from service.domain.figure.state import Figure, Sort, Status, status, title, told_at
from service.domain.figure.verdicts import Bounds, Verdict
from service.domain.values import PartName
from service.registry import Registry

MOST = 1_000
"""Disagreements that are told, the first ones."""
KINDS = (lists.JSON, sheets.CSV, sheets.XLSX, streams.NDJSON)


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On which day, and as known when."""

    on: AsOf | None = None
    known_at: KnownAt | None = None


class Rule(Struct, frozen=True, kw_only=True):
    """By which rule it was judged: what the name and the version stand for never changes."""

    name: str
    version: int
    en: str
    zh: str


class Disagreement(Struct, frozen=True, kw_only=True):
    """Two claims of one item (null: the whole) that cannot both hold, and in which numbers."""

    item: UUID | None
    one: UUID
    other: UUID
    fields: tuple[str, ...]


class LeftOut(Struct, frozen=True, kw_only=True):
    """What is told of the figure and was not counted, and why: a thing that is named (`target`), or an item."""

    target: str | None
    target_part: PartName | None
    item: UUID | None
    en: str
    zh: str


class Reconciliation(Struct, frozen=True, kw_only=True):
    """A figure on the day `on`, as known at `position`: each item with its numbers, and whether they add up.

    `items` begins with the whole (`item` null); each item stands before those that it is made of. `adds_up` is `no`
    where any number does not, `yes` where all do. Of `disagreements` the first 1,000 are told.
    """

    id: UUID
    title: str
    metric: str
    status: Status
    on: date
    position: int
    rule: Rule
    adds_up: Verdict
    items: list[Node]
    disagreements: list[Disagreement]
    left_out: list[LeftOut]


class Row(Struct, frozen=True, kw_only=True):
    """One number of one item, as a row of a sheet."""

    item: UUID | None
    parent: UUID | None
    sort: Sort | None
    label: str | None
    measure: str
    modality: str | None
    declared: Bounds | None
    computed: Bounds | None
    named: Bounds | None
    missing: Bounds | None
    without_sum: tuple[str, ...]
    adds_up: Verdict
    reasons_en: str
    reasons_zh: str
    within: Verdict | None
    within_of: UUID | None


JUDGED = Rule(
    name=RULE,
    version=VERSION,
    en="A claim is the set of all numbers that it allows. It adds up where all that the parts may come to is claimed "
    "(yes); it does not where nothing of it is (no). About so much proves nothing. Sums of different modalities are "
    "never added, and of two modalities only equality is told.",
    zh="每一说法是其所容许的全部数字。各部分可能的合计全在其中,为相符(yes);全不在其中,为不符(no)。约数不足以证明。"
    "性质不同的金额不相加;性质不同者之间只说相等。",
)


async def known(registry: Registry, figure: Figure, when: Then) -> dict[str, Member]:
    """The things that a figure names, as they were then, with the records that stand for second ones."""
    found: dict[str, Member] = {}
    wanted = {link.target for link in counted(figure)}
    while wanted:
        held = await registry.read_at((Ref.of(one) for one in wanted), when.day, when.known_at)
        states: dict[Ref, Any] = {ref: folded.base for ref, folded in held.items()}
        new = {str(ref): member(ref, state) for ref, state in states.items() if state.header is not None}
        asked, found = wanted | found.keys(), found | new
        wanted = {one.into for one in new.values() if one.into is not None} - asked
    return found


def left_out(figure: Figure, nodes: list[Node]) -> Iterator[LeftOut]:
    """What is not counted: things that were not registered then, and items that stand under none that is recorded."""
    for node in nodes:
        for one in node.members:
            if not one.known:
                yield LeftOut(
                    target=one.target,
                    target_part=one.target_part,
                    item=node.item,
                    en="It was not registered then.",
                    zh="其时尚未登记。",
                )
    there = {node.item for node in nodes}
    for item in sorted(figure.items.values(), key=lambda item: (told_at(item), item.id)):
        if item.id not in there:
            yield LeftOut(
                target=None,
                target_part=None,
                item=item.id,
                en="It stands under no item of the figure as it is recorded.",
                zh="其上级分项未登记。",
            )


def rows(nodes: list[Node]) -> Iterator[Row]:
    """Each number of each item."""
    for node in nodes:
        for one in node.measures:
            yield Row(
                item=node.item,
                parent=node.parent,
                sort=node.sort,
                label=node.label,
                measure=one.measure,
                modality=one.modality,
                declared=one.declared,
                computed=one.computed,
                named=one.named,
                missing=one.missing,
                without_sum=one.without_sum,
                adds_up=one.adds_up,
                reasons_en="; ".join(reason.en for reason in one.reasons),
                reasons_zh=";".join(reason.zh for reason in one.reasons),
                within=one.within.verdict if one.within is not None else None,
                within_of=one.within.item if one.within is not None else None,
            )


def written(kind: str, answer: Reconciliation) -> bytes:
    """The answer as JSON, an item a line, or a number a row of a sheet."""
    match kind:
        case lists.JSON:
            return ENCODE(answer)
        case streams.NDJSON:
            return b"".join(ENCODE(one) + b"\n" for one in answer.items)
        case _:
            return sheets.sheet(kind, Row, rows(answer.items))


def reconciled(id: UUID, figure: Figure, members: dict[str, Member], when: Then) -> Reconciliation:
    """The answer for a figure as it stood then, with the things that it names."""
    assert figure.header is not None  # noqa: S101 -- nothing is shown without one
    nodes = reconcile(figure, members)
    return Reconciliation(
        id=id,
        title=title(figure.header),
        metric=figure.header.metric,
        status=status(figure),
        on=when.day,
        position=when.known_at,
        rule=JUDGED,
        adds_up=overall([one.adds_up for node in nodes for one in node.measures]),
        items=nodes,
        disagreements=[
            Disagreement(item=one.one.item, one=one.one.id, other=one.other.id, fields=one.fields)
            for one in islice(disagreeing(figure), MOST)
        ],
        left_out=list(left_out(figure, nodes)),
    )


@get(
    "/api/figures/{id:uuid}/reconciliation",
    opt=needs("reader") | {"query": Asked, "answer": Reconciliation, "kinds": KINDS[1:]},
)
async def reconciliation(request: Request[Any, Any, Any]) -> Answer:
    """Whether a figure adds up: what is claimed of the whole and of its items, what that is made of, what is missing.

    Of each item the number of things, the sums by modality, other measures: as claimed (`declared`, with bounds: below
    400 is 0 to 400, open), as its categories come to (`computed`), as those come to that are named (`named`), and what
    is `missing` of it. Projects are worth what is invested in them on that day; other things have no sum, and are
    listed (`without_sum`). `within` tells whether a stage is not more than the one before, and a number of things or a
    sum not more than what it is a part of. As CSV or XLSX a number a row, as lines an item a line.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Asked)
    kind = streams.wanted(request.headers.get("accept"), KINDS)
    ref = Ref("figures", request.path_params["id"])
    when = Then(then.day(registry, asked.on, "on"), await then.position(registry, asked.known_at))
    folded = (await registry.read_at((ref,), when.day, when.known_at)).get(ref)
    state: State | None = folded.base if folded is not None else None
    if not isinstance(state, Figure) or state.header is None:
        raise await then.unknown(registry, ref, when)
    members = await known(registry, state, when)
    # Of a figure with very many items and claims it takes a while: others are answered meanwhile.
    answer = await asyncio.to_thread(reconciled, ref.id, state, members, when)
    headers = {"cache-control": "no-cache", "vary": "Accept", **following.told(when.known_at)}
    return Answer(body=written(kind, answer), headers=headers, media_type=kind)


ROUTES: list[ControllerRouterHandler] = [reconciliation]
