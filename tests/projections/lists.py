"""What every list promises, against plain Python: all filters and pairs of them, and pages of any size in any order."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from service.projections.paging import Listing
from tests.projections.streams import TODAY, ordered, pages


class Item(Struct):
    """What every item of a list has."""

    id: UUID


DECODER = msgspec.json.Decoder(Item)


def questions(filters: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """No filter, every filter, and every pair of filters, with every value."""
    single = [{field: value} for field, values in filters.items() for value in values]
    return [
        {},
        *single,
        *({**one, **other} for one, other in combinations(single, 2) if one.keys() != other.keys()),
    ]


async def ids(
    connection: Any, listing: Listing[Any], filter: Struct, limit: int = 1000, sort: str = "recorded"
) -> list[UUID]:
    """The ids of the whole list, by pages."""
    found = await pages(partial(listing.page, connection, filter, TODAY, sort=sort), limit)
    return [DECODER.decode(item).id for item in found]


async def answers_every_question(
    connection: Any,
    listing: Listing[Any],
    filter: type[Struct],
    filters: dict[str, list[Any]],
    told: Sequence[Any],
    passes: Callable[[Any, str, Any], bool],
) -> None:
    """The list holds those told that pass, for every field of the filter and every two of them; and often some do."""
    assert set(filters) == set(filter.__struct_fields__)
    asked, some = questions(filters), 0
    for given in asked:
        wanted = [one.id for one in told if all(passes(one, field, value) for field, value in given.items())]
        assert await ids(connection, listing, filter(**given)) == wanted, given
        some += bool(wanted)
    assert some > len(asked) / 4


async def comes_in_pages_of_any_size(
    connection: Any, listing: Listing[Any], filter: Struct, told: Sequence[Any], value: Callable[[Any], Any], sort: str
) -> None:
    """Every row comes once, in the order of `value`."""
    wanted = [one.id for one in ordered(told, value, lambda one: one.id, sort)]
    for limit in (1, 2, 7, len(wanted) - 1, len(wanted), len(wanted) + 1, 1000):
        assert await ids(connection, listing, filter, limit, sort) == wanted, limit
