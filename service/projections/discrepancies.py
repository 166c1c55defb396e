"""What is told differently? The list by status, who noticed it, what it is about, document cited and words."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.discrepancy import DECIDER
from service.domain.discrepancy.state import Discrepancy, ProposedBy, Status, ended, status
from service.domain.names import FOLDING, fold
from service.domain.places import ordered
from service.domain.values import Label, Note, StatePart, Subject
from service.projections import Row, over_time
from service.projections.cursors import Number
from service.projections.inputs import Inputs, Key, exists
from service.projections.paging import DAYS, SEPARATOR, Condition, Listing, Sort, citing, item
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------


class Claimed(Struct, frozen=True, kw_only=True, gc=False):
    """A claim in a list: of what, and what it says there, without its sources."""

    id: UUID
    subject: Subject
    subject_part: StatePart | None
    field: str | None
    value: Any
    text: Note | None


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A discrepancy in a list. Of a settled one `chosen` is the claim that holds, none where it was waived; and why.

    `uncertain` is always empty, and `changes_on` null: nothing of it happens in the world.
    """

    id: UUID
    what: Label
    status: Status
    proposed_by: ProposedBy
    claims: tuple[Claimed, ...]
    chosen: UUID | None
    reason: Note | None
    uncertain: tuple[str, ...] = ()
    changes_on: date | None = None


def summary(id: UUID, discrepancy: Discrepancy) -> Summary | None:
    """The discrepancy as a list shows it, None where none is registered."""
    header, end = discrepancy.header, ended(discrepancy)
    if header is None:
        return None
    return Summary(
        id=id,
        what=header.what,
        status=status(discrepancy),
        proposed_by=header.proposed_by,
        claims=tuple(
            Claimed(**{name: getattr(claim, name) for name in Claimed.__struct_fields__})
            for _, claim in ordered(discrepancy.claims)
        ),
        chosen=end.choose if end is not None else None,
        reason=end.reason if end is not None else None,
    )


def said(ref: Ref, discrepancy: Discrepancy, day: date) -> dict[Key, Row]:
    """What the list says of the discrepancy: one row, or none before it is registered."""
    shown, header = summary(ref.id, discrepancy), discrepancy.header
    if shown is None or header is None:
        return {}
    words = [shown.what, *(claim.text for claim in shown.claims if claim.text is not None)]
    row = (
        fold(SEPARATOR.join(words)),
        shown.status,
        shown.proposed_by,
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


DISCREPANCIES = over_time(
    name="discrepancies",
    version=1,
    deciders=(DECIDER,),
    values=(
        ("words", "text not null"),
        ("status", "text not null"),
        ("proposed_by", "text not null"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_discrepancies (recorded, stream)",
        "create index on p_discrepancies (status, recorded, stream)",
        "create index on p_discrepancies (proposed_by, recorded, stream)",
    ),
    said=said,
    inputs=Inputs(every=frozenset({"header", "claims", "life"})),
    shaped_by=FOLDING,
)


def about(ref: Ref, discrepancy: Discrepancy, day: date) -> dict[Key, Row]:
    """Each thing, and part of it, that a claim is of; the part is empty where it is the whole thing."""
    if discrepancy.header is None:
        return {}
    return {(one.subject, one.subject_part or ""): () for one in discrepancy.claims.values()}


CLAIMS = over_time(
    name="claims",
    version=1,
    deciders=(DECIDER,),
    keys=(("subject", "text"), ("part", "text")),
    indexes=("create index on p_claims (subject, part, stream)",),
    said=about,
    inputs=Inputs(some={"header": exists}, keys={"claims": lambda one: [(one.subject, one.subject_part or "")]}),
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `subject` is a thing that a claim is of (`agreements/<id>`), `part` a part of a thing as claims name it
    (`steps/signed`, `header`). `open` lets pass what nobody has settled. `document` is cited by
    any fact of the discrepancy. `q` is part of its words, or of those of a claim, in any script and case.
    """

    status: Status | None = None
    open: bool | None = None
    proposed_by: ProposedBy | None = None
    subject: Subject | None = None
    part: StatePart | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded"]

LIST = Listing(
    name="discrepancies",
    select=f"t.summary, {DAYS}",
    source="{table:discrepancies} as t",
    item=item,
    conditions={
        "status": Condition("t.status = {0}"),
        "open": Condition("(t.status in ('detected', 'reopened')) = {0}"),
        "proposed_by": Condition("t.proposed_by = {0}"),
        "subject": Condition(
            "exists (select from {table:claims} as c where c.stream = t.stream and c.subject = {0} and {holds:c})"
        ),
        "part": Condition(
            "exists (select from {table:claims} as c where c.stream = t.stream and c.part = {0} and {holds:c})"
        ),
        "document": citing("discrepancies"),
        "q": within("words"),
    },
    sorts={"recorded": Sort("t.recorded", Number)},
)
"""Discrepancies as they are known, each the JSON of a `Summary`."""
