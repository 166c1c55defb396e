"""Ten days of an office that answers every morning for what was promised, over HTTP, each with the requests it took.

The registry holds the facts of all documents. What happens in these days is test data: nobody agreed to any of it. The
office knows the names that people use, and what the registry has answered it.
"""

import io
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import httpx
import openpyxl  # type: ignore[import-untyped] # it comes without types

from service.registry import Registry
from service.reminding import remind
from service.sheets.reading import XLSX
from tests.api.conftest import serving
from tests.api.test_task_sheets import xlsx
from tests.conftest import opened
from tests.seeds.reading import seed_all

SIGNED, PAPER = "2026-03-01", "测试数据:二〇二六年三月二日第一版"
SUPPLEMENT = "2026-05-15"
FIRST, SECOND = "2026-06-30", "2026-09-30"


class Office:
    """Who works there: the requests made, and what has been written down from one day to the next."""

    def __init__(self, client: httpx.AsyncClient, registry: Registry) -> None:
        """Nothing is known but the address and the key."""
        self.client, self.registry = client, registry
        self.requests = 0
        self.notes: dict[str, Any] = {}

    async def look(self, path: str, **asked: str | int) -> Any:
        """What only the test looks at: no request of the office's."""
        answer = await self.client.get(f"/api/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer

    async def ask(self, path: str, headers: dict[str, str] | None = None, **asked: str | int) -> Any:
        """What is answered."""
        self.requests += 1
        self.client.headers.update(headers or {"accept": "*/*"})
        return await self.look(path, **asked)

    async def send(self, path: str, body: Any = None, **more: Any) -> Any:
        """What is answered to what is to be recorded."""
        self.requests += 1
        answer = await self.client.post(f"/api/{path}", json=body, **more)
        assert answer.status_code in {200, 201}, answer.text
        told = answer.json()
        if sequence := told.get("position") or told.get("sequence"):
            self.client.headers["mengfu-after"] = str(sequence)  # what has been written is there for all that is read
        return told


def day(text: str) -> dict[str, str]:
    """A date that is known to the day."""
    return {"earliest": text, "latest": text}


def before(text: str, printed: str) -> dict[str, str]:
    """A deadline."""
    return {"latest": text, "precision": "before", "printed": printed}


# --- The days ---------------------------------------------------------------------------------------------------------


async def an_agreement_signed_yesterday(office: Office) -> None:
    """The page, the agreement with who signed it, its provision, and the task that follows from it: all or nothing."""
    cities = {one["name"]: one["id"] for one in (await office.ask("parties", kind="city", limit=1000))["items"]}
    jinan, liaocheng = cities["济南市"], cities["聊城市"]
    cited = [{"document": "@page", "locator": {"page": "1"}}]
    made = await office.send(
        "transactions",
        {
            "commands": [
                {
                    "path": "/api/documents",
                    "as": "page",
                    "body": {"kind": "press", "title": {"printed": PAPER}, "date": day("2026-03-02")},
                },
                {
                    "path": "/api/agreements",
                    "as": "agreement",
                    "body": {
                        "title": {"printed": "测试数据:公交互通协议"},
                        "kinds": ["sector_cooperation"],
                        "signed": {"effective": day(SIGNED), "place": "济南"},
                        "signatories": [{"party": jinan, "side": "甲方"}, {"party": liaocheng, "side": "乙方"}],
                        "clauses": [
                            {
                                "label": "一",
                                "text": "测试数据:乙方六月底前开通公交。",
                                "obligation": {
                                    "obligors": [liaocheng],
                                    "beneficiaries": [jinan],
                                    "due": before(FIRST, "六月底前"),
                                },
                            }
                        ],
                        "citations": cited,
                    },
                },
                {
                    "path": "/api/tasks",
                    "as": "task",
                    "body": {
                        "title": {"printed": "测试数据:开通公交"},
                        "terms": {"due": before(FIRST, "六月底前")},
                        "listed": {"effective": day("2026-03-02")},
                        "bases": [{"on": "agreements/@agreement", "on_part": "clauses/@agreement.clauses.0"}],
                        "units": [
                            {"role": "lead", "party": liaocheng, "office": "分管副市长"},
                            {"role": "supervising", "party": jinan},
                        ],
                        "citations": cited,
                    },
                },
            ]
        },
    )
    subjects = {one["as"]: one["subject"] for one in made["results"]}
    office.notes |= {"济南市": jinan, "聊城市": liaocheng, **subjects}


async def a_supplementary_one(office: Office) -> None:
    """It moves the deadline: of the provision from its own day on, and of the task, with why and who approved it."""
    agreement, task = office.notes["agreement"], office.notes["task"]
    [clause] = (await office.ask(agreement))["clauses"]
    cited = [{"document": "@page", "locator": {"page": "2"}}]
    later = {"effective": day(SUPPLEMENT), "citations": cited}
    await office.send(
        "transactions",
        {
            "commands": [
                {
                    "path": "/api/documents",
                    "as": "page",
                    "body": {
                        "kind": "signed_instrument",
                        "title": {"printed": "测试数据:补充协议"},
                        "date": day(SUPPLEMENT),
                    },
                },
                {
                    "path": "/api/agreements",
                    "as": "supplement",
                    "body": {
                        "title": {"printed": "测试数据:公交互通补充协议"},
                        "signed": {"effective": day(SUPPLEMENT)},
                        "signatories": [{"party": office.notes[name]} for name in ("济南市", "聊城市")],
                        "links": [{"relation": "amends", "target": agreement}],
                        "citations": cited,
                    },
                },
                {
                    "path": f"/api/{agreement}/clauses/{clause['id']}:amend",
                    "body": {"due": before(SECOND, "九月底前"), "instrument": "@supplement"} | later,
                },
                {
                    "path": f"/api/{task}:adjust",
                    "body": {
                        "due": before(SECOND, "九月底前"),
                        "grounds": "测试数据:补充协议延期",
                        "approver": office.notes["济南市"],
                        "instrument": "@page",
                    }
                    | later,
                },
            ]
        },
    )
    office.notes["clause"] = clause["id"]
    dues = [
        (await office.look(agreement, as_of=on))["clauses"][0]["due"]["latest"] for on in ("2026-05-14", SUPPLEMENT)
    ]
    assert dues == [FIRST, SECOND]


async def a_missed_deadline(office: Office) -> None:
    """In the morning: what is red of the other city's, who was told of it at night; then what an inspection found."""
    await remind(office.registry, date(2026, 10, 9))
    red = await office.ask("ledger", unit=office.notes["聊城市"], colour="red", on="2026-10-09", q="测试数据")
    [late] = red["items"]
    assert (f"tasks/{late['id']}", late["late_by"], late["due"]["printed"]) == (office.notes["task"], 9, "九月底前")
    assert [(unit["role"], unit["called"], unit["office"]) for unit in late["units"]] == [
        ("lead", "聊城市", "分管副市长"),
        ("supervising", "济南市", None),
    ]
    told = await office.look("events", type="task.reminded", subject=f"tasks/{late['id']}")
    lines = [json.loads(line)["data"] for line in told.text.splitlines()]
    assert [(one["level"], one["due"]) for one in lines] == [("overdue", SECOND), ("escalated", SECOND)]
    assert [one["to"] for one in lines] == [[office.notes["聊城市"]], [office.notes["济南市"]]]
    await office.send(
        f"tasks/{late['id']}/inspections",
        {
            "result": "behind",
            "text": "测试数据:尚缺车辆。",
            "by": [office.notes["济南市"]],
            "effective": day("2026-10-09"),
            "basis": "curated",
            "note": "测试数据",
        },
    )


async def the_governor_s_question(office: Office) -> None:
    """What does 聊城 owe 济南, what of it is late, and where is it written?"""
    owed = await office.ask(
        "commitments", **{"from": office.notes["聊城市"], "to": office.notes["济南市"]}, on="2026-10-10", limit=1000
    )
    assert len([one for one in owed["items"] if one["source"]["kind"] == "clause"]) > 10, "what the documents say too"
    mine = [
        one for one in owed["items"] if one["source"]["subject"] in (office.notes["agreement"], office.notes["task"])
    ]
    assert [(one["source"]["kind"], one["direction"], one["due"]["latest"], one["colour"]) for one in mine] == [
        ("clause", "one_way", SECOND, None),
        ("task", "one_way", SECOND, "red"),
    ]
    whole = await office.ask(office.notes["agreement"], expand="citations")
    [clause] = whole["clauses"]
    places = [cited["locator"]["page"] for source in clause["sources"] for cited in source["citations"]]
    assert list(dict.fromkeys(places)) == ["1", "2"]


async def two_newspapers(office: Office) -> None:
    """They give two days for one signing: the second is no error, but a question, which the heavier paper answers."""
    jinan, liaocheng = office.notes["济南市"], office.notes["聊城市"]

    def told(kind: str, on: str, **more: Any) -> dict[str, Any]:
        paper = {"kind": kind, "title": {"printed": f"测试数据:{kind}"}, "date": day("2026-10-08")}
        agreement = {
            "title": {"printed": "测试数据:供水协议"},
            "signed": {"effective": day(on)},
            "signatories": [{"party": jinan}, {"party": liaocheng}],
            "citations": [{"document": "@page", "locator": {"page": "1"}}],
        }
        first = {"path": "/api/documents", "as": "page", "body": paper}
        return {"commands": [first, {"path": "/api/agreements", "as": "agreement", "body": agreement | more}]}

    made = await office.send("transactions", told("press", "2026-10-05"))
    [agreement] = [one["subject"] for one in made["results"] if one["as"] == "agreement"]
    second = told("official_notice", "2026-10-06", id=agreement.partition("/")[2])
    again = await office.send("transactions", second, params={"on_conflict": "propose"})
    [also] = [one for result in again["results"] for one in result.get("also", ())]
    open_ = await office.ask(also["subject"], expand="choice")
    days = {one["id"]: one["value"]["earliest"] for one in open_["claims"]}
    chosen = open_["proposed_choice"]["claim"]
    assert (open_["status"], sorted(days.values()), days[chosen]) == (
        "detected",
        ["2026-10-05", "2026-10-06"],
        "2026-10-06",
    )
    await office.send(f"{also['subject']}:resolve", {"choose": chosen, "reason": "测试数据:公报为准"})
    now = await office.look(agreement)
    then = await office.look(agreement, known_at=again["position"])
    assert [one["signed"]["date"]["earliest"] for one in (then, now)] == ["2026-10-05", "2026-10-06"]
    assert (await office.look(also["subject"]))["status"] == "resolved"


async def a_renamed_enterprise(office: Office) -> None:
    """It signed under another name: what it is called now finds it, and so does what it was called then."""
    old, new = "测试数据甲公司", "测试数据乙集团"
    cited = [{"document": "@page", "locator": {"page": "1"}}]
    page = {"kind": "press", "title": {"printed": "测试数据:更名"}, "date": day("2026-10-08")}
    firm = {"kind": "enterprise", "name": {"printed": old}, "citations": cited}
    signatories = [{"party": "@firm", "name": {"printed": "测试数据甲公司(盖章)"}}, {"party": office.notes["济南市"]}]
    contract = {
        "title": {"printed": "测试数据:供货合同"},
        "signed": {"effective": day("2026-09-01")},
        "signatories": signatories,
        "citations": cited,
    }
    renamed = {"name": {"printed": new}, "effective": day("2026-10-01"), "citations": cited}
    made = await office.send(
        "transactions",
        {
            "commands": [
                {"path": "/api/documents", "as": "page", "body": page},
                {"path": "/api/parties", "as": "firm", "body": firm},
                {"path": "/api/agreements", "as": "contract", "body": contract},
                {"path": "/api/parties/@firm:rename", "body": renamed},
            ]
        },
    )
    subjects = {one["as"]: one["subject"] for one in made["results"] if "as" in one}
    for name in (old, new):
        found = await office.ask("agreements", party=name)
        assert [f"agreements/{one['id']}" for one in found["items"]] == [subjects["contract"]], name
    shown = await office.ask(subjects["contract"], expand="parties")
    [party] = [one for one in shown["signatories"] if f"parties/{one['party']}" == subjects["firm"]]
    assert tuple(party["names"][name] for name in ("printed", "at_signing", "now")) == (
        "测试数据甲公司(盖章)",
        old,
        new,
    )
    hits = await office.ask("search", q=old)
    assert subjects["firm"] in {hit["subject"] for hit in hits["items"]}


async def the_quarter_s_figures(office: Office) -> None:
    """What was signed in it, and for how much; whether a paper's sum fits; and the same report after more is known."""
    cited = [{"document": "@page", "locator": {"page": "1"}}]
    page = {"kind": "press", "title": {"printed": "测试数据:三季度"}, "date": day("2026-10-08")}

    def worth(value: str, bound: str = "exact") -> dict[str, str]:
        return {"value": value, "unit": "亿元", "bound": bound, "modality": "contracted"}

    projects = [
        {
            "called": f"测试数据:{name}项目",
            "signed": {"effective": day(on)},
            "investments": [{"quantity": worth(value)}],
            "places": [{"party": office.notes["聊城市"]}],
            "citations": cited,
        }
        for name, on, value in (("甲", "2026-07-10", "3.5"), ("乙", "2026-08-20", "4"))
    ]
    count = {"value": "2", "unit": "个", "bound": "exact"}
    figure = {
        "metric": "测试数据:三季度签约",
        "claims": [{"count": count, "sum": worth("8", "below")}],
        "links": [{"relation": "counts", "target": f"projects/@{name}"} for name in ("first", "second")],
        "citations": cited,
    }
    made = await office.send(
        "transactions",
        {
            "commands": [
                {"path": "/api/documents", "as": "page", "body": page},
                {"path": "/api/projects", "as": "first", "body": projects[0]},
                {"path": "/api/projects", "as": "second", "body": projects[1]},
                {"path": "/api/figures", "as": "figure", "body": figure},
            ]
        },
    )
    subjects = {one["as"]: one["subject"] for one in made["results"]}
    quarter: dict[str, Any] = {"from": "2026-07-01", "to": "2026-09-30", "group": "place", "on": "2026-10-14"}
    report = await office.ask("pipeline", **quarter)
    [here] = [one for one in report["items"] if one["name"] == "聊城市"]
    assert (here["counted"]["projects"], [(one["modality"], one["low"]) for one in here["counted"]["sums"]]) == (
        2,
        [("contracted", "750000000")],
    )
    sums = await office.ask(f"{subjects['figure']}/reconciliation")
    assert sums["adds_up"] == "yes", sums
    more = {"quantity": worth("1"), "effective": day("2026-09-20"), "basis": "curated", "note": "测试数据"}
    await office.send(f"{subjects['first']}/increases", more)
    again = await office.ask("pipeline", **quarter, known_at=report["position"])
    assert again["items"] == report["items"]
    assert (await office.look("pipeline", **quarter))["items"] != report["items"]


async def a_plan_of_109_tasks_as_xlsx(office: Office) -> None:
    """The list that the documents announce and do not print: tried, then taken in, whole."""
    [plan] = [one for one in (await office.look("plans", q="实施意见"))["items"] if "济南" in one["title"]]
    names = ["济南市", "聊城市", "德州市", "泰安市", "淄博市", "滨州市", "东营市"]
    rows: Sequence[Sequence[Any]] = [
        (number, f"测试数据:第{number}项", names[number % 7], names[(number + 1) % 7], "2026年底前")
        for number in range(1, 110)
    ]
    sheet = xlsx(rows, ("number", "title", "lead", "supporting", "due"))
    path, media = f"plans/{plan['id']}/tasks:import", {"content-type": XLSX}
    asked = {"name": "测试数据.xlsx", "effective": "2026-10-11"}
    tried = await office.send(path, content=sheet, headers=media, params=asked | {"dry_run": "true"})
    taken = await office.send(path, content=sheet, headers=media, params=asked)
    assert tried["counts"] == taken["counts"]
    assert taken["counts"]["new"] == 109
    told = await office.look("ledger", plan=plan["id"], on="2026-12-15", q="测试数据", limit=1)
    assert told["totals"]["colours"] == {"red": 0, "yellow": 0, "blue": 109, "none": 0}
    office.notes["plan"] = plan["id"]


async def who_changed_a_date_and_why(office: Office) -> None:
    """The auditor is shown every value that the deadline had, by whom and on what it rests."""
    told = await office.ask(f"{office.notes['task']}/history", pointer="/terms/due")
    first, second = sorted(told["items"], key=lambda one: int(one["sequence"]))
    assert (first["value"]["latest"], second["value"]["latest"]) == (FIRST, SECOND)
    assert (second["effective"], second["reason"]) == (day(SUPPLEMENT), "测试数据:补充协议延期")
    assert (second["approver"], second["actor"]) == (office.notes["济南市"], first["actor"])
    assert (first["cause"], second["cause"]) == ("change", "change")
    assert [cited["locator"] for cited in second["citations"]] == [{"page": "2"}]


async def a_new_colleague(office: Office) -> None:
    """What binds us, what is ours to do as a sheet, and a calendar for the telephone, which needs no key."""
    bound = await office.ask(f"parties/{office.notes['聊城市']}/obligations", limit=1000)
    assert bound["items"]
    sheet = await office.ask(
        "ledger", {"accept": XLSX}, unit=office.notes["聊城市"], on="2026-10-12", q="测试数据", colour="red"
    )
    [_, row] = openpyxl.load_workbook(io.BytesIO(sheet.content)).worksheets[0].iter_rows(values_only=True)
    assert "测试数据:开通公交" in row
    calendar = await office.send("ledger/calendars", {"unit": office.notes["聊城市"]})
    office.requests += 1
    async with httpx.AsyncClient(base_url=office.client.base_url) as telephone:
        feed = await telephone.get(calendar["path"])
    assert (feed.status_code, "测试数据:开通公交" in feed.text) == (200, True)


DAYS: tuple[tuple[int, Callable[[Office], Awaitable[None]], int], ...] = (
    (1, an_agreement_signed_yesterday, 2),
    (2, a_supplementary_one, 2),
    (3, a_missed_deadline, 2),
    (4, the_governor_s_question, 2),
    (5, two_newspapers, 4),
    (6, a_renamed_enterprise, 5),
    (7, the_quarter_s_figures, 5),
    (8, a_plan_of_109_tasks_as_xlsx, 2),
    (9, who_changed_a_date_and_why, 1),
    (10, a_new_colleague, 4),
)
"""Each day, what it brings, and with how many requests it is done. What only a test looks at is not counted."""


async def test_ten_days() -> None:
    """One after another, on one registry."""
    async with opened() as registry:
        await seed_all(registry)
        registry.follower.start()
        async with serving(registry) as served:
            headers = {"Authorization": f"Bearer {served.key}"}
            async with httpx.AsyncClient(base_url=served.address, headers=headers, timeout=60) as client:
                office = Office(client, registry)
                for number, work, requests in DAYS:
                    office.requests = 0
                    await work(office)
                    print(f"day {number}: {work.__name__.replace('_', ' ')}, {office.requests} requests")
                    assert office.requests == requests, number
