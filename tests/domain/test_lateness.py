"""How late a task is, and what a standing duty yields: each by hand."""

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.task import DECIDER, duties, header, life, progress, terms
from service.domain.task.duties import Occurrence, occurrences
from service.domain.task.lateness import Lateness, Standing, Thresholds, lateness, standing, turns
from service.domain.task.state import Recurrence, Result, Status, Task
from service.domain.values import PrintedName, UncertainDate
from tests.given import ID, newest, no, on

REGISTERED = header.Registered(title=PrintedName(printed="某事"))
DUE = terms.TermsSet(due=on(2026, 6, 30))
SPAN = terms.TermsSet(starts=on(2026, 1, 1), due=on(2026, 4, 11))  # A hundred days.
OPEN = ("registered", "listed", "assigned", "in_progress")
WORKING = Thresholds(near=30, behind=7, counts="working")


def reported(share: str, month: int, day: int = 1, number: int = 1) -> progress.ProgressReported:
    """A report of how far it is."""
    return progress.ProgressReported(progress=no(number), share=share, effective=on(2026, month, day))


def seen(result: Any, month: int, number: int = 1) -> progress.Inspected:
    """An inspection."""
    return progress.Inspected(inspection=no(number), result=result, effective=on(2026, month, 1))


def at(*events: Any) -> Standing:
    """The task as far as lateness goes."""
    state = newest(DECIDER, [REGISTERED, *events])
    assert isinstance(state, Task)
    return standing(state)


JUDGED: dict[str, tuple[Standing, date, tuple[Thresholds, ...], tuple[Any, ...]]] = {
    # What it is, the day, the plans' thresholds: the colour, why, days left, days late.
    "no deadline": (at(), date(2026, 6, 1), (), (None, (), None, None)),
    "far off": (at(DUE), date(2026, 5, 30), (), (None, (), 31, None)),
    "near": (at(DUE), date(2026, 5, 31), (), ("blue", ("near",), 30, None)),
    "close": (at(DUE), date(2026, 6, 23), (), ("yellow", ("deadline",), 7, None)),
    "on its day": (at(DUE), date(2026, 6, 30), (), ("yellow", ("deadline",), 0, None)),
    "overdue": (at(DUE), date(2026, 7, 1), (), ("red", ("overdue",), -1, 1)),
    "by the last day of its month": (
        at(terms.TermsSet(due=UncertainDate(earliest=date(2026, 6, 1), latest=date(2026, 6, 30), precision="month"))),
        date(2026, 6, 29),
        (),
        ("yellow", ("deadline",), 1, None),
    ),
    "put off": (
        at(DUE, terms.Adjusted(due=on(2026, 9, 30), grounds="汛期", effective=on(2026, 6, 1))),
        date(2026, 7, 1),
        (),
        (None, (), 91, None),
    ),
    "found behind": (at(DUE, seen("behind", 3)), date(2026, 4, 1), (), ("yellow", ("inspected",), 90, None)),
    "found not done, and near": (
        at(DUE, seen("on_track", 2, 2), seen("not_done", 3)),
        date(2026, 6, 10),
        (),
        ("yellow", ("inspected", "near"), 20, None),
    ),
    "found behind, and reported since": (
        at(DUE, seen("behind", 3), progress.ProgressReported(progress=no(1), text="已复工", effective=on(2026, 3, 9))),
        date(2026, 4, 1),
        (),
        (None, (), 90, None),
    ),
    "reported, and found behind since": (
        at(DUE, seen("behind", 3), reported("10", 2)),
        date(2026, 4, 1),
        (),
        ("yellow", ("inspected",), 90, None),
    ),
    "found behind, then on track": (
        at(DUE, seen("behind", 2), seen("on_track", 3, 2)),
        date(2026, 4, 1),
        (),
        (None, (), 90, None),
    ),
    "as far as its time": (at(SPAN, reported("30", 2, 20)), date(2026, 2, 20), (), (None, (), 50, None)),
    "less than its time asks for": (
        at(SPAN, reported("29.9", 2, 20)),
        date(2026, 2, 20),
        (),
        ("yellow", ("share",), 50, None),
    ),
    "with more slack": (
        at(SPAN, reported("29.9", 2, 20)),
        date(2026, 2, 20),
        (Thresholds(slack=30),),
        (None, (), 50, None),
    ),
    "the last report counts": (
        at(SPAN, reported("45", 2, 19, 2), reported("10", 1, 20)),
        date(2026, 2, 20),
        (),
        (None, (), 50, None),
    ),
    "no share is no lag": (at(SPAN), date(2026, 2, 20), (), (None, (), 50, None)),
    "the strictest plan counts": (
        at(DUE),
        date(2026, 6, 1),
        (Thresholds(near=10), Thresholds(near=60, behind=29), Thresholds()),
        ("yellow", ("deadline",), 29, None),
    ),
    # 2026: 28 September to 30 September, 8 and 9 October, 10 October (a Saturday, worked): six days.
    "in working days": (
        at(terms.TermsSet(due=on(2026, 10, 10))),
        date(2026, 9, 27),
        (WORKING,),
        ("yellow", ("deadline",), 6, None),
    ),
    "the same in days of the calendar": (
        at(terms.TermsSet(due=on(2026, 10, 10))),
        date(2026, 9, 27),
        (),
        ("blue", ("near",), 13, None),
    ),
    "reported done in time": (
        at(DUE, life.ReportedDone(round=1, effective=on(2026, 6, 30))),
        date(2026, 8, 1),
        (),
        (None, (), None, None),
    ),
    "reported done late": (
        at(DUE, life.ReportedDone(round=1, effective=on(2026, 7, 10))),
        date(2026, 8, 1),
        (),
        (None, (), None, 10),
    ),
    "closed, reported in time": (
        at(DUE, life.ReportedDone(round=1, effective=on(2026, 6, 1)), life.Closed(round=1, effective=on(2026, 7, 20))),
        date(2026, 8, 1),
        (),
        (None, (), None, None),
    ),
    "turned down": (
        at(DUE, life.ReportedDone(round=1, effective=on(2026, 6, 1)), life.Reopened(round=2, effective=on(2026, 6, 9))),
        date(2026, 7, 3),
        (),
        ("red", ("overdue",), -3, 3),
    ),
    "suspended": (at(DUE, life.Suspended(round=1)), date(2026, 8, 1), (), (None, (), None, None)),
    "cancelled": (at(DUE, life.Cancelled(round=1)), date(2026, 8, 1), (), (None, (), None, None)),
    "a standing duty": (
        at(DUE, duties.RecurrenceSet(every="year", month=6, day=-1, first=date(2026, 1, 1))),
        date(2026, 8, 1),
        (),
        (None, (), None, None),
    ),
}


@pytest.mark.parametrize("name", JUDGED)
def test_how_late(name: str) -> None:
    """The colour, what it rests on, the days left and the days late."""
    task, day, by, (colour, why, left, late_by) = JUDGED[name]
    told = lateness(task, day, by)
    assert (told.colour, told.why, told.left, told.late_by) == (colour, why, left, late_by)


DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 6, 30)) | st.sampled_from([date.min, date.max])


@given(
    task=st.builds(
        Standing,
        status=st.sampled_from([*OPEN, *get_args(Status)]),
        duty=st.sampled_from([False, False, True]),
        deadline=st.none() | DAYS,
        starts=st.none() | DAYS,
        share=st.none() | st.sampled_from(["0", "120"]) | st.decimals(0, 100, places=3).map(str),
        inspected=st.sampled_from([None, *get_args(Result)]),
    ),
    day=DAYS,
)
def test_when_it_turns(task: Standing, day: date) -> None:
    """A task has the colour of the worst turn that has come, on every day."""
    come = [colour for colour, turn in turns(task)._asdict().items() if turn is not None and turn <= day]
    assert lateness(task, day).colour == (come[-1] if come else None)


def test_it_says_where_holidays_are_not_known() -> None:
    """Days of a year without a notice count from Monday to Friday, and the answer says so."""
    task = at(terms.TermsSet(due=on(2027, 1, 8)))
    assert lateness(task, date(2026, 12, 31), (WORKING,)) == Lateness(
        colour="yellow", why=("deadline",), deadline=date(2027, 1, 8), left=6, counts="working", beyond=True
    )
    assert not lateness(task, date(2026, 12, 31)).beyond
    assert not lateness(at(terms.TermsSet(due=on(2026, 12, 31))), date(2026, 12, 1), (WORKING,)).beyond


def rule(**fields: Any) -> Recurrence:
    """A rule from 2021 on."""
    return Recurrence(**{"first": date(2021, 1, 1), **fields})


def yielded(one: Recurrence, since: date, until: date) -> list[tuple[str, date]]:
    """The periods and deadlines of a span."""
    return [(each.period, each.due) for each in occurrences(ID, one, since, until)]


def test_what_a_duty_yields() -> None:
    """A yearly meeting before the end of March, halves, quarters, months; nothing before and after the rule."""
    year = rule(every="year", month=3, day=-1)
    assert yielded(year, date(2020, 1, 1), date(2022, 12, 31)) == [
        ("2021", date(2021, 3, 31)),
        ("2022", date(2022, 3, 31)),
    ]
    assert yielded(year, date(2021, 1, 2), date(2021, 12, 31)) == []
    assert yielded(rule(every="half_year", month=6, day=31), date(2021, 1, 1), date(2021, 12, 31)) == [
        ("2021-H1", date(2021, 6, 30)),
        ("2021-H2", date(2021, 12, 31)),
    ]
    assert yielded(
        rule(every="quarter", month=1, day=15, first=date(2021, 2, 1), last=date(2021, 7, 15)),
        date(2021, 1, 1),
        date(2022, 1, 1),
    ) == [("2021-Q2", date(2021, 4, 15)), ("2021-Q3", date(2021, 7, 15))]
    assert yielded(rule(every="month", day=30), date(2024, 1, 15), date(2024, 3, 1)) == [
        ("2024-02", date(2024, 2, 29)),
        ("2024-03", date(2024, 3, 30)),
    ]
    assert yielded(rule(every="month", day=1), date(9999, 11, 1), date.max)[-1] == ("9999-12", date(9999, 12, 1))


def test_a_duty_that_has_ended_yields_nothing_after() -> None:
    """No deadline on or after the day of its end; nothing at all where nobody knows that day."""
    one = rule(every="quarter", month=3, day=-1, ended=True, until=on(2021, 9, 30))
    assert yielded(one, date(2021, 1, 1), date(2022, 1, 1)) == [
        ("2021-Q1", date(2021, 3, 31)),
        ("2021-Q2", date(2021, 6, 30)),
    ]
    assert yielded(rule(every="month", day=1, ended=True), date(2021, 1, 1), date(2022, 1, 1)) == []


def test_the_same_ids_for_whoever_yields() -> None:
    """In spans cut otherwise too."""
    one = rule(every="month", day=5)
    whole = list(occurrences(ID, one, date(2021, 1, 1), date(2021, 12, 31)))
    parts = [
        *occurrences(ID, one, date(2021, 1, 1), date(2021, 5, 1)),
        *occurrences(ID, one, date(2021, 5, 2), date(2021, 12, 31)),
    ]
    assert whole == parts
    assert len({each.id for each in whole}) == 12
    assert whole[0] == Occurrence(
        id=duties.occurrence_id(ID, "2021-01"), period="2021-01", starts=date(2021, 1, 1), due=date(2021, 1, 5)
    )
