"""Pages as sheets: one row an item, for whoever reads with a spreadsheet or a few lines of a script.

A field inside a field is a column with a dot in its name (`one.name`); a list is told as JSON in its cell. What is
unknown is an empty cell. Nothing is ever a formula: in XLSX all words are written as words; in CSV (RFC 4180) what
begins like a formula has an apostrophe in front, as OWASP advises. CSV begins with a byte order mark: without one Excel
takes UTF-8 for the code page of its machine, and Chinese is lost. What a cell of XLSX
cannot hold is cut and ends in …; CSV has it whole.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any, get_args

import msgspec
from msgspec import Struct

from service.sheets import guarded

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767
"""UTF-16 code units that a cell of XLSX holds."""
MARK = b"\xef\xbb\xbf"
Cell = str | int | None


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


def cell(item: Any, name: str) -> Cell:
    """What stands in a column of an item, which is as JSON has it."""
    for step in name.split("."):
        item = item.get(step) if item is not None else None
    return item if isinstance(item, Cell) else msgspec.json.encode(item).decode()


def _cut(value: str) -> str:
    """What a cell of XLSX can hold of a text; a cut one ends in …, so that nobody takes it for the whole."""
    units = value.encode("utf-16-le")
    return value if len(units) <= 2 * LONGEST else units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def as_csv(named: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The sheet as CSV, its first line the columns' names."""
    return MARK + csv_lines((named, *rows))


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Lines of CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _plain(value: Cell) -> Cell:
    """What a cell of CSV has: no formula, and booleans as other programs write them."""
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(value) if isinstance(value, str) else value


class Book:
    """A workbook of one sheet, written into a file row by row, in memory that does not grow with it."""

    def __init__(self, file: IO[bytes], name: str, columns: Sequence[tuple[str, int]]) -> None:
        """`columns` are their names and how many characters wide they are."""
        import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415 -- without types, and long to import

        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._sheet = self._book.add_worksheet(name)
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})
        for column, (_, width) in enumerate(columns):
            self._sheet.set_column(column, column, width, self._wrapped)
        self._sheet.freeze_panes(1, 0)
        self._row = 0
        self.put([[title for title, _ in columns]], self._book.add_format({"bold": True}))

    def put(self, rows: Iterable[Sequence[Cell]], form: Any = None) -> None:
        """Some more rows."""
        for row in rows:
            _put(self._sheet, self._row, row, form or self._wrapped)
            self._row += 1

    def end(self) -> None:
        """Make the file whole."""
        self._book.close()


def _put(sheet: Any, line: int, row: Sequence[Cell], form: Any = None) -> None:
    """One row, in which words are words, whatever they begin with."""
    for column, value in enumerate(row):
        if isinstance(value, bool):
            sheet.write_boolean(line, column, value, form)
        elif isinstance(value, str):
            if value:
                sheet.write_string(line, column, _cut(value), form)
        elif value is not None:
            sheet.write_number(line, column, value, form)


def as_xlsx(named: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The sheet as a workbook of one sheet."""
    import xlsxwriter  # noqa: PLC0415 -- as above

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate((named, *rows)):
            _put(sheet, line, row)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


_MADE: dict[str, Callable[[Sequence[str], Iterable[Sequence[Cell]]], bytes]] = {CSV: as_csv, XLSX: as_xlsx}


def sheet(media: str, kind: type[Struct], items: Iterable[Any]) -> bytes:
    """The items, which are of that kind, as a sheet of that media type."""
    named, written = columns(kind), msgspec.json.decode(msgspec.json.encode(list(items)))
    return _MADE[media](named, [[cell(item, name) for name in named] for item in written])
