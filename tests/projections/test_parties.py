"""The list of parties: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain import errors
from service.domain.decider import Event, Ref
from service.domain.party import bodies, identity, life, record
from service.domain.party.state import Kind, Status
from service.domain.values import PrintedName
from service.projections import agreements, parties
from service.projections.parties import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
ALLIANCES = [id_of("alliance 0"), id_of("alliance 1")]
DOCUMENTS = [id_of("document 0"), id_of("document 1")]
NAMES = ["济南市", "聊城市", "Shandong 100%", "a_b", "aXb"]
KINDS: tuple[Kind, ...] = ("city", "county", "alliance")


class Told(Struct, frozen=True):
    """A party as the test knows it."""

    id: UUID
    sequence: int
    names: tuple[str, ...]
    kind: Kind
    status: Status
    parent: UUID | None
    member_of: tuple[UUID, ...]
    codes: tuple[str, ...]
    documents: tuple[UUID, ...]
    of_seconds: tuple[str, ...] = ()


def add(streams: Streams, number: int) -> Told:
    """Record one more party."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    one = id_of(f"party {number}")
    names = tuple(draw.sample(NAMES, 2))
    kind, parent = draw.choice(KINDS), draw.choice([None, id_of("party 0"), id_of("party 1")])
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    status: Status = draw.choice(["active", "active", "proposed", "dissolved", "duplicate"])
    codes = (f"{371500 + draw.randint(0, 5)}",) if draw.random() < 0.6 else ()
    sequence = streams.sequence + 1
    events: list[Event] = [identity.Registered(name=PrintedName(printed=names[0]), kind=kind)]
    if parent is not None:
        events.append(bodies.Reparented(parent=parent))
    events += [
        identity.AliasRecorded(alias=PrintedName(printed=names[1]), citations=cite(document))
        for document in documents[:1]
    ]
    if not documents:
        events.append(identity.Renamed(name=PrintedName(printed=names[1]), effective=on(date(2010, 1, 1))))
        names = names[::-1]
    else:
        events.append(life.Founded(effective=on(date(2001, 1, 1)), citations=cite(documents[-1])))
    if status == "proposed":
        events = [event for event in events if not isinstance(event, life.Founded)]
        documents = documents[:1]
        events.append(life.Proposed())
    if status == "dissolved":
        events.append(life.Dissolved(effective=on(date(2020, 1, 1))))
    if status == "duplicate":
        events.append(record.DuplicateMerged(into=id_of("party 0")))
    events += [identity.Identified(scheme="division_code", value=code) for code in codes]
    streams.record(Ref("parties", one), *events)
    joined = tuple(draw.sample(ALLIANCES, draw.randint(0, 2)))
    for alliance in joined:
        streams.record(Ref("parties", alliance), bodies.MemberAdded(member=one))
    return Told(one, sequence, names, kind, status, parent, joined, codes, documents)


async def registry(connection: Any, count: int = 50) -> tuple[Streams, list[Told]]:
    """A registry with that many parties of all sorts, and two alliances of some of them."""
    streams, told = Streams(connection), []
    for one in ALLIANCES:
        told.append(
            Told(one, streams.sequence + 1, ("联盟",), "association", "active", None, (), (), ()),
        )
        streams.record(Ref("parties", one), identity.Registered(name=PrintedName(printed="联盟"), kind="association"))
    told += [add(streams, number) for number in range(count)]
    await streams.store()
    seconds = {one.id: one for one in told if one.status == "duplicate"}
    return streams, [stood_for(one, seconds) for one in told]


def stood_for(one: Told, seconds: dict[UUID, Told]) -> Told:
    """The party with the names of the second records that it stands for: those that are party 0's."""
    if one.id != id_of("party 0"):
        return one
    return msgspec.structs.replace(one, of_seconds=tuple(name for second in seconds.values() for name in second.names))


FILTERS: dict[str, list[Any]] = {
    "kind": list(KINDS),
    "status": ["active", "proposed", "dissolved", "duplicate", "split"],
    "parent": [id_of("party 0"), id_of("nobody")],
    "member_of": ALLIANCES,
    "identifier": ["371500", "division_code:371501", "uscc:371500", "37150"],
    "document": DOCUMENTS,
    "q": ["市", "shandong", "100%", "a_b", "%"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the party passes one field of a filter."""
    match field:
        case "identifier":
            return any(value in {code, f"division_code:{code}"} for code in told.codes)
        case "member_of":
            return value in told.member_of
        case "document":
            return value in told.documents
        case "q":
            return any(value.lower() in name.lower() for name in (*told.names, *told.of_seconds))
        case _:
            return bool(getattr(told, field) == value)


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, parties.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)

    def value(one: Told) -> Any:
        return one.names[0].encode() if sort.endswith("name") else one.sequence

    await comes_in_pages_of_any_size(connection, parties.LIST, Filter(), told, value, sort)


async def test_a_cursor_of_the_agreements_is_refused(connection: Any) -> None:
    await registry(connection, 3)
    page = await parties.LIST.page(connection, Filter(), TODAY, limit=1)
    with pytest.raises(errors.BadCursor):
        await agreements.LIST.page(connection, agreements.Filter(), TODAY, limit=1, cursor=page.next)
    with pytest.raises(errors.BadCursor):
        await parties.LIST.page(connection, Filter(q="市"), TODAY, limit=1, cursor=page.next)


async def test_what_takes_effect_later_is_stored_beforehand(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("parties", id_of("one"))
    later = [TODAY + timedelta(days=days) for days in (5, 10, 15)]
    streams.record(
        ref,
        identity.Registered(name=PrintedName(printed="莱芜市"), kind="city"),
        life.Founded(effective=on(date(1992, 1, 1))),
        identity.Identified(scheme="division_code", value="371200"),
        bodies.MemberAdded(member=ref.id, effective=on(date(2020, 1, 1))),
        identity.Renamed(name=PrintedName(printed="莱芜区"), effective=on(later[0])),
        identity.Identified(scheme="division_code", value="370116", effective=on(later[0])),
        bodies.MemberRemoved(member=ref.id, effective=on(later[1])),
        life.Dissolved(effective=on(later[2])),
    )
    await streams.store()
    await streams.check()

    async def found(day: date, **given: Any) -> list[Summary]:
        page = await parties.LIST.page(connection, Filter(**given), day, limit=5)
        return [DECODER.decode(item) for item in page.items]

    for day in (TODAY, *(edge + timedelta(days=step) for edge in later for step in (-1, 0))):
        (one,) = await found(day)
        assert one.name == ("莱芜区" if day >= later[0] else "莱芜市")
        assert one.status == ("dissolved" if day >= later[2] else "active")
        assert len(await found(day, status="active")) == (day < later[2])
        assert len(await found(day, identifier="370116")) == (day >= later[0])
        assert len(await found(day, member_of=ref.id)) == (day < later[1])
        assert await found(day, q="莱芜市")
    # Folded again when all has happened: the party is as dissolved as before, and the earlier spans are gone.
    streams.record(ref, identity.AliasRecorded(alias=PrintedName(printed="莱芜")))
    await streams.store(later[2])
    await streams.check()
    assert [one.status for one in await found(later[2])] == ["dissolved"]
    assert await connection.fetchval("select count(*) from p_parties") == 1
    assert await connection.fetchval("select count(*) from p_members") == 0
