"""Each text that is searched, folded, with what folding changed: the original is not stored a second time.

`above` has the words of the same part that stand in lower tiers, a line each: who finds them there does not find this
text, and has not to look for them.

The tier is mixed into the pairs of characters, so that statistics know how often one stands in the texts of a tier:
`asked` looks for a frequent pair (合作) among the newest texts, for a rare one in the index.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from service.domain import involved
from service.domain.agreement.state import signature_key
from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.figure.state import Claim
from service.domain.names import FOLDING, Folded
from service.domain.party.state import holder_key
from service.domain.searched import OWN, SEARCHED, said
from service.projections import Row
from service.projections.bitemporal import bitemporal
from service.projections.inputs import Inputs, Key
from service.projections.pairs import PAIRS


def texts(ref: Ref, state: Any, _: date) -> dict[Key, Row]:
    """Each text of the thing that says something."""
    found = [(one, *folded) for one in said(ref.category, state) if (folded := _folded(one.text))[0]]
    parts: dict[str, list[tuple[int, str]]] = {}
    for one, words, _changes in found:
        parts.setdefault(one.part, []).append((one.tier, words))
    told: dict[Key, Row] = {}
    for one, words, changes in found:
        above = dict.fromkeys(other for tier, other in parts[one.part] if tier < one.tier)
        told[one.part, one.field] = (
            one.tier,
            one.kind,
            words,
            changes,
            "\n".join(above) or None,
            tags(ref.category, state),
            one.stands_for,
        )
    return told


OTHERS = 0
"""The tag of what may have to do with a party and has none by it: that is looked up, thing by thing."""


@lru_cache(4_096)
def tag(party: UUID) -> int:
    """The tag of a party; two may have the same."""
    return int.from_bytes(hashlib.blake2b(party.bytes, digest_size=4).digest(), "big", signed=True)


# What there is most of, and whose parties are told as good as always before all else: with a new party all texts of a
# thing are told anew.
_TAGGED: Mapping[str, Callable[[Any], Iterable[UUID]]] = {
    "agreements": lambda agreement: (one.party for one in agreement.signatories.values()),
    "statements": lambda statement: (party for party, _ in involved.parts(statement)),
    "tasks": lambda task: (one.party for one in task.units.values()),
}
_TAGGED_BY = frozenset({"signatories", "participants", "performance", "topics", "units"})
_NOBODYS = frozenset({"documents", "discrepancies"})
MOST_TAGS = 32
"""What more parties have to do with has no tags: they would be longer than the text, and told anew with each party."""


def tags(category: str, state: Any) -> str:
    """The tags of a thing's texts."""
    if category in _NOBODYS:
        return ""
    if (parties := _TAGGED.get(category)) is None or len(found := set(parties(state))) > MOST_TAGS:
        return str(OTHERS)
    return ",".join(sorted(str(tag(party)) for party in found))


@lru_cache(4_096)
def _folded(text: str) -> tuple[str, bytes | None]:
    """The words of a text and what folding changed. What is said of a thing is often asked for again."""
    folded = Folded.of(text)
    return folded.words, msgspec.msgpack.encode(folded.changes) if folded.changes else None


_FIELDS = [(name, one) for fields in SEARCHED.values() for name, one in fields.items()]
_APART = frozenset(name for name, one in _FIELDS if one.apart)
_OWN = frozenset(name for name, one in _FIELDS if not one.apart)
_RESTS = frozenset(name for name, one in _FIELDS if one.rests)

_CALLED: Mapping[str, Callable[[Any], str]] = {
    "parts": lambda part: str(part.key),
    "signatures": lambda part: signature_key(part.party, part.representative),
    "holders": lambda part: holder_key(part.person, part.seen, part.standing),
}
"""What parts are called that have no id, as their events call them."""


def _id(part: Any) -> str:
    return str(part.id)


def _of(name: str) -> Callable[[Any], list[Key]]:
    """The key that a part of a field speaks of.

    Claims of a figure are found by themselves, those of a discrepancy are what it is itself.
    """
    called = _CALLED.get(name, _id)

    def keys(part: Any) -> list[Key]:
        if name in _OWN and not isinstance(part, Claim):
            return [(OWN,)]
        return [(f"{name}/{called(part)}",)]

    return keys


INPUTS = Inputs(
    every=frozenset({"duplicate"}) | _OWN - _APART | _RESTS | _TAGGED_BY,
    keys={name: _of(name) for name in _APART - _RESTS - _TAGGED_BY},
    own=_APART - _OWN - _RESTS - _TAGGED_BY,
)

SEARCH = bitemporal(
    name="search",
    version=4,
    categories=frozenset(category for category in DECIDERS if SEARCHED[category]),
    keys=(("part", "text"), ("field", "text")),
    values=(
        ("tier", "smallint not null"),
        ("kind", "text not null"),
        ("words", "text not null"),
        ("changes", "bytea"),
        ("above", "text"),
        ("tags", "text not null"),
        ("stands_for", "uuid"),
    ),
    indexes=(
        f"create index on p_search using gin ({PAIRS} (tier, words, tags))",
        "create index on p_search (tier, known_from)",
        "create index on p_search (kind, tier, known_from)",
        'create index on p_search (words collate "C") where tier = 1',
    ),
    said=texts,
    inputs=INPUTS,
    shaped_by=FOLDING,
)
