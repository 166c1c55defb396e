"""Which reminders are due: by hand."""

from datetime import date, timedelta

import pytest

from service.domain.decider import Event
from service.domain.task import DECIDER, header, life, progress, reminders, terms, units
from service.domain.task.lateness import REGISTRY, Standing, Thresholds
from service.domain.task.reminders import Remind, Reminded, Snoozed, due, levels
from service.domain.task.state import Level, Task
from tests.given import newest, no, on

LEAD, HELPS, SUPERVISES, ABOVE = no(21), no(22), no(23), no(24)
DUE = date(2021, 6, 30)
ASKED = (
    header.Registered(called="某事"),
    terms.TermsSet(text="建成通车", due=on(2021, 6, 30)),
    units.UnitNamed(role="lead", party=LEAD),
    units.UnitNamed(role="supporting", party=HELPS),
)
SUPERVISED = units.UnitNamed(role="supervising", party=SUPERVISES)


def task(*events: Event) -> Task:
    """The task with these events."""
    state = newest(DECIDER, [*ASKED, *events])
    assert isinstance(state, Task)
    return state


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (31, []),
        (30, ["near"]),
        (8, ["near"]),
        (7, ["behind"]),
        (0, ["behind"]),
        (-1, ["overdue"]),
        (-2, ["overdue"]),
        (-3, ["overdue", "escalated"]),
        (-900, ["overdue", "escalated"]),
    ],
)
def test_levels_by_the_registrys_thresholds(days: int, wanted: list[Level]) -> None:
    standing = Standing(status="in_progress", duty=False, deadline=DUE)
    assert list(levels(standing, DUE - timedelta(days=days))) == wanted


def test_of_several_plans_the_strictest_counts() -> None:
    standing = Standing(status="listed", duty=False, deadline=DUE)
    strict = Thresholds(near=90, behind=60, escalate=0)
    before, after = DUE - timedelta(days=60), DUE + timedelta(days=1)
    assert list(levels(standing, before, [REGISTRY, strict])) == ["behind"]
    assert list(levels(standing, after, [REGISTRY, strict])) == ["overdue", "escalated"]
    # 2021-06-30 was a Wednesday: of three days after it one is worked less.
    working = Thresholds(escalate=3, counts="working")
    assert list(levels(standing, date(2021, 7, 4), [working])) == ["overdue"]
    assert list(levels(standing, date(2021, 7, 5), [working])) == ["overdue", "escalated"]


def test_who_is_told() -> None:
    """Those who do it are reminded; those who supervise are told, or those above where nobody does."""
    late = DUE + timedelta(days=10)
    reminded = Remind(level="overdue", due=DUE, to=(LEAD, HELPS))
    assert due(task(SUPERVISED), late) == [reminded, Remind(level="escalated", due=DUE, to=(SUPERVISES,))]
    assert due(task(), late, above=[ABOVE]) == [reminded, Remind(level="escalated", due=DUE, to=(ABOVE,))]
    assert due(task(), late)[1].to == ()
    assert due(task(), DUE - timedelta(days=10)) == [Remind(level="near", due=DUE, to=(LEAD, HELPS))]
    released = units.UnitReleased(role="supporting", party=HELPS, effective=on(2021, 6, 1))
    assert due(task(released), DUE - timedelta(days=10)) == [Remind(level="near", due=DUE, to=(LEAD,))]


def test_once_for_each_level_and_deadline() -> None:
    """What was told is not told again, unless the deadline is another."""
    near = DUE - timedelta(days=10)
    told = Reminded(level="near", due=DUE, to=(LEAD,), effective=on(2021, 6, 20))
    assert due(task(told), near) == []
    assert [one.level for one in due(task(told), DUE)] == ["behind"]
    put_off = terms.Adjusted(due=on(2021, 7, 15), grounds="汛期", approver=SUPERVISES, effective=on(2021, 6, 20))
    assert due(task(told, put_off), DUE) == [Remind(level="near", due=date(2021, 7, 15), to=(LEAD, HELPS))]


def test_nobody_is_reminded_of_what_sleeps_or_is_over() -> None:
    """A snooze ends on its day; what is closed, suspended or reported done asks nothing of those who do it."""
    late = DUE + timedelta(days=10)
    assert due(task(Snoozed(until=late + timedelta(days=1))), late) == []
    assert [one.level for one in due(task(Snoozed(until=late)), late)] == ["overdue", "escalated"]
    for over in (
        life.Closed(round=1, effective=on(2021, 7, 1), by=(SUPERVISES,)),
        life.Suspended(round=1, effective=on(2021, 7, 1), by=(SUPERVISES,)),
        life.ReportedDone(round=1, effective=on(2021, 7, 1), by=(LEAD,)),
    ):
        assert due(task(over), late) == []


def test_an_inspection_reminds_before_the_deadline_is_near() -> None:
    found = progress.Inspected(inspection=no(7), result="behind", by=(SUPERVISES,), effective=on(2021, 2, 1))
    assert due(task(found), date(2021, 2, 2)) == [Remind(level="behind", due=DUE, to=(LEAD, HELPS))]


def test_without_a_deadline_there_is_nothing_to_remind_of() -> None:
    state = newest(DECIDER, [ASKED[0], progress.Inspected(inspection=no(7), result="behind", effective=on(2021, 2, 1))])
    assert isinstance(state, Task)
    assert due(state, date(2021, 2, 2)) == []
    assert reminders.LEVELS.keys() == {"red", "yellow", "blue"}
