"""What document 001 says, written down by hand by somebody who read it, against what the registry answers."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from service import seeding
from service.config import room
from service.domain.agreement.life import status
from service.domain.agreement.state import Agreement
from service.domain.decider import Ref
from service.domain.meeting.state import Meeting
from service.domain.party import state as party_state
from service.domain.statement.state import Statement
from service.domain.values import PrintedName
from service.projections import statements
from service.registry import Registry
from tests.given import held_on
from tests.seeds.reading import party, places, read
from tests.seeds.test_asked import found, name_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILE = room("seeds") / "001_31b84040e1dda2da.toml"
DOCUMENT = seeding.thing_id("documents", FILE.stem)
FIVE, VEGETABLES = "质量强市建设五方协议", "海淀聊城蔬菜合作项目协议"
SYMPOSIUM, RECEPTION, TRIP = "聊城融入京津冀协同发展座谈会", "会见阿尔法航空俞昌生", "聊城进京推介对接活动"
BEFORE = "聊城会前进京拜访"
VISITED = {
    "拜访中国有色矿业集团": "中国有色矿业集团",
    "拜访中国青年海归协会": "中国青年海归协会",
    "拜访海淀区政府": "海淀区政府",
    "拜访中航国际": "中航国际",
    "拜访华润医药": "华润医药",
}
LIAOCHENG = party("聊城市")
XU, SONG = ("徐景颜", "市委书记、市人大常委会主任"), ("宋军继", "市委副书记、市长")
WEI = ("魏传忠", "中国检验检疫学会会长、国家质检总局原副局长")
LIU = ("刘玉兰", "科技部重大项目办原巡视员、中国生产力促进协会理事长")
ZHOU = ("周卫民", "北京市投资促进局局长")
WEN = ("文献军", "中国有色金属工业协会副会长、中国有色金属加工工业协会会长")
FU = ("付以彬", "北京首农商业连锁有限公司总经理")
YU = ("俞昌生", "公司总经理")
DAY = date(2016, 4, 7)


def meeting_id(key: str) -> Any:
    """A meeting's id."""
    return seeding.thing_id("meetings", key)


def shown(one: Any) -> Any:
    """Somebody who takes part: a person by name and title, a group by party and words, a party by its id."""
    if one.person is not None:
        return one.person.name.printed, one.person.title
    return (one.party, one.group) if one.group is not None else one.party


def who(taking_part: Iterable[Any], role: str) -> set[Any]:
    """Those in a role."""
    return {shown(one) for one in taking_part if one.role == role}


async def told(registry: Registry, **asked: Any) -> list[statements.Summary]:
    """The list of statements, asked for."""
    async with registry.connection() as connection:
        page = await statements.LIST.page(connection, statements.Filter(**asked), registry.today(), limit=100)
    return [msgspec.json.decode(item, type=statements.Summary) for item in page.items]


# --- What is an agreement, and what is none ---------------------------------------------------------------------------


async def test_two_agreements_and_no_more(seeded: Registry) -> None:
    made = {wish.ref for wish in seeding.load(FILE).wishes if wish.registers and wish.ref.category == "agreements"}
    assert made == {Ref("agreements", seeding.thing_id("agreements", key)) for key in (FIVE, VEGETABLES)}


@pytest.mark.parametrize(
    "unbound",
    [
        "鼎晖股权投资管理有限公司",
        "聊城市第三人民医院",
        "中国国电集团龙源风力发电有限公司",
        "北控水务集团有限公司",
        "中国生产力促进协会",
        "阿尔法航空制造集团公司",
        *VISITED.values(),
    ],
)
async def test_who_only_talks_invests_or_promises_is_bound_by_no_agreement(
    service: httpx.AsyncClient, unbound: str
) -> None:
    key = str(party(unbound))
    assert (await name_of(service, key)).endswith(unbound)
    assert await found(service, f"parties/{key}/agreements") == []
    assert await found(service, "agreements", party=key) == []


@pytest.mark.parametrize(
    ("bound", "title"), [("海淀区商委", "蔬菜联采联购直供直销合作项目协议"), ("中国检验检疫学会", FIVE)]
)
async def test_who_signed_is_found_by_the_same_questions(service: httpx.AsyncClient, bound: str, title: str) -> None:
    key = str(party(bound))
    assert [one["title"] for one in await found(service, f"parties/{key}/agreements")] == [title]
    assert [one["title"] for one in await found(service, "agreements", party=key)] == [title]


async def test_five_signed_and_two_are_named(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", FIVE)
    assert agreement.header is not None
    assert (agreement.header.title, set(agreement.kinds)) == (PrintedName(printed=FIVE), {"multi_party"})
    assert agreement.declared is not None
    assert (agreement.declared.signatories, agreement.declared.pairing) == (5, None)
    bound = {one.party: one.name and one.name.printed for one in agreement.signatories.values()}
    assert bound == {party("中国检验检疫学会"): "中国检验检疫学会", LIAOCHENG: "聊城市"}
    signed = agreement.steps["signed"].effective
    assert signed is not None
    assert (signed.earliest, signed.precision, signed.basis) == (None, "before", "inferred")
    assert signed.latest is not None
    assert signed.latest < DAY
    assert (agreement.signatures, agreement.links, agreement.clauses) == ({}, {}, {})
    assert status(agreement, seeded.today()) == "signed"


async def test_the_one_named_project_that_two_parties_signed(seeded: Registry) -> None:
    agreement: Agreement = await read(seeded, "agreements", VEGETABLES)
    assert agreement.header is not None
    assert agreement.header.title == PrintedName(printed="蔬菜联采联购直供直销合作项目协议")
    assert set(agreement.kinds) == {"project", "sector_cooperation", "supply"}
    assert [source.basis for source in agreement.header.sources] == ["stated"]
    assert {one.sources[0].basis for one in agreement.kinds.values()} == {"inferred"}
    bound = {one.party: one.name and one.name.printed for one in agreement.signatories.values()}
    assert bound == {party("海淀区商委"): "北京市海淀区商委", party("聊城市农委"): "聊城市农委"}
    step = agreement.steps["signed"]
    assert step.effective is not None
    assert (step.effective.earliest, step.effective.latest, step.effective.basis) == (DAY, DAY, "inferred")
    assert [source.basis for source in step.sources] == ["inferred"]
    [link] = agreement.links.values()
    assert (link.relation, link.target) == ("signed_at", f"meetings/{meeting_id(SYMPOSIUM)}")
    assert [source.basis for source in link.sources] == ["inferred"]
    assert (agreement.declared, agreement.signatures, agreement.clauses) == (None, {}, {})
    offices = [(await read(seeded, "parties", key)).header for key in ("海淀区商委", "聊城市农委")]
    assert [one.parent for one in offices] == [party("海淀区政府"), party("聊城市政府")]


# --- Who met ----------------------------------------------------------------------------------------------------------


async def test_the_symposium(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", SYMPOSIUM)
    assert meeting.header is not None
    assert (meeting.header.title, set(meeting.kinds)) == (PrintedName(printed=SYMPOSIUM), {"symposium"})
    assert meeting.header.within == meeting_id(TRIP)
    assert {one.title.printed: one.variant for one in meeting.titles.values()} == {
        "2016山东聊城融入京津冀协同发展座谈会": "full",
        "座谈会": "short",
    }
    held = meeting.steps["held"]
    assert held_on(meeting) == DAY
    assert held.effective is not None
    assert (held.effective.printed, held.effective.basis) == ("2016年4月7日", "stated")
    assert (held.place, held.venue) == ("中国职工之家报告厅", party("中国职工之家"))
    assert (meeting.conveners, meeting.sessions, meeting.resolutions) == ({}, {}, {})


async def test_who_was_at_the_symposium(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", SYMPOSIUM)
    there = meeting.attendance.values()
    assert who(there, "attendee") == {
        WEI,
        (None, "中央有关部委的领导专家"),
        (None, "知名央企的领导专家"),
        (None, "行业协会的领导专家"),
        (party("北京市"), "领导专家"),
        (LIAOCHENG, "各级各部门负责人"),
        (LIAOCHENG, "部分重点企业负责人"),
    }
    assert who(there, "speaker") == {XU, WEI, LIU, ZHOU, WEN, FU}
    assert {one.role for one in there} == {"attendee", "speaker"}
    stated = {one.person.name.printed for one in there if one.person and one.sources[0].basis == "stated"}
    assert stated == {"徐景颜", "魏传忠"}, "of the others it is not said that they spoke there"


async def test_the_reception_on_the_day_before(seeded: Registry) -> None:
    meeting: Meeting = await read(seeded, "meetings", RECEPTION)
    assert meeting.header is not None
    assert (meeting.header.title, set(meeting.kinds)) == (None, {"reception"})
    held = meeting.steps["held"]
    assert held.effective is not None
    assert (held_on(meeting), held.effective.printed) == (date(2016, 4, 6), "4月6日下午")
    assert held.effective.basis == "inferred", "the year stands with the symposium alone"
    assert (held.place, held.venue) == ("北京", party("北京市"))
    there = meeting.attendance.values()
    assert (who(there, "host"), who(there, "visitor")) == ({XU, SONG}, {YU})
    assert len(there) == 3


async def test_five_were_visited_and_who_led_to_whom_is_unsaid(seeded: Registry) -> None:
    for key, visited in VISITED.items():
        visit: Meeting = await read(seeded, "meetings", key)
        assert visit.header is not None
        assert (set(visit.kinds), visit.header.within) == ({"visit"}, meeting_id(TRIP))
        there = visit.attendance.values()
        assert who(there, "host") == {party(visited)}
        assert who(there, "visitor") == {(LIAOCHENG, "市领导带队的一行")}
        assert len(there) == 2
        held = visit.steps["held"].effective
        assert held is not None
        assert (held.earliest, held.latest) == (None, date(2016, 4, 8))
    trip: Meeting = await read(seeded, "meetings", TRIP)
    assert trip.header is not None
    assert (trip.header.title, set(trip.kinds)) == (
        PrintedName(printed="推介对接活动"),
        {"matchmaking", "presentation"},
    )
    assert who(trip.attendance.values(), "leader") == {XU, SONG, (LIAOCHENG, "其他市领导")}
    assert who(trip.attendance.values(), "host") == {(None, "所访而未点名的驻京企业和单位")}
    assert [one.party for one in trip.conveners.values()] == [LIAOCHENG]
    before: Meeting = await read(seeded, "meetings", BEFORE)
    assert before.header is not None
    assert before.header.within is None
    assert who(before.attendance.values(), "visitor") == {(LIAOCHENG, "各级各部门和有关企业")}


# --- What was said ----------------------------------------------------------------------------------------------------


async def test_what_was_only_said_in_beijing_in_2016(seeded: Registry) -> None:
    asked = await told(seeded, document=DOCUMENT, made_to=date(2016, 12, 31))
    assert len(asked) == 13
    at = {
        (one.kind, one.meeting, frozenset(voice.name for voice in one.participants if voice.role == "speaker"))
        for one in asked
    }
    symposium, trip = meeting_id(SYMPOSIUM), meeting_id(TRIP)
    assert at == {
        ("promise", symposium, frozenset({"刘玉兰"})),
        *(("proposal", symposium, frozenset({name})) for name in ("魏传忠", "周卫民", "文献军", "付以彬")),
        ("request", symposium, frozenset({"徐景颜"})),
        ("request", trip, frozenset({"徐景颜", "宋军继", "其他市领导"})),
        ("intention", trip, frozenset({"各家央企"})),
        ("talk", meeting_id(RECEPTION), frozenset({"徐景颜", "宋军继", "俞昌生"})),
        ("talk", meeting_id(BEFORE), frozenset({"各级各部门和有关企业"})),
        ("remark", symposium, frozenset({"魏传忠"})),
        ("remark", None, frozenset({"宋军继"})),
    }
    assert {one.status for one in asked} == {"made"}, "nothing says that any of it was taken up"
    assert all(one.due is None for one in asked)


@pytest.mark.parametrize(
    ("key", "speakers", "principals", "addressees"),
    [
        ("刘玉兰许诺服务聊城企业", {LIU}, {party("中国生产力促进协会")}, {LIAOCHENG}),
        ("魏传忠建议聊城", {WEI}, set(), {LIAOCHENG}),
        ("周卫民的意见建议", {ZHOU}, set(), {LIAOCHENG}),
        ("文献军的意见建议", {WEN}, set(), {LIAOCHENG}),
        ("付以彬的意见建议", {FU}, set(), {LIAOCHENG}),
        ("徐景颜邀请来聊城", {XU}, {LIAOCHENG}, {(None, "与会嘉宾")}),
        ("与阿尔法航空谈投资", {XU, SONG, YU}, set(), set()),
        (
            "市领导向驻京企业和单位推介聊城",
            {XU, SONG, (LIAOCHENG, "其他市领导")},
            {LIAOCHENG},
            {*(party(visited) for visited in VISITED.values()), (None, "所访而未点名的驻京企业和单位")},
        ),
        ("央企愿与聊城合作", {(None, "各家央企")}, set(), {(LIAOCHENG, "各级领导")}),
        ("会前洽谈投资项目", {(LIAOCHENG, "各级各部门和有关企业")}, set(), set()),
        ("宋军继谈推介对接活动", {SONG}, set(), set()),
        ("魏传忠谈聊城企业", {WEI}, set(), set()),
        ("魏传忠谈融入京津冀", {WEI}, set(), set()),
    ],
)
async def test_who_said_it_for_whom_and_to_whom(
    seeded: Registry, key: str, speakers: set[Any], principals: set[Any], addressees: set[Any]
) -> None:
    statement: Statement = await read(seeded, "statements", key)
    voices = statement.participants.values()
    assert (who(voices, "speaker"), who(voices, "principal"), who(voices, "addressee")) == (
        speakers,
        principals,
        addressees,
    )
    assert statement.header is not None
    assert [source.basis for source in statement.header.sources] == ["stated", "curated"]


async def test_who_would_do_what_for_whom(seeded: Registry) -> None:
    by = {one.kind: one for one in await told(seeded, document=DOCUMENT) if one.performers or one.beneficiaries}
    owed = {kind: (set(one.performers), set(one.beneficiaries)) for kind, one in by.items()}
    assert owed == {
        "promise": ({party("中国生产力促进协会")}, {LIAOCHENG}),
        "proposal": ({LIAOCHENG}, set()),
        "request": ({party(visited) for visited in VISITED.values()}, {LIAOCHENG}),
        "intention": (set(), {LIAOCHENG}),
    }


async def test_what_a_party_promised_and_what_was_promised_to_one(seeded: Registry) -> None:
    [promise] = await told(seeded, on_behalf=party("中国生产力促进协会"))
    assert (promise.kind, promise.meeting) == ("promise", meeting_id(SYMPOSIUM))
    assert promise.made is not None
    assert (promise.made.earliest, promise.made.basis) == (DAY, "inferred")
    assert promise.id in {one.id for one in await told(seeded, to=LIAOCHENG, kind="promise")}
    [talk] = await told(seeded, party=party("阿尔法航空制造集团公司"))
    assert (talk.kind, talk.made and talk.made.earliest) == ("talk", date(2016, 4, 6))


# --- The document, and who is who -------------------------------------------------------------------------------------


async def test_the_page(seeded: Registry) -> None:
    document = await read(seeded, "documents", FILE.stem)
    header = document.header
    assert header.title == PrintedName(printed="2016山东聊城融入京津冀协同发展座谈会侧记")
    assert (header.kind, header.publisher, header.language, header.script) == (
        "press",
        PrintedName(printed="聊城日报"),
        "zh",
        "hans",
    )
    assert (header.date.earliest, header.date.latest) == (date(2016, 4, 8), date(2016, 4, 8))
    assert header.date.printed == "2016-04-08 10:57:00"
    assert [(credit.name.printed, credit.role) for credit in header.credits] == [("李乐涛", "责任编辑")]
    assert [document.parts[part.key].genre for part in document.segments.parts] == ["feature", "boilerplate"]
    assert document.republications == {}, "the newspaper's own page"


async def test_offices_held_and_offices_left(seeded: Registry) -> None:
    expected = {
        "聊城市委": {(XU[0], "市委书记", "current"), (SONG[0], "市委副书记", "current")},
        "聊城市人大常委会": {(XU[0], "市人大常委会主任", "current")},
        "聊城市政府": {(SONG[0], "市长", "current"), (LIU[0], "挂职副市长", "former")},
        "国家质检总局": {(WEI[0], "国家质检总局原副局长", "former")},
        "科技部重大项目办": {(LIU[0], "科技部重大项目办原巡视员", "former")},
        "中国有色金属工业协会": {(WEN[0], "中国有色金属工业协会副会长", "current")},
        "中国有色金属加工工业协会": {(WEN[0], "中国有色金属加工工业协会会长", "current")},
    }
    for key, people in expected.items():
        state: party_state.Party = await read(seeded, "parties", key)
        seen = {
            (one.person.name.printed, one.person.title, one.standing)
            for one in state.holders.values()
            if one.seen is not None and one.seen.earliest in {DAY, date(2016, 4, 6)}
        }
        assert seen == people


async def test_what_this_document_adds_to_what_another_told(seeded: Registry) -> None:
    city: party_state.Party = await read(seeded, "parties", "聊城市")
    assert city.header is not None
    assert city.header.parent == party("山东省")
    own = [c for source in city.header.sources for c in source.citations if c.document == DOCUMENT]
    assert (0, 8) in {(c.start, c.end) for c in own}, "the title has 山东 before 聊城"
    town: party_state.Party = await read(seeded, "parties", "临清市")
    assert set(places(town.aliases["临清"].sources)) >= {1592}
    assert DOCUMENT in {c.document for source in town.aliases["临清"].sources for c in source.citations}
    area: party_state.Party = await read(seeded, "parties", "京津冀协同发展区")
    [member] = area.members.values()
    assert (member.member, member.since and member.since.earliest) == (LIAOCHENG, None)
    reservoir: party_state.Party = await read(seeded, "parties", "临清城北水库")
    assert party_state.status(reservoir, seeded.today()) == "proposed"
