"""Projects over HTTP: every command has its path, and who is in one, how far it is, what is invested, at two times."""

from typing import Any

import pytest

from tests.api.conftest import Client
from tests.api.test_resources import carried_out, named

SUM = {"value": "30", "unit": "亿元", "bound": "exact", "modality": "total"}
MORE = {"value": "5", "unit": "亿元", "bound": "exact", "modality": "total"}
MONEY = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01"
ITEM = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b02"

PROJECT: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"sector": "水利"}, ""),
    ("/titles", {"title": {"printed": "水库"}, "variant": "short"}, "/titles/0"),
    (":merge-duplicate", {"into": "SAME"}, "/duplicate"),
    (":plan", {"plan": "PLAN", "plan_part": f"items/{ITEM}"}, "/planned"),
    (":negotiate", {"meeting": "MEETING", "by": ["OTHER"]}, "/negotiating"),
    (":intend", {"meeting": "MEETING"}, "/intended"),
    (":sign", {"agreement": "AGREEMENT"}, "/signed"),
    (":file", {"number": "甲发改备1号"}, "/registered"),
    (":start", {}, "/started"),
    (":report-construction", {"effective": {"latest": "2021-11-24", "precision": "before"}}, "/under_construction"),
    (":complete", {}, "/completed"),
    (":open", {}, "/operating"),
    (":drop", {"grounds": "资金未到位"}, "/dropped"),
    ("/investments", {"quantity": MORE, "phase": "二期"}, "/investments/1"),
    ("/increases", {"quantity": MORE, "of": MONEY}, "/investments/1"),
    ("/replacements", {"former": "FIRST", "investor": "OTHER", "investment": MONEY}, "/replacements/0"),
    ("/parties", {"role": "builder", "group": "某公司"}, "/parties/1"),
    ("/parties:release", {"role": "host", "party": "FIRST"}, "/parties/0"),
    ("/places", {"text": "黄河北岸"}, "/places/1"),
    ("/links", {"relation": "part_of", "target": "A PROJECT"}, "/links/0"),
]


async def others(client: Client) -> dict[str, str]:
    """Things that commands name."""
    same = (await client.new("projects", called="另一项目")).rpartition("/")[2]
    return {
        "OTHER": await client.party("别方"),
        "FIRST": await client.party("甲方"),
        "MEETING": (await client.new("meetings", called="推介会")).rpartition("/")[2],
        "PLAN": (await client.new("plans", called="规划", items=[{"id": ITEM, "heading": "水库"}])).rpartition("/")[2],
        "AGREEMENT": (await client.new("agreements", called="协议")).rpartition("/")[2],
        "SAME": same,
        "A PROJECT": f"projects/{same}",
    }


@pytest.mark.parametrize(("way", "body", "pointer"), PROJECT, ids=[way[0] for way in PROJECT])
async def test_each_command_on_a_project(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    path = await client.new(
        "projects",
        title={"printed": "城北水库"},
        investments=[{"id": MONEY, "quantity": SUM, "investor": names["FIRST"]}],
        parties=[{"role": "host", "party": names["FIRST"]}],
        places=[{"party": names["FIRST"]}],
    )
    await carried_out(client, path, way, {key: named(value, names) for key, value in body.items()}, pointer)


async def test_places_and_links_end_and_duplicates_are_undone(client: Client) -> None:
    names = await others(client)
    link = {"relation": "part_of", "target": names["A PROJECT"]}
    path = await client.new("projects", called="某项目", links=[link], places=[{"text": "北岸"}])
    for way, body, field in ((":unlink", link, "links"), ("/places:leave", {"text": "北岸"}, "places")):
        gone = await client.post(f"{path}{way}", json=body)
        assert gone.json()["value"] is None
        assert (await client.get(path)).json()[field] == []
    assert (await client.post(f"{path}:merge-duplicate", json={"into": names["SAME"]})).status_code == 200
    assert (await client.get(path)).json()["status"] == "merged"
    assert (await client.post(f"{path}:unmerge-duplicate")).json()["value"] is None


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


async def test_how_far_a_project_was_and_whose(client: Client) -> None:
    """Planned, signed at a meeting, under construction by a day; its investor replaced; told later, of days between."""
    client.registry.follower.start()
    first, second, city, county = [await client.party(name) for name in ("甲", "乙", "市", "县")]
    assert (await client.post(f"/api/parties/{county}:reparent", json={"parent": city})).status_code == 200
    meeting = await client.new("meetings", called="推介会", held={"effective": day("2016-04-07")})
    agreement = await client.new("agreements", called="投资协议")
    met, pact = (path.rpartition("/")[2] for path in (meeting, agreement))
    path = await client.new(
        "projects",
        title={"printed": "城北水库项目"},
        kinds=["water"],
        planned={"effective": {"earliest": "2015-01-01", "latest": "2015-12-31", "precision": "year"}},
        signed={"meeting": met, "agreement": pact, "by": [first]},
        investments=[{"id": MONEY, "quantity": SUM, "investor": first}],
        places=[{"party": county, "name": {"printed": "县"}}],
    )
    answer = (await client.get(path)).json()
    assert (answer["status"], answer["signed"]["date"]) == ("signed", {**day("2016-04-07"), "basis": "inferred"})
    asked = await client.get(f"{path}?as_of=2015-06-01")
    assert (asked.json()["status"], asked.json()["uncertain"][:2]) == ("planned", ["/status", "/planned"])
    before = await client.registry.head()

    for way, body in (
        (":report-construction", {"effective": {"latest": "2021-11-24", "precision": "before"}}),
        ("/replacements", {"former": first, "investor": second, "effective": day("2018-03-01")}),
        ("/increases", {"quantity": MORE, "of": MONEY, "effective": day("2019-01-01")}),
    ):
        told = await client.post(f"{path}{way}", json=body)
        assert told.status_code == 200, told.text
    now = (await client.get(path)).json()
    assert [(one["quantity"]["value"], one.get("increase", False)) for one in now["investments"]] == [
        ("30", False),
        ("5", True),
    ]
    assert (now["investments"][0]["investor"], now["investments"][0]["investor_now"]) == (first, second)
    then = (await client.get(f"{path}?as_of=2018-02-28")).json()
    assert "investor_now" not in then["investments"][0]
    assert (await client.get(f"{path}?as_of=2020-01-01&known_at={before}")).json()["status"] == "signed"

    for url in (
        "/api/projects?kind=water",
        f"/api/projects?investor={second}",
        f"/api/projects?place={city}",
        "/api/projects?stage_from=2021-01-01&stage_to=2021-12-31&status=under_construction",
        f"/api/parties/{first}/projects",
        f"/api/parties/{county}/projects",
        f"{meeting}/projects",
        f"{agreement}/projects",
    ):
        (item,) = (await client.get(url)).json()["items"]
        assert (item["title"], item["status"]) == ("城北水库项目", "under_construction"), url
        assert item["since"] == {"latest": "2021-11-24", "precision": "before"}
    for url, count in (
        (f"/api/projects?investor={first}", 0),
        (f"/api/projects?investor={first}&as_of=2018-02-28", 1),
        (f"/api/projects?investor={first}&known_at={before}", 1),
        (f"{meeting}/projects?as_of=2016-04-06", 0),
        (f"/api/projects?place={city}&as_of=2014-12-31", 0),
    ):
        found = await client.get(url)
        assert len(found.json()["items"]) == count, url
    for pointer, values in (
        (f"/investments/{MONEY}/quantity/value", ["30"]),
        ("/under_construction/date/latest", ["2021-11-24"]),
    ):
        found = (await client.get(f"{path}/history?pointer={pointer}")).json()
        assert [one["value"] for one in found["items"]] == values
    (change,) = (await client.get(f"{path}/changes")).json()["changes"]
    assert (change["op"], change["pointer"].rpartition("/")[0]) == ("added", "/investments")


async def test_a_transaction_names_what_it_makes(client: Client) -> None:
    """The investments made in it have ids for those after them; its parts are projects of their own."""

    def command(path: str, body: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        return {"path": path, "body": body} | ({"as": name} if name else {})

    answer = await client.post(
        "/api/transactions",
        json={
            "commands": [
                command("/api/projects", {"called": "高速公路"}, "road"),
                command("/api/projects/@road/investments", {"quantity": SUM}, "money"),
                command("/api/projects/@road/increases", {"quantity": MORE, "of": "@money"}),
                command("/api/projects", {"called": "一标段"}, "section"),
                command("/api/projects/@section/links", {"relation": "part_of", "target": "projects/@road"}),
            ]
        },
    )
    assert answer.status_code == 200, answer.text
    road, section = (await client.get("/api/projects")).json()["items"]
    held = (await client.get(f"/api/projects/{road['id']}")).json()
    assert held["investments"][1]["of"] == held["investments"][0]["id"]
    (part,) = (await client.get(f"/api/projects/{road['id']}/parts")).json()["items"]
    assert part["id"] == section["id"]


async def test_refusals_say_what_is_wrong_in_both_languages(client: Client) -> None:
    path = await client.new("projects", called="某项目", dropped={"effective": day("2019-12-31")})
    for way, body, status, pointer in (
        (":sign", {"agreement_part": f"clauses/{ITEM}"}, 422, ""),
        (":start", {"effective": day("2020-01-01")}, 409, ""),
        ("/investments", {"quantity": {**SUM, "value": "-1"}}, 422, "/quantity/value"),
        ("/increases", {"quantity": MORE, "of": MONEY}, 422, "/of"),
        ("/replacements", {"former": ITEM, "investor": ITEM}, 422, ""),
        ("/parties", {"role": "host"}, 422, ""),
        ("/parties", {"role": "host", "group": "某", "name": {"printed": "某"}}, 422, ""),
        ("/places", {}, 422, ""),
        (":describe", {}, 422, ""),
    ):
        for language, letters in (("en", str.isascii), ("zh", lambda text: not text.isascii())):
            told = await client.post(f"{path}{way}", json=body, headers={"accept-language": language})
            assert told.status_code == status, told.text
            (problem,) = told.json()["errors"]
            assert problem["pointer"] == pointer, told.text
            assert letters(problem["detail"]), told.text
    assert (await client.get(path)).json()["version"] == 2
