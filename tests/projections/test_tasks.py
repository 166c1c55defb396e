"""The list of tasks: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain.decider import Event, Ref
from service.domain.task import bases, duties, header, life, progress, terms, units
from service.domain.task.state import Role, Status
from service.domain.values import Person, PrintedName, UncertainDate
from service.projections import tasks
from service.projections.tasks import Answering, Carried, Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(3)]
DUTIES = [id_of("task 0"), id_of("task 1")]
CARRIED = [f"{category}/{id_of(category)}" for category in ("plans", "agreements", "statements", "meetings")]
PLAN, AGREEMENT, STATEMENT, MEETING = CARRIED
PARTS = {PLAN: "items", AGREEMENT: "clauses"}
PART = id_of("a part")
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TITLES = ["开通城际公交", "Plan 100%", "plan 100x", "a_b", "aXb", "重点任务"]
OFFICES = ["分管副市长", "办公室"]
PEOPLE = [PrintedName(printed="張三", simplified="张三"), PrintedName(printed="李四")]
NUMBERS = ["3.9", "3.10"]
STEPS: dict[Status, tuple[type[life.Stepped], ...]] = {
    "listed": (life.Listed,),
    "assigned": (life.Listed, life.Assigned),
    "in_progress": (life.Started,),
    "reported_done": (life.Started, life.ReportedDone),
    "closed": (life.ReportedDone, life.Closed),
    "suspended": (life.Assigned, life.Suspended),
    "cancelled": (life.Cancelled,),
}


class Told(Struct, frozen=True):
    """A task as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    status: Status
    duty: bool
    occurrence_of: UUID | None
    due: tuple[date | None, date | None] | None
    share: str | None
    units: tuple[units.UnitNamed, ...]
    bases: tuple[bases.Based, ...]
    documents: tuple[UUID, ...]


def terming(draw: random.Random) -> terms.TermsSet | None:
    """What a task asks for, or nothing, with a deadline known to a day, within some, on one side, or not at all."""
    if draw.random() < 0.2:
        return None
    first = date(2025, 6, 1) + timedelta(days=draw.randint(0, 40))
    due = draw.choice([None, (first, first), (first, first + timedelta(days=20)), (None, first), (first, None)])
    return terms.TermsSet(text="某", due=UncertainDate(earliest=due[0], latest=due[1]) if due else None)


def answering(draw: random.Random) -> tuple[units.UnitNamed, ...]:
    """Units that answer for a task; one party may in two roles."""
    pairs: list[tuple[Role, UUID]] = [(role, party) for role in get_args(Role) for party in PARTIES]
    return tuple(
        units.UnitNamed(
            role=role,
            party=party,
            name=draw.choice([None, PrintedName(printed="甲市")]),
            office=draw.choice([None, *OFFICES]),
            person=draw.choice([None, *(Person(name=name) for name in PEOPLE)]),
        )
        for role, party in draw.sample(pairs, draw.randint(0, 3))
    )


def carrying(draw: random.Random) -> tuple[bases.Based, ...]:
    """What a task carries out, whole or a part of it, with its number there."""
    return tuple(
        bases.Based(
            on=one,
            on_part=f"{PARTS[one]}/{PART}" if one in PARTS and draw.random() < 0.5 else None,
            number=draw.choice([None, *NUMBERS]),
        )
        for one in draw.sample(CARRIED, draw.choice([0, 1, 1, 2]))
    )


def stepping(draw: random.Random) -> tuple[Status, list[Event]]:
    """A life of one round or of two, and the status that it leads to."""
    status: Status = draw.choice(["registered", *STEPS])
    taken: list[Event] = [step(round=1) for step in STEPS.get(status, ())]
    again: dict[Status, type[life.Stepped]] = {"closed": life.Reopened, "suspended": life.Resumed}
    if status in again and draw.random() < 0.5:
        return "in_progress", [*taken, again[status](round=2)]
    return status, taken


def add(streams: Streams, number: int) -> Told:
    """Record one more task."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    task = id_of(f"task {number}")
    titles = tuple(draw.sample(TITLES, draw.choice([1, 1, 2])))
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    yielding, yielded = number < len(DUTIES), draw.choice([None, None, *DUTIES]) if number >= len(DUTIES) else None
    called, sequence = draw.random() < 0.3, streams.sequence + 1
    asked, answer, carried = terming(draw), answering(draw), carrying(draw)
    events: list[Event] = [
        header.Registered(
            title=None if called else PrintedName(printed=titles[0]),
            called=titles[0] if called else None,
            occurrence_of=yielded,
            period="2025" if yielded else None,
            citations=cite(documents[0]) if documents else (),
        )
    ]
    events += [header.Titled(title=PrintedName(printed=other)) for other in titles[1:]]
    events += [asked] if asked is not None else []
    events += [duties.RecurrenceSet(every="year", month=3, day=-1, first=date(2025, 1, 1))] if yielding else []
    events += carried
    events += answer
    status, taken = stepping(draw)
    events += taken
    share = draw.choice([None, "0", "40", "100"])
    if share is not None:
        events.append(progress.ProgressReported(progress=id_of(f"report {number}"), share=share))
    events += [
        bases.Linked(relation="same_work", target=f"tasks/{id_of('other')}", citations=cite(one))
        for one in documents[1:]
    ]
    if not yielding and draw.random() < 0.1:
        events.append(header.DuplicateMerged(into=DUTIES[0]))
        status = "merged"
    streams.record(Ref("tasks", task), *events)
    due = (asked.due.earliest, asked.due.latest) if asked is not None and asked.due is not None else None
    return Told(task, sequence, titles, status, yielding, yielded, due, share, answer, carried, documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many tasks of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "unit": PARTIES[:2],
    "lead": PARTIES[:1],
    "supporting": PARTIES[:1],
    "supervising": PARTIES[:1],
    "office": OFFICES[:1],
    "person": ["張三", "张三"],
    "plan": [id_of("plans")],
    "agreement": [id_of("agreements")],
    "statement": [id_of("statements")],
    "meeting": [id_of("meetings")],
    "on_part": [f"items/{PART}"],
    "number": NUMBERS[:1],
    "status": ["registered", "in_progress", "closed", "merged"],
    "due_from": [date(2025, 6, 1), date(2025, 6, 20)],
    "due_to": [date(2025, 6, 20), date(2026, 1, 1)],
    "duty": [True, False],
    "occurrence_of": DUTIES[:1],
    "document": DOCUMENTS[:2],
    "q": ["公交", "PLAN", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the task passes one field of a filter."""
    earliest, latest = told.due or (None, None)
    match field:
        case "unit":
            return any(one.party == value for one in told.units)
        case "lead" | "supporting" | "supervising":
            return any(one.role == field and one.party == value for one in told.units)
        case "office":
            return any(one.office == value for one in told.units)
        case "person":
            names = (one.person.name for one in told.units if one.person is not None)
            return any(value in {name.printed, name.meant} for name in names)
        case "plan" | "agreement" | "statement" | "meeting":
            return any(one.on == f"{field}s/{value}" for one in told.bases)
        case "on_part" | "number":
            return any(getattr(one, field) == value for one in told.bases)
        case "status" | "duty" | "occurrence_of":
            return bool(getattr(told, field) == value)
        case "due_from":
            return told.due is not None and (latest is None or latest >= value)
        case "due_to":
            return told.due is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case _:
            return any(value.lower() in title.lower() for title in told.titles)


def value(sort: str) -> Any:
    """What a sort orders by; a deadline counts by its last day."""
    match sort.removeprefix("-"):
        case "recorded":
            return lambda told: told.sequence
        case "deadline":
            return lambda told: told.due[1] if told.due is not None else None
        case _:
            return lambda told: told.titles[0].encode()


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, tasks.LIST, Filter, FILTERS, told, passes)
    for field, values in FILTERS.items():
        for value in values:
            assert any(passes(one, field, value) for one in told), (field, value)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, tasks.LIST, Filter(), told, value(sort), sort)


async def test_an_item_says_what_was_told(connection: Any) -> None:
    """Units and what is carried out come in the order in which they were told."""
    _, told = await registry(connection)
    found = (await tasks.LIST.page(connection, Filter(), TODAY, limit=len(told))).items
    for item, one in zip(map(DECODER.decode, found), told, strict=True):
        assert (item.id, item.title, item.status, item.duty) == (one.id, one.titles[0], one.status, one.duty)
        assert (item.occurrence_of, item.period) == (one.occurrence_of, "2025" if one.occurrence_of else None)
        assert (item.due and (item.due.earliest, item.due.latest), item.share) == (one.due, one.share)
        assert item.bases == tuple(Carried(on=base.on, on_part=base.on_part, number=base.number) for base in one.bases)
        assert item.units == tuple(
            Answering(
                role=unit.role,
                party=unit.party,
                name=unit.name.printed if unit.name else None,
                office=unit.office,
                person=unit.person.name.meant if unit.person else None,
            )
            for unit in one.units
        )


async def test_what_changes_on_a_day_to_come_is_stored_beforehand(connection: Any) -> None:
    """From that day on another unit answers, and the task is due later, under another title."""
    streams, ref = Streams(connection), Ref("tasks", id_of("one"))
    day, before, due, later = TODAY + timedelta(days=5), TODAY + timedelta(days=4), date(2026, 6, 30), date(2026, 9, 30)
    first, second, _ = PARTIES
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="开通城际公交")),
        terms.TermsSet(text="开通三条线路", due=on(due)),
        bases.Based(on=PLAN, number="3.9"),
        units.UnitNamed(role="lead", party=first, office="办公室"),
        life.Started(round=1, effective=on(TODAY - timedelta(days=30))),
        progress.ProgressReported(progress=id_of("a"), share="60", effective=on(TODAY - timedelta(days=3))),
        # Told later, of a day before: the newest report by its own day counts.
        progress.ProgressReported(progress=id_of("b"), share="20", effective=on(TODAY - timedelta(days=9))),
        terms.Adjusted(title=PrintedName(printed="增开公交"), due=on(later), grounds="另行安排", effective=on(day)),
        units.UnitReleased(role="lead", party=first, effective=on(day)),
        units.UnitNamed(role="lead", party=second, effective=on(day)),
        life.Closed(round=1, effective=on(day)),
    )
    await streams.store()
    await streams.check()
    wanted: list[tuple[date, tuple[Any, ...]]] = [
        (TODAY, ("开通城际公交", "in_progress", on(due), first, "办公室")),
        (before, ("开通城际公交", "in_progress", on(due), first, "办公室")),
        (day, ("增开公交", "closed", on(later), second, None)),
    ]
    for asked, (title, status, ends, party, office) in wanted:
        (found,) = (await tasks.LIST.page(connection, Filter(plan=id_of("plans")), asked, limit=5)).items
        item = DECODER.decode(found)
        assert (item.title, item.status, item.due, item.share) == (title, status, ends, "60")
        assert [(unit.party, unit.office) for unit in item.units] == [(party, office)]
        assert item.changes_on == (day if asked < day else None)
        for filter, passing in (
            (Filter(lead=party), True),
            (Filter(lead=first if party == second else second), False),
            (Filter(office="办公室"), office is not None),
            (Filter(status="closed"), status == "closed"),
            (Filter(due_from=later), ends == on(later)),
            (Filter(q="增开"), title == "增开公交"),
        ):
            assert bool((await tasks.LIST.page(connection, filter, asked, limit=5)).items) == passing, (asked, filter)
