"""Questions that several documents answer together: one thing told twice, by degrees, or in two ways.

The answers were written down from the texts alone. Each is asked over HTTP in at most three requests. What the texts
leave unsaid is an answer, too: then it is looked for, and is not there.
"""

from typing import Any

import pytest

from tests.seeds.asking import Asking, as_told, bases, citations, unsaid
from tests.seeds.test_asked import of
from tests.seeds.test_questions_001 import ACTIVITY
from tests.seeds.test_questions_002 import PAGE, dated, meant, notes
from tests.seeds.test_questions_003 import CONFERENCE, DAY

pytestmark = pytest.mark.asyncio(loop_scope="module")


def documents(part: Any) -> set[str]:
    """The documents whose words a part of an answer rests on."""
    return {number for number, _, _ in citations(part)}


# --- The second joint conference --------------------------------------------------------------------------------------


async def test_who_convened_the_second_joint_conference(asking: Asking) -> None:
    """Two answers, each with its source, and nobody has decided between them."""
    meeting = await asking.the_one("meetings", q=CONFERENCE)
    conveners = {
        (meant(one["name"]), meant(one["wording"]), one["role"]): documents(one) for one in meeting["conveners"]
    }
    assert conveners == {
        ("山东省委", "召开", "convener"): {"003"},
        ("山东省政府", "召开", "convener"): {"003"},
        ("济南市", "组织举办", "host"): {"002"},
    }
    told = await asking.found("discrepancies", subject=f"meetings/{meeting['id']}", q="召开")
    assert [(one["status"], len(one["claims"]), one["chosen"]) for one in told] == [("detected", 2, None)]


async def test_on_what_day_it_was_and_in_which_year(asking: Asking) -> None:
    """The afternoon stands in one document, the day in both, the year in neither."""
    meeting = await asking.the_one("meetings", q=CONFERENCE)
    held = meeting["held"]
    assert dated(held["date"]) == DAY
    assert held["date"]["basis"] == "inferred", "the year"
    assert documents(held) == {"002", "003"}
    assert unsaid(held, "003", (77, 92), (120, 127), (325, 330)) == []


async def test_under_which_names_it_goes(asking: Asking) -> None:
    meeting = await asking.the_one("meetings", q=CONFERENCE)
    assert meeting["title"] == {"printed": "省会经济圈“一圈同城 共建共享”推进会议暨第二次联席会"}
    others = {one["title"]["printed"]: documents(one) for one in meeting["titles"]}
    assert others == {"第2次联席会议": {"002"}, "省会经济圈推进会议暨第二次联席会": {"003"}}
    [found] = await asking.found("meetings", q="第2次联席会议")
    assert found["id"] == meeting["id"]


async def test_which_joint_conferences_occur_and_who_is_in_them(asking: Asking) -> None:
    """Three bodies; of that of two cities it is not said that it came to be."""
    told = {one["name"]: one for one in await asking.found("parties", kind="joint_conference")}
    assert told.keys() == {"济南聊城两市联席会议", "省会经济圈一体化发展联席会议", "省会经济圈政协主席联席会议"}
    assert told["济南聊城两市联席会议"]["status"] == "proposed"


# --- Plans ------------------------------------------------------------------------------------------------------------


async def test_whether_it_is_a_plan_or_a_scheme(asking: Asking) -> None:
    """One plan: its bracketed title stands in 003, the other word in 002, where words were replaced."""
    plan = await asking.the_one("plans", q="“369”行动计划")
    assert plan["title"]["printed"] == "省会经济圈一体化发展“369”行动方案"
    others = {one["title"]["printed"]: documents(one) for one in plan["titles"]}
    assert others == {"“369”行动计划": {"002"}, "省会经济圈一体化行动“369”方案": {"003"}}
    told = await asking.found("discrepancies", subject=f"plans/{plan['id']}", q="行动计划")
    assert [(one["status"], len(one["claims"])) for one in told] == [("detected", 2)]


async def test_whether_the_guidance_is_the_opinion(asking: Asking) -> None:
    """Two papers, of two titles: that one carries out the other is not said, but inferred from what both ask for."""
    [guidance] = await asking.found("plans", q="指导意见")
    opinion = await asking.the_one("plans", q="济南市关于推进省会经济圈一体化发展的实施意见")
    assert (guidance["title"], guidance["made"], guidance["bodies"]) == (
        "关于加快省会经济圈一体化发展的指导意见",
        None,
        [],
    )
    [link] = [one for one in opinion["links"] if one["target"] == f"plans/{guidance['id']}"]
    assert bases(link) == {"inferred"}
    assert "没有提" in notes(link)


async def test_what_became_of_the_plan_for_five_years(asking: Asking) -> None:
    """To be drawn up in 003, issued and in force in 002: one plan. The day and the number are not said."""
    plan = await asking.the_one("plans", q="省会经济圈“十四五”一体化发展规划")
    assert plan["title"]["printed"] == "省会经济圈“十四五”一体化发展规划"
    assert {"002", "003"} <= documents(plan)
    assert documents(plan["issued"]) == {"002"}
    assert (plan["issued"]["date"]["latest"], "number" in plan["issued"]) == (PAGE, False)
    assert "004" not in documents(plan), "that of 004 is another"


async def test_what_two_documents_say_of_the_net_around_jinan(asking: Asking) -> None:
    """A ring with ten rays, or the shape of a letter: whether it is one net, and which is later, is not said."""
    nets = {one["title"]: one for one in await asking.found("projects", q="高铁网")}
    assert nets.keys() == {"“一环十射”高铁网", "“米”字形高铁网络"}
    assert {one["status"] for one in nets.values()} == {"planned"}
    [told] = await asking.found("discrepancies", q="高铁网")
    assert (told["status"], told["chosen"]) == ("detected", None)
    assert {one["text"] for one in told["claims"]} == {"“一环十射”。", "“米”字形。"}


# --- What was planned, and what came of it ----------------------------------------------------------------------------


async def test_what_became_of_the_tunnel(asking: Asking) -> None:
    """Planned in 003, open in 002: the day is not said, but lies between the two."""
    tunnel = await asking.the_one("projects", q="济泺路")
    assert (tunnel["status"], meant(tunnel["title"])) == ("operating", "济南黄河济泺路隧道")
    assert [one["title"]["printed"] for one in tunnel["titles"]] == ["济泺路穿黄隧道"]
    assert (documents(tunnel["planned"]), documents(tunnel["operating"])) == ({"003"}, {"002"})
    assert dated(tunnel["planned"]["date"]) == (None, "2021-02-06")
    assert dated(tunnel["operating"]["date"]) == ("2021-02-06", PAGE)
    assert bases(tunnel["titles"][0]) == {"inferred"}
    assert unsaid(tunnel, "003", (2712, 2723)) == unsaid(tunnel, "002", (942, 971)) == []


async def test_how_dongyings_airport_stands_and_what_it_is_called(asking: Asking) -> None:
    [airport] = await asking.found("parties", q="东营成功机场")
    assert airport["name"] == "东营胜利机场"
    works = await asking.the_one("projects", q="东营成功机场")
    assert (works["status"], meant(works["title"])) == ("under_construction", "东营胜利机场提升改造工程")


async def test_how_jinans_airport_is_called(asking: Asking) -> None:
    airport = await asking.the_one("projects", q="济南国际机场二期")
    assert airport["title"] == {"printed": "济南遥墙世界机场二期改扩建", "restored": "济南遥墙国际机场二期改扩建"}
    assert (documents(airport["planned"]), documents(airport["under_construction"])) == ({"003"}, {"002"})


LATER = {
    "济南黄河济泺路隧道": "operating",
    "济郑高铁": "under_construction",
    "济南遥墙国际机场二期改扩建": "under_construction",
    "东营胜利机场提升改造工程": "under_construction",
    "东营港改造提升": "under_construction",
    "滨州港改造提升": "under_construction",
    "广利港改造提升": "under_construction",
}


async def test_which_works_are_planned_in_one_and_further_in_the_other(asking: Asking) -> None:
    """Those that both tell of, each with its later stage; and four harbours of works that are planned as a whole."""
    first = {one["title"]: one["status"] for one in await asking.found("projects", document=of("003"))}
    second = {one["title"]: one["status"] for one in await asking.found("projects", document=of("002"))}
    both = {title: status for title, status in first.items() if second.get(title) == status}
    harbours = {f"{port}建设" for port in ("小清河济南港", "淄博港", "滨州内河港", "东营内河港")}
    assert {title: status for title, status in both.items() if title not in harbours} == LATER
    assert {both[title] for title in harbours} == {"under_construction"}
    assert (first["小清河港口建设"], first["济滨高铁"]) == ("planned", "planned")
    assert "济莱高铁" in second.keys() - first.keys()
    [alliance] = await asking.found("parties", q="文旅推广联盟")
    assert alliance["status"] == "active"


async def test_what_became_of_the_pilot_of_four_cities(asking: Asking) -> None:
    """All seven have it by the day of 002: that this came of the pilot is inferred."""
    pilot = await asking.the_one("tasks", q="普通门诊异地联网直接结算")
    assert {one["name"]["printed"] for one in pilot["units"]} == {"济南", "淄博", "滨州", "东营"}
    done = {one["step"]: one for one in pilot["life"]}
    assert bases(done["reported_done"]) == {"inferred"}
    assert dated(done["reported_done"]["effective"]) == ("2021-02-06", PAGE)
    assert documents(done["reported_done"]) == {"002", "003"}
    [link] = pilot["links"]
    greater = await asking.get(link["target"])
    assert greater["status"] == "closed"
    assert unsaid(pilot, "003", (2967, 2998)) == []


async def test_which_four_places_have_a_mechanism_and_whether_it_is_set_up(asking: Asking) -> None:
    """Not the four cities. To be explored in both texts: that it exists is not said."""
    mechanism = await asking.the_one("parties", q="四地一体化发展新机制")
    assert mechanism["status"] == "proposed"
    assert {"003", "004"} <= documents(mechanism)
    members = {one["member"] for one in mechanism["members"]}
    names = {one["name"] for one in await asking.found("parties", document=of("003")) if one["id"] in members}
    assert names == {"济南新旧动能转换先行区", "周村区", "齐河县", "邹平市"}


async def test_which_seven_cities_form_the_circle_and_which_document_lists_them(asking: Asking) -> None:
    figure = await asking.the_one("figures", q="省会经济圈的市")
    [claim] = figure["claims"]
    assert (as_told(claim["count"])[:2], documents(claim)) == (("7", "个"), {"002", "003"})
    members = [one for one in figure["links"] if one["relation"] == "counts"]
    assert (len(members), {number for one in members for number in documents(one)}) == (7, {"002"})
    counted = {one["target"] for one in members}
    parties = await asking.found("parties", kind="city", document=of("002"))
    names = {one["name"] for one in parties if f"parties/{one['id']}" in counted}
    assert names == {f"{city}市" for city in ("济南", "淄博", "泰安", "聊城", "德州", "滨州", "东营")}


# --- Deadlines, units, money ------------------------------------------------------------------------------------------

DUE = {"11月底前": "2021-11-30", "2021年": "2021-12-31"}
HORIZONS = {("2021年", "2021-12-31"), ("2022年底前", "2022-12-31"), ("2025年底前", "2025-12-31")}


async def test_which_tasks_have_a_day_and_who_answers_for_them(asking: Asking) -> None:
    """Two; nobody is said to answer for either, nor any person for any task."""
    tasks = await asking.found("tasks")
    due = [one for one in tasks if one["due"]]
    assert {one["due"]["printed"]: one["due"]["latest"] for one in due} == DUE
    assert [one["units"] for one in due] == [[], []]
    assert {unit["person"] for one in tasks for unit in one["units"]} == {None}


async def test_which_horizons_the_plans_have(asking: Asking) -> None:
    """Three, of two plans; the years of the five-year plan stand with the sum that is for them."""
    found = await asking.found("plans")
    told = set()
    for title in ("省会经济圈一体化发展“369”行动方案", "济南市关于推进省会经济圈一体化发展的实施意见"):
        [plan] = [one for one in found if one["title"] == title]
        held = await asking.get(f"plans/{plan['id']}")
        told |= {(one["horizon"], one["due"]["latest"]) for one in held["targets"] if one.get("horizon")}
    assert told == HORIZONS


async def test_which_offices_answer_for_the_circle(asking: Asking) -> None:
    """Two offices, each of another body."""
    offices = {one["name"]: one["parent"] for one in await asking.found("parties", kind="office")}
    both = ("省会经济圈一体化发展联席会议办公室", "济南市推进省会经济圈一体化发展工作领导小组办公室")
    assert offices.keys() >= set(both)
    assert offices[both[0]] != offices[both[1]]


async def test_whether_four_sums_come_to_one(asking: Asking) -> None:
    """A bound, a sum of intentions, a part of that, a plan, and what was paid in: no figure is their total."""
    figures = await asking.found("figures")
    sums = [claim["sum"] for one in figures for claim in one["claims"] if claim["sum"]]
    told = {one["value"]: as_told(one)[2:] for one in sums if one["unit"] == "亿元"}
    assert told["400"][0] == "below"
    assert told["7900"] == ("exact", "planned")
    assert told["520"] == ("exact", "paid_in")
    [stages] = [one for one in figures if ACTIVITY in one["title"]]
    held = await asking.get(f"figures/{stages['id']}")
    signed = {claim["sum"]["value"]: claim["sum"].get("modality") for claim in held["claims"] if claim.get("sum")}
    assert signed == {"511.5": "total", "276.6": "planned", "234.9": "planned", "326.7": "total"}
    assert not {"8411.5", "8738.2"} & (told.keys() | signed.keys())


async def test_how_the_tourist_line_is_called_and_whether_it_is_one(asking: Asking) -> None:
    """Three contexts, two names: that they are one is not said."""
    first = (await asking.get("search", q="山泉水圣"))["items"]
    second = (await asking.get("search", q="山水圣人"))["items"]
    assert {(one["kind"], one["title"]) for one in first} == {("clause", "战略合作框架协议")}
    assert {one["title"] for one in second if one["kind"] == "plan_item"} == {
        "省会经济圈一体化发展“369”行动方案",
        "济南市关于推进省会经济圈一体化发展的实施意见",
    }
    assert {one["subject"] for one in first} & {one["subject"] for one in second} == set()


DISAGREEMENTS = {
    "联席会议由谁召开": 2,
    "签约双方": 3,
    "第三类的名称": 2,
    "所签协议的名称": 2,
    "阿尔法航空": 2,
    "来自哪里": 2,
    "审议稿": 2,
    "行动计划": 2,
    "高铁网": 2,
}
"""What the registry holds as told in two ways or more, by words of it, and how many ways."""


async def test_which_disagreements_the_registry_holds(asking: Asking) -> None:
    """None is decided. What differs in its name alone is one thing of two names."""
    told = await asking.found("discrepancies")
    assert len(told) == len(DISAGREEMENTS)
    assert {(one["status"], one["chosen"]) for one in told} == {("detected", None)}
    for words, ways in DISAGREEMENTS.items():
        [found] = [one for one in told if words in one["what"]]
        assert len(found["claims"]) == ways
    [airport] = await asking.found("parties", q="东营成功机场")
    [maker] = await asking.found("parties", q="阿尔法航空集团公司")
    assert (airport["name"], maker["name"]) == ("东营胜利机场", "阿尔法航空制造集团公司")


# --- The auditor's table ----------------------------------------------------------------------------------------------

COUNTED = {
    "“369”方案的六大工程": ("6", None),
    "“369”方案的“九个一”": ("9", "9"),
    "文旅一体化“十个一”工程": ("10", "10"),
    "交通重大工程项目": ("110", None),
    "推进建设的高铁": ("9", "3"),
    "谋划推动的铁路客货运通道": ("11", "2"),
    "建设改造的高速公路": ("21", None),
    "改造提升和穿城改线的国省道": ("11", "3"),
    "规划建设的跨黄桥隧": ("24", "2"),
    "规划建设的民用机场": ("4", "1"),
    "规划建设的通用机场": ("5", None),
    "山东产业技术研究院支持建设运营的分院": ("5", "5"),
    "会上签署的合作协议": ("4", "4"),
    "济南市实施意见的重点任务": ("7", "7"),
    "济南市实施意见的重点工作": ("109", None),
    "全省通办事项": ("191", None),
}
"""How many are declared, and how many of these are listed: more than twenty are 21 at least."""


@pytest.mark.parametrize("title", COUNTED)
async def test_what_the_documents_count_and_list(asking: Asking, title: str) -> None:
    [figure] = [one for one in await asking.found("figures") if one["title"] == title]
    told = await asking.get(f"figures/{figure['id']}/reconciliation")
    [measure] = [one for one in told["items"][0]["measures"] if one["measure"] == "count"]
    named = measure["named"]["low"] if measure["named"] else None
    assert (measure["declared"]["low"], named) == COUNTED[title]


@pytest.mark.parametrize(("body", "since"), [("济泺路隧道", "founded"), ("文旅推广联盟", "founded")])
async def test_what_was_there_before_it_was_planned(asking: Asking, body: str, since: str) -> None:
    """On the day before the plan neither was there: 002 tells that they are, and not since when."""
    [found] = await asking.found("parties", q=body)
    told = await asking.get(f"parties/{found['id']}")
    assert dated(told[since]["date"]) == ("2021-02-06", PAGE)
    before = await asking.get(f"parties/{found['id']}", as_of="2021-02-05")
    assert (before["status"], since in before) == ("proposed", False)


async def test_when_the_plan_of_the_five_years_was_drawn_up(asking: Asking) -> None:
    """Not on the day on which 003 has it as a goal, nor before."""
    plan = await asking.the_one("plans", q="一体化发展规划")
    assert [dated(plan[step]["date"]) for step in ("drafted", "approved", "issued")] == [("2021-02-06", PAGE)] * 3
