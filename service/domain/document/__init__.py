"""The document: what the registry's facts are taken from, described and divided, its text never held in the log.

A document's text is known by its hash and length. Other versions of it (simplified, repaired, without boilerplate) are
derived from it by named tools and reached through offset maps; citations always point into the captured one. One file
may hold several texts, each in several spans where page breaks cut it. What no fact is taken from is passed over with a
reason, so that a document's coverage can be proved.

Five files own its events, commands and arms: `description`, `file`, `text`, `parts`, `standing`; `state` is what they
all build. Here they become one decider, with the command that registers a whole document at once.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from service.domain import errors
from service.domain.decider import (
    Command,
    Decider,
    Event,
    Fact,
    Recorded,
    Ref,
    Refs,
    event_from,
    inherit,
    must_exist,
    undated,
)
from service.domain.document import description, file, parts, standing, text
from service.domain.document.file import RecordFile
from service.domain.document.parts import DescribePart, PassOver, Segment
from service.domain.document.state import Credits, Document, Kind, Language, Length, Url
from service.domain.parts import attest, says
from service.domain.settling import bare, settle, whole
from service.domain.values import Label, PartyId, PrintedName, Script, Sha256, UncertainDate


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a document with its text's hash and length, its parts and what is passed over at once, all or nothing.

    What stands inside takes the whole's citations, basis and note where it has none of its own. Registering the same id
    with the same content again changes nothing but adds new citations, and what was unknown of it.
    """

    title: PrintedName | None = None
    kind: Kind
    publisher: PrintedName | None = None
    publisher_party: PartyId | None = None
    credits: Credits = ()
    date: UncertainDate | None = None
    language: Language | None = None
    script: Script | None = None
    number: Label | None = None
    url: Url | None = None
    sha256: Sha256 | None = None
    length: Length | None = None
    file: RecordFile | None = None
    versions: Annotated[tuple[text.RecordTextVersion, ...], Meta(max_length=10)] = ()
    segments: Segment | None = None
    parts: Annotated[tuple[DescribePart, ...], Meta(max_length=200)] = ()
    passed: PassOver | None = None
    republications: Annotated[tuple[standing.RecordRepublication, ...], Meta(max_length=20)] = ()
    reliability: standing.AssessReliability | None = None

    def __post_init__(self) -> None:
        """A captured text has both its hash and its length."""
        if (self.sha256 is None) != (self.length is None):
            raise ValueError("sha256 and length of the captured text are given both or neither")


Contained = description.Describe | file.Files | text.Texts | parts.Parts | standing.Standing

ARMS: dict[type[Fact], Any] = {
    description.Describe: description,
    RecordFile: file,
    **dict.fromkeys(text.Texts.__args__, text),
    **dict.fromkeys(parts.Parts.__args__, parts),
    **dict.fromkeys(standing.Standing.__args__, standing),
}
"""Which file decides a command."""

OWNERS: dict[type[Event], Any] = {
    event: owner for owner in (description, file, text, parts, standing) for event in owner.EVENTS
}
"""Which file applies an event."""

GROWING = frozenset({"header", "passed"})
"""The parts that several commands within a whole may tell something of."""


def contained(command: Register, known: bool) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole document, with the pointer to each; of a `known` one also what describes it."""
    if known:
        names = ("kind", *description.DESCRIBED)
        told = {name: value for name in names if says(value := getattr(command, name))}
        yield "", inherit(command, description.Describe(**told))
    if command.sha256 is not None and command.length is not None:
        yield "", inherit(command, text.CaptureText(sha256=command.sha256, length=command.length))
    for field in ("file", "versions", "segments", "parts", "passed", "republications", "reliability"):
        value = getattr(command, field)
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                yield f"/{field}/{index}", inherit(command, item)
        elif value is not None:
            yield f"/{field}", inherit(command, value)


def decide(id: UUID, document: Document, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the document, or why not. Only its withdrawal has a date in the world."""
    if not isinstance(command, standing.Withdraw):
        undated(command)
    if isinstance(command, Register):
        known = document.header is not None
        first = None if known else event_from(description.Registered, command)
        items = contained(command, known)
        return whole(DECIDER, id, document, first=first, items=items, named=named, additive=GROWING)
    must_exist(document.header, Ref("documents", id))
    events: list[Event] = ARMS[type(command)].decide(id, document, command, named)
    withdrawn = document.withdrawal is not None and not isinstance(command, standing.Withdraw)
    if withdrawn and settle(DECIDER, document, bare(events)):
        raise errors.NotInThisState(subject=f"documents/{id}", status="withdrawn", action="change")
    return events


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event."""
    event = recorded.event
    if isinstance(event, description.Attested):
        return attest(document, recorded)
    after: Document = OWNERS[type(event)].evolve(document, recorded)
    return after


DECIDER: Decider[Document] = Decider(
    category="documents",
    initial=Document(),
    events=tuple(OWNERS),
    attested=description.Attested,
    voided=description.Voided,
    decide=decide,
    evolve=evolve,
    life=("withdrawal",),
)
