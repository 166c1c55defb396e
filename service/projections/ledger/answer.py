"""What the ledger answers: tasks, how many of which sort, by what they were judged; and how that is read off a row."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.task.lateness import REGISTRY, Colour, Standing, Thresholds, Why, lateness
from service.domain.task.state import Counts, Result, Role, Status
from service.domain.values import UncertainDate
from service.projections.cells import Cell, read


class Unit(Struct, frozen=True, kw_only=True, gc=False):
    """A unit that answers for a task: as what, its name as a source prints it, and the one that it has on that day."""

    role: Role
    party: UUID
    name: str | None
    office: str | None
    person: str | None
    called: str | None = None


class Base(Struct, frozen=True, kw_only=True, gc=False):
    """What a task carries out, and its number there."""

    on: str
    on_part: str | None
    number: str | None


class Waiting(Struct, frozen=True, kw_only=True, gc=False):
    """A task that another waits for: it is neither closed nor cancelled."""

    id: UUID
    title: str
    state: Status


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """A task in the ledger. `number` is that in the plan asked for, else the first one.

    `left` are the days until the deadline, negative after it; `late_by` how many days after it the task is, or was
    reported done. Both count by `counts`; `beyond` says that days were counted of a year whose holidays are not known.
    `waits_for` are the tasks that it depends on and that are still open.
    """

    id: UUID
    number: str | None
    title: str
    text: str | None
    requirement: str | None
    state: Status
    colour: Colour | None
    why: tuple[Why, ...]
    left: int | None
    late_by: int | None
    counts: Counts
    beyond: bool
    starts: UncertainDate | None
    due: UncertainDate | None
    share: str | None
    inspected: Result | None
    reported: date | None
    duty: bool
    occurrence_of: UUID | None
    period: str | None
    units: tuple[Unit, ...]
    bases: tuple[Base, ...]
    waits_for: tuple[Waiting, ...]


class Colours(Struct, frozen=True, kw_only=True, gc=False):
    """How many tasks have each colour, and how many none."""

    red: int = 0
    yellow: int = 0
    blue: int = 0
    none: int = 0


class OfUnit(Struct, frozen=True, kw_only=True, gc=False):
    """How many tasks a unit leads; `unit` is None for those that nobody is known to lead."""

    unit: UUID | None
    name: str | None
    tasks: int
    colours: Colours
    states: dict[Status, int]


MOST_UNITS = 200
"""So many units are told with their totals."""


class Totals(Struct, frozen=True, kw_only=True, gc=False):
    """How many tasks pass, all pages together. A task that two units lead counts with each of them, and once in all.

    `units` are the 200 that lead most red tasks, of as many red ones most yellow, then blue ones, then tasks; in the
    order of their names. `further_units` are how many others lead any: `unit` asks for those.
    """

    tasks: int
    colours: Colours
    states: dict[Status, int]
    units: tuple[OfUnit, ...]
    further_units: int


class Uncoloured(Struct, frozen=True, kw_only=True, gc=False):
    """Why the tasks without a colour have none: standing duties, ended (closed, cancelled, suspended), reported done
    and not yet verified, open without a deadline, open with time enough."""

    duty: int = 0
    ended: int = 0
    reported_done: int = 0
    no_deadline: int = 0
    in_time: int = 0


class OfPlan(Thresholds, frozen=True, kw_only=True, gc=False):
    """The thresholds that a plan sets for its tasks."""

    plan: UUID


class Rules(Struct, frozen=True, kw_only=True, gc=False):
    """By what the ledger judges: the registry's thresholds and those of plans that set their own, of several the
    strictest. Second records of a task (`duplicates`) pass and are left out, unless their state is asked for."""

    registry: Thresholds
    plans: tuple[OfPlan, ...]
    uncoloured: Uncoloured
    duplicates: int


class Found(Struct, frozen=True, kw_only=True):
    """A page; whether there is more; the position that it is for; totals and rules where they were asked for."""

    position: int
    rows: list[Row]
    more: bool
    totals: Totals | None
    rules: Rules | None


# --- What is read off a row -------------------------------------------------------------------------------------------


class _Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A task as its row has it."""

    id: UUID
    title: str
    status: Status
    duty: bool
    occurrence_of: UUID | None
    period: str | None
    starts: UncertainDate | None
    due: UncertainDate | None
    share: str | None
    inspected: Result | None
    reported: date | None
    bases: tuple[Base, ...]
    units: tuple[Unit, ...]


_SUMMARY = msgspec.json.Decoder(_Summary).decode
_LIMITS = msgspec.json.Decoder(tuple[Thresholds, ...]).decode
_WAITING = msgspec.json.Decoder(tuple[Waiting, ...]).decode


def row_of(row: Any, day: date, plan: UUID | None, names: dict[UUID, str]) -> Row:
    told, text, requirement, deadline, starts, limits, waits = row
    task = _SUMMARY(told)
    standing = Standing(
        status=task.status,
        duty=task.duty,
        deadline=deadline,
        starts=starts,
        share=task.share,
        inspected=task.inspected,
        reported=task.reported,
    )
    late = lateness(standing, day, _LIMITS(limits) if limits else ())
    numbers = [one.number for one in task.bases if one.number and (plan is None or one.on == f"plans/{plan}")]
    return Row(
        id=task.id,
        number=numbers[0] if numbers else None,
        title=task.title,
        text=text,
        requirement=requirement,
        state=task.status,
        colour=late.colour,
        why=late.why,
        left=late.left,
        late_by=late.late_by,
        counts=late.counts,
        beyond=late.beyond,
        starts=task.starts,
        due=task.due,
        share=task.share,
        inspected=task.inspected,
        reported=task.reported,
        duty=task.duty,
        occurrence_of=task.occurrence_of,
        period=task.period,
        units=tuple(msgspec.structs.replace(one, called=names.get(one.party)) for one in task.units),
        bases=task.bases,
        waits_for=_WAITING(waits) if waits else (),
    )


_Counted = tuple[int, int]
"""A cell's number with its weight added, and so many tasks of it."""
_CELLS = msgspec.json.Decoder(list[_Counted]).decode
_UNITS = msgspec.json.Decoder(list[tuple[UUID | None, str | None, list[_Counted]]]).decode
_ENDED = frozenset({"closed", "cancelled", "suspended", "merged"})


def _why(cell: Cell) -> str:
    """Why tasks of such a cell have no colour."""
    if cell.duty:
        return "duty"
    if cell.status in _ENDED:
        return "ended"
    if cell.status == "reported_done":
        return cell.status
    return "no_deadline" if cell.undated else "in_time"


def _counts(cells: Iterable[_Counted]) -> tuple[int, Colours, dict[Status, int]]:
    """How many tasks there are, and of which colours and states."""
    weights, states = [0, 0, 0, 0], dict[Status, int]()
    for cell, tasks in cells:
        told = read(cell)
        weights[told.weight] += tasks
        states[told.status] = states.get(told.status, 0) + tasks
    none, blue, yellow, red = weights
    return sum(weights), Colours(red=red, yellow=yellow, blue=blue, none=none), dict(sorted(states.items()))


def totals_of(found: Any) -> Totals:
    tasks, colours, states = _counts(_CELLS(found["cells"] or "[]"))
    units = []
    for unit, name, cells in _UNITS(found["units"] or "[]"):
        theirs = _counts(cells)
        units.append(OfUnit(unit=unit, name=name, tasks=theirs[0], colours=theirs[1], states=theirs[2]))
    units.sort(key=lambda one: (one.unit is None, one.name is None, one.name or "", str(one.unit)))
    further = found["leading"] - len(units)
    return Totals(tasks=tasks, colours=colours, states=states, units=tuple(units), further_units=further)


def rules(found: Any) -> Rules:
    whys: dict[str, int] = {}
    for cell, tasks in _CELLS(found["cells"] or "[]"):
        told = read(cell)
        if not told.weight:
            why = _why(told)
            whys[why] = whys.get(why, 0) + tasks
    plans = msgspec.json.decode(found["plans"] or "[]", type=list[OfPlan])
    return Rules(
        registry=REGISTRY,
        plans=tuple(sorted(plans, key=lambda one: one.plan)),
        uncoloured=Uncoloured(**whys),
        duplicates=found["duplicates"],
    )
