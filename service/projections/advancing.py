"""What a batch of commands changes in the inline tables.

Of a stream that stands, those projections alone are asked that are made of a field in which something has changed: a
new clause of an agreement concerns four of the twenty-seven.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.domain.decider import Ref
from service.domain.folding import Folded
from service.domain.parts import Touched
from service.projections import Projection, Row, Spans

Changes = tuple[Projection, list[Row], list[Row]]
"""A projection, the rows to put, and the keys to take."""


class Advancing:
    """The inline projections, by what concerns them."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        """Those that every batch advances, in the order in which a statement names them."""
        self.projections = tuple(projections)
        categories = {category for one in projections for category in one.categories}
        self._of = {
            category: tuple(number for number, one in enumerate(projections) if category in one.categories)
            for category in categories
        }
        self._concerned: dict[tuple[str, frozenset[str]], tuple[int, ...]] = {}

    def changes(
        self,
        streams: Mapping[Ref, Folded[Any]],
        before: Mapping[Ref, Folded[Any]],
        changed: Mapping[Ref, Sequence[Touched]],
    ) -> Iterator[Changes]:
        """The differences of those in which anything differs: from `before` to these streams.

        `changed` are the parts in which the base of each stream differs that was there before.
        """
        found: list[tuple[list[Row], list[Row]]] = [([], []) for _ in self.projections]
        for ref, after in streams.items():
            held = before.get(ref)
            touched = changed.get(ref, ())
            concerned = self._of[ref.category]
            if held is not None and held.pending is after.pending:
                concerned = self._concerning(
                    ref.category, frozenset([name.partition("/")[0] for name, _, _ in touched])
                )
            for number in concerned:
                put, gone = self.projections[number].difference(ref, held, after, touched)
                if put:
                    found[number][0].extend(put)
                if gone:
                    found[number][1].extend(gone)
        for projection, (put, gone) in zip(self.projections, found, strict=True):
            if put or gone:
                yield projection, put, gone

    def _concerning(self, category: str, fields: frozenset[str]) -> tuple[int, ...]:
        """Those that may say otherwise when these fields of a state of a category have changed."""
        numbers = self._concerned.get((category, fields))
        if numbers is None:
            numbers = tuple(number for number in self._of[category] if concerns(self.projections[number], fields))
            self._concerned[category, fields] = numbers
        return numbers


def concerns(projection: Projection, fields: frozenset[str]) -> bool:
    """Whether a projection may say otherwise when these fields have changed, and nothing that is pending."""
    if projection.shortcut is not None or projection.inputs is None:
        return True
    if isinstance(projection, Spans) and projection.expiry is not None:
        return True  # Time alone may have ended something by the newest day.
    return not fields.isdisjoint(projection.inputs.fields)
