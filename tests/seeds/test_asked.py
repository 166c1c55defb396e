"""What a reader of the API is told about the five documents, against answers written down by hand from them.

Everything is asked over HTTP of a service with all the seeds, from the words that somebody would look for. A place is
the document's number with the first code point cited and the one behind the last.
"""

from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from service import seeding
from service.config import room

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBERS = {str(seeding.thing_id("documents", path.stem)): path.stem[:3] for path in room("seeds").glob("*.toml")}
Place = tuple[str, int, int]


async def get(service: httpx.AsyncClient, path: str, **asked: str) -> Any:
    """What the service answers, as of the newest fact."""
    answer = await service.get(f"/api/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def found(service: httpx.AsyncClient, resource: str, **asked: str) -> list[Any]:
    """All items of a list that fits on one page."""
    page = await get(service, resource, **asked)
    assert page["next"] is None
    items: list[Any] = page["items"]
    return items


async def the_one(service: httpx.AsyncClient, resource: str, **asked: str) -> Any:
    """The thing that alone is found."""
    [item] = await found(service, resource, **asked)
    return await get(service, f"{resource}/{item['id']}")


async def name_of(service: httpx.AsyncClient, party: str) -> str:
    """What a party is called."""
    name = (await get(service, f"parties/{party}"))["name"]
    return str(name.get("restored", name["printed"]))


def said_at(part: Any, field: str | None = None) -> set[Place]:
    """Where a part is said, or the sources of one field of it."""
    return {
        (NUMBERS[cited["document"]], cited["start"], cited["end"])
        for source in part["sources"]
        if field is None or field in source.get("fields", ())
        for cited in source["citations"]
    }


def bases(part: Any) -> list[str]:
    """What a part's sources rest on."""
    return [source["basis"] for source in part["sources"]]


def printed(names: Iterable[Any]) -> set[str]:
    """Names as they stand on the page."""
    return {name["printed"] for name in names}


async def test_who_signed_for_jinan_and_for_liaocheng_and_where_each_is_said(service: httpx.AsyncClient) -> None:
    agreement = await the_one(service, "agreements", q="战略合作框架")
    sides = {one["side"]: one["party"] for one in agreement["signatories"]}
    names = {side: await name_of(service, party) for side, party in sides.items()}
    assert names == {"济南": "济南市", "聊城": "聊城市"}
    signed = {one["party"]: one for one in agreement["signatures"]}
    assert set(signed) == set(sides.values())
    by_hand = {
        "聊城": ("李希信", "聊城市委常委、副市长", {("000", 371, 406), ("000", 3014, 3040)}, ["stated"]),
        "济南": ("苏树伟", "济南市委常委、副市长", {("000", 2994, 3040)}, ["inferred"]),
    }
    for side, (name, title, places, basis) in by_hand.items():
        signature = signed[sides[side]]
        person = signature["representative"]
        assert (person["name"]["printed"], person["title"]) == (name, title)
        assert said_at(signature) == places
        assert bases(signature) == basis
    assert printed(one["title"] for one in agreement["titles"]) == {"合作协议", "战略合作框架"}
    date = agreement["signed"]["date"]
    assert (date["printed"], date["earliest"], date["basis"]) == ("11月29日下午", "2013-11-29", "external")


SEVEN_OFFICES = {
    "济阳区行政审批服务局": ("济阳区", "济南市", ["stated"], ("002", 1738, 1794)),
    "德城区行政审批服务局": ("德城区", "德州市", ["stated"], ("002", 1744, 1794)),
    "沾化区行政审批服务局": ("沾化区", "滨州市", ["stated"], ("002", 1750, 1794)),
    "垦利区行政审批服务局": ("垦利区", "东营市", ["stated"], ("002", 1756, 1794)),
    "高青县行政审批服务局": ("高青县", "淄博市", ["external"], ("002", 1762, 1794)),
    "宁阳县行政审批服务局": ("宁阳县", "泰安市", ["external"], ("002", 1766, 1794)),
    "高唐县行政审批服务局": ("高唐县", "聊城市", ["external"], ("002", 1770, 1794)),
}
"""The office's county, the city above it, whether the page says so, and where the office is said to have signed."""


async def test_seven_offices_and_the_cities_that_they_belong_to(service: httpx.AsyncClient) -> None:
    agreement = await the_one(service, "agreements", q="全省通办")
    told = {}
    for signatory in agreement["signatories"]:
        office = await get(service, f"parties/{signatory['party']}")
        county = await get(service, f"parties/{office['parent']}")
        [above] = [source for source in county["sources"] if "parent" in source.get("fields", ())]
        [place] = said_at(signatory)
        name = office["name"].get("restored", office["name"]["printed"])
        told[name] = (county["name"]["printed"], await name_of(service, county["parent"]), [above["basis"]], place)
    assert told == SEVEN_OFFICES
    [clause] = agreement["clauses"]
    assert "191项" in clause["text"]
    assert said_at(clause) >= {("002", 1795, 1826)}


async def test_both_conveners_of_one_day(service: httpx.AsyncClient) -> None:
    meeting = await the_one(service, "meetings", held_from="2021-02-06", held_to="2021-02-06", q="第二次联席会")
    convened = {await name_of(service, one["party"]): said_at(one) for one in meeting["conveners"]}
    assert convened == {
        "济南市": {("002", 492, 506)},
        "山东省委": {("003", 84, 97)},
        "山东省政府": {("003", 84, 97)},
    }
    assert meeting["held"]["date"]["earliest"] == meeting["held"]["date"]["latest"] == "2021-02-06"


FOUR = {
    "省会经济圈交通一体化协同推进合作协议": (("003", 1234, 1254), "交通一体化协同推进", ("002", 523, 532)),
    "省会经济圈民生事项共建共享合作协议": (("003", 1254, 1273), "民生事项共建同享", ("002", 533, 541)),
    "省会经济圈投资促进携手联动合作协议": (("003", 1273, 1292), "出资促进携手联动", ("002", 542, 550)),
    "省会经济圈投融资平台共建共享合作协议": (("003", 1292, 1313), "投融资平台共建同享", ("002", 551, 560)),
}
"""The title of one source and where it stands, that of the other and where."""


async def test_four_agreements_each_one_thing_under_two_titles(service: httpx.AsyncClient) -> None:
    [meeting] = await found(service, "meetings", held_from="2021-02-06", held_to="2021-02-06", q="第二次联席会")
    signed = await found(service, f"meetings/{meeting['id']}/agreements")
    that_day = await found(service, "agreements", signed_from="2021-02-06", signed_to="2021-02-06", document=of("003"))
    assert {one["id"] for one in signed} == {one["id"] for one in that_day}
    told = {}
    for item in signed:
        agreement = await get(service, f"agreements/{item['id']}")
        [place] = said_at(agreement, "title")
        [other] = agreement["titles"]
        [other_place] = said_at(other)
        told[agreement["title"]["printed"]] = (place, other["title"]["printed"], other_place)
        assert agreement["signatories"] == [], "nobody says who signed"
        assert {number for number, _, _ in said_at(agreement["signed"])} == {"002", "003"}
        for words in (agreement["title"]["printed"], other["title"]["printed"]):
            assert item["id"] in {one["id"] for one in await found(service, "agreements", q=words)}
    assert told == FOUR


def of(number: str) -> str:
    """A document's id."""
    return next(id for id, held in NUMBERS.items() if held == number)


ONLY_SAID = {
    ("promise", frozenset({"刘玉兰"}), 1399),
    ("talk", frozenset({"徐景颜", "宋军继", "俞昌生"}), 1708),
    ("talk", frozenset({"各级各部门和有关企业"}), 603),
    ("proposal", frozenset({"魏传忠"}), 1288),
    ("proposal", frozenset({"周卫民"}), 1475),
    ("proposal", frozenset({"文献军"}), 1492),
    ("proposal", frozenset({"付以彬"}), 1524),
    ("intention", frozenset({"各家央企"}), 1895),
    ("request", frozenset({"徐景颜"}), 367),
    ("request", frozenset({"徐景颜", "宋军继", "其他市领导"}), 1849),
}
"""Of which kind it was, who spoke, and where the first words of it stand in 001."""


async def test_what_was_only_talked_about_or_promised_in_beijing(service: httpx.AsyncClient) -> None:
    told = set()
    for kind in ("promise", "talk", "proposal", "intention", "request"):
        for item in await found(service, "statements", document=of("001"), kind=kind, made_to="2016-12-31"):
            statement = await get(service, f"statements/{item['id']}")
            said = [source for source in statement["sources"] if not source.get("fields")]
            [(number, start, _), *_] = sorted(said_at({"sources": said}))
            assert number == "001"
            speakers = {one["name"] for one in item["participants"] if one["role"] == "speaker"}
            told.add((kind, frozenset(speakers), start))
            assert statement["status"] == "made", "nothing says that any of it was taken up"
    assert told == ONLY_SAID
    for firm in ("中国生产力促进协会", "阿尔法航空制造集团公司"):
        [party] = await found(service, "parties", q=firm)
        assert await found(service, f"parties/{party['id']}/agreements") == []
        assert await found(service, f"parties/{party['id']}/statements") != []


async def test_five_signed_and_two_are_named(service: httpx.AsyncClient) -> None:
    agreement = await the_one(service, "agreements", q="五方协议")
    assert agreement["declared"]["signatories"] == 5
    assert said_at(agreement["declared"]) == {("001", 1200, 1210)}
    named = {one["name"]["printed"]: said_at(one) for one in agreement["signatories"]}
    assert named == {"中国检验检疫学会": {("001", 1185, 1210)}, "聊城市": {("001", 1185, 1210)}}


async def test_four_districts_with_three_and_what_is_unsaid(service: httpx.AsyncClient) -> None:
    agreement = await the_one(service, "agreements", q="生态补偿")
    sides: dict[str, set[str]] = {}
    for one in agreement["signatories"]:
        sides.setdefault(one["side"], set()).add(await name_of(service, one["party"]))
        assert said_at(one) == {("002", 6, 30) if one["side"] == "济南" else ("002", 21, 45)}
    assert sides == {"济南": {"莱芜区", "钢城区", "长清区", "平阴县"}, "泰安": {"岱岳区", "肥城市", "东平县"}}
    assert agreement["instruments"] is None, "how many papers"
    assert agreement["declared"]["pairing"] == "unknown"
    assert "signatories" not in agreement["declared"]
    assert said_at(agreement["declared"]) == {("002", 6, 45)}
    assert agreement["compensation"] == [], "who lies upstream"
    assert agreement["clauses"] == []
    date = agreement["signed"]["date"]
    assert (date["printed"], date["earliest"], date["latest"]) == ("10月下旬", "2021-10-21", "2021-10-31")


SPUN = {
    "东营成功机场": "东营胜利机场",
    "济南遥墙世界机场": "济南遥墙国际机场",
    "济南市展开和改革委员会": "济南市发展和改革委员会",
    "省会经济圈一体化展开联席会议办公室": "省会经济圈一体化发展联席会议办公室",
}


async def test_a_replaced_word_still_finds_the_party(service: httpx.AsyncClient) -> None:
    for page, meant in SPUN.items():
        assert [one["name"] for one in await found(service, "parties", q=page)] == [meant]


async def test_seven_cities_met_at_the_second_joint_conference(service: httpx.AsyncClient) -> None:
    [meeting] = await found(service, "meetings", held_from="2021-02-06", held_to="2021-02-06", q="第二次联席会")
    cities = ("济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市")
    ids = {city: str(seeding.thing_id("parties", city)) for city in cities}
    for city, party in ids.items():
        assert meeting["id"] in {one["id"] for one in await found(service, f"parties/{party}/meetings")}, city
    met = await found(service, "network", party=ids["滨州市"], on="2021-02-06")
    assert {*cities} - {"滨州市"} <= {pair["other"]["name"] for pair in met if pair["meetings"]}


@pytest.mark.parametrize(
    ("q", "title", "text"),
    [
        ("326.7", "聊城进京推介对接活动的项目", "26个项目,326.7亿元"),
        ("511.5 亿元", "聊城进京推介对接活动的项目", "61个项目,511.5亿元"),
        ("252 个项目", "济聊恳谈会签约项目", "252个项目(252个合作项目),近400亿元"),
        ("252个合作项目", "济聊恳谈会签约项目", "252个项目(252个合作项目),近400亿元"),
        ("1668.5亿", "生产总值", "1668.5亿元,增长9.7%"),
    ],
)
async def test_a_number_that_was_printed_finds_the_figure(
    service: httpx.AsyncClient, q: str, title: str, text: str
) -> None:
    [hit] = await found(service, "search", q=q, kind="figure_claim")
    assert (hit["title"], hit["text"]) == (title, text)


async def test_a_list_shows_the_funnel_and_what_it_is_made_of(service: httpx.AsyncClient) -> None:
    [figure] = await found(service, "figures", q="进京推介")
    assert (figure["claims"], figure["claimed"]) == ([], 5)
    assert [(one["label"], one["sort"], one["count"]["value"]) for one in figure["parts"]] == [
        ("洽谈项目", "stage", "186"),
        ("拟签约项目", "stage", "61"),
        ("合同项目", "category", "33"),
        ("协议项目", "category", "28"),
        ("现场签约的重点项目", "stage", "26"),
    ]


async def test_from_a_party_to_what_was_said_about_it(service: httpx.AsyncClient) -> None:
    """The economic circle says nothing itself: others speak of it."""
    circle = str(seeding.thing_id("parties", "省会城市群经济圈"))
    about = await found(service, f"parties/{circle}/statements")
    assert str(seeding.thing_id("statements", "林峰海论机遇")) in {one["id"] for one in about}
    assert about == await found(service, "statements", about=f"parties/{circle}")
    assert not await found(service, "statements", speaker=circle)
    plan = str(seeding.thing_id("plans", "省会城市群经济圈发展规划"))
    [told] = await found(service, "statements", about=f"plans/{plan}")
    assert told["id"] == str(seeding.thing_id("statements", "林峰海论机遇"))
    hits = await found(service, "search", q="西部各市", party=circle)
    assert told["id"] in {one["subject"].partition("/")[2] for one in hits}


async def test_a_name_finds_what_somebody_did(service: httpx.AsyncClient) -> None:
    kinds = {(one["kind"], one["title"]) for one in await found(service, "search", q="李希信")}
    assert ("signature", "战略合作框架协议") in kinds
    assert {"holder", "attendance"} & {kind for kind, _ in kinds}
    spoke = await found(service, "search", q="林峰海", kind="participant")
    assert len(spoke) == 3
