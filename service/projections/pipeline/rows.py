"""What counts of a project by each rule of counting, a table each: one row an entry, with its days, sum, investor.

A row also has what it is grouped by, the projects that this one is part of, and what it is the first of (`firsts`): an
event counts once, of however many sums it tells.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from service.domain.decider import Ref
from service.domain.project.counting import RULES, Entry, Rule, entries
from service.domain.project.state import Project, status, title
from service.projections import Row
from service.projections.bitemporal import Bitemporal, bitemporal
from service.projections.inputs import Inputs, Key

NOBODY = UUID(int=0)
"""In the key of a row without an investment and an investor."""

OF_EVENT, OF_INVESTOR, BARE_OF_EVENT, BARE_OF_INVESTOR = 1, 2, 4, 8
"""Of the entries of one event a row is the first, or the first of its investor; or so of those that tell no sum."""


def firsts(found: Sequence[Entry]) -> Iterator[tuple[Entry, int]]:
    """The entries of a rule, each with what it is the first of."""
    seen: set[tuple[object, ...]] = set()
    for one in found:
        keys: dict[int, tuple[object, ...]] = {
            OF_EVENT: (one.kind, one.event),
            OF_INVESTOR: (one.kind, one.event, one.investor),
        }
        if one.kind != "increase" and not told_sum(one):
            keys |= {BARE_OF_EVENT: (one.event,), BARE_OF_INVESTOR: (one.event, one.investor)}
        fresh = {bit: key for bit, key in keys.items() if (bit, key) not in seen}
        seen.update(fresh.items())
        yield one, sum(fresh)


def told_sum(one: Entry) -> bool:
    """Whether an entry tells any number."""
    return one.amount is not None and (one.amount.low is not None or one.amount.about is not None)


SEPARATOR, PARTY = "\x1f", "\x1e"
"""Between several names of a row; before the id of a party, which a name in words never is. No name holds either."""


def listed(names: set[str]) -> str | None:
    """Several names as a row has them, None where there is none."""
    return SEPARATOR.join(sorted(names)) or None


def said(rule: Rule, ref: Ref, project: Project) -> dict[Key, Row]:
    """The entries of a rule."""
    header = project.header
    if header is None:
        return {}
    places = {f"{PARTY}{one.party}" if one.party is not None else one.text or "" for one in project.places.values()}
    wholes = {one.target.partition("/")[2] for one in project.links.values() if one.relation == "part_of"}
    if project.duplicate is not None:
        # What is part of a second record is part of the one that stands for both.
        wholes.add(str(project.duplicate.into))
    about = (title(header), status(project), header.sector, listed(places), listed(wholes - {str(ref.id)}))
    told: dict[Key, Row] = {}
    for one, first in firsts(entries(project, rule)):
        sum_ = one.amount
        told[one.kind, one.event, one.investment or one.investor or NOBODY] = (
            *one.since,
            first,
            one.investor,
            sum_.modality if sum_ else None,
            sum_.unit if sum_ else None,
            sum_.low if sum_ else None,
            sum_.high if sum_ else None,
            sum_.low_open if sum_ else False,
            sum_.high_open if sum_ else False,
            sum_.about if sum_ else None,
            *about,
        )
    return told


VALUES = (
    ("since_from", "date not null"),
    ("since_to", "date not null"),
    ("firsts", "smallint not null"),
    ("investor", "uuid"),
    ("modality", "text"),
    ("unit", "text"),
    ("low", "numeric"),
    ("high", "numeric"),
    ("low_open", "boolean not null"),
    ("high_open", "boolean not null"),
    ("about", "numeric"),
    ("title", "text not null"),
    ("stage", "text not null"),
    ("sector", "text"),
    ("places", "text"),
    ("wholes", "text"),
)
INPUTS = Inputs(
    every=frozenset({"header", "duplicate", "steps", "investments", "replacements", "parties", "places", "links"})
)


def counted_by(rule: Rule, version: int) -> Bitemporal:
    """The table of a rule: one each, so that what a question reads stands together."""
    return bitemporal(
        name=f"pipeline_{rule}",
        version=version,
        categories=frozenset({"projects"}),
        keys=(("kind", "text"), ("event", "text"), ("part", "uuid")),
        values=VALUES,
        indexes=(f"create index on p_pipeline_{rule} (known_to, ends)",),
        said=lambda ref, project, _day: said(rule, ref, project),
        inputs=INPUTS,
    )


PIPELINES: tuple[Bitemporal, ...] = tuple(counted_by(rule, one.version) for rule, one in RULES.items())
