"""What the tables of a seed file may hold, by the types of the commands: their fields, and the commands inside them.

Nothing here knows a single field: a new command is written in seed files the day that it exists.
"""

import difflib
import re
from collections.abc import Iterable
from functools import cache
from types import ModuleType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct, UnsetType

from service.domain import agreement, discrepancy, document, figure, meeting, party, plan, project, statement, task
from service.domain.decider import Command, Fact
from service.domain.values import PartName, Subject

MODULES: dict[str, tuple[str, ModuleType]] = {
    "document": ("documents", document),
    "party": ("parties", party),
    "agreement": ("agreements", agreement),
    "meeting": ("meetings", meeting),
    "statement": ("statements", statement),
    "plan": ("plans", plan),
    "task": ("tasks", task),
    "project": ("projects", project),
    "figure": ("figures", figure),
    "discrepancy": ("discrepancies", discrepancy),
}
"""The tables of a file in the order that their things are sent in, the category of each and who knows its commands."""


def snake(name: str) -> str:
    """A command's class name as tables have it: AmendClause is `amend_clause`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def bare(hint: Any) -> Any:
    """A type without None, UNSET and, unless it names a reference, without its annotations."""
    origin = get_origin(hint)
    if origin is Union or origin is UnionType:
        return bare(next(arg for arg in get_args(hint) if arg not in {type(None), UnsetType}))
    if origin is Annotated and hint not in {Subject, PartName} and category_of(hint) is None:
        return bare(get_args(hint)[0])
    return hint


def category_of(hint: Any) -> str | None:
    """The category of things that an id of this type names."""
    for meta in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        if isinstance(meta, Meta) and meta.extra and "category" in meta.extra:
            return str(meta.extra["category"])
    return None


@cache
def fields(kind: type[Struct]) -> dict[str, Any]:
    """A struct's fields with their types."""
    return get_type_hints(kind, include_extras=True)


@cache
def contained(kind: type[Struct]) -> dict[str, type[Command]]:
    """The fields of a Register that hold commands: single ones first, as they are decided, then the lists."""
    single, many = {}, {}
    for name, hint in fields(kind).items():
        inner = bare(hint)
        if get_origin(inner) is tuple and _is_command(item := bare(get_args(inner)[0])):
            many[name] = item
        elif _is_command(inner):
            single[name] = inner
    late = {name: single.pop(name) for name in getattr(kind, "last", ())}
    return {**single, **many, **late}


def _is_command(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Command)


def told_whole(kind: type[Struct]) -> set[str]:
    """The commands inside a Register without which it is none: told with it, once all that they are about stands."""
    return contained(kind).keys() & {field.name for field in msgspec.structs.fields(kind) if field.required}


def own_fields(kind: type[Command]) -> dict[str, bool]:
    """The fields of a command besides those of every fact, and whether each is required."""
    return {
        field.name: field.required for field in msgspec.structs.fields(kind) if field.name not in Fact.__struct_fields__
    }


@cache
def apart(module: ModuleType) -> dict[str, type[Command]]:
    """The fields of a thing that may be told apart from its registration, and the command that tells each alone."""
    register = own_fields(module.Register)
    found: dict[str, type[Command]] = {}
    for kind in get_args(module.Contained):
        told = own_fields(kind)
        needed = {name for name, required in told.items() if required}
        if told.keys() <= register.keys():
            found |= {name: kind for name in told if not register[name] and needed <= {name}}
    return found


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """That there is no such thing, and what was perhaps meant."""
    choices = sorted(set(known))
    near = difflib.get_close_matches(name, choices, 1)
    return f"there is no {what} {name}; " + (f"did you mean {near[0]}?" if near else f"there are {', '.join(choices)}")
