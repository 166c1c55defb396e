"""Deadlines as a calendar (RFC 5545, 7986): addresses made and ended by registrars, and what they answer.

A deadline is an all-day event, not a to-do: calendars of phones and of office suites leave to-dos out of what they are
subscribed to, and show such an event above its day. It takes up no time. It has an alarm a week before for as long as
the task is open; a phone asks its owner whether subscribed calendars may ring.
"""

import hashlib
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from service.api import bodies, reading, streams
from service.api.access import account, needs
from service.api.answers import Answer
from service.api.ledger import CHUNK, Reading
from service.api.problems import WrongHeader
from service.api.resource import ENCODE
from service.api.writing import Trying
from service.domain import errors
from service.domain.decider import Ref
from service.domain.task import sheet
from service.domain.task.lateness import REGISTRY, Colour
from service.domain.task.state import Role, Status
from service.projections import ledger
from service.registry import Registry
from service.store import calendars, sql

if TYPE_CHECKING:
    import icalendar

ICS = "text/calendar"
PATH = "/api/calendars/"
KEPT = timedelta(days=366)
"""For so long after its deadline a task that is over stays in a calendar."""
REFRESH = timedelta(hours=6)
RINGS = -timedelta(days=REGISTRY.behind) + timedelta(hours=9)
"""From the beginning of the day of the deadline: nine in the morning a week before."""
SAYS: dict[Colour, str] = {"red": "逾期", "yellow": "滞后", "blue": "临近"}
SHOWN: dict[Colour, str] = {"red": "red", "yellow": "gold", "blue": "dodgerblue"}
"""Names of CSS, as RFC 7986, section 5.9 has them."""
STATUS: dict[Status, str] = {"cancelled": "CANCELLED", "suspended": "TENTATIVE"}
Asking = Request[Any, Any, Any]
Roles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=3)]


class NewCalendar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose deadlines: a unit's, with those of the parties under it and of those that it came after, in these roles."""

    unit: UUID
    roles: Roles = ("lead", "supporting", "supervising")


class Made(calendars.Calendar, frozen=True, kw_only=True):
    """A calendar with its address, which is told this once: whoever has it reads these deadlines, and nothing else."""

    path: str
    address: str


class Calendars(Struct, frozen=True, kw_only=True):
    """Every calendar, the oldest first, without its address."""

    items: list[calendars.Calendar]


class WouldMake(Struct, frozen=True, kw_only=True):
    """What `dry_run=true` tells: whose calendar would be made. None is."""

    dry_run: bool
    unit: UUID
    roles: Roles


_NEW = msgspec.json.Decoder(NewCalendar)


@post(
    "/api/ledger/calendars",
    opt=needs("registrar") | {"query": Trying, "body": NewCalendar, "answer": Made, "status": 201, "tried": WouldMake},
)
async def make(request: Asking) -> Answer:
    """Make a calendar of a unit's deadlines, and an address at which it is read without a key.

    The address is told once. So a request that is sent again makes another one, and takes no Idempotency-Key.
    """
    registry: Registry = request.app.state.registry
    asked = bodies.parameters(request, Trying)
    if "idempotency-key" in request.headers:
        raise WrongHeader(header="Idempotency-Key", problem="is not taken here: an address is told once")
    new = bodies.decode(_NEW, await bodies.json_body(request))
    try:
        await registry.header(Ref("parties", new.unit))
    except errors.NotFound:
        raise errors.UnknownReference("/unit", subject=f"parties/{new.unit}") from None
    roles = tuple(role for role in sheet.ROLES if role in new.roles)
    headers = {"cache-control": "no-store"}
    if asked.dry_run:
        body = ENCODE(WouldMake(dry_run=True, unit=new.unit, roles=roles))
        return Answer(body=body, headers=headers, media_type="application/json")
    token, made = await calendars.create(registry.pool, new.unit, roles, account(request).id)
    path = f"{PATH}{token}.ics"
    told = Made(**msgspec.structs.asdict(made), path=path, address=f"{str(request.base_url).rstrip('/')}{path}")
    return Answer(body=ENCODE(told), status_code=HTTPStatus.CREATED, headers=headers, media_type="application/json")


@get("/api/ledger/calendars", opt=needs("registrar") | {"answer": Calendars})
async def every(request: Asking) -> Answer:
    """Every calendar that was made, without its address."""
    found = await calendars.listed(request.app.state.registry.pool)
    return Answer(body=ENCODE(Calendars(items=found)), media_type="application/json")


# Litestar lets no handler that gives its answer itself be declared with 204.
@delete("/api/ledger/calendars/{id:uuid}", opt=needs("registrar") | {"query": Trying, "status": 204}, status_code=200)
async def end(request: Asking) -> Answer:
    """End a calendar: its address reads nothing any more."""
    asked = bodies.parameters(request, Trying)
    id: UUID = request.path_params["id"]
    if not await calendars.revoke(request.app.state.registry.pool, id, dry_run=asked.dry_run):
        raise errors.NotFound(subject=f"ledger/calendars/{id}")
    return Answer(status_code=HTTPStatus.NO_CONTENT)


@get(PATH + "{file:str}", opt={"query": streams.Nothing, "media": ICS, "etag": True, "named": True})
async def calendar(request: Asking) -> Answer:
    """The calendar that has this address (`<token>.ics`), which needs no key."""
    registry: Registry = request.app.state.registry
    bodies.parameters(request, streams.Nothing)
    token, _, ending = request.path_params["file"].rpartition(".")
    found = await calendars.find(registry.pool, token) if ending == "ics" else None
    if found is None:
        raise errors.NotFound(subject="calendars/…")
    body = await written(registry, found, str(request.base_url).rstrip("/"))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
    if reading.matches(request.headers.get("if-none-match"), etag):
        return Answer(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["content-disposition"] = 'inline; filename="deadlines.ics"'
    return Answer(body=body, headers=headers, media_type=ICS)


# --- The calendar -----------------------------------------------------------------------------------------------------


async def written(registry: Registry, wanted: calendars.Calendar, base: str) -> bytes:
    """The deadlines as they stand today, in the order of the days: on one day the same tasks are the same bytes."""
    import icalendar  # noqa: PLC0415 -- long to import

    day = registry.today()
    tasks = Reading(registry, ledger.InRoles(unit=wanted.unit, roles=wanted.roles), day)  # type: ignore[arg-type]
    first = await tasks.page(CHUNK)
    await tasks.ready(first)
    rows = [row async for some in tasks.pages(first) for row in some if shown(row, day)]
    told = {row["id"]: row for row in await registry.fetch(sql("last_told"), [row.id for row in rows])}
    unit = await registry.header(Ref("parties", wanted.unit))
    made = icalendar.Calendar.new(
        prodid="-//Mengfu//Ledger//ZH",
        name=f"{unit.name.meant}:任务时限",
        uid=wanted.id,
        language="zh-CN",
        refresh_interval=REFRESH,
    )
    made.add("x-published-ttl", icalendar.vDuration(REFRESH))  # What Outlook reads in the place of REFRESH-INTERVAL.
    for row in rows:
        made.add_component(event(row, told[row.id]["version"], told[row.id]["time"], base))
    return bytes(made.to_ical())


def shown(row: ledger.Row, day: date) -> bool:
    """Whether a task stands in a calendar: it has a last day, and is open or was due not long ago."""
    if row.due is None or row.due.latest is None or row.due.latest == date.max:
        return False
    return row.state not in {"closed", "cancelled", "suspended"} or row.due.latest >= day - KEPT


def event(row: ledger.Row, version: int, time: datetime, base: str) -> "icalendar.Event":
    """A task's last day. Without METHOD its DTSTAMP is the time of its last change (RFC 5545, section 3.8.7.2)."""
    import icalendar  # noqa: PLC0415 -- as above

    assert row.due is not None  # noqa: S101 -- else it is not shown
    assert row.due.latest is not None  # noqa: S101 -- likewise
    mark = SAYS[row.colour] if row.colour else sheet.STATUSES[row.state] if over(row) else ""
    made = icalendar.Event.new(
        uid=str(row.id),
        sequence=version,
        stamp=time,
        last_modified=time,
        start=row.due.latest,
        end=row.due.latest + timedelta(days=1),
        summary=f"【{mark}】{row.title}" if mark else row.title,
        description="\n".join(described(row)),
        color=SHOWN[row.colour] if row.colour else None,
        status=STATUS.get(row.state, "CONFIRMED"),  # type: ignore[arg-type]  # its enum is one of strings
        transparency="TRANSPARENT",  # type: ignore[arg-type]  # likewise
        url=f"{base}/api/tasks/{row.id}",
    )
    if row.colour:  # Told as an empty list they would be an empty line.
        made.categories = [row.colour, SAYS[row.colour]]
    if not over(row):
        alarm = icalendar.Alarm.new(description=row.title)
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", RINGS)
        made.add_component(alarm)
    return made


def over(row: ledger.Row) -> bool:
    """Whether nobody works at the task any more."""
    return row.state in {"reported_done", "closed", "cancelled", "suspended"}


def described(row: ledger.Row) -> list[str]:
    """What a task asks for, who answers for it, how far it is: one line each."""
    lines = [row.requirement or row.text or ""]
    for role, name in sheet.ROLES.items():
        units = [one.called or one.name or "" for one in row.units if one.role == role]
        lines.append(f"{name}:{sheet.joined(units)}" if units else "")
    lines.append(f"时限:{sheet.written(row.due)}")
    lines.append(f"状态:{sheet.STATUSES[row.state]}" + (f",{sheet.percent(row.share)}" if row.share else ""))
    return [line for line in lines if line]


ROUTES: list[ControllerRouterHandler] = [make, every, end, calendar]
