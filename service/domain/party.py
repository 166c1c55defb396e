"""The party: who can be bound, sign, meet, answer for a task, and what becomes of it.

A party is a place with a government, an office, a firm, a hospital, a body of others, but also a hall, a mechanism or
a region: all that agreements are made by, at and for. Names are kept with the day that each holds from, so that a party
can be shown under the name that it had. Its life: proposed > founded > split, merged, replaced, dissolved. A party that
goes on under another name or another parent stays the same party.

What an end carries on: `carries` says whether the obligations pass to those that come after.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace
from stdnum.cn import uscc

from service.domain import decider, errors
from service.domain.decider import (
    Command,
    Decider,
    E,
    Event,
    Recorded,
    Ref,
    Refs,
    State,
    attest,
    event_from,
    inherit,
    must_exist,
    put,
    retold,
    sources,
    whole,
)
from service.domain.references import references
from service.domain.values import Label, Part, PartyId, Person, PrintedName, UncertainDate

Kind = Literal[
    "province",
    "city",
    "county",
    "agency",
    "enterprise",
    "hospital",
    "university",
    "association",
    "alliance",
    "joint_conference",
    "office",
    "facility",
    "mechanism",
    "region",
]
AliasSort = Literal["short", "full", "traditional", "former", "typo", "spun", "other"]
Scheme = Literal["division_code", "uscc"]
Manner = Literal["established", "unveiled", "opened", "incorporated"]
StepName = Literal["proposed", "founded", "split", "merged", "replaced", "dissolved"]
Status = Literal["proposed", "active", "split", "merged", "replaced", "dissolved", "duplicate"]
Code = Annotated[str, Meta(pattern=r"^[0-9A-Z]{6,18}\Z")]
Parties = Annotated[tuple[PartyId, ...], Meta(max_length=200)]
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\Z")

# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The party is known of: what kind it is, its name, and the party that it stands under."""

    type = "party.registered"
    kind: Kind
    name: PrintedName
    parent: PartyId | None = None


class Proposed(Event, frozen=True, kw_only=True, gc=False):
    """The party is to be founded, or its founding is explored. Whether it came to be, another source may say."""

    type = "party.proposed"
    by: Parties = ()

    @property
    def part(self) -> str:
        """The step."""
        return "steps/proposed"


class Founded(Event, frozen=True, kw_only=True, gc=False):
    """The party came to be: established, unveiled, opened (a hall) or incorporated (a firm), by whom."""

    type = "party.founded"
    manner: Manner = "established"
    by: Parties = ()

    @property
    def part(self) -> str:
        """The step."""
        return "steps/founded"


class Renamed(Event, frozen=True, kw_only=True, gc=False):
    """The party has another name from then on; the earlier one stays among its names."""

    type = "party.renamed"
    name: PrintedName

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Reparented(Event, frozen=True, kw_only=True, gc=False):
    """The party stands under another party from then on, or under none that is known."""

    type = "party.reparented"
    parent: PartyId | None

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Located(Event, frozen=True, kw_only=True, gc=False):
    """The party has its seat in that place from then on."""

    type = "party.located"
    place: PartyId

    @property
    def part(self) -> str:
        """One seat a party."""
        return "place"


class AliasRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The party is also written so."""

    type = "party.alias_recorded"
    alias: Label
    sort: AliasSort = "other"

    @property
    def part(self) -> str:
        """One part a spelling."""
        return f"aliases/{self.alias}"


class Identified(Event, frozen=True, kw_only=True, gc=False):
    """The party has this official code: of its division, or its unified social credit code."""

    type = "party.identified"
    scheme: Scheme
    value: Code

    @property
    def part(self) -> str:
        """One part a code: a place may get another one."""
        return f"identifiers/{self.scheme}:{self.value}"


class MemberAdded(Event, frozen=True, kw_only=True, gc=False):
    """Another party belongs to this one: to the alliance, the conference, the region."""

    type = "party.member_added"
    member: PartyId
    role: Label | None = None

    @property
    def part(self) -> str:
        """One part a member."""
        return f"members/{self.member}"


class MemberRemoved(Event, frozen=True, kw_only=True, gc=False):
    """A member left."""

    type = "party.member_removed"
    member: PartyId

    @property
    def part(self) -> str:
        """The member's part."""
        return f"members/{self.member}"

    @property
    def changes(self) -> str | None:
        """The member's joining."""
        return self.part


class SecretariatAssigned(Event, frozen=True, kw_only=True, gc=False):
    """Another party does the party's daily work from then on."""

    type = "party.secretariat_assigned"
    secretariat: PartyId

    @property
    def part(self) -> str:
        """One secretariat a party."""
        return "secretariat"


class OfficeHolderSeen(Event, frozen=True, kw_only=True, gc=False):
    """A source names a person with an office in the party; `effective` is the day that the source speaks of."""

    type = "party.office_holder_seen"
    person: Person

    @property
    def part(self) -> str:
        """One part a name and title."""
        return f"holders/{self.person.name}:{self.person.title or ''}"


class Split(Event, frozen=True, kw_only=True, gc=False):
    """The party was divided into others; where it `survives` it goes on beside them."""

    type = "party.split"
    into: Parties
    survives: bool = False
    carries: bool = True

    @property
    def part(self) -> str:
        """The step."""
        return "steps/split"


class Merged(Event, frozen=True, kw_only=True, gc=False):
    """The party became part of another."""

    type = "party.merged"
    into: PartyId
    carries: bool = True

    @property
    def part(self) -> str:
        """The step."""
        return "steps/merged"


class Replaced(Event, frozen=True, kw_only=True, gc=False):
    """Another party took this one's place."""

    type = "party.replaced"
    by: PartyId
    carries: bool = True

    @property
    def part(self) -> str:
        """The step."""
        return "steps/replaced"


class Dissolved(Event, frozen=True, kw_only=True, gc=False):
    """The party ended, and nobody came after it."""

    type = "party.dissolved"

    @property
    def part(self) -> str:
        """The step."""
        return "steps/dissolved"


class DuplicateMerged(Event, frozen=True, kw_only=True, gc=False):
    """This record is a duplicate of another, which stands for both. Nothing happened in the world."""

    type = "party.duplicate_merged"
    into: PartyId

    @property
    def part(self) -> str:
        """One merging at a time."""
        return "duplicate"


class DuplicateUnmerged(Event, frozen=True, kw_only=True, gc=False):
    """The two records were of two parties after all."""

    type = "party.duplicate_unmerged"

    @property
    def part(self) -> str:
        """The merging that is undone."""
        return "duplicate"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same of a part of the party."""

    type = "party.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the party should never have been recorded."""

    type = "party.voided"


EVENTS = (
    Registered,
    Proposed,
    Founded,
    Renamed,
    Reparented,
    Located,
    AliasRecorded,
    Identified,
    MemberAdded,
    MemberRemoved,
    SecretariatAssigned,
    OfficeHolderSeen,
    Split,
    Merged,
    Replaced,
    Dissolved,
    DuplicateMerged,
    DuplicateUnmerged,
    Attested,
    Voided,
)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Propose(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party is to be founded, and who wants it."""

    by: Parties = ()


class Found(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party came to be, when (`effective`), how and by whom."""

    manner: Manner = "established"
    by: Parties = ()


class Rename(Command, frozen=True, kw_only=True, gc=False):
    """Record the party's new name."""

    name: PrintedName


class Reparent(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party stands under another one, or under none."""

    parent: PartyId | None


class Locate(Command, frozen=True, kw_only=True, gc=False):
    """Record where the party has its seat, as the party that the place is."""

    place: PartyId


class RecordAlias(Command, frozen=True, kw_only=True, gc=False):
    """Record another way that the party is written, and of what sort it is."""

    alias: Label
    sort: AliasSort = "other"


class Identify(Command, frozen=True, kw_only=True, gc=False):
    """Record an official code: a division code of 6, 9 or 12 digits, or a unified social credit code.

    A division gets another code when it is raised or moved: that command is dated. A credit code is for life.
    """

    scheme: Scheme
    value: Code


class AddMember(Command, frozen=True, kw_only=True, gc=False):
    """Record that another party belongs to this one, and in which role."""

    member: PartyId
    role: Label | None = None


class RemoveMember(Command, frozen=True, kw_only=True, gc=False):
    """Record that a member left."""

    member: PartyId


class AssignSecretariat(Command, frozen=True, kw_only=True, gc=False):
    """Record who does the party's daily work."""

    secretariat: PartyId


class SeeOfficeHolder(Command, frozen=True, kw_only=True, gc=False):
    """Record that a source names a person with an office in the party, and of which day (`effective`)."""

    person: Person


class Divide(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party was divided into others, beside which it may survive."""

    into: Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=200)]
    survives: bool = False
    carries: bool = True


class Merge(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party became part of another."""

    into: PartyId
    carries: bool = True


class Replace(Command, frozen=True, kw_only=True, gc=False):
    """Record that another party took this one's place."""

    by: PartyId
    carries: bool = True


class Dissolve(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party ended without anyone coming after it."""


class MergeDuplicate(Command, frozen=True, kw_only=True, gc=False):
    """Record that this is a second record of another party. It has no date: nothing happened in the world."""

    into: PartyId


class UnmergeDuplicate(Command, frozen=True, kw_only=True, gc=False):
    """Undo the merging of the two records."""


Contained = (
    Propose
    | Found
    | Rename
    | Reparent
    | Locate
    | RecordAlias
    | Identify
    | AddMember
    | RemoveMember
    | AssignSecretariat
    | SeeOfficeHolder
    | Divide
    | Merge
    | Replace
    | Dissolve
    | MergeDuplicate
    | UnmergeDuplicate
)


class Register(Command, frozen=True, kw_only=True, gc=False):
    """Register a party with what is known of it at once, all or nothing.

    What stands inside takes the whole's citations, basis and note where it has none of its own. Registering the same id
    with the same content again changes nothing but adds new citations.
    """

    kind: Kind
    name: PrintedName
    parent: PartyId | None = None
    proposed: Propose | None = None
    founded: Found | None = None
    located: Locate | None = None
    secretariat: AssignSecretariat | None = None
    aliases: Annotated[tuple[RecordAlias, ...], Meta(max_length=200)] = ()
    identifiers: Annotated[tuple[Identify, ...], Meta(max_length=20)] = ()
    members: Annotated[tuple[AddMember, ...], Meta(max_length=500)] = ()
    holders: Annotated[tuple[SeeOfficeHolder, ...], Meta(max_length=200)] = ()


# --- State ------------------------------------------------------------------------------------------------------------


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the party is, what it is called now, and under which party it stands."""

    kind: Kind
    name: PrintedName
    parent: PartyId | None = None


class Name(Part, frozen=True, kw_only=True, gc=False):
    """A name that the party has or had, and since when."""

    name: PrintedName
    since: UncertainDate | None = None


class Seat(Part, frozen=True, kw_only=True, gc=False):
    """Where the party has its seat."""

    place: PartyId


class Secretariat(Part, frozen=True, kw_only=True, gc=False):
    """Who does the party's daily work."""

    secretariat: PartyId


class Alias(Part, frozen=True, kw_only=True, gc=False):
    """Another way that the party is written."""

    alias: Label
    sort: AliasSort


class Identifier(Part, frozen=True, kw_only=True, gc=False):
    """An official code, and since when the party has it."""

    scheme: Scheme
    value: Code
    since: UncertainDate | None = None


class Member(Part, frozen=True, kw_only=True, gc=False):
    """A party that belongs to this one, or did."""

    member: PartyId
    role: Label | None = None
    since: UncertainDate | None = None
    left: bool = False
    until: UncertainDate | None = None


class Holder(Part, frozen=True, kw_only=True, gc=False):
    """A person with an office in the party, and the first and last days that sources name them for."""

    person: Person
    first: UncertainDate | None = None
    last: UncertainDate | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the party's life, with what each kind of step says. `ends`: the party is no more."""

    step: StepName
    effective: UncertainDate | None = None
    manner: Manner | None = None
    by: tuple[PartyId, ...] = ()
    into: tuple[PartyId, ...] = ()
    carries: bool = False
    ends: bool = False


class Duplicate(Part, frozen=True, kw_only=True, gc=False):
    """The record that stands for this one."""

    into: PartyId


class Party(State, frozen=True, kw_only=True, gc=False):
    """A party, by its parts."""

    header: Header | None = None
    place: Seat | None = None
    secretariat: Secretariat | None = None
    duplicate: Duplicate | None = None
    steps: dict[str, Step] = {}
    names: dict[str, Name] = {}
    aliases: dict[str, Alias] = {}
    identifiers: dict[str, Identifier] = {}
    members: dict[str, Member] = {}
    holders: dict[str, Holder] = {}


def end(party: Party) -> Step | None:
    """The step that ended the party, if one did."""
    return next((step for step in party.steps.values() if step.ends), None)


def status(party: Party, day: date) -> Status:
    """What the party is on `day`: a duplicate record, ended, still to be founded, or active."""
    if party.duplicate is not None:
        return "duplicate"
    over = end(party)
    if over is not None and begun(over, day) and over.step != "proposed" and over.step != "founded":  # noqa: PLR1714
        return over.step
    founded = party.steps.get("founded")
    if "proposed" in party.steps and (founded is None or not begun(founded, day)):
        return "proposed"
    return "active"


def begun(step: Step, day: date) -> bool:
    """Whether the step may have been taken by `day`."""
    return step.effective is None or step.effective.earliest is None or step.effective.earliest <= day


def name_on(party: Party, day: date) -> PrintedName | None:
    """The name that the party had on `day`, None before registration."""
    dated = [(name.since.earliest if name.since else None) or date.min for name in party.names.values()]
    held = [pair for pair in zip(dated, party.names.values(), strict=True) if pair[0] <= day]
    if held:
        return max(held, key=lambda pair: pair[0])[1].name
    return party.header.name if party.header else None


def names(party: Party) -> tuple[str, ...]:
    """Every way that the party is or was called and written: as meant, simplified and printed, then the aliases."""
    known = [party.header.name] if party.header else []
    known += [name.name for name in party.names.values()]
    ways = [way for name in known for way in (name.meant, name.simplified, name.printed) if way]
    return tuple(dict.fromkeys([*ways, *party.aliases]))


# --- decide -----------------------------------------------------------------------------------------------------------


def contained(command: Register) -> Iterator[tuple[str, Any]]:
    """The commands inside a whole party, with the pointer to each."""
    for field in ("proposed", "founded", "located", "secretariat"):
        item = getattr(command, field)
        if item is not None:
            yield f"/{field}", inherit(command, item)
    for field in ("aliases", "identifiers", "members", "holders"):
        for index, item in enumerate(getattr(command, field)):
            yield f"/{field}/{index}", inherit(command, item)


def decide(id: UUID, party: Party, command: Register | Contained, named: Refs) -> list[Event]:
    """The events of a command on the party, or why not.

    Of the parties above only the next one is visible in `named`: a longer circle of parents is not found here.
    """
    subject = f"parties/{id}"
    if isinstance(command, Register):
        above(id, command.parent, named)
        first = event_from(Registered, command)
        return whole(DECIDER, id, party, first=first, items=contained(command), named=named)
    must_exist(party.header, Ref("parties", id))
    if isinstance(command, (MergeDuplicate, UnmergeDuplicate)):
        return [duplicate(id, party, command, named)]
    event = told(id, party, command, named)
    if (end(party) or party.duplicate) and decider.settle(DECIDER, party, decider.bare([event])):
        if party.duplicate is not None:
            raise errors.NotInThisState(
                subject=subject, status=f"a duplicate of parties/{party.duplicate.into}", action="change"
            )
        if isinstance(command, Change) or (isinstance(command, SeeOfficeHolder) and command.effective is not None):
            active_on(id, party, command)
    return [event]


def told(id: UUID, party: Party, command: Contained, named: Refs) -> Event:
    """The event of a command, refused where it contradicts what is recorded."""
    subject = f"parties/{id}"
    match command:
        case Propose() | Found() | Divide() | Merge() | Replace() | Dissolve():
            return step_event(id, party, command)
        case Rename():
            renamed = event_from(Renamed, command)
            name = party.names.get(name_key(command.name, command.effective))
            return since(renamed, name.since) if name and name.name == command.name else renamed
        case Reparent():
            above(id, command.parent, named)
            return event_from(Reparented, command)
        case Locate():
            not_itself(id, "/place", command.place)
            return event_from(Located, command)
        case AssignSecretariat():
            not_itself(id, "/secretariat", command.secretariat)
            return event_from(SecretariatAssigned, command)
        case RecordAlias():
            alias = party.aliases.get(command.alias)
            if alias is not None and alias.sort != command.sort:
                raise errors.AlreadyOtherwise("/sort", what=f"{subject}: aliases/{command.alias}")
            return event_from(AliasRecorded, command)
        case Identify():
            return identified(subject, party, command)
        case AddMember():
            not_itself(id, "/member", command.member)
            added = event_from(MemberAdded, command)
            member = party.members.get(str(command.member))
            if member is None or member.left:
                return added
            if command.role not in {None, member.role}:
                raise errors.AlreadyOtherwise("/role", what=f"{subject}: {added.part}")
            return since(replace(added, role=member.role), member.since, f"{subject}: {added.part}")
        case RemoveMember():
            removed = event_from(MemberRemoved, command)
            member = party.members.get(str(command.member))
            if member is None:
                raise errors.UnknownPart("/member", part=removed.part, subject=subject)
            return since(removed, member.until, f"{subject}: {removed.part} left") if member.left else removed
        case SeeOfficeHolder():
            return event_from(OfficeHolderSeen, command)
        case MergeDuplicate() | UnmergeDuplicate():
            return duplicate(id, party, command, named)
        case _:
            assert_never(command)


Change = Rename | Reparent | Locate | AddMember | RemoveMember | AssignSecretariat
"""What happens to a party in the world, and to none that has ended."""

STEPS: dict[type[Command], type[Event]] = {
    Propose: Proposed,
    Found: Founded,
    Divide: Split,
    Merge: Merged,
    Replace: Replaced,
    Dissolve: Dissolved,
}


def step_event(id: UUID, party: Party, command: Propose | Found | Divide | Merge | Replace | Dissolve) -> Event:
    """The event of a step, refused where the party took it otherwise or has ended; its beginning may be learnt late."""
    subject = f"parties/{id}"
    if isinstance(command, Divide):
        if len(set(command.into)) != len(command.into):
            raise errors.Invalid("/into", problem="a party stands twice among those that it was divided into")
        if len(command.into) == 1 and not command.survives:
            raise errors.Invalid("/into", problem="one party in the place of another is a replacement, not a split")
    for pointer, ref in references(command):
        if isinstance(ref, Ref) and not isinstance(command, (Propose, Found)):
            not_itself(id, pointer, ref.id)
    event: Event = event_from(STEPS[type(command)], command)
    step = step_of(event)
    held = party.steps.get(step.step)
    if held is not None:
        event = since(event, held.effective, f"{subject}: {held.step}")
        if not agree(held, step_of(event)):
            raise errors.AlreadyOtherwise(what=f"{subject}: {held.step}")
        return event
    over = end(party)
    if step.ends and over is not None:
        raise errors.NotInThisState(subject=subject, status=over.step, action=step.step)
    return event


def identified(subject: str, party: Party, command: Identify) -> Event:
    """The event of an official code, refused where it is malformed or the party has another one."""
    wrong = malformed(command.scheme, command.value)
    if wrong is not None:
        raise errors.Invalid("/value", problem=wrong)
    event = event_from(Identified, command)
    known = [held for held in party.identifiers.values() if held.scheme == command.scheme]
    for held in known:
        if held.value == command.value:
            return since(event, held.since, f"{subject}: {event.part}")
    for held in known:
        if command.scheme == "uscc" or command.effective is None or command.effective.agrees(held.since):
            raise errors.AlreadyOtherwise("/value", what=f"{subject}: {command.scheme}")
    return event


def malformed(scheme: Scheme, value: str) -> str | None:
    """What is wrong with an official code, None where nothing is.

    A credit code is written as GB 32100-2015 has it: authority, sort, division, organisation, check character.
    """
    if scheme == "division_code":
        good = value.isdigit() and len(value) in {6, 9, 12} and value[0] != "0"
        return None if good else "a division code has 6, 9 or 12 digits"
    if not CREDIT_CODE.match(value):
        return "a unified social credit code has 18 characters: two, six digits, ten, without I, O, S, V and Z"
    check = uscc.calc_check_digit(value[:17])
    return None if value[17] == check else f"the check character of {value[:17]} is {check}"


def duplicate(id: UUID, party: Party, command: MergeDuplicate | UnmergeDuplicate, named: Refs) -> Event:
    """The event of merging two records or undoing it: about the records, not about the world."""
    subject = f"parties/{id}"
    if command.effective is not None:
        raise errors.Invalid("/effective", problem="merging two records has no date in the world")
    if isinstance(command, UnmergeDuplicate):
        if party.duplicate is None:
            raise errors.NotInThisState(subject=subject, status="no duplicate", action="unmerge")
        return event_from(DuplicateUnmerged, command)
    not_itself(id, "/into", command.into)
    if party.duplicate is not None and party.duplicate.into != command.into:
        raise errors.AlreadyOtherwise("/into", what=f"{subject}: duplicate")
    other = named.get(Ref("parties", command.into))
    if isinstance(other, Party) and other.duplicate is not None:
        if other.duplicate.into == id:
            raise errors.Circular("/into", subject=subject)
        status = f"a duplicate of parties/{other.duplicate.into}"
        raise errors.NotInThisState("/into", subject=f"parties/{command.into}", status=status, action="stand for it")
    return event_from(DuplicateMerged, command)


def since(event: E, held: UncertainDate | None, what: str = "") -> E:
    """The event with the date that is recorded, where it gives none or the same days; refused where it gives others."""
    if event.effective is None or event.effective.agrees(held):
        return replace(event, effective=held)
    if held is not None:
        raise errors.AlreadyOtherwise("/effective", what=what)
    return event


def not_itself(id: UUID, pointer: str, other: UUID | None) -> None:
    """Refuse what would make a party its own parent, member, place or successor."""
    if other == id:
        raise errors.Circular(pointer, subject=f"parties/{id}")


def above(id: UUID, parent: UUID | None, named: Refs) -> None:
    """Refuse a parent that is the party itself or stands under it."""
    not_itself(id, "/parent", parent)
    higher = named.get(Ref("parties", parent)) if parent is not None else None
    if isinstance(higher, Party) and higher.header is not None and higher.header.parent == id:
        raise errors.Circular("/parent", subject=f"parties/{parent}")


def active_on(id: UUID, party: Party, command: Command) -> None:
    """Refuse what would change a party that has ended, unless it is dated before the end."""
    over = end(party)
    if over is None:
        return
    ended = over.effective.earliest if over.effective else None
    day = command.effective.latest if command.effective else None
    if ended is None or day is None or day >= ended:
        raise errors.Ended(subject=f"parties/{id}", status=over.step, since=f" since {ended}" if ended else "")


# --- evolve -----------------------------------------------------------------------------------------------------------


def name_key(name: PrintedName, since: UncertainDate | None) -> str:
    """The key of a name among the party's names: since when, and how it is printed."""
    day = since.earliest if since else None
    return f"{day or ''}:{name.printed}"


def step_of(event: Event) -> Step:
    """The step that an event takes, without sources."""
    since = event.effective
    match event:
        case Proposed(by=by):
            return Step(step="proposed", effective=since, by=by)
        case Founded(manner=manner, by=by):
            return Step(step="founded", effective=since, manner=manner, by=by)
        case Split(into=into, survives=survives, carries=carries):
            return Step(step="split", effective=since, into=into, carries=carries, ends=not survives)
        case Merged(into=one, carries=carries):
            return Step(step="merged", effective=since, into=(one,), carries=carries, ends=True)
        case Replaced(by=one, carries=carries):
            return Step(step="replaced", effective=since, into=(one,), carries=carries, ends=True)
        case Dissolved():
            return Step(step="dissolved", effective=since, ends=True)
        case _:
            raise AssertionError(event)


def agree(held: Step, told: Step) -> bool:
    """Whether two tellings of a step differ in its date at most."""
    return replace(held, effective=None, sources=()) == replace(told, effective=None)


def taken(held: Step | None, recorded: Recorded) -> Step:
    """The step after an event that takes it, says it again, or tells the date of one taken on a day unknown."""
    step = step_of(recorded.event)
    if held is None or not agree(held, step):
        return replace(step, sources=sources(None, recorded))
    if step.effective is None or step.effective == held.effective:
        return replace(held, sources=(*held.sources, *sources(None, recorded)))
    return replace(step, sources=retold(held, recorded, "effective"))


def seen(held: Holder | None, person: Person, day: UncertainDate | None) -> Holder:
    """The office holder with the first and last days named, widened by one more."""
    days = [d for d in (*((held.first, held.last) if held else ()), day) if d is not None]
    early = min(days, key=lambda d: d.earliest or d.latest or date.min, default=None)
    late = max(days, key=lambda d: d.latest or d.earliest or date.min, default=None)
    return Holder(person=person, first=early, last=late)


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event."""
    event = recorded.event
    if isinstance(event, Attested):
        return attest(party, recorded)
    said = sources(None, recorded)
    match event:
        case Registered(kind=kind, name=name, parent=parent):
            party = named_since(party, recorded, name)
            return put(party, "header", Header(kind=kind, name=name, parent=parent, sources=said))
        case Renamed(name=name):
            party = named_since(party, recorded, name)
            if party.header is None:
                return party
            said = sources(party.header, recorded, ("name",))
            return put(party, "header", replace(party.header, name=name, sources=said))
        case Reparented(parent=parent):
            if party.header is None:
                return party
            said = sources(party.header, recorded, ("parent",))
            return put(party, "header", replace(party.header, parent=parent, sources=said))
        case Located(place=place):
            return put(party, event.part, Seat(place=place, sources=said))
        case SecretariatAssigned(secretariat=secretariat):
            return put(party, event.part, Secretariat(secretariat=secretariat, sources=said))
        case AliasRecorded(alias=alias, sort=sort):
            return put(party, event.part, Alias(alias=alias, sort=sort, sources=said))
        case Identified(scheme=scheme, value=value):
            code = Identifier(scheme=scheme, value=value, since=event.effective, sources=said)
            return put(party, event.part, code)
        case MemberAdded(member=member, role=role):
            return put(party, event.part, Member(member=member, role=role, since=event.effective, sources=said))
        case MemberRemoved(member=member):
            held = party.members.get(str(member))
            if held is None:
                return party
            said = sources(held, recorded, ("left", "until"))
            return put(party, event.part, replace(held, left=True, until=event.effective, sources=said))
        case OfficeHolderSeen(person=person):
            before = party.holders.get(event.part.partition("/")[2])
            said = (*(before.sources if before else ()), *said)
            return put(party, event.part, replace(seen(before, person, event.effective), sources=said))
        case DuplicateMerged(into=into):
            return put(party, event.part, Duplicate(into=into, sources=said))
        case DuplicateUnmerged():
            return replace(party, duplicate=None)
        case Voided():
            return party
        case _:
            held_step = party.steps.get(event.part.partition("/")[2])
            return put(party, event.part, taken(held_step, recorded))


def named_since(party: Party, recorded: Recorded, name: PrintedName) -> Party:
    """The party with one more name among its names."""
    since = recorded.event.effective
    held = Name(name=name, since=since, sources=sources(None, recorded))
    return put(party, f"names/{name_key(name, since)}", held)


DECIDER: Decider[Party] = Decider(
    category="parties",
    initial=Party(),
    events=EVENTS,
    attested=Attested,
    voided=Voided,
    decide=decide,
    evolve=evolve,
)
