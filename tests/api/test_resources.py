"""Parties and documents over HTTP: every command has its path, and the answer shows what it did."""

import hashlib
from typing import Any

import pytest

from service.api import agreements, documents, parties
from service.domain import agreement, document, party
from tests.api.conftest import Client

TEXT = "甲乙丙丁戊己庚辛壬癸"
SHA = hashlib.sha256(TEXT.encode()).hexdigest()

PARTY: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"kind": "county"}, ""),
    (":propose", {}, "/proposed"),
    (":found", {"manner": "unveiled"}, "/founded"),
    (":rename", {"name": {"printed": "新名"}}, ""),
    (":reparent", {"parent": "OTHER"}, ""),
    ("/places", {"place": "OTHER"}, "/places/0"),
    ("/aliases", {"alias": {"printed": "济"}, "sort": "short"}, "/aliases/0"),
    ("/identifiers", {"scheme": "division_code", "value": "370100"}, "/identifiers/0"),
    ("/members", {"member": "OTHER"}, "/members/0"),
    ("/secretariat", {"secretariat": "OTHER"}, "/secretariat"),
    ("/holders", {"person": {"name": {"printed": "张三"}, "title": "市长"}, "standing": "current"}, "/holders/0"),
    (":split", {"into": ["OTHER", "THIRD"]}, "/splits/0"),
    (":merge", {"into": "OTHER"}, "/merged"),
    (":replace", {"successor": "OTHER"}, "/replaced"),
    (":dissolve", {}, "/dissolved"),
    (":merge-duplicate", {"into": "OTHER"}, "/duplicate"),
]

DOCUMENT: list[tuple[str, dict[str, Any], str]] = [
    (
        ":describe",
        {"publisher": {"printed": "聊城日报"}, "credits": [{"name": {"printed": "张三"}, "role": "记者"}]},
        "",
    ),
    (":capture", {"sha256": SHA, "length": 10}, ""),
    ("/republications", {"printed": {"printed": "原文"}}, "/republications/0"),
    ("/reliability", {"level": "low", "grounds": "词语被替换"}, "/reliability"),
    (":withdraw", {"grounds": "撤稿"}, "/withdrawal"),
]

TEXTED: list[tuple[str, dict[str, Any], str]] = [
    (
        "/versions",
        {
            "sort": "simplified",
            "sha256": "0" * 64,
            "length": 10,
            "derived_from": SHA,
            "tool": "t",
            "tool_version": "1",
        },
        "/versions/0",
    ),
    ("/segments", {"parts": [{"key": "1", "spans": [{"start": 0, "end": 5}]}]}, "/segments"),
    ("/passed", {"spans": [{"start": 5, "end": 9, "reason": "rhetoric"}]}, "/passed"),
]


def named(value: Any, names: dict[str, str]) -> Any:
    """A body with ids in the places of names."""
    if isinstance(value, list):
        return [named(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


async def carried_out(client: Client, path: str, way: str, body: dict[str, Any], pointer: str) -> None:
    """Send a command, and find the part where the answer says."""
    before = (await client.get(path)).json()["version"]
    told = await client.post(f"{path}{way}", json=body)
    assert told.status_code == 200, told.text
    assert (told.json()["pointer"], told.json()["version"]) == (pointer, before + 1)
    value = (await client.get(path)).json()
    for step in pointer.split("/")[1:]:
        value = value[int(step) if step.isdigit() else step]
    assert value == told.json()["value"]


@pytest.mark.parametrize(("way", "body", "pointer"), PARTY, ids=[way[0] for way in PARTY])
async def test_each_command_on_a_party(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = {"OTHER": await client.party("别方"), "THIRD": await client.party("第三方")}
    path = f"/api/parties/{await client.party('济南市')}"
    await carried_out(client, path, way, {key: named(value, names) for key, value in body.items()}, pointer)


async def test_members_go_and_duplicates_are_undone(client: Client) -> None:
    other, path = await client.party("别方"), f"/api/parties/{await client.party('联盟', 'alliance')}"
    assert (await client.post(f"{path}/members", json={"member": other})).status_code == 200
    gone = await client.post(f"{path}/members/{other}:remove", json={})
    assert gone.json()["value"]["left"] is True
    assert (await client.post(f"{path}:merge-duplicate", json={"into": other})).status_code == 200
    undone = await client.post(f"{path}:unmerge-duplicate")
    assert (undone.status_code, undone.json()["value"]) == (200, None)
    stranger = "00000000-0000-4000-8000-000000000000"
    assert (await client.post(f"{path}/members/{stranger}:remove", json={})).status_code == 404


@pytest.mark.parametrize(("way", "body", "pointer"), DOCUMENT, ids=[way[0] for way in DOCUMENT])
async def test_each_command_on_a_document(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    await carried_out(client, await client.new("documents", kind="press", language="zh"), way, body, pointer)


@pytest.mark.parametrize(("way", "body", "pointer"), TEXTED, ids=[way[0] for way in TEXTED])
async def test_each_command_on_a_text(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    path = await client.new("documents", kind="press", language="zh", sha256=SHA, length=10)
    await carried_out(client, path, way, body, pointer)


def test_every_command_has_a_path() -> None:
    for owner, resource in ((agreement, agreements), (party, parties), (document, documents)):
        assert {way.command for way in resource.RESOURCE.ways} == set(owner.ARMS)


async def test_places_are_left_and_splits_are_several(client: Client) -> None:
    other, third, path = (
        await client.party("别方"),
        await client.party("第三方"),
        f"/api/parties/{await client.party('甲')}",
    )
    assert (await client.post(f"{path}/places", json={"place": other})).status_code == 200
    left = await client.post(f"{path}/places/{other}:leave", json={})
    assert (left.json()["pointer"], left.json()["value"]["left"]) == ("/places/0", True)
    assert (await client.post(f"{path}/places/{third}:leave", json={})).status_code == 404
    for number, into in enumerate((other, third)):
        told = await client.post(f"{path}:split", json={"into": [into], "survives": True})
        assert (told.status_code, told.json()["pointer"]) == (200, f"/splits/{number}"), told.text
    whole = (await client.get(path)).json()
    assert [one["into"] for one in whole["splits"]] == [[other], [third]]
    assert all(one["survives"] and "ends" not in one for one in whole["splits"])


async def test_the_texts_of_a_document_are_described(client: Client) -> None:
    path = await client.new("documents", kind="press", sha256=SHA, length=10)
    assert (await client.post(f"{path}/parts", json={"key": "1", "genre": "report"})).status_code == 422
    divided = {"parts": [{"key": "1", "spans": [{"start": 0, "end": 5}]}]}
    assert (await client.post(f"{path}/segments", json=divided)).status_code == 200
    for told in ({"genre": "report"}, {"title": {"printed": "签约"}}):
        answer = await client.post(f"{path}/parts", json={"key": "1"} | told)
        assert (answer.status_code, answer.json()["pointer"]) == (200, "/parts/0"), answer.text
    part = answer.json()["value"]
    assert (part["genre"], part["title"], len(part["sources"])) == ("report", {"printed": "签约"}, 2)
    assert (await client.post(f"{path}/parts", json={"key": "1", "genre": "notice"})).status_code == 409
    (item,) = (await client.get("/api/documents?q=签约")).json()["items"]
    assert (item["title"], item["language"], item["publisher"]) == (None, None, None)


async def test_a_document_may_cite_itself_and_keeps_its_text(client: Client) -> None:
    id = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7a03"
    sha256 = hashlib.sha256(TEXT[:2].encode()).hexdigest()
    cited = [{"document": id, "start": 0, "end": 2, "sha256": sha256}]
    body = {"id": id, "kind": "press", "title": {"printed": "甲乙"}, "sha256": SHA, "length": 10, "citations": cited}
    made = await client.post("/api/documents", json=body)
    assert (made.status_code, made.json()["value"]["sources"][0]["citations"]) == (201, cited), made.text
    other = {"corrects": 2, "reason": "x", "data": {"sha256": "0" * 64, "length": 10}}
    told = await client.post(f"/api/documents/{id}:correct", json=other)
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, "/data/sha256")
    alone = await client.post(f"/api/documents/{id}:void", json={"corrects": 1, "reason": "x"})
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:mengfu:problem:not-alone")


async def test_wholes_are_registered_once(client: Client) -> None:
    city = {
        "id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7a01",
        "kind": "city",
        "name": {"printed": "济南市"},
        "aliases": [{"alias": {"printed": "泉城"}}],
    }
    paper = {
        "id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7a02",
        "kind": "press",
        "language": "zh",
        "title": {"printed": "报"},
    }
    for resource, body in (("parties", city), ("documents", paper)):
        for status in (201, 200):
            told = await client.post(f"/api/{resource}", json=body)
            assert told.status_code == status, told.text
            assert told.headers["location"] == f"/api/{resource}/{body['id']}"
        other = await client.post(
            f"/api/{resource}", json=body | {"kind": "region" if resource == "parties" else "minutes"}
        )
        assert other.status_code == 409
    taken = await client.post("/api/documents", json=paper | {"id": city["id"]})
    assert taken.status_code == 409
    assert taken.json()["errors"][0]["pointer"] == "/id"
