"""Quantities as sets of numbers: exact, in whatever unit, against all numbers of a grid."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import amounts
from service.domain.amounts import Interval
from service.domain.values import Magnitude, Quantity

STEP = Decimal("0.125")
GRID = [STEP * n for n in range(-60, 61)]
"""Finer than the ends of what is drawn, so that what lies between two ends is met."""
ends = st.none() | st.integers(-4, 4).map(Decimal)
intervals = st.builds(Interval, low=ends, high=ends, low_open=st.booleans(), high_open=st.booleans())


def holds(one: Interval, number: Decimal) -> bool:
    """Whether the number is one of them."""
    low = one.low is None or one.low < number or (one.low == number and not one.low_open)
    high = one.high is None or number < one.high or (one.high == number and not one.high_open)
    return low and high


def numbers(one: Interval) -> set[Decimal]:
    """Those of the grid."""
    return {number for number in GRID if holds(one, number)}


@given(intervals, intervals)
def test_sets_are_what_their_numbers_are(one: Interval, other: Interval) -> None:
    """Empty, within, meeting, both."""
    assert one.empty == (numbers(one) == set())
    assert one.within(other) == (numbers(one) <= numbers(other))
    assert one.meets(other) == bool(numbers(one) & numbers(other))
    assert numbers(one.both(other)) == numbers(one) & numbers(other)


@given(intervals, intervals)
def test_sums_are_those_of_the_numbers(one: Interval, other: Interval) -> None:
    """Of what lies within the grid; nothing outside is said to be a sum."""
    if one.empty or other.empty:
        return
    found = one.plus(other)
    sums = {first + second for first in numbers(one) for second in numbers(other)}
    assert all(holds(found, number) for number in sums)
    inner = [number for number in GRID if abs(number) <= 3 and holds(found, number) and number % (2 * STEP) == 0]
    assert all(number in sums for number in inner)
    assert all(holds(one.minus(other), a - b) for a in numbers(one) for b in numbers(other))


@given(intervals)
def test_whole_numbers_are_those_of_the_set(one: Interval) -> None:
    """By the first and the last of them."""
    kept = one.whole()
    assert {n for n in range(-7, 8) if holds(kept, Decimal(n))} == {n for n in range(-7, 8) if holds(one, Decimal(n))}
    assert not kept.low_open
    assert not kept.high_open


def quantity(value: str, unit: str, bound: str = "exact") -> Magnitude:
    """So much of it."""
    return Magnitude(value=value, unit=unit, bound=bound)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "value", "plain", "number"),
    [
        ("亿元", "511.5", "元", "51150000000"),
        ("万元", "0.0001", "元", "1"),
        ("万亿元", "1", "元", "1000000000000"),
        ("万平方米", "1200", "平方米", "12000000"),
        ("亿斤", "116", "斤", "11600000000"),
        ("公里/百平方公里", "6.5", "公里/百平方公里", "6.5"),
        ("百分点", "3", "百分点", "3"),
        ("万", "2", "万", "2"),
        ("亿元", "9999999999999999999999999.999999999999", "元", "999999999999999999999999999999999.9999"),
    ],
)
def test_units_convert_exactly(unit: str, value: str, plain: str, number: str) -> None:
    """However long the decimal is."""
    assert amounts.scaled(unit)[1] == plain
    assert amounts.interval(quantity(value, unit)).one == Decimal(number)


def test_a_hedge_is_a_set_of_numbers() -> None:
    """Below, above, about, from to; of things that are counted the whole ones."""
    assert amounts.interval(quantity("400", "亿元", "below")) == Interval(
        low=Decimal(0), high=Decimal(40_000_000_000), high_open=True
    )
    assert amounts.interval(quantity("3", "个", "below"), whole=True) == Interval(low=Decimal(0), high=Decimal(2))
    assert amounts.interval(quantity("20", "条", "above"), whole=True) == Interval(low=Decimal(21))
    assert amounts.interval(quantity("1.5", "元", "above")) == Interval(low=Decimal("1.5"), low_open=True)
    assert amounts.interval(quantity("7", "元", "about")) == Interval(low=Decimal(0))
    assert amounts.interval(Quantity(value="-7", unit="元", bound="about")) == Interval()
    assert amounts.interval(Quantity(value="-7", unit="元", bound="below")) == Interval(
        high=Decimal(-7), high_open=True
    )
    between = Magnitude(low="1", high="2.5", unit="万元", bound="range")
    assert amounts.interval(between) == Interval(low=Decimal(10_000), high=Decimal(25_000))


def test_the_same_number_in_other_words() -> None:
    """Hedged alike, in units that are multiples of one, and of no other modality."""
    one = quantity("511.5", "亿元")
    assert amounts.same(one, quantity("5115000", "万元"))
    assert amounts.same(one, Magnitude(value="511.5", unit="亿元", bound="exact", modality="total", printed="计"))
    assert not amounts.same(one, quantity("511.5", "亿元", "about"))
    assert not amounts.same(one, quantity("511.5", "亿斤"))
    planned = Magnitude(value="1", unit="元", bound="exact", modality="planned")
    assert not amounts.same(planned, Magnitude(value="1", unit="元", bound="exact", modality="paid_in"))
    assert amounts.retold(planned, quantity("1", "元")) == planned
    assert amounts.retold(quantity("1", "元"), planned) == planned


def test_numbers_are_written_as_decimals_are() -> None:
    """Without an exponent or zeros that say nothing."""
    told = {"40000000000": Decimal("4E+10"), "1.5": Decimal("1.500"), "0": Decimal("-0.0"), "100": Decimal("1E2")}
    assert {plain: amounts.plain(number) for plain, number in told.items()} == {plain: plain for plain in told}
