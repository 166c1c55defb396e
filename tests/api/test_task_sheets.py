"""Sheets of a plan's tasks: filled in by people, taken in whole or refused cell by cell, corrected by another one."""

import asyncio
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import openpyxl  # type: ignore[import-untyped] # it comes without types
import pytest
import xlsxwriter  # type: ignore[import-untyped] # it comes without types

from service.domain.task.duties import occurrence_id
from service.domain.task.sheet import COLUMNS, SHEET, Name
from service.sheets.reading import CSV, XLSX
from tests.api.conftest import Client

ZH = {"accept-language": "zh"}
HEAD: tuple[Name, ...] = ("number", "title", "requirement", "lead", "supporting", "supervising", "due", "status")
ITEM = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b11"
Rows = Sequence[Sequence[Any]]


def xlsx(rows: Rows, head: Sequence[Name] = HEAD, sheet: str = SHEET) -> bytes:
    """A sheet as Excel writes it: days are days."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        days, shares = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0%"})
        for line, row in enumerate([[COLUMNS[name].header for name in head], *rows]):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(line, column, datetime(value.year, value.month, value.day), days)  # noqa: DTZ001
                elif isinstance(value, float):
                    page.write_number(line, column, value, shares)
                elif value is not None and value != "":
                    page.write(line, column, value)
    return file.getvalue()


async def a_plan(client: Client) -> tuple[str, dict[str, str]]:
    """A plan with an item and an issuer, and parties to do its tasks."""
    names = {
        name: await client.party(name, "agency")
        for name in ("市发展改革委", "市交通运输局", "市督查室", "市政府办公室")
    }
    plan = await client.new(
        "plans",
        title={"printed": "2026年重点任务清单"},
        period={"starts": {"earliest": "2026-01-01"}, "ends": {"latest": "2026-12-31"}},
        bodies=[{"role": "issuer", "party": names["市政府办公室"]}],
        items=[{"id": ITEM, "label": "一", "heading": "交通互联", "sort": "group"}],
    )
    return plan, names


FIRST: Rows = [
    (1, "大桥建设", "建成通车", "市交通运输局", "市发展改革委", "市督查室", "2026年底前", ""),
    ("2", "公交互通", None, "市交通运输局、市发展改革委", None, None, date(2026, 6, 30), "进行中"),
    (3, "年度会晤", None, "市发展改革委", None, None, "每年3月底前", None),
    (4, "日常联络", None, "市发展改革委", None, None, "长期坚持", None),
]


async def sent(client: Client, plan: str, body: bytes, media: str = XLSX, **asked: Any) -> Any:
    """The answer to an import."""
    headers = ZH | {"content-type": media} | asked.pop("headers", {})
    return await client.post(f"{plan}/tasks:import", content=body, headers=headers, params=asked)


async def taken(client: Client, plan: str, rows: Rows, **asked: Any) -> dict[str, Any]:
    """The answer to an import that is good."""
    answer = await sent(client, plan, xlsx(rows, asked.pop("head", HEAD)), **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wrong(answer: Any) -> dict[str, str]:
    """What is wrong, by cell."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {one["pointer"]: one["detail"] for one in answer.json()["errors"]}


def numbers(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    """New, adjusted, unchanged, missing."""
    counts = answer["counts"]
    return counts["new"], counts["adjusted"], counts["unchanged"], counts["missing"]


async def test_a_sheet_becomes_tasks_that_cite_its_cells(client: Client) -> None:
    plan, names = await a_plan(client)
    before = await client.registry.head()
    tried = await taken(client, plan, FIRST, dry_run="true")
    assert (numbers(tried), tried["position"], await client.registry.head()) == ((4, 0, 0, 0), None, before)
    found = await taken(client, plan, FIRST, name="任务台账.xlsx")
    assert numbers(found) == (4, 0, 0, 0)
    assert [line["row"] for line in found["tasks"]] == [2, 3, 4, 5]
    assert (found["sheet"], found["position"]) == (SHEET, await client.registry.head())
    assert [line["id"] for line in found["tasks"]] == [line["id"] for line in tried["tasks"]]
    document = (await client.get(f"/api/{found['document']}")).json()
    assert (document["kind"], document["title"]["printed"], document["file"]["media"]) == (
        "spreadsheet",
        "任务台账.xlsx",
        XLSX,
    )
    bridge, buses, yearly, daily = [(await client.get(f"/api/tasks/{line['id']}")).json() for line in found["tasks"]]
    assert bridge["title"]["printed"] == "大桥建设"
    assert bridge["terms"]["due"] == {
        "latest": "2026-12-31",
        "precision": "before",
        "printed": "2026年底前",
        "basis": "stated",
    }
    assert [(unit["role"], unit["party"]) for unit in bridge["units"]] == [
        ("lead", names["市交通运输局"]),
        ("supporting", names["市发展改革委"]),
        ("supervising", names["市督查室"]),
    ]
    cited = {name["cell"] for source in bridge["terms"]["sources"] for name in located(source)}
    assert cited == {"C2", "G2"}
    assert bridge["bases"][0]["number"] == "1"
    assert (bridge["status"], buses["status"], len(buses["units"])) == ("listed", "in_progress", 2)
    assert buses["terms"]["due"] == {"earliest": "2026-06-30", "latest": "2026-06-30"}
    assert (yearly["recurrence"]["every"], yearly["recurrence"]["month"], yearly["recurrence"]["day"]) == (
        "year",
        3,
        -1,
    )
    assert daily["terms"]["due"] == {"printed": "长期坚持"}


def located(source: dict[str, Any]) -> list[dict[str, str]]:
    """Where a source's citations point."""
    return [one["locator"] for one in source.get("citations", ())]


async def test_the_same_again_changes_nothing_whatever_the_file(client: Client) -> None:
    plan, _ = await a_plan(client)
    first = await taken(client, plan, FIRST)
    head = await client.registry.head()
    again = await taken(client, plan, FIRST)
    other = await taken(client, plan, [FIRST[3], FIRST[0], (*FIRST[1][:6], "2026年6月30日", "进行中"), FIRST[2]])
    assert numbers(again) == numbers(other) == (0, 0, 4, 0)
    assert (again["document"], other["document"], await client.registry.head()) == (None, None, head)
    assert {line["id"] for line in other["tasks"]} == {line["id"] for line in first["tasks"]}


async def test_a_corrected_sheet_adjusts_for_a_reason_and_with_approval(client: Client) -> None:
    plan, names = await a_plan(client)
    first = await taken(client, plan, FIRST)
    later = [(1, "大桥建设", "建成通车", "市交通运输局", "市政府办公室", "市督查室", "2027年6月底前", "")]
    told = (await sent(client, plan, xlsx(later))).json()["errors"]
    assert {one["pointer"] for one in told} == {"任务!G2"}
    assert [word for word, one in zip(("调整理由", "批准单位"), told, strict=True) if word in one["detail"]] == [
        "调整理由",
        "批准单位",
    ]
    head = (*HEAD, "grounds", "approver", "effective")
    by_lead = [(*later[0], "汛期延误", "市交通运输局", date(2026, 5, 1))]
    told = wrong(await sent(client, plan, xlsx(by_lead, head)))
    assert list(told) == ["任务!J2"]
    assert told["任务!J2"].startswith("工作表“任务”第2行J列(批准单位):市交通运输局 不能批准 大桥建设 的调整")
    assert "市督查室" in told["任务!J2"]
    good = [(*later[0], "汛期延误", "市督查室", date(2026, 5, 1))]
    found = await taken(client, plan, good, head=head)
    assert numbers(found) == (0, 1, 0, 3)
    assert set(found["tasks"][0]["events"]) == {"task.adjusted", "task.unit_released", "task.unit_named"}
    assert [one["number"] for one in found["missing"]] == ["2", "3", "4"]
    assert "3" in " ".join(found["warnings"])
    bridge = (await client.get(f"/api/tasks/{first['tasks'][0]['id']}")).json()
    assert (bridge["terms"]["grounds"], bridge["terms"]["approver"]) == ("汛期延误", names["市督查室"])
    assert bridge["terms"]["due"]["latest"] == "2027-06-30"
    released = [unit for unit in bridge["units"] if unit.get("released")]
    assert [(unit["party"], unit["grounds"]) for unit in released] == [(names["市发展改革委"], "汛期延误")]
    was = (await client.get(f"/api/tasks/{bridge['id']}", params={"as_of": "2026-04-30"})).json()
    assert was["terms"]["due"]["latest"] == "2026-12-31"
    head_now = await client.registry.head()
    assert numbers(await taken(client, plan, good, head=head)) == (0, 0, 1, 3)
    assert await client.registry.head() == head_now
    still = (await client.get(f"/api/tasks/{first['tasks'][1]['id']}")).json()
    assert still["status"] == "in_progress"


async def test_by_the_request_and_what_was_unknown(client: Client) -> None:
    """What a sheet adds needs no reason; the request may give one for all rows, and the plan's issuer may approve."""
    plan, _ = await a_plan(client)
    await taken(client, plan, [(7, "园区共建", None, "市发展改革委", None, None, None, None)])
    added = [
        (
            7,
            "园区共建",
            "两个园区",
            "市发展改革委",
            "市交通运输局",
            None,
            "6月底前",
            "进行中",
            "分管副主任",
            "张三",
            0.35,
            "交通互联",
        )
    ]
    head: tuple[Name, ...] = (*HEAD, "office", "person", "progress", "item")
    found = await taken(client, plan, added, head=head)
    assert set(found["tasks"][0]["events"]) == {
        "task.terms_set",
        "task.attested",
        "task.unit_described",
        "task.unit_named",
        "task.based",
        "task.started",
        "task.progress_reported",
    }
    task = (await client.get(f"/api/tasks/{found['tasks'][0]['id']}")).json()
    assert task["terms"]["due"]["basis"] == "inferred"
    assert (task["units"][0]["office"], task["units"][0]["person"]["name"]["printed"]) == ("分管副主任", "张三")
    assert task["progress"][0]["share"] == "35"
    assert {base.get("on_part") for base in task["bases"]} == {None, f"items/{ITEM}"}
    assert numbers(await taken(client, plan, added, head=head)) == (0, 0, 1, 0)
    other = [("7", "园区共建二期", None, None, None, None, "无", None, None, "李四")]
    asked = {"grounds": "人事变动", "approver": "市政府 辦公室", "effective": "2026-09-01", "head": head[:-2]}
    await taken(client, plan, other, **asked)
    task = (await client.get(f"/api/tasks/{found['tasks'][0]['id']}", params={"as_of": "2026-09-02"})).json()
    assert (task["terms"]["title"]["printed"], task["terms"].get("due"), task["terms"]["requirement"]) == (
        "园区共建二期",
        None,
        "两个园区",
    )
    leads = [unit for unit in task["units"] if unit["role"] == "lead"]
    assert [(unit["person"]["name"]["printed"], unit["office"]) for unit in leads] == [("李四", "分管副主任")]


async def test_all_that_is_wrong_is_told_at_once_in_words(client: Client) -> None:
    plan, _ = await a_plan(client)
    await client.party("重名单位", "agency")
    await client.party("重名单位", "agency")
    head = await client.registry.head()
    rows = [
        (1, "甲", None, "市发展改革局", None, None, "近期", "快了"),
        (None, "乙", None, None, None, None, None, None),
        (3, None, None, "重名单位", None, None, "6月前", None),
        (3, "丙", None, None, None, None, None, None),
        (5, "丁", "x" * 20_001, "国务院某某司", None, None, "2026年2月30日", None),
    ]
    answer = await sent(client, plan, xlsx(rows))
    told = wrong(answer)
    assert set(told) == {
        "任务!D2",
        "任务!G2",
        "任务!H2",
        "任务!A3",
        "任务!A4",
        "任务!D4",
        "任务!G4",
        "任务!A5",
        "任务!C6",
        "任务!D6",
        "任务!G6",
    }
    assert answer.json()["detail"].startswith("表格中有 11 处错误")
    assert "市发展改革委" in told["任务!D2"]
    assert told["任务!G2"].startswith("工作表“任务”第2行G列(完成时限):")
    assert "进行中" in told["任务!H2"]
    assert "5月31日" in told["任务!G4"] or "2026-05-31" in told["任务!G4"]
    assert await client.registry.head() == head
    english = await client.post(f"{plan}/tasks:import", content=xlsx(rows), headers={"content-type": XLSX})
    assert english.json()["errors"][0]["detail"].startswith("Sheet 任务, row ")
    for detail in told.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in detail.partition(")")[2]), detail


async def test_csv_of_either_kind_says_the_same(client: Client) -> None:
    """UTF-8 with and without its mark, and GB 18030; quotes over lines; a guard before what looks like a formula."""
    plan, _ = await a_plan(client)
    text = "任务编号,任务名称,牵头单位,完成时限,备注\r\n"
    text += '1,"大桥\n建设",市交通运输局,2026年底前,x\r\n2,\'=甲,市交通运输局,,\r\n'
    first = await sent(client, plan, text.encode("utf-8-sig"), CSV)
    assert first.status_code == 200, first.text
    assert (numbers(first.json()), first.json()["sheet"]) == ((2, 0, 0, 0), "CSV")
    assert "备注" in first.json()["warnings"][0]
    assert first.json()["tasks"][1]["title"] == "=甲"
    for body, media in ((text.encode(), f"{CSV}; charset=utf-8"), (text.encode("gb18030"), CSV)):
        assert numbers((await sent(client, plan, body, media)).json()) == (0, 0, 2, 0)


async def test_the_template_goes_back(client: Client) -> None:
    plan, _ = await a_plan(client)
    answer = await client.get(f"{plan}/tasks:template")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    page, lists = book[SHEET], book["选项"]
    assert [cell.value for cell in page[1]] == [column.header for column in COLUMNS.values()]
    units = [cell.value for cell in lists["A"]][1:]
    assert {"市发展改革委", "市督查室"} <= set(units)
    assert [cell.value for cell in lists["D"] if cell.value][1:] == ["一 交通互联"]
    assert len(page.data_validations.dataValidation) == 6
    empty = await sent(client, plan, answer.content)
    assert numbers(empty.json()) == (0, 0, 0, 0), empty.text
    where = list(COLUMNS)
    for name, value in {"number": 9, "title": "新任务", "lead": units[0], "item": "一 交通互联"}.items():
        page.cell(row=2, column=where.index(name) + 1, value=value)  # type: ignore[arg-type] # names are columns
    saved = io.BytesIO()
    book.save(saved)
    filled = await sent(client, plan, saved.getvalue())
    assert numbers(filled.json()) == (1, 0, 0, 0), filled.text


async def test_one_key_one_import(client: Client) -> None:
    """The same request answers the same, also where the tasks have changed since; another sheet is refused."""
    plan, names = await a_plan(client)
    body, key = xlsx(FIRST), {"idempotency-key": "once"}
    first = await sent(client, plan, body, headers=key)
    task = first.json()["tasks"][0]["id"]
    moved = {"due": {"latest": "2028-01-01"}, "grounds": "x", "approver": names["市督查室"]}
    assert (await client.post(f"/api/tasks/{task}:adjust", json=moved)).status_code == 200
    again = await sent(client, plan, body, headers=key)
    assert again.status_code == 200, again.text
    assert (again.status_code, again.json()["counts"], again.json()["tasks"]) == (
        200,
        first.json()["counts"],
        first.json()["tasks"],
    )
    assert (await sent(client, plan, xlsx(FIRST[:1]), headers=key)).status_code == 422


async def test_what_is_refused_before_it_is_read(client: Client) -> None:
    plan, _ = await a_plan(client)
    assert (await sent(client, plan, b"{}", "application/json")).status_code == 415
    assert (await sent(client, plan, b"x", f"{CSV}; charset=utf-16")).status_code == 415
    nowhere = f"/api/plans/{UUID(int=7)}"
    assert (await sent(client, nowhere, xlsx(FIRST))).status_code == 404
    assert (await client.get(f"{nowhere}/tasks:template")).status_code == 404
    assert (await sent(client, plan, xlsx(FIRST), sheet="别的表")).status_code == 422
    for nobody in (str(UUID(int=7)), "无名单位"):
        refused = await sent(client, plan, xlsx(FIRST), approver=nobody)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "approver")
    assert (await sent(client, plan, b"\xd0\xcf\x11\xe0 old")).json()["detail"].startswith("此文件不能作为表格读取")


@pytest.mark.parametrize("word", ["已销号", "已立项"])
async def test_a_state_goes_forward_alone(client: Client, word: str) -> None:
    plan, _ = await a_plan(client)
    await taken(client, plan, FIRST)
    answer = await sent(client, plan, xlsx([("2", "公交互通", None, None, None, None, None, word)]))
    if word == "已销号":
        assert answer.json()["tasks"][0]["events"] == ["task.closed"]
        back = await sent(client, plan, xlsx([("2", "公交互通", None, None, None, None, None, "进行中")]))
        assert "已销号" not in wrong(back) and "调整理由" in wrong(back)["任务!H2"]  # noqa: PT018 -- one thought
    else:
        assert list(wrong(answer)) == ["任务!H2"]


@pytest.mark.parametrize("media", [XLSX, CSV])
async def test_the_ledgers_own_sheet_goes_back_unchanged(client: Client, media: str) -> None:
    """With everything that a task may say: two leads, office and person, words of dates, changes, states, namesakes."""
    plan, names = await a_plan(client)
    twin = await client.party("市督查室", "agency")
    head: tuple[Name, ...] = (*HEAD, "office", "person", "progress", "item", "starts", "text")
    rows: Rows = [
        (*FIRST[0], "分管副局长", "王五", 0.5, "一 交通互联", "2026年3月起", "=修桥"),
        (*FIRST[1], "-、分管副主任", "-、张三", "完成招标", None, date(2026, 1, 1), "@铺路\n+修站"),
        FIRST[2],
        (*FIRST[3][:7], "已中止"),
        ("5-1", "合作办学", "", "", "", "", "2026年9月1日至2026年12月31日", "已报完成"),
    ]
    rows = [(*row[:5], f"parties/{names['市督查室']}" if row[5] else row[5], *row[6:]) for row in rows]
    first = await taken(client, plan, rows, head=head)
    assert names["市督查室"] != twin
    duty = first["tasks"][2]["id"]
    id = plan.rpartition("/")[2]
    listed = (await client.get(f"/api/tasks/{duty}")).json()
    occurrence = {
        "id": str(occurrence_id(UUID(duty), "2026")),
        "title": listed["title"],
        "occurrence_of": duty,
        "period": "2026",
        "bases": [{"on": f"plans/{id}", "number": "3"}],
        "terms": {"due": {"earliest": "2026-03-31", "latest": "2026-03-31"}},
    }
    await client.new("tasks", **occurrence)
    future = {"due": {"latest": "2028-12-31"}, "effective": {"earliest": "2027-12-31", "latest": "2027-12-31"}}
    moved = future | {"grounds": "延期", "approver": names["市政府办公室"], "plan": id}
    answer = await client.post(f"/api/tasks/{first['tasks'][4]['id']}:adjust", json=moved)
    assert answer.status_code == 200, answer.text
    before = await client.registry.head()
    own = await client.get("/api/ledger", params={"plan": id}, headers={"accept": media})
    assert own.status_code == 200, own.text
    back = await sent(client, plan, own.content, media)
    assert back.status_code == 200, back.text
    assert numbers(back.json()) == (0, 0, 6, 0)
    assert (back.json()["warnings"], back.json()["document"], await client.registry.head()) == ([], None, before)


async def test_two_at_once_make_no_doubles(client: Client) -> None:
    """Of the same file, and of two files with the same numbers: whoever comes second is compared with the first."""
    plan, _ = await a_plan(client)
    other = [(row[0], row[1], "另有要求" if row[0] == 4 else row[2], *row[3:]) for row in FIRST]
    bodies = [xlsx(FIRST), xlsx(FIRST), xlsx(other)]
    answers = await asyncio.gather(*(sent(client, plan, body) for body in bodies))
    found = [answer.json() for answer in answers if answer.status_code == 200]
    assert sum(one["counts"]["new"] for one in found) == 4
    assert [answer.status_code for answer in answers if answer.status_code != 200] in ([], [422])
    listed = (await client.get("/api/tasks", params={"plan": plan.rpartition("/")[2]})).json()["items"]
    assert sorted(one["bases"][0]["number"] for one in listed) == ["1", "2", "3", "4"]
