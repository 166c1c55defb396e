"""Agreements over HTTP: registered, read, changed, corrected."""

from tests.api.conftest import Client

AGREEMENT = {
    "title": {"printed": "战略合作框架协议"},
    "kind": "strategic_framework",
    "clauses": [{"label": "一", "heading": "交通"}, {"label": "二", "heading": "产业"}],
}


async def test_a_whole_agreement_is_registered_and_read(client: Client) -> None:
    made = await client.post("/api/agreements", json=AGREEMENT)
    assert made.status_code == 201, made.text
    print(made.headers, made.text)
    got = await client.get(made.headers["location"])
    assert got.status_code == 200, got.text
    print(got.headers, got.text)
    part = await client.post(made.headers["location"] + ":sign", json={"place": "x"})
    print(part.status_code, part.headers, part.text)
    for bad in (
        "/api/nothing",
        "/api/agreements/x",
        "/api/agreements?limit=0",
        "/api/agreements?x=1",
        "/schema",
        "/schema/openapi.json",
        "/metrics",
        "/health/ready",
        "/health/live",
        "/api/agreements",
        "/api/parties",
        "/api/documents",
        "/api/events",
    ):
        r = await client.get(bad)
        print(bad, r.status_code, r.text[:300])
