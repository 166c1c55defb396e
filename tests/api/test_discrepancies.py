"""Discrepancies over HTTP: every command has its path, lists find all that is told differently of a thing."""

import json
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


# --- Resolving corrects the record ------------------------------------------------------------------------------------


async def lines(client: Client, path: str) -> list[dict[str, Any]]:
    """The lines of a thing."""
    return [json.loads(line) for line in (await client.get(f"{path}/events")).text.splitlines()]


async def test_resolving_corrects_the_record_in_the_same_transaction(client: Client) -> None:
    """The event that the field rests on is restated with what was chosen, and the resolution names it."""
    meeting, path = await dated(client)
    claims = (await client.get(path)).json()["claims"]
    body = {"choose": claims[1]["id"], "reason": "以会议纪要为准"}
    head = await client.registry.head()
    dry = (await client.post(f"{path}:resolve?dry_run=true", json=body)).json()
    assert [event["type"] for event in dry["events"]] == ["discrepancy.resolved"]
    [also] = dry["also"]
    assert (also["subject"], [event["type"] for event in also["events"]]) == (
        meeting.removeprefix("/api/"),
        ["meeting.held"],
    )
    assert await client.registry.head() == head
    stale = await client.post(f"{path}:resolve", json=body, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    version = (await client.get(path)).headers["etag"]
    headers = {"if-match": version, "idempotency-key": "one"}
    done = await client.post(f"{path}:resolve", json=body, headers=headers)
    assert done.status_code == 200, done.text
    assert done.json()["value"]["correction"] == head + 1
    assert done.json()["also"] == [
        {"subject": meeting.removeprefix("/api/"), "version": 3, "sequence": head + 1, "created": False}
    ]
    assert (await client.post(f"{path}:resolve", json=body, headers=headers)).json() == done.json()
    held = (await client.get(meeting)).json()["held"]
    assert held["date"] == OTHER
    assert [source["citations"] for source in held["sources"]] == [claims[1]["sources"][0]["citations"]]
    corrected = (await lines(client, meeting))[-1]
    assert (corrected["cause"], corrected["reason"]) == ("correction", "以会议纪要为准")
    assert await client.registry.head() == head + 2


async def test_what_the_record_says_already_needs_no_correction(client: Client) -> None:
    """However a source prints the same days."""
    meeting, path = await dated(client)
    subject = meeting.removeprefix("/api/")
    place = {"subject": subject, "subject_part": "steps/held", "field": "effective"}
    printed = {**place, "value": DAY | {"printed": "2月6日"}}
    told = await client.post(f"{path}/claims", json=printed)
    for claim in ((await client.get(path)).json()["claims"][0]["id"], told.json()["value"]["id"]):
        done = await client.post(f"{path}:resolve", json={"choose": claim, "reason": "据报道"})
        assert (done.status_code, "also" in done.json(), "correction" in done.json()["value"]) == (200, False, False)
        await client.post(f"{path}:reopen", json={"reason": "再看"})
    assert len(await lines(client, meeting)) == 2


async def test_of_an_event_that_says_more_the_other_words_stay(client: Client) -> None:
    """Its citations support the place as well; the second round goes back to the first."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    step = {"effective": DAY, "place": "某厅", "citations": on(press)}
    meeting = await client.new("meetings", called="会", held=step)
    place = {"subject": meeting.removeprefix("/api/"), "subject_part": "steps/held", "field": "effective"}
    claims = [
        {**place, "value": DAY, "citations": on(press)},
        {**place, "value": OTHER, "citations": on(minutes)},
    ]
    path = await client.new("discrepancies", what="何时", claims=claims)
    first, second = [claim["id"] for claim in (await client.get(path)).json()["claims"]]
    for chosen, day, cited in ((second, OTHER, [press, minutes]), (first, DAY, [press, minutes])):
        done = await client.post(f"{path}:resolve", json={"choose": chosen, "reason": "据此"})
        assert done.status_code == 200, done.text
        held = (await client.get(meeting)).json()["held"]
        assert (held["date"], held["place"]) == (day, "某厅")
        assert [citation["document"] for citation in held["sources"][0]["citations"]] == cited
        assert (await client.post(f"{path}:reopen", json={"reason": "再看"})).status_code == 200


async def test_what_cannot_be_corrected_by_one_field_says_what_to_do(client: Client) -> None:
    """In both languages, and nothing is recorded."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    one, other = await client.party("甲"), await client.party("乙")
    await client.post(f"{meeting}/conveners", json={"party": one})
    subject = meeting.removeprefix("/api/")
    claims = [
        {"subject": subject, "subject_part": f"conveners/{one}", "field": "party", "value": one},
        {"subject": subject, "subject_part": f"conveners/{one}", "field": "party", "value": other},
        {"subject": subject, "subject_part": "steps/held", "field": "effective", "text": "二月里"},
        {"subject": subject, "subject_part": f"conveners/{one}"},
    ]
    path = await client.new("discrepancies", what="谁召集", claims=claims)
    ids = [claim["id"] for claim in (await client.get(path)).json()["claims"]]
    head = await client.registry.head()
    for number, kind in ((1, "not-correctable"), (2, "not-standing")):
        for language in ("en", "zh"):
            body = {"choose": ids[number], "reason": "据此"}
            refused = await client.post(f"{path}:resolve", json=body, headers={"accept-language": language})
            assert (refused.status_code, refused.json()["type"]) == (409, f"urn:mengfu:problem:{kind}"), refused.text
            assert refused.json()["errors"][0]["pointer"] == "/choose"
            assert refused.json()["detail"].isascii() == (language == "en")
    assert await client.registry.head() == head
    [line] = [line for line in await lines(client, meeting) if line["type"] == "meeting.convener_named"]
    body = {"corrects": int(line["sequence"]), "reason": "有误"}
    assert (await client.post(f"{meeting}:void", json=body)).status_code == 200
    gone = await client.post(f"{path}:resolve", json={"choose": ids[3], "reason": "据此"})
    assert (gone.status_code, gone.json()["type"]) == (409, "urn:mengfu:problem:not-standing")


# --- What is told otherwise is proposed -------------------------------------------------------------------------------


async def test_another_source_is_proposed_and_the_rest_of_it_recorded(client: Client) -> None:
    """Both claims with their citations; a third value is another claim, the same again an attestation."""
    press, minutes, repost = [await document(client, kind) for kind in ("press", "minutes", "repost")]
    meeting = await client.new("meetings", called="会", held={"effective": DAY, "citations": on(press)})
    told = {"effective": OTHER, "place": "某厅", "citations": on(minutes)}
    refused = await client.post(f"{meeting}:hold", json=told)
    assert (refused.status_code, "on_conflict=propose" in refused.json()["detail"]) == (409, True)
    done = await client.post(f"{meeting}:hold?on_conflict=propose", json=told)
    assert done.status_code == 200, done.text
    [also] = done.json()["also"]
    assert (also["created"], also["version"]) == (True, 3)
    held = (await client.get(meeting)).json()["held"]
    assert (held["date"], held["place"]) == (DAY, "某厅")
    path = f"/api/{also['subject']}"
    shown = (await client.get(path)).json()
    subject = meeting.removeprefix("/api/")
    assert (shown["proposed_by"], shown["status"], shown["what"]) == ("registry", "detected", f"{subject}/held/date")
    cited = [(claim["value"], claim["sources"][0]["citations"][0]["document"]) for claim in shown["claims"]]
    assert cited == [(DAY, press), (OTHER, minutes)]
    again = await client.post(f"{meeting}:hold?on_conflict=propose", json=told)
    assert (again.json()["sequence"], again.json()["also"][0]["sequence"]) == (None, None)
    third = {"effective": {"earliest": "2021-03-01"}, "citations": on(repost)}
    more = await client.post(f"{meeting}:hold?on_conflict=propose", json=third)
    assert more.json()["also"][0]["subject"] == also["subject"]
    same = await client.post(f"{meeting}:hold?on_conflict=propose", json=told | {"citations": on(repost, "2")})
    assert same.json()["also"][0]["version"] == 5
    shown = (await client.get(path)).json()
    assert [len(claim["sources"]) for claim in shown["claims"]] == [1, 2, 1]
    choose = {"choose": shown["claims"][1]["id"], "reason": "以纪要为准"}
    assert (await client.post(f"{path}:resolve", json=choose)).status_code == 200
    assert (await client.get(meeting)).json()["held"]["date"] == OTHER
    late = {"effective": DAY, "citations": on(press, "9")}
    assert (await client.post(f"{meeting}:hold?on_conflict=propose", json=late)).status_code == 200
    assert (await client.get(path)).json()["status"] == "resolved"


async def test_a_field_that_must_be_told_is_not_attested(client: Client) -> None:
    """A party of another kind: its name is attested by the source, its kind is not."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    body = {"kind": "city", "name": {"printed": "甲"}, "citations": on(press)}
    path = await client.new("parties", **body)
    id = path.rpartition("/")[2]
    other = body | {"id": id, "kind": "county", "citations": on(minutes)}
    assert (await client.post("/api/parties", json=other)).status_code == 409
    done = await client.post("/api/parties?on_conflict=propose", json=other)
    assert done.status_code == 200, done.text
    [also] = done.json()["also"]
    claims = (await client.get(f"/api/{also['subject']}")).json()["claims"]
    assert [(claim["pointer"], claim["value"]) for claim in claims] == [("/kind", "city"), ("/kind", "county")]
    attested = (await lines(client, path))[-1]
    assert (attested["type"], attested["data"]["fields"]) == ("party.attested", ["name"])


async def test_a_whole_thing_told_otherwise_in_several_places(client: Client) -> None:
    """Each field is a discrepancy of its own; what is nothing but the contradiction leaves no event."""
    press = await document(client, "press")
    clause = {"id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c01", "heading": "互联", "text": "甲"}
    whole = {"title": {"printed": "协议"}, "signed": {"effective": DAY}, "clauses": [clause]}
    path = await client.agreement(**whole)
    id, version = path.rpartition("/")[2], (await client.get(path)).json()["version"]
    other = {"title": {"printed": "协议书"}, "signed": {"effective": OTHER}, "clauses": [clause | {"text": "乙"}]}
    sent = {"id": id, **other, "citations": on(press)}
    dry = (await client.post("/api/agreements?on_conflict=propose&dry_run=true", json=sent)).json()
    assert len(dry["also"]) == 3
    done = await client.post("/api/agreements?on_conflict=propose", json=sent)
    assert done.status_code == 200, done.text
    items = (await client.get(f"/api/discrepancies?subject=agreements/{id}")).json()["items"]
    assert {one["claims"][0]["subject_part"] for one in items} == {"header", "steps/signed", f"clauses/{clause['id']}"}
    assert {event["type"] for event in (await lines(client, path))[version:]} == {"agreement.attested"}
    shown = (await client.get(path)).json()
    assert (shown["title"]["printed"], shown["clauses"][0]["text"]) == ("协议", "甲")
    nothing = await client.new("statements", text="言", kind="promise")
    talk = await client.post(f"{nothing}:describe?on_conflict=propose", json={"kind": "talk"})
    assert (talk.status_code, talk.json()["sequence"], len(talk.json()["also"])) == (200, None, 1)


async def test_in_a_transaction_and_under_a_key(client: Client) -> None:
    """The command after it sees what was proposed; sent again it answers the same."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    commands = [
        {"path": f"{meeting}:hold", "body": {"effective": OTHER, "place": "某厅"}},
        {"path": f"{meeting}:hold", "body": {"effective": {"latest": "2021-01-01"}}},
    ]
    url, headers = "/api/transactions?on_conflict=propose", {"idempotency-key": "one"}
    first = await client.post(url, json={"commands": commands}, headers=headers)
    assert first.status_code == 200, first.text
    one, two = [result["also"][0] for result in first.json()["results"]]
    assert (one["subject"], one["version"], two["version"]) == (two["subject"], 3, 4)
    assert first.json()["position"] == await client.registry.head()
    assert (await client.post(url, json={"commands": commands}, headers=headers)).json() == first.json()
    whole = await client.post("/api/transactions", json={"commands": commands})
    assert whole.status_code == 409


async def test_what_is_no_field_told_otherwise_is_refused_all_the_same(client: Client) -> None:
    """A clause more in a registration told again."""
    path = await client.agreement(clauses=[{"heading": "甲"}])
    sent = {"id": path.rpartition("/")[2], "title": {"printed": "框架协议"}, "clauses": [{"heading": "乙"}]}
    head = await client.registry.head()
    assert (await client.post("/api/agreements?on_conflict=propose", json=sent)).status_code == 409
    assert (await client.post("/api/agreements?on_conflict=perhaps", json=sent)).status_code == 422
    assert await client.registry.head() == head


async def test_the_heaviest_document_proposes_a_choice(client: Client) -> None:
    """By its kind, with the reason; two as heavy propose none, nor does what cites nothing. Nobody applies it."""
    _, path = await dated(client)
    claims = [claim["id"] for claim in (await client.get(path)).json()["claims"]]
    chosen = (await client.get(f"{path}?expand=choice")).json()["proposed_choice"]
    assert (chosen["claim"], chosen["why"]) == (claims[1], "heaviest")
    assert [(one["claim"], one["kind"], one["weight"]) for one in chosen["weights"]] == [
        (claims[0], "press", 2),
        (claims[1], "minutes", 4),
    ]
    another = await document(client, "minutes")
    seen = await client.registry.head()
    first = (await client.get(path)).json()["claims"][0]
    body = {name: first[name] for name in ("id", "subject", "subject_part", "field", "value")}
    assert (await client.post(f"{path}/claims", json=body | {"citations": on(another)})).status_code == 200
    even = (await client.get(f"{path}?expand=choice")).json()["proposed_choice"]
    assert (even["claim"], even["why"], [one["weight"] for one in even["weights"]]) == (None, "equal", [4, 4])
    before = (await client.get(f"{path}?expand=choice&known_at={seen}")).json()["proposed_choice"]
    assert before["claim"] == claims[1]
    one, other = await client.party("甲"), await client.party("乙")
    bare = [{"subject": f"parties/{one}"}, {"subject": f"parties/{other}"}]
    nothing = await client.new("discrepancies", what="是否一家", claims=bare)
    told = (await client.get(f"{nothing}?expand=choice,citations")).json()["proposed_choice"]
    assert (told["claim"], told["why"]) == (None, "nothing_cited")
    assert (await client.get(path)).json()["status"] == "detected"


async def test_what_attested_the_other_value_attests_it_no_more(client: Client) -> None:
    """It goes on attesting the place, told with the day by the same event; of the day alone nothing is left."""
    press, repost, minutes = [await document(client, kind) for kind in ("press", "repost", "minutes")]
    step = {"effective": DAY, "place": "某厅"}
    meeting = await client.new("meetings", called="会", held=step | {"citations": on(press)})
    for body in (step | {"citations": on(repost)}, {"effective": DAY, "citations": on(repost, "2")}):
        assert (await client.post(f"{meeting}:hold", json=body)).status_code == 200
    assert len((await client.get(meeting)).json()["held"]["sources"]) == 3
    other = {"effective": OTHER, "citations": on(minutes)}
    told = await client.post(f"{meeting}:hold?on_conflict=propose", json=other)
    path = f"/api/{told.json()['also'][0]['subject']}"
    before, after = (await client.get(path)).json()["claims"]
    assert [citation["document"] for citation in before["sources"][0]["citations"]][:1] == [press]
    body = {"choose": after["id"], "reason": "以纪要为准"}
    done = await client.post(f"{path}:resolve", json=body, headers={"idempotency-key": "one"})
    assert done.status_code == 200, done.text
    held = (await client.get(meeting)).json()["held"]
    supporting = [
        source["citations"][-1]["document"]
        for source in held["sources"]
        if not source.get("fields") or "effective" in source["fields"]
    ]
    assert (held["date"], supporting) == (OTHER, [minutes])
    again = await client.post(f"{path}:resolve", json=body, headers={"idempotency-key": "one"})
    assert again.json() == done.json()
