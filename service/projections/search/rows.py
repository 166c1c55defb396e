"""Each text that is searched, folded, with what folding changed: the original is not stored a second time.

The index holds pairs of characters (bigrams), which PostgreSQL has without extensions: a GIN index over int4[]. Of a
text of 400 characters that are some 400 numbers, so they stand in the index alone, made by a function of the words.
Measured with texts of 30 to 400 characters against text[] and tsvector: the index is of the same size in each, the
table half of theirs, and writes cost the least.

Two Chinese characters fit an integer exactly. The tier is mixed in, so that the planner's statistics know how often a
pair stands in the texts of a tier: a frequent pair (合作) is found by walking the tier from the newest text on, a rare
one by the index, and the planner chooses by itself. Pairs that fall together are told apart by the words themselves.
"""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec

from service.domain.catalogue import DECIDERS
from service.domain.decider import Ref
from service.domain.names import FOLDING, Folded
from service.domain.searched import SEARCHED, said
from service.projections import Row
from service.projections.bitemporal import bitemporal
from service.projections.inputs import Inputs, Key

MIX = 523_640_629
"""Times three it is below 2**31. The tier is one of four."""
GRAMS = "p_search_grams_1"
"""The function; another body takes another number, since an index rests on it."""

_FUNCTION = f"""\
create or replace function {GRAMS} (tier smallint, words text) returns int4[]
immutable strict parallel safe language sql as $$
  select array(
    select (ascii(a) << 16 | ascii(b)) # (tier & 3) * {MIX}
    from (select string_to_array(words, null)) as w (c), unnest(c, c[2:]) as pairs (a, b) where b is not null
  )
$$"""


def grams(tier: int, words: str) -> list[int]:
    """The pairs of characters of folded words, as the function has them."""
    found = set()
    for one, other in pairwise(words):
        value = ((ord(one) << 16 | ord(other)) ^ (tier & 3) * MIX) & 0xFFFFFFFF
        found.add(value - 2**32 if value >= 2**31 else value)
    return sorted(found)


def texts(ref: Ref, state: Any, _: date) -> dict[Key, Row]:
    """Each text of the thing that says something."""
    told: dict[Key, Row] = {}
    for one in said(ref.category, state):
        folded = Folded.of(one.text)
        if folded.words:
            changes = msgspec.msgpack.encode(folded.changes) if folded.changes else None
            told[one.part, one.field] = (one.tier, one.kind, folded.words, changes, one.stands_for)
    return told


_FIELDS = [(name, one) for fields in SEARCHED.values() for name, one in fields.items()]


def _of(name: str) -> Callable[[Any], list[Key]]:
    """The key that a part of a field speaks of: of a document's texts their own keys, else their ids."""
    return lambda part: [(f"{name}/{part.key if name == 'parts' else part.id}",)]


INPUTS = Inputs(
    every=frozenset({"duplicate", *(name for name, one in _FIELDS if not one.apart)}),
    keys={name: _of(name) for name, one in _FIELDS if one.apart},
)

SEARCH = bitemporal(
    name="search",
    version=1,
    categories=frozenset(category for category in DECIDERS if SEARCHED[category]),
    keys=(("part", "text"), ("field", "text")),
    values=(
        ("tier", "smallint not null"),
        ("kind", "text not null"),
        ("words", "text not null"),
        ("changes", "bytea"),
        ("stands_for", "uuid"),
    ),
    indexes=(
        _FUNCTION,
        f"create index on p_search using gin ({GRAMS} (tier, words))",
        "create index on p_search (tier, known_from)",
        "create index on p_search (kind, tier, known_from)",
        'create index on p_search (words collate "C") where tier = 1',
    ),
    said=texts,
    inputs=INPUTS,
    shaped_by=FOLDING,
)
