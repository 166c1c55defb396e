"""Discrepancies in seed files: claims of fields, of parts and of things, by readable keys; an altered file."""

from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.discrepancy.state import Claim, Discrepancy, status
from service.domain.places import ordered
from service.registry import Registry
from tests.seeds.test_meetings import DOCUMENT, FIRST, HASH

TOLD = f"""{DOCUMENT}
[[party]]
key = "乙省"
kind = "province"
name = "乙省"
cite = ["1-3 {HASH}"]

[[statement]]
key = "愿望"
text = "愿意合作。"
made = {{ meeting = "第二次联席会议" }}
cite = ["1-3 {HASH}"]

[[meeting]]
key = "第二次联席会议"
conveners = [{{ party = "乙省", cite = ["3-5 {HASH}"], basis = "stated" }}]
cite = ["3-5 {HASH}"]

[[discrepancy]]
key = "联席会议由谁召集"
what = "第二次联席会议由谁召集"
basis = "curated"
claims = [
  {{ id = "甲说", subject = "meetings/第二次联席会议", subject_part = "conveners/@甲市", cite = ["901:7-9 {HASH}"] }},
  {{ id = "乙说", subject = "meetings/第二次联席会议", subject_part = "conveners/@乙省", cite = ["3-5 {HASH}"] }},
]
resolve = {{ choose = "乙说", reason = "以主办方公报为准", basis = "curated" }}

[[discrepancy]]
key = "联席会议何时召开"
what = "第二次联席会议何时召开"
basis = "curated"

[[discrepancy.claims]]
subject = "meetings/第二次联席会议"
subject_part = "steps/held"
field = "effective"
value = 2021-02-06
cite = ["901:7-9 {HASH}"]

[[discrepancy.claims]]
subject = "meetings/第二次联席会议"
subject_part = "steps/held"
field = "effective"
value = {{ latest = 2021-02-08, precision = "before", printed = "2月8日前" }}
cite = ["5-7 {HASH}"]

[[discrepancy]]
key = "会议的名称与结果"
what = "会议通过的是方案还是审议稿,在何处说的"
basis = "curated"

[[discrepancy.claims]]
subject = "meetings/第二次联席会议"
subject_part = "resolutions/方案"
text = "通过"
cite = ["901:7-9 {HASH}"]

[[discrepancy.claims]]
subject = "statements/愿望"
subject_part = "steps/made"
field = "meeting"
value = "meetings/第二次联席会议"
cite = ["1-3 {HASH}"]

[[discrepancy.claims]]
subject = "meetings/第二次联席会议"
subject_part = "header"
field = "title"
value = "联席会议"
cite = ["5-7 {HASH}"]
"""
MEETING = f"meetings/{seeding.thing_id('meetings', '第二次联席会议')}"
DAY = {"earliest": "2021-02-06", "latest": "2021-02-06"}
LATER = {"latest": "2021-02-08", "precision": "before", "printed": "2月8日前"}


@pytest.fixture
async def files(tmp_path: Path, registry: Registry) -> list[Path]:
    """A file on a meeting, and one that tells it otherwise."""
    paths = [tmp_path / "901_first.toml", tmp_path / "902_told.toml"]
    for path, text in zip(paths, (FIRST, TOLD), strict=True):
        path.write_text(text, encoding="utf-8")
    await seeding.seed(registry, paths)
    return paths


async def found(registry: Registry, key: str) -> Discrepancy:
    """A discrepancy by its key."""
    ref = Ref("discrepancies", seeding.thing_id("discrepancies", key))
    state: Discrepancy = (await registry.read([ref]))[ref].base
    return state


def claims(discrepancy: Discrepancy) -> list[Claim]:
    """Its claims in the order of the file."""
    return [claim for _, claim in ordered(discrepancy.claims)]


@pytest.mark.usefixtures("files")
async def test_who_claims_what(registry: Registry) -> None:
    """Each claim cites its own words, of its own document; keys stand for ids in parts and in values."""
    convened = await found(registry, "联席会议由谁召集")
    parties = [seeding.thing_id("parties", name) for name in ("甲市", "乙省")]
    assert [claim.subject_part for claim in claims(convened)] == [f"conveners/{party}" for party in parties]
    cited = [claim.sources[0].citations[0].document for claim in claims(convened)]
    assert cited == [seeding.thing_id("documents", stem) for stem in ("901_first", "902_told")]
    assert {claim.sources[0].basis for claim in claims(convened)} == {"stated"}
    [settled] = convened.life.values()
    chosen = convened.claims[str(settled.choose)].subject_part
    assert (status(convened), settled.correction, chosen) == ("resolved", None, f"conveners/{parties[1]}")
    held = await found(registry, "联席会议何时召开")
    assert [claim.value for claim in claims(held)] == [DAY, LATER]
    whole = await found(registry, "会议的名称与结果")
    meeting = seeding.thing_id("meetings", "第二次联席会议")
    assert [(claim.subject_part, claim.value) for claim in claims(whole)] == [
        (f"resolutions/{seeding.part_id(meeting, '方案')}", None),
        ("steps/made", str(meeting)),
        ("header", {"printed": "联席会议"}),
    ]


async def test_an_altered_file(registry: Registry, files: list[Path]) -> None:
    """Nothing changes when nothing was altered; another value is another claim, and the one before is voided."""
    assert (await seeding.seed(registry, files))[1].events == 0
    files[1].write_text(TOLD + "\n", encoding="utf-8")
    [report] = await seeding.seed(registry, files[1:])
    assert (report.events, report.corrected, report.voided, report.left) == (0, 0, 0, ())
    files[1].write_text(TOLD.replace("latest = 2021-02-08", "latest = 2021-02-09"), encoding="utf-8")
    [report] = await seeding.seed(registry, files[1:])
    assert (report.events, report.corrected, report.voided) == (2, 0, 1)
    held = await found(registry, "联席会议何时召开")
    assert sorted(claim.value["latest"] for claim in claims(held)) == ["2021-02-06", "2021-02-09"]


async def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path, registry: Registry) -> None:
    first, path = tmp_path / "901_first.toml", tmp_path / "902_told.toml"
    first.write_text(FIRST, encoding="utf-8")
    await seeding.seed(registry, [first])
    head = await registry.head()
    for old, new, told in (
        ("steps/held", "schritte/held", "联席会议何时召开, claims 1, subject_part"),
        ("steps/held", "steps/cancelled", "联席会议何时召开, claims 0 subject_part"),
        ("[[discrepancy.claims]]", "[[discrepancy.claim]]", "did you mean claims"),
    ):
        path.write_text(TOLD.replace(old, new), encoding="utf-8")
        with pytest.raises(seeding.SeedError, match=told):
            await seeding.seed(registry, [path])
    assert await registry.head() == head


CONFLICT = f"""{DOCUMENT}
[[meeting]]
key = "第二次联席会议"
held = {{ effective = 2021-02-07, place = "某厅" }}
cite = ["7-9 {HASH}"]
"""


async def test_a_file_may_tell_otherwise_than_another(tmp_path: Path, registry: Registry) -> None:
    """A mistake, unless it says that it may; altered since, the proposal stays and nothing of it is voided."""
    first, second = tmp_path / "901_first.toml", tmp_path / "902_second.toml"
    first.write_text(FIRST, encoding="utf-8")
    second.write_text(CONFLICT, encoding="utf-8")
    with pytest.raises(seeding.SeedError, match="on_conflict=propose"):
        await seeding.seed(registry, [first, second])
    second.write_text('on_conflict = "propose"\n' + CONFLICT, encoding="utf-8")
    [report] = await seeding.seed(registry, [second])
    ref = Ref("meetings", seeding.thing_id("meetings", "第二次联席会议"))
    meeting = (await registry.read([ref]))[ref].base
    assert meeting.steps["held"].place == "某厅"
    events = report.events
    second.write_text('on_conflict = "propose"\n' + CONFLICT.replace("某厅", "某楼"), encoding="utf-8")
    [report] = await seeding.seed(registry, [second])
    assert (report.corrected, report.voided, report.left) == (1, 0, ())
    assert events > report.events
    second.write_text('on_conflict = "perhaps"\n' + CONFLICT, encoding="utf-8")
    with pytest.raises(seeding.SeedError, match="neither refuse nor propose"):
        await seeding.seed(registry, [second])


async def test_what_settles_a_discrepancy_is_not_undone_by_the_file(tmp_path: Path, registry: Registry) -> None:
    """A file tells a day, another that this is wrong: altered, the first leaves the correction alone and says so."""
    first, second = tmp_path / "901_first.toml", tmp_path / "902_told.toml"
    settled = TOLD.replace(
        'what = "第二次联席会议何时召开"',
        'what = "第二次联席会议何时召开"\nresolve = { choose = "后", reason = "以此为准", basis = "curated" }',
    ).replace("value = { latest", 'id = "后"\nvalue = { latest')
    first.write_text(FIRST, encoding="utf-8")
    second.write_text(settled, encoding="utf-8")
    await seeding.seed(registry, [first, second])
    ref = Ref("meetings", seeding.thing_id("meetings", "第二次联席会议"))
    assert str((await registry.read([ref]))[ref].base.steps["held"].effective.latest) == "2021-02-08"
    second.write_text(settled + "\n", encoding="utf-8")
    first.write_text(FIRST.replace("第2次联席会议", "第二次联席会议全会"), encoding="utf-8")
    again, told = await seeding.seed(registry, [first, second])
    assert (told.events, told.left) == (0, ())
    assert again.corrected == 1
    assert any("corrected meeting.held" in line for line in again.left)
    assert str((await registry.read([ref]))[ref].base.steps["held"].effective.latest) == "2021-02-08"
