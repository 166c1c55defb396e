"""The ledger over HTTP: tasks with their colours and totals as JSON, and all of them as a sheet or as lines."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from typing import Any

from litestar import Request, get
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from service.api import by_name, following, lists, sheets, streams, then
from service.api.access import needs
from service.api.answers import Answer
from service.api.lists import Cursor, Limit
from service.api.resource import ENCODE
from service.api.then import AsOf, KnownAt
from service.domain.decider import Ref
from service.domain.plan.state import Plan
from service.domain.task import sheet
from service.domain.task.sheet.places import place
from service.projections import ledger
from service.registry import Registry

CHUNK = 2_000
"""Tasks read at a time where all are told."""
KINDS = (lists.JSON, sheets.CSV, sheets.XLSX, streams.NDJSON)
FOLLOWED = tuple(f"{name}_known" for name in sorted(ledger.TABLES))
WIDTHS: dict[sheet.Name, int] = {"title": 36, "text": 48, "requirement": 36, "supporting": 24, "item": 24}
"""Characters, of columns that are wider than the others."""
USUAL = 14
PIECE = 65_536
Asking = Request[Any, Any, Any]


class Asked(ledger.Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks, on which day, as known when; and which page of them: without `limit` 50, of a sheet or lines all."""

    on: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Limit | None = None
    cursor: Cursor | None = None
    sort: ledger.Order = "due"


class Ledger(Struct, frozen=True, kw_only=True):
    """Tasks on the day `on`, as known at `position`, with totals over all pages and the rules that they were judged by.

    `next` is the cursor of the next page.
    """

    on: date
    position: int
    items: list[ledger.Row]
    totals: ledger.Totals
    rules: ledger.Rules
    next: str | None


class Reading:
    """Tasks one page after another, all for the moment of the first: now, or the one asked for."""

    def __init__(
        self, registry: Registry, filter: ledger.Filter, day: date, known: int | None = None, sort: ledger.Order = "due"
    ) -> None:
        """`known` is None for now, which stands in the append and is never stale."""
        self.registry, self.filter, self.day, self.known, self.sort = registry, filter, day, known, sort
        self.offset = 0

    async def page(self, limit: int, *, totals: bool = False) -> ledger.Found:
        """The tasks that come next."""
        async with self.registry.connection() as connection:
            found = await ledger.ask(
                connection,
                self.filter,
                self.day,
                self.known,
                limit=limit,
                offset=self.offset,
                sort=self.sort,
                totals=totals,
            )
        self.known = found.position
        self.offset += len(found.rows)
        return found

    async def pages(self, found: ledger.Found) -> AsyncIterator[list[ledger.Row]]:
        """The tasks of a page and all that come after them."""
        yield found.rows
        while found.more:
            found = await self.page(CHUNK)
            yield found.rows

    async def ready(self, found: ledger.Found) -> None:
        """Wait until what comes after a page can be read. Raises Unavailable where that takes too long."""
        if found.more:
            await self.registry.progress.reached(FOLLOWED, found.position, whole=False)


async def only(found: ledger.Found) -> AsyncIterator[list[ledger.Row]]:
    """The tasks of one page."""
    yield found.rows


_OPT = {"query": by_name.loose(Asked), "answer": Ledger, "kinds": KINDS[1:], "follows": True}


@get("/api/ledger", opt=needs("reader") | _OPT)
async def tasks(request: Asking) -> Answer | ASGIStreamingResponse:
    """Tasks by unit, office, person, plan, agreement, state, deadline and colour, with totals over all that pass.

    `unit` takes in the parties under it and those that it came after. Lateness is judged on the day `on`, without it
    today. All pages are for the day and the position of the first. As CSV, XLSX or lines (application/x-ndjson) all
    tasks come at once where no `limit` is given; the sheets have the columns of the template for importing tasks.
    """
    registry: Registry = request.app.state.registry
    asked = await by_name.parameters(request, Asked)
    kind = streams.wanted(request.headers.get("accept"), KINDS)
    filter = ledger.Filter(**{name: getattr(asked, name) for name in ledger.Filter.__struct_fields__})
    given = (asked.on, asked.known_at)
    day, known = then.day(registry, asked.on, "on"), None
    offset = ledger.offset(asked.cursor, filter, asked.sort, given) if asked.cursor is not None else 0
    if asked.cursor is not None or given != (None, None):
        day, known = await following.moment(request, FOLLOWED, day, asked.known_at, asked.cursor)
    reading = Reading(registry, filter, day, known, asked.sort)
    reading.offset = offset
    whole = kind != lists.JSON and asked.limit is None and asked.cursor is None
    found = await reading.page(CHUNK if whole else asked.limit or 50, totals=kind == lists.JSON)
    cursor = None
    if found.more and not whole:
        cursor = ledger.cursor(filter, asked.sort, given, day, found.position, reading.offset)
    headers = {"cache-control": "no-cache", "vary": "Accept", **following.told(found.position)}
    headers |= lists.linked(request, cursor)
    if kind == lists.JSON:
        assert found.totals is not None  # noqa: S101 -- they were asked for
        assert found.rules is not None  # noqa: S101 -- likewise
        answer = Ledger(
            on=day, position=found.position, items=found.rows, totals=found.totals, rules=found.rules, next=cursor
        )
        return Answer(body=ENCODE(answer), headers=headers, media_type=kind)
    if whole:  # Before the answer begins: what does not come in time has a status of its own.
        await reading.ready(found)
    lines = LINES[kind](reading.pages(found) if whole else only(found), Items(reading))
    return ASGIStreamingResponse(iterator=lines, headers=headers, media_type=kind)


# --- Sheets -----------------------------------------------------------------------------------------------------------


class Items:
    """What the parts of plans are called that tasks carry out, as the plans stand at the moment of the reading."""

    def __init__(self, reading: Reading) -> None:
        """Nothing is read yet."""
        self._reading = reading
        self._only = f"plans/{reading.filter.plan}" if reading.filter.plan is not None else None
        self._plans: dict[str, Plan | None] = {}

    async def read(self, rows: list[ledger.Row]) -> None:
        """Read the plans that these tasks carry out, those not yet read, by one statement."""
        new = {base.on for row in rows for base in row.bases if base.on.startswith("plans/")} - self._plans.keys()
        refs = [Ref.of(subject) for subject in sorted(new)]
        found = await self._reading.registry.read_at(refs, self._reading.day, self._reading.known or 0)
        self._plans |= {str(ref): found[ref].base if ref in found else None for ref in refs}

    def of(self, row: ledger.Row) -> str:
        """What the task's part of its plan is called: of the plan asked for, else of the first one."""
        for base in row.bases:
            plan = self._plans.get(base.on) if self._only in {None, base.on} else None
            if plan is not None and base.on_part is not None:
                return place(plan, base.on_part)
        return ""


def cells(row: ledger.Row, items: Items) -> list[sheets.Cell]:
    """A task as a row of the sheet."""
    units = {role: [called(one, row.units) for one in row.units if one.role == role] for role in sheet.ROLES}
    leads = [one for one in row.units if one.role == "lead"]
    told: dict[sheet.Name, str] = {
        "number": sheet.numbered(row.number, row.period, row.id),
        "title": row.title,
        "text": row.text or "",
        "requirement": row.requirement or "",
        "lead": sheet.joined(units["lead"]),
        "supporting": sheet.joined(units["supporting"]),
        "supervising": sheet.joined(units["supervising"]),
        "office": sheet.placed(one.office for one in leads),
        "person": sheet.placed(one.person for one in leads),
        "starts": sheet.written(row.starts),
        "due": sheet.written(row.due),
        "status": sheet.STATUSES[row.state],
        "progress": sheet.percent(row.share),
        "item": items.of(row),
        "colour": sheet.COLOURS[row.colour] if row.colour else "",
    }
    return [told.get(name, "") for name in sheet.COLUMNS]


def called(unit: ledger.Unit, others: Sequence[ledger.Unit]) -> str:
    """The name that a unit has in a sheet; its id where another of the same role has the name too."""
    name = unit.called or unit.name
    shared = any(one.role == unit.role and (one.called or one.name) == name for one in others if one is not unit)
    return name if name is not None and not shared else f"parties/{unit.party}"


Lines = Callable[[AsyncIterator[list[ledger.Row]], Items], AsyncIterator[bytes]]


async def csv_lines(chunks: AsyncIterator[list[ledger.Row]], items: Items) -> AsyncIterator[bytes]:
    """The sheet as CSV, some rows at a time."""
    yield sheets.MARK + sheets.csv_lines([[column.header for column in sheet.COLUMNS.values()]])
    async for rows in chunks:
        await items.read(rows)
        for piece in streams.pieces(sheets.csv_lines([cells(row, items)]) for row in rows):
            yield piece
            await asyncio.sleep(0)


async def json_lines(chunks: AsyncIterator[list[ledger.Row]], _: Items) -> AsyncIterator[bytes]:
    """One task a line."""
    async for rows in chunks:
        for piece in streams.pieces(ENCODE(row) + b"\n" for row in rows):
            yield piece
            await asyncio.sleep(0)


async def workbook(chunks: AsyncIterator[list[ledger.Row]], items: Items) -> AsyncIterator[bytes]:
    """The sheet as XLSX: made whole in a file, since its table of contents stands at its end."""
    columns = [(column.header, WIDTHS.get(name, USUAL)) for name, column in sheet.COLUMNS.items()]
    with tempfile.TemporaryFile() as file:
        book = sheets.Book(file, sheet.SHEET, columns)
        try:
            async for rows in chunks:
                await items.read(rows)
                await asyncio.to_thread(book.put, [cells(row, items) for row in rows])
        finally:
            await asyncio.to_thread(book.end)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
            await asyncio.sleep(0)


LINES: dict[str, Lines] = {sheets.CSV: csv_lines, sheets.XLSX: workbook, streams.NDJSON: json_lines}

ROUTES: list[ControllerRouterHandler] = [tasks]
