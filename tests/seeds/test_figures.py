"""Figures in seed files: a funnel and a plain number told by keys, two sources of one number, an altered file."""

from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.figure.state import Figure, claims_of, status, under
from service.registry import Registry
from service.seeding.values import thing_id
from tests.seeds.test_meetings import DOCUMENT, HASH

FIGURES = f"""{DOCUMENT}
[[party]]
key = "甲市"
kind = "city"
name = "甲市"
cite = ["1-3 {HASH}"]

[[meeting]]
key = "推介会"
called = "推介会"
cite = ["3-5 {HASH}"]

[[agreement]]
key = "采购协议"
title = "采购协议"
cite = ["5-9 {HASH}"]

[[figure]]
key = "推介会项目"
metric = "项目"
called = "推介会各阶段项目"
period = {{ starts = 2016-04-01, ends = 2016-04-07, printed = "活动中" }}
disputed = {{ by = ["甲市"], effective = 2017-01-01, grounds = "有一项重复" }}
cite = ["9-12 {HASH}"]

[[figure.concerned]]
role = "subject"
party = "甲市"

[[figure.concerned]]
role = "counterpart"
group = "驻京企业"

[[figure.items]]
id = "洽谈"
sort = "stage"
label = "洽谈"
order = 1

[[figure.items]]
id = "拟签约"
sort = "stage"
label = "拟签约"
order = 2

[[figure.items]]
id = "合同"
parent = "拟签约"
sort = "category"
label = "合同项目"

[[figure.claims]]
item = "洽谈"
count = "186 个"
cite = ["12-14 {HASH}"]

[[figure.claims]]
item = "拟签约"
count = "61 个"
sum = {{ value = "511.5", unit = "亿元", bound = "exact", modality = "total", printed = "511.5亿元" }}
cite = ["14-17 {HASH}"]

[[figure.links]]
relation = "at"
target = "meetings/推介会"

[[figure.links]]
relation = "counts"
target = "agreements/采购协议"
item = "拟签约"
cite = ["17-19 {HASH}"]

[[figure]]
key = "审批事项"
metric = "市级行政审批项目"
cite = ["19-22 {HASH}"]
claims = [{{ count = "160 项", was = "367 项" }}]
"""
MORE = f"""{DOCUMENT}
[[figure]]
key = "推介会项目"

[[figure.claims]]
item = "拟签约"
sum = {{ value = "5115000", unit = "万元", bound = "exact" }}
cite = ["2-5 {HASH}"]

[[figure.claims]]
item = "拟签约"
count = "60 个"
cite = ["5-7 {HASH}"]
"""


async def held(registry: Registry, key: str) -> Figure:
    """The figure with that key."""
    ref = Ref("figures", thing_id("figures", key))
    state = (await registry.read([ref]))[ref].base
    assert isinstance(state, Figure)
    return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of the same figures."""
    (tmp_path / "901.toml").write_text(FIGURES, "utf-8")
    (tmp_path / "902.toml").write_text(MORE, "utf-8")
    return tmp_path


async def test_figures_are_told_by_their_keys(registry: Registry, folder: Path) -> None:
    await seeding.seed(registry, [folder / "901.toml"])
    figure = await held(registry, "推介会项目")
    assert status(figure) == "disputed"
    stages = under(figure, None)
    assert [stage.label for stage in stages] == ["洽谈", "拟签约"]
    assert [item.label for item in under(figure, stages[1].id)] == ["合同项目"]
    (claim,) = claims_of(figure, stages[1].id)
    assert claim.sum is not None
    assert (claim.sum.value, claim.sum.modality) == ("511.5", "total")
    assert {(link.relation, link.item) for link in figure.links.values()} == {("at", None), ("counts", stages[1].id)}
    (plain,) = claims_of(await held(registry, "审批事项"), None)
    assert plain.count is not None
    assert plain.was is not None
    assert (plain.count.value, plain.was.value) == ("160", "367")


async def test_two_files_of_one_figure(registry: Registry, folder: Path) -> None:
    """The same number is one claim with the words of both, another number is another."""
    await seeding.seed(registry, [folder / "901.toml", folder / "902.toml"])
    figure = await held(registry, "推介会项目")
    first, second = claims_of(figure, under(figure, None)[1].id)
    assert [len(source.citations) for source in first.sources] == [1, 1]
    assert second.count is not None
    assert second.count.value == "60"


async def test_an_altered_file_corrects_the_claim(registry: Registry, folder: Path) -> None:
    """Whose id follows from its words: what it says no more is voided, what it says now is claimed."""
    await seeding.seed(registry, [folder / "901.toml"])
    (folder / "901.toml").write_text(FIGURES.replace('"186 个"', '"187 个"'), "utf-8")
    await seeding.seed(registry, [folder / "901.toml"])
    figure = await held(registry, "推介会项目")
    (claim,) = claims_of(figure, under(figure, None)[0].id)
    assert claim.count is not None
    assert claim.count.value == "187"
    [report] = await seeding.seed(registry, [folder / "901.toml"])
    assert report.events == 0
