"""What document 003 says, written down by hand by somebody who read it, against what the registry answers."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
import pytest

from service import seeding
from service.config import room
from service.domain.agreement.state import Agreement
from service.domain.meeting import state as meeting_state
from service.domain.meeting.state import Meeting
from service.domain.party import state as party_state
from service.domain.statement.state import Statement
from service.domain.values import PrintedName
from service.registry import Registry
from tests.seeds.reading import party, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRESS = "003_f658ecd486b2cd0d"
DOCUMENTS = {seeding.thing_id("documents", path.stem): path.stem[:3] for path in room("seeds").glob("*.toml")}
CONFERENCE = "省会经济圈第二次联席会议"
SEVEN_CITIES = ("济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市")
SEVEN = {party(city) for city in SEVEN_CITIES}
FOUR = {
    "省会经济圈交通一体化协同推进合作协议": "交通一体化协同推进",
    "省会经济圈民生事项共建共享合作协议": "民生事项共建同享",
    "省会经济圈投资促进携手联动合作协议": "出资促进携手联动",
    "省会经济圈投融资平台共建共享合作协议": "投融资平台共建同享",
}
DAY = (date(2021, 2, 6), date(2021, 2, 6))


def said_in(sources: Iterable[Any], field: str | None = None) -> set[str]:
    """The documents, by their numbers, whose words a part rests on, or one field of it."""
    return {
        DOCUMENTS[citation.document]
        for source in sources
        if field is None or not source.fields or field in source.fields
        for citation in source.citations
    }


async def test_both_conveners_of_one_conference(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", CONFERENCE)
    named = {
        one.party: (one.role, one.wording.meant if one.wording else None, said_in(one.sources))
        for one in meeting.conveners.values()
    }
    assert named == {
        party("济南市"): ("host", "组织举办", {"002"}),
        party("山东省委"): ("convener", "召开", {"003"}),
        party("山东省政府"): ("convener", "召开", {"003"}),
    }
    held = meeting.steps["held"]
    assert held.effective is not None
    assert (held.effective.earliest, held.effective.latest) == DAY
    assert held.effective.basis == "inferred", "no year stands in either dateline"
    assert said_in(held.sources) == {"002", "003"}
    [session] = meeting.sessions.values()
    assert (session.body, session.number) == (party("省会经济圈一体化发展联席会议"), 2)
    assert said_in(session.sources) == {"002", "003"}


async def test_the_conferences_names(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", CONFERENCE)
    assert meeting.header is not None
    title = "省会经济圈“一圈同城 共建共享”推进会议暨第二次联席会"
    assert meeting.header.title == PrintedName(printed=title)
    kinds = {kind: said_in(one.sources) for kind, one in meeting.kinds.items()}
    assert kinds == {"joint_conference": {"002", "003"}, "promotion_meeting": {"003"}}
    others = {one.title.printed: said_in(one.sources) for one in meeting.titles.values()}
    assert others == {"第2次联席会议": {"002"}, "省会经济圈推进会议暨第二次联席会": {"003"}}


async def test_who_was_there_with_titles_as_printed(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", CONFERENCE)
    people = {
        (one.person.name.printed, one.person.title, one.role)
        for one in meeting.attendance.values()
        if one.person is not None
    }
    assert people == {
        ("王书坚", "省委常委、常务副省长", "attendee"),
        ("王书坚", "省委常委、常务副省长", "speaker"),
        ("孙立成", "省委常委、济南市委书记", "chair"),
        ("孙立成", "省委常委、济南市委书记", "speaker"),
        ("孙述涛", "济南市委副书记、市长", "attendee"),
        ("孙述涛", "济南市委副书记、市长", "speaker"),
    }
    groups = {(one.group, one.party) for one in meeting.attendance.values() if one.group is not None}
    assert groups == {
        ("省有关部门主要负责同志", party("山东省")),
        *(("党委、政府主要负责同志", city) for city in SEVEN),
    }
    spoke = {one.party for one in meeting.attendance.values() if one.person is None and one.role == "speaker"}
    assert spoke == SEVEN
    unnamed = [one for one in meeting.attendance.values() if one.party in SEVEN]
    assert {source.basis for one in unnamed for source in one.sources} == {"inferred"}, "the page says seven cities"


async def test_what_was_adopted_assigned_and_done(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", CONFERENCE)
    assert sorted(one.manner for one in meeting.resolutions.values()) == ["adopted", "assigned"]
    [plan] = [one for one in meeting.resolutions.values() if one.manner == "adopted"]
    assert plan.text == "审议通过“369”行动计划。"
    assert plan.name == PrintedName(printed="省会经济圈一体化发展“369”行动方案")
    assert plan.version == "审议稿"
    assert set(plan.by) == SEVEN
    assert said_in(plan.sources, "text") >= {"002"}
    assert said_in([source for source in plan.sources if "version" in source.fields]) == {"003"}
    hall = f"parties/{party('省会经济圈京沪会客厅')}"
    done = {one.sort: (one.about, said_in(one.sources)) for one in meeting.activities.values()}
    assert done == {"reviewed": (None, {"003"}), "launched": (hall, {"003"}), "toured": (hall, {"003"})}
    opened = (await read(seeded, "parties", "省会经济圈京沪会客厅")).steps["founded"]
    assert (opened.manner, opened.effective.earliest) == ("opened", DAY[0])


async def test_one_agreement_under_both_titles(seeded: Registry) -> None:
    for key, short in FOUR.items():
        agreement: Agreement = await read(seeded, "agreements", key)
        assert agreement.header is not None
        assert agreement.header.title == PrintedName(printed=key)
        assert said_in([source for source in agreement.header.sources if "title" in source.fields]) == {"003"}
        assert list(agreement.titles) == [short]
        assert said_in(agreement.titles[short].sources) == {"002"}
        signed = agreement.steps["signed"]
        assert signed.effective is not None
        assert (signed.effective.earliest, signed.effective.latest) == DAY
        assert said_in(signed.sources) == {"002", "003"}
        [link] = agreement.links.values()
        assert (link.relation, link.target) == ("signed_at", f"meetings/{seeding.thing_id('meetings', CONFERENCE)}")
        assert said_in(link.sources) == {"002", "003"}
        assert agreement.signatories == {}


async def test_four_agreements_and_no_more_were_signed_that_day(seeded: Registry) -> None:
    signed = [msgspec.json.decode(line) async for chunk in seeded.lines(type="agreement.signed") for line in chunk]
    that_day = {line["subject"] for line in signed if line.get("effective") == "2021-02-06"}
    assert that_day == {f"agreements/{seeding.thing_id('agreements', key)}" for key in FOUR}


ASKED = [
    ("王书坚要求对接国家战略", "王书坚", SEVEN, {"省会经济圈七市"}),
    ("王书坚要求融入新发展格局", "王书坚", set(), set()),
    ("王书坚要求济南提升带动作用", "王书坚", {party("济南市")}, {"济南市"}),
    ("王书坚要求圈内各市支撑互动", "王书坚", SEVEN, {"圈内各市"}),
    ("王书坚要求七市加强组织领导", "王书坚", SEVEN, {"七市党委、政府"}),
    ("王书坚要求省直部门支持", "王书坚", set(), {"省直有关部门"}),
    ("王书坚要求推动工作落实", "王书坚", set(), set()),
    ("孙立成要求共建互联城市圈", "孙立成", set(), set()),
    ("孙立成要求共建产业创新圈", "孙立成", set(), set()),
    ("孙立成要求共建绿色生态圈", "孙立成", set(), set()),
    ("孙立成要求共建普惠生活圈", "孙立成", set(), set()),
    ("孙立成要求加强区域协作", "孙立成", set(), set()),
    ("孙立成要求建立行业一体化机制", "孙立成", set(), set()),
    (
        "孙立成要求联席会议办公室履职",
        "孙立成",
        {party("省会经济圈一体化发展联席会议办公室")},
        {"省会经济圈一体化发展联席会议办公室"},
    ),
    ("孙立成希望省直部门和驻鲁单位支持", "孙立成", set(), {"省直部门", "驻鲁单位"}),
]


async def test_what_two_speakers_asked(seeded: Registry) -> None:
    for key, speaker, performers, addressees in ASKED:
        statement: Statement = await read(seeded, "statements", key)
        assert statement.header is not None
        assert statement.header.kind == "request"
        made = statement.steps["made"]
        assert made.meeting == seeding.thing_id("meetings", CONFERENCE)
        assert made.effective is not None
        assert (made.effective.earliest, made.effective.latest) == DAY
        [spoke] = [one for one in statement.participants.values() if one.role == "speaker"]
        assert spoke.person is not None
        assert spoke.person.name.printed == speaker
        assert spoke.person.title is not None
        asked = [one for one in statement.participants.values() if one.role == "addressee"]
        assert {one.group or (one.name.meant if one.name else "") for one in asked} == addressees
        asked_of = set(statement.performance.performers) if statement.performance is not None else set()
        assert asked_of == performers


async def test_seven_cities_spoke_and_nobody_says_what(seeded: Registry) -> None:
    statement: Statement = await read(seeded, "statements", "七市在第二次联席会议上发言")
    assert statement.header is not None
    assert statement.header.kind is None
    assert {one.party for one in statement.participants.values()} == SEVEN
    assert {one.role for one in statement.participants.values()} == {"speaker"}
    assert statement.performance is None


async def test_a_mechanism_among_four_places(seeded: Registry) -> None:
    mechanism = await read(seeded, "parties", "四地一体化发展新机制")
    assert mechanism.header.kind == "mechanism"
    members = {"济南新旧动能转换先行区": "济南市", "周村区": "淄博市", "齐河县": "德州市", "邹平市": "滨州市"}
    assert set(mechanism.members) == {str(party(name)) for name in members}
    assert party_state.status(mechanism, seeded.today()) == "proposed"
    for name, city in members.items():
        assert (await read(seeded, "parties", name)).header.parent == party(city)


BY_THAT_DAY = (
    "四地一体化发展新机制",
    "省会经济圈文旅推广联盟",
    "RCEP经贸合作示范区",
    "济泺路穿黄隧道",
    "东阿至东平黄河大桥",
    "大汶河绿色生态长廊",
)


async def test_what_the_draft_is_to_found_was_proposed_by_its_day(seeded: Registry) -> None:
    for key in BY_THAT_DAY:
        proposed = (await read(seeded, "parties", key)).steps["proposed"]
        date = proposed.effective
        assert (date.earliest, date.latest, date.precision) == (None, DAY[1], "before"), key
        assert date.basis == "inferred"
    four = (await read(seeded, "parties", "四地一体化发展新机制")).steps["proposed"]
    assert said_in(four.sources) == {"003", "004"}, "the older text says nothing else: it is within the bound"


PLANNED = [("省会经济圈文旅推广联盟", "established"), ("济泺路穿黄隧道", "opened")]


async def test_planned_in_february_done_by_december(seeded: Registry) -> None:
    for key, manner in PLANNED:
        body = await read(seeded, "parties", key)
        proposed, founded = body.steps["proposed"], body.steps["founded"]
        assert said_in(proposed.sources) == {"003"}
        assert (proposed.effective.earliest, proposed.effective.latest) == (None, DAY[1])
        assert said_in(founded.sources) == {"002"}
        assert (founded.manner, founded.effective.latest) == (manner, date(2021, 12, 1))
        assert party_state.status(body, seeded.today()) == "active"


RIGHT = ("东营胜利机场", "省会经济圈一体化发展联席会议", "省会经济圈一体化发展联席会议办公室")
OTHER = {"济南遥墙国际机场": "济南国际机场", "济泺路穿黄隧道": "济泺路穿黄隧道"}


async def test_a_name_restored_from_a_garbled_page_is_attested_by_a_clean_one(seeded: Registry) -> None:
    for name in RIGHT:
        header = (await read(seeded, "parties", name)).header
        assert header.name == PrintedName(printed=name)
        bases = {source.basis: said_in([source]) for source in header.sources if not source.fields}
        bases |= {source.basis: said_in([source]) for source in header.sources if "name" in source.fields}
        assert bases == {"restored": {"002"}, "stated": {"003"}}
    for key, right in OTHER.items():
        assert said_in((await read(seeded, "parties", key)).aliases[right].sources) == {"003"}


TOPICS = {"郑州市", "西安市", "京津冀协同发展区", "长三角"}


async def test_with_whom_the_seven_cities_are_to_work(seeded: Registry) -> None:
    statement: Statement = await read(seeded, "statements", "王书坚要求对接国家战略")
    assert {one.about for one in statement.topics.values()} == {f"parties/{party(name)}" for name in TOPICS}
    for name, sources in {
        "长三角": {"003", "004"},
        "雄安新区": {"003", "004"},
        "京津冀协同发展区": {"001", "003", "004"},
    }.items():
        body = await read(seeded, "parties", name)
        parts = [body.header, *body.aliases.values()]
        assert said_in([source for part in parts for source in part.sources]) == sources


async def test_the_ports_stand_in_both(seeded: Registry) -> None:
    for name in ("东营港", "滨州港", "广利港"):
        assert said_in((await read(seeded, "parties", name)).header.sources) == {"002", "003"}


HOLDERS = [
    ("山东省委", "王书坚", "省委常委"),
    ("山东省委", "孙立成", "省委常委"),
    ("山东省政府", "王书坚", "常务副省长"),
    ("济南市委", "孙立成", "济南市委书记"),
    ("济南市委", "孙述涛", "济南市委副书记"),
    ("济南市政府", "孙述涛", "市长"),
]


async def test_office_holders_of_that_day(seeded: Registry) -> None:
    for office, name, title in HOLDERS:
        holders = (await read(seeded, "parties", office)).holders.values()
        [seen] = [one for one in holders if one.person.name.printed == name]
        assert (seen.person.title, seen.standing) == (title, "current")
        assert (seen.seen.earliest, seen.seen.basis) == (DAY[0], "inferred")


ANNOUNCED = [
    "省会经济圈与跨国公司(上海)合作交流会",
    "“新发展·新格局·新济南”北京推介会",
    "省会经济圈与央企(北京)合作交流会",
    "面向RCEP、抱团出海、深耕日韩联合招商推介会",
    "山东省省会经济圈商品巡回展",
    "省会经济圈文化旅游资源推介大会",
]


async def test_meetings_announced_and_not_known_to_have_been_held(seeded: Registry) -> None:
    for key in ANNOUNCED:
        meeting: Meeting = await read(seeded, "meetings", key)
        assert meeting_state.status(meeting) == "announced"
        day = meeting.steps["announced"].effective
        assert day is not None
        assert (day.earliest, day.latest) == (None, DAY[1])


async def test_two_texts_on_one_page(seeded: Registry) -> None:
    document = await read(seeded, "documents", PRESS)
    assert (document.header.kind, document.header.publisher.printed) == ("press", "齐鲁晚报·齐鲁壹点")
    assert (document.header.date.earliest, document.header.date.precision) == (DAY[0], "after")
    assert document.header.date.basis == "inferred"
    assert [len(part.spans) for part in document.segments.parts] == [6, 3]
    first, second = (document.parts[part.key] for part in document.segments.parts)
    assert first.title.printed == "七市要在推进同城化上迈出新步伐"
    assert second.title.printed.startswith("省会经济圈一体化行动“369”方案有眉目了")
    assert [(one.name.printed, one.role) for one in first.credits] == [("刘飞跃", "记者"), ("夏侯凤超", "记者")]
    assert [(one.name.printed, one.role) for one in second.credits] == [
        ("刘飞跃", "记者"),
        ("夏侯凤超", "记者"),
        ("孟蕾", "实习生"),
    ]
    assert (first.publisher, second.publisher.printed) == (None, "齐鲁晚报·齐鲁壹点")
    assert second.date is None, "the second text has no dateline"
