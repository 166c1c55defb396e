"""Search against plain Python: which texts have the words at any two times, in which order, by any way of looking."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import fold
from service.domain.names import Folded
from service.domain.searched import CATEGORIES, SEARCHED, Kind, said
from service.projections.pairs import PAIRS, pairs
from service.projections.search import Filter, ask, rows
from service.projections.search import asked as asking
from service.projections.search.rows import INPUTS, SEARCH
from tests.given import no
from tests.projections.test_bitemporal import DAYS, drawn
from tests.projections.test_lists_at import IDS, fill, stood_for
from tests.soak import examples

WAYS = ({"SAMPLE": 1_000_000}, {"SAMPLE": 1, "RARE": 2}, {"SAMPLE": 1, "RARE": 1, "FREQUENT": 2})
"""The newest walked through; all that the index has; of those the newest."""
THINGS = {
    Ref(category, no(100 * place + number)): category
    for place, category in enumerate(
        ("agreements", "parties", "documents", "meetings", "statements", "plans", "tasks"), 1
    )
    for number in (1, 2)
}


def test_every_category_says_what_of_it_is_searched() -> None:
    """A new one says so in one line a part, even where that is nothing; every field is one that its state has."""
    assert set(SEARCHED) == set(DECIDERS)
    for category, fields in SEARCHED.items():
        state = DECIDERS[category].initial
        assert set(fields) <= set(state.__struct_fields__)
    assert set(CATEGORIES) == {searched.kind for fields in SEARCHED.values() for searched in fields.values()}
    assert set(CATEGORIES) == set(Kind.__args__)  # type: ignore[attr-defined]
    assert SEARCH.categories == {category for category, fields in SEARCHED.items() if fields}
    assert set(INPUTS.fields) >= {name for fields in SEARCHED.values() for name in fields}


@given(
    tier=st.integers(1, 4), words=st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_index_has_the_pairs_that_are_asked_for(schema: Any, tier: int, words: str) -> None:
    runner, connection = schema
    assert sorted(set(runner.run(connection.fetchval(f"select {PAIRS} ($1, $2)", tier, words)))) == pairs(tier, words)


def naive(
    logs: dict[Ref, list[Recorded]], words: tuple[str, ...], day: date, position: int
) -> set[tuple[str, str, int]]:
    """Each thing or part with the words, and its best tier."""
    best: dict[tuple[str, str], int] = {}
    for ref, log in logs.items():
        state = fold(DECIDERS[ref.category], log[:position], day).base
        for one in said(ref.category, state):
            text = Folded.of(one.text).words
            if all(word in text for word in words) and (len(words[0]) > 1 or (one.tier == 1 and text[0] == words[0])):
                unit = (f"{ref.category}/{one.stands_for or ref.id}", one.part)
                best[unit] = min(best.get(unit, 4), one.tier)
    return {(subject, part, tier) for (subject, part), tier in best.items()}


@settings(
    max_examples=examples(6),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_search_at_any_two_times(schema: Any, data: st.DataObject) -> None:
    runner, connection = schema
    logs = {ref: drawn(data, category, 6) for ref, category in THINGS.items()}
    runner.run(fill(connection, logs))
    day, position = data.draw(st.sampled_from(DAYS)), data.draw(st.integers(0, 7))
    texts = sorted(
        {
            Folded.of(one.text).words
            for ref, log in logs.items()
            for one in said(ref.category, fold(DECIDERS[ref.category], log, day).base)
        }
    )
    given_ = ["甲", "乙", "甲乙"]
    if texts:
        text = data.draw(st.sampled_from(texts))
        at = data.draw(st.integers(0, max(0, len(text) - 2)))
        given_ += [text[at : at + 2], text]
    for q in given_:
        if not q.strip() or len(q) > 200:
            continue
        looked_for = asking.words(q)
        found = []
        for ways in WAYS:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in ways.items():
                    patch.setattr(asking, name, value)
                found.append(runner.run(everything(connection, q, day, position)))
        assert found[0] == found[1] == found[2]
        assert len(found[0]) == len(set(found[0]))
        assert {one[:3] for one in found[0]} == naive(logs, looked_for, day, position), (q, day, position)


@pytest.mark.parametrize("way", ["own tags", "one tag for all", "tags of one party alone"])
@settings(
    max_examples=examples(4),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_search_of_a_party(schema: Any, way: str, data: st.DataObject) -> None:
    """The same as a search of the things alone that the party has to do with, whoever else has its tag."""
    runner, connection = schema
    with pytest.MonkeyPatch.context() as patch:
        if way == "tags of one party alone":
            patch.setattr(rows, "MOST_TAGS", 1)
        if way == "one tag for all":
            patch.setattr(rows, "tag", lambda _: 7)
            patch.setattr(asking, "tag", lambda _: 7)
        logs = {ref: drawn(data, category, 6) for ref, category in THINGS.items()}
        runner.run(fill(connection, logs))
        day, position = data.draw(st.sampled_from(DAYS)), data.draw(st.integers(0, 7))
        for id in IDS:
            concerned = runner.run(concerning(connection, stood_for(logs, id, day, position), day, position))
            some = {ref: log for ref, log in logs.items() if ref.id in concerned}
            for ways in WAYS:
                for name, value in ways.items():
                    patch.setattr(asking, name, value)
                for q in ("甲", "乙", "甲乙"):
                    found = runner.run(everything(connection, q, day, position, id))
                    assert {one[:3] for one in found} == naive(some, asking.words(q), day, position), (id, q, ways)


async def concerning(connection: Any, parties: set[UUID], day: date, position: int) -> set[UUID]:
    """The things that these parties have to do with, as the lists have it, and they themselves."""
    tables = ("signings", "involved", "assigned")
    holds = "starts <= $2 and $2 < ends and known_from <= $3 and $3 < known_to"
    each = (f"select stream from p_{table}_known where party = any($1) and {holds}" for table in tables)  # noqa: S608
    return parties | {row["stream"] for row in await connection.fetch(" union ".join(each), [*parties], day, position)}


async def everything(
    connection: Any, q: str, day: date, position: int, party: UUID | None = None
) -> list[tuple[str, str, int, str]]:
    """All hits, by pages of two."""
    hits: list[tuple[str, str, int, str]] = []
    at: tuple[int, int] | None = (1, 0)
    while at is not None:
        page = await ask(connection, Filter(q=q, party=party), day, position, limit=2, at=at)
        hits += [(one.subject, one.part or "", one.tier, one.field) for one in page.items]
        assert len(page.items) == 2 or page.next is None
        for one in page.items:
            assert one.marks
            assert all(0 <= start < end <= one.length for start, end in one.marks)
        at = page.next
    return hits
