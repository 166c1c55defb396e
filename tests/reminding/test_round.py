"""The daily round on a real registry: once for each level and deadline, whatever restarts, repeats, comes at once."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

import pytest

from service.config import Settings
from service.domain import task
from service.domain.decider import Command, Ref
from service.domain.party import Register as RegisterParty
from service.domain.plan import Register as RegisterPlan
from service.domain.plan.bodies import NameBody
from service.domain.plan.rules import SetThresholds
from service.domain.task.bases import BaseOn
from service.domain.task.duties import EndRecurrence, SetRecurrence, occurrence_id
from service.domain.task.life import Suspend
from service.domain.task.reminders import Reminded, SnoozeReminders
from service.domain.task.terms import Adjust, SetTerms
from service.domain.task.units import NameUnit
from service.domain.values import Note, PrintedName, UncertainDate
from service.registry import REMINDERS, SELF, Order, Registry
from service.reminding import remind
from service.reminding.daily import Daily, latest
from service.store import line as lines
from tests.conftest import Database
from tests.registry.invariants import check

DAY = date(2026, 11, 20)


def day(year: int, month: int, number: int) -> UncertainDate:
    """One known day."""
    return UncertainDate.day(date(year, month, number))


async def do(registry: Registry, category: str, command: Command, id: UUID | None = None) -> UUID:
    """Carry out one command, on a new thing where none is named."""
    ref = Ref(category, id or uuid4())
    await registry.execute([Order(ref=ref, command=command, creates=id is None)], actor=SELF)
    return ref.id


async def party(registry: Registry, name: str) -> UUID:
    """A party."""
    return await do(registry, "parties", RegisterParty(kind="agency", name=PrintedName(printed=name)))


async def tasks(registry: Registry, dues: Sequence[UncertainDate], *units: NameUnit) -> list[UUID]:
    """A task for each deadline."""
    made = [
        task.Register(called=f"第{number}项", terms=SetTerms(due=due), units=units) for number, due in enumerate(dues)
    ]
    return list(await asyncio.gather(*(do(registry, "tasks", command) for command in made)))


async def reminded(database: Database) -> list[tuple[UUID, Reminded]]:
    """Every reminder in the log, whose lines, states and lists agree."""
    return [
        (ref.id, recorded.event)
        for ref, recorded in await check(database.service)
        if isinstance(recorded.event, Reminded)
    ]


async def test_a_round_and_the_same_again(database: Database, registry: Registry) -> None:
    """Near, behind, overdue and escalated; then nothing, until a deadline moves; under the account of reminders."""
    lead, above = await party(registry, "市交通局"), await party(registry, "市督查室")
    dues = [day(2026, 12, 31), day(2026, 12, 10), day(2026, 11, 22), day(2026, 11, 19), day(2026, 11, 1)]
    ids = await tasks(registry, dues, NameUnit(role="lead", party=lead), NameUnit(role="supervising", party=above))
    would = await remind(registry, DAY, dry_run=True)
    assert await reminded(database) == []
    made = await remind(registry, DAY)
    assert [(one.task, one.level) for one in made.reminded] == [(one.task, one.level) for one in would.reminded]
    told = {(one.task, one.level): one.to for one in made.reminded}
    assert told == {
        (ids[1], "near"): (lead,),
        (ids[2], "behind"): (lead,),
        (ids[3], "overdue"): (lead,),
        (ids[4], "overdue"): (lead,),
        (ids[4], "escalated"): (above,),
    }
    stored = [[lines.outer(one) async for chunk in registry.lines(type="task.reminded") for one in chunk]][0]
    assert {one.actor for one in stored} == {f"accounts/{REMINDERS}"}
    assert {one.effective for one in stored} == {registry.today()}
    assert not (await remind(registry, DAY)).reminded
    assert [(one.task, one.level) for one in (await remind(registry, date(2026, 11, 22))).reminded] == [
        (ids[3], "escalated")
    ]
    put_off = Adjust(due=day(2026, 12, 1), grounds=Note("汛期"), approver=above, effective=day(2026, 11, 20))
    await do(registry, "tasks", put_off, ids[4])
    again = (await remind(registry, DAY)).reminded
    assert [(one.task, one.level, one.due) for one in again] == [(ids[4], "near", date(2026, 12, 1))]
    assert len(await reminded(database)) == 7


async def test_what_sleeps_or_rests_is_passed_over(database: Database, registry: Registry) -> None:
    """A snooze ends, and what then holds is told."""
    above = await party(registry, "市督查室")
    ids = await tasks(registry, [day(2026, 11, 22)] * 2, NameUnit(role="supervising", party=above))
    await do(registry, "tasks", SnoozeReminders(until=date(2026, 11, 23)), ids[0])
    await do(registry, "tasks", Suspend(by=(above,)), ids[1])
    assert not (await remind(registry, DAY)).reminded
    made = await remind(registry, date(2026, 11, 23))
    assert [(one.task, one.level) for one in made.reminded] == [(ids[0], "overdue")]
    assert len(await reminded(database)) == 1


async def test_a_plan_sets_the_thresholds_and_stands_above(database: Database, registry: Registry) -> None:
    """Where nobody supervises, the plan's bodies are told."""
    body = await party(registry, "市政府")
    plan = await do(
        registry,
        "plans",
        RegisterPlan(
            called="某规划",
            thresholds=SetThresholds(near=100, behind=2, escalate=1),
            bodies=(NameBody(role="issuer", party=body),),
        ),
    )
    ids = await tasks(registry, [day(2027, 2, 20), day(2026, 11, 19)])
    for id in ids:
        await do(registry, "tasks", BaseOn(on=f"plans/{plan}", number="1"), id)
    told = {(one.task, one.level): one.to for one in (await remind(registry, DAY)).reminded}
    assert told == {(ids[0], "near"): (), (ids[1], "overdue"): (), (ids[1], "escalated"): (body,)}
    assert len(await reminded(database)) == 3


async def test_duties_yield_ahead_and_make_up(database: Database, registry: Registry) -> None:
    """Those that can still be in time, a year ahead; later what was missed; and no more when the duty has ended."""
    rule = SetRecurrence(every="quarter", month=1, day=10, first=date(2020, 1, 1))
    duty = await do(registry, "tasks", task.Register(called="季度通报", recurrence=rule))
    made = await remind(registry, DAY)  # the fourth quarter's deadline, 10 October, has gone by
    assert [one.period for one in made.yielded] == ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]
    assert {one.task for one in made.yielded} == {occurrence_id(duty, one.period) for one in made.yielded}
    assert not (await remind(registry, DAY)).yielded
    later = await remind(registry, date(2028, 5, 2), dry_run=True)  # nobody made a round for eighteen months
    assert [one.period for one in later.yielded] == ["2028-Q1", "2028-Q2", "2028-Q3", "2028-Q4", "2029-Q1", "2029-Q2"]
    await do(registry, "tasks", EndRecurrence(effective=day(2026, 11, 1)), duty)
    assert not (await remind(registry, date(2028, 5, 2), dry_run=True)).yielded
    await check(database.service)


async def test_duties_yield_by_what_is_known_to_take_effect_later(database: Database, registry: Registry) -> None:
    """No task for a period that is known to come after the duty's end; another rule counts from its day on."""
    rule = SetRecurrence(every="quarter", month=1, day=10, first=date(2020, 1, 1))
    ends, rests, changes = [
        await do(registry, "tasks", task.Register(called=f"季度通报{number}", recurrence=rule)) for number in range(3)
    ]
    await do(registry, "tasks", EndRecurrence(effective=day(2099, 4, 10)), ends)
    await do(
        registry, "tasks", Suspend(effective=day(2099, 8, 1), citations=(), by=(await party(registry, "办"),)), rests
    )
    other = SetRecurrence(every="quarter", month=2, day=5, first=date(2020, 1, 1), effective=day(2099, 5, 1))
    await do(registry, "tasks", other, changes)
    made = await remind(registry, date(2098, 12, 20), dry_run=True)
    told = {duty: [one.due for one in made.yielded if one.duty == duty] for duty in (ends, rests, changes)}
    assert told == {
        ends: [date(2099, 1, 10)],
        rests: [date(2099, 1, 10), date(2099, 4, 10), date(2099, 7, 10)],
        changes: [date(2099, 1, 10), date(2099, 4, 10), date(2099, 8, 5), date(2099, 11, 5)],
    }
    assert {one.duty for one in (await remind(registry, date(2099, 9, 1), dry_run=True)).yielded} == {changes}


async def test_what_is_yielded_is_reminded_of_in_the_same_round(database: Database, registry: Registry) -> None:
    rule = SetRecurrence(every="month", day=-1, first=date(2026, 11, 1), last=date(2026, 11, 30))
    duty = await do(registry, "tasks", task.Register(called="月报", recurrence=rule))
    made = await remind(registry, DAY)
    assert [(one.duty, one.period, one.due) for one in made.yielded] == [(duty, "2026-11", date(2026, 11, 30))]
    assert [(one.task, one.level) for one in made.reminded] == [(occurrence_id(duty, "2026-11"), "near")]
    await check(database.service)


# --- Several at once --------------------------------------------------------------------------------------------------


async def process(database: Database, rounds: int) -> asyncio.subprocess.Process:
    """A process that makes rounds, when it has opened the registry."""
    words = ("-m", "tests.reminding.process", database.service, str(DAY), str(rounds))
    started = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    assert started.stdout is not None
    assert await started.stdout.readline() == b"open\n"
    return started


async def told(started: asyncio.subprocess.Process) -> list[list[int]]:
    """What its rounds came to, up to its end."""
    out, _ = await started.communicate()
    return [list(map(int, line.split())) for line in out.decode().splitlines()]


async def fill(registry: Registry, count: int) -> None:
    """So many tasks that are long overdue, and a duty."""
    await tasks(registry, [day(2026, 1, 1)] * count)
    rule = SetRecurrence(every="month", day=1, first=date(2026, 1, 1))
    await do(registry, "tasks", task.Register(called="月报", recurrence=rule))


async def once(database: Database, registry: Registry, count: int) -> None:
    """Each task was reminded once at each level, and each period has its task."""
    found = Counter((id, event.level, event.due) for id, event in await reminded(database))
    assert set(found.values()) == {1}
    levels = Counter(level for id, level, due in found if due == date(2026, 1, 1))
    assert levels == {"overdue": count, "escalated": count}
    again = await remind(registry, DAY)
    assert (again.reminded, again.yielded, again.refused) == ([], [], [])


async def test_two_processes_at_once(database: Database, registry: Registry) -> None:
    """They share the work as it comes, and nothing is recorded twice."""
    await fill(registry, 300)
    both = [await process(database, 2) for _ in range(2)]
    rounds = [one for each in await asyncio.gather(*map(told, both)) for one in each]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(refused for _, _, refused in rounds) == 0
    assert sum(yielded for _, yielded, _ in rounds) == 12
    assert sum(count for count, _, _ in rounds) == 2 * 300 + 1  # 1 December is near, once it is yielded
    await once(database, registry, 300)


async def test_killed_in_the_middle(database: Database, registry: Registry) -> None:
    """What was recorded stands; the next round does the rest, and nothing twice."""
    await fill(registry, 300)
    before = await registry.head()
    for part in (40, 300):
        victim = await process(database, 1)
        while await registry.head() < before + part:  # noqa: ASYNC110 -- the log of another process is watched
            await asyncio.sleep(0.002)
        victim.kill()
        await victim.wait()
    assert await registry.head() < before + 2 * 300
    await remind(registry, DAY)
    await once(database, registry, 300)


# --- Once a day -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-11-20T00:00:00+08:00", date(2026, 11, 19)),
        ("2026-11-20T07:59:59+08:00", date(2026, 11, 19)),
        ("2026-11-20T08:00:00+08:00", date(2026, 11, 20)),
        ("2026-11-20T00:00:00+00:00", date(2026, 11, 20)),
        ("2026-11-19T23:59:59+00:00", date(2026, 11, 19)),
    ],
)
def test_whose_day_it_is(now: str, wanted: date) -> None:
    assert latest(datetime.fromisoformat(now), time(8)) == wanted


async def test_a_start_makes_up_for_what_was_missed(database: Database) -> None:
    """Whatever the time of day, the last round that was to have been made is made at once."""
    registry = await Registry.open(Settings(remind_at="23:59"), database.service)
    (id,) = await tasks(registry, [day(2026, 1, 1)])
    daily = Daily(registry)
    daily.start()
    try:
        async with asyncio.timeout(60):
            while not (await registry.read([Ref("tasks", id)]))[Ref("tasks", id)].base.reminders:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await daily.close()
        await registry.close()
    assert latest(datetime.now(UTC), time(23, 59)) <= registry.today()
    assert [event.level for _, event in await reminded(database)] == ["overdue", "escalated"]


async def test_none_where_it_is_off_or_a_replay(database: Database) -> None:
    registry = await Registry.open(Settings(remind_at="off"), database.service)
    await tasks(registry, [day(2026, 1, 1)])
    assert Daily(registry).at is None
    await registry.close()
    replay = await Registry.open(Settings(), database.service)
    replay.replayed = 1
    assert Daily(replay).at is None
    await replay.close()
