"""The values of a seed file's tables as the commands' JSON has them: keys become ids, short forms are written out."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any, get_args, get_origin
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec import Struct

from service.domain.decider import Command, Fact, Ref, State
from service.domain.discrepancy.claims import RecordClaim, kinds
from service.domain.document.state import Edit, PassedSpan, Span
from service.domain.values import (
    Credit,
    Magnitude,
    PartName,
    Person,
    PrintedName,
    Quantity,
    Subject,
    UncertainDate,
)
from service.seeding.shapes import MODULES, bare, category_of, fields, unknown

NAMESPACE = uuid5(NAMESPACE_URL, "urn:mengfu:seeds")
"""All ids of things in seed files follow from this one and a readable key."""

_CITE = re.compile(r"(?:(?P<document>[^:\s]+):)?(?P<start>[0-9]+)-(?P<end>[0-9]+)\s+(?P<sha256>[0-9a-f]{64})")
_SPAN = re.compile(r"([0-9]+)-([0-9]+)")
_QUANTITY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*(\S+)")
CITED_AT = "cite is START-END SHA256 of the words, as `mengfu cite` prints it, with DOCUMENT: before it for another one"


def thing_id(category: str, key: str) -> UUID:
    """The id of the thing with that key, the same everywhere: `thing_id("parties", "聊城市")`."""
    return uuid5(NAMESPACE, f"{category}/{key}")


def part_id(thing: UUID, key: str) -> UUID:
    """The id of a thing's part, such as a clause, from its key in the file."""
    return uuid5(thing, key)


class Problem(Exception):
    """Something in a table is wrong; `path` leads to it."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(problem)


def listed(value: object) -> list[Any]:
    """A table, or the tables of an array."""
    return value if isinstance(value, list) else [value]


class Values:
    """Writes out the values of one file, and keeps the `names` of the ids in it.

    `others` are the documents that citations may name, by the stems of their files. `basis` is that of every fact with
    citations and no basis of its own.
    """

    def __init__(self, stem: str, others: Collection[str]) -> None:
        self.stem = stem
        self.others = sorted({*others, stem})
        self.basis: str | None = None
        self.names: dict[str, str] = {}

    def name(self, category: str, key: object, path: str) -> str:
        """The id that a key stands for, as text."""
        if not isinstance(key, str) or not key:
            raise Problem(path, f"a key is a text in quotes, not {key!r}")
        text = str(thing_id(category, key))
        self.names[f"{category}/{text}"] = self.names[text] = f"{category}/{key}"
        return text

    def part(self, thing: UUID, key: object, path: str) -> str:
        """The id that the key of a part stands for, as text."""
        if not isinstance(key, str) or not key:
            raise Problem(path, f"a key is a text in quotes, not {key!r}")
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
            raise Problem(path, f"{value!r}: name a part as clauses/KEY, beside the thing that it is of")
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
            raise Problem(path, f"{at!r}: {CITED_AT}")
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
            raise Problem(path, f"which document is {prefix!r}? {told}")
        return found[0]

    def span(self, value: object, path: str) -> dict[str, int]:
        """A span in short form."""
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise Problem(path, f"{value!r}: a span is START-END, in code points of the text")
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
                raise Problem(path, f"{value!r}: name a thing as agreements/KEY, with its kind: {', '.join(known)}")
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
                raise Problem(path, f"{value!r}: a quantity is a number and its unit, or a table")
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
            raise Problem(f"{path}, subject_part", f"{where!r}: name a part as steps/held, clauses/KEY, or header")
        if slash and "id" in part.__struct_fields__:
            rest = self.part(of.id, rest, path)
        elif slash:
            rest = ":".join(self.keyed(piece, path) for piece in rest.split(":"))
        table = {**table, "subject_part": f"{name}{slash}{rest}"}
        if isinstance(field, str) and field in (known := kinds(part)) and "value" in table:
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
            raise Problem(path, f"{table!r} stands where a table is needed")
        if kind is RecordClaim:
            table = self.claim(table, path)
        hints = fields(kind)
        written: dict[str, Any] = {}
        for name, value in table.items():
            inner = f"{path}, {name}" if path else name
            if name == "cite" and "citations" in hints:
                written["citations"] = [self.citation(each, inner) for each in listed(value)]
            elif name not in hints or name == "citations":
                raise Problem(inner, unknown(name, [*(set(hints) - {"citations"}), "cite"], "field"))
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
            raise Problem(pointer.rstrip("`").lstrip("."), problem) from None
