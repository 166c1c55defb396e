"""The types of events, told to whoever reads the log."""

import json

import jsonschema_rs

from service.domain.catalogue import EVENTS, MEANINGS
from tests.api.conftest import Client

URN = "urn:mengfu:schema:agreement.clause_recorded:1"


async def test_every_line_of_the_log_can_be_checked(client: Client) -> None:
    """Each names its shape in `dataschema`, and its data fulfils that schema."""
    party = await client.party("济南市")
    path = await client.agreement(clauses=[{"text": "园区"}], signatories=[{"party": party}], signed={})
    assert (await client.post(f"{path}:void", json={"corrects": 2, "reason": "x"})).status_code in {200, 409}
    got = await client.get("/api/event-types")
    types = got.json()["types"]
    assert {one["type"] for one in types.values()} == set(EVENTS)
    lines = [json.loads(line) for line in (await client.get("/api/events")).text.splitlines()]
    assert lines
    for line in lines:
        one = types[line["dataschema"]]
        assert (one["type"], one["category"]) == (line["type"], line["subject"].partition("/")[0])
        assert one["schema"]["$id"] == line["dataschema"]
        jsonschema_rs.validator_for(one["schema"]).validate(line["data"])


async def test_one_type(client: Client) -> None:
    whole = (await client.get("/api/event-types")).json()["types"][URN]
    got = await client.get("/api/event-types/agreement.clause_recorded")
    assert got.json() == {"types": {URN: whole}}
    assert (whole["shape"], whole["newest"], whole["meaning"]) == (1, True, MEANINGS["agreement.clause_recorded"])
    unknown = await client.get("/api/event-types/agreement.eaten")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:mengfu:problem:not-found")
    assert (await client.get("/api/event-types?limit=1")).status_code == 422
    assert (await client.get("/api/event-types", headers={"authorization": ""})).status_code == 401


async def test_entity_tags(client: Client) -> None:
    """The answer changes with the program alone."""
    tags = set()
    for path in ("/api/event-types", "/api/event-types/party.renamed", "/api/event-types/party.split"):
        got = await client.get(path)
        tags.add(got.headers["etag"])
        same = await client.get(path, headers={"if-none-match": got.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    assert len(tags) == 3
