"""How names and texts are compared: one folding, wherever words are looked for.

Folded are width and compatibility (NFKC, UAX 15), case, script (traditional characters to simplified ones by OpenCC's
table) and what says nothing in Chinese names and is left out: white space, and what nobody sees (zero-width spaces,
soft hyphens, variation selectors; Default_Ignorable_Code_Point, UAX 44), which pasted text has. What a name ends in
(市, 市委, 人民政府) says who is meant, and stays.

A text is folded character by character, each with the combining marks behind it. So a part of a text folds to a part of
the folded text, and each place in that leads back to a place in the original.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from service.domain import script
from service.domain.script import simplified

FOLDING = f"2/{script.VERSION}"
"""What stored folded words depend on. NFKC of an assigned character never changes (Unicode's stability policy)."""

_HANGUL = (0x1160, 0x11FF)
_JOINING = "".join(
    chr(code)
    for code in range(0x300, 0xFFFF)
    if unicodedata.combining(chr(code)) or _HANGUL[0] <= code <= _HANGUL[1] or code in {0xFF9E, 0xFF9F}
)
UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
UNSEEN += "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
"""Characters that are there and nobody sees."""
_JOINED = re.compile(rf"\s|\S[{_JOINING}]*")
_JOINS = re.compile(f"[{_JOINING}]")
_BLANK = re.compile(rf"[\s{UNSEEN}][{_JOINING}]*")


def _piece(piece: str) -> str:
    """A character with its marks, folded: none, one or several characters."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())
    # A mark that stands alone (¨) is a blank with the mark behind it: the mark would join what stands before it.
    # Twice: what one character is simplified to may itself be one that is (薴, 苧, 苎).
    return _BLANK.sub("", simplified(simplified(plain)))


class _Characters(dict[int, str]):
    """Each character that was met, folded."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _piece(chr(code))
        return found


_CHARACTERS = _Characters()


def fold(text: str) -> str:
    """The text as it is compared; a text of blanks alone, which would leave nothing, as it is."""
    if _JOINS.search(text) is None:
        return text.translate(_CHARACTERS) or text
    return "".join(map(_piece, _JOINED.findall(text))) or text


class Mark(NamedTuple):
    """A part of a text, from `start` up to but not `end`, in code points."""

    start: int
    end: int


Change = tuple[int, int, str]
"""Where in the folded words, how many of their characters, and what stood there: `EACH` where one stands for one."""
EACH = -1


class Folded:
    """A folded text that knows where in the original each of its characters stood."""

    def __init__(self, pieces: list[str], folded: list[str]) -> None:
        """Of the pieces of the original, each with what it folds to."""
        self._pieces, self._folded = pieces, folded
        self.words = "".join(folded)
        self._from = [0, *accumulate(map(len, pieces))]
        self._to = [0, *accumulate(map(len, folded))]

    @classmethod
    def of(cls, text: str) -> "Folded":
        """The same of an original text."""
        if _JOINS.search(text) is None:
            return cls(list(text), [_CHARACTERS[ord(one)] for one in text])
        pieces = _JOINED.findall(text)
        return cls(pieces, list(map(_piece, pieces)))

    @classmethod
    def restored(cls, words: str, changes: Iterable[Change]) -> "Folded":
        """The same of its words and of what folding changed."""
        pieces: list[str] = []
        folded: list[str] = []
        at = 0
        for place, width, original in changes:
            pieces += words[at:place]
            folded += words[at:place]
            at = place + (len(original) if width == EACH else width)
            if width == EACH:
                pieces += original
                folded += words[place:at]
            else:
                pieces.append(original)
                folded.append(words[place:at])
        return cls([*pieces, *words[at:]], [*folded, *words[at:]])

    @property
    def text(self) -> str:
        """The original."""
        return "".join(self._pieces)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What folding changed: with the words that is the text, in less room than the text beside them."""
        found: list[Change] = []
        both = zip(self._pieces, self._folded, self._to, strict=False)
        for piece, folded, at in [one for one in both if one[0] != one[1] or len(one[0]) != 1]:
            if len(piece) != 1 or len(folded) != 1:
                found.append((at, len(folded), piece))
            elif found and found[-1][1] == EACH and found[-1][0] + len(found[-1][2]) == at:
                found[-1] = (found[-1][0], EACH, found[-1][2] + piece)
            else:
                found.append((at, EACH, piece))
        return tuple(found)

    def original(self, start: int, end: int) -> Mark:
        """The smallest part of the original that folds to something with that part of the words in it."""
        first = bisect_right(self._to, start) - 1
        last = bisect_left(self._to, end)
        return Mark(self._from[first], self._from[last])

    def marks(self, word: str) -> Iterator[Mark]:
        """Each place of the original where a folded word stands, one after another."""
        at = self.words.find(word) if word else -1
        while at >= 0:
            yield self.original(at, at + len(word))
            at = self.words.find(word, at + len(word))
