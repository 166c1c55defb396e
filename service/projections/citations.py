"""Which things rest on this document? Each stream with the documents that any fact of it cites."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from service.domain.decider import Folded, Recorded, Ref, parts
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
    """The difference by identity: a stream of a thousand clauses is searched through only when a citation goes."""
    if before is None:
        return list(rows(ref, after)), []
    old, new = dict(facts(before)), dict(facts(after))
    came = every((name, fact) for name, fact in new.items() if old.get(name) is not fact)
    went = every((name, fact) for name, fact in old.items() if new.get(name) is not fact) - came
    put = [one for one in came if not any(one in documents(fact) for fact in old.values())]
    gone = [one for one in went if not any(one in documents(fact) for fact in new.values())]
    return [(ref.id, one, ref.category) for one in put], [(ref.id, one) for one in gone]


CITATIONS = Projection(
    name="citations",
    version=1,
    categories=frozenset({"agreements", "parties", "documents"}),
    columns=(("stream", "uuid"), ("document", "uuid"), ("category", "text not null")),
    key=2,
    indexes=("create index on p_citations (document, category, stream)",),
    rows=rows,
    shortcut=changed,
)
