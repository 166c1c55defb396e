"""The list of meetings: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain import errors, participants
from service.domain.decider import Event, Ref
from service.domain.meeting import attendance, conveners, header, life
from service.domain.meeting.state import Kind, Status
from service.domain.values import Person, PrintedName, UncertainDate
from service.projections import meetings
from service.projections.meetings import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(4)]
BODIES = [id_of(f"body {number}") for number in range(2)]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TITLES = ["第二次联席会议", "Forum 100%", "forum 100x", "a_b", "aXb", "Ärger", "座谈会", "济聊恳谈会"]
KINDS = get_args(Kind)[:3]


class Told(Struct, frozen=True):
    """A meeting as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    kinds: tuple[Kind, ...]
    status: Status
    held: tuple[date | None, date | None] | None
    parties: tuple[UUID, ...]
    bodies: tuple[UUID, ...]
    documents: tuple[UUID, ...]


def was(**told: Any) -> Event:
    """Somebody at a meeting, with the id that follows from the words."""
    id = participants.id_of(id_of("one"), attendance.RecordAttendance(**told))
    return attendance.AttendanceRecorded(attendance=id, **told)


def there(party: UUID, way: int) -> Event:
    """A party at a meeting, or calling it, in one of several ways."""
    person = Person(name=PrintedName(printed="某甲"), title=f"{party}", organisations=(party,))
    match way:
        case 0:
            return conveners.ConvenerNamed(party=party)
        case 1:
            return was(party=party)
        case 2:
            return was(party=party, group="负责人", role="attendee")
        case _:
            return was(person=person, role="chair")


def add(streams: Streams, number: int) -> Told:
    """Record one more meeting."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    meeting = id_of(f"meeting {number}")
    titles = tuple(draw.sample(TITLES, draw.choice([1, 1, 2])))
    kinds = tuple(sorted(draw.sample(KINDS, draw.choice([0, 1, 1, 2]))))
    called = draw.random() < 0.3
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    parties = tuple(draw.sample(PARTIES, draw.randint(0, 3)))
    bodies = tuple(draw.sample(BODIES, draw.choice([0, 0, 1, 2])))
    sequence = streams.sequence + 1
    first, last = (cite(documents[0]), cite(documents[-1])) if documents else ((), ())
    title = None if called else PrintedName(printed=titles[0])
    events: list[Event] = [header.Registered(title=title, called=titles[0] if called else None, citations=first)]
    events += [header.Classified(kind=kind) for kind in kinds]
    events += [header.Titled(title=PrintedName(printed=other)) for other in titles[1:]]
    status: Status = draw.choice(["registered", "announced", "held", "held", "held", "cancelled"])
    held: tuple[date | None, date | None] | None = None
    if status == "held":
        start = date(2020, 1, 1) + timedelta(days=draw.randint(0, 40))
        held = draw.choice(
            [None, (start, start), (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)]
        )
        day = UncertainDate(earliest=held[0], latest=held[1]) if held else None
        events.append(life.Held(effective=day, citations=last, place="某厅"))
    elif status == "announced":
        events.append(life.Announced(planned=on(date(2030, 1, 1)), citations=last))
    elif status == "cancelled":
        events.append(life.Cancelled(citations=last))
    elif last:
        events.append(conveners.ConvenerNamed(party=id_of("another"), citations=last))
    if draw.random() < 0.1:
        events.append(header.DuplicateMerged(into=id_of("meeting 0")))
        status = "merged"
    events += [there(party, draw.randint(0, 3)) for party in parties]
    events += [conveners.SessionRecorded(body=body, number=2) for body in bodies]
    streams.record(Ref("meetings", meeting), *events)
    return Told(meeting, sequence, titles, kinds, status, held, parties, bodies, documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many meetings of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "party": [PARTIES[0], BODIES[0]],
    "body": [BODIES[0], PARTIES[0]],
    "kind": list(KINDS[:2]),
    "status": ["held", "registered", "announced", "cancelled", "merged"],
    "held_from": [date(2020, 1, 1), date(2020, 1, 20)],
    "held_to": [date(2020, 1, 20), date(2021, 1, 1)],
    "document": DOCUMENTS[:2],
    "q": ["会", "FORUM", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the meeting passes one field of a filter."""
    earliest, latest = told.held or (None, None)
    match field:
        case "party":
            return value in told.parties
        case "body":
            return value in told.bodies
        case "kind":
            return value in told.kinds
        case "status":
            return bool(told.status == value)
        case "held_from":
            return told.held is not None and (latest is None or latest >= value)
        case "held_to":
            return told.held is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case _:
            return any(value.lower() in title.lower() for title in told.titles)


def value(sort: str) -> Any:
    """What a sort orders by."""
    match sort.removeprefix("-"):
        case "recorded":
            return lambda told: told.sequence
        case "held":
            return lambda told: None if told.held is None else told.held[0] or date.min
        case _:
            return lambda told: told.titles[0].encode()


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, meetings.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, meetings.LIST, Filter(), told, value(sort), sort)


async def test_a_cursor_of_another_filter_is_refused(connection: Any) -> None:
    await registry(connection, 10)
    page = await meetings.LIST.page(connection, Filter(), TODAY, limit=2)
    with pytest.raises(errors.BadCursor):
        await meetings.LIST.page(connection, Filter(q="会"), TODAY, limit=2, cursor=page.next)


async def test_a_meeting_to_come_is_stored_beforehand(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("meetings", id_of("one"))
    day = TODAY + timedelta(days=5)
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="推介会")),
        life.Announced(planned=on(day)),
        conveners.ConvenerNamed(party=PARTIES[0], name=PrintedName(printed="甲市")),
        conveners.ConvenerNamed(party=PARTIES[1]),
        life.Held(effective=on(day)),
        was(party=PARTIES[2]),
    )
    await streams.store()
    await streams.check()
    for asked, status in ((TODAY, "announced"), (day - timedelta(days=1), "announced"), (day, "held")):
        (item,) = (await meetings.LIST.page(connection, Filter(party=PARTIES[0]), asked, limit=5)).items
        one = DECODER.decode(item)
        assert (one.status, one.planned) == (status, on(day))
        assert [(who.party, who.name) for who in one.conveners] == [(PARTIES[0], "甲市"), (PARTIES[1], None)]
        # Who attended is known with the meeting's own day.
        found = (await meetings.LIST.page(connection, Filter(party=PARTIES[2]), asked, limit=5)).items
        assert len(found) == (status == "held")
