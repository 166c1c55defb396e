"""The captured texts of documents, which no line holds: they are fetched beside the log, and known by their SHA-256."""

import asyncio
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from service.auditing.source import Source
from service.carrying.remote import SourceError
from service.domain import errors
from service.registry import Registry
from service.store import sql
from service.store.failures import LOST

log = structlog.get_logger(__name__)

SOON, LATE = 10.0, 3_600.0
"""Seconds after which a text that the other registry does not hold is asked for again: twice as many each time."""
PAUSE = 1.0
"""Seconds between two looks at what is missing."""


class Asked(NamedTuple):
    """When a text is to be asked for again, by the loop's clock, and how long after that."""

    at: float
    pause: float


class Texts:
    """Has the texts that the other registry holds held here too, from `start` to `close`."""

    def __init__(self, registry: Registry, source: Source) -> None:
        """Nothing is begun."""
        self._registry = registry
        self._source = source
        self._asked: dict[str, Asked] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mengfu texts")

    async def close(self) -> None:
        """End. What was not fetched yet is fetched after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        head = 0
        while True:
            try:
                await self._look()
            except (SourceError, errors.Refused, *LOST, asyncpg.PostgresError) as error:
                log.warning("fetching texts was interrupted", error=str(error) or type(error).__name__)
            await asyncio.sleep(PAUSE)
            head = await self._registry.tail.beyond(head, SOON)

    async def _look(self) -> None:
        """Fetch what is missing, but for what was not there the last time."""
        now = asyncio.get_running_loop().time()
        missing = {row["sha256"]: row["stream"] for row in await self._registry.fetch(sql("texts_missing"))}
        self._asked = {sha256: asked for sha256, asked in self._asked.items() if sha256 in missing}
        for sha256, document in missing.items():
            before = self._asked.get(sha256)
            if before is not None and before.at > now:
                continue
            if not await self._fetch(document):
                pause = min(LATE, before.pause * 2) if before is not None else SOON
                self._asked[sha256] = Asked(now + pause, pause)

    async def _fetch(self, document: UUID) -> bool:
        """Hold the text of a document, if the other registry has it and it is the one that the log names."""
        body = await self._source.text(document)
        if body is None:
            return False
        try:
            await self._registry.hold_text(document, body)
        except errors.Refused as error:
            log.warning("a text is not the one that the log names", document=str(document), error=str(error))
            return False
        return True
