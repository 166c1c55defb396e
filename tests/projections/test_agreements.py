"""The list of agreements and the agreements of a party: every filter, sort, page and day against plain Python."""

import itertools
import random
from datetime import date, timedelta
from functools import partial
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain import errors
from service.domain.agreement import DECIDER, clauses, header, life, links, signatories, term
from service.domain.agreement.state import Kind, Status
from service.domain.decider import Event, Ref
from service.domain.values import Period, Person, PrintedName, UncertainDate
from service.projections import agreements, citations, signings
from service.projections.agreements import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on, ordered, pages

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(4)]
MEETINGS = [id_of(f"meeting {number}") for number in range(2)]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TITLES = ["济聊一体化框架协议", "Water 100%", "water 100x", "a_b", "aXb", "Ärger", "合作\\协议", "协议"]
KINDS = get_args(Kind)[:3]
MAYOR = Person(name=PrintedName(printed="张三"), title="市长")
CLERK = Person(name=PrintedName(printed="李四"))


class Told(Struct, frozen=True):
    """An agreement as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    kinds: tuple[Kind, ...]
    status: Status
    signed: tuple[date | None, date | None] | None
    parties: tuple[UUID, ...]
    documents: tuple[UUID, ...]
    meetings: tuple[UUID, ...]


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many agreements of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


def add(streams: Streams, number: int) -> Told:
    """Record one more agreement."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    agreement = id_of(f"agreement {number}")
    titles = tuple(draw.sample(TITLES, draw.choice([1, 1, 2])))
    kinds = tuple(sorted(draw.sample(KINDS, draw.choice([0, 1, 1, 1, 2]))))
    called = draw.random() < 0.3
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    parties = tuple(draw.sample(PARTIES, draw.randint(0, 3)))
    sequence = streams.sequence + 1
    first = cite(documents[0]) if documents else ()
    title = None if called else PrintedName(printed=titles[0])
    events: list[Event] = [header.Registered(title=title, called=titles[0] if called else None, citations=first)]
    events += [header.Classified(kind=kind) for kind in kinds]
    last = cite(documents[-1]) if documents else ()
    events += [header.Titled(title=PrintedName(printed=other)) for other in titles[1:]]
    status: Status = draw.choice(["proposed", "signed", "in_force", "expired", "terminated"])
    signed: tuple[date | None, date | None] | None = None
    if status != "proposed":
        start = date(2020, 1, 1) + timedelta(days=draw.randint(0, 40))
        signed = draw.choice(
            [None, (start, start), (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)]
        )
        day = UncertainDate(earliest=signed[0], latest=signed[1]) if signed else None
        events.append(life.Signed(effective=day, citations=last))
    else:
        events.append(header.SignatoriesDeclared(signatories=2, citations=last))
    events += [signatories.SignatoryAdded(party=party, side="甲方") for party in parties]
    if status == "in_force":
        events.append(life.EnteredIntoForce())
    if status == "expired":
        events.append(term.TermSet(period=Period(ends=on(date(2022, 1, 1)))))
    if status == "terminated":
        events.append(life.Terminated(effective=on(date(2023, 1, 1))))
    met = tuple(draw.sample(MEETINGS, draw.randint(0, 2)))
    events += [links.Linked(relation="signed_at", target=f"meetings/{meeting}") for meeting in met]
    # A relation of another sort to the same id, and one that has ended, are no signing there.
    events.append(links.Linked(relation="member_of", target=f"parties/{MEETINGS[0]}"))
    for gone in [one for one in MEETINGS if one not in met][:1]:
        events.append(links.Linked(relation="signed_at", target=f"meetings/{gone}"))
        events.append(links.Unlinked(relation="signed_at", target=f"meetings/{gone}", effective=on(date(2025, 1, 1))))
    streams.record(Ref("agreements", agreement), *events)
    return Told(agreement, sequence, titles, kinds, status, signed, parties, documents, met)


FILTERS: dict[str, list[Any]] = {
    "party": [PARTIES[0], id_of("nobody")],
    "kind": list(KINDS[:2]),
    "status": ["signed", "expired", "terminated"],
    "signed_from": [date(2020, 1, 1), date(2020, 1, 20), date(2021, 1, 1)],
    "signed_to": [date(2019, 1, 1), date(2020, 1, 20), date(2021, 1, 1)],
    "document": DOCUMENTS[:2],
    "q": ["协议", "WATER", "100%", "a_b", "\\", "ä", "%", "_"],
    "meeting": [MEETINGS[0], id_of("nobody")],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the agreement passes one field of a filter."""
    earliest, latest = told.signed or (None, None)
    match field:
        case "party":
            return value in told.parties
        case "kind":
            return value in told.kinds
        case "status":
            return bool(told.status == value)
        case "signed_from":
            return told.signed is not None and (latest is None or latest >= value)
        case "signed_to":
            return told.signed is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case "meeting":
            return value in told.meetings
        case _:
            return any(value.lower() in title.lower() for title in told.titles)


def value(sort: str) -> Any:
    """What a sort orders by."""
    match sort.removeprefix("-"):
        case "recorded":
            return lambda told: told.sequence
        case "signed":
            return lambda told: None if told.signed is None else told.signed[0] or date.min
        case _:
            return lambda told: told.titles[0].encode()


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, agreements.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, agreements.LIST, Filter(), told, value(sort), sort)
    some = [one for one in told if KINDS[0] in one.kinds]
    await comes_in_pages_of_any_size(connection, agreements.LIST, Filter(kind=KINDS[0]), some, value(sort), sort)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_by_date_and_by_party_in_every_order(connection: Any, sort: Order) -> None:
    """What may have been on the day asked for, without being of a single day, stands before what was after it."""
    _, told = await registry(connection)
    since, until = {"signed_from": date(2020, 1, 20)}, {"signed_to": date(2020, 1, 25)}
    party = {"party": PARTIES[0]}
    for given in (since, since | until, party, party | since, until):
        some = [one for one in told if all(passes(one, field, of) for field, of in given.items())]
        assert len(some) > 3
        await comes_in_pages_of_any_size(connection, agreements.LIST, Filter(**given), some, value(sort), sort)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_hang_together_while_rows_are_added(connection: Any, sort: Order) -> None:
    streams, told = await registry(connection, 30)
    before = [one.id for one in told]
    seen: list[UUID] = []
    cursor: str | None = None
    for number in itertools.count(1000):
        page = await agreements.LIST.page(connection, Filter(), TODAY, limit=4, cursor=cursor, sort=sort)
        seen += [DECODER.decode(item).id for item in page.items]
        cursor = page.next
        if cursor is None:
            break
        if number < 1010:
            told.append(add(streams, number))
            await streams.store()
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    wanted = [one.id for one in ordered(told, value(sort), lambda one: one.id, sort)]
    assert seen == [one for one in wanted if one in set(seen)]


async def test_cursors_of_other_lists_are_refused(connection: Any) -> None:
    await registry(connection, 10)
    page = await agreements.LIST.page(connection, Filter(), TODAY, limit=2)
    party = await signings.LIST.page(connection, signings.Filter(party=PARTIES[0]), TODAY, limit=1)
    assert page.next
    assert party.next
    broken = ["", "a", "ab", "====", "济", "\x00", "a b", page.next[:-1], page.next + "A", page.next[1:], "A" * 5000]
    for cursor in [party.next, *broken]:
        with pytest.raises(errors.BadCursor) as refused:
            await agreements.LIST.page(connection, Filter(), TODAY, limit=2, cursor=cursor)
        assert refused.value.pointer == "/cursor"
        assert "游标" in refused.value.message("zh")
    with pytest.raises(errors.BadCursor):
        await agreements.LIST.page(connection, Filter(), TODAY, limit=2, cursor=page.next, sort="-recorded")
    with pytest.raises(errors.BadCursor):
        await agreements.LIST.page(connection, Filter(kind="project"), TODAY, limit=2, cursor=page.next)
    assert (await agreements.LIST.page(connection, Filter(), TODAY, limit=2, cursor=page.next)).items


async def one(connection: Any, day: date) -> Summary:
    """The only agreement in the list of that day."""
    page = await agreements.LIST.page(connection, Filter(), day, limit=2)
    assert len(page.items) == 1
    return DECODER.decode(page.items[0])


async def test_what_takes_effect_later_is_stored_beforehand(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("agreements", id_of("one"))
    end = TODAY + timedelta(days=10)
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="甲")),
        life.Signed(effective=on(date(2020, 1, 1))),
        term.TermSet(period=Period(ends=on(TODAY + timedelta(days=3)))),
        life.Terminated(effective=on(end)),
    )
    await streams.store()
    await streams.check()
    for day, status in [(0, "signed"), (3, "signed"), (4, "expired"), (9, "expired"), (10, "terminated")]:
        asked = TODAY + timedelta(days=day)
        assert (await one(connection, asked)).status == status
        found = await agreements.LIST.page(connection, Filter(status="terminated"), asked, limit=5)
        assert len(found.items) == (status == "terminated")
    assert (await one(connection, date(9999, 12, 30))).status == "terminated"
    # Folded again once the day has passed, the stream needs one row, and the others go.
    streams.record(ref, header.Titled(title=PrintedName(printed="乙"), variant="short"))
    await streams.store(end)
    await streams.check()
    assert await connection.fetchval("select count(*) from p_agreements") == 1


async def test_a_later_event_that_no_list_shows_makes_no_row(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("agreements", id_of("one"))
    later = on(TODAY + timedelta(days=5))
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="甲")),
        clauses.ClauseRecorded(clause=id_of("clause"), text="x", effective=later, citations=cite(DOCUMENTS[0])),
        header.Titled(title=PrintedName(printed="乙"), variant="short", effective=later),
    )
    await streams.store()
    assert await connection.fetchval("select count(*) from p_agreements") == 2
    found = await agreements.LIST.page(connection, Filter(document=DOCUMENTS[0]), TODAY, limit=5)
    assert len(found.items) == 1
    for day, hits in [(TODAY, 0), (TODAY + timedelta(days=5), 1)]:
        assert len((await agreements.LIST.page(connection, Filter(q="乙"), day, limit=5)).items) == hits


async def test_a_signatory_that_leaves_is_shown_as_one_that_has_left(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("agreements", id_of("one"))
    leaves = TODAY + timedelta(days=10)
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="甲")),
        header.Classified(kind="supply"),
        header.Classified(kind="project"),
        life.Signed(effective=on(date(2020, 1, 1))),
        signatories.SignatoryAdded(party=PARTIES[0], name=PrintedName(printed="济南"), side="甲方", role="发起"),
        signatories.SignatoryAdded(party=PARTIES[1]),
        signatories.SignatoryAdded(party=PARTIES[2], effective=on(TODAY + timedelta(days=5))),
        signatories.SignatureRecorded(party=PARTIES[1], representative=MAYOR),
        signatories.SignatureRecorded(party=PARTIES[1], representative=CLERK, effective=on(date(2020, 1, 3))),
        signatories.SignatoryWithdrawn(party=PARTIES[0], effective=on(leaves)),
    )
    await streams.store()
    await streams.check()
    for day, left in [(leaves - timedelta(days=1), False), (leaves, True)]:
        (item,) = (await signings.LIST.page(connection, signings.Filter(party=PARTIES[0]), day, limit=5)).items
        assert (item.left, item.side, item.role, item.title) == (left, "甲方", "发起", "甲")
        assert (item.name, item.kinds) == (PrintedName(printed="济南"), ("project", "supply"))
        assert item.signed == (on(date(2020, 1, 1)),)
        assert (await one(connection, day)).signatories[0].left is left
        assert len((await agreements.LIST.page(connection, Filter(party=PARTIES[0]), day, limit=5)).items) == 1
    (other,) = (await signings.LIST.page(connection, signings.Filter(party=PARTIES[1]), TODAY, limit=5)).items
    assert other.representatives == (MAYOR, CLERK)
    assert other.signed == (on(date(2020, 1, 3)),)
    for days, hits in [(4, 0), (5, 1)]:
        asked = TODAY + timedelta(days=days)
        assert (
            len((await signings.LIST.page(connection, signings.Filter(party=PARTIES[2]), asked, limit=5)).items) == hits
        )
        assert len((await agreements.LIST.page(connection, Filter(party=PARTIES[2]), asked, limit=5)).items) == hits


@pytest.mark.parametrize("sort", get_args(signings.Order))
async def test_the_agreements_of_a_party_by_date_of_signing(connection: Any, sort: signings.Order) -> None:
    _, told = await registry(connection)
    statuses: tuple[Status | None, ...] = (None, "terminated")
    for party, status, limit in itertools.product(PARTIES, statuses, (1, 3, 100)):
        held = [one for one in told if party in one.parties and status in {None, one.status}]
        wanted = [one.id for one in ordered(held, value(sort), lambda one: one.id, sort)]
        asked = signings.Filter(party=party, status=status)
        ask = partial(signings.LIST.page, connection, asked, TODAY, sort=sort)
        assert [item.agreement for item in await pages(ask, limit)] == wanted


async def test_a_citation_that_is_given_up_is_no_longer_found(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("agreements", id_of("one"))
    first, second, third = DOCUMENTS
    other = f"agreements/{id_of('other')}"
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="甲"), citations=cite(first)),
        term.TermChanged(period=Period(ends=on(date(2030, 1, 1))), citations=cite(second)),
        links.Linked(relation="amends", target=other, citations=cite(second)),
    )
    await streams.store()
    await streams.check()
    streams.record(ref, term.TermChanged(period=Period(ends=on(date(2031, 1, 1))), citations=cite(third)))
    await streams.store()
    await streams.check()
    streams.record(ref, links.Unlinked(relation="amends", target=other))
    await streams.store()
    await streams.check()
    cited = {row["document"] for row in await connection.fetch("select document from p_citations")}
    assert cited == {first, third}


def test_the_rows_are_not_made_again_where_nothing_that_they_show_has_changed() -> None:
    streams, ref = Streams(None), Ref("agreements", id_of("one"))  # type: ignore[arg-type] # no database is asked
    streams.record(ref, header.Registered(title=PrintedName(printed="甲")))
    before = streams.folded(ref)
    recorded = clauses.ClauseRecorded(clause=id_of("clause"), text="x", citations=cite(DOCUMENTS[0]))
    streams.record(ref, recorded)
    after = DECIDER.evolve(before.base, streams.records[ref][-1])
    now = msgspec.structs.replace(before, base=after)
    for projection in (agreements.AGREEMENTS, signings.SIGNINGS):
        quick = msgspec.structs.replace(projection, rows=None)
        assert quick.difference(ref, before, now) == ([], [])
    assert citations.CITATIONS.difference(ref, before, now) == ([(ref.id, DOCUMENTS[0], "agreements", 1)], [])
