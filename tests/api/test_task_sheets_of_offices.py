"""Sheets as offices really fill them in, and the ledger's own sheet whatever has become of what it names."""

import io
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it comes without types

from service.domain.task.sheet import COLUMNS, SHEET, Name
from service.sheets.reading import CSV, XLSX
from tests.api.conftest import Client
from tests.api.test_task_sheets import a_plan, numbers, sent, taken, wrong, xlsx


async def back(client: Client, plan: str, media: str = XLSX) -> Any:
    """What the ledger's own sheet of a plan comes to."""
    own = await client.get("/api/ledger", params={"plan": plan.rpartition("/")[2]}, headers={"accept": media})
    assert own.status_code == 200, own.text
    return await sent(client, plan, own.content, media)


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_tasks_without_a_number_go_back_by_their_ids(client: Client, media: str) -> None:
    """Most tasks of real plans have none: their ids stand in the place of a number, and are none."""
    plan, names = await a_plan(client)
    id = plan.rpartition("/")[2]
    unit = {"role": "lead", "party": names["市交通运输局"]}
    task = await client.new("tasks", title={"printed": "修路"}, bases=[{"on": f"plans/{id}"}], units=[unit])
    answer = await back(client, plan, media)
    assert (answer.status_code, numbers(answer.json())) == (200, (0, 0, 1, 0)), answer.text
    known = "tasks/" + task.rpartition("/")[2]
    head: tuple[Name, ...] = ("number", "title", "requirement", "item")
    found = await taken(client, plan, [(known, "修路", "四车道", "交通互联")], head=head)
    assert numbers(found) == (0, 1, 0, 0)
    told = (await client.get(task)).json()
    assert (told["terms"]["requirement"], [base.get("number") for base in told["bases"]]) == ("四车道", [None, None])
    other = await client.new("plans", title={"printed": "另一规划"})
    assert "本规划中没有任务" in wrong(await sent(client, other, xlsx([(known, "修路")], head)))["任务!A2"]


async def test_a_number_is_the_same_in_full_width(client: Client) -> None:
    """And with blanks in it: it makes no second task, neither in one sheet nor in the next."""
    plan, _ = await a_plan(client)
    await taken(client, plan, [("\uff11\uff12", "修路"), ("(三)", "造桥")], head=("number", "title"))
    listed = (await client.get("/api/ledger", params={"plan": plan.rpartition("/")[2]})).json()["items"]
    assert {one["number"] for one in listed} == {"12", "(三)"}
    again = await taken(client, plan, [("1 2", "修路"), ("\uff08三\uff09", "造桥")], head=("number", "title"))
    assert numbers(again) == (0, 0, 2, 0)
    twice = [("12", "修路"), ("\uff11\uff12", "修路"), (f"tasks/{again['tasks'][0]['id']}", "修路"), (None, "无号")]
    told = wrong(await sent(client, plan, xlsx(twice, ("number", "title"))))
    assert ("第 2 行" in told["任务!A3"], "没有任务编号" in told["任务!A5"]) == (True, True)
    told = wrong(await sent(client, plan, xlsx(twice[::2], ("number", "title"))))
    assert "第 2 行" in told["任务!A3"]


async def ended(client: Client, path: str, **body: Any) -> None:
    """A step of a party's life, on a day gone by."""
    day = {"earliest": "2026-02-01", "latest": "2026-02-01"}
    answer = await client.post(path, json=body | {"effective": day})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_units_that_have_ended_go_back_unchanged(client: Client, media: str) -> None:
    """Split, merged, replaced by one of the same name, renamed, dissolved, a second record: in every role."""
    plan, _ = await a_plan(client)
    names = ("老局", "散局", "换局", "旧局", "撤局", "副本局", "甲局", "乙局")
    ids = {name: await client.party(name, "agency") for name in names}
    rows = [
        (number, f"{name}之事", None, name, "甲局" if number % 2 else name, name, "2026年底前", None)
        for number, name in enumerate(names, 1)
    ]
    await taken(client, plan, rows)
    later = await client.party("换局", "agency")
    await ended(client, f"/api/parties/{ids['老局']}:split", into=[ids["甲局"], ids["乙局"]], survives=False)
    await ended(client, f"/api/parties/{ids['散局']}:merge", into=ids["乙局"])
    await ended(client, f"/api/parties/{ids['换局']}:replace", successor=later)
    await ended(client, f"/api/parties/{ids['旧局']}:rename", name={"printed": "新局"})
    await ended(client, f"/api/parties/{ids['撤局']}:dissolve")
    answer = await client.post(f"/api/parties/{ids['副本局']}:merge-duplicate", json={"into": ids["乙局"]})
    assert answer.status_code == 200, answer.text
    head = await client.registry.head()
    answer = await back(client, plan, media)
    assert (answer.status_code, numbers(answer.json())) == (200, (0, 0, len(names), 0)), answer.text
    assert await client.registry.head() == head
    new = [(20, "新事", None, "老局", None, None, 46203), (21, "新事", None, "撤局")]
    told = wrong(await sent(client, plan, xlsx(new)))
    assert all(name in told["任务!D2"] for name in ("已撤销、合并或被替代", "甲局", "乙局")), told
    assert told["任务!D3"].endswith("请填现在的单位")
    assert "日期格式" in told["任务!G2"]


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_names_that_are_hard_to_tell_go_back_unchanged(client: Client, media: str) -> None:
    """A name with a mark in it that stands between names, namesakes in one role and in two, one released, offices."""
    plan, names = await a_plan(client)
    joint = await client.party("济南、聊城联合办公室", "agency")
    first, second = await client.party("财政局", "agency"), await client.party("财政局", "agency")
    id = plan.rpartition("/")[2]
    issuer = names["市政府办公室"]

    async def task(number: str, *units: tuple[str, str], **more: Any) -> str:
        rest = {name: more.pop(name) for name in ("terms",) if name in more}
        named = [{"role": role, "party": party, **more} for role, party in units]
        based = [{"on": f"plans/{id}", "number": number}]
        return await client.new("tasks", title={"printed": number}, bases=based, units=named, **rest)

    await task("1", ("lead", joint), ("lead", names["市督查室"]), office="局长、书记")
    await task("2", ("lead", first), ("supporting", second))
    await task("5", ("lead", joint), terms={"text": "无", "requirement": "无"})
    await task("3", ("lead", first), ("lead", second))
    moved = await task("4", ("lead", first), ("lead", joint))
    named = {"role": "lead", "party": second, "effective": {"earliest": "2026-03-01", "latest": "2026-03-01"}}
    assert (await client.post(f"{moved}/units", json=named)).status_code == 200
    released: dict[str, Any] = {"role": "lead", "grounds": "改派", "approver": issuer}
    released["effective"] = named["effective"]
    answer = await client.post(f"{moved}/units/{first}:release", json=released)
    assert answer.status_code == 200, answer.text
    answer = await back(client, plan, media)
    assert (answer.status_code, numbers(answer.json())) == (200, (0, 0, 5, 0)), answer.text


async def test_items_that_were_dropped_and_tasks_of_two_plans_go_back_unchanged(client: Client) -> None:
    plan, _ = await a_plan(client)
    other, _ = await a_plan_of(client, "另一规划")
    two = {"id": "0f0b3c39-6f1c-4c52-8f4c-3b0f3a1b2c3d", "label": "二", "heading": "产业协作", "sort": "group"}
    assert (await client.post(f"{plan}/items", json=two)).status_code in {200, 201}
    bases = [
        {"on": f"plans/{plan.rpartition('/')[2]}", "on_part": f"items/{two['id']}", "number": "1"},
        {"on": f"plans/{other.rpartition('/')[2]}", "number": "8"},
    ]
    await client.new("tasks", title={"printed": "修路"}, bases=bases)
    answer = await client.post(f"{plan}/items/{two['id']}:drop", json={})
    assert answer.status_code == 200, answer.text
    for one in (plan, other):
        answer = await back(client, one)
        assert (answer.status_code, numbers(answer.json())) == (200, (0, 0, 1, 0)), answer.text


async def a_plan_of(client: Client, title: str) -> tuple[str, str]:
    """A plan of that title, and its id."""
    plan = await client.new("plans", title={"printed": title})
    return plan, plan.rpartition("/")[2]


async def test_units_and_people_as_they_are_typed(client: Client) -> None:
    """Blanks and full width inside a name, a mark behind the last one, people with commas between."""
    plan, names = await a_plan(client)
    await client.party("市第1中学(北区)", "agency")
    head: tuple[Name, ...] = ("number", "title", "lead", "person")
    rows = [
        (1, "一", "市 督查室、", "张三"),
        (2, "二", "市第\uff11中学\uff08北区\uff09\uff1b市督查室", "张三,李四"),
        (3, "三", "市督查室\n市政府办公室", "王五\uff0c赵六"),
    ]
    found = await taken(client, plan, rows, head=head)
    tasks = [(await client.get(f"/api/tasks/{line['id']}")).json() for line in found["tasks"]]
    told = [[unit["person"]["name"]["printed"] for unit in task["units"]] for task in tasks]
    assert told == [["张三"], ["张三", "李四"], ["王五", "赵六"]]
    assert tasks[0]["units"][0]["party"] == names["市督查室"]
    assert (await back(client, plan)).json()["counts"]["unchanged"] == 3


async def test_merged_cells_are_told_of(client: Client) -> None:
    """A title over the table is no loss; a unit merged over several tasks is that of the first alone, and is told."""
    plan, _ = await a_plan(client)
    file = io.BytesIO()
    head: tuple[Name, ...] = ("number", "title", "lead", "due")
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(SHEET)
        page.merge_range(0, 0, 1, 3, "2026年重点任务台账")
        for column, name in enumerate(head):
            page.write_string(2, column, COLUMNS[name].header)
        for row in (3, 4, 5):
            page.write_number(row, 0, row)
            page.write_string(row, 1, f"任务{row}")
        page.merge_range(3, 2, 5, 2, "市督查室")
        page.merge_range(6, 0, 8, 3, "")
    answer = await sent(client, plan, file.getvalue(), dry_run="true")
    assert (answer.status_code, numbers(answer.json())) == (200, (3, 0, 0, 0)), answer.text
    assert answer.json()["warnings"] == ["合并单元格跨多行(C4:C6):其内容只记入其中第一行。"]
