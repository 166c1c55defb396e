"""What is told otherwise than the record, of whatever sort: proposed with both claims, then settled."""

from typing import Any, NamedTuple

import pytest

from tests.api.conftest import Client
from tests.api.test_discrepancies import DAY, OTHER, document, lines, on

ONE, TWO = (f"5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c0{number}" for number in (1, 2))
SEEN = {"seen": DAY, "standing": "current"}
PERSON = {"name": {"printed": "张三", "restored": "张山"}, "title": "市长"}
MONEY = {"value": "1", "unit": "万元", "bound": "exact"}
SETTLED = {"rule": ONE, "period": {"printed": "2020年度"}}
PLAN = {
    "called": "策",
    "issued": {"effective": DAY},
    "revisions": [{"id": ONE, "label": "甲次", "effective": DAY}, {"id": TWO, "label": "乙次", "effective": DAY}],
}


class Case(NamedTuple):
    """A thing, what is told of it first, what otherwise, and which field of the record that is.

    `settles`: the resolution corrects the record by itself; else that is done by hand first.
    """

    resource: str
    body: dict[str, Any]
    command: str
    told: dict[str, Any]
    otherwise: dict[str, Any]
    field: str
    settles: bool = True


CASES: dict[str, Case] = {
    "who came after a party": Case(
        "parties", {}, ":replace", {"successor": "SECOND"}, {"successor": "THIRD"}, "into", settles=False
    ),
    "what a party became part of": Case(
        "parties", {}, ":merge", {"into": "SECOND"}, {"into": "THIRD", "effective": DAY}, "into", settles=False
    ),
    "a code": Case(
        "parties",
        {},
        "/identifiers",
        {"scheme": "uscc", "value": "91370000MA3C000X6R", "effective": DAY},
        {"scheme": "uscc", "value": "91370100MA3C000X6Y", "effective": OTHER},
        "value",
        settles=False,
    ),
    "since when a party has a code": Case(
        "parties",
        {},
        "/identifiers",
        {"scheme": "division_code", "value": "379901", "effective": DAY},
        {"scheme": "division_code", "value": "379901", "effective": OTHER},
        "since",
    ),
    "another form of a name": Case(
        "parties",
        {},
        ":rename",
        {"name": {"printed": "新名", "restored": "新茗"}, "effective": DAY},
        {"name": {"printed": "新名", "restored": "新明"}, "effective": DAY},
        "name",
    ),
    "since when a party is in a place": Case(
        "parties",
        {},
        "/places",
        {"place": "SECOND", "effective": DAY},
        {"place": "SECOND", "effective": OTHER},
        "since",
    ),
    "when it left the place": Case(
        "parties",
        {"places": [{"place": "SECOND"}]},
        "/places/SECOND:leave",
        {"effective": DAY},
        {"effective": OTHER},
        "until",
    ),
    "when a member left": Case(
        "parties",
        {"members": [{"member": "SECOND"}]},
        "/members/SECOND:remove",
        {"effective": DAY},
        {"effective": OTHER},
        "until",
    ),
    "since when it has a secretariat": Case(
        "parties",
        {},
        "/secretariat",
        {"secretariat": "SECOND", "effective": DAY},
        {"secretariat": "SECOND", "effective": OTHER},
        "since",
    ),
    "who held an office": Case(
        "parties",
        {},
        "/holders",
        SEEN | {"person": PERSON},
        SEEN | {"person": PERSON | {"name": {"printed": "张三", "restored": "张珊"}}},
        "person",
    ),
    "which agreement took another one's place": Case(
        "agreements", {"called": "议"}, ":supersede", {"successor": "PACT"}, {"successor": "DEAL"}, "successor"
    ),
    "when a signatory withdrew": Case(
        "agreements",
        {"called": "议", "signatories": [{"party": "SECOND"}]},
        "/signatories/SECOND:withdraw",
        {"effective": DAY},
        {"effective": OTHER},
        "withdrawn",
    ),
    "which instrument added a clause": Case(
        "agreements",
        {"called": "议"},
        "/clauses",
        {"id": ONE, "text": "文", "instrument": "PACT"},
        {"id": ONE, "instrument": "DEAL"},
        "added_by",
    ),
    "which instrument repealed a clause": Case(
        "agreements",
        {"called": "议", "clauses": [{"id": ONE, "text": "文"}]},
        f"/clauses/{ONE}:repeal",
        {"instrument": "PACT"},
        {"instrument": "DEAL"},
        "repealed_by",
    ),
    "when a clause was repealed": Case(
        "agreements",
        {"called": "议", "clauses": [{"id": ONE, "text": "文"}]},
        f"/clauses/{ONE}:repeal",
        {"effective": DAY},
        {"effective": OTHER},
        "repealed_from",
    ),
    "how much was paid": Case(
        "agreements",
        {"called": "议", "compensation": [{"id": ONE, "section": "某断面"}]},
        "/settlements",
        SETTLED | {"amount": MONEY},
        SETTLED | {"amount": MONEY | {"value": "2"}},
        "amount",
    ),
    "which revision added an item": Case(
        "plans",
        PLAN,
        "/items",
        {"id": "HERE", "text": "项", "revision": ONE},
        {"id": "HERE", "revision": TWO},
        "added_by",
    ),
    "which revision added a target": Case(
        "plans",
        PLAN,
        "/targets",
        {"id": "HERE", "text": "标", "revision": ONE},
        {"id": "HERE", "revision": TWO},
        "added_by",
    ),
    "which revision added a rule": Case(
        "plans",
        PLAN,
        "/rules",
        {"id": "HERE", "sort": "ledger", "text": "规", "revision": ONE},
        {"id": "HERE", "sort": "ledger", "text": "规", "revision": TWO},
        "added_by",
    ),
    "which revision dropped an item": Case(
        "plans",
        PLAN | {"items": [{"id": "HERE", "text": "项"}]},
        "/items/HERE:drop",
        {"revision": ONE},
        {"revision": TWO},
        "dropped_by",
    ),
    "why a rule was dropped": Case(
        "plans",
        PLAN | {"rules": [{"id": ONE, "sort": "ledger", "text": "规"}]},
        f"/rules/{ONE}:drop",
        {"grounds": "合并"},
        {"grounds": "取消"},
        "grounds",
    ),
    "when an item was dropped": Case(
        "plans",
        PLAN | {"items": [{"id": "HERE", "text": "项"}]},
        "/items/HERE:drop",
        {"effective": DAY},
        {"effective": OTHER},
        "dropped_from",
    ),
    "why a unit was released": Case(
        "tasks",
        {"called": "事", "units": [{"role": "lead", "party": "SECOND"}]},
        "/units/SECOND:release",
        {"role": "lead", "grounds": "改革"},
        {"role": "lead", "grounds": "另有任用"},
        "grounds",
    ),
    "when a unit was released": Case(
        "tasks",
        {"called": "事", "units": [{"role": "lead", "party": "SECOND"}]},
        "/units/SECOND:release",
        {"role": "lead", "effective": DAY},
        {"role": "lead", "effective": OTHER},
        "until",
    ),
    "when a duty ended": Case(
        "tasks",
        {"called": "事", "recurrence": {"every": "year", "month": 1, "day": 1, "first": "2020-01-01"}},
        ":end-recurrence",
        {"effective": DAY},
        {"effective": OTHER},
        "until",
    ),
    "when a party of a project was released": Case(
        "projects",
        {"called": "桥", "parties": [{"role": "builder", "party": "SECOND"}]},
        "/parties:release",
        {"role": "builder", "party": "SECOND", "effective": DAY},
        {"role": "builder", "party": "SECOND", "effective": OTHER},
        "until",
    ),
    "who came in an investor's place": Case(
        "projects",
        {"called": "桥"},
        "/replacements",
        {"id": ONE, "former": "SECOND", "investor": "THIRD"},
        {"id": ONE, "former": "SECOND", "investor": "FOURTH"},
        "investor",
    ),
    "of what a claim is": Case(
        "figures",
        {
            "metric": "数",
            "items": [{"id": ONE, "sort": "share", "label": "甲"}, {"id": TWO, "sort": "share", "label": "乙"}],
        },
        "/claims",
        {"id": "HERE", "item": ONE, "count": MONEY | {"unit": "个"}},
        {"id": "HERE", "item": TWO},
        "item",
    ),
    "since when a promise is taken up": Case(
        "statements",
        {"text": "言", "made": {"effective": DAY}},
        ":take-up",
        {"by": "agreements/PACT", "effective": DAY},
        {"by": "agreements/PACT", "effective": OTHER},
        "effective",
    ),
}


def named(value: Any, names: dict[str, str]) -> Any:
    """A body, or a path, with ids in the places of names."""
    if isinstance(value, dict):
        return {name: named(item, names) for name, item in value.items()}
    if isinstance(value, list):
        return [named(item, names) for item in value]
    for name, id in names.items() if isinstance(value, str) else ():
        value = value.replace(name, id)
    return value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_what_is_told_otherwise_is_proposed(client: Client, case: Case) -> None:
    """Refused unless it is asked for; then one discrepancy, nothing attested of that field, and it can be settled."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    names = {name: await client.party(name) for name in ("SECOND", "THIRD", "FOURTH")}
    names["HERE"] = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c03"
    for name, clauses in (("PACT", []), ("DEAL", [{"id": TWO, "text": "修"}])):
        names[name] = (await client.agreement(clauses=clauses)).rpartition("/")[2]
    if case.resource == "parties":
        path = f"/api/parties/{await client.party('甲')}"
        for name, value in case.body.items():
            for item in named(value, names):
                assert (await client.post(f"{path}/{name}", json=item)).status_code == 200
    else:
        path = await client.new(case.resource, **named(case.body, names))
    where = path + named(case.command, names)
    first = await client.post(where, json=named(case.told, names) | {"citations": on(press)})
    assert first.status_code == 200, first.text
    otherwise = named(case.otherwise, names) | {"citations": on(minutes)}
    refused = await client.post(where, json=otherwise)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:mengfu:problem:already-otherwise"), refused.text
    assert "on_conflict=propose" in refused.json()["detail"]
    version = len(await lines(client, path))
    done = await client.post(f"{where}?on_conflict=propose", json=otherwise)
    assert done.status_code == 200, done.text
    held = [one for one in await proposed(client, path) if one["claims"][0]["field"] == case.field]
    assert len(held) == 1, done.text
    one, other = held[0]["claims"]
    assert one["value"] != other["value"]
    assert [claim["sources"][0]["citations"][0]["document"] for claim in (one, other)] == [press, minutes]
    for event in (await lines(client, path))[version:]:
        assert event["type"].endswith(".attested")
        assert case.field not in event["data"].get("fields", [case.field]), event
    again = await client.post(f"{where}?on_conflict=propose", json=otherwise)
    assert (again.status_code, again.json()["sequence"]) == (200, None), again.text
    body = {"choose": other["id"], "reason": "以纪要为准"}
    settled = await client.post(f"/api/discrepancies/{held[0]['id']}:resolve", json=body)
    assert settled.status_code == (200 if case.settles else 409), settled.text
    if case.settles:
        assert settled.json()["also"][0]["subject"] == path.removeprefix("/api/")
        assert (await client.post(where, json=otherwise)).status_code == 200


async def proposed(client: Client, path: str) -> list[dict[str, Any]]:
    """What the registry has proposed of a thing."""
    found = (await client.get(f"/api/discrepancies?subject={path.removeprefix('/api/')}")).json()["items"]
    return [(await client.get(f"/api/discrepancies/{one['id']}")).json() for one in found]


async def test_the_part_of_a_thing_goes_with_it(client: Client) -> None:
    """What was done at a meeting is not looked for at the one that the record names."""
    one = (await client.new("meetings", called="甲会", held={"effective": DAY})).rpartition("/")[2]
    toured = {"id": ONE, "sort": "toured", "text": "参观"}
    two = (await client.new("meetings", called="乙会", held={"effective": DAY}, activities=[toured])).rpartition("/")[2]
    path = await client.new("projects", called="桥", signed={"meeting": one})
    told = {"meeting": two, "meeting_part": f"activities/{ONE}", "number": "一号"}
    done = await client.post(f"{path}:sign?on_conflict=propose", json=told)
    assert done.status_code == 200, done.text
    signed = (await client.get(path)).json()["signed"]
    assert (signed["meeting"], signed.get("meeting_part"), signed["number"]) == (one, None, "一号")
    [found] = await proposed(client, path)
    assert [claim["value"] for claim in found["claims"]] == [one, two]


async def test_what_does_not_go_with_the_record_is_refused(client: Client) -> None:
    """Nobody comes in their own place: the former investor cannot be taken from the record here."""
    one, two, three = [await client.party(name, "enterprise") for name in ("甲", "乙", "丙")]
    path = await client.new("projects", called="桥")
    told = {"id": ONE, "former": one, "investor": two}
    assert (await client.post(f"{path}/replacements", json=told)).status_code == 200
    other = told | {"former": three, "investor": one}
    assert (await client.post(f"{path}/replacements?on_conflict=propose", json=other)).status_code == 409


async def test_another_parent_in_a_whole_party(client: Client) -> None:
    """Of what stands inside a thing told again, too; with the fields of the thing itself."""
    minutes = await document(client, "minutes")
    one, two = [await client.party(name) for name in ("甲", "乙")]
    told = {"kind": "facility", "name": {"printed": "某馆"}, "parent": one}
    path = await client.new("parties", **told)
    other = told | {"id": path.rpartition("/")[2], "parent": two, "citations": on(minutes)}
    assert (await client.post("/api/parties", json=other)).status_code == 409
    done = await client.post("/api/parties?on_conflict=propose", json=other)
    assert done.status_code == 200, done.text
    assert (await client.get(path)).json()["parent"] == one
    [found] = await proposed(client, path)
    assert [(claim["pointer"], claim["value"]) for claim in found["claims"]] == [("/parent", one), ("/parent", two)]
    attested = (await lines(client, path))[-1]
    assert (attested["type"], attested["data"].get("fields")) == ("party.attested", None)  # the event of kind and name
    body = {"choose": found["claims"][1]["id"], "reason": "以纪要为准"}
    assert (await client.post(f"/api/discrepancies/{found['id']}:resolve", json=body)).status_code == 200
    assert (await client.get(path)).json()["parent"] == two


async def test_a_day_told_otherwise_is_not_attested(client: Client) -> None:
    """Of a withdrawal nothing else is told: the source says that there was one, and of the day another thing."""
    press, minutes = await document(client, "press"), await document(client, "minutes")
    path = await client.new("documents", kind="press")
    assert (await client.post(f"{path}:withdraw", json={"effective": DAY, "citations": on(press)})).status_code == 200
    other = {"effective": OTHER, "citations": on(minutes)}
    version = len(await lines(client, path))
    done = await client.post(f"{path}:withdraw?on_conflict=propose", json=other)
    assert (done.status_code, len(done.json()["also"])) == (200, 1)
    assert len(await lines(client, path)) == version


async def test_the_longest_names(client: Client) -> None:
    """A part is named by what it is told by, as long as that may be; what was proposed can be read again."""
    path = f"/api/parties/{await client.party('甲')}"
    seen = {"printed": "某" * 200}
    person = {"name": {"printed": "张" * 200, "restored": "山"}, "title": "长" * 200}
    told = {"person": person, "seen": seen, "standing": "former"}
    assert (await client.post(f"{path}/holders", json=told)).status_code == 200
    other = told | {"person": person | {"name": {"printed": "张" * 200, "restored": "珊"}}}
    done = await client.post(f"{path}/holders?on_conflict=propose", json=other)
    assert done.status_code == 200, done.text
    found = f"/api/{done.json()['also'][0]['subject']}"
    again = await client.get(f"{found}?known_at={await client.registry.head()}")
    assert [len(claim["subject_part"]) > 600 for claim in again.json()["claims"]] == [True, True]


RULE = {"every": "year", "month": 1, "day": 1, "first": "2020-01-01"}
REFUSED: dict[str, tuple[str, dict[str, Any], str, dict[str, Any], dict[str, Any]]] = {
    "the rule of a duty": ("tasks", {"called": "事"}, "/recurrence", RULE, RULE | {"day": 2}),
    "since when a party has its parent": (
        "parties",
        {"kind": "facility", "name": {"printed": "某馆"}},
        ":reparent",
        {"parent": "SECOND", "effective": DAY},
        {"parent": "SECOND", "effective": OTHER},
    ),
    "which record stands for another": (
        "parties",
        {"kind": "facility", "name": {"printed": "某馆"}},
        ":merge-duplicate",
        {"into": "SECOND"},
        {"into": "THIRD"},
    ),
    "a file of other bytes": (
        "documents",
        {"kind": "press"},
        "/file",
        {"sha256": "0" * 64, "size": 1, "media": "text/csv"},
        {"sha256": "1" * 64, "size": 1, "media": "text/csv"},
    ),
    "a step after the end": (
        "parties",
        {"kind": "facility", "name": {"printed": "某馆"}},
        ":dissolve",
        {},
        {"path": ":merge", "into": "SECOND"},
    ),
}


@pytest.mark.parametrize(("resource", "body", "command", "told", "otherwise"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_sets_no_source_against_another_is_refused(
    client: Client, resource: str, body: dict[str, Any], command: str, told: dict[str, Any], otherwise: dict[str, Any]
) -> None:
    """Also where it is asked to be proposed, and it leaves no trace."""
    names = {name: await client.party(name) for name in ("SECOND", "THIRD")}
    path = await client.new(resource, **body)
    assert (await client.post(path + command, json=named(told, names))).status_code == 200
    sent = named(otherwise, names)
    head = await client.registry.head()
    way = f"{path}{sent.pop('path', command)}"
    for query, language in (("", "en"), ("", "zh"), ("?on_conflict=propose", "en")):
        refused = await client.post(way + query, json=sent, headers={"accept-language": language})
        assert refused.status_code == 409, refused.text
        assert "on_conflict" not in refused.json()["detail"]
    assert await client.registry.head() == head


async def test_what_the_advice_is_of_a_refusal_that_nothing_recorded_is_behind(client: Client) -> None:
    """One body tells twice; an id is that of something else: neither can be corrected nor proposed."""
    party = {"kind": "county", "name": {"printed": "甲"}}
    twice = {"aliases": [{"alias": {"printed": "乙", "restored": name}} for name in ("丙", "丁")]}
    told = await client.post("/api/parties", json=party | twice)
    assert (told.status_code, told.json()["errors"][0]["pointer"][:10]) == (409, "/aliases/1"), told.text
    assert "Tell it once" in told.json()["detail"]
    path = await client.new("parties", **party)
    told = await client.post("/api/agreements", json={"id": path.rpartition("/")[2], "called": "议"})
    assert (told.status_code, "Choose another id" in told.json()["detail"]) == (409, True), told.text
    chinese = await client.post("/api/parties", json=party | twice, headers={"accept-language": "zh"})
    assert "请只述一次" in chinese.json()["detail"]
    assert await client.registry.head() == 1
