"""What a meeting is: its titles, its kinds, what it is a part of; which record of two stands for both."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from service.domain import decider, duplicates, errors, headings, titles
from service.domain import kinds as many
from service.domain.decider import Event, Recorded, Ref, Refs
from service.domain.meeting.state import Classification, Header, Kind, Meeting
from service.domain.values import MeetingId

Kinds = Annotated[tuple[Kind, ...], Meta(max_length=16)]
TELLS = ("title", "called", "within", "kinds")


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(headings.Registered, frozen=True, kw_only=True, gc=False):
    """The meeting is known of. `called` is the registry's own words for it where no source names it."""

    type = "meeting.registered"


class Described(headings.Described, frozen=True, kw_only=True, gc=False):
    """What was unknown of the meeting became known; fields left out stay as they are."""

    type = "meeting.described"
    within: MeetingId | UnsetType = UNSET


class Classified(many.Classified, frozen=True, kw_only=True, gc=False):
    """The meeting is of this kind, beside others that it may be of."""

    type = "meeting.classified"
    kind: Kind


class Titled(titles.Titled, frozen=True, kw_only=True, gc=False):
    """Another title of the same meeting; told again, what sort of title it is."""

    type = "meeting.titled"
    timeless = True


class DuplicateMerged(duplicates.Merged, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another one, which stands for both."""

    type = "meeting.duplicate_merged"
    into: MeetingId


class DuplicateUnmerged(duplicates.Unmerged, frozen=True, kw_only=True, gc=False):
    """The two records were of two meetings after all."""

    type = "meeting.duplicate_unmerged"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same as an earlier event of the meeting."""

    type = "meeting.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the meeting should never have been recorded."""

    type = "meeting.voided"


EVENTS = (Registered, Described, Classified, Titled, DuplicateMerged, DuplicateUnmerged, Attested, Voided)
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
    """Record what was unknown of the meeting: its title, what it is called, its kinds, the meeting it was part of."""

    kinds: Kinds = ()
    within: MeetingId | None = None


class AddTitle(headings.AddTitle, frozen=True, kw_only=True, gc=False):
    """Record another title of the same meeting, and which sort of title it is as far as that is plain."""


class MergeDuplicate(duplicates.Merge, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another meeting. It has no date: nothing happened in the world."""

    into: MeetingId


class UnmergeDuplicate(duplicates.Unmerge, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Heading = Describe | AddTitle | MergeDuplicate | UnmergeDuplicate

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, meeting: Meeting, command: Heading, refs: Refs) -> list[Event]:
    """The events of a command on what the meeting is."""
    ref = Ref("meetings", id)
    if isinstance(command, Describe) and command.within is not None:
        whole = refs.get(Ref("meetings", command.within))
        around = whole.header.within if isinstance(whole, Meeting) and whole.header is not None else None
        if id in {command.within, around}:
            raise errors.Circular("/within", subject=str(ref))
    return headings.decide(ref, meeting, command, refs, NAMES)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(meeting: Meeting, recorded: Recorded) -> Meeting:
    """The meeting after one event on what it is."""
    return headings.evolve(meeting, recorded, PARTS)
