"""Several commands in one request: all or nothing, with names for what earlier ones make."""

import asyncio
import copy
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.config import Settings
from service.registry import Registry
from service.store import credentials, migrate
from tests.api.conftest import Client, connect
from tests.conftest import Database
from tests.registry.invariants import check

SIGNED = {"effective": {"earliest": "2022-03-01", "latest": "2022-03-01", "precision": "day"}}
NEVER = "00000000-0000-4000-8000-000000000000"
OTHERS = {
    "/api/transactions",
    "/api/ledger/calendars",
    "/api/plans/{id}/tasks:import",
    "/api/tasks/{id}:yield",
    "/api/webhooks",
    "/api/webhooks/{id}:rotate",
    "/api/webhooks/{id}/deliveries/{delivery}:replay",
    "/api/webhooks/{id}/deliveries:replay",
}
"""What takes POST and is no command on one thing: it records several, or nothing in the log."""
TITLE = {"title": {"printed": "协议"}}


def command(path: str, body: Any = None, name: str | None = None, **more: Any) -> dict[str, Any]:
    """One command of a transaction."""
    given = {"path": path, "body": body, "as": name, **more}
    return {field: value for field, value in given.items() if value is not None}


async def transact(client: Client, *commands: dict[str, Any], query: str = "", **headers: str) -> httpx.Response:
    """Send a transaction."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/api/transactions{query}", json={"commands": commands}, headers=named)


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, the problem's short name, and the pointer of the one thing that is wrong."""
    problem = answer.json()
    [wrong] = problem["errors"]
    return answer.status_code, problem["type"].rpartition(":")[2], wrong.get("pointer")


async def original(client: Client) -> tuple[str, list[str]]:
    """An agreement with two clauses: its path and theirs."""
    path = await client.agreement(clauses=[{"label": "一", "text": "每年一次"}, {"label": "二", "text": "五年"}])
    return path, [clause["id"] for clause in (await client.get(path)).json()["clauses"]]


def supplementary(path: str, clauses: list[str]) -> list[dict[str, Any]]:
    """A supplementary agreement, whole: it is linked to the original, and its clauses amend those of that one."""
    subject = path.removeprefix("/api/")
    return [
        command(
            "/api/agreements",
            {
                "title": {"printed": "补充协议"},
                "signed": SIGNED,
                "clauses": [{"label": "一", "text": "第一条改为每年两次"}],
                "links": [{"relation": "amends", "target": subject}],
            },
            "supplement",
        ),
        command("/api/agreements/@supplement/clauses", {"label": "二", "text": "第二条改为十年"}, "ten"),
        command(
            f"{path}/clauses/{clauses[0]}:amend",
            {"text": "每年两次", "instrument": "@supplement", "instrument_part": "clauses/@supplement.clauses.0"},
        ),
        command(
            f"{path}/clauses/{clauses[1]}:amend",
            {"text": "十年", "instrument": "@supplement", "instrument_part": "clauses/@ten"},
        ),
    ]


async def test_a_supplementary_agreement_comes_in_one_request(client: Client, database: Database) -> None:
    path, clauses = await original(client)
    answer = await transact(client, *supplementary(path, clauses))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    made, clause, first, second = told["results"]
    assert (made["as"], made["created"], made["version"], made["pointer"]) == ("supplement", True, 4, "")
    assert (clause["as"], clause["created"], clause["subject"]) == ("ten", False, made["subject"])
    assert clause["value"]["label"] == "二"
    assert "as" not in first
    assert [(one["version"], one["sequence"], one["pointer"]) for one in (first, second)] == [
        (4, 9, "/clauses/0"),
        (5, 10, "/clauses/1"),
    ]
    assert told["position"] == 10

    supplement = (await client.get(f"/api/{made['subject']}")).json()
    changed = (await client.get(path)).json()
    assert supplement["links"][0] | {"sources": []} == {
        "relation": "amends",
        "target": path.removeprefix("/api/"),
        "sources": [],
    }
    assert [one["text"] for one in changed["clauses"]] == ["每年两次", "十年"]
    assert {one["amended_by"] for one in changed["clauses"]} == {supplement["id"]}
    assert [one["amending_part"] for one in changed["clauses"]] == [
        f"clauses/{one['id']}" for one in supplement["clauses"]
    ]
    assert changed["clauses"][0]["sources"][-1]["effective"]["earliest"] == "2022-03-01"
    assert made["value"]["clauses"] == supplement["clauses"][:1]
    assert second["value"] == changed["clauses"][1]
    assert len(await check(database.service)) == 10


async def test_all_or_nothing(client: Client) -> None:
    path, clauses = await original(client)
    head = await client.registry.head()
    commands = supplementary(path, clauses)
    commands[2]["body"]["instrument_part"] = f"clauses/{clauses[0]}"
    answer = await transact(client, *commands, idempotency_key="k")
    assert refusal(answer) == (422, "unknown-part", "/commands/2/body/instrument_part")
    assert await client.registry.head() == head
    assert len((await client.get("/api/agreements")).json()["items"]) == 1
    # What was refused is not kept under the key, and a command refused by the state has its own status.
    again = await transact(client, *supplementary(path, clauses), idempotency_key="k")
    assert again.status_code == 200
    last = command(f"{path}:sign", {"effective": {"earliest": "2020-01-01", "latest": "2020-01-01"}})
    ended = [command(f"{path}:terminate", {}), command(f"{path}/clauses", {"text": "x"})]
    assert refusal(await transact(client, last, *ended)) == (409, "ended", "/commands/2")
    assert (await client.get(path)).json()["status"] == "registered"


async def test_names_stand_only_where_ids_do(client: Client) -> None:
    """A text may be "@c" as well as a label, beside names in every kind of place that holds an id."""
    document = await client.new("documents", kind="minutes", language="zh")
    locator = {"document": document.rpartition("/")[2], "locator": {"page": "1"}}
    answer = await transact(
        client,
        command("/api/parties", {"kind": "province", "name": {"printed": "@省"}}, "省"),
        command("/api/parties", {"kind": "city", "name": {"printed": "市"}, "parent": "@省"}, "市"),
        command("/api/documents", {"kind": "minutes", "language": "zh"}, "paper"),
        command("/api/agreements", TITLE, "a"),
        command(
            "/api/agreements",
            {
                "title": {"printed": "@a"},
                "signatories": [{"party": "@省", "role": "@省"}, {"party": "@市"}],
                "clauses": [{"text": "@a", "obligation": {"obligors": ["@市"], "beneficiaries": ["@省"]}}],
                "links": [{"relation": "implements", "target": "agreements/@a"}],
                "citations": [{"document": "@paper", "locator": {"page": "@a"}}, locator],
            },
            "b",
        ),
        command("/api/agreements/@b/clauses/@b.clauses.0:renumber", {"label": "@b.clauses.0"}),
        command("/api/agreements/@b/clauses", {"text": "under", "parent": "@b.clauses.0"}, "under"),
        command("/api/agreements/@b/clauses/@under/obligation", {"obligors": ["@市"]}),
        command("/api/agreements/@b/signatories/@市:withdraw"),
        command("/api/agreements/@b/compensation", {"section": "断面", "upstream": ["@市"]}, "rule"),
        command(
            "/api/agreements/@b/settlements",
            {
                "rule": "@rule",
                "period": {"printed": "2020年度"},
                "amount": {"value": "1", "unit": "万元", "bound": "exact"},
                "payer": "@市",
            },
        ),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    results = {one["as"]: one for one in answer.json()["results"] if "as" in one}
    ids = {name: one["subject"].rpartition("/")[2] for name, one in results.items()}
    found = (await client.get(f"/api/{results['b']['subject']}")).json()
    assert found["title"]["printed"] == "@a"
    assert (found["signatories"][0]["role"], found["signatories"][1]["left"]) == ("@省", True)
    assert [one["party"] for one in found["signatories"]] == [ids["省"], ids["市"]]
    clause, under = found["clauses"]
    assert (clause["text"], clause["label"]) == ("@a", "@b.clauses.0")
    assert (clause["obligors"], clause["beneficiaries"]) == ([ids["市"]], [ids["省"]])
    assert (under["parent"], under["obligors"]) == (clause["id"], [ids["市"]])
    assert found["links"][0]["target"] == f"agreements/{ids['a']}"
    assert found["sources"][0]["citations"][0] == {"document": ids["paper"], "locator": {"page": "@a"}}
    assert found["settlements"][0]["rule"] == found["compensation"][0]["id"]
    assert found["settlements"][0]["payer"] == ids["市"]
    assert (await client.get(f"/api/parties/{ids['市']}")).json()["parent"] == ids["省"]


async def test_a_meeting_with_what_was_signed_and_said_there(client: Client) -> None:
    resolved = {"manner": "adopted", "name": {"printed": "方案"}}
    answer = await transact(
        client,
        command("/api/parties", {"kind": "city", "name": {"printed": "市"}}, "市"),
        command("/api/meetings", {"called": "会", "held": {}, "conveners": [{"party": "@市"}]}, "会"),
        command("/api/meetings/@会/resolutions", resolved, "方案"),
        command("/api/meetings/@会/resolutions", {"id": "@方案", "version": "审议稿"}),
        command("/api/agreements", TITLE | {"links": [{"relation": "signed_at", "target": "meetings/@会"}]}, "约"),
        command("/api/statements", {"text": "愿意", "made": {"meeting": "@会"}}, "话"),
        command("/api/statements/@话:take-up", {"by": "agreements/@约"}),
    )
    assert answer.status_code == 200, answer.text
    subjects = {one["as"]: one["subject"] for one in answer.json()["results"] if "as" in one}
    (resolution,) = (await client.get(f"/api/{subjects['会']}")).json()["resolutions"]
    assert (resolution["manner"], resolution["version"]) == ("adopted", "审议稿")
    (signed,) = (await client.get(f"/api/{subjects['会']}/agreements")).json()["items"]
    (said,) = (await client.get(f"/api/{subjects['会']}/statements")).json()["items"]
    assert (f"agreements/{signed['id']}", f"statements/{said['id']}") == (subjects["约"], subjects["话"])
    assert said["status"] == "taken_up"


async def test_an_escaped_name_is_a_name(client: Client) -> None:
    path = await client.agreement()
    body = (
        '{"commands": [{"path": "/api/parties", "as": "p", "body": {"kind": "city", "name": {"printed": "x"}}},'
        f'{{"path": "{path}/signatories", "body": {{"party": "\\u0040p"}}}}]}}'
    )
    answer = await client.post("/api/transactions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text


async def test_corrections_and_voidings_are_commands_too(client: Client, database: Database) -> None:
    path = await client.agreement(clauses=[{"text": "甲"}, {"text": "乙"}])
    wrong = await client.party("误")
    added = (await client.post(f"{path}/signatories", json={"party": wrong, "side": "甲"})).json()["sequence"]
    clause = (await client.get(path)).json()["clauses"][0]["id"]
    restated = {"corrects": 2, "reason": "错字", "data": {"clause": clause, "text": "@right"}}
    answer = await transact(
        client,
        command("/api/parties", {"kind": "city", "name": {"printed": "对"}}, "right"),
        command(f"{path}:void", {"corrects": added, "reason": "误认"}),
        command(f"{path}/signatories", {"party": "@right", "side": "甲"}),
        command(f"{path}:correct", restated),
        command(f"{path}:void", {"corrects": 3, "reason": "没有"}),
    )
    assert answer.status_code == 200, answer.text
    found = (await client.get(path)).json()
    assert [one["text"] for one in found["clauses"]] == ["@right"]
    assert [one["party"] for one in found["signatories"]] != [wrong]
    assert [one["value"] is None for one in answer.json()["results"]] == [False, True, False, False, True]
    named = {"corrects": 2, "reason": "再改", "data": {"clause": clause, "text": "x", "citations": []}}
    named["data"]["citations"] = [{"document": "@paper", "locator": {"page": "1"}}]  # type: ignore[index]
    paper = command("/api/documents", {"kind": "minutes", "language": "zh"}, "paper")
    assert (await transact(client, paper, command(f"{path}:correct", named))).status_code == 200
    named["data"]["citations"][0]["document"] = NEVER  # type: ignore[index]
    for body, pointer in (
        (named, "/commands/1/body/data/citations/0/document"),
        (restated | {"data": {"clause": "@clause"}}, "/commands/1/body/data/clause"),
        (restated | {"data": {"clause": clause, "text": 5}}, "/commands/1/body/data/text"),
        (restated | {"corrects": 999}, "/commands/1/body/corrects"),
    ):
        answer = await transact(client, paper, command(f"{path}:correct", body))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    gone = await transact(client, paper, command(f"/api/agreements/{NEVER}:correct", restated))
    assert refusal(gone) == (422, "unknown-reference", "/commands/1/path")
    await check(database.service)


async def test_many_corrections_at_once(client: Client, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each needs its stream's whole history, and so does a fact dated before the newest: all are loaded in one go."""
    ids = [str(uuid4()) for _ in range(40)]
    made = [command("/api/agreements", TITLE | {"id": id, "clauses": [{"text": "错"}], "signed": SIGNED}) for id in ids]
    assert (await transact(client, *made)).status_code == 200
    early = {"text": "补", "effective": {"earliest": "2020-01-01", "latest": "2020-01-01"}}
    voided = [
        command(f"/api/agreements/{id}{way}", body)
        for index, id in enumerate(ids)
        for way, body in ((":void", {"corrects": 3 * index + 3, "reason": "错"}), ("/clauses", early))
    ]
    await client.registry.close()
    fresh = await Registry.open(Settings(), database.service)
    try:
        token, _ = await credentials.create(fresh.pool, "tests", ["registrar"])
        async with connect(fresh, token) as other:
            loads, histories = [], fresh.writer.memory.histories

            def counted(connection: Any, refs: Any) -> Any:
                loads.append(len(refs))
                return histories(connection, refs)

            monkeypatch.setattr(fresh.writer.memory, "histories", counted)
            answer = await transact(other, *voided)
            assert answer.status_code == 200, answer.text
            assert loads == [40]
            assert [one["text"] for one in (await other.get(f"/api/agreements/{ids[-1]}")).json()["clauses"]] == ["补"]
    finally:
        await fresh.close()
    await check(database.service)


# --- What is refused --------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], object]


def at(**fields: Any) -> Change:
    """Fields of the command itself; a `name` becomes its `as`."""
    return lambda sent: sent.update({"as" if field == "name" else field: value for field, value in fields.items()})


def to(path: str, **body: Any) -> Change:
    """Another command, without a name."""
    return lambda sent: (sent.update(path=path, body=body), sent.pop("as"))


def within(**fields: Any) -> Change:
    """Fields of its body."""
    return lambda sent: sent["body"].update(fields)


A, B = "/api/agreements/@a", "/api/agreements/@b"
LINK = {"relation": "member_of"}
WRONG: list[tuple[str, Change, str, str]] = [
    ("no such noun", at(path=f"{A}/dances"), "unknown-command", "path"),
    ("no such verb", at(path=f"{A}:dance"), "unknown-command", "path"),
    ("no thing", at(path="/api/agreements/:sign"), "unknown-command", "path"),
    ("a list", at(path="/api/agreements?limit=5"), "unknown-command", "path"),
    ("a transaction", at(path="/api/transactions"), "unknown-command", "path"),
    ("what is no POST", at(path="/api/documents/@a/text"), "unknown-command", "path"),
    ("as routed", at(path=f"{A}/:sign"), "unknown-command", "path"),
    ("not from the root", at(path="agreements"), "unknown-command", "path"),
    ("no path", lambda sent: sent.pop("path"), "invalid", "path"),
    ("a thing not there", to(f"/api/agreements/{NEVER}/clauses", text="x"), "unknown-reference", "path"),
    ("a clause not there", to(f"{A}/clauses/{NEVER}:repeal"), "unknown-part", "path"),
    ("a party not there", to(f"{A}/signatories/{NEVER}:withdraw"), "unknown-reference", "path"),
    ("a clause in the place of a thing", at(path=f"{B}/clauses"), "wrong-kind", "path"),
    ("unheard of, in the path", at(path="/api/agreements/@x/clauses"), "unknown-name", "path"),
    ("declared later", within(instrument="@later"), "unknown-name", "body/instrument"),
    ("its own", at(name="own", body={"text": "z", "parent": "@own"}), "unknown-name", "body/parent"),
    ("deep inside", within(obligation={"obligors": ["@p", "@q"]}), "unknown-name", "body/obligation/obligors/1"),
    ("in a subject", to(f"{A}/links", **LINK, target="parties/@x"), "unknown-name", "body/target"),
    ("a name alone is no subject", to(f"{A}/links", **LINK, target="@p"), "invalid", "body/target"),
    ("another kind, in a subject", to(f"{A}/links", **LINK, target="agreements/@p"), "wrong-kind", "body/target"),
    ("another kind", within(instrument="@p"), "wrong-kind", "body/instrument"),
    ("a clause is no thing", within(instrument="@b"), "wrong-kind", "body/instrument"),
    ("another kind, in the path", to("/api/parties/@a:dissolve"), "wrong-kind", "path"),
    ("another kind, deep in the path", to(f"{A}/signatories/@a:withdraw"), "wrong-kind", "path"),
    ("no such part inside", within(parent="@a.clauses.1"), "unknown-name", "body/parent"),
    ("no index", within(parent="@a.clauses"), "unknown-name", "body/parent"),
    ("no number", within(parent="@a.clauses.-1"), "unknown-name", "body/parent"),
    ("parts without ids", within(parent="@a.titles.0"), "unknown-name", "body/parent"),
    ("no such field", within(parent="@a.dances.0"), "unknown-name", "body/parent"),
    ("nothing inside a clause", within(parent="@b.citations.0"), "unknown-name", "body/parent"),
    ("an empty name", within(parent="@"), "unknown-name", "body/parent"),
    ("neither name nor id", within(parent="a"), "invalid", "body/parent"),
    ("declared twice", at(name="b"), "invalid", "as"),
    ("no name", at(name="a.b"), "invalid", "as"),
    ("makes nothing", at(path=f"{A}:sign", body={}), "invalid", "as"),
    ("a wrong value", within(text=5), "invalid", "body/text"),
    ("an unknown field", within(dance=5), "invalid", "body/dance"),
    ("no body", lambda sent: sent.pop("body"), "invalid", "body"),
    ("no object", at(body=[]), "invalid", "body"),
    ("otherwise than recorded", within(id="@b"), "already-otherwise", "body/text"),
    ("an unknown field beside", at(dance=1), "invalid", "dance"),
    ("no version", at(if_match=0), "invalid", "if_match"),
]


@pytest.mark.parametrize(("change", "kind", "pointer"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
async def test_a_wrong_command_is_named_by_its_place(client: Client, change: Change, kind: str, pointer: str) -> None:
    commands = [
        command("/api/parties", {"kind": "city", "name": {"printed": "p"}}, "p"),
        command("/api/agreements", TITLE | {"clauses": [{"text": "x"}], "titles": [{"title": {"printed": "y"}}]}, "a"),
        command(f"{A}/clauses", {"text": "y"}, "b"),
        command(f"{A}/clauses", {"text": "z"}, "c"),
        command(f"{A}/clauses", {"text": "later"}, "later"),
    ]
    changed = copy.deepcopy(commands)
    change(changed[3])
    for language in ("en", "zh"):
        answer = await transact(client, *changed, accept_language=language)
        status = 409 if kind == "already-otherwise" else 422
        assert refusal(answer) == (status, kind, f"/commands/3/{pointer}")
        assert answer.headers["content-language"] == language
        assert (max(answer.json()["errors"][0]["detail"]) >= "一") == (language == "zh")
    assert await client.registry.head() == 0
    assert (await transact(client, *commands)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ("", 400, None),
        ("{", 400, None),
        ('{"commands": [{"path": "/api/agreements", "body": {"title": nul}}]}', 400, None),
        ("{}", 422, "/commands"),
        ('{"commands": []}', 422, "/commands"),
        ('{"commands": {}}', 422, "/commands"),
        ('{"commands": [5]}', 422, "/commands/0"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "a", "called": "b"}}]}', 422,
         "/commands/0/body/called"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "\\ud800"}}]}', 422, "/commands/0/body/called"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "a", "instruments": 1e400}}]}', 422,
         "/commands/0/body/instruments"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "a", "@": "@", "id": ["@"]}}]}', 422,
         "/commands/0/body/@"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "a", "id": ["@"]}}]}', 422,
         "/commands/0/body/id"),
        ('{"commands": [{"path": "/api/agreements", "body": {"called": "a", "links": "@"}}]}', 422,
         "/commands/0/body/links"),
        ('{"x": 1, "commands": []}', 422, "/x"),
    ],
)  # fmt: skip
async def test_a_wrong_body(client: Client, body: str, status: int, pointer: str | None) -> None:
    answer = await client.post("/api/transactions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert [one.get("pointer") for one in answer.json().get("errors", [])] == ([pointer] if pointer else [])


async def test_a_body_may_be_as_long_as_others(client: Client) -> None:
    most = client.registry.settings.body_limit
    for text, status in (("x" * most, 413), ("字" * (most // 500 // 3 - 100), 200)):
        commands = [command("/api/agreements", TITLE | {"clauses": [{"text": text}]})] * (500 if status == 200 else 1)
        body = json.dumps({"commands": commands}, ensure_ascii=False, separators=(",", ":")).encode()
        assert (len(body) > most) == (status == 413)
        answer = await client.post(
            "/api/transactions", content=body, headers={"content-type": "application/json", "prefer": "return=minimal"}
        )
        assert answer.status_code == (204 if status == 200 else status), answer.text


async def test_names_are_meant_a_limited_number_of_times(client: Client) -> None:
    """An id is many times as long as a short name: what comes of a body stays within bounds."""
    party = command("/api/parties", {"kind": "city", "name": {"printed": "p"}}, "p")
    clauses = [{"label": f"{n}", "text": "x", "obligation": {"obligors": ["@p"] * 200}} for n in range(250)]
    one = command("/api/agreements", TITLE | {"clauses": clauses})
    assert (await transact(client, party, one, prefer="return=minimal")).status_code == 204
    answer = await transact(client, party, one, command("/api/agreements", TITLE | {"clauses": clauses[:1]}))
    assert refusal(answer) == (422, "invalid", "/commands/2/body/clauses/0/obligation/obligors/0")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [("1", ""), ("{}", "/document"), ('"@"', ""), ('"@p"', ""), ('{"document": "@p"}', ""), ('["@p"]', "")],
)
async def test_a_list_of_another_kind_is_refused_where_it_begins(client: Client, wrong: str, place: str) -> None:
    paper = '{"path": "/api/documents", "as": "p", "body": {"kind": "minutes", "language": "zh"}}'
    good = '{"document": "@p", "locator": {"page": "1"}}'
    cited = ",".join([good, *[wrong] * 1_000, good])
    citing = f'{{"path": "/api/agreements", "body": {{"called": "a", "citations": [{cited}]}}}}'
    answer = await client.post(
        "/api/transactions",
        content=f'{{"commands": [{paper}, {citing}]}}',
        headers={"content-type": "application/json"},
    )
    assert refusal(answer) == (422, "invalid", f"/commands/1/body/citations/1{place}")


async def test_it_needs_a_registrar(client: Client) -> None:
    token, _ = await credentials.create(client.registry.pool, "reads", ["reader"])
    body = {"commands": [command("/api/agreements", TITLE)]}
    for key, status in ((token, 403), (None, 401)):
        async with connect(client.registry, key) as other:
            assert (await other.post("/api/transactions", json=body)).status_code == status


# --- Versions ---------------------------------------------------------------------------------------------------------


async def test_a_version_is_the_one_seen_before_the_transaction(client: Client) -> None:
    path, clauses = await original(client)
    commands = [
        command(f"{path}/clauses", {"text": "x"}, if_match=3),
        command(f"{path}/clauses/{clauses[0]}:amend", {"text": "y"}, if_match=3),
    ]
    stale = [commands[0], commands[1] | {"if_match": 4}]
    assert refusal(await transact(client, *stale)) == (412, "version-mismatch", "/commands/1/if_match")
    assert (await transact(client, *commands)).status_code == 200
    assert refusal(await transact(client, *commands)) == (412, "version-mismatch", "/commands/0/if_match")
    assert refusal(await transact(client, commands[1])) == (412, "version-mismatch", "/commands/0/if_match")
    new = command("/api/agreements", TITLE, if_match=1)
    assert refusal(await transact(client, new)) == (412, "version-mismatch", "/commands/0/if_match")


async def test_preconditions_on_the_whole(client: Client) -> None:
    """No version of all transactions exists: If-Match is never fulfilled, If-None-Match always (RFC 9110, 13.1)."""
    one = command("/api/agreements", TITLE)
    for tag, status in (('"1"', 412), ("*", 412), ("5", 400)):
        answer = await transact(client, one, if_match=tag)
        assert answer.status_code == status
        assert status != 412 or "if_match" in answer.json()["detail"]
    assert await client.registry.head() == 0
    assert (await transact(client, one, if_none_match="*")).status_code == 200


# --- Answers ----------------------------------------------------------------------------------------------------------


async def test_a_dry_run_tells_what_the_real_one_records(client: Client) -> None:
    path, clauses = await original(client)
    commands = supplementary(path, clauses)
    head = await client.registry.head()
    told = (await transact(client, *commands, query="?dry_run=true", idempotency_key="k")).json()
    assert told["dry_run"] is True
    assert await client.registry.head() == head
    real = (await transact(client, *commands, idempotency_key="k")).json()
    planned = [event for one in told["results"] for event in one["events"]]
    lines = [json.loads(line) for line in (await client.get(f"/api/events?after={head}")).text.splitlines()]
    ids = {one["subject"].rpartition("/")[2] for one in told["results"]} - {path.rpartition("/")[2]}
    [dry_id], real_id = ids, real["results"][0]["subject"].rpartition("/")[2]
    # The ids that the registry chooses are others: the agreement's, and its clauses' that follow from it.
    same = dict(zip([dry_id, *chosen(planned)], [real_id, *chosen(lines)], strict=True))
    text = json.dumps(planned)
    for old, new in same.items():
        text = text.replace(old, new)
    assert json.loads(text) == [
        {"type": line["type"], "effective": line.get("effective"), "data": line["data"]} for line in lines
    ]
    for dry, done in zip(told["results"], real["results"], strict=True):
        assert [dry.get(name) for name in ("as", "version", "created")] == [
            done.get(name) for name in ("as", "version", "created")
        ]
    refused = [*commands[:3], command(f"{path}/links", {"relation": "amends", "target": path.removeprefix("/api/")})]
    answer = await transact(client, *refused, query="?dry_run=true")
    assert refusal(answer) == (409, "circular", "/commands/3/body/target")


def chosen(events: list[dict[str, Any]]) -> list[str]:
    """The ids of the clauses that are recorded."""
    return [event["data"]["clause"] for event in events if event["type"] == "agreement.clause_recorded"]


async def test_prefer(client: Client) -> None:
    minimal = await transact(client, command("/api/agreements", TITLE), prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (204, b"")
    assert minimal.headers["preference-applied"] == "return=minimal"
    assert await client.registry.head() == 1


async def test_what_changes_nothing_is_no_error(client: Client) -> None:
    path, _ = await original(client)
    same = command(f"{path}/clauses", {"label": "一", "text": "每年一次"}, "same")
    told = (await transact(client, same, command(f"{path}/clauses", {"text": "under", "parent": "@same"}))).json()
    assert (told["results"][0]["sequence"], told["results"][0]["pointer"], told["position"]) == (None, "/clauses/0", 4)
    nothing = (await transact(client, same)).json()
    assert (nothing["results"][0]["version"], nothing["position"]) == (4, None)


# --- Keys -------------------------------------------------------------------------------------------------------------


async def test_a_key_gives_the_same_answer_again_after_a_restart(client: Client, database: Database) -> None:
    path, clauses = await original(client)
    commands = supplementary(path, clauses)
    first = await transact(client, *commands, idempotency_key="once")
    assert first.status_code == 200
    await client.post(f"{path}/clauses", json={"text": "since then"})
    assert (await transact(client, *commands, idempotency_key="once")).text == first.text
    head = await client.registry.head()
    await client.registry.close()
    fresh = await Registry.open(Settings(), database.service)
    try:
        async with connect(fresh, client.headers["authorization"].removeprefix("Bearer ")) as other:
            again = await transact(other, *commands, idempotency_key="once")
            assert (again.status_code, again.text) == (200, first.text)
            changed = await transact(other, *commands[:3], idempotency_key="once")
            assert changed.status_code == 422
            assert changed.json()["errors"][0]["header"] == "Idempotency-Key"
            single = await other.post("/api/agreements", json=TITLE, headers={"idempotency-key": "once"})
            assert single.status_code == 422
            assert await fresh.head() == head
    finally:
        await fresh.close()
    await check(database.service)


async def test_many_commands_on_one_thing_are_replayed(client: Client) -> None:
    """Each result shows the thing as it stood after its own command."""
    commands = [command("/api/agreements", TITLE, "a")]
    early = {"earliest": "2019-01-01", "latest": "2019-01-01"}
    commands += [command("/api/agreements/@a/clauses", {"text": f"{n}"}, f"c{n}") for n in range(5)]
    commands += [
        command("/api/agreements/@a:sign", SIGNED),
        command("/api/agreements/@a:propose", {"effective": early}),
    ]
    commands += [command(f"/api/agreements/@a/clauses/@c{n}:amend", {"text": f"{n}!"}) for n in range(5)]
    first = await transact(client, *commands, idempotency_key="many")
    assert first.status_code == 200, first.text
    assert (await transact(client, *commands, idempotency_key="many")).text == first.text


# --- Size and company -------------------------------------------------------------------------------------------------


async def test_five_hundred_commands_of_thousands_of_lines(client: Client, database: Database) -> None:
    """The log gets its partitions ahead of a batch, also of one that is longer than several of them."""
    await client.registry.close()
    owner = await migrate.connect(database.owner, Settings().schema)
    for (part,) in await owner.fetch(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'events'::regclass"
    ):
        await owner.execute(f"drop table {part}")
    await owner.execute("update registry set span = 1000, covered = 0")
    await owner.close()
    fresh = await Registry.open(Settings(batch=50), database.service)
    parts = [{"label": f"{n}", "text": f"第{n}条"} for n in range(10)]
    whole = [command("/api/agreements", TITLE | {"clauses": parts}) for _ in range(500)]
    try:
        async with connect(fresh, client.headers["authorization"].removeprefix("Bearer ")) as other:
            await other.new("agreements", **TITLE)
            beside = asyncio.gather(*(other.post("/api/agreements", json=TITLE) for _ in range(30)))
            answer = await transact(other, *whole, idempotency_key="big")
            assert answer.status_code == 200, answer.text
            results = answer.json()["results"]
            assert len({one["subject"] for one in results}) == 500
            assert {one["version"] for one in results} == {11}
            assert {one.status_code for one in await beside} == {201}
            assert await fresh.head() == 5_531
            assert (await transact(other, *whole, idempotency_key="big")).text == answer.text
            over = await transact(other, *whole, command("/api/agreements", TITLE))
            assert refusal(over) == (422, "invalid", "/commands")
            assert await fresh.head() == 5_531
    finally:
        await fresh.close()
    assert len(await check(database.service)) == 5_531


async def test_two_transactions_over_the_same_things(client: Client, database: Database) -> None:
    """However they meet, each is whole: the lines of one stand together, and every version is there once."""
    paths = [await client.agreement() for _ in range(3)]
    head = await client.registry.head()
    fresh = await Registry.open(Settings(), database.service)
    token = client.headers["authorization"].removeprefix("Bearer ")
    try:
        async with connect(fresh, token) as other:

            async def one(number: int) -> httpx.Response:
                order = paths if number % 2 else paths[::-1]
                commands = [command(f"{path}/clauses", {"text": f"{number}"}) for path in order]
                return await transact(other if number % 3 else client, *commands, idempotency_key=f"{number}")

            answers = await asyncio.gather(*map(one, range(20)))
    finally:
        await fresh.close()
    assert {answer.status_code for answer in answers} == {200}
    spans = sorted([one["sequence"] for one in answer.json()["results"]] for answer in answers)
    assert [sequence for span in spans for sequence in span] == list(range(head + 1, head + 61))
    conflicting = [
        transact(client, *(command(f"{path}/clauses", {"text": f"only {n}"}, if_match=21) for path in paths))
        for n in range(4)
    ]
    outcomes = sorted(answer.status_code for answer in await asyncio.gather(*conflicting))
    assert outcomes == [200, 412, 412, 412]
    await check(database.service)


async def test_every_command_of_the_description_is_one_of_a_transaction(client: Client) -> None:
    """What records something under one of the resources is taken here, and nothing else is."""
    described = (await client.get("/schema/openapi.json")).json()
    posts = {path for path, methods in described["paths"].items() if "post" in methods}
    assert posts > OTHERS
    posts -= OTHERS
    assert len(posts) > 50
    for path in posts:
        filled = path
        while "{" in filled:
            filled = f"{filled.partition('{')[0]}{NEVER}{filled.partition('}')[2]}"
        answer = await transact(client, command(filled, {"dance": 1}))
        assert refusal(answer) == (422, "invalid", "/commands/0/body/dance"), path
    operation = described["paths"]["/api/transactions"]["post"]
    assert [one["name"] for one in operation["parameters"]] == ["dry_run", "on_conflict", "Idempotency-Key", "Prefer"]
    assert "headers" not in operation["responses"]["200"]
