"""New tables on their way after a log that goes on: the rows of the streams that have moved since.

A stream is read and folded whole, once. A long one is remembered: as often as it moves again, only its new events are
read, and only the rows that they change are stored. Else a log to whose long streams many write could not be caught up
with: each round would take longer than the one before.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from msgspec import Struct

from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded, advance
from service.domain.parts import touched
from service.domain.values import day_of
from service.projections import Projection, Row, Table, UntoldError, fold_once
from service.projections.bitemporal import Bitemporal
from service.projections.filling import Range, Stop, Tables, streams
from service.projections.track import ForgottenError, Track

LONG = 32
"""Streams of more events are remembered."""
MOST = 50_000
"""So many events the streams have together that are remembered, about: no more are when it is reached."""


class Held(Struct, gc=False):
    """A stream as the new tables have it."""

    ref: Ref
    folded: Folded[Any]
    track: Track[Any] | None
    """For those that follow; None where they were not renewed with the others."""


class Renewing:
    """What the rows in new tables were made of, of long streams: as of the position up to which they were renewed."""

    def __init__(self, tables: Tables) -> None:
        """Nothing is remembered yet."""
        self.tables = tables
        self._held: dict[UUID, Held] = {}
        self._events = 0

    async def renew(self, projections: Sequence[Table], ids: Sequence[UUID], upto: int, *, keep: bool = True) -> None:
        """Bring the rows of some streams to a position of the log, in one transaction (the caller's, if it has one).

        All tables that are renewed again later have to be among these projections, unless what is done now is not to be
        remembered (`keep`).
        """
        tables = self.tables
        projections = [one for one in projections if one.name not in tables.stops | tables.settled]
        following = any(isinstance(one, Bitemporal) for one in projections)
        async with tables.connection.transaction():
            # A track goes on in place: what is not to be remembered cannot be told by it.
            may = [id for id in ids if (held := self._held.get(id)) and (not following or (keep and held.track))]
            gone_on = await self._go_on(projections, may, upto)
            whole = [id for id in ids if id not in gone_on]
            for projection in projections:
                await tables.connection.execute(f"delete from {tables.new(projection)} where stream = any ($1)", whole)
            await tables.store(projections, upto, whole, lambda _: None, self._remember if keep else None)
        if keep:
            for id, folded in gone_on.items():
                held = self._held[id]
                self._events += folded.version - held.folded.version
                self._held[id] = Held(held.ref, folded, held.track if following else None)

    async def _go_on(self, projections: Sequence[Table], ids: Sequence[UUID], upto: int) -> dict[UUID, Folded[Any]]:
        """Store what new events change of remembered streams.

        Answers these as they are now, without those that have to be told again from their first event.
        """
        tables, found = self.tables, dict[UUID, Folded[Any]]()
        put: dict[str, list[Row]] = {one.name: [] for one in projections}
        gone: dict[str, list[Row]] = {one.name: [] for one in projections}
        for id in ids:
            new = Range(id, self._held[id].folded.version, id)
            async with aclosing(streams(tables.connection, tables.decoders, upto, new)) as read:
                async for _, records, _ in read:
                    after = self._further(self._held[id], projections, records, put, gone)
                    if after is not None:
                        found[id] = after
        for one in projections:
            if gone[one.name] and isinstance(one, Projection):
                await tables.take(one, gone[one.name])
            elif gone[one.name] and isinstance(one, Bitemporal):
                await tables.close(one, gone[one.name])
        await tables.copy(projections, put)
        return found

    def _further(
        self,
        held: Held,
        projections: Sequence[Table],
        records: Sequence[Recorded],
        put: dict[str, list[Row]],
        gone: dict[str, list[Row]],
    ) -> Folded[Any] | None:
        """What new events of a stream change, into `put` and `gone`; None where that takes all of its events."""
        ref, decider, after = held.ref, self.tables.deciders[held.ref.category], held.folded
        for record in records:
            further = advance(decider, after, record, day_of(record.time))
            if further is None:
                return None
            after = further
        following = [one for one in projections if isinstance(one, Bitemporal) and ref.category in one.categories]
        if held.track is not None and following:
            try:
                told = held.track.further(following, records)
            except ForgottenError:
                return None
            for table in following:
                changes = told[table.name]
                if isinstance(changes, UntoldError):
                    self.tables.stop(Stop.of(table, changes.sequence, changes.__cause__))
                else:
                    put[table.name] += changes.put()
                    gone[table.name] += changes.closed
        changed = list(touched(held.folded.base, after.base))
        for one in projections:
            if isinstance(one, Projection):
                rows, keys = one.difference(ref, held.folded, after, changed)
                put[one.name] += rows
                gone[one.name] += [*keys, *(row[: one.key] for row in rows)]
        return after

    def _remember(self, track: Track[Any], records: Sequence[Recorded]) -> None:
        if (held := self._held.pop(track.ref.id, None)) is not None:
            self._events -= held.folded.version
        if LONG < len(records) <= MOST - self._events:
            folded = fold_once(track.decider, records, day_of(records[-1].time))
            track.records = None
            led = track if track.version == folded.version else None
            self._held[track.ref.id] = Held(track.ref, folded, led)
            self._events += folded.version
