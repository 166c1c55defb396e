"""What a party's state is made of: one struct a part, each stored as one row; and what is read off it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid5

from msgspec import Meta

from service.domain.decider import State
from service.domain.duplicates import Duplicate
from service.domain.values import Label, Part, PartyId, Person, PrintedName, UncertainDate, Variant

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
    "institute",
    "leading_group",
    "committee",
    "zone",
]
"""`institute` is 研究院, and 中心 of research; `leading_group` 领导小组; `committee` a 委员会 within another body (an
office of the government of that name is an `agency`); `zone` 开发区, 高新区, 综合保税区, 自贸区: an area with an
administration of its own beside the divisions."""
Scheme = Literal["division_code", "uscc"]
Manner = Literal["established", "unveiled", "opened", "incorporated"]
Standing = Literal["current", "former"]
StepName = Literal["proposed", "founded", "split", "merged", "replaced", "dissolved"]
Status = Literal["proposed", "active", "split", "merged", "replaced", "dissolved", "duplicate"]
Code = Annotated[str, Meta(pattern=r"^[0-9A-Z]{6,18}\Z")]


class Header(Part, frozen=True, kw_only=True, gc=False):
    """What the party is, what it is called now, and under which party it stands."""

    kind: Kind
    name: PrintedName
    parent: PartyId | None = None


class Name(Part, frozen=True, kw_only=True, gc=False):
    """A name that the party has or had, and since when."""

    name: PrintedName
    since: UncertainDate | None = None


class Alias(Part, frozen=True, kw_only=True, gc=False):
    """Another way that the party is written, and of which sorts it is as far as anybody says."""

    alias: PrintedName
    sorts: tuple[Variant, ...] = ()


class Identifier(Part, frozen=True, kw_only=True, gc=False):
    """An official code, and since when the party has it."""

    scheme: Scheme
    value: Code
    since: UncertainDate | None = None


class Place(Part, frozen=True, kw_only=True, gc=False):
    """A place where the party has a seat, or had one."""

    place: PartyId
    since: UncertainDate | None = None
    left: bool = False
    until: UncertainDate | None = None


class Member(Part, frozen=True, kw_only=True, gc=False):
    """A party that belongs to this one, or did."""

    member: PartyId
    role: Label | None = None
    since: UncertainDate | None = None
    left: bool = False
    until: UncertainDate | None = None


class Secretariat(Part, frozen=True, kw_only=True, gc=False):
    """Who does the party's daily work, and since when."""

    secretariat: PartyId
    since: UncertainDate | None = None


class Holder(Part, frozen=True, kw_only=True, gc=False):
    """A person whom a source names with an office in the party, of which day, and whether still in it by then."""

    person: Person
    seen: UncertainDate | None = None
    standing: Standing | None = None


class Step(Part, frozen=True, kw_only=True, gc=False):
    """A step of the party's life, with what each kind of step says; None where nobody says it.

    `survives` belongs to a split, `carries` to every step that others come after.
    """

    step: StepName
    effective: UncertainDate | None = None
    manner: Manner | None = None
    by: tuple[UUID, ...] = ()
    into: tuple[UUID, ...] = ()
    survives: bool | None = None
    carries: bool | None = None

    @property
    def ends(self) -> bool:
        """Whether the party is known to be no more after the step. A split that may have left it is no end."""
        if self.step == "split":
            return self.survives is False
        return self.step in {"merged", "replaced", "dissolved"}


class Party(State, frozen=True, kw_only=True, gc=False):
    """A party, by its parts."""

    header: Header | None = None
    secretariat: Secretariat | None = None
    duplicate: Duplicate | None = None
    steps: dict[str, Step] = {}
    names: dict[str, Name] = {}
    aliases: dict[str, Alias] = {}
    identifiers: dict[str, Identifier] = {}
    places: dict[str, Place] = {}
    members: dict[str, Member] = {}
    holders: dict[str, Holder] = {}


# --- Keys -------------------------------------------------------------------------------------------------------------


def holder_key(person: Person, seen: UncertainDate | None, standing: Standing | None) -> str:
    """What a sighting of an office holder is called: one a name, title, day and standing."""
    return f"{person.name.printed}:{person.title or ''}:{day_key(seen)}:{standing or ''}"


def day_key(day: UncertainDate | None) -> str:
    """A date as part of a key: its bounds, else its words, so that dates that agree have one key."""
    if day is None:
        return ""
    if day.earliest is None and day.latest is None:
        return day.printed or ""
    return f"{day.earliest or ''}" if day.earliest == day.latest else f"{day.earliest or ''}..{day.latest or ''}"


def name_key(name: PrintedName, since: UncertainDate | None) -> str:
    """The key of a name among the party's names: since when, and how it is printed."""
    return f"{day_key(since)}:{name.printed}"


def split_key(into: tuple[UUID, ...]) -> str:
    """The key of a split among the party's steps. Whoever survives one may split again, into others."""
    return f"split:{uuid5(into[0], ','.join(map(str, into))) if len(into) > 1 else into[0]}"


# --- What is read off it ----------------------------------------------------------------------------------------------


def end(party: Party) -> Step | None:
    """The step that ended the party, the first one in time, if one is known to have."""
    ends = [step for step in party.steps.values() if step.ends]
    return min(ends, key=lambda step: (step.effective and step.effective.earliest) or date.min, default=None)


def status(party: Party, day: date) -> Status:
    """What the party is on `day`: a duplicate record, ended, still to be founded, or active.

    A split of which nobody says whether the party survived it shows as `split`.
    """
    if party.duplicate is not None:
        return "duplicate"
    over = end(party)
    if over is not None and begun(over, day) and over.step != "proposed" and over.step != "founded":  # noqa: PLR1714
        return over.step  # mypy narrows by `!=`, not by `in`
    if any(step.step == "split" and step.survives is None and begun(step, day) for step in party.steps.values()):
        return "split"
    founded = party.steps.get("founded")
    if "proposed" in party.steps and (founded is None or not begun(founded, day)):
        return "proposed"
    return "active"


def begun(step: Step, day: date) -> bool:
    """Whether the step may have been taken by `day`."""
    return step.effective is None or step.effective.earliest is None or step.effective.earliest <= day


def name_on(party: Party, day: date) -> PrintedName | None:
    """The name that the party had on `day`, of several since one day the last recorded; None before registration."""
    dated = [(name.since.earliest if name.since else None) or date.min for name in party.names.values()]
    held = [pair for pair in zip(dated, party.names.values(), strict=True) if pair[0] <= day]
    if held:
        return max(held, key=lambda pair: (pair[0], pair[1].sources[0].sequence))[1].name
    return party.header.name if party.header else None


def names(party: Party) -> tuple[str, ...]:
    """Every way that the party is or was called and written, names before aliases: as meant, simplified, printed."""
    known = [party.header.name] if party.header else []
    known += [name.name for name in party.names.values()]
    known += [alias.alias for alias in party.aliases.values()]
    return tuple(dict.fromkeys(way for name in known for way in (name.meant, name.simplified, name.printed) if way))
