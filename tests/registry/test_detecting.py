"""What names a meeting is found when the meeting is dated: all of it, at a bounded cost, whoever writes beside."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from service.config import Settings
from service.domain import agreement, detecting, figure, meeting, plan, project, statement
from service.domain.agreement.links import LinkTo
from service.domain.decider import Ref, Void
from service.domain.detecting import exclude, taken_at
from service.domain.discrepancy.life import Resolve
from service.domain.discrepancy.state import Discrepancy
from service.domain.figure.links import LinkTo as FigureLinkTo
from service.domain.figure.reconciling import contradictions
from service.domain.meeting.life import Announce, Hold
from service.domain.values import Label, Magnitude, PrintedName, UncertainDate
from service.registry import SELF, Order, Registry, memory
from service.store import sql
from tests.conftest import Database
from tests.registry.invariants import check
from tests.registry.test_door import TODAY, day, do, make, new

TITLE = PrintedName(printed="会")
DAY, OTHER = day("2021-02-06"), day("2021-02-07")


def said(at: Ref, when: UncertainDate | None, text: Label = "言") -> statement.Register:
    """A statement made at a meeting."""
    return statement.Register(text=text, made=statement.life.Make(meeting=at.id, effective=when))


async def a_meeting(registry: Registry, held: Hold | None = None) -> Ref:
    """A meeting, of an unknown day unless one is given."""
    return await make(registry, "meetings", meeting.Register(title=TITLE, held=held))


async def proposals(registry: Registry) -> dict[UUID, Discrepancy]:
    """What has been proposed, by id."""
    rows = await registry.pool.fetch("select distinct stream from p_claims")
    found = await registry.read([Ref("discrepancies", row["stream"]) for row in rows])
    return {ref.id: folded.base for ref, folded in found.items()}


def apart(found: dict[UUID, Discrepancy]) -> set[str]:
    """What the proposals are about, besides meetings."""
    claims = (claim for one in found.values() for claim in one.claims.values())
    return {claim.subject for claim in claims if not claim.subject.startswith("meetings/")}


# --- What is found ----------------------------------------------------------------------------------------------------


async def test_the_lists_know_all_that_names_a_meeting(registry: Registry) -> None:
    """Against the states themselves: every category, several steps and links, open, unknown and coming days."""
    draw = random.Random(5)  # noqa: S311 # the same data at every run
    meetings = [await a_meeting(registry) for _ in range(2)]

    def some() -> UncertainDate | None:
        first = TODAY + timedelta(days=draw.randint(-4, 4))
        last = first + timedelta(days=draw.choice([0, 0, 3]))
        return draw.choice(
            [
                UncertainDate(earliest=first, latest=last),
                UncertainDate(earliest=first, latest=last),
                UncertainDate(latest=last),
                UncertainDate(earliest=first),
                UncertainDate(printed="近日"),
                None,
            ]
        )

    def one(number: int) -> tuple[str, Any]:
        at, second = draw.choice(meetings), draw.choice(meetings)
        match number % 4:
            case 0:
                return "statements", said(at, some(), f"{number}")
            case 1:
                adopted = plan.life.Adopt(meeting=at.id, effective=some())
                drafted = plan.life.Draft(meeting=second.id, effective=some())
                return "plans", plan.Register(title=TITLE, drafted=drafted, adopted=adopted)
            case 2:
                signed = project.life.Sign(meeting=at.id, effective=some())
                talked = project.life.Negotiate(meeting=second.id, effective=some())
                return "projects", project.Register(title=TITLE, negotiating=talked, signed=signed)
            case _:
                links = (LinkTo(relation="signed_at", target=str(at)), LinkTo(relation="signed_at", target=str(second)))
                signing = agreement.life.Sign(effective=some())
                return "agreements", agreement.Register(title=TITLE, signed=signing, links=tuple(dict.fromkeys(links)))

    orders = [Order(ref=new(of), command=command, creates=True) for of, command in map(one, range(240))]
    await registry.execute(orders, actor=SELF)
    counted = figure.Register(metric="数", links=(FigureLinkTo(relation="at", target=str(meetings[0])),))
    await make(registry, "figures", counted)
    states = await registry.read([order.ref for order in orders])

    def wanted(met: Ref, held: UncertainDate) -> set[Ref]:
        return {
            ref
            for ref, folded in states.items()
            for id, _, step in taken_at(folded.at(registry.writer.deciders[ref.category], date.max))
            if id == met.id and exclude(step.effective, held)
        }

    seen = set()
    for met in meetings:
        for offset in range(-6, 7):
            first = TODAY + timedelta(days=offset)
            for held in (UncertainDate.day(first), UncertainDate(latest=first), UncertainDate(earliest=first)):
                span = [held.earliest or date.min], [held.latest or date.max]
                rows = await registry.pool.fetch(sql("elsewhen"), [met.id], *span, 1_000)
                found = [Ref(row["category"], row["stream"]) for row in rows if row["stream"] is not None]
                assert set(found) == wanted(met, held)
                assert len(set(found)) == len(found)
                seen |= {ref.category for ref in found}
    assert seen == {"statements", "plans", "projects", "agreements"}
    held = UncertainDate.day(TODAY)
    for met in meetings:
        await do(registry, met, Hold(effective=held))
    assert apart(await proposals(registry)) == {str(ref) for met in meetings for ref in wanted(met, held)}


async def test_what_is_found_is_bounded(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first by their ids; those that were there on its day take none of their places."""
    monkeypatch.setattr(memory, "LOOKED_AT", 3)
    met = await a_meeting(registry)
    wrong = [await make(registry, "statements", said(met, OTHER, f"{number}")) for number in range(5)]
    for number in range(5):
        await make(registry, "statements", said(met, DAY, f"没错{number}"))
    done = await do(registry, met, Hold(effective=DAY))
    assert len(done.also) == 3
    assert apart(await proposals(registry)) == {str(ref) for ref in sorted(wrong, key=lambda ref: ref.id)[:3]}


async def test_two_processes(database: Database, registry: Registry) -> None:
    """Whichever is first, each pair is proposed once; a meeting that is remembered hides nothing that another wrote."""
    other = await Registry.open(Settings(), database.service)
    try:
        met = await a_meeting(registry)
        await do(registry, met, Announce(place="济南"))
        first = await make(other, "statements", said(met, OTHER))
        assert len((await do(registry, met, Hold(effective=DAY))).also) == 1
        assert apart(await proposals(registry)) == {str(first)}
        meetings = [await a_meeting(registry) for _ in range(20)]
        for one in meetings:
            await do(other, one, Announce(place="济南"))
        refs = {one: new("statements") for one in meetings}
        await asyncio.gather(
            *(do(registry, one, Hold(effective=DAY)) for one in meetings),
            *(do(other, refs[one], said(one, OTHER), creates=True) for one in reversed(meetings)),
        )
        found = await proposals(registry)
        assert apart(found) == {str(first), *map(str, refs.values())}
        assert [len(one.claims) for one in found.values()] == [4] * 21
    finally:
        await other.close()
    await check(database.service)


async def test_one_batch(registry: Registry) -> None:
    """Commands of different callers that are decided together see each other, and not what is only tried."""
    meetings = [await a_meeting(registry) for _ in range(10)]
    refs = [new("statements") for _ in meetings]
    count = registry.writer.metrics.batches
    await asyncio.gather(
        *(do(registry, ref, said(met, OTHER), creates=True) for ref, met in zip(refs[1:], meetings[1:], strict=True)),
        do(registry, refs[0], said(meetings[0], OTHER), creates=True, dry_run=True),
        *(do(registry, met, Hold(effective=DAY)) for met in meetings),
    )
    assert registry.writer.metrics.batches == count + 1
    assert apart(await proposals(registry)) == set(map(str, refs[1:]))


# --- What it costs ----------------------------------------------------------------------------------------------------


NAMES = {sql(name).partition("\n")[0]: name for name in ("load", "history", "elsewhen", "append")}


async def test_a_figure_is_looked_at_once_a_transaction(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last that is told of it, by what stands then; before what may rest on a proposal; alone as ever."""
    looked: list[int] = []

    def counting(state: figure.state.Figure) -> Any:
        looked.append(len(state.claims))
        return contradictions(state)

    monkeypatch.setattr(detecting, "contradictions", counting)
    one, other = [await make(registry, "figures", figure.Register(metric="数")) for _ in range(2)]
    looked.clear()

    def told(ref: Ref, number: int) -> Order:
        count = Magnitude(value=str(number), unit="个", bound="exact")
        return Order(ref=ref, command=figure.claims.RecordClaim(count=count))

    orders = [told(ref, number) for number in range(1, 11) for ref in (one, other)]
    done = await registry.execute(orders, actor=SELF)
    assert looked in ([10, 10], [10, 10] * 2)  # twice where it is decided again with what was missing
    assert [len(one.also) for one in done] == [0] * 18 + [1, 1]
    assert [len(found.claims) for found in (await proposals(registry)).values()] == [10, 10]
    looked.clear()
    id = done[-1].also[0].ref
    resolve = Resolve(choose=next(iter((await proposals(registry))[id.id].claims.values())).id, reason="以此为准")
    wrong = Void(corrects=done[0].sequence, reason="误记")
    orders = [told(other, 11), told(other, 12), Order(ref=id, command=resolve), told(one, 11), told(one, 12)]
    done = await registry.execute([*orders, Order(ref=one, command=wrong), told(one, 13)], actor=SELF)
    assert looked[-4:] == [12, 12, 11, 12]
    assert [len(one.also) for one in done] == [0, 1, 0, 0, 1, 0, 1]
    looked.clear()
    for number in (21, 22):
        await do(registry, one, told(one, number).command)
    assert set(looked) == {13, 14}


@contextmanager
def statements(registry: Registry) -> Iterator[list[str]]:
    """The statements that the writer sends meanwhile, by name."""
    sent: list[str] = []
    connection = registry.writer._connection
    assert connection is not None
    with connection.query_logger(lambda record: sent.append(NAMES[record.query.partition("\n")[0]])):
        yield sent


async def test_what_it_costs(registry: Registry) -> None:
    """One statement more where the day of a meeting that exists is recorded, none for anything else.

    Where something is found, it costs one more for all discrepancies and the documents cited, and one for the states
    that are not remembered, however many there are.
    """
    met, other, third = [await a_meeting(registry) for _ in range(3)]
    with statements(registry) as sent:
        await make(registry, "statements", said(met, DAY))
        await do(registry, met, Announce(planned=DAY))
        await a_meeting(registry, Hold(effective=DAY))
    assert sent == ["load", "append", "append", "load", "append"]
    with statements(registry) as sent:
        await do(registry, met, Hold(effective=DAY))
        await do(registry, met, Hold(place="济南"))
        await do(registry, met, Hold(effective=DAY, place="济南"))
        await do(registry, met, Hold(lasts=Magnitude(value="2", unit="小时", bound="exact")))
    dated, placed, again, lasting = (
        ["history", "elsewhen", "append"],
        ["history", "append"],
        ["load"],
        ["history", "append"],
    )
    assert sent == [*dated, *placed, *again, *lasting]
    for number in range(20):
        await make(registry, "statements", said(other, OTHER, f"{number}"))
        await make(registry, "statements", said(third, OTHER, f"另{number}"))
    with statements(registry) as sent:
        assert len((await do(registry, other, Hold(effective=DAY))).also) == 20
    assert sent == ["history", "elsewhen", "load", "append"]
    registry.writer.memory._states.clear()
    with statements(registry) as sent:
        assert len((await do(registry, third, Hold(effective=DAY))).also) == 20
    assert sent == ["load", "history", "elsewhen", "load", "load", "append"]
