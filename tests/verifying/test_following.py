"""What is altered in a table that follows the log is named as well: a row missing, one too many, each column of one."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.config import Settings
from service.domain import errors, figure, party, plan, project, task
from service.domain.catalogue import DECIDERS
from service.domain.party.identity import Identify
from service.domain.party.life import Replace
from service.domain.plan.rules import SetThresholds
from service.domain.project.life import Sign
from service.domain.project.parties import Locate
from service.domain.task.bases import BaseOn
from service.domain.task.units import NameUnit
from service.domain.values import PrintedName
from service.projections.bitemporal import Bitemporal
from service.projections.following import FOLLOWING
from service.registry import DECODERS, Registry
from service.verifying import WrongError
from service.verifying.rows import Checked, check_rows
from tests.conftest import Database, clone
from tests.logs import write
from tests.registry.test_door import day, do, make
from tests.soak import some

NOBODY = UUID("00000000-0000-4000-8000-000000000000")
OTHER = {
    "uuid": NOBODY,
    "text": "x",
    "date": date(1000, 1, 1),
    "bytea": b"{}",
    "bigint": 10**6,
    "integer": 10**6,
    "smallint": 9,
    "numeric": Decimal(10**6),
    "tags": "9",
}
"""A value of each type, or of a column that takes no other, that no row has."""


@pytest.fixture(scope="module")
def followed() -> Iterator[Database]:
    """A log with all that a log can hold, followed to its end. Whoever alters a row puts it back."""

    async def fill(url: str) -> None:
        registry = await Registry.open(Settings(), url)
        await write(registry)
        coded = await make(registry, "parties", party.Register(kind="city", name=PrintedName(printed="Test city")))
        await do(registry, coded, Identify(scheme="division_code", value="330100"))
        after = await make(registry, "parties", party.Register(kind="agency", name=PrintedName(printed="Test agency")))
        await do(registry, after, Replace(successor=coded.id, effective=day("2020-01-02")))
        limits = SetThresholds(near=20, effective=day("2020-01-02"))
        asked = await make(registry, "plans", plan.Register(called="Test plan", thresholds=limits))
        lead, base = NameUnit(role="lead", party=coded.id), BaseOn(on=str(asked), number="3")
        await make(registry, "tasks", task.Register(called="Test task", units=(lead,), bases=(base,)))
        place = Locate(party=coded.id)
        await make(registry, "projects", project.Register(called="Test project", signed=Sign(), places=(place,)))
        await make(registry, "figures", figure.Register(metric="Test metric"))
        registry.follower.start()
        wanted = await registry.head()
        behind = True
        async with asyncio.timeout(120):
            while behind:
                with contextlib.suppress(errors.Unavailable):
                    await registry.progress.reached([table.name for table in FOLLOWING], wanted)
                    behind = False
        await registry.close()

    with contextlib.ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        opened = clone()
        database = runner.run(opened.__aenter__())
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))
        runner.run(fill(database.service))
        yield database


class Altered:
    """One table of that log, in the hands of somebody who may do anything."""

    def __init__(self, connection: Any, table: Bitemporal) -> None:
        self.connection, self.table = connection, table
        self.names = [name for name, _ in table.columns]
        self.row: list[Any] = []

    async def check(self) -> WrongError | None:
        """What is found wrong in the table."""
        checked = Checked()
        try:
            await check_rows(
                self.connection, [self.table], frozenset(), DECIDERS, DECODERS, checked, advance=lambda _: None
            )
        except WrongError as error:
            return error
        assert checked.rows == await self.connection.fetchval(f"select count(*) from {self.table.table}")
        return None

    async def take(self) -> None:
        """Delete the row."""
        key = " and ".join(f"{name} = ${place}" for place, name in enumerate(self.names[: self.table.key], 1))
        statement = f"delete from {self.table.table} where {key}"
        assert await self.connection.execute(statement, *self.row[: self.table.key]) == "DELETE 1"

    async def put(self) -> None:
        """Insert the row."""
        places = ", ".join(f"${place}" for place in range(1, len(self.names) + 1))
        await self.connection.execute(f"insert into {self.table.table} values ({places})", *self.row)

    def key(self) -> str:
        """The row's key, as it is told."""
        pairs = zip(self.names[: self.table.key], self.row, strict=False)
        return " ".join(f"{name}={value}" for name, value in pairs)


@pytest.mark.parametrize("table", FOLLOWING, ids=[table.name for table in FOLLOWING])
async def test_rows_of_a_table_that_follows(followed: Database, table: Bitemporal) -> None:
    """Missing, too many for a stream, of no stream, another value in each column: table, key and field are named."""
    connection = await asyncpg.connect(followed.superuser, server_settings={"search_path": "mengfu"})
    altered = Altered(connection, table)
    [one] = await connection.fetch(f"select * from {table.table} order by stream limit 1")
    whole = list(one)
    altered.row = list(whole)
    assert await altered.check() is None

    await altered.take()
    missing = await altered.check()
    assert missing is not None
    assert (missing.table, missing.key, missing.field) == (table.table, altered.key(), "stream")
    assert missing.problem == "the row is missing"
    await altered.put()

    for name, kind in some(table.columns, 4):
        place = altered.names.index(name)
        other = (
            not whole[place] if kind.startswith("bool") else OTHER.get(name) or OTHER[kind.removesuffix(" not null")]
        )
        await altered.take()
        altered.row[place] = other
        await altered.put()
        found = await altered.check()
        assert found is not None, name
        assert found.table == table.table
        if place >= table.key:
            assert (found.key, found.field.partition("/")[0]) == (altered.key(), name)
        else:  # it is a row with another key: the one that should be there is missing
            assert found.field == "stream"
        await altered.take()
        altered.row = list(whole)
        await altered.put()

    for stream, problem in ((whole[0], "the log has no such row of "), (NOBODY, "the log has no line of that stream")):
        altered.row = [stream, *whole[1:]]
        altered.row[altered.names.index("starts")] = OTHER["date"]
        await altered.put()
        extra = await altered.check()
        assert extra is not None
        assert (extra.table, extra.key, extra.field) == (table.table, altered.key(), "stream")
        assert extra.problem.startswith(problem)
        await altered.take()
    assert await altered.check() is None
    await connection.close()
