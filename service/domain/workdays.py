"""Which days are worked in China, and how many lie between two days.

The State Council says each autumn which days of the next year are holidays, and which weekends are worked for them. The
library chinesecalendar keeps those notices, from 2004 on. Its table ends with the last year that it knows: beyond it
(`known`) Monday to Friday count, and whoever counts there says so.
"""

from bisect import bisect_left, bisect_right
from datetime import date

from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped]

FIRST = date(min(holidays).year, 1, 1)
LAST = date(max(holidays).year, 12, 31)
"""The days that the table is of, both included: a notice is of a whole year."""

HOLIDAYS = sorted(day.toordinal() for day in holidays if day.weekday() < 5 and day not in workdays)
WORKED = sorted(day.toordinal() for day in workdays if day.weekday() >= 5)
"""Days of the week that are holidays, days of the weekend that are worked: each by its ordinal, 1 for 0001-01-01."""

_ALL = range(1, date.max.toordinal() + 1)


def known(day: date) -> bool:
    """Whether holidays are known of that day's year."""
    return FIRST <= day <= LAST


def worked(day: date) -> bool:
    """Whether the day is worked."""
    return until(day.toordinal()) > until(day.toordinal() - 1)


def between(first: date, last: date) -> int:
    """How many days are worked after `first`, up to and with `last`; negative where `last` lies before `first`."""
    return until(last.toordinal()) - until(first.toordinal())


def after(day: date, count: int) -> date:
    """The day on which `count` days have been worked after `day`. Raises OverflowError beyond the year 9999."""
    place = bisect_left(_ALL, until(day.toordinal()) + count, key=until)
    if place == len(_ALL):
        raise OverflowError("no day is that late")
    return date.fromordinal(_ALL[place])


def until(ordinal: int) -> int:
    """How many days are worked from 0001-01-01, a Monday, up to and with that day."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5) + bisect_right(WORKED, ordinal) - bisect_right(HOLIDAYS, ordinal)
