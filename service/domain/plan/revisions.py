"""The revisions of a plan: when, by whom, by which paper. The changes that they make name them."""

from typing import Any
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, as_sets, event_from, fields_set
from service.domain.document.text import texted
from service.domain.parts import filled, put, says, sources
from service.domain.plan.header import Attested
from service.domain.plan.papers import whole
from service.domain.plan.state import Plan, Revision, made
from service.domain.settling import again
from service.domain.values import DocumentId, Label, Note, Parties, Sha256, Text, UncertainDate

FIELDS = ("label", "text", "by", "number", "document", "sha256", "grounds")


def something(fact: Any) -> None:
    """A revision is called something, does something or has a paper."""
    if not any(says(getattr(fact, name)) for name in ("label", "text", "number", "document")):
        raise ValueError("a revision has a label, a text, a number or a document")


# --- Events -----------------------------------------------------------------------------------------------------------


class Revised(Event, frozen=True, kw_only=True, gc=False):
    """The plan was revised; `effective` is the day from which the revision holds."""

    type = "plan.revised"
    revision: UUID
    label: Label | None = None
    text: Text | None = None
    by: Parties = ()
    number: Label | None = None
    document: DocumentId | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """It is something."""
        as_sets(self, "by")
        something(self)
        whole(self)

    @property
    def part(self) -> str:
        """One part a revision."""
        return f"revisions/{self.revision}"


class RevisionDescribed(Change, frozen=True, kw_only=True, gc=False):
    """What was unknown of a revision became known; fields left out stay as they are."""

    type = "plan.revision_described"
    revision: UUID
    label: Label | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    by: Parties | UnsetType = UNSET
    number: Label | UnsetType = UNSET
    document: DocumentId | UnsetType = UNSET
    sha256: Sha256 | UnsetType = UNSET
    grounds: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Something became known."""
        as_sets(self, "by")
        if not fields_set(self, FIELDS):
            raise ValueError(f"a description sets at least one of {', '.join(FIELDS)}")

    @property
    def part(self) -> str:
        """The revision."""
        return f"revisions/{self.revision}"


EVENTS = (Revised, RevisionDescribed)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Revise(Command, frozen=True, kw_only=True, gc=False):
    """Record that the plan was revised; of a revision recorded already, what was unknown of it.

    The items, targets and rules that it adds, changes and drops name it, and hold since it does. Without `id` it gets
    one that follows from its label, text, number and document. Without a date it came after the plan was made.
    """

    id: UUID | None = None
    label: Label | None = None
    text: Text | None = None
    by: Parties = ()
    number: Label | None = None
    document: DocumentId | None = None
    sha256: Sha256 | None = None
    grounds: Note | None = None

    def __post_init__(self) -> None:
        """It is something; one recorded already may be named by its id alone."""
        as_sets(self, "by")
        if self.id is None:
            something(self)
        whole(self)


Revisions = Revise

# --- decide -----------------------------------------------------------------------------------------------------------


def revision_id(id: UUID, command: Revise) -> UUID:
    """The revision's id: given, or one that is the same for the same words."""
    told = (command.label, command.text, command.number, command.document)
    return command.id if command.id is not None else uuid5(id, "revision\n" + "\n".join(str(one or "") for one in told))


def decide(id: UUID, plan: Plan, command: Revisions, refs: Refs) -> list[Event]:
    """The events of a revision: its recording, or what is learnt of one that stands."""
    known = revision_id(id, command)
    texted(command, refs)
    held = plan.revisions.get(str(known))
    if held is not None:
        what, ids = f"plans/{id}: revisions/{known}", {"revision": known}
        return again(RevisionDescribed, Attested, held, command, FIELDS, what=what, ids=ids, key="id")
    if not any(says(getattr(command, name)) for name in ("label", "text", "number", "document")):
        raise errors.Invalid("/label", problem="a revision that is not recorded yet has a label, a text or a paper")
    making = made(plan)
    since = command.effective or UncertainDate.since(making.effective if making is not None else None)
    return [event_from(Revised, command, revision=known, effective=since)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(plan: Plan, recorded: Recorded) -> Plan:
    """The plan after one event of its revisions."""
    event = recorded.event
    match event:
        case Revised(revision=id, effective=since):
            fields = {name: getattr(event, name) for name in FIELDS}
            return put(plan, event.part, Revision(id=id, effective=since, **fields, sources=sources(None, recorded)))
        case RevisionDescribed():
            return filled(plan, recorded, FIELDS)
        case _:
            raise AssertionError(event)
