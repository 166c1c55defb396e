"""Questions that somebody who has read document 003 asks, each with the answer that the document gives.

The answers were written down from the texts alone. Each is asked over HTTP in at most three requests. What the text
leaves unsaid is an answer, too: then it is looked for, and is not there.
"""

from typing import Any

import pytest

from service import seeding
from tests.seeds.asking import Asking, as_told, bases, unsaid
from tests.seeds.test_asked import of
from tests.seeds.test_questions_002 import dated, meant, notes

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = ("2021-02-06", "2021-02-06")
CONFERENCE = "推进会议暨第二次联席会"
SEVEN_CITIES = ("济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市")
NINE_ONES = [
    "规划编制共绘一幅图",
    "交通设施共织一张网",
    "科技创新共闯一条路",
    "产业发展共强一基地",
    "文化旅游共唱一台戏",
    "公共服务共扫一个码",
    "要素资源共下一盘棋",
    "生态环保共算一本账",
    "市场开放共打一副牌",
]
TEN_ONES = [
    "成立一个文旅推广联盟",
    "设计一套品牌形象标识",
    "建立一个文旅宣传平台",
    "制作一张文旅手绘地图",
    "编辑一本文化旅游指南",
    "拍摄一部文化旅游宣传片",
    "策划一批文旅精品线路",
    "推出一批文化创意产品",
    "开展一批文旅推广活动",
    "建设一批文旅产业项目",
]


async def whole(asking: Asking, q: str) -> tuple[Any, Any, list[str]]:
    """A figure as listed, its whole as reconciled, and what is counted in it by name: two requests."""
    [figure] = await asking.found("figures", q=q, document=of("003"))
    told = await asking.get(f"figures/{figure['id']}/reconciliation")
    [node] = told["items"]
    return figure, node, [one["target"] for one in node["members"]]


async def titles(asking: Asking, resource: str, **asked: str) -> dict[str, str]:
    """What there is, by subject."""
    return {f"{resource}/{one['id']}": one["title"] for one in await asking.found(resource, **asked)}


# --- The plan ---------------------------------------------------------------------------------------------------------


async def test_what_369_declares_and_what_the_document_lists(asking: Asking) -> None:
    """Eighteen are declared: nine are listed for sure, three by inference, six not at all."""
    plan = await asking.the_one("plans", q="“369”行动方案")
    groups = {item["label"]: item for item in plan["items"] if item.get("label") in {"3", "6", "9"}}
    under = {label: [one for one in plan["items"] if one.get("parent") == item["id"]] for label, item in groups.items()}
    declared = {label: (item["declared"]["value"], len(under[label])) for label, item in groups.items()}
    assert declared == {"3": ("3", 3), "6": ("6", 0), "9": ("9", 9)}
    assert [one["heading"] for one in under["9"]] == NINE_ONES
    parents = {
        source["basis"] for one in under["3"] for source in one["sources"] if "parent" in source.get("fields", ())
    }
    assert parents == {"inferred"}, "that these are the three"
    assert unsaid(plan, "003", (1545, 1589), (3417, 3426), (4117, 4126)) == []


async def test_which_are_the_three_actions_and_when(asking: Asking) -> None:
    """They are not enumerated: three meetings are told of under that head, without a day."""
    [item] = await asking.found("plans", q="“369”行动方案")
    [three] = [one for one in item["declared"] if one["called"] == "双招双引三大行动"]
    assert (three["declared"]["value"], three["listed"]) == ("3", 3)
    told = {one["title"]: one for one in await asking.found("meetings", document=of("003"), status="announced")}
    expected = {
        "省会经济圈与跨国公司(上海)合作交流会",
        "“新发展·新格局·新济南”北京推介会",
        "“面向RCEP、抱团出海、深耕日韩”联合招商推介会",
    }
    assert expected <= told.keys()


async def test_which_six_works_it_contains_for_2021(asking: Asking) -> None:
    """Not said: the number alone is printed, and the year."""
    _, node, members = await whole(asking, "六大工程")
    [measure] = node["measures"]
    assert (measure["declared"]["low"], measure["named"], members) == ("6", None, [])
    [plan] = await asking.found("plans", q="“369”行动方案")
    [works] = [one for one in plan["declared"] if one["called"] == "六大工程"]
    assert works["listed"] == 0


async def test_whether_the_plan_was_adopted_as_final_or_as_a_draft(asking: Asking) -> None:
    """Adopted, says one text; the draft for review was, says the other. Whether it was issued is not said."""
    plan = await asking.the_one("plans", q="“369”行动方案")
    assert dated(plan["adopted"]["date"]) == DAY
    assert "issued" not in plan
    assert "审议稿" in notes(plan["under_review"])
    titles = {one["title"]["printed"] for one in plan["titles"]}
    assert titles == {"“369”行动计划", "省会经济圈一体化行动“369”方案"}
    [told] = await asking.found("discrepancies", q="审议稿")
    assert (told["status"], told["chosen"]) == ("detected", None)
    assert {one["value"] for one in told["claims"]} == {None, "审议稿"}
    assert unsaid(plan, "003", (1318, 1339), (1513, 1544), (1428, 1445)) == []


async def test_what_the_cultural_ten_contain_and_what_has_a_date(asking: Asking) -> None:
    """Ten, none with a day; beside them a meeting of that year, of which nothing more is known."""
    plan = await asking.the_one("plans", q="“369”行动方案")
    [ten] = [one for one in plan["items"] if one.get("label") == "十个一"]
    assert ten["declared"]["value"] == "10"
    assert [one["heading"] for one in plan["items"] if one.get("parent") == ten["id"]] == TEN_ONES
    [task] = await asking.found("tasks", q="文化旅游资源推介大会")
    assert (task["due"]["printed"], task["due"]["precision"], task["due"]["latest"]) == ("2021年", "year", "2021-12-31")
    assert task["units"] == [], "with whom is not said"


async def test_whether_the_promotion_meeting_of_that_year_took_place(asking: Asking) -> None:
    """Not said: document 002 tells of other meetings. It is announced, and the task is past its year."""
    [meeting] = await asking.found("meetings", q="文化旅游资源推介大会")
    assert meeting["status"] == "announced"
    [task] = await asking.found("tasks", q="文化旅游资源推介大会")
    assert (task["status"], task["reported"]) == ("listed", None)


# --- Works and numbers ------------------------------------------------------------------------------------------------


async def test_what_7900_is_and_whether_it_belongs_to_the_110(asking: Asking) -> None:
    """Planned, for the years of one plan. That it is for those 110, or holds the 2800, is not said: three figures."""
    figures = await asking.found("figures", document=of("003"))
    told = {one["metric"]: one for one in figures}
    [works] = told["交通重大工程项目"]["claims"]
    assert as_told(works["count"]) == ("110", "个", "exact", None)
    assert works["sum"] is None
    [money] = told["“十四五”实施的交通项目总投资"]["claims"]
    assert as_told(money["sum"]) == ("7900", "亿元", "exact", "planned")
    assert money["count"] is None
    assert told["“十四五”实施的交通项目总投资"]["period"]["printed"] == "“十四五”"
    [roads] = told["建设改造的高速公路"]["claims"]
    assert as_told(roads["sum"]) == ("2800", "亿元", "about", "total")
    assert as_told(roads["count"]) == ("20", "条", "above", None)
    projects = await asking.found("projects", document=of("003"))
    assert {one["title"]: one["investments"] for one in projects if one["investments"]} == {}, "no sum of any project"


RAILWAYS = {
    "推进建设的高铁": ("9", {"济郑高铁", "济滨高铁", "京沪高铁辅助通道"}),
    "谋划推动的铁路客货运通道": ("11", {"滨莱济临通道", "鲁中通道"}),
}


@pytest.mark.parametrize("metric", RAILWAYS)
async def test_how_many_railways_are_declared_and_named(asking: Asking, metric: str) -> None:
    _, node, members = await whole(asking, metric)
    [measure] = node["measures"]
    projects = await titles(asking, "projects", document=of("003"), kind="transport")
    number, names = RAILWAYS[metric]
    assert (measure["declared"]["low"], {projects[one] for one in members}) == (number, names)
    assert measure["named"]["low"] == str(len(names))
    assert measure["adds_up"] == "cannot_be_said"


async def test_how_long_the_new_railways_are_and_by_when(asking: Asking) -> None:
    """840 kilometres, twice as many as there are; for none of it is there a day."""
    plan = await asking.the_one("plans", q="“369”行动方案")
    targets = {one.get("metric") or one["text"]: one for one in plan["targets"]}
    assert as_told(targets["新增高铁里程"]["quantity"]) == ("840", "公里", "exact", "planned")
    assert {"圈内高铁里程翻一番。", "每个市都通高铁。"} <= targets.keys()
    assert [one["horizon"] for one in plan["targets"] if one.get("due")] == ["2021年"], "the six works alone"


async def test_how_many_crossings_of_the_yellow_river_there_will_be_and_are(asking: Asking) -> None:
    """44 when they are built, 24 of which are planned or not: how many there are now is not said."""
    figures = {one["metric"]: one for one in await asking.found("figures", q="跨黄")}
    counts = {metric: as_told(one["claims"][0]["count"]) for metric, one in figures.items()}
    assert counts == {
        "七市的跨黄通道": ("44", "条", "exact", "planned"),
        "规划建设的跨黄桥隧": ("24", "条", "exact", None),
    }
    assert [len(one["claims"]) for one in figures.values()] == [1, 1], "nothing says 20"
    planned = await asking.get(f"figures/{figures['规划建设的跨黄桥隧']['id']}/reconciliation")
    projects = await titles(asking, "projects", document=of("003"), kind="transport")
    [node] = planned["items"]
    assert {projects[one["target"]] for one in node["members"]} == {"济南黄河济泺路隧道", "东阿至东平黄河大桥"}


async def test_which_airports_are_planned_and_whether_jinans_is_one_of_the_four(asking: Asking) -> None:
    """One of four is named, none of five; whether that of 济南 is one of the four is not said."""
    figures = {one["metric"]: one for one in await asking.found("figures", q="机场")}
    counts = {
        metric: one["claims"][0]["count"]["value"] for metric, one in figures.items() if one["claims"][0]["count"]
    }
    assert counts == {"规划建设的民用机场": "4", "规划建设的通用机场": "5"}
    [capacity] = figures["济南国际机场的容量"]["claims"]
    assert as_told(capacity["quantity"]) == ("8500", "万人次", "exact", "planned")
    told = await asking.get(f"figures/{figures['规划建设的民用机场']['id']}/reconciliation")
    projects = await titles(asking, "projects", q="机场")
    assert [projects[one["target"]] for one in told["items"][0]["members"]] == ["东营胜利机场提升改造工程"]


async def test_which_cities_have_a_branch_of_the_institute(asking: Asking) -> None:
    """Five; 东营 is the one of the six that is left out."""
    _, node, members = await whole(asking, "产业技术研究院")
    [measure] = node["measures"]
    assert (measure["declared"]["low"], measure["named"]["low"], measure["adds_up"]) == ("5", "5", "yes")
    names = await asking.found("parties", q="山东产业技术研究院", kind="institute")
    branches = {one["name"] for one in names if f"parties/{one['id']}" in members}
    assert branches == {f"山东产业技术研究院{city}分院" for city in ("淄博", "泰安", "聊城", "德州", "滨州")}


# --- The meeting ------------------------------------------------------------------------------------------------------


async def test_who_attended_chaired_and_spoke_by_name(asking: Asking) -> None:
    meeting = await asking.the_one("meetings", q=CONFERENCE)
    people = {
        (one["person"]["name"]["printed"], one["person"]["title"], one["role"])
        for one in meeting["attendance"]
        if one.get("person")
    }
    assert people == {
        ("王书坚", "省委常委、常务副省长", "attendee"),
        ("王书坚", "省委常委、常务副省长", "speaker"),
        ("孙立成", "省委常委、济南市委书记", "chair"),
        ("孙立成", "省委常委、济南市委书记", "speaker"),
        ("孙述涛", "济南市委副书记、市长", "attendee"),
        ("孙述涛", "济南市委副书记、市长", "speaker"),
    }
    assert not {"place", "venue"} & meeting["held"].keys(), "where is not said"
    assert unsaid(meeting, "003", (180, 243), (1407, 1422)) == []


FOUR = {
    "省会经济圈交通一体化协同推进合作协议": "交通一体化协同推进",
    "省会经济圈民生事项共建共享合作协议": "民生事项共建同享",
    "省会经济圈投资促进携手联动合作协议": "出资促进携手联动",
    "省会经济圈投融资平台共建共享合作协议": "投融资平台共建同享",
}


async def test_who_signed_the_four_agreements_of_that_day(asking: Asking) -> None:
    """Not said, in neither document."""
    [meeting] = await asking.found("meetings", q=CONFERENCE)
    signed = await asking.found(f"meetings/{meeting['id']}/agreements")
    assert {one["title"] for one in signed} == FOUR.keys()
    assert [one["signatories"] for one in signed] == [[]] * 4
    assert [one["declared"] for one in signed] == [None] * 4


@pytest.mark.parametrize("title", FOUR)
async def test_each_of_the_four_under_both_names(asking: Asking, title: str) -> None:
    """Four agreements, not eight: the short and spun name finds the one with the full title."""
    [full] = await asking.found("agreements", q=title)
    agreement = await asking.the_one("agreements", q=FOUR[title])
    assert agreement["id"] == full["id"]
    assert agreement["title"]["printed"] == title
    assert FOUR[title] in {one["title"]["printed"] for one in agreement["titles"]}


FOUR_CIRCLES = {"互联", "产业创新圈", "绿色生态圈", "普惠生活圈"}


async def test_what_two_speakers_asked_for_and_whether_it_is_due(asking: Asking) -> None:
    """Requests, no agreement: with no deadline, and nobody who answers for it."""
    said = await asking.found("statements", document=of("003"), kind="request")
    assert len(said) == 15
    texts = [one["text"] for one in said]
    assert all(any(circle in text for text in texts) for circle in FOUR_CIRCLES)
    assert any("交通一体化专项规划" in text for text in texts)
    addressed = {
        meant({"printed": part.get("name") or part["group"]})
        for one in said
        for part in one["participants"]
        if part["role"] == "addressee"
    }
    assert addressed == {
        *("省会经济圈七市", "圈内各市", "七市党委、政府", "济南市"),
        *("省直有关部门", "省直部门", "驻鲁单位", "省会经济圈一体化发展联席会议办公室"),
    }
    assert {one["due"] for one in said} == {None}
    assert await asking.found("tasks", q="王书坚") == await asking.found("tasks", q="孙立成") == []


async def test_when_the_first_joint_conference_was(asking: Asking) -> None:
    """Not said, but that it was before the second. The one of the CPPCC's chairs is another body's."""
    told = {one["title"]: one for one in await asking.found("meetings", q="第一次联席会议")}
    assert told.keys() == {"第一次联席会议", "省会经济圈政协主席第一次联席会议"}
    meeting = await asking.get(f"meetings/{told['第一次联席会议']['id']}")
    assert dated(meeting["held"]["date"]) == (None, "2021-02-05")
    assert (bases(meeting["held"]), meeting["held"]["date"]["basis"]) == ({"stated"}, "inferred")
    assert "没有日期" in notes(meeting["held"])
    [session] = meeting["sessions"]
    other = await asking.get(f"meetings/{told['省会经济圈政协主席第一次联席会议']['id']}")
    assert session["body"] != other["sessions"][0]["body"]


THE_SEVEN = (168, 192)
"""Where 002 lists the seven cities, which 003 and 004 never do."""


async def test_who_are_the_seven_that_were_there_and_adopted_the_plan(asking: Asking) -> None:
    """The page gives their number. Which they are rests on the other page that lists them."""
    meeting = await asking.the_one("meetings", q=CONFERENCE)
    cities = {str(seeding.thing_id("parties", city)) for city in SEVEN_CITIES}
    for role in ("speaker", "attendee"):
        there = [one for one in meeting["attendance"] if one["role"] == role and one.get("party") in cities]
        assert len(there) == 7
        assert [one["party"] for one in there if unsaid(one, "002", THE_SEVEN)] == []
    [adopted] = [one for one in meeting["resolutions"] if "by" in one]
    assert set(adopted["by"]) == cities
    assert unsaid(adopted, "002", THE_SEVEN) == []


async def test_who_carries_the_plan_out_and_who_draws_the_next_one_up(asking: Asking) -> None:
    for plan, role in (("369", "executor"), ("一体化发展规划", "drafter")):
        asking.asked = 0
        told = await asking.the_one("plans", q=plan)
        seven = [one for one in told["bodies"] if one["role"] == role]
        assert len(seven) == 7
        assert [one["party"] for one in seven if unsaid(one, "002", THE_SEVEN)] == []


async def test_who_presents_itself_in_beijing(asking: Asking) -> None:
    task = await asking.the_one("tasks", q="在央企(北京)合作交流会上推介")
    assert [one["role"] for one in task["units"]] == ["lead"] * 7
    assert [one["party"] for one in task["units"] if unsaid(one, "002", THE_SEVEN)] == []


@pytest.mark.parametrize("words", ["对接", "都在圈层支撑", "七市党委、政府结合"])
async def test_of_whom_it_was_asked(asking: Asking, words: str) -> None:
    statement = await asking.the_one("statements", q=words, document=of("003"))
    assert len(statement["performance"]["performers"]) == 7
    assert unsaid(statement["performance"], "002", THE_SEVEN) == []


async def test_which_item_asks_for_the_plan_of_the_lines(asking: Asking) -> None:
    """The one that names it, not the goal that this stands under."""
    plan = await asking.the_one("plans", q="轨道交通线网规划")
    [link] = plan["links"]
    asked = await asking.get(link["target"])
    [item] = [one for one in asked["items"] if f"items/{one['id']}" == link["target_part"]]
    assert item["text"] == "编制轨道交通线网规划。"


async def test_how_dense_and_how_that_compares(asking: Asking) -> None:
    figure = await asking.the_one("figures", q="路网密度")
    [claim] = figure["claims"]
    assert (as_told(claim["quantity"])[0], claim["text"]) == ("6.5", "居全国前列。")
    assert unsaid(claim, "003", (2456, 2481)) == [], "both, the number and the comparison"


async def test_where_nine_lines_and_seven_cities_crossings_are_counted(asking: Asking) -> None:
    """A heading has the nine, too. Whose crossings they are is inferred: the circle is not named there."""
    lines = await asking.the_one("figures", q="推进建设的高铁")
    assert unsaid(lines["claims"][0], "003", (2123, 2130), (2238, 2240)) == []
    asking.asked = 0
    crossings = await asking.the_one("figures", q="跨黄通道")
    [area] = crossings["concerned"]
    assert (bases(area), "name" in area) == ({"inferred"}, False)


@pytest.mark.parametrize(("place", "city"), [("齐河县", "德州市"), ("邹平市", "滨州市")])
async def test_to_which_city_a_place_belongs_is_known_from_without(asking: Asking, place: str, city: str) -> None:
    told = await asking.the_one("parties", q=place, kind="county")
    assert told["parent"] == str(seeding.thing_id("parties", city))
    assert [source["basis"] for source in told["sources"] if source.get("fields") == ["parent"]] == ["external"]
