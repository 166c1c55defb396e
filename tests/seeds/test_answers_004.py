"""What document 004 says, written down by hand by somebody who read it, against what the registry answers."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from service import seeding
from service.config import room
from service.domain.meeting import state as meeting_state
from service.domain.meeting.state import Meeting
from service.domain.party import state as party_state
from service.domain.values import PrintedName
from service.registry import Registry
from tests.seeds.reading import party, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPORT = "004_a7715087ed615986"
DOCUMENTS = {seeding.thing_id("documents", path.stem): path.stem[:3] for path in room("seeds").glob("*.toml")}
KNOWN_BY = date(2020, 10, 30)


def said_in(sources: Iterable[Any]) -> set[str]:
    """The documents, by their numbers, whose words a part rests on."""
    return {DOCUMENTS[citation.document] for source in sources for citation in source.citations}


async def test_a_report_with_broken_bytes(seeded: Registry) -> None:
    document = await read(seeded, "documents", REPORT)
    header = document.header
    assert (header.kind, header.language, header.script, header.length) == ("repost", "zh", "hant", 2205)
    assert header.title is None, "three headings within the text, and none above it"
    assert header.publisher is None, "who put out this text is not said"
    [original] = document.republications.values()
    assert original.printed == PrintedName(printed="?。蠒r報", restored="济南时报", script="hant")
    assert document.reliability.level == "medium"
    [part] = document.segments.parts
    assert [(span.start, span.end) for span in part.spans] == [(0, 2205)]
    assert document.parts["1"].genre == "report"


async def test_no_day_stands_in_it(seeded: Registry) -> None:
    header = (await read(seeded, "documents", REPORT)).header
    assert (header.date.earliest, header.date.latest, header.date.precision) == (None, KNOWN_BY, "before")
    assert header.date.basis == "external"


TRADITIONAL = {
    "济南市": {"濟南市": "济南市", "濟南": "济南"},
    "省会经济圈": {"省會經濟圈": "省会经济圈"},
    "周村区": {"周村區": "周村区"},
    "齐河县": {"齊河縣": "齐河县"},
    "邹平市": {"鄒平市": "邹平市"},
    "济南新旧动能转换先行区": {"濟南新舊動能轉換先行區": "济南新旧动能转换先行区"},
    "四地一体化发展新机制": {"一體化發展新機制": "济南新旧动能转换先行区等四地一体化发展新机制"},
    "济南国际内陆港": {"國際內陸港": "济南国际内陆港"},
    "中国(山东)自由贸易试验区": {"中國(山東)自由貿易試驗區": "中国(山东)自由贸易试验区"},
    "长三角": {"長三角": "长三角"},
    "雄安新区": {"雄安新區": "雄安新区"},
}


async def test_one_party_in_both_scripts(seeded: Registry) -> None:
    for key, forms in TRADITIONAL.items():
        body = await read(seeded, "parties", key)
        traditional = {name: one for name, one in body.aliases.items() if "traditional" in one.sorts}
        assert {name: one.alias.meant for name, one in traditional.items()} == forms
        assert {one.alias.script for one in traditional.values()} == {"hant"}
        assert all(said_in(one.sources) == {"004"} for one in traditional.values())
        assert body.header.name.script is None, "the registered name is another document's"


async def test_the_mechanism_of_four_places_stands_in_both(seeded: Registry) -> None:
    mechanism = await read(seeded, "parties", "四地一体化发展新机制")
    four = ("济南新旧动能转换先行区", "周村区", "齐河县", "邹平市")
    assert set(mechanism.members) == {str(party(name)) for name in four}
    assert all(said_in(one.sources) == {"003", "004"} for one in mechanism.members.values())
    assert said_in(mechanism.steps["proposed"].sources) == {"003", "004"}
    day = mechanism.steps["proposed"].effective
    assert (day.earliest, day.latest, day.precision) == (None, date(2021, 2, 6), "before")
    assert day.latest > KNOWN_BY, "the two sources agree, and one bound is wider"
    assert party_state.status(mechanism, seeded.today()) == "proposed"


async def test_an_office_and_the_group_whose_it_is(seeded: Registry) -> None:
    group, office = "济南市推进省会经济圈一体化发展工作领导小组", "济南市推进省会经济圈一体化发展工作领导小组办公室"
    led = await read(seeded, "parties", group)
    assert led.header.parent == party("济南市")
    assert led.secretariat.secretariat == party(office)
    assert {source.basis for source in led.secretariat.sources} == {"inferred"}
    desk = await read(seeded, "parties", office)
    assert (desk.header.kind, desk.header.parent) == ("office", party(group))
    assert desk.header.name.printed.startswith("濟南市推進省會經濟圈")


PROPOSED = {
    "省会经济圈教育联盟": "alliance",
    "省会经济圈医联体": "alliance",
    "省会经济圈专科联盟": "alliance",
    "“走出去”产业联盟": "alliance",
    "省会经济圈政务数据共享开放工作机制": "mechanism",
    "省会经济圈跨区域生态环境保护机制": "mechanism",
    "“山水圣人”中华文化枢轴文旅合作机制": "mechanism",
    "省会经济圈教育长效合作机制": "mechanism",
    "省会经济圈转诊和远程医疗合作机制": "mechanism",
    "黄河流域合作新机制": "mechanism",
    "国家重大战略互动机制": "mechanism",
    "省会经济圈工业大数据平台": "facility",
    "省会经济圈绿色一体化发展示范区": "zone",
    "“山水圣人”文化枢轴": "region",
    "黄河生态保护带": "region",
}


async def test_what_the_opinion_is_to_found(seeded: Registry) -> None:
    for key, kind in PROPOSED.items():
        body = await read(seeded, "parties", key)
        assert body.header.kind == kind
        assert body.header.name.meant == key
        assert list(body.steps) == ["proposed"], "whether it came to be is not said"
        proposed = body.steps["proposed"]
        assert proposed.by == (party("济南市"),)
        [said] = [source for source in proposed.sources if "by" in source.fields]
        assert said.basis == "inferred", "no sentence says who is to do it"
        assert (proposed.effective.earliest, proposed.effective.latest) == (None, KNOWN_BY)
        assert proposed.effective.basis == "external"
        assert party_state.status(body, seeded.today()) == "proposed"


async def test_a_name_in_pieces(seeded: Registry) -> None:
    header = (await read(seeded, "parties", "省会经济圈专科联盟")).header
    assert header.name.printed == "??坡撁?"
    assert header.name.simplified == "专科联盟"
    assert {source.basis for source in header.sources} == {"restored"}


async def test_who_shares_the_axis_of_culture(seeded: Registry) -> None:
    body = await read(seeded, "parties", "“山水圣人”中华文化枢轴文旅合作机制")
    assert set(body.members) == {str(party(name)) for name in ("济南市", "泰安市", "济宁市")}
    assert {source.basis for one in body.members.values() for source in one.sources} == {"inferred"}
    circle = await read(seeded, "parties", "省会经济圈")
    assert str(party("济宁市")) not in circle.members


async def test_a_fair_announced_without_a_day(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", "省会经济圈品牌农产品联合展示交易会")
    assert meeting_state.status(meeting) == "announced"
    assert meeting.steps["announced"].planned is None
    assert {one.party for one in meeting.conveners.values()} == {party("济南市")}
    assert meeting.header is not None
    assert set(meeting.kinds) == {"fair"}


async def test_it_tells_of_no_agreement_and_nobody_speaks() -> None:
    seed = seeding.load(room("seeds") / f"{REPORT}.toml")
    told = {wish.ref.category for wish in seed.wishes}
    assert told == {"documents", "parties", "meetings", "plans", "tasks", "projects", "figures", "discrepancies"}
