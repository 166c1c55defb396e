"""Questions about the feature on the meeting in 北京, each with the answer that somebody wrote down who read the page.

Places are code points of the page. What the page does not say is asserted to be absent.
"""

from typing import Any

import pytest

from tests.seeds.asking import Asking, as_told, unsaid
from tests.seeds.test_asked import bases

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACTIVITY = "进京推介对接活动"
DAY = {"stage_from": "2016-04-07", "stage_to": "2016-04-07"}

FUNNEL = [
    ("洽谈项目", None, "stage", "186", None, (646, 655)),
    ("拟签约项目", None, "stage", "61", ("511.5", "亿元", "exact", "total"), (656, 676)),
    ("合同项目", "拟签约项目", "category", "33", ("276.6", "亿元", "exact", "planned"), (677, 699)),
    ("协议项目", "拟签约项目", "category", "28", ("234.9", "亿元", "exact", "planned"), (700, 720)),
    ("现场签约的重点项目", None, "stage", "26", ("326.7", "亿元", "exact", "total"), (723, 748)),
]
"""What is counted, of what, as what; how many, worth what, and where that is said."""


async def test_how_many_were_talked_over_intended_and_signed(asking: Asking) -> None:
    figure = await asking.the_one("figures", q=ACTIVITY)
    labels = {one["id"]: one["label"] for one in figure["items"]}
    claims = {labels[one["item"]]: one for one in figure["claims"]}
    told = [
        (one["label"], labels.get(one.get("parent", "")), one["sort"], *numbers(claims[one["label"]]))
        for one in figure["items"]
    ]
    assert told == [one[:-1] for one in FUNNEL]
    assert [label for label, *_, span in FUNNEL if unsaid(claims[label], "001", span)] == []
    assert unsaid(claims["现场签约的重点项目"], "001", (342, 363)) == [], "and once more as a heading"


def numbers(claim: Any) -> tuple[str, Any]:
    """How many, and worth what as far as that is told."""
    assert as_told(claim["count"])[1:] == ("个", "exact", None)
    return claim["count"]["value"], as_told(claim["sum"]) if "sum" in claim else None


async def test_do_the_parts_add_up(asking: Asking) -> None:
    """33 and 28 are 61, 276.6 and 234.9 are 511.5, exactly: planned the parts, a total the whole."""
    [figure] = await asking.found("figures", q=ACTIVITY)
    items = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [intended] = [one for one in items if one["label"] == "拟签约项目"]
    added = [
        (one["computed"]["low"], one["computed"]["high"], one["declared"]["low"], one["adds_up"])
        for one in intended["measures"]
    ]
    assert added == [("61", "61", "61", "yes"), ("511.5", "511.5", "511.5", "yes")]
    assert "modality_differs" in {reason["code"] for reason in intended["measures"][1]["reasons"]}
    assert await asking.found("discrepancies", subject=f"figures/{figure['id']}") == []


SIGNED = {
    "医院及医养中心项目": ("10", {"鼎晖股权投资管理有限公司", "聊城市第三人民医院"}),
    "蔬菜联采联购直供直销合作项目": (None, {"北京市海淀区商委", "聊城市农委"}),
    "风力发电项目": ("40", {"中国国电集团龙源风力发电有限公司"}),
    "临清城北水库项目": ("30", {"北控水务集团有限公司"}),
}
"""What for, how many 亿元, and who is named with it."""


async def test_which_of_those_signed_are_named(asking: Asking) -> None:
    """Four of 26, one of them without a sum: 80 of 326.7. That they belong there is inferred."""
    projects = await asking.found("projects", status="signed", **DAY)
    told = {
        one["title"]: (
            next((as_told(held["quantity"])[0] for held in one["investments"]), None),
            {party["name"] for party in one["parties"]},
        )
        for one in projects
    }
    assert told == SIGNED
    [figure] = await asking.found("figures", q=ACTIVITY)
    items = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [signed] = [one for one in items if one["label"] == "现场签约的重点项目"]
    assert {one["target"] for one in signed["members"]} == {f"projects/{one['id']}" for one in projects}
    count, worth = signed["measures"]
    assert [count[name]["low"] for name in ("declared", "named", "missing")] == ["26", "4", "22"]
    assert [worth[name]["low"] for name in ("declared", "named", "missing")] == ["326.7", "80", "246.7"]
    [without] = worth["without_sum"]
    assert without == next(f"projects/{one['id']}" for one in projects if one["title"].startswith("蔬菜"))


NAMED_AT = {"医院": (763, 803), "蔬菜": (804, 836), "风力": (837, 871), "水库": (872, 900)}


async def test_where_are_the_four_named(asking: Asking) -> None:
    figure = await asking.the_one("figures", q=ACTIVITY)
    counted = [one for one in figure["links"] if one["relation"] == "counts"]
    assert [bases(one) for one in counted] == [["inferred"]] * 4
    assert unsaid(counted, "001", *NAMED_AT.values()) == []


async def test_how_many_of_those_signed_are_contracts(asking: Asking) -> None:
    """Not said; nor that they are among the 61, which is how the words read."""
    figure = await asking.the_one("figures", q=ACTIVITY)
    labels = {one["id"]: one["label"] for one in figure["items"]}
    split = {one["label"]: labels.get(one.get("parent", "")) for one in figure["items"] if one["sort"] == "category"}
    assert split == {"合同项目": "拟签约项目", "协议项目": "拟签约项目"}
    [signed] = [one for one in figure["items"] if one["label"] == "现场签约的重点项目"]
    assert bases(signed) == ["inferred"]
    assert "没有写" in signed["sources"][0]["note"]


@pytest.mark.parametrize(("words", "place"), [("风力发电项目", (853, 864)), ("临清城北水库项目", (882, 891))])
async def test_with_whom_did_the_investor_sign(asking: Asking, words: str, place: tuple[int, int]) -> None:
    """Not said: a place is named, and nobody on the other side; there is no agreement."""
    project = await asking.the_one("projects", q=words)
    assert [one["role"] for one in project["parties"]] == ["investor"]
    assert "agreement" not in project["signed"]
    assert project["links"] == []
    assert len(project["places"]) == 1
    assert unsaid(project["places"], "001", place) == []


async def test_who_are_the_five_parties(asking: Asking) -> None:
    """Two of five are named; the day is unsaid, and it lies before the meeting, at which it was not signed."""
    agreement = await asking.the_one("agreements", q="五方协议", expand="parties")
    assert agreement["declared"]["signatories"] == 5
    assert {one["names"]["now"] for one in agreement["signatories"]} == {"中国检验检疫学会", "聊城市"}
    date = agreement["signed"]["date"]
    assert ("earliest" in date, date["latest"], date["basis"]) == (False, "2016-04-06", "inferred")
    assert agreement["links"] == []
    assert unsaid(agreement, "001", (1183, 1210), (1211, 1225)) == []


async def test_has_the_aircraft_maker_signed(asking: Asking) -> None:
    """Not said: it was talked over, on the day before, with its manager; no sum, no project, no agreement."""
    firm = await asking.the_one("parties", q="阿尔法航空")
    assert [one["alias"]["printed"] for one in firm["aliases"]] == ["阿尔法航空集团公司"]
    [talk] = await asking.found(f"parties/{firm['id']}/statements")
    assert (talk["kind"], talk["made"]["latest"], talk["due"]) == ("talk", "2016-04-06", None)
    assert {one["name"] for one in talk["participants"]} == {"徐景颜", "宋军继", "俞昌生"}


async def test_is_there_anything_of_the_aircraft_maker_that_was_signed(asking: Asking) -> None:
    [firm] = await asking.found("parties", q="阿尔法航空集团公司")
    assert await asking.found("agreements", party=firm["id"]) == []
    assert await asking.found("projects", party=firm["id"]) == []


async def test_how_is_the_aircraft_maker_printed(asking: Asking) -> None:
    told = await asking.the_one("discrepancies", q="阿尔法航空")
    assert [one["value"]["printed"] for one in told["claims"]] == ["阿尔法航空制造集团公司", "阿尔法航空集团公司"]
    assert (told["status"], told["life"]) == ("detected", [])
    assert unsaid(told, "001", (1619, 1630), (1709, 1718)) == []


async def test_what_did_two_of_the_guests_undertake_or_propose(asking: Asking) -> None:
    """A promise and a proposal; neither is an instrument, and nothing says that either was taken up."""
    promise = await asking.the_one("statements", q="中国生产力促进协会将带", kind="promise")
    [speaker] = [one["person"] for one in promise["participants"] if one["role"] == "speaker"]
    assert (speaker["name"]["printed"], speaker["title"]) == (
        "刘玉兰",
        "科技部重大项目办原巡视员、中国生产力促进协会理事长",
    )
    assert (promise["uptakes"], "due" in promise["performance"], promise["status"]) == ([], False, "made")
    assert unsaid(promise, "001", (1400, 1421), (1356, 1384)) == []
    [proposal] = await asking.found("statements", q="升级产业结构", kind="proposal")
    [speaker] = [one for one in proposal["participants"] if one["role"] == "speaker"]
    assert (speaker["name"], speaker["title"]) == ("魏传忠", "中国检验检疫学会会长、国家质检总局原副局长")
    assert (proposal["due"], proposal["status"]) == (None, "made")


async def test_which_other_guests_gave_advice(asking: Asking) -> None:
    """Three are named; what they proposed is not said."""
    advice = await asking.found("statements", q="意见建议", kind="proposal")
    people = [one for item in advice for one in item["participants"]]
    speakers = {one["name"]: one["title"] for one in people if one["role"] == "speaker"}
    assert speakers == {
        "周卫民": "北京市投资促进局局长",
        "文献军": "中国有色金属工业协会副会长、中国有色金属加工工业协会会长",
        "付以彬": "北京首农商业连锁有限公司总经理",
    }
    assert {one["text"] for one in advice} == {"就推动深度合作提出意见建议,内容没有写。"}
    assert [one for one in advice if one["performers"]] == []


VISITED = {"中国有色矿业集团", "中国青年海归协会", "北京市海淀区政府", "中航国际", "华润医药"}


async def test_whom_did_the_leaders_call_on_and_what_was_agreed(asking: Asking) -> None:
    """Five are named, others are not; the state firms were willing; nothing was agreed. Who led which is not said."""
    visits = await asking.found("meetings", kind="visit", q="聊城市领导拜访")
    assert {one["title"].removeprefix("聊城市领导拜访") for one in visits} == VISITED
    [activity] = {one["within"] for one in visits}
    assert await asking.found("agreements", meeting=activity) == []
    request = await asking.found("statements", meeting=activity)
    told = {one["kind"]: {who["name"] for who in one["participants"] if who["role"] != "principal"} for one in request}
    assert told["intention"] == {"各家央企", "聊城市"}
    assert told["request"] >= VISITED


async def test_what_was_the_meeting_called_and_when_and_where_was_it(asking: Asking) -> None:
    meeting = await asking.the_one("meetings", q="京津冀协同发展座谈会")
    assert meeting["title"]["printed"] == "聊城融入京津冀协同发展座谈会"
    held = meeting["held"]
    assert (held["date"]["printed"], held["date"]["earliest"], held["date"]["latest"], held["date"]["basis"]) == (
        "2016年4月7日",
        "2016-04-07",
        "2016-04-07",
        "stated",
    )
    assert held["place"] == "中国职工之家报告厅"
    assert unsaid(held, "001", (78, 87), (110, 139)) == []


async def test_when_and_by_whom_was_it_reported(asking: Asking) -> None:
    """The author and one editor are left blank."""
    page = await asking.the_one("documents", q="京津冀协同发展座谈会侧记")
    assert (page["date"]["printed"], page["publisher"]["printed"]) == ("2016-04-08 10:57:00", "聊城日报")
    assert [(one["name"]["printed"], one["role"]) for one in page["credits"]] == [("李乐涛", "责任编辑")]
    assert unsaid(page, "001", (24, 50), (2034, 2042)) == []


async def test_how_much_of_it_has_been_invested(asking: Asking) -> None:
    """Not said: no money is told to be paid in, no work to have begun."""
    told = await asking.get("pipeline", **{"from": "2016-04-07", "to": "2016-04-07", "group": "stage"})
    assert [one["group"] for one in told["items"] if one["counted"]["projects"]] == ["signed"]
    assert {one["modality"] for one in told["totals"]["counted"]["sums"]} & {"paid_in", "planned"} == set()
    projects = await asking.found("projects", q="项目", **DAY)
    assert {one["status"] for one in projects} == {"signed"}


async def test_what_kind_of_money_the_sums_are(asking: Asking) -> None:
    """Totals and plans: the parts are planned, the wholes are total, nothing is paid in."""
    figure = await asking.the_one("figures", q=ACTIVITY)
    told = [(one["sum"]["value"], one["sum"]["modality"]) for one in figure["claims"] if "sum" in one]
    assert told == [("511.5", "total"), ("276.6", "planned"), ("234.9", "planned"), ("326.7", "total")]


async def test_which_signing_has_linqing_for_its_place(asking: Asking) -> None:
    """A reservoir; the town itself is no party to it."""
    towns = {one["name"]: one["id"] for one in await asking.found("parties", q="临清")}
    [reservoir] = await asking.found("projects", place=towns["临清市"])
    assert reservoir["title"] == "临清城北水库项目"
    assert as_told(reservoir["investments"][0]["quantity"])[:2] == ("30", "亿元")
    assert await asking.found("agreements", party=towns["临清市"]) == []


async def test_which_signing_has_linqing_for_the_seat_of_a_party(asking: Asking) -> None:
    """Another page tells it, of a firm that is to supply goods."""
    firm = await asking.the_one("parties", q="丁马生物")
    [seat] = firm["places"]
    assert (await asking.get(f"parties/{seat['place']}"))["name"] == {"printed": "临清", "restored": "临清市"}
    assert unsaid(seat, "000", (1597, 1609)) == []


LEADERS = {
    "聊城市委": {("林峰海", "聊城市委书记", "2013-11-29"), ("徐景颜", "市委书记", "2016-04-07")},
    "聊城市政府": {("王忠林", "市长", "2013-11-29"), ("宋军继", "市长", "2016-04-06")},
}


async def test_who_was_secretary_and_who_was_mayor_and_when(asking: Asking) -> None:
    """As they were seen on those days; who came after whom, no words say."""
    bodies = {one["name"]: one["id"] for one in await asking.found("parties", q="聊城市", kind="agency")}
    for body, seen in LEADERS.items():
        holders = (await asking.get(f"parties/{bodies[body]}"))["holders"]
        told = {(one["person"]["name"]["printed"], one["person"]["title"], one["seen"]["latest"]) for one in holders}
        assert {one for one in told if one[1] in {"聊城市委书记", "市委书记", "市长"}} == seen
        titles = {title for _, title, _ in seen}
        assert {one["standing"] for one in holders if one["person"]["title"] in titles} == {"current"}


async def test_for_which_of_his_two_associations_did_he_speak(asking: Asking) -> None:
    """Not said: both are told, and the note says so."""
    [association] = await asking.found("parties", q="中国有色金属加工工业协会")
    [told] = await asking.found("statements", speaker=association["id"])
    statement = await asking.get(f"statements/{told['id']}")
    [him] = [one for one in statement["participants"] if one["role"] == "speaker"]
    assert association["id"] in him["person"]["organisations"]
    assert len(him["person"]["organisations"]) == 2
    assert "两个都记" in him["sources"][0]["note"]
