"""Who owes whom under a clause of an agreement, how and by when."""

from uuid import UUID

from service.domain import errors
from service.domain.agreement.header import Attested
from service.domain.agreement.state import Agreement, Clause
from service.domain.decider import Change, Command, Event, Fact, Recorded, Refs, undated
from service.domain.obligations import OWED, Manner, owing
from service.domain.parts import filled
from service.domain.settling import again
from service.domain.values import Parties, UncertainDate

# --- Events -----------------------------------------------------------------------------------------------------------


class ObligationRecorded(Change, frozen=True, kw_only=True, gc=False):
    """Who owes whom under a clause, how and by when, since the clause does hold. What is left out is not known."""

    type = "agreement.obligation_recorded"
    timeless = True
    clause: UUID
    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)

    @property
    def part(self) -> str:
        """The clause."""
        return f"clauses/{self.clause}"


EVENTS = (ObligationRecorded,)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Obligation(Fact, frozen=True, kw_only=True, gc=False):
    """Who owes whom under the clause that it stands in, with citations and a basis of its own where they differ.

    `obligors` owe `beneficiaries`, each by itself, jointly, or one another; `due` is the deadline as it is known.
    """

    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)


class RecordObligation(Command, frozen=True, kw_only=True, gc=False):
    """Record who owes whom under a clause, or what was unknown of that. It has no date: it holds since the clause does.

    `obligors` owe `beneficiaries`, each by itself, jointly, or one another; `due` is the deadline as it is known.
    """

    clause: UUID
    obligors: Parties = ()
    beneficiaries: Parties = ()
    manner: Manner | None = None
    due: UncertainDate | None = None

    def __post_init__(self) -> None:
        """Somebody owes something."""
        owing(self)


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: RecordObligation, refs: Refs) -> list[Event]:
    """The events of an obligation under a clause, which must be recorded."""
    subject = f"agreements/{id}"
    return obliged(subject, clause_of(subject, agreement, command.clause), command)


def clause_of(subject: str, agreement: Agreement, clause: UUID) -> Clause:
    """The clause that a command names. Raises UnknownPart where it is not recorded."""
    held = agreement.clauses.get(str(clause))
    if held is None:
        raise errors.UnknownPart("/clause", part=f"clauses/{clause}", subject=subject)
    return held


def obliged(subject: str, held: Clause, told: Obligation | RecordObligation) -> list[Event]:
    """The events of an obligation under a clause that stands: what was unknown of it, what is attested."""
    undated(told)
    ids, what = {"clause": held.id}, f"{subject}: clauses/{held.id} obligation"
    return again(ObligationRecorded, Attested, held, told, OWED, what=what, ids=ids, key=None)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of who owes whom."""
    return filled(agreement, recorded, OWED)
