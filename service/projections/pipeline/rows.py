"""What counts of a project by each rule of counting: one row an entry, with its days, its sum, its investor.

A row also has what it is grouped by, and the projects that this one is part of. Sums are decimals as text, exact.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from service.domain.amounts import plain
from service.domain.decider import Ref
from service.domain.project.counting import RULES, entries
from service.domain.project.state import Project, status, title
from service.projections import Row
from service.projections.bitemporal import bitemporal
from service.projections.inputs import Inputs, Key


def text(number: Decimal | None) -> str | None:
    """A number as a row has it."""
    return plain(number) if number is not None else None


def listed(names: set[str]) -> str | None:
    """Several names as a row has them, None where there is none."""
    return msgspec.json.encode(sorted(names)).decode() if names else None


def said(ref: Ref, project: Project, day: date) -> dict[Key, Row]:
    """The entries of each rule."""
    header = project.header
    if header is None:
        return {}
    places = {f"parties/{one.party}" if one.party is not None else one.text or "" for one in project.places.values()}
    wholes = {one.target.partition("/")[2] for one in project.links.values() if one.relation == "part_of"}
    if project.duplicate is not None:
        # What is part of a second record is part of the one that stands for both.
        wholes.add(str(project.duplicate.into))
    about = (title(header), status(project), header.sector, listed(places), listed(wholes - {str(ref.id)}))
    told: dict[Key, Row] = {}
    for rule in RULES:
        for one in entries(project, rule):
            sum_ = one.amount
            key = (rule, one.kind, one.event, f"{named(one.investment)}:{named(one.investor)}")
            told[key] = (
                *one.since,
                one.investor,
                sum_.modality if sum_ else None,
                sum_.unit if sum_ else None,
                text(sum_.low) if sum_ else None,
                text(sum_.high) if sum_ else None,
                sum_.low_open if sum_ else False,
                sum_.high_open if sum_ else False,
                text(sum_.about) if sum_ else None,
                *about,
            )
    return told


def named(id: UUID | None) -> str:
    """An id as a key has it."""
    return str(id) if id is not None else ""


PIPELINE = bitemporal(
    name="pipeline",
    version=max(rule.version for rule in RULES.values()),
    categories=frozenset({"projects"}),
    keys=(("rule", "text"), ("kind", "text"), ("event", "text"), ("part", "text")),
    values=(
        ("since_from", "date not null"),
        ("since_to", "date not null"),
        ("investor", "uuid"),
        ("modality", "text"),
        ("unit", "text"),
        ("low", "text"),
        ("high", "text"),
        ("low_open", "boolean not null"),
        ("high_open", "boolean not null"),
        ("about", "text"),
        ("title", "text not null"),
        ("stage", "text not null"),
        ("sector", "text"),
        ("places", "text"),
        ("wholes", "text"),
    ),
    indexes=("create index on p_pipeline (rule, known_to, ends)",),
    said=said,
    inputs=Inputs(
        every=frozenset({"header", "duplicate", "steps", "investments", "replacements", "parties", "places", "links"})
    ),
)
