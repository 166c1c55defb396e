"""What a document is: its title, kind, publisher, credits, date, language and number, as far as they are known."""

from typing import Annotated, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from service.domain import decider
from service.domain.decider import Command, Event, Recorded, Refs, fields_set
from service.domain.document.state import Credits, Document, Header, Kind, Language, Url
from service.domain.parts import put, sources
from service.domain.settling import again
from service.domain.values import Credit, Label, PartyId, PrintedName, Script, UncertainDate

Some = Annotated[tuple[Credit, ...], Meta(min_length=1, max_length=50)]
DESCRIBED = ("title", "publisher", "publisher_party", "credits", "date", "language", "script", "number", "url")
"""What of a document may become known after its registration. Its kind stands from the beginning."""

# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The document is known of: what kind it is, and what is known of it at once."""

    type = "document.registered"
    begins = True
    timeless = True
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


class Described(Event, frozen=True, kw_only=True, gc=False):
    """More became known of the document; fields left out stay."""

    type = "document.described"
    timeless = True
    title: PrintedName | UnsetType = UNSET
    publisher: PrintedName | UnsetType = UNSET
    publisher_party: PartyId | UnsetType = UNSET
    credits: Some | UnsetType = UNSET
    date: UncertainDate | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    script: Script | UnsetType = UNSET
    number: Label | UnsetType = UNSET
    url: Url | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if not fields_set(self, DESCRIBED):
            raise ValueError(f"a description sets at least one of {', '.join(DESCRIBED)}")

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an event of the document."""

    type = "document.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the document should never have been recorded."""

    type = "document.voided"


EVENTS = (Registered, Described, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Tell what was unknown of the document, or say again what is known; what is left out stays.

    What is recorded otherwise is refused: it is corrected. The captured text never changes.
    """

    title: PrintedName | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    publisher: PrintedName | UnsetType = UNSET
    publisher_party: PartyId | UnsetType = UNSET
    credits: Some | UnsetType = UNSET
    date: UncertainDate | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    script: Script | UnsetType = UNSET
    number: Label | UnsetType = UNSET
    url: Url | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if not fields_set(self, ("kind", *DESCRIBED)):
            raise ValueError(f"a description sets at least one of kind, {', '.join(DESCRIBED)}")


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, document: Document, command: Describe, named: Refs) -> list[Event]:
    """The events of a command on what the document is."""
    match command:
        case Describe():
            what = f"documents/{id}: header"
            held = document.header
            names = ("kind", *DESCRIBED)
            return again(Described, Attested, held, command, names, what=what, ids={}, key=None) if held else []
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(document: Document, recorded: Recorded) -> Document:
    """The document after one event of what it is."""
    event = recorded.event
    match event:
        case Registered():
            fields = {name: getattr(event, name) for name in ("kind", *DESCRIBED)}
            return put(document, "header", Header(**fields, sources=sources(None, recorded)))
        case Described():
            return headed(document, recorded, fields_set(event, DESCRIBED))
        case Voided():
            return document
        case _:
            raise AssertionError(event)


def headed(document: Document, recorded: Recorded, names: tuple[str, ...]) -> Document:
    """The document with those fields of the header as the event has them; unchanged before registration."""
    held = document.header
    if held is None:
        return document
    changed = {name: getattr(recorded.event, name) for name in names}
    return put(document, "header", replace(held, **changed, sources=sources(held, recorded, names)))
