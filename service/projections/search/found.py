"""What a hit is: which thing or part of one, where in it the words stand, and the words around them."""

from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from service.domain.names import Change, Folded, Mark
from service.domain.searched import Kind
from service.projections.carried import Carried

EXCERPT = 160
"""Code points of a text that are shown; a longer one is cut around the first mark."""
BEFORE = 40
MARKS = 20
"""Marks that are told of one excerpt."""


class Hit(Struct, frozen=True, kw_only=True, gc=False):
    """A thing, or a `part` of one, one of whose texts has all the words: the best of them.

    `title` is what the thing is called first, `field` where the text stands in the thing or the part. `text` is the
    text as it is written, from its code point `start` on, of `length` in all; `marks` are where in it the words stand,
    each as [start, end] in code points of the whole text. `known_from` is the sequence that says it. A name of a second
    record leads to the one that stands for it: `stands_for` is that second record. `succeeded_by` are those that came
    after a party, or carry on what it was to do.
    """

    kind: Kind
    subject: str
    part: str | None
    title: str | None
    tier: int
    field: str
    text: str
    start: int
    length: int
    marks: list[Mark]
    known_from: int
    stands_for: UUID | None = None
    succeeded_by: tuple[Carried, ...] = ()


class TierTold(Struct, frozen=True, kw_only=True, gc=False):
    """How many texts of a tier have the words; `truncated` where more than those that were ranked: the newest."""

    tier: int
    candidates: int
    truncated: bool


class Found(Struct, frozen=True, kw_only=True):
    """A page of hits, the tiers that were looked through for it, and whether another page comes."""

    items: list[Hit]
    tiers: list[TierTold]
    next: tuple[int, int] | None


_CHANGES = msgspec.msgpack.Decoder(tuple[Change, ...])


def original(words: str, changes: bytes | None) -> Folded:
    """The text of a row."""
    return Folded.restored(words, _CHANGES.decode(changes) if changes is not None else ())


def excerpt(words: str, changes: bytes | None, looked_for: tuple[str, ...]) -> dict[str, Any]:
    """The text around the words, where they stand in it, and how long it is: fields of a hit."""
    folded = original(words, changes)
    text = folded.text
    marks = sorted({mark for word in looked_for for mark in folded.marks(word)})
    start = 0
    if len(text) > EXCERPT and marks:
        start = max(0, min(marks[0].start - BEFORE, len(text) - EXCERPT))
    end = min(len(text), start + EXCERPT)
    shown = [mark for mark in marks if start <= mark.start and mark.end <= end]
    return {
        "text": text[start:end],
        "start": start,
        "length": len(text),
        "marks": list(islice(shown or marks, MARKS)),
    }
