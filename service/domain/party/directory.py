"""Which party is meant by a name that somebody wrote: found by any of its names, or told which ones are like it."""

import re
from collections.abc import Collection, Iterable
from uuid import UUID

from msgspec import Struct
from rapidfuzz import fuzz, process

from service.domain import errors
from service.domain.names import fold

CANDIDATES = 5
LIKE = 50
"""How alike a name is, of a hundred, to be a candidate."""
SEARCHED = 200
"""Names that candidates are looked for; a sheet with more wrong ones has another fault."""
_ID = re.compile(r"parties/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """A party as it is looked up: the name meant, and all its names in any form, folded.

    `ended` says that it is none any more (divided, dissolved, merged, replaced, a duplicate record), `after` which came
    after it.
    """

    id: UUID
    name: str
    forms: tuple[str, ...]
    parent: UUID | None = None
    ended: bool = False
    after: tuple[UUID, ...] = ()


class Directory:
    """The parties of a day, by name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Of names that several have, each is also found as `name(parent's name)`."""
        self.entries = {entry.id: entry for entry in entries}
        self._forms: dict[str, set[UUID]] = {}
        self._told: dict[str, tuple[str, ...]] = {}
        for entry in self.entries.values():
            for form in entry.forms:
                self._forms.setdefault(form, set()).add(entry.id)
        labels: dict[str, list[UUID]] = {}
        for entry in self.entries.values():
            if not entry.ended:
                labels.setdefault(self._label(entry), []).append(entry.id)
        self.labels = {ids[0]: label for label, ids in labels.items() if len(ids) == 1}
        """What to write for each party that a name alone tells apart, and that has not ended."""
        for id, label in self.labels.items():
            self._forms.setdefault(fold(label), set()).add(id)

    def _label(self, entry: Entry) -> str:
        """The name, with that of the parent where others have the name too."""
        standing = [id for id in self._forms.get(fold(entry.name), ()) if not self.entries[id].ended]
        parent = self.entries.get(entry.parent) if entry.parent is not None else None
        return f"{entry.name}({parent.name})" if len(standing) > 1 and parent is not None else entry.name

    def name(self, id: UUID) -> str:
        """What to write for a party: its name, or its id where no name tells it apart."""
        return self.labels.get(id) or f"parties/{id}"

    def __contains__(self, words: str) -> bool:
        """Whether the words are a name of any party."""
        return fold(words) in self._forms

    def find(self, words: str, *likely: Collection[UUID]) -> UUID:
        """The party that is meant: of several with the name the one that is `likely`, also where it has ended.

        Of several of `likely` the first counts in which one party alone has the name; of several that stand, the one
        that is called so now, as it is written. Else a name is found in any width, case and script, with any blanks.
        Raises Invalid with at most five candidates where none is meant, or several may be.
        """
        if (given := _ID.fullmatch(words)) and UUID(given[1]) in self.entries:
            return UUID(given[1])
        found = sorted(self._forms.get(fold(words), ()))
        standing = [id for id in found if not self.entries[id].ended]
        for some in likely:
            if len(expected := [id for id in found if id in some]) == 1:
                return expected[0]
        if len(standing) > 1 and len(written := [id for id in standing if self.entries[id].name == words]) == 1:
            return written[0]
        if len(standing) == 1:
            return standing[0]
        if standing:
            several = ", ".join(self.name(id) for id in standing[:CANDIDATES])
            raise errors.Invalid("", problem=f"{words} is the name of several parties: write which of {several}")
        if after := self.after(found):
            names = ", ".join(self.name(id) for id in after[:CANDIDATES])
            raise errors.Invalid("", problem=f"{words} has ended: is one of these meant, which came after it: {names}?")
        if found:
            raise errors.Invalid("", problem=f"{words} is registered as one that has ended: name the one in its place")
        near = self.like(words)
        if near:
            raise errors.Invalid("", problem=f"{words} is not registered: is one of these meant: {', '.join(near)}?")
        raise errors.Invalid("", problem=f"{words} is not registered, nor is a name like it: register it first")

    def after(self, ended: Iterable[UUID]) -> list[UUID]:
        """Those that stand and came after these, over however many steps."""
        seen = dict.fromkeys(ended)
        waiting = list(seen)
        while waiting:
            entry = self.entries.get(waiting.pop(0))
            new = [id for id in (entry.after if entry is not None else ()) if id not in seen]
            seen |= dict.fromkeys(new)
            waiting += new
        return [id for id in seen if id in self.entries and not self.entries[id].ended]

    def like(self, words: str) -> tuple[str, ...]:
        """What to write for those whose names are most like the words, the likest first."""
        if words not in self._told and len(self._told) < SEARCHED:
            near = nearest(fold(words), self._forms, 20)
            ids = (id for form in near for id in sorted(self._forms[form]) if not self.entries[id].ended)
            self._told[words] = tuple(dict.fromkeys(self.name(id) for id in ids))[:CANDIDATES]
        return self._told.get(words, ())


def nearest(words: str, choices: Iterable[str], most: int = CANDIDATES) -> tuple[str, ...]:
    """Those of the choices that are most like the words, the likest first."""
    found = process.extract(words, tuple(choices), scorer=fuzz.WRatio, limit=most, score_cutoff=LIKE)
    return tuple(choice for choice, _, _ in found)
