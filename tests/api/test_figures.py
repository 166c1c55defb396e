"""Figures over HTTP: every command has its path, claims meet, and lists stand under parties and meetings."""

from typing import Any

import pytest

from tests.api.conftest import Client
from tests.api.test_resources import carried_out, named

STAGE = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c01"
COUNT = {"value": "252", "unit": "个", "bound": "exact"}
MONEY = {"value": "400", "unit": "亿元", "bound": "below", "printed": "近400亿元"}

FIGURE: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"called": "恳谈会签约项目", "text": "只计现场签约的。"}, ""),
    (":merge-duplicate", {"into": "SAME"}, "/duplicate"),
    ("/concerned", {"role": "subject", "party": "OTHER", "name": {"printed": "我市"}}, "/concerned/0"),
    ("/items", {"sort": "category", "parent": STAGE, "label": "合同项目"}, "/items/1"),
    ("/claims", {"item": STAGE, "sum": MONEY, "speaker": {"name": {"printed": "某甲"}}}, "/claims/1"),
    ("/links", {"relation": "at", "target": "A MEETING"}, "/links/0"),
    (
        ":reconcile",
        {"by": ["OTHER"], "effective": {"earliest": "2017-01-01", "latest": "2017-01-01"}},
        "/assessments/0",
    ),
    (":dispute", {"by": ["OTHER"], "grounds": "重复计算"}, "/assessments/0"),
]


async def others(client: Client) -> dict[str, str]:
    """Things that commands name."""
    return {
        "OTHER": await client.party("别方"),
        "A MEETING": (await client.new("meetings", called="恳谈会")).removeprefix("/api/"),
        "SAME": (await client.new("figures", metric="签约项目")).rpartition("/")[2],
    }


async def registered(client: Client, **body: Any) -> str:
    """A figure with a stage and a claim."""
    told = {"items": [{"id": STAGE, "sort": "stage", "label": "拟签约"}], "claims": [{"count": COUNT}]}
    return await client.new("figures", **{"metric": "签约项目"} | told | body)


@pytest.mark.parametrize(("way", "body", "pointer"), FIGURE, ids=[way[0] for way in FIGURE])
async def test_each_command_on_a_figure(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    told = {key: named(value, names) for key, value in body.items()}
    await carried_out(client, await registered(client), way, told, pointer)


async def test_two_sources_with_one_number_are_one_claim(client: Client) -> None:
    """In whatever unit and words; with another number they are two, and each keeps its own sources."""
    path = await registered(client, claims=[{"count": COUNT, "sum": MONEY}])
    same = {"sum": {"value": "4000000", "unit": "万元", "bound": "below"}, "count": COUNT}
    first = await client.post(f"{path}/claims", json=same)
    assert (first.status_code, first.json()["pointer"]) == (200, "/claims/0"), first.text
    assert first.json()["value"]["sum"] == MONEY
    other = await client.post(f"{path}/claims", json={"count": COUNT | {"value": "251"}})
    assert (other.status_code, other.json()["pointer"]) == (200, "/claims/1"), other.text
    shown = (await client.get(path)).json()
    assert [one["count"]["value"] for one in shown["claims"]] == ["252", "251"]
    assert shown["status"] == "reported"
    refused = await client.post(
        f"{path}/claims", json={"id": shown["claims"][0]["id"], "count": COUNT | {"value": "9"}}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/count")


async def test_what_is_told_without_who_or_source_is_refused(client: Client) -> None:
    """And leaves no trace."""
    path = await registered(client)
    before = (await client.get(path)).headers["etag"]
    told = await client.post(f"{path}:dispute", json={"grounds": "重复计算"}, headers={"accept-language": "zh"})
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, "/by")
    assert "by" in told.json()["errors"][0]["detail"]
    assert (await client.get(path)).headers["etag"] == before


async def test_a_duplicate_is_not_changed(client: Client) -> None:
    names = await others(client)
    path = await registered(client)
    assert (await client.post(f"{path}:merge-duplicate", json={"into": names["SAME"]})).status_code == 200
    assert (await client.post(f"{path}/claims", json={"count": COUNT | {"value": "9"}})).status_code == 409
    assert (await client.post(f"{path}:unmerge-duplicate")).json()["value"] is None
    assert (await client.get(path)).json()["status"] == "reported"


async def test_lists_under_parties_and_meetings(client: Client) -> None:
    """Whose it is, who claims it, where it was counted."""
    names = await others(client)
    meeting = names["A MEETING"].rpartition("/")[2]
    own = await registered(client, concerned=[{"role": "subject", "party": names["OTHER"]}])
    said = await registered(client, claims=[{"count": COUNT, "by": [names["OTHER"]]}])
    told = await registered(client, links=[{"relation": "at", "target": names["A MEETING"]}])
    for path, wanted in (
        (f"/api/parties/{names['OTHER']}/figures", [own, said]),
        (f"/api/meetings/{meeting}/figures", [told]),
        (f"/api/figures?subject={names['OTHER']}", [own]),
    ):
        items = (await client.get(path)).json()["items"]
        assert [f"/api/figures/{one['id']}" for one in items] == wanted, path
    assert (await client.get(f"/api/meetings/{names['OTHER']}/figures")).status_code == 404


async def test_a_transaction_names_what_it_makes(client: Client) -> None:
    """The figure, its item, and the agreement that it counts."""
    commands = [
        {"path": "/api/agreements", "as": "pact", "body": {"called": "某协议"}},
        {"path": "/api/figures", "as": "one", "body": {"metric": "签约项目"}},
        {"path": "/api/figures/@one/items", "as": "stage", "body": {"sort": "stage", "label": "现场签约"}},
        {"path": "/api/figures/@one/claims", "body": {"item": "@stage", "count": COUNT}},
        {
            "path": "/api/figures/@one/links",
            "body": {"relation": "counts", "target": "agreements/@pact", "item": "@stage"},
        },
    ]
    done = await client.post("/api/transactions", json={"commands": commands})
    assert done.status_code == 200, done.text
    (item,) = (await client.get("/api/figures")).json()["items"]
    shown = (await client.get(f"/api/figures/{item['id']}")).json()
    assert (item["items"], item["counts"], item["claims"]) == (1, 1, [])
    assert shown["claims"][0]["item"] == shown["links"][0]["item"] == shown["items"][0]["id"]


async def test_history_and_changes_of_a_claim(client: Client) -> None:
    """A claim that was recorded wrongly is corrected; what it said before is still told."""
    path = await client.new("figures", metric="签约项目")
    made = (await client.post(f"{path}/claims", json={"count": COUNT})).json()
    claim = made["value"]["id"]
    told = {"claim": claim, "count": COUNT | {"value": "250"}}
    answer = await client.post(f"{path}:correct", json={"corrects": made["sequence"], "reason": "误读", "data": told})
    assert answer.status_code == 200, answer.text
    history = (await client.get(f"{path}/history?pointer=/claims/{claim}/count")).json()["items"]
    assert [(one["value"]["value"], one["holds"], one["reason"]) for one in history] == [
        ("252", False, None),
        ("250", True, "误读"),
    ]
    changes = (await client.get(f"{path}/changes?from=2&to=3")).json()
    (change,) = changes["changes"]
    assert (change["pointer"], change["before"], change["after"]) == (f"/claims/{claim}/count", COUNT, told["count"])
