"""Which things rest on this document? Each stream with the documents that any fact of it cites."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded
from service.domain.parts import parts, touched
from service.domain.references import references
from service.domain.values import Citation, Part
from service.projections import Key, Projection, Row
from service.projections.bitemporal import Bitemporal, bitemporal
from service.projections.spans import Edge, Line, Told, clipped, joined, kept, lay
from service.projections.track import Step


def facts(stream: Folded[Any]) -> Iterator[tuple[str, Part | Recorded]]:
    """What may cite, by name: the parts that hold, and the events that take effect later."""
    yield from parts(stream.base)
    for _, record in stream.pending:
        yield f".later/{record.sequence}", record


def documents(fact: Part | Recorded) -> set[UUID]:
    """The documents that a fact cites."""
    if isinstance(fact, Recorded):
        return {found.document for _, found in references(fact.event) if isinstance(found, Citation)}
    return {citation.document for source in fact.sources for citation in source.citations}


def every(named: Iterable[tuple[str, Part | Recorded]]) -> set[UUID]:
    """The documents that any of these facts cites."""
    return {document for _, fact in named for document in documents(fact)}


def rows(ref: Ref, stream: Folded[Any]) -> Iterator[Row]:
    """One row a document cited."""
    for document in every(facts(stream)):
        yield ref.id, document, ref.category


def changed(ref: Ref, before: Folded[Any] | None, after: Folded[Any]) -> tuple[list[Row], list[Row]]:
    """The difference by identity: a stream of a thousand clauses is searched through only for what a change cites."""
    if before is None:
        return list(rows(ref, after)), []
    came: set[UUID] = set()
    went: set[UUID] = set()
    for _, old, new in touched(before.base, after.base):
        came |= documents(new) if new is not None else set()
        went |= documents(old) if old is not None else set()
    if before.pending is not after.pending:
        came |= every((name, record) for name, record in facts(after) if isinstance(record, Recorded))
        went |= every((name, record) for name, record in facts(before) if isinstance(record, Recorded))
    put = came - every(facts(before)) if came else came
    gone = went - every(facts(after)) if went - came else set()
    return [(ref.id, one, ref.category) for one in put], [(ref.id, one) for one in gone]


CITATIONS = Projection(
    name="citations",
    version=1,
    categories=frozenset(DECIDERS) - {"registry"},
    columns=(("stream", "uuid"), ("document", "uuid"), ("category", "text not null")),
    key=2,
    indexes=("create index on p_citations (document, category, stream)",),
    rows=rows,
    shortcut=changed,
)

# --- As known at a position -------------------------------------------------------------------------------------------


def said(ref: Ref, state: Any, day: date) -> dict[Key, Row]:
    """The documents that what holds cites."""
    return {(document,): (ref.category,) for document in every(parts(state))}


class Cited(Bitemporal, frozen=True, kw_only=True):
    """On each day the documents that what holds then cites, and those of the events that take effect later."""

    def whole(self, ref: Ref, edges: Sequence[Edge]) -> Told:
        """What is said over all days."""
        counts: Counter[UUID] = Counter()
        holds: list[set[UUID]] = []
        before = type(edges[0].state)()
        for edge in edges:
            for _, old, new in touched(before, edge.state):
                counts.subtract(documents(old) if old is not None else ())
                counts.update(documents(new) if new is not None else ())
            holds.append({document for document, count in counts.items() if count > 0})
            before = edge.state
        later: set[UUID] = set()
        for index in range(len(edges) - 1, -1, -1):
            holds[index] |= later
            later = later.union(*map(documents, edges[index].records))
        told: Told = {}
        for index, cited in enumerate(holds):
            ends = edges[index + 1].starts if index + 1 < len(edges) else date.max
            lay(told, edges[index].starts, ends, {(document,): (ref.category,) for document in cited})
        return told

    def further(self, ref: Ref, told: Told, step: Step) -> dict[Key, tuple[int, Line]]:
        """What an event in its order changes: on the days before its own it is one that takes effect later."""
        came: set[UUID] = set()
        went: set[UUID] = set()
        for _, old, new in touched(step.before, step.after):
            came |= documents(new) if new is not None else set()
            went |= documents(old) if old is not None else set()
        own = documents(step.record)
        # What stands in a part that was touched is cited; for all else the whole state has to be looked through.
        cited = came if own | went <= came else every(parts(step.after))
        changed = {}
        for document in own | came | went:
            line, row = told.get((document,), []), (ref.category,)
            first = 0 if document in own else kept(line, step.cut)
            before: Line = [(date.min, step.cut, row)] if step.cut > date.min else []
            tail = before if document in own else list(clipped(line[first:], step.cut))
            if document in cited:
                tail = [*tail, (step.cut, date.max, row)]
            tail = joined(tail)
            if tail != line[first:]:
                changed[(document,)] = (first, tail)
        return changed


CITATIONS_KNOWN = bitemporal(
    name="citations",
    version=1,
    categories=CITATIONS.categories,
    keys=(("document", "uuid"),),
    values=(("category", "text not null"),),
    indexes=CITATIONS.indexes,
    kind=Cited,
    said=said,
)
