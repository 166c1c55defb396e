"""What can be said of whether numbers add up, and why: every reason in words, in two languages."""

from typing import Literal

from msgspec import Struct

from service.domain import amounts
from service.domain.amounts import Interval

Verdict = Literal["yes", "no", "cannot_be_said"]
Code = Literal[
    "unclaimed",
    "claims_disagree",
    "units_differ",
    "modalities_mixed",
    "modality_differs",
    "about",
    "bounds_overlap",
    "nothing_told",
    "categories_fit",
    "categories_differ",
    "categories_unknown",
    "categories_too_many",
    "all_named",
    "some_named",
    "too_many_named",
    "sums_fit",
    "sums_differ",
    "sums_unknown",
    "within",
    "beyond",
]

WORDS: dict[Code, tuple[str, str]] = {
    "unclaimed": ("no source gives this number", "没有来源给出这一数字"),
    "claims_disagree": ("the claims of it cannot all hold", "关于它的几种说法不能同时成立"),
    "units_differ": ("the numbers are in different units ({units})", "各数字的单位不同({units})"),
    "modalities_mixed": (
        "the parts are of different modalities ({modalities}), which are never added to each other",
        "各部分的金额性质不同({modalities}),不能相加",
    ),
    "modality_differs": (
        "the whole is claimed as {whole}, its parts as {parts}",
        "总数的性质为{whole},各部分的性质为{parts}",
    ),
    "about": ("the number is given as about so much, which proves nothing", "原文只说约数,不足以证明"),
    "bounds_overlap": (
        "the bounds leave it open: {computed} against {declared}",
        "界限未定:合计{computed},所称{declared}",
    ),
    "nothing_told": ("nothing is told of what it is made of", "没有说明它由什么构成"),
    "categories_fit": ("the categories come to {computed}, as is claimed", "各类合计{computed},与所称相符"),
    "categories_differ": (
        "the categories come to {computed}, but {declared} is claimed",
        "各类合计{computed},与所称的{declared}不符",
    ),
    "categories_unknown": (
        "of {count} categories {known} have this number",
        "共{count}类,其中{known}类有此数字",
    ),
    "categories_too_many": (
        "{listed} categories are recorded, but {claimed} are claimed",
        "已登记{listed}类,而所称为{claimed}类",
    ),
    "all_named": ("all that are counted are named", "所计各项均已点名"),
    "some_named": ("{named} are named, of {declared}", "所称{declared},已点名{named}"),
    "too_many_named": ("{named} are named, more than {declared}", "已点名{named},多于所称的{declared}"),
    "sums_fit": ("those named come to {computed}, as is claimed", "点名各项合计{computed},与所称相符"),
    "sums_differ": (
        "those named come to {computed}, which {declared} cannot be",
        "点名各项合计{computed},与所称的{declared}不符",
    ),
    "sums_unknown": (
        "{count} of those named have no sum of this modality",
        "点名各项中有{count}项没有此性质的金额",
    ),
    "within": ("it is not more than {upper}", "不多于{upper}"),
    "beyond": ("it is more than {upper}, of which it is a part", "多于其所属的{upper}"),
}
MODALITIES: dict[str | None, tuple[str, str]] = {
    None: ("none said", "未说明"),
    "planned": ("planned", "计划"),
    "intended": ("intended", "意向"),
    "contracted": ("contracted", "合同"),
    "total": ("total", "总额"),
    "paid_in": ("paid in", "到位"),
}


class Told(Struct, frozen=True, gc=False):
    """A fact of a reason in both languages."""

    en: str
    zh: str


class Reason(Struct, frozen=True, kw_only=True, gc=False):
    """Why something adds up, does not, or cannot be said: a code that stays, and words."""

    code: Code
    en: str
    zh: str


def because(code: Code, **facts: Told | int) -> Reason:
    """The reason, with its facts."""
    en, zh = WORDS[code]
    return Reason(
        code=code,
        en=en.format(**{name: one.en if isinstance(one, Told) else one for name, one in facts.items()}),
        zh=zh.format(**{name: one.zh if isinstance(one, Told) else one for name, one in facts.items()}),
    )


def modality(one: str | None) -> Told:
    """A modality in words."""
    return Told(*MODALITIES[one])


def listed(ones: list[Told]) -> Told:
    """Several facts in one."""
    return Told(", ".join(one.en for one in ones), "、".join(one.zh for one in ones))


class Bounds(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """All that a number may be: from `low` to `high`, exact decimals in `unit`; an end that is not known is left out.

    Where both are the same it is that number. An open end is not itself among the numbers: below 400 is 0 to 400, open.
    """

    unit: str
    low: str | None = None
    high: str | None = None
    low_open: bool = False
    high_open: bool = False


def bounds(interval: Interval, unit: str) -> Bounds:
    """An interval, which is in the plainer unit, in that unit or a multiple of it."""
    factor, _ = amounts.scaled(unit)

    def shown(number: object) -> str | None:
        return None if number is None else amounts.plain(amounts.EXACT.divide(number, factor))  # type: ignore[arg-type]

    return Bounds(
        unit=unit,
        low=shown(interval.low),
        high=shown(interval.high),
        low_open=interval.low is not None and interval.low_open,
        high_open=interval.high is not None and interval.high_open,
    )


def words(interval: Interval, unit: str) -> Told:
    """An interval in words, in that unit."""
    told = bounds(interval, unit)
    low, high = told.low, told.high
    if low is not None and low == high:
        return Told(f"{low} {unit}", f"{low}{unit}")
    if high is None:
        if low is None:
            return Told(f"any number of {unit}", f"若干{unit}")
        return (
            Told(f"more than {low} {unit}", f"{low}{unit}以上(不含)")
            if told.low_open
            else Told(f"at least {low} {unit}", f"至少{low}{unit}")
        )
    if low in {None, "0"}:
        return (
            Told(f"less than {high} {unit}", f"不到{high}{unit}")
            if told.high_open
            else Told(f"at most {high} {unit}", f"至多{high}{unit}")
        )
    return Told(f"{low} to {high} {unit}", f"{low}至{high}{unit}")
