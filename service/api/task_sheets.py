"""Sheets of tasks over HTTP: the template of a plan, and the import of one filled in.

A sheet is taken in whole or not at all, in one transaction; all that is wrong with it is told at once, cell by cell.
Tasks are known by their numbers in the plan, so that a corrected sheet changes what it says otherwise, and the same one
again changes nothing. What the sheet does not have is left alone, and told.
"""

import asyncio
import hashlib
import re
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar import Request, get, post
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from service.api import bodies, streams
from service.api.access import account, needs
from service.api.headers import context, idempotency
from service.api.problems import NotSheet, message
from service.api.resource import ENCODE
from service.api.words import Language, language
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.document import Register as RegisterDocument
from service.domain.document.file import RecordFile
from service.domain.party.directory import Directory
from service.domain.plan.state import Plan
from service.domain.plan.state import title as plan_title
from service.domain.task.sheet import COLUMNS, numbered
from service.domain.task.sheet.cells import Given, Known, in_cell, number_of
from service.domain.task.sheet.rows import Result, place, places, read, task_id
from service.domain.task.state import Task
from service.domain.task.state import title as task_title
from service.domain.values import Label, Note, PrintedName
from service.projections import bases, parties
from service.registry import Done, Key, Order, Registry
from service.sheets import reading
from service.sheets.template import template

Asked = Request[Any, Any, Any]
TRIES = 5
"""How often a sheet is compared anew where somebody has changed one of its tasks meanwhile."""


class Importing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sheet is taken in.

    `dry_run=true` tells what would be recorded, and nothing is. `sheet` is the worksheet to read, `name` what the file
    is called. `year` is that of dates which leave it out; without it, that of the plan's period where it is one year.
    `grounds`, `approver` (a party) and `effective` count for changes of which a row says none of its own.
    """

    dry_run: bool = False
    sheet: Label | None = None
    name: Label | None = None
    year: Annotated[int, Meta(ge=1900, le=2200)] | None = None
    grounds: Note | None = None
    approver: UUID | None = None
    effective: date | None = None


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
    """

    dry_run: bool
    document: str | None
    sheet: str
    counts: Counts
    tasks: list[Line]
    missing: list[Missing]
    warnings: list[str]
    position: int | None


# --- What a sheet is compared with ------------------------------------------------------------------------------------


class Held(Struct, frozen=True, kw_only=True):
    """The tasks of a plan: their numbers in it, as they stand, and their versions."""

    tasks: dict[UUID, Known]
    numbers: dict[UUID, tuple[str, ...]]
    versions: dict[UUID, int]

    def of(self, number: str) -> list[Known]:
        """The tasks with that number that are no duplicates."""
        found = [self.tasks[id] for id, own in self.numbers.items() if number in own]
        return [one for one in found if one.newest.duplicate is None]


async def held(registry: Registry, plan: UUID, today: date) -> Held:
    """The tasks that the plan has."""
    async with registry.connection() as connection:
        numbers = await bases.numbered(connection, f"plans/{plan}", today)
    folded = await registry.read([Ref("tasks", id) for id in numbers])
    decider = DECIDERS["tasks"]
    tasks = {ref.id: Known(ref.id, one.at(decider, today), one.at(decider, date.max)) for ref, one in folded.items()}
    return Held(
        tasks=tasks,
        numbers={id: called(own, tasks[id].newest) for id, own in numbers.items() if id in tasks},
        versions={ref.id: one.version for ref, one in folded.items()},
    )


def called(numbers: tuple[str, ...], task: Task) -> tuple[str, ...]:
    """The numbers of a task as a sheet has them."""
    period = task.header.period if task.header is not None else None
    return tuple(numbered(number, period) for number in numbers)


async def directory(registry: Registry) -> Directory:
    """The parties of today, by name."""
    async with registry.connection() as connection:
        return Directory(await parties.directory(connection, registry.today()))


def year_of(plan: Plan, asked: int | None) -> int | None:
    """The year of dates that leave it out: asked for, else the plan's own where its period lies in one."""
    period = plan.header.period if plan.header is not None else None
    first = period.starts.earliest if period is not None and period.starts is not None else None
    last = period.ends.latest if period is not None and period.ends is not None else None
    own = first.year if first is not None and last is not None and first.year == last.year else None
    return asked or own


# --- The import -------------------------------------------------------------------------------------------------------


class Compared(Struct, frozen=True, kw_only=True):
    """A sheet beside the plan: what each row comes to, the orders for it, and which row each order is of."""

    table: reading.Table
    results: list[Result]
    held: Held
    orders: list[Order]
    rows: list[int | None]
    ref: Ref

    def row_of(self, pointer: str) -> int | None:
        """The row that a refusal of the registry is about."""
        index = re.match(r"/(\d+)", pointer)
        return self.rows[int(index[1])] if index and len(self.orders) > 1 else self.rows[-1] if self.rows else None


def compared(table: reading.Table, given: Given, held: Held, document: RegisterDocument) -> Compared:
    """What the sheet comes to. Raises SheetRefused with all that is wrong with it."""
    wrong, results = list(table.wrong), list[Result]()
    ref = Ref("documents", given.document)
    orders, rows = [Order(ref=ref, command=document, creates=True)], list[int | None]([None])
    for index, row in enumerate(table.rows):
        number = number_of(row) or ""
        found = held.of(number)
        if len(found) > 1:
            told = ", ".join(f"tasks/{one.id}" for one in found)
            problem = f"several tasks of the plan have the number {number}: {told}"
            wrong.append(in_cell(row["number"], COLUMNS["number"].header, problem))
            continue
        known = found[0] if found else None
        result = read(row, given, known)
        wrong += result.wrong
        results.append(result)
        expected = held.versions[known.id] if known is not None else 0
        for _, command in result.changes:
            order = Order(ref=Ref("tasks", result.id), command=command, expected=expected, creates=known is None)
            orders.append(order)
            rows.append(index)
    if wrong:
        raise errors.SheetRefused([readable(one, given.directory, held) for one in wrong])
    if len(orders) == 1:
        orders, rows = [], []
    return Compared(table=table, results=results, held=held, orders=orders, rows=rows, ref=ref)


_THING = re.compile(r"(parties|tasks)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def readable(refused: errors.Refused, directory: Directory, held: Held) -> errors.Refused:
    """The refusal with names in the place of ids, inside too: whoever reads a sheet knows no ids."""

    def named(found: re.Match[str]) -> str:
        id = UUID(found[2])
        if found[1] == "parties":
            return directory.labels.get(id, found[0])
        return task_title(held.tasks[id].newest) if id in held.tasks else found[0]

    def told(fact: object) -> object:
        if isinstance(fact, errors.Refused):
            return readable(fact, directory, held)
        return _THING.sub(named, fact) if isinstance(fact, str) else fact

    if isinstance(refused, errors.InCell) and not isinstance(refused.facts["problem"], errors.Refused):
        return refused
    return type(refused)(refused.pointer, **{name: told(fact) for name, fact in refused.facts.items()})


async def again(
    registry: Registry, request: Asked, table: reading.Table, document: RegisterDocument, key: Key
) -> tuple[Compared, list[Done]]:
    """What the same request was answered before, under the same key, whatever has changed since."""
    id: UUID = request.path_params["id"]
    done = await registry.execute([], actor=account(request).id, key=key, dry_run=False, **context(request))
    standing = await held(registry, id, registry.today())
    results = []
    for number in (number_of(row) or "" for row in table.rows):
        known = standing.of(number)
        results.append(Result(known[0].id if known else task_id(id, number), (), ()))
    ref = Ref("documents", document_id(document))
    return Compared(table=table, results=results, held=standing, orders=[], rows=[], ref=ref), done


async def execute(
    registry: Registry,
    request: Asked,
    table: reading.Table,
    asked: Importing,
    document: RegisterDocument,
    key: Key | None,
) -> tuple[Compared, list[Done]]:
    """Compare the sheet with the plan as it stands, and record what it comes to, all or nothing."""
    id: UUID = request.path_params["id"]
    plan = Ref("plans", id)
    if key is not None and await registry.kept(key):
        return await again(registry, request, table, document, key)
    names = await directory(registry)
    if asked.approver is not None and asked.approver not in names.entries:
        raise errors.UnknownReference("/approver", subject=f"parties/{asked.approver}")
    for turn in range(TRIES):
        await registry.header(plan)
        folded = (await registry.read([plan]))[plan]
        state = folded.at(DECIDERS["plans"], date.max)
        given = Given(
            plan=id,
            state=state,
            document=document_id(document),
            directory=names,
            places=places(state),
            today=registry.today(),
            year=year_of(state, asked.year),
            grounds=asked.grounds,
            approver=asked.approver,
            effective=asked.effective,
        )
        standing = await held(registry, id, registry.today())
        found = await asyncio.to_thread(compared, table, given, standing, document)
        if not found.orders and key is None:
            return found, []
        try:
            done = await registry.execute(
                found.orders, actor=account(request).id, key=key, dry_run=asked.dry_run, **context(request)
            )
        except errors.VersionMismatch:
            if turn == TRIES - 1:
                raise errors.Unavailable(problem="others change the same tasks at this time") from None
            continue
        except errors.Refused as refused:
            row = found.row_of(refused.pointer or "")
            if row is None or not isinstance(refused, (errors.Invalid, errors.Conflict)):
                raise
            cell = table.rows[row]["number"]
            told = in_cell(cell, COLUMNS["number"].header, refused)
            raise errors.SheetRefused([readable(told, names, standing)]) from None
        return found, done
    raise AssertionError(turn)


def document_id(document: RegisterDocument) -> UUID:
    """The id of a sheet: the same for the same bytes."""
    assert document.file is not None  # noqa: S101 -- a sheet is a file
    return uuid5(NAMESPACE_URL, f"urn:sha256:{document.file.sha256}")


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
    position = max((one.sequence for one in done), default=0) or None
    return Imported(
        dry_run=asked.dry_run,
        document=str(found.ref) if any(one.events for one in done) else None,
        sheet=found.table.name,
        counts=counts,
        tasks=tasks,
        missing=missing,
        warnings=warned(found.table, missing, spoken),
        position=None if asked.dry_run else position,
    )


def in_order(number: str) -> list[tuple[int, str]]:
    """Numbers in the order that people count them in: 2 before 10, 1-2 before 1-10."""
    return [(int(digits or 0), words) for digits, words in re.findall(r"(\d*)(\D*)", number)]


class IgnoredColumns(errors.Refused):
    """These columns are not read: {headers}."""

    zh = "以下各列未读取:{headers}。"


class LeftAlone(errors.Refused):
    """{count} tasks of the plan are not in the sheet. They stay as they are."""

    zh = "规划中有 {count} 项任务不在表内,均保持不变。"


def warned(table: reading.Table, missing: list[Missing], spoken: Language) -> list[str]:
    """What is no mistake, and yet should be known."""
    found: list[errors.Refused] = []
    if table.ignored:
        found.append(IgnoredColumns(headers=", ".join(table.ignored)))
    if missing:
        found.append(LeftAlone(count=len(missing)))
    return [message(one, spoken) for one in found]


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
    opt=needs("registrar") | {"query": Importing, "answer": Imported, "takes": (reading.XLSX, reading.CSV)},
    status_code=HTTPStatus.OK,
)
async def take_in(request: Asked) -> ASGIResponse:
    """Take in a sheet of the plan's tasks, XLSX or CSV, all or nothing.

    Try it with `dry_run=true` first. Each mistake names sheet and cell, all at once. Tasks are known by their numbers:
    new ones are registered and listed; known ones are changed where the sheet says otherwise, for a reason and with an
    approval; those that the sheet does not have are left alone and told. The sheet becomes a document that each fact
    cites by its cell; its bytes are not kept.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Importing)
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
    return ASGIResponse(body=ENCODE(answer), headers=headers, media_type="application/json")


@get("/api/plans/{id:uuid}/tasks/:template", opt=needs("reader") | {"media": reading.XLSX})
async def blank(request: Asked) -> ASGIResponse:
    """The sheet to fill in for the plan's tasks: XLSX, with lists of units, states and items, and how to fill it in."""
    registry: Registry = request.app.state.registry
    bodies.parameters(request, streams.Nothing)
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
    return ASGIResponse(body=body, headers=headers, media_type=reading.XLSX)


ROUTES: list[ControllerRouterHandler] = [take_in, blank]
