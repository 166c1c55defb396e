"""Finished lines behind others: as if they had been written here, batch by batch, or nothing of a batch at all."""

import asyncio
from typing import Any

import asyncpg
import pytest

from service.config import Settings
from service.domain.catalogue import DECIDERS
from service.projections.inline import INLINE
from service.registry import DECODERS, Registry, extending
from service.registry.extending import Elsewhere, Extending
from service.store.line import LineError
from service.tlog import tree
from service.tlog.proofs import ProofError
from tests.conftest import Database, clone
from tests.logs import synthetic, whole, write
from tests.registry.invariants import check

Log = list[bytes]


@pytest.fixture(scope="module")
def log() -> Log:
    """A log with all that a log can hold."""

    async def made() -> Log:
        async with clone() as database:
            registry = await Registry.open(Settings(), database.service)
            await write(registry)
            lines = await whole(registry)
            await registry.close()
            return lines

    return asyncio.run(made())


async def proven(_size: int, _root: bytes) -> None:
    """Whatever it is, it is what was signed."""


async def connect(database: Database) -> Any:
    return await asyncpg.connect(database.service, server_settings={"search_path": "mengfu"})


def begin(connection: Any) -> Extending:
    return Extending(connection, DECODERS, DECIDERS, INLINE)


@pytest.mark.parametrize("size", [7, 400, 100_000])
async def test_lines_come_to_the_same_however_they_are_cut(database: Database, log: Log, size: int) -> None:
    connection = await connect(database)
    extends, end = begin(connection), await extending.end(connection)
    roots = []

    async def prove(count: int, root: bytes) -> None:
        roots.append((count, root))

    # The smallest batches for a part alone: each is a transaction of its own.
    cut = min(len(log), 700) if size == 7 else len(log)
    for start in range(0, cut, size):
        end = await extends.extend(end, log[start : min(start + size, cut)], prove, None)
    assert end == await extending.end(connection)
    await connection.close()
    assert roots[-1] == (cut, tree.root(cut, tree.append(0, [], map(tree.leaf_hash, log[:cut]))))
    assert len(await check(database.service)) == cut


async def test_what_is_wrong_leaves_no_trace(database: Database, log: Log) -> None:
    connection = await connect(database)
    end = await begin(connection).extend(await extending.end(connection), log[:50], proven, None)
    before = await connection.fetch("select * from events order by position"), await connection.fetch("table head")

    async def refuse(_size: int, _root: bytes) -> None:
        raise ProofError("another root")

    swapped = [*log[50:60], log[61], log[60]]
    again = [line.replace(b'"streamversion":1,', b'"streamversion":2,') for line in log[50:60]]
    assert again != log[50:60]
    cases: list[tuple[Log, Any, type[Exception], str]] = [
        (log[51:60], proven, LineError, "line 51"),
        (swapped, proven, LineError, "line 61"),
        (again, proven, LineError, "events are missing"),
        (log[50:60], refuse, ProofError, "another root"),
    ]
    for lines, prove, error, words in cases:
        with pytest.raises(error, match=words):
            await begin(connection).extend(end, lines, prove, None)
        assert await extending.end(connection) == end
    with pytest.raises(Elsewhere, match="ends at 50, and was left at 49"):
        await begin(connection).extend(end._replace(position=49), log[49:50], proven, None)
    assert before == (
        await connection.fetch("select * from events order by position"),
        await connection.fetch("table head"),
    )
    await connection.close()
    await check(database.service)


async def test_two_at_once_do_not_both_store(database: Database, log: Log) -> None:
    one, other = await connect(database), await connect(database)
    end = await extending.end(one)
    found = await asyncio.gather(
        *(begin(each).extend(end, log[:30], proven, None) for each in (one, other)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in found) == ["Elsewhere", "End"]
    await one.close()
    await other.close()
    assert len(await check(database.service)) == 30


async def test_long_streams_are_gone_on_with(database: Database) -> None:
    """What is remembered of them between two batches comes to the same as reading them again."""
    connection = await connect(database)
    extends, end = begin(connection), await extending.end(connection)
    lines = list(synthetic(1_000))
    for start in range(0, len(lines), 50):
        end = await extends.extend(end, lines[start : start + 50], proven, None)
    await connection.close()
    await check(database.service)
