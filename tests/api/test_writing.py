"""Writing over HTTP: whole agreements, single commands, versions, keys, preferences, dry runs, corrections."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from service.api.openapi import handlers
from tests.api.conftest import Client

CLAUSES = [{"label": "一", "heading": "交通"}, {"label": "二", "heading": "产业"}]
NEVER = "00000000-0000-4000-8000-000000000000"


async def lines(client: Client, path: str) -> list[str]:
    """The lines of a thing's stream."""
    return (await client.get(f"{path}/events")).text.splitlines()


async def test_a_whole_agreement_at_once(client: Client) -> None:
    jinan, liaocheng = await client.party("济南市"), await client.party("聊城市")
    body = {
        "id": str(uuid4()),
        "title": {"printed": "济聊战略合作框架协议"},
        "kinds": ["strategic_framework"],
        "signed": {"effective": {"earliest": "2020-11-29", "latest": "2020-11-29"}},
        "signatories": [{"party": jinan, "side": "甲"}, {"party": liaocheng, "side": "乙"}],
        "clauses": CLAUSES,
    }
    made = await client.post("/api/agreements", json=body)
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/agreements/{body['id']}"
    assert made.headers["etag"] == '"7"'
    answer = made.json()
    assert (answer["version"], answer["pointer"]) == (7, "")
    got = await client.get(made.headers["location"])
    assert got.json() == answer["value"]
    assert got.headers["etag"] == made.headers["etag"]
    assert [clause["label"] for clause in got.json()["clauses"]] == ["一", "二"]
    assert got.json()["status"] == "signed"
    assert got.json()["signed"]["date"]["earliest"] == "2020-11-29"
    assert [one["party"] for one in got.json()["signatories"]] == [jinan, liaocheng]

    again = await client.post("/api/agreements", json=body)
    assert again.status_code == 200
    assert (again.json()["version"], again.json()["sequence"]) == (7, None)
    other = await client.post("/api/agreements", json=body | {"title": {"printed": "另一协议"}})
    assert other.status_code == 409
    assert len(await lines(client, made.headers["location"])) == 7


async def test_all_or_nothing(client: Client) -> None:
    unknown = str(uuid4())
    body = {"title": {"printed": "x"}, "clauses": CLAUSES, "signatories": [{"party": unknown}]}
    made = await client.post("/api/agreements", json=body)
    assert made.status_code == 422
    assert made.json()["errors"][0]["pointer"] == "/signatories/0/party"
    assert (await client.get("/api/events")).text == ""


async def test_a_command_answers_the_part_where_it_stands(client: Client) -> None:
    path = await client.agreement(clauses=CLAUSES)
    told = await client.post(f"{path}/clauses", json={"label": "三", "text": "共建园区"})
    assert told.status_code == 200
    assert told.headers["etag"] == '"4"'
    answer = told.json()
    assert (answer["version"], answer["sequence"], answer["pointer"]) == (4, 4, "/clauses/2")
    whole = (await client.get(path)).json()
    assert whole["clauses"][2] == answer["value"]
    assert answer["value"]["sources"][0]["sequence"] == 4

    clause = answer["value"]["id"]
    amended = await client.post(f"{path}/clauses/{clause}:amend", json={"text": "共建飞地园区"})
    assert amended.json()["value"]["text"] == "共建飞地园区"
    assert amended.json()["pointer"] == "/clauses/2"
    assert (await client.get(path)).json()["amended"] is True
    for verb, body in (("renumber", {"label": "四"}), ("repeal", {})):
        told = await client.post(f"{path}/clauses/{clause}:{verb}", json=body)
        assert told.status_code == 200, told.text
    assert told.json()["value"]["repealed"] is True


async def test_unchanged_is_no_error_and_no_event(client: Client) -> None:
    path = await client.agreement(clauses=CLAUSES)
    told = await client.post(f"{path}/clauses", json=CLAUSES[0])
    assert told.status_code == 200
    assert (told.json()["version"], told.json()["sequence"], told.json()["pointer"]) == (3, None, "/clauses/0")


WAYS: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"kinds": ["supply"]}, "/kinds/0"),
    (":describe", {"instruments": 2}, ""),
    ("/titles", {"title": {"printed": "别名"}}, "/titles/0"),
    ("/declared", {"signatories": 2}, "/declared"),
    ("/term", {"period": {"ends": {"earliest": "2020-01-01", "latest": "2020-01-01"}}}, "/term"),
    (":change-term", {"lasts": {"value": "5", "unit": "年", "bound": "exact"}, "instrument": "OTHER"}, "/term"),
    (":propose", {}, "/proposed"),
    (":sign", {"place": "聊城"}, "/signed"),
    (":enter-into-force", {}, "/in_force"),
    (":terminate", {"grounds": "期满"}, "/terminated"),
    (":withdraw", {}, "/withdrawn"),
    (":retract", {}, "/retracted"),
    (":supersede", {"successor": "OTHER"}, "/superseded"),
    (":merge-duplicate", {"into": "OTHER"}, "/duplicate"),
    ("/signatories", {"party": "PARTY"}, "/signatories/0"),
    ("/clauses", {"text": "x"}, "/clauses/0"),
    ("/compensation", {"section": "断面"}, "/compensation/0"),
    ("/links", {"relation": "implements", "target": "agreements/OTHER"}, "/links/0"),
]


@pytest.mark.parametrize(("way", "body", "pointer"), WAYS, ids=[way[0] for way in WAYS])
async def test_each_command_has_its_path(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    other = (await client.agreement()).rpartition("/")[2]
    names = {"OTHER": other, "agreements/OTHER": f"agreements/{other}", "PARTY": await client.party("济南市")}
    path = await client.agreement()
    told = await client.post(f"{path}{way}", json={key: names.get(str(value), value) for key, value in body.items()})
    assert told.status_code == 200, told.text
    assert told.json()["pointer"] == pointer
    assert told.json()["version"] == 2


async def test_signatures_settlements_and_what_the_path_names(client: Client) -> None:
    party = await client.party("济南市")
    path = await client.agreement(signatories=[{"party": party}], compensation=[{"section": "断面"}])
    rule = (await client.get(path)).json()["compensation"][0]["id"]
    signed = await client.post(
        f"{path}/signatures", json={"party": party, "representative": {"name": {"printed": "张三"}}}
    )
    assert signed.json()["pointer"] == "/signatures/0", signed.text
    paid = {
        "rule": rule,
        "period": {"printed": "2020年度"},
        "amount": {"value": "100", "unit": "万元", "bound": "exact"},
    }
    assert (await client.post(f"{path}/settlements", json=paid)).json()["pointer"] == "/settlements/0"
    left = await client.post(f"{path}/signatories/{party}:withdraw", json={})
    assert left.json()["value"]["left"] is True
    target = f"agreements/{(await client.agreement()).rpartition('/')[2]}"
    link = {"relation": "amends", "target": target}
    assert (await client.post(f"{path}/links", json=link)).status_code == 200
    gone = await client.post(f"{path}:unlink", json=link)
    assert gone.status_code == 200
    assert (gone.json()["pointer"], gone.json()["value"]) == (None, None)


async def types(client: Client, path: str) -> list[str]:
    """The types of a stream's events."""
    return [json.loads(line)["type"].partition(".")[2] for line in await lines(client, path)]


async def test_the_same_command_again_tells_more(client: Client) -> None:
    """What was unknown is learnt where it stands, what was known is attested, and anything else is a conflict."""
    party, other = await client.party("济南市"), await client.party("聊城市")
    path = await client.agreement(signatories=[{"party": party}], clauses=[CLAUSES[0]], signed={})
    clause = (await client.get(path)).json()["clauses"][0]["id"]
    for way, body, pointer in (
        (":describe", {"kinds": ["supply"]}, "/kinds/0"),
        (":sign", {"place": "聊城"}, "/signed"),
        ("/signatories", {"party": party, "side": "甲"}, "/signatories/0"),
        ("/clauses", {"id": clause, "text": "共建通道"}, "/clauses/0"),
        (f"/clauses/{clause}/obligation", {"obligors": [party], "manner": "each"}, "/clauses/0"),
        (f"/clauses/{clause}/obligation", {"beneficiaries": [other]}, "/clauses/0"),
    ):
        told = await client.post(f"{path}{way}", json=body)
        assert (told.status_code, told.json()["pointer"]) == (200, pointer), told.text
    learnt = ["classified", "step_described", "signatory_described", "clause_described"]
    assert (await types(client, path))[4:] == [*learnt, "obligation_recorded", "obligation_recorded"]
    whole = (await client.get(path)).json()
    shown = whole["clauses"][0]
    assert (shown["obligors"], shown["beneficiaries"], shown["manner"]) == ([party], [other], "each")
    assert ([one["kind"] for one in whole["kinds"]], whole["signed"]["place"]) == (["supply"], "聊城")
    assert whole["signatories"][0]["side"] == "甲"
    for way, body, pointer in (
        (":describe", {"title": {"printed": "另一协议"}}, "/title"),
        (":sign", {"place": "济南"}, "/place"),
        ("/signatories", {"party": party, "side": "乙"}, "/side"),
        (f"/clauses/{clause}/obligation", {"manner": "joint"}, "/manner"),
    ):
        told = await client.post(f"{path}{way}", json=body)
        assert (told.status_code, told.json()["errors"][0]["pointer"]) == (409, pointer), told.text


async def test_an_attestation_answers_the_part_attested(client: Client) -> None:
    paper = (await client.new("documents", kind="minutes")).rpartition("/")[2]
    path = await client.agreement(titles=[{"title": {"printed": "别名"}}], clauses=CLAUSES, signed={})
    tomorrow = str(client.registry.today() + timedelta(days=1))
    later = {"text": "x", "effective": {"earliest": tomorrow, "latest": tomorrow}}
    assert (await client.post(f"{path}/clauses", json=later)).json()["pointer"] == "/pending/0"
    pages = iter(range(1, 9))
    for way, body, pointer in (
        ("/titles", {"title": {"printed": "框架协议"}}, ""),
        ("/titles", {"title": {"printed": "别名"}}, "/titles/0"),
        ("/clauses", CLAUSES[1], "/clauses/1"),
        (":sign", {}, "/signed"),
        ("/clauses", later, "/pending/0"),
    ):
        citations = [{"document": paper, "locator": {"page": str(next(pages))}}]
        told = await client.post(f"{path}{way}", json=body | {"citations": citations})
        assert (told.status_code, told.json()["pointer"]) == (200, pointer), told.text
        assert told.json()["sequence"] is not None
    assert (await types(client, path))[-5:] == ["attested"] * 5
    sources = (await client.get(path)).json()["clauses"][1]["sources"]
    assert sources[1]["attests"] == sources[0]["sequence"]


async def test_a_later_instrument_adds_a_clause_and_a_record_is_a_duplicate(client: Client) -> None:
    path, other = await client.agreement(), await client.agreement()
    date = {"earliest": "2021-05-01", "latest": "2021-05-01"}
    supplement = (await client.agreement(signed={"effective": date})).rpartition("/")[2]
    told = await client.post(f"{path}/clauses", json={"text": "x", "instrument": supplement})
    assert told.json()["value"]["added_by"] == supplement, told.text
    assert told.json()["value"]["sources"][0]["effective"]["earliest"] == "2021-05-01"
    into = other.rpartition("/")[2]
    merged = await client.post(f"{path}:merge-duplicate", json={"into": into})
    assert (merged.json()["pointer"], merged.json()["value"]["into"]) == ("/duplicate", into)
    assert (await client.get(path)).json()["status"] == "merged"
    assert len((await client.get("/api/agreements?status=merged")).json()["items"]) == 1
    assert (await client.post(f"{path}/clauses", json={"text": "y"})).status_code == 409
    undone = await client.post(f"{path}:unmerge-duplicate")
    assert (undone.status_code, undone.json()["pointer"], undone.json()["value"]) == (200, None, None)
    assert (await client.get("/api/agreements?status=merged")).json()["items"] == []


async def test_unknown_in_the_path_is_404_and_in_the_body_422(client: Client) -> None:
    path = await client.agreement()
    assert (await client.post(f"{path}/clauses/{NEVER}:repeal", json={})).status_code == 404
    owed = {"manner": "each"}
    assert (await client.post(f"{path}/clauses/{NEVER}/obligation", json=owed)).status_code == 404
    assert (await client.post(f"{path}/signatories/{NEVER}:withdraw", json={})).status_code == 404
    assert (await client.post(f"/api/agreements/{NEVER}:sign", json={})).status_code == 404
    assert (await client.post(f"/api/agreements/{NEVER}:void", json={"corrects": 1, "reason": "x"})).status_code == 404
    assert (await client.post("/api/agreements/none:sign", json={})).status_code == 404
    assert (await client.post(f"{path}:dance", json={})).status_code == 404
    for way, body, pointer in (
        ("/clauses", {"text": "x", "obligation": {"obligors": [NEVER]}}, "/obligation/obligors/0"),
        ("/clauses", {"text": "x", "parent": NEVER}, "/parent"),
        (":supersede", {"successor": NEVER}, "/successor"),
        (
            "/clauses",
            {"text": "x", "citations": [{"document": NEVER, "locator": {"page": "1"}}]},
            "/citations/0/document",
        ),
    ):
        told = await client.post(f"{path}{way}", json=body)
        assert told.status_code == 422, told.text
        assert told.json()["errors"][0]["pointer"] == pointer


async def test_if_match(client: Client) -> None:
    path = await client.agreement()
    for tag, status in (
        ('"1"', 200),
        ('"1"', 412),
        ('"2-2026-11-21"', 200),
        ("*", 200),
        ('"1", "4"', 200),
        ('"77", "78"', 412),
        ('W/"5"', 412),
        ('"abc"', 412),
        ("5", 400),
        ('"5', 400),
    ):
        told = await client.post(f"{path}/clauses", json={"text": str(uuid4())}, headers={"if-match": tag})
        assert told.status_code == status, (tag, told.text)
    assert (
        await client.post("/api/agreements", json={"title": {"printed": "x"}}, headers={"if-match": "*"})
    ).status_code == 412


async def test_an_idempotency_key_records_once(client: Client) -> None:
    path = await client.agreement()
    headers = {"idempotency-key": "k-1"}
    sent = [client.post(f"{path}/clauses", json={"text": "x"}, headers=headers) for _ in range(5)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["sequence"] == 2
    assert len(await lines(client, path)) == 2
    for changed in (
        client.post(f"{path}/clauses", json={"text": "y"}, headers=headers),
        client.post(f"{path}:sign", json={"text": "x"}, headers=headers),
        client.post(f"{path}/clauses", json={"text": "x"}, headers=headers | {"if-match": '"2"'}),
    ):
        other = await changed
        assert other.status_code == 422
    body = {"title": {"printed": "x"}}
    first, second = [await client.post("/api/agreements", json=body, headers={"idempotency-key": "new"}) for _ in "ab"]
    assert first.headers["location"] == second.headers["location"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.text == second.text


async def test_a_refused_command_is_not_kept_under_its_key(client: Client) -> None:
    path = await client.agreement()
    headers = {"idempotency-key": "k"}
    assert (await client.post(f"{path}:supersede", json={"successor": NEVER}, headers=headers)).status_code == 422
    assert (await client.post(f"{path}:sign", json={}, headers=headers)).status_code == 200


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256])
async def test_a_wrong_idempotency_key(client: Client, key: str) -> None:
    path = await client.agreement()
    told = await client.post(f"{path}:sign", json={}, headers={"idempotency-key": key})
    assert told.status_code == 400
    assert told.json()["errors"][0]["header"] == "Idempotency-Key"


async def test_prefer(client: Client) -> None:
    path = await client.agreement()
    whole = await client.post(f"{path}:sign", json={}, headers={"prefer": "return=representation"})
    assert whole.headers["preference-applied"] == "return=representation"
    assert whole.json() == (await client.get(path)).json()
    nothing = await client.post(
        f"{path}/clauses", json={"text": "x"}, headers={"prefer": "respond-async, return=minimal"}
    )
    assert (nothing.status_code, nothing.content, nothing.headers["etag"]) == (204, b"", '"3"')
    assert nothing.headers["preference-applied"] == "return=minimal"
    body = {"title": {"printed": "x"}}
    made = await client.post("/api/agreements", json=body, headers={"prefer": "return=minimal"})
    assert (made.status_code, made.content) == (201, b"")
    made = await client.post("/api/agreements", json=body, headers={"prefer": 'return="representation"'})
    assert made.json()["title"] == {"printed": "x"}
    assert "also" not in made.json()


async def test_the_whole_tells_what_else_was_recorded(client: Client) -> None:
    """What the same command wrote on other streams, beside what is the thing's own."""
    path = await client.new("parties", kind="city", name={"printed": "甲"})
    body = {"id": path.rpartition("/")[2], "kind": "city", "name": {"printed": "乙"}}
    told = await client.post("/api/parties?on_conflict=propose", json=body, headers={"prefer": "return=representation"})
    assert told.status_code == 200, told.text
    whole = told.json()
    [also] = whole.pop("also")
    assert whole == (await client.get(path)).json()
    assert told.headers["etag"] == (await client.get(path)).headers["etag"]
    found = (await client.get(f"/api/{also['subject']}")).json()
    assert (also["version"], also["created"]) == (found["version"], True)
    assert also["sequence"] == await client.registry.head()


async def test_no_route_passes_over_a_parameter(client: Client) -> None:
    """Whatever takes none refuses one: dry_run must not be done in earnest, on_conflict not be promised for nothing."""
    tried = 0
    for path, method, handler in handlers(client.app):
        known = msgspec.structs.fields(handler.opt["query"]) if "query" in handler.opt else ()
        names = {"dry_run", "on_conflict"} - {field.encode_name for field in known}
        for name in sorted(names) if handler.opt.get("role") else ():
            value = {"dry_run": "true", "on_conflict": "propose"}[name]
            address = re.sub(r"\{\w+\}", NEVER, path)
            refused = await client.request(method, address, params={name: value}, json={})
            assert refused.status_code == 422, (method, path, refused.text)
            assert refused.json()["errors"] == [{"parameter": name, "detail": "is not known here"}], (method, path)
            tried += 1
    assert tried > 100


async def test_a_dry_run_tells_and_records_nothing(client: Client) -> None:
    path = await client.agreement()
    date = {"earliest": "2020-01-02", "latest": "2020-01-02"}
    told = await client.post(f"{path}:sign?dry_run=true", json={"effective": date}, headers={"idempotency-key": "d"})
    assert told.status_code == 200
    assert told.json() == {
        "dry_run": True,
        "version": 2,
        "events": [{"type": "agreement.signed", "effective": "2020-01-02", "data": {"effective": date}}],
    }
    assert len(await lines(client, path)) == 1
    made = await client.post("/api/agreements?dry_run=true", json={"title": {"printed": "x"}})
    assert (made.status_code, made.json()["events"][0]["type"]) == (200, "agreement.registered")
    refused = await client.post(f"{path}:supersede?dry_run=true", json={"successor": NEVER})
    assert refused.status_code == 422
    corrected = {"corrects": 1, "reason": "错", "data": {"title": {"printed": "y"}}}
    for way, body in ((":correct", corrected), (":void", {"corrects": 1, "reason": "错"})):
        told = await client.post(f"{path}{way}?dry_run=true", json=body)
        assert told.json()["dry_run"] is True, told.text
    assert len((await client.get("/api/events")).text.splitlines()) == 1
    assert (await client.post(f"{path}:sign?dry_run=maybe", json={})).json()["errors"][0]["parameter"] == "dry_run"


async def test_a_correction_restates_the_event(client: Client) -> None:
    path = await client.agreement(clauses=CLAUSES)
    clause = (await client.get(path)).json()["clauses"][0]["id"]
    fixed = {"corrects": 2, "reason": "错字", "data": {"clause": clause, "label": "一", "heading": "交通运输"}}
    told = await client.post(f"{path}:correct", json=fixed)
    assert told.status_code == 200, told.text
    assert (told.json()["pointer"], told.json()["value"]["heading"]) == ("/clauses/0", "交通运输")
    # A correction is corrected by its own sequence or the first one's.
    fixed["corrects"], fixed["data"]["heading"] = 4, "交通与物流"  # type: ignore[index]
    assert (await client.post(f"{path}:correct", json=fixed)).json()["value"]["heading"] == "交通与物流"
    again = await client.post(f"{path}:correct", json=fixed)
    assert (again.status_code, again.json()["sequence"]) == (200, None)
    gone = await client.post(f"{path}:void", json={"corrects": 2, "reason": "没有这一条"})
    assert (gone.status_code, gone.json()["value"]) == (200, None)
    assert [one["label"] for one in (await client.get(path)).json()["clauses"]] == ["二"]
    back = await client.post(f"{path}:correct", json=fixed | {"corrects": 6})
    assert back.json()["value"]["heading"] == "交通与物流", back.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"corrects": 99, "reason": "x", "data": {}}, "/corrects"),
        ({"corrects": 0, "reason": "x", "data": {}}, "/corrects"),
        ({"corrects": 1, "reason": "", "data": {}}, "/reason"),
        ({"corrects": 1, "data": {}}, "/reason"),
        ({"corrects": 1, "reason": "x"}, "/data"),
        ({"corrects": 1, "reason": "x", "data": {"title": {}}}, "/data/title/printed"),
        ({"corrects": 1, "reason": "x", "data": {"title": {"printed": ""}}}, "/data/title/printed"),
        ({"corrects": 1, "reason": "x", "data": 5}, "/data"),
        (
            {"corrects": 1, "reason": "x", "data": {"title": {"printed": "\ud800"}}},
            "/data/title/printed",
        ),
        (
            {
                "corrects": 1,
                "reason": "x",
                "data": {
                    "title": {"printed": "a"},
                    "citations": [{"document": NEVER, "locator": {"page": "1"}}],
                },
            },
            "/data/citations/0/document",
        ),
    ],
)
async def test_a_wrong_correction_names_the_field(client: Client, body: dict[str, Any], pointer: str) -> None:
    path = await client.agreement()
    headers = {"content-type": "application/json"}
    told = await client.post(f"{path}:correct", content=json.dumps(body), headers=headers)
    assert told.status_code == 422, told.text
    assert told.json()["errors"][0]["pointer"] == pointer


async def test_voiding_a_registration_leaves_nothing_to_see(client: Client) -> None:
    path = await client.agreement()
    gone = await client.post(f"{path}:void", json={"corrects": 1, "reason": "没有这份协议"})
    assert (gone.status_code, gone.json()["value"]) == (200, None)
    whole = await client.post(
        f"{path}:void", json={"corrects": 1, "reason": "没有"}, headers={"prefer": "return=representation"}
    )
    assert whole.status_code == 200
    assert (await client.get(path)).status_code == 404
    assert len(await lines(client, path)) == 2
    assert (await client.get("/api/agreements")).json()["items"] == []


async def test_what_belongs_together_is_noted_in_the_line(client: Client) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    path = await client.agreement()
    headers = {"traceparent": trace, "correlation-id": "import-7"}
    assert (await client.post(f"{path}:sign", json={}, headers=headers)).status_code == 200
    assert (
        await client.post(f"{path}/clauses", json={"text": "x"}, headers={"traceparent": "junk"})
    ).status_code == 200
    _, signed, clause = await lines(client, path)
    assert f'"correlationid":"import-7","traceparent":"{trace}"' in signed
    assert f'"actor":"accounts/{client.account}"' in signed
    assert "traceparent" not in clause
    assert (await client.post(f"{path}:sign", json={}, headers={"correlation-id": "a b"})).status_code == 400
