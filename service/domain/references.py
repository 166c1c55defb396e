"""What a command or an event names, read off its types.

A field that holds an id says of what in its type (`PartyId`, `AgreementId`, `DocumentId`), or holds a `Subject`. From
that the registry knows which streams to load, checks that each exists, and points at the one that doesn't: nobody lists
references by hand, and a correction is checked as the command was.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import UNSET, Meta, Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.decider import Ref, Refs
from service.domain.parts import part_of
from service.domain.values import Citation, Part, PartName, Subject

Found = Ref | Citation
Reader = Callable[[Any, str], Iterator[tuple[str, Found]]]


def _subject(value: str, pointer: str) -> Iterator[tuple[str, Found]]:
    yield pointer, Ref.of(value)


def _struct(value: Struct, pointer: str) -> Iterator[tuple[str, Found]]:
    return references(value, pointer)


def _reader(annotation: Any) -> Reader | None:
    """How to find references in a value of that type, None where there can be none."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *metas = get_args(annotation)
        for meta in metas:
            if isinstance(meta, Meta) and meta.extra and "category" in meta.extra:
                category: str = meta.extra["category"]
                return lambda value, pointer: iter(((pointer, Ref(category, value)),))
        return _subject if annotation == Subject else _reader(base)
    if origin is Union or origin is UnionType:
        found = [reader for arg in get_args(annotation) if (reader := _reader(arg)) is not None]
        return found[0] if found else None
    if origin is tuple:
        inner = _reader(get_args(annotation)[0])
        if inner is None:
            return None
        each: Reader = inner

        def items(value: Any, pointer: str) -> Iterator[tuple[str, Found]]:
            for index, item in enumerate(value):
                yield from each(item, f"{pointer}/{index}")

        return items
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _struct if annotation is Citation or _readers(annotation) else None
    return None


@cache
def _readers(kind: type[Struct]) -> tuple[tuple[str, Reader], ...]:
    hints = get_type_hints(kind, include_extras=True)
    found = ((field, _reader(hints[field])) for field in kind.__struct_fields__)
    return tuple((field, reader) for field, reader in found if reader is not None)


def references(fact: Struct, pointer: str = "") -> Iterator[tuple[str, Found]]:
    """Every stream that a fact names and every citation in it, with the RFC 6901 pointer to each.

    A citation comes after the document that it names.
    """
    for field, reader in _readers(type(fact)):
        value = getattr(fact, field)
        if value is not None and value is not UNSET and value != ():
            yield from reader(value, f"{pointer}/{field}")
    if isinstance(fact, Citation):
        yield pointer, fact


def _cites(annotation: Any) -> bool:
    """Whether a value of that type may hold a citation."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation is Citation or bool(_citing(annotation))
    return any(map(_cites, get_args(annotation)))


@cache
def _citing(kind: type[Struct]) -> tuple[str, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(field for field in kind.__struct_fields__ if _cites(hints[field]))


def citations(value: Any) -> Iterator[Citation]:
    """Every citation in a fact, at any depth: those of `references`, at less cost."""
    if isinstance(value, Citation):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from citations(item)
    elif isinstance(value, Struct):
        for field in _citing(type(value)):
            yield from citations(getattr(value, field))


def part_named(refs: Refs, subject: str, name: PartName | None, pointer: str) -> Part | None:
    """The part of another thing that a command names beside the thing's subject; None where it names none.

    Raises UnknownPart, at the pointer, where there is none of that name, or it has no id of its own.
    """
    if name is None:
        return None
    other = refs[Ref.of(subject)]
    part = part_of(other, name) if other is not None else None
    if part is None or "id" not in part.__struct_fields__:
        raise errors.UnknownPart(pointer, part=name, subject=subject)
    return part


def rewrite(fact: Any, change: Callable[[Citation], Citation]) -> Any:
    """The fact with each citation in it, at any depth, changed; one that comes out twice in a place stands once."""
    if isinstance(fact, Citation):
        return change(fact)
    if isinstance(fact, tuple):
        items = tuple(rewrite(item, change) for item in fact)
        if items and isinstance(items[0], Citation):
            items = tuple(dict.fromkeys(items))
        same = len(items) == len(fact) and all(new is old for new, old in zip(items, fact, strict=True))
        return fact if same else items
    if isinstance(fact, Struct):
        changed = {}
        for field, _ in _readers(type(fact)):
            old = getattr(fact, field)
            if isinstance(old, (tuple, Struct)) and (new := rewrite(old, change)) is not old:
                changed[field] = new
        return replace(fact, **changed) if changed else fact
    return fact
