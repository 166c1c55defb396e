"""Which things rest on this document? Each stream with the documents that any fact of it cites."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from service.domain.catalogue import DECIDERS
from service.domain.decider import Recorded, Ref
from service.domain.folding import Folded
from service.domain.parts import parts, touched
from service.domain.references import references
from service.domain.values import Citation, Part
from service.projections import Projection, Row


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
