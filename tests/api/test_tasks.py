"""Tasks over HTTP: every command has its path; a task over two rounds; lists by who answers and what is carried out."""

from typing import Any
from uuid import UUID

import pytest

from service.domain.task.duties import occurrence_id
from tests.api.conftest import Client
from tests.api.test_resources import carried_out, named

CLAUSE = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01"
REPORT = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b02"


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


TASK: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"title": {"printed": "大桥建设"}}, ""),
    ("/titles", {"title": {"printed": "大桥"}, "variant": "short"}, "/titles/0"),
    (":merge-duplicate", {"into": "SAME"}, "/duplicate"),
    ("/bases", {"on": "AGREEMENT", "on_part": f"clauses/{CLAUSE}", "number": "3"}, "/bases/0"),
    ("/links", {"relation": "depends_on", "target": "A TASK"}, "/links/0"),
    ("/units", {"role": "supporting", "party": "OTHER", "office": "分管副市长"}, "/units/2"),
    ("/terms", {"due_rule": {"days": 30, "counts": "working", "after": "2021-02-06"}}, "/terms"),
    (":adjust", {"due": day("2021-09-30"), "grounds": "汛期", "approver": "SUPERVISING"}, "/terms"),
    (":list", {"effective": day("2021-01-04")}, "/life/0"),
    (":assign", {"by": ["OTHER"]}, "/life/0"),
    (":start", {}, "/life/0"),
    (":report-done", {"by": ["LEAD"]}, "/life/0"),
    (":close", {"by": ["SUPERVISING"]}, "/life/0"),
    (":suspend", {"by": ["SUPERVISING"]}, "/life/0"),
    (":cancel", {"by": ["SUPERVISING"], "grounds": "不再需要"}, "/life/0"),
    ("/progress", {"share": "50", "by": "LEAD"}, "/progress/0"),
    ("/inspections", {"result": "behind", "by": ["SUPERVISING"]}, "/inspections/0"),
    ("/recurrence", {"every": "year", "month": 3, "day": -1, "first": "2021-01-01"}, "/recurrence"),
    (":remind", {"level": "near", "due": "2021-06-30", "to": ["LEAD"]}, "/reminders/0"),
    (":snooze", {"until": "2021-06-01", "grounds": "等待批复"}, "/snooze"),
]


async def others(client: Client) -> dict[str, str]:
    """Things that commands name."""
    same = (await client.new("tasks", called="另一事")).rpartition("/")[2]
    agreement = await client.new("agreements", called="某协议", clauses=[{"id": CLAUSE, "heading": "某条"}])
    return {
        "OTHER": await client.party("别方"),
        "LEAD": await client.party("牵头方"),
        "SUPERVISING": await client.party("督办方"),
        "SAME": same,
        "A TASK": f"tasks/{same}",
        "AGREEMENT": agreement.removeprefix("/api/"),
    }


async def staffed(client: Client, names: dict[str, str], **more: Any) -> str:
    """A task with a lead and a supervising unit."""
    units = [{"role": "lead", "party": names["LEAD"]}, {"role": "supervising", "party": names["SUPERVISING"]}]
    return await client.new("tasks", called="某事", units=units, **more)


@pytest.mark.parametrize(("way", "body", "pointer"), TASK, ids=[way[0] for way in TASK])
async def test_each_command_on_a_task(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    body = {key: named(value, names) for key, value in body.items()}
    await carried_out(client, await staffed(client, names), way, body, pointer)


async def test_what_ends_goes_and_what_rests_comes_back(client: Client) -> None:
    names = await others(client)
    path = await staffed(
        client,
        names,
        links=[{"relation": "depends_on", "target": names["A TASK"]}],
        recurrence={"every": "month", "day": 5, "first": "2021-01-01"},
        suspended={"by": [names["SUPERVISING"]]},
    )
    for way, body in (
        (":unlink", {"relation": "depends_on", "target": names["A TASK"]}),
        (":end-recurrence", {"effective": day("2021-05-01")}),
        (f"/units/{names['LEAD']}:release", {"role": "lead", "effective": day("2021-05-01")}),
        (":resume", {"by": [names["OTHER"]]}),
        (":merge-duplicate", {"into": names["SAME"]}),
        (":unmerge-duplicate", {}),
    ):
        answer = await client.post(f"{path}{way}", json=body)
        assert answer.status_code == 200, answer.text
    whole = (await client.get(path)).json()
    assert (whole["status"], whole["links"], whole["recurrence"]["ended"]) == ("in_progress", [], True)
    assert [(one["role"], one.get("released", False)) for one in whole["units"]] == [
        ("lead", True),
        ("supervising", False),
    ]


async def test_a_deadline_put_off_and_a_task_closed_twice(client: Client) -> None:
    """Who may not is told who may; the past keeps its deadline, and its rounds."""
    names = await others(client)
    path = await staffed(
        client,
        names,
        terms={"text": "建成通车", "due": day("2021-06-30"), "effective": day("2021-01-04")},
        bases=[{"on": names["AGREEMENT"], "number": "3"}],
    )
    put_off = {"due": day("2021-09-30"), "grounds": "汛期", "effective": day("2021-06-01")}
    refused = await client.post(f"{path}:adjust", json=put_off | {"approver": names["LEAD"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/approver")
    assert names["SUPERVISING"] in refused.json()["errors"][0]["detail"]
    unnamed = await client.post(f"{path}:adjust", json=put_off, headers={"accept-language": "zh"})
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (422, "/approver")
    assert "approver" in unnamed.json()["errors"][0]["detail"]
    for way, body in (
        (":adjust", put_off | {"approver": names["SUPERVISING"]}),
        (":report-done", {"by": [names["LEAD"]], "effective": day("2021-09-20")}),
        (":close", {"by": [names["SUPERVISING"]], "effective": day("2021-10-08")}),
        (":reopen", {"by": [names["SUPERVISING"]], "effective": day("2021-11-01"), "grounds": "回头看"}),
        (":close", {"by": [names["SUPERVISING"]], "effective": day("2021-12-01")}),
    ):
        answer = await client.post(f"{path}{way}", json=body)
        assert answer.status_code == 200, answer.text
    whole = (await client.get(path)).json()
    assert [(one["round"], one["step"]) for one in whole["life"]] == [
        (1, "reported_done"),
        (1, "closed"),
        (2, "reopened"),
        (2, "closed"),
    ]
    assert (whole["status"], whole["terms"]["grounds"], whole["terms"]["due"]["latest"]) == (
        "closed",
        "汛期",
        "2021-09-30",
    )
    for as_of, status, due in (
        ("2021-05-31", "registered", "2021-06-30"),
        ("2021-10-08", "closed", "2021-09-30"),
        ("2021-11-30", "in_progress", "2021-09-30"),
    ):
        then = (await client.get(f"{path}?as_of={as_of}")).json()
        assert (then["status"], then["terms"]["due"]["latest"]) == (status, due)
    told = (await client.get(f"{path}/history?pointer=/terms/due")).json()
    assert len(told["items"]) == 2


async def test_lists_by_who_answers_and_what_is_carried_out(client: Client) -> None:
    names = await others(client)
    path = await staffed(
        client, names, terms={"due": day("2021-06-30")}, bases=[{"on": names["AGREEMENT"], "number": "3"}]
    )
    agreement = names["AGREEMENT"].rpartition("/")[2]
    for where in (
        f"/api/tasks?agreement={agreement}&number=3",
        f"/api/tasks?lead={names['LEAD']}&due_to=2021-07-01&duty=false",
        f"/api/parties/{names['SUPERVISING']}/tasks?status=registered",
    ):
        (item,) = (await client.get(where)).json()["items"]
        assert f"/api/tasks/{item['id']}" == path
        assert [unit["role"] for unit in item["units"]] == ["lead", "supervising"]
    assert (await client.get(f"/api/tasks?supervising={names['LEAD']}")).json()["items"] == []


async def test_a_duty_yields_at_once(client: Client) -> None:
    """Ahead of the daily round, once; what is no duty, and what is too much, is refused."""
    today = client.registry.today()
    first = today.replace(day=1)
    rule = {"every": "month", "day": -1, "first": str(first)}
    path = await client.new("tasks", called="月报", recurrence=rule)
    until = first.replace(year=first.year + 2)
    dry = await client.post(f"{path}:yield?dry_run=true", json={"until": str(until)})
    assert (await client.get(f"{path}/occurrences")).json()["items"] == []
    told = await client.post(f"{path}:yield", json={"until": str(until)})
    assert (told.status_code, len(told.json()["items"])) == (200, 25), told.text
    assert dry.json() == told.json()
    items = (await client.get(f"{path}/occurrences?limit=100")).json()["items"]
    assert {one["id"] for one in items} == {one["id"] for one in told.json()["items"]}
    assert (await client.post(f"{path}:yield", json={"until": str(until)})).json() == {"items": []}
    much = await client.post(f"{path}:yield", json={"until": "2999-01-01"})
    assert (much.status_code, much.json()["errors"][0]["pointer"]) == (422, "/until")
    plain = await client.new("tasks", called="某事")
    assert (await client.post(f"{plain}:yield", json={"until": str(until)})).status_code == 422
    over = await client.new("tasks", called="旧报", recurrence=rule)
    given_up = {"by": [await client.party("办")], "effective": {"earliest": str(today), "latest": str(today)}}
    assert (await client.post(f"{over}:cancel", json=given_up)).status_code == 200
    refused = await client.post(f"{over}:yield", json={"until": str(until)})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:mengfu:problem:not-in-this-state")
    nothing = "/api/tasks/00000000-0000-0000-0000-000000000000:yield"
    assert (await client.post(nothing, json={"until": str(until)})).status_code == 404


async def test_a_duty_and_what_it_yields(client: Client) -> None:
    """An occurrence has the id that follows from its duty, and is listed under it."""
    rule = {"every": "year", "month": 3, "day": -1, "first": "2021-01-01"}
    duty = (await client.new("tasks", called="联席会议", recurrence=rule)).rpartition("/")[2]
    body = {"called": "联席会议", "occurrence_of": duty, "period": "2022", "terms": {"due": day("2022-03-31")}}
    wrong = await client.post("/api/tasks", json=body)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/period")
    id = str(occurrence_id(UUID(duty), "2022"))
    for status in (201, 200):
        assert (await client.post("/api/tasks", json=body | {"id": id})).status_code == status
    (item,) = (await client.get(f"/api/tasks/{duty}/occurrences")).json()["items"]
    assert (item["id"], item["period"], item["duty"]) == (id, "2022", False)
