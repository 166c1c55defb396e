"""Tasks in seed files: the whole of one told by its keys, two sources of it, an altered file."""

from datetime import date
from pathlib import Path

import pytest

from service import seeding
from service.domain.decider import Ref
from service.domain.task.lateness import standing
from service.domain.task.state import Task, status
from service.registry import Registry
from tests.seeds.test_meetings import DOCUMENT, HASH

TASK = f"""{DOCUMENT}
[[party]]
key = "甲局"
kind = "agency"
name = "甲局"
cite = ["1-3 {HASH}"]

[[party]]
key = "督查室"
kind = "office"
name = "督查室"
cite = ["3-5 {HASH}"]

[[plan]]
key = "行动方案"
title = "一体发展行动方案"
cite = ["5-7 {HASH}"]
items = [{{ id = "大桥", heading = "建设大桥" }}]

[[task]]
key = "隧道"
title = "隧道建设"
cite = ["7-9 {HASH}"]

[[task]]
key = "大桥"
title = "大桥建设"
listed = {{ effective = 2021-02-06 }}
closed = {{ effective = 2021-12-20, by = ["督查室"] }}
reported_done = {{ effective = 2021-12-01, by = ["甲局"] }}
cite = ["9-12 {HASH}"]

[task.terms]
text = "建成通车"
due_rule = {{ days = 200, counts = "working", after = 2021-02-06 }}
cite = ["12-14 {HASH}"]

[[task.bases]]
on = "plans/行动方案"
on_part = "items/大桥"
number = "3"

[[task.units]]
role = "lead"
party = "甲局"
name = "甲局"
office = "分管副局长"

[[task.units]]
role = "supervising"
party = "督查室"

[[task.links]]
relation = "depends_on"
target = "tasks/隧道"

[[task.progress]]
id = "十月"
share = "80"
by = "甲局"
effective = 2021-10-08

[[task.inspections]]
id = "三季度"
result = "behind"
by = ["督查室"]
effective = 2021-09-30

[[task.adjust]]
due = 2021-12-10
grounds = "汛期"
effective = 2021-07-01
cite = ["14-16 {HASH}"]
"""
AGAIN = f"""{DOCUMENT}
[[task]]
key = "大桥"
cite = ["20-22 {HASH}"]
closed = {{ effective = 2021-12-20, grounds = "已通车" }}
"""


@pytest.fixture
async def files(registry: Registry, tmp_path: Path) -> list[Path]:
    """Two files that speak of one task, taken in."""
    paths = [tmp_path / "901_task.toml", tmp_path / "902_again.toml"]
    for path, text in zip(paths, (TASK, AGAIN), strict=True):
        path.write_text(text, encoding="utf-8")
    await seeding.seed(registry, paths)
    return paths


async def task(registry: Registry) -> Task:
    """The task now."""
    ref = Ref("tasks", seeding.thing_id("tasks", "大桥"))
    state: Task = (await registry.read([ref]))[ref].base
    return state


async def test_the_whole_of_a_task(registry: Registry, files: list[Path]) -> None:
    """Its steps come after the units that take them, its adjustment after all; both files tell of its closing."""
    held = await task(registry)
    assert (status(held), sorted(held.life)) == ("closed", ["1:closed", "1:listed", "1:reported_done"])
    plan = seeding.thing_id("plans", "行动方案")
    (base,) = held.bases.values()
    assert (base.on, base.on_part, base.number) == (
        f"plans/{plan}",
        f"items/{seeding.part_id(plan, '大桥')}",
        "3",
    )
    (link,) = held.links.values()
    assert link.target == f"tasks/{seeding.thing_id('tasks', '隧道')}"
    assert held.terms is not None
    assert (held.terms.grounds, held.terms.due_rule) == ("汛期", None)
    told = standing(held)
    assert (told.deadline, told.share, told.inspected, told.reported) == (
        date(2021, 12, 10),
        "80",
        None,
        date(2021, 12, 1),
    )
    closing = held.life["1:closed"]
    assert closing.grounds == "已通车"
    assert [source.citations[0].start for source in closing.sources] == [9, 20, 20]


async def test_an_altered_file(registry: Registry, files: list[Path]) -> None:
    """Another deadline in the file is a correction of the adjustment; the same file again changes nothing."""
    [report] = await seeding.seed(registry, files[:1])
    assert report.events == 0
    files[0].write_text(TASK.replace("due = 2021-12-10", "due = 2021-12-31"), encoding="utf-8")
    [report] = await seeding.seed(registry, files[:1])
    assert (report.events, report.corrected, report.voided, report.left) == (1, 1, 0, ())
    held = await task(registry)
    assert standing(held).deadline == date(2021, 12, 31)
