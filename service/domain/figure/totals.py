"""What is claimed of the whole of a figure and of each item, and what the categories of each come to."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from service.domain import amounts
from service.domain.amounts import SOME, Interval
from service.domain.figure.claims import MEASURES
from service.domain.figure.state import Claim, Figure, Item, as_told, from_above, in_order
from service.domain.figure.verdicts import Reason, Told, because, listed, modality
from service.domain.values import Quantity


class Key(NamedTuple):
    """What a number is of: `count`, `sum` or `quantity`; and in which modality."""

    measure: str
    modality: str | None


class Value(Struct, frozen=True, kw_only=True, gc=False):
    """A number of an item: all that it may be, in the plainer unit; `shown` is the unit that a source gives it in.

    `vague`: about so much, which proves nothing. `problem`: why no number can be told.
    """

    interval: Interval
    unit: str
    shown: str
    modality: str | None
    claims: tuple[UUID, ...] = ()
    vague: bool = False
    problem: Reason | None = None


class Parts(Struct, frozen=True, kw_only=True, gc=False):
    """What the categories of an item come to: of how many the number is known, and whether that is all of it.

    What is unknown of a number of things or of a sum is not below zero. `listed` and `claimed` are how many categories
    there are, as recorded and as a source says.
    """

    value: Value | None
    complete: bool
    known: int
    listed: int
    claimed: int | None


def several(units: Iterable[str]) -> Told:
    """Units in words."""
    return listed([Told(one, one) for one in sorted(set(units))])


def declared(claims: Iterable[Claim]) -> dict[Key, Value]:
    """The numbers that are claimed of an item, those of one measure and modality together."""
    found: dict[Key, list[tuple[UUID, Quantity]]] = {}
    for claim in claims:
        for name in MEASURES:
            if (quantity := getattr(claim, name)) is not None:
                found.setdefault(Key(name, quantity.modality), []).append((claim.id, quantity))
    return {key: together(key, told) for key, told in found.items()}


def together(key: Key, told: list[tuple[UUID, Quantity]]) -> Value:
    """The number that several claims give, all of which hold."""
    whole, problem = key.measure == "count", None
    interval = amounts.interval(told[0][1], whole=whole)
    units = {amounts.scaled(quantity.unit)[1] for _, quantity in told}
    if len(units) > 1:
        problem = because("units_differ", units=several(units))
    else:
        for _, quantity in told[1:]:
            interval = interval.both(amounts.interval(quantity, whole=whole))
        if interval.empty:
            problem = because("claims_disagree")
    return Value(
        interval=interval,
        unit=amounts.scaled(told[0][1].unit)[1],
        shown=told[0][1].unit,
        modality=key.modality,
        claims=tuple(id for id, _ in told),
        vague=all(quantity.bound == "about" for _, quantity in told),
        problem=problem,
    )


def added(key: Key, values: list[Value], *, more: bool) -> Value:
    """What numbers come to; `more`: with others that nobody knows. Those of two units or modalities have no sum."""
    units, modalities = {value.unit for value in values}, {value.modality for value in values}
    problem = next((value.problem for value in values if value.problem is not None), None)
    if len(units) > 1:
        problem = because("units_differ", units=several(units))
    elif len(modalities) > 1:
        told = sorted(modalities, key=str)
        problem = because("modalities_mixed", modalities=listed([modality(one) for one in told]))
    intervals = [value.interval for value in values]
    if more:
        intervals.append(Interval() if key.measure == "quantity" else SOME)
    first = values[0]
    return Value(
        interval=amounts.total(intervals),
        unit=first.unit,
        shown=first.shown,
        modality=first.modality,
        vague=any(value.vague for value in values),
        problem=problem,
    )


def like(values: Mapping[Key, Value], key: Key) -> Value | None:
    """The number of that measure: in its modality, else the only one that there is in another."""
    if key in values:
        return values[key]
    others = [value for other, value in values.items() if other.measure == key.measure]
    return others[0] if len(others) == 1 else None


class Totals:
    """The numbers of all items of a figure: as claimed, and as their categories come to."""

    def __init__(self, figure: Figure) -> None:
        """Worked out from below, so that no depth of items is too much."""
        self.children: dict[UUID | None, list[Item]] = {}
        for one in in_order(figure.items.values()):
            self.children.setdefault(one.parent, []).append(one)
        self.claims: dict[UUID | None, list[Claim]] = {}
        for claim in as_told(figure.claims.values()):
            self.claims.setdefault(claim.item, []).append(claim)
        self.order = [None, *(item.id for item in from_above(figure))]
        self.claimed = {item: declared(self.claims.get(item, ())) for item in self.order}
        self.parts: dict[tuple[UUID | None, Key], Parts] = {}
        self.keys: dict[UUID | None, list[Key]] = {}
        for item in reversed(self.order):
            categories = self.categories(item)
            keys = dict.fromkeys(self.claimed[item])
            for category in categories:
                keys |= {key: None for key in self.keys[category.id] if not any(k.measure == key.measure for k in keys)}
            self.keys[item] = sorted(keys, key=lambda key: (MEASURES.index(key.measure), key.modality or ""))
            for key in self.keys[item] if categories else ():
                self.parts[item, key] = self._parts(item, key, categories)

    def categories(self, item: UUID | None) -> list[Item]:
        """The categories of an item."""
        return [one for one in self.children.get(item, ()) if one.sort == "category"]

    def value(self, item: UUID | None, key: Key) -> Value | None:
        """What an item's number is: as claimed, else what its categories come to where all of them are known."""
        claimed = like(self.claimed[item], key)
        if claimed is not None:
            return claimed
        parts = {one: self.parts[item, one] for one in self.keys[item] if (item, one) in self.parts}
        return like({one: held.value for one, held in parts.items() if held.value and held.complete}, key)

    def _parts(self, item: UUID | None, key: Key, categories: list[Item]) -> Parts:
        values = [value for one in categories if (value := self.value(one.id, key)) is not None]
        said = {claim.categories for claim in self.claims.get(item, ()) if claim.categories is not None}
        claimed = said.pop() if len(said) == 1 else None
        complete = len(values) == len(categories) and (claimed is None or claimed <= len(categories))
        return Parts(
            value=added(key, values, more=not complete) if values else None,
            complete=complete and bool(values),
            known=len(values),
            listed=len(categories),
            claimed=claimed,
        )
