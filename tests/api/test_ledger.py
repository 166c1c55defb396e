"""The ledger over a small world: every colour, count and cell by hand."""

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from service.api.sheets import XLSX
from service.domain.task import sheet
from service.sheets import bare
from tests.api.conftest import Client

ON = "2026-06-20"


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


class World:
    """A city with two agencies, one of which came after a third; a plan, an agreement, and their tasks."""

    def __init__(self, client: Client) -> None:
        """Nothing is recorded yet."""
        self.client = client
        self.ids: dict[str, str] = {}

    async def party(self, name: str, **more: Any) -> str:
        """A party's id."""
        path = await self.client.new("parties", **{"kind": "agency", "name": {"printed": name}} | more)
        self.ids[name] = path.rpartition("/")[2]
        return self.ids[name]

    async def task(self, name: str, lead: str | None = None, due: str | None = None, **more: Any) -> str:
        """A task's id."""
        units = more.pop("units", [{"role": "lead", "party": self.ids[lead]}] if lead else [])
        terms = more.pop("terms", {"due": day(due)} if due else None)
        told = {"title": {"printed": name}, "units": units} | ({"terms": terms} if terms else {})
        self.ids[name] = (await self.client.new("tasks", **told | more)).rpartition("/")[2]
        return self.ids[name]

    async def post(self, path: str, **body: Any) -> int:
        """Record something; answers its sequence."""
        answer = await self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["sequence"])

    async def ask(self, query: str = "", **headers: str) -> dict[str, Any]:
        """The answer for all that is recorded, by default on that day."""
        query = query if "on=" in query else f"on={ON}&{query}"
        head = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get(f"/api/ledger?{query}", headers=head | headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert answer.headers["mengfu-position"] == str(body["position"])
        return body

    async def named(self, query: str = "") -> list[str]:
        """The titles of the tasks that pass."""
        return [one["title"] for one in (await self.ask(query))["items"]]


@pytest.fixture
async def world(client: Client) -> World:
    """Nine tasks."""
    client.registry.follower.start()
    world = World(client)
    city = await world.party("济南市", kind="city")
    await world.party("发改委", parent=city)
    await world.party("交通局", parent=city)
    await world.party("公路局")
    await world.party("督查室")
    await world.post(
        f"/api/parties/{world.ids['公路局']}:replace", successor=world.ids["交通局"], effective=day("2026-03-01")
    )
    items = [{"id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01", "label": "二", "heading": "交通"}]
    plan = (await client.new("plans", called="规划", items=items)).removeprefix("/api/")
    clause = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b02"
    agreement = (await client.new("agreements", called="协议", clauses=[{"id": clause, "heading": "条"}])).rpartition(
        "/"
    )
    world.ids |= {"plan": plan.rpartition("/")[2], "agreement": agreement[2], "clause": clause, "item": items[0]["id"]}
    on_item = {"on": plan, "on_part": f"items/{items[0]['id']}"}
    await world.task("逾期", "公路局", "2026-06-01", bases=[on_item | {"number": "10"}])
    await world.task(
        "临期",
        "发改委",
        "2026-06-25",
        bases=[{"on": plan, "number": "2"}],
        listed={},
        units=[
            {
                "role": "lead",
                "party": world.ids["发改委"],
                "office": "分管副主任",
                "person": {"name": {"printed": "张三"}},
            },
            {"role": "lead", "party": world.ids["交通局"]},
            {"role": "supporting", "party": world.ids["公路局"], "office": "局长"},
            {"role": "supervising", "party": world.ids["督查室"]},
        ],
    )
    await world.task(
        "将到",
        "交通局",
        terms={
            "due": {"earliest": "2026-07-01", "latest": "2026-07-15", "printed": "7月上半月"},
            "text": "建",
            "requirement": "=1+1",
        },
        bases=[{"on": f"agreements/{agreement[2]}", "on_part": f"clauses/{clause}"}],
    )
    await world.task("从容", "济南市", "2026-12-31", bases=[{"on": f"agreements/{agreement[2]}", "number": "1"}])
    await world.task("无期", "督查室")
    await world.task(
        "已报", "交通局", "2026-06-01", reported_done={"by": [world.ids["交通局"]], "effective": day("2026-06-03")}
    )
    await world.task("已销", None, "2026-05-01", closed={"by": [world.ids["督查室"]], "effective": day("2026-05-02")})
    await world.task("每年", "发改委", recurrence={"every": "year", "month": 3, "day": -1, "first": "2026-01-01"})
    await world.task("重复", "发改委", "2026-06-01")
    await world.post(f"/api/tasks/{world.ids['重复']}:merge-duplicate", into=world.ids["逾期"])
    await world.post(
        f"/api/tasks/{world.ids['从容']}/links", relation="depends_on", target=f"tasks/{world.ids['逾期']}"
    )
    await world.post(
        f"/api/tasks/{world.ids['从容']}/links", relation="depends_on", target=f"tasks/{world.ids['已销']}"
    )
    return world


async def test_rows_totals_and_rules(world: World) -> None:
    """On the 20th of June: one red, one yellow, one blue; the others have no colour, each for its reason."""
    told = await world.ask()
    rows = {one["title"]: one for one in told["items"]}
    assert [next(iter(rows)), *list(rows)[3:6]] == ["已销", "临期", "将到", "从容"]
    assert {title: (one["colour"], one["why"], one["left"], one["late_by"]) for title, one in rows.items()} == {
        "已销": (None, [], None, 1),
        "逾期": ("red", ["overdue"], -19, 19),
        "已报": (None, [], None, 2),
        "临期": ("yellow", ["deadline"], 5, None),
        "将到": ("blue", ["near"], 25, None),
        "从容": (None, [], 194, None),
        "无期": (None, [], None, None),
        "每年": (None, [], None, None),
    }
    assert [(one["id"], one["title"], one["state"]) for one in rows["从容"]["waits_for"]] == [
        (world.ids["逾期"], "逾期", "registered")
    ]
    assert (rows["将到"]["text"], rows["将到"]["requirement"], rows["逾期"]["number"]) == ("建", "=1+1", "10")
    assert [(one["role"], one["called"], one["office"], one["person"]) for one in rows["临期"]["units"]] == [
        ("lead", "发改委", "分管副主任", "张三"),
        ("lead", "交通局", None, None),
        ("supporting", "公路局", "局长", None),
        ("supervising", "督查室", None, None),
    ]
    totals = told["totals"]
    assert (totals["tasks"], totals["colours"]) == (8, {"red": 1, "yellow": 1, "blue": 1, "none": 5})
    assert totals["states"] == {"closed": 1, "listed": 1, "registered": 5, "reported_done": 1}
    assert {one["name"]: (one["tasks"], one["colours"], one["states"]) for one in totals["units"]} == {
        "济南市": (1, {"red": 0, "yellow": 0, "blue": 0, "none": 1}, {"registered": 1}),
        "发改委": (2, {"red": 0, "yellow": 1, "blue": 0, "none": 1}, {"listed": 1, "registered": 1}),
        "交通局": (
            3,
            {"red": 0, "yellow": 1, "blue": 1, "none": 1},
            {"listed": 1, "registered": 1, "reported_done": 1},
        ),
        "公路局": (1, {"red": 1, "yellow": 0, "blue": 0, "none": 0}, {"registered": 1}),
        "督查室": (1, {"red": 0, "yellow": 0, "blue": 0, "none": 1}, {"registered": 1}),
        None: (1, {"red": 0, "yellow": 0, "blue": 0, "none": 1}, {"closed": 1}),
    }
    assert told["rules"] == {
        "registry": {"near": 30, "behind": 7, "escalate": 3, "counts": "calendar", "slack": 20},
        "plans": [],
        "uncoloured": {"duty": 1, "ended": 1, "reported_done": 1, "no_deadline": 1, "in_time": 1},
        "duplicates": 1,
    }
    assert (told["on"], told["next"]) == (ON, None)


async def test_totals_of_many_units(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are told who have most to catch up on, by their names; the others are counted."""
    assert (await world.ask())["totals"]["further_units"] == 0
    monkeypatch.setattr("service.projections.ledger.MOST_UNITS", 2)
    totals = (await world.ask())["totals"]
    assert [one["name"] for one in totals["units"]] == sorted(["公路局", "交通局"])
    assert (totals["tasks"], totals["further_units"]) == (8, 4)


async def test_every_filter(world: World) -> None:
    ids = world.ids
    for query, wanted in (
        (f"unit={ids['发改委']}", {"临期", "每年"}),
        (f"unit={ids['济南市']}", {"逾期", "临期", "将到", "从容", "已报", "每年"}),
        (f"unit={ids['济南市']}&unit_only=true", {"从容"}),
        (f"unit={ids['交通局']}", {"逾期", "临期", "将到", "已报"}),
        (f"unit={ids['交通局']}&unit_only=true", {"临期", "将到", "已报"}),
        (f"unit={ids['交通局']}&on=2026-02-28", {"临期", "将到", "已报"}),
        (f"unit={ids['公路局']}", {"逾期", "临期"}),
        (f"unit={ids['公路局']}&role=supporting", {"临期"}),
        (f"unit={ids['交通局']}&role=supporting", {"临期"}),
        (f"unit={ids['发改委']}&role=supporting", set()),
        ("role=supervising", {"临期"}),
        ("office=局长", {"临期"}),
        (f"office=局长&unit={ids['发改委']}", set()),
        ("person=张三", {"临期"}),
        ("person=李四", set()),
        (f"plan={ids['plan']}", {"逾期", "临期"}),
        (f"plan={ids['plan']}&item={ids['item']}", {"逾期"}),
        (f"agreement={ids['agreement']}", {"将到", "从容"}),
        (f"agreement={ids['agreement']}&clause={ids['clause']}", {"将到"}),
        ("state=reported_done", {"已报"}),
        ("state=merged", {"重复"}),
        ("open=false", {"已销"}),
        ("open=true&due_to=2026-06-30", {"逾期", "临期", "已报"}),
        ("due_from=2026-07-10", {"将到", "从容"}),
        ("due_from=2026-06-20&due_to=2026-07-01", {"临期", "将到"}),
        ("colour=red", {"逾期"}),
        ("colour=yellow", {"临期"}),
        ("colour=blue", {"将到"}),
        ("colour=none", {"从容", "无期", "已报", "已销", "每年"}),
        ("colour=red&on=2026-06-26", {"逾期", "临期"}),
        ("q=期", {"逾期", "临期", "无期"}),
    ):
        told = await world.ask(query)
        found = [one["title"] for one in told["items"]]
        assert (set(found), len(found)) == (wanted, len(wanted)), query
        assert told["totals"]["tasks"] == len(wanted), query


async def test_what_a_unit_came_after(world: World) -> None:
    """Over several steps; not where obligations did not pass; a second record stands for the same unit."""
    ids = world.ids
    for name in ("老局", "散局", "另局", "公路局二"):
        await world.party(name)
        await world.task(f"{name}之事", name)
    split = {"into": [ids["公路局"], ids["另局"]], "survives": False, "effective": day("2026-02-01")}
    await world.post(f"/api/parties/{ids['老局']}:split", **split)
    merged = {"into": ids["交通局"], "carries": False, "effective": day("2026-02-01")}
    await world.post(f"/api/parties/{ids['散局']}:merge", **merged)
    await world.post(f"/api/parties/{ids['公路局二']}:merge-duplicate", into=ids["公路局"])
    mine = {"逾期", "临期", "将到", "已报"}
    for query, wanted in (
        (f"unit={ids['交通局']}", mine | {"老局之事", "公路局二之事"}),
        (f"unit={ids['交通局']}&on=2026-02-28", {"临期", "将到", "已报"}),
        (f"unit={ids['公路局']}&on=2026-02-28", {"逾期", "临期", "老局之事", "公路局二之事"}),
        (f"unit={ids['公路局']}&on=2026-01-31", {"逾期", "临期", "公路局二之事"}),
        (f"unit={ids['另局']}", {"另局之事", "老局之事"}),
        (f"unit={ids['老局']}", {"老局之事"}),
        (f"unit={ids['散局']}", {"散局之事"}),
    ):
        assert set(await world.named(query)) == wanted, query


async def test_orders_and_pages(world: World) -> None:
    """Each page is for the first one's day and position, and has the totals of all."""
    for sort, wanted in (
        ("due", ["已销", "临期", "将到", "从容"]),
        ("-due", ["从容", "将到", "临期", "已销"]),
        ("number", ["从容", "临期", "逾期"]),
        ("-number", ["逾期", "临期", "从容"]),
        ("unit", ["已报", "临期", "将到", "逾期", "每年", "从容", "无期", "已销"]),
    ):
        whole = await world.named(f"sort={sort}")
        if sort != "unit":
            whole = [title for title in whole if title in wanted]
        assert (sorted(whole), len(whole)) == (sorted(wanted), len(wanted))
        assert sort == "unit" or whole == wanted
        url: str | None = f"/api/ledger?limit=3&sort={sort}"  # Of today, which stands in the append.
        seen, position, told = [], None, {}
        while url is not None:
            answer = await world.client.get(url)
            told = answer.json()
            assert (told["totals"]["tasks"], position or told["position"]) == (8, told["position"])
            position = told["position"]
            seen += [one["title"] for one in told["items"]]
            url = answer.headers["link"].partition(">")[0][1:] if "link" in answer.headers else None
            assert (url is None) == (told["next"] is None)
            await world.task("后来", "发改委", "2026-06-02")
            await world.client.registry.progress.reached(["tasks_known"], await world.client.registry.head())
        assert len(seen) == len(set(seen)) == 8
        for one in (await world.ask("q=后来"))["items"]:
            await world.post(f"/api/tasks/{one['id']}:merge-duplicate", into=world.ids["逾期"])
    cursor = (await world.ask("limit=3"))["next"]
    for query in (
        f"cursor={cursor}",
        f"on={ON}&limit=3&sort=-due&cursor={cursor}",
        f"on={ON}&role=lead&cursor={cursor}",
    ):
        refused = await world.client.get(f"/api/ledger?{query}")
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:mengfu:problem:bad-cursor"), query


async def test_as_it_was_known_and_judged_by_the_strictest_plan(world: World) -> None:
    before = await world.client.registry.head()
    strict = (await world.client.new("plans", called="严", thresholds={"near": 250, "behind": 200})).removeprefix(
        "/api/"
    )
    await world.post(f"/api/tasks/{world.ids['从容']}/bases", on=strict, number="7")
    working = (
        await world.client.new("plans", called="工", thresholds={"near": 6, "behind": 3, "counts": "working"})
    ).removeprefix("/api/")
    await world.post(f"/api/tasks/{world.ids['无期']}/bases", on=working)
    # From Saturday the 20th on six days are worked until the 29th: the Dragon Boat Festival was on the 19th.
    await world.post(f"/api/tasks/{world.ids['无期']}/terms", due=day("2026-06-29"))
    told = await world.ask()
    rows = {one["title"]: one for one in told["items"]}
    assert (rows["从容"]["colour"], rows["从容"]["why"]) == ("yellow", ["deadline"])
    assert (rows["无期"]["colour"], rows["无期"]["left"], rows["无期"]["counts"]) == ("blue", 6, "working")
    assert told["totals"]["colours"] == {"red": 1, "yellow": 2, "blue": 2, "none": 3}
    assert sorted(
        (one["plan"], one["near"], one["behind"], one["escalate"]) for one in told["rules"]["plans"]
    ) == sorted([(strict.rpartition("/")[2], 250, 200, 3), (working.rpartition("/")[2], 6, 3, 3)])
    assert (await world.ask(f"known_at={before}"))["totals"]["colours"] == {"red": 1, "yellow": 1, "blue": 1, "none": 5}
    assert (await world.ask(f"known_at={before}"))["position"] == before
    # What was reported on the third day was overdue on the second.
    assert set(await world.named("on=2026-06-02&colour=red")) == {"逾期", "已报"}
    assert (await world.ask("on=2026-06-01"))["totals"]["colours"]["red"] == 0
    for query in ("known_at=999999", "on=9999-12-31", "state=late", "limit=0", "unit=x", "colour=green", "nobody=1"):
        answer = await world.client.get(f"/api/ledger?{query}")
        assert answer.status_code == 422, query
    for wide in ("0001-01-01", "9999-12-30"):
        assert (await world.ask(f"on={wide}"))["on"] == wide


async def test_days_at_the_ends_of_all_time(world: World) -> None:
    """The last and the first day are infinite to the database, and days all the same."""
    terms = {"due": day("9999-12-31"), "starts": day("0001-01-01")}
    await world.task("永远", "发改委", terms=terms, progress=[{"share": "99", "by": world.ids["发改委"]}])
    await world.task("太古", "发改委", "0001-01-01")
    assert await world.named("colour=red&q=太古") == ["太古"]
    assert await world.named("q=永远&colour=none") == ["永远"]
    assert await world.named("on=0001-01-01&q=太古&colour=yellow") == ["太古"]


def table(answer: Any) -> list[list[str]]:
    """The cells of an XLSX sheet's rows."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert not [name for name in book.namelist() if "external" in name]
        whole = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 -- we made it
    assert whole.find(f".//{space}f") is None
    rows = []
    for row in whole.iter(f"{space}row"):
        cells = [""] * len(sheet.COLUMNS)
        for one in row.iter(f"{space}c"):
            column = "".join(letter for letter in one.attrib["r"] if letter.isalpha())
            cells[ord(column) - ord("A")] = "".join(text.text or "" for text in one.iter(f"{space}t"))
        rows.append(cells)
    return rows


async def test_as_sheets_and_lines(world: World) -> None:
    """All tasks at once, with the template's columns; words stay words; with `limit` a page."""
    await world.post(f"/api/tasks/{world.ids['逾期']}/progress", share="40", by=world.ids["公路局"])
    head = {"mengfu-after": str(await world.client.registry.head())}

    async def get(accept: str, query: str = "") -> Any:
        answer = await world.client.get(f"/api/ledger?on={ON}{query}", headers=head | {"accept": accept})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, accept)
        assert answer.headers["mengfu-position"] == head["mengfu-after"]
        return answer

    counted = (await world.ask())["totals"]["colours"]
    for colour, count in counted.items():
        assert len(table(await get(XLSX, f"&colour={colour}"))) == 1 + count, colour
    rows = table(await get(XLSX))
    assert rows[0] == [column.header for column in sheet.COLUMNS.values()]
    by_title = {row[1]: dict(zip(sheet.COLUMNS, row, strict=True)) for row in rows[1:]}
    assert len(rows) == 9
    empty = dict.fromkeys(sheet.COLUMNS, "")
    assert by_title["逾期"] == empty | {
        "number": "10",
        "title": "逾期",
        "lead": "公路局",
        "due": "2026-06-01",
        "status": "已登记",
        "progress": "40%",
        "item": "二 交通",
        "colour": "红",
    }
    assert by_title["临期"] == empty | {
        "number": "2",
        "title": "临期",
        "lead": "发改委、交通局",
        "supporting": "公路局",
        "supervising": "督查室",
        "office": "分管副主任、-",
        "person": "张三、-",
        "due": "2026-06-25",
        "status": "已立项",
        "colour": "黄",
    }
    assert (by_title["将到"]["requirement"], by_title["将到"]["due"]) == ("=1+1", "7月上半月")
    text = (await get("text/csv")).content
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\r\n") == 9
    assert b"'=1+1" in text
    read = [[bare(cell) for cell in row] for row in csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))]
    assert read == rows
    lines = [json.loads(line) for line in (await get("application/x-ndjson")).content.splitlines()]
    assert lines == (await world.ask())["items"]
    paged = await get("text/csv", "&limit=3")
    assert (paged.content.count(b"\r\n"), "link" in paged.headers) == (4, True)
    assert list(csv.reader(io.StringIO(paged.content.decode("utf-8-sig"), newline="")))[1:] == [
        [f"'{cell}" if cell == "=1+1" else cell for cell in row] for row in rows[1:4]
    ]
    refused = await world.client.get("/api/ledger", headers={"accept": "*/*;q=0"})
    assert refused.status_code == 406


async def test_a_whole_ledger_of_many_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told at once is read in chunks, all of one moment."""
    monkeypatch.setattr("service.api.ledger.CHUNK", 3)
    for accept in ("application/x-ndjson", "text/csv", XLSX):
        answer = await world.client.get("/api/ledger", headers={"accept": accept})
        whole = await world.client.get("/api/ledger?limit=1000", headers={"accept": accept})
        assert answer.status_code == 200
        if accept == XLSX:
            assert table(answer) == table(whole)
            assert len(table(answer)) == 9
        else:
            assert answer.content == whole.content
