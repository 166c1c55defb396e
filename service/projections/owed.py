"""Who owes whom what? Each commitment that a stream comes to, and its parties, by the part that says it.

`COMMITMENTS` are clauses, statements and tasks with their state, deadline and words, one row each; `OWED` are those who
owe, who are owed, or of whom it is not said. What is asked of both stands in `commitments`.
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from service.domain import agreement, commitments, statement, task
from service.domain.agreement.state import Agreement
from service.domain.agreement.term import expires
from service.domain.decider import Ref
from service.domain.obligations import Manner
from service.domain.statement.state import Kind as SaidAs
from service.domain.statement.state import Statement
from service.domain.task.state import Task
from service.domain.values import UncertainDate, spelt
from service.projections import Row, interval, over_time
from service.projections.inputs import Inputs, Key

DECIDERS = (agreement.DECIDER, statement.DECIDER, task.DECIDER)


INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "steps", "term", "signatories"})
    | {"uptakes", "participants", "performance"}
    | {"terms", "units", "life"},
    keys={"clauses": lambda one: [(f"clauses/{spelt(one.id)}",)]},
    own=frozenset({"clauses"}),
)
"""What each commitment is made of; its rows' keys begin with the part that says it."""

_come_to: list[tuple[Agreement | Statement | Task, date, list[commitments.Commitment]]] = []


def come_to(state: Agreement | Statement | Task, day: date) -> list[commitments.Commitment]:
    """What a state's commitments are on a day: of the last two states remembered, since both tables ask of each."""
    for of, on, found in _come_to:
        if of is state and on == day:
            return found
    found = list(commitments.commitments(state, day))
    _come_to.append((state, day, found))
    del _come_to[:-2]
    return found


# --- What is owed -----------------------------------------------------------------------------------------------------


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a row holds beside its columns."""

    title: str
    label: str | None = None
    text: str | None = None
    said_as: SaidAs | None = None
    manner: Manner | None = None
    inferred: tuple[Literal["obligors", "beneficiaries"], ...] = ()
    due: UncertainDate | None = None


def said(ref: Ref, state: Agreement | Statement | Task, day: date) -> dict[Key, Row]:
    """Each commitment; of clauses those that say who owes or who is owed."""
    return {
        (one.part,): (
            one.kind,
            one.state,
            one.binding,
            one.direction,
            *interval([one.due]),
            one.told,
            msgspec.json.encode(
                Told(
                    title=one.title,
                    label=one.label,
                    text=one.text,
                    said_as=one.said_as,
                    manner=one.manner,
                    inferred=one.inferred,
                    due=one.due,
                )
            ),
        )
        for one in come_to(state, day)
        if one.kind != "clause" or one.obligors or one.beneficiaries
    }


def expiry(state: Agreement | Statement | Task) -> date | None:
    """The last day of a state that time alone ends: an agreement's."""
    return expires(state) if isinstance(state, Agreement) else None


BY_DUE = "coalesce(due_to, 'infinity'::date)"
"""What commitments are put in order by: what has no deadline comes after what has one."""

COMMITMENTS = over_time(
    name="commitments",
    version=3,
    deciders=DECIDERS,
    keys=(("part", "text"),),
    values=(
        ("kind", "text not null"),
        ("state", "text not null"),
        ("binding", "text not null"),
        ("direction", "text not null"),
        ("due_from", "date"),
        ("due_to", "date"),
        ("recorded", "bigint not null"),
        ("told", "bytea not null"),
    ),
    indexes=(
        f"create index on p_commitments (({BY_DUE}), recorded, stream, part)",
        f"create index on p_commitments (state, ({BY_DUE}), recorded, stream, part)",
        "create index on p_commitments (recorded, stream, part)",
    ),
    said=said,
    inputs=INPUTS,
    expiry=expiry,
)

# --- By whom, to whom -------------------------------------------------------------------------------------------------


def parties(ref: Ref, state: Agreement | Statement | Task, day: date) -> dict[Key, Row]:
    """Each party in each of its roles, and the first day on which the commitment may have begun."""
    told: dict[Key, Row] = {}
    for one in come_to(state, day):
        for role, parties in (("owes", one.obligors), ("owed", one.beneficiaries), ("unstated", one.unstated)):
            told |= dict.fromkeys(((one.part, role, party) for party in parties), (one.since,))
    return told


OWED = over_time(
    name="owed",
    version=3,
    deciders=DECIDERS,
    # Who owes by a part is one walk of the primary key: with parties in front of roles it would be one for each party.
    keys=(("part", "text"), ("role", "text"), ("party", "uuid")),
    values=(("since", "date"),),
    # Nearly all rows say of a clause that it is not stated who owes. They are counted, and seldom looked at.
    indexes=(
        "create index on p_owed (party, role, stream, part) where role <> 'unstated'",
        "create index on p_owed (party, stream, part, starts, ends) where role = 'unstated'",
    ),
    said=parties,
    inputs=INPUTS,
)
