"""Many readers of the log, slow ones and such as take nothing, writers, and a service that ends and comes again."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it has no types of its own

from service.api import streams
from service.registry import Registry, feed
from tests.api.streams import opened
from tests.commands import Service, running
from tests.conftest import Database
from tests.processes import free_port
from tests.soak import soak

STREAM = "/api/events/stream"
BOUND = 100_000_000
"""Bytes that the readers may cost together: less than half of what each one's lines would, were they held."""
READERS = 200
WRITERS = 4
EACH = 100
LONG = 60_000
"""Bytes of a long text."""
LIMIT = 300.0
MEGABYTE = 1_000_000
WORDS = "字" * 1_000
"""A text of three kilobytes: held for each of all readers, the lines of a test would be 260 megabytes."""


class Reader:
    """Who notes every event that it is told, not too fast, and comes again with the last one's id."""

    def __init__(self, address: str, key: str, pause: float) -> None:
        """It has seen nothing."""
        self._pause = pause
        self.seen: list[int] = []
        self.came = 0
        self._address, self._key = address, key

    async def until(self, last: "asyncio.Future[int]") -> None:
        """Read until that event has come."""
        while not (last.done() and self.seen and self.seen[-1] >= last.result()):
            headers = {"last_event_id": str(self.seen[-1])} if self.seen else {}
            with contextlib.suppress(OSError, EOFError, asyncio.TimeoutError):
                async with opened(self._address, f"{STREAM}?after=0", self._key, 2_048, **headers) as answer:
                    self.came += 1
                    async for told in answer.blocks():
                        if told.data is not None and told.id is not None:
                            self.seen.append(told.id)
                            if last.done() and told.id >= last.result():
                                return
                            await asyncio.sleep(self._pause)
            await asyncio.sleep(0.05)


async def write(address: str, key: str, name: str, path: str, told: list[int], text: str = WORDS) -> None:
    """Record clauses, each until it is acknowledged, and note where each stands."""
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
        for number in range(EACH):
            body = {"label": f"{name}-{number}", "text": text}
            while True:
                with contextlib.suppress(httpx.TransportError):
                    mark = {"idempotency-key": f"{name}-{number}"}
                    answer = await client.post(f"{path}/clauses", json=body, headers=mark)
                    if answer.status_code == 200:
                        told.append(answer.json()["sequence"])
                        break
                    assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.05)


async def size(service: Service) -> int:
    """The bytes that the service has in memory."""
    process = psutil.Process(service.process.pid)
    found: int = process.memory_info().rss
    return found


async def agreement(service: Service) -> str:
    """A new agreement."""
    async with service.client() as client:
        answer = await client.post("/api/agreements", json={"title": {"printed": "test data"}})
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])


async def come(to_pass: Callable[[], bool]) -> None:
    """Wait until it has come to pass; the test's own limit ends what does not."""
    for _ in range(10_000):
        if to_pass():
            return
        await asyncio.sleep(0.05)


async def test_nothing_is_missed_or_told_twice(place: Path, database: Database) -> None:
    """Two hundred slow readers, four writers, and a restart in the middle of it."""
    home, port, env = place / "home", free_port(), {"MENGFU_DATABASE_URL": database.service}
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    acknowledged: list[int] = []
    async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as group:
        async with running(home, "--port", str(port), **env) as service:
            address, key = f"http://127.0.0.1:{port}", service.key
            service.address = address
            path = await agreement(service)
            before = await size(service)
            readers = [Reader(address, key, number % 10 / 1000) for number in range(READERS)]
            for reader in readers:
                group.create_task(reader.until(last))
            writers = [
                asyncio.create_task(write(address, key, f"writer{number}", path, acknowledged))
                for number in range(WRITERS)
            ]
            await come(lambda: len(acknowledged) >= WRITERS * EACH / 2 and all(reader.seen for reader in readers))
            assert await size(service) - before < BOUND
            ended = await service.end()
            assert (ended.code, ended.err) == (0, "")
        async with running(home, "--port", str(port), **env) as service:
            await asyncio.gather(*writers)
            last.set_result(WRITERS * EACH + 1)
            await come(lambda: all(reader.seen[-1] >= last.result() for reader in readers))
            assert await size(service) - before < BOUND
    assert sorted(acknowledged) == list(range(2, WRITERS * EACH + 2))
    for reader in readers:
        assert reader.seen == list(range(1, WRITERS * EACH + 2))
        assert reader.came >= 2


@soak
async def test_who_takes_nothing_costs_little_and_does_not_hold_the_end_up(
    place: Path, database: Database, registry: Registry
) -> None:
    """Thirty clients to whom 24 megabytes each could be sent, and who read none of it."""
    home, port, env = place / "home", free_port(), {"MENGFU_DATABASE_URL": database.service}
    async with (
        asyncio.timeout(LIMIT),
        contextlib.AsyncExitStack() as stack,
        running(home, "--port", str(port), **env) as service,
    ):
        service.address = f"http://127.0.0.1:{port}"
        async with service.client() as client:
            for number in range(20):
                many = [{"label": f"{number}-{one}", "text": "字" * 20_000} for one in range(20)]
                body = {"title": {"printed": "test data"}, "clauses": many}
                answer = await client.post("/api/agreements", json=body)
                assert answer.status_code == 201, answer.text
        path = await agreement(service)
        before = await size(service)
        downloading = []
        for query in [f"{STREAM}?after=0", "/api/events"] * 15:
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
            stack.callback(writer.close)
            downloading += [writer] if query == "/api/events" else []
            request = f"GET {query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n\r\n"
            writer.write(request.encode())
        async with service.client() as client:
            for _ in range(20):
                await asyncio.sleep(0.1)
                assert (await client.post(f"{path}/clauses", json={"text": "test data"})).status_code == 200
                assert await size(service) - before < 200 * MEGABYTE
        for writer in downloading:  # who downloads is waited for, up to a limit; who only follows is not
            writer.close()
        ended = await service.end()
        assert (ended.code, ended.err) == (0, "")


@soak
async def test_writers_write_on_beside_those_who_take_nothing(place: Path, database: Database) -> None:
    """Two hundred are stuck while more is written than is kept for all; each who takes it after all gets it whole."""
    home, port, env = place / "home", free_port(), {"MENGFU_DATABASE_URL": database.service}
    acknowledged: list[int] = []
    async with (
        asyncio.timeout(LIMIT),
        contextlib.AsyncExitStack() as stack,
        running(home, "--port", str(port), **env) as service,
    ):
        address = service.address = f"http://127.0.0.1:{port}"
        path = await agreement(service)
        before = await size(service)
        stuck = [
            await stack.enter_async_context(opened(address, f"{STREAM}?after=0", service.key, 2_048))
            for _ in range(READERS)
        ]
        assert {answer.status for answer in stuck} == {200}
        assert LONG * WRITERS * EACH > feed.RING_BYTES
        await asyncio.gather(
            *(
                write(address, service.key, f"writer{number}", path, acknowledged, "字" * (LONG // 3))
                for number in range(WRITERS)
            )
        )
        assert sorted(acknowledged) == list(range(2, WRITERS * EACH + 2))
        # Some 13 messages of a line each for everybody, beside the ring and the agreement itself: a tenth of all lines.
        assert await size(service) - before < READERS * WRITERS * EACH * LONG / 10
        for answer in stuck[:: READERS // 3]:
            told = await answer.events(WRITERS * EACH + 1)
            assert [one.id for one in told] == list(range(1, WRITERS * EACH + 2))


async def test_the_end_of_the_service_ends_streams_as_whole_answers(place: Path, database: Database) -> None:
    home, port, env = place / "home", free_port(), {"MENGFU_DATABASE_URL": database.service}
    async with asyncio.timeout(LIMIT), running(home, "--port", str(port), **env) as service:
        async with opened(f"http://127.0.0.1:{port}", STREAM, service.key) as answer:
            blocks = answer.blocks()
            assert (await anext(blocks)).retry == streams.RETRY
            service.process.terminate()
            assert [told async for told in blocks] == []
        ended = await service.ended()
        assert (ended.code, ended.err) == (0, "")
