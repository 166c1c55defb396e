"""Maps between versions of a text: there and back, over several steps, for any cuts and repairs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain import errors, script
from service.domain.document.derivation import boilerplate, derived, edited, hashed, words
from service.domain.document.offsets import Map, Offsets, Reached, find, inverse, way
from service.domain.document.state import Document, Edit, Header, Passed, PassedSpan, Version
from service.domain.values import Source

TEXT = st.text(alphabet="濟南市聊城,abc𠀀", min_size=1, max_size=40)


@st.composite
def edits(draw: st.DrawFn, length: int) -> tuple[Edit, ...]:
    """Edits of a text of that length: cuts, replacements and insertions, in order, none right behind another."""
    bounds = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    found: list[Edit] = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        text = draw(st.text(alphabet="新字", max_size=4))
        if (start < end or text) and not (found and found[-1].end == start):
            found.append(Edit(start=start, end=end, length=len(text), text=text or None))
    return tuple(found)


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, list[Version], list[str]]:
    """A text, versions each derived from the one before, and the words of each."""
    captured = draw(TEXT)
    steps: list[Version] = []
    texts = [captured]
    for _ in range(draw(st.integers(0, 3))):
        changed = draw(edits(len(texts[-1])))
        made = edited(texts[-1], changed)
        assert made is not None
        if not made or made == texts[-1]:
            continue
        steps.append(version(texts[-1], made, changed))
        texts.append(made)
    return captured, steps, texts


def version(source: str, made: str, changed: tuple[Edit, ...], **more: Any) -> Version:
    """A version by edits."""
    return Version(
        **{
            "sort": "repaired",
            "sha256": hashed(made),
            "length": len(made),
            "derived_from": hashed(source),
            "tool": "x",
            "tool_version": "1",
            "edits": changed,
            **more,
        }
    )


def spans(draw: st.DrawFn, length: int) -> tuple[int, int]:
    """A span of a text of that length that is not empty."""
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


def letters(start: int, end: int, changed: tuple[Edit, ...]) -> set[int]:
    """The naive map: the places in the version of what became of each letter of a span, by walking letter by letter."""
    places: set[int] = set()
    here = there = 0
    for edit in (*changed, None):
        until = edit.start if edit is not None else end
        while here < until:
            if start <= here < end:
                places.add(there)
            here, there = here + 1, there + 1
        if edit is None or edit.start >= end:
            break
        if edit.start < edit.end and edit.start < end and start < edit.end:
            places.update(range(there, there + edit.length))
        here, there = edit.end, there + edit.length
    return places


@given(st.data())
def test_a_span_stands_where_its_letters_do(data: st.DataObject) -> None:
    """The narrowest span that holds what became of each letter, by a walk letter by letter."""
    text = data.draw(TEXT)
    changed = data.draw(edits(len(text)))
    start, end = spans(data.draw, len(text))  # type: ignore[arg-type]
    there = Map(changed).across(start, end)
    places = letters(start, end, changed)
    assert there[0] <= there[1]
    if places:
        assert there == (min(places), max(places) + 1)
    elif there[0] < there[1]:  # what was put in between two cuts that together take the whole span
        assert any(edit.start == edit.end and start < edit.start < end for edit in changed)


@given(st.data())
def test_there_and_back(data: st.DataObject) -> None:
    """What is untouched comes back as it was; from a version and to it again nothing is lost."""
    captured, steps, texts = data.draw(chains())
    offsets = Offsets(steps)
    start, end = spans(data.draw, len(captured))  # type: ignore[arg-type]
    place = offsets.shown(start, end)
    assert 0 <= place.start <= place.end <= len(texts[-1])
    if place.start == place.end:
        assert place.cut
    touched = any(
        (edit.start < until and since < edit.end) or since < edit.start == edit.end < until
        for index, (since, until) in enumerate(ways(steps, start, end))
        for edit in steps[index].edits
    )
    if not touched:
        assert texts[-1][place.start : place.end] == captured[start:end]
        assert offsets.captured(place.start, place.end) == (start, end)
        assert not place.cut
    start, end = spans(data.draw, len(texts[-1]))  # type: ignore[arg-type]
    first, last = offsets.captured(start, end)
    assert 0 <= first <= last <= len(captured)
    if first < last and len(steps) == 1:  # Over several, stretches that were replaced widen a span at each.
        again = offsets.shown(first, last)
        assert offsets.captured(again.start, again.end) == (first, last)


def test_what_was_put_in_before_what_was_put_in() -> None:
    """It comes from no words of the captured text, and stands at a place of that, however many steps lie between."""
    insertions = [(Edit(start=0, end=0, length=2, text="字字"),), (Edit(start=3, end=3, length=1, text="字"),)]
    texts = ["a", "字字a", "字字a字"]
    steps = [version(source, made, edit) for source, made, edit in zip(texts, texts[1:], insertions, strict=False)]
    assert (Offsets(steps).captured(3, 4), Offsets(steps).captured(0, 2)) == ((1, 1), (0, 0))
    gone = [(Edit(start=0, end=2, length=0),), (Edit(start=0, end=1, length=0),)]
    cut = [version(source, made, edit) for source, made, edit in zip(["abcd", "cd"], ["cd", "d"], gone, strict=True)]
    assert Offsets(cut).shown(0, 2) == Reached(0, 0, cut=True)
    assert Offsets(cut).shown(1, 4) == Reached(0, 1, cut=True)


def ways(steps: list[Version], start: int, end: int) -> list[tuple[int, int]]:
    """The span in the text before each step."""
    found = []
    for step in steps:
        found.append((start, end))
        start, end = Map(step.edits).across(start, end)
        if start == end:
            break
    return found


@given(chains())
def test_the_inverse_of_the_inverse(told: tuple[str, list[Version], list[str]]) -> None:
    """Is the same map, without the words."""
    for step in told[1]:
        assert inverse(inverse(step.edits)) == tuple(replace(edit, text=None) for edit in step.edits)


@given(chains())
def test_words_are_made_again_of_the_captured_text(told: tuple[str, list[Version], list[str]]) -> None:
    """By the steps alone; not where the text is another one, or an edit keeps its words to itself."""
    captured, steps, texts = told
    assert words(captured, steps) == texts[-1]
    if steps:
        assert words(captured + "多", steps) is None
        if any(edit.length for edit in steps[0].edits):
            mute = replace(steps[0], edits=tuple(replace(edit, text=None) for edit in steps[0].edits))
            assert words(captured, [mute]) is None


@given(st.text(max_size=60))
def test_simplified_keeps_each_letters_place(text: str) -> None:
    """Letter by letter, of any text; what is simplified stays."""
    made = script.simplified(text)
    assert len(made) == len(text)
    assert [script.simplified(letter) for letter in text] == list(made)


def test_simplified_of_repaired() -> None:
    """The steps are found by name, and lead over each other."""
    captured = "濟?市和聊城市,乾"
    first = version(captured, "濟南市和聊城市,乾", (Edit(start=1, end=2, length=1, text="南"),))
    second = version("濟南市和聊城市,乾", "济南市和聊城市,干", (), sort="simplified", tool="opencc")
    held = Document(
        header=Header(kind="press", sha256=hashed(captured), length=9),
        versions={one.sha256: replace(one, sources=(Source(sequence=n),)) for n, one in enumerate((first, second), 3)},
    )
    steps = find(held, "simplified")
    assert steps is not None
    assert [step.sort for step in steps] == ["repaired", "simplified"]
    assert words(captured, steps) == "济南市和聊城市,干"
    assert find(held, second.sha256) == steps
    assert find(held, "captured") == find(held, hashed(captured)) == ()
    assert find(held, "boilerplate_cut") is None
    assert find(Document(), "captured") is None
    orphan = replace(held, versions={second.sha256: held.versions[second.sha256]})
    assert way(orphan, orphan.versions[second.sha256]) is None
    assert find(orphan, "simplified") is None


def test_boilerplate_is_cut_by_what_is_passed_over() -> None:
    """Of several spans that touch or lie over one another one cut is made; other reasons cut nothing."""
    held = Document(
        header=Header(kind="repost", sha256=hashed("甲" * 30), length=30),
        passed=Passed(
            spans=tuple(
                PassedSpan(start=start, end=end, reason="boilerplate" if start else "rhetoric")
                for start, end in ((0, 2), (5, 9), (8, 12), (12, 14), (20, 30))
            )
        ),
    )
    cuts = boilerplate(held, ())
    assert [(cut.start, cut.end, cut.length) for cut in cuts] == [(5, 14, 0), (20, 30, 0)]
    offsets = Offsets([version("甲" * 30, "甲" * 11, cuts)])
    assert offsets.shown(6, 8).cut
    assert offsets.shown(6, 8).start == offsets.shown(6, 8).end == 5
    assert offsets.shown(3, 6) == offsets.shown(3, 7)
    assert offsets.shown(3, 6).cut
    assert not offsets.shown(14, 20).cut


@pytest.mark.parametrize(
    ("sort", "changed"),
    [("simplified", ()), ("boilerplate_cut", ()), ("boilerplate_cut", (Edit(start=0, end=2, length=0),))],
)
def test_a_version_says_something_else_than_its_source(sort: Any, changed: tuple[Edit, ...]) -> None:
    """And something at all."""
    with pytest.raises(errors.Invalid):
        derived(sort, "济南", changed)
