"""What a process remembers of the log: where it ends, and the states of streams as of there.

States are good for one position. Before anything is decided on what was loaded at another one, the streams that other
processes have moved in between are forgotten, so that no decision rests on what another process has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from service.domain.decider import Decider, Recorded, Ref
from service.domain.folding import Folded
from service.projections.states import Shape
from service.registry.snapshot import Days, Plan
from service.store import line as lines
from service.store import sql
from service.tlog import tree

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FAR_BEHIND = 10_000
"""So many events of others, and all states are forgotten rather than looked through."""
TEXTS = 256
"""Texts of documents remembered at a time."""
LOOKED_AT = 100
"""So many streams are looked at that say of a meeting that it was on other days: its own day is wrong where more do."""


class Known:
    """What has been loaded for one batch, all of it as of the memory's position."""

    def __init__(self, wanted: set[Ref]) -> None:
        """Nothing of what is `wanted` has been loaded yet."""
        self.wanted = wanted
        self.streams: dict[Ref, Folded[Any]] = {}
        self.absent: set[Ref] = set()
        self.taken: dict[UUID, str] = {}
        self.histories: dict[Ref, list[Recorded]] = {}
        self.elsewhen: dict[Days, list[Ref]] = {}
        self.fresh = False
        """Whether the head was looked at for this batch."""

    def forget(self) -> None:
        """Others have moved the head: what was loaded may be old."""
        for held in (self.streams, self.absent, self.taken, self.histories, self.elsewhen):
            held.clear()


class Memory:
    """The head, the tree's edge there, a bounded number of states, and texts of documents."""

    def __init__(self, deciders: Mapping[str, Decider[Any]], decoders: Mapping[str, Any], states: int) -> None:
        """Remember at most `states` streams; the ones not used for longest are forgotten first."""
        self.deciders = deciders
        self.decoders = decoders
        self.shapes = {category: Shape.of(decider) for category, decider in deciders.items()}
        self.position = -1
        self.time = datetime.min.replace(tzinfo=UTC)
        self.edge: list[bytes] = []
        self._most = states
        self._states: dict[UUID, tuple[Ref, Folded[Any]]] = {}
        self._texts: dict[bytes, str] = {}

    async def load(self, connection: Connection, known: Known) -> bool:
        """Load what is wanted and not known yet; answers whether others had moved the head, and it has to be redone."""
        for ref in known.wanted - known.streams.keys():
            if (state := self._recall(ref)) is not None:
                known.streams[ref] = state
        missing = known.wanted - known.streams.keys() - known.absent
        if not missing and self.position >= 0:
            return False
        found, moved = await self._fetch(connection, missing)
        known.fresh = True
        known.streams.update(found)
        known.taken.update({ref.id: ref.category for ref in found})
        known.absent.update(missing - found.keys())
        return moved

    async def beside(
        self, connection: Connection, wanted: set[Ref], stored: Mapping[Ref, Folded[Any]], after: int
    ) -> Known | None:
        """What is wanted behind a batch that is under way, which leaves these streams and the log's end `after` it.

        Another connection sees the log before the batch or after it, which is the same of all streams that are not its
        own; None where it sees another end of it.
        """
        known = Known(wanted)
        for ref in wanted:
            if (state := stored.get(ref) or self._recall(ref)) is not None:
                known.streams[ref] = state
        if missing := wanted - known.streams.keys():
            rows = await connection.fetch(sql("load"), [ref.id for ref in missing])
            if rows[0]["position"] not in (self.position, after):
                return None
            found = assemble(self.shapes, rows)
            known.streams.update({ref: state for ref, state in found.items() if ref not in known.streams})
            known.taken.update({ref.id: ref.category for ref in found})
        return known

    async def catch_up(self, connection: Connection) -> bool:
        """Whether others had moved the head; what they changed is forgotten."""
        _, moved = await self._fetch(connection, ())
        return moved

    def stored(self, time: datetime, count: int, edge: list[bytes], streams: Mapping[Ref, Folded[Any]]) -> None:
        """A batch of ours was stored: the head, the edge and the states are those after it."""
        self.position += count
        self.time, self.edge = time, edge
        for ref, state in streams.items():
            self._keep(ref, state)

    async def more(self, connection: Connection, known: Known, plan: Plan) -> None:
        """Load what a plan turned out to need, or take note of it."""
        known.wanted |= plan.unknown
        if plan.missing:
            known.histories.update(await self.histories(connection, plan.missing))
        if plan.asked and not await self._ask(connection, known, list(plan.asked)):
            await self.catch_up(connection)
            known.forget()

    async def _ask(self, connection: Connection, known: Known, asked: Sequence[Days]) -> bool:
        """Which streams say that meetings were on other days, to be loaded; False where others have moved the head."""
        meetings, first, last = zip(*((one.meeting, one.first, one.last) for one in asked), strict=True)
        rows = await connection.fetch(sql("elsewhen"), meetings, first, last, LOOKED_AT)
        if rows[0]["position"] != self.position:
            return False
        known.elsewhen.update({one: [] for one in asked})
        for row in rows:
            if row["stream"] is not None:
                known.elsewhen[asked[row["number"] - 1]].append(Ref(row["category"], row["stream"]))
        known.wanted.update(ref for one in asked for ref in known.elsewhen[one])
        known.fresh = True
        return True

    async def histories(self, connection: Connection, refs: Iterable[Ref]) -> dict[Ref, list[Recorded]]:
        """Every record of some streams up to the position."""
        histories: dict[Ref, list[Recorded]] = {ref: [] for ref in refs}
        for row in await connection.fetch(sql("history"), [ref.id for ref in histories], self.position):
            ref, _, recorded = lines.decode(row["line"], self.decoders)
            histories[ref].append(recorded)
        return histories

    async def texts(self, connection: Connection, streams: Mapping[Ref, Folded[Any]]) -> dict[UUID, str]:
        """The texts held here of the documents among the streams."""
        documents: dict[UUID, bytes] = {}
        for ref, state in streams.items():
            if ref.category == "documents":
                header = state.at(self.deciders["documents"], date.max).header
                if header is not None and header.sha256 is not None:
                    documents[ref.id] = bytes.fromhex(header.sha256)
        wanted = {digest for digest in documents.values() if digest not in self._texts}
        if wanted:
            for row in await connection.fetch(sql("texts"), list(wanted)):
                self._texts[row["sha256"]] = row["body"].decode()
        found = {document: self._texts[digest] for document, digest in documents.items() if digest in self._texts}
        while len(self._texts) > TEXTS:
            del self._texts[next(iter(self._texts))]
        return found

    async def _fetch(self, connection: Connection, refs: Iterable[Ref]) -> tuple[dict[Ref, Folded[Any]], bool]:
        """The streams as of one moment, each under its own name, and whether others had moved the head."""
        rows = await connection.fetch(sql("load"), [ref.id for ref in refs])
        position, edge = rows[0]["position"], rows[0]["edge"]
        moved = self.position >= 0 and position != self.position
        if moved:
            await self._forget(connection, position)
        self.position, self.time = position, rows[0]["time"]
        self.edge = tree.nodes(edge)
        found = assemble(self.shapes, rows)
        for ref, state in found.items():
            self._keep(ref, state)
        return found, moved

    async def _forget(self, connection: Connection, position: int) -> None:
        """Forget the streams that others have moved between our position and theirs."""
        if position - self.position > FAR_BEHIND or position < self.position:
            self._states.clear()
            return
        for (stream,) in await connection.fetch(sql("since"), self.position, position):
            self._states.pop(stream, None)

    def _recall(self, ref: Ref) -> Folded[Any] | None:
        held = self._states.pop(ref.id, None)
        if held is None:
            return None
        self._states[ref.id] = held
        return held[1] if held[0] == ref else None

    def _keep(self, ref: Ref, state: Folded[Any]) -> None:
        self._states.pop(ref.id, None)
        self._states[ref.id] = (ref, state)
        while len(self._states) > self._most:
            del self._states[next(iter(self._states))]


def assemble(shapes: Mapping[str, Shape], rows: Iterable[asyncpg.Record]) -> dict[Ref, Folded[Any]]:
    """The streams of rows (id, category, version, parts, bodies)."""
    found: dict[Ref, Folded[Any]] = {}
    for row in rows:
        if row["id"] is not None:
            ref = Ref(row["category"], row["id"])
            stored = zip(row["parts"] or (), row["bodies"] or (), strict=True)
            found[ref] = shapes[ref.category].assemble(row["version"], stored)
    return found
