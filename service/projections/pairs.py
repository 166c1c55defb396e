"""Where words are looked for in many texts: the pairs of characters (bigrams) of each stand in an index.

PostgreSQL has that without extensions: a GIN index over int4[]. Of a text of 400 characters that are some 400 numbers,
so they stand in the index alone, made by a function of the words; the table has the words themselves. On 200,000 texts
of 30 to 400 characters the index has the same size as one of text[] or tsvector (2.1 kB a text).

Two Chinese characters fit an integer exactly. Pairs that fall together are told apart by the words themselves.
"""

from itertools import pairwise

from service.domain.names import fold
from service.projections.paging import Condition

MIX = 523_640_629
"""Times three it is below 2**31. The tier is one of four."""
PAIRS = "search_pairs"
"""The function; a migration makes it, since the schema's functions are the owner's."""


def pairs(tier: int, words: str) -> list[int]:
    """The pairs of characters of folded words, as the function has them."""
    found = set()
    for one, other in pairwise(words):
        value = ((ord(one) << 16 | ord(other)) ^ (tier & 3) * MIX) & 0xFFFFFFFF
        found.add(value - 2**32 if value >= 2**31 else value)
    return sorted(found)


def within(column: str, *, indexed: bool = False) -> Condition:
    """That words stand in a folded column; where it is `indexed`, they are looked up once the planner knows them rare.

    The index is that of `index`. One character alone has no pairs: it is looked for in the list's own order.
    """
    told = f"strpos(t.{column}, {{0}}) > 0"
    if indexed:
        told += f" and {_of(f't.{column}')} @> {_of('{0}::text')}"
    return Condition(told, fold)


def index(table: str, column: str) -> str:
    """The index of a table's folded column. What is written goes in at once: no write pays for the ones before."""
    return f"create index on {table} using gin (({_of(column)})) with (fastupdate = off)"


def _of(text: str) -> str:
    return f"{PAIRS} (0::smallint, {text})"
