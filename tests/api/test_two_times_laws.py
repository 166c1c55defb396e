"""Two times, whatever is recorded in whatever order: the plain answer, and a fold made from the contract's words alone.

The fold below knows the lines of the log and the contract's section "Two times". It shares no code with the service.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.api import (
    agreements,
    discrepancies,
    documents,
    figures,
    meetings,
    parties,
    plans,
    projects,
    statements,
    tasks,
)
from service.api.resource import ENCODE, show, tag
from service.config import Settings
from service.domain.decider import Ref
from service.domain.folding import fold
from service.projections.states import Shape, rows
from service.registry import Registry
from service.store import credentials
from tests.anything import any_of
from tests.api.conftest import Client, connect
from tests.conftest import clone
from tests.domain.test_laws import DAYS, TODAY, every, sending, steady
from tests.given import ID
from tests.soak import examples

# --- The contract's words ---------------------------------------------------------------------------------------------

Line = dict[str, Any]
CHANGING = {"agreement.clause_amended", "agreement.clause_repealed", "agreement.clause_renumbered"}
CHANGING |= {"agreement.clause_described"}
BELONGING = {"agreement.clause_recorded"}


def standing(lines: list[Line], known_at: int) -> list[tuple[int, Line]]:
    """What was known: each event as last corrected, under the first one's sequence, without what was voided."""
    last: dict[int, Line] = {}
    first: dict[int, int] = {}
    for line in lines:
        sequence = int(line["sequence"])
        if sequence <= known_at:
            first[sequence] = first[int(line["corrects"])] if "corrects" in line else sequence
            last[first[sequence]] = line
    return [(sequence, line) for sequence, line in sorted(last.items()) if not line["type"].endswith(".voided")]


def since(events: list[tuple[int, Line]], sequence: int, line: Line) -> str:
    """The day that an event holds from; the empty text comes before every day."""
    if "effective" in line:
        return str(line["effective"])
    if line["type"] in BELONGING:
        signed = [one for _, one in events if one["type"] == "agreement.signed"]
        signings = [str(one["effective"]) for one in signed if "effective" in one]
        return signings[0] if signings else ""
    if line["type"] in CHANGING:
        changed = [
            (number, one)
            for number, one in events
            if number < sequence and one["type"] in BELONGING and one["data"]["clause"] == line["data"]["clause"]
        ]
        return since(events, *changed[-1]) if changed else ""
    return ""


class Naive:
    """An agreement, event after event."""

    def __init__(self, lines: list[Line], as_of: date, known_at: int) -> None:
        """As it held on a day, and as it was known."""
        self.version = sum(int(line["sequence"]) <= known_at for line in lines)
        self.registered = False
        self.signed: Any = None
        self.clauses: dict[str, dict[str, Any]] = {}
        self.dates: dict[str, dict[str, Any]] = {}
        self.as_of = as_of
        events = standing(lines, known_at)
        ordered = [(since(events, sequence, line), sequence, line) for sequence, line in events]
        ordered.sort(key=lambda item: item[:2])
        self.pending = [(sequence, day) for day, sequence, _ in ordered if day > str(as_of)]
        for day, sequence, line in ordered:
            if day <= str(as_of):
                self.apply(sequence, line)

    def apply(self, sequence: int, line: Line) -> None:
        """One event more."""
        data, when = line["data"], line["data"].get("effective")
        told = {name: data[name] for name in ("label", "heading", "text") if name in data}
        clause = self.clauses.get(data.get("clause", ""))
        match line["type"]:
            case "agreement.registered":
                self.registered = True
            case "agreement.signed":
                self.signed = data
            case "agreement.clause_recorded":
                self.clauses[data["clause"]] = told | {"sequence": sequence}
                self.dates[data["clause"]] = {"": when}
                return
            case "agreement.clause_amended":
                told |= {"amended": True}
            case "agreement.clause_repealed":
                told = {"repealed": True} | ({"repealed_from": when} if when else {})
            case "agreement.clause_renumbered" | "agreement.clause_described":
                pass
            case other:
                raise AssertionError(other)
        if clause is not None:
            clause |= told
            self.dates[data["clause"]] |= dict.fromkeys(told, when)

    def open(self, when: Any) -> bool:
        """Whether the day lies within the interval."""
        first, last = (when or {}).get("earliest", ""), (when or {}).get("latest", "9999-99-99")
        return when is not None and first <= str(self.as_of) < last

    def check(self, answer: httpx.Response) -> None:
        """The answer says the same."""
        if not self.registered:
            assert answer.status_code == 404
            return
        got = answer.json()
        assert answer.status_code == 200, answer.text
        assert (got["version"], got["status"]) == (self.version, "registered" if self.signed is None else "signed")
        assert got.get("signed", {}).get("date") == (self.signed or {}).get("effective")
        shown = [{name: value for name, value in one.items() if name != "sources"} for one in got["clauses"]]
        wanted = sorted(self.clauses.items(), key=lambda item: item[1]["sequence"])
        assert shown == [{"id": id} | {k: v for k, v in one.items() if k != "sequence"} for id, one in wanted]
        assert [(one["sequence"], one["effective"]) for one in got["pending"]] == self.pending
        uncertain = {"/status", "/signed"} if self.signed and self.open(self.signed.get("effective")) else set()
        for index, (id, _) in enumerate(wanted):
            for field, when in self.dates[id].items():
                if self.open(when):
                    uncertain.add(f"/clauses/{index}/{field}".removesuffix("/"))
        assert set(got["uncertain"]) == uncertain
        assert len(got["uncertain"]) == len(uncertain)


# --- What is recorded -------------------------------------------------------------------------------------------------

SOON = Registry.today() + timedelta(days=5)
DATES: tuple[Any, ...] = (
    None,
    {"earliest": "2019-01-01", "latest": "2019-01-01"},
    {"earliest": "2020-05-01", "latest": "2020-05-01"},
    {"earliest": "2021-11-21", "latest": "2021-11-30", "precision": "ten_days"},
    {"latest": "2022-06-01", "precision": "before"},
    {"earliest": "2023-01-01", "precision": "after"},
    {"printed": "近日", "precision": "unknown"},
    {"earliest": str(SOON), "latest": str(SOON)},
)
CLAUSES = tuple(f"5c1f8c5e-38a5-4c3a-8d7c-0d6f3d9e7c0{number}" for number in range(2))
AS_OF = [date.fromisoformat(text) for text in ("2018-12-31", "2019-01-01", "2020-05-01", "2021-11-21", "2021-11-29")]
AS_OF += [date.fromisoformat(text) for text in ("2021-11-30", "2022-06-01", "2022-12-31", "2023-01-01")]
AS_OF += [Registry.today(), SOON - timedelta(days=1), SOON]

dates = st.sampled_from(DATES).map(lambda when: {"effective": when} if when else {})
words = st.sampled_from(("甲", "乙", "丙")).flatmap(
    lambda word: st.sampled_from(({"text": word}, {"heading": word}, {"text": word, "heading": word}))
)
clause = st.sampled_from(CLAUSES)
requests = st.one_of(
    dates.map(lambda when: (":sign", when)),
    st.builds(lambda one, said, when: ("/clauses", {"id": one} | said | when), clause, words, dates),
    st.builds(lambda one, said, when: ("/clauses", {"id": one} | said | when), clause, words, dates),
    st.builds(lambda one, said, when: (f"/clauses/{one}:amend", said | when), clause, words, dates),
    st.builds(lambda one, said, when: (f"/clauses/{one}:amend", said | when), clause, words, dates),
    st.builds(lambda one, when: (f"/clauses/{one}:repeal", when), clause, dates),
    st.builds(lambda one, when: (f"/clauses/{one}:renumber", {"label": "一"} | when), clause, dates),
    st.builds(lambda which, when: ("correct", {"which": which, "when": when}), st.integers(0, 9), dates),
    st.builds(lambda which: ("void", {"which": which}), st.integers(0, 9)),
)


async def lines_of(client: Client, path: str) -> list[Line]:
    """The thing's lines."""
    return [json.loads(line) for line in (await client.get(f"{path}/events")).text.splitlines()]


async def record(client: Client, path: str, way: str, body: dict[str, Any]) -> None:
    """Send a request; the registry may refuse it."""
    if way in {"correct", "void"}:
        lines = await lines_of(client, path)
        wrong = lines[body["which"] % len(lines)]
        sent = {"corrects": int(wrong["sequence"]), "reason": "x"}
        if way == "correct":
            sent["data"] = {name: value for name, value in wrong["data"].items() if name != "effective"} | body["when"]
        body, way = sent, f":{way}"
    answer = await client.post(f"{path}{way}", json=body)
    assert answer.status_code in {200, 404, 409, 422}, answer.text


@contextlib.contextmanager
def served(runner: asyncio.Runner) -> Iterator[Client]:
    """A registrar's client of a registry on a database of its own, driven from outside its loop."""
    stack = contextlib.AsyncExitStack()

    async def start() -> Client:
        database = await stack.enter_async_context(clone())
        registry = await Registry.open(Settings(), database.service)
        stack.push_async_callback(registry.close)
        token, _ = await credentials.create(registry.pool, "tests", ["registrar"])
        return await stack.enter_async_context(connect(registry, token))

    try:
        yield runner.run(start())
    finally:
        runner.run(stack.aclose())


async def holds(client: Client, sent: list[tuple[str, dict[str, Any]]]) -> None:
    """Record it all, and ask at every known position as of every day."""
    path = await client.agreement()
    for way, body in sent:
        await record(client, path, way, body)
    lines = await lines_of(client, path)
    for line in lines:
        for as_of in AS_OF:
            known_at = int(line["sequence"])
            answer = await client.get(f"{path}?as_of={as_of}&known_at={known_at}")
            Naive(lines, as_of, known_at).check(answer)
    head = await client.registry.head()
    for later in (Registry.today(), SOON - timedelta(days=1), SOON, date(2999, 1, 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Registry, "today", staticmethod(lambda later=later: later))
            plain = await client.get(path)
            for query in (
                f"known_at={head}",
                f"version={len(lines)}",
                f"as_of={later}",
                "known_at=2999-01-01T00:00:00Z",
            ):
                asked = await client.get(f"{path}?{query}")
                if plain.status_code == 200:
                    assert (asked.content, asked.headers["etag"]) == (plain.content, plain.headers["etag"]), query
                assert asked.status_code == plain.status_code


def test_an_answer_at_two_times_is_the_contracts() -> None:
    """For any (as_of, known_at) the naive fold's; with all that is known, on any day, the plain GET's."""
    with asyncio.Runner() as runner, served(runner) as client:

        @settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
        @given(sent=st.lists(requests, min_size=1, max_size=7))
        def any_log(sent: list[tuple[str, dict[str, Any]]]) -> None:
            runner.run(holds(client, sent))

        any_log()


# --- Every kind of thing ----------------------------------------------------------------------------------------------


KINDS = (
    agreements.RESOURCE,
    documents.RESOURCE,
    meetings.RESOURCE,
    parties.RESOURCE,
    statements.RESOURCE,
    plans.RESOURCE,
    tasks.RESOURCE,
    projects.RESOURCE,
    discrepancies.RESOURCE,
    figures.RESOURCE,
)
RESOURCES = {one.name: one for one in KINDS}


@every
@steady
@given(data=st.data())
def test_what_is_stored_answers_as_the_log_does(category: str, data: st.DataObject) -> None:
    """What is stored, read on any later day, is what the log folded on that day gives: the answer and its tag."""
    resource = RESOURCES[category]
    stream, _ = sending(data, category)
    for _ in range(data.draw(st.integers(0, 2))):
        wrong = data.draw(st.sampled_from(stream.log))
        kind = type(wrong.event)
        void = kind is stream.decider.voided or data.draw(st.booleans())
        stream.correct(wrong.sequence, stream.decider.voided() if void else data.draw(any_of(kind)))
    ref = Ref(category, ID)
    stored = [(part, body) for _, part, body in rows(ref, stream.folded)]
    held = Shape.of(stream.decider).assemble(stream.folded.version, stored)
    for day in (TODAY, *DAYS):
        plain = show(resource, ID, held, day)
        asked = show(resource, ID, fold(stream.decider, stream.log, day), day, known_at=len(stream.log))
        assert (plain is None) == (asked is None)
        if plain is not None and asked is not None:
            assert ENCODE(resource.view(plain)) == ENCODE(resource.view(asked))
            assert tag(plain) == tag(asked)
            answer = json.loads(ENCODE(resource.view(plain)))
            for pointer in plain.uncertain:
                assert led(answer, pointer), pointer


def led(answer: Any, pointer: str) -> bool:
    """Whether a pointer leads to something in an answer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(answer, list):
            answer = answer[int(name)]
        elif name in answer:
            answer = answer[name]
        else:
            return False
    return True
