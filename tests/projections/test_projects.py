"""The list of projects: every filter, sort, page and day against plain Python."""

import random
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from service.domain.decider import Event, Ref
from service.domain.party.bodies import Reparented
from service.domain.party.identity import Registered as PartyRegistered
from service.domain.project import header, investments, life, links, parties
from service.domain.project.state import Kind, Relation, Role, Status
from service.domain.values import Magnitude, PrintedName, UncertainDate
from service.projections import projects
from service.projections.projects import Filter, Order, Summary
from tests.projections.lists import answers_every_question, comes_in_pages_of_any_size
from tests.projections.streams import TODAY, Streams, cite, id_of, on

DECODER = msgspec.json.Decoder(Summary)
PARTIES = [id_of(f"party {number}") for number in range(3)]
ROLES = get_args(Role)
CITY, COUNTY, ELSEWHERE = (id_of(name) for name in ("city", "county", "elsewhere"))
MEETINGS, PACTS, PLANS, TASKS = ([id_of(f"{kind} {number}") for number in range(2)] for kind in ("met", "a", "b", "c"))
DOCUMENTS = [id_of(f"document {number}") for number in range(3)]
TITLES = ["临清城北水库项目", "Plant 100%", "plant 100x", "a_b", "aXb", "风力发电项目"]
KINDS = get_args(Kind)[:3]
SECTORS = ["水利", "新能源"]
SUM = Magnitude(value="30", unit="亿元", bound="exact", modality="total")
STEPS = {"planned": life.Planned, "signed": life.Signed, "started": life.Started, "dropped": life.Dropped}


class Told(Struct, frozen=True):
    """A project as the test knows it."""

    id: UUID
    sequence: int
    titles: tuple[str, ...]
    kinds: tuple[Kind, ...]
    status: Status
    since: tuple[date | None, date | None] | None
    roles: tuple[tuple[UUID, str], ...]
    places: tuple[UUID, ...]
    sector: str | None
    named: dict[str, tuple[UUID, ...]]
    documents: tuple[UUID, ...]


def add(streams: Streams, number: int) -> Told:
    """Record one more project."""
    draw = random.Random(number)  # noqa: S311 # the same data at every run
    project = id_of(f"project {number}")
    titles = tuple(draw.sample(TITLES, draw.choice([1, 1, 2])))
    kinds = tuple(sorted(draw.sample(KINDS, draw.choice([0, 1, 1, 2]))))
    documents = tuple(draw.sample(DOCUMENTS, draw.randint(0, 2)))
    sector = draw.choice([None, *SECTORS])
    places = tuple(draw.sample([CITY, COUNTY, ELSEWHERE], draw.choice([0, 1, 1, 2])))
    sequence = streams.sequence + 1
    called = draw.random() < 0.3
    citing = cite(documents[0]) if documents else ()
    title = None if called else PrintedName(printed=titles[0])
    events: list[Event] = [header.Registered(title=title, called=titles[0] if called else None, citations=citing)]
    events += [header.Classified(kind=kind) for kind in kinds]
    events += [header.Titled(title=PrintedName(printed=other)) for other in titles[1:]]
    events += [header.Described(sector=sector)] if sector else []
    status: Status = draw.choice(["known", "planned", "signed", "started", "dropped"])
    since: tuple[date | None, date | None] | None = None
    named: dict[str, tuple[UUID, ...]] = dict.fromkeys(("meeting", "agreement", "plan", "task", "part_of"), ())
    roles: list[tuple[UUID, str]] = []
    if status != "known":
        start = date(2020, 1, 1) + timedelta(days=draw.randint(0, 40))
        since = draw.choice([None, (start, start), (start, start + timedelta(days=20)), (None, start), (start, None)])
        day = UncertainDate(earliest=since[0], latest=since[1]) if since else None
        met, pact, plan = (draw.choice([None, *several]) for several in (MEETINGS, PACTS, PLANS))
        acting = draw.choice([(), (PARTIES[0],)])
        events.append(STEPS[status](effective=day, meeting=met, agreement=pact, plan=plan, by=acting))
        for name, one in (("meeting", met), ("agreement", pact), ("plan", plan)):
            named[name] += (one,) if one else ()
        roles += [(one, "acting") for one in acting]
        if status == "dropped":
            events.append(life.TalkedOver(meeting=MEETINGS[0]))
            named["meeting"] += (MEETINGS[0],)
    for index, role in enumerate(draw.sample(ROLES, draw.randint(0, 3))):
        events.append(parties.PartyNamed(role=role, party=PARTIES[index]))
        if index == 2:
            events.append(parties.PartyReleased(role=role, party=PARTIES[index]))
        else:
            roles.append((PARTIES[index], role))
    if draw.random() < 0.4:
        id = id_of(f"investment {number}")
        events.append(investments.InvestmentStated(investment=id, quantity=SUM, investor=PARTIES[1]))
        roles.append((PARTIES[1], "investor"))
        if draw.random() < 0.5:
            events.append(investments.InvestorReplaced(replacement=id, former=PARTIES[1], investor=PARTIES[2]))
            roles = [(one, role) for one, role in roles if (one, role) != (PARTIES[1], "investor")]
            roles += [(PARTIES[1], "former_investor"), (PARTIES[2], "investor")]
    ends: tuple[tuple[Relation, str, str], ...] = (
        ("under", "agreement", f"agreements/{PACTS[0]}"),
        ("in_plan", "plan", f"plans/{PLANS[0]}"),
        ("tracked_by", "task", f"tasks/{TASKS[0]}"),
        ("part_of", "part_of", f"projects/{id_of('project 0')}"),
    )
    for relation, field, target in ends:
        if draw.random() < 0.2:
            events.append(links.Linked(relation=relation, target=target))
            named[field] += (UUID(target.partition("/")[2]),)
    events += [parties.Located(party=place) for place in places]
    if draw.random() < 0.1:
        events.append(header.DuplicateMerged(into=id_of("project 0")))
        status = "merged"
    cited = documents[1:]
    events += [parties.Located(text=f"某地{one}", citations=cite(one)) for one in cited]
    streams.record(Ref("projects", project), *events)
    held = (tuple(roles), places, sector, named, documents)
    return Told(project, sequence, titles, kinds, status, since, *held)


async def registry(connection: Any, count: int = 60) -> tuple[Streams, list[Told]]:
    """A registry with that many projects of all sorts, and their places."""
    streams = Streams(connection)
    for place, over in ((CITY, None), (COUNTY, CITY), (ELSEWHERE, None)):
        ref = Ref("parties", place)
        streams.record(ref, PartyRegistered(kind="county", name=PrintedName(printed="某地")), Reparented(parent=over))
    told = [add(streams, number) for number in range(count)]
    await streams.store()
    return streams, told


FILTERS: dict[str, list[Any]] = {
    "kind": list(KINDS[:2]),
    "status": ["known", "planned", "signed", "started", "dropped", "merged"],
    "stage_from": [date(2020, 1, 1), date(2020, 1, 20)],
    "stage_to": [date(2020, 1, 20), date(2021, 1, 1)],
    "party": [*PARTIES, CITY],
    **dict.fromkeys(ROLES, PARTIES[:2]),
    "place": [CITY, COUNTY, ELSEWHERE],
    "sector": SECTORS,
    "meeting": MEETINGS,
    "agreement": PACTS,
    "plan": PLANS,
    "task": TASKS[:1],
    "part_of": [id_of("project 0")],
    "document": DOCUMENTS[:2],
    "q": ["项目", "PLANT", "100%", "a_b"],
}


def passes(told: Told, field: str, value: Any) -> bool:
    """Whether the project passes one field of a filter."""
    earliest, latest = told.since or (None, None)
    match field:
        case "kind":
            return value in told.kinds
        case "status" | "sector":
            return bool(getattr(told, field) == value)
        case "stage_from":
            return told.since is not None and (latest is None or latest >= value)
        case "stage_to":
            return told.since is not None and (earliest is None or earliest <= value)
        case "party":
            return value in told.places or any(value == one for one, _ in told.roles)
        case "place":
            return value in told.places or (value == CITY and COUNTY in told.places)
        case "document":
            return value in told.documents
        case "q":
            return any(value.lower() in title.lower() for title in told.titles)
        case _ if field in told.named:
            return value in told.named[field]
        case role:
            return (value, role) in told.roles


def value(sort: str) -> Any:
    """What a sort orders by."""
    match sort.removeprefix("-"):
        case "recorded":
            return lambda told: told.sequence
        case "stage":
            return lambda told: None if told.since is None else told.since[0] or date.min
        case _:
            return lambda told: told.titles[0].encode()


async def test_every_filter_and_every_pair_of_filters(connection: Any) -> None:
    streams, told = await registry(connection, 100)
    await streams.check()
    await answers_every_question(connection, projects.LIST, Filter, FILTERS, told, passes)


@pytest.mark.parametrize("sort", get_args(Order))
async def test_pages_of_any_size_give_every_row_once_in_order(connection: Any, sort: Order) -> None:
    _, told = await registry(connection)
    await comes_in_pages_of_any_size(connection, projects.LIST, Filter(), told, value(sort), sort)


async def test_an_investor_to_come_is_stored_beforehand(connection: Any) -> None:
    streams, ref = Streams(connection), Ref("projects", id_of("one"))
    day, one = TODAY + timedelta(days=5), id_of("money")
    streams.record(
        ref,
        header.Registered(title=PrintedName(printed="水库")),
        life.Signed(effective=on(date(2016, 4, 7))),
        investments.InvestmentStated(investment=one, quantity=SUM, investor=PARTIES[0]),
        parties.PartyNamed(role="host", party=CITY, name=PrintedName(printed="甲市")),
        investments.InvestorReplaced(replacement=one, former=PARTIES[0], investor=PARTIES[1], effective=on(day)),
        life.Started(effective=on(day)),
    )
    await streams.store()
    await streams.check()
    for asked, status, now in ((day - timedelta(days=1), "signed", 0), (day, "started", 1)):
        (item,) = (await projects.LIST.page(connection, Filter(investor=PARTIES[now]), asked, limit=5)).items
        shown = DECODER.decode(item)
        (money,) = shown.investments
        assert (shown.status, money.investor, money.quantity) == (status, PARTIES[now], SUM)
        assert [(who.role, who.name) for who in shown.parties] == [("host", "甲市")]
        found = (await projects.LIST.page(connection, Filter(investor=PARTIES[1 - now]), asked, limit=5)).items
        assert found == []
