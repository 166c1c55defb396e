"""Which documents are there? The list by kind, status, publisher, language, date, hash, document cited and title."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.decider import Ref
from service.domain.document import DECIDER
from service.domain.document.state import Document, Kind, Language, Status, status
from service.domain.names import FOLDING
from service.domain.values import Label, PartyId, Sha256, UncertainDate
from service.projections import Row, interval, over_time
from service.projections.cursors import Number, Words
from service.projections.inputs import Inputs, Key, exists
from service.projections.paging import DAYS, Condition, Listing, Sort, citing, forms, item, of_party, searchable, since
from service.projections.pairs import within

# --- The rows ---------------------------------------------------------------------------------------------------------

Day = date
"""The type: among the fields of a summary `date` is one."""


class Summary(Struct, frozen=True, kw_only=True, gc=False):
    """A document in a list. `title` and `publisher` are the ones meant; `length` the code points of its text.

    `uncertain` points into the thing itself, with a part's key in the place of an index, to what rests on a date that
    the day lies within; from `changes_on` on the list says otherwise.
    """

    id: UUID
    title: str | None
    kind: Kind
    status: Status
    publisher: str | None
    publisher_party: UUID | None
    date: UncertainDate | None
    language: str | None
    number: str | None
    sha256: str | None
    length: int | None
    uncertain: tuple[str, ...] = ()
    changes_on: Day | None = None


def said(ref: Ref, document: Document, day: date) -> dict[Key, Row]:
    """What the list says of the document: one row, or none before it is registered."""
    header = document.header
    if header is None:
        return {}
    shown = Summary(
        id=ref.id,
        title=header.title.meant if header.title else None,
        kind=header.kind,
        status=status(document),
        publisher=header.publisher.meant if header.publisher else None,
        publisher_party=header.publisher_party,
        date=header.date,
        language=header.language,
        number=header.number,
        sha256=header.sha256,
        length=header.length,
    )
    titles = [header.title, *(text.title for text in document.parts.values())]
    row = (
        shown.title,
        searchable({form for title in titles if title is not None for form in forms(title)}),
        shown.kind,
        shown.status,
        shown.publisher,
        shown.publisher_party,
        shown.language,
        *interval([shown.date]),
        shown.sha256,
        header.sources[0].sequence,
        msgspec.json.encode(shown),
    )
    return {(): row}


INPUTS = Inputs(every=frozenset({"header", "parts", "withdrawal"}), some={"segments": exists})

DOCUMENTS = over_time(
    name="documents",
    version=4,
    deciders=(DECIDER,),
    values=(
        ("title", "text"),
        ("titles_folded", "text not null"),
        ("kind", "text not null"),
        ("status", "text not null"),
        ("publisher", "text"),
        ("publisher_party", "uuid"),
        ("language", "text"),
        ("dated_from", "date"),
        ("dated_to", "date"),
        ("sha256", "text"),
        ("recorded", "bigint not null"),
        ("summary", "bytea not null"),
    ),
    indexes=(
        "create index on p_documents (recorded, stream)",
        "create index on p_documents (kind, recorded, stream)",
        "create index on p_documents (status, recorded, stream)",
        "create index on p_documents (publisher, recorded, stream)",
        "create index on p_documents (publisher_party, recorded, stream)",
        "create index on p_documents (dated_from, stream)",
        "create index on p_documents (dated_from, stream, dated_to) where dated_from <> dated_to",
        "create index on p_documents (sha256)",
        'create index on p_documents (language collate "C", recorded, stream)',
        'create index on p_documents (title collate "C", stream)',
    ),
    said=said,
    inputs=INPUTS,
    shaped_by=FOLDING,
)

# --- The list ---------------------------------------------------------------------------------------------------------


class Filter(Struct, frozen=True, kw_only=True):
    """What the list may be asked for; what is None is not asked.

    `publisher` is the name as the list shows it, `publisher_party` the party. `language` finds its own variants too:
    `zh` finds `zh-CN` (RFC 4647, section 3.3.1). A document passes `date_from` and `date_to` where its date may lie in
    that time (both days included), which an unknown date does not. `document` is cited by any fact of the document. `q`
    is part of the title of the document or of one of its texts, in any form, script and case.
    """

    kind: Kind | None = None
    status: Status | None = None
    publisher: Label | None = None
    publisher_party: PartyId | None = None
    language: Language | None = None
    date_from: date | None = None
    date_to: date | None = None
    sha256: Sha256 | None = None
    document: UUID | None = None
    q: Label | None = None


Order = Literal["recorded", "-recorded", "date", "-date", "title", "-title"]

LIST = Listing(
    name="documents",
    select=f"t.summary, {DAYS}",
    source="{table:documents} as t",
    item=item,
    conditions={
        "kind": Condition("t.kind = {0}"),
        "status": Condition("t.status = {0}"),
        "publisher": Condition("t.publisher = {0}"),
        "publisher_party": of_party("t.publisher_party = {0}"),
        "language": Condition('(t.language collate "C" = {0} or starts_with(t.language collate "C", {0} || \'-\'))'),
        "date_from": since("t.dated_from", "t.dated_to"),
        "date_to": Condition("t.dated_from <= {0}"),
        "sha256": Condition("t.sha256 = {0}"),
        "document": citing("documents"),
        "q": within("titles_folded"),
    },
    sorts={
        "recorded": Sort("t.recorded", Number),
        "date": Sort("t.dated_from", date, nullable=True, span=("date_from", "t.dated_to")),
        "title": Sort('t.title collate "C"', Words, nullable=True),
    },
)
"""Documents as they stand on a day, each the JSON of a `Summary`."""
