"""What document 002 says, written down by hand by somebody who read it, against what the registry answers."""

import re
from datetime import date

import msgspec
import pytest

from service import seeding
from service.config import room
from service.domain.agreement.life import status
from service.domain.agreement.state import Agreement
from service.domain.meeting.state import Meeting
from service.domain.party import state as party_state
from service.domain.statement.state import Statement
from service.domain.values import PrintedName
from service.registry import Registry
from tests.seeds.reading import party, places, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILE = room("seeds") / "002_ae8b647692afbd4d.toml"
STEM = FILE.stem
SEVEN_CITIES = ("济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市")
COMPENSATION = "济泰流域横向生态补偿协议"
ONE_STOP = "政务服务全省通办合作协议"


async def test_seven_offices_and_the_cities_that_they_belong_to(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", ONE_STOP)
    assert agreement.header is not None
    assert agreement.header.title == PrintedName(printed="政务服务全省通办协作协议", restored=ONE_STOP)
    assert set(agreement.kinds) == {"one_stop_service"}
    belongs = {
        "济阳区": ("济南市", {"stated"}),
        "德城区": ("德州市", {"stated"}),
        "沾化区": ("滨州市", {"stated"}),
        "垦利区": ("东营市", {"stated"}),
        "高青县": ("淄博市", {"external"}),
        "宁阳县": ("泰安市", {"external"}),
        "高唐县": ("聊城市", {"external"}),
    }
    offices = {party(f"{county}行政审批服务局") for county in belongs}
    assert {signatory.party for signatory in agreement.signatories.values()} == offices
    for county, (city, basis) in belongs.items():
        office = (await read(seeded, "parties", f"{county}行政审批服务局")).header
        assert (office.kind, office.parent, office.name.meant) == ("agency", party(county), f"{county}行政审批服务局")
        above = (await read(seeded, "parties", county)).header
        assert (above.kind, above.parent) == ("county", party(city))
        told = [source for source in above.sources if not source.fields or "parent" in source.fields][-1]
        assert {told.basis} == basis
        assert told.citations
        assert told.note or basis == {"stated"}
    [clause] = agreement.clauses.values()
    assert "191项" in (clause.text or "")
    assert (set(clause.obligors), clause.beneficiaries, clause.manner) == (offices, (), None)
    assert [source.basis for source in clause.sources] == ["stated", "inferred"]
    assert agreement.signatures == {}


async def test_four_districts_with_three(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", COMPENSATION)
    assert agreement.header is not None
    assert agreement.header.title == PrintedName(printed="流域横向生态补偿协议")
    assert set(agreement.kinds) == {"ecological_compensation"}
    assert agreement.header.instruments is None, "how many papers there are is unsaid"
    assert agreement.declared is not None
    assert (agreement.declared.signatories, agreement.declared.pairing) == (None, "unknown")
    sides = {signatory.party: signatory.side for signatory in agreement.signatories.values()}
    assert sides == {
        **{party(name): "济南" for name in ("莱芜区", "钢城区", "长清区", "平阴县")},
        **{party(name): "泰安" for name in ("岱岳区", "肥城市", "东平县")},
    }
    assert agreement.compensation == {}, "nobody says who lies upstream, or what is paid"
    assert agreement.signatures == {}
    assert agreement.clauses == {}, "the principle is why they signed, not a clause"
    assert 56 in places(agreement.header.sources)
    day = agreement.steps["signed"].effective
    assert day is not None
    assert (day.earliest, day.latest) == (date(2021, 10, 21), date(2021, 10, 31))
    assert (day.precision, day.printed, day.basis) == ("ten_days", "10月下旬", "inferred")
    assert "2021-12-01" in (agreement.steps["signed"].sources[0].note or "")
    for name, city in (("钢城区", "济南市"), ("平阴县", "济南市"), ("东平县", "泰安市")):
        assert (await read(seeded, "parties", name)).header.parent == party(city)


async def test_a_parent_that_was_inferred_is_stated_here(seeded: Registry) -> None:
    header = (await read(seeded, "parties", "长清区")).header
    assert header.parent == party("济南市")
    bases = [source.basis for source in header.sources if not source.fields or "parent" in source.fields]
    assert "inferred" in bases
    assert "stated" in bases


FOUR = [
    ("省会经济圈交通一体化协同推进合作协议", "交通一体化协同推进", None),
    ("省会经济圈民生事项共建共享合作协议", "民生事项共建同享", "民生事项共建共享"),
    ("省会经济圈投资促进携手联动合作协议", "出资促进携手联动", "投资促进携手联动"),
    ("省会经济圈投融资平台共建共享合作协议", "投融资平台共建同享", "投融资平台共建共享"),
]


async def test_four_agreements_of_one_day(seeded: Registry) -> None:
    for key, short, restored in FOUR:
        agreement: Agreement = await read(seeded, "agreements", key)
        assert agreement.header is not None
        assert set(agreement.kinds) == {"sector_cooperation"}
        assert agreement.header.instruments == 1
        held = agreement.titles[short]
        assert held.title == PrintedName(printed=short, restored=restored)
        assert held.variant == "short"
        assert agreement.signatories == {}, "who signed is unsaid"
        day = agreement.steps["signed"].effective
        assert day is not None
        assert (day.earliest, day.latest) == (date(2021, 2, 6), date(2021, 2, 6))
        assert (day.printed, day.basis) == ("今年2月6日", "inferred")


async def test_jinan_with_zibo(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", "济淄同城化建设战略合作协议")
    assert agreement.header is not None
    assert agreement.header.title == PrintedName(printed="同城化建造战略协作协议", restored="同城化建设战略合作协议")
    assert set(agreement.kinds) == {"strategic_framework"}
    jinan, zibo = party("济南市"), party("淄博市")
    assert {signatory.party: signatory.side for signatory in agreement.signatories.values()} == {
        jinan: "济南",
        zibo: "淄博",
    }
    assert [clause.heading for clause in agreement.clauses.values()] == ["基础设施", "产业融合", "科技合作"]
    for clause in agreement.clauses.values():
        assert set(clause.obligors) == set(clause.beneficiaries) == {jinan, zibo}
    day = agreement.steps["signed"].effective
    assert day is not None
    assert (day.earliest, day.latest, day.precision) == (None, date(2021, 12, 1), "before")


async def test_the_chairs_of_the_cppcc_signed_a_mechanism(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", "省会经济圈政协主席联席会议机制")
    assert agreement.header is not None
    assert set(agreement.kinds) == {"mechanism_charter"}
    assert agreement.signatories == {}
    assert status(agreement, seeded.today()) == "signed"
    [link] = [link for link in agreement.links.values() if link.relation == "constitutes"]
    assert link.target == f"parties/{party('省会经济圈政协主席联席会议')}"
    [at] = [link for link in agreement.links.values() if link.relation == "signed_at"]
    assert at.target == f"meetings/{seeding.thing_id('meetings', '省会经济圈政协主席第一次联席会议')}"
    body = await read(seeded, "parties", "省会经济圈政协主席联席会议")
    assert body.header.kind == "joint_conference"
    assert body.header.name.printed == "省会经济圈政协主席第一次联席会议"
    meeting: Meeting = await read(seeded, "meetings", "省会经济圈政协主席第一次联席会议")
    [convener] = meeting.conveners.values()
    assert (convener.party, convener.role) == (party("济南市政协"), "host")
    assert convener.wording == PrintedName(printed="安排举办", restored="组织举办")
    [session] = meeting.sessions.values()
    assert (session.body, session.number) == (party("省会经济圈政协主席联席会议"), 1)
    [talk] = meeting.activities.values()
    assert (talk.sort, meeting.resolutions) == ("discussed", {}), "talked over, not adopted"


HELD = [
    ("省会经济圈对日合作对接会", "省会经济圈对日协作对接会", "matchmaking"),
    ("省会经济圈暨沿黄9市研学旅游座谈会", "省会经济圈暨沿黄9市研学游览座谈会", "symposium"),
    ("山东省会经济圈文化创意项目推进会", "山东省会经济圈文明创意项目推进会", "promotion_meeting"),
    ("黄河流域生态廊道暨生态保护重点项目开工活动", "黄河流域生态廊道暨生态维护要点项目开工活动", "ceremony"),
]


async def test_meetings_without_a_day(seeded: Registry) -> None:
    for key, printed, kind in HELD:
        meeting: Meeting = await read(seeded, "meetings", key)
        assert meeting.header is not None
        assert meeting.header.title == PrintedName(printed=printed, restored=key)
        assert set(meeting.kinds) == {kind}
        day = meeting.steps["held"].effective
        assert day is not None
        assert (day.earliest, day.latest, day.basis) == (None, date(2021, 12, 1), "inferred")
        assert meeting.conveners == {}, "who called it is unsaid"


async def test_seven_cities_looked_for_investors_together(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", "省会经济圈对日合作对接会")
    [done] = meeting.activities.values()
    assert done.sort == "promoted"
    assert set(done.by) == {party(city) for city in SEVEN_CITIES}
    assert done.sources[0].basis == "stated"
    assert [source.basis for source in done.sources if "by" in source.fields] == ["inferred"]


async def test_a_talk_with_the_cities(seeded: Registry) -> None:
    statement: Statement = await read(seeded, "statements", "济南市发改委与圈内各市座谈")
    assert statement.header is not None
    assert statement.header.kind == "talk"
    visit: Meeting = await read(seeded, "meetings", "济南市发改委赴圈内各市考察")
    assert statement.steps["made"].meeting == seeding.thing_id("meetings", "济南市发改委赴圈内各市考察")
    commission, others = party("济南市发展和改革委员会"), {party(city) for city in SEVEN_CITIES} - {party("济南市")}
    spoke = {one.party: one.sources[0].basis for one in statement.participants.values() if one.role == "speaker"}
    assert spoke == {commission: "restored", **dict.fromkeys(others, "inferred")}
    assert {(one.role, one.party) for one in visit.attendance.values()} == {
        ("visitor", commission),
        *(("host", city) for city in others),
    }


FOUNDED = [
    ("省会经济圈区块链产业创新发展联盟", "省会经济圈区块链工业创新展开联盟", "alliance", "established"),
    ("省会经济圈中医药一体化发展联盟", "“1+6”中医药一体化展开联盟", "alliance", "established"),
    ("省会经济圈体育产业合作联盟", "体育工业协作联盟", "alliance", "established"),
    ("省会经济圈文旅推广联盟", "省会经济圈文旅推广联盟", "alliance", "established"),
    ("山东省步行街联盟", "山东省步行街联盟", "alliance", "established"),
    ("省会经济圈院前医疗急救一体化发展联盟", "省会经济圈院前医疗急救一体化展开联盟", "alliance", "established"),
    ("省会经济圈反走私联盟", "反走私联盟", "alliance", "established"),
    ("省会经济圈研学旅游促进会", "省会经济圈研学游览促进会", "association", "established"),
    ("山东省会经济圈文创发展工作委员会", "山东省会经济圈文创展开作业委员会", "committee", "unveiled"),
    ("省会经济圈行政执法合作机制", "行政法律", "mechanism", "established"),
    ("省会经济圈就业创业合作机制", "工作创业", "mechanism", "established"),
    ("省会经济圈文旅会客厅", "省会经济圈文旅会客厅", "facility", "established"),
    (
        "中企国云星生(济南)股权投资合伙企业(有限合伙)",
        "中企国云星生(济南)股权出资合伙企业(有限合伙)",
        "enterprise",
        "incorporated",
    ),
]


async def test_what_was_founded(seeded: Registry) -> None:
    for key, printed, kind, manner in FOUNDED:
        body = await read(seeded, "parties", key)
        assert body.header.kind == kind
        assert printed in {body.header.name.printed, *body.aliases}
        assert body.steps["founded"].manner == manner
        assert body.steps["founded"].effective.latest == date(2021, 12, 1)
        assert party_state.status(body, seeded.today()) == "active"
        assert body.members == {}, "who belongs to it is unsaid"


async def test_the_fund_sits_in_the_high_tech_zone(seeded: Registry) -> None:
    fund = await read(seeded, "parties", "中企国云星生(济南)股权投资合伙企业(有限合伙)")
    assert [place.place for place in fund.places.values()] == [party("济南高新区")]
    assert "QFLP" in fund.steps["founded"].sources[0].note


async def test_the_hall_has_three_places(seeded: Registry) -> None:
    hall = await read(seeded, "parties", "省会经济圈文旅会客厅")
    assert {place.place for place in hall.places.values()} == {party("西客站"), party("印象济南"), party("融创文旅城")}


REPLACED = {
    "济南市发展和改革委员会": {
        "济南市展开和改革委员会": "济南市发展和改革委员会",
        "济南市展开改革委": "济南市发展改革委",
    },
    "省会经济圈一体化发展联席会议": {"省会经济圈一体化展开联席会议": "省会经济圈一体化发展联席会议"},
    "省会经济圈一体化发展联席会议办公室": {"省会经济圈一体化展开联席会议办公室": "省会经济圈一体化发展联席会议办公室"},
    "省会经济圈区块链产业创新发展联盟": {"省会经济圈区块链工业创新展开联盟": "省会经济圈区块链产业创新发展联盟"},
    "省会经济圈中医药一体化发展联盟": {"“1+6”中医药一体化展开联盟": "省会经济圈“1+6”中医药一体化发展联盟"},
    "省会经济圈体育产业合作联盟": {"体育工业协作联盟": "省会经济圈体育产业合作联盟"},
    "省会经济圈院前医疗急救一体化发展联盟": {
        "省会经济圈院前医疗急救一体化展开联盟": "省会经济圈院前医疗急救一体化发展联盟"
    },
    "省会经济圈研学旅游促进会": {"省会经济圈研学游览促进会": "省会经济圈研学旅游促进会"},
    "山东省会经济圈文创发展工作委员会": {"山东省会经济圈文创展开作业委员会": "山东省会经济圈文创发展工作委员会"},
    "省会经济圈法治合作机制": {"法治协作": "省会经济圈法治合作机制"},
    "省会经济圈行政执法合作机制": {"行政法律": "省会经济圈行政执法合作机制"},
    "省会经济圈就业创业合作机制": {"工作创业": "省会经济圈就业创业合作机制"},
    "中企国云星生(济南)股权投资合伙企业(有限合伙)": {
        "中企国云星生(济南)股权出资合伙企业(有限合伙)": "中企国云星生(济南)股权投资合伙企业(有限合伙)"
    },
    "济泺路穿黄隧道": {"济南黄河济泺路地道": "济南黄河济泺路隧道"},
    "济南遥墙国际机场": {"济南遥墙世界机场": "济南遥墙国际机场"},
    "东营胜利机场": {"东营成功机场": "东营胜利机场"},
    "印象济南": {"形象济南": "印象济南"},
}
"""Every party whose name the page prints with a replaced word: what is printed, and what is meant."""


async def test_a_party_has_the_name_that_is_meant_and_the_page_prints_another(seeded: Registry) -> None:
    for key, spun in REPLACED.items():
        body = await read(seeded, "parties", key)
        assert body.header.name.printed in spun.values()
        assert body.header.name.restored is None
        assert {one.alias.printed: one.alias.restored for one in body.aliases.values() if "spun" in one.sorts} == spun
        assert all(source.basis == "restored" for name in spun for source in body.aliases[name].sources)


async def test_no_party_is_named_by_a_replaced_word(seeded: Registry) -> None:
    parties = {wish.ref for wish in seeding.load(FILE).wishes if wish.ref.category == "parties"}
    names = [folded.base.header.name.printed for folded in (await seeded.read(parties)).values()]
    assert len(names) == len(parties)
    assert [name for name in names if re.search("展开|协作|游览|文明|出资|同享|世界|成功|形象|作业|别离", name)] == []


async def test_the_joint_conference_and_its_office(seeded: Registry) -> None:
    conference = await read(seeded, "parties", "省会经济圈一体化发展联席会议")
    assert conference.header.kind == "joint_conference"
    assert set(conference.members) == {str(party(city)) for city in SEVEN_CITIES}
    assert conference.secretariat.secretariat == party("省会经济圈一体化发展联席会议办公室")
    assert conference.secretariat.sources[0].basis == "inferred"
    office = await read(seeded, "parties", "省会经济圈一体化发展联席会议办公室")
    assert (office.header.kind, office.header.parent) == ("office", party("省会经济圈一体化发展联席会议"))
    assert office.secretariat.secretariat == party("济南市发展和改革委员会")
    assert office.secretariat.sources[0].basis == "stated"
    circle = await read(seeded, "parties", "省会经济圈")
    assert set(circle.members) == {str(party(city)) for city in SEVEN_CITIES}


async def test_a_repost_of_low_reliability(seeded: Registry) -> None:
    document = await read(seeded, "documents", STEM)
    assert (document.header.kind, document.header.language, document.header.script) == ("repost", "zh", "hans")
    assert document.header.publisher.printed == "中国起重机械网"
    assert (document.header.date.earliest, document.header.date.latest) == (date(2021, 12, 1), date(2021, 12, 1))
    assert document.reliability.level == "low"
    repeated = {one.printed.printed: one.sources[0].basis for one in document.republications.values()}
    assert repeated == {"舜网-济南日报": "stated", "导航网": "inferred"}
    assert all(one.alterations for one in document.republications.values())
    assert [document.parts[part.key].genre for part in document.segments.parts] == ["report", "caption", "boilerplate"]
    [credit] = document.parts["2"].credits
    assert (credit.name.printed, credit.role) == ("吕传泉", "摄")
    assert places(document.parts["1"].sources)[0] == 2546, "the title stands at the end"


async def test_no_telephone_number_and_no_address_is_taken(seeded: Registry) -> None:
    told = FILE.read_text(encoding="utf-8")
    assert "@" not in told
    assert re.search(r"[0-9]{3}-[0-9]{8}", told) is None
    document = await read(seeded, "documents", STEM)
    contact = range(2480, 2515)
    assert any(
        span.start <= contact.start and contact.stop <= span.end and span.reason == "boilerplate"
        for span in document.passed.spans
    )
    cited = [
        place
        async for chunk in seeded.lines()
        for line in chunk
        for place in msgspec.json.decode(line)["data"].get("citations", ())
        if place["document"] == str(seeding.thing_id("documents", STEM)) and "start" in place
    ]
    assert cited
    assert [c for c in cited if c["start"] < contact.stop and contact.start < c["end"]] == []
