"""Those who wait: the bounded queue in front of the writer, and how long anybody has patience."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from service.domain import errors
from service.registry.orders import Item

TICK = 0.1
"""Seconds after which it is looked who has waited too long for an answer."""


class Waiting:
    """Items in the order in which they came, and all those that have no answer yet."""

    def __init__(self, most: int) -> None:
        """Refuses an item where so many orders wait."""
        self.most = most
        self.orders = 0
        """How many wait."""
        self.wake = asyncio.Event()
        """Set when an item has come."""
        self._queue: deque[Item] = deque()
        self._unanswered: deque[tuple[float, Item]] = deque()
        self._watch: asyncio.TimerHandle | None = None

    def __bool__(self) -> bool:
        """Whether anybody waits to be taken."""
        return bool(self._queue)

    def put(self, item: Item, patience: float) -> None:
        """Queue an item; refused when the queue is full. One that finds room goes in whole.

        Its future has the outcome, or after so many seconds says what is known then: `Uncertain` where it was sent.
        """
        if self.orders >= self.most:
            raise errors.Unavailable(problem="too many commands are waiting")
        loop = asyncio.get_running_loop()
        item.future = loop.create_future()
        self._queue.append(item)
        self._unanswered.append((loop.time() + patience, item))
        if self._watch is None:
            self._watch = loop.call_later(TICK, self._look)
        self.orders += len(item.orders)
        self.wake.set()

    def take(self, most: int) -> list[Item]:
        """The next batch: whole items, one at least, together of no more orders than that."""
        batch: list[Item] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0].orders) <= most):
            item = self._queue.popleft()
            batch.append(item)
            size += len(item.orders)
        self.orders -= size
        return batch

    def give_back(self, items: Sequence[Item]) -> None:
        """Put items in front of all others."""
        self._queue.extendleft(reversed(items))
        self.orders += sum(len(item.orders) for item in items)

    def close(self) -> None:
        """Nobody waits any more."""
        if self._watch is not None:
            self._watch.cancel()

    def _look(self) -> None:
        """Tell those who have waited long enough what is known: a timer for each of them costs as much as an insert."""
        loop = asyncio.get_running_loop()
        while self._unanswered and self._unanswered[0][1].future.done():
            self._unanswered.popleft()
        for due, item in self._unanswered:
            if due <= loop.time() and not item.future.done():
                item.abandoned = not item.sent
                away = errors.Unavailable(problem="the database does not answer")
                item.future.set_exception(errors.Uncertain() if item.sent else away)
        self._watch = loop.call_later(TICK, self._look) if self._unanswered else None


def fail(items: Iterable[Item], error: Exception) -> None:
    """Give every waiting caller the same error."""
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)
