"""Lists at two times over HTTP: what they answer, for which position, and what is told about it."""

import asyncio
import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from service.projections import cursors
from service.projections.following import FOLLOWING
from service.projections.inputs import Inputs
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
    assert await ids(client, f"/api/parties/{party}/agreements?known_at=3", **told) == []
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


@pytest.mark.parametrize("under", ["agreements", "meetings", "statements"])
async def test_a_list_under_a_thing_is_there_when_the_thing_is(following: Client, under: str) -> None:
    """Not before it was registered, not after its registration was voided; the answers say the same."""
    client = following
    await client.agreement()
    party = f"/api/parties/{await client.party('甲')}"
    void = {"corrects": 2, "reason": "there is no such city"}
    await client.post(f"{party}:void", json=void)
    told = await at_head(client)
    for query, status in (
        ("", 404),
        ("?as_of=2021-01-01", 404),
        ("?known_at=3", 404),
        ("?known_at=2", 200),
        ("?known_at=2&as_of=1900-01-01", 200),
        ("?known_at=1", 404),
        ("?known_at=0", 404),
    ):
        thing = await client.get(f"{party}{query}", headers=told)
        listed = await client.get(f"{party}/{under}{query}", headers=told)
        assert (thing.status_code, listed.status_code) == (status, status), query
        if status == 404:
            assert listed.json() == thing.json(), query


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
        assert "已到 0,共 1" in late.json()["detail"]
        assert "command" not in (await client.get(f"/api/agreements?{query}", headers=headers)).json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/agreements",
        "/api/agreements?as_of=2021-01-01",
        "/api/network",
        "/api/events",
        "/api/events/stream",
        "/api/event-types",
        "{one}",
        "{one}?as_of=2021-01-01",
        "{one}/history",
        "{one}/changes",
        "{one}/events",
        "/api/parties/{nobody}/agreements",
        "/api/documents/{nobody}/text",
    ],
)
async def test_a_position_that_there_is_not(client: Client, path: str) -> None:
    path = path.format(one=await client.agreement(), nobody=uuid4())
    beyond = await client.get(path, headers={"mengfu-after": "2"})
    assert (beyond.status_code, beyond.json()["errors"][0]["header"]) == (422, "Mengfu-After")
    assert "1" in beyond.json()["detail"]
    for wrong in ("-1", "1.0", "x", "", "9" * 20):
        answer = await client.get(path, headers={"mengfu-after": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, "Mengfu-After"), wrong
    twice = await client.get(path, headers=[("mengfu-after", "1"), ("mengfu-after", "0")])
    assert (twice.status_code, twice.json()["errors"][0]["header"]) == (400, "Mengfu-After")


async def test_what_is_now_is_there_at_once(client: Client) -> None:
    """A position that the log has is enough for what does not follow it; nothing is waited for."""
    one, now = await client.agreement(), {"mengfu-after": "1"}
    for path in (one, f"{one}/history", f"{one}/changes", f"{one}/events", "/api/events", "/api/agreements"):
        assert (await client.get(path, headers=now)).status_code == 200, path


@pytest.mark.parametrize("path", ["", "/history", "s", "network"])
async def test_a_known_at_that_there_is_not(client: Client, path: str) -> None:
    """The same of one thing, its history, a list, and the network; a time after the last event is all of it."""
    client.registry.follower.start()
    one = await client.agreement()
    path = {"s": "/api/agreements", "network": "/api/network"}.get(path, f"{one}{path}")
    known = await client.get(f"{path}?known_at=2", headers={"accept-language": "zh"})
    assert (known.status_code, known.json()["errors"][0]["parameter"]) == (422, "known_at")
    assert "日志止于 1" in known.json()["detail"]
    for good in ("1", "2999-01-01T00:00:00Z"):
        assert (await client.get(f"{path}?known_at={good}")).status_code == 200
    assert (await client.get(f"{path}?known_at={'9' * 19}")).status_code == 422


async def test_two_times_that_are_none(client: Client) -> None:
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


@pytest.mark.parametrize("path", ["/api/agreements?as_of=2021-01-01&sort=-title", "/api/network?sort=count"])
async def test_all_pages_are_for_the_position_of_the_first(following: Client, path: str) -> None:
    """Whatever is recorded meanwhile; also after a table has been made anew from an earlier position."""
    client = following
    parties = [{"party": await client.party(name)} for name in "甲乙丙"]
    for name in "甲乙丙":
        await client.agreement(title={"printed": name}, signatories=parties, signed={"effective": day("2020-01-01")})
    told = await at_head(client)
    whole = (await client.get(f"{path}&limit=1000", headers=told)).json()["items"]
    first = await client.get(f"{path}&limit=1", headers=told)
    seen, position = first.json()["items"], first.headers["mengfu-position"]
    assert position == told["mengfu-after"]
    names = [table.name for table in FOLLOWING]
    while "link" in first.headers:
        await client.agreement(title={"printed": f"丁{len(seen)}"}, signatories=parties, signed={})
        await client.registry.progress.reached(names, await client.registry.head())
        first = await client.get(first.headers["link"].partition(">")[0][1:])
        assert first.headers["mengfu-position"] == position
        seen += first.json()["items"]
    assert seen == whole
    assert len(seen) == 3


async def test_a_page_waits_for_the_position_of_the_first(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "甲乙":
        await client.agreement(title={"printed": name})
    client.registry.follower.start()
    first = await client.get("/api/agreements?as_of=2021-01-01&limit=1", headers=await at_head(client))
    await client.registry.follower.close()
    await client.registry.pool.execute("update p_projections set position = 1 where name = 'agreements_known'")
    monkeypatch.setattr(progress, "REACHING", 0.2)
    late = await client.get(first.headers["link"].partition(">")[0][1:])
    assert (late.status_code, late.headers["retry-after"]) == (503, "1")
    await client.registry.pool.execute("update p_projections set position = 2 where name = 'agreements_known'")
    second = await client.get(first.headers["link"].partition(">")[0][1:])
    assert [item["title"] for item in second.json()["items"]] == ["乙"]
    beyond = cursors.written(cursors.Pin(b"", date(2021, 1, 1), 99))
    wrong = await client.get(f"/api/agreements?as_of=2021-01-01&limit=1&cursor={beyond}")
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "cursor")


async def test_the_last_day_of_all_cannot_be_asked_for(following: Client) -> None:
    """Not of a list, and not of a thing, whatever holds on the day before."""
    client = following
    one = await client.agreement(title={"printed": "末"}, signed={"effective": day("9999-12-30")})
    told = await at_head(client)
    for path, parameter in (
        (one, "as_of"), (f"{one}/changes", "as_of"), ("/api/agreements", "as_of"), ("/api/network", "on"),
    ):  # fmt: skip
        answer = await client.get(f"{path}?{parameter}=9999-12-31", headers={**told, "accept-language": "zh"})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter), path
        assert "9999-12-30" in answer.json()["detail"]
    shown = (await client.get(f"{one}?as_of=9999-12-30")).json()
    [listed] = (await client.get("/api/agreements?as_of=9999-12-30", headers=told)).json()["items"]
    assert (shown["status"], listed["status"]) == ("signed", "signed")


async def test_a_stopped_projection_is_named_and_answers_for_its_position(client: Client) -> None:
    await client.agreement()
    follower = client.registry.follower
    whole = follower.tables["kinds_known"]

    def said(*_: Any) -> Any:
        raise ZeroDivisionError("no kinds today")

    # Of what an agreement without kinds is made this table would say nothing, and meet no error.
    follower.tables["kinds_known"] = replace(whole, said=said, inputs=Inputs(every=frozenset({"header"})))
    follower.start()
    others = [table.name for table in FOLLOWING if table is not whole]
    assert await client.registry.progress.reached(others, 1) == 1
    answer = await client.get("/api/agreements?as_of=2021-01-01", headers={"mengfu-after": "1"})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
    stopped = await client.get("/api/agreements?as_of=2021-01-01&kind=project", headers={"mengfu-after": "1"})
    assert stopped.status_code == 503
    assert "kinds_known" in stopped.json()["detail"]
    unread = await client.get("/api/agreements?as_of=2021-01-01&kind=project")
    assert unread.status_code == 503  # it has taken nothing yet
    none = await client.get("/api/agreements?as_of=2021-01-01&kind=project&known_at=0")
    assert (none.status_code, none.headers["mengfu-position"], none.json()["items"]) == (200, "0", [])
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
