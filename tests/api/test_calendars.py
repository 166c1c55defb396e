"""Deadlines as calendars, read back by the library: who may make one, what it shows, and what its address opens."""

from datetime import date, timedelta
from typing import Any

import icalendar
import pytest

from service.store import credentials
from tests.api.conftest import Client, connect
from tests.api.test_ledger import World, day

PATH = "/api/ledger/calendars"


@pytest.fixture
async def world(client: Client) -> World:
    """A bureau, an office under it, and a task whose deadline is in four days."""
    world = World(client)
    await world.party("交通局")
    await world.party("公路处", parent=world.ids["交通局"])
    today = client.registry.today()
    world.ids["soon"] = str(today + timedelta(days=4))
    await world.task("修路, 架桥;完工", "公路处", world.ids["soon"], terms=terms(today + timedelta(days=4)))
    return world


def terms(due: date) -> dict[str, Any]:
    """A deadline, and what is asked."""
    return {"due": day(str(due)) | {"printed": "月底前"}, "requirement": "通车\n验收"}


async def made(world: World, **body: Any) -> dict[str, Any]:
    """A calendar of the bureau, as it is told once."""
    answer = await world.client.post(PATH, json={"unit": world.ids["交通局"]} | body)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store"), answer.text
    told: dict[str, Any] = answer.json()
    return told


async def events(client: Client, path: str) -> dict[str, Any]:
    """The events of a calendar by their summaries, read without a key."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    whole = icalendar.Calendar.from_ical(answer.content)
    assert (str(whole["version"]), "method" in whole, whole.walk("VTODO")) == ("2.0", False, [])
    return {str(one["summary"]): one for one in whole.events}


async def test_a_deadline_as_phones_show_it(world: World) -> None:
    """All day, above its day, with an alarm; the same event after a change, with a higher sequence."""
    client, told = world.client, await made(world)
    assert told["address"] == f"http://registry{told['path']}"
    stranger = connect(client.registry, None)
    async with stranger:
        [(summary, event)] = (await events(stranger, told["path"])).items()
        task, soon = world.ids["修路, 架桥;完工"], date.fromisoformat(world.ids["soon"])
        assert (summary, str(event["uid"]), event["sequence"]) == ("【滞后】修路, 架桥;完工", task, 3)
        assert (event["dtstart"].dt, event["dtend"].dt) == (soon, soon + timedelta(days=1))
        assert (str(event["status"]), str(event["transp"]), str(event["color"])) == ("CONFIRMED", "TRANSPARENT", "gold")
        assert event.categories == ["yellow", "滞后"]
        assert str(event["url"]) == f"http://registry/api/tasks/{task}"
        assert str(event["description"]).split("\n") == ["通车", "验收", "牵头:公路处", "时限:月底前", "状态:已登记"]
        assert event["dtstamp"].dt == event["last-modified"].dt
        [alarm] = event.walk("VALARM")
        assert (str(alarm["action"]), alarm["trigger"].dt) == ("DISPLAY", -timedelta(days=6, hours=15))
        before = event["last-modified"].dt
        await world.post(f"/api/tasks/{task}:report-done", by=[world.ids["公路处"]])
        [(summary, event)] = (await events(stranger, told["path"])).items()
        assert (summary, str(event["uid"]), event["sequence"]) == ("【已报完成】修路, 架桥;完工", task, 4)
        assert event["last-modified"].dt >= before
        assert ("CATEGORIES" in event, event.walk("VALARM")) == (False, [])


async def test_what_stands_in_it(world: World) -> None:
    """Open tasks, and for a year those that are over; none without a last day; those of the roles asked for."""
    client, today = world.client, world.client.registry.today()
    unit = world.ids["交通局"]
    await world.task("早已逾期", "交通局", "2020-01-01")
    by = {"by": [await world.party("督查室")]}
    await world.task("早已销号", "交通局", "2020-01-01", closed=by)
    await world.task("刚销号", "交通局", str(today - timedelta(days=300)), closed=by)
    await world.task("取消", "交通局", str(today), cancelled=by)
    await world.task("中止", "交通局", str(today), suspended=by)
    await world.task("无期", "交通局")
    await world.task("永远", "交通局", "9999-12-31")
    await world.task("年年", "交通局", recurrence={"every": "year", "month": 3, "day": -1, "first": "2026-01-01"})
    await world.task("督办", None, str(today + timedelta(days=90)), units=[{"role": "supervising", "party": unit}])
    await world.task("他事", "督查室", str(today))
    found = await events(client, (await made(world))["path"])
    assert {name: str(one["status"]) for name, one in found.items()} == {
        "【滞后】修路, 架桥;完工": "CONFIRMED",
        "【逾期】早已逾期": "CONFIRMED",
        "【已销号】刚销号": "CONFIRMED",
        "【已取消】取消": "CANCELLED",
        "【已中止】中止": "TENTATIVE",
        "督办": "CONFIRMED",
    }
    assert set(await events(client, (await made(world, roles=["supervising"]))["path"])) == {"督办"}
    assert len(await events(client, (await made(world, roles=["supervising", "lead"]))["path"])) == 6


async def test_the_tag_is_that_of_the_content(world: World) -> None:
    client, told = world.client, await made(world)
    first = await client.get(told["path"])
    again = await client.get(told["path"], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await world.task("新事", "交通局", world.ids["soon"])
    changed = await client.get(told["path"], headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


async def test_an_address_opens_its_calendar_and_nothing_else(world: World) -> None:
    """Told once, stored as a hash; wrong and revoked ones are not there, and none is a key."""
    client, told = world.client, await made(world)
    token = told["path"].rpartition("/")[2].removesuffix(".ics")
    stored = await client.registry.pool.fetch("select * from calendars")
    assert [str(row["id"]) for row in stored] == [told["id"]]
    assert token not in str(stored)
    listed = await client.get(PATH)
    assert token not in listed.text
    assert listed.json()["items"] == [{name: told[name] for name in told if name not in {"path", "address"}}]
    assert told["account"] == str(client.account)
    async with connect(client.registry, None) as stranger:
        assert (await stranger.get(told["path"])).status_code == 200
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
        for path in (f"{wrong}.ics", token, f"{token}.ICS", f"{token}.ics.ics", "x.ics", ".ics"):
            answer = await stranger.get(f"/api/calendars/{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
        for path in ("/api/ledger", f"/api/tasks/{world.ids['修路, 架桥;完工']}", PATH):
            for headers in ({}, {"authorization": f"Bearer {token}"}, {"authorization": f"Bearer mengfu_{token}"}):
                assert (await stranger.get(path, headers=headers)).status_code == 401
        assert (await stranger.post(PATH, json={"unit": world.ids["交通局"]})).status_code == 401
        assert (await stranger.delete(f"{PATH}/{told['id']}")).status_code == 401
        assert (await client.delete(f"{PATH}/{told['id']}?dry_run=true")).status_code == 204
        assert (await stranger.get(told["path"])).status_code == 200
        for _ in range(2):
            assert (await client.delete(f"{PATH}/{told['id']}")).status_code == 204
        assert (await stranger.get(told["path"])).status_code == 404
    [ended] = (await client.get(PATH)).json()["items"]
    assert ended["revoked"] is not None
    assert (await client.delete(f"{PATH}/{world.ids['交通局']}")).status_code == 404
    token, _ = await credentials.create(client.registry.pool, "reads", ["reader"])
    async with connect(client.registry, token) as reader:
        assert (await reader.post(PATH, json={"unit": world.ids["交通局"]})).status_code == 403
        assert (await reader.get(PATH)).status_code == 403


async def test_what_is_wrongly_asked(world: World) -> None:
    """And a dry run makes none."""
    client, unit = world.client, world.ids["交通局"]
    for body, pointer in (
        ({"unit": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b99"}, "/unit"),
        ({"unit": unit, "roles": ["leader"]}, "/roles/0"),
        ({"unit": unit, "roles": []}, "/roles"),
        ({"unit": unit, "role": "lead"}, "/role"),
        ({}, "/unit"),
    ):
        answer = await client.post(PATH, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body
    keyed = await client.post(PATH, json={"unit": unit}, headers={"idempotency-key": "a"})
    assert (keyed.status_code, keyed.json()["errors"][0]["header"]) == (400, "Idempotency-Key")
    dry = await client.post(f"{PATH}?dry_run=true", json={"unit": unit, "roles": ["supporting", "lead", "lead"]})
    assert (dry.status_code, dry.json()) == (200, {"dry_run": True, "unit": unit, "roles": ["lead", "supporting"]})
    assert (await client.get(PATH)).json() == {"items": []}
