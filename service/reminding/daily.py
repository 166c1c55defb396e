"""The round once a day: at its time, and at a start for the last time that has gone by."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import structlog

from service.domain import errors
from service.domain.values import SHANGHAI
from service.registry import Registry
from service.reminding import Round, remind
from service.store.failures import LOST

log = structlog.get_logger(__name__)

LOOK = 20.0
"""Seconds between two looks at the clock, which may be set, or stand still while the machine sleeps."""


def latest(now: datetime, at: time) -> date:
    """The last day whose round is to have been made, at a time of day in Asia/Shanghai."""
    here = now.astimezone(SHANGHAI)
    return here.date() if here.time() >= at else here.date() - timedelta(days=1)


class Daily:
    """Makes the rounds from `start` to `close`.

    Nothing is noted of a round that was made: at a start the last one is made again, and records what is missing.
    """

    def __init__(self, registry: Registry) -> None:
        """Nothing is begun. Where MENGFU_REMIND_AT is `off`, or nothing is recorded, nothing ever is."""
        at = registry.settings.remind_at
        self.at = time.fromisoformat(at) if at != "off" and registry.closed() is None else None
        self._registry = registry
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self.at is not None:
            self._task = asyncio.create_task(self._run(self.at), name="mengfu daily round")

    async def close(self) -> None:
        """End. A round under way is broken off, and made up for by the next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, at: time) -> None:
        made: date | None = None
        while True:
            day = latest(datetime.now(UTC), at)
            if made is None or day > made:
                try:
                    tell(await remind(self._registry, day))
                    made = day
                except (errors.Refused, *LOST, asyncpg.PostgresError) as error:
                    log.warning("the daily round was broken off, and is tried again", day=str(day), error=str(error))
                except Exception:
                    log.exception("the daily round failed, and is tried again", day=str(day))
            await asyncio.sleep(LOOK)


def tell(made: Round) -> None:
    """Note what came of a round, where anything did."""
    for refused in made.refused:
        log.warning("the daily round could not record something", problem=refused)
    if made.reminded or made.yielded:
        log.info("the daily round", day=str(made.on), reminded=len(made.reminded), yielded=len(made.yielded))
