"""Versions of a document's text: derived of the text held here, shown, and cited in."""

import hashlib
from typing import Any

import httpx
import pytest

from service.domain import script
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
    assert (await client.get(f"{away}/text?version=captured&start=1")).status_code == 404
    clean = await client.new("documents", kind="press", sha256=sha("简"), length=1)
    await client.put(f"{clean}/text", content="简".encode())
    assert (await derive(client, clean, sort="simplified")).json()["errors"][0]["pointer"] == "/sort"
    assert (await derive(client, clean, sort="boilerplate_cut")).json()["errors"][0]["pointer"] == "/sort"
    for query in ("start=2", "end=2", "start=1&end=1", "version=x"):
        assert (await client.get(f"{clean}/text?{query}")).status_code == 422, query
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
