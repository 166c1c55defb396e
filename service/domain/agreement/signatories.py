"""Who is bound by an agreement, on which side, and who signed for them."""

from typing import assert_never
from uuid import UUID

from msgspec.structs import replace

from service.domain import errors
from service.domain.agreement.state import Agreement, Signatory, Signature
from service.domain.decider import Command, Event, Recorded, Refs, event_from, put, sources
from service.domain.values import Label, PartyId, Person, PrintedName

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
        return f"signatories/{self.party}"


class SignatoryWithdrawn(Event, frozen=True, kw_only=True, gc=False):
    """A party left the agreement, which goes on without it."""

    type = "agreement.signatory_withdrawn"
    party: PartyId

    @property
    def part(self) -> str:
        """The party's part."""
        return f"signatories/{self.party}"

    @property
    def changes(self) -> str | None:
        """The party's joining."""
        return self.part


class SignatureRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Somebody signed for a signatory."""

    type = "agreement.signature_recorded"
    belongs = True
    party: PartyId
    representative: Person | None = None

    @property
    def part(self) -> str:
        """One signature a party and representative."""
        return f"signatures/{self.party}:{self.representative.name if self.representative else ''}"


EVENTS = (SignatoryAdded, SignatoryWithdrawn, SignatureRecorded)

# --- Commands ---------------------------------------------------------------------------------------------------------


class AddSignatory(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party is bound by the agreement."""

    party: PartyId
    name: PrintedName | None = None
    side: Label | None = None
    role: Label | None = None


class WithdrawSignatory(Command, frozen=True, kw_only=True, gc=False):
    """Record that a party left the agreement."""

    party: PartyId


class RecordSignature(Command, frozen=True, kw_only=True, gc=False):
    """Record who signed for a signatory, and when (`effective`)."""

    party: PartyId
    representative: Person | None = None


Signatories = AddSignatory | WithdrawSignatory | RecordSignature

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, agreement: Agreement, command: Signatories, refs: Refs) -> list[Event]:
    """The events of a command on the signatories."""
    subject = f"agreements/{id}"
    held = agreement.signatories.get(str(command.party))
    match command:
        case AddSignatory():
            if held is not None and not held.left:
                told = (command.name or held.name, command.side or held.side, command.role or held.role)
                if told != (held.name, held.side, held.role):
                    raise errors.AlreadyOtherwise("/party", what=f"{subject}: parties/{command.party}")
                name, side, role = told
                return [event_from(SignatoryAdded, command, name=name, side=side, role=role)]
            return [event_from(SignatoryAdded, command)]
        case WithdrawSignatory():
            if held is None:
                raise errors.UnknownPart("/party", part=f"parties/{command.party}", subject=subject)
            left = event_from(SignatoryWithdrawn, command)
            if held.left and (left.effective is None or left.effective.agrees(held.withdrawn)):
                left = replace(left, effective=held.withdrawn)
            if held.left and held.withdrawn not in {None, left.effective}:
                raise errors.AlreadyOtherwise("/effective", what=f"{subject}: parties/{command.party} withdrawn")
            return [left]
        case RecordSignature():
            if held is None:
                raise errors.UnknownPart("/party", part=f"parties/{command.party}", subject=subject)
            return [signature_event(subject, agreement, command)]
        case _:
            assert_never(command)


def signature_event(subject: str, agreement: Agreement, command: RecordSignature) -> Event:
    """The event of a signature. Of one recorded already, what the command leaves out is as recorded."""
    event = event_from(SignatureRecorded, command)
    before = agreement.signatures.get(event.part.partition("/")[2])
    if before is None:
        return event
    if event.effective is None or event.effective.agrees(before.effective):
        event = replace(event, effective=before.effective)
    if before.effective not in {None, event.effective}:
        raise errors.AlreadyOtherwise("/effective", what=f"{subject}: {event.part}")
    told, known = command.representative, before.representative
    if told is not None and known is not None:
        title, organisation = told.title or known.title, told.organisation or known.organisation
        if (title, organisation) != (known.title, known.organisation):
            raise errors.AlreadyOtherwise("/representative", what=f"{subject}: {event.part}")
    return replace(event, representative=known)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(agreement: Agreement, recorded: Recorded) -> Agreement:
    """The agreement after one event of its signatories."""
    event = recorded.event
    said = sources(None, recorded)
    match event:
        case SignatoryAdded(party=party, name=name, side=side, role=role):
            return put(agreement, event.part, Signatory(party=party, name=name, side=side, role=role, sources=said))
        case SignatoryWithdrawn(party=party):
            held = agreement.signatories.get(str(party))
            if held is None:
                return agreement
            said = sources(held, recorded, ("left", "withdrawn"))
            return put(agreement, event.part, replace(held, left=True, withdrawn=event.effective, sources=said))
        case SignatureRecorded(party=party, representative=representative):
            signature = Signature(party=party, representative=representative, effective=event.effective, sources=said)
            return put(agreement, event.part, signature)
        case _:
            raise AssertionError(event)
