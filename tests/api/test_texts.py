"""Versions of a document's text: derived of the text held here, shown, and cited in."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import pytest

from service.domain import script
from service.domain.document import derivation
from service.domain.document.state import Version
from service.registry import wording
from tests.api.conftest import Client

TEXT = "廣告\n濟?市和聊城市簽署協議。\n廣告"
REPAIRED = "廣告\n濟南市和聊城市簽署協議。\n廣告"
SIMPLIFIED = "广告\n济南市和聊城市签署协议。\n广告"


def sha(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


async def held(client: Client, text: str = TEXT) -> str:
    """A document of which the text is held, its advertisements passed over."""
    path = await client.new(
        "documents",
        kind="repost",
        sha256=sha(text),
        length=len(text),
        passed={
            "spans": [
                {"start": 0, "end": 3, "reason": "boilerplate"},
                {"start": 16, "end": 18, "reason": "boilerplate"},
            ]
        },
    )
    assert (await client.put(f"{path}/text", content=text.encode())).status_code == 201
    return path


async def derive(client: Client, path: str, **body: Any) -> httpx.Response:
    """Derive a version."""
    return await client.post(f"{path}/versions:derive", json=body)


NOBODY = "00000000-0000-4000-8000-000000000001"
REPAIRS = [{"start": 4, "end": 5, "text": "南"}]


async def test_simplified_of_repaired(client: Client) -> None:
    """Each version says by what it was made; its words are made again when they are asked for."""
    path = await held(client)
    cited = [{"document": path.rpartition("/")[2], "start": 3, "end": 6}]
    first = await derive(client, path, sort="repaired", repairs=REPAIRS, basis="restored", citations=cited)
    assert first.status_code == 200, first.text
    second = await derive(client, path, sort="simplified", derived_from="repaired", basis="curated")
    assert second.status_code == 200, second.text
    versions = (await client.get(path)).json()["versions"]
    told = [
        {name: one.get(name) for name in ("sort", "sha256", "length", "derived_from", "tool", "edits")}
        for one in versions
    ]
    edit = {"start": 4, "end": 5, "length": 1, "text": "南"}
    assert told == [
        {
            "sort": "repaired",
            "sha256": sha(REPAIRED),
            "length": 18,
            "derived_from": sha(TEXT),
            "tool": "mengfu",
            "edits": [edit],
        },
        {
            "sort": "simplified",
            "sha256": sha(SIMPLIFIED),
            "length": 18,
            "derived_from": sha(REPAIRED),
            "tool": "opencc",
            "edits": None,
        },
    ]
    for name, words in (
        ("captured", TEXT),
        ("repaired", REPAIRED),
        ("simplified", SIMPLIFIED),
        (sha(REPAIRED), REPAIRED),
    ):
        answer = await client.get(f"{path}/text", params={"version": name})
        assert answer.text == words
        assert answer.headers["etag"] == f'"{sha(words)}"'
        assert (
            await client.get(f"{path}/text", params={"version": name}, headers={"if-none-match": f'"{sha(words)}"'})
        ).status_code == 304
    part = await client.get(f"{path}/text?version=simplified&start=3&end=6")
    assert part.text == "济南市"
    assert (await client.get(f"{path}/text?start=16")).text == "廣告"


async def test_boilerplate_is_cut(client: Client) -> None:
    """By what is passed over, in the offsets of the version that it is derived from."""
    path = await held(client)
    await derive(client, path, sort="simplified")
    done = await derive(client, path, sort="boilerplate_cut", derived_from="simplified")
    assert done.status_code == 200, done.text
    assert (await client.get(f"{path}/text?version=boilerplate_cut")).text == "济?市和聊城市签署协议。\n"


async def test_told_again_is_nothing(client: Client) -> None:
    """The same words are the same version, whoever derives them; only citations are new."""
    path = await held(client)
    one = (await derive(client, path, sort="simplified")).json()
    again = (await derive(client, path, sort="simplified")).json()
    assert again["version"] == one["version"]
    assert again["sequence"] is None
    cited = [{"document": path.rpartition("/")[2], "start": 3, "end": 6}]
    more = (await derive(client, path, sort="simplified", citations=cited)).json()
    assert more["version"] == one["version"] + 1
    dry = (await client.post(f"{path}/versions:derive?dry_run=true", json={"sort": "boilerplate_cut"})).json()
    assert [event["type"] for event in dry["events"]] == ["document.text_version_recorded"]
    assert len((await client.get(path)).json()["versions"]) == 1


async def test_another_opencc_derives_another_version(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it writes otherwise; what the older one made is told to be out of reach, and stays recorded."""
    path = await held(client)
    with monkeypatch.context() as patched:
        patched.setattr(script, "VERSION", "0.9")
        patched.setattr(script, "simplified", lambda text: text.replace("濟", "济"))
        await derive(client, path, sort="simplified")
        old = (await client.get(f"{path}/text?version=simplified")).text
    gone = await client.get(f"{path}/text?version=simplified")
    assert gone.status_code == 422
    assert "opencc 0.9" in gone.json()["detail"]
    refused = await derive(client, path, sort="boilerplate_cut", derived_from=sha(old))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/derived_from")
    await derive(client, path, sort="simplified")
    assert (await client.get(f"{path}/text?version=simplified")).text == script.simplified(TEXT)
    tools = [one["tool_version"] for one in (await client.get(path)).json()["versions"]]
    assert tools == ["0.9", script.VERSION]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sort": "repaired"}, "/repairs"),
        ({"sort": "repaired", "repairs": [{"start": 17, "end": 19, "text": "字"}]}, "/repairs/0/end"),
        ({"sort": "repaired", "repairs": [{"start": 4, "end": 4}]}, "/repairs/0"),
        ({"sort": "repaired", "repairs": [*REPAIRS, {"start": 4, "end": 6, "text": "字"}]}, "/repairs/1"),
        ({"sort": "repaired", "repairs": [{"start": 0, "end": 1, "text": "廣"}]}, "/sort"),
        ({"sort": "repaired", "repairs": [{"start": 0, "end": 18}]}, "/sort"),
        ({"sort": "simplified", "repairs": REPAIRS}, "/repairs"),
        ({"sort": "simplified", "derived_from": "repaired"}, "/derived_from"),
        ({"sort": "simplified", "derived_from": "nonsense"}, "/derived_from"),
        ({"sort": "captured"}, "/sort"),
    ],
)
async def test_what_derives_nothing_is_refused(client: Client, body: dict[str, Any], pointer: str) -> None:
    """And leaves no trace."""
    path = await held(client)
    before = (await client.get(path)).json()["version"]
    answer = await derive(client, path, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await client.get(path)).json()["version"] == before


async def test_without_a_text(client: Client) -> None:
    """Nothing is derived, and no words are shown."""
    bare = await client.new("documents", kind="press")
    assert (await derive(client, bare, sort="simplified")).status_code == 422
    assert (await client.get(f"{bare}/text?version=simplified")).json()["errors"][0]["parameter"] == "version"
    away = await client.new("documents", kind="press", sha256=sha("未存"), length=2)
    refused = (await derive(client, away, sort="simplified")).json()
    assert refused["type"] == "urn:mengfu:problem:nothing-to-derive"
    for document in (bare, away):
        assert (await client.get(f"{document}/text")).status_code == 404
        assert (await client.get(f"{document}/text?version=captured&start=1")).status_code == 404
    clean = await client.new("documents", kind="press", sha256=sha("简"), length=1)
    await client.put(f"{clean}/text", content="简".encode())
    assert (await derive(client, clean, sort="simplified")).json()["errors"][0]["pointer"] == "/sort"
    assert (await derive(client, clean, sort="boilerplate_cut")).json()["errors"][0]["pointer"] == "/sort"
    for query in ("start=2", "end=2", "start=1&end=1", "version=x"):
        refused = await client.get(f"{clean}/text?{query}")
        parameter = query.partition("=")[0]
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, parameter), query
    assert (await client.get(f"{clean}/text?start=1&end=1")).json()["detail"] == "start: does not lie before end."
    nobody = "/api/documents/00000000-0000-4000-8000-000000000001"
    assert (await derive(client, nobody, sort="simplified")).status_code == 404
    assert (await client.get(f"{nobody}/text?start=1")).status_code == 404


async def test_in_a_transaction(client: Client) -> None:
    """With what else is recorded; not of a document that the same transaction registers."""
    path = await held(client)
    commands = [
        {"path": f"{path}/versions:derive", "body": {"sort": "simplified"}},
        {"path": f"{path}:withdraw", "body": {}},
    ]
    done = await client.post("/api/transactions", json={"commands": commands})
    assert done.status_code == 200, done.text
    new = {"path": "/api/documents", "as": "new", "body": {"kind": "press", "sha256": sha("x"), "length": 1}}
    commands = [new, {"path": "/api/documents/@new/versions:derive", "body": {"sort": "simplified"}}]
    refused = await client.post("/api/transactions", json={"commands": commands})
    assert refused.status_code == 422, refused.text


# --- Citations in a version -------------------------------------------------------------------------------------------


async def versions(client: Client) -> str:
    """A document with a repaired, a simplified and a shortened version, each of the one before."""
    path = await held(client)
    for body in (
        {"sort": "repaired", "repairs": [{"start": 4, "end": 5, "text": "南方"}]},
        {"sort": "simplified", "derived_from": "repaired"},
        {"sort": "boilerplate_cut", "derived_from": "simplified"},
    ):
        assert (await derive(client, path, **body)).status_code == 200
    return path


@pytest.mark.parametrize(
    ("cited", "words"),
    [
        ({"text_version": "simplified", "quote": "签署"}, "簽署"),
        ({"text_version": "simplified", "start": 11, "end": 13}, "簽署"),
        ({"text_version": "boilerplate_cut", "start": 8, "end": 10}, "簽署"),
        ({"text_version": "simplified", "start": 3, "end": 5}, "濟?"),
        ({"text_version": "repaired", "quote": "方市和"}, "?市和"),
        ({"text_version": sha(TEXT), "quote": "簽署"}, "簽署"),
        ({"text_version": "captured", "quote": "簽署"}, "簽署"),
        ({"text_version": "simplified", "quote": "广告", "occurrence": 2}, "廣告"),
    ],
)
async def test_a_citation_is_stored_in_the_captured_text(client: Client, cited: dict[str, Any], words: str) -> None:
    """In whichever version it is given; a repaired stretch is cited whole."""
    path = await versions(client)
    whole = {"document": path.rpartition("/")[2], **cited}
    agreement = await client.agreement(citations=[whole])
    start = TEXT.index(words) if cited.get("occurrence") is None else TEXT.rindex(words)
    stored = {"document": whole["document"], "start": start, "end": start + len(words), "sha256": sha(words)}
    assert (await client.get(agreement)).json()["sources"][0]["citations"] == [stored]
    again = await client.post(f"{agreement}/clauses", json={"text": "签", "citations": [whole]})
    assert again.json()["value"]["sources"][0]["citations"] == [stored]
    first = json.loads((await client.get(f"{agreement}/events")).text.splitlines()[0])
    restated = first["data"] | {"citations": [whole | {"why": "改注"}]}
    body = {"corrects": int(first["sequence"]), "reason": "补注", "data": restated}
    corrected = await client.post(f"{agreement}:correct", json=body)
    assert corrected.status_code == 200, corrected.text
    assert (await client.get(agreement)).json()["sources"][0]["citations"] == [stored | {"why": "改注"}]
    commands = [{"path": "/api/agreements", "body": {"called": "另一份", "citations": [whole]}}]
    done = await client.post("/api/transactions", json={"commands": commands})
    assert done.json()["results"][0]["value"]["sources"][0]["citations"] == [stored]


@pytest.mark.parametrize(
    ("cited", "field"),
    [
        ({"text_version": "simplified", "quote": "簽署"}, "/quote"),
        ({"text_version": "simplified", "quote": "广告"}, "/occurrence"),
        ({"text_version": "simplified", "start": 12, "end": 99}, "/end"),
        ({"text_version": "simplified", "start": 12, "end": 14, "sha256": sha("簽署")}, "/sha256"),
        ({"text_version": sha("别的"), "quote": "签署"}, "/text_version"),
        ({"text_version": "translated", "quote": "签署"}, "/text_version"),
        ({"text_version": "simplified", "start": 14, "end": 12}, None),
        ({"text_version": "simplified", "locator": {"page": "3"}}, "/text_version"),
        (
            {"text_version": "simplified", "quote": "签署", "document": "00000000-0000-4000-8000-000000000001"},
            "/document",
        ),
    ],
)
async def test_what_does_not_stand_in_the_version(client: Client, cited: dict[str, Any], field: str | None) -> None:
    """Is told by its place in the body."""
    path = await versions(client)
    whole = {"document": path.rpartition("/")[2], **cited}
    body = {"called": "协议", "citations": [whole]}
    for answer in (
        await client.post("/api/agreements", json=body),
        await client.post(
            "/api/transactions",
            json={"commands": [{"path": "/api/agreements", "body": {"called": "协议", "citations": [whole]}}]},
        ),
    ):
        assert answer.status_code == 422, answer.text
        pointer = answer.json()["errors"][0]["pointer"]
        assert pointer.removeprefix("/commands/0/body").startswith("/citations/0")
        if field is not None:
            assert pointer.endswith(field), answer.text


@pytest.mark.parametrize(
    ("cited", "pointer", "detail"),
    [
        (
            {"text_version": "x"},
            "/text_version",
            "must be captured, simplified, repaired, boilerplate_cut or",
        ),
        ({"text_version": None}, "/text_version", "must be a string, and is null"),
        ({"locator": {"page": "3"}}, "/text_version", "text_version belongs to start and end, or to quote"),
        ({"start": 14, "end": 12}, "", "start and end are both needed, and start lies before end"),
        ({"start": 0, "end": 1_000}, "", "a citation of more than"),
        ({"quote": "签署", "page": "3"}, "/page", "is not known here"),
        ({"quote": "签署", "document": "@it"}, "/document", "must be a UUID"),
    ],
)
async def test_what_is_wrong_is_not_laid_to_the_version(
    client: Client, cited: dict[str, Any], pointer: str, detail: str
) -> None:
    """A citation in a version is told what is wrong with it, as any other; in a transaction, too."""
    path = await versions(client)
    one = {"document": path.rpartition("/")[2], "text_version": "simplified", **cited}
    body = {"called": "协议", "citations": [one]}
    commands = [
        {"path": "/api/documents", "as": "it", "body": {"kind": "press"}},
        {"path": "/api/agreements", "body": body},
    ]
    for under, answer in (
        ("", await client.post("/api/agreements", json=body)),
        ("/commands/1/body", await client.post("/api/transactions", json={"commands": commands})),
    ):
        assert answer.status_code == 422
        [wrong] = answer.json()["errors"]
        assert wrong["pointer"] == f"{under}/citations/0{pointer}"
        assert wrong["detail"].startswith(detail)


async def test_words_that_were_put_in_are_no_citation(client: Client) -> None:
    """They stand nowhere in the text; and where the text is not held, no version is at hand."""
    path = await held(client)
    await derive(client, path, sort="repaired", repairs=[{"start": 3, "end": 3, "text": "新增"}])
    cited: dict[str, Any] = {"document": path.rpartition("/")[2], "text_version": "repaired", "quote": "新增"}
    answer = await client.post("/api/agreements", json={"called": "协议", "citations": [cited]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/citations/0")
    away = await client.new("documents", kind="press", sha256=sha("未存"), length=2)
    version = {
        "sort": "simplified",
        "sha256": sha("x"),
        "length": 2,
        "derived_from": sha("未存"),
        "tool": "t",
        "tool_version": "1",
    }
    assert (await client.post(f"{away}/versions", json=version)).status_code == 200
    cited = {"document": away.rpartition("/")[2], "text_version": "simplified", "start": 0, "end": 1}
    answer = await client.post("/api/agreements", json={"called": "协议", "citations": [cited]})
    assert answer.json()["type"] == "urn:mengfu:problem:version-not-held"
    twice = (
        '{"called": "协议", "called": "约", "citations": ['
        + json.dumps(cited | {"document": path.rpartition("/")[2]})
        + "]}"
    )
    answer = await client.post("/api/agreements", content=twice, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/called")


async def test_citations_are_shown_in_a_version(client: Client) -> None:
    """Each can be sent back as it is shown; what is cut says so, and what has no such version stays."""
    path = await versions(client)
    id = path.rpartition("/")[2]
    other = await client.new("documents", kind="press", sha256=sha("别的文本"), length=4)
    await client.put(f"{other}/text", content="别的文本".encode())
    spans = [(3, 6), (8, 10), (0, 2), (13, 18)]
    cited: list[dict[str, Any]] = [{"document": id, "start": start, "end": end} for start, end in spans]
    cited.append({"document": other.rpartition("/")[2], "start": 0, "end": 2})
    agreement = await client.agreement(citations=cited)
    plain = (await client.get(agreement)).json()["sources"][0]["citations"]
    described = (await client.get("/schema/openapi.json")).json()["components"]["schemas"]["Citation"]
    assert "simplified" in described["properties"]["text_version"]["pattern"]

    async def shown(version: str) -> list[dict[str, Any]]:
        answer = await client.get(f"{agreement}?expand=citations&text_version={version}")
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()["sources"][0]["citations"]
        return told

    assert [one.get("words") for one in await shown("captured")] == ["濟?市", "城市", "廣告", "議。\n廣告", "别的"]
    simplified = await shown("simplified")
    assert [one["words"] for one in simplified] == ["济南方市", "城市", "广告", "议。\n广告", "别的"]
    assert [(one["start"], one["end"]) for one in simplified] == [(3, 7), (9, 11), (0, 2), (14, 19), (0, 2)]
    text = (await client.get(f"{path}/text?version=simplified")).text
    for one in simplified[:4]:
        assert (one["text_version"], one["sha256"]) == (sha(text), sha(one["words"]))
        assert one["before"] + one["words"] + one["after"] == text
    assert "text_version" not in simplified[4]
    back = [
        {name: one[name] for name in ("document", "text_version", "start", "end", "sha256") if name in one}
        for one in simplified
    ]
    same = await client.agreement(citations=back)
    assert (await client.get(same)).json()["sources"][0]["citations"] == plain
    shortened = await shown("boilerplate_cut")
    assert [one.get("cut") for one in shortened] == [None, None, "all", "part", None]
    assert {name: shortened[2][name] for name in plain[2]} == plain[2]
    assert "words" not in shortened[2]
    assert shortened[3]["words"] == "议。\n"
    for query in ("expand=citations&text_version=x", "text_version=simplified"):
        wrong = await client.get(f"{agreement}?{query}")
        assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "text_version")


async def test_coverage_in_a_version(client: Client) -> None:
    """The spans are the captured text's; `shown` and the words are the version's."""
    client.registry.follower.start()
    path = await versions(client)
    await client.agreement(citations=[{"document": path.rpartition("/")[2], "start": 3, "end": 6}])
    head = {"mengfu-after": str(await client.registry.head())}
    answer = (await client.get(f"{path}/coverage?text_version=boilerplate_cut", headers=head)).json()
    told = [(one["start"], one["end"], one["state"], one["shown"], one["words"]) for one in answer["items"]]
    assert told == [
        (0, 3, "passed", {"start": 0, "end": 0, "cut": True}, ""),
        (3, 6, "cited", {"start": 0, "end": 4, "cut": False}, "济南方市"),
        (6, 16, "open", {"start": 4, "end": 14, "cut": False}, "和聊城市签署协议。\n"),
        (16, 18, "passed", {"start": 14, "end": 14, "cut": True}, ""),
    ]
    assert answer["text_version"] == sha((await client.get(f"{path}/text?version=boilerplate_cut")).text)


async def test_more_cuts_than_a_version_may_have(client: Client) -> None:
    """Refused, as nobody could read the line again."""
    text = "甲告" * 1_401
    path = await client.new("documents", kind="repost", sha256=sha(text), length=len(text))
    spans = [{"start": place, "end": place + 1, "reason": "boilerplate"} for place in range(1, len(text), 2)]
    assert (await client.post(f"{path}/passed", json={"spans": spans})).status_code == 200
    assert (await client.put(f"{path}/text", content=text.encode())).status_code == 201
    refused = await derive(client, path, sort="boilerplate_cut")
    assert refused.status_code == 422, refused.text
    assert "1401" in refused.json()["errors"][0]["detail"]
    assert (await client.get(f"{path}?known_at={await client.registry.head()}")).status_code == 200


# --- Words are made once ----------------------------------------------------------------------------------------------


class Making:
    """How often words were made, in which threads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on."""
        self.threads: list[threading.Thread] = []

        def counted(text: str, steps: Sequence[Version]) -> str | None:
            self.threads.append(threading.current_thread())
            return derivation.words(text, steps)

        monkeypatch.setattr(wording, "words", counted)


async def test_words_are_made_once_for_all_who_ask(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text, its citations and its coverage share them; a corrected version is made anew."""
    client.registry.follower.start()
    path = await versions(client)
    agreement = await client.agreement(citations=[{"document": path.rpartition("/")[2], "start": 3, "end": 6}])
    making = Making(monkeypatch)
    client.registry.wording = wording.Wording()
    asked = (
        f"{path}/text?version=simplified",
        f"{path}/text?version=simplified&start=3&end=7",
        f"{agreement}?expand=citations&text_version=simplified",
        f"{path}/coverage?text_version=simplified",
    )
    head = {"mengfu-after": str(await client.registry.head())}
    answers = await asyncio.gather(*(client.get(url, headers=head) for url in asked * 2))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(making.threads) == 1
    assert answers[1].text == "济南方市"
    whole = answers[0].text
    for url, answer in zip(asked, answers[4:], strict=True):
        assert (await client.get(url, headers=head)).content == answer.content
    assert len(making.threads) == 1
    # Of a version of that name whose edits are others the words are others, or none: never those made before.
    lines = [json.loads(line) for line in (await client.get(f"{path}/events")).text.splitlines()]
    line = next(one for one in lines if one["type"] == "document.text_version_recorded")
    edits = [edit | {"text": "北" * edit["length"]} if edit.get("text") else edit for edit in line["data"]["edits"]]
    wrong = {"corrects": int(line["sequence"]), "reason": "试", "data": line["data"] | {"edits": edits}}
    told = await client.post(f"{path}:correct", json=wrong)
    assert told.status_code == 200, told.text
    again = await client.get(asked[0])
    assert (again.status_code, again.text == whole) == (422, False)
    assert len(making.threads) == 2


async def test_a_long_text_is_worked_on_in_another_thread(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, by whomever: those who came for it meanwhile wait for the same."""
    text = "濟南市" * (wording.LONG // 3 + 1)
    path = await client.new("documents", kind="press", sha256=sha(text), length=len(text))
    assert (await client.put(f"{path}/text", content=text.encode())).status_code == 201
    told = await client.post(f"{path}/versions:derive", json={"sort": "simplified"})
    assert told.status_code == 200, told.text
    making = Making(monkeypatch)
    url = f"{path}/text?version=simplified&start=0&end=3"
    answers = await asyncio.gather(*(client.get(url) for _ in range(5)))
    assert {answer.text for answer in answers} == {"济南市"}
    [thread] = making.threads
    assert thread is not threading.current_thread()


async def test_words_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that nobody has asked for longest are made again; so is what does not fit at all."""
    making, kept = Making(monkeypatch), wording.Wording(most=1_000)

    def step(letter: str, length: int) -> tuple[str, tuple[Version, ...]]:
        """A text, and the way to a version of it."""
        text, made = letter * length, "济" * length
        origin = {"sort": "simplified", "derived_from": sha(text), "tool": "t", "tool_version": "1"}
        return text, (msgspec.convert(origin | {"sha256": sha(made), "length": length}, Version),)

    one, large = step("濟", 300), step("濟", 2_000)
    for asked, times in ((one, 1), (one, 1), (large, 2), (large, 3), (one, 4), (one, 4)):
        assert await kept.of(*asked) == ("济" * len(asked[0]))
        assert len(making.threads) == times
    for number in range(30):  # What cannot be made again takes a place as well.
        assert await kept.of(*step("某", 10 + number)) is None
    assert await kept.of(*one) == "济" * 300
    assert len(making.threads) == 35
    assert await kept.of("原文", ()) == "原文"
