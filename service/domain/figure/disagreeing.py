"""Which claims of a figure disagree: those of one item that cannot both hold. Which of them does, nobody decides."""

from collections.abc import Iterator

from msgspec import Struct

from service.domain import amounts
from service.domain.figure.claims import NUMBERS
from service.domain.figure.state import Claim, Figure, claims_of
from service.domain.values import Quantity


class Disagreement(Struct, frozen=True, gc=False):
    """Two claims of one item that cannot both hold, and the fields in which they differ."""

    one: Claim
    other: Claim
    fields: tuple[str, ...]


def disagreeing(figure: Figure) -> Iterator[Disagreement]:
    """Every two claims of the same item that cannot both hold, in the order of their recording.

    Quantities disagree where no number is both, of one unit and one modality; places in a rank among the same, and
    numbers of categories, where they are not equal. About a number contradicts nothing.
    """
    for item in {claim.item: None for claim in sorted(figure.claims.values(), key=lambda one: one.id)}:
        claims = claims_of(figure, item)
        for index, one in enumerate(claims):
            for other in claims[index + 1 :]:
                if fields := tuple(name for name in NUMBERS if otherwise(one, other, name)):
                    yield Disagreement(one, other, fields)


def otherwise(one: Claim, other: Claim, name: str) -> bool:
    """Whether two claims cannot both hold in that number."""
    first, second = getattr(one, name), getattr(other, name)
    if first is None or second is None:
        return False
    if name == "rank":
        return bool(one.among == other.among and first != second)
    if name == "change" and one.compared != other.compared:
        return False
    if not isinstance(first, Quantity):
        return bool(first != second)
    units = {amounts.scaled(first.unit)[1], amounts.scaled(second.unit)[1]}
    if len(units) > 1 or first.modality != second.modality:
        return False
    whole = name == "count"
    return not amounts.interval(first, whole=whole).meets(amounts.interval(second, whole=whole))
