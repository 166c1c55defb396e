"""What the pipeline answers: how many projects, with which sums of which modality; and how that is read off a row."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.amounts import plain
from service.domain.project.counting import RULES, Rule
from service.projections.pipeline.rows import PARTY


class Sum(Struct, frozen=True, kw_only=True, gc=False):
    """What investments of one modality come to, in the plain unit (亿元 is 100,000,000 元).

    `low` and `high` are the bounds of the `bounded` ones together: below 400 is [0, 400), above 300 is (300, none).
    An `_open` bound is not itself reached; `high` is None where there is none. About so much proves no bound:
    such sums (`approximate`) are added up apart, in `about`. `modality` is None where no source tells it.
    """

    modality: str | None
    unit: str
    bounded: int
    low: str | None
    high: str | None
    low_open: bool
    high_open: bool
    approximate: int
    about: str | None

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.approximate == 0 and self.low == self.high and not self.low_open and not self.high_open


class Tally(Struct, frozen=True, kw_only=True, gc=False):
    """How many projects count, investors anew, increases; their sums, one a modality and unit, never added up across.

    `without_sum` are the projects, and investors anew, of which no sum is told.
    """

    projects: int = 0
    anew: int = 0
    increases: int = 0
    without_sum: int = 0
    sums: tuple[Sum, ...] = ()


class Item(Struct, frozen=True, kw_only=True, gc=False):
    """What counts in a group: for certain (`counted`: at least so much), and what may count or not (`uncertain`: with
    it at most so much), since its day may lie outside the time that is asked for.

    `group` is the stage, the sector, the period, `parties/<id>`, or a place in words; None for what has none. Within
    the time asked for, what may be of several periods stands under None.
    """

    group: str | None
    name: str | None
    counted: Tally
    uncertain: Tally


class Named(Struct, frozen=True, kw_only=True, gc=False):
    """A project, by what a list calls it."""

    id: UUID
    title: str


class Left(Struct, frozen=True, kw_only=True, gc=False):
    """Projects that don't count, and why: how many, and the first of them by title.

    `duplicate`: a second record; `no_event`: without any step; `never_signed`: without a signing; `outside`: of another
    time; `part_of`: within the project that it is a part of; of such a part only sums count that the whole has none of.
    """

    reason: str
    projects: int
    items: tuple[Named, ...]


class WithoutSum(Struct, frozen=True, kw_only=True, gc=False):
    """Projects that count without a sum: how many, and the first of them by title."""

    projects: int
    items: tuple[Named, ...]


class RuleTold(Struct, frozen=True, kw_only=True, gc=False):
    """The rule by which projects were counted."""

    name: Rule
    version: int
    en: str
    zh: str


class Found(Struct, frozen=True, kw_only=True, gc=False):
    """Some of the groups, whether more come after them, all groups together, what has no sum, and what was left out."""

    items: tuple[Item, ...]
    more: bool
    totals: Item
    without_sum: WithoutSum
    left_out: tuple[Left, ...]


class Line(Struct, frozen=True, kw_only=True, gc=False):
    """A group and a modality as a line of a sheet; numbers of projects stand on each line of their group."""

    group: str | None
    name: str | None
    projects: int
    anew: int
    increases: int
    without_sum: int
    projects_uncertain: int
    modality: str | None
    unit: str | None
    low: str | None
    high: str | None
    low_open: bool | None
    high_open: bool | None
    about: str | None
    low_uncertain: str | None
    high_uncertain: str | None
    about_uncertain: str | None


def told(rule: Rule) -> RuleTold:
    """A rule as the answer names it."""
    one = RULES[rule]
    return RuleTold(name=rule, version=one.version, en=one.en, zh=one.zh)


# --- What is read off a row -------------------------------------------------------------------------------------------


class _Tally(Struct, frozen=True, kw_only=True, gc=False):
    whole: bool
    name: str
    fate: str
    projects: int
    anew: int
    increases: int
    without_sum: int


class _Sum(Sum, frozen=True, kw_only=True, gc=False):
    whole: bool
    name: str
    fate: str


class _Gone(Struct, frozen=True, kw_only=True, gc=False):
    reason: str
    projects: int = 0
    id: UUID | None = None
    title: str = ""


def _list(found: Any, kind: Any) -> Any:
    return msgspec.json.decode(found or "[]", type=list[kind])


def group(name: str) -> str | None:
    """What a group is told by, off its name in the rows."""
    return f"parties/{name.removeprefix(PARTY)}" if name.startswith(PARTY) else name or None


def _by_modality(one: Sum) -> tuple[str, str]:
    return one.modality or "~", one.unit


def _plain(one: _Sum) -> Sum:
    """A sum in its plainest decimals."""
    numbers = {name: getattr(one, name) for name in ("low", "high", "about")}
    shown = {name: plain(msgspec.convert(value, Decimal)) for name, value in numbers.items() if value is not None}
    return Sum(**{name: getattr(one, name) for name in Sum.__struct_fields__} | shown)


def found_of(row: Any, most: int | None) -> Found:
    """The answer off the statement's one row, which has one group more than the page where there are more."""
    tallies: dict[Any, _Tally] = {(one.whole, one.name, one.fate): one for one in _list(row["tallies"], _Tally)}
    sums: dict[Any, list[_Sum]] = {}
    for one in _list(row["sums"], _Sum):
        sums.setdefault((one.whole, one.name, one.fate), []).append(one)
    groups: list[tuple[str, str | None]] = _list(row["groups"], tuple[str, str | None])

    def tally(whole: bool, name: str, fate: str) -> Tally:
        counts = tallies.get((whole, name, fate))
        if counts is None:
            return Tally()
        return Tally(
            projects=counts.projects,
            anew=counts.anew,
            increases=counts.increases,
            without_sum=counts.without_sum,
            sums=tuple(map(_plain, sorted(sums.get((whole, name, fate), ()), key=_by_modality))),
        )

    def item(whole: bool, name: str, called: str | None) -> Item:
        return Item(
            group=group(name),
            name=called,
            counted=tally(whole, name, "counted"),
            uncertain=tally(whole, name, "uncertain"),
        )

    counts: list[_Gone] = _list(row["counts"], _Gone)
    gone: list[_Gone] = _list(row["gone"], _Gone)
    return Found(
        items=tuple(item(False, *one) for one in groups[:most]),
        more=most is not None and len(groups) > most,
        totals=item(True, "", None),
        without_sum=WithoutSum(projects=row["without_sum"], items=tuple(_list(row["bare"], Named))),
        left_out=tuple(
            Left(
                reason=one.reason,
                projects=one.projects,
                items=tuple(Named(id=g.id, title=g.title) for g in gone if g.reason == one.reason and g.id is not None),
            )
            for one in sorted(counts, key=lambda one: one.reason)
        ),
    )


def lines(items: tuple[Item, ...]) -> list[Line]:
    """The groups as lines of a sheet: one a modality and unit, or one without."""
    found = []
    for item in items:
        certain = {(one.modality, one.unit): one for one in item.counted.sums}
        may = {(one.modality, one.unit): one for one in item.uncertain.sums}
        keys = sorted({*certain, *may}, key=lambda key: (key[0] or "~", key[1]))
        for key in keys or [(None, "")]:
            one, other = certain.get(key), may.get(key)
            found.append(
                Line(
                    group=item.group,
                    name=item.name,
                    projects=item.counted.projects,
                    anew=item.counted.anew,
                    increases=item.counted.increases,
                    without_sum=item.counted.without_sum,
                    projects_uncertain=item.uncertain.projects,
                    modality=key[0],
                    unit=key[1] or None,
                    low=one.low if one else None,
                    high=one.high if one else None,
                    low_open=one.low_open if one else None,
                    high_open=one.high_open if one else None,
                    about=one.about if one else None,
                    low_uncertain=other.low if other else None,
                    high_uncertain=other.high if other else None,
                    about_uncertain=other.about if other else None,
                )
            )
    return found
