"""What an agreement is: its titles, its kinds, how many papers and signatories; which record of two stands for both."""

from typing import Annotated, Any, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, titles
from service.domain import kinds as many
from service.domain.agreement.state import Agreement, Classification, Declared, Header, Kind, Pairing
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from, fields_set, undated
from service.domain.parts import filled, put, says, sources
from service.domain.settling import again
from service.domain.values import AgreementId, Count, Label, PrintedName, Variant

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=8)]


def named(fact: Any) -> None:
    """An agreement has a title, or at least something to call it by."""
    if fact.title is None and fact.called is None:
        raise ValueError("an agreement has a title, or what the registry calls it")


def declares(fact: Any) -> None:
    """A declaration gives the number, or says something of the pairs."""
    if fact.signatories is None and fact.pairing is None:
        raise ValueError("a declaration has a number of signatories, or whether they are paired")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The agreement is known of. `called` is the registry's own words for it where no source gives a title."""

    type = "agreement.registered"
    begins = True
    timeless = True
    title: PrintedName | None = None
    called: Label | None = None

    def __post_init__(self) -> None:
        """It is called something."""
        named(self)


class Described(Event, frozen=True, kw_only=True, gc=False):
    """What was unknown of the agreement became known; fields left out stay as they are."""

    type = "agreement.described"
    timeless = True
    title: PrintedName | UnsetType = UNSET
    called: Label | UnsetType = UNSET
    instruments: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Classified(many.Classified, frozen=True, kw_only=True, gc=False):
    """The agreement is of this kind, beside others that it may be of."""

    type = "agreement.classified"
    kind: Kind


class Titled(titles.Titled, frozen=True, kw_only=True, gc=False):
    """Another title of the same agreement; told again, what sort of title it is."""

    type = "agreement.titled"


class SignatoriesDeclared(Event, frozen=True, kw_only=True, gc=False):
    """How many signatories a source speaks of, and whether it says who signed with whom. What is left out stays."""

    type = "agreement.signatories_declared"
    belongs = True
    signatories: Count | None = None
    pairing: Pairing | None = None

    def __post_init__(self) -> None:
        """Something is declared."""
        declares(self)

    @property
    def part(self) -> str:
        """One declaration an agreement."""
        return "declared"


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "agreement.duplicate_merged"
    into: AgreementId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two agreements after all."""

    type = "agreement.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the agreement."""

    type = "agreement.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the agreement should never have been recorded."""

    type = "agreement.voided"


EVENTS = (
    Registered,
    Described,
    Classified,
    Titled,
    SignatoriesDeclared,
    DuplicateMerged,
    DuplicateUnmerged,
    Attested,
    Voided,
)
FIELDS = ("title", "called", "instruments")
TELLS = (*FIELDS, "kinds")

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the agreement: its title, what it is called, its kinds, the number of papers."""

    title: PrintedName | None = None
    called: Label | None = None
    kinds: Kinds = ()
    instruments: Count | None = None

    def __post_init__(self) -> None:
        """Something became known; kinds in no order."""
        many.as_set(self)
        if not any(says(getattr(self, name)) for name in TELLS):
            raise ValueError(f"a description sets at least one of {', '.join(TELLS)}")


class AddTitle(Command, frozen=True, kw_only=True, gc=False):
    """Record another title of the same agreement, and which sort of title it is as far as that is plain."""

    title: PrintedName
    variant: Variant | None = None


class DeclareSignatories(Command, frozen=True, kw_only=True, gc=False):
    """Record how many signatories a source speaks of, and whether it pairs them."""

    signatories: Count | None = None
    pairing: Pairing | None = None

    def __post_init__(self) -> None:
        """Something is declared."""
        declares(self)


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another agreement. It has no date: nothing happened in the world."""

    into: AgreementId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | DeclareSignatories | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the agreement is."""
    subject = f"agreements/{id}"
    match command:
        case Describe():
            header = agreement.header
            if header is None:
                raise AssertionError(command)
            undated(command)
            events = many.classifying(agreement.kinds, command, Classified, Attested)
            if any(says(getattr(command, name)) for name in FIELDS):
                what = f"{subject}: header"
                events += again(Described, Attested, header, command, FIELDS, what=what, ids={}, key=None)
            return events
        case AddTitle():
            kinds = (Described, Titled, Attested)
            return titles.titled(subject, agreement.header, agreement.titles, command, kinds)
        case DeclareSignatories():
            declared = agreement.declared
            if declared is None:
                return [event_from(SignatoriesDeclared, command)]
            names, what = ("signatories", "pairing"), f"{subject}: declared"
            return again(SignatoriesDeclared, Attested, declared, command, names, what=what, ids={}, key=None)
        case MergeDuplicate() | UnmergeDuplicate():
            both = (DuplicateMerged, DuplicateUnmerged)
            return duplicates.decide(Ref("agreements", id), agreement.duplicate, command, refs, both)
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event on what it is."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case Registered(title=title, called=called):
            return put(agreement, "header", Header(title=title, called=called, sources=said))
        case Described():
            return filled(agreement, recorded, FIELDS)
        case Classified(kind=kind):
            return put(agreement, event.part, Classification(kind=kind, sources=said))
        case Titled(title=title, variant=variant):
            return titles.entitled(agreement, recorded, title, variant)
        case SignatoriesDeclared(signatories=count, pairing=pairing):
            if agreement.declared is not None:
                return filled(agreement, recorded, ("signatories", "pairing"))
            return put(agreement, "declared", Declared(signatories=count, pairing=pairing, sources=said))
        case DuplicateMerged() | DuplicateUnmerged():
            return duplicates.evolve(agreement, recorded)
        case Voided():
            return agreement
        case _:
            raise AssertionError(event)
