"""Parties and documents over HTTP: every command has its path, and the answer shows what it did."""

import hashlib
from typing import Any

import pytest

from tests.api.conftest import Client

TEXT = "甲乙丙丁戊己庚辛壬癸"
SHA = hashlib.sha256(TEXT.encode()).hexdigest()

PARTY: list[tuple[str, dict[str, Any], str]] = [
    (":propose", {}, "/proposed"),
    (":found", {"manner": "unveiled"}, "/founded"),
    (":rename", {"name": {"printed": "新名"}}, ""),
    (":reparent", {"parent": "OTHER"}, ""),
    ("/place", {"place": "OTHER"}, "/place"),
    ("/aliases", {"alias": "济"}, "/aliases/0"),
    ("/identifiers", {"scheme": "division_code", "value": "370100"}, "/identifiers/0"),
    ("/members", {"member": "OTHER"}, "/members/0"),
    ("/secretariat", {"secretariat": "OTHER"}, "/secretariat"),
    ("/holders", {"person": {"name": "张三", "title": "市长"}}, "/holders/0"),
    (":split", {"into": ["OTHER", "THIRD"]}, "/split"),
    (":merge", {"into": "OTHER"}, "/merged"),
    (":replace", {"by": "OTHER"}, "/replaced"),
    (":dissolve", {}, "/dissolved"),
    (":merge-duplicate", {"into": "OTHER"}, "/duplicate"),
]

DOCUMENT: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"publisher": "聊城日报"}, ""),
    (":capture", {"sha256": SHA, "length": 10}, ""),
    ("/republication", {"printed": "原文"}, "/republication"),
    ("/reliability", {"level": "low", "grounds": "词语被替换"}, "/reliability"),
    (":withdraw", {"grounds": "撤稿"}, "/withdrawal"),
]

TEXTED: list[tuple[str, dict[str, Any], str]] = [
    (
        "/versions",
        {
            "version": "simplified",
            "sha256": SHA,
            "length": 10,
            "derived_from": "captured",
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
    told = await client.post(f"{path}{way}", json=body)
    assert told.status_code == 200, told.text
    assert (told.json()["pointer"], told.json()["version"]) == (pointer, 2)
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


async def test_wholes_are_registered_once(client: Client) -> None:
    party = {
        "id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7a01",
        "kind": "city",
        "name": {"printed": "济南市"},
        "aliases": [{"alias": "泉城"}],
    }
    document = {
        "id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7a02",
        "kind": "press",
        "language": "zh",
        "title": {"printed": "报"},
    }
    for resource, body in (("parties", party), ("documents", document)):
        for status in (201, 200):
            told = await client.post(f"/api/{resource}", json=body)
            assert told.status_code == status, told.text
            assert told.headers["location"] == f"/api/{resource}/{body['id']}"
        other = await client.post(
            f"/api/{resource}", json=body | {"kind": "region" if resource == "parties" else "minutes"}
        )
        assert other.status_code == 409
    taken = await client.post("/api/documents", json=document | {"id": party["id"]})
    assert taken.status_code == 409
    assert taken.json()["errors"][0]["pointer"] == "/id"
