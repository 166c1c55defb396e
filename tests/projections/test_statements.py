"""The list of statements: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain import errors, participants
from service.domain.decider import Event, Ref
from service.domain.statement import header, life, voices
from service.domain.statement.state import Kind, Role, Status
from service.domain.values import Person, PrintedName, UncertainDate
from service.projections import statements
from service.projections.statements import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(3)]
MEETINGS = [id_of(f"meeting {number}") for number in range(2)]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TEXTS = ["愿意投资", "Build 100%", "build 100x", "a_b", "aXb", "将建立机制"]
TOPICS = [f"parties/{PARTIES[0]}", f"agreements/{id_of('pact')}", f"parties/{PARTIES[2]}"]
KINDS = get_args(Kind)[:3]
ROLES: tuple[Role, ...] = get_args(Role)


class Told(Struct, frozen=True):
    """A statement as the test knows it."""

    id: UUID
    sequence: int
    text: str
    kind: Kind | None
    status: Status
    made: tuple[date | None, date | None] | None
    meeting: UUID | None
    parties: tuple[tuple[UUID, str], ...]
    about: tuple[str, ...]
    documents: tuple[UUID, ...]


def spoke(**told: Any) -> Event:
    """A participant, with the id that follows from the words."""
    return voices.ParticipantAdded(participant=participants.id_of(id_of("one"), voices.AddParticipant(**told)), **told)


def voice(party: UUID, role: Role, way: int) -> Event:
    """A party's part in a statement, in one of several ways."""
    person = Person(name=PrintedName(printed="某甲"), title=f"{party}", organisations=(party,))
    match way:
        case 0:
            return spoke(role=role, party=party)
        case 1:
            return spoke(role=role, party=party, group="企业")
        case _:
            return spoke(role=role, person=person)


def add(streams: Streams, number: int) -> Told:
    """Record one more statement."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    statement, text = id_of(f"statement {number}"), draw.choice(TEXTS)
    kind: Kind | None = draw.choice([None, *KINDS])
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    parties: list[tuple[UUID, Role]] = [
        (party, draw.choice(ROLES)) for party in draw.sample(PARTIES, draw.randint(0, 3))
    ]
    topics = draw.sample(TOPICS, draw.randint(0, 2))
    performers, beneficiaries = (tuple(draw.sample(PARTIES, draw.randint(0, 1))) for _ in range(2))
    meeting = draw.choice([None, *MEETINGS])
    sequence = streams.sequence + 1
    first, last = (cite(documents[0]), cite(documents[-1])) if documents else ((), ())
    events: list[Event] = [header.Registered(text=text, citations=first)]
    if kind is not None:
        events.append(header.Described(kind=kind))
    status: Status = draw.choice(["registered", "made", "made", "taken_up", "withdrawn", "merged"])
    made: tuple[date | None, date | None] | None = None
    if status != "registered":
        start = date(2016, 4, 1) + timedelta(days=draw.randint(0, 40))
        made = draw.choice([None, (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)])
        day = UncertainDate(earliest=made[0], latest=made[1]) if made else None
        events.append(life.Made(effective=day, meeting=meeting))
    else:
        meeting = None
    if last and not topics:
        topics = TOPICS[:1]
    events += [voices.TopicAdded(about=about, citations=last) for about in topics]
    if performers or beneficiaries:
        events.append(voices.PerformanceRecorded(performers=performers, beneficiaries=beneficiaries))
    if status == "taken_up":
        events.append(life.TakenUp(by=f"agreements/{id_of('one')}"))
    if status == "withdrawn":
        events.append(life.Withdrawn())
    if status == "merged":
        events.append(header.DuplicateMerged(into=id_of("statement 0")))
    events += [voice(party, role, draw.randint(0, 2)) for party, role in parties]
    streams.record(Ref("statements", statement), *events)
    told = [(party, str(role)) for party, role in parties]
    told += [(party, "performer") for party in performers] + [(party, "beneficiary") for party in beneficiaries]
    told += [(UUID(about.partition("/")[2]), "topic") for about in topics if about.startswith("parties/")]
    return Told(statement, sequence, text, kind, status, made, meeting, tuple(told), tuple(topics), documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many statements of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "kind": list(KINDS[:2]),
    "status": ["made", "registered", "taken_up", "withdrawn", "merged"],
    "party": PARTIES[:2],
    "speaker": [PARTIES[0], id_of("nobody")],
    "on_behalf": PARTIES[:1],
    "to": PARTIES[:1],
    "performer": PARTIES[:1],
    "beneficiary": PARTIES[1:2],
    "about": TOPICS[:2],
    "meeting": MEETINGS,
    "document": DOCUMENTS[:2],
    "made_from": [date(2016, 4, 1), date(2016, 4, 20)],
    "made_to": [date(2016, 4, 20), date(2017, 1, 1)],
    "q": ["将", "BUILD", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the statement passes one field of a filter."""
    earliest, latest = told.made or (None, None)
    match field:
        case "party":
            return any(party == value for party, _ in told.parties)
        case "speaker" | "on_behalf" | "to" | "performer" | "beneficiary":
            return (value, {"on_behalf": "principal", "to": "addressee"}.get(field, field)) in told.parties
        case "about":
            return value in told.about
        case "made_from":
            return told.made is not None and (latest is None or latest >= value)
        case "made_to":
            return told.made is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case "q":
            return bool(value.lower() in told.text.lower())
        case _:
            return bool(getattr(told, field) == value)


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, statements.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)

    def value(one: Told) -> Any:
        if sort.endswith("recorded"):
            return one.sequence
        return None if one.made is None else one.made[0] or date.min

    await comes_in_pages_of_any_size(connection, statements.LIST, Filter(), told, value, sort)


async def test_a_cursor_of_another_filter_is_refused(connection: Any) -> None:
    await registry(connection, 10)
    page = await statements.LIST.page(connection, Filter(), TODAY, limit=2)
    with pytest.raises(errors.BadCursor):
        await statements.LIST.page(connection, Filter(q="将"), TODAY, limit=2, cursor=page.next)


async def test_a_statement_taken_up_later(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("statements", id_of("one"))
    day = TODAY + timedelta(days=5)
    person = Person(name=PrintedName(printed="某乙", restored="某一"), title="理事长", organisations=(PARTIES[1],))
    streams.record(
        ref,
        header.Registered(text="愿意投资"),
        life.Made(effective=on(date(2016, 4, 7)), meeting=MEETINGS[0]),
        spoke(role="speaker", person=person),
        spoke(role="addressee", group="嘉宾"),
        voices.PerformanceRecorded(performers=(PARTIES[1],), due=on(date(2020, 1, 1))),
        life.TakenUp(by=f"agreements/{id_of('two')}", effective=on(day)),
    )
    await streams.store()
    await streams.check()
    for asked, status in ((TODAY, "made"), (day - timedelta(days=1), "made"), (day, "taken_up")):
        (item,) = (await statements.LIST.page(connection, Filter(speaker=PARTIES[1]), asked, limit=5)).items
        one = DECODER.decode(item)
        assert (one.status, one.meeting, one.due) == (status, MEETINGS[0], on(date(2020, 1, 1)))
        spoken = [(who.role, who.name, who.title, who.party, who.organisations) for who in one.participants]
        assert spoken == [("speaker", "某一", "理事长", None, (PARTIES[1],)), ("addressee", "嘉宾", None, None, ())]
