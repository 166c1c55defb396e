"""The pipeline: the statement against a naive count in Python over folded states, at any day and position."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.amounts import plain
from service.domain.catalogue import DECIDERS
from service.domain.decider import Event, Recorded, Ref
from service.domain.folding import fold
from service.domain.party.bodies import Reparented
from service.domain.party.identity import Registered as PartyRegistered
from service.domain.party.record import DuplicateMerged
from service.domain.project import DECIDER, header, investments, life, links, parties
from service.domain.project.counting import Entry, Rule, entries
from service.domain.project.state import Project, concerned, status, title
from service.domain.values import Magnitude, PrintedName, UncertainDate
from service.projections import pipeline
from service.projections.following import FOLLOWING
from service.projections.moments import READER
from service.projections.pipeline.asked import Filter, Group, Period
from tests.given import cite, no, on, recorded
from tests.soak import examples

BUILT = [no(number) for number in (61, 62, 63, 64)]
FIRMS = [no(number) for number in (71, 72)]
PLACES = [no(number) for number in (81, 82)]
DATES = [
    None,
    on(2016, 3, 31),
    on(2016, 4, 1),
    on(2017),
    UncertainDate(earliest=date(2016, 1, 1), latest=date(2016, 12, 31), precision="year"),
    UncertainDate(earliest=date(2016, 3, 1), latest=date(2016, 4, 30), precision="range"),
    UncertainDate(latest=date(2016, 6, 30), precision="before"),
    UncertainDate(earliest=date(2016, 6, 30), precision="after"),
]
SUMS = [
    Magnitude(value="30", unit="亿元", bound="exact", modality="total"),
    Magnitude(value="0.5", unit="万元", bound="exact", modality="paid_in"),
    Magnitude(value="400", unit="亿元", bound="below", modality="total"),
    Magnitude(value="3", unit="元", bound="above", modality="planned"),
    Magnitude(low="1", high="2.25", unit="亿元", bound="range", modality="planned"),
    Magnitude(value="7", unit="亿元", bound="about", modality="total"),
    Magnitude(value="5", unit="万美元", bound="exact"),
]
dates, sums, firms = st.sampled_from(DATES), st.sampled_from(SUMS), st.sampled_from(FIRMS)
money = st.sampled_from([no(31), no(32), no(33)])
STEPS = (life.Planned, life.TalkedOver, life.Intended, life.Signed, life.Started, life.Completed, life.Dropped)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda step, day: step(effective=day), st.sampled_from(STEPS), dates),
    st.builds(lambda step, day: step(effective=day), st.sampled_from(STEPS), dates),
    st.builds(
        lambda one, sum_, firm, day: investments.InvestmentStated(
            investment=one, quantity=sum_, investor=firm, effective=day
        ),
        money,
        sums,
        st.none() | firms,
        dates,
    ),
    st.builds(
        lambda one, sum_, of, firm, day: investments.InvestmentIncreased(
            investment=one, quantity=sum_, of=of, investor=firm, effective=day
        ),
        money,
        sums,
        st.none() | money,
        st.none() | firms,
        dates,
    ),
    st.builds(
        lambda one, of, day: investments.InvestorReplaced(
            replacement=one, former=FIRMS[0], investor=FIRMS[1], investment=of, effective=day
        ),
        money,
        st.none() | money,
        dates,
    ),
    st.builds(lambda firm: parties.PartyNamed(role="investor", party=firm), firms),
    st.builds(lambda place: parties.Located(party=place), st.sampled_from(PLACES)),
    st.just(parties.Located(text="黄河北岸")),
    st.builds(
        lambda one, day: links.Linked(relation="part_of", target=f"projects/{one}", effective=day),
        st.sampled_from(BUILT),
        dates,
    ),
    st.builds(lambda one: header.DuplicateMerged(into=one), st.sampled_from(BUILT)),
    st.just(header.Described(sector="水利")),
)


def drawn(data: st.DataObject, id: UUID) -> list[Recorded]:
    """A project's log: any events, some of them corrected by others of their kind, or voided."""
    name = PrintedName(printed=f"某项目{id.int % 2}")
    log = [recorded(1, header.Registered(title=name, citations=cite(1)))]
    for sequence in range(2, data.draw(st.integers(1, 8)) + 2):
        if len(log) > 1 and data.draw(st.integers(0, 4)) == 0:
            wrong = data.draw(st.sampled_from(log[1:]))
            new = recorded(sequence, header.Voided())
            log.append(replace(new, cause="correction", corrects=wrong.sequence))
        else:
            log.append(recorded(sequence, data.draw(EVENTS)))
    return log


# --- The naive count --------------------------------------------------------------------------------------------------


class Naive:
    """What counts, entry by entry."""

    def __init__(self, states: Mapping[UUID, Project], asked: Filter, same: Mapping[UUID, set[UUID]]) -> None:
        """Of these projects; `same` are the parties that stand under one, or are second records of it, and itself."""
        self.states, self.asked, self.same = states, asked, same
        self.entries = {id: entries(state, asked.rules) for id, state in states.items()}
        self.shown = {id: some for id, some in self.entries.items() if self.passes(states[id])}

    def passes(self, state: Project) -> bool:
        """Whether a project is one of those that are asked for."""
        asked, header = self.asked, state.header
        assert header is not None
        places = {one.party for one in state.places.values() if one.party is not None}
        investing = {party for party, part in concerned(state) if part == "investor"}
        return (
            (asked.place is None or bool(self.same[asked.place] & places))
            and (asked.investor is None or bool(self.same[asked.investor] & investing))
            and asked.sector in {None, header.sector}
            and asked.stage in {None, status(state)}
        )

    def counts(self, id: UUID) -> bool:
        """Whether a project counts, whenever."""
        return any(one.kind != "left" for one in self.entries.get(id, []))

    def wholes(self, id: UUID) -> set[UUID]:
        """The projects that count and that one is a part of, however far up."""
        found: set[UUID] = set()
        todo = [id]
        while todo:
            state = self.states.get(todo.pop())
            if state is None:
                continue
            over = {UUID(one.target.partition("/")[2]) for one in state.links.values() if one.relation == "part_of"}
            over |= {state.duplicate.into} if state.duplicate is not None else set()
            todo += over - found
            found |= over
        return {one for one in found - {id} if self.counts(one)}

    def fate(self, id: UUID, one: Entry) -> str:
        """Whether an entry counts, or why not."""
        if one.kind == "left":
            return one.event
        sum_, wholes = one.amount, self.wholes(id)
        told = [
            (other.amount.modality, other.amount.unit)
            for whole in wholes
            for other in self.entries[whole]
            if other.amount
        ]
        if wholes and (sum_ is None or (sum_.modality, sum_.unit) in told):
            return "part_of"
        first, last = self.asked.since or date.min, self.asked.until or date.max
        if one.since[1] < first or one.since[0] > last:
            return "outside"
        return "counted" if first <= one.since[0] and one.since[1] <= last else "uncertain"

    def groups(self, id: UUID, one: Entry) -> set[str | None]:
        """The groups that an entry stands in."""
        state = self.states[id]
        assert state.header is not None
        match self.asked.group:
            case "stage":
                return {status(state)}
            case "sector":
                return {state.header.sector}
            case "investor":
                return {f"parties/{one.investor}" if one.investor else None}
            case "place":
                places = state.places.values()
                return {f"parties/{place.party}" if place.party else place.text for place in places} or {None}
            case _:
                return {self.period(*one.since)}

    def period(self, first: date, last: date) -> str | None:
        """The one period of both days."""
        names = []
        for day in (first, last):
            half, quarter = (1 if day.month <= 6 else 2), (day.month + 2) // 3
            of = {"year": "", "half_year": f"-H{half}", "quarter": f"-Q{quarter}", "month": f"-{day.month:02}"}
            names.append(f"{day.year}{of[self.asked.by]}")
        known = date.min < first and last < date.max
        return names[0] if known and names[0] == names[1] else None

    def tally(self, group: str | None, fate: str, *, whole: bool) -> pipeline.Item | Any:
        """What counts in a group, or in all of them, as the answer has it."""
        found = [
            (id, one)
            for id, some in self.shown.items()
            for one in some
            if self.fate(id, one) == fate and (whole or group in self.groups(id, one))
        ]
        events = {
            kind: {(id, one.event) for id, one in found if one.kind == kind and not self.wholes(id)}
            for kind in ("project", "anew", "increase")
        }
        bare = {
            (id, one.event)
            for id, one in found
            if one.kind != "increase" and one.amount is None and not self.wholes(id)
        }
        amounts: dict[tuple[str | None, str], list[Any]] = {}
        for _, one in found:
            if one.amount is not None:
                amounts.setdefault((one.amount.modality, one.amount.unit), []).append(one.amount)
        return (
            *(len(events[kind]) for kind in ("project", "anew", "increase")),
            len(bare),
            {key: self.added(several) for key, several in amounts.items()},
        )

    @staticmethod
    def added(several: list[Any]) -> tuple[Any, ...]:
        """Their sum: bounds of those that have them, and about how much the others are."""
        bounded = [one for one in several if one.about is None]
        rough = [one.about for one in several if one.about is not None]
        low = sum((one.low for one in bounded), Decimal(0)) if bounded else None
        open_above = any(one.high is None for one in bounded)
        high = sum((one.high for one in bounded), Decimal(0)) if bounded and not open_above else None
        return (
            len(bounded),
            plain(low) if low is not None else None,
            plain(high) if high is not None else None,
            any(one.low_open for one in bounded),
            any(one.high_open for one in bounded),
            len(rough),
            plain(sum(rough, Decimal(0))) if rough else None,
        )

    def left(self) -> dict[str, set[UUID]]:
        """What is left out, and why."""
        fates = {id: {self.fate(id, one) for one in some} for id, some in self.shown.items()}
        found: dict[str, set[UUID]] = {}
        for id, some in fates.items():
            for reason in some & {"duplicate", "no_event", "never_signed"}:
                found.setdefault(reason, set()).add(id)
            if self.wholes(id) and self.counts(id):
                found.setdefault("part_of", set()).add(id)
            if "outside" in some and not some & {"counted", "uncertain"}:
                found.setdefault("outside", set()).add(id)
        return found


def tallied(tally: Any) -> tuple[Any, ...]:
    """A tally of the answer, as the naive count has it."""
    sums_ = {
        (one.modality, one.unit): (
            one.bounded,
            one.low,
            one.high,
            one.low_open,
            one.high_open,
            one.approximate,
            one.about,
        )
        for one in tally.sums
    }
    assert len(sums_) == len(tally.sums)
    return tally.projects, tally.anew, tally.increases, tally.without_sum, sums_


@pytest.fixture(scope="module")
def schema() -> Iterator[tuple[asyncio.Runner, "asyncpg.Connection[Any]"]]:
    """A schema with the tables that the question reads."""
    from tests.conftest import the_server  # noqa: PLC0415 -- it is known once the run has begun

    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(the_server().url, server_settings=READER))
        name = f"test_{uuid4().hex}"
        runner.run(connection.execute(f"create schema {name}"))
        runner.run(connection.execute(f"set search_path to {name}"))
        for table in READ:
            for text in table.create():
                runner.run(connection.execute(text))
        yield runner, connection
        runner.run(connection.execute(f"drop schema {name} cascade"))
        runner.run(connection.close())


ALL = [Filter(rules=rule, place=PLACES[0], investor=FIRMS[0], sector="水利", stage="signed") for rule in get_args(Rule)]
READ = [
    table for table in FOLLOWING if any(table.name.removesuffix("_known") in pipeline.tables(asked) for asked in ALL)
]


async def fill(connection: Any, logs: Mapping[Ref, list[Recorded]]) -> None:
    """The rows of these streams, and no others."""
    for table in READ:
        rows = [row for ref, log in logs.items() for row in table.of(DECIDERS[ref.category], ref, log, date.min)]
        await connection.execute(f"truncate {table.table}")
        await connection.copy_records_to_table(table.table, records=rows, columns=[name for name, _ in table.columns])


BOUNDS = [None, date(2016, 1, 1), date(2016, 4, 1), date(2016, 6, 30)]
ENDS = [None, date(2016, 4, 1), date(2016, 6, 30), date(2016, 12, 31), date(2017, 6, 1)]


@settings(
    max_examples=examples(30),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_the_statement_counts_as_one_counts_by_hand(schema: Any, data: st.DataObject) -> None:
    runner, connection = schema
    logs = {Ref("projects", id): drawn(data, id) for id in BUILT}
    named: dict[Ref, list[Event]] = {
        Ref("parties", id): [PartyRegistered(kind="county", name=PrintedName(printed=f"某{id.int}"))]
        for id in (*PLACES, *FIRMS)
    }
    alone = {id: {id} for id in (*PLACES, *FIRMS)}
    same = dict(alone)
    # The second place stands under the first, or is a second record of it; the second firm is one of the first.
    for (whole, other), under in ((PLACES, data.draw(st.booleans())), (FIRMS, False)):
        if data.draw(st.booleans()):
            named[Ref("parties", other)].append(Reparented(parent=whole) if under else DuplicateMerged(into=whole))
            same[whole] = {whole, other}
    told = {ref: [recorded(number, event) for number, event in enumerate(some, 1)] for ref, some in named.items()}
    runner.run(fill(connection, {**logs, **told}))
    for _ in range(3):
        day = data.draw(st.sampled_from([date(2015, 1, 1), date(2016, 4, 1), date(2016, 12, 31), date(2020, 1, 1)]))
        position = data.draw(st.integers(1, 10))
        asked = Filter(
            since=data.draw(st.sampled_from(BOUNDS)),
            until=data.draw(st.sampled_from(ENDS)),
            group=data.draw(st.sampled_from(get_args(Group))),
            by=data.draw(st.sampled_from(get_args(Period))),
            rules=data.draw(st.sampled_from(get_args(Rule))),
            place=data.draw(st.sampled_from([None, None, *PLACES])),
            investor=data.draw(st.sampled_from([None, None, *FIRMS])),
            sector=data.draw(st.sampled_from([None, None, None, "水利", "农业"])),
            stage=data.draw(st.sampled_from([None, None, None, "signed", "intended", "merged"])),
        )
        folded = {ref.id: fold(DECIDER, log[:position], day).base for ref, log in logs.items()}
        count = Naive(
            {id: state for id, state in folded.items() if state.header is not None},
            asked,
            same if position > 1 else alone,
        )
        found = runner.run(pipeline.ask(connection, asked, day, position))

        for fate in ("counted", "uncertain"):
            assert tallied(getattr(found.totals, fate)) == count.tally(None, fate, whole=True)
            for item in found.items:
                assert tallied(getattr(item, fate)) == count.tally(item.group, fate, whole=False), (item.group, fate)
        there = {
            group
            for id, some in count.shown.items()
            for one in some
            if count.fate(id, one) in {"counted", "uncertain"}
            for group in count.groups(id, one)
        }
        assert {item.group for item in found.items} == there
        assert len(found.items) == len(there)
        assert {one.reason: {item.id for item in one.items} for one in found.left_out} == count.left()
        assert all(one.projects == len(one.items) for one in found.left_out)
        bare = {
            id
            for id, some in count.shown.items()
            for one in some
            if one.kind in {"project", "anew"} and one.amount is None and not count.wholes(id)
            if count.fate(id, one) in {"counted", "uncertain"}
        }
        assert {one.id for one in found.without_sum.items} == bare
        assert found.without_sum.projects == len(bare)
        titles = {id: title(state.header) for id, state in count.states.items() if state.header is not None}
        assert all(one.title == titles[one.id] for one in found.without_sum.items)
