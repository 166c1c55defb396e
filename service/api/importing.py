"""A sheet of tasks beside its plan: what stands, what each row comes to, and the one transaction that takes it in.

Somebody else may change a task between the reading and the recording: each order says which version it is for, and the
sheet is compared anew where that is another one.
"""

import asyncio
import re
from datetime import date
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar import Request
from msgspec import Meta, Struct
from msgspec.structs import replace

from service.api.access import account
from service.api.headers import context
from service.api.writing import OnConflict
from service.domain import errors
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.document import Register as RegisterDocument
from service.domain.party.directory import Directory
from service.domain.plan.state import Plan
from service.domain.task.sheet import COLUMNS, named, numbered, same
from service.domain.task.sheet.cells import Cell, Given, Known, in_cell, number_of
from service.domain.task.sheet.places import places
from service.domain.task.sheet.rows import Result, read, task_id
from service.domain.task.state import title
from service.domain.values import Label, Note, PartyId
from service.projections import bases, parties
from service.registry import Done, Key, Order, Registry
from service.sheets import reading

Asked = Request[Any, Any, Any]
TRIES = 5
"""How often a sheet is compared anew where somebody has changed one of its tasks meanwhile."""


class Importing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sheet is taken in.

    `dry_run=true` tells what would be recorded, and nothing is. `sheet` is the worksheet to read, `name` what the file
    is called. `year` is that of dates which leave it out; without it, that of the plan's period where it is one year.
    `grounds`, `approver` (a party) and `effective` count for changes of which a row says none of its own. What a row
    tells otherwise than the record and is no change is a mistake, or with `on_conflict=propose` a discrepancy.
    """

    dry_run: bool = False
    sheet: Label | None = None
    name: Label | None = None
    year: Annotated[int, Meta(ge=1900, le=2200)] | None = None
    grounds: Note | None = None
    approver: PartyId | None = None
    effective: date | None = None
    on_conflict: OnConflict = "refuse"


# --- What a sheet is compared with ------------------------------------------------------------------------------------


class Held(Struct, frozen=True, kw_only=True):
    """The tasks of a plan: their numbers in it, as they stand, by number, and their versions."""

    tasks: dict[UUID, Known]
    numbers: dict[UUID, tuple[str, ...]]
    found: dict[str, list[UUID]]
    versions: dict[UUID, int]

    def of(self, number: str) -> list[Known]:
        """The tasks with that number, or that id in its place, that are no duplicates."""
        id = named(number)
        ids = self.found.get(same(number), []) if id is None else [id] if id in self.tasks else []
        return [self.tasks[one] for one in ids if self.tasks[one].newest.duplicate is None]


async def held(registry: Registry, plan: UUID, today: date) -> Held:
    """The tasks that the plan has."""
    async with registry.connection() as connection:
        numbers = await bases.numbered(connection, f"plans/{plan}", today)
    folded = await registry.read([Ref("tasks", id) for id in numbers])
    decider = DECIDERS["tasks"]
    tasks = {ref.id: Known(ref.id, one.at(decider, today), one.at(decider, date.max)) for ref, one in folded.items()}
    own = {id: called(known, tasks[id]) for id, known in numbers.items() if id in tasks}
    found: dict[str, list[UUID]] = {}
    for id, names in own.items():
        for key in {same(number) for number in names}:
            found.setdefault(key, []).append(id)
    return Held(
        tasks=tasks,
        numbers=own,
        found=found,
        versions={ref.id: one.version for ref, one in folded.items()},
    )


def called(numbers: tuple[str, ...], known: Known) -> tuple[str, ...]:
    """The numbers of a task as a sheet has them."""
    header = known.newest.header
    return tuple(numbered(number, header.period if header is not None else None, known.id) for number in numbers)


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
    seen: dict[UUID, Cell] = {}
    for index, row in enumerate(table.rows):
        number = number_of(row) or ""
        found = held.of(number)
        if len(found) > 1:
            told = ", ".join(f"tasks/{one.id}" for one in found)
            problem = f"several tasks of the plan have the number {number}: write which of {told}"
            wrong.append(in_cell(row["number"], COLUMNS["number"].header, problem))
            continue
        if not found and named(number) is not None:
            problem = f"{number} is no task of this plan"
            wrong.append(in_cell(row["number"], COLUMNS["number"].header, problem))
            continue
        known = found[0] if found else None
        earlier = seen.setdefault(known.id, row["number"]) if known is not None else row["number"]
        if earlier is not row["number"]:
            problem = f"the task {number} stands in row {earlier.row} already"
            wrong.append(in_cell(row["number"], COLUMNS["number"].header, problem))
            continue
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
        return title(held.tasks[id].newest) if id in held.tasks else found[0]

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
        raise errors.UnknownReference(parameter="approver", subject=f"parties/{asked.approver}")
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
        orders = [replace(order, propose=asked.on_conflict == "propose") for order in found.orders]
        try:
            done = await registry.execute(
                orders, actor=account(request).id, key=key, dry_run=asked.dry_run, **context(request)
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
