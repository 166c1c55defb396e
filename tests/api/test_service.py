"""Health, metrics, and the description of the API."""

import json
import re
from typing import Any

import asyncpg
import pytest

from service.api.openapi import handlers
from tests.api.conftest import Client
from tests.conftest import Database


async def test_alive_and_ready(client: Client, database: Database) -> None:
    await client.agreement()
    assert (await client.get("/health/live")).json()["status"] == "alive"
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["position"]) == ("ready", 1)
    told = {one["name"]: one for one in ready.json()["projections"]}
    assert told["states"] == {"name": "states", "inline": True, "position": 1, "lag": 0}
    assert told["agreements_known"] == {
        "name": "agreements_known",
        "inline": False,
        "position": 0,
        "lag": 1,
        "goal": 1,
    }
    owner = await asyncpg.connect(database.superuser, server_settings={"search_path": "mengfu"})
    await owner.execute("alter table p_signings rename to p_signings_lost")
    missing = await client.get("/health/ready", headers={"accept-language": "zh"})
    assert (missing.status_code, "p_signings" in missing.json()["detail"]) == (503, True)
    await owner.execute("alter table p_signings_lost rename to p_signings")
    await owner.execute("update alembic_version set version_num = '0000'")
    old = await client.get("/health/ready")
    assert (old.status_code, old.headers["retry-after"]) == (503, "1")
    assert "0000" in old.json()["detail"]
    await owner.close()


async def test_metrics_group_paths(client: Client) -> None:
    for _ in range(2):
        await client.get(await client.agreement(signed={}))
    got = await client.get("/metrics")
    assert got.headers["content-type"].startswith("text/plain")
    assert "mengfu_writer_batches_total 2.0" in got.text
    assert "mengfu_writer_events_total 4.0" in got.text
    assert "mengfu_writer_queue 0.0" in got.text
    assert re.search(r'mengfu_http_requests_total\{.*path="/api/agreements/\{id\}".*\} ', got.text)
    assert not re.search(r'path="[^"]*[0-9a-f]{8}-', got.text)


async def described(client: Client) -> dict[str, Any]:
    got = await client.get("/schema/openapi.json")
    assert got.headers["content-type"] == "application/json"
    document: dict[str, Any] = got.json()
    return document


async def test_the_description_shows_each_command(client: Client) -> None:
    document = await described(client)
    assert document["openapi"].startswith("3.1")
    for path, field in (
        ("/api/agreements/{id}/clauses", "heading"),
        ("/api/agreements/{id}/clauses/{clause}:amend", "text"),
        ("/api/agreements/{id}:sign", "place"),
        ("/api/agreements/{id}:correct", "data"),
        ("/api/parties/{id}:rename", "name"),
        ("/api/documents/{id}/segments", "parts"),
    ):
        operation = document["paths"][path]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        shape = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert field in shape["properties"], path
        assert operation["summary"]
    amend = document["paths"]["/api/agreements/{id}/clauses/{clause}:amend"]["post"]
    assert [one["name"] for one in amend["parameters"] if one["in"] == "path"] == ["id", "clause"]
    assert "clause" not in document["components"]["schemas"]["AmendClause"]["properties"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= document["components"]["schemas"].keys()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert len(names) == len(handlers(client.app))
    assert "service." not in json.dumps(document)


async def test_what_a_question_needs_and_what_may_be_missing(client: Client) -> None:
    """What is required is described so; whatever has an id in its path may not be there."""
    document = await described(client)
    asked = document["paths"]["/api/search"]["get"]["parameters"]
    assert [one["name"] for one in asked if one.get("required")] == ["q"]
    others = {"/api/search": ["q"], "/log/bundle": ["sequence"], "/log/proof/inclusion": ["sequence"]}
    others["/log/proof/consistency"] = ["from"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert ("404" in operation["responses"]) >= ("{" in path), (method, path)
            needed = [(one["in"], one["name"]) for one in operation["parameters"] if one.get("required")]
            assert [name for place, name in needed if place != "path"] == others.get(path, [])


async def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    page = await client.get("/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"""(src|href)=["'](https?:)?//|<script|@import|url\(""", page.text)
    assert "/api/agreements/{id}/clauses/{clause}:amend" in page.text


async def test_patterns_are_for_every_reader(client: Client) -> None:
    text = json.dumps(await described(client))
    assert "\\\\Z" not in text
    assert "\\\\U" not in text


@pytest.mark.parametrize("path", ["/schema/openapi.json", "/schema", "/health/live"])
async def test_head(client: Client, path: str) -> None:
    got = await client.head(path)
    assert (got.status_code, got.content) == (200, b"")
