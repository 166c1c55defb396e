"""What documents 000 and 002 plan and report, written down by hand by somebody who read them, asked over HTTP.

A place is the document's number with the first code point cited and the one behind the last. Document 001 plans
nothing: what was said there stands as statements.
"""

from datetime import date
from typing import Any

import httpx
import pytest

from service.domain.task.lateness import Standing, lateness
from tests.seeds.test_asked import Place, bases, found, get, name_of, said_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEVEN = {"济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市"}

# --- What is done, and where that is said -----------------------------------------------------------------------------

DONE: dict[str, tuple[Place, str]] = {
    "公积金异地贷款按月委托提取业务圈内全覆盖": (("002", 135, 161), "2021-11-30"),
    "撤销国省道收费站": (("002", 1027, 1055), "2021-12-01"),
    "取缔违法限高限宽设施": (("002", 1055, 1081), "2021-12-01"),
    "企业开办全域通办": (("002", 2076, 2089), "2021-12-01"),
    "启用社会保险个人网上服务专区": (("002", 2089, 2104), "2021-12-01"),
    "6项社保业务同城化办理": (("002", 2104, 2127), "2021-12-01"),
    "省会经济圈异地就医联网结算": (("002", 2127, 2160), "2021-12-01"),
    "四市普通门诊异地联网直接结算试点": (("002", 2127, 2160), "2021-12-01"),
    "重点领域建立合作机制": (("002", 2160, 2201), "2021-12-01"),
    "省会经济圈文旅推广联盟成立": (("002", 1484, 1508), "2021-12-01"),
    "三地联合推出精品旅游线路": (("002", 1827, 1865), "2021-12-01"),
    "聊城两个开发区分设": (("000", 2185, 2208), "2013-12-01"),
    "聊城市精简行政审批项目": (("000", 2443, 2463), "2013-12-01"),
}
"""Where a report says that it is done, and by which day it was at the latest."""
PLANNED = {"省会经济圈异地就医联网结算", "四市普通门诊异地联网直接结算试点", "省会经济圈文旅推广联盟成立"}
"""What document 003 plans still, on 6 February 2021."""


async def task(service: httpx.AsyncClient, title: str, **asked: str) -> Any:
    """The task that is called so."""
    [item] = [one for one in await found(service, "tasks", q=title) if one["title"] == title]
    return await get(service, f"tasks/{item['id']}", **asked)


async def plan(service: httpx.AsyncClient, title: str, **asked: str) -> Any:
    """The plan that is called so."""
    [item] = [one for one in await found(service, "plans", q=title) if one["title"] == title]
    return await get(service, f"plans/{item['id']}", **asked)


async def units(service: httpx.AsyncClient, held: Any, role: str) -> set[str]:
    """Who answers for a task in that role."""
    return {await name_of(service, one["party"]) for one in held["units"] if one["role"] == role}


async def named(service: httpx.AsyncClient, subject: str) -> str:
    """What a plan is called."""
    held = await get(service, subject)
    title = held.get("title") or {"printed": held["called"]}
    return str(title.get("restored", title["printed"]))


def step(held: Any, name: str) -> Any:
    """The only step of that name."""
    [one] = [one for one in held["life"] if one["step"] == name]
    return one


def overlap(one: Place, other: Place) -> bool:
    """Whether two places have words in common."""
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


async def test_what_is_done_and_where_that_is_said(service: httpx.AsyncClient) -> None:
    closed = await found(service, "tasks", status="closed")
    assert {one["title"] for one in closed} == set(DONE)
    assert await found(service, "tasks", status="reported_done") == []
    for title, (place, day) in DONE.items():
        held = await task(service, title)
        report, closing = step(held, "reported_done"), step(held, "closed")
        assert any(overlap(place, told) for told in said_at(report)), title
        assert report["effective"]["latest"] == day
        planned = "2021-02-06" if title in PLANNED else None
        assert report["effective"].get("earliest") == planned, "nobody gives the day; what was planned was not done yet"
        assert report.get("by", []) == closing.get("by", []) == []
        assert bases(closing) == ["inferred"], "nobody writes that it was verified"
        assert closing["sources"][0]["note"]


async def test_what_goes_on_and_whose_it_is(service: httpx.AsyncClient) -> None:
    under_way = {one["title"] for one in await found(service, "tasks", status="in_progress")}
    assert under_way == {"协同保护大泰山", "7市产业协同融合发展", "圈内毗邻县域合作", "“绿巨人”动车组开行"}
    mountain = await task(service, "协同保护大泰山")
    assert await units(service, mountain, "lead") == {"济南市"}
    assert await units(service, mountain, "supporting") == {"泰安市", "淄博市"}
    assert said_at(step(mountain, "started")) >= {("002", 1932, 1951)}
    [office] = await found(service, "parties", q="省会经济圈一体化发展联席会议办公室", kind="office")
    led = {one["title"] for one in await found(service, "tasks", lead=office["id"])}
    assert led == {"7市产业协同融合发展", "圈内毗邻县域合作"}


async def test_who_answers_where_the_words_say_so(service: httpx.AsyncClient) -> None:
    settlement = await task(service, "省会经济圈异地就医联网结算")
    assert await units(service, settlement, "lead") == SEVEN
    assert {basis for one in settlement["units"] for basis in bases(one)} == {"inferred"}
    for title in ("撤销国省道收费站", "取缔违法限高限宽设施", "公积金异地贷款按月委托提取业务圈内全覆盖"):
        assert (await task(service, title))["units"] == []
    split = await task(service, "聊城两个开发区分设")
    assert await units(service, split, "lead") == {"聊城市"}


async def test_what_was_due_before_the_end_of_november_2021(service: httpx.AsyncClient) -> None:
    """One thing by that day; besides, a meeting was to come at some time of the year."""
    due = await found(service, "tasks", due_from="2021-11-30", due_to="2021-11-30")
    fund = "公积金异地贷款按月委托提取业务圈内全覆盖"
    assert {one["title"] for one in due} == {fund, "文化旅游资源推介大会举办"}
    terms = (await task(service, fund))["terms"]
    assert terms["due"]["printed"] == "11月底前"
    assert (terms["due"]["latest"], terms["due"]["basis"], terms["due"].get("earliest")) == (
        "2021-11-30",
        "inferred",
        None,
    )
    assert {("002", 135, 140)} <= said_at(terms, "due")
    [item] = [one for one in due if one["title"] == fund]
    told = Standing(status=item["status"], duty=item["duty"], deadline=date(2021, 11, 30), reported=item["reported"])
    late = lateness(told, date(2021, 12, 2))
    assert (late.colour, late.late_by) == (None, None), "reported in time"


async def test_before_they_were_planned_and_in_the_time_that_nobody_dates(service: httpx.AsyncClient) -> None:
    """The alliance was planned on 6 February 2021 and founded by 1 December: on a day between, nobody can say."""
    title = "省会经济圈文旅推广联盟成立"
    held = await task(service, title)
    listed = step(held, "listed")["effective"]
    assert (listed["earliest"], listed["latest"]) == ("2021-02-06", "2021-02-06")
    before = await task(service, title, as_of="2021-02-05")
    assert (before["status"], before["life"], before["uncertain"]) == ("registered", [], [])
    between = await task(service, title, as_of="2021-06-30")
    assert any(pointer.startswith("/life/") for pointer in between["uncertain"])
    after = await task(service, title, as_of="2021-12-01")
    assert (after["status"], after["uncertain"]) == ("closed", [])


# --- What one document plans and another reports ----------------------------------------------------------------------


async def test_the_plan_of_five_years_is_asked_for_in_one_text_and_approved_in_another(
    service: httpx.AsyncClient,
) -> None:
    held = await plan(service, "省会经济圈“十四五”一体化发展规划")
    assert held["status"] == "issued"
    assert {await name_of(service, party) for party in held["approved"]["by"]} == {"山东省政府"}
    assert said_at(held["approved"]) >= {("002", 401, 413)}
    assert held["approved"]["date"]["latest"] == held["issued"]["date"]["latest"] == "2021-12-01"
    assert bases(held["issued"]) == ["inferred"], "approved for issuing; who issued it is unsaid"
    [link] = held["links"]
    action_plan = await get(service, link["target"])
    assert (link["relation"], action_plan["title"]["printed"]) == ("implements", "省会经济圈一体化发展“369”行动方案")
    [asked] = [one for one in action_plan["items"] if f"items/{one['id']}" == link["target_part"]]
    assert asked["heading"] == "规划编制共绘一幅图"
    assert {place[0] for place in said_at(link)} == {"003"}
    drafters = {await name_of(service, one["party"]) for one in held["bodies"] if one["role"] == "drafter"}
    assert drafters == SEVEN
    assert len(held["targets"]) == 6
    assert all(one.get("quantity") is None and one.get("due") is None for one in held["targets"])
    assert {one["title"]["printed"] for one in held["titles"]} >= {"省会经济圈“十四五”一体化展开规划"}


async def test_tasks_that_rest_on_the_action_plan_and_are_done(service: httpx.AsyncClient) -> None:
    action_plan = await plan(service, "省会经济圈一体化发展“369”行动方案")
    done = await found(service, "tasks", plan=action_plan["id"], status="closed")
    headings = {f"items/{one['id']}": one.get("heading") or one["text"] for one in action_plan["items"]}
    assert {one["title"]: [headings[base["on_part"]] for base in one["bases"]] for one in done} == {
        "省会经济圈文旅推广联盟成立": ["成立一个文旅推广联盟"],
        "省会经济圈异地就医联网结算": ["扩大异地定点医疗机构联网结算的范围。"],
        "四市普通门诊异地联网直接结算试点": ["四市之间先行试点普通门诊的异地联网结算。"],
    }
    meeting = await get(service, f"meetings/{action_plan['adopted']['meeting']}")
    [act] = [one for one in meeting["resolutions"] if one.get("about") == f"plans/{action_plan['id']}"]
    assert action_plan["adopted"]["meeting_part"] == f"resolutions/{act['id']}"
    assert said_at(action_plan["adopted"]) >= {("002", 499, 520)}


async def test_a_plan_drawn_up_whose_railway_is_a_project(service: httpx.AsyncClient) -> None:
    railway = await plan(service, "济南至淄博轨道交通初步规划")
    assert (railway["status"], said_at(railway["drafted"]) >= {("002", 918, 935)}) == ("drafted", True)
    assert await found(service, "tasks", q="隧道") == []
    assert await found(service, "tasks", q="机场") == []


async def test_a_strategy_of_the_province_and_the_cities_that_carry_it_out(service: httpx.AsyncClient) -> None:
    held = await plan(service, "区域协调发展战略部署")
    assert held["status"] == "executing"
    bodies = {role: {one["party"] for one in held["bodies"] if one["role"] == role} for role in ("issuer", "executor")}
    assert {await name_of(service, party) for party in bodies["issuer"]} == {"山东省委", "山东省政府"}
    assert {await name_of(service, party) for party in bodies["executor"]} == SEVEN


# --- The newspaper page of 2013 ---------------------------------------------------------------------------------------


def tree(held: Any) -> dict[str, list[str]]:
    """What a plan lists under each item of its own, by their headings or texts."""
    called = {one["id"]: one.get("heading") or one["text"] for one in held["items"]}
    found: dict[str, list[str]] = {}
    for one in held["items"]:
        above = called[one["parent"]] if one.get("parent") else ""
        found.setdefault(above, []).append(called[one["id"]])
    return found


async def test_what_liaocheng_set_itself(service: httpx.AsyncClient) -> None:
    held = await plan(service, "东融西借,跨越赶超")
    assert tree(held) == {
        "": ["东融", "西借"],
        "东融": ["融理念", "融产业", "融交通", "融环境"],
        "西借": ["借力发展", "借机突破", "借势而上"],
    }
    assert [(one.get("quantity"), one.get("due")) for one in held["targets"]] == [(None, None)] * 3
    assert {await name_of(service, party) for party in held["adopted"]["by"]} == {"聊城市"}
    adopted = held["adopted"]["date"]
    assert (adopted["latest"], adopted["basis"], adopted.get("earliest")) == ("2013-11-29", "external", None)
    executors = {await name_of(service, one["party"]) for one in held["bodies"] if one["role"] == "executor"}
    assert executors == {"聊城市委", "聊城市政府"}
    links = {(link["relation"], await named(service, link["target"])) for link in held["links"]}
    assert links == {
        ("follows", "中原经济区战略"),
        ("follows", "西部经济隆起带战略"),
        ("based_on", "中原经济区战略"),
        ("implements", "建设省会城市群经济圈战略"),
    }


async def test_two_strategies_that_took_liaocheng_in(service: httpx.AsyncClient) -> None:
    """One was being carried out: the province had called people up for it. Of the other no more is told."""
    for title, step in {"西部经济隆起带战略": "executing", "中原经济区战略": "adopted"}.items():
        held = await plan(service, title)
        assert held["status"] == step
        taken = held[step]
        assert (taken["date"]["latest"], taken["date"].get("earliest"), taken.get("by")) == ("2013-11-29", None, None)
        assert {source["basis"] for source in taken["sources"]} == {"inferred"}


async def test_six_measures_whose_number_nobody_gives(service: httpx.AsyncClient) -> None:
    held = await plan(service, "聊城市系列重大措施")
    assert tree(held) == {"": ["招商引资", "重点项目", "城乡建设", "二次创业", "土地挖潜", "优化环境"]}
    assert all(one.get("declared") is None for one in held["items"])
    [link] = held["links"]
    above = await get(service, link["target"])
    assert (link["relation"], above["title"]["printed"]) == ("implements", "东融西借,跨越赶超")


async def test_four_parks_declared_and_four_listed(service: httpx.AsyncClient) -> None:
    held = await plan(service, "大三角地带规划建设")
    [parks] = [one for one in held["items"] if one.get("declared")]
    assert (parks["heading"], parks["declared"]["value"], parks["listed"]) == ("四个千亿园区", "4", 4)
    assert tree(held)["四个千亿园区"] == ["铝深加工", "化工新材料", "新能源汽车", "阿胶生物产业"]
    assert tree(held)["综合改革"] == ["土地", "税收", "金融", "体制机制"]
    assert held["status"] == "registered", "nobody says who decided on it, or when"


async def test_a_plan_that_is_known_by_its_title_alone(service: httpx.AsyncClient) -> None:
    held = await plan(service, "省会城市群经济圈发展规划")
    assert held["status"] == "issued"
    assert said_at(held["issued"]) >= {("000", 538, 555)}
    assert (held["items"], held["targets"], held["bodies"]) == ([], [], [])
    [link] = held["links"]
    strategy = await get(service, link["target"])
    assert (link["relation"], strategy["called"]) == ("implements", "建设省会城市群经济圈战略")
    assert {await name_of(service, party) for party in strategy["adopted"]["by"]} == {"山东省委", "山东省政府"}


async def test_what_liaocheng_means_to_supply_owes_nothing_to_the_agreement(service: httpx.AsyncClient) -> None:
    held = await plan(service, "聊城供应济南农产品的打算")
    assert (held["status"], held["links"], len(held["items"]), len(held["targets"])) == ("registered", [], 2, 1)
