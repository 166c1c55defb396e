"""A redline: both texts can be read off it, and it marks words, not syllables."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.redline import redline, words


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("", "", ""),
        ("同", "同", "同"),
        ("", "新增", "+新增+"),
        ("删去", "", "-删去-"),
        ("双方建立联席会议制度。", "双方建立联席会商制度。", "双方建立-联席会议-+联席会商+制度。"),
        ("济南市与聊城市签署协议", "济南市与聊城市、德州市签署协议", "济南市与聊城市+、德州市+签署协议"),
        ("总投资约7,900.5亿元", "总投资约7,900亿元", "总投资约-7,900.5-+7,900+亿元"),
        ("于2025年12月31日前完成", "于2026年12月30日前完成", "于-2025-+2026+年12月-31-+30+日前完成"),
        ("the parties shall meet", "the parties may meet", "the parties -shall-+may+ meet"),
        ("甲方\n乙方", "甲方\n\n乙方", "甲方-\n-+\n\n+乙方"),
        ("甲方应当在三十日内付款", "乙方必须于六十日之内支付", "-甲方应当在三十日内付款-+乙方必须于六十日之内支付+"),
    ],
)
def test_words_are_marked(before: str, after: str, marked: str) -> None:
    """What goes between minus signs, what comes between plus signs."""
    signs = {"equal": "", "delete": "-", "insert": "+"}
    assert "".join(f"{signs[edit.op]}{edit.text}{signs[edit.op]}" for edit in redline(before, after)) == marked


SOME = st.text(st.sampled_from("甲乙丙签署协议共同，。12.,ab \n𠀀é"), max_size=40) | st.text(max_size=40)


@given(before=SOME, after=SOME)
def test_both_texts_can_be_read_off(before: str, after: str) -> None:
    """What stays and goes is the earlier text, what stays and comes the later; nothing is empty or divided in vain."""
    edits = redline(before, after)
    assert "".join(edit.text for edit in edits if edit.op != "insert") == before
    assert "".join(edit.text for edit in edits if edit.op != "delete") == after
    assert all(edit.text for edit in edits)
    assert all(one.op != other.op for one, other in pairwise(edits))


@given(text=SOME)
def test_words_together_are_the_text(text: str) -> None:
    """No code point is lost between two words."""
    assert "".join(words(text)) == text
    assert [edit.op for edit in redline(text, text)] == (["equal"] if text else [])
