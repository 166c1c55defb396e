"""The list of figures: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain.decider import Event, Ref
from service.domain.figure import assessments, claims, concerned, header, items, links
from service.domain.figure.state import Role, Sort, Status
from service.domain.values import Magnitude, Period, Person, PrintedName, UncertainDate
from service.projections import figures
from service.projections.figures import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(3)]
MEETINGS = [id_of(f"meeting {number}") for number in range(2)]
PLANS = [id_of(f"plan {number}") for number in range(2)]
COUNTED = [f"agreements/{id_of('pact')}", f"tasks/{id_of('task')}"]
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
METRICS = ["签约项目", "Build 100%", "a_b"]
CALLED = [None, "恳谈会签约项目", "build 100x", "aXb"]
ROLES: tuple[Role, ...] = get_args(Role)
COUNT = Magnitude(value="252", unit="个", bound="exact")


class Told(Struct, frozen=True):
    """A figure as the test knows it."""

    id: UUID
    sequence: int
    metric: str
    called: str | None
    words: tuple[str, ...]
    status: Status
    period: tuple[date | None, date | None] | None
    parties: tuple[tuple[UUID, str], ...]
    linked: tuple[tuple[str, str], ...]
    documents: tuple[UUID, ...]


def claimed(voice: UUID | None, way: int) -> claims.Claimed:
    """A claim, by nobody, by a party or by somebody of it."""
    speaker = Person(name=PrintedName(printed="某甲"), organisations=(voice,)) if voice is not None else None
    match way:
        case 0:
            return claims.Claimed(claim=id_of("claim"), count=COUNT)
        case 1:
            return claims.Claimed(claim=id_of("claim"), count=COUNT, by=(voice,) if voice is not None else ())
        case _:
            return claims.Claimed(claim=id_of("claim"), count=COUNT, speaker=speaker)


def add(streams: Streams, number: int) -> Told:
    """Record one more figure."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    figure, metric, called = id_of(f"figure {number}"), draw.choice(METRICS), draw.choice(CALLED)
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    parties = [(party, draw.choice(ROLES)) for party in draw.sample(PARTIES, draw.randint(0, 2))]
    linked = [("at", f"meetings/{one}") for one in draw.sample(MEETINGS, draw.randint(0, 1))]
    linked += [("under", f"plans/{one}") for one in draw.sample(PLANS, draw.randint(0, 1))]
    linked += [("counts", one) for one in draw.sample(COUNTED, draw.randint(0, 2))]
    sequence = streams.sequence + 1
    first, last = (cite(documents[0]), cite(documents[-1])) if documents else ((), ())
    events: list[Event] = [header.Registered(metric=metric, called=called, citations=first)]
    start = date(2016, 4, 1) + timedelta(days=draw.randint(0, 40))
    spans = [None, (start, start + timedelta(days=20)), (None, start), (start, None)]
    period: tuple[date | None, date | None] | None = draw.choice(spans)
    if period is not None:
        starts, ends = (UncertainDate.day(day) if day is not None else None for day in period)
        events.append(header.Described(period=Period(starts=starts, ends=ends)))
    elif draw.random() < 0.3:
        events.append(header.Described(period=Period(printed="近年")))
    label = draw.choice([None, "合同项目"])
    if label is not None or last:
        events.append(items.ItemRecorded(item=id_of("item"), sort="share", label=label or "某项", citations=last))
    events += [concerned.PartyNamed(role=role, party=party) for party, role in parties]
    events += [links.Linked(relation=relation, target=target) for relation, target in linked]  # type: ignore[arg-type]
    status: Status = draw.choice(["registered", "reported", "reconciled", "disputed", "merged"])
    said: list[tuple[UUID, str]] = [(party, str(role)) for party, role in parties]
    if status != "registered":
        way, voice = draw.randint(0, 2), draw.choice([None, *PARTIES])
        events.append(claimed(voice, way))
        said += [(voice, "claims")] if voice is not None and way else []
    if status in {"reconciled", "disputed"}:
        finding = assessments.Reconciled if status == "reconciled" else assessments.Disputed
        events.append(finding(assessment=id_of("one"), by=(PARTIES[0],)))
    if status == "merged":
        events.append(header.DuplicateMerged(into=id_of("figure 0")))
    streams.record(Ref("figures", figure), *events)
    words = tuple(one for one in (metric, called, label) if one is not None)
    return Told(figure, sequence, metric, called, words, status, period, tuple(said), tuple(linked), documents)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many figures of all sorts."""
    streams = Streams(connection)
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "metric": METRICS[:2],
    "status": ["registered", "reported", "reconciled", "disputed", "merged"],
    "party": PARTIES[:2],
    "subject": [PARTIES[0], id_of("nobody")],
    "meeting": MEETINGS,
    "plan": PLANS[:1],
    "counts": COUNTED,
    "period_from": [date(2016, 4, 1), date(2016, 4, 20)],
    "period_to": [date(2016, 4, 20), date(2017, 1, 1)],
    "document": DOCUMENTS[:2],
    "q": ["签约", "BUILD", "100%", "a_b", "合同"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the figure passes one field of a filter."""
    first, last = told.period or (None, None)
    match field:
        case "party":
            return any(party == value for party, _ in told.parties)
        case "subject":
            return (value, "subject") in told.parties
        case "meeting":
            return ("at", f"meetings/{value}") in told.linked
        case "plan":
            return ("under", f"plans/{value}") in told.linked
        case "counts":
            return ("counts", value) in told.linked
        case "period_from":
            return told.period is not None and (last is None or last >= value)
        case "period_to":
            return told.period is not None and (first is None or first <= value)
        case "document":
            return value in told.documents
        case "q":
            return any(value.lower() in one.lower() for one in told.words)
        case _:
            return bool(getattr(told, field) == value)


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection)
    await streams.check()
    await answers_every_question(connection, figures.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)

    def value(one: Told) -> Any:
        if sort.endswith("recorded"):
            return one.sequence
        if sort.endswith("title"):
            return one.called or one.metric
        return None if one.period is None else one.period[0] or date.min

    await comes_in_pages_of_any_size(connection, figures.LIST, Filter(), told, value, sort)


async def test_a_figure_disputed_later(connection: Any) -> None:
    """In the order of the log, with what is said of the whole, and of its parts by themselves."""
    streams, ref = Streams(connection), Ref("figures", id_of("one"))
    day = TODAY + timedelta(days=5)
    streams.record(
        ref,
        header.Registered(metric="签约项目"),
        items.ItemRecorded(item=id_of("item"), sort="category", label="合同项目"),
        concerned.PartyNamed(role="subject", party=PARTIES[0], name=PrintedName(printed="我市")),
        concerned.PartyNamed(role="counterpart", group="驻济高校"),
        claims.Claimed(claim=id_of("first"), count=COUNT),
        claims.Claimed(claim=id_of("other"), item=id_of("item"), count=COUNT),
        links.Linked(relation="counts", target=COUNTED[0]),
        links.Linked(relation="counts", target=COUNTED[0], item=id_of("item")),
        links.Linked(relation="counts", target=COUNTED[0], target_part=f"clauses/{id_of('clause')}"),
        assessments.Disputed(assessment=id_of("one"), by=(PARTIES[0],), effective=on(day)),
    )
    await streams.store()
    await streams.check()
    for asked, status in ((TODAY, "reported"), (day - timedelta(days=1), "reported"), (day, "disputed")):
        (item,) = (await figures.LIST.page(connection, Filter(), asked, limit=5)).items
        one = DECODER.decode(item)
        assert (one.title, one.status, one.items, one.counts) == ("签约项目", status, 1, 2)
        assert one.changes_on == (day if asked < day else None)
        assert [(said.claim, said.count) for said in one.claims] == [(id_of("first"), COUNT)]
        parts = [(said.item, said.sort, said.label, said.claim, said.count) for said in one.parts]
        assert parts == [(id_of("item"), "category", "合同项目", id_of("other"), COUNT)]
        assert one.claimed == 2
        about = [(who.role, who.party, who.name, who.group) for who in one.concerned]
        assert about == [("subject", PARTIES[0], "我市", None), ("counterpart", None, None, "驻济高校")]


async def test_a_figure_of_which_only_the_parts_are_told(connection: Any) -> None:
    """In the order of the items, each before those under it; a list shows the first dozen."""
    streams, ref = Streams(connection), Ref("figures", id_of("one"))
    stages = [("talked", None, 1), ("intended", None, 2), ("contracts", "intended", 2), ("letters", "intended", 1)]
    streams.record(ref, header.Registered(metric="项目"))
    for name, parent, order in reversed(stages):
        within = id_of(parent) if parent is not None else None
        sort: Sort = "category" if parent is not None else "stage"
        streams.record(ref, items.ItemRecorded(item=id_of(name), sort=sort, parent=within, label=name, order=order))
        for place in range(4):
            count = Magnitude(value=str(place), unit="个", bound="exact")
            streams.record(ref, claims.Claimed(claim=id_of(f"{name} {place}"), item=id_of(name), count=count))
    await streams.store()
    await streams.check()
    (item,) = (await figures.LIST.page(connection, Filter(), TODAY, limit=5)).items
    one = DECODER.decode(item)
    assert (one.claims, one.claimed, one.items) == ((), 16, 4)
    shown = [(said.label, said.count.value) for said in one.parts if said.count is not None]
    names = ["talked", "intended", "letters"]
    assert shown == [(name, str(place)) for name in names for place in range(4)]
