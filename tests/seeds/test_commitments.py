"""Who owes whom what after the five documents, asked over HTTP, against answers written down by hand from the pages.

A commitment is known by its place: the first code point of the words that it is said in.
"""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.seeds.test_asked import NUMBERS, found, get, said_at, the_one

pytestmark = pytest.mark.asyncio(loop_scope="module")

# --- By hand, from 000 ------------------------------------------------------------------------------------------------

PLANNING, INTO_JINAN = 2563, 2605
ROADS, NETWORK, TELEPHONES = 2639, 2676, 2691
FIRMS, PRODUCE, SUPPLY, TOURISM, ROUTE = 2717, 2736, 2760, 2794, 2809
BRANCHES, EXCHANGE, LABOUR = 2836, 2863, 2893
SUPERVISION, EMERGENCIES, POLLUTION = 2924, 2937, 2958
PROVISIONS = {
    *(PLANNING, INTO_JINAN, ROADS, NETWORK, TELEPHONES, FIRMS, PRODUCE, SUPPLY, TOURISM, ROUTE, BRANCHES, EXCHANGE),
    *(LABOUR, SUPERVISION, EMERGENCIES, POLLUTION),
}
"""The sixteen provisions of the framework agreement."""
CONFERENCE = 643
"""A joint conference of the two cities: what the mayor of 济南 promised for both."""
BRIDGEHEAD = 616
"""Two of its districts towards 聊城 made a bridgehead: intended by 济南."""
SERVING = 3555
"""To serve the provincial capital, 济南 before all: intended by 聊城."""
HOPED = 688
"""That firms of 聊城 settle parts of themselves in 济南: hoped by its mayor."""

JOINT = {ROUTE, SUPERVISION, POLLUTION, CONFERENCE}
"""What the words tell to be done by both together."""
MUTUAL = {LABOUR}
"""相互开放."""


async def place(service: httpx.AsyncClient, item: Any, number: str, among: set[int]) -> int:
    """Which of the places, in the document of that number, a commitment is said at."""
    source = item["source"]
    thing = await get(service, source["subject"])
    if source["part"] is not None:
        [thing] = [one for one in thing["clauses"] if f"clauses/{one['id']}" == source["part"]]
    spans = [(start, end) for told, start, end in said_at(thing) if told == number]
    [at] = {one for one in among for start, end in spans if start <= one < end}
    return at


async def owed(service: httpx.AsyncClient, among: set[int], number: str = "000", **asked: str) -> dict[int, Any]:
    """The commitments that are answered, by where they are said; each is there once."""
    items = await found(service, "commitments", **asked)
    by_place = {await place(service, item, number, among): item for item in items}
    assert len(by_place) == len(items)
    return by_place


async def party(service: httpx.AsyncClient, name: str) -> str:
    """The id of the party of that name."""
    [id] = [one["id"] for one in await found(service, "parties", q=name, limit="200") if one["name"] == name]
    return str(id)


async def test_what_liaocheng_owes_jinan_and_jinan_liaocheng(service: httpx.AsyncClient) -> None:
    jinan, liaocheng = await party(service, "济南市"), await party(service, "聊城市")
    among = {*PROVISIONS, CONFERENCE, BRIDGEHEAD, SERVING, HOPED}
    there = await owed(service, among, **{"from": liaocheng, "to": jinan})
    back = await owed(service, among, **{"from": jinan, "to": liaocheng})
    assert there.keys() == {*PROVISIONS, CONFERENCE, SERVING}
    assert back.keys() == {*PROVISIONS, CONFERENCE, BRIDGEHEAD} - {INTO_JINAN, SUPPLY}, "two are for 济南 alone"
    for answered, said in ((there, {SERVING}), (back, {BRIDGEHEAD})):
        assert {at for at, item in answered.items() if item["binding"] == "said"} == said
        assert {item["state"] for at, item in answered.items() if at in PROVISIONS} == {"signed"}, "in force: unsaid"
        assert {item["state"] for at, item in answered.items() if at not in PROVISIONS} == {"made"}
        assert all(item["inferred"] == [] and item["due"] is None and not item["carried"] for item in answered.values())
    alone = await owed(service, among, direction="one_way", **{"from": liaocheng, "to": jinan})
    assert alone.keys() == {INTO_JINAN, SERVING}
    assert [party["name"] for party in alone[INTO_JINAN]["obligors"]] == ["聊城市"]
    assert [party["name"] for party in alone[INTO_JINAN]["beneficiaries"]] == ["济南市"]
    bound = await owed(service, among, direction="one_way", binding="bound", **{"from": jinan, "to": liaocheng})
    assert bound == {}, "what 济南 alone is to do for 聊城 is intended, not promised"


async def test_what_both_owe_each_other_stands_in_both_directions_once(service: httpx.AsyncClient) -> None:
    jinan, liaocheng = await party(service, "济南市"), await party(service, "聊城市")
    among = {*PROVISIONS, CONFERENCE}
    for one, other in ((jinan, liaocheng), (liaocheng, jinan)):
        for direction, by_hand in (
            ("mutual", MUTUAL),
            ("joint", JOINT),
            ("each", set()),
            ("unstated", PROVISIONS - MUTUAL - JOINT - {INTO_JINAN} - ({SUPPLY} if one == jinan else set())),
        ):
            answered = await owed(service, among, direction=direction, **{"from": one, "to": other})
            assert answered.keys() == by_hand
            for item in answered.values():
                assert {party["id"] for party in item["obligors"]} == {jinan, liaocheng}
    assert await found(service, "commitments", **{"from": jinan, "to": jinan}) == [], "nobody owes himself"


async def test_what_was_asked_of_firms_is_told_of_those_spoken_to(service: httpx.AsyncClient) -> None:
    jinan, liaocheng = await party(service, "济南市"), await party(service, "聊城市")
    asked = {"from": liaocheng, "to": jinan, "source": "statement", "children": "true", "binding": "said"}
    items = {
        await place(service, item, "000", {SERVING, HOPED}): item
        for item in await found(service, "commitments", **asked)
        if item["source"]["said_as"] != "talk"
    }
    assert items.keys() == {SERVING, HOPED}
    assert items[HOPED]["inferred"] == ["obligors", "beneficiaries"]
    assert {party["name"] for party in items[HOPED]["beneficiaries"]} == {"济南市委", "济南市政府"}
    ways = {(way["party"]["name"], way["to"]["name"], way["how"]) for way in items[HOPED]["carried"]}
    assert ways == {("济南市委", "济南市", "child"), ("济南市政府", "济南市", "child")}


# --- By hand, from 001 ------------------------------------------------------------------------------------------------

LIU, CHINA_FIRMS, INVITED, PROMOTED, ADVICE = 1400, 1915, 368, 1849, 1288
ZHOU, WEN, FU = 1480, 1510, 1535
"""Within the names of those who 献出“锦囊妙计”."""


async def test_what_was_only_said_in_beijing_and_what_was_promised(service: httpx.AsyncClient) -> None:
    liaocheng = await party(service, "聊城市")
    document = next(id for id, number in NUMBERS.items() if number == "001")
    said_then = {one["id"] for one in await found(service, "statements", document=document, limit="200")}

    async def told(**asked: str) -> dict[int, tuple[str, str, set[str], set[str]]]:
        among = {LIU, CHINA_FIRMS, INVITED, PROMOTED, ADVICE, ZHOU, WEN, FU}
        return {
            await place(service, item, "001", among): (
                item["source"]["said_as"],
                item["binding"],
                {one["name"] for one in item["obligors"]},
                {one["name"] for one in item["beneficiaries"]},
            )
            for item in await found(service, "commitments", source="statement", **asked)
            if item["source"]["subject"].partition("/")[2] in said_then and item["source"]["said_as"] != "talk"
        }

    visited = {"中国有色矿业集团", "中国青年海归协会", "北京市海淀区政府", "中航国际", "华润医药"}
    assert await told(to=liaocheng) == {
        LIU: ("promise", "bound", {"中国生产力促进协会"}, {"聊城市"}),
        CHINA_FIRMS: ("intention", "said", set(), {"聊城市"}),
        INVITED: ("request", "said", set(), {"聊城市"}),
        PROMOTED: ("request", "said", visited, {"聊城市"}),
    }
    assert await told(**{"from": liaocheng}) == {
        at: ("proposal", "said", {"聊城市"}, set()) for at in (ADVICE, ZHOU, WEN, FU)
    }
    assert (await told(to=liaocheng, binding="bound")).keys() == {LIU}
    alpha = await party(service, "阿尔法航空制造集团公司")
    [talk] = await found(service, "commitments", children="true", **{"from": alpha, "to": liaocheng})
    assert (talk["source"]["said_as"], talk["binding"], talk["direction"]) == ("talk", "said", "mutual")
    assert await found(service, "commitments", binding="bound", **{"from": alpha}) == []


# --- The seven offices, and the answer itself -------------------------------------------------------------------------


async def test_one_clause_of_seven_offices_is_owed_by_each_to_the_others(service: httpx.AsyncClient) -> None:
    agreement = await the_one(service, "agreements", q="全省通办")
    office = await party(service, "高唐县行政审批服务局")
    [item] = await found(service, f"parties/{office}/obligations")
    assert item["source"]["subject"] == f"agreements/{agreement['id']}"
    assert len(item["obligors"]) == len(item["beneficiaries"]) == 7
    assert item["inferred"] == ["beneficiaries"], "the page does not say whom they serve so"
    assert await found(service, "commitments", children="true", **{"from": await party(service, "高唐县")}) == [
        item
        | {
            "carried": [
                {
                    "party": {"id": office, "name": "高唐县行政审批服务局"},
                    "to": {"id": await party(service, "高唐县"), "name": "高唐县"},
                    "how": "child",
                    "date": None,
                    "carries": None,
                    "sequence": None,
                }
            ]
        }
    ]


async def test_the_same_as_a_sheet_as_lines_and_as_it_was_known(service: httpx.AsyncClient) -> None:
    asked = {"from": await party(service, "聊城市"), "to": await party(service, "济南市")}
    whole = await get(service, "commitments", **asked)
    assert (whole["rule"], whole["left_out"], whole["passed"]) == ("commitments/1", [], [])
    sheet = await service.get("/api/commitments", params=asked, headers={"accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [row["subject"] for row in rows] == [item["source"]["subject"] for item in whole["items"]]
    assert {frozenset(row["obligors"].split("、")) for row in rows} == {
        frozenset({"聊城市"}),
        frozenset({"聊城市", "济南市"}),
    }
    lines = await service.get("/api/commitments", params=asked, headers={"accept": "application/x-ndjson"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert len(lines.text.splitlines()) == len(whole["items"])
    then = await get(service, "commitments", on="2013-11-28", **asked)
    assert {(item["source"]["kind"], item["state"]) for item in then["items"]} == {("statement", "registered")}, (
        "nothing was signed on the day before, and what was said then has no step yet"
    )
    after = await get(service, "commitments", on="2013-11-30", known_at=str(whole["position"]), **asked)
    assert [one["source"]["subject"] for one in after["items"]] == [one["source"]["subject"] for one in whole["items"]]


async def test_what_is_now_is_the_same_from_the_tables_of_two_times(service: httpx.AsyncClient) -> None:
    now = await get(service, "commitments", limit="1000")
    then = await get(service, "commitments", limit="1000", on=now["on"], known_at=str(now["position"]))
    assert then == now
    for name in ("聊城市", "济南市", "中国生产力促进协会"):
        asked = {"to": await party(service, name), "children": "true"}
        assert (await get(service, "commitments", on=now["on"], **asked))["items"] == (
            await get(service, "commitments", **asked)
        )["items"]
