"""History and changes of one thing, with answers worked out by hand from what was recorded."""

from datetime import timedelta
from typing import Any

from tests.api.conftest import Client
from tests.api.test_two_times import CLAUSE, NOBODY, day, done, signed

TEXT = f"/clauses/{CLAUSE}/text"


async def told(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All entries, by pages of two."""
    answer = await client.get(f"{path}/history", params={"limit": 2} | query)
    entries: list[dict[str, Any]] = []
    while True:
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["items"]) <= 2
        entries += answer.json()["items"]
        link = answer.headers.get("link")
        if link is None:
            assert answer.json()["next"] is None
            return entries
        assert answer.json()["next"] in link
        answer = await client.get(link.partition("<")[2].partition(">")[0])


def brief(entries: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some keys of each entry."""
    return [tuple(entry[name] for name in names) for entry in entries]


async def amended(client: Client) -> str:
    """An agreement whose clause was amended (4), corrected (5), given a heading (6) that was voided (7)."""
    path = await signed(client)
    amend = f"{path}/clauses/{CLAUSE}:amend"
    assert await done(client, amend, text="乙", effective=day("2022-06-01"), basis="curated", note="by hand") == 4
    right = {"clause": CLAUSE, "text": "丙", "effective": day("2022-06-02")}
    assert await done(client, f"{path}:correct", corrects=4, reason="misread", data=right) == 5
    assert await done(client, amend, heading="标题", effective=day("2024-01-01")) == 6
    assert await done(client, f"{path}:void", corrects=6, reason="of another") == 7
    return path


async def test_each_value_of_a_field(client: Client) -> None:
    """What was recorded, corrected and attested, with who, when and why; by key and by index."""
    path = await amended(client)
    document = (await client.new("documents", kind="press")).rpartition("/")[2]
    cited = [{"document": document, "locator": {"page": "1"}}]
    assert await done(client, f"{path}/clauses", id=CLAUSE, text="丙", citations=cited) == 10
    found = await told(client, path, pointer=TEXT)
    names = ("sequence", "version", "value", "holds", "corrects", "corrected_by", "reason", "attests")
    assert brief(found, *names) == [
        (3, 3, "甲", False, None, None, None, None),
        (4, 4, "乙", False, None, 5, None, None),
        (5, 5, "丙", True, 4, None, "misread", None),
        (10, 9, "丙", True, None, None, None, 4),
    ]
    assert {entry["pointer"] for entry in found} == {TEXT}
    assert brief(found, "effective", "cause", "type") == [
        (None, "change", "agreement.clause_recorded"),
        (day("2022-06-01"), "change", "agreement.clause_amended"),
        (day("2022-06-02"), "correction", "agreement.clause_amended"),
        (None, "change", "agreement.attested"),
    ]
    assert brief(found, "basis", "note", "citations")[1] == ("curated", "by hand", [])
    assert found[3]["citations"] == cited
    assert {entry["actor"] for entry in found} == {f"accounts/{client.account}"}
    rows = await client.registry.pool.fetch("select position, line from events order by position")
    assert all(entry["time"] in rows[entry["sequence"] - 1]["line"].decode() for entry in found)
    assert await told(client, path, pointer="/clauses/0/text") == found
    assert brief(
        await told(client, path, pointer=f"/clauses/{CLAUSE}/heading"), "sequence", "value", "corrected_by"
    ) == [
        (6, "标题", 7),
        (7, None, None),
    ]
    then = await told(client, path, pointer=TEXT, known_at=4)
    assert brief(then, "sequence", "value", "holds", "corrected_by") == [(3, "甲", False, None), (4, "乙", True, None)]


async def test_the_whole_history_has_every_event(client: Client) -> None:
    """Whole parts where an event set one, fields where it set fields."""
    path = await amended(client)
    found = await told(client, path)
    assert brief(found, "sequence", "pointer", "value", "holds") == [
        (1, "", {"title": {"printed": "框架协议"}}, True),
        (2, "/signed", {"date": day("2020-05-01")}, True),
        (3, f"/clauses/{CLAUSE}", {"id": CLAUSE, "text": "甲"}, False),
        (4, TEXT, "乙", False),
        (4, f"/clauses/{CLAUSE}/amended", True, False),
        (5, TEXT, "丙", True),
        (5, f"/clauses/{CLAUSE}/amended", True, True),
        (6, f"/clauses/{CLAUSE}/heading", "标题", False),
        (6, f"/clauses/{CLAUSE}/amended", True, False),
        (7, f"/clauses/{CLAUSE}/heading", None, False),
        (7, f"/clauses/{CLAUSE}/amended", None, False),
    ]
    part = await told(client, path, pointer=f"/clauses/{CLAUSE}")
    assert part == found[2:]
    document = await client.new("documents", kind="press", number="鲁政发1号")
    assert brief(await told(client, document), "pointer", "value") == [("", {"kind": "press", "number": "鲁政发1号"})]
    await done(client, f"{document}:correct", corrects=8, reason="x", data={"kind": "minutes"})
    numbers = await told(client, document, pointer="/number")
    assert brief(numbers, "value", "holds") == [("鲁政发1号", False), (None, True)]


async def test_pointers_into_values_and_to_nothing(client: Client) -> None:
    """As deep as the answer goes; what never led anywhere is refused, what is not known yet is empty."""
    path = await amended(client)
    for pointer, value in (
        ("/signed", {"date": day("2020-05-01")}),
        ("/signed/date", day("2020-05-01")),
        ("/signed/date/earliest", "2020-05-01"),
        ("/title", {"printed": "框架协议"}),
        ("/title/printed", "框架协议"),
        (f"/clauses/{CLAUSE}/id", CLAUSE),
    ):
        assert brief(await told(client, path, pointer=pointer), "pointer", "value", "holds") == [(pointer, value, True)]
    for pointer in ("/instruments", "/titles", "/links"):
        assert await told(client, path, pointer=pointer) == []
    for pointer in (
        "/status",
        "/terminated",
        f"/clauses/{NOBODY}",
        "/clauses/1",
        "/signed/place",
        "/sources",
        "x",
        "/~2",
    ):
        answer = await client.get(f"{path}/history", params={"pointer": pointer}, headers={"accept-language": "zh"})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "pointer"), pointer
        made = pointer in {"/status", "/sources"}
        assert ("自身没有历史" in answer.json()["detail"]) == made, pointer


async def test_what_no_event_sets_has_no_history(client: Client) -> None:
    """Told as such whether there is something in its place or not, and of parts as well."""
    path = await amended(client)
    soon = client.registry.today() + timedelta(days=30)
    for text in "戊己":
        for pointer in ("/id", "/version", "/status", "/amended", "/sources", "/pending", "/pending/0", "/uncertain"):
            answer = await client.get(f"{path}/history", params={"pointer": pointer})
            assert answer.status_code == 422, pointer
            assert "has no history of its own" in answer.json()["detail"], pointer
        answer = await client.get(f"{path}/history", params={"pointer": "/clauses/0/sources"})
        assert "has no history of its own" in answer.json()["detail"]
        await done(client, f"{path}/clauses/{CLAUSE}:amend", text=text, effective=day(str(soon)))
    party = f"/api/parties/{await client.party('甲')}"
    answer = await client.get(f"{party}/history", params={"pointer": "/amended"})
    assert "never led to anything" in answer.json()["detail"]


async def test_what_is_gone_and_what_is_to_come(client: Client) -> None:
    """A part that was taken away is null since; a clause voided keeps what was said of it; the future does not hold."""
    path = await signed(client)
    other = (await client.agreement()).rpartition("/")[2]
    await done(client, f"{path}:merge-duplicate", into=other)
    await done(client, f"{path}:unmerge-duplicate")
    found = await told(client, path, pointer="/duplicate")
    assert brief(found, "value", "holds") == [({"into": other}, False), (None, True)]
    assert brief(await told(client, path, pointer="/duplicate/into"), "value", "holds") == [
        (other, False),
        (None, True),
    ]
    amend = f"{path}/clauses/{CLAUSE}:amend"
    tomorrow = client.registry.today() + timedelta(days=1)
    await done(client, amend, text="乙", effective=day("2021-01-01"))
    await done(client, amend, text="丙", effective=day(str(tomorrow)))
    found = await told(client, path, pointer=TEXT)
    assert brief(found, "value", "holds") == [("甲", False), ("乙", True), ("丙", False)]
    await done(client, f"{path}:void", corrects=3, reason="of another")
    found = await told(client, path, pointer=TEXT)
    assert brief(found, "value", "holds", "corrected_by") == [
        ("甲", False, 9),
        ("乙", False, None),
        ("丙", False, None),
        (None, True, None),
    ]
    assert (await client.get(path)).json()["clauses"] == []


async def test_a_voided_registration_keeps_its_history(client: Client) -> None:
    """There is nothing to show any more, but what was recorded, and why it went."""
    path = await client.agreement()
    await done(client, f"{path}:void", corrects=1, reason="never was")
    assert (await client.get(path)).status_code == 404
    found = await told(client, path)
    assert brief(found, "value", "holds", "corrected_by", "reason") == [
        ({"title": {"printed": "框架协议"}}, False, 2, None),
        (None, True, None, "never was"),
    ]
    differs = (await client.get(f"{path}/changes")).json()["changes"]
    assert differs == [{"pointer": "", "op": "removed", "before": {"title": {"printed": "框架协议"}}}]
    for missing in (f"/api/agreements/{NOBODY}", path.replace("agreements", "parties")):
        for what in ("history", "changes"):
            assert (await client.get(f"{missing}/{what}")).status_code == 404
    answer = await client.get(f"{path}/history?known_at=0")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:mengfu:problem:not-known-then")


async def test_keys_that_read_like_an_index(client: Client) -> None:
    """An index is an index; a key of digits is written with its name, and slashes as RFC 6901 has them."""
    path = await client.new("documents", kind="press", sha256="0" * 64, length=10)
    texts = [{"key": key, "spans": [{"start": at, "end": at + 1}]} for at, key in enumerate(("1", "2", "a/b"))]
    await done(client, f"{path}/segments", parts=texts)
    for key, genre in (("1", "report"), ("2", "notice"), ("a/b", "table")):
        await done(client, f"{path}/parts", key=key, genre=genre)
    for pointer, key, value in (
        ("/parts/0/genre", "/parts/key=1/genre", "report"),
        ("/parts/1/genre", "/parts/key=2/genre", "notice"),
        ("/parts/key=1/genre", "/parts/key=1/genre", "report"),
        ("/parts/2/genre", "/parts/a~1b/genre", "table"),
        ("/parts/a~1b/genre", "/parts/a~1b/genre", "table"),
    ):
        assert brief(await told(client, path, pointer=pointer), "pointer", "value") == [(key, value)]
    other, third = await client.party("乙"), await client.party("丙")
    split = f"/api/parties/{await client.party('甲')}"
    for into in (other, third):
        await done(client, f"{split}:split", into=[into], survives=True)
    for pointer in ("/splits/1/into", f"/splits/{third}/into"):
        assert brief(await told(client, split, pointer=pointer), "pointer", "value") == [
            (f"/splits/{third}/into", [third])
        ]


async def test_pages_stay_while_events_are_added(client: Client) -> None:
    """A cursor fixes what is known; it belongs to its thing and its pointer."""
    path = await amended(client)
    first = (await client.get(f"{path}/history", params={"limit": 4})).json()
    await done(client, f"{path}/titles", title={"printed": "别题"})
    rest = (await client.get(f"{path}/history", params={"limit": 1000, "cursor": first["next"]})).json()
    assert rest["next"] is None
    assert max(entry["sequence"] for entry in rest["items"]) == 7
    other = await client.agreement()
    for wrong, query in ((other, {}), (path, {"pointer": "/title"}), (path, {"known_at": "5"})):
        answer = await client.get(f"{wrong}/history", params=query | {"cursor": first["next"]})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "cursor")
    for cursor in ("abc", "W10", "_w"):
        assert (await client.get(f"{path}/history", params={"cursor": cursor})).status_code == 422


async def test_what_differs_between_two_versions(client: Client) -> None:
    """Fields, parts, texts word by word, what is computed, what takes effect later; and the events in between."""
    path = await client.agreement()
    before, after = "双方建立联席会议制度,定期通报进展。", "双方建立联席会商制度,每季度通报进展情况。"
    await done(client, f"{path}/clauses", id=NOBODY, label="二", text="保持不变。")
    await done(client, f"{path}/clauses", id=CLAUSE, label="一", text=before)
    await done(client, f"{path}:sign", effective=day("2020-05-01"))
    await done(client, f"{path}/clauses/{CLAUSE}:amend", text=after, effective=day("2021-05-01"))
    newest = (await client.get(f"{path}/changes")).json()
    assert (newest["from"], newest["to"], newest["as_of"]) == (4, 5, str(client.registry.today()))
    (event,) = newest["events"]
    assert (event["sequence"], event["version"], event["type"]) == (5, 5, "agreement.clause_amended")
    assert (event["effective"], event["actor"]) == ("2021-05-01", f"accounts/{client.account}")
    assert newest["changes"] == [
        {"pointer": "/amended", "op": "changed", "before": False, "after": True},
        {
            "pointer": TEXT,
            "op": "changed",
            "before": before,
            "after": after,
            "words": [
                {"op": "equal", "text": "双方建立"},
                {"op": "delete", "text": "联席会议"},
                {"op": "insert", "text": "联席会商"},
                {"op": "equal", "text": "制度,"},
                {"op": "delete", "text": "定期"},
                {"op": "insert", "text": "每季度"},
                {"op": "equal", "text": "通报进展"},
                {"op": "insert", "text": "情况"},
                {"op": "equal", "text": "。"},
            ],
        },
        {"pointer": f"/clauses/{CLAUSE}/amended", "op": "changed", "before": False, "after": True},
    ]
    earlier = (await client.get(f"{path}/changes?from=1&to=3")).json()
    assert earlier["changes"] == [
        {"pointer": f"/clauses/{NOBODY}", "op": "added", "after": {"id": NOBODY, "label": "二", "text": "保持不变。"}},
        {"pointer": f"/clauses/{CLAUSE}", "op": "added", "after": {"id": CLAUSE, "label": "一", "text": before}},
    ]
    assert [event["version"] for event in earlier["events"]] == [2, 3]
    whole = (await client.get(f"{path}/changes?from=0&to=1")).json()["changes"]
    assert whole == [{"pointer": "", "op": "added", "after": {"title": {"printed": "框架协议"}}}]
    same = (await client.get(f"{path}/changes?from=2&to=2")).json()
    assert (same["changes"], same["events"]) == ([], [])
    past = (await client.get(f"{path}/changes?as_of=2020-12-31")).json()["changes"]
    assert [(one["pointer"], one["op"]) for one in past] == [("/pending/key=5", "added")]
    answer = await client.get(f"{path}/changes?from=1&to=3")
    tag = {"if-none-match": answer.headers["etag"]}
    assert (await client.get(f"{path}/changes?from=1&to=3", headers=tag)).status_code == 304


async def test_what_is_asked_wrongly_of_changes(client: Client) -> None:
    """Versions that there are not, named with how many there are."""
    path = await client.agreement(signed={})
    for query, parameter, said in (
        ("to=3", "to", "2 versions"),
        ("from=3", "from", "2 versions"),
        ("from=2&to=1", "from", "after to"),
        ("from=-1", "from", "at least 0"),
        ("to=x", "to", "number"),
        ("version=1", "version", "not known"),
    ):
        answer = await client.get(f"{path}/changes?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter), answer.text
        assert said in answer.json()["detail"]
