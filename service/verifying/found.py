"""A difference between what is stored and what the log says, in words."""

from typing import Any

import msgspec

LONGEST = 200
"""Characters of a value that are shown."""


class WrongError(Exception):
    """What is stored is not what the log says: in which table, under which key, in which field.

    `position` is the line's, or the newest one's of the stream that a row belongs to; None where there is none.
    """

    def __init__(self, table: str, key: object, field: str, position: int | None, problem: str) -> None:
        """`problem` says what stands there, and what should."""
        self.table, self.key, self.field, self.position, self.problem = table, str(key), field, position, problem
        where = "" if position is None else f", position {position}"
        super().__init__(f"table {table}, key {key}, field {field}{where}: {problem}")


def differs(stored: Any, wanted: Any) -> str:
    """Both values, shortened around the first place where they differ."""
    return f"stored {shown(stored)}, the log says {shown(wanted)}"


def shown(value: Any) -> str:
    """A value as a reader knows it."""
    if isinstance(value, bytes):
        text = f"0x{value.hex()}"
    elif isinstance(value, str):
        text = repr(value)
    elif value is None:
        text = "nothing"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def deepest(field: str, stored: Any, wanted: Any) -> tuple[str, Any, Any]:
    """The first place in two values of a column where they differ: columns that hold JSON are looked into."""
    if isinstance(stored, bytes) and isinstance(wanted, bytes):
        try:
            return _within(field, msgspec.json.decode(stored), msgspec.json.decode(wanted)) or (field, stored, wanted)
        except msgspec.MsgspecError:
            return field, stored, wanted
    return field, stored, wanted


def _within(path: str, stored: Any, wanted: Any) -> tuple[str, Any, Any] | None:
    """The path and the two values of the first difference, None where there is none."""
    if isinstance(stored, dict) and isinstance(wanted, dict):
        pairs = [(f"{path}/{name}", stored.get(name), wanted.get(name)) for name in {**wanted, **stored}]
    elif isinstance(stored, list) and isinstance(wanted, list) and len(stored) == len(wanted):
        pairs = [(f"{path}/{index}", *pair) for index, pair in enumerate(zip(stored, wanted, strict=True))]
    else:
        return None if stored == wanted and type(stored) is type(wanted) else (path, stored, wanted)
    return next((found for pair in pairs if (found := _within(*pair)) is not None), None)


def plain(value: Any) -> Any:
    """A column's value as it can be compared: arrays come from the database as lists."""
    return tuple(value) if isinstance(value, list) else value
