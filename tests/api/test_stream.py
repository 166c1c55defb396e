"""The log as server-sent events: from now on or after a position, resumed without gap or repeat, filtered."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.api import streams
from service.config import Settings
from service.domain import errors
from service.domain.agreement import Register
from service.domain.agreement.clauses import RecordClause
from service.domain.agreement.life import Sign
from service.domain.decider import Ref, Void
from service.domain.values import PrintedName
from service.registry import SEEDS, SELF, Order, Registry, feed
from service.store import credentials
from tests.api.conftest import Client, Served
from tests.api.streams import Told, opened
from tests.conftest import Database

STREAM = "/api/events/stream"
LONG = 30.0


async def agreement(registry: Registry, clauses: int = 0, actor: UUID = SELF) -> Ref:
    """A new agreement with so many clauses: so many events and one."""
    ref = Ref("agreements", uuid4())
    given = tuple(RecordClause(label=str(number), text="test data") for number in range(clauses))
    command = Register(title=PrintedName(printed="test data"), clauses=given)
    await registry.execute([Order(ref=ref, command=command, creates=True)], actor=actor)
    return ref


async def stored(registry: Registry) -> list[bytes]:
    """The whole log."""
    return [line async for chunk in registry.lines() for line in chunk]


async def nobody(registry: Registry) -> None:
    """Wait until the last reader is forgotten."""
    for _ in range(1_000):
        if not registry.feed.readers:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{registry.feed.readers} readers are still counted")


def ids(told: list[Told]) -> list[int | None]:
    """The events' ids."""
    return [one.id for one in told]


async def test_everything_after_a_position_and_what_comes(registry: Registry, served: Served) -> None:
    await agreement(registry, clauses=9)
    async with asyncio.timeout(LONG), opened(served.address, f"{STREAM}?after=4", served.key) as answer:
        assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert answer.headers["cache-control"] == "no-store"
        blocks = answer.blocks()
        assert await anext(blocks) == Told(id=4, retry=streams.RETRY)
        told = [await anext(blocks) for _ in range(6)]
        await agreement(registry, clauses=1)
        told += [await anext(blocks) for _ in range(2)]
    lines = await stored(registry)
    assert told == [Told(id=number, data=lines[number - 1]) for number in range(5, 13)]


async def test_without_a_position_it_begins_with_what_comes(registry: Registry, served: Served) -> None:
    """The client is told at once where that is, so that it misses nothing when it is lost before the first event."""
    await agreement(registry)
    async with asyncio.timeout(LONG), opened(served.address, STREAM, served.key) as answer:
        blocks = answer.blocks()
        assert (await anext(blocks)).id == 1
        await agreement(registry)
        assert (await anext(blocks)).id == 2


async def test_an_unforeseen_error_holds_nobody_up(
    registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, and the newest lines are fetched again."""
    await agreement(registry)
    fetch, wrong = registry.feed._fetch, [ZeroDivisionError("test data")]

    async def once(statement: str, *parameters: Any) -> Any:
        if wrong:
            raise wrong.pop()
        return await fetch(statement, *parameters)

    monkeypatch.setattr("service.registry.feed.PAUSE", 0.01)
    monkeypatch.setattr(registry.feed, "_fetch", once)
    async with asyncio.timeout(LONG), opened(served.address, STREAM, served.key) as answer:
        assert (await anext(answer.blocks())).id == 1
        await agreement(registry)
        assert (await anext(answer.blocks())).id == 2
    assert wrong == []


async def test_a_client_that_comes_again_goes_on(registry: Registry, served: Served) -> None:
    """Last-Event-ID wins over the `after` of the address, which stays the same."""
    await agreement(registry, clauses=200)
    seen: list[int | None] = []
    path, last = f"{STREAM}?after=0", ""
    for count in (1, 7, 93, 100):
        async with asyncio.timeout(LONG), opened(served.address, path, served.key, last_event_id=last) as answer:
            seen += ids(await answer.events(count))
            last = str(seen[-1])
    assert seen == list(range(1, 202))


@pytest.mark.parametrize(
    ("path", "last", "status", "where"),
    [
        (STREAM, "x", 400, {"header": "Last-Event-ID"}),
        (STREAM, "-1", 400, {"header": "Last-Event-ID"}),
        (STREAM, "1.0", 400, {"header": "Last-Event-ID"}),
        (STREAM, "9" * 20, 400, {"header": "Last-Event-ID"}),
        (STREAM, "2", 400, {"header": "Last-Event-ID"}),
        (f"{STREAM}?after=2", "", 422, {"parameter": "after"}),
        (f"{STREAM}?after=-1", "", 422, {"parameter": "after"}),
        (f"{STREAM}?until=1", "", 422, {"parameter": "until"}),
        (f"{STREAM}?type=agreement.eaten", "", 422, {"parameter": "type"}),
        (f"{STREAM}?subject=agreements", "", 422, {"parameter": "subject"}),
        (f"{STREAM}?actor=me", "", 422, {"parameter": "actor"}),
        (f"{STREAM}?cause=chance", "", 422, {"parameter": "cause"}),
    ],
)
async def test_a_wrong_place_to_begin_is_told(
    client: Client, path: str, last: str, status: int, where: dict[str, str]
) -> None:
    await client.agreement()
    for language in ("en", "zh"):
        got = await client.get(path, headers={"last-event-id": last, "accept-language": language})
        assert got.status_code == status
        assert where.items() <= got.json()["errors"][0].items()


async def test_two_last_ids_are_refused_and_a_key_is_needed(client: Client) -> None:
    twice = await client.get(STREAM, headers=[("last-event-id", "0"), ("last-event-id", "1")])
    assert twice.status_code == 400
    assert (await client.get(STREAM, headers={"authorization": ""})).status_code == 401


async def test_filters(registry: Registry, served: Served) -> None:
    """The same lines with each filter, out of the database and out of what is new."""
    one = await agreement(registry, clauses=2)
    two = await agreement(registry, actor=SEEDS)
    await registry.execute([Order(ref=two, command=Sign())], actor=SELF)
    await registry.execute([Order(ref=two, command=Void(corrects=5, reason="test data"))], actor=SELF)
    queries = {
        "type=agreement.clause_recorded": [2, 3],
        f"subject={one}": [1, 2, 3],
        f"subject={two}": [4, 5, 6],
        f"subject={str(two).replace('agreements', 'parties')}": [],
        f"actor=accounts/{SEEDS}": [4],
        "cause=correction": [6],
        "cause=change&type=agreement.registered": [1, 4],
    }
    for ring in (1, 0):  # positions that the ring reaches back
        registry.feed._ring, registry.feed._outers, registry.feed._size = [], [], 0
        registry.feed._start = registry.feed._end = 6 * (1 - ring)
        for query, wanted in queries.items():
            async with asyncio.timeout(LONG), opened(served.address, f"{STREAM}?after=0&{query}", served.key) as answer:
                assert ids(await answer.events(len(wanted)) if wanted else []) == wanted, query


async def test_silence_is_broken(registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a comment; where something was passed over, with the id from which a client need not look again."""
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    bare = Told(comment=True)
    path = f"{STREAM}?after=0&cause=correction"
    await agreement(registry)
    async with asyncio.timeout(LONG), opened(served.address, path, served.key) as answer:
        blocks = answer.blocks()
        assert (await anext(blocks)).id == 0
        for position in (1, 2):
            while (told := await anext(blocks)) == bare:  # the log may not have been looked through so far yet
                pass
            assert told == Told(id=position, comment=True)
            assert await anext(blocks) == bare
            if position == 1:
                await agreement(registry)


async def test_what_another_process_records_is_told(registry: Registry, served: Served, database: Database) -> None:
    other = await Registry.open(Settings(), database.service)
    try:
        async with asyncio.timeout(LONG), opened(served.address, STREAM, served.key) as answer:
            blocks = answer.blocks()
            assert (await anext(blocks)).id == 0
            for number in range(1, 6):
                await agreement(other if number % 2 else registry)
                assert (await anext(blocks)).id == number
    finally:
        await other.close()


async def test_one_fetch_serves_all_who_are_at_the_head(
    registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, and nobody of them is forgotten."""
    fetched = 0
    fetch = registry.feed._fetch

    async def counting(statement: str, *given: object) -> object:
        nonlocal fetched
        fetched += 1
        return await fetch(statement, *given)

    monkeypatch.setattr(registry.feed, "_fetch", counting)
    ready = asyncio.Barrier(51)

    async def reader() -> list[int | None]:
        async with opened(served.address, STREAM, served.key) as answer:
            blocks = answer.blocks()
            await anext(blocks)
            await ready.wait()
            return [(await anext(blocks)).id for _ in range(20)]

    async with asyncio.timeout(LONG):
        readers = [asyncio.create_task(reader()) for _ in range(50)]
        await ready.wait()
        for _ in range(20):
            await agreement(registry)
        assert await asyncio.gather(*readers) == [list(range(1, 21))] * 50
        assert fetched <= 22
        await nobody(registry)


async def test_the_ring_is_bounded_and_laggards_read_by_themselves(
    registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "RING", 20)
    monkeypatch.setattr(feed, "CHUNK", 10)
    monkeypatch.setattr(feed, "RING_BYTES", 10_000)
    monkeypatch.setattr(feed, "STEP", 7)
    monkeypatch.setattr(feed, "SPAN", 30)
    await agreement(registry, clauses=99)
    async with asyncio.timeout(LONG), opened(served.address, f"{STREAM}?after=0", served.key) as answer:
        told = answer.blocks()
        await anext(told)
        seen = [(await anext(told)).id for _ in range(50)]
        await agreement(registry, clauses=99)
        seen += [(await anext(told)).id for _ in range(150)]
        assert seen == list(range(1, 201))
        assert len(registry.feed._ring) == len(registry.feed._outers) <= 20
        assert registry.feed._size == sum(len(entry.line) for entry in registry.feed._ring) <= 10_000


async def test_readers_have_a_limit(registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 1)
    async with asyncio.timeout(LONG):
        async with opened(served.address, STREAM, served.key) as answer:
            await anext(answer.blocks())
            async with opened(served.address, STREAM, served.key) as other:
                assert (other.status, other.headers["retry-after"]) == (503, "1")
        await nobody(registry)
        async with opened(served.address, STREAM, served.key) as answer:
            assert answer.status == 200


async def test_a_revoked_key_reads_no_more(registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Busy or not, the key is looked at again and again."""
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    async with asyncio.timeout(LONG), opened(served.address, STREAM, served.key) as answer:
        blocks = answer.blocks()
        await anext(blocks)
        assert (await anext(blocks)).comment
        await credentials.revoke(registry.pool, served.key.split("_")[1])
        assert all([told.comment async for told in blocks])


async def test_head_tells_and_ends(registry: Registry, client: Client) -> None:
    async with asyncio.timeout(LONG):
        head = await client.head(STREAM)
        assert (head.status_code, head.content, head.headers["content-type"]) == (
            200,
            b"",
            "text/event-stream; charset=utf-8",
        )
        await nobody(registry)


async def test_a_lost_database_ends_the_stream_and_the_client_comes_again(
    registry: Registry, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer ends as a whole one: a browser comes again after `retry`, with what it had last."""
    await agreement(registry, clauses=299)
    registry.feed._start = registry.feed._end = 300
    fetch = registry.feed._fetch

    async def losing(statement: str, *given: int) -> object:
        if given and given[0] >= 200:
            raise errors.Unavailable(problem="the database does not answer")
        return await fetch(statement, *given)

    monkeypatch.setattr(registry.feed, "_fetch", losing)
    async with asyncio.timeout(LONG), opened(served.address, f"{STREAM}?after=0", served.key) as answer:
        told = ids([told async for told in answer.blocks()])
    assert told == list(range(len(told)))
    assert 201 <= len(told) <= 300


def test_lines_are_one_line_each() -> None:
    """What stands in `data:` must have no line break of any kind that server-sent events know (CR, LF, CRLF)."""
    told = json.dumps({"text": "a\nb\rc\u2028"}, ensure_ascii=False).encode()
    assert b"\n" not in told
    assert b"\r" not in told
