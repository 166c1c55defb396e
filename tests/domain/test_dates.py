"""Dates as people write them: what they mean, by hand; and that what is written is read as the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import dates, errors
from service.domain.dates import Cycle
from service.domain.task.sheet import written
from service.domain.values import UncertainDate

SAID: dict[str, tuple[str | None, str | None]] = {
    "2026-06-30": ("2026-06-30", "2026-06-30"),
    "2026/6/30": ("2026-06-30", "2026-06-30"),
    "20260630": ("2026-06-30", "2026-06-30"),
    "2026 年 6 月 30 日": ("2026-06-30", "2026-06-30"),
    "二〇二六年六月三十日前": (None, "2026-06-30"),
    "6月30日前": (None, "2026-06-30"),
    "2025年底前": (None, "2025-12-31"),
    "6月底前": (None, "2026-06-30"),
    "十一月底前": (None, "2026-11-30"),
    "2024年2月底": (None, "2024-02-29"),
    "年底前": (None, "2026-12-31"),
    "2026年6月": ("2026-06-01", "2026-06-30"),
    "2026.6": ("2026-06-01", "2026-06-30"),
    "10月下旬": ("2026-10-21", "2026-10-31"),
    "上半年": ("2026-01-01", "2026-06-30"),
    "三季度末前": (None, "2026-09-30"),
    "2027年第一季度": ("2027-01-01", "2027-03-31"),
    "2026年3月至12月": ("2026-03-01", "2026-12-31"),
    "2026年11月至2027年2月": ("2026-11-01", "2027-02-28"),
    "2026年3月起": ("2026-03-01", None),
    "年内": ("2026-01-01", "2026-12-31"),
    "6月底前完成": (None, "2026-06-30"),
    "2026年6月办结。": ("2026-06-01", "2026-06-30"),
    "长期坚持": (None, None),
}


@pytest.mark.parametrize("words", SAID)
def test_what_is_meant(words: str) -> None:
    first, last = (date.fromisoformat(day) if day else None for day in SAID[words])
    read = dates.read(words, 2026)
    assert (read.earliest, read.latest) == (first, last)
    assert read.printed == (None if words == "2026-06-30" else words)


def test_a_year_that_is_not_told_is_inferred_or_missed() -> None:
    assert dates.read("6月底前", 2026).basis == "inferred"
    assert dates.read("2026年6月底前", 2025).basis == "stated"
    with pytest.raises(errors.Invalid, match="of which year"):
        dates.read("6月底前")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("6月前", "2026-05-31 or 2026-06-30"),
        ("2026年前", "2025-12-31 or 2026-12-31"),
        ("2月30日", "no day"),
        ("13月底前", "no day"),
        ("近期", "no date"),
        ("尽快", "no date"),
        ("2026年12月至3月", "ends before"),
    ],
)
def test_what_is_none_or_two(words: str, said: str) -> None:
    with pytest.raises(errors.Invalid, match=said):
        dates.read(words, 2026)


def test_what_comes_again() -> None:
    assert dates.recurring("每季度") == Cycle("quarter", 3, -1)
    assert dates.recurring("每年3月底前") == Cycle("year", 3, -1)
    assert dates.recurring("每年三月十五日前") == Cycle("year", 3, 15)
    assert dates.recurring("每半年一次") == Cycle("half_year", 6, -1)
    assert dates.recurring("每月5日前") == Cycle("month", None, 5)
    assert dates.recurring("2026年底前") is None
    for words in ("每两年", "每年13月底前", "每月40日前"):
        with pytest.raises(errors.Invalid):
            dates.recurring(words)


DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(DAYS, DAYS)
def test_what_is_written_is_read_as_the_same(one: date, other: date) -> None:
    first, last = sorted((one, other))
    for day in (
        UncertainDate.day(first),
        UncertainDate(latest=last, precision="before"),
        UncertainDate(earliest=first, precision="after"),
        UncertainDate(earliest=first, latest=last),
    ):
        assert dates.read(written(day)).agrees(day)
