"""Meetings and statements in seed files: two sources of one meeting, an altered file, keys across files."""

from datetime import date
from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.meeting.state import Meeting
from service.domain.statement.state import Statement, status
from service.registry import Registry
from tests.given import held_on

HASH = "0" * 64
DOCUMENT = f"""
basis = "stated"
[document]
kind = "press"
sha256 = "{HASH}"
length = 1000
cite = ["0-2 {HASH}"]
"""
FIRST = f"""{DOCUMENT}
[[party]]
key = "甲市"
kind = "city"
name = "甲市"
cite = ["1-3 {HASH}"]

[[party]]
key = "联席会议"
kind = "joint_conference"
name = "联席会议"
cite = ["3-5 {HASH}"]

[[agreement]]
key = "甲乙协议"
title = "协议"
cite = ["5-7 {HASH}"]
links = [{{ relation = "signed_at", target = "meetings/第二次联席会议" }}]

[[meeting]]
key = "第二次联席会议"
title = "第2次联席会议"
kinds = ["joint_conference"]
sessions = [{{ body = "联席会议", number = 2 }}]
conveners = [{{ party = "甲市", name = "甲市" }}]
held = {{ effective = 2021-02-06 }}
resolutions = [{{ id = "方案", manner = "adopted", name = "行动计划" }}]
cite = ["7-9 {HASH}"]
"""
SECOND = f"""{DOCUMENT}
[[party]]
key = "乙省"
kind = "province"
name = "乙省"
cite = ["1-3 {HASH}"]

[[meeting]]
key = "第二次联席会议"
sessions = [{{ body = "联席会议", number = 2 }}]
conveners = [{{ party = "乙省" }}]
held = {{ effective = 2021-02-06, place = "某厅" }}
attendance = [
  {{ role = "chair", person = {{ name = "某甲", title = "书记" }} }},
  {{ role = "attendee", group = "企业", number = "186 家" }},
]
cite = ["7-9 {HASH}"]

[[meeting.titles]]
title = "推进会议暨第二次联席会"
variant = "full"
cite = ["9-12 {HASH}"]

[[meeting.resolutions]]
id = "方案"
version = "审议稿"
by = ["甲市", "乙省"]
cite = ["12-14 {HASH}"]

[[statement]]
key = "要求"
text = "要求各市落实方案。"
kind = {{ is = "request", basis = "curated" }}
made = {{ meeting = "第二次联席会议" }}
participants = [{{ role = "speaker", person = "某甲" }}, {{ role = "addressee", party = "甲市" }}]
topics = [{{ about = "meetings/第二次联席会议" }}]
performance = {{ performers = ["甲市"], due = {{ latest = 2021-12-31, printed = "年底前" }} }}
uptakes = [{{ by = "agreements/甲乙协议" }}]
cite = ["14-16 {HASH}"]
"""


@pytest.fixture
async def files(tmp_path: Path, registry: Registry) -> list[Path]:
    """Two files that speak of one meeting, taken in."""
    paths = [tmp_path / "901_first.toml", tmp_path / "902_second.toml"]
    for path, text in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(text, encoding="utf-8")
    await seeding.seed(registry, paths)
    return paths


async def meeting(registry: Registry) -> Meeting:
    """The meeting now."""
    ref = Ref("meetings", seeding.thing_id("meetings", "第二次联席会议"))
    state: Meeting = (await registry.read([ref]))[ref].base
    return state


async def test_two_sources_of_one_meeting(registry: Registry, files: list[Path]) -> None:
    held = await meeting(registry)
    first, second = (seeding.thing_id("documents", path.stem) for path in files)
    assert held.header is not None
    assert held.header.title is not None
    assert held.header.title.printed == "第2次联席会议"
    assert list(held.titles) == ["推进会议暨第二次联席会"]
    conveners = {one.party: {c.document for c in one.sources[0].citations} for one in held.conveners.values()}
    assert conveners == {seeding.thing_id("parties", "甲市"): {first}, seeding.thing_id("parties", "乙省"): {second}}
    [session] = held.sessions.values()
    assert (session.number, [c.document for source in session.sources for c in source.citations]) == (
        2,
        [first, second],
    )
    assert (held_on(held), held.steps["held"].place) == (date(2021, 2, 6), "某厅")
    [resolution] = held.resolutions.values()
    assert (resolution.manner, resolution.version, len(resolution.by)) == ("adopted", "审议稿", 2)
    assert resolution.name is not None
    assert {one.number.value for one in held.attendance.values() if one.number} == {"186"}


async def test_a_statement_and_what_took_it_up(registry: Registry, files: list[Path]) -> None:
    ref = Ref("statements", seeding.thing_id("statements", "要求"))
    said: Statement = (await registry.read([ref]))[ref].base
    assert status(said) == "taken_up"
    assert said.header is not None
    assert [source.basis for source in said.header.sources] == ["stated", "curated"]
    made = said.steps["made"].effective
    assert made is not None
    assert (made.earliest, made.basis) == (date(2021, 2, 6), "inferred")
    assert said.performance is not None
    assert said.performance.due is not None
    assert said.performance.due.latest == date(2021, 12, 31)


async def test_an_altered_file(registry: Registry, files: list[Path]) -> None:
    head = await registry.head()
    text = SECOND.replace('name = "某甲", title = "书记"', 'name = "某甲", title = "书记", organisations = ["甲市"]')
    text = text.replace('kind = { is = "request", basis = "curated" }\n', 'kind = "proposal"\n')
    text = text.replace('topics = [{ about = "meetings/第二次联席会议" }]\n', "")
    files[1].write_text(text, encoding="utf-8")
    [report] = await seeding.seed(registry, files[1:])
    assert (report.corrected, report.voided, report.left) == (2, 1, ())
    assert await registry.head() == head + report.events + 1
    [chair] = [one for one in (await meeting(registry)).attendance.values() if one.person is not None]
    assert chair.person is not None
    assert chair.person.organisations == (seeding.thing_id("parties", "甲市"),)
    ref = Ref("statements", seeding.thing_id("statements", "要求"))
    said: Statement = (await registry.read([ref]))[ref].base
    assert said.header is not None
    assert (said.header.kind, said.topics) == ("proposal", {})


async def test_a_kind_told_later_is_told_alone(registry: Registry, files: list[Path]) -> None:
    text = FIRST.replace('kinds = ["joint_conference"]\n', "")
    files[0].write_text(text, encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.events, report.voided) == (1, 1)
    files[0].write_text(FIRST, encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.events, report.corrected) == (1, 0)
    assert set((await meeting(registry)).kinds) == {"joint_conference"}
