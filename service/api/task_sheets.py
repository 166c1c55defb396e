"""Sheets of tasks over HTTP: the template of a plan, and the import of one filled in.

A sheet is taken in whole or not at all, in one transaction; all that is wrong with it is told at once, cell by cell.
Tasks are known by their numbers in the plan, so that a corrected sheet changes what it says otherwise, and the same one
again changes nothing. What the sheet does not have is left alone, and told.
"""

import asyncio
import hashlib
import re
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import bodies, by_name
from service.api.access import needs
from service.api.answers import Answer
from service.api.headers import idempotency
from service.api.importing import Compared, Importing, directory, execute
from service.api.problems import NotSheet
from service.api.resource import ENCODE
from service.api.words import Language, language
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.document import Register as RegisterDocument
from service.domain.document.file import RecordFile
from service.domain.plan.state import Plan
from service.domain.plan.state import title as plan_title
from service.domain.task.sheet.cells import number_of
from service.domain.task.sheet.places import place, places
from service.domain.task.state import title as task_title
from service.domain.values import PrintedName
from service.registry import Done, Registry
from service.sheets import reading
from service.sheets.template import template

Asked = Request[Any, Any, Any]


class Counts(Struct, frozen=True, kw_only=True):
    """How many tasks the sheet brought in, changed, left as they are, and does not have."""

    new: int
    adjusted: int
    unchanged: int
    missing: int


class Line(Struct, frozen=True, kw_only=True):
    """What became of a row: its number, the task's id and title, and the types of the events recorded of it."""

    row: int
    number: str
    id: UUID
    title: str
    outcome: Literal["new", "adjusted", "unchanged"]
    events: list[str]


class Missing(Struct, frozen=True, kw_only=True):
    """A task of the plan that the sheet does not have: it stays as it is."""

    number: str | None
    id: UUID
    title: str


class Imported(Struct, frozen=True, kw_only=True):
    """What a sheet came to. `document` is the sheet as it is cited, null where nothing had to be recorded of it.

    `position` is that of the last line recorded, null where none was. `warnings` are in the request's language.
    `discrepancies` are those proposed of what the sheet tells otherwise (`on_conflict=propose`).
    """

    dry_run: bool
    document: str | None
    sheet: str
    counts: Counts
    tasks: list[Line]
    missing: list[Missing]
    warnings: list[str]
    position: int | None
    discrepancies: list[str]


# --- The answer -------------------------------------------------------------------------------------------------------


def told(found: Compared, done: list[Done], asked: Importing, spoken: Language) -> Imported:
    """The answer: what became of each row, by what was recorded."""
    events: dict[UUID, list[str]] = {}
    created: set[UUID] = set()
    for one in done:
        if one.ref.category == "tasks":
            events.setdefault(one.ref.id, []).extend(record.event.type for record in one.events)
            created |= {one.ref.id} if one.created else set()
    tasks, seen = [], set()
    for row, result in zip(found.table.rows, found.results, strict=True):
        own = events.get(result.id, [])
        outcome: Literal["new", "adjusted", "unchanged"] = (
            "new" if result.id in created else "adjusted" if own else "unchanged"
        )
        known = found.held.tasks.get(result.id)
        title = str(row["title"].value) if "title" in row else task_title(known.newest) if known else ""
        number = number_of(row) or ""
        line = row["number"].row
        tasks.append(Line(row=line, number=number, id=result.id, title=title, outcome=outcome, events=own))
        seen.add(result.id)
    missing = [
        Missing(number=next(iter(own), None), id=id, title=task_title(found.held.tasks[id].newest))
        for id, own in found.held.numbers.items()
        if id not in seen and found.held.tasks[id].newest.duplicate is None
    ]
    missing.sort(key=lambda one: in_order(one.number or ""))
    outcomes = [line.outcome for line in tasks]
    counts = Counts(
        new=outcomes.count("new"),
        adjusted=outcomes.count("adjusted"),
        unchanged=outcomes.count("unchanged"),
        missing=len(missing),
    )
    also = [each for one in done for each in one.also]
    position = max((one.sequence for one in (*done, *also)), default=0) or None
    return Imported(
        dry_run=asked.dry_run,
        document=str(found.ref) if any(one.events for one in done) else None,
        sheet=found.table.name,
        counts=counts,
        tasks=tasks,
        missing=missing,
        warnings=warned(found.table, missing, spoken),
        position=None if asked.dry_run else position,
        discrepancies=list(dict.fromkeys(str(one.ref) for one in also)),
    )


def in_order(number: str) -> list[tuple[int, str]]:
    """Numbers in the order that people count them in: 2 before 10, 1-2 before 1-10."""
    return [(int(digits or 0), words) for digits, words in re.findall(r"(\d*)(\D*)", number)]


IGNORED = {"en": "These columns are not read: {told}.", "zh": "以下各列未读取:{told}。"}
MERGED = {
    "en": "Merged cells lie over several rows ({told}): the first of these rows alone has what they say.",
    "zh": "合并单元格跨多行({told}):其内容只记入其中第一行。",
}
LEFT = {
    "en": "{told} tasks of the plan are not in the sheet. They stay as they are.",
    "zh": "规划中有 {told} 项任务不在表内,均保持不变。",
}


def warned(table: reading.Table, missing: list[Missing], spoken: Language) -> list[str]:
    """What is no mistake, and yet should be known."""
    ignored = [IGNORED[spoken].format(told=", ".join(table.ignored))] if table.ignored else []
    over = [MERGED[spoken].format(told=", ".join(table.merged))] if table.merged else []
    return ignored + over + ([LEFT[spoken].format(told=len(missing))] if missing else [])


# --- Routes -----------------------------------------------------------------------------------------------------------


def media(request: Asked) -> tuple[str, str | None]:
    """What the request says its body is, and in which characters. Raises NotSheet for anything but a sheet."""
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    kind = kind.strip().lower()
    found = re.fullmatch(r'\s*charset\s*=\s*"?([\w-]+)"?\s*', parameters.lower())
    charset = found[1] if found else None
    coded = request.headers.get("content-encoding", "identity").strip().lower() != "identity"
    unsaid = bool(parameters.strip()) and found is None
    if coded or kind not in {reading.XLSX, reading.CSV} or unsaid or charset not in {None, *CHARSETS}:
        raise NotSheet(given=f"Content-Encoding {request.headers['content-encoding']}" if coded else given or "-")
    return kind, charset


CHARSETS = ("utf-8", "gb18030", "gbk", "gb2312")


@post(
    "/api/plans/{id:uuid}/tasks/:import",
    opt=needs("registrar")
    | {"query": by_name.loose(Importing), "answer": Imported, "takes": (reading.XLSX, reading.CSV)},
    status_code=HTTPStatus.OK,
)
async def take_in(request: Asked) -> Answer:
    """Take in a sheet of the plan's tasks, XLSX or CSV, all or nothing.

    Try it with `dry_run=true` first. Each mistake names sheet and cell, all at once. Tasks are known by their numbers:
    new ones are registered and listed; known ones are changed where the sheet says otherwise, for a reason and with an
    approval; those that the sheet does not have are left alone and told. The sheet becomes a document that each fact
    cites by its cell; its bytes are not kept.
    """
    registry: Registry = request.app.state.registry
    asked = await by_name.parameters(request, Importing)
    kind, charset = media(request)
    await registry.header(Ref("plans", request.path_params["id"]))
    body = await bodies.whole(request)
    table = await asyncio.to_thread(reading.read, body, kind, asked.sheet, charset)
    name = PrintedName(printed=asked.name) if asked.name is not None else None
    file = RecordFile(sha256=hashlib.sha256(body).hexdigest(), size=len(body), media=kind)
    document = RegisterDocument(title=name, kind="spreadsheet", file=file)
    key = None if asked.dry_run else idempotency(request, body)
    found, done = await execute(registry, request, table, asked, document, key)
    answer = told(found, done, asked, language(request.headers.get("accept-language")))
    headers = {"vary": "Accept-Language"}
    return Answer(body=ENCODE(answer), headers=headers, media_type="application/json")


@get("/api/plans/{id:uuid}/tasks/:template", opt=needs("reader") | {"media": reading.XLSX})
async def blank(request: Asked) -> Answer:
    """The sheet to fill in for the plan's tasks: XLSX, with lists of units, states and items, and how to fill it in."""
    registry: Registry = request.app.state.registry
    plan = Ref("plans", request.path_params["id"])
    header = await registry.header(plan)
    state: Plan = (await registry.read([plan]))[plan].at(DECIDERS["plans"], registry.today())
    names = await directory(registry)
    parts = [part for known in places(state).values() for part in known]
    listed = dict.fromkeys(filter(None, (place(state, part) for part in parts)))
    title = plan_title(header)
    body = await asyncio.to_thread(template, title, sorted(names.labels.values()), list(listed))
    file = quote(f"{title or plan.id}-任务模板.xlsx", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{file}", "cache-control": "no-cache"}
    return Answer(body=body, headers=headers, media_type=reading.XLSX)


ROUTES: list[ControllerRouterHandler] = [take_in, blank]
