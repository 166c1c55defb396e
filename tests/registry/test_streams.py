"""The log read to events, stream by stream: page by page, ahead, and piece by piece the same as line by line."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from service.domain.decider import Recorded, Ref
from service.projections import filling
from service.projections.filling import Range, streams
from service.registry import DECODERS
from service.store import line as lines
from tests.conftest import Database
from tests.logs import synthetic
from tests.registry.test_copying import attempt, connect

LOG = list(synthetic(120))


@pytest_asyncio.fixture
async def connection(database: Database) -> AsyncIterator[Any]:
    """To a registry with the log."""
    await attempt(database.superuser, LOG)
    connection = await connect(database.superuser)
    yield connection
    await connection.close()


def told() -> dict[Ref, list[Recorded]]:
    """The streams as their lines say them, one by one."""
    found: dict[Ref, list[Recorded]] = {}
    for line in LOG:
        ref, _, recorded = lines.decode(line, DECODERS)
        found.setdefault(ref, []).append(recorded)
    return dict(sorted(found.items(), key=lambda item: item[0].id))


@pytest.mark.parametrize(("page", "piece"), [(1, 1), (7, 1), (7, 2_000), (120, 1), (2_000, 1 << 17)])
async def test_pages_and_pieces_are_the_lines(
    connection: Any, monkeypatch: pytest.MonkeyPatch, page: int, piece: int
) -> None:
    monkeypatch.setattr(filling, "PAGE", page)
    monkeypatch.setattr(filling, "PIECE", piece)
    wanted = told()
    some = [ref.id for ref in wanted][3:9]
    for of in (Range(), some):
        found = [one async for one in streams(connection, DECODERS, len(LOG), of)]
        assert [(ref, records) for ref, records, _ in found] == [
            (ref, records) for ref, records in wanted.items() if of is not some or ref.id in some
        ]
        assert all(size > 300 * len(records) for _, records, size in found)


async def test_who_ends_early_has_the_connection_to_himself(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the next page was asked for already."""
    monkeypatch.setattr(filling, "PAGE", 2)
    async with aclosing(streams(connection, DECODERS, len(LOG), Range())) as read:
        async for _ in read:
            break
    assert await connection.fetchval("select count(*) from events") == len(LOG)


@pytest.mark.parametrize("wrong", [b"", b"{}", LOG[0] + b"\n" + LOG[1], LOG[5].replace(b':1",', b':99",', 1)])
async def test_a_line_that_is_none_is_named(connection: Any, monkeypatch: pytest.MonkeyPatch, wrong: bytes) -> None:
    """Or where about it is, where each could be one by itself."""
    monkeypatch.setattr(filling, "PAGE", 16)
    await connection.execute("set session_replication_role = replica")  # past the triggers that refuse
    await connection.execute("update events set line = $1 where position = 77", wrong)
    with pytest.raises(filling.UnreadableError, match="position"):
        async with aclosing(streams(connection, DECODERS, len(LOG), Range())) as read:
            [one async for one in read]
    assert await connection.fetchval("select 1") == 1


async def test_a_line_of_another_stream_ends_it(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages would be read for ever."""
    monkeypatch.setattr(filling, "PAGE", 1)
    await connection.execute("set session_replication_role = replica")
    first = min(told(), key=lambda ref: ref.id)
    other = next(line for line in LOG if UUID(lines.outer(line).subject[11:]) == first.id)
    last = max(told(), key=lambda ref: ref.id)
    await connection.execute("update events set line = $1 where stream = $2 and version = 1", other, last.id)
    with pytest.raises(filling.UnreadableError, match="beside"):
        async with aclosing(streams(connection, DECODERS, len(LOG), Range())) as read:
            [one async for one in read]
