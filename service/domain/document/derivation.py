"""Versions of a text made from it: in simplified script, with broken letters restored, without boilerplate.

Pure: the source's words go in, what a `RecordTextVersion` says comes out. The same is done again to show a version's
words, which are never stored: the recorded hash says whether they are the ones that were meant.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from service.domain import errors, script
from service.domain.document.offsets import Offsets
from service.domain.document.state import Derived, Document, Edit, Version
from service.domain.document.text import EDITS

TOOL, TOOL_VERSION = "mengfu", "1"
"""Who applies edits to a text. The number goes up when the same edits would make another text."""


def hashed(text: str) -> str:
    """The SHA-256 of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def edited(text: str, edits: Iterable[Edit]) -> str | None:
    """The text after edits in order; None where one of them does not say what it puts in."""
    pieces, reached = [], 0
    for edit in edits:
        if edit.length and edit.text is None:
            return None
        pieces += [text[reached : edit.start], edit.text or ""]
        reached = edit.end
    return "".join((*pieces, text[reached:]))


def words(text: str, steps: Sequence[Version]) -> str | None:
    """The words of a version, made of the captured text by the steps to it.

    None where they cannot be made again: another tool made them, or another version of it, and this one's have another
    hash.
    """
    for version in steps:
        made = edited(text, version.edits)
        if made is not None and version.sort == "simplified":
            made = script.simplified(made)
        if made is None or hashed(made) != version.sha256:
            return None
        text = made
    return text


def boilerplate(document: Document, steps: Sequence[Version]) -> tuple[Edit, ...]:
    """The cuts that take what is passed over as boilerplate out of a version, in its offsets."""
    offsets, cuts = Offsets(steps), list[tuple[int, int]]()
    for span in document.passed.spans if document.passed is not None else ():
        if span.reason == "boilerplate":
            place = offsets.shown(span.start, span.end)
            cuts.append((place.start, place.end))
    found: list[Edit] = []
    for start, end in sorted(cuts):
        reached = found[-1].end if found else 0
        if end <= max(start, reached):
            continue
        if found and start <= reached:
            found[-1] = Edit(start=found[-1].start, end=end, length=0)
        else:
            found.append(Edit(start=start, end=end, length=0))
    return tuple(found)


def derived(sort: Derived, source: str, edits: tuple[Edit, ...]) -> dict[str, Any]:
    """What a version of that sort says of itself: its hash, its length, where it comes from, by which tool and edits.

    Its edits say what they put in. Raises Invalid where it says what its source does, or nothing, or in too many edits.
    """
    made = script.simplified(source) if sort == "simplified" else edited(source, edits)
    assert made is not None  # noqa: S101 -- every edit has its words
    if made in {source, ""}:
        raise errors.Invalid("/sort", problem="nothing would be changed of the text, or nothing left of it")
    if len(edits) > EDITS:
        raise errors.Invalid("/sort", problem=f"a version has at most {EDITS} edits, and this would have {len(edits)}")
    tool, number = (script.TOOL, script.VERSION) if sort == "simplified" else (TOOL, TOOL_VERSION)
    return {
        "sort": sort,
        "sha256": hashed(made),
        "length": len(made),
        "derived_from": hashed(source),
        "tool": tool,
        "tool_version": number,
        "edits": edits,
    }
