"""States that were read lately, each good for one version of its stream.

Every read asks the database for the versions that hold; what is remembered spares it the rows of those that have not
moved since, and us their decoding. So a write of another process reaches every read after it.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from service.domain.decider import Ref
from service.domain.folding import Folded
from service.projections.states import Shape

MOST = 16_000_000
"""Bytes of stored rows whose states are remembered; as objects they take some times as much."""
LEAST = 1_000
"""Bytes that a state counts for at least."""


class Recent:
    """What was read lately, the longest unread first."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        """`shapes` are how stored rows become states again, by category."""
        self._shapes = shapes
        self._states: dict[UUID, tuple[Folded[Any], int]] = {}
        self._size = 0

    def version(self, id: UUID) -> int:
        """The version of which the state is known, 0 where none is."""
        held = self._states.get(id)
        return held[0].version if held is not None else 0

    def states(self, rows: Iterable[asyncpg.Record]) -> dict[Ref, Folded[Any]]:
        """The streams of the rows of `read`, which left out the states that are known: nothing was forgotten since."""
        found: dict[Ref, Folded[Any]] = {}
        for row in rows:
            ref, version = Ref(row["category"], row["id"]), row["version"]
            held = self._states.pop(ref.id, None)
            if held is None or held[0].version != version:
                self._size -= held[1] if held is not None else 0
                parts, bodies = row["parts"] or (), row["bodies"] or ()
                folded = self._shapes[ref.category].assemble(version, zip(parts, bodies, strict=True))
                held = folded, max(LEAST, sum(map(len, bodies)))
                self._size += held[1]
            self._states[ref.id] = held
            found[ref] = held[0]
        while self._size > MOST:
            self._size -= self._states.pop(next(iter(self._states)))[1]
        return found
