"""Which claims of a figure disagree: those of one item that cannot both hold. Which of them does, nobody decides."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
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


def disagreeing(figure: Figure, asked: Iterable[UUID] | None = None) -> Iterator[Disagreement]:
    """Every two claims of the same item that cannot both hold, in the order of their recording.

    With `asked` only those of which one is such a claim. Quantities disagree where no number is both, of one unit and
    one modality; places in a rank among the same, and numbers of categories, where they are not equal. About a number
    contradicts nothing.
    """
    wanted = frozenset(asked) if asked is not None else None
    for told in by_item(figure):
        yield from among(told, wanted)


def by_item(figure: Figure, items: AbstractSet[UUID | None] | None = None) -> list[list[Compared]]:
    """The claims of each item, or of these `items`, in the order of their recording."""
    found: dict[UUID | None, list[Compared]] = {}
    for claim in as_told(one for one in figure.claims.values() if items is None or one.item in items):
        found.setdefault(claim.item, []).append((claim, numbers(claim)))
    return list(found.values())


def among(told: Sequence[Compared], wanted: AbstractSet[UUID] | None) -> Iterator[Disagreement]:
    """Those of the claims of one item."""
    for (one, of_one), (other, of_other) in pairs(differing(told), wanted):
        if fields := tuple(name for name in of_one if name in of_other and apart(of_one[name], of_other[name])):
            yield Disagreement(one, other, fields)


def pairs(told: Sequence[Compared], wanted: AbstractSet[UUID] | None) -> Iterator[tuple[Compared, Compared]]:
    """Every two claims in their order; of those `wanted` alone each with every other."""
    if wanted is None:
        yield from combinations(told, 2)
        return
    places = [place for place, (claim, _) in enumerate(told) if claim.id in wanted]
    for place, one in enumerate(told):
        later = range(place + 1, len(told)) if one[0].id in wanted else places[bisect_right(places, place) :]
        yield from ((one, told[other]) for other in later)


def differing(told: Sequence[Compared]) -> list[Compared]:
    """The claims that disagree with any other, each with the numbers in which it does.

    A number that is apart from another one is apart from that which ends first, or from that which begins last.
    """
    ends: dict[tuple[str, Any], tuple[Number, Number]] = {}
    for _, held in told:
        for name, number in held.items():
            first, last = ends.get((name, number.like), (number, number))
            ends[name, number.like] = min(first, number, key=until), max(last, number, key=since)
    found: list[Compared] = []
    for one, held in told:
        kept = {name: at for name, at in held.items() if any(apart(at, end) for end in ends[name, at.like])}
        if kept:
            found.append((one, kept))
    return found


def since(number: Number) -> Any:
    """The lower ends of numbers of one sort, in their order."""
    return amounts.lower(number.may_be) if isinstance(number.may_be, Interval) else number.may_be


def until(number: Number) -> Any:
    """The upper ends of numbers of one sort, in their order."""
    return amounts.upper(number.may_be) if isinstance(number.may_be, Interval) else number.may_be


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
