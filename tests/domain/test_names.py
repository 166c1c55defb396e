"""One folding: what it makes equal and what it keeps apart; a part of a text folds to a part of the folded text."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.names import UNSEEN, Folded, fold
from service.domain.script import simplified

WORDS = st.text(
    alphabet=st.sampled_from("济濟南Ａa市 　()（）㎡ﬁßé\u0301ｶﾞ각\u1100\u1161乾隆後\n😀\u200b\u00ad\ufe0f"), max_size=30
)
ANY = st.one_of(WORDS, st.text(max_size=30))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("濟南市", "济南市"),
        ("濟 南　市", "济南市"),
        ("ＳＨＡＮＤＯＮＧ Steel", "shandong steel"),
        ("山东（省）", "山东(省)"),
        ("聯席會議", "联席会议"),
        ("㎡", "m2"),
        ("ｶﾞ", "ガ"),
        ("e\u0301", "é"),
        ("Straße", "STRASSE"),
        ("济\u200b南\ufeff市\ufe0f", "济南市"),
        ("Shan\u00addong", "Shandong"),
    ],
)
def test_what_is_the_same_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("济南", "济南市"), ("济南市委", "济南市"), ("济南", "济宁"), (" ", "a")])
def test_what_is_another_name(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_every_ideograph_stays_one_character() -> None:
    """Else an offset in the simplified text would not be one in the original."""
    for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)):
        assert len(simplified(chr(code))) == 1
    assert simplified("後") == "后"


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    """But where what is left out had stood between two that join."""
    assert (fold("H¨"), fold("甲¨乙"), fold("薴"), fold("苧")) == ("h", "甲乙", "苎", "苎")
    text = re.sub(rf"[\s{UNSEEN}]", "", text)
    assert fold(fold(text)) == fold(text)


def whole(text: str) -> bool:
    """Whether the text begins with no mark that joins what stands before it."""
    return not text or not (unicodedata.combining(text[0]) or 0x1160 <= ord(text[0]) <= 0x11FF or text[0] in "ﾞﾟ")


@given(ANY, ANY, ANY)
def test_a_part_folds_to_a_part(before: str, part: str, after: str) -> None:
    """But what nothing is left of (a blank, a mark without a letter) stays as it is when it is all there is."""
    if whole(part) and whole(after) and Folded.of(part).words:
        assert fold(part) in fold(before + part + after)


@given(ANY)
def test_both_ways_of_folding_are_the_same(text: str) -> None:
    assert (Folded.of(text).words or text) == fold(text)


@given(WORDS, WORDS, WORDS)
def test_marks_are_the_words(before: str, word: str, after: str) -> None:
    """What is marked folds to something with the word in it, and no shorter part does; each place is marked once."""
    text, looked_for = before + word + after, Folded.of(word).words
    folded = Folded.of(text)
    marks = list(folded.marks(looked_for))
    assert bool(marks) == (bool(looked_for) and looked_for in folded.words)
    assert len(marks) == (folded.words.count(looked_for) if looked_for else 0)
    for start, end in marks:
        assert 0 <= start < end <= len(text)
        assert looked_for in Folded.of(text[start:end]).words
        assert looked_for not in Folded.of(text[start + 1 : end]).words or not whole(text[start + 1 : end])
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
    assert all(one.start <= other.start for one, other in pairwise(marks))


def test_a_mark_covers_the_marks_and_blanks_within() -> None:
    assert list(Folded.of("在 濟 南開會, 濟南").marks("济南")) == [(2, 5), (9, 11)]
    assert list(Folded.of("100㎡").marks("2")) == [(3, 4)]
    assert list(Folded.of("aaa").marks("aa")) == [(0, 2)]


@given(ANY)
def test_words_and_changes_are_the_text(text: str) -> None:
    folded = Folded.of(text)
    again = Folded.restored(folded.words, folded.changes)
    assert (again.text, again.words, again.changes) == (text, folded.words, folded.changes)
    for word in {folded.words[at : at + 2] for at in range(len(folded.words))}:
        assert list(again.marks(word)) == list(folded.marks(word))


def test_what_is_not_changed_takes_no_room() -> None:
    assert Folded.of("济南与聊城").changes == ()
    assert Folded.of("濟南聯席，會議").changes == ((0, -1, "濟"), (2, -1, "聯"), (4, -1, "，會議"))
    assert Folded.of("a b").changes == ((1, 0, " "),)
