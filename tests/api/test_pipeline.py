"""The pipeline over HTTP: a year's report by hand, and the same again after more was recorded and corrected."""

import csv
import io
import json
from typing import Any

import pytest

from service.api.sheets import CSV, XLSX
from tests.api.conftest import Client

YI = 100_000_000
BASE = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7b01"


def day(text: str) -> dict[str, str]:
    """One known day."""
    return {"earliest": text, "latest": text}


def sum_of(value: str, modality: str, bound: str = "exact", unit: str = "亿元") -> dict[str, str]:
    """A sum."""
    return {"value": value, "unit": unit, "bound": bound, "modality": modality}


class World:
    """A city with two counties, two firms, and projects in them."""

    def __init__(self, client: Client) -> None:
        """Nothing is recorded yet."""
        self.client = client
        self.ids: dict[str, str] = {}

    async def party(self, name: str) -> str:
        """A party's id, by its name."""
        if name not in self.ids:
            self.ids[name] = await self.client.party(name, "enterprise" if name in "甲乙" else "county")
        return self.ids[name]

    async def project(self, name: str, *sums: dict[str, str], at: str = "", of: str = "", **body: Any) -> str:
        """A project with these sums, in a county, of an investor; its path."""
        investor = {"investor": await self.party(of)} if of else {}
        told = [{"quantity": one} | investor for one in sums]
        if told:
            told[0]["id"] = BASE
        places = [{"party": await self.party(at)}] if at else []
        return await self.client.new("projects", **{"called": name, "investments": told, "places": places} | body)

    async def post(self, path: str, **body: Any) -> int:
        """Record something; answers its sequence."""
        answer = await self.client.post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return int(answer.json()["sequence"])

    async def ask(self, query: str = "", **headers: str) -> dict[str, Any]:
        """The answer for all that is recorded."""
        after = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get(f"/api/pipeline?{query}", headers=after | headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["mengfu-position"] == str(answer.json()["position"])
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
async def world(client: Client) -> World:
    """An empty world, whose log is followed."""
    client.registry.follower.start()
    return World(client)


def sums(tally: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The sums of a tally, by modality: low, high, about."""
    return {one["modality"]: (one["low"], one["high"], one["about"]) for one in tally["sums"]}


def yi(number: int) -> str:
    """So many 亿元 in 元."""
    return str(number * YI)


async def year(world: World) -> dict[str, str]:
    """What was signed in and around 2016; the projects' paths."""
    made = {
        "风电": await world.project(
            "风电", sum_of("40", "total"), at="东", of="甲", signed={"effective": day("2016-04-07")}
        ),
        "水库": await world.project(
            "水库",
            sum_of("30", "total"),
            sum_of("50", "planned"),
            at="西",
            of="乙",
            intended={"effective": day("2016-04-06")},
            signed={"effective": day("2016-04-07")},
        ),
        "近四百亿": await world.project(
            "近四百亿", sum_of("400", "total", "below"), signed={"effective": day("2016-12-01")}
        ),
        "医养中心": await world.project(
            "医养中心", sum_of("10", "total", "about"), at="东", signed={"effective": day("2016-04-07")}
        ),
        "蔬菜": await world.project("蔬菜", at="东", signed={"effective": day("2016-04-07")}),
        "铁路": await world.project(
            "铁路",
            sum_of("7", "planned"),
            planned={"effective": {"earliest": "2015-07-01", "latest": "2016-06-30", "precision": "range"}},
        ),
        "旧桥": await world.project("旧桥", sum_of("1", "paid_in"), operating={"effective": day("2013-01-01")}),
        "只闻其名": await world.project("只闻其名"),
    }
    await world.post(f"{made['风电']}/increases", quantity=sum_of("5", "total"), of=BASE, effective=day("2017-03-01"))
    return made


async def test_a_years_report(world: World) -> None:
    """Projects, sums by modality with their bounds, what has no sum, what is uncertain, what is left out and why."""
    made = await year(world)
    found = await world.ask("from=2016-01-01&to=2016-12-31")
    assert (found["rule"]["name"], found["rule"]["version"], found["group"]) == ("first_event", 1, "stage")
    counted, uncertain = found["totals"]["counted"], found["totals"]["uncertain"]
    assert (counted["projects"], counted["increases"], counted["anew"], counted["without_sum"]) == (5, 0, 0, 1)
    # 40 and 30, and less than 400; about 10 proves no bound and is told apart; what is planned is never added to it.
    assert sums(counted) == {"total": (yi(70), yi(470), yi(10)), "planned": (yi(50), yi(50), None)}
    (total,) = [one for one in counted["sums"] if one["modality"] == "total"]
    assert (total["unit"], total["bounded"], total["approximate"], total["high_open"]) == ("元", 3, 1, True)
    assert (uncertain["projects"], sums(uncertain)) == (1, {"planned": (yi(7), yi(7), None)})
    assert [item["title"] for item in found["without_sum"]["items"]] == ["蔬菜"]
    assert found["without_sum"]["projects"] == 1
    left = {one["reason"]: [item["title"] for item in one["items"]] for one in found["left_out"]}
    assert left == {"outside": ["旧桥"], "no_event": ["只闻其名"]}
    assert [(item["group"], item["counted"]["projects"], item["uncertain"]["projects"]) for item in found["items"]] == [
        ("planned", 0, 1),
        ("signed", 5, 0),
    ]

    # By place, by name: what stands nowhere comes last; of the wind park alone what was added later.
    places = (await world.ask("from=2016-01-01&to=2016-12-31&group=place"))["items"]
    assert [(item["name"], item["counted"]["projects"]) for item in places] == [("东", 3), ("西", 1), (None, 1)]
    assert sums(places[0]["counted"]) == {"total": (yi(40), yi(40), yi(10))}
    more = (await world.ask("from=2017-01-01&to=2017-12-31&group=investor"))["items"]
    assert [(item["name"], item["counted"]["projects"], item["counted"]["increases"]) for item in more] == [
        ("甲", 0, 1)
    ]
    assert sums(more[0]["counted"]) == {"total": (yi(5), yi(5), None)}
    by_half = (await world.ask("group=period&by=half_year"))["items"]
    assert [(item["group"], item["counted"]["projects"]) for item in by_half] == [
        ("2013-H1", 1),
        ("2016-H1", 4),
        ("2016-H2", 1),
        ("2017-H1", 0),
        (None, 1),
    ]
    signings = await world.ask("from=2016-04-01&to=2016-06-30&rules=every_signing")
    assert signings["totals"]["counted"]["projects"] == 5
    stages = await world.ask("rules=current_stage")
    assert sums(stages["totals"]["counted"])["total"] == (yi(75), yi(475), yi(10))
    assert [item["group"] for item in stages["items"]] == ["known", "planned", "signed", "operating"]

    # Another investor counts anew, in his own time; a part counts within its whole.
    first, second = await world.party("甲"), await world.party("乙")
    path = f"{made['风电']}/replacements"
    await world.post(path, former=first, investor=second, investment=BASE, effective=day("2018-01-01"))
    anew = (await world.ask("from=2018-01-01&group=investor"))["items"]
    assert [(one["name"], one["counted"]["projects"], one["counted"]["anew"]) for one in anew] == [("乙", 0, 1)]
    assert sums(anew[0]["counted"]) == {"total": (yi(45), yi(45), None)}
    whole = f"projects/{made['水库'].rpartition('/')[2]}"
    part = await world.project(
        "大坝", sum_of("3", "total"), sum_of("2", "paid_in"), signed={"effective": day("2016-05-01")}
    )
    await world.post(f"{part}/links", relation="part_of", target=whole)
    again = await world.ask("from=2016-01-01&to=2016-12-31")
    assert again["totals"]["counted"]["projects"] == 5
    assert sums(again["totals"]["counted"]) == {
        "total": (yi(70), yi(470), yi(10)),
        "planned": (yi(50), yi(50), None),
        "paid_in": (yi(2), yi(2), None),
    }
    (within,) = [one for one in again["left_out"] if one["reason"] == "part_of"]
    assert [item["title"] for item in within["items"]] == ["大坝"]


async def test_last_years_report_again(world: World) -> None:
    """By its position and its day: the same to the byte, whatever was recorded and corrected since."""
    made = await year(world)
    questions = [f"from=2016-01-01&to=2016-12-31&group={group}" for group in ("stage", "place", "investor", "period")]
    before = [await world.ask(query) for query in questions]
    position, on = before[0]["position"], before[0]["on"]

    await world.project("新项目", sum_of("9", "total"), at="西", of="甲", signed={"effective": day("2016-08-08")})
    lines = [json.loads(line) for line in (await world.client.get(f"{made['水库']}/events")).text.splitlines()]
    (stated, *_) = [line for line in lines if line["type"] == "project.investment_stated"]
    data = stated["data"] | {"quantity": sum_of("33", "total")}
    await world.post(f"{made['水库']}:correct", corrects=int(stated["sequence"]), reason="读错", data=data)
    (signed,) = [
        json.loads(line)
        for line in (await world.client.get(f"{made['风电']}/events")).text.splitlines()
        if json.loads(line)["type"] == "project.signed"
    ]
    await world.post(f"{made['风电']}:void", corrects=int(signed["sequence"]), reason="并未签约")
    await world.post(f"/api/parties/{await world.party('东')}:rename", name={"printed": "东城"})

    for query, was in zip(questions, before, strict=True):
        now = await world.ask(query)
        assert now["items"] != was["items"] or "period" in query
        assert now["totals"] != was["totals"]
        again = await world.ask(f"{query}&known_at={position}&on={on}")
        assert json.dumps(again, ensure_ascii=False) == json.dumps(was, ensure_ascii=False)


async def titles(world: World, query: str) -> set[str]:
    """The projects that the list has."""
    found = await world.client.get(f"/api/projects?{query}")
    assert found.status_code == 200, found.text
    return {one["title"] for one in found.json()["items"]}


def told(answer: dict[str, Any]) -> int:
    """How many projects an answer tells of, each once: what counts, what may count, what was left out."""
    totals = answer["totals"]
    return int(
        totals["counted"]["projects"]
        + totals["uncertain"]["projects"]
        + sum(one["projects"] for one in answer["left_out"])
    )


async def test_of_a_place_an_investor_a_sector_a_stage(world: World) -> None:
    """The projects that the list has, asked alike: each counts as it does without; nothing else is told."""
    made = await year(world)
    city = await world.party("市")
    for county in ("东", "西"):
        await world.post(f"/api/parties/{await world.party(county)}:reparent", parent=city)
    another = await world.party("东区")  # A second record of the first county, which has a project of its own.
    await world.project("码头", sum_of("2", "total"), at="东区", of="乙", signed={"effective": day("2016-05-05")})
    await world.post(f"/api/parties/{another}:merge-duplicate", into=await world.party("东"))
    for name, sector in (("风电", "能源"), ("水库", "水利"), ("旧桥", "水利")):
        await world.post(f"{made[name]}:describe", sector=sector)

    time = "from=2016-01-01&to=2016-12-31"
    for query, listed in (
        ("place=市", "place=市"),
        (f"place={city}", f"place={city}"),
        ("place=东", "place=东"),
        ("investor=乙", "investor=乙"),
        ("sector=水利", "sector=水利"),
        ("stage=signed", "status=signed"),
        ("place=市&stage=signed&investor=乙", "place=市&status=signed&investor=乙"),
        ("sector=航天", "sector=航天"),
    ):
        assert told(await world.ask(f"{time}&{query}")) == len(await titles(world, listed)), query

    east = await world.ask(f"{time}&place=东")
    assert east["place"] == await world.party("东")
    assert east["investor"] is east["sector"] is east["stage"] is None
    assert (east["totals"]["counted"]["projects"], sums(east["totals"]["counted"])) == (
        4,
        {"total": (yi(42), yi(42), yi(10))},
    )
    assert [item["title"] for item in east["without_sum"]["items"]] == ["蔬菜"]
    assert east["left_out"] == []
    water = await world.ask(f"{time}&sector=水利")
    assert [(one["reason"], [item["title"] for item in one["items"]]) for one in water["left_out"]] == [
        ("outside", ["旧桥"])
    ]
    # A sector is asked for as the group of it stands in the whole.
    (group,) = [one for one in (await world.ask(f"{time}&group=sector"))["items"] if one["group"] == "水利"]
    assert {name: water["totals"][name] for name in ("counted", "uncertain")} == {
        name: group[name] for name in ("counted", "uncertain")
    }

    # A part counts within its whole, of whatever sector either is.
    part = await world.project("大坝", sum_of("3", "total"), sector="能源", signed={"effective": day("2016-05-01")})
    await world.post(f"{part}/links", relation="part_of", target=f"projects/{made['水库'].rpartition('/')[2]}")
    energy = await world.ask(f"{time}&sector=能源")
    assert sums(energy["totals"]["counted"]) == {"total": (yi(40), yi(40), None)}
    assert [one["reason"] for one in energy["left_out"]] == ["part_of"]

    # The sheet follows, and so do the day and what was known.
    after = {"mengfu-after": str(await world.client.registry.head()), "accept": CSV}
    sheet = await world.client.get(f"/api/pipeline?{time}&group=place&sector=水利", headers=after)
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert {row["name"] for row in rows} == {"西"}
    before = await world.ask(f"{time}&sector=水利&known_at={water['position']}&on={water['on']}")
    assert before["items"] == water["items"]
    page = await world.ask(f"{time}&group=place&place=市&limit=1")
    other = await world.client.get(f"/api/pipeline?{time}&group=place&limit=1&cursor={page['next']}")
    assert other.status_code == 422


async def test_as_a_sheet(world: World) -> None:
    """A line for each group and modality, exact numbers as text; and as a workbook."""
    await year(world)
    after = {"mengfu-after": str(await world.client.registry.head())}
    query = "/api/pipeline?from=2016-01-01&to=2016-12-31&group=place"
    answer = await world.client.get(query, headers=after | {"accept": CSV})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["name"], row["modality"], row["projects"], row["low"], row["about"]) for row in rows] == [
        ("东", "total", "3", yi(40), yi(10)),
        ("西", "planned", "1", yi(50), ""),
        ("西", "total", "1", yi(30), ""),
        ("", "planned", "1", "", ""),
        ("", "total", "1", "0", ""),
    ]
    assert rows[3]["low_uncertain"] == yi(7)
    assert (await world.client.get(query, headers=after | {"accept": XLSX})).content.startswith(b"PK")


async def test_pages_are_of_the_first_ones_moment(world: World) -> None:
    """Groups come once each, in the same order, whatever is recorded between; the cursor belongs to its question."""
    await year(world)
    query = "group=period&by=half_year"
    whole = await world.ask(query)
    page = await world.ask(f"{query}&limit=2")
    await world.project("新项目", sum_of("9", "total"), signed={"effective": day("2014-08-08")})
    got = list(page["items"])
    other = await world.client.get(f"/api/pipeline?group=stage&cursor={page['next']}")
    assert other.status_code == 422
    while page["next"]:
        page = await world.ask(f"{query}&limit=2&cursor={page['next']}")
        assert (page["position"], page["totals"]) == (whole["position"], whole["totals"])
        got += page["items"]
    assert got == whole["items"]
    assert len((await world.ask(query))["items"]) == len(got) + 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=2017-01-01&to=2016-01-01", "from"),
        ("rules=twice", "rules"),
        ("group=colour", "group"),
        ("by=week", "by"),
        ("by=quarter", "by"),
        ("by=year&group=stage", "by"),
        ("known_at=999999", "known_at"),
        ("since=2016-01-01", "since"),
        ("stage=asleep", "stage"),
        ("place=无此地", "place"),
        ("investor=null", "investor"),
    ],
)
async def test_what_cannot_be_asked(world: World, query: str, parameter: str) -> None:
    """Each is told by the parameter that is wrong, in both languages."""
    for language in ("en", "zh"):
        told = await world.client.get(f"/api/pipeline?{query}", headers={"accept-language": language})
        assert told.status_code == 422, told.text
        assert told.json()["errors"][0]["parameter"] == parameter
