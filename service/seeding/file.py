"""A seed file as it was read: its commands in the order in which they are sent in, and the words that they cite."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from service.domain.decider import Command, Fact, Ref
from service.domain.references import references
from service.domain.values import Citation

_UUID = re.compile(r"((?:[a-z]+/)?)([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})")


class SeedError(ValueError):
    """A seed file can't be taken in; each line of the message says where it is wrong and what to do."""


class Wish(Struct, frozen=True, kw_only=True):
    """One command of a seed file: on what, which field it comes from, and where it stands, for messages.

    `later`: it is none of those that a thing is registered with, such as an amendment.
    """

    ref: Ref
    command: Command
    field: str
    where: str
    later: bool = False

    @property
    def registers(self) -> bool:
        """Whether the command makes the thing."""
        return self.field == self.ref.category


class SeedFile(Struct, frozen=True, kw_only=True):
    """A seed file, read: its commands in the order that they are sent in, and the readable names of the ids in it.

    `propose`: what it tells otherwise than recorded is a discrepancy, no mistake.
    """

    name: str
    sha256: str
    document: Ref
    propose: bool
    wishes: tuple[Wish, ...]
    names: Mapping[str, str]

    @property
    def citations(self) -> int:
        """How many citations the facts carry."""
        return sum(isinstance(found, Citation) for wish in self.wishes for _, found in references(wish.command))

    def counts(self) -> dict[str, int]:
        """How many facts of each kind the file tells, by their names in it: parties, aliases, clauses, obligation."""
        found: Counter[str] = Counter()
        for wish in self.wishes:
            inside = (name for name in wish.command.__struct_fields__ if isinstance(getattr(wish.command, name), Fact))
            found.update((wish.field, *inside))
        return dict(found)

    def readable(self, text: str) -> str:
        """The text with ids replaced by the keys that stand for them in the file."""
        return _UUID.sub(lambda match: self.names.get(match[0]) or match[1] + self.names.get(match[2], match[2]), text)


def ordered(wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """Things first, each after those that its registration names; then what they are made of; then what became of them.

    What is told whole, since it is about the parts of others, comes before what became of any.
    A circle of parents is left as it stands, for the decider to refuse.
    """
    makes = {wish.ref: wish for wish in wishes if wish.registers and not wish.later}
    done: dict[Ref, Wish] = {}
    begun: set[Ref] = set()

    def make(wish: Wish) -> None:
        if wish.ref in begun:
            return
        begun.add(wish.ref)
        for _, ref in references(wish.command):
            if isinstance(ref, Ref) and ref in makes:
                make(makes[ref])
        done[wish.ref] = wish

    for wish in makes.values():
        make(wish)
    rest = [wish for wish in wishes if wish.ref not in makes or not wish.registers]
    return (*done.values(), *sorted(rest, key=lambda wish: (wish.later, not wish.registers)))


def misquoted(seed: SeedFile, text: str) -> Iterator[str]:
    """Citations of the file's document whose hash is not that of the words in its text."""
    for wish in seed.wishes:
        for _, citation in references(wish.command):
            if isinstance(citation, Citation) and citation.document == seed.document.id and citation.start is not None:
                actual = short_citation(text, citation.start, citation.end or 0)
                if citation.sha256 != actual.rpartition(" ")[2]:
                    told = f"{citation.start}-{citation.end}"
                    yield f"{wish.where}: cite {told}: other words stand there; if they are meant, write {actual}"


def short_citation(text: str, start: int, end: int) -> str:
    """The citation of a slice, as seed files hold it."""
    return f"{start}-{end} {hashlib.sha256(text[start:end].encode()).hexdigest()}"
