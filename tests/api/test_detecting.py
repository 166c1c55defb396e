"""What is noticed when something is recorded: proposed in the same transaction, once, for somebody to settle."""

from typing import Any

import pytest

from service.domain.contradicting import discrepancy_id
from tests.api.conftest import Client
from tests.api.test_discrepancies import DAY, OTHER, document, lines, on

RANGE = {"earliest": "2021-02-01", "latest": "2021-02-28", "precision": "month"}
BEFORE = {"latest": "2021-02-05", "precision": "before"}
AFTER = {"earliest": "2021-02-09", "precision": "after"}


async def proposed(client: Client) -> list[dict[str, Any]]:
    """What the registry has proposed."""
    found = (await client.get("/api/discrepancies?proposed_by=registry")).json()["items"]
    return [(await client.get(f"/api/discrepancies/{one['id']}")).json() for one in found]


@pytest.mark.parametrize("day", [DAY, RANGE, {"latest": "2021-02-06", "precision": "before"}, {"printed": "近日"}])
async def test_days_that_may_be_the_same_are_none(client: Client, day: dict[str, str]) -> None:
    meeting = (await client.new("meetings", called="会", held={"effective": DAY})).rpartition("/")[2]
    await client.new("statements", text="言", made={"meeting": meeting, "effective": day})
    assert await proposed(client) == []


@pytest.mark.parametrize("day", [OTHER, BEFORE, AFTER])
async def test_what_was_said_at_a_meeting_on_another_day(client: Client, day: dict[str, str]) -> None:
    """Four claims: each day as recorded, and as that of the other; what is chosen corrects the one that it is of."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    meeting = await client.new("meetings", called="会", held={"effective": DAY, "citations": on(press)})
    made = {"meeting": meeting.rpartition("/")[2], "effective": day, "citations": on(minutes)}
    head = await client.registry.head()
    dry = await client.post("/api/statements?dry_run=true", json={"text": "言", "made": made})
    assert [one["created"] for one in dry.json()["also"]] == [True]
    assert await client.registry.head() == head
    statement = await client.new("statements", text="言", made=made)
    [found] = await proposed(client)
    said, held, as_held, as_said = found["claims"]
    subjects = [meeting.removeprefix("/api/"), statement.removeprefix("/api/")]
    assert [one["subject"] for one in found["claims"]] == [subjects[1], subjects[0], subjects[1], subjects[0]]
    assert (said["value"], held["value"]) == (day, DAY)
    assert (as_held["pointer"], as_said["pointer"]) == ("/made/date", "/held/date")
    assert as_held["value"] == DAY | {"basis": "inferred"}
    assert [source["citations"][0]["document"] for source in as_held["sources"]] == [press]
    body = {"choose": as_said["id"], "reason": "以纪要为准"}
    path = f"/api/discrepancies/{found['id']}"
    done = await client.post(f"{path}:resolve", json=body)
    assert done.status_code == 200, done.text
    now = (await client.get(meeting)).json()["held"]
    assert {name: now["date"].get(name) for name in ("earliest", "latest")} == {
        name: day.get(name) for name in ("earliest", "latest")
    }
    assert [citation["document"] for citation in now["sources"][0]["citations"]] == [minutes]
    assert len(await proposed(client)) == 1


async def test_it_is_proposed_once(client: Client) -> None:
    """Whatever tells it again; a meeting of several days has all of them."""
    meeting = (await client.new("meetings", called="会", held={"effective": DAY, "ends": OTHER})).rpartition("/")[2]
    path = await client.new("statements", text="言", made={"effective": AFTER})
    assert await proposed(client) == []
    await client.post(f"{path}:make", json={"meeting": meeting})
    for _ in range(2):
        told = {"id": path.rpartition("/")[2], "text": "言", "made": {"meeting": meeting}}
        assert (await client.post("/api/statements", json=told)).status_code == 200
    assert len(await proposed(client)) == 1
    await client.new("statements", text="话", made={"meeting": meeting, "effective": OTHER})
    assert len(await proposed(client)) == 1


AT_MEETINGS: list[tuple[str, dict[str, Any]]] = [
    ("statements", {"text": "言", "made": {"meeting": "MEETING", "effective": OTHER}}),
    ("plans", {"called": "策", "adopted": {"meeting": "MEETING", "effective": OTHER}}),
    ("projects", {"called": "桥", "signed": {"meeting": "MEETING", "effective": OTHER}}),
    (
        "agreements",
        {
            "called": "议",
            "signed": {"effective": OTHER},
            "links": [{"relation": "signed_at", "target": "meetings/MEETING"}],
        },
    ),
]
"""What names a meeting beside a day of its own, in every way that there is."""


def at(meeting: str, value: Any) -> Any:
    """A body about that meeting."""
    if isinstance(value, dict):
        return {name: at(meeting, item) for name, item in value.items()}
    if isinstance(value, list):
        return [at(meeting, item) for item in value]
    return value.replace("MEETING", meeting.rpartition("/")[2]) if isinstance(value, str) else value


def told(discrepancy: dict[str, Any], subjects: list[str]) -> Any:
    """What a discrepancy says, with the subjects by their places among these."""
    claims = [(subjects.index(one["subject"]), one["pointer"], one["value"]) for one in discrepancy["claims"]]
    return claims, [discrepancy["what"].count(one) for one in subjects]


@pytest.mark.parametrize(("resource", "body"), AT_MEETINGS)
async def test_steps_of_other_things(client: Client, resource: str, body: dict[str, Any]) -> None:
    """Whichever is dated second, the same is proposed, once; an agreement names the meeting before its day or after."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    path = await client.new(resource, **at(meeting, body))
    [found] = await proposed(client)
    assert {claim["pointer"].rpartition("/")[2] for claim in found["claims"]} == {"date"}
    later = await client.new("meetings", called="次会")
    before = await client.new(resource, **at(later, body))
    assert len(await proposed(client)) == 1
    held = await client.post(f"{later}:hold", json={"effective": DAY})
    assert [one["created"] for one in held.json()["also"]] == [True]
    ids = [one.removeprefix("/api/") for one in (before, later)]
    [also] = [one for one in await proposed(client) if one["id"] != found["id"]]
    assert told(also, ids) == told(found, [one.removeprefix("/api/") for one in (path, meeting)])
    step = "signed" if resource == "agreements" else next(name for name in body if isinstance(body[name], dict))
    assert also["id"] == str(discrepancy_id(ids[0], f"steps/{step}", f"effective {ids[1]}"))
    for again in (held.request.url.path, f"/api/{resource}"):
        whole = at(later, body) | {"id": before.rpartition("/")[2]}
        answer = await client.post(again, json=whole if again.endswith(resource) else {"effective": DAY})
        assert (answer.status_code, "also" in answer.json()) == (200, False), answer.text
    if resource == "agreements":
        late = await client.new("agreements", called="议二", links=at(meeting, body["links"]))
        signed = await client.post(f"{late}:sign", json={"effective": BEFORE})
        assert [one["created"] for one in signed.json()["also"]] == [True]


@pytest.mark.parametrize("day", [DAY, RANGE, BEFORE, AFTER, {"printed": "近日"}])
@pytest.mark.parametrize("held", [DAY, RANGE, BEFORE, AFTER, {"printed": "近日"}])
async def test_a_meeting_dated_late_is_compared_as_one_dated_early(client: Client, day: Any, held: Any) -> None:
    early = await client.new("meetings", called="会", held={"effective": held})
    await client.new("statements", text="言", made={"meeting": early.rpartition("/")[2], "effective": day})
    count = len(await proposed(client))
    late = await client.new("meetings", called="次会")
    await client.new("statements", text="话", made={"meeting": late.rpartition("/")[2], "effective": day})
    await client.post(f"{late}:hold", json={"effective": held})
    assert len(await proposed(client)) == 2 * count


async def test_a_last_day_learnt_late(client: Client) -> None:
    """A meeting in February ended on the 10th: what was said on the 20th was not said there, nor if it took a day."""
    meeting = await client.new("meetings", called="会", held={"effective": RANGE})
    twentieth = {"earliest": "2021-02-20", "latest": "2021-02-20"}
    await client.new("statements", text="言", made={"meeting": meeting.rpartition("/")[2], "effective": twentieth})
    placed = await client.post(f"{meeting}:hold", json={"place": "济南"})
    assert (placed.status_code, "also" in placed.json()) == (200, False)
    ended = await client.post(f"{meeting}:hold", json={"ends": {"latest": "2021-02-10", "precision": "before"}})
    assert [one["created"] for one in ended.json()["also"]] == [True]


async def test_days_that_are_corrected(client: Client) -> None:
    """Of the meeting, and of what was said there: a day more is a claim more; an end that is taken away is one less."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    made = {"meeting": meeting.rpartition("/")[2], "effective": DAY}
    statement = await client.new("statements", text="言", made=made)
    held = (await client.get(meeting)).json()["held"]["sources"][0]["sequence"]
    wrong = {"corrects": held, "reason": "误记", "data": {"effective": OTHER}}
    answer = await client.post(f"{meeting}:correct", json=wrong)
    assert [one["created"] for one in answer.json()["also"]] == [True]
    [found] = await proposed(client)
    assert [one["value"] for one in found["claims"][:2]] == [DAY, OTHER]
    said = (await client.get(statement)).json()["made"]["sources"][0]["sequence"]
    right = {"corrects": said, "reason": "误记", "data": made | {"effective": OTHER}}
    answer = await client.post(f"{statement}:correct", json=right)
    assert (answer.status_code, "also" in answer.json()) == (200, False)
    right["data"]["effective"] = AFTER
    answer = await client.post(f"{statement}:correct", json=right)
    assert [one["created"] for one in answer.json()["also"]] == [False]
    [found] = await proposed(client)
    assert [one["value"] for one in found["claims"][4:]] == [AFTER, AFTER | {"basis": "inferred"}]


async def test_a_last_day_that_is_corrected_or_taken_away(client: Client) -> None:
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    ended = await client.post(f"{meeting}:hold", json={"ends": OTHER})
    await client.new("statements", text="言", made={"meeting": meeting.rpartition("/")[2], "effective": OTHER})
    assert await proposed(client) == []
    change = {"corrects": ended.json()["sequence"], "reason": "误记"}
    placed = change | {"data": {"step": "held", "place": "济南"}}
    dry = await client.post(f"{meeting}:correct?dry_run=true", json=placed)
    assert [one["created"] for one in dry.json()["also"]] == [True], dry.text
    assert await proposed(client) == []
    void = await client.post(f"{meeting}:void", json=change)
    assert [one["created"] for one in void.json()["also"]] == [True], void.text


async def test_what_a_voiding_brings_back_is_compared(client: Client) -> None:
    """A link that had ended as the meeting got its day; what stands all the while is not looked at again."""
    meeting = await client.new("meetings", called="会")
    resource, body = AT_MEETINGS[-1]
    agreement = await client.new(resource, **at(meeting, body))
    link = {"relation": "signed_at", "target": meeting.removeprefix("/api/")}
    ended = await client.post(f"{agreement}:unlink", json=link)
    assert ended.status_code == 200, ended.text
    held = await client.post(f"{meeting}:hold", json={"effective": DAY})
    assert "also" not in held.json()
    titled = await client.post(f"{agreement}/titles", json={"title": {"printed": "另名"}, "variant": "short"})
    other = {"corrects": titled.json()["sequence"], "reason": "误记"}
    assert "also" not in (await client.post(f"{agreement}:void", json=other)).json()
    void = {"corrects": ended.json()["sequence"], "reason": "未曾终止"}
    answer = await client.post(f"{agreement}:void", json=void)
    assert [one["created"] for one in answer.json()["also"]] == [True], answer.text
    [found] = await proposed(client)
    assert [one["value"] for one in found["claims"][:2]] == [OTHER, DAY]


async def test_what_names_it_in_the_same_transaction(client: Client) -> None:
    """Before it or after, and what was recorded long ago."""
    meeting = await client.new("meetings", called="会")
    stored = await client.new("statements", text="言", made={"meeting": meeting.rpartition("/")[2], "effective": OTHER})
    said = (await client.get(stored)).json()["made"]["sources"][0]["sequence"]
    commands = [{"path": f"/api/{resource}", "body": at(meeting, body)} for resource, body in AT_MEETINGS]
    right = {"corrects": said, "reason": "误记", "data": {"meeting": meeting.rpartition("/")[2], "effective": DAY}}
    commands.append({"path": f"{stored}:correct", "body": right})
    commands.insert(2, {"path": f"{meeting}:hold", "body": {"effective": DAY}})
    dry = await client.post("/api/transactions?dry_run=true", json={"commands": commands[:3]})
    assert [len(one.get("also", ())) for one in dry.json()["results"]] == [0, 0, 3]
    assert await proposed(client) == []
    answer = await client.post("/api/transactions", json={"commands": commands})
    assert answer.status_code == 200, answer.text
    assert [len(one.get("also", ())) for one in answer.json()["results"]] == [0, 0, 3, 1, 1, 0]
    assert len(await proposed(client)) == 5


async def test_what_is_put_right_before_is_not_proposed(client: Client) -> None:
    meeting = await client.new("meetings", called="会")
    made = {"meeting": meeting.rpartition("/")[2], "effective": OTHER}
    stored = await client.new("statements", text="言", made=made)
    said = (await client.get(stored)).json()["made"]["sources"][0]["sequence"]
    right = {"corrects": said, "reason": "误记", "data": made | {"effective": DAY}}
    commands = [
        {"path": f"{stored}:correct", "body": right},
        {"path": f"{meeting}:hold", "body": {"effective": DAY}},
    ]
    answer = await client.post("/api/transactions", json={"commands": commands})
    assert answer.status_code == 200, answer.text
    assert await proposed(client) == []


async def test_a_meeting_registered_with_what_was_said_there(client: Client) -> None:
    """All of it new, in one transaction, whichever comes first."""
    body = at("@会", AT_MEETINGS[0][1])
    commands = [
        {"path": "/api/meetings", "body": {"called": "会"}, "as": "会"},
        {"path": "/api/statements", "body": body},
        {"path": "/api/meetings/@会:hold", "body": {"effective": DAY}},
        {"path": "/api/statements", "body": body | {"text": "话"}},
    ]
    answer = await client.post("/api/transactions", json={"commands": commands})
    assert answer.status_code == 200, answer.text
    assert [len(one.get("also", ())) for one in answer.json()["results"]] == [0, 0, 1, 1]


async def test_a_choice_that_moves_the_meeting_shows_what_else_was_there(client: Client) -> None:
    """Of two statements that agreed with the meeting, one is left behind by the choice of another day."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    made = {"meeting": meeting.rpartition("/")[2], "effective": DAY}
    agreed = await client.new("statements", text="言", made=made)
    await client.new("statements", text="话", made=made | {"effective": OTHER})
    [found] = await proposed(client)
    choice = next(one for one in found["claims"] if one["pointer"] == "/held/date" and one["value"] != DAY)
    body = {"choose": choice["id"], "reason": "以此为准"}
    done = await client.post(f"/api/discrepancies/{found['id']}:resolve", json=body)
    assert done.status_code == 200, done.text
    more = [one for one in await proposed(client) if one["id"] != found["id"]]
    assert [[one["claims"][0]["subject"]] for one in more] == [[agreed.removeprefix("/api/")]]
    assert {f"discrepancies/{one['id']}" for one in more} < {one["subject"] for one in done.json()["also"]}


async def test_a_discrepancy_that_is_full_refuses_nothing(client: Client) -> None:
    """There is room for one claim of two: it is recorded, and so is the correction."""
    meeting = await client.new("meetings", called="会", held={"effective": DAY})
    await client.new("statements", text="言", made={"meeting": meeting.rpartition("/")[2], "effective": OTHER})
    [found] = await proposed(client)
    for number in range(15):
        claim = {"subject": meeting.removeprefix("/api/"), "text": f"{number}"}
        assert (await client.post(f"/api/discrepancies/{found['id']}/claims", json=claim)).status_code == 200
    held = (await client.get(meeting)).json()["held"]["sources"][0]["sequence"]
    for day in (AFTER, BEFORE):
        wrong = {"corrects": held, "reason": "误记", "data": {"effective": day}}
        answer = await client.post(f"{meeting}:correct", json=wrong)
        assert answer.status_code == 200, answer.text
    [found] = await proposed(client)
    assert len(found["claims"]) == 20


async def test_claims_of_a_figure_that_cannot_both_hold(client: Client) -> None:
    """Another number of the same item; a third one is a claim more of the same discrepancy, about a number is none."""
    press, repost = await document(client, "press"), await document(client, "repost")

    def projects(value: str, bound: str = "exact") -> dict[str, Any]:
        return {"value": value, "unit": "个", "bound": bound}

    figure = await client.new("figures", metric="签约项目", claims=[{"count": projects("252"), "citations": on(press)}])
    for value, bound, claims in (("250", "about", 0), ("200", "above", 0), ("260", "exact", 2), ("270", "exact", 3)):
        body = {"count": projects(value, bound), "citations": on(repost, value)}
        told = await client.post(f"{figure}/claims", json=body)
        assert told.status_code == 200, told.text
        found = await proposed(client)
        assert (len(found), "also" in told.json()) == (min(claims, 1), bool(claims))
        assert not found or len(found[0]["claims"]) == claims
    [one] = await proposed(client)
    body = {"choose": one["claims"][0]["id"], "reason": "两处相同"}
    chosen = await client.post(f"/api/discrepancies/{one['id']}:resolve", json=body)
    assert (chosen.status_code, "also" in chosen.json()) == (200, False)


async def test_more_claims_than_a_discrepancy_may_have(client: Client) -> None:
    """The figure is recorded all the same, and as many claims proposed as there is room for."""

    def told(*numbers: int) -> list[dict[str, Any]]:
        return [{"count": {"value": str(number), "unit": "个", "bound": "exact"}} for number in numbers]

    await client.new("figures", metric="一次说完", claims=told(*range(1, 24)))
    assert [len(one["claims"]) for one in await proposed(client)] == [20]
    path = await client.new("figures", metric="先后说来", claims=told(*range(1, 20)))
    again = {"id": path.rpartition("/")[2], "metric": "先后说来", "claims": told(*range(1, 20))}
    more = await client.post("/api/figures", json=again)
    assert (more.status_code, "also" in more.json()) == (200, False)
    for number in (31, 32):
        one = await client.post(f"{path}/claims", json=told(number)[0])
        assert (one.status_code, "also" in one.json()) == (200, number == 31)
    assert [len(one["claims"]) for one in await proposed(client)] == [20, 20]


async def test_what_cannot_be_proposed_refuses_nothing(client: Client) -> None:
    """The claim before cites a document that was voided since, or more than fits into a line."""
    gone, press = await document(client, "press"), await document(client, "press")

    def told(number: int, cited: list[dict[str, Any]]) -> dict[str, Any]:
        return {"count": {"value": str(number), "unit": "个", "bound": "exact"}, "citations": cited}

    one = await client.new("figures", metric="一", claims=[told(1, on(gone))])
    other = await client.new("figures", metric="二", claims=[told(1, on(press))])
    first = (await lines(client, f"/api/documents/{gone}"))[0]["sequence"]
    void = await client.post(f"/api/documents/{gone}:void", json={"corrects": int(first), "reason": "误登"})
    assert void.status_code == 200, void.text
    for page in range(3):
        many = [place for line in range(150) for place in on(press, f"{page}-{line}-" + "页" * 60)]
        assert (await client.post(f"{other}/claims", json=told(1, many))).status_code == 200
    for path in (one, other):
        head = await client.registry.head()
        done = await client.post(f"{path}/claims", json=told(2, on(press, "2")))
        assert (done.status_code, "also" in done.json()) == (200, False), done.text
        assert await client.registry.head() == head + 1
    assert await proposed(client) == []


async def test_a_figure_that_does_not_add_up(client: Client) -> None:
    """Categories that come to another sum, a stage above the one before; the whole in one body proposes each once."""
    items = [
        {"id": f"5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c0{number}", "label": f"第{number}类", "sort": "category"}
        for number in (1, 2)
    ]
    more = {"id": "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c03", "label": "签约", "sort": "stage"}

    def money(value: str) -> dict[str, Any]:
        return {"value": value, "unit": "亿元", "bound": "exact"}

    body = {
        "metric": "签约金额",
        "items": [*items, more],
        "claims": [
            {"sum": money("511.5")},
            {"item": items[0]["id"], "sum": money("276.6")},
            {"item": items[1]["id"], "sum": money("234.9")},
            {"item": more["id"], "sum": money("326.7")},
        ],
    }
    await client.new("figures", **body)
    assert await proposed(client) == []
    wrong = body | {"claims": [*body["claims"][:2], {"item": items[1]["id"], "sum": money("234.8")}]}
    path = await client.new("figures", **wrong)
    [found] = await proposed(client)
    assert "511.5" in found["what"]
    assert [claim["value"]["value"] for claim in found["claims"]] == ["511.5", "276.6", "234.8"]
    assert {claim["pointer"].rpartition("/")[2] for claim in found["claims"]} == {"sum"}
    told = await client.post(f"{path}/claims", json={"item": more["id"], "sum": money("600")})
    assert [one["created"] for one in told.json()["also"]] == [True]
    beyond = (await client.get(f"/api/{told.json()['also'][0]['subject']}")).json()
    assert [claim["value"]["value"] for claim in beyond["claims"]] == ["600", "511.5"]
    assert "also" not in (await client.post(f"{path}/claims", json={"item": more["id"], "sum": money("600")})).json()
