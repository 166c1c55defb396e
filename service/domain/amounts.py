"""What a quantity says as numbers: all that it may be, in the unit that its own is a multiple of, in exact decimals.

A hedge is a set of numbers: below 400 is [0, 400), above 300 is (300, ∞), from 3 to 5 is [3, 5]; about 400 may be any
number, so that it proves nothing. Numbers of things are whole, and their sets have whole ends: below 3 is [0, 2].
"""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from service.domain.names import fold
from service.domain.values import Magnitude, Quantity

EXACT = Context(prec=200, traps=[Inexact, InvalidOperation])
"""Decimals have at most 25 digits before the point and 12 behind it: sums and products of them fit without rounding."""
MULTIPLES = (("万亿", Decimal(10) ** 12), ("亿", Decimal(10) ** 8), ("万", Decimal(10) ** 4))
ZERO, ONE = Decimal(0), Decimal(1)
Q = TypeVar("Q", bound=Quantity)


def scaled(unit: str) -> tuple[Decimal, str]:
    """How many of which plainer unit a unit is: 亿元 is 100,000,000 元. One that is no multiple is one of itself."""
    for prefix, factor in MULTIPLES:
        if unit.startswith(prefix) and (plain := unit.removeprefix(prefix)):
            return factor, plain
    return ONE, unit


class Interval(Struct, frozen=True, kw_only=True, gc=False):
    """Numbers between two ends. An end that is None is not known; an open one is not itself among the numbers."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no such number."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    @property
    def one(self) -> Decimal | None:
        """The number, where there is only one."""
        return self.low if self.low is not None and self.low == self.high and not self.empty else None

    def within(self, other: "Interval") -> bool:
        """Whether each number here is one of the other's."""
        return self.empty or (lower(other) <= lower(self) and upper(self) <= upper(other))

    def meets(self, other: "Interval") -> bool:
        """Whether some number here is one of the other's."""
        return not self.both(other).empty

    def both(self, other: "Interval") -> "Interval":
        """The numbers that stand in both."""
        first, last = max(self, other, key=lower), min(self, other, key=upper)
        return Interval(low=first.low, low_open=first.low_open, high=last.high, high_open=last.high_open)

    def plus(self, other: "Interval") -> "Interval":
        """What a number here and one of the other's may be together."""
        low = None if self.low is None or other.low is None else EXACT.add(self.low, other.low)
        high = None if self.high is None or other.high is None else EXACT.add(self.high, other.high)
        return Interval(
            low=low,
            high=high,
            low_open=low is not None and (self.low_open or other.low_open),
            high_open=high is not None and (self.high_open or other.high_open),
        )

    def minus(self, other: "Interval") -> "Interval":
        """What may be left of a number here without one of the other's."""
        return self.plus(other.negative())

    def negative(self) -> "Interval":
        """The same numbers below zero."""
        low = None if self.high is None else EXACT.minus(self.high)
        high = None if self.low is None else EXACT.minus(self.low)
        return Interval(low=low, high=high, low_open=self.high_open, high_open=self.low_open)

    def whole(self) -> "Interval":
        """The whole numbers here, by the first and the last of them."""
        low, high = self.low, self.high
        if low is not None:
            first = low.to_integral_value(rounding=ROUND_CEILING, context=EXACT)
            low = EXACT.add(first, ONE) if self.low_open and first == low else first
        if high is not None:
            last = high.to_integral_value(rounding=ROUND_FLOOR, context=EXACT)
            high = EXACT.subtract(last, ONE) if self.high_open and last == high else last
        return Interval(low=low, high=high)


NONE = Interval(low=ZERO, high=ZERO)
SOME = Interval(low=ZERO)
"""Any number that is not below zero."""


def lower(one: Interval) -> tuple[bool, Decimal, bool]:
    """The lower ends in their order."""
    return (one.low is not None, one.low if one.low is not None else ZERO, one.low is not None and one.low_open)


def upper(one: Interval) -> tuple[bool, Decimal, bool]:
    """The upper ends in their order."""
    return (one.high is None, one.high if one.high is not None else ZERO, one.high is None or not one.high_open)


def total(parts: Iterable[Interval]) -> Interval:
    """What numbers may come to together; nothing comes to zero."""
    found = NONE
    for part in parts:
        found = found.plus(part)
    return found


def interval(quantity: Quantity, *, whole: bool = False) -> Interval:
    """All that a quantity may be, in the plainer unit of `scaled`; `whole`: it is a number of things."""
    factor, _ = scaled(quantity.unit)
    least = ZERO if isinstance(quantity, Magnitude) else None

    def number(text: str | None) -> Decimal | None:
        return None if text is None else EXACT.multiply(Decimal(text), factor)

    value = number(quantity.value)
    match quantity.bound:
        case "exact":
            found = Interval(low=value, high=value)
        case "below":
            found = Interval(low=least, high=value, high_open=True)
        case "above":
            found = Interval(low=value, low_open=True)
        case "range":
            found = Interval(low=number(quantity.low), high=number(quantity.high))
        case _:
            found = Interval(low=least)
    return found.whole() if whole else found


def same(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities say the same number, hedged alike, in whatever unit and words.

    Where one does not say of which modality it is, it may be of the other's.
    """
    modalities = {one.modality, other.modality} - {None}
    alike = one.bound == other.bound and scaled(one.unit)[1] == scaled(other.unit)[1] and len(modalities) <= 1
    return alike and ends(one) == ends(other)


def ends(quantity: Quantity) -> tuple[Decimal | None, ...]:
    """The numbers that a quantity names (value, low, high), in the plainer unit."""
    factor, _ = scaled(quantity.unit)
    named = (quantity.value, quantity.low, quantity.high)
    return tuple(None if one is None else EXACT.multiply(Decimal(one), factor) for one in named)


def retold(told: Q, held: Q) -> Q:
    """A quantity in the words in which it is recorded, with the modality that it may say beside them."""
    return replace(held, modality=told.modality) if held.modality is None and told.modality is not None else held


def words(quantity: Quantity, of: str = "") -> str:
    """A quantity as readers look for it: as printed, and in figures where the print has not these (五个, 5个).

    `of` is what is counted, where it is a number of things.
    """
    ends = "至".join(one for one in (quantity.value, quantity.low, quantity.high) if one is not None)
    counted = f"{ends}{quantity.unit}{of}"
    if quantity.printed is None or fold(quantity.printed) in fold(counted):
        return counted
    return quantity.printed if fold(counted) in fold(quantity.printed) else f"{quantity.printed}({counted})"


def plain(number: Decimal) -> str:
    """A number as decimals are written: without an exponent, in its shortest form."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return "0" if text in {"-0", ""} else text
