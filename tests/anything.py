"""Any command and any event, drawn from few values so that they meet: made from the types themselves."""

import re
from datetime import date
from functools import cache
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st
from msgspec import UNSET, inspect

from service.domain import values
from service.domain.values import Citation, Magnitude, Quantity, UncertainDate
from tests.given import cite, no, on

T = TypeVar("T")

DATES: tuple[UncertainDate | None, ...] = (
    None,
    None,
    on(2010),
    on(2015),
    on(2015),
    on(2040),
    on(2050),
    UncertainDate(latest=date(2012, 1, 1), precision="before"),
    UncertainDate(earliest=date(2014, 12, 31), latest=date(2016, 1, 1), precision="range"),
    UncertainDate(printed="近日", precision="unknown"),
)
"""Undated, past, future, without an earliest day, of several days, unknown."""
WORDS = ("甲", "乙")
FIELDS = ("title", "kinds", "name", "kind", "heading", "label", "manner", "place", "by", "side", "parent", "sha256")
"""What attestations name: fields of the parts that are drawn most."""
IDS = (no(1), no(2), no(3))
SUBJECTS = (f"agreements/{no(2)}", f"agreements/{no(3)}", f"parties/{no(2)}", f"tasks/{no(2)}")
PARTS = (f"clauses/{no(1)}", f"resolutions/{no(2)}")
PART_NAME: str = get_args(values.PartName)[1].pattern
CODES = ("370100", "370200", "91110000600037341L", "11370000MB2852135G")
VALUES: dict[type, tuple[Any, ...]] = {
    UncertainDate: DATES[2:],
    Quantity: (Quantity(value="1", unit="元", bound="exact"), Quantity(value="2", unit="元", bound="about")),
    Magnitude: (Magnitude(value="1", unit="元", bound="exact"), Magnitude(value="2", unit="元", bound="about")),
    Citation: cite(1) + cite(5),
}


def text(kind: inspect.StrType) -> st.SearchStrategy[str]:
    """Text of few words, or of the few forms that a pattern admits."""
    known = (*WORDS, "a" * 64, "b" * 64, *SUBJECTS, *PARTS, *CODES, "50", "zh", "zh-CN", "https://example.org/")
    return st.sampled_from([way for way in known if fits(way, kind)])


def fits(way: str, kind: inspect.StrType) -> bool:
    """Whether the type admits that text; long forms are left to the types that ask for them."""
    if kind.pattern in {None, values.CLEAN}:
        return way in WORDS
    if way in PARTS:
        return bool(kind.pattern == PART_NAME)
    return re.search(kind.pattern or "", way) is not None


def made(kind: type[T], fields: dict[str, Any]) -> T | None:
    """The struct, or None where its fields mean nothing together. What cites nothing is not stated."""
    if fields.get("basis") == "stated" and not fields["citations"]:
        fields = {**fields, "basis": None}
    try:
        return kind(**fields)
    except ValueError:
        return None


@cache
def any_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a struct."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = {
        field.name: drawn(field.type) | (st.just(UNSET) if field.default is UNSET else st.nothing())
        for field in info.fields
    }
    if "attests" in fields:
        fields["fields"] = st.lists(st.sampled_from(FIELDS), max_size=2, unique=True).map(tuple)
    if "effective" in fields:
        fields["effective"] = st.none() if getattr(kind, "timeless", False) else st.sampled_from(DATES)
        fields["note"] = st.none()
        fields["basis"] = st.sampled_from([None, "stated", "curated"])
    return st.fixed_dictionaries(fields).map(lambda chosen: made(kind, chosen)).filter(lambda one: one is not None)


def drawn(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Any value of an inspected type."""
    match kind:
        case inspect.NoneType():
            return st.none()
        case inspect.AnyType():
            return st.sampled_from((None, "甲", {"earliest": "2015-01-01", "latest": "2015-01-01"}))
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=low):
            return st.integers(low or 0, 6)
        case inspect.DateType():
            return st.sampled_from((date(2015, 1, 1), date(2040, 1, 1)))
        case inspect.StrType():
            return text(kind)
        case inspect.LiteralType(values=choices):
            return st.sampled_from(list(choices))
        case inspect.Metadata(type=inner):
            return drawn(inner)
        case inspect.UUIDType():
            return st.sampled_from(IDS)
        case inspect.UnionType(types=types):
            return st.one_of([drawn(one) for one in types])
        case inspect.StructType(cls=struct) if struct in VALUES:
            return st.sampled_from(VALUES[struct])
        case inspect.StructType(cls=struct):
            return any_of(struct)
        case inspect.VarTupleType(item_type=item, min_length=least):
            return st.lists(drawn(item), min_size=least or 0, max_size=2).map(tuple)
        case _:
            raise TypeError(kind)
