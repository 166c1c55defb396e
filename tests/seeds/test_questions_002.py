"""Questions that somebody who has read document 002 asks, each with the answer that the document gives.

The answers were written down from the texts alone. Each is asked over HTTP in at most three requests. What a text
leaves unsaid is an answer, too: then it is looked for, and is not there.
"""

from typing import Any

import pytest

from service import seeding
from tests.seeds.asking import Asking, bases, unsaid
from tests.seeds.test_asked import of, said_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "2021-12-01"
"""The day at the page's foot: all that is known of what it reports without a day is that it was so by then."""


def meant(name: Any) -> str:
    """A name as it is meant."""
    return str(name.get("restored") or name.get("simplified") or name["printed"])


def notes(part: Any) -> str:
    """What the sources of a part note."""
    return "".join(source.get("note") or "" for source in part["sources"])


def dated(date: Any) -> tuple[str | None, str | None]:
    """The earliest and the latest day."""
    return date.get("earliest"), date.get("latest")


# --- Agreements -------------------------------------------------------------------------------------------------------

COMPENSATION = {
    "济南": {"莱芜区", "钢城区", "长清区", "平阴县"},
    "泰安": {"岱岳区", "肥城市", "东平县"},
}


async def test_who_signed_on_compensation_in_october_and_with_whom(asking: Asking) -> None:
    """Four with three, severally and one after another: how many papers, and who with whom, is not said."""
    agreement = await asking.the_one("agreements", q="流域横向生态补偿协议", expand="parties")
    sides: dict[str, set[str]] = {}
    for one in agreement["signatories"]:
        sides.setdefault(one["side"], set()).add(one["names"]["now"])
    assert sides == COMPENSATION
    day = agreement["signed"]["date"]
    assert (day["printed"], *dated(day)) == ("10月下旬", "2021-10-21", "2021-10-31")
    assert day["basis"] == "inferred", "the year"
    assert agreement["declared"]["pairing"] == "unknown"
    assert "signatories" not in agreement["declared"]
    assert agreement["instruments"] is None
    assert unsaid(agreement, "002", (0, 55)) == []


async def test_who_lies_upstream_and_who_pays_whom_how_much_until_when(asking: Asking) -> None:
    """Nothing of it is said: the principle alone is printed, and it is why they signed."""
    agreement = await asking.the_one("agreements", q="流域横向生态补偿协议", expand="parties")
    assert agreement["compensation"] == agreement["settlements"] == agreement["clauses"] == []
    assert not {"term", "expires", "in_force"} & agreement.keys()
    assert ("002", 56, 70) in said_at(agreement), "the principle"
    assert unsaid(agreement, "002", (45, 55), (56, 69)) == []
    assert "上下游" in notes(agreement)


ONE_STOP = {
    "济阳区行政审批服务局",
    "德城区行政审批服务局",
    "沾化区行政审批服务局",
    "垦利区行政审批服务局",
    "高青县行政审批服务局",
    "宁阳县行政审批服务局",
    "高唐县行政审批服务局",
}


async def test_how_many_matters_one_stop_covers_and_whose_offices_signed(asking: Asking) -> None:
    agreement = await asking.the_one("agreements", q="政务服务全省通办", expand="parties")
    assert {one["names"]["now"] for one in agreement["signatories"]} == ONE_STOP
    assert agreement["title"] == {"printed": "政务服务全省通办协作协议", "restored": "政务服务全省通办合作协议"}
    assert dated(agreement["signed"]["date"]) == (None, PAGE), "the day is not said"
    assert "declared" not in agreement, "seven is our count"
    assert unsaid(agreement, "002", (1738, 1794), (1812, 1822)) == []
    [figure] = await asking.found("figures", q="全省通办事项")
    [claim] = figure["claims"]
    assert (claim["count"]["value"], claim["count"]["unit"], claim["count"]["bound"]) == ("191", "项", "exact")


CITIES = {"高青县": "淄博市", "宁阳县": "泰安市", "高唐县": "聊城市"}


@pytest.mark.parametrize("county", CITIES)
async def test_which_city_three_of_the_counties_belong_to(asking: Asking, county: str) -> None:
    """The documents do not say: it is known from without."""
    held = await asking.the_one("parties", q=county, kind="county")
    assert meant((await asking.get(f"parties/{held['parent']}"))["name"]) == CITIES[county]
    [told] = [source for source in held["sources"] if "parent" in source.get("fields", ())]
    assert told["basis"] == "external"
    assert "没有写" in told["note"]


async def test_what_jinan_and_zibo_agreed_and_when(asking: Asking) -> None:
    """Three fields; the day, and who signed for them, is not said. It is none of the four of 6 February."""
    agreement = await asking.the_one("agreements", q="同城化建设战略合作协议", expand="parties")
    assert agreement["title"]["printed"] == "同城化建造战略协作协议"
    assert {one["names"]["now"] for one in agreement["signatories"]} == {"济南市", "淄博市"}
    assert [clause["heading"] for clause in agreement["clauses"]] == ["基础设施", "产业融合", "科技合作"]
    assert dated(agreement["signed"]["date"]) == (None, PAGE)
    assert agreement["signatures"] == agreement["links"] == []
    assert unsaid(agreement, "002", (624, 666)) == []


async def test_what_came_of_the_first_conference_of_the_cppcc_chairs(asking: Asking) -> None:
    meeting = await asking.the_one("meetings", q="政协主席第一次联席会议")
    [convener] = meeting["conveners"]
    assert (convener["role"], meant(convener["name"]), meant(convener["wording"])) == ("host", "济南市政协", "组织举办")
    assert bases(convener) == {"restored"}, "whose 市政协 it is"
    assert dated(meeting["held"]["date"]) == (None, PAGE)
    assert meeting["attendance"] == []
    assert unsaid(meeting, "002", (568, 591), (602, 623)) == []
    [discussed] = meeting["activities"]
    assert all(theme in discussed["text"] for theme in ("交通", "旅游", "生态环境"))
    [signed] = await asking.found(f"meetings/{meeting['id']}/agreements")
    assert (signed["title"], signed["kinds"], signed["signatories"]) == ("联席会议机制", ["mechanism_charter"], [])


async def test_whether_three_places_with_routes_in_common_have_an_agreement(asking: Asking) -> None:
    """Not said: they brought routes out together, and only one of them signed anything, with others."""
    [task] = await asking.found("tasks", q="精品旅游线路")
    units = {one["name"]: one["party"] for one in task["units"] if one["role"] == "lead"}
    assert units.keys() == {"济南钢城区", "新泰市", "沂源县"}
    assert await asking.found(f"parties/{units['新泰市']}/agreements") == []
    [other] = await asking.found(f"parties/{units['济南钢城区']}/agreements")
    assert other["title"] == "流域横向生态补偿协议"


# --- What was done, and by when ---------------------------------------------------------------------------------------


async def test_what_was_to_be_by_the_end_of_november_and_who_answers_for_it(asking: Asking) -> None:
    """Read as done among things done, which is inferred; nobody is named."""
    item = await asking.the_one("tasks", q="公积金", due_from="2021-11-01", due_to="2021-11-30")
    assert item["called"] == "公积金异地贷款按月委托提取业务圈内全覆盖"
    due = item["terms"]["due"]
    assert (due["printed"], due["precision"], *dated(due)) == ("11月底前", "before", None, "2021-11-30")
    assert due["basis"] == "inferred", "the year"
    assert item["units"] == []
    assert [one["step"] for one in item["life"]] == ["reported_done", "closed"]
    assert bases(item["life"][0]) == bases(item["life"][1]) == {"inferred"}
    assert "也可只读作期限" in notes(item["life"][0])
    assert "没有年份" in notes(item["life"][0])
    assert unsaid(item["life"][0], "002", (135, 161), (2569, 2573)) == [], "the year stands at the foot"
    assert "掩盖" in notes(item), "as printed"
    assert unsaid(item, "002", (135, 161)) == []


LINES = ("京九", "蓝烟", "龙烟", "新兖", "兖石", "邯济")


async def test_on_which_lines_the_green_giants_run_and_since_when(asking: Asking) -> None:
    task = await asking.the_one("tasks", q="绿巨人")
    assert all(line in task["terms"]["text"] for line in LINES)
    assert all(circle in task["terms"]["text"] for circle in ("省会", "胶东", "鲁南")), "not the seven cities alone"
    assert "等" in notes(task["terms"]), "there may be others"
    [started] = task["life"]
    assert (started["step"], started["effective"]["printed"]) == ("started", "11月12日起")
    assert (*dated(started["effective"]), started["effective"]["basis"]) == ("2021-11-12", "2021-11-12", "inferred")
    assert "due" not in task["terms"]
    assert unsaid(task, "002", (70, 118)) == []
    assert task["units"] == []


async def test_which_six_social_insurance_services_and_whether_they_are_of_the_191(asking: Asking) -> None:
    """One of six is named; that they are part of the 191 is not said."""
    figure = await asking.the_one("figures", q="社保业务")
    [claim] = figure["claims"]
    assert claim["count"]["value"] == "6"
    assert [one["label"] for one in figure["items"]] == ["参保缴费证明查询打印"]
    assert {one["target"].partition("/")[0] for one in figure["links"]} == {"tasks"}, "no agreement"
    assert "没有写" in figure["text"]
    assert unsaid(figure, "002", (2104, 2126)) == []


# --- Bodies -----------------------------------------------------------------------------------------------------------


async def test_under_what_name_the_first_qflp_fund_was_registered(asking: Asking) -> None:
    """The restored name, and the printed one; how large it is, and the day, is not said."""
    fund = await asking.the_one("parties", q="股权出资合伙企业")
    assert meant(fund["name"]) == "中企国云星生(济南)股权投资合伙企业(有限合伙)"
    [alias] = fund["aliases"]
    assert (alias["alias"]["printed"], alias["sorts"]) == ("中企国云星生(济南)股权出资合伙企业(有限合伙)", ["spun"])
    assert bases(alias) == {"restored"}
    assert (fund["founded"]["manner"], *dated(fund["founded"]["date"])) == ("incorporated", None, PAGE)
    assert "QFLP" in notes(fund["founded"])
    assert fund["identifiers"] == []
    assert unsaid(fund, "002", (1342, 1361), (1362, 1396)) == []
    [place] = fund["places"]
    assert meant((await asking.get(f"parties/{place['place']}"))["name"]) == "济南高新区"


SEVEN_ALLIANCES = {
    "省会经济圈区块链产业创新发展联盟",
    "省会经济圈“1+6”中医药一体化发展联盟",
    "省会经济圈体育产业合作联盟",
    "省会经济圈文旅推广联盟",
    "山东省步行街联盟",
    "省会经济圈院前医疗急救一体化发展联盟",
    "省会经济圈反走私联盟",
}


async def test_which_alliances_and_the_like_were_founded(asking: Asking) -> None:
    told = {}
    for kind in ("alliance", "association", "committee"):
        items = await asking.found("parties", kind=kind, document=of("002"))
        assert {one["status"] for one in items} == {"active"}
        told[kind] = {one["name"] for one in items}
    assert told["alliance"] == SEVEN_ALLIANCES
    assert told["association"] == {"省会经济圈研学旅游促进会"}
    assert told["committee"] == {"山东省会经济圈文创发展工作委员会"}


async def test_who_runs_the_office_of_the_joint_conference(asking: Asking) -> None:
    office = await asking.the_one("parties", q="省会经济圈一体化展开联席会议办公室")
    assert meant(office["name"]) == "省会经济圈一体化发展联席会议办公室"
    assert said_at(office["secretariat"]) == {("002", 271, 305)}
    commission = await asking.get(f"parties/{office['secretariat']['secretariat']}")
    assert meant(commission["name"]) == "济南市发展和改革委员会"
    assert office["holders"] == commission["holders"] == [], "no person is named"


# --- Works ------------------------------------------------------------------------------------------------------------

STAGES = {
    "operating": {"济南黄河济泺路隧道", "京台高速德州至齐河段改扩建"},
    "completed": {"胶济铁路至济青高铁联络线黄台站改造"},
    "started": {"京台高速改扩建", "济南大北环", "S103旅游公路济南段"},
    "under_construction": {
        "济郑高铁",
        "济莱高铁",
        "黄台联络线",
        "沾化至临淄高速公路",
        "济南至潍坊高速公路",
        "济高高速",
        "小清河济南港建设",
        "淄博港建设",
        "滨州内河港建设",
        "东营内河港建设",
        "东营港改造提升",
        "滨州港改造提升",
        "广利港改造提升",
        "济南遥墙国际机场二期改扩建",
        "东营胜利机场提升改造工程",
        "商河通用机场建设",
        "济南市生态环境数据资源中心建设",
        "济西与齐河黄河水乡湿地公园一体打造",
        "黄河下游绿色生态走廊建设",
    },
    "planned": {"济南至淄博轨道交通"},
    "known": {"滨州大高机场建设"},
}
"""How far each of the works is by the day of the page; of one airport the text does not say what is done to it."""


async def test_which_works_are_open_done_begun_under_way_or_planned(asking: Asking) -> None:
    told: dict[str, set[str]] = {}
    for one in await asking.found("projects", document=of("002"), as_of=PAGE):
        told.setdefault(one["status"], set()).add(one["title"])
        assert one["parties"] == one["investments"] == [], "who builds it and for how much is not said"
        assert one["since"] is None or one["since"]["latest"] == PAGE
    assert told == STAGES


async def test_two_stages_of_one_motorway_are_of_two_projects(asking: Asking) -> None:
    """A section is open, and a widening has just begun, nobody says where: no contradiction."""
    section, other = sorted(await asking.found("projects", q="京台高速"), key=lambda one: -len(one["title"]))
    assert (section["title"], section["status"]) == ("京台高速德州至齐河段改扩建", "operating")
    assert (other["title"], other["status"]) == ("京台高速改扩建", "started")
    held = await asking.get(f"projects/{other['id']}")
    assert held["links"] == []
    assert unsaid(held, "002", (972, 1001)) == []
    assert "两个项目" in notes(held)
    assert await asking.found("discrepancies", subject=f"projects/{other['id']}") == []


async def test_works_of_the_year_in_the_pipeline_have_no_sum(asking: Asking) -> None:
    """Only of the tunnel is it certain that it came in 2021, since it was planned still in February."""
    asked = {"from": "2021-02-06", "to": PAGE, "group": "stage", "rules": "current_stage"}
    told = await asking.get("pipeline", **asked)
    items = {one["group"]: one for one in told["items"]}
    assert items["operating"]["counted"]["projects"] == 1
    assert items["operating"]["uncertain"]["projects"] == 1
    assert items["started"]["counted"]["projects"] == 0
    assert items["started"]["uncertain"]["projects"] == 3
    assert items["operating"]["counted"]["sums"] == []


CLUSTERS = {"“十强产业”雁阵集群": "38", "“十强产业”领军企业": "58", "山东省特色产业集群": "28"}


async def test_how_many_clusters_and_leading_firms_and_as_of_when(asking: Asking) -> None:
    """Three measures of one day that is not said: nothing adds them up."""
    figures = await asking.found("figures", document=of("002"), period_to=PAGE)
    told = {}
    for one in figures:
        [claim] = one["claims"]
        told[one["metric"]] = claim["count"]["value"]
        assert (one["period"]["printed"], *dated(one["period"]["ends"])) == ("截至现在", None, PAGE)
        assert [whose["name"] for whose in one["concerned"]] == ["省会经济圈"]
        assert one["items"] == 0
    assert told == CLUSTERS


COUNTED = {
    "会上签署的合作协议": ("4", "个", 4),
    "省会经济圈的市": ("7", "个", 7),
    "省会、胶东、鲁南三大经济圈": ("3", "个", 3),
    "“十强产业”雁阵集群": ("38", "个", 0),
    "“十强产业”领军企业": ("58", "个", 0),
    "山东省特色产业集群": ("28", "个", 0),
    "第一批研学旅游线路": ("10", "条", 0),
    "第一批研学旅游目的地": ("21", "个", 0),
    "全省通办事项": ("191", "项", 0),
    "同城化办理的社保业务": ("6", "项", 0),
}
"""What the text counts, how many, and how many of them are named as things of their own."""


async def test_what_the_report_counts_and_how_many_of_each_are_named(asking: Asking) -> None:
    figures = {one["title"]: one for one in await asking.found("figures", document=of("002"))}
    told = {title: (*counted(one), one["counts"]) for title, one in figures.items() if title in COUNTED}
    assert told == COUNTED
    four = await asking.get(f"figures/{figures['会上签署的合作协议']['id']}/reconciliation")
    seven = await asking.get(f"figures/{figures['省会经济圈的市']['id']}/reconciliation")
    assert (four["adds_up"], seven["adds_up"]) == ("yes", "yes")


async def test_which_are_the_three_circles(asking: Asking) -> None:
    """Named in one breath, and all three; who drew them is not said."""
    figure = await asking.the_one("figures", q="三大经济圈")
    [whole] = (await asking.get(f"figures/{figure['id']}/reconciliation"))["items"]
    assert [(one["declared"]["low"], one["named"]["low"], one["adds_up"]) for one in whole["measures"]] == [
        ("3", "3", "yes")
    ]
    assert {one["target"] for one in whole["members"]} == {
        f"parties/{seeding.thing_id('parties', key)}" for key in ("省会经济圈", "胶东经济圈", "鲁南经济圈")
    }
    assert unsaid(figure, "002", (121, 134)) == []


def counted(figure: Any) -> tuple[str, str]:
    """How many things a figure's only claim counts, and in which unit."""
    [claim] = figure["claims"]
    assert claim["count"]["bound"] == "exact"
    return claim["count"]["value"], claim["count"]["unit"]


# --- The page ---------------------------------------------------------------------------------------------------------


async def test_of_what_the_page_is_a_repost_and_by_whom(asking: Asking) -> None:
    """Two sources are named, and the address of a third: which of them the host is, nobody says."""
    page = await asking.the_one("documents", kind="repost", date_from=PAGE, date_to=PAGE)
    assert page["title"]["printed"] == "共谋大发展 山东省会经济圈一体化发展成效显著"
    assert page["publisher"]["printed"] == "中国起重机械网"
    repeated = {one["printed"]["printed"]: bases(one) for one in page["republications"]}
    assert repeated == {"舜网-济南日报": {"stated"}, "导航网": {"inferred"}}
    assert unsaid(page, "002", (246, 254), (2216, 2226), (2468, 2476), (2546, 2568), (2569, 2579), (2580, 2590)) == []
    assert page["reliability"]["level"] == "low"
    [told] = await asking.found("discrepancies", subject=f"documents/{page['id']}")
    assert (told["status"], len(told["claims"]), told["chosen"]) == ("detected", 2, None)


SPUN = {
    "东营成功机场": "东营胜利机场",
    "济南遥墙世界机场": "济南遥墙国际机场",
    "济南黄河济泺路地道": "济南黄河济泺路隧道",
    "济南市展开和改革委员会": "济南市发展和改革委员会",
    "省会经济圈研学游览促进会": "省会经济圈研学旅游促进会",
    "体育工业协作联盟": "省会经济圈体育产业合作联盟",
    "山东省会经济圈文创展开作业委员会": "山东省会经济圈文创发展工作委员会",
    "形象济南": "印象济南",
    "行政法律": "省会经济圈行政执法合作机制",
}


async def test_which_words_were_replaced_and_what_stood_there(asking: Asking) -> None:
    """What is meant is restored, and no word blindly: 世界 is right in one place and 国际 in another."""
    parties = await asking.found("parties", document=of("002"))
    restored = {alias: one["name"] for one in parties for alias in one["aliases"]}
    assert {alias: restored[alias] for alias in SPUN} == SPUN
    plan = await asking.the_one("plans", q="“十四五”一体化展开规划")
    assert plan["titles"][0]["title"]["printed"] == "省会经济圈“十四五”一体化展开规划"
    assert unsaid(plan, "002", (382, 401), (457, 464)) == []
    told = {("世界级" in one["text"], "国际" in one["text"]) for one in plan["targets"]}
    assert told == {(True, False), (False, True), (False, False)}


FINDS = {
    "成功机场": {("party", "parties/东营胜利机场"), ("project", "projects/东营胜利机场改扩建")},
    "世界机场": {("party", "parties/济南遥墙国际机场"), ("project", "projects/济南遥墙国际机场二期改扩建")},
    "济泺路地道": {("party", "parties/济泺路穿黄隧道"), ("project", "projects/济泺路隧道")},
    "同城化建造": {("agreement", "agreements/济淄同城化建设战略合作协议")},
    "股权出资": {("party", "parties/中企国云星生(济南)股权投资合伙企业(有限合伙)")},
    "乡村复兴": {("plan", "plans/乡村振兴战略")},
}


@pytest.mark.parametrize("words", FINDS)
async def test_the_words_of_the_page_find_what_is_meant(asking: Asking, words: str) -> None:
    told = {(one["kind"], one["subject"]) for one in (await asking.get("search", q=words))["items"]}
    assert told == {(kind, named(subject)) for kind, subject in FINDS[words]}


def named(subject: str) -> str:
    """A subject, by its readable key."""
    category, _, key = subject.partition("/")
    return f"{category}/{seeding.thing_id(category, key)}"


async def test_whether_the_telephone_number_is_anybodys_contact(asking: Asking) -> None:
    """It belongs to the editors of a site: it is passed over, and no fact cites it."""
    number = (2480, 2493)
    told = await asking.get(f"documents/{of('002')}/coverage", state="passed", part="3")
    [span] = [one for one in told["items"] if one["start"] <= number[0] and number[1] <= one["end"]]
    assert (span["state"], span["by"], [one["reason"] for one in span["passed"]]) == ("passed", [], ["boilerplate"])
    parties = await asking.found("parties", document=of("002"))
    assert [one["identifiers"] for one in parties if one["identifiers"]] == []
    assert [one for one in parties if "导航" in one["name"]] == []


async def test_no_word_of_the_report_is_left_out(asking: Asking) -> None:
    """Ends of lines and blanks are left, 20 of them; that they are such, only who holds the text can tell."""
    totals = (await asking.get(f"documents/{of('002')}/coverage", limit="1"))["totals"]
    assert totals["open"] == {"spans": 20, "code_points": 20}
    assert totals["facts"] > 500


async def test_what_year_this_year_is_and_when_the_article_was_written(asking: Asking) -> None:
    """The page has a day; the year of what it tells follows from that. The newspaper's day is not said."""
    page = await asking.the_one("documents", kind="repost", date_from=PAGE, date_to=PAGE)
    assert (page["date"]["printed"], page["date"]["basis"]) == (PAGE, "stated")
    assert "不是原报道见报的日期" in notes(page)
    [paper] = [one for one in page["republications"] if one["printed"]["printed"] == "舜网-济南日报"]
    assert "original" not in paper
    assert "见报日期与版次未写" in paper["alterations"]
    [agreement] = await asking.found("agreements", q="流域横向生态补偿协议")
    assert agreement["signed"]["basis"] == "inferred"


# --- With another document --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("county", ["长清区", "平阴县"])
async def test_in_which_roles_two_counties_occur(asking: Asking, county: str) -> None:
    """Spoken of by another in 000, a signatory in 002."""
    [said] = await asking.found("statements", q=county)
    assert said["kind"] != "talk"
    assert [one["name"] for one in said["participants"] if one["role"] == "speaker"] == ["杨鲁豫"]
    [held] = await asking.found("parties", q=county, kind="county")
    [signed] = await asking.found(f"parties/{held['id']}/agreements")
    assert (signed["title"], signed["side"]) == ("流域横向生态补偿协议", "济南")


async def test_whether_38_and_28_clusters_agree_with_40(asking: Asking) -> None:
    """Not said: other kinds, another time, and of the 40 not even whose they are. No discrepancy."""
    told = {one["title"]: one for one in await asking.found("figures", q="集群")}
    counts = {title: one["claims"][0]["count"]["value"] for title, one in told.items()}
    assert counts == {"“十强产业”雁阵集群": "38", "山东省特色产业集群": "28", "济南市实施意见所围绕的产业集群": "40"}
    assert told["济南市实施意见所围绕的产业集群"]["concerned"] == []
    open_ones = await asking.found("discrepancies", q="集群")
    assert open_ones == []


@pytest.mark.parametrize(("figure", "place"), [("研学旅游目的地", (1587, 1598)), ("雁阵集群", (1413, 1427))])
async def test_where_the_whole_number_is_printed(asking: Asking, figure: str, place: tuple[int, int]) -> None:
    [found] = [one for one in await asking.found("figures", q=figure) if figure in one["title"]]
    told = await asking.get(f"figures/{found['id']}")
    assert said_at(told["claims"][0]) == {("002", *place)}


async def test_since_when_is_the_line_to_zibo_drawn_up(asking: Asking) -> None:
    """By the page's day. The word "now" stands at the head of the paragraph."""
    plan = await asking.the_one("plans", q="济南至淄博轨道交通")
    assert (plan["drafted"]["date"]["printed"], *dated(plan["drafted"]["date"])) == ("现在", None, PAGE)
    assert unsaid(plan["drafted"], "002", (850, 852), (918, 935)) == []
