"""What an agreement is: its titles, its kinds, how many papers and signatories; which record of two stands for both."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, headings, titles
from service.domain import kinds as many
from service.domain.agreement.state import Agreement, Classification, Declared, Header, Kind, Pairing
from service.domain.decider import Command, Event, Recorded, Ref, Refs, event_from
from service.domain.parts import filled, put, sources
from service.domain.settling import again
from service.domain.values import AgreementId, Count

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=8)]


def declares(fact: Any) -> None:
    """A declaration gives the number, or says something of the pairs."""
    if fact.signatories is None and fact.pairing is None:
        raise ValueError("a declaration has a number of signatories, or whether they are paired")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(headings.Registered, frozen=True, kw_only=True, gc=False):
    """The agreement is known of. `called` is the registry's own words for it where no source gives a title."""

    type = "agreement.registered"


class Described(headings.Described, frozen=True, kw_only=True, gc=False):
    """What was unknown of the agreement became known; fields left out stay as they are."""

    type = "agreement.described"
    instruments: Count | UnsetType = UNSET


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
TELLS = ("title", "called", "instruments", "kinds")
NAMES = headings.Events(
    described=Described,
    titled=Titled,
    merged=DuplicateMerged,
    unmerged=DuplicateUnmerged,
    attested=Attested,
    classified=Classified,
)
PARTS: headings.Parts = {Registered: Header, Classified: Classification}
"""What a registration and a kind become of the state."""

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(headings.Describe, frozen=True, kw_only=True, gc=False):
    """Record what was unknown of the agreement: its title, what it is called, its kinds, the number of papers."""

    kinds: Kinds = ()
    instruments: Count | None = None


class AddTitle(headings.AddTitle, frozen=True, kw_only=True, gc=False):
    """Record another title of the same agreement, and which sort of title it is as far as that is plain."""


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
    ref = Ref("agreements", id)
    if not isinstance(command, DeclareSignatories):
        return headings.decide(ref, agreement, command, refs, NAMES)
    declared = agreement.declared
    if declared is None:
        return [event_from(SignatoriesDeclared, command)]
    names, what = ("signatories", "pairing"), f"{ref}: declared"
    return again(SignatoriesDeclared, Attested, declared, command, names, what=what, ids={}, key=None)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event on what it is."""
    event = recorded.event
    if not isinstance(event, SignatoriesDeclared):
        return headings.evolve(agreement, recorded, PARTS)
    if agreement.declared is not None:
        return filled(agreement, recorded, ("signatories", "pairing"))
    declared = Declared(signatories=event.signatories, pairing=event.pairing, sources=sources(None, recorded))
    return put(agreement, "declared", declared)
