"""The network over a small world: every number by hand."""

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from service.api.sheets import XLSX, as_xlsx
from service.domain import errors
from service.projections.network import asked as asking
from service.projections.network import counted as counting
from tests.api.conftest import Client
from tests.api.test_reading import day


class World:
    """Four cities, what they signed and where they met."""

    def __init__(self, client: Client) -> None:
        """Nothing is recorded yet."""
        self.client = client
        self.cities: dict[str, str] = {}

    async def city(self, name: str, kind: str = "city") -> str:
        """A party's id, by its name."""
        if name not in self.cities:
            self.cities[name] = await self.client.party(name, kind)
        return self.cities[name]

    async def signed(self, *names: str, on: str | None = None, **body: Any) -> str:
        """An agreement that these parties signed; its path."""
        signatories = [{"party": await self.city(name)} for name in names]
        signed = {"signed": {"effective": day(on)} if on else {}}
        return await self.client.agreement(**signed | {"signatories": signatories} | body)

    async def met(self, *names: str, on: str | None = None, **body: Any) -> str:
        """A meeting that these parties were at; its path."""
        attendance = [{"party": await self.city(name), "role": "attendee"} for name in names]
        held = {"held": {"effective": day(on)} if on else {}}
        return await self.client.new("meetings", **{"called": "会", "attendance": attendance} | held | body)

    async def post(self, path: str, **body: Any) -> int:
        """Record something; answers its sequence."""
        answer = await self.client.post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return int(answer.json()["sequence"])

    async def ask(self, query: str = "") -> dict[str, Any]:
        """The answer for all that is recorded."""
        head = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get(f"/api/network?{query}", headers=head)
        assert answer.status_code == 200, answer.text
        assert answer.headers["mengfu-position"] == str(answer.json()["position"])
        body: dict[str, Any] = answer.json()
        return body

    async def told(self, query: str = "") -> dict[str, tuple[int, int]]:
        """For each pair, by its names in order, how many agreements and meetings."""
        items = (await self.ask(query))["items"]
        found = {"".join(sorted((one["one"]["name"], one["other"]["name"]))): one for one in items}
        assert len(found) == len(items)
        return {pair: (one["agreements"], one["meetings"]) for pair, one in found.items()}


@pytest.fixture
async def world(client: Client) -> World:
    """An empty world, whose log is followed."""
    client.registry.follower.start()
    return World(client)


async def test_agreements_and_meetings_of_pairs(world: World) -> None:
    await world.signed("甲", "乙", on="2020-01-01", kinds=["supply"])
    await world.signed("甲", "乙", "丙", on="2021-05-01", kinds=["project", "supply"])
    await world.signed("甲", "丁")
    await world.signed("丙")
    await world.met("甲", "乙", on="2019-03-03", kinds=["forum"])
    await world.met("丁")
    every = {"丙甲": (1, 0), "丙乙": (1, 0), "丁甲": (1, 0), "乙甲": (2, 1)}
    assert await world.told() == {"".join(sorted(pair)): numbers for pair, numbers in every.items()}
    assert await world.told("kind=supply") == {"丙甲": (1, 0), "丙乙": (1, 0), "乙甲": (2, 0)}
    assert await world.told("kind=forum") == {"乙甲": (0, 1)}
    partners = await world.ask(f"party={world.cities['甲']}")
    assert {item["one"]["name"] for item in partners["items"]} == {"甲"}
    assert partners["items"][0]["other"]["name"] == "乙"
    assert {item["other"]["name"] for item in partners["items"]} == {"乙", "丙", "丁"}
    first = partners["items"][0]
    assert first["first"] == {"earliest": "2019-03-03", "latest": "2019-03-03"}
    assert first["last"] == {"earliest": "2021-05-01", "latest": "2021-05-01"}
    (undated,) = [item for item in partners["items"] if item["other"]["name"] == "丁"]
    assert (undated["first"], undated["last"]) == (None, None)


async def test_what_does_not_count(world: World) -> None:
    real = await world.signed("甲", "乙", on="2020-01-01")
    same = await world.signed("甲", "乙", on="2020-01-01")
    taken_back = await world.signed("甲", "丙", on="2020-01-01")
    void = await world.signed("乙", "丙", on="2020-01-01")
    meeting = await world.met("甲", "丙", on="2020-01-01")
    await world.client.agreement(signatories=[{"party": await world.city(name)} for name in "甲丁"])
    await world.signed("甲", "戊", proposed={}, signed=None)
    assert await world.told() == {"乙甲": (2, 0), "丙甲": (1, 1), "丙乙": (1, 0)}
    await world.post(f"{same}:merge-duplicate", into=real.rpartition("/")[2])
    await world.post(f"{taken_back}:retract")
    before = await world.client.registry.head()
    for line in reversed((await world.client.get(f"{void}/events")).text.splitlines()):
        await world.post(f"{void}:void", corrects=int(json.loads(line)["sequence"]), reason="no such agreement")
    assert await world.told() == {"乙甲": (1, 0), "丙甲": (0, 1)}
    held = (await world.client.get(meeting)).json()["held"]["sources"][0]["sequence"]
    await world.post(f"{meeting}:void", corrects=held, reason="it was only announced")
    assert await world.told() == {"乙甲": (1, 0)}
    assert await world.told(f"known_at={before}") == {"乙甲": (1, 0), "丙甲": (0, 1), "丙乙": (1, 0)}


async def test_what_a_second_record_has_counts_for_the_one_that_stands(world: World) -> None:
    """Once where both are named, also along a chain of second records; unmerged, each has its own again."""
    await world.signed("甲", "甲二", "乙", on="2020-01-01")
    await world.signed("甲三", "乙", on="2021-01-01")
    await world.met("乙二", "甲三", on="2022-01-01")
    apart = await world.told()
    assert apart == {"甲甲二": (1, 0), "乙甲": (1, 0), "乙甲二": (1, 0), "乙甲三": (1, 0), "乙二甲三": (0, 1)}
    before = await world.client.registry.head()
    for second, first in {"甲三": "甲二", "甲二": "甲", "乙二": "乙"}.items():
        path = f"/api/parties/{await world.city(second)}"
        await world.post(f"{path}:merge-duplicate", into=await world.city(first))
    assert await world.told() == {"乙甲": (2, 1)}
    assert await world.told(f"party={await world.city('乙')}") == {"乙甲": (2, 1)}
    assert await world.told(f"party={await world.city('甲')}") == {"乙甲": (2, 1)}
    assert await world.told(f"known_at={before}") == apart
    await world.post(f"/api/parties/{await world.city('甲二')}:unmerge-duplicate")
    assert await world.told() == {"甲甲二": (1, 0), "乙甲": (1, 0), "乙甲二": (2, 1)}


async def test_a_party_is_there_once_and_nobody_meets_themselves(world: World) -> None:
    """Several people of one party, in several roles; one who stands for a party other than the own organisation."""
    city, bureau = await world.city("甲"), await world.city("局", "agency")
    other = await world.city("乙")
    await world.met(
        attendance=[
            {"party": city, "role": "host", "person": {"name": {"printed": "张"}, "organisations": [bureau]}},
            {"party": city, "role": "speaker", "person": {"name": {"printed": "张"}, "organisations": [bureau]}},
            {"role": "guest", "person": {"name": {"printed": "李"}, "organisations": [other]}},
        ],
        conveners=[{"party": city}],
        on="2020-01-01",
    )
    assert await world.told() == {"乙甲": (0, 1)}


async def test_both_times(world: World) -> None:
    one = await world.signed("甲", "乙", on="2020-01-01")
    await world.post(f"{one}/signatories", party=await world.city("丙"), effective=day("2022-01-01"))
    position = await world.client.registry.head()
    await world.post(f"/api/parties/{world.cities['乙']}:rename", name={"printed": "新乙"}, effective=day("2021-01-01"))
    assert await world.told("on=2019-12-31") == {}
    assert await world.told("on=2020-01-01") == {"乙甲": (1, 0)}
    assert {
        item["other"]["name"] for item in (await world.ask(f"on=2021-06-01&party={world.cities['甲']}"))["items"]
    } == {"新乙"}
    assert await world.told(f"on=2021-06-01&known_at={position}") == {"乙甲": (1, 0)}
    late = {
        item["other"]["name"]: item["first"]["earliest"]
        for item in (await world.ask(f"on=2022-01-01&party={world.cities['甲']}"))["items"]
    }
    assert late == {"新乙": "2020-01-01", "丙": "2022-01-01"}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("sort", ["-count", "count", "-agreements", "agreements", "-meetings", "meetings"])
async def test_pages_tell_every_pair_once_as_of_the_first(
    world: World, sort: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are counted for each page, or for several."""
    monkeypatch.setattr(counting, "SLOW", -1 if kept else 3600)
    monkeypatch.setattr(counting, "AHEAD", 4)
    for names in ("甲乙丙丁", "甲乙", "丙丁", "甲乙"):
        await world.signed(*names, on="2020-01-01")
    await world.met("甲", "丙", on="2020-01-01")
    whole = (await world.ask(f"sort={sort}&limit=1000"))["items"]
    assert len(whole) == 6
    counted = {"count": ("agreements", "meetings")}.get(sort.removeprefix("-"), (sort.removeprefix("-"),))
    value: Callable[[Any], int] = lambda item: sum(item[field] for field in counted)  # noqa: E731 -- used as a key
    assert [value(item) for item in whole] == sorted(map(value, whole), reverse=sort.startswith("-"))
    seen: list[Any] = []
    url: str | None = f"/api/network?sort={sort}&limit=1"
    while url is not None:
        answer = await world.client.get(url)
        seen += answer.json()["items"]
        url = answer.headers["link"].partition(">")[0][1:] if "link" in answer.headers else None
        assert (answer.json()["next"] is None) == (url is None)
        await world.signed("乙", "丁", on="2020-01-01")
        await world.ask()
    assert seen == whole


async def test_what_took_long_to_count_answers_for_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most twenty times as long; who names a position gets that one. After half the time it is counted anew."""
    clock, counts = 0.0, 0

    def now() -> float:
        nonlocal clock
        clock += 1
        return clock

    count = asking.count

    async def counted(*asked: Any, **more: Any) -> Any:
        nonlocal counts
        counts += 1
        return await count(*asked, **more)

    async def plain(query: str = "") -> tuple[int, dict[str, int]]:
        answer = (await world.client.get(f"/api/network?{query}")).json()
        return answer["position"], {
            item["one"]["name"] + item["other"]["name"]: item["agreements"] for item in answer["items"]
        }

    monkeypatch.setattr(counting, "_now", now)
    monkeypatch.setattr(counting, "count", counted)
    monkeypatch.setattr(counting, "MOMENT", 1_000)
    party = await world.city("甲")
    await world.signed("甲", "乙")
    first = (await world.ask(f"party={party}"))["position"]
    assert await plain(f"party={party}") == (first, {"甲乙": 1})
    assert counts == 1
    await world.signed("甲", "乙")
    second = await world.client.registry.head()
    await world.ask("kind=forum")  # The projections have come so far.
    counts = 0
    assert await plain(f"party={party}") == (first, {"甲乙": 1})
    assert counts == 0
    assert await plain(f"party={party}&known_at={second}") == (second, {"甲乙": 2})
    assert await plain(f"party={party}&known_at={first}") == (first, {"甲乙": 1})
    assert counts == 1
    assert (await world.ask(f"party={party}"))["position"] == second
    assert await plain(f"party={party}") == (second, {"甲乙": 2})
    await world.signed("甲", "乙")
    third = await world.client.registry.head()
    await world.ask("kind=forum")
    counts, clock = 0, clock + 600
    assert (await plain(f"party={party}"))[0] == second
    await asyncio.gather(*world.client.registry.network._running.values())
    assert counts == 1
    assert await plain(f"party={party}") == (third, {"甲乙": 3})
    clock += 10_000
    await world.signed("甲", "乙")
    await world.ask("kind=forum")
    assert (await plain(f"party={party}"))[0] == await world.client.registry.head()


async def test_who_asks_while_it_is_counted_gets_that(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One count for all, whoever goes away meanwhile; what fails is told, and counted again."""
    monkeypatch.setattr(counting, "SLOW", 3600)
    await world.signed("甲", "乙")
    await world.ask()
    counts, came, gate = 0, 0, asyncio.Event()
    count, under_way = asking.count, counting.Counts._under_way

    async def counted(*asked: Any, **more: Any) -> Any:
        nonlocal counts
        counts += 1
        await gate.wait()
        if counts == 2:
            raise errors.Unavailable(problem="no count today")
        return await count(*asked, **more)

    def coming(*asked: Any) -> Any:
        nonlocal came
        came += 1
        if came == 5:
            gate.set()
        return under_way(*asked)

    monkeypatch.setattr(counting, "count", counted)
    monkeypatch.setattr(counting.Counts, "_under_way", coming)
    asked = [asyncio.create_task(world.client.get("/api/network")) for _ in range(5)]
    await gate.wait()
    asked[0].cancel()
    answers = await asyncio.gather(*asked[1:])
    assert [answer.json()["items"][0]["agreements"] for answer in answers] == [1] * 4
    assert counts == 1
    assert (await world.client.get("/api/network")).status_code == 503
    assert (await world.client.get("/api/network")).status_code == 200


async def test_as_a_sheet(world: World) -> None:
    """The same page, by Accept: its items in rows, the next page in Link; words stay words."""
    for name in ("乙", "=1+1"):
        await world.signed("甲", name, on="2020-01-01")
    whole = (await world.ask())["items"]
    bare = [[one["one"]["name"], one["other"]["name"], "1", "2020-01-01"] for one in whole]
    wanted = [["'=1+1" if cell == "=1+1" else cell for cell in row] for row in bare]
    assert bare != wanted
    answer = await world.client.get("/api/network?limit=1", headers={"accept": "text/csv"})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert (answer.headers["vary"], answer.headers["mengfu-position"]) == (
        "Accept",
        str(await world.client.registry.head()),
    )
    rows: list[dict[str, str]] = []
    url: str | None = "/api/network?limit=1"
    while url is not None:
        page = await world.client.get(url, headers={"accept": "text/csv"})
        rows += csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"), newline=""))
        url = page.headers["link"].partition(">")[0][1:] if "link" in page.headers else None
    assert [[row["one.name"], row["other.name"], row["agreements"], row["first.earliest"]] for row in rows] == wanted
    answer = await world.client.get("/api/network", headers={"accept": XLSX})
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        told = book.read("xl/sharedStrings.xml").decode() + book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in told
    for word in ("one.name", "=1+1", "乙", "2020-01-01"):
        assert f">{word}<" in told
    listed = await world.client.get("/api/agreements", headers={"accept": "text/csv;q=0.9, text/html"})
    [first, *_] = csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"), newline=""))
    assert json.loads(first["signatories"])[0]["party"] in world.cities.values()
    assert first["amended"] == "false"  # as JSON has it
    workbook = await world.client.get("/api/agreements", headers={"accept": XLSX})
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as book:
        assert '<c r="E2" t="b"><v>0</v></c>' in book.read("xl/worksheets/sheet1.xml").decode()
    for accept in ("*/*", "text/html", "application/json"):
        assert (await world.client.get("/api/network", headers={"accept": accept})).json()["items"] == whole
    refused = await world.client.get("/api/network", headers={"accept": "*/*;q=0"})
    assert refused.status_code == 406


def test_a_cell_that_cannot_hold_a_text_says_so() -> None:
    """A cell of XLSX holds 32,767 code units of UTF-16, of which a rare character takes two."""
    for text, cut in (("=" * 32_767, None), ("长" * 32_768, 32_766), ("𠀀" * 16_384, 16_383), ("𠀀" * 16_383, None)):
        with zipfile.ZipFile(io.BytesIO(as_xlsx(["text"], [[text]]))) as book:
            told = book.read("xl/sharedStrings.xml").decode()
        assert f"<t>{text if cut is None else text[:cut] + '…'}</t>" in told


async def test_what_is_wrongly_asked(world: World) -> None:
    for name in "乙丙":
        await world.signed("甲", name)
    cursor = (await world.ask("limit=1"))["next"]
    for query, parameter in (
        ("sort=name", "sort"), ("party=x", "party"), ("kind=x", "kind"), ("on=x", "on"), ("limit=0", "limit"),
        ("known_at=99999", "known_at"), ("cursor=abc", "cursor"), (f"cursor={cursor}&sort=count", "cursor"),
        (f"cursor={cursor}&on=2020-01-01", "cursor"), (f"cursor={cursor}&kind=supply", "cursor"),
        ("as_of=2020-01-01", "as_of"),
    ):  # fmt: skip
        answer = await world.client.get(f"/api/network?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter), query
    assert (await world.ask("party=00000000-0000-0000-0000-000000000000"))["items"] == []


async def test_a_count_under_way_stops_with_the_registry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is told nothing more; the connection goes back."""
    begun = asyncio.Event()

    async def sleeping(connection: Any, *_: Any, **__: Any) -> Any:
        begun.set()
        await connection.execute("select pg_sleep(3600)")

    await world.signed("甲", "乙")
    await world.ask()
    monkeypatch.setattr(counting, "count", sleeping)
    asked = asyncio.create_task(world.client.get("/api/network"))
    await begun.wait()
    async with asyncio.timeout(30):
        await world.client.registry.close()
        await asyncio.gather(asked, return_exceptions=True)
    assert not world.client.registry.network._running
