"""What a plan's state is made of: one struct a part, each stored as one row; and what is read off it."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.titles import Title
from service.domain.values import (
    Count,
    Label,
    Magnitude,
    Note,
    Part,
    PartName,
    Period,
    PrintedName,
    Quantity,
    Sha256,
    Text,
    UncertainDate,
    Value,
)

Kind = Literal[
    "action_plan",
    "implementation_opinion",
    "guidance",
    "development_plan",
    "special_plan",
    "work_list",
    "programme",
    "proposal",
]
"""`action_plan` is 行动方案, `implementation_opinion` 实施意见, `guidance` 指导意见, `development_plan` 规划,
`special_plan` 专项规划, `work_list` 工作清单 and 工作要点, `programme` 工程 and 计划, `proposal` 建议方案."""
StepName = Literal["drafted", "under_review", "adopted", "approved", "issued", "executing", "evaluated", "closed"]
Status = Literal[
    "registered",
    "drafted",
    "under_review",
    "adopted",
    "approved",
    "issued",
    "executing",
    "evaluated",
    "closed",
    "merged",
]
"""`registered`: no step is known. `merged` holds while a record is a duplicate."""
Role = Literal["drafter", "reviewer", "approver", "issuer", "leader", "executor", "consulted"]
"""`leader` leads the carrying out (牵头, 领导小组), `executor` carries out, `consulted` was asked (征求意见)."""
Sort = Literal["section", "group", "action", "works", "measure", "goal"]
"""`section` is a chapter, `group` a set of tasks, `action` 行动, `works` 工程 or a project, `measure` 举措, `goal` what
is to be reached without a measure of it (九个一); what is measured, or due by a day, is a target."""
RuleSort = Literal[
    "deadline", "responsibility", "adjustment", "inspection", "ledger", "evaluation", "reporting", "publicity"
]
"""What a plan says of the way in which its tasks are kept: 时限, 责任, 动态调整, 督查, 台账, 考核, 报告, 宣传."""
Relation = Literal["implements", "based_on", "part_of", "supersedes", "follows", "reports_on"]
Counting = Literal["calendar", "working"]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Percent = Annotated[int, Meta(ge=0, le=100)]

RANK: dict[StepName, int] = {
    "drafted": 1,
    "under_review": 2,
    "adopted": 3,
    "approved": 4,
    "issued": 5,
    "executing": 6,
    "evaluated": 7,
    "closed": 8,
}
"""Steps only go forward. Going back is a correction, which takes the step out of the record."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the plan is: its title as printed, or what the registry calls it; `period` is the time that it is for."""

    title: PrintedName | None = None
    called: Label | None = None
    period: Period | None = None


class Classification(Part, frozen=True, kw_only=True, gc=False):
    """A kind that the plan is of, among others it may be."""

    kind: Kind


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the plan's life: by whom, at which meeting and by which act of that, under which number (文号).

    `document` has the text of the plan as of that step, `sha256` says which of its texts; `result` is what an
    evaluation found.
    """

    step: StepName
    effective: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    meeting: UUID | None = None
    meeting_part: PartName | None = None
    number: Label | None = None
    document: UUID | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None
    result: Text | None = None


class Body(Part, frozen=True, kw_only=True, gc=False):
    """Who has to do with the plan, as what: a party, or bodies that no source names, in words of our own."""

    role: Role
    party: UUID | None = None
    group: Label | None = None
    name: PrintedName | None = None


class Item(Part, frozen=True, kw_only=True, gc=False):
    """A place in the plan's structure: stable id, changeable label, what it says, what it stands under.

    `declared` is how many things a source says to stand here, a claim; how many are listed is counted. `order` is its
    place among its like where the plan numbers none. `added_by`, `changed_by`, `dropped_by` are revisions.
    """

    id: UUID
    parent: UUID | None = None
    label: Label | None = None
    heading: Label | None = None
    text: Text | None = None
    sort: Sort | None = None
    declared: Magnitude | None = None
    order: Count | None = None
    added_by: UUID | None = None
    changed: bool = False
    changed_by: UUID | None = None
    dropped: bool = False
    dropped_from: UncertainDate | None = None
    dropped_by: UUID | None = None
    grounds: Note | None = None


class Target(Part, frozen=True, kw_only=True, gc=False):
    """What is to be reached: `metric` and `quantity` where there is a number, `due` by when, `horizon` as printed."""

    id: UUID
    item: UUID | None = None
    text: Text | None = None
    metric: Label | None = None
    quantity: Quantity | None = None
    due: UncertainDate | None = None
    horizon: Label | None = None
    performers: tuple[UUID, ...] = ()
    added_by: UUID | None = None
    changed: bool = False
    changed_by: UUID | None = None
    dropped: bool = False
    dropped_from: UncertainDate | None = None
    dropped_by: UUID | None = None
    grounds: Note | None = None


class Rule(Part, frozen=True, kw_only=True, gc=False):
    """What the plan says of how its tasks are kept, in words of our own; `item` is where it says so."""

    id: UUID
    sort: RuleSort
    text: Text
    item: UUID | None = None
    label: Label | None = None
    added_by: UUID | None = None
    changed: bool = False
    changed_by: UUID | None = None
    dropped: bool = False
    dropped_from: UncertainDate | None = None
    dropped_by: UUID | None = None
    grounds: Note | None = None


class Thresholds(Part, frozen=True, kw_only=True, gc=False):
    """From when on a task of the plan is near or behind, and when that is escalated; None: the registry's own."""

    near: Days | None = None
    behind: Days | None = None
    escalate: Days | None = None
    counts: Counting | None = None
    slack: Percent | None = None


class Limits(Value, frozen=True, kw_only=True, gc=False):
    """The thresholds that count: `near` and `behind` in days before a deadline, `escalate` in days after it.

    `counts` says which days; `slack` is by how many percent progress may lag behind the time that has passed.
    """

    near: Days
    behind: Days
    escalate: Days
    counts: Counting
    slack: Percent


class Revision(Part, frozen=True, kw_only=True, gc=False):
    """A revision of the plan: what it is called, what it does, by whom, by which paper. Changes name it."""

    id: UUID
    effective: UncertainDate | None = None
    label: Label | None = None
    text: Text | None = None
    by: tuple[UUID, ...] = ()
    number: Label | None = None
    document: UUID | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None


class Link(Part, frozen=True, kw_only=True, gc=False):
    """How the plan, or an item of it, stands to another thing, named by its subject, or to a part of that."""

    relation: Relation
    target: str
    item: UUID | None = None
    target_part: PartName | None = None


class Plan(State, frozen=True, kw_only=True, gc=False):
    """A plan, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    thresholds: Thresholds | None = None
    kinds: dict[str, Classification] = {}
    steps: dict[str, Step] = {}
    titles: dict[str, Title] = {}
    bodies: dict[str, Body] = {}
    items: dict[str, Item] = {}
    targets: dict[str, Target] = {}
    rules: dict[str, Rule] = {}
    revisions: dict[str, Revision] = {}
    links: dict[str, Link] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------

DEFAULT = Limits(near=30, behind=7, escalate=3, counts="calendar", slack=20)
"""The registry's own thresholds, where a plan sets none."""
MAKING: tuple[StepName, ...] = ("adopted", "approved", "issued")
"""The steps by which a plan comes to ask something: what it says without a date holds since the first one recorded."""


def status(plan: Plan) -> Status:
    """How far the plan is: merged while a duplicate, else its furthest step."""
    if plan.duplicate is not None:
        return "merged"
    last = max(plan.steps.values(), key=lambda step: RANK[step.step], default=None)
    return "registered" if last is None else last.step


def title(header: Header) -> str:
    """What a list calls the plan."""
    return header.title.meant if header.title is not None else header.called or ""


def made(plan: Plan) -> Step | None:
    """The first recorded of the steps by which the plan came to ask something."""
    taken = [plan.steps[name] for name in MAKING if name in plan.steps]
    return min(taken, key=lambda step: step.sources[0].sequence if step.sources else 0, default=None)


def limits(plan: Plan) -> Limits:
    """The thresholds that count for the plan's tasks."""
    own = plan.thresholds
    if own is None:
        return DEFAULT
    told = {name: getattr(own, name) for name in Limits.__struct_fields__}
    return Limits(**{name: getattr(DEFAULT, name) if value is None else value for name, value in told.items()})


def above(plan: Plan, item: UUID | None) -> Iterator[UUID]:
    """An item and those that it stands under, as far as they are recorded, each once."""
    seen: set[UUID] = set()
    while item is not None and item not in seen:
        seen.add(item)
        yield item
        held = plan.items.get(str(item))
        item = held.parent if held else None


def stands(plan: Plan, item: UUID | None) -> bool:
    """Whether nothing on the way from an item up was dropped; what stands under no item stands in the plan itself."""
    found = (plan.items.get(str(one)) for one in above(plan, item))
    return not any(one.dropped for one in found if one is not None)


def listed(plan: Plan) -> Counter[UUID | None]:
    """How many items stand directly under each item, and under none (None): listed ones, whatever is declared."""
    return Counter(one.parent for one in plan.items.values() if stands(plan, one.id))


def asks(plan: Plan, part: Item | Target | Rule) -> bool:
    """Whether a part of a plan counts: it was not dropped, nor any item that it stands under.

    What was dropped stays in the record. Whoever tells what a plan asks (lists, search, the ledger, sheets) asks here.
    """
    return not part.dropped and stands(plan, part.id if isinstance(part, Item) else part.item)


def asked(plan: Plan) -> list[Target]:
    """The targets that count."""
    return [one for one in plan.targets.values() if asks(plan, one)]
