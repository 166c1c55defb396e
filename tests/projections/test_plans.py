"""The list of plans: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain.decider import Event, Ref
from service.domain.plan import bodies, header, items, life, links, revisions, rules, targets
from service.domain.plan.state import DEFAULT, Kind, Status
from service.domain.values import Magnitude, Period, PrintedName, UncertainDate
from service.projections import plans
from service.projections.plans import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(3)]
MEETINGS = [id_of(f"meeting {number}") for number in range(2)]
LINKED = [f"agreements/{id_of('pact')}", f"plans/{id_of('plan 0')}"]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TITLES = ["一体发展行动方案", "Plan 100%", "plan 100x", "a_b", "aXb", "实施意见"]
KINDS = get_args(Kind)[:3]
NUMBERS = ["甲政发1号", "甲政发2号"]


class Told(Struct, frozen=True):
    """A plan as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    kinds: tuple[Kind, ...]
    status: Status
    made: tuple[date | None, date | None] | None
    number: str | None
    meetings: tuple[UUID, ...]
    parties: tuple[UUID, ...]
    linked: tuple[str, ...]
    documents: tuple[UUID, ...]


def add(streams: Streams, number: int) -> Told:
    """Record one more plan."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    plan = id_of(f"plan {number}")
    titles = tuple(draw.sample(TITLES, draw.choice([1, 1, 2])))
    kinds = tuple(sorted(draw.sample(KINDS, draw.choice([0, 1, 1, 2]))))
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    parties = tuple(draw.sample(PARTIES, draw.randint(0, 2)))
    met = tuple(draw.sample(MEETINGS, draw.choice([0, 1, 2])))
    linked = tuple(one for one in draw.sample(LINKED, draw.choice([0, 0, 1, 2])))
    paper = draw.choice([None, *NUMBERS])
    sequence = streams.sequence + 1
    called = draw.random() < 0.3
    title = None if called else PrintedName(printed=titles[0])
    citing = cite(documents[0]) if documents else ()
    events: list[Event] = [header.Registered(title=title, called=titles[0] if called else None, citations=citing)]
    events += [header.Classified(kind=kind) for kind in kinds]
    events += [header.Titled(title=PrintedName(printed=other)) for other in titles[1:]]
    status: Status = draw.choice(["registered", "under_review", "adopted", "issued", "closed"])
    made: tuple[date | None, date | None] | None = None
    if status != "registered" and met:
        events.append(life.Submitted(meeting=met[0]))
    elif status == "under_review":
        events.append(life.Submitted())
    told_at = met[:1] if status != "registered" else ()
    if status in {"adopted", "issued", "closed"}:
        start = date(2020, 1, 1) + timedelta(days=draw.randint(0, 40))
        made = draw.choice([None, (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)])
        day = UncertainDate(earliest=made[0], latest=made[1]) if made else None
        making = life.Issued if status == "issued" else life.Adopted
        where = met[1] if len(met) > 1 else None
        events.append(making(effective=day, meeting=where, number=paper))
        told_at += (where,) if where else ()
    if status == "closed":
        events.append(life.Closed(number="另一号"))
    if draw.random() < 0.1:
        events.append(header.DuplicateMerged(into=id_of("plan 0")))
        status = "merged"
    for index, party in enumerate(parties):
        if index:
            events.append(targets.TargetSet(target=party, text="某", performers=(party,)))
        else:
            events.append(bodies.BodyNamed(role="leader", party=party))
    events += [links.Linked(relation="follows", target=target) for target in linked]
    cited = documents[1:]
    events += [rules.RuleRecorded(rule=one, sort="ledger", text="某", citations=cite(one)) for one in cited]
    streams.record(Ref("plans", plan), *events)
    number_told = paper if any(isinstance(event, (life.Issued, life.Adopted)) for event in events) else None
    return Told(plan, sequence, titles, kinds, status, made, number_told, told_at, parties, linked, documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many plans of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "kind": list(KINDS[:2]),
    "status": ["registered", "under_review", "adopted", "issued", "closed", "merged"],
    "party": PARTIES[:2],
    "meeting": MEETINGS,
    "number": NUMBERS[:1],
    "linked": LINKED,
    "made_from": [date(2020, 1, 1), date(2020, 1, 20)],
    "made_to": [date(2020, 1, 20), date(2021, 1, 1)],
    "document": DOCUMENTS[:2],
    "q": ["方案", "PLAN", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the plan passes one field of a filter."""
    earliest, latest = told.made or (None, None)
    match field:
        case "kind":
            return value in told.kinds
        case "status" | "number":
            return bool(getattr(told, field) == value)
        case "party":
            return value in told.parties
        case "meeting":
            return value in told.meetings
        case "linked":
            return value in told.linked
        case "made_from":
            return told.made is not None and (latest is None or latest >= value)
        case "made_to":
            return told.made is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case _:
            return any(value.lower() in title.lower() for title in told.titles)


def value(sort: str) -> Any:
    """What a sort orders by."""
    match sort.removeprefix("-"):
        case "recorded":
            return lambda told: told.sequence
        case "made":
            return lambda told: None if told.made is None else told.made[0] or date.min
        case _:
            return lambda told: told.titles[0].encode()


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, plans.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, plans.LIST, Filter(), told, value(sort), sort)


async def test_what_a_revision_to_come_changes_is_stored_beforehand(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("plans", id_of("one"))
    day = TODAY + timedelta(days=5)
    six = Magnitude(value="6", unit="项", bound="exact")
    works, one, aim, revision = (id_of(name) for name in ("works", "a work", "aim", "revision"))
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="行动方案")),
        header.Described(period=Period(printed="2021至2025年")),
        life.Adopted(effective=on(date(2021, 2, 6)), number="甲政发1号"),
        bodies.BodyNamed(role="leader", party=PARTIES[0], name=PrintedName(printed="甲市")),
        items.ItemRecorded(item=works, heading="六项工程", declared=six),
        items.ItemRecorded(item=one, parent=works, heading="高速公路"),
        targets.TargetSet(target=aim, item=one, text="通车", performers=(PARTIES[1],)),
        revisions.Revised(revision=revision, label="调整", effective=on(day)),
        items.ItemDropped(item=one, revision=revision, effective=on(day)),
    )
    await streams.store()
    await streams.check()
    for asked, counts in ((TODAY, (2, 1, 0, 1)), (day - timedelta(days=1), (2, 1, 0, 1)), (day, (1, 0, 1, 0))):
        (item,) = (await plans.LIST.page(connection, Filter(party=PARTIES[0]), asked, limit=5)).items
        shown = DECODER.decode(item)
        (declared,) = shown.declared
        assert (shown.items, shown.targets, shown.revisions, declared.listed) == counts
        assert (declared.called, declared.declared) == ("六项工程", six)
        assert (shown.number, shown.made, shown.thresholds) == ("甲政发1号", on(date(2021, 2, 6)), DEFAULT)
        assert [(who.role, who.name) for who in shown.bodies] == [("leader", "甲市")]
        found = (await plans.LIST.page(connection, Filter(party=PARTIES[1]), asked, limit=5)).items
        assert len(found) == (asked < day)
