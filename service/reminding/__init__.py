"""The daily round: what standing duties bring is recorded, and who answers for a task is reminded of its deadline.

Both are commands through the one door, under the account of reminders. A round may be run again, broken off, or run by
several processes at once: a task yields one event for each level and deadline, and a duty one task for each period. It
tells what has come to pass by its day. So one round makes up for all that were missed before it: that a task was near
its deadline is told to nobody when it is overdue.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from service.domain import errors
from service.domain.decider import Ref
from service.domain.plan import DECIDER as PLANS
from service.domain.plan.state import limits
from service.domain.task import DECIDER as TASKS
from service.domain.task import Register, reminders
from service.domain.task.entitled import DECIDING
from service.domain.task.lateness import Standing, Thresholds
from service.domain.task.missed import due_on, missing, yields
from service.domain.task.state import Level
from service.domain.values import UncertainDate
from service.registry import REMINDERS, Done, Order, Registry
from service.store import sql

PAGE = 500
"""Tasks that are looked at together."""
AHEAD = timedelta(days=365)
"""How long before a period begins its task is recorded."""
NOBODY = UUID(int=0)


class Reminded(Struct, frozen=True, kw_only=True):
    """A reminder that the round has recorded, or would record."""

    task: UUID
    level: Level
    due: date
    to: tuple[UUID, ...]


class Yielded(Struct, frozen=True, kw_only=True):
    """A task of a standing duty that the round has recorded, or would record."""

    duty: UUID
    task: UUID
    period: str
    due: date


class Round(Struct, kw_only=True):
    """What came of a round; `refused` says of what could not be recorded why."""

    on: date
    reminded: list[Reminded] = []
    yielded: list[Yielded] = []
    refused: list[str] = []


class Ruling(Struct, frozen=True):
    """What a plan says of its tasks: its thresholds, and who stands above those who carry them out."""

    thresholds: Thresholds
    above: tuple[UUID, ...]


async def remind(registry: Registry, on: date, *, dry_run: bool = False) -> Round:
    """The round of a day, judged by what is known now. A dry run records nothing.

    Raises Unavailable and Uncertain; what was recorded by then is recorded, and the next round goes on.
    """
    made = Round(on=on)
    last = NOBODY
    while rows := await registry.fetch(sql("standing_duties"), on, last, PAGE):
        last = rows[-1]["stream"]
        await _yield(registry, made, [Ref("tasks", row["stream"]) for row in rows], dry_run=dry_run)
    plans: dict[str, Ruling] = {}
    after = (date.min, NOBODY)
    while rows := await registry.fetch(sql("open_tasks"), on, *after, PAGE):
        after = (rows[-1]["deadline"], rows[-1]["stream"])
        await _know(registry, plans, on, {target for row in rows for target in row["plans"]})
        due: dict[Ref, list[Ruling]] = {}
        for row in rows:
            rulings = [plans[target] for target in row["plans"] if target in plans]
            if any(reminders.levels(_standing(row), on, [one.thresholds for one in rulings])):
                due[Ref("tasks", row["stream"])] = rulings
        await _remind(registry, made, due, dry_run=dry_run)
    return made


# --- Standing duties --------------------------------------------------------------------------------------------------


async def _yield(registry: Registry, made: Round, refs: Sequence[Ref], *, dry_run: bool) -> None:
    """Record the tasks of some duties for the periods that have begun, or begin within a year."""
    duties = await registry.read(refs)
    planned: dict[Ref, tuple[Ref, Register]] = {}
    for duty, folded in duties.items():
        told = list(yields(duty.id, folded, made.on, _more(made.on, AHEAD)))
        there = await registry.read(Ref("tasks", id) for id, _ in told)
        for id, command in missing(told, {ref.id for ref in there}, made.on):
            planned[Ref("tasks", id)] = (duty, command)
    orders = [[Order(ref=ref, command=command, creates=True)] for ref, (_, command) in planned.items()]
    outcomes = await _executed(registry, orders) if not dry_run else [None] * len(orders)
    for (task, (duty, command)), outcome in zip(planned.items(), outcomes, strict=True):
        if isinstance(outcome, errors.Refused):
            made.refused.append(f"{duty}: {outcome}")
        elif outcome is None or outcome[0].events:
            period, due = command.period or "", due_on(command)
            made.yielded.append(Yielded(duty=duty.id, task=task.id, period=period, due=due))


def _more(day: date, span: timedelta) -> date:
    return date.max if date.max - day < span else day + span


# --- Reminders --------------------------------------------------------------------------------------------------------


async def _know(registry: Registry, plans: dict[str, Ruling], on: date, targets: Iterable[str]) -> None:
    """Look up what plans say that have not been looked up in this round. One that was voided says nothing."""
    for ref, folded in (await registry.read(Ref.of(target) for target in targets if target not in plans)).items():
        plan = folded.at(PLANS, on)
        if plan.header is not None:
            above = tuple(body.party for body in plan.bodies.values() if body.party and body.role in DECIDING)
            plans[str(ref)] = Ruling(Thresholds(**asdict(limits(plan))), above)


def _standing(row: Any) -> Standing:
    """What of a task its lateness rests on, from its row."""
    return Standing(
        status=row["status"],
        duty=False,
        deadline=row["deadline"],
        starts=row["begins"],
        share=row["share"],
        inspected=row["inspected"],
    )


async def _remind(registry: Registry, made: Round, due: dict[Ref, list[Ruling]], *, dry_run: bool) -> None:
    """Record the reminders of some tasks, each decided on the version that it was read at.

    A task that is moved in between (closed, snoozed, or reminded by another process) is looked at again.
    """
    while due:
        today = UncertainDate.day(registry.today())
        planned: dict[Ref, list[Order]] = {}
        for ref, folded in (await registry.read(due)).items():
            above = {party for ruling in due[ref] for party in ruling.above}
            commands = reminders.due(
                folded.at(TASKS, made.on), made.on, [one.thresholds for one in due[ref]], sorted(above)
            )
            if commands:
                planned[ref] = [
                    Order(ref=ref, command=replace(command, effective=today), expected=folded.version)
                    for command in commands
                ]
        outcomes = await _executed(registry, planned.values()) if not dry_run else [None] * len(planned)
        moved: dict[Ref, list[Ruling]] = {}
        for (ref, orders), outcome in zip(planned.items(), outcomes, strict=True):
            if isinstance(outcome, errors.VersionMismatch):
                moved[ref] = due[ref]
            elif isinstance(outcome, errors.Refused):
                made.refused.append(f"{ref}: {outcome}")
            else:
                made.reminded += (
                    Reminded(task=ref.id, level=order.command.level, due=order.command.due, to=order.command.to)
                    for place, order in enumerate(orders)
                    if isinstance(order.command, reminders.Remind) and (outcome is None or outcome[place].events)
                )
        due = moved


async def _executed(registry: Registry, all: Iterable[Sequence[Order]]) -> list[list[Done] | errors.Refused]:
    """Carry out what stands or falls together, all of it at once, so that the writer makes batches of it.

    Raises what is no refusal of a single one: that the registry cannot take any, or has not said whether it has.
    """
    found = await asyncio.gather(*(registry.execute(orders, actor=REMINDERS) for orders in all), return_exceptions=True)
    for outcome in found:
        if isinstance(outcome, BaseException) and (
            not isinstance(outcome, errors.Refused) or isinstance(outcome, (errors.Unavailable, errors.Uncertain))
        ):
            raise outcome
    return [
        outcome for outcome in found if not isinstance(outcome, BaseException) or isinstance(outcome, errors.Refused)
    ]
