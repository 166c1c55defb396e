"""`expand=parties`: what each party that an answer names is called then, in every thing and every list."""

import csv
import io
import json
from typing import Any

import pytest

from service.api.openapi import described
from service.api.sheets import CSV, XLSX
from tests.api.conftest import Client
from tests.api.test_items import items
from tests.api.test_reading import day

QUANTITY = {"value": "1", "unit": "亿元", "bound": "exact"}
BODIES: dict[str, dict[str, Any]] = {
    "agreements": {
        "called": "议",
        "signatories": [{"party": "ONE"}],
        "clauses": [{"text": "某事", "obligation": {"obligors": ["ONE"], "beneficiaries": ["TWO"]}}],
    },
    "documents": {"kind": "press", "publisher_party": "ONE"},
    "meetings": {"called": "会", "conveners": [{"party": "ONE"}], "held": {"venue": "TWO"}},
    "statements": {
        "kind": "promise",
        "text": "某事",
        "participants": [{"role": "speaker", "party": "ONE"}],
        "performance": {"performers": ["ONE"], "beneficiaries": ["TWO"]},
    },
    "plans": {"called": "策", "bodies": [{"role": "leader", "party": "ONE"}, {"role": "issuer", "party": "TWO"}]},
    "tasks": {"called": "事", "units": [{"role": "lead", "party": "ONE"}, {"role": "supporting", "party": "TWO"}]},
    "projects": {
        "called": "桥",
        "places": [{"party": "ONE"}],
        "investments": [{"quantity": QUANTITY | {"modality": "planned"}, "investor": "TWO"}],
    },
    "figures": {
        "metric": "数",
        "concerned": [{"role": "subject", "party": "ONE"}, {"role": "counterpart", "party": "TWO"}],
    },
    "parties": {"kind": "agency", "name": {"printed": "局"}, "parent": "ONE", "places": [{"place": "TWO"}]},
    "discrepancies": {
        "what": "谁",
        "claims": [{"subject": "parties/ONE", "text": "此"}, {"subject": "parties/TWO", "text": "彼"}],
    },
}
LISTED = {"agreements", "documents", "parties"}
"""The items of these lists name the first party alone."""


async def made(client: Client, resource: str) -> tuple[str, dict[str, str]]:
    """A thing that names two parties, one of which is called otherwise since 2020; its path, and their ids."""
    ids = {name: await client.party(f"{name}市") for name in ("ONE", "TWO")}
    renamed = {"name": {"printed": "新ONE市"}, "effective": day("2020-01-01")}
    assert (await client.post(f"/api/parties/{ids['ONE']}:rename", json=renamed)).status_code == 200
    text = json.dumps(BODIES[resource])
    for name, id in ids.items():
        text = text.replace(f'"{name}"', f'"{id}"').replace(f"/{name}", f"/{id}")
    return await client.new(resource, **json.loads(text)), ids


@pytest.mark.parametrize("resource", BODIES)
async def test_each_thing_and_each_list_tells_the_names(client: Client, resource: str) -> None:
    """Now, on a day, and as it was known; and nothing else of the answer changes."""
    client.registry.follower.start()
    path, ids = await made(client, resource)
    head = await client.registry.head()
    one, two = ids["ONE"], ids["TWO"]
    renamed = {"name": {"printed": "别市"}}
    assert (await client.post(f"/api/parties/{two}:rename", json=renamed)).status_code == 200
    named = {ids[name] for name in ids if name in json.dumps(BODIES[resource])}
    listing = {one} if resource in LISTED else named
    for query, names in (
        ("", {one: "新ONE市", two: "别市"}),
        ("&as_of=2019-12-31", {one: "ONE市", two: "别市"}),
        (f"&known_at={head}", {one: "新ONE市", two: "TWO市"}),
        (f"&as_of=2019-12-31&known_at={head}", {one: "ONE市", two: "TWO市"}),
    ):
        whole = (await client.get(f"{path}?expand=parties{query}")).json()
        assert whole.pop("party_names") == {id: name for id, name in names.items() if id in named}, query
        for signatory in whole.get("signatories", []):
            signatory.pop("names")
        assert whole == (await client.get(f"{path}?{query[1:]}")).json()
        listed = [item for item in await items(client, f"/api/{resource}?expand=parties{query}") if item["id"] in path]
        [told] = [item.pop("party_names") for item in listed]
        assert told == {id: name for id, name in names.items() if id in listing}, query
        assert listed == [item for item in await items(client, f"/api/{resource}?{query[1:]}") if item["id"] in path]
    first = await client.get(f"{path}?expand=parties,citations")
    again = await client.get(f"{path}?expand=citations,parties", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


async def test_names_of_what_is_to_come(client: Client) -> None:
    """An event that takes effect later names its parties too; itself a party does not name."""
    one, two = await client.party("ONE市"), await client.party("TWO市")
    path, told = f"/api/parties/{one}", {"parent": two, "effective": day("2999-01-01")}
    assert (await client.post(f"{path}:reparent", json=told)).status_code == 200
    assert (await client.get(f"{path}?expand=parties")).json()["party_names"] == {two: "TWO市"}
    alone = await client.get(f"/api/parties/{two}?expand=parties")
    assert alone.json()["party_names"] == {}


async def test_in_a_sheet(client: Client) -> None:
    """As a column more, and in each line of JSON; without being asked for, there is none."""
    _, ids = await made(client, "tasks")
    answer = await client.get("/api/tasks?expand=parties", headers={"accept": CSV})
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert json.loads(row["party_names"]) == {ids["ONE"]: "新ONE市", ids["TWO"]: "TWO市"}
    assert (await client.get("/api/tasks?expand=parties", headers={"accept": XLSX})).content.startswith(b"PK")
    line = json.loads((await client.get("/api/tasks?expand=parties", headers={"accept": "application/x-ndjson"})).text)
    assert line["party_names"] == {ids["ONE"]: "新ONE市", ids["TWO"]: "TWO市"}
    bare = await client.get("/api/tasks", headers={"accept": CSV})
    assert "party_names" not in bare.text


async def test_pages_go_on(client: Client) -> None:
    """What is added is no part of what a cursor belongs to; the link of a page asks for it again."""
    _, ids = await made(client, "tasks")
    await client.new("tasks", called="另一事", units=[{"role": "lead", "party": ids["ONE"]}])
    page = await client.get("/api/tasks?limit=1&expand=parties")
    assert "expand=parties" in page.headers["link"]
    rest = (await client.get(f"/api/tasks?limit=1&expand=parties&cursor={page.json()['next']}")).json()["items"]
    assert [item["party_names"] for item in rest] == [{ids["ONE"]: "新ONE市"}]
    for query in ("expand=", "expand=citations", "expand=parties,meeting"):
        refused = await client.get(f"/api/tasks?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "expand"), refused.text


async def test_every_list_is_described_with_it(client: Client) -> None:
    """Lists of things that are answered with names already (the ledger, commitments, the network) have none."""
    paths = described(client.app)["paths"]
    asked = {
        path: {parameter["name"] for parameter in operations["get"]["parameters"]}
        for path, operations in paths.items()
        if "get" in operations
    }
    without = {path for path, names in asked.items() if {"sort", "as_of"} <= names and "expand" not in names}
    assert without == set()
    assert len([path for path, names in asked.items() if "expand" in names]) > 2 * len(BODIES)
