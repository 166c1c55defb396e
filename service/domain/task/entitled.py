"""Who may say what of a task: those who do it report, those who look after it verify, close and change.

A fact that names nobody who did it rests on a source that tells it. What was recorded in an earlier time counts by the
units of that time: one that was released answers for what it did before.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from service.domain import errors
from service.domain.decider import Fact, Ref, Refs
from service.domain.party.state import Party
from service.domain.plan.state import Plan
from service.domain.task.state import Role, Task, Unit
from service.domain.values import UncertainDate


def answering(task: Task, when: UncertainDate | None, *roles: Role) -> set[UUID]:
    """The units in these roles at that time; one released counts until then."""
    return {unit.party for unit in task.units.values() if unit.role in roles and not _gone(unit, when)}


def _gone(unit: Unit, when: UncertainDate | None) -> bool:
    """Whether the unit had been released by then."""
    if not unit.released:
        return False
    day, left = when.latest if when else None, unit.until.earliest if unit.until else None
    return day is None or left is None or day >= left


def told(ids: Iterable[UUID]) -> str:
    """Parties in a message."""
    return ", ".join(f"parties/{id}" for id in sorted(ids)) or "-"


def named(fact: Fact, by: object, field: str) -> None:
    """Refuse a fact that neither says who did it nor cites who says so."""
    if not by and not fact.citations:
        raise errors.Unnamed(f"/{field}", field=field)


def reporting(subject: str, task: Task, fact: Fact, by: Iterable[UUID], refs: Refs) -> None:
    """Refuse a report by anybody but lead and supporting units, and those that stand directly under one of them."""
    by = tuple(by)
    named(fact, by, "by")
    may = answering(task, fact.effective, "lead", "supporting")
    for party in by:
        state = refs.get(Ref("parties", party))
        above = state.header.parent if isinstance(state, Party) and state.header is not None else None
        if party not in may and above not in may:
            raise errors.NotAtWork("/by", who=told([party]), subject=subject, units=told(may))


def overseeing(subject: str, task: Task, fact: Fact, by: Iterable[UUID], action: str) -> None:
    """Refuse what supervising units do, where one is named and none of them takes part; and a lead unit alone."""
    by = set(by)
    named(fact, by, "by")
    if not by:
        return
    leads = answering(task, fact.effective, "lead")
    supervising = answering(task, fact.effective, "supervising") - leads
    if supervising and not by & supervising:
        raise errors.NotOverseeing("/by", who=told(by), action=action, subject=subject, units=told(supervising))
    if by <= leads:
        raise errors.LeadAlone("/by", who=told(by), action=action, subject=subject)


def approving(subject: str, task: Task, fact: Any, refs: Refs) -> None:
    """Refuse a change of the terms that others approve than supervising units and bodies of a plan, or a lead unit.

    The plan is named with the change, and is one that the task carries out. Where the task has no supervising unit and
    no plan anybody but a lead unit may approve.
    """
    approver: UUID | None = fact.approver
    named(fact, approver, "approver")
    plans = {base.on for base in task.bases.values() if base.on.startswith("plans/")}
    if fact.plan is not None and f"plans/{fact.plan}" not in plans:
        raise errors.UnknownPart("/plan", part=f"bases/plans/{fact.plan}", subject=subject)
    if approver is None:
        return
    leads = answering(task, fact.effective, "lead")
    plan = refs.get(Ref("plans", fact.plan)) if fact.plan is not None else None
    may = answering(task, fact.effective, "supervising")
    if isinstance(plan, Plan):
        may |= {body.party for body in plan.bodies.values() if body.party and body.role in DECIDING}
    may -= leads
    if approver in leads or ((may or plans) and approver not in may):
        raise errors.NotApproving("/approver", who=told([approver]), subject=subject, units=told(may))


DECIDING = frozenset({"issuer", "leader", "approver"})
"""The bodies of a plan that may approve a change of what it asks."""
