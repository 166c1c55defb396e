"""The list of documents: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain import errors
from service.domain.decider import Event, Ref
from service.domain.document import description, parts, standing, text
from service.domain.document.state import Kind, Span, Status, TextSpans
from service.domain.values import PrintedName, UncertainDate
from service.projections import documents
from service.projections.documents import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size, ids
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PUBLISHERS = ["大众日报", "Qilu Evening", None]
PARTIES = [id_of("party 0"), None]
CITED = [id_of("document 0"), id_of("document 1")]
TITLES = ["签约仪式", "Water 100%", "a_b", "aXb"]
KINDS: tuple[Kind, ...] = ("press", "repost")


class Told(Struct, frozen=True):
    """A document as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    kind: Kind
    status: Status
    publisher: str | None
    publisher_party: UUID | None
    language: str | None
    dated: tuple[date | None, date | None] | None
    sha256: str | None
    documents: tuple[UUID, ...]


def add(streams: Streams, number: int) -> Told:
    """Record one more document."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    one = id_of(f"document {number}")
    titles = tuple(draw.sample(TITLES, draw.randint(0, 2)))
    kind, language = draw.choice(KINDS), draw.choice(["zh-CN", "zh-TW", "zh", "en", "zho", None])
    status: Status = draw.choice(["registered", "segmented", "withdrawn"])
    publisher, publisher_party = draw.choice(PUBLISHERS), draw.choice(PARTIES)
    start = date(2020, 1, 1) + timedelta(days=draw.randint(0, 40))
    dated = draw.choice([None, (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)])
    sha256 = draw.choice([None, f"{number:064x}"])
    cited = tuple(draw.sample(CITED, draw.randint(0, 1)))
    sequence = streams.sequence + 1
    events: list[Event] = [
        description.Registered(
            title=PrintedName(printed=titles[0]) if titles else None,
            kind=kind,
            publisher=PrintedName(printed=publisher) if publisher else None,
            publisher_party=publisher_party,
            date=UncertainDate(earliest=dated[0], latest=dated[1]) if dated else None,
            language=language,
            citations=cite(cited[0]) if cited else (),
        )
    ]
    if sha256 is not None:
        events.append(text.TextCaptured(sha256=sha256, length=10))
    if status == "segmented":
        events.append(parts.Segmented(parts=(TextSpans(key="1", spans=(Span(start=0, end=5),)),)))
        events += [parts.PartDescribed(key="1", title=PrintedName(printed=title)) for title in titles[1:]]
    else:
        titles = titles[:1]
    if status == "withdrawn":
        events.append(standing.Withdrawn())
    streams.record(Ref("documents", one), *events)
    return Told(one, sequence, titles, kind, status, publisher, publisher_party, language, dated, sha256, cited)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many documents of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "kind": list(KINDS),
    "status": ["registered", "segmented", "withdrawn"],
    "publisher": ["大众日报", "大众"],
    "publisher_party": [id_of("party 0")],
    "language": ["zh", "zh-CN", "zh-TW", "fr"],
    "date_from": [date(2020, 1, 20), date(2021, 1, 1)],
    "date_to": [date(2019, 1, 1), date(2020, 1, 20)],
    "sha256": [f"{number:064x}" for number in range(4)],
    "document": CITED,
    "q": ["签约", "water", "100%", "a_b", "%"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the document passes one field of a filter."""
    earliest, latest = told.dated or (None, None)
    match field:
        case "language":
            return told.language is not None and f"{told.language}-".startswith(f"{value}-")
        case "date_from":
            return told.dated is not None and (latest is None or latest >= value)
        case "date_to":
            return told.dated is not None and (earliest is None or earliest <= value)
        case "document":
            return value in told.documents
        case "q":
            return any(value.lower() in title.lower() for title in told.titles)
        case _:
            return bool(getattr(told, field) == value)


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, documents.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)

    def value(one: Told) -> Any:
        match sort.removeprefix("-"):
            case "recorded":
                return one.sequence
            case "date":
                return None if one.dated is None else one.dated[0] or date.min
            case _:
                # A document without a title may hold texts with one; the list is sorted by its own.
                return one.titles[0].encode() if one.titles else None

    await comes_in_pages_of_any_size(connection, documents.LIST, Filter(), told, value, sort)


async def test_a_document_withdrawn_later(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("documents", id_of("one"))
    day = TODAY + timedelta(days=5)
    streams.record(ref, description.Registered(kind="press", language="zh"), standing.Withdrawn(effective=on(day)))
    await streams.store()
    await streams.check()
    for asked, status in [(TODAY, "registered"), (day - timedelta(days=1), "registered"), (day, "withdrawn")]:
        (item,) = (await documents.LIST.page(connection, Filter(), asked, limit=5)).items
        assert DECODER.decode(item).status == status


async def test_a_voided_document_is_in_no_list(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("documents", id_of("one"))
    streams.record(ref, description.Registered(kind="press", language="zh", citations=cite(CITED[0])))
    await streams.store()
    (record,) = streams.records[ref]
    streams.record(ref, description.Voided())
    streams.records[ref][-1] = msgspec.structs.replace(
        streams.records[ref][-1], cause="correction", corrects=record.sequence, reason="登记有误"
    )
    await streams.store()
    await streams.check()
    assert (await documents.LIST.page(connection, Filter(), TODAY, limit=5)).items == []
    assert await connection.fetchval("select count(*) from p_citations") == 0


async def test_a_cursor_without_a_value_goes_on_among_the_undated(connection: Any) -> None:
    streams = Streams(connection)
    for number in range(5):
        streams.record(Ref("documents", id_of(str(number))), description.Registered(kind="press", language="zh"))
    await streams.store()
    wanted = sorted(id_of(str(number)) for number in range(5))
    assert await ids(connection, documents.LIST, Filter(), 2, "date") == wanted
    assert await ids(connection, documents.LIST, Filter(), 2, "-title") == wanted[::-1]
    page = await documents.LIST.page(connection, Filter(), TODAY, limit=2, sort="date")
    with pytest.raises(errors.BadCursor):
        await documents.LIST.page(connection, Filter(), TODAY, limit=2, sort="title", cursor=page.next)
