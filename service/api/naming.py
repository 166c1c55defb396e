"""Names that commands of a transaction give to what they make, and the ids that later ones mean by them.

`@supplement` is the id of what the command called `supplement` makes, `@supplement.clauses.0` the id of the first of
the clauses told inside it. A name counts only where the body's type says that an id stands, alone or in a subject
(`agreements/@supplement`) or the name of a part (`clauses/@supplement.clauses.0`): free text is never looked at, so a
text may well be "@supplement".
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from service.api.operations import Operation
from service.api.problems import UnknownName
from service.domain import errors
from service.domain.values import PartName, StatePart, Subject
from service.registry import Order

MOST = 50_000
"""So many times may names be meant in one transaction: a name is much shorter than the id that comes in its place."""


class Made(Struct, frozen=True):
    """What a named command makes: a thing or a part, of which kind, with which id."""

    kind: str
    id: UUID
    operation: Operation
    order: Order


class Names:
    """The names of one transaction, as far as they are declared."""

    def __init__(self) -> None:
        """None are declared yet."""
        self._made: dict[str, Made] = {}
        self._meant = 0

    def __contains__(self, name: str) -> bool:
        """Whether the name is declared."""
        return name in self._made

    def declare(self, name: str, operation: Operation, order: Order) -> None:
        """Let the name stand for what a command makes. Raises Invalid where that has no id of its own."""
        if operation.creates:
            made = Made(order.ref.category, order.ref.id, operation, order)
        elif operation.makes is not None:
            kind = operation.under.rpartition("/")[2]
            made = Made(kind, operation.makes(order.ref.id, order.command), operation, order)
        else:
            raise errors.Invalid("", problem="this command makes nothing that has an id of its own")
        self._made[name] = made

    def id(self, said: str, pointer: str, category: str | None = None) -> UUID:
        """The id that `@name` or `@name.field.index` means.

        Raises UnknownName where no command before makes it, WrongKind where it is of another kind than `category`,
        Invalid where it is one name too many.
        """
        self._meant += 1
        if self._meant > MOST:
            raise errors.Invalid(pointer, problem=f"names stand in more than {MOST} places of the transaction")
        name, *inner = said[1:].split(".")
        if (made := self._made.get(name)) is None:
            raise UnknownName(pointer, name=said)
        kind, id = inside(made, *inner) if len(inner) == 2 else ("" if inner else made.kind, made.id)
        if not kind:
            raise UnknownName(pointer, name=said)
        if category is not None and kind != category:
            raise errors.WrongKind(pointer, subject=said, kind=kind, wanted=category)
        return id

    def fill(self, kind: Any, text: bytes | Raw, pointer: str) -> bytes | Raw:
        """A JSON text of that type with ids in the place of names; all else stays as it was sent, byte for byte."""
        filling = _filling(kind) if mentions(text) else None
        return text if filling is None else filling(Raw(bytes(text)), pointer, self) or text


def inside(made: Made, field: str, index: str) -> tuple[str, UUID]:
    """The kind and id of a part told inside a thing that is registered; the kind is empty where there is none."""
    items = getattr(made.order.command, field, None) if field in made.order.command.__struct_fields__ else None
    if made.operation.creates and isinstance(items, tuple) and index in map(str, range(len(items))):
        item = items[int(index)]
        for way in made.operation.resource.ways:
            if way.makes is not None and type(item) is way.command:
                return field, way.makes(made.order.ref.id, item)
    return "", made.id


# --- Where ids stand --------------------------------------------------------------------------------------------------

Filling = Callable[[Raw, str, Names], Raw | None]
"""Answers the text with ids in the place of names, None where it is none of that type, or has nothing to replace."""


def category_of(annotation: Any) -> str | None:
    """Of what a field holds the id; None where its type doesn't say."""
    for arg in get_args(annotation):
        if isinstance(arg, Meta) and arg.extra and "category" in arg.extra:
            found: str = arg.extra["category"]
            return found
    return None


@cache
def _filling(annotation: Any) -> Filling | None:
    """How to put ids in the place of names in the JSON text of a value of that type; None where no id can stand."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in {Subject, PartName, StatePart}:
        return _subject
    if annotation is UUID or (origin is Annotated and args[0] is UUID):
        return partial(_identifier, category_of(annotation))
    if origin is Annotated:
        return _filling(args[0])
    if origin is Union or origin is UnionType:
        return next((found for arg in args if (found := _filling(arg)) is not None), None)
    if origin is tuple and (item := _filling(args[0])) is not None:
        return partial(_items, item)
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        fields = {
            field.encode_name: found
            for field in msgspec.structs.fields(annotation)
            if (found := _filling(field.type)) is not None
        }
        return partial(_fields, fields) if fields else None
    return None


def _identifier(category: str | None, value: Raw, pointer: str, names: Names) -> Raw | None:
    said = read(value, str)
    return written(names.id(said, pointer, category)) if said is not None and said.startswith("@") else None


def _subject(value: Raw, pointer: str, names: Names) -> Raw | None:
    category, _, name = (read(value, str) or "").partition("/")
    return written(f"{category}/{names.id(name, pointer, category)}") if name.startswith("@") else None


def _items(item: Filling, value: Raw, pointer: str, names: Names) -> Raw | None:
    held = read(value, list[Raw])
    if held is None:
        return None
    for index, one in enumerate(held):
        if mentions(one):
            if (filled := item(one, f"{pointer}/{index}", names)) is None:
                break  # It is of another type than it should be: the decoder stops there, and needs no more filled.
            held[index] = filled
    return written(held)


def _fields(fields: Mapping[str, Filling], value: Raw, pointer: str, names: Names) -> Raw | None:
    held = read(value, dict[str, Raw])
    if held is None:
        return None
    changed = {
        name: filled
        for name, filling in fields.items()
        if name in held
        and mentions(held[name])
        and (filled := filling(held[name], f"{pointer}/{name}", names)) is not None
    }
    return written(held | changed) if changed else value


def mentions(text: bytes | Raw) -> bool:
    """Whether there can be a name in a JSON text; most have none, and are left as they are."""
    sent = bytes(text)
    return b"@" in sent or b"\\u0040" in sent


def read(value: Raw, kind: Any) -> Any:
    """The value of a JSON text, None where it is of another type: that is the decoder's to refuse."""
    try:
        return msgspec.json.decode(value, type=kind)
    except msgspec.ValidationError:
        return None


def written(value: Any) -> Raw:
    """The JSON text of a value."""
    return Raw(msgspec.json.encode(value))
