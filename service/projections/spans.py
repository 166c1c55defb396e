"""What a stream says of each key, over all days: spans, and how they are laid, cut and joined."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from service.domain.decider import Decider, Recorded
from service.domain.folding import dated, standing
from service.domain.parts import Touched
from service.domain.walk import Walk
from service.projections import Row
from service.projections.inputs import Key

Span = tuple[date, date, Row]
"""From that day, up to but not on that day, this is said."""
Line = list[Span]
"""What is said of one key, in the order of the days; neighbours that say the same are one."""
Told = dict[Key, Line]


class Edge(NamedTuple):
    """A day on which events of a stream take effect, those events, and the parts that they change."""

    starts: date
    records: list[Recorded]
    changed: list[Touched]


def walked(decider: Decider[Any], records: Sequence[Recorded]) -> tuple[Walk[Any], list[Edge]]:
    """A stream, given by its records in the order of the log, over all days, and the walk at its end."""
    walk, edges = Walk(decider), list[Edge]()
    for starts, same_day in groupby(dated(standing(records)), key=itemgetter(0)):
        taken = [record for _, record in same_day]
        changed: dict[str, Touched] = {}
        for record in taken:
            for name, old, new in walk.step(record):
                changed[name] = (name, changed[name][1] if name in changed else old, new)
        edges.append(Edge(starts, taken, [one for one in changed.values() if one[1] is not one[2]]))
    return walk, edges


def lay(told: Told, starts: date, ends: date, says: Mapping[Key, Row]) -> None:
    """Say more, from where everything said so far ends."""
    for key, row in says.items():
        line = told.setdefault(key, [])
        if line and line[-1][1] == starts and line[-1][2] == row:
            line[-1] = (line[-1][0], ends, row)
        else:
            line.append((starts, ends, row))


def kept(line: Line, cut: date) -> int:
    """How many spans lie wholly before the day, and do not even touch it."""
    index = len(line)
    while index and line[index - 1][1] >= cut:
        index -= 1
    return index


def clipped(line: Iterable[Span], cut: date) -> Iterator[Span]:
    """The spans as far as they lie before the day."""
    for starts, ends, row in line:
        if starts < cut:
            yield starts, min(ends, cut), row


def joined(line: Iterable[Span]) -> Line:
    """The spans, neighbours that say the same as one."""
    made: Line = []
    for starts, ends, row in line:
        if made and made[-1][1] == starts and made[-1][2] == row:
            made[-1] = (made[-1][0], ends, row)
        else:
            made.append((starts, ends, row))
    return made


def signing(edges: Iterable[Edge]) -> date | None:
    """The stream's day of signing, as `fold` finds it."""
    standing_now = (record for edge in edges for record in edge.records)
    signings = [record for record in standing_now if record.event.signs and record.effective is not None]
    first = min(signings, key=lambda record: record.sequence, default=None)
    return first.effective if first is not None else None
