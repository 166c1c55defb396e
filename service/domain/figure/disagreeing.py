"""Which claims of a figure disagree: those of one item that cannot both hold. Which of them does, nobody decides."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from service.domain import amounts
from service.domain.amounts import Interval
from service.domain.figure.claims import NUMBERS
from service.domain.figure.state import Claim, Figure, as_told
from service.domain.values import Quantity


class Disagreement(Struct, frozen=True, gc=False):
    """Two claims of one item that cannot both hold, and the fields in which they differ."""

    one: Claim
    other: Claim
    fields: tuple[str, ...]


class Number(NamedTuple):
    """A number of a claim: with what it can be compared, and all that it may be."""

    like: Any
    may_be: Interval | int


Compared = tuple[Claim, Mapping[str, Number]]
"""A claim, and its numbers that can be compared."""


def disagreeing(figure: Figure, claim: UUID | None = None) -> Iterator[Disagreement]:
    """Every two claims of the same item that cannot both hold, in the order of their recording.

    With `claim` only those of which that one is one, at the cost of one comparison for each other claim. Quantities
    disagree where no number is both, of one unit and one modality; places in a rank among the same, and numbers of
    categories, where they are not equal. About a number contradicts nothing.
    """
    asked = figure.claims.get(str(claim)) if claim is not None else None
    if claim is not None and asked is None:
        return
    by_item: dict[UUID | None, list[Compared]] = {}
    for one in as_told(figure.claims.values()):
        if asked is None or one.item == asked.item:
            by_item.setdefault(one.item, []).append((one, numbers(one)))
    for told in by_item.values():
        for (one, of_one), (other, of_other) in combinations(told, 2) if asked is None else beside(told, asked):
            if fields := tuple(name for name in of_one if name in of_other and apart(of_one[name], of_other[name])):
                yield Disagreement(one, other, fields)


def beside(told: Sequence[Compared], asked: Claim) -> Iterator[tuple[Compared, Compared]]:
    """A claim with each other one, in the order of their recording."""
    place = next(index for index, (one, _) in enumerate(told) if one is asked)
    for index, other in enumerate(told):
        if index != place:
            yield (other, told[place]) if index < place else (told[place], other)


def numbers(claim: Claim) -> dict[str, Number]:
    """What of a claim can be compared."""
    found: dict[str, Number] = {}
    for name in NUMBERS:
        number = getattr(claim, name)
        if isinstance(number, Quantity):
            compared = claim.compared if name == "change" else None
            like = (amounts.scaled(number.unit)[1], number.modality, compared)
            found[name] = Number(like, amounts.interval(number, whole=name == "count"))
        elif number is not None:
            found[name] = Number(claim.among if name == "rank" else None, number)
    return found


def apart(one: Number, other: Number) -> bool:
    """Whether two numbers can be compared, and nothing is both."""
    if one.like != other.like:
        return False
    if isinstance(one.may_be, Interval) and isinstance(other.may_be, Interval):
        return not one.may_be.meets(other.may_be)
    return bool(one.may_be != other.may_be)
