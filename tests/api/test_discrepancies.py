"""Discrepancies over HTTP: every command has its path, lists find all that is told differently of a thing."""

from typing import Any

from tests.api.conftest import Client

DAY = {"earliest": "2021-02-06", "latest": "2021-02-06", "precision": "day"}
OTHER = {"earliest": "2021-02-07", "latest": "2021-02-07", "precision": "day"}


async def document(client: Client, kind: str) -> str:
    """A document's id."""
    return (await client.new("documents", kind=kind)).rpartition("/")[2]


def on(document: str, page: str = "1") -> list[dict[str, Any]]:
    """Words on a page of it."""
    return [{"document": document, "locator": {"page": page}}]


async def dated(client: Client, **more: Any) -> tuple[str, str]:
    """A meeting of which a press report tells the day, and a discrepancy over that: the paths of both."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    meeting = await client.new("meetings", called="联席会议", held={"effective": DAY, "citations": on(press)})
    place = {"subject": meeting.removeprefix("/api/"), "subject_part": "steps/held", "field": "effective"}
    claims = [
        {**place, "value": DAY, "citations": on(press)},
        {**place, "value": OTHER, "citations": on(minutes)},
    ]
    return meeting, await client.new("discrepancies", what="联席会议何时召开", claims=claims, **more)


async def test_each_command_on_a_discrepancy(client: Client) -> None:
    meeting, path = await dated(client)
    shown = (await client.get(path)).json()
    assert (shown["status"], shown["proposed_by"], shown["what"]) == ("detected", "curator", "联席会议何时召开")
    assert [(one["pointer"], one["value"]) for one in shown["claims"]] == [("/held/date", DAY), ("/held/date", OTHER)]
    third = {"subject": meeting.removeprefix("/api/"), "text": "开了两天"}
    told = await client.post(f"{path}/claims", json=third)
    assert (told.status_code, told.json()["pointer"]) == (200, "/claims/2")
    assert "pointer" not in told.json()["value"]
    for way, body, status, pointer in (
        (":waive", {"reason": "两说并存"}, "waived", "/life/0"),
        (":reopen", {"reason": "另有新证"}, "reopened", "/life/1"),
        (":resolve", {"reason": "以报道为准", "choose": shown["claims"][0]["id"]}, "resolved", "/life/2"),
    ):
        done = await client.post(f"{path}{way}", json=body)
        assert (done.status_code, done.json()["pointer"]) == (200, pointer), done.text
        assert (await client.get(path)).json()["status"] == status


async def test_all_that_is_told_differently_of_a_thing(client: Client) -> None:
    meeting, path = await dated(client)
    await dated(client)
    subject, id = meeting.removeprefix("/api/"), path.rpartition("/")[2]
    for query in (f"subject={subject}", f"subject={subject}&part=steps/held&open=true&proposed_by=curator&q=何时"):
        assert [one["id"] for one in (await client.get(f"/api/discrepancies?{query}")).json()["items"]] == [id]
    for query in (f"subject={subject}&open=false", f"subject={subject}&part=header", "status=resolved"):
        assert (await client.get(f"/api/discrepancies?{query}")).json()["items"] == []
    assert len((await client.get("/api/discrepancies?part=steps/held")).json()["items"]) == 2


async def test_claims_of_parts_that_both_stand(client: Client) -> None:
    """Two sources name two conveners, and the record holds both; in a transaction the parts are named as they come."""
    one, other = await client.party("省委"), await client.party("市政府")
    claims = [{"subject": "meetings/@会", "subject_part": f"conveners/{id}"} for id in (one, other)]
    commands = [
        {
            "path": "/api/meetings",
            "body": {"called": "会", "conveners": [{"party": one}, {"party": other}]},
            "as": "会",
        },
        {"path": "/api/discrepancies", "body": {"what": "由谁召集", "claims": claims}, "as": "异"},
        {"path": "/api/discrepancies/@异:waive", "body": {"reason": "两说并存"}},
    ]
    answer = await client.post("/api/transactions", json={"commands": commands})
    assert answer.status_code == 200, answer.text
    subject = answer.json()["results"][1]["subject"]
    shown = (await client.get(f"/api/{subject}")).json()
    assert [claim["pointer"] for claim in shown["claims"]] == [f"/conveners/{one}", f"/conveners/{other}"]
    assert shown["status"] == "waived"


async def test_what_a_claim_cannot_say(client: Client) -> None:
    """Each refusal points into the body, in both languages, and nothing is recorded."""
    meeting, path = await dated(client)
    head, subject = await client.registry.head(), meeting.removeprefix("/api/")
    for body, status, pointer in (
        ({"subject": subject, "subject_part": "steps/cancelled"}, 422, "/subject_part"),
        ({"subject": subject, "subject_part": "steps/held", "field": "colour"}, 422, "/field"),
        ({"subject": subject, "subject_part": "Steps"}, 422, "/subject_part"),
        ({"subject": subject, "subject_part": "steps/held", "field": "effective", "value": 3}, 422, "/value"),
        ({"subject": subject, "field": "effective"}, 422, ""),
        ({"subject": path.removeprefix("/api/")}, 409, "/subject"),
        ({"subject": "meetings/5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c12"}, 422, "/subject"),
    ):
        for language in ("en", "zh"):
            answer = await client.post(f"{path}/claims", json=body, headers={"accept-language": language})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.text
            assert answer.json()["detail"].isascii() == (language == "en"), answer.text
    alone = await client.post("/api/discrepancies", json={"what": "一说", "claims": [{"subject": subject}]})
    assert (alone.status_code, alone.json()["errors"][0]["pointer"]) == (422, "/claims")
    assert await client.registry.head() == head


async def test_history_and_changes_of_a_claim(client: Client) -> None:
    _, path = await dated(client)
    claim = (await client.get(path)).json()["claims"][0]["id"]
    history = (await client.get(f"{path}/history?pointer=/claims/{claim}/value")).json()["items"]
    assert [(entry["value"], entry["type"]) for entry in history] == [(DAY, "discrepancy.claim_recorded")]
    await client.post(f"{path}:waive", json={"reason": "两说并存"})
    changes = (await client.get(f"{path}/changes")).json()["changes"]
    assert {"pointer": "/status", "op": "changed", "before": "detected", "after": "waived"} in changes
