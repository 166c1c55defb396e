"""Coverage: every span of a text with the facts that cite it, against a count letter by letter; what is asked of it."""

import csv
import hashlib
import io
import json
import random
from typing import Any

import pytest
from msgspec.structs import replace

from service.api.coverage import Page
from service.api.sheets import XLSX
from service.projections import cursors
from tests.api.conftest import Client
from tests.api.test_reading import day

TEXT = "甲市和乙市签署协议。\n\n  丙市参加会议,丁市列席。广告广告\n"


Body = dict[str, Any]


class Paper:
    """A document of which the text is held, and a client of the registry, whose log is followed."""

    def __init__(self, client: Client, path: str, text: str) -> None:
        """At that path."""
        self.client, self.path, self.text = client, path, text
        self.id = path.rpartition("/")[2]

    def cite(self, start: int, end: int) -> dict[str, Any]:
        """The citation of a span."""
        digest = hashlib.sha256(self.text[start:end].encode()).hexdigest()
        cited = {"document": self.id, "start": start, "end": end, "sha256": digest}
        return cited | ({"why": "测试"} if end - start > 120 else {})

    async def ask(self, query: str = "", path: str | None = None) -> dict[str, Any]:
        """A page of its coverage, for all that is recorded."""
        head = {"mengfu-after": str(await self.client.registry.head())}
        answer = await self.client.get(f"{path or self.path}/coverage?{query}", headers=head)
        assert answer.status_code == 200, answer.text
        assert answer.headers["mengfu-position"] == str(answer.json()["position"])
        body: dict[str, Any] = answer.json()
        return body

    async def every(self, query: str = "") -> list[dict[str, Any]]:
        """All items, page after page, then all places."""
        items: list[dict[str, Any]] = []
        places: list[dict[str, Any]] = []
        page = await self.ask(query)
        while True:
            items += page["items"]
            assert not (places and page["items"]), "places come last"
            places += page["places"]
            if page["next"] is None:
                return [*items, *places]
            page = await self.ask(f"{query}&cursor={page['next']}")
            assert page["totals"] is None

    async def told(self, query: str = "") -> list[tuple[Any, ...]]:
        """Each span with its state and the names of the parts that cite it."""
        return [
            (one["start"], one["end"], one["state"], sorted({fact["part"] for fact in one["by"]}))
            for one in (await self.ask(query))["items"]
        ]


async def paper(client: Client, text: str = TEXT, *, hold: bool = True, **body: Any) -> Paper:
    """A document with its text."""
    client.registry.follower.start()
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = await client.new("documents", **{"kind": "press", "sha256": digest, "length": len(text)} | body)
    if hold:
        assert (await client.put(f"{path}/text", content=text.encode())).status_code == 201
    return Paper(client, path, text)


TWO: Body = {
    "segments": {
        "parts": [{"key": "1", "spans": [{"start": 0, "end": 10}]}, {"key": "2", "spans": [{"start": 14, "end": 31}]}]
    }
}
PASSED: Body = {"passed": {"spans": [{"start": 26, "end": 30, "reason": "boilerplate", "note": "广告"}]}}


async def test_spans_in_the_order_of_the_text(client: Client) -> None:
    """Each with its state, part, facts, words; what is cited and passed over says both."""
    one = await paper(client, **TWO, **PASSED)
    agreement = await client.agreement(
        citations=[one.cite(0, 9)], clauses=[{"text": "签", "citations": [one.cite(3, 5), one.cite(28, 30)]}]
    )
    clause = (await client.get(agreement)).json()["clauses"][0]["id"]
    page = await one.ask()
    assert (page["held"], page["next"], page["places"]) == (True, None, [])
    told = [(i["start"], i["end"], i["state"], i["part"], i["citations"], i["words"]) for i in page["items"]]
    assert told == [
        (0, 3, "cited", "1", 1, "甲市和"),
        (3, 5, "cited", "1", 2, "乙市"),
        (5, 9, "cited", "1", 1, "签署协议"),
        (9, 10, "open", "1", 0, "。"),
        (10, 14, "blank", None, 0, "\n\n  "),
        (14, 26, "open", "2", 0, "丙市参加会议,丁市列席。"),
        (26, 28, "passed", "2", 0, "广告"),
        (28, 30, "cited", "2", 1, "广告"),
        (30, 31, "blank", "2", 0, "\n"),
    ]
    assert page["items"][7]["passed"] == [{"reason": "boilerplate", "note": "广告"}]
    facts = page["items"][1]["by"]
    subject = agreement.removeprefix("/api/")
    assert [(fact["subject"], fact["href"], fact["part"], fact["fields"]) for fact in facts] == [
        (subject, agreement, "header", ["title"]),
        (subject, agreement, f"clauses/{clause}", ["clause", "text"]),
    ]
    assert [fact["attests"] for fact in facts] == [None, None]


async def test_totals_by_state_and_part(client: Client) -> None:
    """Whatever is asked for, on the first page."""
    one = await paper(client, **TWO, **PASSED)
    await client.agreement(
        citations=[one.cite(0, 9)], clauses=[{"text": "签", "citations": [one.cite(3, 5), one.cite(28, 30)]}]
    )
    totals = (await one.ask("state=open&limit=1"))["totals"]
    whole: dict[str, Any] = {
        "cited": (4, 11),
        "both": (1, 2),
        "passed": (1, 2),
        "open": (2, 13),
        "blank": (2, 5),
        "facts": 2,
    }

    def plain(told: dict[str, Any]) -> dict[str, Any]:
        return {
            name: (value["spans"], value["code_points"]) if isinstance(value, dict) else value
            for name, value in told.items()
            if name not in {"parts", "key"}
        }

    assert plain(totals) == whole
    assert [part["key"] for part in totals["parts"]] == [None, "1", "2"]
    none, first, second = map(plain, totals["parts"])
    empty = {"cited": (0, 0), "both": (0, 0), "passed": (0, 0), "open": (0, 0), "blank": (0, 0), "facts": 0}
    assert none == empty | {"blank": (1, 4)}
    assert first == empty | {"cited": (3, 9), "open": (1, 1), "facts": 2}
    assert second == empty | {
        "cited": (1, 2),
        "both": (1, 2),
        "passed": (1, 2),
        "open": (1, 12),
        "blank": (1, 1),
        "facts": 1,
    }
    letters = sum(told[1] for name, told in whole.items() if name not in {"both", "facts"})
    assert letters == len(TEXT)


async def test_filters(client: Client) -> None:
    """By part of the document and by state; what is passed over is found though it is cited."""
    one = await paper(client, **TWO, **PASSED)
    await client.agreement(citations=[one.cite(0, 9), one.cite(28, 30)])
    assert [item[:3] for item in await one.told("state=cited")] == [(0, 9, "cited"), (28, 30, "cited")]
    assert [item[:3] for item in await one.told("state=passed")] == [(26, 28, "passed"), (28, 30, "cited")]
    assert [item[:3] for item in await one.told("state=open")] == [(9, 10, "open"), (14, 26, "open")]
    assert [item[:3] for item in await one.told("state=blank")] == [(10, 14, "blank"), (30, 31, "blank")]
    assert [item[:2] for item in await one.told("part=1")] == [(0, 9), (9, 10)]
    assert [item[:2] for item in await one.told("part=2&state=open")] == [(14, 26)]
    away = await paper(client, TEXT + "x", hold=False)
    assert await away.told("state=open") == [(0, 32, "open", [])]
    assert await away.told("state=blank") == []
    assert (await away.ask())["held"] is False


async def test_a_voided_or_corrected_fact_cites_no_more(client: Client) -> None:
    """As it was known before, it does."""
    one = await paper(client)
    path = await client.agreement(clauses=[{"text": "签", "citations": [one.cite(0, 2)]}])
    clause = (await client.get(path)).json()["clauses"][0]
    sequence = clause["sources"][0]["sequence"]
    before = await client.registry.head()
    data = {"clause": clause["id"], "text": "签", "citations": [one.cite(3, 5)]}
    corrected = await client.post(f"{path}:correct", json={"corrects": sequence, "reason": "引错", "data": data})
    assert corrected.status_code == 200, corrected.text
    between = await client.registry.head()
    assert [item[:2] for item in await one.told("state=cited")] == [(3, 5)]
    by = (await one.ask("state=cited"))["items"][0]["by"]
    assert [fact["sequence"] for fact in by] == [sequence]
    await client.post(f"{path}:void", json={"corrects": sequence, "reason": "没有此条"})
    assert await one.told("state=cited") == []
    assert [item[:2] for item in await one.told(f"state=cited&known_at={before}")] == [(0, 2)]
    assert [item[:2] for item in await one.told(f"state=cited&known_at={between}")] == [(3, 5)]


async def test_what_was_amended_since_stays_said(client: Client) -> None:
    """A change in the world unsays nothing, an attestation cites too, and what is to come is pending."""
    one = await paper(client)
    path = await client.agreement(
        clauses=[{"text": "签", "citations": [one.cite(0, 2)]}], signed={"effective": day("2020-01-01")}
    )
    clause = (await client.get(path)).json()["clauses"][0]["id"]
    again = await client.post(f"{path}/clauses", json={"id": clause, "text": "签", "citations": [one.cite(5, 9)]})
    assert again.status_code == 200, again.text
    await client.post(
        f"{path}/clauses/{clause}:amend",
        json={"text": "改", "effective": day("2090-01-01"), "citations": [one.cite(3, 5)]},
    )
    items = (await one.ask("state=cited"))["items"]
    told = [(i["start"], [(f["since"], f["pending"], f["attests"] is not None) for f in i["by"]]) for i in items]
    assert told == [
        (0, [("2020-01-01", False, False)]),
        (3, [("2090-01-01", True, False)]),
        (5, [("2020-01-01", False, True)]),
    ]
    later = (await one.ask("state=cited&on=2090-01-02"))["items"]
    assert [fact["pending"] for item in later for fact in item["by"]] == [False, False, False]
    earlier = (await one.ask("state=cited&on=2019-01-01"))["items"]
    assert [fact["pending"] for item in earlier for fact in item["by"]] == [True, True, True]


async def test_places_without_a_text(client: Client) -> None:
    """Cells and pages stand in a list of their own, behind all spans, page after page."""
    one = await paper(client)
    cells = [{"document": one.id, "locator": {"sheet": "表", "cell": cell}} for cell in ("A1", "A2", "B1")]
    await client.agreement(
        citations=[one.cite(0, 2), *cells[:2]], clauses=[{"text": "签", "citations": [cells[0], cells[2]]}]
    )
    whole = await one.every()
    assert [item.get("start") for item in whole] == [0, 2, None, None, None]
    assert [item["locator"]["cell"] for item in whole[2:]] == ["A1", "A2", "B1"]
    assert [(item["citations"], len(item["by"])) for item in whole[2:]] == [(2, 2), (1, 1), (1, 1)]
    for limit in (1, 2, 3, 4, 5):
        assert await one.every(f"limit={limit}") == whole
    assert (await one.ask("state=passed"))["places"] == []
    assert (await one.ask())["totals"]["facts"] == 2
    sheet = await client.new("documents", kind="spreadsheet")
    assert (await one.ask(path=sheet))["items"] == []


async def test_as_a_sheet_and_as_lines(client: Client) -> None:
    """A span or a place a row."""
    one = await paper(client, **TWO, **PASSED)
    page = {"document": one.id, "locator": {"page": "3"}}
    path = await client.agreement(citations=[one.cite(0, 9), page])
    await one.ask()
    answer = await client.get(f"{one.path}/coverage", headers={"accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    told = [(row["start"], row["state"], row["reason"], row["page"], row["by"]) for row in rows]
    by = f"{path.removeprefix('/api/')} header"
    assert told == [
        ("0", "cited", "", "", by),
        ("9", "open", "", "", ""),
        ("10", "blank", "", "", ""),
        ("14", "open", "", "", ""),
        ("26", "passed", "boilerplate", "", ""),
        ("30", "blank", "", "", ""),
        ("", "cited", "", "3", by),
    ]
    assert (await client.get(f"{one.path}/coverage", headers={"accept": XLSX})).content[:2] == b"PK"
    lines = (await client.get(f"{one.path}/coverage", headers={"accept": "application/x-ndjson"})).text.splitlines()
    assert [json.loads(line).get("locator") for line in lines] == [*[None] * 6, {"page": "3"}]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("part=3", "part"),
        ("state=read", "state"),
        ("text_version=simplified", "text_version"),
        ("text_version=x", "text_version"),
        ("limit=0", "limit"),
        ("known_at=999999", "known_at"),
        ("cursor=abc", "cursor"),
        ("on=9999-12-31", "on"),
        ("more=1", "more"),
    ],
)
async def test_a_wrong_question(client: Client, query: str, parameter: str) -> None:
    """Is told by its parameter."""
    one = await paper(client, **TWO)
    await one.ask()
    answer = await client.get(f"{one.path}/coverage?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] == parameter


async def test_a_cursor_belongs_to_its_question(client: Client) -> None:
    """And a document that is not there, or was not yet, is not found."""
    one = await paper(client)
    await client.agreement(citations=[one.cite(0, 2)])
    cursor = (await one.ask("limit=1"))["next"]
    assert (await client.get(f"{one.path}/coverage?limit=1&state=open&cursor={cursor}")).status_code == 422
    forged = cursors.written(replace(cursors.read(cursor, Page), at=len(TEXT), place="\0"))
    refused = await client.get(f"{one.path}/coverage?limit=1&cursor={forged}")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "cursor")
    nobody = "/api/documents/00000000-0000-4000-8000-000000000001"
    assert (await client.get(f"{nobody}/coverage")).status_code == 404
    assert (await client.get(f"{one.path}/coverage?known_at=0")).status_code == 404


async def test_pages_stay_while_facts_come(client: Client) -> None:
    """All pages are for the position of the first."""
    one = await paper(client)
    await client.agreement(citations=[one.cite(0, 2), one.cite(3, 5), one.cite(5, 9)])
    whole = await one.every()
    first = await one.ask("limit=2")
    await client.agreement(citations=[one.cite(1, 4), one.cite(8, 20)])
    rest = await one.ask(f"limit=9&cursor={first['next']}")
    assert [*first["items"], *rest["items"]] == whole


async def test_against_a_count_letter_by_letter(client: Client) -> None:
    """Many citations, narrow and wide, over one another; any page size."""
    draw = random.Random(7)  # noqa: S311 -- the same numbers on every run
    text = "".join(draw.choice("甲乙丙 \n。") for _ in range(900))
    length = len(text)
    cuts = sorted(draw.sample(range(1, length), 5))
    bounds = list(zip([0, *cuts], [*cuts, length], strict=True))
    parts = [{"key": str(n), "spans": [{"start": a, "end": b}]} for n, (a, b) in enumerate(bounds) if n != 3]
    spans = sorted({(a, min(length, a + draw.randint(1, 40))) for a in draw.sample(range(length), 9)})
    passed = [{"start": a, "end": b, "reason": "rhetoric"} for a, b in spans]
    one = await paper(client, text, segments={"parts": parts}, passed={"spans": passed})
    cited: list[tuple[int, int, str]] = []
    for number in range(40):
        wide = number % 8 == 0
        start = draw.randrange(length - 300)
        end = start + (draw.randint(121, 300) if wide else draw.randint(1, 60))
        path = await client.agreement(called=f"第{number}份", citations=[one.cite(start, end)])
        cited.append((start, end, path.removeprefix("/api/")))

    def letter(at: int) -> tuple[Any, ...]:
        by = sorted(subject for a, b, subject in cited if a <= at < b)
        over = [a for a, b in spans if a <= at < b]
        part = next((one["key"] for one in parts if one["spans"][0]["start"] <= at < one["spans"][0]["end"]), None)  # type: ignore[index]
        return by, len(over), part

    whole = await one.every("limit=1000")
    assert [item["start"] for item in whole] == [0, *(item["end"] for item in whole[:-1])]
    assert whole[-1]["end"] == length
    for item in whole:
        for at in range(item["start"], item["end"]):
            by, over, part = letter(at)
            assert sorted(fact["subject"] for fact in item["by"]) == by
            assert (len(item["passed"]), item["part"], item["citations"]) == (over, part, len(by))
        state = (
            "cited" if item["by"] else "passed" if item["passed"] else "blank" if item["words"].isspace() else "open"
        )
        assert item["state"] == state
        assert item["words"] == text[item["start"] : item["end"]]
    for limit in (1, 7, 33):
        assert await one.every(f"limit={limit}") == whole
    for state in ("cited", "open", "blank"):
        assert await one.every(f"limit=3&state={state}") == [item for item in whole if item["state"] == state]
    assert await one.every("limit=5&state=passed") == [item for item in whole if item["passed"]]
    assert await one.every("limit=5&part=2") == [item for item in whole if item["part"] == "2"]
    totals = (await one.ask("limit=1"))["totals"]
    for state in ("cited", "open", "blank", "passed"):
        those = [item for item in whole if item["state"] == state]
        assert totals[state] == {"spans": len(those), "code_points": sum(i["end"] - i["start"] for i in those)}
