"""Which things rest on this document? Each stream with the documents that any fact of it cites."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded
from service.domain.parts import Touched, parts
from service.domain.references import citations
from service.domain.values import Part
from service.domain.walk import Walk
from service.projections import Projection, Row
from service.projections.bitemporal import Bitemporal, bitemporal
from service.projections.inputs import Key
from service.projections.spans import Line, clipped, joined, kept
from service.projections.telling import Telling


def facts(stream: Folded[Any]) -> Iterator[tuple[str, Part | Recorded]]:
    """What may cite, by name: the parts that hold, and the events that take effect later."""
    yield from parts(stream.base)
    for _, record in stream.pending:
        yield f".later/{record.sequence}", record


def documents(fact: Part | Recorded) -> set[UUID]:
    """The documents that a fact cites."""
    if isinstance(fact, Recorded):
        return {citation.document for citation in citations(fact.event)}
    return {citation.document for source in fact.sources for citation in source.citations}


def every(named: Iterable[tuple[str, Part | Recorded]]) -> set[UUID]:
    """The documents that any of these facts cites."""
    return {document for _, fact in named for document in documents(fact)}


def begun(state: Any) -> int:
    """When a thing was registered, by which lists are ordered; 0 where it isn't, nor in any list then."""
    return state.header.sources[0].sequence if state.header is not None else 0


def registered(ref: Ref, stream: Folded[Any]) -> int:
    """The same of a stream, also where its registration takes effect later."""
    return begun(stream.base) or begun(stream.at(DECIDERS[ref.category], date.max))


def rows(ref: Ref, stream: Folded[Any]) -> Iterator[Row]:
    """One row a document cited."""
    sequence = registered(ref, stream)
    for document in every(facts(stream)):
        yield ref.id, document, ref.category, sequence


NEAR = 16
"""Parts of each field that are looked through for a document before it is put once more, which changes nothing."""


def near(state: Any) -> Iterator[Part]:
    """Parts that are likely to cite what a new one does: those that stand alone, and the last of the others."""
    for field in state.__struct_fields__:
        value = getattr(state, field)
        if isinstance(value, dict):
            yield from islice(reversed(value.values()), NEAR)
        elif value is not None:
            yield value


def missing(wanted: set[UUID], among: Iterable[Part | Recorded]) -> set[UUID]:
    """Those of some documents that none of these facts cites."""
    for fact in among:
        if not wanted:
            break
        wanted = wanted - documents(fact)
    return wanted


def changed(
    ref: Ref, before: Folded[Any], after: Folded[Any], differ: Sequence[Touched]
) -> tuple[list[Row], list[Row]]:
    """The difference by what a change cites: a stream of a thousand clauses is searched for what is given up alone.

    A document may be put that is there already.
    """
    came: set[UUID] = set()
    went: set[UUID] = set()
    for _, old, new in differ:
        came |= documents(new) if new is not None else set()
        went |= documents(old) if old is not None else set()
    if before.pending is not after.pending:
        came |= every((name, record) for name, record in facts(after) if isinstance(record, Recorded))
        went |= every((name, record) for name, record in facts(before) if isinstance(record, Recorded))
    put = missing(came - went, near(before.base))
    gone = missing(went - came, (fact for _, fact in facts(after)))
    sequence = registered(ref, after)
    if sequence != registered(ref, before):
        put, gone = every(facts(after)), every(facts(before)) - every(facts(after))
    return [(ref.id, one, ref.category, sequence) for one in put], [(ref.id, one) for one in gone]


CITATIONS = Projection(
    name="citations",
    version=2,
    categories=frozenset(DECIDERS) - {"registry"},
    columns=(("stream", "uuid"), ("document", "uuid"), ("category", "text not null"), ("recorded", "bigint not null")),
    key=2,
    indexes=("create index on p_citations (document, category, recorded, stream)",),
    rows=rows,
    shortcut=changed,
)

# --- As known at a position -------------------------------------------------------------------------------------------


def said(ref: Ref, state: Any, day: date) -> dict[Key, Row]:
    """The documents that what holds cites."""
    return {(document,): (ref.category, begun(state)) for document in every(parts(state))}


class Citing(Telling):
    """How many parts cite each document."""

    __slots__ = ("_counts", "_row")

    def __init__(self, table: Bitemporal, ref: Ref) -> None:
        """A stream without events."""
        super().__init__(table, ref)
        self._row: Row = ()
        self._counts: dict[UUID, int] = {}

    def further(
        self,
        changed: Sequence[Touched],
        cut: date,
        records: Sequence[Recorded],
        walk: Walk[Any],
    ) -> dict[Key, tuple[int, Line]]:
        """What events in their order change: on the days before their own they are ones that take effect later."""
        own = {document for record in records for document in documents(record)}
        asked, counts = set(own), self._counts
        for _, old, new in changed:
            for part, more in ((old, -1), (new, 1)):
                for document in documents(part) if part is not None else ():
                    counts[document] = counts.get(document, 0) + more
                    asked.add(document)
        row = (self._ref.category, begun(walk.now()))
        anew = row != self._row  # as its registration does, before anything is told
        if anew:
            self._row = row
            asked.update(document for (document,) in self.told)
        found: dict[Key, tuple[int, Line]] = {}
        for document in asked:
            line = self.told.get((document,), [])
            first = 0 if anew or document in own else kept(line, cut)
            before: Line = [(date.min, cut, row)] if cut > date.min else []
            held = [(starts, ends, row) for starts, ends, _ in clipped(line[first:], cut)]
            tail = before if document in own else held
            if counts.get(document):
                tail = [*tail, (cut, date.max, row)]
            tail = joined(tail)
            if tail != line[first:]:
                found[(document,)] = (first, tail)
        return found


class Cited(Bitemporal, frozen=True, kw_only=True):
    """On each day the documents that what holds then cites, and those of the events that take effect later."""

    def telling(self, ref: Ref) -> Telling:
        """What is told of a stream without events."""
        return Citing(self, ref)


CITATIONS_KNOWN = bitemporal(
    name="citations",
    version=2,
    categories=CITATIONS.categories,
    keys=(("document", "uuid"),),
    values=(("category", "text not null"), ("recorded", "bigint not null")),
    indexes=CITATIONS.indexes,
    kind=Cited,
    said=said,
)
