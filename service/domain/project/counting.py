"""What of a project a report counts, when, and with which sums: named rules, each with a version.

A rule answers with entries: a project that counts (`project`), an increase that counts with its increment alone
(`increase`), an investor that came in another one's place and counts anew (`anew`); or why nothing counts (`left`). An
entry has a span of days that it may be of, and one sum, of one investment: several sums of the same event are several
entries of that event. No rule adds sums of different modalities; none knows a period or another project, which is the
report's: there a part of a greater project counts within that one.

A changed rule gets the next version, so that a report tells by which one it was made.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.domain.amounts import EXACT, interval, scaled
from service.domain.project.state import (
    Investment,
    Project,
    Replacement,
    above,
    furthest,
    investors,
    modality_of,
    named_investors,
    replaced,
    told_at,
)
from service.domain.values import UncertainDate

Rule = Literal["first_event", "current_stage", "every_signing"]
Kind = Literal["project", "increase", "anew", "left"]
Reason = Literal["duplicate", "no_event", "never_signed"]
Span = tuple[date, date]
"""The days that something may be of, both included: from the first day of all to the last where nobody knows."""


class Amount(Struct, frozen=True, kw_only=True, gc=False):
    """A sum in the plain unit (元), of a modality or of none that is told: between two bounds, or about so much.

    About so much proves no bound: it has neither. `high` is None where there is none.
    """

    modality: str | None
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    about: Decimal | None = None


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """What counts, of which event, on which days, with which sum, of whom; of what does not count, `event` says why."""

    kind: Kind
    event: str
    since: Span
    investment: UUID | None = None
    investor: UUID | None = None
    amount: Amount | None = None


class Counting(Struct, frozen=True, kw_only=True):
    """A rule: its version, what it says in two languages, and the function that follows it."""

    version: int
    en: str
    zh: str
    count: Callable[[Project], Iterator[Entry]]


def span(day: UncertainDate | None) -> Span:
    """The days that a date may be."""
    if day is None:
        return date.min, date.max
    return day.earliest or date.min, day.latest or date.max


def amount(project: Project, one: Investment) -> Amount:
    """What an investment comes to."""
    quantity, modality = one.quantity, modality_of(project, one)
    factor, unit = scaled(quantity.unit)
    if quantity.bound == "about" and quantity.value is not None:
        return Amount(modality=modality, unit=unit, about=EXACT.multiply(Decimal(quantity.value), factor))
    known = interval(quantity)
    return Amount(
        modality=modality,
        unit=unit,
        low=known.low,
        high=known.high,
        low_open=known.low_open,
        high_open=known.high_open,
    )


def told(project: Project) -> list[Investment]:
    """The investments in the order of the log."""
    return sorted(project.investments.values(), key=lambda one: (told_at(one), one.id))


def follows(project: Project, one: Investment) -> Investment:
    """The investment whose investor an investment has: itself, or, of an increase of nobody's own, what it adds to."""
    for other in (one, *above(project, one)):
        if not other.increase or other.investor is not None or len(investors(project, other)) > 1:
            return other
        one = other
    return one


def whose(project: Project, one: Investment, day: date) -> UUID | None:
    """Whose an investment was on a day: of the investors that certainly had come by then, or may have, the last."""
    found, *others = investors(project, follows(project, one))
    for other in others:
        if other[1] is not None and span(other[1].effective)[0] <= day:
            found = other
    return found[0]


def stated(project: Project, kind: Kind, event: str, since: Span) -> Iterator[Entry]:
    """The investments that were stated, whose they were first; without any, the named investors without a sum."""
    own = [one for one in told(project) if not one.increase]
    for one in own:
        sum_ = amount(project, one)
        yield Entry(kind=kind, event=event, since=since, investment=one.id, investor=one.investor, amount=sum_)
    if not own:
        for investor in sorted(named_investors(project)) or (None,):
            yield Entry(kind=kind, event=event, since=since, investor=investor)


def grown(project: Project) -> Iterator[Entry]:
    """Each increase by its increment, on its own days, of the one whose it was then."""
    for one in told(project):
        if one.increase:
            since, sum_ = span(one.effective), amount(project, one)
            investor = whose(project, one, since[0])
            event = str(one.id)
            yield Entry(kind="increase", event=event, since=since, investment=one.id, investor=investor, amount=sum_)


def renewed(project: Project) -> Iterator[Entry]:
    """Each replacement of an investor, with what it took over: the investment and what had been added to it by then."""
    for by in replaced(project):
        since, event = span(by.effective), str(by.id)
        over = [one for one in told(project) if taken(project, one, by)]
        for one in over:
            sum_ = amount(project, one)
            yield Entry(kind="anew", event=event, since=since, investment=one.id, investor=by.investor, amount=sum_)
        if not over:
            yield Entry(kind="anew", event=event, since=since, investor=by.investor)


def taken(project: Project, one: Investment, by: Replacement) -> bool:
    """Whether a replacement took an investment over: of an increase, where it had come by then as far as is told."""
    if all(other is not by for _, other in investors(project, follows(project, one))):
        return False
    whole = not one.increase or by.investment == one.id
    return whole or (one.effective is not None and span(one.effective)[0] <= span(by.effective)[0])


def left(reason: Reason) -> Iterator[Entry]:
    """That the project does not count."""
    yield Entry(kind="left", event=reason, since=(date.min, date.max))


# --- The rules --------------------------------------------------------------------------------------------------------


def first_event(project: Project) -> Iterator[Entry]:
    """Once, on the days of its first event; an increase by its increment, a replaced investor anew, on theirs."""
    spans = [span(step.effective) for step in project.steps.values() if step.step != "dropped"]
    if not spans:
        yield from left("no_event")
        return
    # Of several spans the first event lies between the first of their first days and the first of their last.
    since = min(first for first, _ in spans), min(last for _, last in spans)
    yield from stated(project, "project", "first", since)
    yield from grown(project)
    yield from renewed(project)


def current_stage(project: Project) -> Iterator[Entry]:
    """Once, on the days since when it is at its stage, with all that is invested, of the investors of now."""
    stage = furthest(project)
    since = span(stage.effective if stage is not None else None)
    event = stage.step if stage is not None else "known"
    for one in told(project):
        investor = whose(project, one, date.max)
        yield Entry(
            kind="project",
            event=event,
            since=since,
            investment=one.id,
            investor=investor,
            amount=amount(project, one),
        )
    if not project.investments:
        for investor in sorted(set(named_investors(project).values())) or (None,):
            yield Entry(kind="project", event=event, since=since, investor=investor)


def every_signing(project: Project) -> Iterator[Entry]:
    """At each signing, of an intention and of the project; increases and replaced investors as by the first event."""
    signings = [project.steps[name] for name in ("intended", "signed") if name in project.steps]
    if not signings:
        yield from left("never_signed")
        return
    for step in signings:
        yield from stated(project, "project", step.step, span(step.effective))
    yield from grown(project)
    yield from renewed(project)


RULES: dict[Rule, Counting] = {
    "first_event": Counting(
        version=1,
        en="A project counts once, in the period of its first event (of any step but its giving up), with what was "
        "stated to be invested; an increase counts only its increment, in its own period; a replaced investor counts "
        "anew, in the period of the replacement, with what it took over.",
        zh="一个项目只计一次,计入其首个事件(放弃除外)所在时段,金额为所述投资;增资只计增量,计入其自身时段;更换投资方的重新计一次,"
        "计入更换所在时段,金额为其承接的投资。",
        count=first_event,
    ),
    "current_stage": Counting(
        version=1,
        en="A project counts once, in the period in which it came to the stage that it is at, with all that is "
        "invested, increases included, under its investors of now.",
        zh="一个项目只计一次,计入其进入现阶段的时段,金额为全部投资(含增资),归于现投资方。",
        count=current_stage,
    ),
    "every_signing": Counting(
        version=1,
        en="A project counts at each of its signings, of an intention and of the project itself, each in its own "
        "period with what was stated to be invested; increases and replaced investors count as by first_event.",
        zh="项目每签约一次计一次(意向与正式签约各计),计入各自时段,金额为所述投资;增资与更换投资方同 first_event。",
        count=every_signing,
    ),
}
"""The rules by their names."""


def entries(project: Project, rule: Rule) -> list[Entry]:
    """What of a project counts by a rule, in one order; of a second record of another one nothing."""
    if project.header is None:
        return []
    found = left("duplicate") if project.duplicate is not None else RULES[rule].count(project)
    return sorted(found, key=lambda one: (one.kind, one.event, str(one.investment), str(one.investor)))
