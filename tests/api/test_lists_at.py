"""Lists at two times over HTTP: what they answer, for which position, and what is told about it."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from service.projections.following import FOLLOWING
from service.registry import progress
from tests.api.conftest import Client
from tests.api.test_reading import TEXT, day, document

LISTS = ("agreements", "parties", "documents")


@pytest.fixture
async def following(client: Client) -> Client:
    """A client of a service that follows the log."""
    client.registry.follower.start()
    return client


async def ids(client: Client, path: str, **headers: str) -> list[str]:
    """The ids of a list."""
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item.get("id") or item["agreement"] for item in answer.json()["items"]]


async def at_head(client: Client) -> dict[str, str]:
    """The header that waits for all that is recorded."""
    return {"mengfu-after": str(await client.registry.head())}


async def test_every_list_as_it_held_and_as_it_was_known(following: Client) -> None:
    client = following
    cited = (await document(client)).rpartition("/")[2]
    party, other = await client.party("济南"), await client.party("聊城")
    one = await client.agreement(
        title={"printed": "甲"},
        kinds=["project"],
        signed={"effective": day("2020-03-01")},
        signatories=[{"party": party}, {"party": other}],
        citations=[{"document": cited, "start": 0, "end": 2, "sha256": hashlib.sha256(TEXT[:2].encode()).hexdigest()}],
    )
    registered = await client.registry.head()
    for ends in (f"{one}:terminate",):
        await client.post(ends, json={"effective": day("2022-06-01")})
    id = one.rpartition("/")[2]
    told = await at_head(client)
    for query, wanted in (
        ("as_of=2021-01-01&status=signed", [id]),
        ("as_of=2022-06-01&status=signed", []),
        ("as_of=2022-06-01&status=terminated", [id]),
        ("as_of=2019-01-01&status=signed", []),
        ("as_of=2019-01-01&status=registered", [id]),
        (f"as_of=2022-06-01&known_at={registered}&status=signed", [id]),
        (f"known_at={registered}&status=terminated", []),
        (f"as_of=2021-01-01&party={party}&kind=project&document={cited}&q=甲", [id]),
        (f"as_of=2019-01-01&party={party}", []),
        ("as_of=2021-01-01&kind=supply", []),
        ("as_of=2021-01-01&signed_from=2020-03-01&signed_to=2020-03-01&sort=-signed", [id]),
        ("known_at=0", []),
    ):
        assert await ids(client, f"/api/agreements?{query}", **told) == wanted, query
    assert await ids(client, f"/api/parties/{party}/agreements?as_of=2021-01-01", **told) == [id]
    assert await ids(client, f"/api/parties/{party}/agreements?as_of=2019-01-01", **told) == []
    assert await ids(client, f"/api/parties/{party}/agreements?known_at=4", **told) == []
    assert await ids(client, "/api/parties?known_at=3&q=济南", **told) == [party]
    assert await ids(client, "/api/parties?known_at=2", **told) == []
    assert await ids(client, "/api/documents?known_at=1", **told) == [cited]
    assert await ids(client, "/api/documents?as_of=1900-01-01", **told) == [cited]
    now = datetime.now(UTC).isoformat().replace("+", "%2B")
    assert await ids(client, f"/api/agreements?known_at={now}&status=terminated", **told) == [id]
    assert await ids(client, "/api/agreements?known_at=2001-01-01T00:00:00Z", **told) == []


async def test_an_end_that_nobody_dates_is_uncertain_ever_after(following: Client) -> None:
    """It came after the signing: before that day the lists don't know of it, from then on nobody is sure."""
    client = following
    one = await client.agreement(signed={"effective": day("2020-03-01")})
    assert (await client.post(f"{one}:terminate", json={"grounds": "终止"})).status_code == 200
    told, id = await at_head(client), one.rpartition("/")[2]
    end = (await client.get(one)).json()["terminated"]["date"]
    assert end == {"earliest": "2020-03-01", "precision": "after", "basis": "inferred"}
    for on, status, uncertain in (
        ("2020-02-29", "registered", []),
        ("2020-03-01", "terminated", ["/status", "/terminated"]),
        ("2120-03-01", "terminated", ["/status", "/terminated"]),
    ):
        shown = (await client.get(f"{one}?as_of={on}")).json()
        assert (shown["status"], shown["uncertain"]) == (status, uncertain)
        assert await ids(client, f"/api/agreements?as_of={on}&status={status}", **told) == [id]
    unsigned = await client.agreement(title={"printed": "乙"})
    assert (await client.post(f"{unsigned}:withdraw", json={})).status_code == 200
    shown = (await client.get(unsigned)).json()
    assert shown["withdrawn"]["date"] == {"precision": "unknown", "basis": "inferred"}
    assert (shown["status"], shown["uncertain"]) == ("withdrawn", ["/status", "/withdrawn"])
    told = await at_head(client)
    assert await ids(client, "/api/agreements?as_of=1990-01-01&status=withdrawn", **told) == [
        unsigned.rpartition("/")[2]
    ]


async def test_the_items_are_what_the_thing_itself_shows(following: Client) -> None:
    """For every position and several days, each item of the list is the summary of GET at the same times."""
    client = following
    party = await client.party("济南")
    one = await client.agreement(signed={"effective": day("2020-03-01")}, signatories=[{"party": party}])
    signed = (await client.get(one)).json()["signed"]["sources"][0]["sequence"]
    await client.post(f"{one}/titles", json={"title": {"printed": "又名"}})
    await client.post(f"{one}:terminate", json={"effective": day("2022-06-01")})
    correction = {"corrects": signed, "reason": "misread", "data": {"effective": day("2018-03-01")}}
    assert (await client.post(f"{one}:correct", json=correction)).status_code == 200
    await client.agreement(title={"printed": "乙"})
    told, shown = await at_head(client), 0
    for position in range(1, await client.registry.head() + 1):
        for on in ("2017-01-01", "2019-01-01", "2021-01-01", "2023-01-01"):
            times = f"as_of={on}&known_at={position}"
            items = (await client.get(f"/api/agreements?{times}", headers=told)).json()["items"]
            for item in items:
                thing = (await client.get(f"/api/agreements/{item['id']}?{times}")).json()
                assert item["title"] == thing["title"]["printed"]
                assert (item["status"], item["amended"]) == (thing["status"], thing["amended"])
                assert item["signed"] == thing.get("signed", {}).get("date")
                assert [each["party"] for each in item["signatories"]] == [
                    each["party"] for each in thing["signatories"]
                ]
                shown += 1
            known = [path for path in (one,) if (await client.get(f"{path}?{times}")).status_code == 200]
            assert {path.rpartition("/")[2] for path in known} <= {item["id"] for item in items}
    assert shown > 20


async def test_an_answer_tells_its_position_and_waits_where_it_is_asked_to(client: Client) -> None:
    await client.agreement()
    plain = await client.get("/api/agreements")
    assert "mengfu-position" not in plain.headers
    early = await client.get("/api/agreements?as_of=2021-01-01")
    assert (early.headers["mengfu-position"], early.json()["items"]) == ("0", [])
    waiting = asyncio.create_task(client.get("/api/agreements?as_of=2021-01-01", headers={"mengfu-after": "1"}))
    asked = asyncio.create_task(client.get("/api/agreements?known_at=1"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    client.registry.follower.start()
    for late in (await waiting, await asked):
        assert (late.status_code, late.headers["mengfu-position"], len(late.json()["items"])) == (200, "1", 1)
    inline = await client.get("/api/agreements", headers={"mengfu-after": "1"})
    assert (inline.status_code, len(inline.json()["items"])) == (200, 1)
    await client.agreement()
    before = await client.get("/api/agreements?known_at=1")
    assert (before.headers["mengfu-position"], len(before.json()["items"])) == ("1", 1)


async def test_what_does_not_come_is_not_waited_for_for_ever(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "REACHING", 0.2)
    await client.agreement()
    for query, headers in (("as_of=2021-01-01", {"mengfu-after": "1"}), ("known_at=1", {})):
        late = await client.get(f"/api/agreements?{query}", headers={**headers, "accept-language": "zh"})
        assert (late.status_code, late.headers["retry-after"]) == (503, "1")
        assert "位置 0" in late.json()["detail"]


@pytest.mark.parametrize("path", ["/api/agreements", "/api/agreements?as_of=2021-01-01"])
async def test_a_position_that_there_is_not(client: Client, path: str) -> None:
    await client.agreement()
    beyond = await client.get(path, headers={"mengfu-after": "2"})
    assert (beyond.status_code, beyond.json()["errors"][0]["header"]) == (422, "Mengfu-After")
    assert "1" in beyond.json()["detail"]
    for wrong in ("-1", "1.0", "x", "", "9" * 20):
        answer = await client.get(path, headers={"mengfu-after": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, "Mengfu-After"), wrong
    known = await client.get("/api/agreements?known_at=2", headers={"accept-language": "zh"})
    assert (known.status_code, known.json()["errors"][0]["parameter"]) == (422, "known_at")
    assert "日志止于 1" in known.json()["detail"]
    for query in ("known_at=x", "known_at=2026-01-01", "known_at=-1", "as_of=2026-02-30", "as_of=x", "version=1"):
        answer = await client.get(f"/api/parties?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, query.partition("=")[0]), query


async def test_a_cursor_belongs_to_its_times(following: Client) -> None:
    client = following
    for name in "甲乙丙":
        await client.agreement(title={"printed": name})
    told = await at_head(client)
    first = await client.get("/api/agreements?limit=1&known_at=3&as_of=2021-01-01", headers=told)
    cursor = first.json()["next"]
    assert "known_at=3" in first.headers["link"]
    seen = []
    url: str | None = "/api/agreements?limit=1&known_at=3&as_of=2021-01-01"
    while url is not None:
        page = await client.get(url)
        seen += [item["title"] for item in page.json()["items"]]
        url = page.headers["link"].partition(">")[0][1:] if "link" in page.headers else None
    assert seen == ["甲", "乙", "丙"]
    for query in (
        "",
        "&known_at=3",
        "&as_of=2021-01-01",
        "&known_at=2&as_of=2021-01-01",
        "&known_at=3&as_of=2021-01-02",
    ):
        wrong = await client.get(f"/api/agreements?limit=1{query}&cursor={cursor}")
        assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "cursor"), query


async def test_a_stopped_projection_is_named_and_answers_for_its_position(client: Client) -> None:
    await client.agreement()
    follower = client.registry.follower
    whole = follower.tables["kinds_known"]

    def said(*_: Any) -> Any:
        raise ZeroDivisionError("no kinds today")

    follower.tables["kinds_known"] = replace(whole, said=said)
    follower.start()
    others = [table.name for table in FOLLOWING if table is not whole]
    assert await client.registry.progress.reached(others, 1) == 1
    answer = await client.get("/api/agreements?as_of=2021-01-01", headers={"mengfu-after": "1"})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    stopped = await client.get("/api/agreements?as_of=2021-01-01&kind=project", headers={"mengfu-after": "1"})
    assert stopped.status_code == 503
    assert "kinds_known" in stopped.json()["detail"]
    lagging = await client.get("/api/agreements?as_of=2021-01-01&kind=project")
    assert (lagging.status_code, lagging.headers["mengfu-position"]) == (200, "0")
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    told = {one["name"]: one for one in ready.json()["projections"]}
    assert (told["kinds_known"]["position"], told["kinds_known"]["lag"]) == (0, 1)
    assert told["kinds_known"]["stopped"] == "event 1: ZeroDivisionError: no kinds today"
    assert told["agreements_known"] == {"name": "agreements_known", "inline": False, "position": 1, "lag": 0}
    metrics = (await client.get("/metrics")).text
    assert 'mengfu_projection_stopped{projection="kinds_known"} 1.0' in metrics
    assert 'mengfu_projection_lag_events{projection="kinds_known"} 1.0' in metrics
    assert 'mengfu_projection_position{projection="agreements_known"} 1.0' in metrics
    assert 'mengfu_projection_lag_seconds{projection="agreements_known"} 0.0' in metrics
