"""Reading over HTTP: entity tags, what takes effect later, expansions, lists, the log's lines."""

import hashlib
import json
from datetime import timedelta

import pytest

from tests.api.conftest import Client

TEXT = "济南市与聊城市签署战略合作框架协议。\n双方共建飞地园区。"


def day(date: object) -> dict[str, str]:
    """One known day."""
    return {"earliest": str(date), "latest": str(date)}


async def document(client: Client, text: str = TEXT) -> str:
    """Register a document with that captured text."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return await client.new("documents", kind="press", language="zh", sha256=digest, length=len(text))


async def test_entity_tags(client: Client) -> None:
    path = await client.agreement()
    got = await client.get(path)
    assert got.headers["etag"] == '"1"'
    for tag in ('"1"', 'W/"1"', '"0", "1"', "*"):
        same = await client.get(path, headers={"if-none-match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    for tag in ('"2"', '"1-2020-01-01"', "1"):
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 200
    head = await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == '"1"'
    assert head.headers["content-length"] == got.headers["content-length"]


async def test_what_takes_effect_later_is_pending_and_dates_the_tag(client: Client) -> None:
    path = await client.agreement()
    today = client.registry.today()
    tomorrow = today + timedelta(days=1)
    told = await client.post(f"{path}/clauses", json={"text": "x", "effective": day(tomorrow)})
    assert told.headers["etag"] == f'"2-{today}"'
    assert told.json()["pointer"] == "/pending/0"
    whole = (await client.get(path)).json()
    assert whole["clauses"] == []
    later = whole["pending"][0]
    assert (later["sequence"], later["type"], later["effective"]) == (2, "agreement.clause_recorded", str(tomorrow))
    assert later["data"]["text"] == "x"
    assert later == told.json()["value"]
    same = await client.get(path, headers={"if-none-match": told.headers["etag"]})
    assert same.status_code == 304
    assert (await client.post(f"{path}:sign", json={}, headers={"if-match": told.headers["etag"]})).status_code == 200


async def test_a_term_dates_the_tag_and_ends_the_agreement(client: Client) -> None:
    today = client.registry.today()
    over = await client.agreement(signed={}, term={"period": {"ends": day(today - timedelta(days=1))}})
    running = await client.agreement(signed={}, term={"period": {"ends": day(today)}})
    for path, status in ((over, "expired"), (running, "signed")):
        got = await client.get(path)
        assert (got.json()["status"], got.headers["etag"]) == (status, f'"3-{today}"')


async def test_what_no_source_gives_is_not_said(client: Client) -> None:
    path = await client.new("agreements", called="济南与聊城的供水协议")
    got = (await client.get(path)).json()
    assert (got["title"], got["called"], got["kinds"], got["instruments"]) == (None, "济南与聊城的供水协议", [], None)
    assert (got["status"], got["sources"]) == ("registered", [{"sequence": 1}])
    (item,) = (await client.get("/api/agreements?q=供水")).json()["items"]
    assert (item["title"], item["kinds"], item["pairing"]) == ("济南与聊城的供水协议", [], None)


async def test_expanding_citations_shows_the_words_where_the_text_is_held(client: Client) -> None:
    source = await document(client)
    document_id = source.rpartition("/")[2]
    start = TEXT.index("共建")
    cited = {"document": document_id, "start": start, "end": start + 6}
    cited["sha256"] = hashlib.sha256(TEXT[start : start + 6].encode()).hexdigest()
    path = await client.agreement(clauses=[{"text": "园区", "citations": [cited]}])
    bare = await client.get(f"{path}?expand=citations")
    assert bare.json()["clauses"][0]["sources"][0]["citations"] == [cited]
    assert (await client.get(f"{source}/text")).status_code == 404

    for status in (201, 200):
        put = await client.put(f"{source}/text", content=TEXT.encode())
        assert (put.status_code, put.content) == (status, b"")
    held = await client.get(f"{source}/text")
    assert (held.text, held.headers["content-type"]) == (TEXT, "text/plain; charset=utf-8")

    got = await client.get(f"{path}?expand=citations")
    shown = got.json()["clauses"][0]["sources"][0]["citations"][0]
    assert shown == cited | {"words": "共建飞地园区", "before": TEXT[:start], "after": "。"}
    assert got.headers["etag"].startswith('W/"')
    assert got.headers["etag"] != bare.headers["etag"]
    same = await client.get(f"{path}?expand=citations", headers={"if-none-match": got.headers["etag"]})
    assert same.status_code == 304
    assert (await client.get(path)).json()["clauses"][0]["sources"][0]["citations"] == [cited]
    attesting = {"document": document_id, "quote": "双方", "occurrence": 1}
    assert (await client.post(f"{path}/clauses", json={"text": "园区", "citations": [attesting]})).status_code == 200
    first, second = (await client.get(f"{path}?expand=citations")).json()["clauses"][0]["sources"]
    assert (second["attests"], second["citations"][0]["words"]) == (first["sequence"], "双方")

    quoted = {"document": document_id, "quote": "飞地园区"}
    made = await client.post(f"{path}/clauses", json={"text": "y", "citations": [quoted]})
    completed = made.json()["value"]["sources"][0]["citations"][0]
    assert (completed["start"], completed["end"]) == (start + 2, start + 6)
    for wrong, field in (
        ({"quote": "没有"}, "quote"),
        ({"quote": "市"}, "occurrence"),
        ({"start": 0, "end": 100}, "end"),
        ({"start": 0, "end": 2, "sha256": "0" * 64}, "sha256"),
    ):
        told = await client.post(f"{path}:sign", json={"citations": [wrong | {"document": document_id}]})
        assert told.status_code == 422
        assert told.json()["errors"][0]["pointer"] == f"/citations/0/{field}"


async def test_a_citation_told_twice_is_stored_once(client: Client) -> None:
    source = await document(client)
    id = source.rpartition("/")[2]
    await client.put(f"{source}/text", content=TEXT.encode())
    start = TEXT.index("共建")
    cited = [
        {"document": id, "quote": "共建"},
        {"document": id, "start": start, "end": start + 2},
        {"document": id, "start": start, "end": start + 3},
        {"document": id, "quote": "共建"},
    ]
    path = await client.agreement(clauses=[{"text": "园区", "citations": cited}])
    stored = (await client.get(path)).json()["clauses"][0]["sources"][0]["citations"]
    assert [(one["start"], one["end"]) for one in stored] == [(start, start + 2), (start, start + 3)]


async def test_a_text_is_held_under_conditions(client: Client) -> None:
    source = f"{await document(client)}/text"
    body, etag = TEXT.encode(), f'"{hashlib.sha256(TEXT.encode()).hexdigest()}"'
    tried = await client.put(f"{source}?dry_run=true", content=body)
    told = {"dry_run": True, "sha256": etag.strip('"'), "length": len(TEXT), "held": False}
    assert (tried.status_code, tried.json()) == (200, told)
    assert (await client.get(source)).status_code == 404
    assert (await client.put(f"{source}?dry_run=true", content=b"other")).status_code == 422
    for headers in (
        {"content-type": "application/json"},
        {"content-type": "text/plain; charset=gbk"},
        {"content-encoding": "gzip"},
    ):
        refused = await client.put(source, content=body, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (415, "urn:mengfu:problem:not-text")
    for tag in ("*", etag):
        assert (await client.put(source, content=body, headers={"if-match": tag})).status_code == 412
    assert (await client.put(source, content=body, headers={"if-match": "7"})).status_code == 400
    kind = {"content-type": "Text/Plain; charset=utf-8", "if-none-match": "*"}
    made = await client.put(source, content=body, headers=kind)
    assert (made.status_code, made.headers["etag"]) == (201, etag)
    assert (await client.put(source, content=body, headers=kind)).status_code == 412
    assert (await client.put(f"{source}?dry_run=true", content=body)).json() == told | {"held": True}
    for tag, status in (("*", 200), (etag, 200), (f'"1", {etag}', 200), ('"1"', 412), (f"W/{etag}", 412)):
        headers = {"if-match": tag, "content-type": "application/octet-stream"}
        assert (await client.put(source, content=body, headers=headers)).status_code == status
    assert (await client.get(source)).headers["etag"] == etag
    same = await client.get(source, headers={"if-none-match": etag})
    assert (same.status_code, same.content) == (304, b"")
    described = (await client.get("/schema/openapi.json")).json()["paths"]["/api/documents/{id}/text"]
    assert {one["name"] for one in described["put"]["parameters"]} >= {"id", "dry_run", "If-Match", "If-None-Match"}
    assert "If-None-Match" in {one["name"] for one in described["get"]["parameters"]}


async def test_a_text_must_be_the_registered_one(client: Client) -> None:
    path = await document(client)
    told = await client.put(f"{path}/text", content=b"other")
    assert (told.status_code, told.json()["type"]) == (422, "urn:mengfu:problem:text-mismatch")
    assert told.json()["errors"] == [{"pointer": "", "detail": told.json()["detail"]}]
    bare = await client.new("documents", kind="press", language="zh")
    assert (await client.put(f"{bare}/text", content=b"x")).status_code == 422
    nobody = "/api/documents/00000000-0000-4000-8000-000000000000"
    assert (await client.put(f"{nobody}/text", content=b"x")).status_code == 404
    assert (await client.get(f"{nobody}/text")).status_code == 404


async def test_expanding_parties_shows_the_three_names(client: Client) -> None:
    party, bare = await client.party("莱芜市"), await client.party("聊城市")
    renamed = {"name": {"printed": "莱芜区"}, "effective": day("2019-01-09")}
    assert (await client.post(f"/api/parties/{party}:rename", json=renamed)).status_code == 200
    path = await client.agreement(
        signed={"effective": day("2016-05-01")},
        signatories=[{"party": party, "name": {"printed": "莱芜"}}, {"party": bare}],
    )
    got = await client.get(f"{path}?expand=parties,citations")
    assert [one["names"] for one in got.json()["signatories"]] == [
        {"printed": "莱芜", "at_signing": "莱芜市", "now": "莱芜区"},
        {"printed": None, "at_signing": "聊城市", "now": "聊城市"},
    ]
    assert (await client.get(f"{path}?expand=meetings")).json()["errors"][0]["parameter"] == "expand"
    assert (await client.get(f"{path}?expand=")).status_code == 422


async def test_lists_page_by_cursor_and_link(client: Client) -> None:
    party = await client.party("济南市")
    paths = [await client.agreement(title={"printed": f"协议{n}"}, signatories=[{"party": party}]) for n in range(5)]
    await client.agreement(title={"printed": "其他"})
    seen: list[str] = []
    url: str | None = f"/api/agreements?party={party}&limit=2&sort=recorded&q=协议"
    pages = 0
    while url:
        page = await client.get(url)
        assert page.status_code == 200, page.text
        seen += [item["id"] for item in page.json()["items"]]
        cursor, link = page.json()["next"], page.headers.get("link")
        assert (cursor is None) == (link is None)
        if link:
            assert link.endswith('>; rel="next"')
            assert f"cursor={cursor}" in link
            assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        url = link.partition("<")[2].partition(">")[0] if link else None
        pages += 1
    assert seen == [path.rpartition("/")[2] for path in paths]
    assert pages == 3
    cursor = (await client.get("/api/agreements?limit=2")).json()["next"]
    wrong = await client.get(f"/api/agreements?limit=2&kind=supply&cursor={cursor}", headers={"accept-language": "zh"})
    assert wrong.json()["errors"][0]["parameter"] == "cursor"
    assert "游标" in wrong.json()["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2), ("kind=supply", 1), ("kind=project", 1), ("kind=multi_party", 0),
        ("status=signed", 1), ("signed_from=2020-01-01", 1), ("signed_to=2019-12-31", 0),
        ("q=供水", 1), ("q=%E6%97%A0", 0), ("sort=-title", 2), ("sort=-signed", 2), ("limit=1", 1), ("limit=1000", 2),
    ],
)  # fmt: skip
async def test_filters_reach_the_list(client: Client, query: str, found: int) -> None:
    await client.agreement()
    await client.agreement(
        kinds=["supply", "project"], title={"printed": "供水协议"}, signed={"effective": day("2020-05-01")}
    )
    got = await client.get(f"/api/agreements?{query}")
    assert len(got.json()["items"]) == found, got.text


async def test_lists_under_and_beside(client: Client) -> None:
    party = await client.party("济南市")
    path = await client.agreement(signatories=[{"party": party, "side": "甲"}], signed={})
    got = await client.get(f"/api/parties/{party}/agreements?status=signed")
    assert [(item["agreement"], item["side"]) for item in got.json()["items"]] == [(path.rpartition("/")[2], "甲")]
    assert (await client.get(f"/api/parties/{party}/agreements?party={party}")).status_code == 422
    nobody = "00000000-0000-4000-8000-000000000000"
    assert (await client.get(f"/api/parties/{nobody}/agreements")).status_code == 404
    await document(client)
    assert len((await client.get("/api/documents?kind=press")).json()["items"]) == 1
    assert len((await client.get("/api/parties?kind=city&q=济南")).json()["items"]) == 1


async def test_a_stream_s_own_lines(client: Client) -> None:
    one, two = await client.agreement(), await client.agreement(signed={})
    got = await client.get(f"{two}/events")
    assert got.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["type"] for line in got.text.splitlines()] == ["agreement.registered", "agreement.signed"]
    assert got.text.endswith("\n")
    assert (await client.get(one.replace("agreements", "parties") + "/events")).status_code == 404
    assert (await client.get(f"{two}/events?limit=1")).status_code == 422


def time(line: bytes) -> str:
    """When a line was recorded."""
    return str(json.loads(line)["time"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-ndjson;q=0, */*", "application/cloudevents-batch+json"),
        ("application/x-ndjson;q=0", "application/cloudevents-batch+json"),
        ("application/x-ndjson;q=0.2, application/cloudevents-batch+json;q=0.9", "application/cloudevents-batch+json"),
        ("application/cloudevents-batch+json;q=0", "application/x-ndjson"),
        ("text/html", "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
    ],
)
async def test_the_kind_of_lines_is_what_accept_prefers(client: Client, accept: str, kind: str) -> None:
    assert (await client.get("/api/events", headers={"accept": accept})).headers["content-type"] == kind
    assert (await client.get("/api/events", headers={"accept": "*/*;q=0"})).status_code == 406


async def test_corrections_are_told_apart(client: Client) -> None:
    path = await client.agreement(signed={})
    assert (await client.post(f"{path}:void", json={"corrects": 2, "reason": "x"})).status_code == 200
    for cause, wanted in (("change", [1, 2]), ("correction", [3])):
        got = await client.get(f"/api/events?cause={cause}")
        assert [int(json.loads(line)["sequence"]) for line in got.text.splitlines()] == wanted


async def test_the_log(client: Client) -> None:
    for number in range(3):
        await client.agreement(title={"printed": f"协议{number}"}, signed={})
    stored = [
        bytes(row["line"]) for row in await client.registry.pool.fetch("select line from events order by position")
    ]
    got = await client.get("/api/events")
    assert got.content == b"".join(line + b"\n" for line in stored)
    assert (got.headers["content-type"], got.headers["vary"]) == ("application/x-ndjson", "Accept")
    subject = json.loads(stored[2])["subject"]
    times = [time(line) for line in stored]

    def between(of: int, lines: list[bytes]) -> list[bytes]:
        """Every line of those times, or every second one."""
        return [line for line in (lines[1::2] if of else lines) if times[2] <= time(line) <= times[3]]

    for query, wanted in (
        ("after=2", stored[2:]),
        ("until=2", stored[:2]),
        ("after=1&until=4&limit=2", stored[1:3]),
        ("limit=1", stored[:1]),
        ("type=agreement.signed", stored[1::2]),
        (f"subject={subject}", stored[2:4]),
        (f"subject={subject.replace('agreements', 'parties')}", []),
        ("after=6", []),
        ("after=5&until=2", []),
        ("until=9223372036854775807", stored),
        (f"actor=accounts/{client.account}", stored),
        ("actor=accounts/00000000-0000-4000-8000-000000000000", []),
        ("cause=change", stored),
        ("cause=correction", []),
        (f"from_time={json.loads(stored[2])['time']}", [line for line in stored if time(line) >= time(stored[2])]),
        (f"to_time={json.loads(stored[2])['time']}", [line for line in stored if time(line) <= time(stored[2])]),
        ("from_time=2999-01-01T00:00:00%2B08:00", []),
        ("to_time=2001-01-01T00:00:00Z", []),
        (f"from_time={times[2]}&to_time={times[3]}&type=agreement.signed", between(1, stored)),
        (f"from_time={times[2]}&to_time={times[3]}&limit=1", between(0, stored)[:1]),
        (f"from_time={times[0]}&after=4", stored[4:]),
        (f"to_time={times[5]}&until=2&actor=accounts/{client.account}&cause=change", stored[:2]),
        (f"from_time={times[5]}&to_time={times[0]}", stored if times[0] == times[5] else []),
        ("from_time=0001-01-01T00:00:00%2B08:00&to_time=9999-12-31T23:59:59-08:00", stored),
    ):
        assert (await client.get(f"/api/events?{query}")).content == b"".join(line + b"\n" for line in wanted), query
    batch = await client.get("/api/events", headers={"accept": "application/cloudevents-batch+json"})
    assert batch.headers["content-type"] == "application/cloudevents-batch+json"
    assert batch.json() == [json.loads(line) for line in stored]
    empty = await client.get("/api/events?after=6", headers={"accept": "application/cloudevents-batch+json"})
    assert empty.json() == []
    head = await client.head("/api/events")
    assert (head.status_code, head.content) == (200, b"")
