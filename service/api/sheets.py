"""Pages as sheets: one row an item, for whoever reads with a spreadsheet or a few lines of a script.

A field inside a field is a column with a dot in its name (`one.name`); a list is told as JSON in its cell. What is
unknown is an empty cell. Nothing is ever a formula: in XLSX all words are written as words; CSV (RFC 4180) has the bare
values, so a program that takes what begins with = for a formula has to be told that the columns are text. What a cell
of XLSX cannot hold is cut and ends in …; CSV has it whole.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

import msgspec
import xlsxwriter  # type: ignore[import-untyped] # it comes without types
from msgspec import Struct

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767
"""UTF-16 code units that a cell of XLSX holds."""


def columns(kind: Any, under: str = "") -> list[str]:
    """The names of a sheet's columns, from the type of its rows."""
    named: list[str] = []
    for field in msgspec.structs.fields(kind):
        name, inner = under + field.encode_name, _struct(field.type)
        named += columns(inner, f"{name}.") if inner is not None else [name]
    return named


def _struct(kind: Any) -> type[Struct] | None:
    """The struct that a field holds, or may hold beside None."""
    found = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, Struct)]
    return found[0] if len(found) == 1 and set(get_args(kind)) <= {found[0], type(None)} else None


def cell(item: Any, name: str) -> str | int | None:
    """What stands in a column of an item, which is as JSON has it."""
    for step in name.split("."):
        item = item.get(step) if item is not None else None
    return item if isinstance(item, str | int | None) else msgspec.json.encode(item).decode()


def _cut(value: str) -> str:
    """What a cell of XLSX can hold of a text; a cut one ends in …, so that nobody takes it for the whole."""
    units = value.encode("utf-16-le")
    return value if len(units) <= 2 * LONGEST else units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def as_csv(named: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """The sheet as CSV in UTF-8, its first line the columns' names."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(named)
    writer.writerows([str(value).lower() if isinstance(value, bool) else value for value in row] for row in rows)
    return text.getvalue().encode()


def as_xlsx(named: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """The sheet as a workbook of one sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate((named, *rows)):
            for column, value in enumerate(row):
                if isinstance(value, bool):
                    sheet.write_boolean(line, column, value)
                elif isinstance(value, str):
                    sheet.write_string(line, column, _cut(value))
                elif value is not None:
                    sheet.write_number(line, column, value)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


_MADE: dict[str, Callable[[Sequence[str], Iterable[Sequence[str | int | None]]], bytes]] = {CSV: as_csv, XLSX: as_xlsx}


def sheet(media: str, kind: type[Struct], items: Iterable[Any]) -> bytes:
    """The items, which are of that kind, as a sheet of that media type."""
    named, written = columns(kind), msgspec.json.decode(msgspec.json.encode(list(items)))
    return _MADE[media](named, [[cell(item, name) for name in named] for item in written])
