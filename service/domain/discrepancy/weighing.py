"""Which claim weighs most by the kinds of the documents that it cites: proposed to those who settle, never applied."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from msgspec import Struct

from service.domain.discrepancy.state import Claim, Discrepancy
from service.domain.document.state import Kind, weight
from service.domain.places import ordered

Why = Literal["heaviest", "equal", "nothing_cited"]


class Weight(Struct, frozen=True, kw_only=True):
    """The heaviest document that a claim cites, and its kind: 6 for a signed instrument, 1 for a repost, 0 for none."""

    claim: UUID
    weight: int
    document: UUID | None
    kind: Kind | None


class Choice(Struct, frozen=True, kw_only=True):
    """The claim that weighs most, where one alone does, and why; and the weight of each claim."""

    claim: UUID | None
    why: Why
    weights: tuple[Weight, ...]


def documents(claim: Claim) -> list[UUID]:
    """The documents that a claim cites, in the order of its sources."""
    return list(dict.fromkeys(citation.document for source in claim.sources for citation in source.citations))


def weighed(discrepancy: Discrepancy, kinds: Mapping[UUID, Kind]) -> Choice:
    """The choice that the kinds of the documents cited would make. A document of unknown kind weighs nothing."""
    weights = []
    for _, claim in ordered(discrepancy.claims):
        cited = [one for one in documents(claim) if one in kinds]
        best = max(cited, key=lambda one: weight(kinds[one]), default=None)
        kind = kinds[best] if best is not None else None
        weights.append(Weight(claim=claim.id, weight=weight(kind) if kind is not None else 0, document=best, kind=kind))
    most = max((one.weight for one in weights), default=0)
    heaviest = [one.claim for one in weights if one.weight == most]
    if most == 0:
        return Choice(claim=None, why="nothing_cited", weights=tuple(weights))
    alone = len(heaviest) == 1
    return Choice(claim=heaviest[0] if alone else None, why="heaviest" if alone else "equal", weights=tuple(weights))
