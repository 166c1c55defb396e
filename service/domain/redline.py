"""What was changed in a text, word by word, as a redline shows it.

The words are those that a reader sees. Chinese has no blanks between words, so its runs are divided by a dictionary
(rjieba); a number or a word in another script is one word, every other character stands for itself. Which words stay
is a longest common subsequence (rapidfuzz), so that as few as possible are marked. What stays between two changes and
is at most half as long as either is marked with them: a redline of scattered syllables cannot be read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from msgspec import Struct
from rapidfuzz.distance import Indel


class Edit(Struct, frozen=True):
    """Words that stay, come or go. Those that stay and come are the later text, those that stay and go the earlier."""

    op: Literal["equal", "insert", "delete"]
    text: str


class _Change(NamedTuple):
    """What goes and what comes in one place, and what stays after it."""

    gone: str
    come: str
    kept: str


_WORDS = re.compile(
    r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    r"|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|\s+|."
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def words(text: str) -> list[str]:
    """The words of a text; together they are the text."""
    import rjieba  # noqa: PLC0415 -- its dictionary takes longer to read than all of this program

    found: list[str] = []
    for run in _WORDS.findall(text):
        found += rjieba.cut(run) if _HAN.match(run) else [run]
    return found


def redline(before: str, after: str) -> list[Edit]:
    """What was changed from one text to the other, in the order of the text, what goes before what comes."""
    edits: list[Edit] = []
    for change in joined(changes(words(before), words(after))):
        for op, text in (("delete", change.gone), ("insert", change.come), ("equal", change.kept)):
            if text:
                edits.append(Edit(op, text))  # type: ignore[arg-type]  # the three above
    return edits


def changes(old: list[str], new: list[str]) -> Iterator[_Change]:
    """The changes in their order, the first one of nothing into nothing."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys((*old, *new)))}
    gone, come, kept = "", "", ""
    for code in Indel.opcodes([numbers[word] for word in old], [numbers[word] for word in new]):
        if code.tag == "equal":
            kept = "".join(old[code.src_start : code.src_end])
            continue
        if kept or not (gone or come):
            yield _Change(gone, come, kept)
            gone, come, kept = "", "", ""
        gone += "".join(old[code.src_start : code.src_end])
        come += "".join(new[code.dest_start : code.dest_end])
    yield _Change(gone, come, kept)


def joined(found: Iterable[_Change]) -> list[_Change]:
    """The changes, two of them made one where what stays between is at most half of what either marks."""
    kept: list[_Change] = []
    for one in found:
        change = one
        while kept and 2 * len(kept[-1].kept) <= min(marked(kept[-1]), marked(change)):
            before = kept.pop()
            change = _Change(
                before.gone + before.kept + change.gone, before.come + before.kept + change.come, change.kept
            )
        kept.append(change)
    return kept


def marked(change: _Change) -> int:
    """How much of the longer text a change marks, in code points."""
    return max(len(change.gone), len(change.come))
