"""What a stream says of each key, over all days: spans, and how they are laid, cut and joined."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import is_
from typing import Any, NamedTuple

from service.domain.decider import Decider, Recorded
from service.domain.folding import ALWAYS, Folded, dated, standing
from service.domain.walk import Walk
from service.projections import Key, Row

Span = tuple[date, date, Row]
"""From that day, up to but not on that day, this is said."""
Line = list[Span]
"""What is said of one key, in the order of the days; neighbours that say the same are one."""
Told = dict[Key, Line]


class Edge(NamedTuple):
    """A day on which events of a stream take effect, and the state from then to the next edge."""

    starts: date
    state: Any
    records: list[Recorded]


def edges_of(decider: Decider[Any], records: Sequence[Recorded]) -> list[Edge]:
    """A stream, given by its records in the order of the log, over all days; the first edge is the first day of all."""
    walk, edges = Walk(decider), []
    starts, taken = ALWAYS, list[Recorded]()
    for day, record in dated(standing(records)):
        if day != starts:
            edges.append(Edge(starts, walk.state(), taken))
            starts, taken = day, []
        walk.step(record)
        taken.append(record)
    edges.append(Edge(starts, walk.state(), taken))
    return edges


def runs(edges: Sequence[Edge], inputs: Callable[[Any], tuple[object, ...]] | None) -> Iterator[tuple[date, date, Any]]:
    """The states over all days, as (starts, ends, state), those in one whose inputs are the same objects."""
    first, made = 0, inputs(edges[0].state) if inputs else None
    for index in range(1, len(edges)):
        now = inputs(edges[index].state) if inputs else None
        if now is not None and made is not None and all(map(is_, made, now)):
            continue
        yield edges[first].starts, edges[index].starts, edges[first].state
        first, made = index, now
    yield edges[first].starts, date.max, edges[first].state


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


def newest(edges: Sequence[Edge], records: Sequence[Recorded]) -> Folded[Any]:
    """The stream with all that is recorded applied, as `fold` gives it for the last day of all."""
    standing_now = (record for edge in edges for record in edge.records)
    signings = [record for record in standing_now if record.event.signs and record.effective is not None]
    first = min(signings, key=lambda record: record.sequence, default=None)
    return Folded(
        base=edges[-1].state,
        newest=edges[-1].starts,
        signing=first.effective if first is not None else None,
        version=records[-1].version if records else 0,
    )
