"""What the items of lists say of their days: what may not hold yet, and from when on the list says otherwise."""

from collections.abc import Callable
from typing import Any

import pytest

from service.api import sheets
from service.domain.catalogue import DECIDERS
from service.projections.following import FOLLOWING, PROJECTIONS
from service.projections.inline import INLINE
from service.registry import DECODERS
from service.verifying.rows import Checked, check_rows
from tests.api.conftest import Client
from tests.api.test_reading import day

TEN_DAYS = {"earliest": "2020-05-01", "latest": "2020-05-10", "precision": "ten_days"}
OPEN = {"earliest": "2020-03-01", "precision": "after"}
LONG = {"earliest": "2000-01-01", "latest": "2999-06-30", "precision": "range"}


@pytest.fixture
async def following(client: Client) -> Client:
    """A client of a service that follows the log."""
    client.registry.follower.start()
    return client


async def items(client: Client, path: str) -> list[dict[str, Any]]:
    """The items of a list that knows the whole log."""
    head = await client.registry.head()
    await client.registry.progress.reached([table.name for table in FOLLOWING], head)
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["items"]
    return listed


async def verified(client: Client) -> None:
    """Every row, of now and of two times, is the one that the log makes."""
    inline = frozenset(projection.name for projection in INLINE)
    connection: Any
    async with client.registry.pool.acquire() as connection:
        await check_rows(connection, PROJECTIONS, inline, DECIDERS, DECODERS, Checked(), lambda _: None)


def lasting(thing: dict[str, Any]) -> list[str]:
    """What is uncertain of a thing, as a list tells it: with the part's key in the place of its index."""
    told = []
    for pointer in thing["uncertain"]:
        _, field, *rest = pointer.split("/")
        if rest and rest[0].isdecimal():
            part = thing[field][int(rest[0])]
            rest[0] = KEYS[field](part)
        told.append("/".join(("", field, *rest)))
    return sorted(told)


KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "assessments": lambda part: str(part["id"]),
    "clauses": lambda part: str(part["id"]),
    "life": lambda part: f"{part['round']}:{part['step']}",
    "signatories": lambda part: str(part["party"]),
}


def tell(item: dict[str, Any]) -> tuple[str, list[str], str | None]:
    """What an item says of its day."""
    return item["status"], item["uncertain"], item["changes_on"]


async def test_a_date_of_ten_days(following: Client) -> None:
    """Nothing before it, uncertain within it, certain from its last day on; the same in each list as in the thing."""
    client = following
    party = await client.party("甲")
    one = await client.agreement(signatories=[{"party": party}], signed={"effective": TEN_DAYS})
    for on, status, uncertain, changes_on in (
        ("2020-04-30", "registered", [], "2020-05-01"),
        ("2020-05-01", "signed", ["/status", "/signed"], "2020-05-10"),
        ("2020-05-09", "signed", ["/status", "/signed"], "2020-05-10"),
        ("2020-05-10", "signed", [], None),
        ("2120-05-10", "signed", [], None),
    ):
        [item] = await items(client, f"/api/agreements?as_of={on}")
        thing = (await client.get(f"{one}?as_of={on}")).json()
        assert (item["status"], item["changes_on"]) == (status, changes_on), on
        assert item["uncertain"] == lasting(thing), on
        assert {"/status", "/signed"} & {*item["uncertain"]} == {*uncertain}, on
        mine = await items(client, f"/api/parties/{party}/agreements?as_of={on}")
        assert [tell(each) for each in mine] == ([tell(item)] if mine else []), on
    assert [tell(each) for each in await items(client, f"/api/parties/{party}/agreements")] == [("signed", [], None)]
    assert [tell(each) for each in await items(client, "/api/agreements")] == [("signed", [], None)]


async def test_an_end_that_nobody_dates(following: Client) -> None:
    """It is uncertain for ever; the same now and at two times, also where nothing is known of when it was."""
    client = following
    one = await client.agreement(signed={"effective": day("2020-03-01")})
    assert (await client.post(f"{one}:terminate", json={})).status_code == 200
    for times in ("", "?as_of=2020-03-01", "?as_of=2999-01-01"):
        [item] = await items(client, f"/api/agreements{times}")
        assert tell(item) == ("terminated", ["/status", "/terminated"], None)
    [item] = await items(client, "/api/agreements?as_of=2020-02-29")
    assert tell(item) == ("registered", [], "2020-03-01")


async def test_a_statement_taken_up_on_a_day_that_nobody_knows(following: Client) -> None:
    client = following
    agreement = (await client.agreement()).removeprefix("/api/")
    one = await client.new("statements", text="言", made={"effective": day("2020-03-01")})
    assert (await client.post(f"{one}:take-up", json={"by": agreement})).status_code == 200
    for times in ("", "?as_of=2021-01-01"):
        [item] = await items(client, f"/api/statements{times}")
        key = agreement.replace("/", "~1")
        assert tell(item) == ("taken_up", ["/status", f"/uptakes/{key}"], None)
        assert (await client.get(f"{one}{times}")).json()["uncertain"] == ["/status", "/uptakes/0"]


async def test_what_is_to_come(following: Client) -> None:
    """Known beforehand: the day is told now, and a list of that day says it."""
    client = following
    one = await client.agreement(
        signed={"effective": day("2020-03-01")}, clauses=[{"label": "一", "text": "甲"}, {"label": "二", "text": "乙"}]
    )
    clauses = [clause["id"] for clause in (await client.get(one)).json()["clauses"]]
    to_come = {"text": "丙", "effective": {"earliest": "2990-01-01", "latest": "2990-01-31", "precision": "month"}}
    assert (await client.post(f"{one}/clauses/{clauses[1]}:amend", json=to_come)).status_code == 200
    for times, amended, uncertain, changes_on in (
        ("", False, False, "2990-01-01"),
        ("?as_of=2989-12-31", False, False, "2990-01-01"),
        ("?as_of=2990-01-01", True, True, "2990-01-31"),
        ("?as_of=2990-01-31", True, False, None),
    ):
        [item] = await items(client, f"/api/agreements{times}")
        thing = (await client.get(f"{one}{times}")).json()
        assert (item["amended"], item["changes_on"]) == (amended, changes_on), times
        assert item["uncertain"] == lasting(thing), times
        assert (f"/clauses/{clauses[1]}/text" in item["uncertain"]) == uncertain, times


async def test_a_term_that_ends(following: Client) -> None:
    """Its last day is no uncertain one, and the list says on the day before what comes."""
    client = following
    await client.agreement(signed={"effective": day("2020-03-01")}, term={"period": {"ends": day("2980-12-31")}})
    for times, told in (
        ("", ("signed", [], "2981-01-01")),
        ("?as_of=2980-12-31", ("signed", [], "2981-01-01")),
        ("?as_of=2981-01-01", ("expired", [], None)),
    ):
        assert [tell(item) for item in await items(client, f"/api/agreements{times}")] == [told], times


@pytest.mark.parametrize(
    ("resource", "body", "way", "under"),
    [
        ("parties", {"kind": "city", "name": {"printed": "市"}}, ":dissolve", ()),
        ("documents", {"kind": "press"}, ":withdraw", ()),
        ("meetings", {"called": "会", "conveners": [{"party": "PARTY"}]}, ":hold", ("/api/parties/PARTY/meetings",)),
        (
            "statements",
            {"text": "言", "participants": [{"role": "speaker", "party": "PARTY"}]},
            ":make",
            ("/api/parties/PARTY/statements",),
        ),
        (
            "plans",
            {"called": "策", "bodies": [{"role": "drafter", "party": "PARTY"}]},
            ":draft",
            ("/api/parties/PARTY/plans",),
        ),
        (
            "tasks",
            {"called": "事", "units": [{"role": "lead", "party": "PARTY"}]},
            ":list",
            ("/api/parties/PARTY/tasks",),
        ),
        (
            "projects",
            {"called": "工", "parties": [{"role": "host", "party": "PARTY"}]},
            ":sign",
            ("/api/parties/PARTY/projects",),
        ),
        (
            "figures",
            {
                "metric": "数",
                "concerned": [{"role": "subject", "party": "PARTY"}],
                "claims": [{"count": {"value": "1", "unit": "个", "bound": "exact"}}],
            },
            ":dispute",
            ("/api/parties/PARTY/figures",),
        ),
    ],
)
async def test_in_every_list(
    following: Client, resource: str, body: dict[str, Any], way: str, under: tuple[str, ...]
) -> None:
    """Within a long date, after it, and as the thing itself says it; in sheets as well."""
    client = following
    party = await client.party("甲")
    one = await client.new(resource, **_named(body, party))
    step = await client.post(
        f"{one}{way}", json={"effective": LONG} | ({"by": [party]} if way in {":list", ":dispute"} else {})
    )
    assert step.status_code == 200, step.text
    id = one.rpartition("/")[2]
    for path in (f"/api/{resource}", *(each.replace("PARTY", party) for each in under)):
        for times, changes_on in (("", "2999-06-30"), ("?as_of=2999-06-29", "2999-06-30"), ("?as_of=2999-06-30", None)):
            [item] = [each for each in await items(client, f"{path}{times}") if each["id"] == id]
            thing = (await client.get(f"{one}{times}")).json()
            assert item["changes_on"] == changes_on, (path, times)
            assert item["uncertain"] == lasting(thing), (path, times)
            assert ("/status" in item["uncertain"]) == (changes_on is not None), (path, times)
        sheet = (await client.get(path, headers={"accept": sheets.CSV})).text
        assert sheet.splitlines()[0].endswith(",uncertain,changes_on"), path
        assert ",2999-06-30" in sheet, path


def _named(value: Any, party: str) -> Any:
    """A body that names the party."""
    if isinstance(value, dict):
        return {name: _named(inner, party) for name, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, party) for inner in value]
    return party if value == "PARTY" else value


async def test_an_event_of_a_later_day_leaves_nothing_behind(following: Client) -> None:
    """Rows begin on the newest day in effect: what it has passed is not told any more, and verify finds them so."""
    client = following
    meeting = (await client.new("meetings", called="会")).removeprefix("/api/")
    one = await client.agreement(signed={"effective": day("2019-03-01")}, term={"period": {"ends": day("2020-12-31")}})
    link = {"relation": "signed_at", "target": meeting, "effective": day("2021-05-01")}
    assert (await client.post(f"{one}/links", json=link)).status_code == 200
    rows = "select starts, ends, status from p_agreements order by starts"
    stored = [tuple(row) for row in await client.registry.pool.fetch(rows)]
    assert [status for _, _, status in stored] == ["expired"]
    assert [tell(item) for item in await items(client, "/api/agreements")] == [("expired", [], None)]
    await verified(client)


async def test_rows_with_dates_of_all_kinds_are_those_of_a_rebuild(following: Client) -> None:
    """However the events came: within each other's dates, after them, before them, to come, corrected."""
    client = following
    one = await client.agreement(signed={"effective": TEN_DAYS}, clauses=[{"label": "一", "text": "甲"}])
    clause = (await client.get(one)).json()["clauses"][0]["id"]
    for text, effective in (
        ("乙", {"earliest": "2020-05-05", "latest": "2020-06-30", "precision": "range"}),
        ("丙", LONG),
        ("丁", OPEN),
        ("戊", {"earliest": "2991-01-01", "latest": "2991-12-31", "precision": "year"}),
        ("己", {"latest": "2990-12-31", "precision": "before"}),
        ("庚", day("2021-01-01")),
    ):
        amended = await client.post(f"{one}/clauses/{clause}:amend", json={"text": text, "effective": effective})
        assert amended.status_code == 200, amended.text
        for times in ("", "?as_of=2020-05-06", "?as_of=2020-05-10", "?as_of=2991-06-01", "?as_of=1999-01-01"):
            [item] = await items(client, f"/api/agreements{times}")
            assert item["uncertain"] == lasting((await client.get(f"{one}{times}")).json()), (text, times)
        await verified(client)
