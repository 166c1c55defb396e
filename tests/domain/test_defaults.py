"""What is left unsaid says nothing: in what is stored, and in what is sent, no default states anything."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from service.domain import agreement, discrepancy, document, figure, meeting, party, plan, statement, task
from service.domain.catalogue import EVENTS
from service.domain.values import Value

COMMANDS: tuple[type[Any], ...] = tuple(
    command
    for module in (agreement, party, document, meeting, statement, plan, task, discrepancy, figure)
    for command in (module.Register, *get_args(module.Contained))
)
SAYS: dict[tuple[str, str], str] = {
    ("Citation", "text_version"): "offsets always point into the captured text; the field names what they are of",
}
"""Defaults that state something after all, each with its reason."""


def structs(kind: inspect.Type, seen: set[type[Any]]) -> Iterator[inspect.StructType]:
    """The structs within a type, each once."""
    match kind:
        case inspect.StructType(cls=cls) if cls not in seen:
            seen.add(cls)
            yield kind
            for field in kind.fields:
                yield from structs(field.type, seen)
        case inspect.UnionType(types=types):
            for one in types:
                yield from structs(one, seen)
        case inspect.VarTupleType(item_type=one) | inspect.Metadata(type=one):
            yield from structs(one, seen)
        case _:
            return


@pytest.mark.parametrize("kind", [*EVENTS.values(), *COMMANDS, *Value.__subclasses__()], ids=lambda kind: kind.__name__)
def test_no_default_states_anything(kind: type[Any]) -> None:
    """A field that may be left out is then unknown (None, the empty tuple) or untouched (UNSET), at any depth."""
    for struct in structs(inspect.type_info(kind), set()):
        for field in struct.fields:
            if (struct.cls.__name__, field.name) in SAYS:
                continue
            assert field.default_factory is msgspec.NODEFAULT, (struct.cls, field.name)
            assert field.default in (msgspec.NODEFAULT, None, (), msgspec.UNSET), (struct.cls, field.name)
