"""What an agreement's state is made of: one struct a part, each stored as one row."""

from typing import Literal
from uuid import UUID

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.obligations import Manner
from service.domain.titles import Title
from service.domain.values import (
    Label,
    Magnitude,
    Note,
    Part,
    PartName,
    PartyId,
    Period,
    Person,
    PrintedName,
    Text,
    UncertainDate,
    Value,
)

Kind = Literal[
    "strategic_framework",
    "sector_cooperation",
    "supply",
    "project",
    "ecological_compensation",
    "one_stop_service",
    "mechanism_charter",
    "multi_party",
]
StepName = Literal["proposed", "signed", "in_force", "terminated", "superseded", "withdrawn", "retracted"]
Status = Literal[
    "registered",
    "proposed",
    "signed",
    "in_force",
    "expired",
    "terminated",
    "superseded",
    "withdrawn",
    "retracted",
    "merged",
]
"""`registered`: no step is known. `expired` is computed from the term, `merged` holds while a record is a duplicate."""
Pairing = Literal["known", "unknown"]
Relation = Literal[
    "implements",
    "framework_for",
    "annex_of",
    "amends",
    "supersedes",
    "member_of",
    "constitutes",
    "signed_at",
]

RANK: dict[StepName, int] = {
    "proposed": 1,
    "signed": 2,
    "in_force": 3,
    "terminated": 4,
    "superseded": 4,
    "withdrawn": 4,
    "retracted": 4,
}
"""Steps only go forward. Going back is a correction, which takes the step out of the record."""


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the agreement is: its title as printed, or what the registry calls it where no source gives one.

    `instruments` counts the papers that this record stands for, None where no source says.
    """

    title: PrintedName | None = None
    called: Label | None = None
    instruments: int | None = None


class Classification(Part, frozen=True, kw_only=True, gc=False):
    """A kind that the agreement is of, among others it may be."""

    kind: Kind


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the agreement's life, with what each kind of step says."""

    step: StepName
    effective: UncertainDate | None = None
    place: Label | None = None
    by: tuple[UUID, ...] = ()
    successor: UUID | None = None
    grounds: Note | None = None


class Declared(Part, frozen=True, kw_only=True, gc=False):
    """What a source says of the signatories as a whole."""

    signatories: int | None = None
    pairing: Pairing | None = None


class Term(Part, frozen=True, kw_only=True, gc=False):
    """From when to when the agreement runs, or how long, and how it is renewed; by what it was changed last."""

    period: Period | None = None
    lasts: Magnitude | None = None
    renewal: Note | None = None
    changed_by: UUID | None = None
    changing_part: PartName | None = None


class Signatory(Part, frozen=True, kw_only=True, gc=False):
    """A party bound by the agreement, on a side, in a role, under the name that the paper gives it."""

    party: UUID
    name: PrintedName | None = None
    side: Label | None = None
    role: Label | None = None
    withdrawn: UncertainDate | None = None
    left: bool = False


class Signature(Part, frozen=True, kw_only=True, gc=False):
    """Who signed for a signatory, and when."""

    party: UUID
    representative: Person
    effective: UncertainDate | None = None


class Clause(Part, frozen=True, kw_only=True, gc=False):
    """A clause: stable id, changeable label, text in words of our own or of the instrument, who owes whom by when."""

    id: UUID
    label: Label | None = None
    parent: UUID | None = None
    heading: Label | None = None
    text: Text | None = None
    obligors: tuple[UUID, ...] = ()
    beneficiaries: tuple[UUID, ...] = ()
    manner: Manner | None = None
    due: UncertainDate | None = None
    added_by: UUID | None = None
    adding_part: PartName | None = None
    renumbered_by: UUID | None = None
    renumbering_part: PartName | None = None
    amended: bool = False
    amended_by: UUID | None = None
    amending_part: PartName | None = None
    repealed: bool = False
    repealed_from: UncertainDate | None = None
    repealed_by: UUID | None = None
    repealing_part: PartName | None = None


class Rate(Value, frozen=True, kw_only=True, gc=False):
    """An amount due under a condition, such as the class of water measured."""

    condition: Label
    amount: Magnitude
    payer: PartyId | None = None
    payee: PartyId | None = None


class Compensation(Part, frozen=True, kw_only=True, gc=False):
    """A rule of ecological compensation: where it is measured, who lies upstream, what is paid."""

    id: UUID
    section: Label | None = None
    basin: Label | None = None
    upstream: tuple[UUID, ...] = ()
    downstream: tuple[UUID, ...] = ()
    target_class: Label | None = None
    rates: tuple[Rate, ...] = ()
    cap: Magnitude | None = None
    term: Period | None = None


class Settlement(Part, frozen=True, kw_only=True, gc=False):
    """What was paid under a compensation rule for a period."""

    rule: UUID
    period: Period
    measured: Label | None = None
    payer: UUID | None = None
    payee: UUID | None = None
    amount: Magnitude


class Link(Part, frozen=True, kw_only=True, gc=False):
    """How the agreement, or a clause of it, stands to another thing, named by its subject, or to a part of that."""

    relation: Relation
    target: str
    clause: UUID | None = None
    target_part: PartName | None = None


class Agreement(State, frozen=True, kw_only=True, gc=False):
    """An agreement, by its parts."""

    header: Header | None = None
    duplicate: Duplicate | None = None
    declared: Declared | None = None
    term: Term | None = None
    kinds: dict[str, Classification] = {}
    steps: dict[str, Step] = {}
    titles: dict[str, Title] = {}
    signatories: dict[str, Signatory] = {}
    signatures: dict[str, Signature] = {}
    clauses: dict[str, Clause] = {}
    compensation: dict[str, Compensation] = {}
    settlements: dict[str, Settlement] = {}
    links: dict[str, Link] = {}


def signature_key(party: UUID, representative: Person) -> str:
    """What a signature is called: one a party and representative, as printed."""
    return f"{party}:{representative.name.printed}"


def latest(agreement: Agreement) -> Step | None:
    """The furthest step taken; of two as far the one recorded later."""
    return max(
        agreement.steps.values(),
        key=lambda step: (RANK[step.step], step.sources[0].sequence if step.sources else 0),
        default=None,
    )
