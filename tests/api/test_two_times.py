"""One thing at two times, with answers worked out by hand from what was recorded."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from service.registry import Registry
from tests.api.conftest import Client


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


TEN = {"earliest": "2021-11-21", "latest": "2021-11-30", "precision": "ten_days", "printed": "11月下旬"}
CLAUSE = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01"
NOBODY = "00000000-0000-4000-8000-000000000000"


async def done(client: Client, path: str, /, **body: Any) -> int:
    """Carry a command out; answers the sequence of its last event."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["sequence"])


async def at(client: Client, path: str, query: str = "") -> dict[str, Any]:
    """The thing, as asked for."""
    answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def text(client: Client, path: str, query: str) -> str:
    """What the clause says, as asked for."""
    (clause,) = (await at(client, path, query))["clauses"]
    return str(clause["text"])


async def signed(client: Client, **body: Any) -> str:
    """An agreement of 2020-05-01 with one clause; three events."""
    clause = {"id": CLAUSE, "text": "甲"}
    return await client.agreement(**{"signed": {"effective": day("2020-05-01")}, "clauses": [clause]} | body)


async def test_a_supplement_of_2022_entered_after_the_one_of_2024(client: Client) -> None:
    """The world's order is that of the dates; what was known is the log's."""
    path = await signed(client)
    late = await done(client, f"{path}/clauses/{CLAUSE}:amend", text="丙", effective=day("2024-03-01"))
    early = await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=day("2022-06-01"))
    for query, said in (
        ("", "丙"),
        ("as_of=2024-03-01", "丙"),
        ("as_of=2024-02-29", "乙"),
        ("as_of=2022-06-01", "乙"),
        ("as_of=2022-05-31", "甲"),
        ("as_of=2020-05-01", "甲"),
        (f"as_of=2023-01-01&known_at={late}", "甲"),
        (f"as_of=2023-01-01&known_at={early}", "乙"),
        (f"as_of=2025-01-01&known_at={late}", "丙"),
        (f"known_at={late - 1}", "甲"),
        ("version=3", "甲"),
        ("version=4", "丙"),
    ):
        assert await text(client, path, query) == said, query
    got = await at(client, path, "as_of=2021-01-01")
    assert (got["version"], got["status"], got["amended"]) == (5, "signed", False)
    assert [(one["sequence"], one["effective"]) for one in got["pending"]] == [
        (early, "2022-06-01"),
        (late, "2024-03-01"),
    ]
    got = await at(client, path, f"as_of=2021-01-01&known_at={late}")
    assert (got["version"], [one["sequence"] for one in got["pending"]]) == (4, [late])
    assert [source["sequence"] for source in (await at(client, path))["clauses"][0]["sources"]] == [3, late]


async def test_an_undated_clause_holds_since_the_signing(client: Client) -> None:
    """It has no date of its own, so it is there on the day of signing and not before."""
    path = await signed(client)
    before = await at(client, path, "as_of=2020-04-30")
    assert (before["status"], before["clauses"], "signed" in before) == ("registered", [], False)
    assert [(one["type"], one["effective"]) for one in before["pending"]] == [
        ("agreement.signed", "2020-05-01"),
        ("agreement.clause_recorded", "2020-05-01"),
    ]
    assert (await at(client, path, "as_of=2020-05-01"))["clauses"][0]["text"] == "甲"
    undated = await client.agreement(clauses=[{"id": CLAUSE, "text": "甲"}])
    assert await text(client, undated, "as_of=0001-01-01") == "甲"
    await done(client, f"{undated}:sign", effective=day("2020-05-01"))
    assert (await at(client, undated, "as_of=2020-04-30"))["clauses"] == []
    assert await text(client, undated, "as_of=2020-04-30&version=2") == "甲"


async def test_a_date_known_by_its_ten_days(client: Client) -> None:
    """It may have come from the first day on, and certainly has on the last."""
    path = await client.agreement(signed={"effective": TEN})
    for query, status, uncertain, tag in (
        ("as_of=2021-11-20", "registered", [], '"2-2021-11-20"'),
        ("as_of=2021-11-21", "signed", ["/status", "/signed"], '"2-2021-11-21"'),
        ("as_of=2021-11-29", "signed", ["/status", "/signed"], '"2-2021-11-29"'),
        ("as_of=2021-11-30", "signed", [], '"2"'),
        ("", "signed", [], '"2"'),
    ):
        answer = await client.get(f"{path}?{query}")
        got = answer.json()
        assert (got["status"], got["uncertain"], answer.headers["etag"]) == (status, uncertain, tag), query
    assert (await at(client, path, "as_of=2021-11-20"))["pending"][0]["data"]["effective"] == TEN


async def test_what_rests_on_an_uncertain_date_is_pointed_to(client: Client) -> None:
    """Fields where the event set fields, parts where it set parts; an attestation has no date of its own."""
    today = client.registry.today()
    about = {"earliest": str(today), "latest": str(today + timedelta(days=9)), "precision": "range"}
    path = await signed(client, clauses=[{"id": NOBODY, "heading": "首"}, {"id": CLAUSE, "text": "甲"}])
    await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=about)
    await done(client, f"{path}:terminate", effective={"printed": "近日", "precision": "unknown"})
    document = (await client.new("documents", kind="press")).rpartition("/")[2]
    cited = [{"document": document, "locator": {"page": "1"}}]
    await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=about, citations=cited)
    answer = await client.get(path)
    assert answer.json()["uncertain"] == ["/status", "/terminated", "/clauses/1/text", "/clauses/1/amended"]
    assert len(answer.json()["clauses"][1]["sources"]) == 3
    assert answer.headers["etag"] == f'"7-{today}"'
    after = await at(client, path, f"as_of={today + timedelta(days=9)}")
    assert after["uncertain"] == ["/status", "/terminated"]
    party = f"/api/parties/{await client.party('甲')}"
    await done(client, f"{party}:rename", name={"printed": "乙"}, effective={"earliest": "2020-01-01"})
    got = await at(client, party)
    assert got["uncertain"] == ["/name", "/names/1"]
    assert (got["names"][1]["name"], got["name"]) == ({"printed": "乙"}, {"printed": "乙"})
    await done(client, f"/api/documents/{document}:withdraw", effective={"latest": "2999-01-01", "precision": "before"})
    assert (await at(client, f"/api/documents/{document}"))["uncertain"] == ["/status", "/withdrawal"]
    assert (await at(client, f"/api/documents/{document}", "as_of=2999-01-01"))["uncertain"] == []


async def test_a_corrected_date_before_and_after_it_was_known(client: Client) -> None:
    """The correction stands in the place of what it corrects, with its own date."""
    path = await signed(client)
    wrong = 2
    right = {"effective": day("2020-05-11")}
    corrected = await done(client, f"{path}:correct", corrects=wrong, reason="misread", data=right)
    for query, status, clauses in (
        ("as_of=2020-05-05", "registered", 0),
        ("as_of=2020-05-11", "signed", 1),
        (f"as_of=2020-05-05&known_at={corrected - 1}", "signed", 1),
        (f"as_of=2020-05-05&known_at={corrected}", "registered", 0),
        ("as_of=2020-05-05&version=3", "signed", 1),
        ("as_of=2020-04-30&version=3", "registered", 0),
    ):
        got = await at(client, path, query)
        assert (got["status"], len(got["clauses"])) == (status, clauses), query
    assert (await at(client, path, "version=3"))["signed"]["date"] == day("2020-05-01")
    now = (await at(client, path))["signed"]
    assert (now["date"], now["sources"][0]["sequence"]) == (day("2020-05-11"), wrong)
    again = await done(
        client, f"{path}:correct", corrects=corrected, reason="misread", data={"effective": day("2020-05-12")}
    )
    assert (await at(client, path, "as_of=2020-05-11"))["status"] == "registered"
    assert (await at(client, path, f"as_of=2020-05-11&known_at={again - 1}"))["status"] == "signed"


async def test_a_future_amendment(client: Client) -> None:
    """Pending until its day; on that day it holds, whenever the day is asked for."""
    path = await signed(client)
    today = client.registry.today()
    tomorrow = today + timedelta(days=1)
    future = await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=day(str(tomorrow)))
    assert await text(client, path, "") == "甲"
    assert [one["sequence"] for one in (await at(client, path))["pending"]] == [future]
    got = await at(client, path, f"as_of={tomorrow}")
    assert (got["clauses"][0]["text"], got["pending"], got["amended"]) == ("乙", [], True)
    assert (await at(client, path, f"as_of={tomorrow}&version=3"))["clauses"][0]["text"] == "甲"
    for query in (f"as_of={today}", f"known_at={future}", "version=4"):
        assert (await client.get(f"{path}?{query}")).json() == (await client.get(path)).json(), query
        assert (await client.get(f"{path}?{query}")).headers["etag"] == f'"4-{today}"'


async def test_a_voided_event(client: Client) -> None:
    """It is in what was known until then, on every day, and in nothing that is known since."""
    path = await signed(client)
    wrong = await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=day("2022-06-01"))
    void = await done(client, f"{path}:void", corrects=wrong, reason="another agreement's")
    for query, said in (
        ("", "甲"),
        ("as_of=2023-01-01", "甲"),
        (f"as_of=2023-01-01&known_at={void - 1}", "乙"),
        (f"as_of=2022-05-31&known_at={void - 1}", "甲"),
        ("version=4", "乙"),
        ("version=5", "甲"),
    ):
        assert await text(client, path, query) == said, query


async def test_versions_and_times(client: Client) -> None:
    """The n-th event, its sequence and its time say the same."""
    await client.party("别方")
    path = await client.agreement()
    for number in range(2):
        await done(client, f"{path}/titles", title={"printed": f"题{number}"})
    rows = await client.registry.pool.fetch("select position, time from events where position > 1 order by position")
    for version, row in enumerate(rows, 1):
        by_version = await client.get(f"{path}?version={version}")
        assert by_version.json()["version"] == version
        assert len(by_version.json()["titles"]) == version - 1
        assert by_version.headers["etag"] == f'"{version}"'
        for known_at in (str(row["position"]), f"{row['position']:019d}"):
            assert (await client.get(f"{path}?known_at={known_at}")).json() == by_version.json()
        known = sum(other["time"] <= row["time"] for other in rows)
        for time in (row["time"].isoformat().replace("+00:00", "Z"), shanghai(row["time"])):
            got = await client.get(path, params={"known_at": time})
            assert got.json()["version"] == known, got.text
    tag = '"2"'
    same = await client.get(f"{path}?version=2", headers={"if-none-match": tag})
    assert (same.status_code, same.headers["etag"]) == (304, tag)
    assert (await client.get(f"{path}?version=3", headers={"if-none-match": tag})).status_code == 200
    dated = (await client.get(f"{path}?as_of=2020-01-01")).headers["etag"]
    assert (await client.post(f"{path}:sign", json={}, headers={"if-match": dated})).status_code == 200


def shanghai(time: datetime) -> str:
    """The same time as a clock in Shanghai has it."""
    return (time + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"


async def test_what_is_asked_wrongly_is_told(client: Client) -> None:
    """Versions that there are not, two ways of saying the same, times without a zone; what was not there then."""
    first = await client.party("甲")
    path = await client.agreement()
    for query, parameter, said in (
        ("version=2", "version", "has 1 versions"),
        ("version=0", "version", "at least 1"),
        ("version=1&known_at=2", "version", "give one"),
        ("known_at=2026-11-21T08:00:00", "known_at", "%2B"),
        ("known_at=2026-11-21T08:00:00 08:00", "known_at", "%2B"),
        ("known_at=2026-02-30T08:00:00Z", "known_at", "time"),
        ("known_at=-1", "known_at", "sequence"),
        ("as_of=2026-02-30", "as_of", "date"),
        ("as_of=today", "as_of", "date"),
    ):
        for language in ("en", "zh"):
            answer = await client.get(f"{path}?{query}", headers={"accept-language": language})
            assert answer.status_code == 422, query
            assert answer.json()["errors"][0]["parameter"] == parameter
            assert language == "zh" or said in answer.json()["detail"], answer.text
    for query in ("known_at=1", "known_at=0", "known_at=1999-01-01T00:00:00Z", "as_of=2020-01-01&known_at=1"):
        answer = await client.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:mengfu:problem:not-known-then"), query
    for other in (f"/api/agreements/{NOBODY}", f"/api/agreements/{first}"):
        for query in ("known_at=1", "version=1", "as_of=2020-01-01"):
            answer = await client.get(f"{other}?{query}")
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:mengfu:problem:not-found")
    assert (await client.get(f"{path}?known_at=2999-01-01T00:00:00Z")).json() == (await client.get(path)).json()
    await done(client, f"{path}:void", corrects=2, reason="never was")
    assert (await client.get(path)).status_code == 404
    assert (await client.get(f"{path}?version=2")).status_code == 404
    assert (await client.get(f"{path}?version=1")).json()["title"] == {"printed": "框架协议"}


async def test_what_is_added_is_as_it_was_known(client: Client) -> None:
    """Names and cited words of the same day, and from what was known at the same time."""
    body = "莱芜区与聊城市签署协议"
    document = await client.new("documents", kind="press", sha256=digest(body), length=len(body))
    await client.put(f"{document}/text", content=body.encode())
    party = await client.party("莱芜市")
    cited = [{"document": document.rpartition("/")[2], "quote": "签署协议"}]
    path = await client.agreement(
        signatories=[{"party": party, "name": {"printed": "莱芜"}, "citations": cited}],
        signed={"effective": day("2016-05-01")},
    )
    before = await client.registry.head()
    renamed = await done(
        client, f"/api/parties/{party}:rename", name={"printed": "莱芜区"}, effective=day("2019-01-09")
    )
    await done(client, f"/api/parties/{party}:rename", name={"printed": "古称"}, effective=day("2000-01-01"))

    async def names(query: str) -> dict[str, Any]:
        got = await at(client, path, f"expand=parties,citations&{query}")
        (signatory,) = got["signatories"]
        (citation,) = signatory["sources"][0]["citations"]
        assert (citation["words"], citation["before"]) == ("签署协议", body[:-4])
        found: dict[str, Any] = signatory["names"]
        return found

    assert await names("") == {"printed": "莱芜", "at_signing": "古称", "now": "莱芜区"}
    assert await names("as_of=2018-12-31") == {"printed": "莱芜", "at_signing": "古称", "now": "古称"}
    assert await names(f"known_at={before}") == {"printed": "莱芜", "at_signing": "莱芜市", "now": "莱芜市"}
    assert await names(f"known_at={renamed}") == {"printed": "莱芜", "at_signing": "莱芜市", "now": "莱芜区"}
    assert await names(f"as_of=2018-12-31&known_at={renamed}") == {
        "printed": "莱芜",
        "at_signing": "莱芜市",
        "now": "莱芜市",
    }
    answer = await client.get(f"{path}?expand=parties&known_at={before}")
    assert answer.headers["etag"].startswith('W/"')


def digest(body: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(body.encode()).hexdigest()


async def test_a_day_to_come_is_answered_as_on_that_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for as of a day is what the plain GET says when the day has come."""
    today = client.registry.today()
    path = await signed(client, term={"period": {"ends": day(str(today + timedelta(days=2)))}})
    await done(client, f"{path}/clauses/{CLAUSE}:amend", text="乙", effective=day(str(today + timedelta(days=1))))
    asked: dict[date, httpx.Response] = {}
    for number in range(4):
        later = today + timedelta(days=number)
        asked[later] = await client.get(f"{path}?as_of={later}")
    assert [answer.json()["status"] for answer in asked.values()] == ["signed", "signed", "signed", "expired"]
    for later, answer in asked.items():
        monkeypatch.setattr(Registry, "today", staticmethod(lambda later=later: later))
        plain = await client.get(path)
        assert (plain.content, plain.headers["etag"]) == (answer.content, answer.headers["etag"])
