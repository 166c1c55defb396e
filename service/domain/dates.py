"""Dates as people write them in a sheet: 2026-06-30, 2026年6月, 6月底前, 2025年底前, 上半年, 长期坚持, 每季度.

What is read is only what the words say. A day of a year that they leave out takes the `year` that the reader gives, and
is then inferred. Words that may mean two days are refused, and say how to write either.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal, NamedTuple

from service.domain import errors
from service.domain.values import Precision, UncertainDate

STANDING = re.compile(r"长期.*|持续.*|常年.*|常态化.*|经常性.*|按序时进度.*|根据.*|适时.*")
"""Words of what has no day, and never will: kept as they are."""
_NUMERALS = "〇一二三四五六七八九"
_YEARS = range(1900, 2201)


class Cycle(NamedTuple):
    """A deadline that comes again: in which month of each period, on which day (-1: its last)."""

    every: Literal["year", "half_year", "quarter", "month"]
    month: int | None
    day: int


class _Span(NamedTuple):
    """The days that words name, as what."""

    first: date
    last: date
    precision: Precision
    inferred: bool = False


def plain(words: str) -> str:
    """The words without blanks, in half-width letters, with numbers in digits: 二〇二五年十二月 is 2025年12月."""
    text = "".join(unicodedata.normalize("NFKC", words).split())
    text = re.sub(rf"[{_NUMERALS}零]{{4}}(?=年)", lambda found: _digits(found[0]), text)
    return re.sub(r"[一二三四五六七八九十]{1,3}(?=月|日|号|季度)", lambda found: _number(found[0]), text)


def _digits(numerals: str) -> str:
    return "".join(str(_NUMERALS.index("〇" if one == "零" else one)) for one in numerals)


def _number(numerals: str) -> str:
    """A number below a hundred in digits; what is none stays as it is."""
    tens, ten, ones = numerals.rpartition("十")
    if not ten:
        return str(_NUMERALS.index(numerals)) if len(numerals) == 1 else numerals
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return numerals
    return str((_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0))


def read(words: str, year: int | None = None) -> UncertainDate:
    """The date that the words name. Raises Invalid, saying what to write, for what names none, or one of two."""
    text, printed = plain(words), words.strip()
    if STANDING.fullmatch(text):
        return UncertainDate(printed=printed)
    text = re.sub(r"(?<=[年月日号度前底末内])(?:完成|办结)$", "", text.rstrip("。.;"))
    if found := re.fullmatch(r"(.+?)(?:至|到|~|-{2}|—+|–)(.+)", text):
        return _between(found[1], found[2], printed, year)
    body, before = re.subn(r"(?:之前|以前|前)$", "", text)
    body, after = re.subn(r"(?:开始|起)$", "", body)
    body, end = re.subn(r"(?<=[年月度])(?:底|末)$", "", body)
    body, within = re.subn(r"(?<=[年月])(?:之内|以内|内)$", "", body)
    if end and body.endswith("年") and len(body) == 1:
        body = ""
    span = _span(body, year, printed)
    basis: Literal["stated", "inferred"] = "inferred" if span.inferred else "stated"
    if before and not end and span.precision != "day" and not within:
        day, last = span.first - timedelta(days=1), span.last
        raise errors.Invalid(
            "",
            problem=f"{printed} may mean two days: write {day.isoformat()} or {last.isoformat()}",
        )
    if after:
        return UncertainDate(earliest=span.first, precision="after", printed=printed, basis=basis)
    if before or end:
        return UncertainDate(latest=span.last, precision="before", printed=printed, basis=basis)
    told = None if printed == span.first.isoformat() and span.precision == "day" else printed
    return UncertainDate(
        earliest=span.first, latest=span.last, precision=span.precision, printed=told, basis=basis if told else None
    )


def _between(one: str, other: str, printed: str, year: int | None) -> UncertainDate:
    """The span from one date to another, which may leave out the year that the first one has."""
    first = _span(one, year, printed)
    known = first.first.year
    if re.fullmatch(r"\d{1,2}[日号]?", other) and first.precision == "day":
        other = f"{first.first.month}月{other.rstrip('日号')}日"
    last = _span(other.removesuffix("底").removesuffix("末"), known, printed)
    if last.last < first.first:
        raise errors.Invalid("", problem=f"{printed} ends before it begins")
    inferred = first.inferred
    return UncertainDate(
        earliest=first.first,
        latest=last.last,
        precision="range" if first.first < last.last else "day",
        printed=printed,
        basis="inferred" if inferred else "stated",
    )


_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
_PLAIN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]?00:00:00)?|(\d{4})(\d{2})(\d{2})")
_TEN_DAYS = re.compile(r"(?:(\d{4})年)?(\d{1,2})月([上中下])旬")
_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:份)?|(\d{4})[-/.](\d{1,2})")
_QUARTER = re.compile(r"(?:(\d{4})年)?第?([1-4])季度")
_HALF = re.compile(r"(?:(\d{4})年)?([上下])半年")
_YEAR = re.compile(r"(\d{4})年?|(?:全年|当年|年)?")


def _span(text: str, year: int | None, printed: str) -> _Span:
    """The days that words without 前, 底 and the like name."""
    if found := _PLAIN.fullmatch(text):
        numbers = [int(one) for one in found.group(1, 3, 4) if one] or [int(one) for one in found.group(5, 6, 7)]
        day = _day(numbers[0], numbers[1], numbers[2], printed)
        return _Span(day, day, "day")
    if found := _DAY.fullmatch(text):
        of, inferred = _year(found[1], year, printed)
        day = _day(of, int(found[2]), int(found[3]), printed)
        return _Span(day, day, "day", inferred)
    if found := _TEN_DAYS.fullmatch(text):
        of, inferred = _year(found[1], year, printed)
        begin = {"上": 1, "中": 11, "下": 21}[found[3]]
        first = _day(of, int(found[2]), begin, printed)
        return _Span(first, first.replace(day=begin + 9) if begin < 21 else _end(first), "ten_days", inferred)
    if found := _MONTH.fullmatch(text):
        of, inferred = _year(found[1] or found[3], year, printed)
        first = _day(of, int(found[2] or found[4]), 1, printed)
        return _Span(first, _end(first), "month", inferred)
    if found := _QUARTER.fullmatch(text):
        of, inferred = _year(found[1], year, printed)
        month = int(found[2]) * 3 - 2
        return _Span(date(of, month, 1), _end(date(of, month + 2, 1)), "quarter", inferred)
    if found := _HALF.fullmatch(text):
        of, inferred = _year(found[1], year, printed)
        month = 1 if found[2] == "上" else 7
        return _Span(date(of, month, 1), _end(date(of, month + 5, 1)), "half_year", inferred)
    if found := _YEAR.fullmatch(text):
        of, inferred = _year(found[1], year, printed)
        return _Span(date(of, 1, 1), date(of, 12, 31), "year", inferred)
    if re.fullmatch(r"[2-6]\d{4}(?:\.\d+)?", text):
        raise errors.Invalid("", problem=f"{printed} is the number of a day in Excel: format the cell as a date")
    raise errors.Invalid(
        "", problem=f"{printed} is no date that can be read: write 2026-06-30, 2026年6月 or 2026年6月底前"
    )


def _end(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def _day(year: int, month: int, day: int, printed: str) -> date:
    """A day that exists. Raises Invalid."""
    try:
        found = date(year, month, day)
    except ValueError:
        found = None
    if found is None or year not in _YEARS:
        raise errors.Invalid("", problem=f"{printed} is no day of the calendar")
    return found


def _year(told: str | None, year: int | None, printed: str) -> tuple[int, bool]:
    """The year that is told, else the one given, and whether it was only given. Raises Invalid where there is none."""
    found = int(told) if told else year
    if found is None:
        raise errors.Invalid("", problem=f"{printed} does not say of which year: write it, such as 2026年6月底前")
    if found not in _YEARS:
        raise errors.Invalid("", problem=f"{printed} is no day of the calendar")
    return found, not told


_EACH = re.compile(
    r"(?:每年(?:(?P<year>\d{1,2})月(?:(?P<of>\d{1,2})[日号]|底|末)?|底|末)?"
    r"|(?P<half>每半年)(?:底|末)?|(?P<quarter>每个?季度?)(?:底|末)?"
    r"|(?P<month>每个?月)(?:(?P<day>\d{1,2})[日号]|底|末)?)(?:之?前|以前)?(?:一次|1次)?"
)


def recurring(words: str) -> Cycle | None:
    """The rule of a deadline that comes again (每季度, 每年3月底前, 每月5日前); None for words that name none."""
    text = plain(words)
    found = _EACH.fullmatch(text)
    if found is None:
        if text.startswith("每"):
            raise errors.Invalid(
                "", problem=f"{words.strip()} is no rule that can be read: write 每月, 每季度 or 每年3月底前"
            )
        return None
    if found["half"]:
        return Cycle("half_year", 6, -1)
    if found["quarter"]:
        return Cycle("quarter", 3, -1)
    if found["month"]:
        return Cycle("month", None, _bounded(found["day"], 31, -1, words))
    return Cycle("year", _bounded(found["year"], 12, 12, words), _bounded(found["of"], 31, -1, words))


def _bounded(told: str | None, most: int, otherwise: int, words: str) -> int:
    """A month or a day of a rule. Raises Invalid for one that no year has."""
    number = int(told) if told else otherwise
    if number == 0 or number > most:
        raise errors.Invalid("", problem=f"{words.strip()} is no day of the calendar")
    return number
