"""What a statement's state is made of: one struct a part, each stored as one row; and what is read off it."""

from typing import Literal
from uuid import UUID

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.obligations import Manner
from service.domain.values import Label, Magnitude, Note, Part, Period, Person, PrintedName, Text, UncertainDate

Kind = Literal["promise", "proposal", "intention", "request", "talk", "remark"]
"""Whoever speaks promises to do, proposes what others might do, intends, or asks of others that they do (要求, 希望);
`talk` is what was talked over between parties, `remark` what somebody told or thought, promising and asking nothing."""
Role = Literal["speaker", "principal", "addressee"]
"""Who says it, on whose behalf, to whom."""
StepName = Literal["made", "withdrawn"]
Status = Literal["registered", "made", "taken_up", "withdrawn", "merged"]
"""`registered`: no step is known. `merged` holds while a record is a duplicate."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What was said, in words of our own, and what sort of statement it is, None where that is unknown."""

    text: Text
    kind: Kind | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the statement's life, with what each kind of step says."""

    step: StepName
    effective: UncertainDate | None = None
    meeting: UUID | None = None
    place: Label | None = None
    by: tuple[UUID, ...] = ()
    grounds: Note | None = None


class Uptake(Part, frozen=True, kw_only=True, gc=False):
    """What took the statement up, named by its subject, or a part of that; and since when."""

    by: str
    by_part: str | None = None
    effective: UncertainDate | None = None


class Participant(Part, frozen=True, kw_only=True, gc=False):
    """Who spoke, for whom, to whom: a person under a title as printed, a party as such, or people nobody names."""

    id: UUID
    role: Role
    person: Person | None = None
    party: UUID | None = None
    name: PrintedName | None = None
    group: Label | None = None
    number: Magnitude | None = None


class Topic(Part, frozen=True, kw_only=True, gc=False):
    """A thing that the statement is about, named by its subject, or a part of it."""

    about: str
    about_part: str | None = None


class Performance(Part, frozen=True, kw_only=True, gc=False):
    """Who is to do it, for whom, each, jointly or one another; by when, or over which time.

    Only the performers of a promise are bound.
    """

    performers: tuple[UUID, ...] = ()
    beneficiaries: tuple[UUID, ...] = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    period: Period | None = None


class Statement(State, frozen=True, kw_only=True, gc=False):
    """A statement, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    performance: Performance | None = None
    steps: dict[str, Step] = {}
    uptakes: dict[str, Uptake] = {}
    participants: dict[str, Participant] = {}
    topics: dict[str, Topic] = {}


# --- What is read off it ----------------------------------------------------------------------------------------------


def status(statement: Statement) -> Status:
    """What became of the statement: what was withdrawn stays so, whether or not it had been taken up before."""
    if statement.duplicate is not None:
        return "merged"
    if "withdrawn" in statement.steps:
        return "withdrawn"
    if statement.uptakes:
        return "taken_up"
    return "made" if "made" in statement.steps else "registered"
