"""Cursors: what anybody may write into one reaches no statement; and the spans of time that rows are made of."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import errors
from service.projections import timeline
from service.projections.agreements import LIST, Filter
from service.projections.cursors import written
from service.projections.paging import _Place
from tests.projections.streams import TODAY, id_of

ONE = id_of("one")


async def ask(cursor: str, sort: str) -> None:
    """Ask without a database: whoever gets as far as one has passed."""
    await LIST.page(None, Filter(), TODAY, limit=1, cursor=cursor, sort=sort)  # type: ignore[arg-type] # on purpose


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("recorded", None),
        ("recorded", "1"),
        ("recorded", -1),
        ("recorded", 2**63),
        ("recorded", 1.5),
        ("signed", "2020-02-30"),
        ("signed", 20200101),
        ("title", None),
        ("title", "a\x00b"),
        ("title", "a" * 2000),
        ("title", ["a"]),
    ],
)
async def test_a_forged_value_is_refused(sort: str, value: Any) -> None:
    with pytest.raises(errors.BadCursor):
        await ask(written(_Place(LIST._mark(Filter(), sort), None, None, value, ONE)), sort)


@pytest.mark.parametrize(("sort", "value"), [("recorded", 7), ("signed", None), ("signed", TODAY), ("title", "济南")])
async def test_a_true_one_is_taken(sort: str, value: Any) -> None:
    with pytest.raises(AttributeError, match="fetch"):
        await ask(written(_Place(LIST._mark(Filter(), sort), None, None, value, ONE)), sort)


@given(st.text() | st.binary().map(lambda raw: raw.hex()) | st.from_regex(r"[A-Za-z0-9_-]{0,80}", fullmatch=True))
def test_any_text_is_refused_as_awritten(text: str) -> None:
    with pytest.raises(errors.BadCursor):
        ask(text, "recorded").send(None)


DAYS = st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)), min_size=1, max_size=8)


@given(DAYS)
def test_a_timeline_says_on_each_day_what_its_pieces_say(pieces: list[dict[str, int]]) -> None:
    days = [date(2020, 1, 1) + timedelta(days=index) for index in range(len(pieces) + 1)]
    told = list(timeline(zip(days, days[1:], pieces, strict=False)))
    for day, holds in zip(days, pieces, strict=False):
        assert {key: said for key, _, starts, ends, said in told if starts <= day < ends} == holds
    for key in "ab":
        own = [line for line in told if line[0] == key]
        assert [line[1] for line in own] == list(range(len(own)))
        assert not any(one[3] == other[2] and one[4] == other[4] for one, other in itertools.pairwise(own))


def test_thewritten_holds_letters_digits_and_two_signs_alone() -> None:
    for number in range(300):
        text = written(_Place(bytes([number % 256]) * 8, None, None, number, ONE))
        assert text.replace("-", "").replace("_", "").isalnum()
