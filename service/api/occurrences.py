"""What a standing duty yields, recorded at once: the daily round does the same for the year to come."""

from datetime import date
from http import HTTPStatus
from itertools import islice
from typing import Any
from uuid import UUID

from litestar import Request, post
from msgspec import Struct

from service.api import bodies
from service.api.access import account, needs
from service.api.answers import Answer
from service.api.headers import context
from service.api.operations import decoder
from service.api.resource import ENCODE
from service.api.writing import Trying
from service.domain import errors
from service.domain.decider import Ref
from service.domain.task import DECIDER
from service.domain.task.missed import due_on, missing, rests
from service.domain.task.missed import yields as due_then
from service.domain.task.state import status
from service.registry import Order, Registry

MOST = 500
"""Tasks that are recorded at once: as many as a transaction has commands."""


class Until(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day on which a period may begin."""

    until: date


class Occurrence(Struct, frozen=True, kw_only=True):
    """A task that was recorded for a period of the duty."""

    id: UUID
    period: str
    due: date


class Occurrences(Struct, frozen=True, kw_only=True):
    """The tasks that had to be recorded, all of them or none."""

    items: list[Occurrence]


@post(
    "/api/tasks/{id:uuid}/:yield",
    opt=needs("registrar") | {"query": Trying, "body": Until, "answer": Occurrences},
    status_code=HTTPStatus.OK,
)
async def yields(request: Request[Any, Any, Any]) -> Answer:
    """Record the tasks of a standing duty for the periods that begin up to a day, as far as they are not there.

    They begin after the last period that has its task, or where there is none with the first that can be in time.
    `dry_run=true` answers with them, and records nothing.
    """
    registry: Registry = request.app.state.registry
    id: UUID = request.path_params["id"]
    trying = bodies.parameters(request, Trying)
    asked = bodies.decode(decoder(Until), await bodies.json_body(request))
    ref, today = Ref("tasks", id), registry.today()
    await registry.header(ref)
    folded = (await registry.read((ref,)))[ref]
    duty = folded.at(DECIDER, today)
    if duty.recurrence is None:
        raise errors.Invalid("", problem="this task is no standing duty: it has no rule of recurrence")
    if rests(duty) and not duty.recurrence.ended:
        raise errors.NotInThisState(subject=str(ref), status=status(duty), action="yield")
    # Those looked back at are no more than fit a year of months and a bit.
    told = list(islice(due_then(id, folded, today, asked.until), MOST + 14))
    there = await registry.read(Ref("tasks", one) for one, _ in told)
    left = missing(told, {one.id for one in there}, today)
    if len(left) > MOST or len(told) == MOST + 14:
        raise errors.Invalid("/until", problem=f"that is more than {MOST} tasks at once")
    orders = [Order(ref=Ref("tasks", one), command=command, creates=True) for one, command in left]
    if orders:
        trace = context(request)
        await registry.execute(
            orders,
            actor=account(request).id,
            dry_run=trying.dry_run,
            correlation=trace["correlation"],
            traceparent=trace["traceparent"],
        )
    items = [Occurrence(id=one, period=command.period or "", due=due_on(command)) for one, command in left]
    return Answer(body=ENCODE(Occurrences(items=items)), media_type="application/json")
