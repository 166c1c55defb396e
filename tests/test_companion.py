"""The process that follows beside `mengfu up`: started again when it ends, gone when the service is."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it has no types of its own

from service.companion import MODULE, NICE
from tests.commands import LIMIT, PARTY, Service, running
from tests.processes import processes, wait_for_nothing


async def companion(service: Service) -> Any:
    """The process beside a service."""
    async with asyncio.timeout(LIMIT):
        while True:
            for process in psutil.Process(service.process.pid).children():
                if MODULE in " ".join(process.cmdline()):
                    return process
            await asyncio.sleep(0.05)


async def followed(service: Service) -> None:
    """Record something, and find it in what follows."""
    async with service.client() as client:
        answer = await client.post("/api/parties", json=PARTY)
        assert answer.status_code == 201, answer.text
        position = str(answer.json()["sequence"])
        async with asyncio.timeout(LIMIT):
            while True:
                found = await client.get("/api/search", params={"q": "Test City"}, headers={"mengfu-after": position})
                if found.status_code == 200:
                    break
                assert found.status_code == 503, found.text  # it waits for some seconds alone
        assert answer.headers["location"].rpartition("/")[2] in found.text


async def test_killed_it_is_started_again(place: Path) -> None:
    async with running(place / "home") as service:
        first = await companion(service)
        await followed(service)
        assert first.nice() == NICE
        first.kill()
        await asyncio.to_thread(first.wait, LIMIT)
        second = await companion(service)
        assert second.pid != first.pid
        await followed(service)
        assert "postgresql://" not in " ".join(second.cmdline())
        ended = await service.end(signal.SIGTERM)
        assert ended.code == 0
        assert "the process that follows the log has ended" in ended.out + ended.err
        assert processes(place) == []


async def test_it_ends_with_the_service(place: Path) -> None:
    async with running(place / "home") as service:
        beside = await companion(service)
        await followed(service)
        service.process.kill()
        await service.ended()
        await asyncio.to_thread(beside.wait, LIMIT)
        await asyncio.to_thread(wait_for_nothing, place)
