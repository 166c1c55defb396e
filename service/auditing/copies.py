"""Lines as they come from somebody else: each checked by itself and as its stream's next, and all of them hashed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.store.checking import POSITION, STREAM, VERSION, Checker
from service.store.line import LineError
from service.tlog import tree


class Copy:
    """A log from its beginning, or from a position on, of which everything before is known by the tree alone.

    What a line says of an earlier one, such as which it corrects, is left to an import.
    """

    def __init__(
        self, decoders: Mapping[str, Any], size: int = 0, edge: Sequence[bytes] = (), time: datetime | None = None
    ) -> None:
        """`time` is when the last line before was recorded: no later one is earlier."""
        self.checker = Checker(decoders, size, time)
        self.edge = list(edge)
        self._streams: dict[str, int] = {}
        self._whole = not size

    @property
    def size(self) -> int:
        """How many lines there are."""
        return self.checker.position

    @property
    def root(self) -> bytes:
        """The root of the tree over them."""
        return tree.root(self.size, self.edge)

    def take(self, lines: Sequence[bytes]) -> list[bytes]:
        """The next lines; answers their leaf hashes. Raises LineError for the first that cannot be the next one."""
        before, leaves = self.size, list[bytes]()
        for line in lines:
            row, _ = self.checker.check(line)
            stood = self._streams.get(row[STREAM], 0 if self._whole else row[VERSION] - 1)
            if row[VERSION] != stood + 1:
                wrong = f"its streamversion is {row[VERSION]}, and its stream stands at {stood}: events are missing"
                raise LineError(row[POSITION], wrong)
            self._streams[row[STREAM]] = row[VERSION]
            leaves.append(tree.leaf_hash(line))
        self.edge = tree.append(before, self.edge, leaves)
        return leaves
