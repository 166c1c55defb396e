"""A sheet of tasks (任务台账): its columns, and how what a task says is written in a cell.

The template, the export of the ledger and the import have these columns, so that what one writes the other reads. A
cell with several units or people has `、` between them; a person or office that is not known stands as `-` among
others. `NOTHING` takes away what stands; an empty cell says nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple
from uuid import UUID

from service.domain.task.lateness import Colour
from service.domain.task.state import Role, Status, StepName
from service.domain.values import UncertainDate

SHEET = "任务"
"""The worksheet that tasks stand on."""
BETWEEN = "、"
UNKNOWN = "-"
NOTHING = "无"

Name = Literal[
    "number",
    "title",
    "text",
    "requirement",
    "lead",
    "supporting",
    "supervising",
    "office",
    "person",
    "starts",
    "due",
    "status",
    "progress",
    "item",
    "colour",
    "grounds",
    "approver",
    "effective",
]


class Column(NamedTuple):
    """A column: its header, other headers that are read as it, what to write in it."""

    header: str
    also: tuple[str, ...]
    told: str


COLUMNS: dict[Name, Column] = {
    "number": Column(
        "任务编号",
        ("编号", "序号", "任务序号", "No"),
        "必填。任务在本规划清单中的编号,再次导入时据此对应;没有编号的任务,导出时以“tasks/…”代替,请勿改动。",
    ),
    "title": Column("任务名称", ("名称", "任务", "任务事项", "事项", "重点任务"), "新任务必填。"),
    "text": Column("工作内容", ("内容", "具体内容", "主要内容", "工作措施"), "做什么。"),
    "requirement": Column("工作要求", ("要求", "工作目标", "目标要求", "完成标准"), "做到什么程度。"),
    "lead": Column("牵头单位", ("牵头部门", "责任单位", "主责单位"), "可填多个单位,以“、”分隔。"),
    "supporting": Column("配合单位", ("配合部门", "参与单位", "协办单位"), "可填多个单位,以“、”分隔。"),
    "supervising": Column("督办单位", ("督办部门", "督查单位"), "可填多个单位,以“、”分隔。"),
    "office": Column(
        "责任职务", ("职务", "责任岗位"), "牵头单位中负责此事的职务,如“分管副市长”;多个牵头单位依次填写。"
    ),
    "person": Column("责任人", ("负责人", "责任领导"), "担任该职务的人;多个牵头单位依次填写,不明者填“-”。"),
    "starts": Column("开始时间", ("启动时间", "开始日期"), "日期,或“2026年3月”之类的说法。"),
    "due": Column(
        "完成时限",
        ("时限", "完成时间", "完成期限", "截止日期", "截止时间"),
        "日期,或“2025年底前”“6月底前”“每季度”之类的说法;无明确期限的照写,如“长期坚持”。",
    ),
    "status": Column("状态", ("任务状态", "进度状态"), "从列表中选择;新任务不填即为“已立项”。"),
    "progress": Column("进展", ("进展情况", "工作进展", "完成进度"), "完成的百分比如“50%”,或文字说明。"),
    "item": Column("来源条目", ("规划条目", "来源", "所属条目"), "任务出自规划的哪一条目或目标,从列表中选择。"),
    "colour": Column("预警", ("预警颜色", "红黄蓝"), "由系统计算,导入时不读取。"),
    "grounds": Column("调整理由", ("调整原因", "变更理由"), "对已有任务作改动的必填。"),
    "approver": Column(
        "批准单位", ("调整批准单位", "审批单位"), "对已有任务作改动的必填:督办单位,或规划的印发、领导、批准机构。"
    ),
    "effective": Column("调整日期", ("变更日期",), "调整自何日起生效。"),
}
"""In the order in which they are written."""

STATUSES: dict[Status, str] = {
    "registered": "已登记",
    "listed": "已立项",
    "assigned": "已交办",
    "in_progress": "进行中",
    "reported_done": "已报完成",
    "closed": "已销号",
    "suspended": "已中止",
    "cancelled": "已取消",
    "merged": "已并入",
}
LEADS_TO: dict[Status, StepName] = {
    "listed": "listed",
    "assigned": "assigned",
    "in_progress": "started",
    "reported_done": "reported_done",
    "closed": "closed",
    "suspended": "suspended",
    "cancelled": "cancelled",
}
"""The states that a sheet may tell, and the step that leads to each."""
ROLES: dict[Role, str] = {"lead": "牵头", "supporting": "配合", "supervising": "督办"}
COLOURS: dict[Colour, str] = {"red": "红", "yellow": "黄", "blue": "蓝"}


def written(day: UncertainDate | None) -> str:
    """A date as a cell has it: as printed, else the day, else its bounds; empty where nothing is known."""
    if day is None:
        return ""
    if day.printed is not None:
        return day.printed
    first, last = day.earliest, day.latest
    if first is None or last is None:
        return f"{first.isoformat()}起" if first else f"{last.isoformat()}前" if last else ""
    return first.isoformat() if first == last else f"{first.isoformat()}至{last.isoformat()}"


def joined(names: Iterable[str]) -> str:
    """Several names in one cell."""
    return BETWEEN.join(names)


def placed(values: Iterable[str | None]) -> str:
    """What is known of several leads, in their order; empty where nothing is."""
    told = list(values)
    return joined(value or UNKNOWN for value in told) if any(told) else ""


def percent(share: str | None) -> str:
    """A share as a cell has it: `50%`."""
    return f"{share}%" if share is not None else ""


def numbered(number: str | None, period: str | None, id: UUID) -> str:
    """The number of a task as a cell has it, or its id where it has none.

    A task that a duty yielded has the duty's number with its period behind.
    """
    return "/".join(filter(None, (number, period))) if number else f"tasks/{id}"


_ID = re.compile(r"tasks/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def named(number: str) -> UUID | None:
    """The task whose id stands in the place of a number."""
    found = _ID.fullmatch(number)
    return UUID(found[1]) if found else None


def same(number: str) -> str:
    """A number as it is compared with others: in half width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", number).split())
