"""When a serving process looks for garbage: when nobody waits, or at last all the same."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from service import collecting
from service.collecting import Collector


class Circle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def old_garbage() -> "weakref.ref[Circle]":
    """Garbage among the oldest objects."""
    circle = Circle()
    for generation in (0, 1):
        gc.collect(generation)
    gone = weakref.ref(circle)
    del circle
    gc.collect(1)  # counted: there may be something new among the oldest
    assert gone() is not None
    return gone


@asynccontextmanager
async def collecting_at(begun: Callable[[], int]) -> AsyncIterator[None]:
    """A collector at work."""
    collector = Collector(begun)
    collector.start()
    try:
        yield
    finally:
        await collector.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks all the time."""
    monkeypatch.setattr(collecting, "LOOK", 0.001)
    monkeypatch.setattr(collecting, "PAUSE", 0.0)


async def gone_at_last(gone: "weakref.ref[Circle]") -> None:
    """Wait for it; the test's own time is the limit."""
    async with asyncio.timeout(30):
        while gone() is not None:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.001)


async def test_the_oldest_are_looked_at_when_nobody_waits() -> None:
    """And garbage among them goes."""
    async with collecting_at(lambda: 1):
        await gone_at_last(old_garbage())


async def test_they_are_left_alone_while_requests_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it has been too long."""
    requests = iter(range(10**9))
    async with collecting_at(lambda: next(requests)):
        gone = old_garbage()
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert gone() is not None
        monkeypatch.setattr(collecting, "LONGEST", 0.0)
        await gone_at_last(gone)


async def test_python_has_its_own_way_again_afterwards() -> None:
    """Thresholds and what was set apart."""
    usual = gc.get_threshold()
    async with collecting_at(lambda: 1):
        assert gc.get_threshold() == (collecting.YOUNG, collecting.OLDER, collecting.NEVER)
        assert gc.get_freeze_count()
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
