"""A file that claims to be a sheet, read into rows: nothing in it is trusted, and nothing is run.

XLSX is read by openpyxl, row by row, so that a file of few bytes that claims many cells stops at a limit; the stored
values of formulas count. Entities in XML are refused (defusedxml). What the archive would unpack to is added up before
anything is unpacked, and no entry comes out longer than it claims (zipfile). openpyxl is imported where it is
needed: that takes a tenth of a start.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from service.domain import errors
from service.domain.task.sheet import COLUMNS, SHEET, Name, same
from service.domain.task.sheet.cells import Cell, Row, in_cell
from service.sheets import bare

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNPACKED = 64_000_000
"""Bytes that an XLSX may unpack to; 5,000 rows take some 5,000,000."""
ENTRIES = 1_000
ROWS = 5_000
WIDTH = 64
CELLS = 100_000
HEADINGS = 20
MERGED = 20
"""Merged cells that are told."""
"""Rows within which the columns' headers stand."""
LAST = 1_048_576
"""The last row of an XLSX."""


class Unreadable(errors.Invalid):
    """The file cannot be read as a sheet: {problem}"""

    zh = "此文件不能作为表格读取:{problem}"


class Value(NamedTuple):
    """What stands in a cell: a text or a day, or what is wrong with it."""

    value: str | date
    wrong: str | None = None


Line = tuple[int, Sequence[Value | None]]
"""A row's number, and its cells from the first column on."""


class Table(Struct, frozen=True, kw_only=True):
    """A sheet: its name, its rows that say something, headers that no column has, and what is wrong with cells.

    `merged` are cells of its columns that lie over several rows (`C2:C4`): the first row alone has what they say.
    """

    name: str
    rows: tuple[Row, ...]
    ignored: tuple[str, ...]
    wrong: tuple[errors.Refused, ...]
    merged: tuple[str, ...] = ()


def read(body: bytes, media: str, name: str | None = None, charset: str | None = None) -> Table:
    """The sheet in a file of that media type: the worksheet of that name, else `任务`, else the first with headers.

    Raises Unreadable, for the file as a whole.
    """
    return _csv(body, charset) if media == CSV else _xlsx(body, name)


def _letters(index: int) -> str:
    """How a column is called, counted from 0."""
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped] # noqa: PLC0415 -- it comes without types

    return str(get_column_letter(index + 1))


def _place(letters: str) -> int:
    """Which column it is that is called so, counted from 1."""
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415 -- as above

    return int(column_index_from_string(letters))


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx(body: bytes, name: str | None) -> Table:
    import openpyxl  # type: ignore[import-untyped] # noqa: PLC0415 -- it comes without types

    formulas = _looked_at(body)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns of what it leaves out: extensions, styles; no values are among that.
        try:
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            unsaved = openpyxl.load_workbook(io.BytesIO(body), read_only=True, keep_links=False) if formulas else None
            sheets = [one.title for one in book.worksheets]
            for title in _wanted(sheets, name):
                other = _lines(unsaved[title]) if unsaved is not None else None
                table = _table(title, _with_formulas(_lines(book[title]), other))
                if table is not None:
                    return replace(table, merged=_merged(body, book[title]._worksheet_path, table.rows))  # noqa: SLF001 -- no other way, read-only, to know which file it is
        except errors.Refused:
            raise
        except Exception as error:  # whatever a library comes upon in a file that is not what it claims to be
            raise Unreadable(problem=f"it is damaged ({type(error).__name__})") from None
    raise _headless()


def _wanted(sheets: Sequence[str], name: str | None) -> Sequence[str]:
    """The worksheets to look for headers on, in order. Raises Unreadable where there is none of that name."""
    if name is None:
        return sorted(sheets, key=lambda title: title != SHEET)
    if name not in sheets:
        raise Unreadable(problem=f"there is no worksheet {name}; it has {', '.join(sheets)}")
    return [name]


def _looked_at(body: bytes) -> bool:
    """Refuse an archive that is none, or too much; whether any sheet has formulas."""
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(problem="it is an old .xls or has a password: save it as .xlsx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED:
                raise Unreadable(problem=f"it unpacks to more than {UNPACKED} bytes")
            plain = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            if any(entry.compress_type not in plain or entry.flag_bits & 1 for entry in entries):
                raise Unreadable(problem="it is packed as no XLSX is")
            sheets = (entry for entry in entries if entry.filename.startswith("xl/worksheets/"))
            return any(re.search(rb"<(?:\w+:)?f[ />]", archive.read(entry)) for entry in sheets)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable(problem=f"it is no XLSX ({type(error).__name__})") from None
    except zlib.error as error:
        raise Unreadable(problem=f"it is no XLSX ({type(error).__name__})") from None


def _lines(sheet: Any) -> Iterator[Line]:
    """The rows of a worksheet, the empty ones too."""
    sheet.reset_dimensions()  # Those that the file claims are no more than a claim.
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST, max_col=WIDTH), 1):
        yield number, [_value(cell) for cell in cells]


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


def _merged(body: bytes, path: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """Where cells of the columns that are read lie over several rows of the table, at most `MERGED` of them."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        text = archive.read(path.lstrip("/"))
    columns = {_place(cell.column) for row in rows for cell in row.values()}
    numbers = sorted({cell.row for row in rows for cell in row.values()})
    found = []
    for match in _MERGED.finditer(text):
        left, first, right, last = (part.decode() for part in match.groups())
        over = bisect_right(numbers, int(last)) - bisect_left(numbers, int(first))
        wide = range(_place(left), _place(right) + 1)
        if over > 1 and not columns.isdisjoint(wide):
            found.append(f"{left}{first}:{right}{last}")
    return tuple(found[:MERGED])


def _with_formulas(lines: Iterator[Line], formulas: Iterator[Line] | None) -> Iterator[Line]:
    """The rows, with what is wrong with formulas whose value the file does not hold."""
    if formulas is None:
        yield from lines
        return
    for (number, cells), (_, others) in zip(lines, formulas, strict=False):
        merged = list(cells) + [None] * (len(others) - len(cells))
        for index, other in enumerate(others):
            if merged[index] is None and other is not None:
                merged[index] = Value("", "a formula without a stored value: open the file in Excel and save it")
        yield number, merged


def _value(cell: Any) -> Value | None:
    """What stands in a cell, as a text or a day; None where it is empty."""
    value = cell.value
    match value:
        case None:
            return None
        case datetime():
            return Value(value.date())
        case date():
            return Value(value)
        case bool():
            return Value("是" if value else "否")
        case int() | float():
            return Value(_number(value, percent="%" in (cell.number_format or "")))
        case time() | timedelta():
            return Value(str(value))
    if cell.data_type == "e":
        return Value("", f"an error of the sheet stands here ({value})")
    return _words(str(value))


def _number(value: float, *, percent: bool) -> str:
    """A number as people write it: no digits that say nothing, a share with its sign."""
    exact = Decimal(repr(value)) * (100 if percent else 1)
    rounded = round(exact, 9)
    text = f"{rounded:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text or '0'}%" if percent else text or "0"


def _words(text: str) -> Value | None:
    """A text without blanks around it and with LF alone in it; None where nothing is left."""
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    return Value(text) if text else None


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(body: bytes, charset: str | None) -> Table:
    text = _decoded(body, charset)
    for delimiter in (",", "\t", ";"):
        try:
            table = _table("CSV", _records(text, delimiter))
        except csv.Error as error:
            raise Unreadable(problem=f"its quotes do not match ({error})") from None
        if table is not None:
            return table
    raise _headless()


def _decoded(body: bytes, charset: str | None) -> str:
    """The text: as the request says, else UTF-8, else what Excel in China writes (GB 18030)."""
    for name in (charset,) if charset else ("utf-8-sig", "gb18030"):
        try:
            return body.decode("utf-8-sig" if name == "utf-8" else name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Unreadable(problem="its characters are neither UTF-8 nor GB 18030")


def _records(text: str, delimiter: str) -> Iterator[Line]:
    """The records, each a row. A quote in front of what looks like a formula is the guard that an export put there."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number, record in enumerate(reader, 1):
        yield number, [_words(bare(one)) for one in record[:WIDTH]]


# --- Both -------------------------------------------------------------------------------------------------------------

_HEADERS: dict[str, Name] = {words: name for name, column in COLUMNS.items() for words in (column.header, *column.also)}


def _headless() -> Unreadable:
    return Unreadable(problem=f"no row has the headers: one of them is {COLUMNS['number'].header}; take the template")


def _header(value: Value | None) -> str:
    """A header as it is looked up: without blanks, stars, and what stands in brackets."""
    text = unicodedata.normalize("NFKC", str(value.value)) if value is not None else ""
    return re.sub(r"\s|\*|\(.*?\)", "", text)


def _table(name: str, lines: Iterator[Line]) -> Table | None:
    """The table on a sheet, None where there are no headers on it."""
    columns: dict[int, Name] = {}
    ignored: list[str] = []
    rows: list[Row] = []
    wrong: list[errors.Refused] = []
    numbers: dict[str, int] = {}
    count = 0
    for number, values in lines:
        if not columns:
            headers = [_header(value) for value in values]
            found = [_HEADERS.get(header) for header in headers]
            if "number" in found and len(set(found) - {None}) > 1:
                columns, ignored, wrong = _columns(name, number, headers)
            elif number >= HEADINGS:
                return None
            continue
        row: dict[Name, Cell] = {}
        for index, column in columns.items():
            value = values[index] if index < len(values) else None
            if value is None or column == "colour":
                continue
            row[column] = cell = Cell(name, number, _letters(index), value.value)
            if value.wrong is not None:
                wrong.append(in_cell(cell, COLUMNS[column].header, value.wrong))
        if not row:
            continue
        count += len(row)
        if len(rows) >= ROWS or count > CELLS:
            raise Unreadable(problem=f"it has more than {ROWS} rows, or {CELLS} cells: divide it")
        if "number" not in row:
            place = next(index for index, column in columns.items() if column == "number")
            empty = Cell(name, number, _letters(place), "")
            wrong.append(in_cell(empty, COLUMNS["number"].header, "the row has no number"))
            continue
        told = row["number"]
        earlier = numbers.setdefault(same(str(told.value)), number)
        if earlier != number:
            problem = f"the number {told.value} stands in row {earlier} already"
            wrong.append(in_cell(told, COLUMNS["number"].header, problem))
            continue
        rows.append(row)
    if not columns:
        return None
    return Table(name=name, rows=tuple(rows), ignored=tuple(ignored), wrong=tuple(wrong))


def _columns(sheet: str, row: int, headers: Sequence[str]) -> tuple[dict[int, Name], list[str], list[errors.Refused]]:
    """Which column stands where, the headers that are none, and those that stand twice."""
    columns: dict[int, Name] = {}
    ignored: list[str] = []
    wrong: list[errors.Refused] = []
    for index, header in enumerate(headers):
        name = _HEADERS.get(header)
        if name is None:
            ignored += [header] if header else []
        elif name in columns.values():
            cell = Cell(sheet, row, _letters(index), header)
            wrong.append(in_cell(cell, header, f"another column is {COLUMNS[name].header} already"))
        else:
            columns[index] = name
    return columns, ignored, wrong
