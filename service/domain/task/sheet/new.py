"""A row of a sheet that is a new task: its registration, whole."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from service.domain import dates
from service.domain.task import Register
from service.domain.task.bases import BaseOn
from service.domain.task.duties import SetRecurrence
from service.domain.task.sheet import LEADS_TO, ROLES
from service.domain.task.sheet.cells import STEPS, Cells, Change, number_of
from service.domain.task.state import Status
from service.domain.task.terms import SetTerms
from service.domain.task.units import NameUnit
from service.domain.values import Label, PrintedName, Text, UncertainDate


class New(Cells):
    """A row of a task that the plan has not had."""

    def changes(self) -> Iterator[Change]:
        """The registration of a task that the plan has not had."""
        name = self.words("title", Label)
        if name is UNSET or name is None:
            self.wrong.append(self.at("number", "a task that is new has a title"))
        text, requirement = self.words("text", Text) or None, self.words("requirement", Text) or None
        starts, due = self.day("starts"), self.day("due")
        part, state, report = self.part(), self.state(), self.report()
        named = list(self.named())
        if isinstance(starts, dates.Cycle):
            self.wrong.append(self.at("starts", "only a deadline comes again, no start"))
        if self.wrong:
            return
        on = f"plans/{self.given.plan}"
        whole: dict[str, Any] = {
            "bases": (BaseOn(on=on, on_part=part, number=number_of(self.row), citations=self.cites("number", "item")),),
            "units": tuple(named),
            "progress": (report,) if report is not None else (),
        }
        told: dict[str, Any] = {
            "text": text,
            "requirement": requirement,
            "starts": starts if isinstance(starts, UncertainDate) else None,
            "due": due if isinstance(due, UncertainDate) else None,
        }
        try:
            if any(value is not None for value in told.values()):
                whole["terms"] = SetTerms(**told, citations=self.cites("text", "requirement", "starts", "due"))
            if isinstance(due, dates.Cycle):
                whole["recurrence"] = self.rule(due, starts if isinstance(starts, UncertainDate) else None)
        except ValueError as error:
            self.wrong.append(self.at("due", str(error)))
            return
        steps: list[Status] = [] if state == "registered" else ["listed"]
        if state not in {None, "registered", "listed"}:
            steps.append(state)
        for step in steps:
            told_by = self.cites("status" if step != "listed" or state == "listed" else "number")
            whole[LEADS_TO[step]] = STEPS[step](citations=told_by)
        yield Change(
            "title", Register(title=PrintedName(printed=name), basis="stated", citations=self.cites("title"), **whole)
        )

    def rule(self, cycle: dates.Cycle, starts: UncertainDate | None) -> SetRecurrence:
        """The rule of a standing duty, from its start, else from today."""
        first = (starts.earliest if starts is not None else None) or self.given.effective or self.given.today
        words = str(self.row["due"].value)
        return SetRecurrence(
            every=cycle.every, month=cycle.month, day=cycle.day, first=first, text=words, citations=self.cites("due")
        )

    def named(self) -> Iterator[NameUnit]:
        """The units of a new task."""
        for role in ROLES:
            before = len(self.wrong)
            found = self.parties(role)
            if len(self.wrong) > before:
                continue
            parties = () if isinstance(found, UnsetType) else found
            for party, office, person in zip(parties, *self.answering(role, len(parties)), strict=True):
                yield self.unit(role, party, office, person)
