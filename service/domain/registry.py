"""The registry's own record: what it did as a registry, not what was agreed in the world.

There is one such stream, of one fixed id. So far it says which seed files were taken in, and in which version: a file
whose name stands here is not taken in again by itself, and an altered one is told from an unaltered one by its hash.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from service.domain import decider
from service.domain.decider import Command, Decider, Event, Recorded, Ref, Refs, State, event_from
from service.domain.parts import attest, put, sources
from service.domain.values import Part, Sha256

ID = UUID("a982af34-de07-51f6-9379-28336edc7017")
"""The stream's id, for ever: uuid5(NAMESPACE_URL, "urn:mengfu:registry")."""
SUBJECT = Ref("registry", ID)

File = Annotated[str, Meta(max_length=200, pattern=r"^[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029]+\.toml\Z")]
"""A seed file's name, without a folder."""

# --- Events -----------------------------------------------------------------------------------------------------------


class Seeded(Event, frozen=True, kw_only=True, gc=False):
    """The facts of a seed file were taken in, all of them, from the file with that hash; ends their transaction."""

    type = "registry.seeded"
    file: File
    sha256: Sha256

    @property
    def part(self) -> str:
        """One part a file."""
        return f"seeds/{self.file}"


class Attested(decider.Attested, frozen=True, kw_only=True, gc=False):
    """Another source says the same of a part of the registry's own record."""

    type = "registry.attested"


class Voided(decider.Voided, frozen=True, kw_only=True, gc=False):
    """An event of the registry's own record should never have been recorded."""

    type = "registry.voided"


EVENTS = (Seeded, Attested, Voided)

# --- Commands ---------------------------------------------------------------------------------------------------------


class Seed(Command, frozen=True, kw_only=True, gc=False):
    """Record that a seed file's facts were taken in; sent last in their transaction."""

    file: File
    sha256: Sha256


# --- State ------------------------------------------------------------------------------------------------------------


class Header(Part, frozen=True, kw_only=True, gc=False):
    """That there is a record at all: it begins with its first event."""


class SeedFile(Part, frozen=True, kw_only=True, gc=False):
    """A seed file that was taken in, by the hash of its newest version taken in."""

    file: File
    sha256: Sha256


class Own(State, frozen=True, kw_only=True, gc=False):
    """The registry's own record, by its parts."""

    header: Header | None = None
    seeds: dict[str, SeedFile] = {}


# --- decide -----------------------------------------------------------------------------------------------------------


def decide(id: UUID, own: Own, command: Seed, named: Refs) -> Sequence[Event]:
    """The events of a command on the registry's own record."""
    match command:
        case Seed():
            return [event_from(Seeded, command)]
        case _:
            assert_never(command)


# --- evolve -----------------------------------------------------------------------------------------------------------


def evolve(own: Own, recorded: Recorded) -> Own:
    """The record after one event."""
    event = recorded.event
    match event:
        case Attested():
            return attest(own, recorded)
        case Seeded(file=file, sha256=sha256):
            said = sources(None, recorded)
            begun = own if own.header is not None else replace(own, header=Header(sources=said))
            return put(begun, event.part, SeedFile(file=file, sha256=sha256, sources=said))
        case _:
            raise AssertionError(event)


DECIDER: Decider[Own] = Decider(
    category="registry",
    initial=Own(),
    events=EVENTS,
    attested=Attested,
    voided=Voided,
    decide=decide,
    evolve=evolve,
)
