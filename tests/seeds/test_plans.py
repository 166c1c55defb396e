"""Plans in seed files: the whole of one told by its keys, two sources of it, an altered file."""

from datetime import date
from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.plan.state import Plan, asked, limits, listed, made, status
from service.registry import Registry
from tests.seeds.test_meetings import DOCUMENT, HASH

PLAN = f"""{DOCUMENT}
[[party]]
key = "甲市"
kind = "city"
name = "甲市"
cite = ["1-3 {HASH}"]

[[agreement]]
key = "甲乙协议"
title = "协议"
cite = ["3-5 {HASH}"]
clauses = [{{ id = "一", label = "一", heading = "互联互通" }}]

[[meeting]]
key = "第二次联席会议"
called = "第二次联席会议"
held = {{ effective = 2021-02-06 }}
resolutions = [{{ id = "通过", manner = "adopted", name = "行动方案" }}]
cite = ["5-7 {HASH}"]

[[plan]]
key = "行动方案"
title = "一体发展行动方案"
kinds = ["action_plan"]
period = {{ printed = "2021至2025年" }}
adopted = {{ meeting = "第二次联席会议", meeting_part = "resolutions/通过" }}
thresholds = {{ near = 15, basis = "curated", note = "暂定" }}
bodies = [{{ role = "leader", party = "甲市" }}, {{ role = "executor", group = "各有关部门" }}]
items = [
  {{ id = "三大行动", label = "3", heading = "三大行动", sort = "group", declared = "3 项" }},
  {{ id = "行动一", parent = "三大行动", heading = "行动一", sort = "action" }},
  {{ id = "六项工程", label = "6", heading = "六项工程", sort = "works", declared = "6 项" }},
]
links = [
  {{ relation = "implements", target = "agreements/甲乙协议", target_part = "clauses/一", item = "三大行动" }},
]
cite = ["7-9 {HASH}"]

[[plan.targets]]
id = "里程"
item = "六项工程"
metric = "里程"
quantity = {{ value = "1000", unit = "公里", bound = "above", printed = "1000多公里" }}
due = {{ latest = 2022-12-31, precision = "before", printed = "2022年底前" }}
performers = ["甲市"]
cite = ["9-11 {HASH}"]

[[plan.rules]]
id = "督查"
sort = "inspection"
text = "每季度督查一次。"
cite = ["11-13 {HASH}"]
"""
AGAIN = f"""{DOCUMENT}
[[plan]]
key = "行动方案"
cite = ["1-3 {HASH}"]
called = "369行动方案"
issued = {{ number = "甲政发〔2021〕1号", effective = 2021-03-01 }}

[[plan.titles]]
title = "369"
variant = "short"
cite = ["3-5 {HASH}"]

[[plan.revisions]]
id = "调整"
label = "中期调整"
effective = 2023-01-01
cite = ["5-7 {HASH}"]

[[plan.change_target]]
target = "里程"
quantity = "1200 公里"
revision = "调整"
cite = ["7-9 {HASH}"]

[[plan.drop_item]]
item = "行动一"
revision = "调整"
cite = ["9-11 {HASH}"]
"""


@pytest.fixture
async def files(tmp_path: Path, registry: Registry) -> list[Path]:
    """Two files that speak of one plan, taken in."""
    paths = [tmp_path / "901_plan.toml", tmp_path / "902_again.toml"]
    for path, text in zip(paths, (PLAN, AGAIN), strict=True):
        path.write_text(text, encoding="utf-8")
    await seeding.seed(registry, paths)
    return paths


async def plan(registry: Registry, day: date | None = None) -> Plan:
    """The plan now, or as it held on a day."""
    ref = Ref("plans", seeding.thing_id("plans", "行动方案"))
    if day is None:
        state: Plan = (await registry.read([ref]))[ref].base
    else:
        state = (await registry.read_at([ref], day, await registry.head()))[ref].base
    return state


async def test_the_whole_of_a_plan_and_its_revision(registry: Registry, files: list[Path]) -> None:
    held = await plan(registry)
    assert held.header is not None
    assert held.header.title is not None
    assert (held.header.title.printed, held.header.called) == ("一体发展行动方案", "369行动方案")
    assert (status(held), set(held.kinds), set(held.titles)) == ("issued", {"action_plan"}, {"369"})
    making = made(held)
    assert making is not None
    assert making.effective is not None
    assert (making.step, making.effective.earliest, making.effective.basis) == ("adopted", date(2021, 2, 6), "inferred")
    assert limits(held).near == 15
    ids = {key: seeding.part_id(seeding.thing_id("plans", "行动方案"), key) for key in ("三大行动", "六项工程")}
    assert {key: listed(held)[id] for key, id in ids.items()} == {"三大行动": 0, "六项工程": 0}
    (target,) = asked(held)
    assert target.quantity is not None
    assert (target.quantity.value, target.performers) == ("1200", (seeding.thing_id("parties", "甲市"),))
    (link,) = held.links.values()
    clause = seeding.part_id(seeding.thing_id("agreements", "甲乙协议"), "一")
    assert (link.item, link.target_part) == (ids["三大行动"], f"clauses/{clause}")
    before = await plan(registry, date(2022, 12, 31))
    assert listed(before)[ids["三大行动"]] == 1
    assert [one.quantity.value for one in asked(before) if one.quantity] == ["1000"]


async def test_an_altered_file(registry: Registry, files: list[Path]) -> None:
    text = PLAN.replace('declared = "6 项"', 'declared = "7 项"').replace('kinds = ["action_plan"]\n', "")
    files[0].write_text(text, encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.corrected, report.voided, report.left) == (1, 1, ())
    held = await plan(registry)
    assert [one.declared.value for one in held.items.values() if one.declared] == ["3", "7"]
    assert held.kinds == {}
    files[0].write_text(text.replace("period = {", 'kinds = ["action_plan"]\nperiod = {'), encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.events, report.corrected) == (1, 0)
    assert set((await plan(registry)).kinds) == {"action_plan"}
