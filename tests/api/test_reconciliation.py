"""Whether a figure adds up, over HTTP: real projects, two times, sheets."""

import csv
import io
from typing import Any

import msgspec
import openpyxl  # type: ignore[import-untyped] # it comes without types

from service.api import sheets
from service.api.reconciliation import Reconciliation
from tests.api.conftest import Client

INTENDED, SIGNED, CONTRACTS, PACTS = (f"5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7d0{number}" for number in range(4))
FIRST = {"earliest": "2016-04-07", "latest": "2016-04-07"}


def money(value: str, modality: str = "total") -> dict[str, str]:
    """So many 亿元."""
    return {"value": value, "unit": "亿元", "bound": "exact", "modality": modality}


def many(value: str) -> dict[str, str]:
    """So many."""
    return {"value": value, "unit": "个", "bound": "exact"}


async def projects(client: Client) -> list[str]:
    """Four that are named, three with what is invested in them."""
    found = []
    for name, value in (("医院", "10"), ("采购", None), ("风电", "40"), ("水库", "30")):
        invested = [{"quantity": money(value), "effective": FIRST}] if value else []
        path = await client.new("projects", called=name, investments=invested)
        found.append(path.removeprefix("/api/"))
    return found


async def funnel(client: Client, named: list[str]) -> str:
    """61 intended, in two categories; 26 signed, of which some are named."""
    return await client.new(
        "figures",
        metric="项目",
        items=[
            {"id": INTENDED, "sort": "stage", "label": "拟签约", "order": 1},
            {"id": SIGNED, "sort": "stage", "label": "现场签约", "order": 2},
            {"id": CONTRACTS, "parent": INTENDED, "sort": "category", "label": "合同项目"},
            {"id": PACTS, "parent": INTENDED, "sort": "category", "label": "协议项目"},
        ],
        claims=[
            {"item": INTENDED, "count": many("61"), "sum": money("511.5")},
            {"item": CONTRACTS, "count": many("33"), "sum": money("276.6", "planned")},
            {"item": PACTS, "count": many("28"), "sum": money("234.9", "planned")},
            {"item": SIGNED, "count": many("26"), "sum": money("326.7")},
        ],
        links=[{"relation": "counts", "target": target, "item": SIGNED} for target in named],
    )


def of(answer: dict[str, Any], item: str | None, measure: str) -> dict[str, Any]:
    """One number of an item."""
    (node,) = [one for one in answer["items"] if one["item"] == item]
    found: dict[str, Any]
    (found,) = [one for one in node["measures"] if one["measure"] == measure]
    return found


async def asked(client: Client, path: str, query: str = "") -> dict[str, Any]:
    """The answer, of the shape that is promised."""
    answer = await client.get(f"{path}/reconciliation{query}")
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=Reconciliation)
    assert answer.headers["mengfu-position"] == str(answer.json()["position"])
    told: dict[str, Any] = answer.json()
    return told


async def test_a_funnel_with_real_projects(client: Client) -> None:
    """511.5 is 276.6 and 234.9; of 326.7 those named are 80, and one of the four has no sum."""
    named = await projects(client)
    told = await asked(client, await funnel(client, named))
    assert of(told, INTENDED, "sum")["computed"] == {"unit": "亿元", "low": "511.5", "high": "511.5"}
    assert (of(told, INTENDED, "sum")["adds_up"], of(told, INTENDED, "count")["adds_up"]) == ("yes", "yes")
    signed = of(told, SIGNED, "sum")
    assert (signed["named"]["low"], signed["missing"]["low"], signed["without_sum"]) == ("80", "246.7", [named[1]])
    assert (of(told, SIGNED, "count")["missing"]["low"], signed["adds_up"]) == ("22", "cannot_be_said")
    assert of(told, SIGNED, "count")["within"]["verdict"] == "yes"
    assert all(
        reason["en"] and reason["zh"] for node in told["items"] for one in node["measures"] for reason in one["reasons"]
    )
    assert (told["adds_up"], told["left_out"], told["disagreements"]) == ("cannot_be_said", [], [])
    assert (told["rule"]["name"], told["rule"]["version"]) == ("sets_of_numbers", 1)


async def test_what_was_known_and_what_held_then(client: Client) -> None:
    """An increase counts from its day on, and a project from when it was registered; asked again it is the same."""
    named = await projects(client)
    path = await funnel(client, named)
    before = await asked(client, path)
    again = f"?known_at={before['position']}&on={before['on']}"
    late = (await client.new("projects", called="后补", investments=[{"quantity": money("1")}])).removeprefix("/api/")
    more = {"quantity": money("5"), "effective": {"earliest": "2020-01-01", "latest": "2020-01-01"}}
    assert (await client.post(f"/api/{named[0]}/increases", json=more)).status_code == 200
    link = {"relation": "counts", "target": late, "item": SIGNED}
    assert (await client.post(f"{path}/links", json=link)).status_code == 200
    assert (await client.get(f"{path}/reconciliation{again}")).json() == before
    for query, named_sum in (("", "86"), ("?on=2019-12-31", "81"), (f"?known_at={before['position']}", "80")):
        assert of(await asked(client, path, query), SIGNED, "sum")["named"]["low"] == named_sum, query
    missing = await client.get(f"{path}/reconciliation?known_at=1")
    assert missing.status_code == 404
    assert (await client.get(f"{path}/reconciliation?known_at=99999")).status_code == 422
    assert (await client.get(f"{path}/reconciliation?at=1")).status_code == 422


async def test_second_records_and_what_is_gone(client: Client) -> None:
    """Of two records the one that stands for both is read, named or not; a voided one is left out, and told."""
    named = await projects(client)
    path = await funnel(client, named[:2])
    assert (await client.post(f"/api/{named[1]}:merge-duplicate", json={"into": named[3][9:]})).status_code == 200
    gone = await client.post("/api/agreements", json={"called": "误记"})
    target = gone.headers["location"].removeprefix("/api/")
    link = {"relation": "counts", "target": target, "item": SIGNED}
    assert (await client.post(f"{path}/links", json=link)).status_code == 200
    told = await client.post(f"/api/{target}:void", json={"corrects": gone.json()["sequence"], "reason": "误记"})
    assert told.status_code == 200, told.text
    answer = await asked(client, path)
    signed = of(answer, SIGNED, "sum")
    assert (signed["named"]["low"], signed["without_sum"]) == ("40", [])
    (out,) = answer["left_out"]
    assert (out["target"], out["item"], out["zh"]) == (target, SIGNED, "其时尚未登记。")
    members = next(one["members"] for one in answer["items"] if one["item"] == SIGNED)
    assert [(one["stands_for"], one["known"]) for one in members] == [(None, True), (named[3], True), (None, False)]


async def test_claims_that_cannot_both_hold(client: Client) -> None:
    path = await funnel(client, [])
    assert (await client.post(f"{path}/claims", json={"item": SIGNED, "count": many("25")})).status_code == 200
    answer = await asked(client, path)
    (found,) = answer["disagreements"]
    assert (found["item"], found["fields"]) == (SIGNED, ["count"])
    assert of(answer, SIGNED, "count")["reasons"][0]["code"] == "claims_disagree"


async def test_as_a_sheet_and_as_lines(client: Client) -> None:
    """A number a row, an item a line."""
    path = await funnel(client, await projects(client))
    answer = await client.get(f"{path}/reconciliation", headers={"accept": sheets.CSV})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (signed,) = [row for row in rows if row["label"] == "现场签约" and row["measure"] == "sum"]
    told = (signed["declared.low"], signed["named.low"], signed["missing.low"], signed["adds_up"], signed["within"])
    assert told == ("326.7", "80", "246.7", "cannot_be_said", "yes")
    assert "点名" in signed["reasons_zh"]
    book = await client.get(f"{path}/reconciliation", headers={"accept": sheets.XLSX})
    header, *body = openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True)
    assert (list(header), len(body)) == (list(rows[0]), len(rows))
    lines = await client.get(f"{path}/reconciliation", headers={"accept": "application/x-ndjson"})
    whole = await client.get(f"{path}/reconciliation")
    assert [msgspec.json.decode(line) for line in lines.content.splitlines()] == whole.json()["items"]


async def test_the_ways_in_which_it_is_refused(client: Client) -> None:
    """What is not there, and a day that there is none of."""
    nobody = f"/api/figures/{INTENDED}/reconciliation"
    assert (await client.get(nobody)).status_code == 404
    assert (await client.get(f"{await funnel(client, [])}/reconciliation?on=9999-12-31")).status_code == 422
