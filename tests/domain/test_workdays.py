"""Which days are worked: as the library has them, and from Monday to Friday beyond its table."""

from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import workdays

DAYS = st.dates(workdays.FIRST - timedelta(days=400), workdays.LAST + timedelta(days=400))


def test_each_day_of_the_table_is_as_the_library_says() -> None:
    """Every day that it knows, and none that it does not."""
    day = workdays.FIRST
    while day <= workdays.LAST:
        assert workdays.worked(day) == chinese_calendar.is_workday(day), day
        assert workdays.known(day)
        day += timedelta(days=1)
    for outside in (workdays.FIRST - timedelta(days=1), workdays.LAST + timedelta(days=1)):
        assert not workdays.known(outside)
        assert workdays.worked(outside) == (outside.weekday() < 5)
        with pytest.raises(NotImplementedError):
            chinese_calendar.is_workday(outside)


def test_the_national_day_of_2021() -> None:
    """The notice: 1 to 7 October off, Sunday 26 September and Saturday 9 October worked."""
    assert workdays.worked(date(2021, 9, 26))
    assert not workdays.worked(date(2021, 10, 7))
    assert workdays.worked(date(2021, 10, 9))
    assert workdays.between(date(2021, 9, 24), date(2021, 10, 9)) == 7
    assert workdays.after(date(2021, 9, 24), 7) == date(2021, 10, 9)
    assert workdays.after(date(2021, 9, 24), 8) == date(2021, 10, 11)


@given(DAYS, DAYS)
def test_days_between_are_those_worked(one: date, other: date) -> None:
    """Counted one by one, and the other way round."""
    first, last = min(one, other), max(one, other)
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    assert workdays.between(first, last) == sum(map(workdays.worked, days)) == -workdays.between(last, first)


@given(DAYS, st.integers(1, 300))
def test_the_day_after_so_many_is_the_first_that_makes_them(day: date, count: int) -> None:
    """It is worked itself."""
    found = workdays.after(day, count)
    assert workdays.between(day, found) == count
    assert workdays.worked(found)


def test_no_day_is_later_than_all() -> None:
    """And a calendar says so."""
    with pytest.raises(OverflowError):
        workdays.after(date(9999, 12, 30), 5)
