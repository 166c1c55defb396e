"""Who owes whom what, over a small world: every answer by hand. Succession, children, tasks, states, pages, sheets."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from service.api.sheets import XLSX
from service.projections import commitments, cursors
from tests.api.conftest import Client
from tests.api.test_network import World
from tests.api.test_reading import day


class Owing(World):
    """Parties, and what they owe one another, by its heading or title."""

    async def agreed(self, *names: str, clauses: list[dict[str, Any]], on: str = "2020-01-10", **body: Any) -> str:
        """An agreement of these parties with these clauses, whose parties are told by name; its path."""
        told = []
        for clause in clauses:
            obligation = {
                key: [await self.city(name) for name in value] if key in {"obligors", "beneficiaries"} else value
                for key, value in clause.items()
                if key != "heading"
            }
            told.append(
                {"heading": clause["heading"], "text": "某事"} | ({"obligation": obligation} if obligation else {})
            )
        return await self.signed(*names, on=on, clauses=told, **body)

    async def task(self, title: str, *leads: str, **body: Any) -> str:
        """A task of these lead units; its path."""
        units = [{"role": "lead", "party": await self.city(name)} for name in leads]
        return await self.client.new("tasks", called=title, units=units, **body)

    async def whole(self, query: str = "", **parties: str) -> dict[str, Any]:
        """The answer for all that is recorded; `owing` and `owed` are names."""
        names = {"owing": "from", "owed": "to"}
        given = "&".join([f"{names[key]}={await self.city(name)}" for key, name in parties.items()])
        head = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get(f"/api/commitments?{given}&{query}".rstrip("?&"), headers=head)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def asked(self, query: str = "", **parties: str) -> dict[str, Any]:
        """The commitments that are answered, by heading or title."""
        items = (await self.whole(query, **parties))["items"]
        told = {item["source"]["text"] or item["source"]["title"]: item for item in items}
        assert len(told) == len(items)
        return told


@pytest.fixture
async def world(client: Client) -> Owing:
    """Nothing yet; the log is followed."""
    client.registry.follower.start()
    return Owing(client)


def names(parties: list[dict[str, Any]]) -> set[str]:
    """The names of parties."""
    return {party["name"] for party in parties}


def ways(item: dict[str, Any]) -> list[tuple[str, str, str]]:
    """From whom to whom something was carried, and how."""
    return [(way["party"]["name"], way["to"]["name"], way["how"]) for way in item["carried"]]


# --- Clauses ----------------------------------------------------------------------------------------------------------


async def test_one_way_mutual_joint_each_and_what_no_source_says(world: Owing) -> None:
    await world.agreed(
        "甲",
        "乙",
        "丙",
        clauses=[
            {"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]},
            {"heading": "通报", "obligors": ["甲", "乙"], "manner": "mutual"},
            {"heading": "共建", "obligors": ["甲", "乙", "丙"], "manner": "joint"},
            {"heading": "各自治理", "obligors": ["甲", "乙"], "beneficiaries": ["丙"], "manner": "each"},
            {"heading": "出资", "obligors": ["甲"]},
            {"heading": "惠及", "beneficiaries": ["乙"]},
            {"heading": "谁做不明"},
        ],
    )
    there = await world.asked(owing="甲", owed="乙")
    assert {name: item["direction"] for name, item in there.items()} == {
        "供水": "one_way",
        "通报": "mutual",
        "共建": "joint",
        "出资": "one_way",
    }
    assert {name: item["inferred"] for name, item in there.items() if item["inferred"]} == {
        "共建": ["beneficiaries"],
        "出资": ["beneficiaries"],
    }
    assert names(there["出资"]["beneficiaries"]) == {"乙", "丙"}
    assert there["通报"] == (await world.asked(owing="乙", owed="甲"))["通报"], "once in either direction, as one thing"
    assert (await world.asked(owing="乙", owed="甲")).keys() == {"通报", "共建"}
    each = (await world.asked(owing="乙", owed="丙"))["各自治理"]
    assert (each["direction"], each["manner"]) == ("one_way", "each")
    assert (await world.asked(owed="乙"))["惠及"]["obligors"] == []
    whole = await world.whole(owing="甲", owed="乙")
    assert [(one["what"], one["count"]) for one in whole["left_out"]] == [("clauses", 2)]
    assert {item["binding"] for item in there.values()} == {"bound"}
    assert (await world.asked("direction=mutual", owing="甲")).keys() == {"通报"}


async def test_the_state_of_a_clause_is_that_of_its_agreement(world: Owing) -> None:
    clause = [{"heading": "某条", "obligors": ["甲"], "beneficiaries": ["乙"]}]
    path = await world.agreed("甲", "乙", clauses=clause, on="2020-01-10")

    async def state(query: str = "") -> Any:
        told = await world.asked(query, owing="甲")
        return told["某条"]["state"] if told else None

    assert await state() == "signed"
    await world.post(f"{path}:enter-into-force", effective=day("2020-02-01"))
    await world.post(f"{path}:terminate", effective=day("2021-05-01"))
    days = [f"on={one}" for one in ("2020-01-09", "2020-01-10", "2020-02-01", "2021-04-30", "2021-05-01")]
    assert [await state(one) for one in days] == [None, "signed", "in_force", "in_force", "ended"]
    assert await state("open=true") is None
    assert await state("open=false") == "ended"
    assert await state("state=ended") == "ended"
    assert await state("state=signed") is None


async def test_a_term_that_runs_out_and_a_clause_repealed(world: Owing) -> None:
    clauses = [{"heading": name, "obligors": ["甲"], "beneficiaries": ["乙"]} for name in ("一", "二")]
    period = {"period": {"ends": day("2022-12-31")}}
    path = await world.agreed("甲", "乙", clauses=clauses, term=period)
    later = await world.signed("甲", "乙", on="2021-03-01", called="补充协议")
    [first] = [one["id"] for one in (await world.client.get(path)).json()["clauses"] if one["heading"] == "一"]
    await world.post(f"{path}/clauses/{first}:repeal", instrument=later.rpartition("/")[2], effective=day("2021-03-01"))
    for on, states in (
        ("2021-02-28", ("signed", "signed")),
        ("2021-03-01", ("repealed", "signed")),
        ("2022-12-31", ("repealed", "signed")),
        ("2023-01-01", ("repealed", "ended")),
    ):
        told = await world.asked(f"on={on}", owing="甲")
        assert (told["一"]["state"], told["二"]["state"]) == states
    now = await world.asked(owing="甲")
    assert (now["一"]["state"], now["二"]["state"]) == ("repealed", "ended"), "the same from the tables of now"


async def test_what_is_not_signed_binds_nobody(world: Owing) -> None:
    clause = {"heading": "某条", "text": "某事", "obligation": {"obligors": [await world.city("甲")]}}
    signatories = [{"party": await world.city(name)} for name in ("甲", "乙")]
    await world.client.agreement(signatories=signatories, clauses=[clause], proposed={})
    told = await world.asked(owing="甲", owed="乙")
    assert (told["某条"]["binding"], told["某条"]["state"]) == ("said", "not_yet")
    assert await world.asked("binding=bound", owing="甲") == {}


async def test_deadlines_overlap_windows(world: Owing) -> None:
    await world.agreed(
        "甲",
        "乙",
        clauses=[
            {"heading": "三月", "obligors": ["甲"], "due": {"earliest": "2021-03-01", "latest": "2021-03-31"}},
            {"heading": "年底前", "obligors": ["甲"], "due": {"latest": "2021-12-31", "precision": "before"}},
            {"heading": "无期", "obligors": ["甲"]},
        ],
    )
    assert list(await world.asked(owing="甲")) == ["三月", "年底前", "无期"], "by deadline, those without one last"
    assert list(await world.asked("sort=-due", owing="甲")) == ["无期", "年底前", "三月"]
    assert (await world.asked("due_from=2021-03-15&due_to=2021-03-20", owing="甲")).keys() == {"三月", "年底前"}
    assert (await world.asked("due_from=2021-04-01", owing="甲")).keys() == {"年底前"}


# --- Succession -------------------------------------------------------------------------------------------------------


async def test_what_a_merged_party_owed_its_successor_owes_from_that_day(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    path = f"/api/parties/{await world.city('甲')}"
    merged = await world.post(f"{path}:merge", into=await world.city("丙"), effective=day("2021-06-01"), carries=True)
    replaced = await world.post(
        f"/api/parties/{await world.city('丙')}:replace", successor=await world.city("丁"), effective=day("2023-01-01")
    )
    assert await world.asked("on=2021-05-31", owing="丙") == {}
    item = (await world.asked("on=2021-06-01", owing="丙"))["供水"]
    assert names(item["obligors"]) == {"甲"}, "as the source names it"
    assert item["carried"] == [
        {
            "party": {"id": await world.city("甲"), "name": "甲"},
            "to": {"id": await world.city("丙"), "name": "丙"},
            "how": "merged",
            "date": day("2021-06-01"),
            "carries": True,
            "sequence": merged,
        }
    ]
    whole = await world.whole(owing="丁", owed="乙")
    assert ways(whole["items"][0]) == [("甲", "丙", "merged"), ("丙", "丁", "replaced")]
    assert [(way["carries"], way["sequence"]) for way in whole["from"]] == [(True, merged), (None, replaced)]
    passed = await world.whole(owing="甲")
    assert [(way["to"]["name"], way["how"]) for way in passed["passed"]] == [("丙", "merged")]
    obligations = (await world.client.get(f"/api/parties/{await world.city('丁')}/obligations")).json()
    assert obligations["items"] == whole["items"]
    assert obligations["items"][0]["obligors"][0]["name"] == "甲"
    back = await world.asked(owing="乙", owed="丁")
    assert back == {}


async def test_who_is_owed_is_succeeded_as_well(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    await world.post(
        f"/api/parties/{await world.city('乙')}:replace", successor=await world.city("戊"), effective=day("2021-06-01")
    )
    assert ways((await world.asked(owing="甲", owed="戊"))["供水"]) == [("乙", "戊", "replaced")]
    assert await world.asked("on=2021-05-31", owing="甲", owed="戊") == {}


async def test_obligations_that_a_source_says_did_not_pass(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    merged = {"into": await world.city("丙"), "effective": day("2021-06-01"), "carries": False}
    await world.post(f"/api/parties/{await world.city('甲')}:merge", **merged)
    whole = await world.whole(owing="丙")
    assert (whole["items"], whole["from"]) == ([], [])
    assert (await world.whole(owing="甲"))["passed"] == []


async def test_of_a_party_that_survived_a_split_only_what_had_begun_passes(world: Owing) -> None:
    for heading, on in (("前", "2020-01-10"), ("后", "2022-01-10")):
        clauses = [{"heading": heading, "obligors": ["甲"], "beneficiaries": ["乙"]}]
        await world.agreed("甲", "乙", clauses=clauses, on=on, called=heading)
    path = f"/api/parties/{await world.city('甲')}"
    await world.post(f"{path}:split", into=[await world.city("丙")], survives=True, effective=day("2021-06-01"))
    assert (await world.asked(owing="甲")).keys() == {"前", "后"}
    told = await world.asked(owing="丙")
    assert told.keys() == {"前"}
    assert ways(told["前"]) == [("甲", "丙", "split")]


async def test_circles_of_successors_end(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    for one, other in (("甲", "丙"), ("丙", "甲")):
        path = f"/api/parties/{await world.city(one)}"
        await world.post(f"{path}:split", into=[await world.city(other)], survives=True, effective=day("2021-06-01"))
    assert (
        (await world.asked(owing="甲", owed="乙")).keys()
        == (await world.asked(owing="丙", owed="乙")).keys()
        == {"供水"}
    )


async def test_a_second_record_of_a_party_owes_as_the_first(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    await world.post(f"/api/parties/{await world.city('甲')}:merge-duplicate", into=await world.city("甲市"))
    assert ways((await world.asked(owing="甲市"))["供水"]) == [("甲", "甲市", "duplicate")]


# --- Children and tasks -----------------------------------------------------------------------------------------------


async def test_children_count_where_they_are_asked_for(world: Owing) -> None:
    office = await world.client.new("parties", kind="agency", name={"printed": "甲局"}, parent=await world.city("甲"))
    world.cities["甲局"] = office.rpartition("/")[2]
    await world.agreed("甲局", "乙", clauses=[{"heading": "供水", "obligors": ["甲局"], "beneficiaries": ["乙"]}])
    assert await world.asked(owing="甲", owed="乙") == {}
    told = await world.asked("children=true", owing="甲", owed="乙")
    assert ways(told["供水"]) == [("甲局", "甲", "child")]


async def test_whom_a_task_is_for(world: Owing) -> None:
    office = await world.client.new("parties", kind="agency", name={"printed": "甲局"}, parent=await world.city("甲"))
    world.cities["甲局"] = office.rpartition("/")[2]
    path = await world.agreed(
        "甲",
        "乙",
        "丙",
        clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}, {"heading": "谁做不明"}],
    )
    parts = {one["heading"]: f"clauses/{one['id']}" for one in (await world.client.get(path)).json()["clauses"]}
    on = path.removeprefix("/api/")
    due = {"due": day("2021-06-30"), "effective": day("2020-03-01")}
    closed = await world.task("建水厂", "甲局", bases=[{"on": on, "on_part": parts["供水"]}], terms=due)
    await world.task("其他", "甲局", bases=[{"on": on, "on_part": parts["谁做不明"]}])
    await world.task("全部", "乙", bases=[{"on": on}], terms=due)
    await world.task("无据", "甲局")
    told = await world.asked("source=task")
    assert {name: names(item["beneficiaries"]) for name, item in told.items()} == {
        "建水厂": {"乙"},
        "其他": {"乙", "丙"},
        "全部": {"甲", "丙"},
        "无据": set(),
    }
    assert (await world.asked("source=task", owing="甲局", owed="乙")).keys() == {"建水厂", "其他"}
    assert (await world.asked("source=task&children=true", owing="甲", owed="丙")).keys() == {"其他"}
    assert await world.asked("source=task", owing="甲局", owed="甲") == {}, "nobody owes his own body"
    assert (await world.asked("source=task", owed="甲")).keys() == {"全部"}
    assert {one: told[one]["colour"] for one in ("建水厂", "其他")} == {"建水厂": "red", "其他": None}
    assert (await world.asked("source=task&on=2021-06-25", owing="甲局"))["建水厂"]["colour"] == "yellow"
    await world.post(f"{closed}/units", role="supervising", party=await world.city("督办"))
    await world.post(f"{closed}:close", by=[await world.city("督办")], effective=day("2021-06-01"))
    done = (await world.asked("source=task", owing="甲局"))["建水厂"]
    assert (done["state"], done["colour"], done["binding"]) == ("closed", None, "bound")
    assert (await world.asked("source=task&open=true", owing="甲局")).keys() == {"其他", "无据"}
    assert (await world.asked(f"subject={closed.removeprefix('/api/')}")).keys() == {"建水厂"}


async def test_a_colour_is_by_the_thresholds_of_the_plan(world: Owing) -> None:
    plan = await world.client.new("plans", called="方案", thresholds={"near": 100, "behind": 50})
    terms = {"due": day("2021-06-30"), "effective": day("2020-03-01")}
    await world.task("建水厂", "甲", bases=[{"on": plan.removeprefix("/api/")}], terms=terms)
    on = {"2021-01-01": None, "2021-04-01": "blue", "2021-05-20": "yellow", "2021-07-01": "red"}
    assert {one: (await world.asked(f"on={one}", owing="甲"))["建水厂"]["colour"] for one in on} == on


async def test_of_several_plans_one_that_sets_no_thresholds_counts_by_the_registrys(world: Owing) -> None:
    """As in the ledger: the strictest of them counts."""
    lenient = await world.client.new("plans", called="宽方案", thresholds={"near": 1, "behind": 0})
    other = await world.client.new("plans", called="他方案")
    bases = [{"on": plan.removeprefix("/api/")} for plan in (lenient, other)]
    terms = {"due": day("2021-06-30"), "effective": day("2020-03-01")}
    await world.task("建水厂", "甲", bases=bases, terms=terms)
    for on, colour in {"2021-05-30": None, "2021-06-10": "blue", "2021-06-25": "yellow"}.items():
        assert (await world.asked(f"on={on}", owing="甲"))["建水厂"]["colour"] == colour
        (item,) = (await world.client.get(f"/api/ledger?on={on}")).json()["items"]
        assert item["colour"] == colour


# --- Statements -------------------------------------------------------------------------------------------------------


async def test_a_promise_binds_and_nothing_else_that_is_said(world: Owing) -> None:
    people = [
        {"role": "speaker", "party": await world.city("甲")},
        {"role": "addressee", "party": await world.city("乙")},
    ]
    for kind in ("promise", "intention", "request", "proposal", "talk", "remark"):
        await world.client.new("statements", text=kind, kind=kind, participants=people, made={})
    told = await world.asked("source=statement")
    sides = {name: (names(item["obligors"]), names(item["beneficiaries"])) for name, item in told.items()}
    assert sides == {
        "promise": ({"甲"}, {"乙"}),
        "intention": ({"甲"}, {"乙"}),
        "request": ({"乙"}, {"甲"}),
        "proposal": ({"乙"}, set()),
        "talk": ({"甲"}, {"甲"}),
    }
    assert {name for name, item in told.items() if item["binding"] == "bound"} == {"promise"}
    promise = told["promise"]["source"]["subject"]
    await world.post(f"/api/{promise}:withdraw", by=[await world.city("甲")])
    assert (await world.asked(owing="甲", owed="乙"))["promise"]["state"] == "withdrawn"
    assert (await world.asked("open=true", owing="甲", owed="乙")).keys() == {"intention"}


# --- Pages, sheets, times ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["due", "-due", "recorded", "-recorded"])
async def test_pages_are_the_whole_while_the_log_goes_on(world: Owing, sort: str) -> None:
    dues: list[dict[str, Any]] = [{}, {"due": day("2021-01-01")}, {"due": day("2021-01-01")}, {}]
    clauses = [{"heading": f"{place}", "obligors": ["甲"], **due} for place, due in enumerate(dues)]
    await world.agreed("甲", "乙", clauses=clauses)
    whole = (await world.whole(f"sort={sort}", owing="甲", owed="乙"))["items"]
    url: str | None = f"/api/commitments?from={await world.city('甲')}&sort={sort}&limit=1"
    paged = []
    while url is not None:
        answer = await world.client.get(url)
        assert answer.status_code == 200, answer.text
        paged += answer.json()["items"]
        url = answer.links["next"]["url"] if "next" in answer.links else None
        if len(paged) == 1:
            await world.agreed("甲", "丙", clauses=[{"heading": "新", "obligors": ["甲"]}], called="又一份")
    assert paged == whole


async def test_a_cursor_of_another_question_is_refused(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": name, "obligors": ["甲"]} for name in "一二"])
    cursor = (await world.whole("limit=1", owing="甲"))["next"]
    forged = cursors.written(replace(cursors.read(cursor, commitments.Place), part="\0"))
    others = (f"to={await world.city('乙')}", "sort=recorded", "binding=said", "on=2021-01-01")
    owing = f"from={await world.city('甲')}"
    for query in (*(f"cursor={cursor}&{other}" for other in others), f"limit=1&{owing}&cursor={forged}"):
        answer = await world.client.get(f"/api/commitments?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "cursor")


async def test_sheets_and_lines(world: Owing) -> None:
    clauses = [{"heading": "=1+1", "obligors": ["甲", "乙"], "manner": "joint", "due": day("2021-03-01")}]
    await world.agreed("甲", "乙", clauses=clauses)
    sheet = await world.client.get("/api/commitments", headers={"accept": "text/csv"})
    [row] = csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig")))
    assert {name: row[name] for name in ("kind", "text", "direction", "due_from", "due_to", "state")} == {
        "kind": "clause",
        "text": "'=1+1",
        "direction": "joint",
        "due_from": "2021-03-01",
        "due_to": "2021-03-01",
        "state": "signed",
    }
    assert set(row["obligors"].split("、")) == {"甲", "乙"}
    book = await world.client.get("/api/commitments", headers={"accept": XLSX})
    assert book.content.startswith(b"PK")
    lines = await world.client.get("/api/commitments", headers={"accept": "application/x-ndjson"})
    assert lines.text.count("\n") == 1
    assert "甲" in lines.text


async def test_the_words_of_each_kind(world: Owing) -> None:
    """A heading, else a clause's words; a statement's words; what a task asks for; the beginning of what is long."""
    one, two = await world.city("甲"), await world.city("乙")
    voices = [{"role": "speaker", "party": one}, {"role": "addressee", "party": two}]
    for text in ("年内通车", "长" * 201):
        await world.client.new("statements", kind="promise", text=text, participants=voices)
    await world.task("无文", "甲")
    await world.task("有文", "甲", terms={"text": "修路", "requirement": "二级"})
    await world.task("有标准", "甲", terms={"requirement": "一级"})
    items = (await world.whole(owing="甲"))["items"]
    assert {(item["source"]["kind"], item["source"]["title"], item["source"]["text"]) for item in items} == {
        ("statement", "年内通车", "年内通车"),
        ("statement", "长" * 199 + "…", "长" * 199 + "…"),
        ("task", "无文", None),
        ("task", "有文", "修路"),
        ("task", "有标准", "一级"),
    }


async def test_as_it_was_known(world: Owing) -> None:
    await world.agreed("甲", "乙", clauses=[{"heading": "供水", "obligors": ["甲"], "beneficiaries": ["乙"]}])
    before = await world.client.registry.head()
    await world.agreed("甲", "乙", clauses=[{"heading": "供电", "obligors": ["甲"]}], called="又一份")
    known = await world.whole(f"known_at={before}", owing="甲")
    assert (known["position"], [item["source"]["text"] for item in known["items"]]) == (before, ["供水"])
    assert (await world.asked(owing="甲")).keys() == {"供水", "供电"}


async def test_an_unknown_party_is_not_found_in_the_path_and_owes_nothing_as_a_filter(world: Owing) -> None:
    answer = await world.client.get(f"/api/parties/{uuid4()}/obligations")
    assert answer.status_code == 404
    assert (await world.client.get(f"/api/commitments?from={uuid4()}")).json()["items"] == []
    for wrong in ("from=x", "state=late", "source=plan", "children=2", "limit=0", "nobody=1"):
        refused = await world.client.get(f"/api/commitments?{wrong}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, wrong.partition("=")[0])
