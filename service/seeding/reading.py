"""What a seed file says: its tables read as commands, by the types of the commands themselves.

Nothing here knows a single field: a new command is written in seed files the day that it exists.
"""

import difflib
import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec import Meta, Struct, UnsetType

from service.domain import agreement, discrepancy, document, figure, meeting, party, plan, project, statement, task
from service.domain.decider import Command, Fact, Ref, State, inherit
from service.domain.discrepancy.claims import RecordClaim, kinds
from service.domain.document.parts import PASSED_A_LINE, PassOver
from service.domain.document.state import Edit, PassedSpan, Span
from service.domain.references import references
from service.domain.values import (
    Basis,
    Citation,
    Credit,
    Magnitude,
    PartName,
    Person,
    PrintedName,
    Quantity,
    Subject,
    UncertainDate,
)

NAMESPACE = uuid5(NAMESPACE_URL, "urn:mengfu:seeds")
"""All ids of things in seed files follow from this one and a readable key."""


class SeedError(ValueError):
    """A seed file can't be taken in; each line of the message says where it is wrong and what to do."""


class Wish(Struct, frozen=True, kw_only=True):
    """One command of a seed file: on what, which field it comes from, and where it stands, for messages.

    `later`: it is none of those that a thing is registered with, such as an amendment.
    """

    ref: Ref
    command: Command
    field: str
    where: str
    later: bool = False

    @property
    def registers(self) -> bool:
        """Whether the command makes the thing."""
        return self.field == self.ref.category


class SeedFile(Struct, frozen=True, kw_only=True):
    """A seed file, read: its commands in the order that they are sent in, and the readable names of the ids in it.

    `propose`: what it tells otherwise than recorded is a discrepancy, no mistake.
    """

    name: str
    sha256: str
    document: Ref
    propose: bool
    wishes: tuple[Wish, ...]
    names: Mapping[str, str]

    @property
    def citations(self) -> int:
        """How many citations the facts carry."""
        return sum(isinstance(found, Citation) for wish in self.wishes for _, found in references(wish.command))

    def counts(self) -> dict[str, int]:
        """How many facts of each kind the file tells, by their names in it: parties, aliases, clauses, obligation."""
        found: Counter[str] = Counter()
        for wish in self.wishes:
            inside = (name for name in wish.command.__struct_fields__ if isinstance(getattr(wish.command, name), Fact))
            found.update((wish.field, *inside))
        return dict(found)

    def readable(self, text: str) -> str:
        """The text with ids replaced by the keys that stand for them in the file."""
        return _UUID.sub(lambda match: self.names.get(match[0]) or match[1] + self.names.get(match[2], match[2]), text)


def thing_id(category: str, key: str) -> UUID:
    """The id of the thing with that key, the same everywhere: `thing_id("parties", "聊城市")`."""
    return uuid5(NAMESPACE, f"{category}/{key}")


def part_id(thing: UUID, key: str) -> UUID:
    """The id of a thing's part, such as a clause, from its key in the file."""
    return uuid5(thing, key)


# --- From a file to commands ------------------------------------------------------------------------------------------

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

_UUID = re.compile(r"((?:[a-z]+/)?)([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})")
_CITE = re.compile(r"(?:(?P<document>[^:\s]+):)?(?P<start>[0-9]+)-(?P<end>[0-9]+)\s+(?P<sha256>[0-9a-f]{64})")
_SPAN = re.compile(r"([0-9]+)-([0-9]+)")
_QUANTITY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*(\S+)")
CITED_AT = "cite is START-END SHA256 of the words, as `mengfu cite` prints it, with DOCUMENT: before it for another one"


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


class _Problem(Exception):
    """Something in a table is wrong; `path` leads to it."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(problem)


def divided(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The fields of a table that it tells itself, and those that have words or a basis of their own: `{ is = … }`."""
    alone = {name: value for name, value in table.items() if isinstance(value, dict) and "is" in value}
    return {name: value for name, value in table.items() if name not in alone}, alone


def listed(value: object) -> list[Any]:
    """A table, or the tables of an array."""
    return value if isinstance(value, list) else [value]


class _Reader:
    """Reads one file; gathers what is wrong rather than stopping at the first."""

    def __init__(self, path: Path, body: bytes) -> None:
        self.file = path.name
        self.stem = path.name.removesuffix(".toml")
        self.others = sorted({other.name.removesuffix(".toml") for other in path.parent.glob("*.toml")} | {self.stem})
        self.sha256 = hashlib.sha256(body).hexdigest()
        self.basis: str | None = None
        self.problems: list[str] = []
        self.names: dict[str, str] = {}
        self.wishes: list[Wish] = []
        self.places: set[tuple[str, str]] = set()

    # --- Values ---------------------------------------------------------------------------------------------------

    def name(self, category: str, key: object, path: str) -> str:
        """The id that a key stands for, as text."""
        if not isinstance(key, str) or not key:
            raise _Problem(path, f"a key is a text in quotes, not {key!r}")
        text = str(thing_id(category, key))
        self.names[f"{category}/{text}"] = self.names[text] = f"{category}/{key}"
        return text

    def part(self, thing: UUID, key: object, path: str) -> str:
        """The id that the key of a part stands for, as text."""
        if not isinstance(key, str) or not key:
            raise _Problem(path, f"a key is a text in quotes, not {key!r}")
        text = str(part_id(thing, key))
        self.names[text] = key
        return text

    def part_name(self, value: object, hint: Any, thing: object, path: str) -> str:
        """A part of the thing that stands beside it, by its list and its key there: `clauses/一`."""
        category, key = category_of(bare(hint)), thing
        if category is None and isinstance(thing, str):
            category, _, key = thing.partition("/")
        found, slash, part = value.partition("/") if isinstance(value, str) else ("", "", "")
        if not slash or category is None or not isinstance(key, str):
            raise _Problem(path, f"{value!r}: name a part as clauses/KEY, beside the thing that it is of")
        return f"{found}/{self.part(thing_id(category, key), part, path)}"

    def citation(self, value: object, path: str) -> dict[str, Any]:
        """A citation in short form, or as a table."""
        table: dict[str, Any] = dict(value) if isinstance(value, dict) else {"at": value}
        at = table.pop("at", None)
        if at is None:
            table["document"] = self.name("documents", self.document(table.get("document"), path), path)
            return table
        match = _CITE.fullmatch(at) if isinstance(at, str) else None
        if match is None or "document" in table:
            raise _Problem(path, f"{at!r}: {CITED_AT}")
        cited = self.document(match["document"], path)
        table["document"] = self.name("documents", cited, path)
        return {**table, "start": int(match["start"]), "end": int(match["end"]), "sha256": match["sha256"]}

    def document(self, prefix: object, path: str) -> str:
        """The document that a prefix of its key names; the file's own without one."""
        if prefix is None:
            return self.stem
        found = [stem for stem in self.others if isinstance(prefix, str) and stem.startswith(prefix)]
        if len(found) != 1:
            told = f"{', '.join(found)} begin so" if found else f"the files are {', '.join(self.others)}"
            raise _Problem(path, f"which document is {prefix!r}? {told}")
        return found[0]

    def span(self, value: object, path: str) -> dict[str, int]:
        """A span in short form."""
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise _Problem(path, f"{value!r}: a span is START-END, in code points of the text")
        return {"start": int(match[1]), "end": int(match[2])}

    def value(self, hint: Any, value: Any, thing: Ref, path: str) -> Any:
        """A value as its type's JSON has it, with keys and short forms written out."""
        kind = bare(hint)
        category = category_of(kind)
        if category is not None:
            return self.name(category, value, path)
        if kind == Subject:
            found, slash, key = value.partition("/") if isinstance(value, str) else ("", "", "")
            known = [category for category, _ in MODULES.values()]
            if not slash or found not in known:
                raise _Problem(path, f"{value!r}: name a thing as agreements/KEY, with its kind: {', '.join(known)}")
            return f"{found}/{self.name(found, key, path)}"
        if kind is UUID:
            return self.part(thing.id, value, path)
        if get_origin(kind) is tuple and isinstance(value, list):
            item = get_args(kind)[0]
            return [self.value(item, each, thing, f"{path} {index}") for index, each in enumerate(value, 1)]
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.struct(kind, self.short(kind, value, path), thing, path)
        return value

    def short(self, kind: type[Struct], value: Any, path: str) -> Any:
        """A table for a value given in short form."""
        if kind is Edit:
            told = dict(value) if isinstance(value, dict) else {"at": value}
            if "at" in told:
                told = {**self.span(told.pop("at"), path), "length": len(str(told.get("text", ""))), **told}
            return told
        if isinstance(value, dict):
            if kind in {Span, PassedSpan} and "at" in value:
                return {**{k: v for k, v in value.items() if k != "at"}, **self.span(value["at"], path)}
            return value
        if kind is UncertainDate and isinstance(value, (date, str)):
            return {"earliest": str(value), "latest": str(value)}
        if kind is PrintedName and isinstance(value, str):
            return {"printed": value}
        if kind in {Person, Credit} and isinstance(value, str):
            return {"name": value}
        if kind is Span:
            return self.span(value, path)
        if kind in {Quantity, Magnitude} and isinstance(value, str):
            match = _QUANTITY.fullmatch(value)
            if match is None:
                raise _Problem(path, f"{value!r}: a quantity is a number and its unit, or a table")
            return {"value": match[1], "unit": match[2], "bound": "exact"}
        return value

    def claim(self, table: dict[str, Any], path: str) -> dict[str, Any]:
        """A claim with its part named as the log's events do, and its value written out as the field has it."""
        subject, where, field = (table.get(name) for name in ("subject", "subject_part", "field"))
        category, _, key = subject.partition("/") if isinstance(subject, str) else ("", "", "")
        if not isinstance(where, str) or category not in dict(MODULES.values()):
            return table
        of = Ref(category, thing_id(category, key))
        name, slash, rest = where.partition("/")
        state: State = dict(MODULES.values())[category].DECIDER.initial
        hint = fields(type(state)).get(name)
        part = get_args(hint)[-1] if get_origin(hint) is dict else bare(hint) if hint is not None else None
        if part is None:
            raise _Problem(f"{path}, subject_part", f"{where!r}: name a part as steps/held, clauses/KEY, or header")
        if slash and "id" in part.__struct_fields__:
            rest = self.part(of.id, rest, path)
        elif slash:
            rest = ":".join(self.keyed(piece, path) for piece in rest.split(":"))
        table = {**table, "subject_part": f"{name}{slash}{rest}"}
        if field in (known := kinds(part)) and "value" in table:
            told = table["value"]
            if bare(known[field]) is UUID and isinstance(told, str):
                table["value"] = self.keyed(told, path).rpartition("/")[2]
            else:
                table["value"] = self.value(known[field], told, of, f"{path}, value")
        return table

    def keyed(self, piece: str, path: str) -> str:
        """A piece of a part's key with the id in the place of a thing's: `@KEY` of a party, `agreements/KEY` of any."""
        if piece.startswith("@"):
            return self.name("parties", piece[1:], path)
        category, slash, key = piece.partition("/")
        return f"{category}/{self.name(category, key, path)}" if slash and category in dict(MODULES.values()) else piece

    def struct(self, kind: type[Struct], table: Any, thing: Ref, path: str) -> Any:
        """A table as the struct's JSON has it."""
        if not isinstance(table, dict):
            raise _Problem(path, f"{table!r} stands where a table is needed")
        if kind is RecordClaim:
            table = self.claim(table, path)
        hints = fields(kind)
        written: dict[str, Any] = {}
        for name, value in table.items():
            inner = f"{path}, {name}" if path else name
            if name == "cite" and "citations" in hints:
                written["citations"] = [self.citation(each, inner) for each in listed(value)]
            elif name not in hints or name == "citations":
                raise _Problem(inner, unknown(name, [*(set(hints) - {"citations"}), "cite"], "field"))
            elif bare(hints[name]) == PartName:
                of = name.removesuffix("_part")
                written[name] = self.part_name(value, hints[of], table.get(of), inner)
            else:
                written[name] = self.value(hints[name], value, thing, inner)
        if self.basis is not None and written.get("citations") and issubclass(kind, Fact):
            written.setdefault("basis", self.basis)
        return written

    def command(self, kind: type[Command], table: Any, thing: Ref) -> Any:
        """A table as a command."""
        written = self.struct(kind, table, thing, "")
        try:
            return msgspec.convert(written, kind)
        except msgspec.ValidationError as error:
            problem, _, pointer = str(error).partition(" - at `$")
            raise _Problem(pointer.rstrip("`").lstrip("."), problem) from None

    # --- Tables ---------------------------------------------------------------------------------------------------

    def wish(self, thing: Ref, command: Command, field: str, where: str, *, later: bool = False) -> None:
        """Keep a command; a fact says where it stands, or what else it rests on."""
        if not command.citations and command.basis in {None, "stated", "restored"}:
            what = f"a {command.basis} fact" if command.basis else "a fact without basis"
            self.problems.append(f"{where}: {what} needs cite, or another basis with a note")
        self.wishes.append(Wish(ref=thing, command=command, field=field, where=where, later=later))

    def thing(self, table_name: str, table: Any, number: int) -> None:
        """The commands of one thing's table."""
        category, module = MODULES[table_name]
        header = f"[{table_name}]" if table_name == "document" else f"[[{table_name}]] {number}"
        where = f"{self.file}: {header}"
        if not isinstance(table, dict):
            self.problems.append(f"{where}: this is {table!r}, not a table")
            return
        table = dict(table)
        key = table.pop("key", self.stem if table_name == "document" else None)
        if not isinstance(key, str) or not key:
            self.problems.append(f"{where}: a thing needs a key, the readable name that others call it by")
            return
        where = f"{self.file}: [{table_name}] {key}"
        if (category, key) in self.places:
            self.problems.append(f"{where}: two tables have this key; join them, or give one another key")
            return
        self.places.add((category, key))
        thing = Ref(category, UUID(self.name(category, key, "key")))
        register: type[Command] = module.Register
        inside = {name: kind for name, kind in contained(register).items() if name not in told_whole(register)}
        others = {snake(kind.__name__): kind for kind in get_args(module.Contained)}
        head = {name: value for name, value in table.items() if name not in inside and name not in others}
        head, alone = divided(head)
        whole = Command()
        try:
            if not set(head) <= {*Command.__struct_fields__, "cite"}:
                whole = self.registration(register, head, thing, [*others, "key"])
                self.wish(thing, whole, category, where, later=bool(told_whole(register)))
            else:
                whole = self.command(Command, head, thing)
        except _Problem as problem:
            self.problem(where, problem)
        singly = apart(module)
        for name, value in alone.items():
            if name in singly:
                self.told_apart(singly[name], {}, name, value, thing, whole, where)
            else:
                told = unknown(name, [*singly, *inside, *others], "field told apart by `is`")
                self.problems.append(f"{where}, {name}: {told}")
        ids: set[object] = set()
        order = [*inside, *(name for name in others if name not in inside)]
        for name in sorted((name for name in table if name in inside or name in others), key=order.index):
            kind = inside.get(name) or others[name]
            for index, item in enumerate(listed(table[name]), 1):
                place = f"{where}, {name} {index}"
                item, alone = divided(item) if isinstance(item, dict) else (item, {})  # noqa: PLW2901
                try:
                    command = self.command(kind, item, thing)
                except _Problem as problem:
                    self.problem(place, problem)
                    continue
                known = getattr(command, "id", None)
                if known is not None and known in ids:
                    self.problems.append(f"{place}: two {name} have the id {item['id']!r}; give one another")
                ids.add(known)
                later = name not in inside
                command = within(whole, command)
                self.wish(thing, command, name, place, later=later)
                called = {field: value for field, value in item.items() if own_fields(kind).get(field) or field == "id"}
                for field, value in alone.items():
                    self.told_apart(kind, called, field, value, thing, command, place, later=later)

    def told_apart(
        self,
        kind: type[Command],
        called: Mapping[str, Any],
        field: str,
        value: Mapping[str, Any],
        thing: Ref,
        beside: Command,
        where: str,
        *,
        later: bool = False,
    ) -> None:
        """A field with words or a basis of its own, as a command beside the one that tells the rest.

        `called` are the fields that say of what it is.
        """
        table = {name: told for name, told in value.items() if name != "is"}
        where = f"{where}, {field}"
        try:
            command = self.command(kind, {**called, **table, field: value["is"]}, thing)
        except _Problem as problem:
            self.problem(where, problem)
        else:
            self.wish(thing, within(beside, command), field, where, later=later)

    def registration(self, register: type[Command], head: Any, thing: Ref, others: Sequence[str]) -> Command:
        """What makes a thing, without what stands inside."""
        known = [*fields(register), "cite"]
        for name in head:
            if name not in known:
                raise _Problem(name, unknown(name, [*known, *others], "field"))
        needed = {field.name for field in msgspec.structs.fields(register) if field.required}
        if missing := sorted(needed - set(head)):
            raise _Problem("", f"{', '.join(missing)} is missing")
        command: Command = self.command(register, head, thing)
        return command

    def problem(self, where: str, problem: _Problem) -> None:
        """Keep what is wrong."""
        place = f"{where}, {problem.path}" if problem.path else where
        self.problems.append(f"{place}: {problem.problem}")

    def spans(self, name: str, table: Any, index: int) -> tuple[list[dict[str, int]], dict[str, Any], str]:
        """The spans of a table with `at`, its other fields, and where it stands."""
        where = f"{self.file}: [[{name}]] {index}"
        rest = dict(table)
        found = []
        for at in listed(rest.pop("at", [])):
            try:
                found.append(self.span(at, "at"))
            except _Problem as problem:
                self.problem(where, problem)
        if not found:
            self.problems.append(f'{where}: a span is missing, as at = ["120-150"]')
        return found, rest, where

    def passed(self, tables: Iterable[Any], thing: Ref) -> None:
        """What no fact is taken from."""
        spans: list[PassedSpan] = []
        for index, table in enumerate(tables, 1):
            found, rest, where = self.spans("passed", table, index)
            for span in found:
                try:
                    spans.append(msgspec.convert({**rest, **span}, PassedSpan))
                except msgspec.ValidationError as error:
                    self.problems.append(f"{where}: {error}")
        if spans:
            spans.sort(key=lambda span: span.start)
            for start in range(0, len(spans), PASSED_A_LINE):
                some = tuple(spans[start : start + PASSED_A_LINE])
                command = PassOver(spans=some, basis="curated")
                self.wish(thing, command, "passed", f"{self.file}: [[passed]]")

    def read(self, body: bytes) -> SeedFile:
        """The whole file."""
        try:
            tables = tomllib.loads(body.decode())
        except tomllib.TOMLDecodeError as error:
            raise SeedError(f"{self.file}: this is not TOML: {error}") from None
        except UnicodeDecodeError as error:
            raise SeedError(f"{self.file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
        self.basis = tables.pop("basis", None)
        if self.basis not in {None, *get_args(Basis)}:
            self.problems.append(f"{self.file}: basis: {unknown(str(self.basis), get_args(Basis), 'basis')}")
            self.basis = None
        on_conflict = tables.pop("on_conflict", "refuse")
        if on_conflict not in {"refuse", "propose"}:
            self.problems.append(f"{self.file}: on_conflict: {on_conflict!r} is neither refuse nor propose")
        known = [*MODULES, "passed"]
        for name in tables:
            if name not in known:
                self.problems.append(
                    f"{self.file}: [{name}]: {unknown(name, [*known, 'basis', 'on_conflict'], 'table')}"
                )
        if not isinstance(tables.get("document"), dict):
            raise SeedError(f"{self.file}: [document] is missing: the document that the file's facts are taken from")
        own = Ref("documents", thing_id("documents", self.stem))
        for name in MODULES:
            for number, table in enumerate(listed(tables.get(name, [])), 1):
                self.thing(name, table, number)
        self.passed(listed(tables.get("passed", [])), own)
        if self.problems:
            raise SeedError("\n".join(self.problems))
        return SeedFile(
            name=self.file,
            sha256=self.sha256,
            document=own,
            propose=on_conflict == "propose",
            wishes=ordered(self.wishes),
            names=self.names,
        )


def ordered(wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """Things first, each after those that its registration names; then what they are made of; then what became of them.

    What is told whole, since it is about the parts of others, comes before what became of any.
    A circle of parents is left as it stands, for the decider to refuse.
    """
    makes = {wish.ref: wish for wish in wishes if wish.registers and not wish.later}
    done: dict[Ref, Wish] = {}
    begun: set[Ref] = set()

    def make(wish: Wish) -> None:
        if wish.ref in begun:
            return
        begun.add(wish.ref)
        for _, ref in references(wish.command):
            if isinstance(ref, Ref) and ref in makes:
                make(makes[ref])
        done[wish.ref] = wish

    for wish in makes.values():
        make(wish)
    rest = [wish for wish in wishes if wish.ref not in makes or not wish.registers]
    return (*done.values(), *sorted(rest, key=lambda wish: (wish.later, not wish.registers)))


def within(whole: Fact, item: Any) -> Any:
    """A fact as it stands in another one: without words of its own to cite, it rests on what that one rests on."""
    return item if item.citations else inherit(whole, item)


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """That there is no such thing, and what was perhaps meant."""
    choices = sorted(set(known))
    near = difflib.get_close_matches(name, choices, 1)
    return f"there is no {what} {name}; " + (f"did you mean {near[0]}?" if near else f"there are {', '.join(choices)}")


def load(path: Path, text: str | None = None) -> SeedFile:
    """Read a seed file. With the document's text, every citation of it is checked against the words.

    Raises SeedError with one line for each thing that is wrong.
    """
    body = path.read_bytes()
    seed = _Reader(path, body).read(body)
    if text is not None and (wrong := list(misquoted(seed, text))):
        raise SeedError("\n".join(wrong))
    return seed


def misquoted(seed: SeedFile, text: str) -> Iterator[str]:
    """Citations of the file's document whose hash is not that of the words in its text."""
    for wish in seed.wishes:
        for _, citation in references(wish.command):
            if isinstance(citation, Citation) and citation.document == seed.document.id and citation.start is not None:
                actual = short_citation(text, citation.start, citation.end or 0)
                if citation.sha256 != actual.rpartition(" ")[2]:
                    told = f"{citation.start}-{citation.end}"
                    yield f"{wish.where}: cite {told}: other words stand there; if they are meant, write {actual}"


def short_citation(text: str, start: int, end: int) -> str:
    """The citation of a slice, as seed files hold it."""
    return f"{start}-{end} {hashlib.sha256(text[start:end].encode()).hexdigest()}"
