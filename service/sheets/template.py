"""The template of a sheet of tasks: headers, lists to choose from, and how to fill it in."""

import io
from collections.abc import Sequence
from typing import Any

from service.domain.task.sheet import COLUMNS, LEADS_TO, NOTHING, ROLES, SHEET, STATUSES, Name
from service.sheets.reading import ROWS

INSTRUCTIONS = "填写说明"
LISTS = "选项"
WIDE: frozenset[Name] = frozenset(
    {"title", "text", "requirement", "lead", "supporting", "supervising", "item", "grounds"}
)
RULES = (
    "一行一项任务,以“任务编号”对应:编号是新的,登记为新任务;编号已有,则与登记内容比较。",
    "空单元格表示不作说明,原有内容不变;要删去原有内容,请填“无”。",
    "改动已有内容(动态调整),须填“调整理由”和“批准单位”;补充原先未填的内容则不必。",
    "清单中已有而表中没有的任务不会删除,导入结果会列出。",
    "日期可填日期格式,也可照原文写,如“2025年底前”“6月底前”“每季度”“长期坚持”。未写年份的,按规划年份或导入时指定的年份计。",
    "单位名称须已在系统登记,可用全称、简称或曾用名;名称有误时会列出相近的单位。",
    "合并单元格只有左上角一格有内容,请勿合并。公式以保存时的结果为准。",
    "请先试运行(dry_run=true):所有错误一次列出,并注明工作表和单元格;有一处错误,全部不登记。",
)
PLAIN: tuple[Name, ...] = ("lead", "supporting", "supervising", "approver")
"""Columns of units: the lists help, but a cell may name several."""


def template(title: str, units: Sequence[str], places: Sequence[str]) -> bytes:
    """The template for a plan of that title, as XLSX, with lists of units and of places in the plan."""
    file = io.BytesIO()
    import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415 -- without types, and long to import

    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format(
            {"bold": True, "bg_color": "#D9E2F3", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet, told, lists = (book.add_worksheet(name) for name in (SHEET, INSTRUCTIONS, LISTS))
        for index, (name, column) in enumerate(COLUMNS.items()):
            sheet.write_string(0, index, column.header, bold)
            sheet.set_column(index, index, 28 if name in WIDE else 14)
            sheet.write_comment(0, index, column.told)
        sheet.freeze_panes(1, 2)
        _instructions(told, title, bold, wrapped)
        states = [STATUSES[name] for name in LEADS_TO]
        ranges = {}
        for index, (header, values) in enumerate(
            (("单位", units), ("状态", states), ("角色", list(ROLES.values())), ("来源条目", places))
        ):
            lists.write_string(0, index, header, bold)
            lists.set_column(index, index, 32)
            for line, value in enumerate(values, 1):
                lists.write_string(line, index, value)
            letter = "ABCD"[index]
            ranges[header] = f"={LISTS}!${letter}$2:${letter}${max(len(values), 1) + 1}"
        for index, name in enumerate(COLUMNS):
            source = {"status": "状态", "item": "来源条目"} | dict.fromkeys(PLAIN, "单位")
            if name in source:
                rule = {"validate": "list", "source": ranges[source[name]]}
                loose = {"error_type": "information", "show_error": False} if name in PLAIN else {}
                sheet.data_validation(1, index, ROWS, index, rule | loose)
    return file.getvalue()


def _instructions(sheet: Any, title: str, bold: object, wrapped: object) -> None:
    """How to fill it in: the rules, then each column."""
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, "规划", bold)
    sheet.write_string(0, 1, title, bold)
    line = 1
    for number, rule in enumerate(RULES, 1):
        sheet.write_string(line, 0, str(number), wrapped)
        sheet.write_string(line, 1, rule, wrapped)
        line += 1
    sheet.write_string(line + 1, 0, "列", bold)
    sheet.write_string(line + 1, 1, f"填写内容(“{NOTHING}”表示删去)", bold)
    for offset, column in enumerate(COLUMNS.values(), line + 2):
        sheet.write_string(offset, 0, column.header, wrapped)
        sheet.write_string(offset, 1, column.told, wrapped)
