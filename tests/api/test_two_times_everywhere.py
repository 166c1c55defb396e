"""Every kind of thing and its list at two times, against a fold made from the contract's words alone.

As in `test_two_times_laws`, the fold knows the lines of the log and shares no code with the service. It looks at facts
whose events say all of them: names, titles, numbers, codes, and the steps that a status tells.
"""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Client
from tests.api.test_two_times_laws import DATES, SOON, Line, dates, lines_of, record, served, standing
from tests.soak import examples

AS_OF = [date.fromisoformat(text) for text in ("2018-12-31", "2020-05-01", "2021-11-25", "2023-01-01")] + [SOON]
DATED = st.sampled_from([when for when in DATES if when and "earliest" in when]).map(lambda when: {"effective": when})
WORDS = st.sampled_from("甲乙丙")
NAMED = WORDS.map(lambda word: {"printed": word})
Way = tuple[str, dict[str, Any]]
Facts = dict[str, Any]

# --- What each event says ---------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """A kind of thing: how it is registered, what is told of it, and what the answer says of the same.

    `status` is that of the steps taken, each with the sequence under which it stands; `under` are lists that are
    another thing's, with what of the facts puts it there.
    """

    body: dict[str, Any]
    ways: st.SearchStrategy[Way]
    status: Callable[[dict[str, int]], str]
    answer: Callable[[dict[str, Any]], Facts]
    item: Callable[[dict[str, Any]], Facts]
    under: tuple[tuple[str, Callable[[Facts], bool]], ...] = ()


def way(path: str, body: st.SearchStrategy[dict[str, Any]], when: st.SearchStrategy[dict[str, Any]]) -> Any:
    """A request with what it says and since when."""
    return st.builds(lambda said, since: (path, said | since), body, when)


def furthest(steps: dict[str, int]) -> str:
    """Of a meeting: it is held or cancelled, whichever was told later, else announced."""
    ended = {name: sequence for name, sequence in steps.items() if name != "announced"}
    return max(ended, key=lambda name: ended[name]) if ended else "announced" if steps else "registered"


def printed(name: dict[str, Any] | None) -> str | None:
    """A name as it is printed."""
    return name["printed"] if name else None


NOTHING: st.SearchStrategy[dict[str, Any]] = st.just({})
TIMELESS = NOTHING
PARTIES = ("5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c10", "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c11")
MEETING = "5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c12"
KINDS: dict[str, Kind] = {
    "agreements": Kind(
        body={"title": {"printed": "议"}},
        ways=st.one_of(
            way(":sign", NOTHING, dates),
            way("/signatories", st.sampled_from(PARTIES).map(lambda party: {"party": party}), dates),
            way("/signatories", st.sampled_from(PARTIES).map(lambda party: {"party": party}), dates),
            way("/links", st.just({"relation": "signed_at", "target": f"meetings/{MEETING}"}), dates),
        ),
        status=lambda steps: "signed" if steps else "registered",
        answer=lambda got: {
            "title": printed(got["title"]),
            "parties": {one["party"] for one in got["signatories"]},
            "targets": {one["target"] for one in got["links"]},
        },
        item=lambda got: {"title": got["title"], "parties": {one["party"] for one in got["signatories"]}},
        under=(
            (f"/api/parties/{PARTIES[0]}/agreements", lambda facts: PARTIES[0] in facts["parties"]),
            (f"/api/meetings/{MEETING}/agreements", lambda facts: f"meetings/{MEETING}" in facts["targets"]),
        ),
    ),
    "parties": Kind(
        body={"kind": "city", "name": {"printed": "市"}},
        ways=st.one_of(
            way(":rename", NAMED.map(lambda name: {"name": name}), dates),
            way(":rename", NAMED.map(lambda name: {"name": name}), dates),
            way(
                "/identifiers",
                st.sampled_from(("370100", "370200")).map(lambda code: {"scheme": "division_code", "value": code}),
                dates,
            ),
            way(":dissolve", NOTHING, dates),
        ),
        status=lambda steps: "dissolved" if steps else "active",
        answer=lambda got: {
            "name": printed(got["name"]),
            "codes": {f"{one['scheme']}:{one['value']}" for one in got["identifiers"]},
        },
        item=lambda got: {"name": got["name"], "codes": set(got["identifiers"])},
    ),
    "meetings": Kind(
        body={"called": "会"},
        ways=st.one_of(
            way("/titles", NAMED.map(lambda name: {"title": name}), TIMELESS),
            way(":announce", NOTHING, dates),
            way(":hold", NOTHING, dates),
            way(":cancel", NOTHING, dates),
        ),
        status=furthest,
        answer=lambda got: {"called": got["called"], "titles": {printed(one["title"]) for one in got["titles"]}},
        item=lambda got: {"called": got["title"]},
    ),
    "statements": Kind(
        body={"text": "言"},
        ways=st.one_of(
            way(":describe", st.sampled_from(("promise", "proposal")).map(lambda kind: {"kind": kind}), TIMELESS),
            way(":make", st.sampled_from(({}, {"meeting": MEETING})), dates),
            way(":withdraw", NOTHING, DATED),
        ),
        status=lambda steps: next((name for name in ("withdrawn", "made") if name in steps), "registered"),
        answer=lambda got: {"text": got["text"], "kind": got["kind"]},
        item=lambda got: {"text": got["text"], "kind": got["kind"], "meeting": got["meeting"]},
        under=((f"/api/meetings/{MEETING}/statements", lambda facts: facts["meeting"] is not None),),
    ),
    "documents": Kind(
        body={"kind": "press"},
        ways=st.one_of(
            way(":describe", WORDS.map(lambda word: {"number": word}), TIMELESS),
            way(":describe", NAMED.map(lambda name: {"title": name}), TIMELESS),
            way(":withdraw", NOTHING, dates),
        ),
        status=lambda steps: "withdrawn" if steps else "registered",
        answer=lambda got: {"number": got["number"], "title": printed(got["title"])},
        item=lambda got: {"number": got["number"], "title": got["title"]},
    ),
}
FACTS: dict[str, Facts] = {
    "agreements": {"parties": set(), "targets": set()},
    "parties": {"codes": set()},
    "meetings": {"titles": set()},
    "statements": {"kind": None, "meeting": None},
    "documents": {"number": None, "title": None},
}
STEPS = {"signed", "dissolved", "announced", "held", "cancelled", "made", "withdrawn"}


def changed(line: Line) -> str | None:
    """The type of the event that an undated one changes, where that lends it its date."""
    category, _, name = line["type"].partition(".")
    if name == "step_described":
        return f"{category}.{line['data']['step']}"
    return {"meeting.cancelled": "meeting.announced", "document.withdrawal_described": "document.withdrawn"}.get(
        line["type"]
    )


BELONGING = {"agreement.signatory_added", "agreement.linked"}
"""What is done by signing."""


def since(events: list[tuple[int, Line]], sequence: int, line: Line) -> str:
    """The day that an event holds from; the empty text comes before every day."""
    if "effective" in line:
        return str(line["effective"])
    kind = changed(line)
    if line["type"] in BELONGING:
        dated = [str(one["effective"]) for _, one in events if one["type"] == "agreement.signed" and "effective" in one]
        return dated[0] if dated else ""
    before = [(number, one) for number, one in events if number < sequence and one["type"] == kind]
    return since(events, *before[-1]) if before else ""


def apply(facts: Facts, steps: dict[str, int], sequence: int, line: Line) -> None:
    """One event more: what it says stands in the place of what was said of the same."""
    name, data = line["type"].partition(".")[2], line["data"]
    if name in STEPS:
        steps.setdefault(name, sequence)
        facts |= {"meeting": data["meeting"]} if "meeting" in data else {}
    elif name == "step_described":
        facts |= {"meeting": data["meeting"]} if "meeting" in data and data["step"] in steps else {}
    elif name == "signatory_added":
        facts["parties"] = facts["parties"] | {data["party"]}
    elif name == "linked":
        facts["targets"] = facts["targets"] | {data["target"]}
    elif name == "identified":
        facts["codes"] = facts["codes"] | {f"{data['scheme']}:{data['value']}"}
    elif name == "titled":
        facts["titles"] = facts["titles"] | {data["title"]["printed"]}
    elif name in {"registered", "renamed", "described"}:
        for field in ("name", "called", "text", "number", "title", "kind"):
            if field in data and (field in facts or name == "registered"):
                facts[field] = printed(data[field]) if isinstance(data[field], dict) else data[field]
    elif not name.endswith("_described"):
        raise AssertionError(name)


class Known(NamedTuple):
    """A thing as it held on a day, and as it was known: its version, what is said, its status, what is to come."""

    version: int
    facts: Facts | None
    status: str
    pending: list[tuple[int, str]]


def naive(category: str, lines: list[Line], as_of: date, known_at: int) -> Known:
    """The lines known, each corrected one replaced, in the order of (date, sequence), up to the day."""
    events = standing(lines, known_at)
    ordered = sorted(((since(events, *one), *one) for one in events), key=lambda one: one[:2])
    facts, steps = dict(FACTS[category]), dict[str, int]()
    for day, sequence, line in ordered:
        if day <= str(as_of):
            apply(facts, steps, sequence, line)
    there = any(line["type"].endswith(".registered") for _, line in events)
    return Known(
        version=sum(int(line["sequence"]) <= known_at for line in lines),
        facts=facts if there else None,
        status=KINDS[category].status(steps),
        pending=[(sequence, day) for day, sequence, _ in ordered if day > str(as_of)],
    )


# --- What the service says --------------------------------------------------------------------------------------------


async def check(client: Client, category: str, path: str, lines: list[Line], as_of: date, known_at: int) -> None:
    """The thing and its place in the lists are what the naive fold says."""
    kind, wanted, times = KINDS[category], naive(category, lines, as_of, known_at), f"as_of={as_of}&known_at={known_at}"
    got = await client.get(f"{path}?{times}")
    found = {}
    for query in ("", *(f"&status={status}" for status in {wanted.status, kind.status({})})):
        listed = await client.get(f"/api/{category}?{times}&limit=1000{query}")
        assert (listed.status_code, listed.headers["mengfu-position"]) == (200, str(known_at)), listed.text
        items = [one for one in listed.json()["items"] if one["id"] == path.rpartition("/")[2]]
        found[query] = items
    for under, stands in kind.under:
        listed = await client.get(f"{under}?{times}&limit=1000")
        assert listed.status_code == 200, listed.text
        there = {one.get("agreement") or one["id"]: one for one in listed.json()["items"]}
        own = there.get(path.rpartition("/")[2])
        assert (own is not None) == (wanted.facts is not None and stands(wanted.facts)), under
        assert own is None or own["uncertain"] == lasting(got.json()), under
    if wanted.facts is None:
        assert got.status_code == 404
        assert not any(found.values())
        return
    assert got.status_code == 200, got.text
    thing = got.json()
    assert (thing["version"], thing["status"]) == (wanted.version, wanted.status)
    assert [(one["sequence"], one["effective"]) for one in thing["pending"]] == wanted.pending
    assert found[""][0]["uncertain"] == lasting(thing)
    said = kind.answer(thing)
    assert said == {name: wanted.facts[name] for name in said}
    (item,) = found[""]
    said = kind.item(item)
    assert said == {name: wanted.facts[name] for name in said}
    assert item["status"] == wanted.status
    for query, items in found.items():
        assert len(items) == (query in {"", f"&status={wanted.status}"}), query


def lasting(thing: dict[str, Any]) -> list[str]:
    """What is uncertain of a thing, as a list tells it: with the part's key in the place of its index."""
    told = []
    for pointer in thing["uncertain"]:
        _, field, *rest = pointer.split("/")
        if rest and rest[0].isdecimal():
            rest[0] = KEYS[field](thing[field][int(rest[0])])
        told.append("/".join(("", field, *rest)))
    return sorted(told)


def since_key(when: dict[str, Any] | None) -> str:
    """A date as it stands in a key."""
    first, last = (when or {}).get("earliest", ""), (when or {}).get("latest", "")
    if not first and not last:
        return str((when or {}).get("printed", ""))
    return first if first == last else f"{first}..{last}"


KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "signatories": lambda part: str(part["party"]),
    "identifiers": lambda part: f"{part['scheme']}:{part['value']}",
    "names": lambda part: f"{since_key(part.get('since'))}:{part['name']['printed']}",
    "links": lambda part: f"{part['relation']}:{part['target']}".replace("/", "~1"),
}
"""The keys of parts that stand in lists."""


async def holds(client: Client, category: str, sent: list[Way]) -> None:
    """Record it all, and ask at every known position as of every day."""
    path = await client.new(category, **KINDS[category].body)
    for one, body in sent:
        await record(client, path, one, body)
    lines = await lines_of(client, path)
    for line in lines:
        for as_of in AS_OF:
            await check(client, category, path, lines, as_of, int(line["sequence"]))
    for as_of in AS_OF:
        await turns(client, category, path, as_of, int(lines[-1]["sequence"]))


async def turns(client: Client, category: str, path: str, as_of: date, known_at: int) -> None:
    """Up to `changes_on` the list says the same of the thing; where there is none it does for ever."""

    async def on(day: date) -> dict[str, Any] | None:
        listed = await client.get(f"/api/{category}?as_of={day}&known_at={known_at}&limit=1000")
        return next((one for one in listed.json()["items"] if one["id"] == path.rpartition("/")[2]), None)

    item = await on(as_of)
    if item is not None and item["changes_on"] is not None:
        changes_on = date.fromisoformat(item["changes_on"])
        assert changes_on > as_of
        assert await on(changes_on - timedelta(days=1)) == item
        after = await on(changes_on)
        assert after is not None
        assert after["changes_on"] != item["changes_on"]
    elif item is not None:
        assert await on(date(9999, 12, 30)) == item


@pytest.mark.parametrize("category", KINDS)
def test_a_thing_and_its_list_at_two_times_are_the_contracts(category: str) -> None:
    """Whatever was recorded, dated, undated or to come, corrected or voided."""
    wrong = st.one_of(
        st.builds(lambda which, when: ("correct", {"which": which, "when": when}), st.integers(0, 9), DATED),
        st.builds(lambda which: ("void", {"which": which}), st.integers(0, 9)),
    )
    requests = st.lists(st.one_of(KINDS[category].ways, KINDS[category].ways, wrong), min_size=1, max_size=6)
    with asyncio.Runner() as runner, served(runner) as client:
        runner.run(begin(client))

        @settings(
            max_examples=examples(4),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        )
        @given(sent=requests)
        def any_log(sent: list[Way]) -> None:
            runner.run(holds(client, category, sent))

        any_log()


async def begin(client: Client) -> None:
    """Follow the log, so that lists at two times are told; register what others name."""
    client.registry.follower.start()
    for party in PARTIES:
        await client.new("parties", id=party, kind="city", name={"printed": "州"})
    await client.new("meetings", id=MEETING, called="大会")
