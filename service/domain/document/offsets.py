"""Where the words of one version of a text stand in another: the maps between versions, made of their edits.

A version differs from the one that it is derived from by edits, in order and apart; what lies between two of them has
the same length in both. So the edits are the map, and whoever has the event has it, without any text. Within a stretch
that an edit has replaced nothing says which letter became which: a span that reaches into one takes in all of it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import Struct

from service.domain.document.state import Document, Edit, Version


class Reached(Struct, frozen=True):
    """Where a span stands in another version: from `start`, up to but not at `end`; the same where nothing is left.

    `cut` says whether words of it are gone there: all of them or some.
    """

    start: int
    end: int
    cut: bool = False


class Map:
    """The way from the offsets of a version to those of the one that edits make of it."""

    __slots__ = ("_ends", "_gone", "_shifts", "_starts")

    def __init__(self, edits: Sequence[Edit]) -> None:
        """Of edits in order and apart."""
        self._starts = [edit.start for edit in edits]
        self._ends = [edit.end for edit in edits]
        self._shifts = [0, *accumulate(edit.length - (edit.end - edit.start) for edit in edits)]
        self._gone = Spans((edit.start, edit.end) for edit in edits if edit.length == 0)

    def across(self, start: int, end: int) -> tuple[int, int]:
        """The narrowest span there that holds all that became of a span here; of an empty one the place.

        What is put in at either of its ends belongs to its neighbours, but for what stands right behind a cut in it.
        """
        if start == end:
            before = bisect_right(self._ends, start)
            inside = before < len(self._starts) and self._starts[before] < start
            place = (self._starts[before] if inside else start) + self._shifts[before]
            return place, place
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        begins = min(start, self._starts[first]) if first < len(self._starts) else start
        ends = max(end, self._ends[last - 1]) if last else end
        return begins + self._shifts[first], ends + self._shifts[last]

    def cuts(self, start: int, end: int) -> bool:
        """Whether any of a span's words are gone there."""
        return self._gone.touch(start, end)


class Spans:
    """Spans in order and apart, asked whether another lies over any of them."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Of spans that are not empty."""
        told = list(spans)
        self._starts = [start for start, _ in told]
        self._ends = [end for _, end in told]

    def touch(self, start: int, end: int) -> bool:
        """Whether one of them has a letter in common with a span."""
        return bisect_right(self._ends, start) < bisect_left(self._starts, end)


def inverse(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that make the source of what they have made, without the words."""
    found, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        found.append(Edit(start=start, end=start + edit.length, length=edit.end - edit.start))
        shift += edit.length - (edit.end - edit.start)
    return tuple(found)


class Offsets:
    """The way from the captured text to a version, through those between, and back."""

    __slots__ = ("_back", "_there")

    def __init__(self, steps: Sequence[Version]) -> None:
        """Of the versions on the way, the first derived from the captured text; none for that itself."""
        self._there = [Map(version.edits) for version in steps]
        self._back = [Map(inverse(version.edits)) for version in reversed(steps)]

    def shown(self, start: int, end: int) -> Reached:
        """Where a span of the captured text, which is not empty, stands in the version."""
        cut = False
        for step in self._there:
            cut = cut or step.cuts(start, end)
            start, end = step.across(start, end)
        return Reached(start, end, cut or start == end)

    def captured(self, start: int, end: int) -> tuple[int, int]:
        """The span of the captured text that a span of the version, which is not empty, comes from.

        It is empty where all of its words were put in.
        """
        for step in self._back:
            start, end = step.across(start, end)
        return start, end


def way(document: Document, version: Version) -> tuple[Version, ...] | None:
    """The versions from the captured text to this one; None where one between is not recorded any more."""
    origin = document.header.sha256 if document.header is not None else None
    steps = [version]
    while steps[-1].derived_from != origin:
        source = document.versions.get(steps[-1].derived_from)
        if source is None or source in steps:
            return None
        steps.append(source)
    return tuple(reversed(steps))


def find(document: Document, name: str) -> tuple[Version, ...] | None:
    """The way to the version of that name: its hash, or its sort, of which the one recorded last is meant.

    None where there is no such version; no steps for the captured text.
    """
    own = document.header.sha256 if document.header is not None else None
    if own is None:
        return None
    if name in {"captured", own}:
        return ()
    named = document.versions.get(name)
    if named is not None:
        return way(document, named)
    same = [one for one in document.versions.values() if one.sort == name]
    newest = sorted(same, key=lambda one: one.sources[0].sequence, reverse=True)
    return next((found for one in newest if (found := way(document, one)) is not None), None)
