"""The colours that the ledger's statement computes are those of the pure function, over tasks and plans of any kind."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

import msgspec
import pytest

from service.domain.task.lateness import Standing, Thresholds, lateness, turns
from service.domain.task.state import Result, Status
from service.projections import ledger
from service.projections.bases import BASES
from service.projections.cells import cell
from service.projections.tasks import TASKS, Summary
from service.projections.thresholds import THRESHOLDS

if TYPE_CHECKING:
    import asyncpg

ON = date(2024, 2, 9)
"""The day before a spring festival, with worked weekends before and behind it."""
DAYS = [
    date.min,
    date.max,
    *(ON + timedelta(days=away) for away in range(-40, 60)),
    *(date(year, 9, day) for year in (1999, 2003, 2023, 2024, 2031) for day in range(20, 31)),
]
SHARES = [None, "0", "100", "50", "33.333333333333", "13.333333333333", "7.5"]


def thresholds(chance: random.Random) -> Thresholds:
    """Those of a plan."""
    near, behind = chance.choice([0, 3, 10, 30, 400]), chance.choice([0, 1, 5, 7, 60])
    counts: Any = chance.choice(["calendar", "working"])
    return Thresholds(near=near, behind=behind, counts=counts, slack=chance.choice([0, 10, 20, 100]))


def standing(chance: random.Random) -> Standing:
    """A task as far as lateness goes."""
    statuses = ["registered", "in_progress", "assigned", *get_args(Status)]
    return Standing(
        status=chance.choice([status for status in statuses if status != "merged"]),
        duty=chance.random() < 0.05,
        deadline=chance.choice([None, *DAYS]),
        starts=chance.choice([None, *DAYS]),
        share=chance.choice(SHARES),
        inspected=chance.choice([None, None, *get_args(Result)]),
        reported=chance.choice([None, *DAYS]),
    )


def row(id: UUID, task: Standing) -> dict[str, Any]:
    """The task as the table of tasks has it."""
    told = Summary(
        id=id,
        title="某事",
        status=task.status,
        duty=task.duty,
        occurrence_of=None,
        period=None,
        starts=None,
        due=None,
        share=task.share,
        inspected=task.inspected,
        reported=task.reported,
        bases=(),
        units=(),
    )
    named = msgspec.structs.asdict(task)
    return (
        named
        | turns(task)._asdict()
        | {"begins": named["starts"], "cell": cell(task), "title": "某事", "titles_folded": "某事", "recorded": 1}
        | {"stream": id, "segment": 0, "starts": date.min, "ends": date.max, "summary": msgspec.json.encode(told)}
    )


async def put(connection: "asyncpg.Connection[Any]", table: Any, rows: list[dict[str, Any]]) -> None:
    """Rows of a projection's table; what is not told of a column is unknown."""
    names = [name for name, _ in table.columns]
    records = [tuple(row.get(name) for name in names) for row in rows]
    await connection.copy_records_to_table(table.table, records=records, columns=names)


@pytest.mark.parametrize("seed", range(5))
async def test_sql_and_the_pure_function_agree(connection: "asyncpg.Connection[Any]", seed: int) -> None:
    """On several days: worked and not, within the table of holidays and beyond it, the first and the last of all.

    By the last seed no plan has thresholds of its own. Without totals the tasks are the same.
    """
    chance = random.Random(seed)  # noqa: S311 -- nothing is secret here
    await connection.execute("create table head as select 7::bigint as position")
    always = {"segment": 0, "starts": date.min, "ends": date.max}
    plans = {UUID(int=number): thresholds(chance) for number in range(1, 9)} if seed < 4 else {}
    plain = UUID(int=9)
    tasks = {UUID(int=number): standing(chance) for number in range(100, 900)}
    judged: dict[UUID, tuple[Thresholds, ...]] = {}
    bases = []
    for id in tasks:
        found = chance.sample([plain, *plans], min(chance.choice([0, 1, 1, 2, 3]), len(plans) + 1))
        judged[id] = tuple(plans.get(plan, Thresholds()) for plan in found)
        bases += [always | {"stream": id, "target": f"plans/{plan}", "part": ""} for plan in found]
        bases.append(always | {"stream": id, "target": f"agreements/{plain}", "part": "", "number": "3"})
    await put(connection, TASKS, [row(id, task) for id, task in tasks.items()])
    await put(connection, BASES, bases)
    limits = [always | msgspec.structs.asdict(one) | {"stream": plan} for plan, one in plans.items()]
    await put(connection, THRESHOLDS, limits)
    seen: Counter[str] = Counter()
    for day in (ON, date(2024, 9, 29), date(2003, 12, 31), date(2031, 9, 25), date.min, date(9999, 12, 30)):
        wanted = {id: lateness(task, day, judged[id]) for id, task in tasks.items()}
        colours = Counter(late.colour or "none" for late in wanted.values())
        seen += colours
        for colour in ("red", "yellow", "blue", "none"):
            told = await ledger.ask(connection, ledger.Filter(colour=colour), day, None, limit=1_000)
            assert {one.id for one in told.rows} == {
                id for id, late in wanted.items() if (late.colour or "none") == colour
            }, (day, colour)
            assert {one.id: (one.colour, one.why, one.left) for one in told.rows} == {
                one.id: (wanted[one.id].colour, wanted[one.id].why, wanted[one.id].left) for one in told.rows
            }
            bare = await ledger.ask(connection, ledger.Filter(colour=colour), day, None, limit=1_000, totals=False)
            assert (bare.rows, bare.totals, bare.rules) == (told.rows, None, None)
        whole = await ledger.ask(connection, ledger.Filter(), day, None, limit=1)
        assert whole.totals is not None
        assert {name: count for name, count in msgspec.structs.asdict(whole.totals.colours).items() if count} == colours
        assert (whole.totals.tasks, whole.position, whole.more) == (800, 7, True)
    assert min(seen[colour] for colour in ("red", "yellow", "blue", "none")) > 20
