"""Parties, documents, meetings, statements over HTTP: every command has its path, and the answer shows what it did."""

import hashlib
from typing import Any

import pytest

from service.api import (
    agreements,
    discrepancies,
    documents,
    figures,
    meetings,
    parties,
    plans,
    projects,
    statements,
    tasks,
)
from service.domain import agreement, discrepancy, document, figure, meeting, party, plan, project, statement, task
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
    ("/aliases", {"alias": {"printed": "济"}, "sorts": ["short"]}, "/aliases/0"),
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
    ("/file", {"sha256": SHA, "size": 10, "media": "text/csv"}, "/file"),
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
    pairs = (
        (agreement, agreements),
        (party, parties),
        (document, documents),
        (meeting, meetings),
        (statement, statements),
        (plan, plans),
        (task, tasks),
        (project, projects),
        (discrepancy, discrepancies),
        (figure, figures),
    )
    for owner, resource in pairs:
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


MEETING: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"within": "WHOLE"}, ""),
    (":describe", {"kinds": ["forum"]}, "/kinds/0"),
    ("/titles", {"title": {"printed": "座谈会"}, "variant": "short"}, "/titles/0"),
    (":merge-duplicate", {"into": "WHOLE"}, "/duplicate"),
    ("/sessions", {"body": "OTHER", "number": 2}, "/sessions/0"),
    ("/conveners", {"party": "OTHER", "role": "host", "wording": {"printed": "主办"}}, "/conveners/0"),
    (":announce", {"planned": {"latest": "2021-12-31", "precision": "before"}, "by": ["OTHER"]}, "/announced"),
    (":hold", {"venue": "OTHER", "lasts": {"value": "1", "unit": "小时", "bound": "about"}}, "/held"),
    (":cancel", {"grounds": "因故"}, "/cancelled"),
    ("/attendance", {"role": "chair", "person": {"name": {"printed": "张三"}, "title": "市长"}}, "/attendance/0"),
    ("/resolutions", {"manner": "adopted", "name": {"printed": "方案"}, "by": ["OTHER"]}, "/resolutions/0"),
    ("/activities", {"sort": "unveiled", "text": "揭牌", "about": "A BODY"}, "/activities/0"),
]

STATEMENT: list[tuple[str, dict[str, Any], str]] = [
    (":describe", {"kind": "promise"}, ""),
    (":merge-duplicate", {"into": "SAME"}, "/duplicate"),
    (":make", {"meeting": "WHOLE", "place": "某厅"}, "/made"),
    (":take-up", {"by": "A BODY"}, "/uptakes/0"),
    (":withdraw", {"grounds": "有变"}, "/withdrawn"),
    ("/participants", {"role": "addressee", "group": "企业"}, "/participants/0"),
    ("/topics", {"about": "A BODY"}, "/topics/0"),
    ("/performance", {"performers": ["OTHER"], "due": {"latest": "2021-11-30", "precision": "before"}}, "/performance"),
]


async def others(client: Client) -> dict[str, str]:
    """Things that commands name."""
    party = await client.party("别方")
    return {
        "OTHER": party,
        "A BODY": f"parties/{party}",
        "WHOLE": (await client.new("meetings", called="推介活动")).rpartition("/")[2],
        "SAME": (await client.new("statements", text="愿意合作")).rpartition("/")[2],
    }


@pytest.mark.parametrize(("way", "body", "pointer"), MEETING, ids=[way[0] for way in MEETING])
async def test_each_command_on_a_meeting(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    path = await client.new("meetings", title={"printed": "联席会议"})
    await carried_out(client, path, way, {key: named(value, names) for key, value in body.items()}, pointer)


@pytest.mark.parametrize(("way", "body", "pointer"), STATEMENT, ids=[way[0] for way in STATEMENT])
async def test_each_command_on_a_statement(client: Client, way: str, body: dict[str, Any], pointer: str) -> None:
    names = await others(client)
    path = await client.new("statements", text="愿意投资")
    await carried_out(client, path, way, {key: named(value, names) for key, value in body.items()}, pointer)


async def test_a_withdrawal_that_nobody_dates_is_in_doubt(client: Client) -> None:
    """It was after the making: since when is unsaid, from the day of the making on."""
    path = await client.new(
        "statements", text="愿意投资", made={"effective": {"earliest": "2016-04-07", "latest": "2016-04-07"}}
    )
    assert (await client.post(f"{path}:withdraw", json={})).status_code == 200
    shown = (await client.get(path)).json()
    after = {"earliest": "2016-04-07", "precision": "after", "basis": "inferred"}
    assert shown["withdrawn"]["date"] == after
    assert (shown["status"], shown["uncertain"]) == ("withdrawn", ["/status", "/withdrawn"])
    before = (await client.get(f"{path}?as_of=2016-04-06")).json()
    assert (before["status"], before["uncertain"]) == ("registered", [])


async def test_kinds_have_their_own_sources(client: Client) -> None:
    """A second kind stands beside the first."""
    path = await client.new("meetings", called="会", kinds=["forum"])
    both = await client.post(f"{path}:describe", json={"kinds": ["fair", "forum"]})
    assert (both.json()["pointer"], both.json()["value"]["kind"]) == ("/kinds/1", "fair")
    again = await client.post(f"{path}:describe", json={"kinds": ["fair", "forum"]})
    assert (again.json()["pointer"], again.json()["sequence"]) == ("/kinds/0", None)
    kinds = (await client.get(path)).json()["kinds"]
    assert [one["kind"] for one in kinds] == ["forum", "fair"]
    assert [len(one["sources"]) for one in kinds] == [1, 1]


async def test_whoever_was_there_keeps_the_id_when_the_name_is_corrected(client: Client) -> None:
    path = await client.new("meetings", called="会", held={})
    wrong = {"role": "chair", "person": {"name": {"printed": "张山"}, "title": "市长"}}
    assert (await client.post(f"{path}/attendance", json=wrong)).status_code == 200
    (before,) = (await client.get(path)).json()["attendance"]
    right = {"role": "speaker", "person": {"name": {"printed": "张三"}, "title": "副市长"}}
    sequence = before["sources"][0]["sequence"]
    data = {"attendance": before["id"], **right}
    corrected = await client.post(f"{path}:correct", json={"corrects": sequence, "reason": "抄错", "data": data})
    assert corrected.status_code == 200, corrected.text
    (after,) = (await client.get(path)).json()["attendance"]
    assert (after["id"], after["role"], after["person"]) == (before["id"], "speaker", right["person"])
    assert (await client.post(f"{path}/attendance", json=right)).status_code == 200
    assert len((await client.get(path)).json()["attendance"]) == 1
    history = await client.get(f"{path}/history?pointer=/attendance/{before['id']}")
    assert history.status_code == 200, history.text
    assert len(history.json()["items"]) == 2


async def test_duplicate_meetings_and_statements_are_undone(client: Client) -> None:
    names = await others(client)
    for path, other in (
        (await client.new("meetings", called="会见"), names["WHOLE"]),
        (await client.new("statements", text="愿意"), names["SAME"]),
    ):
        assert (await client.post(f"{path}:merge-duplicate", json={"into": other})).status_code == 200
        assert (await client.get(path)).json()["status"] == "merged"
        assert (await client.post(f"{path}:unmerge-duplicate")).json()["value"] is None


async def test_two_sources_name_two_conveners(client: Client) -> None:
    province, city = await client.party("甲省", "province"), await client.party("乙市")
    paper = (await client.new("documents", kind="press", sha256=SHA, length=10)).rpartition("/")[2]
    cited = [
        {"document": paper, "start": n, "end": n + 1, "sha256": hashlib.sha256(TEXT[n : n + 1].encode()).hexdigest()}
        for n in (0, 1)
    ]
    path = await client.new(
        "meetings",
        title={"printed": "第二次联席会议"},
        held={"effective": {"earliest": "2021-02-06", "latest": "2021-02-06"}},
        conveners=[{"party": province, "basis": "stated", "citations": cited[:1]}],
    )
    second = {"party": city, "basis": "stated", "citations": cited[1:]}
    assert (await client.post(f"{path}/conveners", json=second)).json()["pointer"] == "/conveners/1"
    whole = (await client.get(path)).json()
    assert [(one["party"], one["sources"][0]["citations"]) for one in whole["conveners"]] == [
        (province, cited[:1]),
        (city, cited[1:]),
    ]
    for convener in (province, city):
        (item,) = (await client.get(f"/api/parties/{convener}/meetings")).json()["items"]
        assert [one["party"] for one in item["conveners"]] == [province, city]


async def test_what_was_signed_and_said_at_a_meeting(client: Client) -> None:
    city = await client.party("济南市")
    path = await client.new(
        "meetings",
        title={"printed": "恳谈会"},
        held={"effective": {"earliest": "2013-11-29", "latest": "2013-11-29"}, "place": "某厅"},
        conveners=[{"party": city, "name": {"printed": "济南"}}],
    )
    subject = path.removeprefix("/api/")
    signed = await client.agreement(links=[{"relation": "signed_at", "target": subject}])
    await client.agreement(title={"printed": "别处签的"})
    (item,) = (await client.get(f"{path}/agreements")).json()["items"]
    assert signed.endswith(item["id"])
    assert (await client.get(f"{path}/agreements?q=别处")).json()["items"] == []
    assert (await client.get("/api/agreements", params={"meeting": item["id"]})).json()["items"] == []

    expanded = (await client.get(f"{signed}?expand=meeting")).json()["links"][0]["meeting"]
    assert (expanded["title"], expanded["place"], expanded["held"]["earliest"]) == ("恳谈会", "某厅", "2013-11-29")
    assert expanded["conveners"] == [{"party": city, "name": "济南", "role": None, "now": "济南市"}]
    assert "meeting" not in (await client.get(signed)).json()["links"][0]

    meeting = subject.partition("/")[2]
    said = await client.new(
        "statements",
        text="将建立机制",
        kind="promise",
        made={"meeting": meeting},
        participants=[{"role": "principal", "party": city}],
    )
    assert (await client.get(said)).json()["made"]["date"] == {
        "earliest": "2013-11-29",
        "latest": "2013-11-29",
        "basis": "inferred",
    }
    for where in (f"{path}/statements", f"/api/parties/{city}/statements", "/api/statements?q=机制"):
        (one,) = (await client.get(where)).json()["items"]
        assert said.endswith(one["id"])
        assert (one["meeting"], one["participants"][0]["party"]) == (meeting, city)
    assert (await client.get(f"/api/parties/{city}/statements?kind=talk")).json()["items"] == []
    nobody = "00000000-0000-4000-8000-000000000000"
    for kind in ("agreements", "statements"):
        assert (await client.get(f"/api/meetings/{nobody}/{kind}")).status_code == 404
    unknown = await client.post("/api/statements", json={"text": "x", "made": {"meeting": nobody}})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/made/meeting")


async def test_a_meeting_is_corrected_and_voided(client: Client) -> None:
    path = await client.new("meetings", called="会见", held={"place": "某厅"})
    other = {"corrects": 2, "reason": "误", "data": {"place": "别处"}}
    assert (await client.post(f"{path}:correct", json=other)).status_code == 200
    assert (await client.get(path)).json()["held"]["place"] == "别处"
    assert (await client.post(f"{path}:void", json={"corrects": 2, "reason": "未开"})).status_code == 200
    got = (await client.get(path)).json()
    assert (got["status"], "held" in got) == ("registered", False)
