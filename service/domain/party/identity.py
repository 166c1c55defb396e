"""What a party is and what it is called: its kind, names, aliases and official codes.

Names are kept with the day that each holds from, so that a party can be shown under the name that it had.
"""

import re
from typing import Annotated, Any, assert_never
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import force_setattr, replace
from stdnum.cn import uscc

from service.domain import errors
from service.domain.decider import Change, Command, Event, Recorded, Refs, event_from, fields_set
from service.domain.divisions import contradicted
from service.domain.parts import attestations, put, says, sources, within
from service.domain.party.record import Attested
from service.domain.party.state import Alias, Code, Header, Identifier, Kind, Name, Party, Scheme, name_key, names
from service.domain.settling import again, dates, rests_on
from service.domain.values import PrintedName, Variant

Sorts = Annotated[tuple[Variant, ...], Meta(max_length=7)]
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\Z")


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


def sorted_out(fact: Any) -> None:
    """Sorts of a spelling say which, not in which order: sorted and without repetition."""
    if says(fact.sorts):
        force_setattr(fact, "sorts", tuple(sorted(set(fact.sorts))))


# --- Events -----------------------------------------------------------------------------------------------------------


class Registered(Event, frozen=True, kw_only=True, gc=False):
    """The party is known of: what kind it is, and its name."""

    type = "party.registered"
    begins = True
    timeless = True
    kind: Kind
    name: PrintedName


class Described(Event, frozen=True, kw_only=True, gc=False):
    """The party is of another kind from then on: a hospital became a firm, a county a city."""

    type = "party.described"
    kind: Kind | UnsetType = UNSET

    def __post_init__(self) -> None:
        """A description says something."""
        if self.kind is UNSET:
            raise ValueError("a description sets the kind")

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class Renamed(Event, frozen=True, kw_only=True, gc=False):
    """The party has another name from then on; the earlier one stays among its names."""

    type = "party.renamed"
    name: PrintedName

    @property
    def changes(self) -> str | None:
        """What was registered."""
        return "header"


class AliasRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The party is also written so; of which sorts the spelling is: it may be short and traditional."""

    type = "party.alias_recorded"
    alias: PrintedName
    sorts: Sorts = ()

    def __post_init__(self) -> None:
        """Sorts in no order."""
        sorted_out(self)

    @property
    def part(self) -> str:
        """One part a spelling."""
        return f"aliases/{self.alias.printed}"


class AliasDescribed(Change, frozen=True, kw_only=True, gc=False):
    """Of which sorts an alias is became known, or what is meant by it: `alias` is all that is known of its wording."""

    type = "party.alias_described"
    alias: PrintedName
    sorts: Sorts | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Sorts in no order."""
        sorted_out(self)

    @property
    def part(self) -> str:
        """The alias, found by how it is printed."""
        return f"aliases/{self.alias.printed}"


class Identified(Event, frozen=True, kw_only=True, gc=False):
    """The party has this official code: of its division, or its unified social credit code."""

    type = "party.identified"
    scheme: Scheme
    value: Code

    def __post_init__(self) -> None:
        """The code is well formed, its check character included."""
        if wrong := malformed(self.scheme, self.value):
            raise ValueError(wrong)

    @property
    def part(self) -> str:
        """One part a code: a place may get another one."""
        return f"identifiers/{self.scheme}:{self.value}"


EVENTS = (Registered, Described, Renamed, AliasRecorded, AliasDescribed, Identified)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Describe(Command, frozen=True, kw_only=True, gc=False):
    """Record that the party became one of another kind. A kind that was recorded wrong is corrected instead."""

    kind: Kind


class Rename(Command, frozen=True, kw_only=True, gc=False):
    """Record the party's new name."""

    name: PrintedName


class RecordAlias(Command, frozen=True, kw_only=True, gc=False):
    """Record another way that the party is written, and of which sorts it is, if that is known."""

    alias: PrintedName
    sorts: Sorts = ()

    def __post_init__(self) -> None:
        """Sorts in no order."""
        sorted_out(self)


class Identify(Command, frozen=True, kw_only=True, gc=False):
    """Record an official code: a division code of 6, 9 or 12 digits, or a unified social credit code.

    A division gets another code when it is raised or moved: that command is dated. A credit code is for life.
    """

    scheme: Scheme
    value: Code


Identity = Describe | Rename | RecordAlias | Identify

# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, party: Party, command: Identity, named: Refs) -> list[Event]:
    """The events of a command on what the party is and is called."""
    subject = f"parties/{id}"
    match command:
        case Describe():
            return [event_from(Described, command)]
        case Rename():
            return renamed(subject, party, command)
        case RecordAlias():
            held = party.aliases.get(command.alias.printed)
            if held is None:
                return [event_from(AliasRecorded, command)]
            what = f"{subject}: aliases/{command.alias.printed}"
            ids = {"alias": held.alias}
            return again(AliasDescribed, Attested, held, command, ("alias", "sorts"), what=what, ids=ids, key=None)
        case Identify():
            return identified(subject, party, command)
        case _:
            assert_never(command)


def renamed(subject: str, party: Party, command: Rename) -> list[Event]:
    """The events of another name; of the name that the party has, where no day is given, since the day recorded.

    One that stands since that day is attested, whatever the party is called by now.
    """
    event = event_from(Renamed, command)
    header = party.header
    if command.effective is None and header is not None and within(command.name, header.name):
        return [replace(event, name=header.name, effective=rests_on(header, ("name",)))]
    held = party.names.get(name_key(command.name, command.effective))
    if held is None:
        return [event]
    if not within(command.name, held.name):
        what = f"{subject}: names/{command.name.printed}"
        raise errors.AlreadyOtherwise("/name", what=what, held=held, field="name", value=command.name, fact=command)
    return [*attestations(Attested, held, ("name", "since"), command)]


def identified(subject: str, party: Party, command: Identify) -> list[Event]:
    """The events of an official code, refused where it is malformed or the party has another one."""
    if wrong := malformed(command.scheme, command.value):
        raise errors.Invalid("/value", problem=wrong)
    known = [held for held in party.identifiers.values() if held.scheme == command.scheme]
    for held in known:
        if held.value == command.value:
            what = f"{subject}: identifiers/{command.scheme}:{command.value}"
            dates(command.effective, held.since, what, held=held, fact=command, field="since")
            since = ("since",) if command.effective else ()
            return [*attestations(Attested, held, ("scheme", "value", *since), command)]
    for held in known:
        if command.scheme == "uscc" or command.effective is None or command.effective.agrees(held.since):
            told: Any = {"held": held, "field": "value", "value": command.value, "fact": command}
            raise errors.AlreadyOtherwise("/value", what=f"{subject}: {command.scheme}", alone=True, **told)
    if command.scheme == "division_code" and party.header is not None:
        wrong = contradicted(command.value, party.header.kind, names(party), command.effective)
        if wrong is not None:
            raise errors.Invalid("/value", problem=wrong)
    return [event_from(Identified, command)]


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(party: Party, recorded: Recorded) -> Party:
    """The party after one event of what it is and is called."""
    event = recorded.event
    match event:
        case Registered(kind=kind, name=name):
            party = named_since(party, recorded, name)
            return put(party, "header", Header(kind=kind, name=name, sources=sources(None, recorded)))
        case Described():
            return headed(party, recorded, fields_set(event, ("kind",)))
        case Renamed(name=name):
            return headed(named_since(party, recorded, name), recorded, ("name",))
        case AliasRecorded(alias=alias, sorts=sorts):
            return put(party, event.part, Alias(alias=alias, sorts=sorts, sources=sources(None, recorded)))
        case AliasDescribed():
            held = party.aliases.get(event.alias.printed)
            if held is None:
                return party
            told = fields_set(event, ("alias", "sorts"))
            names = tuple(name for name in told if getattr(event, name) != getattr(held, name))
            changed = {name: getattr(event, name) for name in names}
            return put(party, event.part, replace(held, **changed, sources=sources(held, recorded, names)))
        case Identified(scheme=scheme, value=value):
            said = sources(None, recorded)
            return put(party, event.part, Identifier(scheme=scheme, value=value, since=event.effective, sources=said))
        case _:
            raise AssertionError(event)


def headed(party: Party, recorded: Recorded, names: tuple[str, ...]) -> Party:
    """The party with those fields of the header as the event has them; unchanged before registration."""
    if party.header is None:
        return party
    changed = {name: getattr(recorded.event, name) for name in names}
    return put(party, "header", replace(party.header, **changed, sources=sources(party.header, recorded, names)))


def once_called(party: Party, name: PrintedName) -> Party:
    """The party as it was under a name that it has had, which a source may still give it; else as it is."""
    header = party.header
    held = next((known for known in party.names.values() if within(name, known.name)), None)
    if header is None or held is None or within(name, header.name):
        return party
    said = tuple(replace(source, fields=("name",)) for source in held.sources)
    return put(party, "header", replace(header, name=held.name, sources=(*header.sources, *said)))


def named_since(party: Party, recorded: Recorded, name: PrintedName) -> Party:
    """The party with one more name among its names."""
    since = recorded.event.effective
    held = Name(name=name, since=since, sources=sources(None, recorded))
    return put(party, f"names/{name_key(name, since)}", held)
