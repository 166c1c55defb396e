"""What may not hold yet? Of each part that rests on a date of several days, or without an end, from when to when.

A list joins these rows to its own. There are none of what is certain, and a part's depend on the part alone, so that an
event costs what it touches. The pointers have a part's key in the place of an index, which others would move.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded
from service.domain.parts import Touched, parts
from service.domain.places import lasting
from service.domain.uncertainty import resting, turns
from service.domain.values import Part
from service.domain.walk import Walk
from service.projections import Projection, Row, segments
from service.projections.bitemporal import Bitemporal, bitemporal
from service.projections.inputs import Key
from service.projections.spans import Line, clipped, joined, kept
from service.projections.telling import Telling


def open_days(category: str, name: str, part: Part | None, starts: date, ends: date = date.max) -> Line:
    """What is uncertain of a part that stands from `starts` on, up to but not on `ends`. Most often nothing."""
    line: Line = []
    if part is None:
        return line
    for day, until in pairwise(turns(part)):
        first, last = max(day, starts), min(until, ends)
        pointers = dict.fromkeys(resting(DECIDERS[category], name, lasting(name), part, day))
        if pointers and first < last:
            line.append((first, last, (msgspec.json.encode(list(pointers)).decode(),)))
    return joined(line)


def stored(ref: Ref, lines: Mapping[str, Line]) -> Iterator[Row]:
    """Lines by the parts' names, as rows."""
    for name, line in lines.items():
        for starts, ends, row in joined(line):
            yield ref.id, name, starts, ends, *row


def rows(ref: Ref, stream: Folded[Any]) -> Iterator[Row]:
    """What is uncertain of all parts, of what holds and of what takes effect later."""
    lines: dict[str, Line] = {}
    for starts, ends, state in segments(DECIDERS[ref.category], stream):
        for name, part in parts(state):
            if line := open_days(ref.category, name, part, starts, ends):
                lines.setdefault(name, []).extend(line)
    return stored(ref, lines)


def changed(
    ref: Ref, before: Folded[Any], after: Folded[Any], differ: Sequence[Touched]
) -> tuple[list[Row], list[Row]]:
    """The difference by the parts that differ; where something takes effect later, by all."""
    if before.pending or after.pending:
        old, new = rows(ref, before), rows(ref, after)
    else:
        old = stored(ref, {name: open_days(ref.category, name, part, date.min) for name, part, _ in differ})
        new = stored(ref, {name: open_days(ref.category, name, part, date.min) for name, _, part in differ})
    was, now = ({row[:3]: row for row in told} for told in (old, new))
    return [row for key, row in now.items() if was.get(key) != row], [key for key in was if key not in now]


UNCERTAIN = Projection(
    name="uncertain",
    version=1,
    categories=frozenset(DECIDERS) - {"registry"},
    columns=(
        ("stream", "uuid"),
        ("part", "text"),
        ("starts", "date"),
        ("ends", "date not null"),
        ("pointers", "text not null"),
    ),
    key=3,
    rows=rows,
    shortcut=changed,
)

# --- As known at a position -------------------------------------------------------------------------------------------


def said(ref: Ref, state: Any, day: date) -> dict[Key, Row]:
    """What is uncertain on the day, by the parts' names."""
    held = ((name, open_days(ref.category, name, part, date.min)) for name, part in parts(state))
    return {(name,): row for name, line in held for starts, ends, row in line if starts <= day < ends}


class Opening(Telling):
    """What is uncertain of each part."""

    def further(
        self,
        changed: Sequence[Touched],
        cut: date,
        records: Sequence[Recorded],  # noqa: ARG002 -- what they say stands in the parts
        walk: Walk[Any],  # noqa: ARG002
    ) -> dict[Key, tuple[int, Line]]:
        """What events in their order change: of the parts that they touch, from their day on."""
        found: dict[Key, tuple[int, Line]] = {}
        for name, _, part in changed:
            fresh, line = open_days(self._ref.category, name, part, cut), self.told.get((name,), [])
            if fresh or line:
                first = kept(line, cut)
                tail = joined([*clipped(line[first:], cut), *fresh])
                if tail != line[first:]:
                    found[(name,)] = (first, tail)
        return found


class Open(Bitemporal, frozen=True, kw_only=True):
    """On which days what is uncertain, as known at each position."""

    def telling(self, ref: Ref) -> Telling:
        """What is told of a stream without events."""
        return Opening(self, ref)


UNCERTAIN_KNOWN = bitemporal(
    name="uncertain",
    version=1,
    categories=UNCERTAIN.categories,
    keys=(("part", "text"),),
    values=(("pointers", "text not null"),),
    kind=Open,
    said=said,
)
