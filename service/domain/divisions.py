"""The divisions that the registry knows by their codes: Shandong, its cities, and the counties of its documents' area.

The table (`divisions.csv`) is ours: codes of GB/T 2260, with the years of what has changed since 2001, as far as they
are certain. It is no register of all divisions: another code is taken by its form.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources

from msgspec import Struct

from service.domain.names import fold
from service.domain.values import UncertainDate


class Division(Struct, frozen=True, kw_only=True, gc=False):
    """A division under one code: `since` and `until` are the years in which that began and ended, both included."""

    code: str
    name: str
    kind: str
    parent: str | None
    since: int | None
    until: int | None

    def may_be(self, kind: str, names: set[str]) -> bool:
        """Whether a party of that kind, with these folded names, may be it; a 市 may be a county."""
        kinds = {self.kind, "city"} if self.kind == "county" and self.name.endswith("市") else {self.kind}
        return kind in kinds and not names.isdisjoint(self.names)

    @property
    def names(self) -> set[str]:
        """What it is called: its name, with and without those above it, in full and in short."""
        above, at = [""], self.parent
        while at is not None:
            [parent] = [one for one in divisions() if one.code == at][:1]
            above += [parent.name + more for more in above]
            at = parent.parent
        short = {self.name[:-1]} if len(self.name) > 2 else set()
        return {fold(before + name) for before in above for name in {self.name} | short}

    def within(self, day: UncertainDate | None) -> bool:
        """Whether the code may have been its on some day that the date may be."""
        first = day.earliest.year if day is not None and day.earliest is not None else None
        last = day.latest.year if day is not None and day.latest is not None else None
        begun = self.since is None or last is None or self.since <= last
        return begun and (self.until is None or first is None or first <= self.until)

    @property
    def years(self) -> str:
        """In which years the code was its, in words; empty where it always was."""
        words = [f"since {self.since}"] if self.since else []
        return " ".join([*words, f"until {self.until}"] if self.until else words)


@cache
def divisions() -> tuple[Division, ...]:
    """The table."""
    text = resources.files("service.domain").joinpath("divisions.csv").read_text("utf-8")
    return tuple(
        Division(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=row["parent"] or None,
            since=int(row["since"]) if row["since"] else None,
            until=int(row["until"]) if row["until"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )


def contradicted(code: str, kind: str, names: Iterable[str], since: UncertainDate | None) -> str | None:
    """What the table knows otherwise of a party with that code, None where it knows nothing else.

    Provinces and cities have names of their own in all of China; those of districts come again elsewhere.
    """
    called = {fold(name) for name in names}
    known = [one for one in divisions() if one.code == code]
    fitting = [one for one in known if one.may_be(kind, called)]
    if known and not fitting:
        told = known[0]
        return f"{code} is the code of {told.name}, a {told.kind}: name that party, or the code of this one"
    if fitting and not any(one.within(since) for one in fitting):
        return f"{code} is the code of {fitting[0].name} {fitting[0].years}: not on that day"
    if not known and len(code) == 6:
        own = [one for one in divisions() if one.kind in {"province", "city"} and one.may_be(kind, called)]
        if own:
            return f"{own[0].name} has the code {own[0].code}, not {code}"
    return None
