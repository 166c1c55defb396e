"""Plans over HTTP: every command has its path, and what a plan asked on a day, now and as it was known before."""

from typing import Any

import pytest

from tests.api.conftest import Client
from tests.api.test_resources import carried_out, named

THREE = {"value": "3", "unit": "项", "bound": "exact"}
ITEM = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01"
TARGET = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b02"
REVISION = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b03"

PLAN: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"period": {"printed": "2021至2025年"}}, ""),
    ("/titles", {"title": {"printed": "369"}, "variant": "short"}, "/titles/0"),
    (":merge-duplicate", {"into": "SAME"}, "/duplicate"),
    (":draft", {"by": ["OTHER"]}, "/drafted"),
    (":submit", {"meeting": "WHOLE"}, "/under_review"),
    (":adopt", {"meeting": "WHOLE", "effective": {"earliest": "2021-02-06", "latest": "2021-02-06"}}, "/adopted"),
    (":approve", {"number": "批复1号"}, "/approved"),
    (":issue", {"number": "甲政发1号"}, "/issued"),
    (":begin-execution", {}, "/executing"),
    (":evaluate", {"result": "基本完成"}, "/evaluated"),
    (":close", {"grounds": "期满"}, "/closed"),
    ("/bodies", {"role": "leader", "party": "OTHER"}, "/bodies/0"),
    ("/items", {"heading": "三大行动", "sort": "group", "declared": THREE}, "/items/1"),
    (f"/items/{ITEM}:change", {"declared": THREE, "revision": REVISION}, "/items/0"),
    (f"/items/{ITEM}:drop", {"grounds": "并入他项"}, "/items/0"),
    ("/targets", {"metric": "里程", "quantity": THREE, "performers": ["OTHER"]}, "/targets/1"),
    (f"/targets/{TARGET}:change", {"text": "全面建成", "revision": REVISION}, "/targets/0"),
    (f"/targets/{TARGET}:drop", {"revision": REVISION}, "/targets/0"),
    ("/rules", {"sort": "inspection", "text": "每季度督查", "item": ITEM}, "/rules/0"),
    ("/thresholds", {"near": 10, "counts": "working"}, "/thresholds"),
    ("/revisions", {"label": "又一次调整", "by": ["OTHER"]}, "/revisions/1"),
    ("/links", {"relation": "based_on", "target": "A PLAN"}, "/links/0"),
]


async def others(client: Client) -> dict[str, str]:
    """Things that commands name."""
    same = (await client.new("plans", called="另一方案")).rpartition("/")[2]
    return {
        "OTHER": await client.party("别方"),
        "WHOLE": (await client.new("meetings", called="联席会议")).rpartition("/")[2],
        "SAME": same,
        "A PLAN": f"plans/{same}",
    }


@pytest.mark.parametrize(("way", "body", "pointer"), PLAN, ids=[way[0] for way in PLAN])
async def test_each_command_on_a_plan(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    path = await client.new(
        "plans",
        title={"printed": "行动方案"},
        items=[{"id": ITEM, "heading": "工程"}],
        targets=[{"id": TARGET, "text": "建成"}],
        revisions=[{"id": REVISION, "label": "调整"}],
    )
    await carried_out(client, path, way, {key: named(value, names) for key, value in body.items()}, pointer)


async def test_links_end_and_duplicates_are_undone(client: Client) -> None:
    names = await others(client)
    path = await client.new("plans", called="某方案", links=[{"relation": "follows", "target": names["A PLAN"]}])
    gone = await client.post(f"{path}:unlink", json={"relation": "follows", "target": names["A PLAN"]})
    assert gone.json()["value"] is None
    assert (await client.get(path)).json()["links"] == []
    assert (await client.post(f"{path}:merge-duplicate", json={"into": names["SAME"]})).status_code == 200
    assert (await client.get(path)).json()["status"] == "merged"
    assert (await client.post(f"{path}:unmerge-duplicate")).json()["value"] is None


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


def counted(value: int) -> dict[str, str]:
    """So many, as declared."""
    return {"value": f"{value}", "unit": "项", "bound": "exact"}


def asked(answer: dict[str, Any]) -> dict[str, Any]:
    """What the plan asks: of each top item what is declared and listed, and the targets that stand with their days."""
    gone = {item["id"] for item in answer["items"] if item.get("dropped")}
    return {
        "items": {
            item["label"]: (item["declared"]["value"], item["listed"])
            for item in answer["items"]
            if "parent" not in item and not item.get("dropped")
        },
        "targets": {
            target["text"]: target["due"]["latest"]
            for target in answer["targets"]
            if not target.get("dropped") and target.get("item") not in gone
        },
    }


async def test_what_the_plan_asked_on_that_day(client: Client) -> None:
    """Three of three, none of six, nine of nine; then a revision, told later, of a day between."""
    client.registry.follower.start()
    leader = await client.party("甲市")
    meeting = await client.new(
        "meetings",
        called="第二次联席会议",
        held={"effective": day("2021-02-06")},
        resolutions=[{"id": ITEM, "manner": "adopted", "name": {"printed": "行动方案"}}],
    )
    ids = {name: f"5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c{index:02}" for index, name in enumerate(("三", "六", "九"))}
    structure = [
        {"id": ids["三"], "label": "三", "heading": "三大行动", "sort": "group", "declared": counted(3)},
        *({"parent": ids["三"], "heading": f"行动{n}", "sort": "action"} for n in range(3)),
        {"id": ids["六"], "label": "六", "heading": "六项工程", "sort": "works", "declared": counted(6)},
        {"id": ids["九"], "label": "九", "heading": "九个一", "sort": "goal", "declared": counted(9)},
        *({"parent": ids["九"], "heading": f"一张网{n}", "sort": "goal"} for n in range(8)),
        {"id": ITEM, "parent": ids["九"], "heading": "一卡通", "sort": "goal"},
    ]
    path = await client.new(
        "plans",
        title={"printed": "行动方案"},
        kinds=["action_plan"],
        adopted={"meeting": meeting.rpartition("/")[2], "meeting_part": f"resolutions/{ITEM}"},
        bodies=[{"role": "leader", "party": leader}],
        items=structure,
        targets=[
            {"id": TARGET, "text": "通车", "metric": "里程", "quantity": counted(900), "due": day("2022-12-31")},
            {"text": "基本建成", "due": day("2025-12-31"), "horizon": "远期", "performers": [leader]},
            {"text": "一卡通行", "item": ITEM, "due": day("2022-12-31"), "horizon": "近期"},
        ],
        thresholds={"near": 15},
    )
    first = {
        "items": {"三": ("3", 3), "六": ("6", 0), "九": ("9", 9)},
        "targets": {"通车": "2022-12-31", "基本建成": "2025-12-31", "一卡通行": "2022-12-31"},
    }
    answer = (await client.get(path)).json()
    assert asked(answer) == first
    assert answer["adopted"]["date"] == {**day("2021-02-06"), "basis": "inferred"}
    assert answer["limits"] == {"near": 15, "behind": 7, "escalate": 3, "counts": "calendar", "slack": 20}
    assert (await client.get(f"{path}?as_of=2021-02-05")).json()["items"] == []
    before = await client.registry.head()

    revising = {"label": "中期调整", "effective": day("2022-07-01"), "by": [leader]}
    revision = (await client.post(f"{path}/revisions", json=revising)).json()["value"]["id"]
    for way, body in (
        (f"/targets/{TARGET}:change", {"due": day("2023-06-30"), "revision": revision}),
        (f"/items/{ITEM}:drop", {"revision": revision, "grounds": "并入省级平台"}),
        ("/items", {"parent": ids["六"], "heading": "港口", "sort": "works", "revision": revision}),
    ):
        told = await client.post(f"{path}{way}", json=body)
        assert told.status_code in {200, 201}, told.text
    second = {
        "items": {"三": ("3", 3), "六": ("6", 1), "九": ("9", 8)},
        "targets": {"通车": "2023-06-30", "基本建成": "2025-12-31"},
    }
    assert asked((await client.get(path)).json()) == second
    for on, wanted in (("2022-06-30", first), ("2022-07-01", second)):
        assert asked((await client.get(f"{path}?as_of={on}")).json()) == wanted
        known = (await client.get(f"{path}?as_of={on}&known_at={before}")).json()
        assert asked(known) == first
    (dropped,) = [item for item in (await client.get(path)).json()["items"] if item["id"] == ITEM]
    assert (dropped["dropped_by"], dropped["dropped_from"]["earliest"]) == (revision, "2022-07-01")

    # The lists say the same, at both times.
    for url in ("/api/plans?kind=action_plan", f"/api/parties/{leader}/plans", f"/api{meeting[4:]}/plans"):
        join = "&" if "?" in url else "?"
        (now,) = (await client.get(url)).json()["items"]
        assert [one["listed"] for one in now["declared"]] == [3, 1, 8]
        assert (now["items"], now["targets"], now["revisions"]) == (15, 2, 1)
        (then,) = (await client.get(f"{url}{join}as_of=2022-07-01&known_at={before}")).json()["items"]
        assert [one["listed"] for one in then["declared"]] == [3, 0, 9]
    # What was changed, and what every value of the target was.
    history = (await client.get(f"{path}/history?pointer=/targets/{TARGET}/due")).json()["items"]
    assert {one["value"]["latest"] for one in history} == {"2022-12-31", "2023-06-30"}
    changes = (await client.get(f"{path}/changes")).json()["changes"]
    assert [one["op"] for one in changes] == ["added"]


async def test_a_transaction_names_what_it_makes(client: Client) -> None:
    """The items, targets, rules and revisions made in it have ids for those after them."""

    def command(path: str, body: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        return {"path": path, "body": body} | ({"as": name} if name else {})

    answer = await client.post(
        "/api/transactions",
        json={
            "commands": [
                command("/api/plans", {"called": "方案"}, "plan"),
                command("/api/plans/@plan/revisions", {"label": "调整"}, "revision"),
                command("/api/plans/@plan/items", {"heading": "工程"}, "item"),
                command("/api/plans/@plan/targets", {"text": "建成", "item": "@item"}, "target"),
                command("/api/plans/@plan/targets/@target:change", {"text": "全面建成", "revision": "@revision"}),
                command("/api/plans/@plan/items/@item:drop", {"revision": "@revision"}),
            ]
        },
    )
    assert answer.status_code == 200, answer.text
    (plan,) = (await client.get("/api/plans")).json()["items"]
    held = (await client.get(f"/api/plans/{plan['id']}")).json()
    (revision,) = [one["id"] for one in held["revisions"]]
    assert [one["dropped_by"] for one in held["items"]] == [revision]
    assert [(one["text"], one["changed_by"]) for one in held["targets"]] == [("全面建成", revision)]


async def test_refusals_say_what_is_wrong_in_both_languages(client: Client) -> None:
    path = await client.new("plans", called="方案", closed={"effective": day("2025-12-31")})
    for way, body, status, pointer in (
        ("/items", {"parent": ITEM, "heading": "某"}, 422, "/parent"),
        ("/targets", {"quantity": counted(1)}, 422, ""),
        ("/bodies", {"role": "leader"}, 422, ""),
        ("/revisions", {"label": "某", "effective": day("2026-01-01")}, 409, ""),
        (f"/items/{ITEM}:drop", {}, 404, None),
    ):
        for language, letters in (("en", str.isascii), ("zh", lambda text: not text.isascii())):
            told = await client.post(f"{path}{way}", json=body, headers={"accept-language": language})
            assert told.status_code == status, told.text
            problem = told.json()
            if pointer is not None:
                (problem,) = problem["errors"]
                assert problem["pointer"] == pointer, told.text
            assert letters(problem["detail"]), told.text
    assert (await client.get(path)).json()["version"] == 2
