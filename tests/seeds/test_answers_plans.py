"""What documents 003 and 004 plan, written down by hand by somebody who read them, against the registry's answers."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service import seeding
from service.config import room
from service.domain.decider import Ref
from service.domain.plan.state import DEFAULT, Plan, Target, asked, limits, listed, status
from service.domain.task import state as task_state
from service.domain.task.lateness import lateness, standing
from service.domain.task.state import Task
from service.domain.values import UncertainDate
from service.registry import Registry
from tests.seeds.reading import party, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENTS = {seeding.thing_id("documents", path.stem): path.stem[:3] for path in room("seeds").glob("*.toml")}
ACTION_PLAN = "省会经济圈一体化发展369行动方案"
OPINION = "济南市关于推进省会经济圈一体化发展的实施意见"
FIVE_YEARS = "省会经济圈“十四五”一体化发展规划"
GUIDANCE = "关于加快省会经济圈一体化发展的指导意见"
CONFERENCE = "省会经济圈第二次联席会议"
SEVEN = {party(city) for city in ("济南市", "淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市")}
FEBRUARY = date(2021, 2, 6)
FOOT = date(2021, 12, 1)
"""The day at the foot of 002: what that says was done, was done by then."""


def said_in(sources: Iterable[Any]) -> set[str]:
    """The documents, by their numbers, whose words a part rests on."""
    return {DOCUMENTS[citation.document] for source in sources for citation in source.citations}


def bases(part: Any) -> set[str]:
    """What a part rests on: stated, inferred, …"""
    return {source.basis for source in part.sources}


def bounds(day: UncertainDate | None) -> tuple[date | None, date | None]:
    """The first and last day that a date may be."""
    assert day is not None
    return day.earliest, day.latest


def id_of(plan: str, key: str) -> UUID:
    """The id of a plan's part."""
    return seeding.part_id(seeding.thing_id("plans", plan), key)


def counted(plan: Plan, name: str, key: str) -> tuple[str | None, int]:
    """How many things an item declares, and how many are listed in it."""
    id = id_of(name, key)
    declared = plan.items[str(id)].declared
    return declared.value if declared is not None else None, listed(plan)[id]


def under(plan: Plan, parent: UUID | None) -> list[Any]:
    """The items directly under one, in their order."""
    return sorted((one for one in plan.items.values() if one.parent == parent), key=lambda one: one.order or 0)


async def at(registry: Registry, category: str, key: str, day: date) -> Any:
    """A thing as it held on a day."""
    ref = Ref(category, seeding.thing_id(category, key))
    return (await registry.read_at([ref], day, await registry.head()))[ref].base


# --- The action plan --------------------------------------------------------------------------------------------------


async def test_one_plan_under_three_names(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", ACTION_PLAN)
    assert plan.header is not None
    assert plan.header.title is not None
    assert plan.header.title.printed == "省会经济圈一体化发展“369”行动方案"
    assert {name: said_in(one.sources) for name, one in plan.titles.items()} == {
        "“369”行动计划": {"002"},
        "省会经济圈一体化行动“369”方案": {"003"},
    }
    assert set(plan.kinds) == {"action_plan"}


async def test_who_adopted_it_when_and_by_which_act(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", ACTION_PLAN)
    assert status(plan) == "adopted"
    adopted = plan.steps["adopted"]
    meeting = seeding.thing_id("meetings", CONFERENCE)
    assert (adopted.meeting, bounds(adopted.effective)) == (meeting, (FEBRUARY, FEBRUARY))
    assert adopted.meeting_part == f"resolutions/{seeding.part_id(meeting, '369')}"
    assert set(adopted.by) == SEVEN
    assert "issued" not in plan.steps, "no text says that it was issued"
    assert {one.party for one in plan.bodies.values() if one.role == "executor"} == SEVEN
    assert {basis for one in plan.bodies.values() for basis in bases(one)} == {"inferred"}, (
        "nobody says who carries it out"
    )


async def test_what_369_declares_and_what_it_lists(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", ACTION_PLAN)
    assert counted(plan, ACTION_PLAN, "三大行动") == ("3", 3)
    assert counted(plan, ACTION_PLAN, "六大工程") == ("6", 0), "six works, and none is named"
    assert counted(plan, ACTION_PLAN, "九个一") == ("9", 9)
    assert counted(plan, ACTION_PLAN, "十个一") == ("10", 10)
    assert counted(plan, ACTION_PLAN, "交通工程") == ("110", 0)
    actions = under(plan, id_of(ACTION_PLAN, "三大行动"))
    assert [source.basis for one in actions for source in one.sources if "parent" in source.fields] == ["inferred"] * 3


NINE = [
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
TEN = [
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


async def test_nine_ones_and_ten_ones_in_their_order(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", ACTION_PLAN)
    assert [one.heading for one in under(plan, id_of(ACTION_PLAN, "九个一"))] == NINE
    assert [one.heading for one in under(plan, id_of(ACTION_PLAN, "十个一"))] == TEN
    inside = [len(under(plan, id_of(ACTION_PLAN, f"九个一·{number}"))) for number in range(1, 10)]
    assert inside == [0, 3, 2, 2, 3, 6, 4, 3, 3], "what is listed in each of the nine"


NUMBERS = {
    "新增高铁里程": ("840", "公里"),
    "圈内通勤时间": ("1", "小时"),
    "济南到郑州的行车时间": ("1.5", "小时"),
    "新增高速公路里程": ("1100", "公里"),
    "高速公路路网密度": ("6.5", "公里/百平方公里"),
    "济南国际机场的容量": ("8500", "万人次"),
    "七市的跨黄通道": ("44", "条"),
}


async def test_targets_with_a_number_and_without(seeded: Registry) -> None:
    targets = asked(await read(seeded, "plans", ACTION_PLAN))
    numbers = {one.metric: (one.quantity.value, one.quantity.unit) for one in targets if one.quantity is not None}
    assert numbers == NUMBERS
    assert all(one.quantity.modality == "planned" for one in targets if one.quantity is not None)
    dated = [one for one in targets if one.due is not None]
    assert [(one.item, one.horizon, bounds(one.due)) for one in dated] == [
        (id_of(ACTION_PLAN, "六大工程"), "2021年", (date(2021, 1, 1), date(2021, 12, 31)))
    ]


# --- The opinion ------------------------------------------------------------------------------------------------------


async def test_who_made_the_opinion(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", OPINION)
    office = party("济南市推进省会经济圈一体化发展工作领导小组办公室")
    assert (set(plan.kinds), status(plan)) == ({"implementation_opinion"}, "executing")
    assert (plan.steps["drafted"].by, plan.steps["issued"].by) == ((office,), (party("济南市"),))
    assert bounds(plan.steps["issued"].effective) == (None, date(2020, 10, 30))
    assert plan.steps["issued"].number is None, "no number stands in the text"
    named = {(one.role, one.party): bases(one) for one in plan.bodies.values() if one.party is not None}
    assert named == {
        ("drafter", office): {"stated"},
        ("issuer", party("济南市")): {"stated"},
        ("executor", party("济南市")): {"inferred"},
        ("leader", party("济南市推进省会经济圈一体化发展工作领导小组")): {"inferred"},
    }


GROUPS = [
    ("完善基础设施网络体系", 9),
    ("建设产业集聚引领高地", 13),
    ("强化生态环境共保联治", 11),
    ("打造文明交流互鉴窗口", 6),
    ("提高区域公共服务水平", 10),
    ("扩大对内对外双向开放", 7),
    ("创新区域协调发展机制", 7),
]


async def test_seven_groups_and_109_works_that_nobody_lists(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", OPINION)
    groups = under(plan, id_of(OPINION, "七大任务"))
    assert counted(plan, OPINION, "七大任务") == ("7", 7)
    assert [(one.heading, len(under(plan, one.id))) for one in groups] == GROUPS
    assert counted(plan, OPINION, "重点工作") == ("109", 0)


FORCES = ("经济竞争力", "创新驱动力", "文化引领力", "城市吸引力", "示范带动力")
FUNCTIONS = ("经济集聚功能", "创新创造功能", "人文凝聚功能", "开放交流功能", "综合服务功能")
BRANDS = ("科创济南", "智造济南", "文化济南", "生态济南", "康养济南")


async def test_two_horizons_without_a_number(seeded: Registry) -> None:
    targets = asked(await read(seeded, "plans", OPINION))
    assert [one for one in targets if one.quantity is not None] == []

    def by(horizon: str, last: date) -> list[Target]:
        found = [one for one in targets if one.horizon == horizon]
        assert {bounds(one.due) for one in found} == {(None, last)}
        assert {one.due.printed for one in found if one.due is not None} == {f"到{horizon}"}
        return found

    first, second = by("2022年底前", date(2022, 12, 31)), by("2025年底前", date(2025, 12, 31))
    assert (len(first), len(second), len(targets)) == (9, 13, 22)
    assert {one.metric for one in first if one.metric} == {"省会城市首位度", *FORCES}
    assert {one.metric for one in second if one.metric} == {"省会城市首位度", *FUNCTIONS}
    brands = [one.text for one in second if one.text and "品牌" in one.text]
    assert all(any(brand in text for text in brands) for brand in BRANDS)
    rank = {one.horizon: one.text for one in targets if one.metric == "省会城市首位度"}
    assert rank == {"2022年底前": "明显提高。", "2025年底前": "大幅提升。"}
    assert all(len(one.sources[0].citations) >= 2 for one in second), "told at the head and again in the text"


async def test_the_rules_of_the_ledger(seeded: Registry) -> None:
    plan: Plan = await read(seeded, "plans", OPINION)
    sorts = sorted(rule.sort for rule in plan.rules.values())
    assert sorts == sorted(
        [
            "deadline",
            "responsibility",
            "responsibility",
            "adjustment",
            "inspection",
            "inspection",
            "ledger",
            "evaluation",
            "publicity",
        ]
    )
    works = id_of(OPINION, "重点工作")
    assert {rule.sort for rule in plan.rules.values() if rule.item != works} == {"publicity"}
    assert (plan.thresholds, limits(plan)) == (None, DEFAULT), "it does not say when a work is late"


# --- Other plans ------------------------------------------------------------------------------------------------------


async def test_a_plan_asked_for_in_february_and_approved_by_december(seeded: Registry) -> None:
    before: Plan = await at(seeded, "plans", FIVE_YEARS, date(2021, 2, 5))
    assert not {"approved", "issued"} & set(before.steps)
    plan: Plan = await read(seeded, "plans", FIVE_YEARS)
    assert plan.header is not None
    assert plan.header.title is not None
    assert plan.header.title.printed == FIVE_YEARS
    approved = plan.steps["approved"]
    assert (approved.by, bounds(approved.effective)) == ((party("山东省政府"),), (FEBRUARY, FOOT))
    assert said_in(approved.sources) == {"002"}
    assert {one.party for one in plan.bodies.values() if one.role == "drafter"} == SEVEN
    [link] = plan.links.values()
    assert link.relation == "implements"
    assert link.target == f"plans/{seeding.thing_id('plans', ACTION_PLAN)}"
    assert link.target_part == f"items/{id_of(ACTION_PLAN, '九个一·1')}"
    assert said_in(link.sources) == {"003"}


async def test_plans_that_were_yet_to_be_drawn_up(seeded: Registry) -> None:
    for key in ("省会经济圈轨道交通线网规划", "省会经济圈交通一体化专项规划", "济南市“十四五”产业发展规划", GUIDANCE):
        assert status(await read(seeded, "plans", key)) == "registered", key


# --- Tasks ------------------------------------------------------------------------------------------------------------

ALLIANCE = "省会经济圈文旅推广联盟成立"
SETTLEMENT = "省会经济圈异地就医联网结算"
PILOT = "四市普通门诊异地联网直接结算试点"
FAIR = "文化旅游资源推介大会举办"
FOUR_PLACES = "四地一体化发展新机制建立"


async def test_what_was_planned_is_closed_where_another_text_reports_it_done(seeded: Registry) -> None:
    for key, item in ((ALLIANCE, "十个一·1"), (SETTLEMENT, "医保联网结算")):
        task: Task = await read(seeded, "tasks", key)
        [base] = task.bases.values()
        assert base.on_part == f"items/{id_of(ACTION_PLAN, item)}"
        assert said_in(base.sources) == {"003"}
        assert task_state.status(task) == "closed"
        assert bounds(task.life["1:listed"].effective) == (FEBRUARY, FEBRUARY)
        for step in ("reported_done", "closed"):
            taken = task.life[f"1:{step}"]
            assert (bounds(taken.effective), said_in(taken.sources)) == ((FEBRUARY, FOOT), {"002"})
        assert bases(task.life["1:closed"]) == {"inferred"}, "nobody writes that it was verified"


OPEN = {
    "与跨国公司(上海)合作交流会举办",
    "在央企(北京)合作交流会上推介",
    FAIR,
    "山东产业技术研究院五市分院建设运营",
    "两中心在六市设立分中心",
    FOUR_PLACES,
    "“山水圣人”文化枢轴共建",
    "省会经济圈生态环境污染综合防治",
    "省会经济圈教育长效合作机制建立",
    "省会经济圈社保一卡通推行",
    "先行区与雄安新区协同发展",
}
OF_004 = {
    FOUR_PLACES,
    "“山水圣人”文化枢轴共建",
    "省会经济圈生态环境污染综合防治",
    "省会经济圈教育长效合作机制建立",
    "省会经济圈社保一卡通推行",
    "先行区与雄安新区协同发展",
}


async def open_on(registry: Registry, day: date) -> set[str]:
    """The tasks of the two documents that were listed and not done on a day."""
    found = set()
    for key in (*OPEN, ALLIANCE, SETTLEMENT, PILOT):
        task: Task = await at(registry, "tasks", key, day)
        if task_state.status(task) == "listed":
            found.add(key)
    return found


async def test_what_was_open_on_a_day(seeded: Registry) -> None:
    assert await open_on(seeded, date(2020, 12, 31)) == OF_004
    assert await open_on(seeded, date(2022, 1, 1)) == OPEN


async def test_the_one_deadline_of_february_has_gone_by(seeded: Registry) -> None:
    task: Task = await read(seeded, "tasks", FAIR)
    told = {day: lateness(standing(task), day) for day in (date(2021, 12, 31), date(2022, 1, 1))}
    assert [(one.deadline, one.colour) for one in told.values()] == [
        (date(2021, 12, 31), "yellow"),
        (date(2021, 12, 31), "red"),
    ]
    due = [(await read(seeded, "tasks", key)).terms.due for key in OPEN - {FAIR}]
    assert due == [None] * 10


def units(task: Task, role: str) -> set[UUID]:
    """Who answers for a task in a role."""
    return {one.party for one in task.units.values() if one.role == role}


UNITS: dict[str, tuple[set[str], set[str]]] = {
    PILOT: ({"济南市", "淄博市", "滨州市", "东营市"}, set()),
    FOUR_PLACES: ({"济南新旧动能转换先行区", "周村区", "齐河县", "邹平市"}, {"济南市"}),
    "与跨国公司(上海)合作交流会举办": (set(), {"山东省政府驻上海办事处"}),
    "两中心在六市设立分中心": ({"山东省技术成果交易中心", "山东省科技金融服务中心"}, set()),
    "“山水圣人”文化枢轴共建": ({"济南市"}, {"泰安市", "济宁市"}),
    "省会经济圈社保一卡通推行": ({"济南市"}, {"淄博市", "泰安市", "聊城市", "德州市", "滨州市", "东营市"}),
    FAIR: (set(), set()),
    ALLIANCE: (set(), set()),
}


async def test_who_answers_for_what(seeded: Registry) -> None:
    for key, (leads, supports) in UNITS.items():
        task: Task = await read(seeded, "tasks", key)
        assert units(task, "lead") == {party(name) for name in leads}, key
        assert units(task, "supporting") == {party(name) for name in supports}, key
        assert units(task, "supervising") == set()


async def test_one_mechanism_that_three_plans_ask_for(seeded: Registry) -> None:
    task: Task = await read(seeded, "tasks", FOUR_PLACES)
    asked_by = {base.on: said_in(base.sources) for base in task.bases.values()}
    assert asked_by == {
        f"plans/{seeding.thing_id('plans', ACTION_PLAN)}": {"003"},
        f"plans/{seeding.thing_id('plans', GUIDANCE)}": {"003"},
        f"plans/{seeding.thing_id('plans', OPINION)}": {"004"},
    }
    assert task_state.status(task) == "listed"
