"""Who owes whom what: what binds somebody, or was said of somebody, read off a clause, a statement or a task.

Where a source does not say who owes or who is owed, it is told by these rules, and marked as `inferred`:

- What is owed under a clause that names nobody whom it benefits is owed to the agreement's other signatories.
- A promise or an intention is that of those on whose behalf it was made, else of those who spoke, towards those spoken
  to. What is requested or proposed is for those spoken to; a request is for whoever asks. A talk is that of all that
  talked, one with another. A remark commits nobody, unless it is said who is to do what.

A clause that names nobody who owes says nothing of who is bound: its signatories stand as `unstated`. For whom a task
is, follows from what it carries out, which is another stream's to tell.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.domain.agreement import life
from service.domain.agreement.state import Agreement, Clause, Status
from service.domain.obligations import Manner
from service.domain.statement import state as spoken
from service.domain.statement.state import Statement
from service.domain.task import state as asked
from service.domain.task.state import Task
from service.domain.values import UncertainDate, spelt

Kind = Literal["clause", "statement", "task"]
Binding = Literal["bound", "said"]
"""A clause of what was signed, a promise and a task bind; what is proposed, intended, requested or talked over is
`said`."""
Direction = Literal["one_way", "mutual", "joint", "each", "unstated"]
"""`one_way` from those who owe to others; else among those who owe, one another or together: `joint` or `each` its own
part, `unstated` where no source says how."""
Clausal = Literal["not_yet", "signed", "in_force", "repealed", "ended"]
"""`not_yet`: nobody says that it was signed. `signed`: not said whether it is in force. `ended`: with its agreement."""
State = Literal[
    "not_yet",
    "signed",
    "in_force",
    "repealed",
    "ended",
    "registered",
    "made",
    "taken_up",
    "withdrawn",
    "listed",
    "assigned",
    "in_progress",
    "reported_done",
    "closed",
    "suspended",
    "cancelled",
]
OVER: frozenset[State] = frozenset({"repealed", "ended", "withdrawn", "closed", "cancelled"})
"""What nobody waits for any more."""
SHORT = 200
"""Code points of a text that is shown as a whole."""

CLAUSAL: dict[Status, Clausal] = {
    "registered": "not_yet",
    "proposed": "not_yet",
    "signed": "signed",
    "in_force": "in_force",
}
SIGNED: frozenset[Status] = frozenset({"signed", "in_force", "expired", "terminated", "superseded"})
"""The statuses of what was signed, and what its source stands by."""


class Commitment(Struct, frozen=True, kw_only=True, gc=False):
    """What somebody owes, or is to do, by which part of a stream (empty: by all of it).

    `obligors` and `beneficiaries` are told by a source or, where `inferred` names them, by the rules. `unstated` are
    those of whom a source leaves open whether they owe. `since` is the first day on which it may have begun.
    """

    part: str = ""
    kind: Kind
    state: State
    binding: Binding
    direction: Direction
    manner: Manner | None = None
    obligors: frozenset[UUID] = frozenset()
    beneficiaries: frozenset[UUID] = frozenset()
    unstated: frozenset[UUID] = frozenset()
    inferred: tuple[Literal["obligors", "beneficiaries"], ...] = ()
    due: UncertainDate | None = None
    since: date | None = None
    label: str | None = None
    title: str
    text: str | None = None
    said_as: spoken.Kind | None = None
    told: int = 0


def direction(obligors: frozenset[UUID], beneficiaries: frozenset[UUID], manner: Manner | None) -> Direction:
    """How those who owe stand to those whom a source names as owed."""
    if manner == "mutual":
        return "mutual"
    if beneficiaries - obligors or len(obligors) == 1:
        return "one_way"
    return manner if manner is not None else "unstated"


def short(text: str) -> str:
    """A text, or the beginning of a longer one."""
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def mutual(
    obligors: frozenset[UUID], beneficiaries: frozenset[UUID], manner: Manner | None
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Those who owe and those who are owed: of what is mutual all of them are both."""
    if manner != "mutual":
        return obligors, beneficiaries
    both = obligors | beneficiaries
    return both, both


# --- Clauses ----------------------------------------------------------------------------------------------------------


def of_agreement(agreement: Agreement, day: date) -> Iterator[Commitment]:
    """What an agreement's clauses come to on a day."""
    if agreement.header is None or agreement.duplicate is not None or not agreement.clauses:
        return
    bound = frozenset(one.party for one in agreement.signatories.values() if not one.left)
    status = life.status(agreement, day)
    signed = agreement.steps.get("signed")
    since = signed.effective.earliest if signed is not None and signed.effective is not None else None
    for clause in agreement.clauses.values():
        yield _clause(agreement, clause, status, bound, since)


def _clause(
    agreement: Agreement, clause: Clause, status: Status, bound: frozenset[UUID], since: date | None
) -> Commitment:
    named = frozenset(clause.obligors), frozenset(clause.beneficiaries)
    obligors, beneficiaries = mutual(*named, clause.manner)
    others = (bound - obligors if len(obligors) == 1 else bound | obligors) if obligors else frozenset[UUID]()
    inferred = bool(others) and not (beneficiaries if clause.manner != "mutual" else len(beneficiaries) > 1)
    if inferred:
        obligors, beneficiaries = mutual(obligors, others, clause.manner)
    if clause.added_by is not None:
        since = clause.sources[0].effective.earliest if clause.sources[0].effective is not None else None
    head = agreement.header
    assert head is not None  # noqa: S101 -- `of_agreement` has looked
    state: Clausal = "repealed" if clause.repealed else CLAUSAL.get(status, "ended")
    return Commitment(
        part=f"clauses/{spelt(clause.id)}",
        kind="clause",
        state=state,
        binding="bound" if status in SIGNED else "said",
        direction=direction(*named, clause.manner) if obligors else "unstated",
        manner=clause.manner,
        obligors=obligors,
        beneficiaries=beneficiaries,
        # A heading without words of its own asks nothing of anybody.
        unstated=bound if not obligors and clause.text is not None else frozenset(),
        inferred=("beneficiaries",) if inferred else (),
        due=clause.due,
        since=since,
        label=clause.label,
        title=head.title.meant if head.title is not None else head.called or "",
        text=short(clause.heading or clause.text or "") or None,
        told=clause.sources[0].sequence,
    )


# --- Statements -------------------------------------------------------------------------------------------------------


def of_statement(statement: Statement) -> Iterator[Commitment]:
    """What a statement comes to: one commitment, none of a remark that says of nobody that he is to do anything."""
    header, owed, made = statement.header, statement.performance, statement.steps.get("made")
    status = spoken.status(statement)
    if header is None or status == "merged":
        return
    manner = owed.manner if owed is not None else None
    named = (
        frozenset(owed.performers if owed is not None else ()),
        frozenset(owed.beneficiaries if owed is not None else ()),
    )
    speaking = _voices(statement, "principal") or _voices(statement, "speaker")
    spoken_to = _voices(statement, "addressee")
    obligors, beneficiaries = mutual(*named, manner)
    inferred: list[Literal["obligors", "beneficiaries"]] = []
    match header.kind:
        case "promise" | "intention":
            by, towards = speaking, spoken_to
        case "request":
            by, towards = spoken_to, speaking
        case "proposal":
            by, towards = spoken_to, frozenset[UUID]()
        case "talk":
            by = towards = _voices(statement, "principal") | _voices(statement, "speaker")
            manner = manner or "mutual"
        case _:
            by = towards = frozenset()
    if not obligors and by:
        obligors = by
        inferred.append("obligors")
    if len(obligors) > 1 and not towards - obligors and header.kind in {"promise", "intention"}:
        towards = obligors
    if not beneficiaries and towards:
        beneficiaries = towards
        inferred.append("beneficiaries")
    obligors, beneficiaries = mutual(obligors, beneficiaries, manner)
    if not obligors and not beneficiaries and owed is None:
        return
    yield Commitment(
        kind="statement",
        state=status,
        binding="bound" if header.kind == "promise" else "said",
        direction=direction(obligors, beneficiaries, manner) if obligors else "unstated",
        manner=manner,
        obligors=obligors,
        beneficiaries=beneficiaries,
        inferred=tuple(inferred),
        due=owed.due if owed is not None else None,
        since=made.effective.earliest if made is not None and made.effective is not None else None,
        title=short(header.text),
        text=short(header.text),
        said_as=header.kind,
        told=header.sources[0].sequence,
    )


def _voices(statement: Statement, role: spoken.Role) -> frozenset[UUID]:
    """The parties that take part in a statement in a role."""
    return frozenset(party for one in statement.participants.values() if one.role == role for party in stands_for(one))


def stands_for(one: spoken.Participant) -> Iterable[UUID]:
    """The party that somebody is or stood for, else those of his or her office."""
    if one.party is not None:
        return (one.party,)
    return one.person.organisations if one.person is not None else ()


# --- Tasks ------------------------------------------------------------------------------------------------------------


def of_task(task: Task) -> Iterator[Commitment]:
    """What a task comes to: its lead units owe it."""
    header, status = task.header, asked.status(task)
    if header is None or status == "merged":
        return
    leads = list(asked.units(task, "lead"))
    begun = [one.since for one in leads] + [step.effective for step in task.life.values()]
    days = [one.earliest for one in begun if one is not None and one.earliest is not None]
    obligors = frozenset(one.party for one in leads)
    yield Commitment(
        kind="task",
        state=status,
        binding="bound",
        direction="unstated" if len(obligors) != 1 else "one_way",
        obligors=obligors,
        inferred=(),
        due=task.terms.due if task.terms is not None else None,
        since=min(days, default=None),
        title=asked.title(task),
        text=short((task.terms.text or task.terms.requirement or "") if task.terms is not None else "") or None,
        told=header.sources[0].sequence,
    )


def commitments(state: Agreement | Statement | Task, day: date) -> Iterator[Commitment]:
    """What a thing comes to on a day."""
    if isinstance(state, Agreement):
        return of_agreement(state, day)
    return of_statement(state) if isinstance(state, Statement) else of_task(state)
