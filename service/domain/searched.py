"""What of each thing is searched, and how much a hit there counts: one line a part of a state, by category.

Tier 1 are names and aliases of parties, 2 titles, 3 labels, headings, the names of people in public acts and what the
registry calls a thing, 4 what it says: the texts of clauses, statements, tasks and targets, the numbers that are
claimed, invested and to be reached. What is repealed or voided is left out, and so is what a plan asks no more; of a
record that is a duplicate its names and titles lead to the one that stands for it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from service.domain import amounts
from service.domain.duplicates import Duplicate
from service.domain.figure.state import numbers
from service.domain.names import fold
from service.domain.plan.state import asks
from service.domain.values import Person, PrintedName, Quantity

Tier = Literal[1, 2, 3, 4]
Kind = Literal[
    "party",
    "holder",
    "agreement",
    "clause",
    "signature",
    "document",
    "document_part",
    "meeting",
    "resolution",
    "activity",
    "attendance",
    "statement",
    "participant",
    "plan",
    "plan_item",
    "target",
    "rule",
    "revision",
    "task",
    "project",
    "investment",
    "figure",
    "figure_item",
    "figure_claim",
    "discrepancy",
]
"""What is found: a thing, or a part of one."""
TIERS: tuple[Tier, ...] = get_args(Tier)
OWN = ""
"""The part that is the thing itself, by whatever it is called."""


class Searched(NamedTuple):
    """The parts of one field of a state: what they are, and the tier of each of their fields.

    Those that are `apart` are found by themselves, under their ids; the others are the thing itself. `stands` says of
    the thing and a part whether that part stands still; where other parts tell it, `rests` on these. `read` is what a
    field says, of a state and its part.
    """

    kind: Kind
    tiers: Mapping[str, Tier]
    apart: bool = False
    stands: Callable[[Any, Any], bool] | None = None
    rests: bool = False
    read: Callable[[Any, Any, str], Any] = lambda _, part, field: getattr(part, field)


def _own(kind: Kind, **tiers: Tier) -> Searched:
    return Searched(kind, tiers)


def _apart(kind: Kind, **tiers: Tier) -> Searched:
    return Searched(kind, tiers, apart=True)


def _asked(kind: Kind, **tiers: Tier) -> Searched:
    return Searched(kind, tiers, apart=True, stands=asks, rests=True)


def _in_force(_: Any, clause: Any) -> bool:
    return not clause.repealed


def _person(kind: Kind, field: str = "person") -> Searched:
    """Somebody who takes part, by the name; an office says of whom, and is that party's name."""
    return Searched(kind, {field: 3}, apart=True, read=_name)


def _name(_: Any, part: Any, field: str) -> PrintedName | None:
    person: Person | None = getattr(part, field)
    return person.name if person is not None else None


SEARCHED: Mapping[str, Mapping[str, Searched]] = {
    "parties": {
        "header": _own("party", name=1),
        "names": _own("party", name=1),
        "aliases": _own("party", alias=1),
        "holders": _person("holder"),
    },
    "agreements": {
        "header": _own("agreement", title=2, called=3),
        "titles": _own("agreement", title=2),
        "clauses": _apart("clause", label=3, heading=3, text=4)._replace(stands=_in_force),
        "signatures": _person("signature", "representative"),
    },
    "documents": {
        "header": _own("document", title=2, number=3),
        "parts": _apart("document_part", title=2),
    },
    "meetings": {
        "header": _own("meeting", title=2, called=3),
        "titles": _own("meeting", title=2),
        "resolutions": _apart("resolution", name=3, text=4),
        "activities": _apart("activity", name=3, text=4),
        "attendance": _person("attendance"),
    },
    "statements": {
        "header": _own("statement", text=4),
        "participants": _person("participant"),
    },
    "plans": {
        "header": _own("plan", title=2, called=3),
        "titles": _own("plan", title=2),
        "items": _asked("plan_item", label=3, heading=3, text=4),
        "targets": _asked("target", metric=3, text=4, quantity=4),
        "rules": _asked("rule", label=3, text=4),
        "revisions": _apart("revision", label=3, text=4),
    },
    "tasks": {
        "header": _own("task", title=2, called=3),
        "titles": _own("task", title=2),
        "terms": _own("task", title=2, text=4, requirement=4),
    },
    "projects": {
        "header": _own("project", title=2, called=3, text=4),
        "titles": _own("project", title=2),
        "investments": _apart("investment", quantity=4),
    },
    "figures": {
        "header": _own("figure", metric=3, called=3, text=4),
        "items": _apart("figure_item", label=3, text=4),
        "claims": Searched(
            "figure_claim", {"numbers": 4}, apart=True, read=lambda figure, claim, _: numbers(figure.header, claim)
        ),
    },
    "discrepancies": {
        "header": _own("discrepancy", what=3),
        "claims": _own("discrepancy", text=4),
    },
    "registry": {},
}
"""By category of the catalogue and field of its state."""
CATEGORIES: Mapping[Kind, str] = {
    searched.kind: category for category, fields in SEARCHED.items() for searched in fields.values()
}
"""Of which category the thing is that is found, or a part of it."""


class Said(NamedTuple):
    """One text of a thing: the part that it is of (`OWN`: the thing itself), and where in that it stands."""

    part: str
    field: str
    tier: Tier
    kind: Kind
    text: str
    stands_for: UUID | None


def said(category: str, state: Any) -> Iterator[Said]:
    """Every text of a thing that is searched, each form of a name that differs when folded; none before it is there."""
    if state.header is None:
        return
    duplicate: Duplicate | None = getattr(state, "duplicate", None)
    into = duplicate.into if duplicate is not None else None
    for name, searched in SEARCHED[category].items():
        held = getattr(state, name)
        for key, part in held.items() if isinstance(held, dict) else ((None, held),) if held is not None else ():
            over = searched.stands is not None and not searched.stands(state, part)
            if over or (into is not None and searched.apart):
                continue
            where = f"{name}/{key}" if key is not None else name
            for field, tier in searched.tiers.items():
                if into is not None and tier > 2:
                    continue
                at = ("", field) if searched.apart else (f"{where}/" if name != "header" else "", field)
                for form, text in forms(searched.read(state, part, field)):
                    own = where if searched.apart else OWN
                    yield Said(own, "".join(at) + form, tier, searched.kind, text, into)


def forms(value: PrintedName | Quantity | str | None) -> Iterator[tuple[str, str]]:
    """A text, a number in words, or the forms of a name, each that folds to another: what is meant comes first."""
    if isinstance(value, PrintedName):
        seen = set[str]()
        ways = {"": value.meant, ".simplified": value.simplified, ".printed": value.printed}
        for form, text in ways.items():
            if text is not None and (words := fold(text)) not in seen:
                seen.add(words)
                yield form, text
    elif isinstance(value, Quantity):
        yield "", amounts.words(value)
    elif value is not None:
        yield "", value
