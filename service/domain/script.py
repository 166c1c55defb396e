"""Simplified script of traditional: letter by letter, so that every text keeps its length and its offsets."""

from functools import cache

from opencc import OpenCC, __version__

TOOL = "opencc"
VERSION: str = __version__
"""Of the library with its tables: another one may write otherwise."""


STRETCH = 10_000
"""Code points translated in one go, which takes a millisecond: no other thread runs meanwhile."""


class _Letters(dict[int, str]):
    """Each letter as it stands in simplified script, found when it is first needed."""

    def __missing__(self, code: int) -> str:
        """One letter for one."""
        found: str = _converter().convert(chr(code))
        if len(found) != 1:
            raise AssertionError(f"{TOOL} {VERSION} makes {len(found)} letters of U+{code:04X}")
        self[code] = found
        return found


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


_LETTERS = _Letters()


def simplified(text: str) -> str:
    """The text in simplified script. Words are not looked at: 乾 in a name becomes 干."""
    if len(text) <= STRETCH:
        return text.translate(_LETTERS)
    return "".join(text[start : start + STRETCH].translate(_LETTERS) for start in range(0, len(text), STRETCH))
