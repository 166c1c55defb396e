"""A row of a sheet that is a known task: what was unknown of it is learnt, what is otherwise is changed.

A change has a reason and the approval of who may give it; so has the release of a unit. Steps of its life only go
forward, or begin a new round for a reason.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import dates, errors
from service.domain.task.bases import BaseOn
from service.domain.task.entitled import approving
from service.domain.task.lateness import standing
from service.domain.task.life import Cancel, Close, Reopen, Resume, Suspend
from service.domain.task.sheet import LEADS_TO, NOTHING, ROLES, STATUSES, Name, named
from service.domain.task.sheet.cells import STEPS, Asked, Cells, Change, Given, Known, Row, number_of, tidy
from service.domain.task.state import RANK, Role, Status, Unit, furthest, status, title, units
from service.domain.task.terms import Adjust, SetTerms
from service.domain.task.units import NameUnit, ReleaseUnit
from service.domain.values import Label, Note, PrintedName, Text, UncertainDate, canonical


class Changed(Cells):
    """A row of a task that stands."""

    def __init__(self, row: Row, given: Given, known: Known) -> None:
        """The task as it stands is what the row is compared with."""
        super().__init__(row, given)
        self.known = known
        on = f"plans/{given.plan}"
        self.places = frozenset(base.on_part for base in known.newest.bases.values() if base.on == on)
        self._marks: tuple[str | None, UUID | None, UncertainDate | None] | None = None

    def likely(self, name: Name) -> tuple[frozenset[UUID], ...]:
        """The parties of the task: those that stand in the role, those that stand, and those released."""
        every = [unit for task in self.known[1:] for unit in task.units.values()]
        standing = [unit for unit in every if not unit.released]
        role = [unit for unit in standing if unit.role == name]
        return tuple(frozenset(unit.party for unit in some) for some in (role, standing, every))

    def changes(self) -> Iterator[Change]:
        """What is told of a task that stands, and was unknown of it or otherwise."""
        told = self.otherwise()
        learnt, changed = [*self.learnt_terms(told)], [*self.adjusted_terms(told)]
        for role in ROLES:
            for change, new in self.units(role):
                (learnt if new else changed).append(change)
        learnt += self.placed()
        lived = [*self.lived()]
        approved = [*self.approved(changed)] if changed else []
        yield from (*learnt, *approved, *lived)

    def otherwise(self) -> dict[Name, Any]:
        """What the row says of the title and the terms that they do not say, today or later: field by field."""
        known, newest = self.known, self.known.newest
        found: dict[Name, Any] = {}
        name = self.words("title", Label)
        if name not in {UNSET, None, tidy(title(known.now)), tidy(title(newest))}:
            found["title"] = PrintedName(printed=name)
        texts: tuple[Name, ...] = ("text", "requirement")
        for field in texts:
            told, cell = self.words(field, Text), self.row.get(field)
            both = {tidy(getattr(task.terms, field)) if task.terms else None for task in (known.now, newest)}
            if told is not UNSET and told not in both and (cell is None or cell.value not in both):
                found[field] = told
        ends: tuple[Name, ...] = ("starts", "due")
        for field in ends:
            days = [getattr(task.terms, field) if task.terms else None for task in (known.now, newest)]
            day = self.day(field, *days)
            if day is UNSET or (day is None and None in days):
                continue
            if isinstance(day, dates.Cycle) or (field == "due" and newest.recurrence is not None):
                if not self.comes_again(day):
                    problem = "what is done once and what comes again are two tasks: give the other a number"
                    self.wrong.append(self.at(field, problem))
                continue
            found[field] = day
        return found

    def comes_again(self, told: Asked) -> bool:
        """Whether the rule told is the one that stands."""
        rule = self.known.newest.recurrence
        return isinstance(told, dates.Cycle) and rule is not None and told == (rule.every, rule.month, rule.day)

    def unknown(self, field: Name, value: Any) -> bool:
        """Whether the row tells something of the terms that nobody knew."""
        return field != "title" and value is not None and getattr(self.known.newest.terms, field, None) is None

    def learnt_terms(self, told: dict[Name, Any]) -> Iterator[Change]:
        """What was unknown of the terms."""
        fresh = {field: value for field, value in told.items() if self.unknown(field, value)}
        if fresh:
            yield from self.made(fresh, SetTerms, citations=self.cites(*fresh))

    def adjusted_terms(self, told: dict[Name, Any]) -> Iterator[Change]:
        """What is told otherwise of the title and the terms."""
        changed = {field: value for field, value in told.items() if not self.unknown(field, value)}
        if changed:
            yield from self.made(changed, Adjust, grounds=NOTHING, citations=self.cites(*changed))

    def made(self, fields: dict[Name, Any], kind: type[SetTerms | Adjust], **said: Any) -> Iterator[Change]:
        """The command with these fields; what it refuses is told at the last of them."""
        try:
            yield Change(next(iter(fields)), kind(**fields, **said, basis="stated"))
        except ValueError as error:
            self.wrong.append(self.at(next(reversed(fields)), str(error)))

    def standing(self, role: Role) -> dict[UUID, Unit]:
        """The units in a role that have not been released, also those to come."""
        return {unit.party: unit for unit in units(self.known.newest, role)}

    def units(self, role: Role) -> Iterator[tuple[Change, bool]]:
        """What is told of the units in a role; True beside what was unknown: that there is one, who answers in it."""
        before = len(self.wrong)
        told, held = self.parties(role), self.standing(role)
        if len(self.wrong) > before:
            return
        wanted = list(held) if isinstance(told, UnsetType) else list(told)
        if set(wanted) == {unit.party for unit in units(self.known.now, role)} and set(wanted) != set(held):
            wanted = list(held)
        for party in held:
            if party not in wanted:
                yield Change(role, ReleaseUnit(role=role, party=party, citations=self.cites(role))), False
        stand = [held[party] for party in wanted] if held.keys() >= set(wanted) else []
        offices, people = self.answering(role, len(wanted), stand)
        for party, office, person in zip(wanted, offices, people, strict=True):
            if party not in held:
                yield Change(role, self.unit(role, party, office, person)), not held
            elif role == "lead":
                yield from self.other_office(held[party], office, person)

    def other_office(self, held: Unit, office: str | None, person: str | None) -> Iterator[tuple[Change, bool]]:
        """A lead unit that answers by another office or another person: released, and named again."""
        names = {held.person.name.meant, held.person.name.printed} if held.person is not None else set()
        new_office = office if office and office != held.office else None
        new_person = person if person and person not in names else None
        if not new_office and not new_person:
            return
        column: Name = "office" if new_office else "person"
        if (new_office and held.office) or (new_person and held.person):
            released = ReleaseUnit(role="lead", party=held.party, citations=self.cites("office", "person"))
            yield Change(column, released), False
            named = self.unit("lead", held.party, new_office or held.office, new_person)
            yield Change(column, named if new_person else replace(named, person=held.person)), False
        else:
            yield Change(column, self.unit("lead", held.party, new_office, new_person)), True

    def placed(self) -> Iterator[Change]:
        """The item of the plan that the task carries out, where none is known."""
        part, on = self.part(), f"plans/{self.given.plan}"
        if part is None:
            return
        if part in self.places:
            return
        if self.places - {None}:
            self.wrong.append(self.at("item", "the task stands under another item: a sheet does not move it"))
            return
        cited, number = self.cites("item"), number_of(self.row)
        own = number if number is not None and named(number) is None else None
        yield Change("item", BaseOn(on=on, on_part=part, number=own, basis="stated", citations=cited))

    def lived(self) -> Iterator[Change]:
        """The step that the row tells, and the progress."""
        known, newest = self.known, self.known.newest
        told = self.state()
        if told is not None and told not in {status(known.now), status(newest)}:
            yield from self.step(told)
        report = self.report()
        if report is None:
            return
        if report.share is not None:
            if canonical(report.share) != standing(newest).share:
                yield Change("progress", report)
        elif report.text not in {one.text for one in newest.progress.values()}:
            yield Change("progress", report)

    def step(self, told: Status) -> Iterator[Change]:
        """The step to a state, forward; back to work only by a new round."""
        newest = self.known.newest
        now, last = status(newest), furthest(newest)
        kind = STEPS.get(told)
        if told == "in_progress" and now == "suspended":
            kind = Resume
        elif told == "in_progress" and now in {"closed", "cancelled", "reported_done"}:
            kind = Reopen
        elif kind is None or (last is not None and now != "suspended" and RANK[LEADS_TO[told]] <= RANK[last.step]):
            problem = f"a task that is {STATUSES[now]} does not come to be {STATUSES[told]}: correct its record"
            self.wrong.append(self.at("status", problem))
            return
        grounds, approver, effective = self.marks()
        why = kind in {Suspend, Cancel, Resume, Reopen}
        if why and grounds is None:
            self.wrong.append(self.at("status", f"say why it is {STATUSES[told]} now, in the column 调整理由"))
            return
        by = (approver,) if approver is not None and (why or kind is Close) else ()
        cited = self.cites("status", "grounds", "approver") if why else self.cites("status")
        said = kind(by=by, grounds=grounds if why else None, effective=effective, basis="stated", citations=cited)
        yield Change("status", said)

    # --- Approval ---------------------------------------------------------------------------------------------

    def marks(self) -> tuple[str | None, UUID | None, UncertainDate | None]:
        """Why something is changed, who approved it, and since when it holds: by the row, else by the request."""
        if self._marks is None:
            grounds, named, day = self.words("grounds", Note), self.parties("approver"), self.day("effective")
            approver = self.given.approver if isinstance(named, UnsetType) or not named else named[0]
            effective = UncertainDate.day(self.given.effective) if self.given.effective is not None else None
            self._marks = (
                grounds or self.given.grounds,
                approver,
                day if isinstance(day, UncertainDate) else effective,
            )
        return self._marks

    def approved(self, changes: Sequence[Change]) -> Iterator[Change]:
        """The changes with what they are done for; refused without reason and approval, or by whom may not approve."""
        known, newest = self.known, self.known.newest
        grounds, approver, effective = self.marks()
        first = changes[0].column
        if grounds is None:
            self.wrong.append(self.at(first, "what stands is changed: say why, in the column 调整理由"))
        if approver is None:
            self.wrong.append(self.at(first, "what stands is changed: say who approved it, in the column 批准单位"))
        if grounds is None or approver is None:
            return
        mark = Adjust(
            text=None, grounds=grounds, approver=approver, plan=self.given.plan, effective=effective, basis=None
        )
        try:
            approving(f"tasks/{known.id}", newest, mark, self.given.refs)
        except errors.Refused as refused:
            self.wrong.append(self.at("approver" if "approver" in self.row else first, refused))
            return
        for column, command in changes:
            match command:
                case Adjust() | ReleaseUnit():
                    cited = (*command.citations, *self.cites("grounds", "approver"))
                    said = {"grounds": grounds, "approver": approver, "effective": effective, "citations": cited}
                    of = {"plan": self.given.plan} if isinstance(command, Adjust) else {}
                    yield Change(column, replace(command, basis="stated", **said, **of))
                case NameUnit(role=role, party=party):
                    again = any(
                        isinstance(other, ReleaseUnit) and other.party == party and other.role == role
                        for _, other in changes
                    )
                    new = again or party not in self.standing(role)
                    yield Change(column, replace(command, effective=effective) if new else command)
                case _:
                    raise AssertionError(command)
