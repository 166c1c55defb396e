"""What a project's state is made of: one struct a part, each stored as one row; and what is read off it."""

from collections.abc import Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.titles import Title
from service.domain.values import Label, Magnitude, Note, Part, PartName, PrintedName, Text, UncertainDate

Kind = Literal[
    "industry",
    "energy",
    "transport",
    "logistics",
    "water",
    "environment",
    "agriculture",
    "trade",
    "culture_tourism",
    "health",
    "education",
    "science",
    "information",
    "finance",
    "urban",
    "other",
]
"""`water` is 水利, `environment` 生态环境, `trade` 商贸 and 产销对接, `information` 信息化, `urban` 城市建设."""
StepName = Literal[
    "planned",
    "negotiating",
    "intended",
    "signed",
    "registered",
    "started",
    "under_construction",
    "completed",
    "operating",
    "dropped",
]
Status = Literal[
    "known",
    "planned",
    "negotiating",
    "intended",
    "signed",
    "registered",
    "started",
    "under_construction",
    "completed",
    "operating",
    "dropped",
    "merged",
]
"""`known`: no step is known. `merged` holds while a record is a duplicate."""
Role = Literal["investor", "owner", "partner", "builder", "operator", "financier", "host", "regulator"]
"""投资方, 业主 or 项目单位, 合作方, 施工 or 建设单位, 运营, 融资, 属地 or 承接地, 主管."""
Relation = Literal["under", "in_plan", "tracked_by", "part_of", "continues"]
"""`under` an agreement, `in_plan` of a plan, `tracked_by` a task, `part_of` a greater project, `continues` one."""

RANK: dict[StepName, int] = {
    "planned": 1,
    "negotiating": 2,
    "intended": 3,
    "signed": 4,
    "registered": 5,
    "started": 6,
    "under_construction": 7,
    "completed": 8,
    "operating": 9,
    "dropped": 10,
}
"""Steps only go forward. Going back is a correction, which takes the step out of the record."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the project is: its title as printed, or what the registry calls it; its sector; what it does."""

    title: PrintedName | None = None
    called: Label | None = None
    sector: Label | None = None
    text: Text | None = None


class Classification(Part, frozen=True, kw_only=True, gc=False):
    """A kind that the project is of, among others it may be."""

    kind: Kind


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the project's life: when, by whom, at which meeting and by which act of that.

    `plan` is one that asks for the step or names the project, `agreement` what was signed with it, `number` that of the
    paper by which it was taken (备案号).
    """

    step: StepName
    effective: UncertainDate | None = None
    by: tuple[UUID, ...] = ()
    meeting: UUID | None = None
    meeting_part: PartName | None = None
    plan: UUID | None = None
    plan_part: PartName | None = None
    agreement: UUID | None = None
    agreement_part: PartName | None = None
    number: Label | None = None
    grounds: Note | None = None


class Investment(Part, frozen=True, kw_only=True, gc=False):
    """Money that goes into the project: how much, of whom, in which phase of it.

    Of an increase (`increase`) the quantity is the increment alone, and `of` the investment that it adds to, as far as
    that is told. The investor is the first one; who came in its place stands in the replacements.
    """

    id: UUID
    quantity: Magnitude
    investor: UUID | None = None
    phase: Label | None = None
    increase: bool = False
    of: UUID | None = None
    effective: UncertainDate | None = None


class Replacement(Part, frozen=True, kw_only=True, gc=False):
    """That another investor came in the place of one: in one investment, or in all of that one's."""

    id: UUID
    former: UUID
    investor: UUID
    investment: UUID | None = None
    effective: UncertainDate | None = None
    grounds: Note | None = None


class Participant(Part, frozen=True, kw_only=True, gc=False):
    """Who has to do with the project, as what: a party, or some that no source names, in words of our own."""

    role: Role
    party: UUID | None = None
    group: Label | None = None
    name: PrintedName | None = None
    released: bool = False
    until: UncertainDate | None = None
    grounds: Note | None = None


class Place(Part, frozen=True, kw_only=True, gc=False):
    """Where the project is: a party that is a place, or words; `name` as printed."""

    party: UUID | None = None
    text: Label | None = None
    name: PrintedName | None = None


class Link(Part, frozen=True, kw_only=True, gc=False):
    """How the project stands to another thing, named by its subject, or to a part of that."""

    relation: Relation
    target: str
    target_part: PartName | None = None


class Project(State, frozen=True, kw_only=True, gc=False):
    """A project, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    kinds: dict[str, Classification] = {}
    steps: dict[str, Step] = {}
    titles: dict[str, Title] = {}
    investments: dict[str, Investment] = {}
    replacements: dict[str, Replacement] = {}
    parties: dict[str, Participant] = {}
    places: dict[str, Place] = {}
    links: dict[str, Link] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def furthest(project: Project) -> Step | None:
    """The furthest step of its life."""
    return max(project.steps.values(), key=lambda step: RANK[step.step], default=None)


def status(project: Project) -> Status:
    """How far the project is: merged while a duplicate, else its furthest step."""
    if project.duplicate is not None:
        return "merged"
    last = furthest(project)
    return "known" if last is None else last.step


def title(header: Header) -> str:
    """What a list calls the project."""
    return header.title.meant if header.title is not None else header.called or ""


def told_at(part: Part) -> int:
    """Where in the log a part was first told, for the order of what no date orders."""
    return part.sources[0].sequence if part.sources else 0


def above(project: Project, one: Investment) -> Iterator[Investment]:
    """What an increase adds to, and what that adds to, as far as it is recorded, each once."""
    seen = {one.id}
    while one.of is not None and one.of not in seen and (held := project.investments.get(str(one.of))) is not None:
        seen.add(held.id)
        yield held
        one = held


def modality_of(project: Project, one: Investment) -> str | None:
    """Of which modality an investment is: an increase that tells none is of that of what it adds to."""
    told = (held.quantity.modality for held in (one, *above(project, one)))
    return next((modality for modality in told if modality is not None), None)


def replaced(project: Project) -> list[Replacement]:
    """The replacements of investors, in the order in which they happened, as far as that is known."""

    def when(one: Replacement) -> tuple[date, int, UUID]:
        known = one.effective.earliest if one.effective is not None else None
        return known or date.min, told_at(one), one.id

    return sorted(project.replacements.values(), key=when)


def investors(project: Project, investment: Investment) -> list[tuple[UUID | None, Replacement | None]]:
    """The investors of one investment, one after another: the first one, then each with what put it there."""
    found: list[tuple[UUID | None, Replacement | None]] = [(investment.investor, None)]
    for one in replaced(project):
        if one.investment == investment.id or (one.investment is None and one.former == found[-1][0]):
            found.append((one.investor, one))
    return found


def investor(project: Project, investment: Investment) -> UUID | None:
    """Whose the investment is now."""
    return investors(project, investment)[-1][0]


def named_investors(project: Project) -> dict[UUID, UUID]:
    """The parties named as investors, each with the one that stands in its place now: itself where nobody does."""
    found = {}
    for one in project.parties.values():
        if one.role == "investor" and one.party is not None and not one.released:
            now = one.party
            for other in replaced(project):
                if other.investment is None and other.former == now:
                    now = other.investor
            found[one.party] = now
    return found


def concerned(project: Project) -> Iterator[tuple[UUID, str]]:
    """Each party that has to do with the project, with what it is to it.

    Its roles as they stand; `former_investor`, in whose place another one came; `acting`, who took one of its steps.
    """
    named = named_investors(project)
    held = [one for investment in project.investments.values() for one, _ in investors(project, investment)]
    now = {investor(project, one) for one in project.investments.values()} | set(named.values())
    for party in {*held, *named, *now, *(one.former for one in project.replacements.values())}:
        if party is not None:
            yield party, "investor" if party in now else "former_investor"
    for one in project.parties.values():
        if one.party is not None and one.role != "investor" and not one.released:
            yield one.party, one.role
    for step in project.steps.values():
        yield from ((party, "acting") for party in step.by)
