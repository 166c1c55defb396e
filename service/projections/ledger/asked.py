"""What the ledger may be asked for, and in which order."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.domain.task.lateness import Colour
from service.domain.task.state import Role, Status
from service.domain.values import Label, PartyId


class Filter(Struct, frozen=True, kw_only=True):
    """What the ledger may be asked for; what is None is not asked.

    `unit` answers for the task, or a party under it does, or one that it came after, as they were on that day;
    `unit_only` asks for the unit itself. `role`, `office` and `person` (as printed or as meant) are those of the same
    unit. `plan` and `agreement` are what a task carries out, `item` and `clause` the part of it. `open` are those that
    are neither closed nor cancelled. A task passes `due_from` and `due_to` where its deadline may lie in that time
    (both days included), which an unknown one does not. `colour` is that of the day asked for. `q` is part of any
    title, or of what the registry calls the task, in any form and case.
    """

    unit: PartyId | None = None
    unit_only: bool = False
    role: Role | None = None
    office: Label | None = None
    person: Label | None = None
    plan: UUID | None = None
    item: UUID | None = None
    agreement: UUID | None = None
    clause: UUID | None = None
    state: Status | None = None
    open: bool | None = None
    due_from: date | None = None
    due_to: date | None = None
    colour: Colour | Literal["none"] | None = None
    q: Label | None = None


class InRoles(Filter, frozen=True, kw_only=True):
    """The same, where the unit has any of several roles."""

    roles: tuple[Role, ...]


Order = Literal["due", "-due", "number", "-number", "unit", "-unit"]
