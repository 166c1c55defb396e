"""Files that are not what they claim to be, and what Excel does to values."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it comes without types

from service.sheets import reading
from service.sheets.reading import CSV, XLSX, Unreadable, read
from tests.soak import soak

HEADS = ("任务编号", "任务名称", "完成时限", "进展")


def book(cells: Mapping[tuple[int, int], object], sheet: str = "任务", **formulas: tuple[str, object]) -> bytes:
    """A workbook with the headers and these cells; `formulas` by place, each with its stored value."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        page = made.add_worksheet(sheet)
        page.write_row(0, 0, HEADS)
        for (line, column), value in cells.items():
            page.write(line, column, value)
        for place, (formula, value) in formulas.items():
            page.write_formula(place, formula, None, value)
    return file.getvalue()


def repacked(body: bytes, **changed: bytes) -> bytes:
    """The archive with other bytes in the entries whose names end so."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            found = next((data for name, data in changed.items() if entry.filename.endswith(f"{name}.xml")), None)
            new.writestr(entry.filename, old.read(entry) if found is None else found)
    return file.getvalue()


def problem(body: bytes, media: str = XLSX) -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(Unreadable) as refused:
        read(body, media)
    return str(refused.value.facts["problem"])


def test_an_archive_of_little_that_unpacks_to_much_is_not_unpacked() -> None:
    bomb = repacked(book({}), sheet1=b" " * (reading.UNPACKED + 1))
    assert len(bomb) < 200_000
    assert "unpacks" in problem(bomb)


@soak
def test_cells_far_apart_cost_nothing() -> None:
    """A file of five kilobytes that claims 17,179,869,184 cells."""
    found = read(book({(1, 0): 1, (1, 1): "甲", (1_048_575, 16_383): "x", (1_048_575, 0): "2"}), XLSX)
    assert [row["number"].row for row in found.rows] == [2, 1_048_576]


def test_rows_without_end_are_refused() -> None:
    lines = "\n".join(f"{number},x" for number in range(reading.ROWS + 1))
    assert "more than" in problem(f"任务编号,任务名称\n{lines}\n".encode(), CSV)


def test_entities_are_refused() -> None:
    sheet = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    assert "damaged" in problem(repacked(book({}), sheet1=sheet))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK\x03\x04",
        b"not a sheet",
        book({})[:-30],
        repacked(book({}), workbook=b"<x"),
        repacked(book({}), sheet1=b""),
    ],
    ids=["empty", "no end", "text", "cut", "no workbook", "no sheet"],
)
def test_what_is_none_is_refused_in_words(body: bytes) -> None:
    assert problem(body)


def test_a_sheet_without_headers_is_told_what_it_lacks() -> None:
    assert "任务编号" in problem("甲,乙\n1,2\n".encode(), CSV)


def test_what_excel_stores_is_read_as_people_see_it() -> None:
    """Whole numbers without a point, shares with their sign, stored values of formulas, titles above the headers."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        made.add_worksheet("说明").write(0, 0, "请看下表")
        page = made.add_worksheet("台账")
        share, day = made.add_format({"num_format": "0.0%"}), made.add_format({"num_format": "yyyy年m月d日"})
        page.merge_range(0, 0, 0, 3, "2026年度重点任务台账")
        page.write_row(2, 0, ("序 号", "任务名称*", "完成时限(必填)", "进展情况"))
        page.write_row(3, 0, (12.0, " 甲\r\n乙 ", "", ""))
        page.write_datetime(3, 2, date(2026, 6, 30), day)
        page.write_number(3, 3, 0.355, share)
        page.write_formula(4, 0, "=12+1", None, 13)
        page.write_formula(4, 1, '="丙"&"丁"', None, "丙丁")
    found = read(file.getvalue(), XLSX)
    assert (found.name, found.ignored, found.wrong) == ("台账", (), ())
    said = [{name: cell.value for name, cell in row.items()} for row in found.rows]
    assert said == [
        {"number": "12", "title": "甲\n乙", "due": date(2026, 6, 30), "progress": "35.5%"},
        {"number": "13", "title": "丙丁"},
    ]
    assert found.rows[0]["due"].place == "C4"


def test_a_formula_without_its_value_is_no_empty_cell() -> None:
    """A program wrote it that does not compute."""
    body = book({(1, 0): 1, (1, 1): "甲"}, C2=("=A2", ""))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b"<v></v>", b"")
    found = read(repacked(body, sheet1=sheet), XLSX)
    assert [one.pointer for one in found.wrong] == ["任务!C2"]
    assert "stored value" in str(found.wrong[0])
