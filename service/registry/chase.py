"""Projections that stand at one position: what is remembered of the streams there, and what the next lines come to."""

from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from service.domain.decider import Recorded, Ref
from service.projections.bitemporal import Bitemporal
from service.projections.track import Changes, ForgottenError, Track

log = structlog.get_logger(__name__)

BATCH = 256
"""Lines a batch."""
REMEMBERED = 100_000
"""Events of the streams that are remembered, all together."""
RECORDS = 64
"""A stream of more events is remembered as what it says, without its records."""


class Chase:
    """Projections that stand at one position, and what is remembered of streams as of there."""

    def __init__(self, tables: Sequence[Bitemporal], position: int) -> None:
        """Nothing is remembered yet."""
        self.tables = list(tables)
        self.position = position
        self.limit = BATCH
        self.tracks: dict[Ref, Track[Any]] = {}
        self.held = 0

    def widen(self) -> None:
        """Read more lines at a time again, after a batch that was stored."""
        self.limit = min(BATCH, 2 * self.limit)

    def clear(self) -> None:
        """Let go of all that is remembered."""
        self.tracks.clear()
        self.held = 0

    def forget(self, used: Iterable[Ref]) -> None:
        """Let go of the streams not used for longest, and of long records among those `used` just now."""
        for ref in used:
            if (track := self.tracks.get(ref)) is not None:
                self.held += track.version - track.counted
                track.counted = track.version
                if track.records is not None and len(track.records) > RECORDS:
                    track.records = None
        while self.held > REMEMBERED and self.tracks:
            self.held -= self.tracks.pop(next(iter(self.tracks))).counted


class Batch:
    """What some lines come to: the rows of each table, and where and why one of them stopped."""

    def __init__(self, chase: Chase, until: int) -> None:
        """Nothing yet; it leads from the chase's position to `until`."""
        self.tables = list(chase.tables)
        self.until = until
        self.changes = {table.name: Changes() for table in chase.tables}
        self.stopped: dict[str, tuple[int, str]] = {}
        self.used: set[Ref] = set()

    def stop(self, table: Bitemporal, sequence: int, error: BaseException) -> None:
        """The event with that sequence is the first that the table cannot take."""
        said = f"event {sequence}: {type(error).__name__}: {error}"
        log.error("an event stops a projection", projection=table.name, sequence=sequence, exc_info=error)
        self.stopped.setdefault(table.name, (sequence, said))

    def live(self, category: str) -> list[Bitemporal]:
        """The tables that take events of the category, and have not stopped."""
        return [t for t in self.tables if category in t.categories and t.name not in self.stopped]


def tell(track: Track[Any], tables: Sequence[Bitemporal], recorded: Recorded, batch: Batch) -> None:
    """Go on by one event, in every table; one that cannot be told stops those that it is for. Raises ForgottenError."""
    try:
        step = track.step(recorded)
    except ForgottenError:
        raise
    except Exception as error:
        for table in tables:
            batch.stop(table, recorded.sequence, error)
        return
    for table in tables:
        try:
            track.tell(table, step, batch.changes[table.name])
        except Exception as error:
            batch.stop(table, recorded.sequence, error)
