"""Reads a seed file: its tables as commands. What is wrong is gathered, and told with its file, table and key."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import msgspec

from service.domain.decider import Command, Fact, Ref, inherit
from service.domain.document.parts import PASSED_A_LINE, PassOver
from service.domain.document.state import PassedSpan
from service.domain.values import Basis
from service.seeding.file import SeedError, SeedFile, Wish, misquoted, ordered
from service.seeding.shapes import MODULES, apart, contained, fields, own_fields, snake, told_whole, unknown
from service.seeding.values import Problem, Values, listed, thing_id


def divided(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The fields of a table that it tells itself, and those that have words or a basis of their own: `{ is = … }`."""
    alone = {name: value for name, value in table.items() if isinstance(value, dict) and "is" in value}
    return {name: value for name, value in table.items() if name not in alone}, alone


def within(whole: Fact, item: Any) -> Any:
    """A fact as it stands in another one: without words of its own to cite, it rests on what that one rests on."""
    return item if item.citations else inherit(whole, item)


class _Reader:
    """Reads one file; gathers what is wrong rather than stopping at the first."""

    def __init__(self, path: Path, body: bytes) -> None:
        self.file = path.name
        self.stem = path.name.removesuffix(".toml")
        self.values = Values(self.stem, {other.name.removesuffix(".toml") for other in path.parent.glob("*.toml")})
        self.sha256 = hashlib.sha256(body).hexdigest()
        self.problems: list[str] = []
        self.wishes: list[Wish] = []
        self.places: set[tuple[str, str]] = set()

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
        thing = Ref(category, UUID(self.values.name(category, key, "key")))
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
                whole = self.values.command(Command, head, thing)
        except Problem as problem:
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
                    command = self.values.command(kind, item, thing)
                except Problem as problem:
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
            command = self.values.command(kind, {**called, **table, field: value["is"]}, thing)
        except Problem as problem:
            self.problem(where, problem)
        else:
            self.wish(thing, within(beside, command), field, where, later=later)

    def registration(self, register: type[Command], head: Any, thing: Ref, others: Sequence[str]) -> Command:
        """What makes a thing, without what stands inside."""
        known = [*fields(register), "cite"]
        for name in head:
            if name not in known:
                raise Problem(name, unknown(name, [*known, *others], "field"))
        needed = {field.name for field in msgspec.structs.fields(register) if field.required}
        if missing := sorted(needed - set(head)):
            raise Problem("", f"{', '.join(missing)} is missing")
        command: Command = self.values.command(register, head, thing)
        return command

    def problem(self, where: str, problem: Problem) -> None:
        """Keep what is wrong."""
        place = f"{where}, {problem.path}" if problem.path else where
        self.problems.append(f"{place}: {problem.problem}")

    def passed(self, tables: Iterable[Any], thing: Ref) -> None:
        """What no fact is taken from."""
        spans: list[PassedSpan] = []
        for index, table in enumerate(tables, 1):
            where = f"{self.file}: [[passed]] {index}"
            if not isinstance(table, dict):
                self.problems.append(f"{where}: this is {table!r}, not a table")
                continue
            rest = dict(table)
            places = listed(rest.pop("at", []))
            if not places:
                self.problems.append(f'{where}: a span is missing, as at = ["120-150"]')
            for at in places:
                try:
                    spans.append(msgspec.convert({**rest, **self.values.span(at, "at")}, PassedSpan))
                except Problem as problem:
                    self.problem(where, problem)
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
        self.values.basis = tables.pop("basis", None)
        if self.values.basis not in (None, *get_args(Basis)):
            self.problems.append(f"{self.file}: basis: {unknown(str(self.values.basis), get_args(Basis), 'basis')}")
            self.values.basis = None
        on_conflict = tables.pop("on_conflict", "refuse")
        if on_conflict not in ("refuse", "propose"):
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
            names=self.values.names,
        )


def load(path: Path, text: str | None = None) -> SeedFile:
    """Read a seed file. With the document's text, every citation of it is checked against the words.

    Raises SeedError with one line for each thing that is wrong.
    """
    body = path.read_bytes()
    seed = _Reader(path, body).read(body)
    if text is not None and (wrong := list(misquoted(seed, text))):
        raise SeedError("\n".join(wrong))
    return seed
