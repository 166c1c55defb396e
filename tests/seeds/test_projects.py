"""Projects in seed files: the whole of one told by its keys, two sources of it, an altered file."""

from datetime import date
from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.project.state import Project, concerned, furthest, investor, status, told_at
from service.registry import Registry
from tests.seeds.test_meetings import DOCUMENT, HASH

PROJECT = f"""{DOCUMENT}
[[party]]
key = "甲公司"
kind = "enterprise"
name = "甲公司"
cite = ["1-3 {HASH}"]

[[party]]
key = "乙公司"
kind = "enterprise"
name = "乙公司"
cite = ["3-5 {HASH}"]

[[party]]
key = "甲县"
kind = "county"
name = "甲县"
cite = ["5-7 {HASH}"]

[[meeting]]
key = "推介会"
called = "推介会"
cite = ["7-9 {HASH}"]
held = {{ effective = 2016-04-07 }}

[[plan]]
key = "规划"
title = "规划"
cite = ["9-11 {HASH}"]
adopted = {{ effective = 2015-06-01 }}
items = [{{ id = "水库", heading = "水库" }}]

[[project]]
key = "水库"
title = "水库项目"
kinds = ["water"]
sector = "水利"
cite = ["11-13 {HASH}"]
planned = {{ plan = "规划", plan_part = "items/水库" }}
signed = {{ meeting = "推介会", by = ["甲公司"] }}
places = [{{ party = "甲县", name = "甲县" }}]
parties = [{{ role = "host", party = "甲县" }}]

[[project.investments]]
id = "总投资"
quantity = {{ value = "30", unit = "亿元", bound = "exact", modality = "total" }}
investor = "甲公司"
cite = ["13-15 {HASH}"]

[[project.increases]]
id = "追加"
quantity = "5 亿元"
of = "总投资"
effective = 2017-01-01

[[project.replacements]]
id = "换手"
former = "甲公司"
investor = "乙公司"
investment = "总投资"
effective = 2018-01-01

[[project]]
key = "一期"
called = "水库一期"
cite = ["15-17 {HASH}"]
under_construction = {{ effective = {{ latest = 2021-11-24, precision = "before" }} }}
links = [{{ relation = "part_of", target = "projects/水库" }}]
"""
AGAIN = f"""{DOCUMENT}
[[project]]
key = "水库"
cite = ["20-22 {HASH}"]
signed = {{ grounds = "当场签约" }}
investments = [{{ id = "总投资", quantity = {{ value = "30", unit = "亿元", bound = "exact" }}, phase = "一期" }}]
"""


@pytest.fixture
async def files(registry: Registry, tmp_path: Path) -> list[Path]:
    """Two files that speak of one project, taken in."""
    paths = [tmp_path / "901_project.toml", tmp_path / "902_again.toml"]
    for path, text in zip(paths, (PROJECT, AGAIN), strict=True):
        path.write_text(text, encoding="utf-8")
    await seeding.seed(registry, paths)
    return paths


async def project(registry: Registry, key: str = "水库") -> Project:
    """The project now."""
    ref = Ref("projects", seeding.thing_id("projects", key))
    state: Project = (await registry.read([ref]))[ref].base
    return state


async def test_the_whole_of_a_project(registry: Registry, files: list[Path]) -> None:
    """Its steps with what names them, its money by its keys; what the second file knows more of."""
    held = await project(registry)
    plan, first, second = (
        seeding.thing_id(*of) for of in (("plans", "规划"), ("parties", "甲公司"), ("parties", "乙公司"))
    )
    planned, signed = held.steps["planned"], held.steps["signed"]
    assert (planned.plan, planned.plan_part) == (plan, f"items/{seeding.part_id(plan, '水库')}")
    assert [step.effective.earliest for step in (planned, signed) if step.effective] == [
        date(2015, 6, 1),
        date(2016, 4, 7),
    ]
    assert (status(held), signed.grounds) == ("signed", "当场签约")
    one, more = sorted(held.investments.values(), key=told_at)
    assert (one.quantity.value, one.quantity.modality, one.phase, one.investor) == ("30", "total", "一期", first)
    assert (more.increase, more.of, more.quantity.value) == (True, one.id, "5")
    assert investor(held, one) == second
    assert (seeding.thing_id("parties", "甲县"), "host") in set(concerned(held))
    assert [len(source.citations) for source in one.sources] == [1, 1, 1]
    section = await project(registry, "一期")
    stage = furthest(section)
    assert stage is not None
    assert stage.effective is not None
    assert (status(section), stage.effective.earliest) == ("under_construction", None)
    assert [link.target for link in section.links.values()] == [f"projects/{seeding.thing_id('projects', '水库')}"]


async def test_an_altered_file(registry: Registry, files: list[Path]) -> None:
    """The same again is nothing; another sum is a correction, a sector told otherwise too, a link less is voided."""
    [report] = await seeding.seed(registry, files[:1])
    assert report.events == 0
    link = 'links = [{ relation = "part_of", target = "projects/水库" }]'
    altered = PROJECT.replace('"5 亿元"', '"6 亿元"').replace('sector = "水利"', 'sector = "水务"').replace(link, "")
    files[0].write_text(altered, encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.events, report.corrected, report.voided, report.left) == (3, 2, 1, ())
    held = await project(registry)
    assert held.header is not None
    assert held.header.sector == "水务"
    assert [one.quantity.value for one in sorted(held.investments.values(), key=told_at)] == ["30", "6"]
    assert (await project(registry, "一期")).links == {}
