"""Who is bound by an agreement, on which side, and who signed for them."""

from typing import Any, assert_never
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.header import Attested
from service.domain.agreement.state import Agreement, Signatory, Signature, signature_key
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.parts import filled, put, sources
from service.domain.settling import again, dates
from service.domain.values import Label, PartyId, Person, PrintedName, spelt

FIELDS = ("name", "side", "role")
"""What may become known of a signatory later."""

# --- Events -----------------------------------------------------------------------------------------------------------


class SignatoryAdded(Event, frozen=True, kw_only=True, gc=False):
    """A party is bound by the agreement, from the signing or, dated, by joining it later."""

    type = "agreement.signatory_added"
    belongs = True
    party: PartyId
    name: PrintedName | None = None
    side: Label | None = None
    role: Label | None = None

    @property
    def part(self) -> str:
        """One part a party."""
        return f"signatories/{spelt(self.party)}"


class SignatoryDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a signatory became known; fields left out stay as they are."""

    type = "agreement.signatory_described"
    party: PartyId
    name: PrintedName | UnsetType = UNSET
    side: Label | UnsetType = UNSET
    role: Label | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The party's part."""
        return f"signatories/{spelt(self.party)}"


class SignatoryWithdrawn(Change, frozen=True, kw_only=True, gc=False):
    """A party left the agreement, which goes on without it."""

    type = "agreement.signatory_withdrawn"
    party: PartyId

    @property
    def part(self) -> str:
        """The party's part."""
        return f"signatories/{spelt(self.party)}"


class SignatureRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Somebody signed for a signatory."""

    type = "agreement.signature_recorded"
    belongs = True
    party: PartyId
    representative: Person

    @property
    def part(self) -> str:
        """One signature a party and representative, as printed."""
        return f"signatures/{signature_key(self.party, self.representative)}"


class SignatureDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of who signed became known, such as the title: the person, as now known, printed as before."""

    type = "agreement.signature_described"
    party: PartyId
    representative: Person

    @property
    def part(self) -> str:
        """The signature."""
        return f"signatures/{signature_key(self.party, self.representative)}"


EVENTS = (SignatoryAdded, SignatoryDescribed, SignatoryWithdrawn, SignatureRecorded, SignatureDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class AddSignatory(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party is bound by the agreement; of one recorded already, what was unknown of it."""

    party: PartyId
    name: PrintedName | None = None
    side: Label | None = None
    role: Label | None = None


class WithdrawSignatory(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party left the agreement."""

    party: PartyId


class RecordSignature(Command, frozen=True, kw_only=True, gc=False):
    """Record who signed for a signatory, and when (`effective`); of a signature recorded already, what was unknown."""

    party: PartyId
    representative: Person


Signatories = AddSignatory | WithdrawSignatory | RecordSignature

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Signatories, refs: Refs) -> list[Event]:
    """The events of a command on the signatories."""
    subject = f"agreements/{spelt(id)}"
    held = agreement.signatories.get(spelt(command.party))
    what = f"{subject}: parties/{spelt(command.party)}"
    match command:
        case AddSignatory():
            if held is None or held.left:
                return [event_from(SignatoryAdded, command)]
            ids = {"party": command.party}
            return again(SignatoryDescribed, Attested, held, command, FIELDS, what=what, ids=ids, key="party")
        case WithdrawSignatory():
            if held is None:
                raise errors.UnknownPart("/party", part=f"parties/{command.party}", subject=subject)
            left = event_from(SignatoryWithdrawn, command)
            if not held.left:
                return [left]
            told_as: Any = {"held": held, "fact": command, "field": "withdrawn"}
            return [replace(left, effective=dates(left.effective, held.withdrawn, f"{what} withdrawn", **told_as))]
        case RecordSignature():
            if held is None:
                raise errors.UnknownPart("/party", part=f"parties/{command.party}", subject=subject)
            return signature_events(subject, agreement, command)
        case _:
            assert_never(command)


def signature_events(subject: str, agreement: Agreement, command: RecordSignature) -> list[Event]:
    """The events of a signature: its recording, or what is learnt of who signed."""
    event: SignatureRecorded = event_from(SignatureRecorded, command)
    held = agreement.signatures.get(event.part.partition("/")[2])
    if held is None:
        return [event]
    names, ids, what = ("representative",), {"party": command.party}, f"{subject}: {event.part}"
    return again(SignatureDescribed, Attested, held, command, names, what=what, ids=ids, key="party")


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its signatories."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case SignatoryAdded(party=party, name=name, side=side, role=role):
            return put(agreement, event.part, Signatory(party=party, name=name, side=side, role=role, sources=said))
        case SignatoryDescribed():
            return filled(agreement, recorded, FIELDS)
        case SignatoryWithdrawn(party=party):
            held = agreement.signatories.get(str(party))
            if held is None:
                return agreement
            said = sources(held, recorded, ("left", "withdrawn"))
            return put(agreement, event.part, replace(held, left=True, withdrawn=event.effective, sources=said))
        case SignatureDescribed():
            return filled(agreement, recorded, ("representative",))
        case SignatureRecorded(party=party, representative=representative):
            signature = Signature(party=party, representative=representative, effective=event.effective, sources=said)
            return put(agreement, event.part, signature)
        case _:
            raise AssertionError(event)
