"""Questions that somebody who has read document 004 asks, each with the answer that the document gives.

The answers were written down from the texts alone. Each is asked over HTTP in at most three requests. What the text
leaves unsaid is an answer, too: then it is looked for, and is not there.
"""

from collections import Counter

import pytest

from tests.seeds.asking import Asking, bases, unsaid
from tests.seeds.test_asked import of, said_at
from tests.seeds.test_questions_002 import SEVEN_ALLIANCES, counted, dated, meant
from tests.seeds.test_questions_003 import THE_SEVEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPINION = "济南市关于推进省会经济圈一体化发展的实施意见"


async def test_who_issued_and_drafted_the_opinion_when_and_under_which_number(asking: Asking) -> None:
    """Printed is only "recently": the last day that it may be is known from without. No number is given."""
    plan = await asking.the_one("plans", q=OPINION)
    assert plan["title"]["printed"] == "濟南市關于推進省會經濟圈一體化發展的實施意見"
    bodies = {one["role"]: meant(one["name"]) for one in plan["bodies"] if "name" in one}
    assert bodies == {"issuer": "济南市", "drafter": "济南市推进省会经济圈一体化发展工作领导小组办公室"}
    date = plan["issued"]["date"]
    assert (date["printed"], date["basis"], *dated(date)) == ("近日", "external", None, "2020-10-30")
    assert "number" not in plan["issued"]
    assert "date" not in plan["drafted"]
    assert unsaid(plan, "004", (0, 34), (246, 282)) == []


SEVEN_TASKS = [
    "完善基础设施网络体系",
    "建设产业集聚引领高地",
    "强化生态环境共保联治",
    "打造文明交流互鉴窗口",
    "提高区域公共服务水平",
    "扩大对内对外双向开放",
    "创新区域协调发展机制",
]


async def test_which_seven_tasks_it_sets_and_whether_all_are_described(asking: Asking) -> None:
    [figure] = await asking.found("figures", q="重点任务")
    [counted] = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    [measure] = counted["measures"]
    assert (measure["declared"]["low"], measure["named"]["low"], measure["adds_up"]) == ("7", "7", "yes")
    [subject] = {one["target"] for one in counted["members"]}
    plan = await asking.get(subject)
    assert unsaid(plan, "004", (312, 396)) == []
    [group] = [item for item in plan["items"] if item.get("declared", {}).get("value") == "7"]
    assert [item["heading"] for item in plan["items"] if item.get("parent") == group["id"]] == SEVEN_TASKS
    described = Counter(item.get("parent") for item in plan["items"])
    assert all(described[item["id"]] > 0 for item in plan["items"] if item.get("heading") in SEVEN_TASKS)


HORIZONS = {
    "2022年底前": ("2022-12-31", 9, ("经济高地", "绿色一体化示范区", "重大进展")),
    "2025年底前": (
        "2025-12-31",
        13,
        ("科创济南", "智造济南", "文化济南", "生态济南", "康养济南", "大强美富通"),
    ),
}
"""The last day, how many targets are set for it, and some words of them."""


async def test_what_is_to_be_reached_by_which_horizon_and_with_which_number(asking: Asking) -> None:
    """Two horizons, and not one number. The second is told twice."""
    plan = await asking.the_one("plans", q=OPINION)
    assert {one["horizon"] for one in plan["targets"]} == HORIZONS.keys()
    for horizon, (day, count, words) in HORIZONS.items():
        targets = [one for one in plan["targets"] if one["horizon"] == horizon]
        assert len(targets) == count
        assert {one["due"]["latest"] for one in targets} == {day}
        assert all(any(word in one["text"] for one in targets) for word in words)
        first = next(one for one in targets if one.get("metric") == "省会城市首位度")
        assert len({place for place in said_at(first) if place[2] - place[1] == 21}) == (1 if "2022" in horizon else 2)
    assert [one for one in plan["targets"] if "quantity" in one] == []
    assert unsaid(plan, "004", (405, 425), (59, 79), (525, 545), (617, 636), (577, 607)) == []


async def test_how_many_works_which_whose_and_by_when(asking: Asking) -> None:
    """109 are announced, none is listed: no unit, no deadline. The tasks that the opinion gives are not they."""
    [item] = await asking.found("plans", q=OPINION)
    [works] = [one for one in item["declared"] if one["called"] == "109项重点工作"]
    assert (works["declared"]["value"], works["listed"]) == ("109", 0)
    ledger = await asking.get("ledger", plan=item["id"], item=works["item"])
    assert (ledger["items"], ledger["totals"]["tasks"]) == ([], 0)
    others = await asking.get("ledger", plan=item["id"])
    assert {one["due"] for one in others["items"]} == {None}


async def test_109_works_cannot_be_said_to_add_up(asking: Asking) -> None:
    [item] = await asking.found("figures", q="实施意见的重点工作")
    [whole] = (await asking.get(f"figures/{item['id']}/reconciliation"))["items"]
    [measure] = whole["measures"]
    assert (measure["declared"]["low"], measure["declared"]["high"], measure["named"]) == ("109", "109", None)
    assert (measure["adds_up"], whole["members"]) == ("cannot_be_said", [])


RULES = {
    "deadline": 1,
    "responsibility": 2,
    "adjustment": 1,
    "inspection": 2,
    "ledger": 1,
    "evaluation": 1,
    "publicity": 1,
}


async def test_by_which_rules_its_ledger_is_kept(asking: Asking) -> None:
    """Intervals, colours, who inspects and who approves a change: nothing of it is said."""
    plan = await asking.the_one("plans", q=OPINION)
    assert Counter(one["sort"] for one in plan["rules"]) == RULES
    for rule in plan["rules"]:
        assert not {"thresholds", "near", "behind", "escalate", "slack"} & rule.keys(), "none of its own"
    works = {one["id"] for one in plan["items"] if one.get("declared", {}).get("value") == "109"}
    assert {one.get("item") for one in plan["rules"] if one["sort"] != "publicity"} == works
    assert [one for one in plan["bodies"] if one["role"] in {"approver", "reviewer"}] == []
    assert unsaid(plan, "004", (2037, 2062), (2075, 2101), (2102, 2115), (2125, 2146)) == []


REPAIRS = {
    (954, 959): "規模化發展",
    (1605, 1611): "和專科聯盟",
    (1655, 1679): "社保“一卡通”,推進電子社保卡應用,加強社會保障體系",
    (2199, 2205): "(濟南時報)",
}


async def test_which_passages_are_broken_and_what_stood_there(asking: Asking) -> None:
    """Three in the text, and the paper's name in its last line: read from their bytes, so restored."""
    report = await asking.get(f"documents/{of('004')}")
    repaired, simplified = report["versions"]
    assert {(one["start"], one["end"]): one["text"] for one in repaired["edits"]} == REPAIRS
    assert (repaired["sort"], bases(repaired), simplified["sort"]) == ("repaired", {"restored"}, "simplified")
    assert (report["script"], report["title"], report["publisher"]) == ("hant", None, None)
    [paper] = report["republications"]
    assert (meant(paper["printed"]), bases(paper)) == ("济南时报", {"restored"})
    assert unsaid(report, "004", *REPAIRS) == []
    assert (report["date"]["basis"], *dated(report["date"])) == ("external", None, "2020-10-30")


async def test_how_many_chains_and_clusters_and_whose(asking: Asking) -> None:
    """Whose they are is not said, nor is one of them named; the fields of the works stand in another item."""
    plan = await asking.the_one("plans", q=OPINION)
    assert unsaid(plan, "004", (910, 945), (960, 1000)) == []
    figures = await asking.found("figures", plan=plan["id"])
    counts = {one["metric"]: (one["claims"][0]["count"]["value"], one["concerned"]) for one in figures}
    assert counts["产业链条"] == ("37", [])
    assert counts["产业集群"] == ("40", [])
    assert {one["counts"] for one in figures if one["metric"].startswith("产业")} == {0}
    [fields] = [item for item in plan["items"] if "集中攻坚" in item.get("text", "")]
    assert all(name in fields["text"] for name in ("数字产业", "氢能源", "精品钢", "医疗健康"))


COUNTED = {
    "重点任务": ("7", "项", 7),
    "重点工作": ("109", "项", 0),
    "产业链条": ("37", "个", 0),
    "产业集群": ("40", "个", 0),
}
"""What the text counts, how many, and how many of them it lists."""


async def test_what_the_report_counts_and_how_many_of_each_are_listed(asking: Asking) -> None:
    figures = await asking.found("figures", document=of("004"))
    told = {one["metric"]: (*counted(one), one["counts"]) for one in figures if one["metric"] in COUNTED}
    assert told == COUNTED


TO_BE = {
    "alliance": {"省会经济圈教育联盟", "省会经济圈医联体", "省会经济圈专科联盟", "“走出去”产业联盟"},
    "mechanism": {
        "济南新旧动能转换先行区等四地一体化发展新机制",
        "省会经济圈政务数据共享开放工作机制",
        "省会经济圈跨区域生态环境保护机制",
        "“山水圣人”中华文化枢轴文旅合作机制",
        "省会经济圈教育长效合作机制",
        "省会经济圈转诊和远程医疗合作机制",
        "黄河流域合作新机制",
        "国家重大战略互动机制",
    },
}


async def test_which_alliances_and_mechanisms_it_wants_and_whether_they_exist(asking: Asking) -> None:
    """Each is proposed and no more. None of the alliances is among those that 002 tells as founded."""
    for kind, names in TO_BE.items():
        items = await asking.found("parties", kind=kind, document=of("004"))
        assert {one["name"] for one in items} == names
        assert {one["status"] for one in items} == {"proposed"}
    assert TO_BE["alliance"].isdisjoint(SEVEN_ALLIANCES)


async def test_what_a_broken_name_is_read_as(asking: Asking) -> None:
    alliance = await asking.the_one("parties", q="专科联盟")
    assert alliance["name"]["printed"] == "??坡撁?"
    assert (meant(alliance["name"]), bases(alliance)) == ("省会经济圈专科联盟", {"restored"})
    assert unsaid(alliance, "004", (1597, 1611)) == []


async def test_with_which_cities_the_axis_is_built_and_whether_they_are_of_the_circle(
    asking: Asking,
) -> None:
    [task] = await asking.found("tasks", q="“山水圣人”文化枢轴")
    others = {one["name"]: one["party"] for one in task["units"] if one["role"] == "supporting"}
    assert others.keys() == {"泰安", "濟寧"}
    [circle] = await asking.found("parties", q="山东省会经济圈", kind="region")
    members = {one["id"]: one["name"] for one in await asking.found("parties", member_of=circle["id"])}
    assert set(members.values()) == {"济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市"}
    assert {name for name, id in others.items() if id in members} == {"泰安"}


WORKS = {
    "“米”字形高铁网络",
    "济南国际内陆港建设",
    "济南国际文旅城建设",
    "明水古城建设",
    "黄河流域河湖治理工程",
}


async def test_which_works_it_names_and_how_far_they_are(asking: Asking) -> None:
    """Each is asked for by an item of it: planned by its day, and no more; no sum."""
    [plan] = await asking.found("plans", q=OPINION)
    works = await asking.found(f"plans/{plan['id']}/projects")
    assert {one["title"] for one in works} == WORKS
    for one in works:
        assert (one["status"], one["since"]["latest"]) == ("planned", "2020-10-30")
        assert one["investments"] == []


async def test_how_two_texts_describe_the_net_of_railways(asking: Asking) -> None:
    """Neither explains the other, and nobody has decided."""
    [net] = await asking.found("discrepancies", q="高铁网")
    assert (net["status"], [one["text"] for one in net["claims"]]) == ("detected", ["“一环十射”。", "“米”字形。"])
    held = await asking.get(f"discrepancies/{net['id']}", expand="choice")
    assert {number for one in held["claims"] for number, _, _ in said_at(one)} == {"003", "004"}
    assert held["proposed_choice"]["why"] == "heaviest"


async def test_no_word_of_the_report_is_left_out(asking: Asking) -> None:
    told = await asking.get(f"documents/{of('004')}/coverage", state="open")
    assert {one["end"] - one["start"] for one in told["items"]} <= {1, 2}, "ends of lines"
    assert told["totals"]["facts"] > 300


@pytest.mark.parametrize("task", ["生态环境污染综合防治", "教育长效合作机制建立", "社保一卡通推行"])
async def test_who_are_the_cities_of_the_circle_that_it_works_with(asking: Asking, task: str) -> None:
    """The report names none of the six: they are those that 002 lists, and each says so."""
    told = await asking.the_one("tasks", q=task)
    others = [one for one in told["units"] if one["role"] == "supporting"]
    assert len(others) == 6
    assert [one["party"] for one in others if unsaid(one, "002", THE_SEVEN)] == []
    assert {bases(one) == {"inferred"} for one in others} == {True}


async def test_around_which_city_the_net_lies(asking: Asking) -> None:
    net = await asking.the_one("projects", q="“米”字形")
    [place] = net["places"]
    assert (place["name"]["printed"], place["text"]) == ("濟南", "以此为中心")
    assert unsaid(place, "004", (689, 695)) == []
