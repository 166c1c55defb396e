"""Whatever goes wrong is a problem document, names the field, and speaks the client's language."""

import json
from itertools import product
from typing import Any

import asyncpg
import pytest

from service.api import problems
from service.domain import errors
from service.registry import Registry
from tests.api.conftest import Client
from tests.api.test_words import kinds

GOOD = {"title": {"printed": "x"}}
CLAUSE = GOOD | {"clauses": [{"text": "x"}]}


def check(answer: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["content-language"] in {"en", "zh"}
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:mengfu:problem:")
    assert problem["title"]
    assert problem["detail"]
    for wrong in problem.get("errors", ()):
        assert wrong["detail"]
        assert len({"pointer", "parameter", "header"} & wrong.keys()) == 1
    return problem


NOBODY = "00000000-0000-4000-8000-000000000000"
# With ~ for a good title.
BODIES: list[tuple[str, str]] = [
    ('{"title": 5}', "/title"),
    ('{"title": {"printed": 5}}', "/title/printed"),
    ('{"title": {"printed": ""}}', "/title/printed"),
    ('{"title": {"printed": " \\u3000\\n"}}', "/title/printed"),
    ('{~, "clauses": [{"text": " "}]}', "/clauses/0/text"),
    ('{~, "note": "\\u00a0"}', "/note"),
    ('{~, "kind": 1}', "/kind"),
    ('{~, "kinds": ["supply", "treaty"]}', "/kinds/1"),
    ('{~, "a/b~c": 1}', "/a~1b~0c"),
    ('{"title": {"printed": "x", "y": 1}}', "/title/y"),
    ('{"title": {"printed": "a\\u0007"}}', "/title/printed"),
    ('{"title": {"printed": "a\\u0000"}}', "/title/printed"),
    ('{"title": {"printed": "a\\u2028b"}}', "/title/printed"),
    ('{"title": {"printed": "a\\u009f"}}', "/title/printed"),
    ('{"title": {"printed": "a\\ufffe"}}', "/title/printed"),
    ('{"title": {"printed": "a\\ud83f\\udffe"}}', "/title/printed"),
    ('{"title": {"printed": "\\ud800"}}', "/title/printed"),
    (
        '{~, "clauses": [{"text": "a"}, {"text": "b\\udc00"}]}',
        "/clauses/1/text",
    ),
    ('{~, "clauses": [{"text": "a", "\\ud800": 1}]}', "/clauses/0/?"),
    ('{~, "clauses": [{}]}', "/clauses/0"),
    (
        '{~, "clauses": [{"text": "a", "obligation": {"due": {"earliest": "2021-02-30"}}}]}',
        "/clauses/0/obligation/due/earliest",
    ),
    (
        '{~, "clauses": [{"text": "a", "obligation": {"due": {"earliest": "2021-02-03", "precision": "day"}}}]}',
        "/clauses/0/obligation/due",
    ),
    ('{~, "clauses": [{"text": "a", "obligation": {}}]}', "/clauses/0/obligation"),
    ('{~, "signed": {"effective": {}}}', "/signed/effective"),
    ('{~, "effective": {"earliest": "2021-02-03"}}', "/effective"),
    ('{~, "basis": "stated"}', "/basis"),
    ('{~, "clauses": [{"text": "a", "basis": "stated"}]}', "/clauses/0/basis"),
    ('{~, "term": {}}', "/term"),
    ('{~, "instruments": 0}', "/instruments"),
    ('{~, "instruments": 1.5}', "/instruments"),
    ('{~, "instruments": "1"}', "/instruments"),
    ('{~, "instruments": 1e400}', "/instruments"),
    ('{~, "id": "nobody"}', "/id"),
    (
        '{~, "compensation": [{"cap": {"value": "NaN", "unit": "元", "bound": "exact"}}]}',
        "/compensation/0/cap/value",
    ),
    (
        '{~, "compensation": [{"cap": {"value": "1e9", "unit": "元", "bound": "exact"}}]}',
        "/compensation/0/cap/value",
    ),
    (
        '{~, "compensation": [{"cap": {"value": 5, "unit": "元", "bound": "exact"}}]}',
        "/compensation/0/cap/value",
    ),
    (
        '{~, "citations": [{"document": "NOBODY", "start": 5, "end": 2}]}',
        "/citations/0",
    ),
    (
        '{~, "citations": [{"document": "NOBODY", "start": 1, "end": 2, "sha256": "ABC"}]}',
        "/citations/0/sha256",
    ),
    (
        '{~, "links": [{"relation": "implements", "target": "agreements/1"}]}',
        "/links/0/target",
    ),
    (
        '{~, "links": [{"relation": "implements", "target": "parties/NOBODY"}]}',
        "/links/0/target",
    ),
    ("[]", ""),
    ("5", ""),
    ("null", ""),
    ("{}", ""),
    ('{~, "title": {"printed": "y"}}', "/title"),
    ('{~, "called": "\\u4e00", "clauses": [{"text": "a"}, {"text": "b", "te\\u0078t": "c"}]}', "/clauses/1/text"),
]


async def test_a_wrong_body_names_the_field_and_leaves_no_trace(client: Client, subtests: pytest.Subtests) -> None:
    for (body, pointer), language in product(BODIES, ("en", "zh")):
        filled = body.replace("{~", '{"title": {"printed": "x"}').replace("NOBODY", NOBODY)
        with subtests.test(body=body, language=language):
            await wrong_body(client, filled, pointer, language)
    assert await client.registry.head() == 0


BELOW_ZERO: list[tuple[str, dict[str, Any], str]] = [
    ("agreements", {"called": "议", "term": {"lasts": "NUMBER"}}, "/term/lasts/value"),
    (
        "agreements",
        {"called": "议", "compensation": [{"section": "界", "cap": "NUMBER"}]},
        "/compensation/0/cap/value",
    ),
    ("meetings", {"called": "会", "held": {"lasts": "NUMBER"}}, "/held/lasts/value"),
    ("meetings", {"called": "会", "attendance": [{"group": "众", "number": "NUMBER"}]}, "/attendance/0/number/value"),
    (
        "statements",
        {"text": "言", "participants": [{"role": "addressee", "group": "众", "number": "NUMBER"}]},
        "/participants/0/number/value",
    ),
    ("plans", {"called": "策", "items": [{"text": "条", "declared": "NUMBER"}]}, "/items/0/declared/value"),
]


@pytest.mark.parametrize(("resource", "body", "pointer"), BELOW_ZERO)
async def test_numbers_and_durations_are_not_below_zero(
    client: Client, resource: str, body: dict[str, Any], pointer: str
) -> None:
    """Refused in words; none at all is a number like others."""
    text = json.dumps(body, ensure_ascii=False)
    for value, status in (("-3", 422), ("-0.5", 422), ("0", 201)):
        number = json.dumps({"value": value, "unit": "个", "bound": "exact"})
        headers = {"content-type": "application/json", "accept-language": "zh"}
        answer = await client.post(f"/api/{resource}", content=text.replace('"NUMBER"', number), headers=headers)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert check(answer, 422)["errors"][0]["pointer"] == pointer
            assert "不小于 0" in answer.text
    assert await client.registry.head() >= 1


async def test_a_target_may_be_below_zero(client: Client) -> None:
    """What is to fall, falls by so much."""
    falls = {"text": "降", "quantity": {"value": "-13.5", "unit": "%", "bound": "exact"}}
    path = await client.new("plans", called="策", targets=[falls])
    [target] = (await client.get(path)).json()["targets"]
    assert target["quantity"]["value"] == "-13.5"


async def wrong_body(client: Client, body: str, pointer: str, language: str) -> None:
    """Send a body that is wrong at `pointer`."""
    headers = {"content-type": "application/json", "accept-language": language}
    answer = await client.post("/api/agreements", content=body, headers=headers)
    problem = check(answer, 422)
    assert answer.headers["content-language"] == language
    assert problem["errors"][0]["pointer"] == pointer
    assert "regex" not in answer.text
    assert "\\x00" not in answer.text
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["detail"]) == (language == "zh"), problem


BROKEN = [
    b"",
    b'{"kind": 1, ',
    b'{"kind": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"kind": 1, "instruments": NaN}',
    b'{"kind": 1, "title": "\xff"}',
    b"{",
    b'{"title"',
    b"\xff",
    b'{"title": {"printed": "\xed\xa0\x80"}}',
    b"{'a': 1}",
    b'{"instruments": NaN}',
    b'{"instruments": Infinity}',
    b'{"title": {"printed": "a\x01"}}',
]


async def test_what_is_not_json_is_400(client: Client, subtests: pytest.Subtests) -> None:
    headers = {"content-type": "application/json"}
    for body in BROKEN:
        with subtests.test(body=body[:40]):
            check(await client.post("/api/agreements", content=body, headers=headers), 400)
    deep = b'{"corrects": 1, "reason": "x", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    check(await client.post(f"{await client.agreement()}:correct", content=deep, headers=headers), 400)


async def test_an_unknown_value_is_told_which_there_are(client: Client) -> None:
    answer = await client.post("/api/agreements", json=GOOD | {"signed": {"effective": {"precision": "week"}}})
    problem = check(answer, 422)
    assert problem["errors"][0]["pointer"] == "/signed/effective/precision"
    assert "half_year" in problem["errors"][0]["detail"]


async def test_pathways_and_methods(client: Client) -> None:
    check(await client.get("/nothing"), 404)
    check(await client.get("/api/agreements/5"), 404)
    check(await client.get("/api/agreements/00000000-0000-4000-8000-000000000000"), 404)
    answer = await client.put("/api/agreements")
    check(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    answer = await client.options("/api/agreements")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    answer = await client.request("DELETE", "/health/live")
    check(answer, 405)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=gbk"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
)
async def test_only_json_is_taken(client: Client, headers: dict[str, str]) -> None:
    check(await client.post("/api/agreements", content=json.dumps(GOOD), headers=headers), 415)


async def test_json_may_be_left_unsaid_or_name_its_charset(client: Client) -> None:
    for headers in ({}, {"content-type": 'Application/JSON; charset="UTF-8"'}):
        assert (await client.post("/api/agreements", content=json.dumps(GOOD), headers=headers)).status_code == 201


async def test_a_large_body_is_refused_before_it_is_read(client: Client) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(100):
            read += 100_000
            yield b" " * 100_000

    answer = await client.post(
        "/api/agreements", content=b" " * 10_000_000, headers={"content-type": "application/json"}
    )
    check(answer, 413)
    check(await client.post("/api/agreements", content=endless(), headers={"content-type": "application/json"}), 413)
    assert read < 5_000_000
    check(await client.put("/api/documents/00000000-0000-4000-8000-000000000000/text", content=b" " * 5_000_000), 413)


async def test_an_event_too_long_for_a_line(client: Client) -> None:
    path = await client.agreement()
    citations = [
        {"document": "00000000-0000-4000-8000-000000000000", "locator": {"page": str(number)}, "why": "好" * 600}
        for number in range(60)
    ]
    assert (await client.post(f"{path}:sign", json={"citations": citations})).status_code == 422
    rates = [
        {"condition": "好" * 200, "amount": {"value": "1", "unit": "好" * 200, "printed": "好" * 200, "bound": "exact"}}
    ] * 50
    problem = check(await client.post(f"{path}/compensation", json={"rates": rates}), 422)
    assert problem["type"] == "urn:mengfu:problem:line-too-long"
    assert await client.registry.head() == 1


async def test_states_and_versions(client: Client) -> None:
    path = await client.agreement()
    ended = {"earliest": "2020-01-01", "latest": "2020-01-01"}
    assert (await client.post(f"{path}:terminate", json={"grounds": "x", "effective": ended})).status_code == 200
    for body in ({"text": "x"}, {"text": "x", "effective": {"earliest": "2999-01-01", "latest": "2999-01-01"}}):
        assert check(await client.post(f"{path}/clauses", json=body), 409)["type"] == "urn:mengfu:problem:ended"
    check(await client.post(f"{path}:withdraw", json={}), 409)
    check(await client.post(f"{path}:terminate", json={"grounds": "y"}), 409)
    check(await client.post(f"{path}:retract", json={}, headers={"if-match": '"1"'}), 412)


PARAMETERS = [
    ("/api/agreements?limit=0", "limit"),
    ("/api/agreements?limit=1001", "limit"),
    ("/api/agreements?limit=x", "limit"),
    ("/api/agreements?sort=colour", "sort"),
    ("/api/agreements?kind=treaty", "kind"),
    ("/api/agreements?party=5", "party"),
    ("/api/agreements?signed_from=2020-02-30", "signed_from"),
    ("/api/agreements?signed_from=2020-02-02&signed_to=2020-02-01", "signed_from"),
    ("/api/agreements?signed_to=2020-02-01&signed_from=2020-02-02&as_of=2021-01-01", "signed_from"),
    ("/api/documents?date_from=2020-02-02&date_to=2020-02-01", "date_from"),
    ("/api/meetings?held_from=2020-02-02&held_to=2020-02-01", "held_from"),
    ("/api/statements?made_from=2020-02-02&made_to=2020-02-01", "made_from"),
    ("/api/plans?made_from=2020-02-02&made_to=2020-02-01", "made_from"),
    ("/api/figures?period_from=2020-02-02&period_to=2020-02-01", "period_from"),
    ("/api/tasks?due_from=2020-02-02&due_to=2020-02-01", "due_from"),
    ("/api/parties/00000000-0000-4000-8000-000000000000/tasks?due_from=2020-02-02&due_to=2020-02-01", "due_from"),
    ("/api/agreements?document=null", "document"),
    ("/api/agreements?kind=Null", "kind"),
    ("/api/agreements?as_of=null", "as_of"),
    ("/api/ledger?plan=null", "plan"),
    ("/api/pipeline?from=null", "from"),
    ("/api/discrepancies?open=null", "open"),
    ("/api/discrepancies?subject=meeting/00000000-0000-4000-8000-000000000000", "subject"),
    ("/api/plans?linked=plan/00000000-0000-4000-8000-000000000000", "linked"),
    ("/api/figures?counts=project/00000000-0000-4000-8000-000000000000", "counts"),
    ("/api/events?subject=agreement/00000000-0000-4000-8000-000000000000", "subject"),
    ("/api/commitments?subject=task/00000000-0000-4000-8000-000000000000", "subject"),
    ("/api/agreements?q=", "q"),
    ("/api/agreements?q=%00", "q"),
    ("/api/agreements?colour=red", "colour"),
    ("/api/agreements?limit=5&limit=6", "limit"),
    ("/api/agreements?cursor=abc", "cursor"),
    ("/api/agreements?cursor=%3D%3D", "cursor"),
    ("/api/agreements?cursor=", "cursor"),
    ("/api/events?after=-1", "after"),
    ("/api/events?after=x", "after"),
    ("/api/events?after=1e3", "after"),
    ("/api/events?after=007", "after"),
    ("/api/agreements?limit=1e3", "limit"),
    ("/api/agreements?limit=5.0", "limit"),
    ("/api/network?limit=5.0", "limit"),
    ("/api/agreements/00000000-0000-4000-8000-000000000000?version=1e0", "version"),
    ("/api/agreements/00000000-0000-4000-8000-000000000000/changes?from=0.0", "from"),
    ("/api/events?until=99999999999999999999", "until"),
    ("/api/events?limit=0", "limit"),
    ("/api/events?type=agreement.danced", "type"),
    ("/api/events?subject=agreements", "subject"),
    ("/api/events?colour=red", "colour"),
    ("/api/events?actor=x", "actor"),
    ("/api/events?cause=chance", "cause"),
    ("/api/events?from_time=2026-11-21T00:00:00", "from_time"),
    ("/api/events?to_time=today", "to_time"),
    ("/api/agreements/00000000-0000-4000-8000-000000000000?expand=5", "expand"),
]


async def test_a_wrong_parameter_is_named(client: Client, subtests: pytest.Subtests) -> None:
    for path, parameter in PARAMETERS:
        with subtests.test(path=path):
            problem = check(await client.get(path), 422)
            assert problem["errors"][0]["parameter"] == parameter
            assert "\\Z" not in problem["detail"]


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("discrepancies?open=yes", "open: must be true or false.", "open:应为true 或 false。"),
        ("agreements?document=null", "document: null is no value here: leave the parameter out.", None),
        ("agreements?q=null", None, None),
    ],
)
async def test_every_parameter_is_text(client: Client, query: str, english: str | None, chinese: str | None) -> None:
    """Nobody is told that it is a string; null is a word where words are asked for, and else no value."""
    for language, said in (("en", english), ("zh", chinese)):
        answer = await client.get(f"/api/{query}", headers={"accept-language": language})
        assert answer.status_code == (200 if english is None else 422)
        assert said is None or answer.json()["detail"] == said


async def test_a_time_of_one_day_may_be_asked_for(client: Client) -> None:
    """A range holds both its days; one that ends before it begins is told in Chinese as well."""
    day = "held_from=2020-02-02&held_to=2020-02-02"
    assert (await client.get(f"/api/meetings?{day}")).status_code == 200
    wrong = await client.get(f"/api/meetings?{day[:-2]}01", headers={"accept-language": "zh"})
    assert check(wrong, 422)["errors"][0]["detail"] == "晚于 held_to"


async def test_an_unexpected_error_tells_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Registry, refs: Any) -> Any:
        raise RuntimeError("the secret is abracadabra")

    monkeypatch.setattr(Registry, "read", broken)
    answer = await client.get("/api/agreements/00000000-0000-4000-8000-000000000000")
    problem = check(answer, 500)
    assert "abracadabra" not in answer.text  # letters that no random id holds
    assert problem["instance"].startswith("urn:uuid:")


async def test_a_database_that_is_away_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (
        ConnectionRefusedError(),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InterfaceError("closed"),
    ):

        async def away(self: Registry, refs: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(Registry, "read", away)
        answer = await client.get("/api/agreements/00000000-0000-4000-8000-000000000000")
        check(answer, 503)
        assert answer.headers["retry-after"] == "1"


async def test_a_full_queue_is_503(client: Client) -> None:
    await client.registry.writer.close()
    answer = await client.post("/api/agreements", json=GOOD, headers={"accept-language": "zh-CN"})
    assert check(answer, 503)["detail"].startswith("登记处暂时不能受理:登记处正在关闭")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("kind", list(kinds(errors.Refused)))
def test_each_error_has_a_status(kind: type[errors.Refused]) -> None:
    if kind is errors.Refused:
        return
    status, english, chinese = problems.branch(kind)
    assert status >= 400
    assert english != chinese


async def test_a_body_that_breaks_off_is_no_error_of_ours(client: Client) -> None:
    """A server that finds the framing wrong tells the application that the client is gone."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    document = await client.new("documents", kind="press", title={"printed": "x"})
    for method, path in (("POST", "/api/agreements"), ("PUT", f"{document}/text")):
        sent.clear()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"authorization", client.headers["authorization"].encode())],
        }
        await client.app(scope, receive, send)  # type: ignore[arg-type]
        assert sent[0]["status"] == 400, sent


async def test_an_empty_body_is_told_to_be_empty(client: Client) -> None:
    path = await client.agreement()
    assert "empty" in check(await client.post(f"{path}/signatories"), 400)["detail"]
    assert (await client.post(f"{path}:sign")).status_code == 200


async def test_headers_that_count_are_sent_once(client: Client) -> None:
    path = await client.agreement()
    for name in ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match"):
        twice = [(name, '"1"'), (name, '"2"')]
        if name == "Authorization":
            twice = [(name, client.headers["authorization"])] * 2
        problem = check(await client.post(f"{path}:sign", json={}, headers=twice), 400)
        assert problem["errors"] == [{"header": name, "detail": "is given twice"}]
    check(await client.post(f"{path}:sign", json={}, headers={"if-match": '"0"'}), 400)


async def test_only_if_it_is_not_there(client: Client) -> None:
    body = GOOD | {"id": NOBODY}
    for status in (201, 412):
        answer = await client.post("/api/agreements", json=body, headers={"if-none-match": "*"})
        assert answer.status_code == status
    assert answer.json()["type"] == "urn:mengfu:problem:exists-already"


async def test_a_query_that_is_not_utf8(client: Client) -> None:
    check(await client.get("/api/agreements?q=%ff"), 400)


async def test_every_refusal_names_a_place(client: Client) -> None:
    body = GOOD | {"id": NOBODY, "instruments": 1}
    headers = {"idempotency-key": "k"}
    assert (await client.post("/api/agreements", json=body, headers=headers)).status_code == 201
    problem = check(await client.post("/api/agreements", json=GOOD, headers=headers), 422)
    assert problem["errors"][0]["header"] == "Idempotency-Key"
    for other, pointer in (({"title": {"printed": "y"}}, "/title"), ({"instruments": 2} | GOOD, "/instruments")):
        problem = check(await client.post("/api/agreements", json={"id": NOBODY} | other), 409)
        assert problem["errors"][0]["pointer"] == pointer
        assert "header" not in problem["detail"]
