"""The cells of a row, read as what they mean: words, days, parties, places of the plan, states.

What is wrong with a cell is noted, and reading goes on. An empty cell says nothing; `NOTHING` takes away.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from service.domain import dates, errors
from service.domain.decider import Command, Ref, Refs
from service.domain.party.directory import Directory, nearest
from service.domain.plan.state import Plan
from service.domain.task.life import Assign, Cancel, Close, List, ReportDone, Start, Suspend, TakeStep
from service.domain.task.progress import ReportProgress
from service.domain.task.sheet import COLUMNS, LEADS_TO, NOTHING, STATUSES, UNKNOWN, Name, placed, written
from service.domain.task.sheet.places import place
from service.domain.task.state import Role, Status, Task, Unit
from service.domain.task.units import NameUnit
from service.domain.values import (
    Citation,
    DecimalText,
    Label,
    Locator,
    Note,
    Person,
    PrintedName,
    Text,
    UncertainDate,
)


class Cell(NamedTuple):
    """A cell that says something: where it stands, its column's letters, and its text or day."""

    sheet: str
    row: int
    column: str
    value: str | date

    @property
    def place(self) -> str:
        """`D7`."""
        return f"{self.column}{self.row}"


Row = Mapping[Name, Cell]


class Given(Struct, frozen=True, kw_only=True):
    """What the whole import goes by.

    `document` is the sheet, `places` the parts of the plan by what is written for them. `year` is that of dates which
    leave it out; `grounds`, `approver` and `effective` count for changes of which the row says none of its own.
    """

    plan: UUID
    state: Plan
    document: UUID
    directory: Directory
    places: Mapping[str, tuple[str, ...]]
    today: date
    year: int | None = None
    grounds: Note | None = None
    approver: UUID | None = None
    effective: date | None = None

    @property
    def refs(self) -> Refs:
        """What decisions on a row may look at."""
        return {Ref("plans", self.plan): self.state}


class Known(NamedTuple):
    """A task that stands: as it is today, and with what takes effect later."""

    id: UUID
    now: Task
    newest: Task


class Change(NamedTuple):
    """A command, and the column that it comes from."""

    column: Name
    command: Command


STEPS: dict[Status, type[TakeStep]] = {
    "listed": List,
    "assigned": Assign,
    "in_progress": Start,
    "reported_done": ReportDone,
    "closed": Close,
    "suspended": Suspend,
    "cancelled": Cancel,
}
_MEANT: dict[str, Status] = {words: name for name, words in STATUSES.items()}
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,12})?)%")
_DIGITS = str.maketrans("\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "0123456789")
_APART = re.compile(r"[\u3001,\uff0c;\uff1b\n]+")
_APART_ALWAYS = re.compile(r"[\u3001;\uff1b\n]")
"""Marks between names, in half and full width; and those that no office has in it."""
LONG = 5
"""Pieces that a name may have where marks stand in it that stand between names."""
Asked = UncertainDate | dates.Cycle | UnsetType | None


def tidy(text: str | None) -> str | None:
    """A text as a cell has it: without blanks around it."""
    return text.replace("\t", " ").strip() if text is not None else None


def number_of(row: Row) -> str | None:
    """The number of a row, its digits in half width; None where it has none."""
    cell = row.get("number")
    return str(cell.value).translate(_DIGITS) if cell is not None else None


class Cells:
    """One row, read cell by cell."""

    def __init__(self, row: Row, given: Given) -> None:
        """Nothing is read yet."""
        self.row, self.given = row, given
        self.wrong: list[errors.Refused] = []
        self.places: frozenset[str | None] = frozenset()
        """Parts of the plan, likewise."""

    def likely(self, name: Name) -> tuple[frozenset[UUID], ...]:  # noqa: ARG002 -- nobody is, of a task that is new
        """Parties that a name in a column means rather than others, the likeliest first: those of the task already."""
        return ()

    # --- Cells ------------------------------------------------------------------------------------------------

    def at(self, name: Name, problem: object) -> errors.Refused:
        """What is wrong, at a column of this row."""
        cell = self.row.get(name) or next(iter(self.row.values()))
        return in_cell(cell, COLUMNS[name].header if name in self.row else "", problem)

    def refuse(self, name: Name, refused: errors.Refused) -> None:
        """Note what is wrong with a cell."""
        self.wrong.append(self.at(name, refused.facts.get("problem", refused)))

    def cites(self, *names: Name) -> tuple[Citation, ...]:
        """Citations of the cells that a fact comes from."""
        found = [self.row[name] for name in names if name in self.row]
        return tuple(
            Citation(document=self.given.document, locator=Locator(sheet=cell.sheet, cell=cell.place)) for cell in found
        )

    def words(self, name: Name, kind: Any) -> Any:
        """A cell's text as a value of that type; UNSET where it says nothing, None where it takes away."""
        cell = self.row.get(name)
        if cell is None:
            return UNSET
        text = cell.value if isinstance(cell.value, str) else cell.value.isoformat()
        if text == NOTHING:
            return None
        try:
            return msgspec.convert(text, kind)
        except msgspec.ValidationError as error:
            self.refuse(name, errors.Invalid("", problem=str(error)))
            return UNSET

    def day(self, name: Name, *held: UncertainDate | None) -> Asked:
        """A cell's date, or rule; UNSET where it says what is held."""
        cell = self.row.get(name)
        if cell is None:
            return UNSET
        if isinstance(cell.value, date):
            read: UncertainDate | dates.Cycle = UncertainDate.day(cell.value)
        elif cell.value == NOTHING:
            return None
        elif any(cell.value == written(one) for one in held if one is not None):
            return UNSET
        else:
            try:
                read = dates.recurring(cell.value) or dates.read(msgspec.convert(cell.value, Label), self.given.year)
            except errors.Refused as refused:
                self.refuse(name, refused)
                return UNSET
            except (msgspec.ValidationError, ValueError) as error:
                self.refuse(name, errors.Invalid("", problem=str(error)))
                return UNSET
        if isinstance(read, UncertainDate) and any(alike(read, one) for one in held):
            return UNSET
        return read

    def parties(self, name: Name) -> tuple[UUID, ...] | UnsetType:
        """The parties that a cell names, in its order; UNSET where it says nothing."""
        cell = self.row.get(name)
        if cell is None:
            return UNSET
        text = str(cell.value)
        if text == NOTHING:
            return ()
        found = []
        for piece in self.apart(text):
            try:
                found.append(self.given.directory.find(piece, *self.likely(name)))
            except errors.Refused as refused:
                self.refuse(name, refused)
        return tuple(dict.fromkeys(found))

    def apart(self, text: str) -> list[str]:
        """The names in a cell, those whole that have a mark in them that stands between names."""
        pieces, names, place = re.split(f"({_APART.pattern})", text), list[str](), 0
        while place < len(pieces):
            for end in range(min(len(pieces), place + 2 * LONG - 1), place, -2):
                name = "".join(pieces[place:end]).strip()
                if end == place + 1 or name in self.given.directory:
                    names += [name] if name else []
                    place = end + 1
                    break
        return names

    def several(self, name: Name, count: int, held: Sequence[str | None]) -> list[str | None] | None:
        """A cell's entries, one for each lead unit; None where it says nothing, or what is `held`."""
        told = self.words(name, Text)
        if told is UNSET or told is None or told == placed(held):
            return None
        entries = [told] if count < 2 else _APART_ALWAYS.split(told)
        if len(entries) != count and len(others := _APART.split(told)) == count:
            entries = others
        entries = [entry.strip() for entry in entries]
        if not count:
            self.refuse(name, errors.Invalid("", problem="no lead unit is named that this could be of"))
            return None
        if len(entries) not in {1, count}:
            self.refuse(name, errors.Invalid("", problem=f"there are {count} lead units and {len(entries)} entries"))
            return None
        try:
            found = [None if entry in {"", UNKNOWN} else msgspec.convert(entry, Label) for entry in entries]
        except msgspec.ValidationError as error:
            self.refuse(name, errors.Invalid("", problem=str(error)))
            return None
        return found + [None] * (count - len(found))

    def part(self) -> str | None:
        """The item or target of the plan that the row names."""
        told = self.words("item", Text)
        if told is UNSET or told is None:
            return None
        words = " ".join(told.split())
        own = [one for one in self.places if one and " ".join(place(self.given.state, one).split()) == words]
        found = self.given.places.get(words, own)
        expected = set(found) & self.places or set(found)
        if len(expected) == 1:
            return expected.pop()
        near = nearest(told, self.given.places)
        if found:
            problem = f"{told} stands for several places of the plan: write its number and heading"
        elif near:
            problem = f"{told} is no item of the plan: is one of these meant: {', '.join(near)}?"
        else:
            problem = f"{told} is no item of the plan"
        self.refuse("item", errors.Invalid("", problem=problem))
        return None

    def state(self) -> Status | None:
        """The state that the row tells."""
        told = self.words("status", Label)
        if told is UNSET or told is None:
            return None
        found = _MEANT.get(told)
        if found is None or found == "merged":
            usual = ", ".join(STATUSES[name] for name in ("registered", *LEADS_TO))
            self.refuse("status", errors.Invalid("", problem=f"{told} is no state of a task: write one of {usual}"))
            return None
        return found

    def report(self) -> ReportProgress | None:
        """The progress that the row tells, as of the day given, else of today."""
        told = self.words("progress", Text)
        if told is UNSET or told is None:
            return None
        day = self.given.effective or self.given.today
        said: dict[str, Any] = {"citations": self.cites("progress"), "basis": "stated"}
        said["effective"] = UncertainDate(earliest=day, latest=day, basis="inferred")
        try:
            if share := _SHARE.fullmatch(unicodedata.normalize("NFKC", told)):
                return ReportProgress(share=msgspec.convert(share[1].lstrip("0") or "0", DecimalText), **said)
            return ReportProgress(text=told, **said)
        except (ValueError, msgspec.ValidationError) as error:
            self.refuse("progress", errors.Invalid("", problem=str(error)))
            return None

    def answering(self, role: Role, count: int, held: Sequence[Unit] = ()) -> tuple[list[str | None], list[str | None]]:
        """The offices and the people of as many units, `held` where they stand: those that lead alone have any here."""
        nobody: list[str | None] = [None] * count
        if role != "lead":
            return nobody, nobody
        offices = [one.office for one in held]
        people = [one.person.name.meant if one.person is not None else None for one in held]
        return self.several("office", count, offices) or nobody, self.several("person", count, people) or nobody

    def unit(self, role: Role, party: UUID, office: str | None, person: str | None) -> NameUnit:
        """The naming of a unit, with the office that answers and who holds it."""
        cited: tuple[Name, ...] = (role, *(("office",) if office else ()), *(("person",) if person else ()))
        return NameUnit(
            role=role,
            party=party,
            office=office,
            person=Person(name=PrintedName(printed=person)) if person else None,
            basis="stated",
            citations=self.cites(*cited),
        )


def alike(told: UncertainDate, held: UncertainDate | None) -> bool:
    """Whether a date says what is held: the same days, or the same words where neither has any."""
    if held is None or not told.agrees(held):
        return False
    return told.earliest is not None or told.latest is not None or told.printed == held.printed


def in_cell(cell: Cell, header: str, problem: object) -> errors.Refused:
    """What is wrong, at a cell."""
    return errors.InCell(
        f"{cell.sheet}!{cell.place}", sheet=cell.sheet, row=cell.row, column=cell.column, header=header, problem=problem
    )
